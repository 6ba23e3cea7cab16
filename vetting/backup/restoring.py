"""A backup back into an empty site: every byte is checked before the first is written, and counted afterwards."""

from __future__ import annotations

import codecs
import hashlib
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.core import serializers
from django.core.files.base import File
from django.core.files.storage import storages
from django.core.management.color import no_style
from django.db import connection, transaction

from vetting import audit
from vetting.backup.archive import (
    CONTENTS,
    FORM,
    STORAGES,
    CannotRestore,
    Contents,
    Member,
    applied_migrations,
    rows_name,
    tables,
)
from vetting.models import Team, User

MOST_CONTENTS = 4 * 1024**3  # bytes; a list of ten million files


def check_backup(path: Path) -> Contents:
    """Reads all of it; whether it is whole, and nothing but a backup. Raises CannotRestore."""
    with _opened(path) as archive:
        _demand_whole(archive)
    return archive.contents


def restore_backup(path: Path) -> Contents:
    """Files first, then all rows in one transaction: whatever breaks, the database is as empty as before and the same
    command can be given again. Raises CannotRestore."""
    with _opened(path) as archive:
        contents = archive.contents
        _demand_same_tables(contents)
        _demand_empty()
        _demand_whole(archive)
        for member in contents.of("files/"):
            _restore_file(archive, member)
        with transaction.atomic():
            _restore_rows(archive)
            _demand_all_rows(contents)
            _demand_whole_chains()
    return contents


class _Archive:
    """An archive by its members' names."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar, self._members = tar, {member.name: member for member in tar.getmembers()}
        if CONTENTS not in self._members or self._members[CONTENTS].size > MOST_CONTENTS:
            raise CannotRestore("This is not a whole backup of Candid: it has no list of contents.")
        self.contents = Contents.from_json(self.file(CONTENTS).read())
        if self.contents.form != FORM:
            raise CannotRestore(f"This backup has form {self.contents.form}; this release reads form {FORM}.")

    def file(self, name: str) -> IO[bytes]:
        file = self._tar.extractfile(self._members[name]) if name in self._members else None
        if file is None:
            raise CannotRestore(f"{name} is not in the archive. Nothing was restored.")
        return file


@contextmanager
def _opened(path: Path) -> Iterator[_Archive]:
    try:
        with tarfile.open(path, "r:") as tar:
            yield _Archive(tar)
    except tarfile.TarError as error:
        raise CannotRestore("This is not a whole backup of Candid: the archive is broken off or another.") from error


def _demand_whole(archive: _Archive) -> None:
    for member in archive.contents.members:
        if _digest(archive.file(member.name)) != member.sha256:
            raise CannotRestore(f"{member.name} is not what it was when the backup was made. Nothing was restored.")


def _demand_same_tables(contents: Contents) -> None:
    """Another release's rows may not fit; its own release restores them, and then upgrades."""
    there, here = set(contents.migrations), set(applied_migrations())
    if more := there - here:
        raise CannotRestore(f"The backup is of a later release: {sorted(more)[-1]} is not known here.")
    if fewer := here - there:
        raise CannotRestore(
            f"The backup is of an earlier release, without {sorted(fewer)[0]}. Restore it with that release, "
            "then upgrade."
        )


def _demand_empty() -> None:
    if User.objects.exists() or Team.objects.exists():
        raise CannotRestore(
            "There are people or teams already. Restore into an empty, migrated database and empty storages; nothing "
            "was touched."
        )


def _digest(file: IO[bytes]) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # any binary file will do


def _restore_file(archive: _Archive, member: Member) -> None:
    name, _, key = member.name.removeprefix("files/").partition("/")
    if name not in STORAGES:
        raise CannotRestore(f"{member.name} belongs to no storage of this release.")
    storage = storages[name]
    if storage.exists(key):  # of an attempt before this one
        storage.delete(key)
    if storage.save(key, File(archive.file(member.name), name=key)) != key:
        raise CannotRestore(f"{member.name} could not be written under its name. No row was restored.")
    with storage.open(key) as written:
        if _digest(written) != member.sha256:
            raise CannotRestore(f"{member.name} was written, and reads otherwise. No row was restored.")


def _restore_rows(archive: _Archive) -> None:
    """As they were, times and numbers too: nothing is computed anew but what the database itself computes."""
    known = {rows_name(model): model for model in tables()}
    for model in reversed(known.values()):  # what the migrations themselves have written
        model._base_manager.all().delete()
    for member in archive.contents.of("rows/"):
        if member.name not in known:
            raise CannotRestore(f"{member.name} is no table of this release.")
        lines = codecs.getreader("utf-8")(archive.file(member.name))
        for row in serializers.deserialize("jsonl", lines):
            if type(row.object) is not known[member.name]:
                raise CannotRestore(f"{member.name} holds rows of another table.")
            row.save()
    statements = connection.ops.sequence_reset_sql(no_style(), tables())
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _demand_all_rows(contents: Contents) -> None:
    counts = {rows_name(model): model._base_manager.count() for model in tables()}
    for member in contents.of("rows/"):
        if counts[member.name] != member.rows:
            raise CannotRestore(f"{member.name}: {member.rows} rows in the backup, {counts[member.name]} restored.")


def _demand_whole_chains() -> None:
    for team in Team.objects.all():
        if broken := audit.first_broken(team):
            raise CannotRestore(f"The event chain of team {team.pk} does not hold from event {broken} on.")
