"""Where the same picture stands under another name in the team's own openings: in words, for pages and reports alike.

It is no part of the verdict: two people may rightly have one picture, and one person may apply twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from detector.observation import Strength
from vetting.models import Applicant, Opening, Photo, Repeat
from vetting.report.plain import utc

BITS = 256
ASK = (
    "Twins in a group photo, shared portraits of a studio, or one person who applied twice under a married name look "
    "alike here: ask."
)
CROPPED = (
    f"{ASK} Only the part around the head was compared: a program may also have put other clothes or another "
    "background to it."
)
AGAIN = "An agent may have sent the same person twice, or the person applied to several openings: that is no fault."
BACKGROUND = (
    "Colleagues before one office wall, visitors of one studio and users of one program's backdrop share a background. "
    "It says nothing about either person."
)
NOT_IN_VERDICT = "The verdict is about how the picture was made; this does not change it."
NOT_COMPARED = (
    "This photo has not been compared with the team’s other photos yet: it was examined before that was possible. "
    "Examine it again to compare it."
)
NOTHING_FOUND = (
    "No other applicant of your team sent this picture: copies saved again, other crops and mirror images were looked "
    "for among the team’s photos."
)

# Kind -> what stands elsewhere, how firmly, and what the firmness rests on.
WHAT = {
    Repeat.Kind.SAME_FILE: "The very same file",
    Repeat.Kind.SAME_PICTURE: "The same picture, saved again,",
    Repeat.Kind.MIRRORED: "The same picture, mirrored,",
    Repeat.Kind.CROPPED: "The same picture, cropped otherwise,",
    Repeat.Kind.SAME_BACKGROUND: "The same background",
}
STRENGTH = {
    Repeat.Kind.SAME_FILE: Strength.CONCLUSIVE,
    Repeat.Kind.SAME_PICTURE: Strength.STRONG,
    Repeat.Kind.MIRRORED: Strength.STRONG,
    Repeat.Kind.CROPPED: Strength.STRONG,
    Repeat.Kind.SAME_BACKGROUND: Strength.WEAK,
}
CAVEATS = {Repeat.Kind.CROPPED: CROPPED, Repeat.Kind.SAME_BACKGROUND: BACKGROUND}
ORDER = list(WHAT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """One other applicant's photo. again: what makes it likely that this is the same applicant, "" where nothing."""

    other: Photo
    kind: str
    kind_words: str
    distance: int
    strength: str
    again: str
    caveat: str

    @property
    def applicant(self) -> Applicant:
        return self.other.applicant

    @property
    def opening(self) -> Opening:
        return self.other.applicant.opening

    @property
    def before(self) -> str:
        """The sentence up to the applicant's name."""
        if self.kind == Repeat.Kind.SAME_BACKGROUND:
            return "The same background stands behind"
        lead = f"The same applicant again? {self.kind_words}" if self.again else self.kind_words
        return f"{lead} also stands for"

    @property
    def means(self) -> str:
        """What the strength is about, in a few words."""
        return "Same place or backdrop" if self.kind == Repeat.Kind.SAME_BACKGROUND else "Same picture"

    @property
    def sentence(self) -> str:
        """All of it, for a report: a report about one person may be handed to that person, and names nobody else."""
        received = f"received {utc(self.other.uploaded_at)}"
        shared = f", with {self.again}" if self.again else ""
        return f"{self.before} applicant no. {self.applicant.pk} in “{self.opening}”{shared}, {received}."

    @property
    def sureness(self) -> str:
        """What the strength rests on, in words."""
        if self.kind == Repeat.Kind.SAME_FILE:
            return "The two files are equal byte for byte."
        part = {
            Repeat.Kind.SAME_PICTURE: "The hashes of the two pictures",
            Repeat.Kind.MIRRORED: "The hash of one and that of the other’s mirror image",
            Repeat.Kind.CROPPED: "The hashes of the part around the head",
            Repeat.Kind.SAME_BACKGROUND: "The hashes of what is beside the head",
        }[Repeat.Kind(self.kind)]
        return f"{part} differ in {self.distance} of {BITS} bits."


@dataclass(frozen=True, slots=True, kw_only=True)
class ElsewhereEvidence:
    """The same for a report: plain facts, the other applicant by number. rank: 1 for weak up to 4 for conclusive."""

    kind: str
    sentence: str
    strength: str
    rank: int
    sureness: str
    distance: int
    caveat: str
    photo: int
    applicant: int
    opening: int
    opening_title: str
    received_at: str


def elsewhere_evidence(photo: Photo, pairs: Iterable[Repeat]) -> tuple[ElsewhereEvidence, ...]:
    """Of one photo, out of the pairs of all photos of its applicant."""
    own = [pair for pair in pairs if photo.pk in (pair.photo_id, pair.of_id)]
    return tuple(
        ElsewhereEvidence(
            kind=one.kind,
            sentence=one.sentence,
            strength=one.strength,
            rank=Strength(one.strength).rank,
            sureness=one.sureness,
            distance=one.distance,
            caveat=one.caveat,
            photo=one.other.pk,
            applicant=one.applicant.pk,
            opening=one.opening.pk,
            opening_title=one.opening.title,
            received_at=utc(one.other.uploaded_at),
        )
        for one in elsewhere_of(photo, own)
    )


def elsewhere_of(photo: Photo, pairs: Iterable[Repeat], same_file: Sequence[Photo] = ()) -> tuple[Elsewhere, ...]:
    """Strongest and nearest first. photo: with its applicant. pairs: with both applicants and their openings.

    same_file: photos with the same bytes, for a photo that was not compared yet.
    """
    seen = {pair.other_than(photo).pk: (pair.other_than(photo), pair.kind, pair.distance) for pair in pairs}
    seen |= {other.pk: (other, Repeat.Kind.SAME_FILE.value, 0) for other in same_file}
    ordered = sorted(seen.values(), key=lambda one: (ORDER.index(Repeat.Kind(one[1])), one[2], one[0].pk))
    return tuple(_elsewhere(photo.applicant, other, Repeat.Kind(kind), distance) for other, kind, distance in ordered)


def _elsewhere(applicant: Applicant, other: Photo, kind: Repeat.Kind, distance: int) -> Elsewhere:
    background = kind == Repeat.Kind.SAME_BACKGROUND
    again = "" if background else _same_applicant(applicant, other.applicant)
    return Elsewhere(
        other=other,
        kind=kind.value,
        kind_words=WHAT[kind],
        distance=distance,
        strength=STRENGTH[kind].value,
        again=again,
        caveat=AGAIN if again else CAVEATS.get(kind, ASK),
    )


def _same_applicant(one: Applicant, other: Applicant) -> str:
    """What the two entries have in common, as a phrase; "" where nothing says that they are one person."""
    shared = {
        "the same e-mail address": (one.email, other.email),
        "the same reference": (one.reference, other.reference),
        "the same name": (one.name, other.name),
    }
    common = [words for words, (first, second) in shared.items() if first and _plain(first) == _plain(second)]
    return " and ".join(common)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
