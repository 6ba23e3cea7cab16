"""What was seen, in words for the person in the picture: by the finding's code, without figures and without strength.

A detector's own sentence is for a reviewer; it may name a measure, a program of ours, or how firm it is. Here each code
has two sentences: what was seen, and what that cannot mean. A code that is not known here gets a general one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vetting.models import Finding

SPEAKS = ("generated", "retouched")  # bearings that a candidate is asked about


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing that was seen. innocent: what else it may be; it stands right beside it."""

    seen: str
    innocent: str


def _said(seen: str, innocent: str) -> Said:
    return Said(seen=seen, innocent=innocent)


FILTER = (
    "Make-up, soft light, a phone’s beauty filter and noise reduction do the same. It does not say that you changed "
    "anything."
)
NOTE = "Such a note is written by a program, sometimes for a small step such as enlarging a photo, and can be wrong."
PLAIN: dict[str, Said] = {
    "skin.smooth": _said("The skin shows less fine texture than skin usually does in photos like this one.", FILTER),
    "skin.no_noise": _said(
        "The skin lacks the fine grain that the rest of the photo has.",
        "A phone’s portrait mode, make-up and soft light do the same.",
    ),
    "skin.repeated": _said(
        "The same fine texture stands at more than one place of the skin, as if it had been copied.",
        "Beard hair, a patterned veil and a file that was made very small do the same.",
    ),
    "eyes.catchlights_differ": _said(
        "The small reflections of light in the two eyes differ.",
        "Lamps close to the face, lashes, tears and contact lenses do the same.",
    ),
    "eyes.pupil_shape": _said(
        "The edge of a pupil is uneven.",
        "Reflections, lashes and a file that was made small do the same, and not everybody’s pupils are round.",
    ),
    "eyes.iris_sizes": _said(
        "One iris is larger than the other.",
        "A lens held close to the face, a coloured contact lens, and the eyes of quite a few people do the same.",
    ),
    "eyes.gaze": _said(
        "The two eyes do not look at the same point.",
        "That is so for many people, always or when they are tired. It says nothing about the photo.",
    ),
    "hair.solid": _said(
        "The hair shows fewer single strands than hair usually does in photos like this one.",
        "Black hair in the shade, gel, noise reduction, a hat and a headscarf do the same.",
    ),
    "hair.merged": _said(
        "The edge of the hair runs softly into what is behind it.",
        "A phone’s portrait mode, a blurred background and frizzy hair in soft light do the same.",
    ),
    "hair.halo": _said(
        "There is a seam along the edge of the hair.",
        "Light from behind, sharpening and a background that was replaced do the same on real hair.",
    ),
    "background.bent_line": _said(
        "A straight edge in the background is bent where it passes you.",
        "It may be two edges that only look like one, or something that is truly bent.",
    ),
    "background.melted": _said(
        "The background has less detail right beside you than farther away.",
        "A phone’s portrait mode does this, and so does a wall that happens to be empty there.",
    ),
    "symmetry.earrings_differ": _said(
        "Something at one ear, perhaps an earring, has no counterpart at the other.",
        "Many people wear one earring, or two different ones; a gap in the hair looks the same.",
    ),
    "symmetry.glasses_fade": _said(
        "The rim of the glasses fades into the skin at one side.",
        "A reflection, a thin rim and light from one side do the same.",
    ),
    "network.generated": _said(
        "The finest pattern of the pixels is more like that of pictures from a computer program than of a camera’s.",
        "Nobody can see this by eye. It can be wrong, above all where filters were used or a file was made small.",
    ),
    "content_credentials.declared_generated": _said(
        "The file’s own record says that it was made with an AI program.",
        "The record is part of the file, and can come to stand on the wrong picture.",
    ),
    "content_credentials.declared_composite": _said(
        "The file’s own record says that AI was used on a part of the picture.",
        "It does not say on which part: it may be a tidied background.",
    ),
    "content_credentials.signed_retouching": _said(
        "The file’s own record says that parts of the picture were retouched.",
        "It does not say which parts, or how much. Many published portraits are retouched.",
    ),
    "metadata_marks.declared_generated": _said("A note in the file says that it was made with an AI program.", NOTE),
    "metadata_marks.declared_edited": _said(
        "A note in the file says that a part was changed with an AI program.",
        "Phones write such a note when somebody in the background is removed, too.",
    ),
    "metadata_marks.suspected_generated": _said(
        "A website put a note into the file that it may come from an AI program.",
        "That is the website’s guess or the uploader’s word, and such guesses are often wrong.",
    ),
    "metadata_marks.generator_software": _said("A note in the file names a program that makes pictures.", NOTE),
    "metadata_marks.retouched_spots": _said(
        "The file’s notes list spots that were retouched in a photo program.",
        "Removing dust or a blemish does the same; it is done to most studio portraits.",
    ),
    "generator_parameters.found": _said("The file holds the settings of a program that makes pictures.", NOTE),
    "generator_parameters.workflow": _said("The file holds the steps of a program that makes pictures.", NOTE),
    "generator_parameters.reworked": _said(
        "The file holds the settings of an AI program that was given another picture to begin with.",
        "It does not say how much was changed: enlarging a photo is done in the same way.",
    ),
    "generator_parameters.inpainted": _said(
        "The file holds the settings of an AI program that was used on a part of a picture.",
        "It does not say on which part: it may be the background.",
    ),
    "watermark.stable_diffusion": _said("The pixels carry the mark of a program that makes pictures.", NOTE),
    "watermark.flux": _said("The pixels carry the mark of a program that makes pictures.", NOTE),
}
UNKNOWN = {
    "generated": _said(
        "One of the checks saw something that is less usual in photos as a camera takes them.",
        "There are everyday reasons for that, which is why you are asked.",
    ),
    "retouched": _said(
        "One of the checks saw something that looks like a change to the photo.",
        "Filters, make-up and ordinary photo programs do that to many photos.",
    ),
}


def said_of(code: str, bearing: str) -> Said:
    """Every code that speaks for one of SPEAKS has words, known or not."""
    return PLAIN.get(code) or UNKNOWN.get(bearing, UNKNOWN["generated"])


def in_plain_words(findings: Iterable[Finding]) -> tuple[Said, ...]:
    """In the order of the findings, each sentence once. What speaks neither way, or for the photo, is not held against
    anybody and is left out."""
    speaking = (finding for finding in findings if finding.bearing in SPEAKS)
    return tuple(dict.fromkeys(said_of(finding.code, finding.bearing) for finding in speaking))


PARTS = {
    "skin": "the skin",
    "jaw-line": "the jaw line",
    "eyes": "the eyes",
    "hair": "the hair",
    "background": "the background",
    "clothes": "the clothes",
}
SAME = "Your file is the picture from which the first photo was made"


def compared_in_plain_words(result: dict[str, object]) -> str:
    """What the comparison of an original with the first photo says, without a figure."""
    relation = result.get("relation")
    if relation == "another-picture":
        return "Your file and the first photo are two different pictures. That is no fault; a person looks at both."
    if relation != "same-picture":
        return "It could not be told whether your file is the picture from which the first photo was made."
    changes = result.get("changes")
    found = [change.get("part") for change in changes if isinstance(change, dict)] if isinstance(changes, list) else []
    parts = list(dict.fromkeys(PARTS.get(str(part), "another part") for part in found))
    if not parts:
        return f"{SAME}; nothing else than its size or its file was changed."
    return f"{SAME}. Changed: {_listed(parts)}."


def _listed(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
