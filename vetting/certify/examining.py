"""One photo of a certification examined, its bytes deleted, and the result kept."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.files.storage import storages
from django.db import transaction

from vetting import audit, lease
from vetting.analysis import CannotExamine, examine_bytes
from vetting.certify.standing import versions_of
from vetting.lease import ATTEMPTS
from vetting.models import CertificationPhoto
from vetting.models.leased import State

if TYPE_CHECKING:
    from detector import Examination

AGAIN = "Its bytes are deleted; send the file once more to try again."
GIVEN_UP = f"The examination was started {ATTEMPTS} times and never came to an end. {AGAIN}"
BROKE = f"The examination stopped with an error of its own. {AGAIN}"
log = logging.getLogger(__name__)


def run(photo_id: int) -> None:
    """Examines the photo, if nobody else has it; whatever happens, the row says so."""
    photo = claim(photo_id)
    if photo is None:
        return
    try:
        examination = examine_bytes(_read(photo), sha256=photo.sha256)
    except CannotExamine as reason:
        fail(photo, str(reason))
    except Exception:
        log.exception("certification photo %s broke", photo_id)
        fail(photo, BROKE)
    else:
        finish(photo, examination)


def claim(photo_id: int) -> CertificationPhoto | None:
    """Takes the row, with a lease and the next attempt; None if it is done, in other hands, or given up."""
    rows = CertificationPhoto.objects.select_related("certification__team")
    return lease.claim(rows, photo_id, give_up=lambda row: fail(row, GIVEN_UP))


@transaction.atomic
def finish(photo: CertificationPhoto, examination: Examination) -> bool:
    """Writes the result and has the bytes deleted; False, and nothing done, if the lease went to another attempt."""
    result = examination.to_json()
    verdict = result["verdict"]
    columns = {
        "state": State.DONE,
        "verdict": verdict["code"],
        "score": verdict["score"],
        "judged": judged(result),
        "summary": summary(result),
        "versions": versions_of(result["versions"]),
        "error": examination.error or "",
    }
    return _end(photo, columns, "certification.photo-examined")


@transaction.atomic
def fail(photo: CertificationPhoto, error: str) -> bool:
    """Ends the row with a sentence; False if the lease went to another attempt."""
    return _end(photo, {"state": State.FAILED, "error": error}, "certification.photo-failed")


def _end(photo: CertificationPhoto, columns: dict[str, Any], verb: str) -> bool:
    if not lease.end(photo, **columns):
        return False
    about = photo.certification
    verdict = columns.get("verdict", "")
    audit.record(team=about.team, actor=None, verb=verb, subject=about, photo=photo.pk, verdict=verdict)
    transaction.on_commit(partial(forget_bytes, photo))
    return True


def judged(result: dict[str, Any]) -> bool:
    """Whether a check could look that may say "generated" by the pixels: without one, no alarm was possible."""
    return any(o["status"] in ("found", "clear") and _may_accuse(o["details"].get("bound")) for o in result["outcomes"])


def _may_accuse(bound: Any) -> bool:
    """Whether a check with this bound on its false alarms is one that the verdict listens to."""
    from detector.verdict import MOST_ACCUSED

    return isinstance(bound, dict) and bound["share"] <= MOST_ACCUSED


def summary(result: dict[str, Any]) -> str:
    """The verdict's sentence, and the observation that carries it most."""
    verdict = result["verdict"]
    seen = {o["code"]: o["summary"] for outcome in result["outcomes"] for o in outcome["observations"]}
    reason = next((seen[code] for code in verdict["reasons"] if code in seen), "")
    return f"{verdict['summary']} {reason}".strip()


def forget_bytes(photo: CertificationPhoto) -> None:
    """Deletes the bytes that this row's examination was made from; the row then says that they are gone."""
    if photo.stored_as and delete_bytes([photo.stored_as]):
        CertificationPhoto.objects.filter(pk=photo.pk, stored_as=photo.stored_as).update(stored_as="")


def delete_bytes(keys: Iterable[str]) -> bool:
    """Whether all are gone; the log names what could not be deleted, and the sweep tries again while a row knows it."""
    gone = True
    for key in filter(None, keys):
        try:
            storages["originals"].delete(key)
        except OSError:
            log.exception("%s could not be deleted from the originals", key)
            gone = False
    return gone


def delete_leftovers() -> None:
    """Bytes of examined photos whose worker was killed before it could delete them."""
    for photo in CertificationPhoto.objects.with_leftover_bytes()[:1000]:
        forget_bytes(photo)


def _read(photo: CertificationPhoto) -> bytes:
    try:
        with storages["originals"].open(photo.stored_as) as stored:
            data: bytes = stored.read()
    except OSError as error:
        log.warning("bytes of certification photo %s cannot be read: %s", photo.pk, error)
        raise CannotExamine(f"The stored file could not be read. {AGAIN}") from error
    return data
