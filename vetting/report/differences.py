"""What changed between two examinations of the same photo, in sentences: verdict, score, findings, checks, versions.

Out of the rows as they were written at the time; nothing is judged anew, and neither examination is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detector.observation import Strength
from vetting.models import Analysis, Finding
from vetting.models.leased import State
from vetting.report import words
from vetting.report.measured import sentence
from vetting.report.packs import packs_of, title_of
from vetting.report.photo_evidence import strength_rank
from vetting.report.versions import version_lines

SAME_SCORE = 0.005  # scores are shown with two digits
GONE, NEW, STRONGER, WEAKER, REWORDED, SAME = "gone", "new", "stronger", "weaker", "reworded", "same"
ORDER = (NEW, GONE, STRONGER, WEAKER, REWORDED, SAME)
MOST_CAUSES = 3  # findings that the sentence about the verdict names
STATUSES = {**words.STATUS_TITLES, "": "Was not there"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingChange:
    """change: one of ORDER. before, after: None on the side that does not have it."""

    change: str
    title: str
    before: Finding | None
    after: Finding | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that has another value: a check's end, or a version. Empty text: was not there."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """sentences: the change as a whole, the gravest first. checks, versions: those that differ alone."""

    earlier: Analysis
    later: Analysis
    sentences: tuple[str, ...]
    findings: tuple[FindingChange, ...]
    checks: tuple[Change, ...]
    versions: tuple[Change, ...]

    @property
    def changed(self) -> tuple[FindingChange, ...]:
        return tuple(one for one in self.findings if one.change != SAME)

    @property
    def unchanged(self) -> int:
        return len(self.findings) - len(self.changed)


def differences(earlier: Analysis, later: Analysis) -> Differences:
    """Of two finished examinations of one photo, with their findings prefetched."""
    findings = tuple(_findings(earlier, later))
    checks, versions = tuple(_checks(earlier, later)), tuple(_versions(earlier, later))
    return Differences(
        earlier=earlier,
        later=later,
        sentences=tuple(filter(None, _sentences(earlier, later, findings, checks, versions))),
        findings=findings,
        checks=checks,
        versions=versions,
    )


def comparable(analysis: Analysis) -> bool:
    """Whether it came to an end with a result."""
    return analysis.state == State.DONE


# --- findings


def _findings(earlier: Analysis, later: Analysis) -> list[FindingChange]:
    titles = _titles(earlier) | _titles(later)
    paired = _pairs(list(earlier.findings.all()), list(later.findings.all()))
    changes = [
        FindingChange(change=_change(before, after), title=_title(before or after, titles), before=before, after=after)
        for before, after in paired
    ]
    return sorted(changes, key=lambda one: (ORDER.index(one.change), -_rank(one.after or one.before)))


def _pairs(before: Sequence[Finding], after: Sequence[Finding]) -> Iterator[tuple[Finding | None, Finding | None]]:
    """Findings of one code belong together, those in the same place first; what is left over is gone or new."""
    left, right = list(before), list(after)
    both = [(_apart(a, b), a.number, b.number, a, b) for a in left for b in right if a.code == b.code]
    for _, _, _, a, b in sorted(both, key=lambda pair: pair[:3]):
        if a in left and b in right:
            left.remove(a)
            right.remove(b)
            yield a, b
    yield from ((a, None) for a in left)
    yield from ((None, b) for b in right)


def _apart(a: Finding, b: Finding) -> float:
    """How far from the same place: 0 for one box, 1 for boxes without a common part."""
    first, second = _box(a), _box(b)
    if first is None or second is None:
        return 0.0 if first is second else 1.0
    wide = min(first[2], second[2]) - max(first[0], second[0])
    tall = min(first[3], second[3]) - max(first[1], second[1])
    common = max(wide, 0) * max(tall, 0)
    both = _area(first) + _area(second) - common
    return 1 - common / both if both > 0 else 1.0


def _box(finding: Finding) -> tuple[float, float, float, float] | None:
    try:
        points = [(float(x), float(y)) for x, y in (finding.region or {})["points"]]
        return (
            min(x for x, _ in points),
            min(y for _, y in points),
            max(x for x, _ in points),
            max(y for _, y in points),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _area(box: tuple[float, float, float, float]) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _change(before: Finding | None, after: Finding | None) -> str:
    if before is None or after is None:
        return NEW if before is None else GONE
    step = _rank(after) - _rank(before)
    if step:
        return STRONGER if step > 0 else WEAKER
    return SAME if (before.summary, before.bearing) == (after.summary, after.bearing) else REWORDED


def _rank(finding: Finding | None) -> int:
    return strength_rank(finding.strength) if finding else 0


def _titles(analysis: Analysis) -> dict[str, str]:
    packs = packs_of(analysis.result)
    return {
        str(one.get("detector")): sentence(one.get("title")) or title_of(str(one.get("detector")), packs)
        for one in _outcomes(analysis)
    }


def _title(finding: Finding | None, titles: Mapping[str, str]) -> str:
    detector = finding.detector if finding else ""
    return titles.get(detector) or title_of(detector, ())


# --- checks and versions


def _outcomes(analysis: Analysis) -> list[Mapping[str, Any]]:
    outcomes = analysis.result.get("outcomes")
    return [one for one in outcomes if isinstance(one, Mapping)] if isinstance(outcomes, list) else []


def _checks(earlier: Analysis, later: Analysis) -> Iterator[Change]:
    titles = _titles(earlier) | _titles(later)
    before, after = ({str(o.get("detector")): str(o.get("status")) for o in _outcomes(a)} for a in (earlier, later))
    for detector in sorted({*before, *after}, key=lambda name: titles[name]):
        was, now = before.get(detector, ""), after.get(detector, "")
        if was != now:
            yield Change(name=titles[detector], before=STATUSES.get(was, was), after=STATUSES.get(now, now))


def _versions(earlier: Analysis, later: Analysis) -> Iterator[Change]:
    before, after = version_lines(earlier.versions), version_lines(later.versions)
    for name in sorted({*before, *after}):
        if before.get(name, "") != after.get(name, ""):
            yield Change(name=name, before=before.get(name, ""), after=after.get(name, ""))


# --- in sentences


def _sentences(
    earlier: Analysis,
    later: Analysis,
    findings: Sequence[FindingChange],
    checks: Sequence[Change],
    versions: Sequence[Change],
) -> Iterator[str]:
    changed = [one for one in findings if one.change != SAME]
    yield _of_verdict(earlier, later, changed, versions)
    yield _of_strength(earlier, later)
    yield _of_score(earlier, later)
    yield _of_findings(changed)
    if len(checks):
        count = len(checks)
        yield f"{count} check{'' if count == 1 else 's'} ended otherwise; the table below says which."
    yield _of_versions(versions)
    if not changed and not checks and earlier.verdict == later.verdict:
        yield "Nothing that was found has changed."


def _of_verdict(
    earlier: Analysis, later: Analysis, changed: Sequence[FindingChange], versions: Sequence[Change]
) -> str:
    was, now = earlier.get_verdict_display(), later.get_verdict_display()
    if earlier.verdict == later.verdict:
        return f"The verdict is the same: {now}."
    causes = _causes(later, changed)
    moved = f"The verdict changed from “{was}” to “{now}”"
    if causes:
        return f"{moved}, because {'; '.join(causes)}."
    policy = next((one for one in versions if one.name == "policy"), None)
    if policy:
        return f"{moved}. The findings behind it are the same; policy {policy.after or 'none'} weighs them otherwise."
    return f"{moved}. No finding that the verdict names has changed; what differs stands below."


def _causes(later: Analysis, changed: Sequence[FindingChange]) -> list[str]:
    """The changes that the later verdict rests on; where it rests on none, what it lost."""
    verdict = later.result.get("verdict")
    reasons = verdict.get("reasons") if isinstance(verdict, Mapping) else None
    named = set(map(str, reasons)) if isinstance(reasons, list) else set()
    carrying = [one for one in changed if one.after and one.after.code in named and one.change in (NEW, STRONGER)]
    lost = [one for one in changed if one.change in (GONE, WEAKER) and one.before and one.before.bearing != "neutral"]
    return [_cause(one) for one in (carrying or lost)[:MOST_CAUSES]]


def _cause(one: FindingChange) -> str:
    if one.after is None:
        return f"{one.title} no longer says: {_quoted(one.before)}"
    if one.before is None:
        return f"{one.title} now says: {_quoted(one.after)} ({one.after.strength})"
    return f"{one.title} now calls this {one.after.strength} instead of {one.before.strength}: {_quoted(one.after)}"


def _quoted(finding: Finding | None) -> str:
    return f"“{finding.summary.rstrip('.')}”" if finding else ""


def _of_strength(earlier: Analysis, later: Analysis) -> str:
    if earlier.verdict != later.verdict or earlier.strength == later.strength:
        return ""
    known = {strength.value for strength in Strength}
    was, now = (one.strength if one.strength in known else "no strength" for one in (earlier, later))
    return f"Its strength changed from {was} to {now}."


def _of_score(earlier: Analysis, later: Analysis) -> str:
    was, now = earlier.score, later.score
    if was is None and now is None:
        return ""
    if was is None or now is None:
        return "Only one of the two has a score; scores cannot be compared."
    if abs(was - now) < SAME_SCORE:
        return f"The score is the same ({now:.2f})."
    return f"The score moved from {was:.2f} to {now:.2f} (0 for a camera, 1 for a generator; it is not an error rate)."


def _of_findings(changed: Iterable[FindingChange]) -> str:
    counted = {change: sum(one.change == change for one in changed) for change in ORDER}
    said = {NEW: "new", GONE: "gone", STRONGER: "stronger", WEAKER: "weaker", REWORDED: "worded otherwise"}
    parts = [f"{counted[change]} {word}" for change, word in said.items() if counted[change]]
    return f"Findings: {', '.join(parts)}." if parts else ""


def _of_versions(versions: Sequence[Change]) -> str:
    if not versions:
        return "Both ran with the same versions."
    names = [one.name for one in versions[:MOST_CAUSES]]
    more = len(versions) - len(names)
    others = f" and {more} other{'' if more == 1 else 's'}" if more else ""
    return f"They ran with other versions of: {', '.join(names)}{others}."
