"""The seeded crowd: as many as asked for, the same each time, in a team of its own, and pages that show them."""

from __future__ import annotations

import io

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.urls import reverse

from tests.conftest import SignIn, text
from vetting.models import Analysis, Applicant, Decision, Finding, Opening, Photo, Team, User
from vetting.models.applicant import UNDECIDED, VERDICT_RANK

pytestmark = pytest.mark.django_db
TEAM = "Seeded for measuring"


def seed(number: int, *options: str) -> str:
    out = io.StringIO()
    call_command("seed_applicants", str(number), *options, stdout=out)
    return out.getvalue()


def test_a_crowd_has_all_that_a_days_work_leaves() -> None:
    assert "60 of 60" in seed(60, "--openings", "5")
    people = Applicant.objects.filter(opening__team__name=TEAM)
    assert (people.count(), Opening.objects.count()) == (60, 5)
    first = Opening.objects.earliest("pk")
    assert 6 <= people.filter(opening=first).count() <= 20  # a fifth, or about
    assert Photo.objects.count() == Analysis.objects.filter(state="done").count() == people.exclude(cover=None).count()
    assert Finding.objects.exists()
    assert Decision.objects.count() == people.exclude(review="waiting").count() > 0
    assert {row.verdict_rank for row in people} == {VERDICT_RANK.get(row.verdict, 8) for row in people}
    days = people.dates("created_at", "day")
    assert len(days) > 30
    assert people.filter(review__in=UNDECIDED).count() > 30
    assert people.exclude(search_text="").count() == 60


def test_the_same_number_makes_the_same_people() -> None:
    seed(30)
    seed(30, "--team", "Beside it")
    columns = ("name", "email", "reference", "verdict", "review")
    one, other = (Applicant.objects.filter(opening__team__name=name).order_by("pk") for name in (TEAM, "Beside it"))
    assert list(one.values_list(*columns)) == list(other.values_list(*columns))


def test_a_second_run_adds_nobody_unless_it_is_told_to() -> None:
    seed(5)
    with pytest.raises(CommandError, match="has 5 applicants already"):
        seed(3)
    seed(3, "--again")
    assert Applicant.objects.count() == 8
    assert Applicant.objects.values("email").distinct().count() == 8
    assert Team.objects.filter(name=TEAM).count() == 1


def test_a_production_site_has_to_say_yes(settings: LazySettings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="--yes"):
        seed(1)
    seed(1, "--yes")
    assert Applicant.objects.count() == 1


@pytest.mark.parametrize("wrong", [("0",), ("3", "--openings", "0"), ("3", "--member", "nobody")])
def test_what_makes_no_sense_is_refused_in_a_sentence(wrong: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match=r"\."):
        call_command("seed_applicants", *wrong)
    assert not Applicant.objects.exists()


def test_nobody_can_sign_in_as_those_who_seeded_them() -> None:
    seed(1)
    assert not any(user.has_usable_password() for user in User.objects.filter(username__startswith="seeded"))


def test_a_member_looks_at_them_and_every_page_answers(alice: User, signed_in: SignIn) -> None:
    seed(40, "--openings", "2", "--photos", "--member", "alice")
    site = signed_in(alice)
    with_picture = Photo.objects.filter(has_preview=True)
    assert with_picture.count() == Photo.objects.count() > 0
    first = with_picture.earliest("pk")
    assert site.get(reverse("photo-preview", args=[first.pk, "small"])).status_code == 200
    assert Opening.objects.earliest("pk").title in text(site, "/openings/")
    for address in ("/queue/", "/reports/", Opening.objects.earliest("pk").get_absolute_url()):
        text(site, address)
    for verdict in VERDICT_RANK:
        one = Applicant.objects.filter(verdict=verdict).first()
        if one:
            assert one.name in text(site, one.get_absolute_url())
