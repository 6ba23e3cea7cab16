"""The sentences of the notice. Plain words: whoever reads them has come to be cast or hired, not to study law.

Every sentence is true of the program as it is, under the settings it is given; what is only a promise of the team's is
said to be the team's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from vetting.models import Opening, Team


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    title: str
    paragraphs: tuple[str, ...]


def sections(opening: Opening) -> Iterator[Section]:
    """The whole notice, in the order in which it is read."""
    team = opening.team
    yield Section(title="Who asks you", paragraphs=_who(opening, team))
    yield Section(title="What your photo is needed for", paragraphs=_why(opening, team))
    yield Section(title="What is looked at, and how", paragraphs=_what(team))
    yield Section(title="Who decides", paragraphs=_decides(opening, team))
    yield Section(title="Retouching", paragraphs=_retouching(opening))
    yield Section(title="What is never done", paragraphs=_never(team))
    yield Section(title="If you meet in person", paragraphs=_meeting(team))
    if team.likeness:
        yield Section(title="The likeness score", paragraphs=_likeness())
    if team.asks_groups:
        yield Section(title="A question about groups", paragraphs=_groups(team))
    yield Section(title="Who sees it", paragraphs=_seen_by(team))
    yield Section(title="How long it is kept", paragraphs=_kept(opening, team))
    yield Section(title="What you can do", paragraphs=_rights(opening, team))


def days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _who(opening: Opening, team: Team) -> tuple[str, ...]:
    contact = " ".join(team.contact.split())
    return (
        f"{team} asks you for a photo, for “{opening}”, and answers for what is done with it.",
        f"To reach them: {contact}"
        if contact
        else f"{team} has not written down an address here. Ask whoever sent you the link.",
    )


def _why(opening: Opening, team: Team) -> tuple[str, ...]:
    reason = " ".join(opening.photo_reason.split())
    if reason:
        return (f"{team} says: {reason}",)
    return (f"{team} has not written down a reason. You may ask for one before you send a photo.",)


def _what(team: Team) -> tuple[str, ...]:
    return (
        "Programs look for signs of how the picture came about: whether a camera took it, whether it was retouched, "
        "whether an AI program made it.",
        "They read what the file says about itself, such as the camera, the date and the programs that saved it. They "
        "look at skin, hair, eyes, outlines and the background. They count patterns in the pixels that nobody can see.",
        f"They also notice when the same picture was sent to {team} before, under another name.",
        "These programs are sometimes wrong, in both directions. What they say is a hint for a person. It is never "
        "proof.",
    )


def _decides(opening: Opening, team: Team) -> tuple[str, ...]:
    told = [
        "No machine decides about you and none turns anybody down. A person looks at your photo and decides; the "
        "programs only point at places."
    ]
    if opening.deciders == Opening.Deciders.REVIEWERS:
        told.append(f"Only people whom {team} has named as reviewers decide.")
    if opening.blind_first:
        told.append("They say what they see themselves before they are shown what the programs say.")
    if opening.second_review == Opening.SecondReview.ALWAYS:
        told.append("A second person confirms every decision before it counts.")
    elif opening.second_review == Opening.SecondReview.SET_ASIDE:
        told.append("Before anybody is set aside, a second person has to agree.")
    return tuple(told)


def _retouching(opening: Opening) -> tuple[str, ...]:
    if opening.retouching == Opening.Retouching.STRICT:
        first = "The photo should look like you as you walk in: retouching that changes you is not accepted here."
    else:
        first = "Ordinary retouching is fine here."
    return (
        first,
        "Whatever was done to a photo, you can say so beside it. Saying so counts in your favour: nobody has to guess.",
    )


def _never(team: Team) -> tuple[str, ...]:
    vector = "No face print is kept: no list of numbers by which a machine could recognise you."
    return (
        f"{vector} One is made for a moment only if you agree to the likeness score below."
        if team.likeness
        else f"{vector} None is made either.",
        "Nobody’s age, sex, race, feelings or looks are guessed or rated.",
        "No program is trained with your photos here.",
    )


def _meeting(team: Team) -> tuple[str, ...]:
    return (
        f"At a casting or an interview {team} may ask to take one picture of you and to lay it beside the photo that "
        "you sent. That is done only if you agree, and you can say no.",
        "What differs is written down in sentences that a person can check. A person says whether it fits.",
    )


def _likeness() -> tuple[str, ...]:
    return (
        "If you agree to it separately, a program also says how alike the two faces are: as one of a few words, with "
        "how often such a word is wrong. It is never a yes or a no, and for that moment it makes face prints of both "
        "pictures, which are thrown away at once.",
    )


def _groups(team: Team) -> tuple[str, ...]:
    return (
        "If you like, you can name your sex and your ethnic group, so that it can be checked whether the process "
        f"treats all groups alike. It is shown to nobody at {team}: it appears in counts alone, and never of a few.",
    )


def _seen_by(team: Team) -> tuple[str, ...]:
    return (
        f"Members of {team} see your photos, what was found, and what you write here. Whoever runs this site for them "
        "can reach what is stored on it. Nobody else is shown it here.",
        f"{team} can save a report about it for its own files.",
    )


def _kept(opening: Opening, team: Team) -> tuple[str, ...]:
    by_whom = "are deleted here" if settings.RETENTION_ENFORCED else f"are to be deleted here by {team}"
    return (
        f"For {days(opening.retention_days)} from the day on which {team} added you. Then your photos and everything "
        f"found or written about them {by_whom}. What stays is a number and the date, which do not say who you were.",
        "Only where a law or a dispute demands it can a person keep it longer, and has to write down why.",
    )


def _rights(opening: Opening, team: Team) -> tuple[str, ...]:
    return (
        "You can take back your consent at any time, as easily as you gave it. What was done until then stays as it "
        "was.",
        "You can have a copy of everything that is stored about you, and you can have it deleted, with a button on "
        "these pages.",
        f"If you are set aside or asked for the original, you have {days(opening.reply_days)} to answer, counted from "
        "the day you are told. You can explain, send the file as the camera made it, and ask that a second person "
        "looks.",
        f"Whether you agree is up to you. If you do not, ask {team} what other way there is.",
        "You can complain to the data protection authority where you live.",
    )
