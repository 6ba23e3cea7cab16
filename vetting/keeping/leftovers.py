"""Files that are to be deleted, as rows: a crash between the end of a transaction and the deleting loses none of them.

Originals and previews are called by the hash of their bytes, and several applicants may have sent the same bytes: such
a file goes only when no photo has it any more. Whether one has is asked under a lock on the row, and whoever stores
bytes looks again under the same lock (settle()), so that no photo's bytes are deleted while it comes in.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from functools import partial

from django.core.files.storage import Storage, storages
from django.db import transaction
from django.utils import timezone

from vetting.models import BoothCheck, Comparison, Leftover, Photo, Tombstone

DIGITS = 64  # of a SHA-256
ON_ITS_WAY = dt.timedelta(hours=1)  # between storing bytes and writing their row; an import's archive is read meanwhile
AT_ONCE = 1000
Key = tuple[str, str]  # storage, key; a folder ends with a stroke
log = logging.getLogger(__name__)


def keys_of_photo(photo: Photo) -> list[Key]:
    previews = [("previews", photo.preview_key(size)) for size in Photo.Preview]
    return [("originals", photo.original_key), *previews]


def keys_of_comparison(comparison: Comparison) -> list[Key]:
    """Every picture of it, however many there are."""
    return [("previews", comparison.picture_key("x").rpartition("/")[0] + "/")]


def keys_of_booth_check(check: BoothCheck) -> list[Key]:
    originals = ("originals", check.original_key.rpartition("/")[0] + "/")
    return [originals, ("previews", check.picture_key("x").rpartition("/")[0] + "/")]


def delete_stored(
    keys: Iterable[Key], *, until: dt.datetime | None = None, tombstone: Tombstone | None = None
) -> list[Leftover]:
    """Within a transaction: the rows now, the files once it stands. until: a worker may write there as long as that."""
    now, named = timezone.now(), list(dict.fromkeys(keys))
    Leftover.objects.filter(key__in=[key for _, key in named], since__gt=now).delete()  # see expect()
    rows = Leftover.objects.bulk_create(
        Leftover(storage=storage, key=key, since=now, until=until or now, tombstone=tombstone) for storage, key in named
    )
    transaction.on_commit(partial(sweep, [row.pk for row in rows]))
    return rows


def waiting_for(tombstone: Tombstone) -> int:
    """Files of an erasure that could not be deleted yet, or that are looked for once more."""
    return Leftover.objects.filter(tombstone=tombstone).count()


def expect(key: Key) -> None:
    """Before bytes are stored that have no row yet: should none come, they go. settle() takes it back."""
    when = timezone.now() + ON_ITS_WAY
    Leftover.objects.create(storage=key[0], key=key[1], since=when, until=when)


def settle(key: Key) -> bool:
    """Whether the file is there, once nobody is deleting it any more. For whoever has just written the row for it."""
    with transaction.atomic():
        rows = Leftover.objects.select_for_update().filter(storage=key[0], key=key[1])
        expected = [pk for pk, since in rows.values_list("pk", "since") if since > timezone.now()]
        Leftover.objects.filter(pk__in=expected).delete()
        return storages[key[0]].exists(key[1])


def sweep(only: Sequence[int] | None = None) -> None:
    """Deletes what can be deleted; a row whose file could not be stays for the next time."""
    rows = Leftover.objects.filter(since__lte=timezone.now())
    if only is not None:
        rows = rows.filter(pk__in=only)
    for pk in list(rows.values_list("pk", flat=True)[:AT_ONCE]):
        try:
            _delete(pk)
        except Exception:  # each kind of storage fails in its own way
            log.exception("leftover %s could not be deleted; the sweep tries again", pk)


@transaction.atomic
def _delete(pk: int) -> None:
    row = Leftover.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        return
    used = _used(row.key)
    if not used:
        _delete_file(storages[row.storage], row.key)
    if used or row.until <= timezone.now():
        row.delete()


def _used(key: str) -> bool:
    digest = key.rpartition("/")[2].partition(".")[0]
    return len(digest) == DIGITS and Photo.objects.filter(sha256=digest).exists()


def _delete_file(storage: Storage, key: str) -> None:
    """Nothing there is as good as deleted."""
    if key.endswith("/"):
        _delete_folder(storage, key.rstrip("/"))
    else:
        storage.delete(key)


def _delete_folder(storage: Storage, folder: str) -> None:
    """Every file under it; and where folders are things of their own, they too."""
    try:
        inner, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in inner:
        _delete_folder(storage, f"{folder}/{name}")
    for name in names:
        storage.delete(f"{folder}/{name}")
    storage.delete(folder)
