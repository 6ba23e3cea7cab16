"""A person's name from the name of a photo's file: "eileen-collins_01.jpg" is one of Eileen Collins."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

# What cameras, phones and chats call a file, and what people add to a name. None of it is a name of somebody.
CAMERAS = re.compile(
    r"^(img|image|dsc[nf]?|dscf|pxl|mvimg|p|pict|photo|picture|foto|bild|scan|screenshot|whatsapp|signal|untitled|"
    r"unnamed|download|file|gopr|dji|sam|cimg|kakaotalk|line|fb|received|snapchat|headshot|portrait|selfie|avatar|"
    r"profile)$"
)
ADDITIONS = frozenset({"headshot", "portrait", "photo", "picture", "profile", "selfie", "copy", "final", "edited"})
SEPARATORS = re.compile(r"[\s_.+]+")
NUMBER = re.compile(r"^[(\[#]*\d+[)\]]*$")


def name_from(path: str, root: str = "") -> str:
    """The name in the file's name, or else in its folder's; "" where neither has one.

    root: the folder that everything lies in, which is called after nobody.
    """
    whole = PurePosixPath(unicodedata.normalize("NFC", path))
    return _name_in(whole.stem) or ("" if str(whole.parent) == root else _name_in(whole.parent.name))


def _name_in(text: str) -> str:
    words = _without_additions(SEPARATORS.split(text.strip(" ._-+")))
    if len(words) == 1:  # hyphens separate only where nothing else does: Anne-Marie stays one word
        words = _without_additions(words[0].split("-"))
    words = [word.strip("-") for word in words if word.strip("-")]
    if not words or CAMERAS.match(words[0].casefold()) or not any(letter.isalpha() for letter in "".join(words)):
        return ""
    return _in_order(_spelled(words))[:200]


def _without_additions(words: list[str]) -> list[str]:
    """Without numbers and words such as "headshot" at the end, and digits that stick to the last word."""
    kept = [word for word in words if word]
    while kept and (NUMBER.match(kept[-1]) or kept[-1].strip("-()").casefold() in ADDITIONS):
        kept.pop()
    if kept:
        kept[-1] = re.sub(r"(?<=[^\W\d])[-(]*\d+\)?$", "", kept[-1])
    return kept


def _spelled(words: list[str]) -> list[str]:
    """Capitals where the file has none, or nothing else; as it is where somebody took care (McDonald)."""
    text = "".join(words)
    if text != text.lower() and text != text.upper():
        return words
    return ["-".join(part[:1].upper() + part[1:].lower() for part in word.split("-")) for word in words]


def _in_order(words: list[str]) -> str:
    """ "Collins, Eileen" is Eileen Collins."""
    name = " ".join(words)
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() and last.strip() else name.strip(" ,")
