"""Stage 1: an archive, or the files of a folder one after another, come in and wait to be read."""

from __future__ import annotations

import logging
import secrets
from functools import partial

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from vetting import audit, tasks
from vetting.bulk import forgetting
from vetting.bulk.archive import MAX_PATH, clean_path, is_junk, stored_as, table_key
from vetting.bulk.table import MAX_BYTES
from vetting.intake import Refused, plain_name, read_bounded
from vetting.models import Bulk, BulkRow, Opening, User

NOT_STORED = "The server could not store this file. Please ask an administrator to look."
RECEIVED = "Received."
log = logging.getLogger(__name__)


class CannotDiscard(Exception):  # noqa: N818 - the text is a sentence for the recruiter
    """Nothing was thrown away."""


def receive_archive(*, opening: Opening, archive: File[bytes], by: User, table: File[bytes] | None = None) -> Bulk:
    """Stores a ZIP, and the table beside it, and asks for them to be read. Raises Refused."""
    size = archive.size or 0
    if size > settings.MAX_BULK_BYTES:
        raise Refused(_too_large(size))
    if archive.read(2) != b"PK":
        raise Refused("This is no ZIP archive. Choose a .zip file, or the photos themselves.")
    archive.seek(0)
    bulk = _begin(opening, plain_name(archive.name), "photos.zip", by)
    try:
        if table:
            _store_table(bulk, table)
        storages["default"].save(bulk.key, archive)
    except OSError as error:
        log.exception("the archive of import %s could not be stored", bulk.pk)
        forgetting.delete_bytes(bulk.key)
        bulk.delete()
        raise Refused(NOT_STORED) from error
    except Refused:
        bulk.delete()
        raise
    Bulk.objects.filter(pk=bulk.pk).update(size=size)
    ask_to_read(bulk=bulk)
    return bulk


def begin_folder(*, opening: Opening, name: str, by: User) -> Bulk:
    """An empty one; receive_file() fills it, ask_to_read() ends it."""
    return _begin(opening, name.strip()[:255] or "A folder", "", by)


def receive_file(*, bulk: Bulk, path: str, upload: File[bytes]) -> bool:
    """One file of a folder; the same path again replaces it. False for what file managers leave. Raises Refused."""
    path, problem = clean_path(path)
    if problem:
        raise Refused(problem)
    if is_junk(path):
        return False
    data = read_bounded(upload)
    _enter(bulk, path, len(data))
    key = stored_as(bulk.key, path)
    try:
        storages["default"].delete(key)
        storages["default"].save(key, ContentFile(data))
    except OSError as error:
        log.exception("a file of import %s could not be stored", bulk.pk)
        bulk.rows.filter(entry=path).delete()
        raise Refused(NOT_STORED) from error
    return True


@transaction.atomic
def ask_to_read(*, bulk: Bulk) -> bool:
    """All of it is here: rings for it to be read. False where somebody asked already."""
    now = timezone.now()
    waiting = Bulk.objects.filter(pk=bulk.pk, state=Bulk.State.READING, started_at=None)
    if not waiting.update(started_at=now, lease_until=now):
        return False
    transaction.on_commit(partial(tasks.ring_for_import, bulk.pk))
    return True


@transaction.atomic
def discard(*, bulk: Bulk, by: User) -> None:
    """Throws a plan away that nothing came of. Raises CannotDiscard."""
    current = Bulk.objects.select_for_update().get(pk=bulk.pk)
    started = current.state == Bulk.State.FAILED and current.started_at
    if current.state not in (Bulk.State.READING, Bulk.State.PLANNED, Bulk.State.FAILED) or started:
        raise CannotDiscard("This import has begun. It can be undone, but not thrown away.")
    audit.record(team=bulk.opening.team, actor=by, verb="import.discarded", subject=current)
    key = current.key
    current.delete()
    if key:
        transaction.on_commit(partial(forgetting.delete_bytes, key))


@transaction.atomic
def _begin(opening: Opening, name: str, file: str, by: User) -> Bulk:
    """The row before the bytes, so that no bytes stand anywhere that no row knows of."""
    key = f"bulk/{secrets.token_hex(16)}/{file}"
    bulk = Bulk.objects.create(opening=opening, created_by=by, file_name=name, key=key)
    audit.record(team=opening.team, actor=by, verb="import.received", subject=bulk)
    return bulk


@transaction.atomic
def _enter(bulk: Bulk, path: str, size: int) -> None:
    """A row for the file, by which it is found again. Raises Refused."""
    current = Bulk.objects.select_for_update().get(pk=bulk.pk)
    if not current.collecting:
        raise Refused("This import is read already. Begin another one for more photos.")
    if current.size + size > settings.MAX_BULK_BYTES:
        raise Refused(_too_large(current.size + size))
    if not bulk.rows.filter(entry=path).exists():
        number = (bulk.rows.aggregate(last=Max("number"))["last"] or 0) + 1
        if number > settings.MAX_BULK_ROWS:
            raise Refused(f"At most {settings.MAX_BULK_ROWS:,} photos are taken at once. Begin another import.")
        BulkRow.objects.create(bulk=bulk, number=number, entry=path[:MAX_PATH], message=RECEIVED)
    Bulk.objects.filter(pk=bulk.pk).update(size=F("size") + size)


def _store_table(bulk: Bulk, upload: File[bytes]) -> None:
    """Raises Refused."""
    if (upload.size or 0) > MAX_BYTES:
        raise Refused(f"The table has more than {MAX_BYTES // 1024**2} MB. Leave only the columns that are used.")
    storages["default"].save(table_key(bulk), upload)


def _too_large(size: int) -> str:
    limit = settings.MAX_BULK_BYTES // 1024**2
    return f"That is {size / 1024**2:,.0f} MB; at most {limit:,} MB are taken at once. Please split it."
