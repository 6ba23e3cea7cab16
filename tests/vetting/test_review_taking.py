"""Stage 4: a case is in one person's hands at a time, and holds end by themselves."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone

from tests.conftest import SignIn, member, text, words
from vetting import review
from vetting.models import Applicant, Event, Opening, Role, User
from vetting.models.decision import Choice
from vetting.review import taking
from vetting.review.order import after, before, place_of
from vetting.review.taking import CannotTake, free_for, pass_on, release_case, take_case
from vetting.web.timeline import timeline

pytestmark = pytest.mark.django_db


def fresh(applicant: Applicant) -> Applicant:
    return Applicant.objects.get(pk=applicant.pk)


def let_run_out(applicant: Applicant) -> None:
    Applicant.objects.filter(pk=applicant.pk).update(taken_until=timezone.now() - dt.timedelta(seconds=1))


def test_a_taken_case_is_nobody_elses(applicant: Applicant, alice: User, bob: User) -> None:
    take_case(applicant=applicant, by=bob)
    with pytest.raises(CannotTake, match="Bob Lindqvist has this case until"):
        take_case(applicant=applicant, by=alice)
    assert fresh(applicant).holder == bob
    assert [(e.verb, e.actor) for e in Event.objects.filter(verb__startswith="case.")] == [("case.taken", bob)]


def test_taking_again_makes_ones_own_hold_last_longer_and_is_no_event(applicant: Applicant, bob: User) -> None:
    take_case(applicant=applicant, by=bob)
    soon = timezone.now() + dt.timedelta(minutes=2)
    Applicant.objects.filter(pk=applicant.pk).update(taken_until=soon)
    take_case(applicant=applicant, by=bob)
    until = fresh(applicant).taken_until
    assert until is not None
    assert until > soon
    assert Event.objects.filter(verb="case.taken").count() == 1


def test_a_hold_ends_by_itself(applicant: Applicant, alice: User, bob: User) -> None:
    take_case(applicant=applicant, by=bob)
    let_run_out(applicant)
    assert fresh(applicant).holder is None
    take_case(applicant=applicant, by=alice)
    assert fresh(applicant).holder == alice


def test_the_condition_of_the_update_lets_only_the_first_of_two_through(
    applicant: Applicant, alice: User, bob: User
) -> None:
    """Both have read the row as free; what counts is the row at the moment of the UPDATE."""
    for_alice, for_bob = (free_for(Applicant.objects.filter(pk=applicant.pk), user) for user in (alice, bob))
    until = timezone.now() + taking.HOLD
    assert for_alice.exists()
    assert for_bob.exists()
    assert for_bob.update(taken_by=bob, taken_until=until) == 1
    assert for_alice.update(taken_by=alice, taken_until=until) == 0
    assert fresh(applicant).holder == bob


def test_nobody_decides_what_somebody_else_holds(applicant: Applicant, alice: User, bob: User) -> None:
    take_case(applicant=applicant, by=bob)
    with pytest.raises(review.CannotDecide, match="Bob Lindqvist has this case"):
        review.decide_case(applicant=applicant, reviewer=alice, choice=Choice.ACCEPT, reason="Known.")
    review.decide_case(applicant=applicant, reviewer=bob, choice=Choice.ACCEPT, reason="Known.")
    assert (fresh(applicant).holder, fresh(applicant).taken_until) == (None, None)


def test_a_decided_case_is_not_taken(applicant: Applicant, alice: User, bob: User) -> None:
    review.decide_case(applicant=applicant, reviewer=bob, choice=Choice.ACCEPT, reason="Known.")
    with pytest.raises(CannotTake, match="decided already: accepted"):
        take_case(applicant=applicant, by=alice)


def test_who_decides_on_a_page_that_is_out_of_date_is_told_so(applicant: Applicant, alice: User, bob: User) -> None:
    review.decide_case(applicant=applicant, reviewer=bob, choice=Choice.ACCEPT, reason="Known.")
    with pytest.raises(review.CannotDecide, match="Bob Lindqvist decided this case in the meantime: accepted"):
        review.decide_case(applicant=applicant, reviewer=alice, choice=Choice.SET_ASIDE, reason="Not known.")
    assert fresh(applicant).review == "accepted"


def test_a_case_is_given_back_by_its_holder_or_an_admin(
    applicant: Applicant, alice: User, bob: User, ada: User
) -> None:
    take_case(applicant=applicant, by=bob)
    with pytest.raises(CannotTake, match="Only Bob Lindqvist or an admin"):
        release_case(applicant=applicant, by=alice)
    release_case(applicant=applicant, by=ada)
    assert fresh(applicant).holder is None
    assert Event.objects.get(verb="case.released").data == {"of": bob.pk}
    release_case(applicant=applicant, by=ada)  # of a free case: nothing happens
    assert Event.objects.filter(verb="case.released").count() == 1


def test_a_case_is_passed_on_for_a_day(applicant: Applicant, alice: User, bob: User) -> None:
    take_case(applicant=applicant, by=bob)
    pass_on(applicant=applicant, by=bob, to=alice)
    passed = fresh(applicant)
    assert passed.holder == alice
    assert passed.taken_until is not None
    assert passed.taken_until > timezone.now() + dt.timedelta(hours=23)
    with pytest.raises(CannotTake, match="Alice Moreau has this case"):
        pass_on(applicant=applicant, by=bob, to=bob.__class__.objects.get(pk=alice.pk))
    with pytest.raises(CannotTake, match="that person yourself"):
        pass_on(applicant=applicant, by=alice, to=alice)


def test_a_case_is_passed_on_only_to_who_may_decide_it(applicant: Applicant, alice: User, bob: User) -> None:
    Opening.objects.update(deciders=Opening.Deciders.REVIEWERS)
    with pytest.raises(CannotTake, match="reviewers and admins decide"):
        pass_on(applicant=fresh(applicant), by=bob, to=alice)


# --- pages


def test_taking_passing_on_and_giving_back_stand_in_the_history(
    applicant: Applicant, alice: User, bob: User, signed_in: SignIn
) -> None:
    client, case = signed_in(bob), applicant.get_absolute_url()
    client.post(f"{case}take/")
    assert "Yours until" in words(text(client, case))
    page = client.post(f"{case}pass-on/", {"to": alice.pk}, follow=True).content.decode()
    assert "is in the hands of Alice Moreau now" in page
    signed_in(alice).post(f"{case}release/")
    steps = [(step.title, step.note, step.who) for step in timeline(fresh(applicant))][1:]
    assert steps == [
        ("Case taken", "", "Bob Lindqvist"),
        ("Case passed on", "to Alice Moreau", "Bob Lindqvist"),
        ("Case given back", "", "Alice Moreau"),
    ]


def test_who_holds_a_case_stands_in_every_list(
    applicant: Applicant, opening: Opening, bob: User, alice: User, signed_in: SignIn
) -> None:
    take_case(applicant=applicant, by=bob)
    client = signed_in(alice)
    for address in (
        "/queue/",
        opening.get_absolute_url(),
        "/openings/?q=Eileen",
        "/reports/",
        applicant.get_absolute_url(),
    ):
        assert re.search(r"Bob Lindqvist (has this case )?until \d\d:\d\d", words(text(client, address))), address
    assert "Yours until" in words(text(signed_in(bob), "/queue/"))


def test_who_comes_too_late_is_told_by_whom_and_loses_nothing(
    photo: Any, applicant: Applicant, alice: User, bob: User, signed_in: SignIn
) -> None:
    client, case = signed_in(alice), applicant.get_absolute_url()
    take_case(applicant=applicant, by=bob)
    assert "Bob Lindqvist has this case until" in client.post(f"{case}take/", follow=True).content.decode()
    page = client.post(f"{case}decide/", {"choice": "accept", "reason": "I met her."}).content.decode()
    assert "While the case is in other hands" in page
    assert "What you wrote: “I met her.”" in page
    assert fresh(applicant).review == "waiting"


def test_who_may_not_decide_is_told_who_can(applicant: Applicant, photo: Any, alice: User, signed_in: SignIn) -> None:
    Opening.objects.update(deciders=Opening.Deciders.REVIEWERS)
    client, case = signed_in(alice), applicant.get_absolute_url()
    assert "In this opening reviewers and admins decide" in text(client, case)
    for action, sent in (
        ("take/", {}),
        ("pass-on/", {"to": "1"}),
        ("decide/", {"choice": "accept", "reason": "Known."}),
    ):
        response = client.post(case + action, sent)
        assert response.status_code == 403
        assert "reviewers and admins decide" in response.content.decode()
    assert ">Take<" not in text(client, "/queue/")
    assert fresh(applicant).review == "waiting"


def test_a_stranger_finds_none_of_the_actions(applicant: Applicant, charlie: User, signed_in: SignIn) -> None:
    made = review.decide_case(applicant=applicant, reviewer=applicant.created_by, choice=Choice.ACCEPT, reason="Known.")
    client = signed_in(charlie)
    for action in ("take", "release", "pass-on", "first-look"):
        assert client.post(f"{applicant.get_absolute_url()}{action}/", {"sees": "nothing"}).status_code == 404
    assert client.post(f"/decisions/{made.pk}/undo/").status_code == 404


# --- order


@pytest.fixture
def cast(opening: Opening, alice: User) -> dict[str, Applicant]:
    """By name, in another order than the queue's."""
    start = timezone.now() - dt.timedelta(days=9)
    found = {}
    for hours, (name, verdict, rank, strength) in enumerate(
        [
            ("Weak", "generated", 2, "weak"),
            ("Clear", "nothing-found", 6, ""),
            ("Strong", "generated", 2, "strong"),
            ("Later", "generated", 2, "strong"),
            ("None", "", 8, ""),
            ("Declared", "declared-generated", 1, "conclusive"),
        ]
    ):
        made = Applicant.objects.create(
            opening=opening,
            name=name,
            verdict=verdict,
            verdict_rank=rank,
            verdict_strength=strength,
            created_by=alice,
        )
        Applicant.objects.filter(pk=made.pk).update(created_at=start + dt.timedelta(hours=hours))
        found[name] = made
    return found


