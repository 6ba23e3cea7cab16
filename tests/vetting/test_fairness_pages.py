"""The auditor page and its links, and the candidate's question about groups, whose answers no member's page tells."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.conftest import SignIn, text, words
from tests.vetting.callers import caller
from tests.vetting.groups import add_people, long_ago
from vetting import report
from vetting.candidate.consents import consent_of
from vetting.candidate.links import key_of, make_link
from vetting.fairness.links import key_of as key_of_audit
from vetting.fairness.links import make_audit_link, revoke_audit_link
from vetting.models import Analysis, Applicant, AuditLink, Consent, Event, Opening, Photo, SelfReport, Team, User
from vetting.models.decision import Choice
from vetting.web.candidate_pages import BAD_LINKS_A_MINUTE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def link(team: Team, ada: User) -> AuditLink:
    return make_audit_link(team=team, by=ada, auditor="R. Berg, Berg & Co", lasts=dt.timedelta(days=30))


@pytest.fixture
def runs(ada: User, signed_in: SignIn) -> Client:
    """The site as ada, the admin, sees it."""
    return signed_in(ada)


@pytest.fixture
def counted(opening: Opening) -> Opening:
    add_people(opening, 30, sex="female", ethnicity="asian")
    add_people(opening, 10, sex="female", ethnicity="asian", verdict="generated", choice=Choice.SET_ASIDE)
    add_people(opening, 40, sex="male", ethnicity="white", at=long_ago(2))
    return opening


# --- the page


def test_the_page_shows_each_group_with_counts_intervals_and_ratios(counted: Opening, runs: Client) -> None:
    page = words(text(runs, "/audit/"))
    assert "10 of 40 25%, between 13% and 41%" in page
    assert "0.75" in page
    assert "below four fifths" in page
    assert "It is no verdict" in page
    assert "As it stood when" in page


def test_a_period_and_an_opening_can_be_asked_for(counted: Opening, runs: Client) -> None:
    page = text(runs, "/audit/")
    views = re.findall(r'<option value="([^"]+)"', page.split('id="view"')[1].split("</select>")[0])
    assert f"opening-{counted.pk}" in views
    assert len(views) == 4
    for view in views:
        assert f'<option value="{view}" selected>' in text(runs, f"/audit/?view={view}")
    assert '<option value="*" selected>' in text(runs, "/audit/?view=nonsense")


def test_the_table_holds_what_the_page_shows_and_hides_what_it_hides(counted: Opening, runs: Client) -> None:
    add_people(counted, 3, sex="another", ethnicity="native")
    response = runs.get("/audit.csv")
    assert "candid-audit.csv" in response.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    by_sex = {row["group"]: row for row in rows if row["table"] == "Sex"}
    assert by_sex["Another"]["applicants"] == ""
    assert by_sex["Another"]["note"].startswith("not shown: fewer than 10")
    shown = [row for row in by_sex.values() if row["applicants"]]
    assert all(int(row["applicants"]) >= 10 for row in shown)
    assert len(shown) <= len(by_sex) - 2  # one more is hidden, or it would follow
    assert "Somebody" not in response.content.decode()


def test_before_the_first_quarter_is_over_the_page_says_when_it_will_be(opening: Opening, runs: Client) -> None:
    add_people(opening, 30, sex="female", at=timezone.now())
    page = words(text(runs, "/audit/"))
    assert "No group can be counted yet" in page
    assert "Nothing was decided yet" not in page  # overturn rates need no group
    assert "Candidates are not asked for their groups now" in page


def test_the_state_of_the_chain_can_be_noted_and_checked(counted: Opening, runs: Client, link: AuditLink) -> None:
    head = Event.objects.filter(team=link.team).order_by("-number").values_list("digest", flat=True)[0]
    assert head in text(runs, "/audit/")
    assert "Holds" not in words(text(runs, "/audit/"))
    assert "fit together" in words(text(runs, "/audit/?chain=walk"))
    Event.objects.filter(team=link.team).update(verb="nothing.happened")
    assert "Event 1 is the first that does not fit" in words(text(runs, "/audit/?chain=walk"))


def test_it_is_for_admins_and_settings_lead_there(runs: Client, site: Client, charlie: User) -> None:
    assert 'href="/audit/"' in text(runs, "/settings/")
    assert 'href="/audit/"' not in text(site, "/settings/")
    refused = site.get("/audit/")
    assert refused.status_code == 403
    assert "Only admins" in refused.content.decode()
    assert runs.get(f"/audit/?team={charlie.memberships.get().team_id}").status_code == 404


@pytest.mark.parametrize("rows", [2, 60])
def test_the_page_takes_as_many_queries_for_many_as_for_few(
    rows: int, counted: Opening, ada: User, signed_in: SignIn, django_assert_num_queries: Any
) -> None:
    for n in range(rows // 2):
        more = Opening.objects.create(team=counted.team, title=f"No. {n}", created_by=counted.created_by)
        add_people(more, rows, sex="female")
        make_audit_link(team=counted.team, by=ada, auditor=f"No. {n}", lasts=dt.timedelta(days=1))
    client = signed_in(ada)
    # session, user, mentions; teams twice; head; undecided, decided, tallies, titles; openings, agreement (3); links
    with django_assert_num_queries(15):
        assert client.get("/audit/").status_code == 200


# --- by a link


def test_an_auditor_without_an_account_sees_the_same_and_no_links(
    counted: Opening, link: AuditLink, client: Client
) -> None:
    address = reverse("audit-linked", args=[key_of_audit(link)])
    page = text(client, address)
    assert "10 of 40" in words(page)
    assert "Links for auditors" not in page
    assert "Somebody" not in page
    response = client.get(reverse("audit-linked-csv", args=[key_of_audit(link)]))
    assert b"female" in response.content
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert set(client.cookies) <= {"csrftoken"}


def test_a_guessed_expired_or_revoked_link_gives_nothing_away(
    link: AuditLink, applicant: Applicant, ada: User, client: Client
) -> None:
    """Each gets the page of a candidate's bad link, letter by letter; a candidate's key opens no audit, nor back."""
    key = key_of_audit(link)
    foreign = key_of(make_link(applicant=applicant, by=ada))
    bad = [client.get(reverse("candidate", args=["1.guessed.guessed"])).content]
    bad += [client.get(reverse("audit-linked", args=[other])).content for other in (f"{key}x", "1.a.b", foreign)]
    bad.append(client.get(reverse("candidate", args=[key])).content)
    AuditLink.objects.update(expires_at=timezone.now())
    bad.append(client.get(reverse("audit-linked", args=[key])).content)
    AuditLink.objects.update(expires_at=timezone.now() + dt.timedelta(days=1))
    assert client.get(reverse("audit-linked", args=[key])).status_code == 200
    revoke_audit_link(link=link, by=ada)
    bad.append(client.get(reverse("audit-linked-csv", args=[key])).content)
    assert len(set(bad)) == 1


def test_who_tries_many_is_slowed_down(client: Client, db: None) -> None:
    answers = [client.get("/audit/1.a.b/").status_code for _ in range(BAD_LINKS_A_MINUTE + 2)]
    assert answers[0] == 404
    assert answers[-1] == 429


def test_an_admin_makes_and_revokes_a_link_and_the_record_names_no_auditor(team: Team, runs: Client) -> None:
    made = runs.post(reverse("audit-link-new", args=[team.pk]), {"auditor": " R. Berg ", "lasts": "7"}, follow=True)
    link = AuditLink.objects.get()
    assert link.auditor == "R. Berg"
    assert key_of_audit(link) in made.content.decode()
    gone = runs.post(reverse("audit-link-revoke", args=[link.pk]), follow=True)
    assert "Revoked" in words(gone.content.decode())
    assert key_of_audit(link) not in gone.content.decode()
    assert [event.verb for event in Event.objects.order_by("pk")][-2:] == ["audit-link.made", "audit-link.revoked"]
    assert not any("Berg" in str(event.data) for event in Event.objects.all())
    wrong = runs.post(reverse("audit-link-new", args=[team.pk]), {"auditor": "", "lasts": "4000"})
    assert "Say for whom the link is." in words(wrong.content.decode())
    assert AuditLink.objects.count() == 1


# --- the candidate's question


@pytest.fixture
def address(applicant: Applicant, alice: User) -> str:
    Team.objects.update(asks_groups=True)
    return reverse("candidate-groups", args=[key_of(make_link(applicant=applicant, by=alice))])


def answer(client: Client, address: str, **sent: str) -> Any:
    number = re.search(r'name="notice" value="(\d+)"', client.get(address).content.decode())
    return client.post(address, {"notice": number[1] if number else "0"} | sent, follow=True)


def test_a_candidate_names_groups_changes_and_takes_back(applicant: Applicant, address: str, client: Client) -> None:
    assert "You need not answer" in words(text(client, address))
    answer(client, address, sex="female", ethnicity="asian")
    row = SelfReport.objects.get()
    assert (row.sex, row.ethnicity) == ("female", "asian")
    consent = consent_of(applicant, Consent.Kind.GROUPS)
    assert consent is not None
    assert consent.notice.text
    answer(client, address, sex="another", ethnicity="")
    row.refresh_from_db()
    assert (row.sex, row.ethnicity) == ("another", "")
    answer(client, address, do="take-back")
    assert not SelfReport.objects.exists()
    assert consent_of(applicant, Consent.Kind.GROUPS) is None


def test_naming_nothing_is_no_answer(address: str, client: Client) -> None:
    answer(client, address, sex="", ethnicity="")
    assert not SelfReport.objects.exists()
    assert not Consent.objects.filter(kind="groups").exists()


def test_a_wrong_answer_and_another_wording_lose_nothing(address: str, client: Client) -> None:
    page = answer(client, address, sex="female", ethnicity="martian").content.decode()
    assert "Nothing was saved yet" in page
    assert re.search(r'value="female"[^>]* checked', page)
    client.get(address)
    Opening.objects.update(reply_days=3)
    stale = client.post(address, {"notice": "1", "sex": "female"}).content.decode()
    assert "wording of the notice has changed" in words(stale)
    assert not SelfReport.objects.exists()


def test_where_the_team_does_not_ask_there_is_nothing_but_the_way_back(
    applicant: Applicant, address: str, client: Client
) -> None:
    answer(client, address, sex="female")
    Team.objects.update(asks_groups=False)
    assert "Agree to be counted" not in text(client, address)
    client.post(address, {"sex": "male"})
    assert not SelfReport.objects.exists()
    assert client.get(address).status_code == 404


def test_a_member_who_has_the_link_sees_no_answer_and_gives_none(address: str, client: Client, site: Client) -> None:
    answer(client, address, sex="female", ethnicity="asian")
    page = text(site, address)
    assert "You have answered" not in page
    assert "cannot answer here" in words(page)
    site.post(address, {"notice": "1", "do": "take-back"})
    assert SelfReport.objects.get().sex == "female"
    assert not re.search(r'value="female"[^>]* checked', text(client, address))


def test_no_page_report_or_call_of_the_team_differs_by_what_was_named(
    photo: Photo, examined: Analysis, address: str, alice: User, ada: User, signed_in: SignIn, client: Client
) -> None:
    """Walks what members read of the applicant before and after; the record tells that somebody agreed, not who."""
    applicant = photo.applicant
    clients = [signed_in(alice), signed_in(ada)]
    pages = [
        applicant.get_absolute_url(), applicant.opening.get_absolute_url(), "/queue/", "/openings/?q=Eileen",
        "/reports/", "/agreement/", "/audit/", "/mentions/", reverse("analysis", args=[examined.pk]),
        reverse("applicant-csv", args=[applicant.pk]), reverse("opening-csv", args=[applicant.opening_id]),
    ]  # fmt: skip
    calls = ["/openings", "/applicants", f"/applicants/{applicant.pk}", f"/photos/{photo.pk}"]

    def told() -> list[str]:
        found = [each.get(page).content.decode() for each in clients for page in pages]
        program = caller(applicant.opening.team, ada)
        found += [program.get(path).content.decode() for path in calls]
        return [*found, report.applicant_json(applicant, by=alice).decode()]

    def shown() -> str:
        page = re.sub(r'<time.*?</time>|value="[^"]*"|\?after=\d+', "", text(clients[0], pages[0]))
        return re.sub(r"\d+ s\b", "", words(page))

    told()
    client.get(address)  # that the link was opened is told
    before = shown()
    answer(client, address, sex="another", ethnicity="pacific")
    assert shown() == before
    for page in told():
        assert "self_report" not in page
        assert "statistics of fairness" not in page
        assert "pacific" not in page.lower() or "Impact ratio" in page
    assert not Event.objects.filter(subject=f"applicant:{applicant.pk}", data__kind="groups").exists()
