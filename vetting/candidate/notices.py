"""What a candidate is told, word for word, as the opening's and the team's settings are now; each wording is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from django.db import transaction

from vetting import audit
from vetting.candidate.wording import Section, sections
from vetting.models import Notice, Opening

Told = list[dict[str, object]]


def notice_for(opening: Opening) -> Notice:
    """The wording in force. The first time that a wording is shown it becomes a row, with the next number; settings
    that are changed back bring back the number that they had."""
    text = _as_stored(sections(opening))
    return notice_in_force(opening) or keep_wording(opening, text, digest_of(text))


def notice_in_force(opening: Opening) -> Notice | None:
    """The same where it is a row already: for pages that only look."""
    return Notice.objects.filter(opening=opening, digest=digest_of(_as_stored(sections(opening)))).first()


def digest_of(text: Told) -> str:
    """SHA-256 in hex over the canonical JSON."""
    return hashlib.sha256(json.dumps(text, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _as_stored(told: Iterable[Section]) -> Told:
    return [{"title": section.title, "paragraphs": list(section.paragraphs)} for section in told]


@transaction.atomic
def keep_wording(opening: Opening, text: Told, digest: str) -> Notice:
    """Two candidates who open the page at once are told the same notice: the lock lets the second find the first's."""
    Opening.objects.select_for_update().get(pk=opening.pk)
    notices = Notice.objects.filter(opening=opening)
    if known := notices.filter(digest=digest).first():
        return known
    last = notices.order_by("-number").first()
    number = last.number + 1 if last else 1
    kept = Notice.objects.create(opening=opening, number=number, text=text, digest=digest)
    audit.record(team=opening.team, actor=None, verb="notice.made", subject=opening, notice=number)
    return kept
