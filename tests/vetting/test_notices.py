"""The notice: true to the settings in force, one row a wording, and what a consent stands for."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from tests.conftest import SignIn, text, words
from vetting import audit
from vetting.candidate.consents import WordingChanged, consent_of, covers, has_withdrawn, record_consent
from vetting.candidate.links import make_link
from vetting.candidate.notices import digest_of, keep_wording, notice_for, notice_in_force
from vetting.models import Applicant, Consent, Event, Notice, Opening, Team, User
from vetting.openings import change_opening
from vetting.teams import change_team

pytestmark = pytest.mark.django_db


def said(opening: Opening) -> str:
    """The whole text, as one string."""
    current = Opening.objects.select_related("team").get(pk=opening.pk)
    return " ".join(f"{part['title']}. {' '.join(part['paragraphs'])}" for part in notice_for(current).text)


def tell(opening: Opening, **columns: Any) -> str:
    Opening.objects.filter(pk=opening.pk).update(**columns)
    return said(opening)


# --- what it says


def test_it_names_who_asks_why_and_how_to_reach_them(opening: Opening, team: Team, ada: User) -> None:
    assert "has not written down an address" in said(opening)
    change_team(team=team, by=ada, contact="Ms Ito, privacy@northlight.example", likeness=False, asks_groups=False)
    text = said(opening)
    assert "Northlight Casting asks you for a photo, for “Lead, autumn film”" in text
    assert "Ms Ito, privacy@northlight.example" in text
    assert "Northlight Casting says: To cast the part." in text


def test_a_missing_reason_is_said_to_be_missing(opening: Opening) -> None:
    assert "has not written down a reason" in tell(opening, photo_reason="")


def test_it_says_how_long_things_are_kept_and_how_long_there_is_to_answer(opening: Opening) -> None:
    text = tell(opening, retention_days=90, reply_days=21)
    assert "For 90 days from the day on which Northlight Casting added you" in text
    assert "you have 21 days to answer" in text
    assert "For 1 day from" in tell(opening, retention_days=1)


def test_it_says_that_a_person_decides_and_what_is_never_done(opening: Opening) -> None:
    text = said(opening)
    assert "No machine decides about you" in text
    assert "No face print is kept" in text
    assert "None is made either" in text
    assert "age, sex, race, feelings or looks" in text
    assert "sometimes wrong, in both directions" in text


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"retouching": "strict"}, "retouching that changes you is not accepted here"),
        ({"retouching": "lenient"}, "Ordinary retouching is fine here"),
        ({"deciders": "reviewers"}, "named as reviewers decide"),
        ({"blind_first": True}, "before they are shown what the programs say"),
        ({"second_review": "always"}, "A second person confirms every decision"),
        ({"second_review": "set-aside"}, "Before anybody is set aside, a second person has to agree"),
    ],
)
def test_each_setting_has_its_sentence(opening: Opening, columns: dict[str, Any], sentence: str) -> None:
    others = {"retouching": "lenient" if columns.get("retouching") == "strict" else "strict"}
    assert sentence not in tell(opening, **others)
    assert sentence in tell(opening, **columns)


def test_likeness_and_groups_are_told_of_only_where_the_team_switched_them_on(
    opening: Opening, team: Team, ada: User
) -> None:
    text = said(opening)
    assert "likeness" not in text.lower()
    assert "ethnic group" not in text
    change_team(team=team, by=ada, contact="", likeness=True, asks_groups=True)
    text = said(opening)
    assert "how alike the two faces are" in text
    assert "None is made either" not in text
    assert "ethnic group" in text


def test_nobody_is_accused_and_no_score_is_promised(opening: Opening) -> None:
    text = said(opening).lower()
    for word in ("fake", "fraud", "liar", "cheat", "reject", "biometric template", "algorithm"):
        assert word not in text


# --- one row a wording


def test_a_wording_that_did_not_change_stays_one_row(opening: Opening) -> None:
    assert notice_for(opening).pk == notice_for(opening).pk
    assert Notice.objects.get().number == 1
    assert Event.objects.filter(verb="notice.made").count() == 1


def test_a_changed_setting_is_a_new_number_and_changed_back_the_old_one(opening: Opening, alice: User) -> None:
    first = notice_for(opening)
    tell(opening, retention_days=30)
    assert notice_for(Opening.objects.get(pk=opening.pk)).number == 2
    tell(opening, retention_days=180)
    assert notice_for(Opening.objects.get(pk=opening.pk)).pk == first.pk
    assert Notice.objects.count() == 2


def test_the_digest_is_over_the_text_that_is_kept(opening: Opening) -> None:
    notice = notice_for(opening)
    notice.refresh_from_db()
    assert digest_of(notice.text) == notice.digest


def test_a_page_that_only_looks_writes_no_row(opening: Opening) -> None:
    assert notice_in_force(opening) is None
    assert not Notice.objects.exists()
    kept = notice_for(opening)
    assert notice_in_force(opening) == kept


def test_a_notice_is_never_changed(opening: Opening) -> None:
    notice = notice_for(opening)
    notice.number = 9
    with pytest.raises(TypeError):
        notice.save()


def test_who_comes_second_with_the_same_wording_is_given_the_firsts_row(opening: Opening) -> None:
    """Both looked before either had kept it; tests/system has the real race."""
    first = notice_for(opening)
    assert keep_wording(opening, first.text, first.digest) == first
    assert Notice.objects.count() == 1


# --- consent


def test_the_newest_row_counts(applicant: Applicant, alice: User) -> None:
    link = make_link(applicant=applicant, by=alice)
    assert consent_of(applicant, Consent.Kind.PHOTOS) is None
    given = record_consent(applicant=applicant, kind=Consent.Kind.PHOTOS, given=True, link=link)
    assert consent_of(applicant, Consent.Kind.PHOTOS) == given
    assert consent_of(applicant, Consent.Kind.BOOTH) is None
    assert not has_withdrawn(applicant)
    record_consent(applicant=applicant, kind=Consent.Kind.PHOTOS, given=False, link=link)
    assert consent_of(applicant, Consent.Kind.PHOTOS) is None
    assert has_withdrawn(applicant)
    assert applicant.consents.count() == 2


def test_consent_to_a_wording_that_has_changed_meanwhile_is_not_noted(
    applicant: Applicant, alice: User, opening: Opening
) -> None:
    link = make_link(applicant=applicant, by=alice)
    seen = notice_for(applicant.opening).number
    applicant.opening.retention_days = 3000
    with pytest.raises(WordingChanged):
        record_consent(applicant=applicant, kind=Consent.Kind.PHOTOS, given=True, link=link, seen=seen)
    assert not applicant.consents.exists()
    record_consent(applicant=applicant, kind=Consent.Kind.PHOTOS, given=False, link=link, seen=seen)  # never refused


def test_a_consent_covers_the_wording_it_was_given_to_and_no_other(
    applicant: Applicant, alice: User, opening: Opening
) -> None:
    link = make_link(applicant=applicant, by=alice)
    given = record_consent(applicant=applicant, kind=Consent.Kind.PHOTOS, given=True, link=link)
    assert covers(given, notice_for(opening))
    change_opening(opening=opening, by=alice, closed=False, retention_days=360)
    assert not covers(given, notice_for(Opening.objects.get(pk=opening.pk)))


def test_a_consent_comes_by_the_link_or_is_heard_by_a_witness(applicant: Applicant, alice: User) -> None:
    link = make_link(applicant=applicant, by=alice)
    for who in ({}, {"link": link, "witness": alice}):
        with pytest.raises(ValueError, match="one of the two"):
            record_consent(applicant=applicant, kind=Consent.Kind.BOOTH, given=True, **who)  # type: ignore[arg-type]
    heard = record_consent(applicant=applicant, kind=Consent.Kind.BOOTH, given=True, witness=alice)
    event = Event.objects.get(verb="consent.given")
    assert (heard.witness, event.actor) == (alice, alice)
    assert "link" not in event.data


def test_the_events_hold_codes_and_numbers_alone(applicant: Applicant, alice: User, team: Team) -> None:
    link = make_link(applicant=applicant, by=alice)
    given = record_consent(applicant=applicant, kind=Consent.Kind.PHOTOS, given=True, link=link)
    event = Event.objects.get(verb="consent.given")
    assert event.data == {"consent": given.pk, "kind": "photos", "notice": 1, "link": link.pk}
    assert event.actor is None
    assert audit.first_broken(team) is None


# --- the settings behind it


def test_an_admin_writes_down_who_answers_for_the_data(ada: User, team: Team, signed_in: SignIn) -> None:
    client = signed_in(ada)
    assert "not told yet who answers" in words(text(client, reverse("settings")))
    form = {"do": "team", "team": team.pk, "contact": " Ms Ito \n privacy@northlight.example ", "likeness": "on"}
    page = words(client.post(reverse("settings"), form, follow=True).content.decode())
    assert "Saved. Candidates are told in the new words" in page
    team.refresh_from_db()
    assert (team.contact, team.likeness, team.asks_groups) == ("Ms Ito \n privacy@northlight.example", True, False)
    event = Event.objects.get(verb="team.changed")
    assert event.data == {"changed": ["contact", "likeness"]}
    client.post(reverse("settings"), form)
    assert Event.objects.filter(verb="team.changed").count() == 1


def test_a_contact_that_is_too_long_loses_nothing(ada: User, team: Team, signed_in: SignIn) -> None:
    form = {"do": "team", "team": team.pk, "contact": "x" * 1001}
    page = signed_in(ada).post(reverse("settings"), form).content.decode()
    assert "Use 1,000 characters at most" in page
    assert "x" * 1001 in page
    team.refresh_from_db()
    assert team.contact == ""


def test_who_does_not_run_the_team_reads_it_and_cannot_change_it(alice: User, team: Team, signed_in: SignIn) -> None:
    client = signed_in(alice)
    assert "Likeness score off; question about groups off" in words(text(client, reverse("settings")))
    response = client.post(reverse("settings"), {"do": "team", "team": team.pk, "contact": "Mine"})
    assert response.status_code == 403
    team.refresh_from_db()
    assert team.contact == ""


@pytest.mark.parametrize(("days", "stands"), [("1", 1), ("90", 90), ("0", 14), ("91", 14), ("x", 14), ("", 14)])
def test_the_time_to_answer_is_between_a_day_and_a_quarter(
    days: str, stands: int, ada: User, opening: Opening, signed_in: SignIn
) -> None:
    form = {
        "title": opening.title, "retouching": "strict", "retention_days": "180", "deciders": "any",
        "second_review": "never", "photo_reason": opening.photo_reason, "reply_days": days,
    }  # fmt: skip
    response = signed_in(ada).post(reverse("opening-edit", args=[opening.pk]), form)
    assert response.status_code == (302 if stands != 14 or days == "" else 200)
    opening.refresh_from_db()
    assert opening.reply_days == stands
