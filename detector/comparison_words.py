"""What a comparison with an original found, in plain sentences: what differs, never why, and nothing that accuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from detector.signal.pair import Found

TOO_FEW = "One of the two pictures has too little detail to compare them."
DOUBTFUL = "The two pictures are alike, but differ too much in detail to say whether they are the same one."
ANOTHER = "This is not the same picture: the two do not fit onto each other."
OTHER_FACE = "This is not the same picture: the face does not fit, though other things do."
SAME_AS = "This is the same picture, {placed}. "
UNCHANGED = "No change was found in what can be compared."
NAMES = {
    "skin": "the skin",
    "jaw-line": "the jaw line",
    "eyes": "the eyes",
    "hair": "the hair",
    "background": "the background",
    "clothes": "the clothes",
}
_PLACES = {"background": "The background shows", "hair": "The hair shows", "clothes": "The clothes show"}
SENTENCES = {
    ("skin", "smoothed"): "The skin of the face was smoothed: its fine texture is at {kept:.0f} % of the original's.",
    ("jaw-line", "pushed"): (
        "The outline of the jaw was moved, by about {by:.0f} % of the distance between the eyes (give or take 2 %)."
    ),
    ("eyes", "lightened"): (
        "The eyes are lighter than in the original, by about {by:.0f} of 100 steps between black and white."
    ),
    **{(part, "other"): f"{words} something else than in the original." for part, words in _PLACES.items()},
    **{(part, "colour"): f"{words} other colours than in the original." for part, words in _PLACES.items()},
    **{(part, "blurred"): f"{words} less detail than in the original." for part, words in _PLACES.items()},
}


def _placed(facts: Mapping[str, Any]) -> str:
    """How the first photo lies in the original."""
    scale, turned, kept = facts["scale"], facts["rotation"], facts["kept"]
    words = [f"at {100 * scale:.0f} % of its size" if abs(scale - 1) > 0.01 else "at the same size"]
    words += [f"turned by {abs(turned):.1f} degrees"] if abs(turned) > 0.2 else []
    words += ["mirrored"] if facts["mirrored"] else []
    words += [f"cut to {100 * kept:.0f} % of it"] if kept < 0.98 else []
    return ", ".join(words)


def summary_of(facts: Mapping[str, Any], found: Sequence[Found]) -> str:
    """One sentence on how the first photo lies in the original (facts: scale, rotation, mirrored, kept), one on what
    was changed."""
    return SAME_AS.format(placed=_placed(facts)) + _changed(found)


def sentence_of(one: Found) -> str:
    return SENTENCES[one.part, one.kind].format(**one.facts)


def _changed(found: Sequence[Found]) -> str:
    if not found:
        return UNCHANGED
    *others, last = [NAMES[one.part] for one in found]
    return f"Changed: {', '.join(others) + ' and ' if others else ''}{last}."
