"""A crowd of fictitious applicants, drawn from a seed: the same number makes the same people, whenever it runs."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from vetting.models import Analysis, Applicant, Decision, Finding, Opening, Photo, User
from vetting.models.applicant import NOT_YET, VERDICT_RANK, Review
from vetting.models.decision import Choice

FIRST = """
Aisha Amélie Ana Anders André Ángel Anna Arjun Asta Beatriz Björn Camille Carmen Chiara Chloé Daniel David
Dmitri Eileen Elena Élodie Emma Emil Fatima Felix Fiona François Freya Grace Greta Hana Hugo Ines Ingrid
Isabel Ivan Jack Jana José Jules Kofi Lara Léa Leon Lina Lucía Łukasz Mai Marek Maria Mateo Maya Mia Miguel
Mohamed Nadia Nia Noah Olga Omar Oscar Paula Pedro Priya Rania Renée Rosa Sakura Samuel Sara Şirin Sofía Tomás
Uma Viktor Wanda Yara Zoë
""".split()  # noqa: SIM905 - read as a text
LAST = """
Abara Adeyemi Ahmed Almeida Åkesson Bakker Balogun Bauer Becker Bernard Bianchi Boateng Brandt Brown Castro
Çelik Chen Clarke Collins Costa Cruz Dahl Delgado Diallo Dubois Dvořák Eriksen Farkas Fernández Ferrari
Fischer Flores Fontaine Gallagher García Girard Gómez Grønberg Haddad Hansen Hoffmann Horvat Ibarra Ivanova
Jansen Jensen Johansson Kaur Kim Kováč Kowalski Krüger Laurent Lefèvre Lehmann Lima Lindqvist Lopes MacLeod
Marchetti Martin Mensah Meyer Moreau Müller Murphy Nagy Nakamura Navarro Ndiaye Nguyen Novák O’Brien Okafor
Oliveira Olsen Ortega Özdemir Papadakis Park Patel Pereira Petrov Popescu Quinn Ramírez Reyes Ricci Romano
Rossi Ruiz Sánchez Santos Sato Schäfer Schmidt Silva Singh Smirnova Smith Sørensen Sousa Suzuki Świątek Takács
Tanaka Thomas Torres Tran Underwood Vargas Vega Virtanen Vogel Walsh Wang Weber Weiß Wójcik Yamamoto Yilmaz
Young Zhang Zimmermann
""".split()  # noqa: SIM905 - read as a text
MIDDLE = ("Bede", "Cyprian", "Ione", "Leocadia", "Ottoline", "Peregrine", "Quillon", "Thelonius", "Xanthe")
MIDDLE_NAMED = 0.004  # of all; so that some names are rare

# Shares of 1000, of the kind that an agency sees: most photos show nothing. "" is an applicant without a photo.
VERDICTS = {
    "declared-generated": 15,
    "generated": 70,
    "retouched": 110,
    "inconclusive": 160,
    "unexamined": 15,
    "nothing-found": 540,
    "verified-capture": 50,
    "": 40,
}
REVIEWS = {
    Review.WAITING: 750,
    Review.SECOND: 10,
    Review.ACCEPTED: 170,
    Review.ORIGINAL_ASKED: 30,
    Review.TO_MEET: 20,
    Review.SET_ASIDE: 20,
}
CHOICES = {
    Review.SECOND: Choice.SET_ASIDE,
    Review.ACCEPTED: Choice.ACCEPT,
    Review.ORIGINAL_ASKED: Choice.ASK_ORIGINAL,
    Review.TO_MEET: Choice.ASK_TO_MEET,
    Review.SET_ASIDE: Choice.SET_ASIDE,
}
REASONS = {
    "declared-generated": "The file says of itself that a generator made it.",
    "generated": "The pixels carry traces of a generator throughout.",
    "retouched": "The skin is smoother than the sharpness around it allows.",
    "inconclusive": "The learned checks disagree.",
    "unexamined": "The picture is too small for the checks.",
}
LARGEST = 0.2  # of all applicants stand in the first opening
DAYS = 120  # that the crowd came in over


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """The rows of one applicant, not yet saved; the later ones point at the earlier ones."""

    applicant: Applicant
    photo: Photo | None = None
    analysis: Analysis | None = None
    finding: Finding | None = None
    decision: Decision | None = None


def member(number: int, openings: list[Opening], by: User, reviewer: User) -> Member:
    """The applicant of that number; drawn from the number alone, so that no run depends on the one before."""
    chance = random.Random(number)  # noqa: S311 - repeatable, not secret
    verdict, review = _one_of(chance, VERDICTS), Review(_one_of(chance, REVIEWS))
    strength = chance.choice(("weak", "moderate", "strong")) if VERDICT_RANK.get(verdict, NOT_YET) <= 3 else ""
    opening = openings[0] if len(openings) == 1 or chance.random() < LARGEST else chance.choice(openings[1:])
    came = timezone.now() - dt.timedelta(days=DAYS * chance.random())
    applicant = Applicant(
        opening=opening,
        created_by=by,
        created_at=came,
        verdict=verdict,
        verdict_rank=VERDICT_RANK.get(verdict, NOT_YET),
        verdict_strength=strength,
        verdict_reason=REASONS.get(verdict, ""),
        verdict_at=came if verdict else None,
        review=review,
        reviewed_at=None if review == Review.WAITING else came + dt.timedelta(days=2),
        proposed_by=reviewer if review == Review.SECOND else None,
        **_called(chance, number),
    )
    decision = Decision(
        applicant=applicant, verdict=verdict, choice=CHOICES[review], reason="As agreed.", reviewer=reviewer
    ) if review in CHOICES else None  # fmt: skip
    if not verdict:
        return Member(applicant=applicant, decision=decision)
    return Member(applicant=applicant, decision=decision, **_examined(chance, applicant, by))


def _called(chance: random.Random, number: int) -> dict[str, str]:
    middle = [chance.choice(MIDDLE)] if chance.random() < MIDDLE_NAMED else []
    first, last = chance.choice(FIRST), chance.choice(LAST)
    return {
        "name": " ".join([first, *middle, last]),
        "email": f"applicant{number}@{chance.choice(('example.org', 'example.com', 'example.net'))}",
        "reference": f"ATS-{number:06}" if chance.random() < 0.7 else "",
    }


def _examined(chance: random.Random, applicant: Applicant, by: User) -> dict[str, Any]:
    """Photo, analysis and where there is one its finding."""
    verdict, strength, reason = applicant.verdict, applicant.verdict_strength, applicant.verdict_reason
    photo = Photo(
        applicant=applicant,
        sha256=f"{chance.getrandbits(256):064x}",
        size=chance.randrange(80_000, 6_000_000),
        format="JPEG",
        width=1200,
        height=1500,
        file_name="headshot.jpg",
        uploaded_by=by,
    )
    code = f"seeded.{verdict}"
    result = {"verdict": {"code": verdict, "summary": reason, "reasons": [code] if reason else []}, "outcomes": []}
    analysis = Analysis(
        photo=photo,
        requested_by=by,
        state="done",
        attempt=1,
        verdict=verdict,
        strength=strength,
        summary=reason,
        score=round(chance.random(), 3),
        started_at=applicant.created_at,
        finished_at=applicant.created_at,
        result=result,
    )
    finding = Finding(
        analysis=analysis,
        number=1,
        wing="signs",
        detector="skin",
        detector_version=1,
        code=code,
        bearing="generated" if "generated" in verdict else "retouched",
        strength=strength,
        summary=reason,
    ) if strength else None  # fmt: skip
    return {"photo": photo, "analysis": analysis, "finding": finding}


def _one_of(chance: random.Random, shares: dict[Any, int]) -> Any:
    return chance.choices(list(shares), list(shares.values()))[0]
