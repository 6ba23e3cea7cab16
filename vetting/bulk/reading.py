"""Stage 2: what came in is read into a plan. Nothing is added yet; every photo is looked at, one at a time."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone

from vetting import audit
from vetting.bulk import forgetting, turn
from vetting.bulk.archive import Entry, Source, open_source, table_key
from vetting.bulk.planning import UNNAMED, is_ready, plan
from vetting.bulk.table import MAX_BYTES, CannotRead, Table, read_table
from vetting.intake import Refused, read_headshot
from vetting.models import Bulk, BulkRow, Photo

NOT_YET = "Not looked at yet."
BATCH = 50  # rows between two renewals of the lease
PATIENCE = 8  # leases; an archive that was not read by then kills every worker that tries
EMPTY = "There is no photo in it. Put the photos in, as JPEG, PNG, WebP, HEIC or AVIF."
GONE = "What was sent is no longer in the store. Please send it again."
BROKE = "Reading it stopped with an error of the program's own. Please ask an administrator to look."
State = BulkRow.State
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Seen:
    """What was looked at so far. by_hash: the row that a picture stands in first, and whose it is there."""

    by_hash: dict[str, tuple[int, object]] = field(default_factory=dict)
    hashes: dict[int, str] = field(default_factory=dict)


def run(bulk: Bulk) -> None:
    """Reads it all, from the start; whatever happens, the row says so. Raises LostTurn."""
    try:
        if bulk.started_at and timezone.now() - bulk.started_at > PATIENCE * settings.BULK_LEASE:
            raise CannotRead("It was tried several times and never read to its end. Please split it, and send parts.")
        with open_source(bulk) as source:
            remark = read(bulk, source)
    except CannotRead as reason:
        _fail(bulk, str(reason))
    except FileNotFoundError:
        _fail(bulk, GONE)
    except turn.LostTurn:
        raise
    except Exception:
        log.exception("import %s could not be read", bulk.pk)
        _fail(bulk, BROKE)
    else:
        _planned(bulk, remark)


def read(bulk: Bulk, source: Source) -> str:
    """Writes the rows; what to know of how the table was read. Raises CannotRead, LostTurn."""
    entries = source.entries()
    table = _table(bulk, source, entries)
    rows = plan(bulk, entries, table)
    if not rows:
        raise CannotRead(EMPTY)
    if len(rows) > settings.MAX_BULK_ROWS:
        raise CannotRead(f"It has {len(rows):,} rows; at most {settings.MAX_BULK_ROWS:,} are taken at once.")
    looked_at = [row for row in rows if row.entry and is_ready(row)]
    said = [row.message for row in looked_at]
    for row in looked_at:
        row.message = NOT_YET
    _write(bulk, rows)
    for row, message in zip(looked_at, said, strict=True):
        row.message = message
    seen = Seen()
    for batch in _batches(looked_at):
        for row in batch:
            _look(row, source, seen)
        _find_known(batch, seen)
        with turn.writing(bulk):
            BulkRow.objects.bulk_update(batch, ["state", "message"])
    return table.remark if table else ""


def _batches(rows: Iterable[BulkRow]) -> Iterator[list[BulkRow]]:
    walk = iter(rows)
    while batch := list(islice(walk, BATCH)):
        yield batch


def _table(bulk: Bulk, source: Source, entries: Iterable[Entry]) -> Table | None:
    """Beside the photos, or among them; None where there is none. Raises CannotRead."""
    beside, among = table_key(bulk), [entry for entry in entries if entry.is_table]
    has_beside = storages["default"].exists(beside)
    if bulk.is_folder and has_beside:
        among = []  # it is the one among them, kept by a worker that was killed before it had written the plan
    if len(among) + has_beside > 1:
        names = ", ".join(f"“{entry.path}”" for entry in among[:5])
        raise CannotRead(f"There is more than one table: {names}{' and the one beside them' if has_beside else ''}.")
    if has_beside:
        with storages["default"].open(beside) as file:
            return read_table(file.read(MAX_BYTES + 1))
    if not among:
        return None
    if among[0].problem:
        raise CannotRead(f"The table “{among[0].path}” cannot be used. {among[0].problem}")
    try:
        data = source.read(among[0].path, MAX_BYTES)
    except Refused as reason:
        raise CannotRead(f"The table “{among[0].path}” cannot be used. {reason}") from reason
    table = read_table(data)
    if bulk.is_folder:  # the plan's rows replace those that know the files, and have none for the table
        storages["default"].save(beside, ContentFile(data))
    return table


def _write(bulk: Bulk, rows: list[BulkRow]) -> None:
    """In place of what stood there: the files of a folder as they came in, or what a killed worker had begun."""
    with turn.writing(bulk):
        bulk.rows.all().delete()
        BulkRow.objects.bulk_create(rows, batch_size=500)


def _look(row: BulkRow, source: Source, seen: Seen) -> None:
    """Whether the file is a photo that is taken here, and whether it stood in an earlier row."""
    try:
        data = source.read(row.entry, settings.MAX_PHOTO_BYTES)
        if len(data) > settings.MAX_PHOTO_BYTES:
            limit = settings.MAX_PHOTO_BYTES // 1024**2
            raise Refused(f"The file has more than {limit} MB. Please send a smaller version.")
        read_headshot(data)
    except Refused as reason:
        row.state, row.message = State.REFUSED, str(reason)
        return
    digest = hashlib.sha256(data).hexdigest()
    seen.hashes[row.number] = digest
    person = (row.name, row.email, row.reference)
    first, whose = seen.by_hash.setdefault(digest, (row.number, person))
    if first != row.number:
        if whose == person or row.message == UNNAMED:
            row.state, row.message = State.KNOWN, f"The same picture as in row {first}; it counts once."
        else:
            row.message = f"{row.message} The same file stands in row {first} under another name.".strip()


def _find_known(rows: list[BulkRow], seen: Seen) -> None:
    """Photos that their applicant has already; by the very same file also where only the name is known."""
    ready = [row for row in rows if is_ready(row) and row.number in seen.hashes]
    if not ready:
        return
    opening = ready[0].bulk.opening
    hashes = {seen.hashes[row.number] for row in ready}
    there = list(
        Photo.objects.filter(applicant__opening=opening, sha256__in=hashes).values_list(
            "sha256", "applicant_id", "applicant__name"
        )
    )
    theirs = {(sha256, pk) for sha256, pk, _ in there}
    by_name = {(sha256, name.casefold()): pk for sha256, pk, name in there}
    for row in ready:
        digest = seen.hashes[row.number]
        same_name = None if row.email or row.reference else by_name.get((digest, row.name.casefold()))
        if (digest, row.applicant_id) in theirs or same_name:
            row.state, row.message = State.KNOWN, f"{row.name} has this very photo already."


def _planned(bulk: Bulk, remark: str) -> None:
    with transaction.atomic():
        turn.end(bulk, state=Bulk.State.PLANNED, error=remark, lease_until=None)
        counts = bulk.rows.count_by_state()
        audit.record(team=bulk.opening.team, actor=bulk.created_by, verb="import.planned", subject=bulk, rows=counts)


def _fail(bulk: Bulk, sentence: str) -> None:
    with transaction.atomic():
        turn.end(bulk, state=Bulk.State.FAILED, error=sentence, lease_until=None, started_at=None)
        audit.record(team=bulk.opening.team, actor=bulk.created_by, verb="import.failed", subject=bulk)
        transaction.on_commit(partial(forgetting.delete_archive, bulk))
