"""What is stored about a candidate, in plain words: a line a kind of thing, with how many there are and what for."""

from __future__ import annotations

from dataclasses import dataclass

from vetting.keeping.erasing import HANGS_ON
from vetting.models import Applicant


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """what: of which kind. held: which, or how many. why: a sentence."""

    what: str
    held: str
    why: str


# Word of HANGS_ON -> what a candidate calls it, and why it is there; the others are parts of these.
KINDS = {
    "photos": ("Your photos, as you or the team sent them", "So that what was said of them can be checked."),
    "analyses": ("What the checks noted about your photos", "A hint for the people who look at them."),
    "picture_hashes": ("Short codes of what each photo shows", "To notice the same picture under another name."),
    "disclosures": ("What you said of your photos", "It counts in your favour."),
    "consents": ("What you agreed to, and what you did not", "So that nothing is done that you did not agree to."),
    "replies": ("Questions to you, and your answers", "So that you are heard before anybody decides."),
    "comparisons": ("Comparisons of a photo with its original", "To see what was changed in it."),
    "booth_checks": ("Pictures taken of you at a meeting", "To see whether the photo shows you as you are."),
    "decisions": ("What was decided, with the reason", "A decision about you must be explained."),
    "first_looks": (
        "What people saw in your photo before the checks spoke",
        "So that nobody follows a machine blindly.",
    ),
    "notes": ("Notes of the team about you", "What they tell one another."),
    "links": ("The links to this page", "So that only you can open it."),
    "data_requests": ("What you asked for on this page", "So that it is done in time."),
}


def summary_of(applicant: Applicant) -> list[Line]:
    """Name first, then what there is."""
    known = [applicant.name, applicant.email, applicant.reference]
    lines = [
        Line(
            what="Your name"
            + (", e-mail address" if applicant.email else "")
            + (", the team’s reference" if applicant.reference else ""),
            held=", ".join(word for word in known if word),
            why="To know whose photos they are.",
        )
    ]
    for word, (what, why) in KINDS.items():
        model, way = HANGS_ON[word]
        if count := model._default_manager.filter(**{way: applicant}).count():
            lines.append(Line(what=what, held=str(count), why=why))
    return lines