ORDER = ["Declared", "Strong", "Later", "Weak", "Clear", "None"]


def names(page: str) -> list[str]:
    return re.findall(r'id="row-\d+"[^>]*>([^<]+)<', page)


def test_the_queue_has_the_strongest_evidence_first_then_who_waited_longest(
    cast: dict[str, Applicant], alice: User, signed_in: SignIn
) -> None:
    assert names(text(signed_in(alice), "/queue/")) == ORDER


def test_what_comes_after_and_before_is_as_the_queue_has_it(cast: dict[str, Applicant], alice: User) -> None:
    queue = Applicant.objects.all().for_queue(alice, Opening.objects.all())
    places = [place_of(cast[name]) for name in ORDER]
    following = [after(queue, place, alice) for place in places]
    assert [row.name for row in following if row] == [*ORDER[1:], ORDER[0]]
    earlier = [before(queue, place) for place in places]
    assert [row.name if row else None for row in earlier] == [None, *ORDER[:-1]]


def test_the_next_case_is_one_that_nobody_else_holds(cast: dict[str, Applicant], alice: User, bob: User) -> None:
    take_case(applicant=cast["Later"], by=bob)
    following = after(Applicant.objects.all().for_queue(alice, Opening.objects.all()), place_of(cast["Strong"]), alice)
    assert following == cast["Weak"]


