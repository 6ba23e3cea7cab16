"""One signed chapter of a file's history, in words: who signed and who knows them, when, with what, from what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detector.provenance.digital_source_types import SourceKind, kind_of
from vetting.report.measured import listed, mapping, sentence
from vetting.report.steps import Run, runs_of
from vetting.report.unsigned import Statement, day_of, moment_words

MOST_CHAPTERS = 40
MOST_INGREDIENTS = 50
UNNAMED = "a signer without a name"
KNOWN = "Known to a trust list"
UNKNOWN = "On no trust list in force here. Such a name can be chosen freely."
LISTS = {
    "official": "On the official C2PA trust list",
    "interim": "On the interim list, signed before it was frozen",
    "built-in": "On the official C2PA trust list that the second reader has built in",
}
CLAIMS = {
    SourceKind.GENERATIVE: ("declared-generated", "Declares: made by an AI model"),
    SourceKind.COMPOSITE: ("declared-generated", "Declares: AI was used on a part"),
    SourceKind.CAPTURE: ("camera", "Claims: a camera’s capture"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient:
    """What the signer says that the picture was made from. picture: place among the history's uris."""

    title: str
    words: str
    has_credentials: bool
    picture: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a signed step declares of the picture's origin. shape: the drawing beside it."""

    shape: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A check that failed when the next signer took this in. words: "" where the code is not known."""

    code: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """number: from 1, oldest first. part: of an element or input only. known: whether a list knows the signer.

    statements: what also stands in the file, unsigned, where the bytes are still those of this signature.
    """

    number: int
    part: bool
    signer: str
    known: bool
    list_words: str
    tool: str
    when: str
    day: str
    time_words: str
    title: str
    picture: int | None
    runs: tuple[Run, ...]
    claims: tuple[Claim, ...]
    ingredients: tuple[Ingredient, ...]
    doubts: tuple[Doubt, ...]
    gap: str
    gap_after: str
    statements: tuple[Statement, ...] = ()
    kind: str = "signed"


def chapters_of(
    credentials: Mapping[str, Any], uris: Sequence[str], code_words: Mapping[str, str]
) -> tuple[Chapter, ...]:
    """Oldest first. An examination before chapters were told apart has one, with all its steps."""
    told = [mapping(raw) for raw in listed(credentials.get("chapters"), 200)][-MOST_CHAPTERS:]
    if not told:
        told = [_flat(credentials)]
    places = {uri: place for place, uri in enumerate(uris)}
    last = len(told)
    return tuple(
        _chapter(raw, number, credentials if number == last else {}, places, code_words)
        for number, raw in enumerate(told, start=1)
    )


def _flat(credentials: Mapping[str, Any]) -> dict[str, Any]:
    trusted = credentials.get("state") in {"trusted", "partly-trusted"}
    known = bool(credentials.get("signer_list")) or trusted
    taken_over = {name: credentials.get(name) for name in ("signer", "generator", "signed_at")}
    return {**taken_over, "known": known, "steps": credentials.get("history")}


def _chapter(
    raw: Mapping[str, Any],
    number: int,
    active: Mapping[str, Any],
    places: Mapping[str, int],
    code_words: Mapping[str, str],
) -> Chapter:
    """active: the credentials as a whole, for the chapter that signed the file itself."""
    known, when = raw.get("known") is True, sentence(raw.get("signed_at"))
    ingredients = map(mapping, listed(raw.get("ingredients"), MOST_INGREDIENTS))
    return Chapter(
        number=number,
        part=raw.get("part") is True,
        signer=sentence(raw.get("signer")) or UNNAMED,
        known=known,
        list_words=LISTS.get(str(active.get("signer_list")), KNOWN if known else UNKNOWN),
        tool=_program(sentence(raw.get("generator"))),
        when=moment_words(when),
        day=day_of(when),
        time_words=_time_words(when, mapping(active.get("timestamp"))),
        title=sentence(raw.get("title")),
        picture=_picture(raw, places),
        runs=runs_of(raw.get("steps")),
        claims=_claims(raw.get("steps")),
        ingredients=tuple(_ingredient(one, places) for one in ingredients),
        doubts=tuple(Doubt(code=code, words=code_words.get(code, "")) for code in _codes(raw.get("doubts"))),
        gap=sentence(raw.get("gap")),
        gap_after=sentence(raw.get("gap_after")),
    )


def _time_words(when: str, stamp: Mapping[str, Any]) -> str:
    if not when:
        return "No time is signed"
    if not stamp:
        return ""
    authority = sentence(stamp.get("authority")) or "an authority without a name"
    return f"time from {authority}, {'which is on a list' if stamp.get('trusted') is True else 'which is on no list'}"


def _program(generator: str) -> str:
    """ "Adobe_Photoshop/24.2.0 (build …) c2pa-rs/0.16" -> "Adobe Photoshop 24.2.0"."""
    first = generator.split(" (")[0].replace("_", " ").replace("/", " ").strip()
    return first if len(first) <= 80 else first[:79] + "…"


def _picture(holder: Mapping[str, Any], places: Mapping[str, int]) -> int | None:
    uri = mapping(holder.get("thumbnail")).get("uri")
    return places.get(uri) if isinstance(uri, str) else None


def _claims(steps: Any) -> tuple[Claim, ...]:
    terms = (mapping(step).get("source_type") for step in listed(steps, 500))
    kinds = dict.fromkeys(kind_of(term) for term in terms if isinstance(term, str))
    return tuple(Claim(shape=CLAIMS[kind][0], words=CLAIMS[kind][1]) for kind in kinds if kind in CLAIMS)


def _ingredient(raw: Mapping[str, Any], places: Mapping[str, int]) -> Ingredient:
    return Ingredient(
        title=sentence(raw.get("title")),
        words=sentence(raw.get("words")) or "something that it was made from",
        has_credentials=raw.get("has_credentials") is True,
        picture=_picture(raw, places),
    )


def _codes(raw: Any) -> list[str]:
    return [told for code in listed(raw, 50) if (told := sentence(code))]
