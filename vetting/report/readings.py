"""Two independent readings of the same credentials side by side, and every single check of them in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from detector.provenance.validation_codes import CODE_WORDS
from vetting.report.measured import listed, mapping, sentence

FIRST = "c2pa-rs"
MOST_CHECKS = 300
NO_READING = {"none", "remote"}
INTACT = {True: "Yes", False: "No", None: "It cannot tell"}
BEFORE = "This examination was made before there was a second reader. Examine again to have two readings."
UNREADABLE = "The second reader could not read these credentials."
AGREE = "Both say the same of the bytes and of the signer. They share no code, so that counts for more than one alone."
ABOUT = {"file": "This file", "history": "An earlier step"}
ASSURANCE = (
    "Assurance level {level} of 2 "
    "(as the C2PA conformance programme rates how well the signing product protects its key)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """passed: None for what a check reports without judging. words: "" where the code is not known."""

    code: str
    words: str
    passed: bool
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one reader found. failed: codes with their words."""

    reader: str
    intact: str
    knows_signer: str
    failed: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """readers: both, or the first alone. agree: None where there is only one. sentence: what to make of them."""

    readers: tuple[Reading, ...]
    agree: bool | None
    sentence: str
    checks: tuple[Check, ...]

    @property
    def failed(self) -> int:
        return sum(not check.passed for check in self.checks)


def readings_of(credentials: Mapping[str, Any]) -> Readings | None:
    """Out of a `credentials` object; None where there was nothing to read."""
    state = credentials.get("state")
    if not state or state in NO_READING:
        return None
    first, second = _first(credentials), mapping(credentials.get("second_reader"))
    if not second:
        words = UNREADABLE if "second_reader" in credentials else BEFORE
        return Readings(readers=(first,), agree=None, sentence=words, checks=checks_of(credentials))
    other = _second(second)
    differ = list(_differences(first, other, credentials))
    return Readings(
        readers=(first, other),
        agree=not differ,
        sentence=f"The two readers differ on {' and on '.join(differ)}." if differ else AGREE,
        checks=checks_of(credentials),
    )


def checks_of(credentials: Mapping[str, Any]) -> tuple[Check, ...]:
    """Failed first. An early examination kept only the codes that failed."""
    told = [mapping(raw) for raw in listed(credentials.get("checks"), MOST_CHECKS)]
    checks = [
        Check(
            code=sentence(raw.get("code")),
            words=sentence(raw.get("words")),
            passed=raw.get("passed") is True,
            about=ABOUT.get(str(raw.get("about")), ABOUT["file"]),
        )
        for raw in told
        if sentence(raw.get("code"))
    ]
    return tuple(sorted(checks or _failed(credentials.get("codes")), key=lambda check: check.passed))


def assurance_words(credentials: Mapping[str, Any]) -> str:
    level = credentials.get("assurance")
    return ASSURANCE.format(level=level) if level in {1, 2} else ""


def _first(credentials: Mapping[str, Any]) -> Reading:
    on = credentials.get("signer_list")
    known = f"Yes, by the {on} list" if on in {"official", "interim"} else "No"
    return Reading(
        reader=FIRST,
        intact=INTACT[_told(credentials.get("intact"))],
        knows_signer=known,
        failed=_failed(credentials.get("codes")),
    )


def _second(second: Mapping[str, Any]) -> Reading:
    built_in = sentence(second.get("built_in_lists"))
    whose = f"its built-in lists of {built_in}" if built_in else "the lists in force here"
    return Reading(
        reader=sentence(second.get("reader")) or "The second reader",
        intact=INTACT[_told(second.get("intact"))],
        knows_signer=f"{'Yes' if second.get('knows_signer') is True else 'No'}, by {whose}",
        failed=_failed(second.get("codes")),
    )


def _differences(first: Reading, second: Reading, credentials: Mapping[str, Any]) -> Iterator[str]:
    if first.intact != second.intact:
        yield "whether the bytes are as they were signed"
    if first.knows_signer.startswith("Yes") != second.knows_signer.startswith("Yes"):
        other_lists = credentials.get("signer_list") in {"built-in", "interim"}
        yield "whether the signer is known" + (", as they know different lists" if other_lists else "")


def _failed(raw: Any) -> tuple[Check, ...]:
    codes = [told for code in listed(raw, MOST_CHECKS) if (told := sentence(code))]
    return tuple(Check(code=code, words=CODE_WORDS.get(code, ""), passed=False, about="This file") for code in codes)


def _told(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
