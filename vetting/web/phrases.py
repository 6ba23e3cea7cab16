"""Reasons that come up again and again, by choice: a number puts one into the field, where it can be edited."""

from __future__ import annotations

from vetting.models.decision import Choice

PHRASES: dict[Choice, tuple[str, ...]] = {
    Choice.ACCEPT: (
        "Nothing speaks against the photo.",
        "Known to us in person; the photo matches.",
        "Retouching within what this opening tolerates.",
        "What was found has an ordinary cause here: light, make-up or compression.",
    ),
    Choice.ASK_ORIGINAL: (
        "The file has lost its history; the original from the camera can settle it.",
        "What was found is not strong enough to decide on; the original can settle it.",
        "The photo was retouched; we ask for the picture before that.",
    ),
    Choice.ASK_TO_MEET: (
        "The photo does not settle it; a short call will.",
        "The person is wanted whatever the photo shows.",
    ),
    Choice.SET_ASIDE: (
        "The file itself declares that a program made the picture.",
        "The photo does not show what the opening asks for; another one was not sent.",
        "Asked for the original and got no answer.",
    ),
}
