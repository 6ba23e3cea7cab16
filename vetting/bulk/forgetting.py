"""What an import leaves is deleted: the archive when it has ended, or when nobody gave the word; names later on."""

from __future__ import annotations

import datetime as dt
import logging
import time
from pathlib import Path

from django.conf import settings
from django.core.files.storage import storages
from django.db.models import Q
from django.utils import timezone

from vetting import audit
from vetting.models import Bulk, BulkRow

FORGOTTEN = {"name": "", "email": "", "reference": "", "entry": ""}
NAMES_KEPT = dt.timedelta(days=30)  # of lines that became nobody: time to mend them and send them again
UPLOAD_LASTS = 24 * 60 * 60  # seconds; an older file in `incoming` is what a killed web process left
log = logging.getLogger(__name__)


def incoming() -> Path:
    """Where an archive stands while it is on its way up: on the disk of the uploads, and no memory that calls itself
    a disk."""
    return Path(settings.VAR_DIR) / "incoming"


def delete_archive(bulk: Bulk) -> None:
    """All bytes of the import that stand in the storage `default`; the row then says that they are gone."""
    if bulk.key and delete_bytes(bulk.key):
        Bulk.objects.filter(pk=bulk.pk, key=bulk.key).update(key="")
        bulk.key = ""


def delete_bytes(key: str) -> bool:
    """Whether all is gone that stands beside this key; what is not, the sweep tries again while a row knows it."""
    folder, storage = key.rpartition("/")[0], storages["default"]
    try:
        _, names = storage.listdir(folder)
        for name in names:
            storage.delete(f"{folder}/{name}")
        storage.delete(folder)
    except FileNotFoundError:
        return True
    except OSError:
        log.exception("%s could not be deleted from the uploads", folder)
        return False
    return True


def delete_leftovers() -> None:
    """Archives of imports that ended, imports that nobody gave the word for, names of lines that became nobody."""
    now = timezone.now()
    ended = Bulk.objects.filter(Q(state__in=["done", "undone"]) | Q(state="failed", started_at=None)).exclude(key="")
    for bulk in ended[:100]:
        delete_archive(bulk)
    unheard = Q(state__in=["reading", "planned", "failed"], created_at__lt=now - settings.BULK_KEPT)
    for bulk in Bulk.objects.filter(unheard).select_related("opening__team")[:100]:
        _forget(bulk)
    old = BulkRow.objects.filter(bulk__finished_at__lt=now - NAMES_KEPT, applicant=None)
    old.exclude(**FORGOTTEN).update(**FORGOTTEN)
    _delete_uploads_that_broke()


def _forget(bulk: Bulk) -> None:
    delete_archive(bulk)
    if not bulk.key:
        audit.record(team=bulk.opening.team, actor=None, verb="import.forgotten", subject=bulk)
        bulk.delete()


def _delete_uploads_that_broke() -> None:
    if not incoming().is_dir():
        return
    for path in incoming().iterdir():
        if path.stat().st_mtime < time.time() - UPLOAD_LASTS:
            path.unlink(missing_ok=True)
