"""Text that the fonts at hand can draw; the rest as Unicode numbers, so that nothing is lost or guessed."""

from __future__ import annotations

import itertools
import json
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import typst

# Marks that turn the reading direction of what follows: a file name can hide its ending behind one.
TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LATIN_END = "\u0250"  # Latin-1, Latin Extended A and B: in every text font of Typst's package
PUNCTUATION = frozenset("–—‘’“”„…·•×−≤≥")
PROBE = b'#set document(title: "probe")\n#json(bytes(sys.inputs.text))'


def without_hidden(text: str) -> str:
    """Control characters and turning marks as numbers; line breaks and tabs stay."""
    return numbered(text, lambda c: c in TURNS or (unicodedata.category(c) in {"Cc", "Cs", "Cn"} and c not in "\n\t\r"))


def drawable(text: str) -> str:
    """Also as numbers: each character that no font of this installation has."""
    plain = without_hidden(text)
    unknown = _undrawable(frozenset(c for c in plain if c >= "\u0080"))
    return numbered(plain, unknown.__contains__)


def only_latin(text: str) -> str:
    """Also as numbers: everything but Latin letters and common punctuation; for clusters that no single font has."""
    return numbered(without_hidden(text), lambda c: c >= LATIN_END and c not in PUNCTUATION)


def numbered(text: str, hidden: Callable[[str], bool]) -> str:
    """Each run of hidden characters as "[U+674E U+5C0F]"."""
    runs = ((shown_as_number, list(run)) for shown_as_number, run in itertools.groupby(text, hidden))
    return "".join(
        "[" + " ".join(f"U+{ord(c):04X}" for c in run) + "]" if shown_as_number else "".join(run)
        for shown_as_number, run in runs
    )


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """Those inside the Typst package, and behind them those of the system, for scripts that the first lack."""
    return typst.Fonts()


def _undrawable(characters: frozenset[str]) -> frozenset[str]:
    """By halves: most sets are drawable as a whole, and a script that is missing is missing altogether."""
    return frozenset(_search("".join(sorted(characters))))


def _search(characters: str) -> set[str]:
    if not characters or _draws(characters):
        return set()
    if len(characters) == 1:
        return {characters}
    middle = len(characters) // 2
    return _search(characters[:middle]) | _search(characters[middle:])


@lru_cache(maxsize=4096)
def _draws(characters: str) -> bool:
    """Whether PDF/UA accepts the characters, each standing alone; takes about 2 ms."""
    text = json.dumps(" ".join(characters))
    try:
        typst.compile(PROBE, sys_inputs={"text": text}, font_paths=fonts(), pdf_standards=["ua-1"])
    except typst.TypstError:
        return False
    return True