def test_with_one_case_left_there_is_no_next(applicant: Applicant, alice: User) -> None:
    queue = Applicant.objects.all().for_queue(alice, Opening.objects.all())
    assert after(queue, place_of(applicant), alice) is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("verdict=generated", ["Strong", "Later", "Weak"]),
        ("verdict=none", ["None"]),
        ("whose=mine", ["Later"]),
        ("whose=free", ["Declared", "Strong", "Weak", "None"]),
        ("whose=second", []),
        ("opening=999999", []),
        ("opening=x&verdict=odd&whose=odd&page=99", ORDER),
    ],
)
def test_filters_stand_in_the_address(
    query: str, expected: list[str], cast: dict[str, Applicant], alice: User, bob: User, signed_in: SignIn
) -> None:
    take_case(applicant=cast["Later"], by=alice)
    take_case(applicant=cast["Clear"], by=bob)
    page = text(signed_in(alice), f"/queue/?{query}")
    assert names(page) == expected


def test_deciding_on_the_way_leads_to_the_next_case_with_the_same_filters(
    cast: dict[str, Applicant], alice: User, signed_in: SignIn
) -> None:
    client = signed_in(alice)
    way = "from=queue&verdict=generated"
    sent = {"choice": "accept", "reason": "Known."}
    response = client.post(f"{cast['Strong'].get_absolute_url()}decide/?{way}", sent)
    assert response.headers["Location"].startswith(f"{cast['Later'].get_absolute_url()}?{way}&decided=")
    for name in ("Later", "Weak"):
        response = client.post(f"{cast[name].get_absolute_url()}decide/?{way}", sent)
    assert response.headers["Location"].startswith("/queue/?verdict=generated&decided=")


@pytest.mark.parametrize("rows", [3, 60])
def test_a_case_on_the_way_takes_as_many_queries_in_a_long_queue_as_in_a_short_one(
    rows: int, opening: Opening, alice: User, signed_in: SignIn, django_assert_num_queries: Any
) -> None:
    Applicant.objects.bulk_create(
        Applicant(opening=opening, name=f"Person {n:02}", created_by=alice) for n in range(rows)
    )
    client, case = signed_in(alice), Applicant.objects.earliest("pk")
    # session, user, mentions; applicant, photos, decisions; role; place, openings, before, after; events; notes,
    # members
    with django_assert_num_queries(22):
        client.get(f"{case.get_absolute_url()}?from=queue")


def test_a_colleague_of_another_team_sees_nothing_of_the_queue(
    cast: dict[str, Applicant], charlie: User, signed_in: SignIn
) -> None:
    assert names(text(signed_in(charlie), "/queue/")) == []
    assert names(text(signed_in(charlie), f"/queue/?opening={cast['Weak'].opening_id}")) == []


def test_a_person_in_two_teams_decides_by_the_role_in_each(
    applicant: Applicant, charlie: User, signed_in: SignIn
) -> None:
    Opening.objects.update(deciders=Opening.Deciders.REVIEWERS)
    dora = member(charlie.memberships.get().team, "dora", "Dora", "Lind", Role.RECRUITER)
    dora.memberships.create(team=applicant.opening.team, role=Role.REVIEWER)
    theirs = Opening.objects.create(
        team=charlie.memberships.get().team, title="Host", created_by=charlie, deciders=Opening.Deciders.REVIEWERS
    )
    Applicant.objects.create(opening=theirs, name="Host one", created_by=charlie)
    page = text(signed_in(dora), "/queue/")
    assert f"/applicants/{applicant.pk}/take/" in page
    assert page.count("/take/") == 1
