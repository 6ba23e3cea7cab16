"""Agreement between people and machine: what is counted, and what is too little to say."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.utils import timezone

from tests.conftest import SignIn, text, words
from vetting import review
from vetting.models import Applicant, FirstLook, Opening, User
from vetting.models.decision import Choice
from vetting.models.first_look import Sees
from vetting.review.rates import Rate, Total, agreement_of

pytestmark = pytest.mark.django_db
AGREE, ACCEPTED, PUT_ASIDE, OVERTURNED = range(4)


def case(opening: Opening, verdict: str) -> Applicant:
    return Applicant.objects.create(opening=opening, name="Somebody", verdict=verdict, created_by=opening.created_by)


def look(applicant: Applicant, by: User, sees: Sees, verdict: str) -> FirstLook:
    return FirstLook.objects.create(applicant=applicant, reviewer=by, sees=sees, verdict=verdict)


def decide(applicant: Applicant, by: User, choice: Choice) -> None:
    review.decide_case(applicant=applicant, reviewer=by, choice=choice, reason="Because.")


def rates(opening: Opening) -> list[tuple[int, int]]:
    counted = agreement_of([Opening.objects.get(pk=opening.pk)])[opening.pk]
    return [(rate.hits, rate.n) for rate in counted.rates]


@pytest.mark.parametrize(
    ("sees", "verdict", "counted"),
    [
        (Sees.NOTHING, "nothing-found", (1, 1)),
        (Sees.NOTHING, "verified-capture", (1, 1)),
        (Sees.GENERATED, "declared-generated", (1, 1)),
        (Sees.GENERATED, "retouched", (0, 1)),
        (Sees.RETOUCHED, "retouched", (1, 1)),
        (Sees.NOTHING, "generated", (0, 1)),
        (Sees.CANNOT_SAY, "generated", (0, 0)),
        (Sees.GENERATED, "inconclusive", (0, 0)),
        (Sees.GENERATED, "", (0, 0)),
    ],
)
def test_a_first_look_agrees_or_does_not_or_is_left_out(
    sees: Sees, verdict: str, counted: tuple[int, int], opening: Opening, bob: User
) -> None:
    look(case(opening, verdict), bob, sees, verdict)
    assert rates(opening)[AGREE] == counted


def test_a_look_before_the_examination_is_held_against_the_verdict_that_came_later(opening: Opening, bob: User) -> None:
    look(case(opening, "generated"), bob, Sees.GENERATED, "")
    assert rates(opening)[AGREE] == (1, 1)


def test_a_look_at_what_had_been_decided_before_is_not_counted(opening: Opening, alice: User, bob: User) -> None:
    known = case(opening, "generated")
    decide(known, alice, Choice.ACCEPT)
    decide(known, alice, Choice.REOPEN)
    made = look(known, bob, Sees.GENERATED, "generated")
    FirstLook.objects.filter(pk=made.pk).update(looked_at=timezone.now() + dt.timedelta(minutes=1))
    assert rates(opening)[AGREE] == (0, 0)


def test_overturning_is_accepting_what_was_flagged_or_setting_aside_what_was_clear(
    opening: Opening, alice: User
) -> None:
    decide(case(opening, "generated"), alice, Choice.ACCEPT)
    decide(case(opening, "retouched"), alice, Choice.SET_ASIDE)
    decide(case(opening, "declared-generated"), alice, Choice.ASK_TO_MEET)
    decide(case(opening, "nothing-found"), alice, Choice.SET_ASIDE)
    decide(case(opening, "verified-capture"), alice, Choice.ACCEPT)
    decide(case(opening, "inconclusive"), alice, Choice.ACCEPT)
    assert rates(opening)[ACCEPTED] == (1, 3)
    assert rates(opening)[PUT_ASIDE] == (1, 2)


def test_where_retouching_is_tolerated_it_is_no_flag(opening: Opening, alice: User) -> None:
    decide(case(opening, "retouched"), alice, Choice.ACCEPT)
    assert rates(opening)[ACCEPTED] == (1, 1)
    Opening.objects.update(retouching=Opening.Retouching.LENIENT)
    assert rates(opening)[ACCEPTED] == (0, 0)


def test_only_the_decision_that_stands_counts(opening: Opening, alice: User) -> None:
    changed, undone = case(opening, "generated"), case(opening, "generated")
    for choice in (Choice.ACCEPT, Choice.REOPEN, Choice.SET_ASIDE):
        decide(changed, alice, choice)
    made = review.decide_case(applicant=undone, reviewer=alice, choice=Choice.ACCEPT, reason="Because.")
    review.undo_decision(decision=made, by=alice)
    assert rates(opening)[ACCEPTED] == (0, 1)


def test_the_second_reviewer_confirms_overturns_or_takes_it_back(opening: Opening, alice: User, bob: User) -> None:
    Opening.objects.update(second_review=Opening.SecondReview.ALWAYS)
    for second in (Choice.ACCEPT, Choice.SET_ASIDE, None):
        row = case(opening, "generated")
        row.opening.refresh_from_db()
        decide(row, alice, Choice.ACCEPT)
        if second:
            decide(row, bob, second)
    taken_back = review.decide_case(applicant=row, reviewer=bob, choice=Choice.SET_ASIDE, reason="Because.")
    review.undo_decision(decision=taken_back, by=bob)
    assert rates(opening)[OVERTURNED] == (1, 2)
    assert rates(opening)[ACCEPTED] == (1, 2)  # the proposal that still waits is no decision yet


def test_below_ten_nothing_is_said_and_from_ten_on_the_interval_is_exact() -> None:
    assert Rate(what="", hits=9, n=9).words == "too few to say"
    ten = Rate(what="", hits=10, n=10)
    assert ten.low == pytest.approx(0.025 ** (1 / 10))  # in closed form where all of them hit
    assert ten.high == 1
    half = Rate(what="", hits=50, n=100)
    assert [half.low, half.high] == pytest.approx([0.3983, 0.6017], abs=1e-4)
    assert half.words == "50%, between 40% and 60%"
    none = Rate(what="", hits=0, n=20)
    assert [none.low, none.high] == pytest.approx([0, 1 - 0.025 ** (1 / 20)])


def test_a_team_is_the_sum_of_its_openings(opening: Opening, alice: User, bob: User) -> None:
    other = Opening.objects.create(team=opening.team, title="Host", created_by=alice, retouching="lenient")
    for each in (opening, other):
        decide(case(each, "retouched"), alice, Choice.ACCEPT)
        look(case(each, "generated"), bob, Sees.NOTHING, "generated")
    counted = agreement_of([opening, other])
    total = Total(parts=tuple(counted.values()))
    assert [(rate.hits, rate.n) for rate in total.rates] == [(0, 2), (1, 1), (0, 0), (0, 0)]
    assert total.looks == 2


@pytest.mark.parametrize("openings", [1, 30])
def test_the_page_takes_as_many_queries_for_30_openings_as_for_one(
    openings: int, opening: Opening, alice: User, bob: User, signed_in: SignIn, django_assert_num_queries: Any
) -> None:
    for number in range(openings):
        each = Opening.objects.create(team=opening.team, title=f"Opening {number}", created_by=alice)
        decide(case(each, "generated"), alice, Choice.ACCEPT)
        look(case(each, "generated"), bob, Sees.NOTHING, "generated")
    client = signed_in(alice)
    with django_assert_num_queries(7):  # session, user, mentions; openings; looks, decisions, seconded
        page = client.get("/agreement/").content.decode()
    assert words(page).count("Accepted although flagged") >= openings


def test_an_empty_page_says_how_it_begins_and_a_stranger_sees_nothing_of_it(
    opening: Opening, alice: User, charlie: User, signed_in: SignIn
) -> None:
    assert "Nothing to count yet." in text(signed_in(alice), "/agreement/")
    decide(case(opening, "generated"), alice, Choice.ACCEPT)
    page = text(signed_in(charlie), "/agreement/")
    assert "Northlight" not in page
    assert opening.title not in page


def test_the_table_has_every_count(opening: Opening, alice: User, bob: User, signed_in: SignIn) -> None:
    for _ in range(12):
        decide(case(opening, "generated"), alice, Choice.ACCEPT)
    look(case(opening, "retouched"), bob, Sees.NOTHING, "retouched")
    response = signed_in(alice).get("/agreement.csv")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    (flagged,) = (row for row in rows if row["opening"] == opening.title and row["what"] == "Accepted although flagged")
    assert (flagged["count"], flagged["of"], flagged["rate"], flagged["at most"]) == ("12", "12", "1.0000", "1.0000")
    assert float(flagged["at least"]) == pytest.approx(0.025 ** (1 / 12), abs=1e-4)
    (agree,) = (r for r in rows if r["opening"] == "all openings" and r["what"].startswith("First looks that"))
    assert (agree["count"], agree["of"], agree["rate"], agree["note"]) == ("0", "1", "", "too few to say")
    assert any("Nothing that speaks against the photo" in row["what"] for row in rows)
