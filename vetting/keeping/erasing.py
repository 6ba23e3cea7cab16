"""Erasure: rows, files and traces of one applicant, in one transaction. What stays says that it happened, not to whom.

Locks are taken in the order in which workers and reviewers take theirs (examination, applicant, team), so that nobody
waits for somebody who waits for them. A worker that is at it meanwhile finds its row gone and writes nothing; a file
that it may still be writing is deleted again until its lease is over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model, QuerySet, Sum
from django.utils import timezone

from vetting import audit
from vetting.analysis import refresh_headline
from vetting.fairness.tallies import count_out
from vetting.keeping import leftovers, traces
from vetting.keeping.holds import demand_no_hold
from vetting.keeping.receipts import Remains, lay_tombstone
from vetting.models import (
    Analysis,
    Applicant,
    BoothAnswer,
    BoothCheck,
    CandidateLink,
    Comparison,
    Consent,
    DataRequest,
    Decision,
    Disclosure,
    Finding,
    FirstLook,
    Issued,
    LegalHold,
    Mention,
    Note,
    Photo,
    PictureHash,
    Repeat,
    Reply,
    ReplyEntry,
    SelfReport,
    Tombstone,
    User,
)
from vetting.models.leased import Leased, State

Cause = Tombstone.Cause
WORKED_ON: dict[type[Leased], str] = {
    Analysis: "photo__applicant",
    Comparison: "photo__applicant",
    BoothCheck: "applicant",
}
# Everything that hangs on an applicant, by the word under which a receipt counts it, and the way to the applicant.
HANGS_ON: dict[str, tuple[type[Model], str]] = {
    "photos": (Photo, "applicant"),
    "analyses": (Analysis, "photo__applicant"),
    "findings": (Finding, "analysis__photo__applicant"),
    "picture_hashes": (PictureHash, "photo__applicant"),
    "repeats": (Repeat, "photo__applicant"),
    "repeats_by_later_photos": (Repeat, "of__applicant"),
    "decisions": (Decision, "applicant"),
    "first_looks": (FirstLook, "applicant"),
    "notes": (Note, "applicant"),
    "mentions": (Mention, "note__applicant"),
    "links": (CandidateLink, "applicant"),
    "consents": (Consent, "applicant"),
    "disclosures": (Disclosure, "photo__applicant"),
    "replies": (Reply, "applicant"),
    "reply_entries": (ReplyEntry, "reply__applicant"),
    "comparisons": (Comparison, "photo__applicant"),
    "booth_checks": (BoothCheck, "applicant"),
    "booth_answers": (BoothAnswer, "check_of__applicant"),
    "self_reports": (SelfReport, "applicant"),
    "data_requests": (DataRequest, "applicant"),
    "legal_holds": (LegalHold, "applicant"),
}
LATE = 2  # leases: the time limit ends whoever writes there well before


@transaction.atomic
def forget_applicant(*, applicant: Applicant, by: User | None, cause: Cause = Cause.FORGOTTEN) -> Tombstone:
    """Deletes all that is stored about the person. by: None where nobody gave the word for this one (retention).

    Raises UnderHold, and then changes nothing; Applicant.DoesNotExist where somebody else was quicker.
    """
    until = _lock_work(WORKED_ON, applicant)
    rows = Applicant.objects.select_for_update(of=("self",)).select_related("opening__team")
    current = rows.get(pk=applicant.pk)
    demand_no_hold(current)
    photos = list(current.photos.all())
    keys, subjects = list(_keys(current, photos)), list(_subjects(current))
    count_out(current)  # into tallies without a name
    deleted = _counted(current, photos)
    swept = traces.sweep_traces(current, photos)
    deleted |= {name: getattr(swept, name) for name in ("import_rows", "saved_views", "api_answers", "messages")}
    remains = Remains(
        shared_files=len(_shared(photos)),
        issued=Issued.objects.filter(applicant=current).exists(),
        imports=len(swept.imports),
        written_elsewhere=swept.written_elsewhere,
    )
    stone = lay_tombstone(applicant=current, by=by, cause=Cause(cause), deleted=deleted, remains=remains)
    team = current.opening.team
    current.holds.all().delete()  # lifted ones; PROTECT guards those in force
    current.delete()
    leftovers.delete_stored(keys, until=until, tombstone=stone)
    audit.redact(team=team, subjects=subjects)
    told = {"photos": len(photos), "cause": stone.cause, "tombstone": stone.pk}
    audit.record(team=team, actor=by, verb="applicant.forgotten", subject=applicant, **told)
    return stone


@transaction.atomic
def forget_photo(*, photo: Photo, by: User) -> None:
    """Deletes one photo with all that hangs on it; the applicant stays, with the verdict of the other photos.

    Raises UnderHold.
    """
    applicant = photo.applicant
    demand_no_hold(applicant)
    ways = {Analysis: "photo", Comparison: "photo", BoothCheck: "photo"}
    until = _lock_work(ways, photo)
    comparisons = [*photo.compared.all(), *photo.compared_as_original.all()]
    checks = list(photo.booth_checks.all())
    hanging: list[Model] = [photo, *photo.analyses.all(), *photo.disclosures.all(), *comparisons, *checks]
    keys = leftovers.keys_of_photo(photo)
    keys += [key for comparison in comparisons for key in leftovers.keys_of_comparison(comparison)]
    keys += [key for check in checks for key in leftovers.keys_of_booth_check(check)]
    subjects = [audit.name_of(row) for row in hanging]
    traces.forget_file_of(photo)
    traces.forget_answers_about(applicant, photo)
    team, pk = applicant.opening.team, photo.pk
    photo.delete()
    photo.pk = pk  # the event is about it
    Applicant.objects.filter(pk=applicant.pk, cover=None).update(cover=applicant.photos.first())
    refresh_headline(applicant)
    leftovers.delete_stored(keys, until=until)
    audit.redact(team=team, subjects=subjects)
    audit.record(team=team, actor=by, verb="photo.forgotten", subject=photo)


def _lock_work(ways: dict[Any, str], of: Model) -> dt.datetime | None:
    """Locks what workers work on; until when one of them may still be writing files."""
    busy = False
    for model, way in ways.items():
        rows = model.objects.select_for_update(of=("self",)).filter(**{way: of}).order_by("pk")
        busy |= State.RUNNING in list(rows.values_list("state", flat=True))
    return timezone.now() + LATE * settings.ANALYSIS_LEASE if busy else None


def _keys(applicant: Applicant, photos: list[Photo]) -> Iterator[leftovers.Key]:
    for photo in photos:
        yield from leftovers.keys_of_photo(photo)
    for comparison in Comparison.objects.filter(photo__applicant=applicant):
        yield from leftovers.keys_of_comparison(comparison)
    for check in applicant.booth_checks.all():
        yield from leftovers.keys_of_booth_check(check)


def _subjects(applicant: Applicant) -> Iterator[str]:
    """What events can be about, as the chain names it."""
    yield audit.name_of(applicant)
    for rows in _hanging(applicant).values():
        kind = rows.model._meta.model_name
        yield from (f"{kind}:{pk}" for pk in rows.values_list("pk", flat=True))


def _hanging(applicant: Applicant) -> dict[str, QuerySet[Any]]:
    return {word: model._default_manager.filter(**{way: applicant}) for word, (model, way) in HANGS_ON.items()}


def _shared(photos: list[Photo]) -> set[str]:
    """Hashes of photos whose very bytes another applicant sent, too."""
    if not photos:
        return set()
    same = Photo.objects.filter(sha256__in=[photo.sha256 for photo in photos])
    others = same.exclude(applicant=photos[0].applicant_id)
    return set(others.order_by().values_list("sha256", flat=True))


def _counted(applicant: Applicant, photos: list[Photo]) -> dict[str, int]:
    """Only what there was. Whether somebody had answered about groups is told to nobody, not even as a count."""
    counts = {word: rows.order_by().count() for word, rows in _hanging(applicant).items()}
    shared = _shared(photos)
    gone = [photo for photo in photos if photo.sha256 not in shared]
    checks = applicant.booth_checks.aggregate(size=Sum("size"))["size"] or 0
    counts["original_files"] = len(gone) + counts["booth_checks"]
    counts["original_bytes"] = sum(photo.size for photo in gone) + checks
    counts["previews"] = len(Photo.Preview) * sum(photo.has_preview for photo in gone)
    counts["repeats"] += counts.pop("repeats_by_later_photos")
    del counts["self_reports"]
    return {word: count for word, count in counts.items() if count or word == "photos"}
