"""What stands in a backup: its tables and storages, and the list of contents that it is checked against."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.migrations.recorder import MigrationRecorder

CONTENTS = "contents.json"
FORM = 1
PIECE = 1024 * 1024  # bytes read and hashed at a time
APPS = ("vetting", "account", "mfa", "socialaccount")  # django's own tables are made by `migrate`; sessions end
STORAGES = ("originals", "previews", "default")
# Rights of the operator's admin: numbers of tables that `migrate` makes, and which may differ between two sites.
LEFT_OUT = {"vetting.User": ("groups", "user_permissions")}


class CannotRestore(Exception):  # noqa: N818 - the text is a sentence for the operator
    """Nothing was restored; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of the archive. rows: how many, of a table."""

    name: str
    size: int
    sha256: str
    rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """made_at: ISO 8601. migrations: those that were applied. missing: files that rows speak of and nobody found."""

    form: int
    made_at: str
    migrations: tuple[str, ...]
    members: tuple[Member, ...]
    missing: int

    def as_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Contents:
        """Raises CannotRestore."""
        try:
            said: dict[str, Any] = json.loads(data)
            members = tuple(Member(**member) for member in said.pop("members"))
            return cls(**said | {"members": members, "migrations": tuple(said["migrations"])})
        except (ValueError, TypeError, KeyError) as error:
            raise CannotRestore("This is not a backup of Candid: its list of contents cannot be read.") from error

    def of(self, folder: str) -> Iterator[Member]:
        return (member for member in self.members if member.name.startswith(folder))


def tables() -> list[type[models.Model]]:
    """The tables of a backup, those that others point at first."""
    ours = [model for app in APPS for model in apps.get_app_config(app).get_models()]
    return [model for model in ours if model._meta.managed and not model._meta.proxy]


def rows_name(model: type[models.Model]) -> str:
    return f"rows/{model._meta.label}.jsonl"


def fields_of(model: type[models.Model]) -> list[str]:
    """All but what the database computes by itself, and LEFT_OUT."""
    fields = (*model._meta.local_fields, *model._meta.local_many_to_many)
    out = LEFT_OUT.get(model._meta.label, ())
    return [field.name for field in fields if not getattr(field, "generated", False) and field.name not in out]


def applied_migrations() -> tuple[str, ...]:
    applied = MigrationRecorder(connection).applied_migrations()
    return tuple(sorted(f"{app}.{name}" for app, name in applied if app in APPS))
