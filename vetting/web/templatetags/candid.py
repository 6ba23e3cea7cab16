"""Filters and tags of the pages: shapes, strengths, times, sizes, fields."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.forms import BoundField
from django.template.defaultfilters import date as format_date
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from vetting.models import User
from vetting.models.applicant import VERDICTS, Review
from vetting.notes import unseen_mentions
from vetting.review import taking

register = template.Library()

STRENGTHS = ("weak", "moderate", "strong", "conclusive")
BEARINGS = {
    "generated": "Speaks for a generated picture",
    "retouched": "Speaks for retouching",
    "captured": "Speaks for a camera picture",
    "neutral": "Speaks neither way by itself",
}
STATUS_WORDS = {
    "clear": "Nothing seen",
    "not-applicable": "Does not apply",
    "failed": "Could not look",
    "seen": "Seen",
    "absent": "Not looked for",
}


@register.simple_tag
def shape(name: str) -> SafeString:
    """A drawing of components/_shapes.html, to stand beside a word; hidden from screen readers, which have the word."""
    return format_html(
        '<svg class="shape" width="16" height="16" aria-hidden="true" focusable="false"><use href="#shape-{}"/></svg>',
        name or "none",
    )


@register.filter
def verdict_word(code: str) -> str:
    return dict(VERDICTS).get(code, "No verdict yet")


@register.filter
def review_word(code: str) -> str:
    return str(dict(Review.choices).get(code, code))


@register.filter
def bearing_word(code: str) -> str:
    return BEARINGS.get(code, "")


@register.filter
def status_word(code: str) -> str:
    return STATUS_WORDS.get(code, code)


@register.inclusion_tag("components/_strength.html")
def strength(word: str) -> dict[str, Any]:
    """Four segments plus the word."""
    rank = STRENGTHS.index(word) + 1 if word in STRENGTHS else 0
    return {"word": word, "rank": rank, "segments": [number <= rank for number in range(1, 5)]}


@register.filter
def bytes_words(size: int) -> str:
    """1234567 -> 1.2 MB: decimal, as file managers show it."""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


@register.filter
def binary_megabytes(size: int) -> int:
    """The upload limit is set in MB of 1024 x 1024 bytes."""
    return size // (1024 * 1024)


@register.filter
def groups_of_four(digest: str) -> str:
    """A hash that can be read aloud and compared."""
    return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))


@register.filter
def age(since: dt.datetime | None) -> str:
    """How long ago, one unit: 4 s, 3 min, 2 h, 5 days."""
    seconds = max(0, int((timezone.now() - since).total_seconds())) if since else 0
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length * (2 if unit == "days" else 1):
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


@register.simple_tag
def when(moment: dt.datetime | None) -> SafeString | str:
    """Relative, with the exact time on hover, for machines, and in print."""
    if moment is None:
        return "–"
    local = timezone.localtime(moment)
    exact = f"{format_date(local, 'j M Y, H:i')} {local.tzname()}"
    passed = timezone.now() - moment
    words = f"{age(moment)} ago" if passed.total_seconds() >= 5 else "just now"
    if passed > dt.timedelta(days=30):
        words = format_date(local, "j M Y")
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), exact, words)


@register.filter
def clock(moment: dt.datetime | None) -> str:
    """14:20; with the day where that is not today."""
    return taking.clock(moment)


@register.inclusion_tag("components/_field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """Label, help, error and widget, tied together for screen readers."""
    described = [f"{bound.id_for_label}-help"] if bound.help_text else []
    if bound.errors:
        described.append(f"{bound.id_for_label}-error")
        bound.field.widget.attrs["aria-invalid"] = "true"
    if described:
        bound.field.widget.attrs["aria-describedby"] = " ".join(described)
    return {
        "bound": bound,
        "group": bound.widget_type in ("radioselect", "checkboxselectmultiple"),
        "tick": bound.widget_type == "checkbox",
    }


@register.simple_tag(takes_context=True)
def place(context: template.Context, *names: str) -> str:
    """` aria-current="page"` where the page shown is one of these."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    return mark_safe(' aria-current="page"') if match and match.url_name in names else ""


@register.simple_tag(takes_context=True)
def mentions_unseen(context: template.Context) -> int:
    """For the badge in the header; an error page, which may have no reader, asks the database for nothing."""
    user = context.get("user")
    return unseen_mentions(user) if isinstance(user, User) else 0
