"""Columns that a row keeps of something else, so that lists can be read off an index: written whenever it is saved.

A list of 100,000 applicants is searched and ordered by them (docs/scale.md). QuerySet.update() writes columns without a
row in hand; the query sets of Applicant and Opening see to it there.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from django.db import models
from django.db.models import Subquery

SEARCHED = ("name", "email", "reference")
MOST = 600  # characters that are searched: what PostgreSQL takes into one index entry, in any script
# Letters that Unicode does not take apart into a plain one and a mark, as people type them without that keyboard.
PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "’": "'", "‘": "'", "ʼ": "'"}
)


def folded(text: str) -> str:
    """Without capitals, accents and other marks: “Émile Weiß” is "emile weiss"."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(PLAIN)


def search_text(name: str, email: str, reference: str) -> str:
    """What a search looks through: folded, a line each, the name first; so that it is the order by name, too."""
    lines = (" ".join(folded(text).split()) for text in (name, email, reference))
    return "\n".join(lines)[:MOST]


class SearchText(models.CharField):  # type: ignore[type-arg]
    """search_text() of the row it stands in."""

    def deconstruct(self) -> Any:
        """To the database, and so to migrations, a plain column."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        text = search_text(*(getattr(model_instance, name) for name in SEARCHED))
        setattr(model_instance, self.attname, text)
        return text


class LookedBlind(models.BooleanField):  # type: ignore[type-arg]
    """Whether the opening of the row is looked at blind; a changed opening writes it into all its rows."""

    def deconstruct(self) -> Any:
        """As above."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.BooleanField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Asked of the database in the same statement: the opening in hand may have been read before it was changed."""
        if not add:
            return super().pre_save(model_instance, add)
        opening = model_instance._meta.get_field("opening").related_model
        found = opening._base_manager.filter(pk=model_instance.opening_id)  # type: ignore[union-attr,attr-defined]
        return Subquery(found.values("blind_first"))


def with_what_is_kept(columns: Any) -> Any:
    """For save(update_fields=...): the searched column too, where one of those it is made of is written."""
    if columns is None or not set(SEARCHED) & set(columns):
        return columns
    return {*columns, "search_text"}
