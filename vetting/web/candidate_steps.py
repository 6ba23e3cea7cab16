"""The steps of a candidate's page, each with where it stands; a step that another part brings is there if that is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format

from vetting.candidate.consents import covers, newest_consents
from vetting.candidate.disclosing import newest_disclosures
from vetting.candidate.links import key_of
from vetting.candidate.notices import notice_for
from vetting.models import CandidateLink, Consent, Notice, Reply

DONE, TO_DO, OPEN, LATER = "done", "to-do", "open", "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One card. state: done, to-do, open (may be done, need not) or later; words: the same for people."""

    address: str
    title: str
    sentence: str
    state: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the candidate has done, read at once."""

    notice: Notice
    consents: dict[str, Consent]
    photos: int
    disclosed: int
    reply: Reply | None

    @property
    def agreed(self) -> bool:
        return covers(self.consents.get(Consent.Kind.PHOTOS), self.notice)


def standing_of(link: CandidateLink) -> Standing:
    photos = list(link.applicant.photos.all())
    return Standing(
        notice=notice_for(link.applicant.opening),
        consents=dict(newest_consents(link.applicant)),
        photos=len(photos),
        disclosed=len(newest_disclosures(photos)),
        reply=Reply.objects.filter(applicant=link.applicant, closed_at=None).first(),
    )


def steps_of(link: CandidateLink) -> list[Step]:
    return list(_steps(link, standing_of(link)))


def _steps(link: CandidateLink, now: Standing) -> Iterator[Step]:
    key, team = key_of(link), link.applicant.opening.team
    if now.reply and (address := _address("candidate-reply", key)):
        yield _reply(address, now.reply)
    yield _notice(reverse("candidate-notice", args=[key]), now)
    yield _photos(reverse("candidate-photos", args=[key]), now)
    yield _disclosures(reverse("candidate-photos", args=[key]), now)
    if team.asks_groups and (address := _address("candidate-groups", key)):
        yield Step(
            address=address,
            title="A question about groups",
            sentence="If you like, help to check that everybody is treated alike; it is shown in counts alone.",
            state=OPEN,
            words="As you like",
        )
    if address := _address("candidate-data", key):
        yield Step(
            address=address,
            title="Your data",
            sentence="Get a copy of everything that is stored about you, or have it deleted.",
            state=OPEN,
            words="At any time",
        )


def _address(name: str, key: str) -> str:
    try:
        return reverse(name, args=[key])
    except NoReverseMatch:
        return ""


def _notice(address: str, now: Standing) -> Step:
    consent = now.consents.get(Consent.Kind.PHOTOS)
    if now.agreed and consent:
        state, words = DONE, f"You agreed on {day(consent.at)}"
    elif consent and consent.given:
        state, words = TO_DO, "The wording has changed; please read it again"
    elif consent:
        state, words = TO_DO, f"You withdrew your consent on {day(consent.at)}"
    else:
        state, words = TO_DO, "To do"
    return Step(
        address=address,
        title="Read what you are told",
        sentence="Who asks, what is done with your photo, and what never is; then say whether you agree.",
        state=state,
        words=words,
    )


def _photos(address: str, now: Standing) -> Step:
    many = f"{now.photos} photo{'' if now.photos == 1 else 's'} here"
    if now.photos:
        state, words = DONE, many
    else:
        state, words = (TO_DO, "To do") if now.agreed else (LATER, "After you have agreed")
    return Step(
        address=address,
        title="Send your photos",
        sentence="Best is the file as the camera or phone made it.",
        state=state,
        words=words,
    )


def _disclosures(address: str, now: Standing) -> Step:
    if not now.photos:
        state, words = LATER, "Once there is a photo"
    else:
        state = DONE if now.disclosed == now.photos else OPEN
        words = f"Said for {now.disclosed} of {now.photos}"
    return Step(
        address=f"{address}#yours",
        title="Say how each photo was made",
        sentence="Was it retouched, or made with AI? Saying so counts in your favour.",
        state=state,
        words=words,
    )


def _reply(address: str, reply: Reply) -> Step:
    if reply.answered_at:
        state, words = DONE, f"You answered on {day(reply.answered_at)}"
    else:
        state, words = TO_DO, f"Until {day(reply.due_at)}" if reply.due_at else "Waits for you"
    return Step(
        address=address,
        title="Your answer",
        sentence="There are questions about a photo: see what they are, explain, or send the original.",
        state=state,
        words=words,
    )


def day(moment: dt.datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y")
