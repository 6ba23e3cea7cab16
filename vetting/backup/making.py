"""One archive of everything: the rows as they stood at one moment, then the files that were there then."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from django.core import serializers
from django.core.files.storage import Storage, storages
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.utils import timezone

from vetting.backup.archive import (
    CONTENTS,
    FORM,
    PIECE,
    STORAGES,
    Contents,
    Member,
    applied_migrations,
    fields_of,
    rows_name,
    tables,
)
from vetting.models import Photo

BATCH = 500  # rows fetched at a time


def make_backup(path: Path) -> Contents:
    """Writes the archive beside its final name and renames it at the end: a broken backup never looks like a whole one.

    OSError where the disk is full or a storage does not answer.
    """
    started, unfinished = timezone.now(), path.with_name(path.name + ".unfinished")
    try:
        with tarfile.open(unfinished, "w") as archive:
            rows = _write_rows(archive)
            files = [member for name in STORAGES for member in _write_files(archive, name, started)]
            contents = Contents(
                form=FORM,
                made_at=started.isoformat(),
                migrations=applied_migrations(),
                members=(*rows, *files),
                missing=_missing({member.name for member in files}),
            )
            _add(archive, CONTENTS, io.BytesIO(contents.as_json()), len(contents.as_json()))
        unfinished.chmod(0o600)  # whoever reads it reads everything
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return contents


def _write_rows(archive: tarfile.TarFile) -> list[Member]:
    """All tables as they stood at one moment."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return [_write_table(archive, model) for model in tables()]


def _write_table(archive: tarfile.TarFile, model: type[models.Model]) -> Member:
    with tempfile.TemporaryFile() as file, io.TextIOWrapper(file, encoding="utf-8", write_through=True) as lines:
        rows, count = model._base_manager.order_by("pk"), 0

        def counted() -> Iterator[models.Model]:
            nonlocal count
            for row in rows.iterator(chunk_size=BATCH):
                count += 1
                yield row

        serializers.serialize("jsonl", counted(), stream=lines, fields=fields_of(model), cls=_Exact)
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        return _add(archive, rows_name(model), file, size, rows=count)


def _write_files(archive: tarfile.TarFile, name: str, until: dt.datetime) -> Iterator[Member]:
    """What came later belongs to rows that are not in this backup, and would be nobody's."""
    storage = storages[name]
    for key in _keys(storage):
        try:
            if storage.get_modified_time(key) > until:
                continue
            with storage.open(key) as file:
                yield _add(archive, f"files/{name}/{key}", file, storage.size(key))
        except FileNotFoundError:  # erased since the walk came by
            continue


def _keys(storage: Storage, folder: str = "") -> Iterator[str]:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}{name}" for name in sorted(files))
    for name in sorted(folders):
        yield from _keys(storage, f"{folder}{name}/")


def _add(archive: tarfile.TarFile, name: str, file: IO[bytes], size: int, *, rows: int = 0) -> Member:
    """The member as it stands in the archive, hashed on its way."""
    header, hashed = tarfile.TarInfo(name), _Hashed(file)
    header.size, header.mode = size, 0o600
    archive.addfile(header, hashed)
    return Member(name=name, size=size, sha256=hashed.digest.hexdigest(), rows=rows)


class _Exact(DjangoJSONEncoder):
    """With all six digits of a second: Django's own cuts to three, and the event chain is made over the whole time."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, dt.datetime) else super().default(o)


class _Hashed(io.RawIOBase):
    """Hashes what is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.digest, self._file = hashlib.sha256(), file

    def read(self, size: int = PIECE) -> bytes:
        piece = self._file.read(size)
        self.digest.update(piece)
        return piece


def _missing(names: set[str]) -> int:
    """Photos whose original the backup does not hold."""
    keys = (photo.original_key for photo in Photo.objects.only("sha256").iterator())
    return sum(f"files/originals/{key}" not in names for key in keys)
