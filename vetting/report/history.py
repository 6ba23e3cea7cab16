"""A file's history from capture to upload as rows: signed chapters, unsigned statements, and gaps that stay gaps.

The single source of the history page, of its picture, and of its part in the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from detector.provenance.validation_codes import CODE_WORDS
from vetting.report.chapters import Chapter, chapters_of
from vetting.report.measured import details_of, listed, mapping, outcome_of, sentence
from vetting.report.unsigned import Statement, statements_of

NO_SIGNED_STEPS = {
    "none": "No signed steps. Most cameras write none and most sites strip them: what happened between the first "
    "picture and this file is not recorded.",
    "remote": "No signed steps in the file: its credentials are stored elsewhere and were not fetched.",
    "unreadable": "Signed steps were here, but they are damaged and cannot be read.",
}
UNREAD = "Signed steps were not read in this examination."
AFTER = "Something changed the file after the last signature, and nobody signed for it."
UNTOLD = "Whether anything changed the file after the last signature cannot be told."
MOST_PICTURES = 60  # small pictures of one history that are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Where something is missing. statements: what stands in it, unsigned. whole: it reaches from first to last.

    part: it is in the history of an element, not in that of the picture.
    """

    words: str
    statements: tuple[Statement, ...] = ()
    whole: bool = False
    part: bool = False
    kind: str = "gap"


Row = Chapter | Statement | Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """rows: oldest first. uris: of the small pictures, which chapters and ingredients name by their place in here.

    outdated: it was made before chapters were told apart. intact: as in the credentials.
    """

    state: str
    words: str
    intact: bool | None
    rows: tuple[Row, ...]
    uris: tuple[str, ...] = ()
    outdated: bool = False

    @property
    def chapters(self) -> list[Chapter]:
        return [row for row in self.rows if isinstance(row, Chapter)]

    @property
    def sentence(self) -> str:
        """The picture of it in words."""
        signed = len(self.chapters)
        gaps = sum(isinstance(row, Gap) for row in self.rows)
        if not signed:
            return "No signed step between the first picture and the upload."
        steps = f"{signed} signed step{'' if signed == 1 else 's'}, the last by {self.chapters[-1].signer}"
        if not gaps:
            return f"{steps}, without a gap."
        return f"{steps}, with {gaps} gap{'' if gaps == 1 else 's'} in which nothing is signed."


def credentials_in(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """The `credentials` object: the detector's own details, which an early result lacks at the top."""
    inner = details_of(result, "content_credentials")
    return inner if "state" in inner else mapping(result.get("credentials"))


def history_of(result: Mapping[str, Any]) -> History:
    """Out of a whole stored result, of whatever version and shape."""
    credentials, outcome = credentials_in(result), outcome_of(result, "content_credentials")
    statements = statements_of(result)
    state = sentence(credentials.get("state")) or "none"
    if outcome.get("status") == "failed":
        words = f"{UNREAD} {sentence(outcome.get('note'))}".strip()
        return History(state="failed", words=words, intact=None, rows=(_whole(words, statements),))
    if state in NO_SIGNED_STEPS:
        words = sentence(credentials.get("words"))
        return History(state=state, words=words, intact=None, rows=(_whole(NO_SIGNED_STEPS[state], statements),))
    uris = _uris(credentials)
    chapters = chapters_of(credentials, uris, CODE_WORDS)
    intact = credentials.get("intact")
    return History(
        state=state,
        words=sentence(credentials.get("words")),
        intact=intact if isinstance(intact, bool) else None,
        rows=tuple(_rows(credentials, chapters, statements)),
        uris=uris,
        outdated="chapters" not in credentials,
    )


def _whole(words: str, statements: tuple[Statement, ...]) -> Gap:
    return Gap(words=words, statements=statements, whole=True)


def _rows(
    credentials: Mapping[str, Any], chapters: Sequence[Chapter], statements: Sequence[Statement]
) -> Iterator[Row]:
    """Statements of a day before the first signature come first. All others stand in the gap after the last one; where
    there is none, they stood in the file when it was signed, and belong to that step."""
    first = min((chapter.day for chapter in chapters if chapter.day), default="")
    before = [one for one in statements if one.day and (not first or one.day <= first)]
    yield from before
    after = tuple(one for one in statements if one not in before)
    missing = _missing_after(credentials, chapters)
    for chapter in chapters:
        if chapter.gap:
            yield Gap(words=chapter.gap, part=chapter.part)
        signed_over = chapter is chapters[-1] and not missing
        yield replace(chapter, statements=after) if signed_over else chapter
    if missing:
        yield Gap(words=missing, statements=after)


def _missing_after(credentials: Mapping[str, Any], chapters: Sequence[Chapter]) -> str:
    if chapters and chapters[-1].gap_after:
        return chapters[-1].gap_after
    intact = credentials.get("intact")
    return "" if intact is True else AFTER if intact is False else UNTOLD


def _uris(credentials: Mapping[str, Any]) -> tuple[str, ...]:
    """Distinct, in the order in which they appear."""
    found: dict[str, None] = {}
    for chapter in map(mapping, listed(credentials.get("chapters"), 100)):
        for holder in [chapter, *map(mapping, listed(chapter.get("ingredients"), 100))]:
            uri = mapping(holder.get("thumbnail")).get("uri")
            if isinstance(uri, str) and uri:
                found[uri] = None
    return tuple(found)[:MOST_PICTURES]
