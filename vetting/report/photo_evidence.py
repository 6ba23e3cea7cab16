"""One photo's evidence: what came in, what stands in the storage today, and what each examination found."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detector.observation import Strength
from vetting.models import Analysis, Finding, Photo, Repeat
from vetting.models.analysis import parts_not_judged
from vetting.models.leased import State
from vetting.report import words
from vetting.report.deliveries import Deliveries, deliveries_of
from vetting.report.elsewhere import ElsewhereEvidence, elsewhere_evidence
from vetting.report.measured import sentence
from vetting.report.packs import UsedPack, packs_of, title_of
from vetting.report.plain import person, utc
from vetting.report.weighing import Weighing, weighing_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingEvidence:
    """rank: 1 for weak up to 4 for conclusive, 0 for a word that is not on the scale any more."""

    number: int
    group: str
    detector: str
    detector_title: str
    detector_version: int
    code: str
    bearing: str
    speaks_for: str
    strength: str
    rank: int
    summary: str
    caveat: str
    region: dict[str, Any] | None
    figure: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisEvidence:
    """One examination. outcomes: status, then the checks that ended so; never merged with each other.

    weighing, deliveries: None in examinations of an earlier policy, and where the learned fingerprint did not look.
    """

    id: int
    state: str
    state_words: str
    requested_at: str
    requested_by: str
    finished_at: str | None
    attempt: int
    error: str
    verdict: str
    verdict_title: str
    verdict_means: str
    strength: str
    rank: int
    summary: str
    settle: str
    weighing: Weighing | None
    deliveries: Deliveries | None
    groups: tuple[dict[str, Any], ...]
    findings: tuple[FindingEvidence, ...]
    contradiction: str
    outcomes: dict[str, list[dict[str, Any]]]
    credentials: dict[str, Any]
    packs: tuple[UsedPack, ...]
    versions: dict[str, Any]
    examination: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoEvidence:
    """analysis: the newest finished one. others: all the rest, newest first.

    elsewhere: where the same picture stands in the team's openings at export. elsewhere_words: where it stands nowhere,
    whether anybody looked.
    """

    id: int
    file_name: str
    format: str
    size: int
    width: int
    height: int
    uploaded_at: str
    uploaded_by: str
    sha256_at_intake: str
    sha256_at_export: str | None
    integrity: str
    integrity_words: str
    state_words: str
    analysis: AnalysisEvidence | None
    others: tuple[AnalysisEvidence, ...]
    elsewhere: tuple[ElsewhereEvidence, ...]
    elsewhere_words: str


def photo_evidence(photo: Photo, pairs: Sequence[Repeat] = ()) -> PhotoEvidence:
    """Of a photo with its applicant, and its hashes, analyses and their findings prefetched.

    Reads the original's bytes for their hash. pairs: of all photos of the applicant.
    """
    elsewhere = elsewhere_evidence(photo, pairs)
    analyses = sorted(photo.analyses.all(), key=lambda analysis: -analysis.pk)
    current = photo.latest_result
    today = _hash_today(photo)
    integrity = "missing" if today is None else "equal" if today == photo.sha256 else "different"
    return PhotoEvidence(
        id=photo.pk,
        file_name=photo.file_name,
        format=photo.format,
        size=photo.size,
        width=photo.width,
        height=photo.height,
        uploaded_at=utc(photo.uploaded_at),
        uploaded_by=person(photo.uploaded_by) if photo.uploaded_by else photo.giver,
        sha256_at_intake=photo.sha256,
        sha256_at_export=today,
        integrity=integrity,
        integrity_words=words.INTEGRITY[integrity],
        state_words=_state_words(analyses, current),
        analysis=analysis_evidence(current) if current else None,
        others=tuple(analysis_evidence(other) for other in analyses if other != current),
        elsewhere=elsewhere,
        elsewhere_words="" if elsewhere else words.ELSEWHERE_NONE if photo.hashes.all() else words.NOT_COMPARED,
    )


def analysis_evidence(analysis: Analysis) -> AnalysisEvidence:
    """Of an analysis in whatever state, with its findings prefetched."""
    packs = packs_of(analysis.result)
    titles = _titles(analysis, packs)
    findings = tuple(_finding(finding, titles) for finding in sorted(analysis.findings.all(), key=lambda f: f.number))
    numbers = defaultdict(list)
    for finding in findings:
        numbers[finding.bearing].append(finding.number)
    done = analysis.state == State.DONE
    weighing = weighing_of(analysis.result)
    return AnalysisEvidence(
        id=analysis.pk,
        state=analysis.state,
        state_words=_ended(analysis),
        requested_at=utc(analysis.requested_at),
        requested_by=person(analysis.requested_by),
        finished_at=utc(analysis.finished_at) if analysis.finished_at else None,
        attempt=analysis.attempt,
        error=analysis.error,
        verdict=analysis.verdict,
        verdict_title=analysis.get_verdict_display(),
        verdict_means=words.verdict_means(analysis.verdict, weighing.bound if weighing else None),
        strength=analysis.strength,
        rank=strength_rank(analysis.strength),
        summary=analysis.summary,
        settle=str(analysis.result.get("verdict", {}).get("settle", "")),
        weighing=weighing,
        deliveries=deliveries_of(analysis.result),
        groups=_groups(findings) if done else (),
        findings=findings,
        contradiction=words.contradiction(numbers),
        outcomes=_outcomes(analysis, titles),
        credentials=_credentials(analysis) if done else {},
        packs=packs,
        versions=analysis.versions,
        examination=analysis.result,
    )


def _hash_today(photo: Photo) -> str | None:
    try:
        return hashlib.sha256(photo.read_original()).hexdigest()
    except OSError:
        return None


def _state_words(analyses: list[Analysis], current: Analysis | None) -> str:
    """What the reader has to know before the result, or in its place; empty where the newest analysis is the result."""
    newest = analyses[0] if analyses else None
    if newest is None:
        return "This photo has not been examined: no examination was ever requested."
    if newest == current:
        return ""
    missing = "" if current else "There is no finished examination of this photo. "
    older = f" What follows is from the examination before it, no. {current.pk}." if current else ""
    return f"{missing}{_ended(newest)}{older}"


def _ended(analysis: Analysis) -> str:
    number = f"Examination no. {analysis.pk}"
    if analysis.state == State.FAILED:
        return f"{number} failed: {analysis.error}"
    if analysis.state == State.DONE:
        return f"{number} was finished. {analysis.error}".strip()
    doing = "is waiting for its turn" if analysis.state == State.QUEUED else "has begun and is not finished"
    return f"{number}, requested at {utc(analysis.requested_at)}, {doing}."


def strength_rank(strength: str) -> int:
    """1 for weak up to 4 for conclusive, 0 for a word that is not on the scale."""
    return Strength(strength).rank if strength in set(Strength) else 0


def _finding(finding: Finding, titles: Mapping[str, str]) -> FindingEvidence:
    return FindingEvidence(
        number=finding.number,
        group=finding.wing if finding.wing in words.GROUPS else "elsewhere",
        detector=finding.detector,
        detector_title=titles.get(finding.detector) or title_of(finding.detector, ()),
        detector_version=finding.detector_version,
        code=finding.code,
        bearing=finding.bearing,
        speaks_for=words.SPEAKS_FOR.get(finding.bearing, finding.bearing),  # type: ignore[call-overload]
        strength=finding.strength,
        rank=strength_rank(finding.strength),
        summary=finding.summary,
        caveat=finding.caveat,
        region=finding.region,
        figure=finding.figure,
    )


def _groups(findings: tuple[FindingEvidence, ...]) -> tuple[dict[str, Any], ...]:
    """The four groups, always all of them and in this order; each names its findings by number."""
    groups = []
    for key, title in words.GROUPS.items():
        numbers = [finding.number for finding in findings if finding.group == key]
        empty = words.ELSEWHERE if key == "elsewhere" else words.NO_FINDING
        groups.append({"key": key, "title": title, "findings": numbers, "note": "" if numbers else empty})
    return tuple(groups)


def _titles(analysis: Analysis, packs: tuple[UsedPack, ...]) -> dict[str, str]:
    """Detector -> what it was called when it looked; its own name in results of a time before titles."""
    outcomes = analysis.result.get("outcomes", ())
    return {one["detector"]: sentence(one.get("title")) or title_of(one["detector"], packs) for one in outcomes}


def _outcomes(analysis: Analysis, titles: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    by_status: dict[str, list[dict[str, Any]]] = {status: [] for status in words.STATUS_TITLES}
    number = 0
    for outcome in analysis.result.get("outcomes", ()):
        seen = range(number + 1, number + 1 + len(outcome["observations"]))
        number += len(outcome["observations"])
        line = {key: outcome.get(key) for key in ("detector", "version", "note")}
        line["title"] = titles[outcome["detector"]]
        by_status.setdefault(outcome["status"], []).append(line | {"findings": list(seen)})
        by_status["not-applicable"] += [
            line | {"note": reason, "findings": [], "part": part} for part, reason in parts_not_judged(outcome).items()
        ]
    return by_status


def _credentials(analysis: Analysis) -> dict[str, Any]:
    """The state in words and the three answers; a check that could not look is not the same as no credentials."""
    ran = [o for o in analysis.result.get("outcomes", ()) if o["detector"] == "content_credentials"]
    if any(outcome["status"] in {"found", "clear"} for outcome in ran):
        held = analysis.result.get("credentials", {})
        sentence, lamps = words.credentials_in_words(held, lists=bool(analysis.versions.get("trust_lists")))
    else:
        held, note = {}, ran[0].get("note", "") if ran else ""
        sentence, lamps = words.credentials_unread(note)
    answers = [{"question": question, "answer": answer} for question, answer in lamps]
    history = [str(step["words"]) for step in held.get("history", ()) if isinstance(step, dict) and step.get("words")]
    return {"words": sentence, "lamps": answers, "history": history, "codes": list(held.get("codes", ()))}
