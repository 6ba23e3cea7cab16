"""A model pack's card: what the model is, whose, under which licence, what it is fed and what its answer means."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SLUG = re.compile(r"[a-z][a-z0-9_]{1,39}")
SHA256 = re.compile(r"[0-9a-f]{64}")
LONGEST = 200  # characters of a text: it stands on one line of a page
SIDES = (8, 2048)  # pixels
MANY = 100_000  # values of an answer
HUGE = 1e9  # no number of a card comes near it; NaN is not below it either


class Fed(StrEnum):
    """The part of a photo that the model gets: the head, cut out upright with a margin, or the whole picture."""

    HEAD = "head"
    PICTURE = "picture"


class Meaning(StrEnum):
    """What the model's answer says."""

    GENERATED_PROBABILITY = "generated-probability"
    GENERATED_LOGIT = "generated-logit"
    REAL_PROBABILITY = "real-probability"
    REAL_LOGIT = "real-logit"
    CLASS_LOGITS = "class-logits"


class CardError(Exception):
    """The card cannot be used; problems: one sentence each, for the operator."""

    def __init__(self, problems: Collection[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """name: short and stable, as the detector's name goes on. size: width and height of the model's input in pixels.

    A channel is fed as (pixel * scale - mean) / std; mean and std stand in the order of `channels` ("rgb" or "bgr").
    values: how many numbers the model answers with. index: which of them counts; under `class-logits` the generated
    class. output: the name of the answer where the model has several, "" for its only one.
    """

    name: str
    version: int
    title: str
    licence: str
    source: str
    sha256: str
    fed: Fed
    size: tuple[int, int]
    channels: str
    scale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]
    meaning: Meaning
    values: int
    index: int
    output: str


def read_card(data: bytes) -> Card:
    """The card of a JSON file. Raises CardError with everything that is wrong with it."""
    try:
        loaded = json.loads(data)
    except ValueError:
        raise CardError(["The card is not JSON."]) from None
    if not isinstance(loaded, dict):
        raise CardError(["The card is not a JSON object."])
    problems: list[str] = []
    card = _card(_Part(loaded, "The card", problems))
    if problems:
        raise CardError(problems)
    return card


def _card(whole: _Part) -> Card:
    fed, output = whole.part("input"), whole.part("output")
    values = output.integer("values", 1, MANY, default=1)
    meaning = Meaning(output.choice("meaning", list(Meaning)))
    if meaning is Meaning.CLASS_LOGITS and values < 2:
        output.problems.append("Class logits need two values or more: say how many under “values” of the output.")
    card = Card(
        name=whole.matching("name", SLUG, "2 to 40 lower-case letters, digits and underscores, a letter first"),
        version=whole.integer("version", 1, 9999, default=1),
        title=whole.text("title"),
        licence=whole.text("licence"),
        source=whole.text("source"),
        sha256=whole.matching("sha256", SHA256, "64 hexadecimal digits, in lower case"),
        fed=Fed(fed.choice("fed", list(Fed))),
        size=fed.size(),
        channels=fed.choice("channels", ["rgb", "bgr"], default="rgb"),
        scale=fed.number("scale", default=1 / 255),
        mean=fed.numbers("mean", (0.0, 0.0, 0.0)),
        std=fed.numbers("std", (1.0, 1.0, 1.0), positive=True),
        meaning=meaning,
        values=values,
        index=output.integer("index", 0, values - 1, default=0 if values == 1 else None),
        output=output.text("name", default=""),
    )
    for part in (whole, fed, output):
        part.refuse_the_rest()
    return card


class _Part:
    """One object of the card: takes its values one by one and writes down what is wrong with them."""

    def __init__(self, given: Mapping[str, Any], where: str, problems: list[str]) -> None:
        self.given, self.where, self.problems = dict(given), where, problems

    def part(self, key: str) -> _Part:
        value = self.given.pop(key, None)
        if not isinstance(value, dict):
            self.problems.append(f"{self.where} lacks the object “{key}”.")
            return _Part({}, f"The {key} of the card", [])  # what it lacks besides goes without saying
        return _Part(value, f"The {key} of the card", self.problems)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.given.pop(key, default)
        if value is None:
            self.problems.append(f"{self.where} lacks “{key}”.")
        elif not isinstance(value, str) or (value != default and not _one_line(value)):
            self.problems.append(f"{self.where} needs a text on one line, at most {LONGEST} characters, as “{key}”.")
        return value if isinstance(value, str) else ""

    def matching(self, key: str, pattern: re.Pattern[str], words: str) -> str:
        value = self.given.pop(key, None)
        if value is None:
            self.problems.append(f"{self.where} lacks “{key}”.")
        elif not isinstance(value, str) or not pattern.fullmatch(value):
            self.problems.append(f"{self.where} needs {words} as “{key}”.")
        return str(value)

    def choice(self, key: str, choices: list[str], default: str | None = None) -> str:
        value = self.given.pop(key, default)
        if value not in choices:
            self.problems.append(f"{self.where} needs one of {', '.join(choices)} as “{key}”.")
            return choices[0]
        return str(value)

    def integer(self, key: str, least: int, most: int, default: int | None = None) -> int:
        value = self.given.pop(key, default)
        if not _whole(value) or not least <= value <= most:
            self.problems.append(f"{self.where} needs a whole number from {least} to {most} as “{key}”.")
            return least
        return int(value)

    def number(self, key: str, default: float) -> float:
        value = self.given.pop(key, default)
        if not _finite(value) or value <= 0:
            self.problems.append(f"{self.where} needs a number above 0 as “{key}”.")
            return default
        return float(value)

    def numbers(self, key: str, default: tuple[float, ...], *, positive: bool = False) -> tuple[float, ...]:
        value = self.given.pop(key, default)
        fits = isinstance(value, list | tuple) and len(value) == 3 and all(map(_finite, value))
        if not fits or (positive and min(value) <= 0):
            kind = "three numbers above 0" if positive else "three numbers"
            self.problems.append(f"{self.where} needs {kind} as “{key}”, one a channel.")
            return default
        return tuple(float(one) for one in value)

    def size(self) -> tuple[int, int]:
        value, (least, most) = self.given.pop("size", None), SIDES
        fits = isinstance(value, list) and len(value) == 2 and all(map(_whole, value))
        if not fits or not least <= min(value) <= max(value) <= most:
            self.problems.append(f"{self.where} needs width and height, {least} to {most} pixels each, as “size”.")
            return least, least
        return int(value[0]), int(value[1])

    def refuse_the_rest(self) -> None:
        self.problems += [f"{self.where} has “{key}”, which means nothing here." for key in sorted(self.given)]


def _one_line(text: str) -> bool:
    return bool(text.strip()) and text.isprintable() and len(text) <= LONGEST


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < HUGE
