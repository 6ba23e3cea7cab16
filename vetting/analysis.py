"""Stage 3: one photo examined. The only caller of detector.examine.

claim() takes the work with one UPDATE; finish() is fenced by the attempt, so that a worker which lost its lease
writes nothing. Findings, result and headline are written in one transaction.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from vetting import across, audit, lease
from vetting.lease import ATTEMPTS
from vetting.models import Analysis, Applicant, Finding, Opening, Photo
from vetting.models.applicant import NOT_YET, VERDICT_RANK
from vetting.models.leased import State
from vetting.preview import make_previews
from vetting.webhooks import announcing

if TYPE_CHECKING:
    from detector import Examination

GIVEN_UP = (
    f"The examination was started {ATTEMPTS} times and never came to an end: the file probably breaks a decoder. "
    "The original is safe. You can retry, or judge the photo by eye."
)
log = logging.getLogger(__name__)


class CannotExamine(Exception):  # noqa: N818 - the text is a sentence for the reviewer
    """The photo's bytes are not there to be examined."""


def run(analysis_id: int) -> None:
    """Examines what the row asks for, if nobody else has it; whatever happens, the row says so."""
    analysis = claim(analysis_id)
    if analysis is None:
        return
    try:
        examination = examine_photo(analysis.photo)
    except CannotExamine as reason:
        fail(analysis, str(reason))
    except Exception:
        log.exception("analysis %s broke", analysis_id)
        fail(analysis, "The examination stopped with an error of its own. The original is safe. Please retry.")
    else:
        if finish(analysis, examination):
            across.look_across_safely(photo=analysis.photo, hashes=examination.to_json()["picture_hashes"])


def claim(analysis_id: int) -> Analysis | None:
    """Takes the row, with a lease and the next attempt; None if it is done, in other hands, or given up."""
    rows = Analysis.objects.select_related("photo__applicant__opening__team")
    return lease.claim(rows, analysis_id, give_up=lambda row: fail(row, GIVEN_UP))


def examine_photo(photo: Photo) -> Examination:
    """Reads, checks and examines the original, and makes its previews. Raises CannotExamine."""
    try:
        data = photo.read_original()
    except OSError as error:
        log.warning("original of photo %s cannot be read: %s", photo.pk, error)
        raise CannotExamine("The stored original could not be read. Please ask an administrator to look.") from error
    examination = examine_bytes(data, sha256=photo.sha256, retouching=photo.applicant.opening.retouching)
    if examination.portrait and not examination.error:
        make_previews(photo, examination.portrait.rgb)
    return examination


def examine_bytes(data: bytes, *, sha256: str, retouching: str = Opening.Retouching.STRICT) -> Examination:
    """Examines the bytes under this site's limits, trust lists and packs. Raises CannotExamine for another hash.

    retouching: what the opening thinks of it, one of Opening.Retouching.
    """
    from detector.packs import Packs
    from detector.pipeline import examine
    from detector.trust import TrustLists
    from detector.verdict import Retouching

    if hashlib.sha256(data).hexdigest() != sha256:
        raise CannotExamine(
            "The stored original no longer matches the hash taken when it came in. It was not examined."
        )
    return examine(
        data,
        trust=TrustLists.from_folder(settings.TRUST_DIR),
        packs=Packs.from_folder(settings.PACKS_DIR),
        retouching=Retouching(retouching),
        max_pixels=settings.MAX_PHOTO_PIXELS,
    )


@transaction.atomic
def finish(analysis: Analysis, examination: Examination) -> bool:
    """Writes result, findings and headline; False, and nothing written, if the lease went to another attempt."""
    result = examination.to_json()
    verdict = result["verdict"]
    if not lease.end(
        analysis,
        state=State.DONE,
        verdict=verdict["code"],
        score=verdict["score"],
        strength=verdict["strength"] or "",
        summary=verdict["summary"],
        versions=result["versions"],
        result=result,
        error=examination.error or "",
    ):
        return False
    Finding.objects.bulk_create(_findings(analysis, result))
    _record_end(analysis, "analysis.finished", verdict=verdict["code"], attempt=analysis.attempt)
    announcing.verdict_ready(analysis, verdict=verdict["code"], strength=verdict["strength"] or "")
    return True


@transaction.atomic
def fail(analysis: Analysis, error: str) -> bool:
    """Ends the row with a sentence for the reviewer; False if the lease went to another attempt."""
    if not lease.end(analysis, state=State.FAILED, error=error):
        return False
    _record_end(analysis, "analysis.failed", attempt=analysis.attempt)
    announcing.examination_failed(analysis, error=error)
    return True


def _record_end(analysis: Analysis, verb: str, **data: Any) -> None:
    applicant = analysis.photo.applicant
    audit.record(team=applicant.opening.team, actor=None, verb=verb, subject=analysis, **data)
    refresh_headline(applicant)


def _findings(analysis: Analysis, result: dict[str, Any]) -> list[Finding]:
    from detector.registry import wing_of

    seen = [(outcome, observation) for outcome in result["outcomes"] for observation in outcome["observations"]]
    return [
        Finding(
            analysis=analysis,
            number=number,
            wing=wing_of(outcome["detector"]),
            detector=outcome["detector"],
            detector_version=outcome["version"],
            **{key: observation[key] for key in ("code", "bearing", "strength", "summary", "caveat", "region")},
            figure=observation.get("figure"),  # a worker of the release before has none
        )
        for number, (outcome, observation) in enumerate(seen, start=1)
    ]


def refresh_headline(applicant: Applicant) -> None:
    """Writes the gravest current verdict of the applicant's photos beside the name."""
    Applicant.objects.select_for_update().get(pk=applicant.pk)
    current = [found for photo in _photos_with_results(applicant) if (found := _current(photo))]
    gravest = min(current, key=lambda a: (VERDICT_RANK[a.verdict or "unexamined"], a.pk), default=None)
    verdict = (gravest.verdict or "unexamined") if gravest else ""
    Applicant.objects.filter(pk=applicant.pk).update(
        verdict=verdict,
        verdict_rank=VERDICT_RANK.get(verdict, NOT_YET),
        verdict_strength=gravest.strength if gravest else "",
        verdict_reason=_reason(gravest) if gravest else "",
        verdict_at=gravest.finished_at if gravest else None,
    )


def _photos_with_results(applicant: Applicant) -> list[Photo]:
    return list(applicant.photos.prefetch_related("analyses__findings"))


def _current(photo: Photo) -> Analysis | None:
    """The newest result; where there is none, the newest failure."""
    ended = [a for a in photo.analyses.all() if a.state == State.FAILED]
    return photo.latest_result or max(ended, key=lambda a: a.pk, default=None)


def _reason(analysis: Analysis) -> str:
    """The strongest reason in words."""
    reasons = analysis.result.get("verdict", {}).get("reasons", [])
    by_code = {finding.code: finding.summary for finding in analysis.findings.all()}
    heaviest = next((by_code[code] for code in reasons if code in by_code), "")
    return heaviest or analysis.error or analysis.summary
