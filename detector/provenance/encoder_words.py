"""The words for an encoder's history: observations, the steps for the page, the note. All neutral, all weak."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from detector.observation import Bearing, Observation, Strength
from detector.provenance.earlier_saves import EarlierSave
from detector.provenance.enlargement import Enlarged
from detector.provenance.jpeg_structure import JpegStructure
from detector.provenance.known_encoders import Identity

ORDINARY = "Nearly every picture that was ever sent or published was saved in such a way: this is ordinary."
NOT_MADE = "It says nothing about how the picture came to be."
IN_BETWEEN = "Sites, chats and editors save a picture anew each time it passes through them."
CROPPED = "Cutting a photo to a portrait does this, and so does placing it in a layout: this is ordinary."
GROWN = (
    "Sites and editors enlarge pictures to fill a frame: this is ordinary. Straightening and digital zoom leave the "
    "same trace, and a few reductions do."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What was found out. format: the portrait's. maker: of a camera that the EXIF fields name with an exposure.

    comb_readable: whether this kind of file keeps the traces of an older JPEG. pixels: whether they could be looked at;
    the parts that need them are None otherwise.
    """

    format: str
    structure: JpegStructure | None
    identity: Identity | None
    maker: str
    comb_readable: bool
    pixels: bool
    earlier: EarlierSave | None = None
    enlarged: Enlarged | None = None

    @property
    def saved_by(self) -> str:
        """Who saved it, in words that follow "saved by"."""
        if self.identity:
            return self.identity.words
        return f"a program that writes {self.format} files"

    @property
    def after_camera(self) -> bool:
        """Whether a camera is named, and the file is not laid out as a camera does."""
        family = self.identity.encoder.family if self.identity else ""
        return bool(self.maker and family) and family not in {"camera", "exif-layout"}


def observe(history: History) -> Iterator[Observation]:
    """Who saved it, where it passed through, what it was before; at most one observation for each code."""
    identity = history.identity
    family = identity.encoder.family if identity else ""
    if history.after_camera:
        yield _weak(
            "saved_after_camera",
            f"The file names a camera of {history.maker}, and was saved again after it, by {history.saved_by}.",
            f"{ORDINARY} A few phones lay out their files in that way themselves.",
        )
    elif family == "camera" and identity and history.maker.casefold() in identity.words.casefold():
        yield _weak(
            "camera_tables",
            f"The file is laid out, and its tables are, as in files straight from {identity.words}.",
            "A program can keep a camera's tables and layout. It counts neither for nor against the picture.",
        )
    elif identity and identity.encoder.named and family != "camera":
        yield _weak("saved_by", f"By its structure, the file was saved by {identity.words}.", f"{ORDINARY} {NOT_MADE}")
    if history.structure and history.structure.meta_mark:
        yield _weak(
            "site",
            "The file carries the mark that Facebook and Instagram write: it passed through there at some time.",
            "Programs hand this mark on, so it may be older than the last save. It does not say who made the picture.",
        )
    if history.earlier:
        yield _earlier(history, history.earlier)
    if history.enlarged:
        yield _weak(
            "enlarged",
            f"The pixels recur as in a resized picture, most likely one {_factors(history.enlarged)}.",
            GROWN,
        )


def _earlier(history: History, earlier: EarlierSave) -> Observation:
    at = _quality(earlier)
    if earlier.shifted:
        return _weak("cropped_after_jpeg", f"The picture was a JPEG before{at}, and was then {_cut(earlier)}.", CROPPED)
    if history.structure:
        return _weak(
            "saved_twice",
            f"The picture was a JPEG before it was saved this time{at}: it was saved at least twice.",
            f"{IN_BETWEEN} This is ordinary.",
        )
    return _weak(
        "was_jpeg",
        f"The pixels of this {history.format} file came out of a JPEG{at}: it is a converted copy.",
        f"{IN_BETWEEN} Screenshots and downloads are often stored anew in another format. This is ordinary.",
    )


def _weak(code: str, summary: str, caveat: str) -> Observation:
    return Observation(
        code=f"encoder_history.{code}",
        bearing=Bearing.NEUTRAL,
        strength=Strength.WEAK,
        summary=summary,
        caveat=caveat,
    )


def _quality(earlier: EarlierSave) -> str:
    if earlier.quality is None:
        return ""
    least, most = earlier.quality
    return f", at about quality {most}" if most - least < 3 else f", at a quality of about {least} to {most}"


def _cut(earlier: EarlierSave) -> str:
    """In which the numbers are those of the grid, not of what was cut off: whole blocks may have gone, too."""
    return f"cropped or moved (its blocks begin {earlier.right} pixels right of the corner and {earlier.down} below it)"


def _factors(grown: Enlarged) -> str:
    return "enlarged by a factor of " + " or ".join(f"{factor:g}" for factor in grown.factors)


def unseen(history: History) -> str:
    if not history.pixels:
        return f"Saved by {history.saved_by}. The pixels could not be decoded, so only the structure was looked at."
    if not history.comb_readable:
        return (
            f"Saved by {history.saved_by}. This kind of file covers the traces of an older JPEG; no trace of an "
            "enlargement was seen. This says nothing either way."
        )
    return (
        f"Saved by {history.saved_by}. No trace of an older JPEG, a crop or an enlargement was seen; most leave none: "
        "this says nothing either way."
    )


def steps(history: History) -> Iterator[dict[str, str]]:
    if history.after_camera:
        yield {"kind": "saved-before", "words": f"saved by a camera of {history.maker}, as its EXIF fields say"}
    if history.enlarged:  # before an older save that is still seen: enlarging would have wiped its blocks out
        yield {"kind": "enlarged", "words": f"resized, most likely {_factors(history.enlarged)}"}
    if history.earlier:
        yield {"kind": "saved-before", "words": f"saved as a JPEG{_quality(history.earlier)}"}
        if history.earlier.shifted:
            yield {"kind": "cropped", "words": _cut(history.earlier)}
    yield {"kind": "saved", "words": f"saved by {history.saved_by}"}
