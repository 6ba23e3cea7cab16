"""The questions under the notice, one consent each: what it is about, what a yes and a no mean, what was answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vetting.candidate.consents import covers
from vetting.models import Consent, Notice, Team


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """answer: the newest row, if any; stale: it was given to another wording than the one on the page."""

    kind: Consent.Kind
    title: str
    about: str
    agree: str
    withdraw: str
    then: str
    answer: Consent | None
    stale: bool

    @property
    def given(self) -> bool:
        return self.answer is not None and self.answer.given


def questions_of(team: Team, notice: Notice | None, consents: Mapping[str, Consent]) -> list[Question]:
    return list(_questions(team, notice, consents))


def _questions(team: Team, notice: Notice | None, consents: Mapping[str, Consent]) -> Iterator[Question]:
    def answered(kind: Consent.Kind) -> tuple[Consent | None, bool]:
        answer = consents.get(kind)
        return answer, bool(answer and answer.given and notice and not covers(answer, notice))

    answer, stale = answered(Consent.Kind.PHOTOS)
    yield Question(
        kind=Consent.Kind.PHOTOS,
        title="Your photos",
        about=f"May {team} examine the photos you send, as described above?",
        agree="I have read this and agree",
        withdraw="Withdraw my consent",
        then="If you withdraw, no more photos of you are taken and none is examined again. Those that are here stay "
        "until you or the team delete them.",
        answer=answer,
        stale=stale,
    )
    answer, stale = answered(Consent.Kind.BOOTH)
    yield Question(
        kind=Consent.Kind.BOOTH,
        title="A picture at the meeting",
        about="If you meet: may a picture be taken and laid beside your photo? You can also decide when you are there.",
        agree="Yes, that is fine",
        withdraw="No, not any more",
        then="If you withdraw, no further picture is taken or compared.",
        answer=answer,
        stale=stale,
    )
    if team.likeness:
        answer, stale = answered(Consent.Kind.LIKENESS)
        yield Question(
            kind=Consent.Kind.LIKENESS,
            title="The likeness score",
            about="May a program also say how alike the two faces are? It is never a yes or a no by itself.",
            agree="Yes, that is fine",
            withdraw="No, not any more",
            then="If you withdraw, no such score is made any more.",
            answer=answer,
            stale=stale,
        )
