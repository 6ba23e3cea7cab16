"""Who sees and does what: a stranger finds nothing, a team mate without the right is told so."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import AddPhoto, SignIn, examine_now, upload
from vetting.models import Analysis, Applicant, Decision, Membership, Opening, Photo, Role, User

PAGES = ["openings", "opening-new", "queue", "reports", "accuracy", "settings", "styleguide", "password"]


def addresses(photo: Photo, analysis: Analysis) -> list[str]:
    """Every address that is about one team's things."""
    applicant, opening = photo.applicant_id, photo.applicant.opening_id
    of_applicant = ["applicant", "applicant-forget", "applicant-pdf", "applicant-json", "applicant-csv"]
    return [
        *(reverse(name, args=[opening]) for name in ("opening", "opening-edit", "opening-csv", "applicant-new")),
        *(reverse(name, args=[applicant]) for name in of_applicant),
        reverse("photo-preview", args=[photo.pk, "large"]),
        reverse("photo-preview", args=[photo.pk, "small"]),
        reverse("analysis", args=[analysis.pk]),
    ]


def actions(photo: Photo) -> list[tuple[str, dict[str, str]]]:
    """Every POST that is about one team's things."""
    return [
        (reverse("photo-upload", args=[photo.applicant_id]), {}),
        (reverse("decide", args=[photo.applicant_id]), {"choice": "accept", "reason": "Fine."}),
        (reverse("applicant-forget", args=[photo.applicant_id]), {}),
        (reverse("photo-examine", args=[photo.pk]), {}),
        (reverse("opening-edit", args=[photo.applicant.opening_id]), {"title": "Mine now", "retention_days": "1"}),
        (reverse("applicant-new", args=[photo.applicant.opening_id]), {"name": "Intruder"}),
    ]


def test_a_stranger_sees_404_not_403(photo: Photo, examined: Analysis, charlie: User, signed_in: SignIn) -> None:
    client = signed_in(charlie)
    for address in addresses(photo, examined):
        assert client.get(address).status_code == 404, address


def test_a_stranger_can_change_nothing(photo: Photo, examined: Analysis, charlie: User, signed_in: SignIn) -> None:
    client = signed_in(charlie)
    for address, data in actions(photo):
        assert client.post(address, data).status_code == 404, address
    assert Applicant.objects.get(pk=photo.applicant_id).review == "waiting"
    assert not Decision.objects.exists()


def test_a_team_mate_sees_every_page(photo: Photo, examined: Analysis, ada: User, signed_in: SignIn) -> None:
    client = signed_in(ada)
    for address in addresses(photo, examined):
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("name", PAGES)
def test_without_signing_in_there_is_only_the_sign_in(name: str, db: None, client: Client) -> None:
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/sign-in/?next=")


def test_healthz_needs_no_sign_in(db: None, client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")


def test_a_reviewer_is_told_that_recruiters_add(opening: Opening, bob: User, signed_in: SignIn) -> None:
    client = signed_in(bob)
    for address in (reverse("opening-new"), reverse("applicant-new", args=[opening.pk])):
        response = client.get(address)
        assert response.status_code == 403
        assert "Only recruiters and admins" in response.content.decode()


def test_a_reviewer_cannot_upload(applicant: Applicant, bob: User, signed_in: SignIn) -> None:
    address = reverse("photo-upload", args=[applicant.pk])
    assert signed_in(bob).post(address, {"photos": upload(b"x")}).status_code == 403
    assert not Photo.objects.exists()


def test_a_reviewer_decides(applicant: Applicant, bob: User, signed_in: SignIn) -> None:
    address = reverse("decide", args=[applicant.pk])
    response = signed_in(bob).post(address, {"choice": "ask-to-meet", "reason": "The file does not settle it."})
    assert response.status_code == 302
    assert Decision.objects.get().reviewer == bob


def test_a_recruiter_cannot_change_an_openings_policy(opening: Opening, alice: User, signed_in: SignIn) -> None:
    assert signed_in(alice).get(reverse("opening-edit", args=[opening.pk])).status_code == 403


def test_a_list_shows_nothing_of_another_team(photo: Photo, charlie: User, signed_in: SignIn) -> None:
    client = signed_in(charlie)
    for address in ("/openings/", "/openings/?q=Eileen", "/openings/?q=autumn", "/queue/", "/reports/"):
        page = client.get(address).content.decode()
        assert "Eileen Collins" not in page
        assert "Lead, autumn film" not in page


def test_the_same_file_at_another_team_is_not_mentioned(
    photo: Photo, examined: Analysis, charlie: User, signed_in: SignIn
) -> None:
    """That another agency knows a person is nobody's business."""
    from vetting import intake

    other = Opening.objects.create(team=charlie.memberships.get().team, title="Receptionist", created_by=charlie)
    applicant = intake.add_applicant(opening=other, name="E. C.", by=charlie)
    twin = intake.accept_photo(applicant=applicant, upload=upload(photo.read_original()), by=charlie).photo
    examine_now(twin)
    page = signed_in(charlie).get(applicant.get_absolute_url()).content.decode()
    assert "No other applicant of your team sent this picture" in page
    assert "Eileen Collins" not in page


def test_a_preview_is_private_and_an_original_is_never_served(
    add_photo: AddPhoto, alice: User, signed_in: SignIn
) -> None:
    photo = add_photo()
    examine_now(photo)
    client = signed_in(alice)
    response = client.get(reverse("photo-preview", args=[photo.pk, "large"]))
    served = response.content
    assert response.headers["Content-Type"] == "image/webp"
    assert "private" in response.headers["Cache-Control"]
    assert served[:4] == b"RIFF"
    assert served != photo.read_original()
    assert client.get(f"/photos/{photo.pk}/original.webp").status_code == 404


def test_before_the_examination_there_is_no_preview_but_the_page_works(
    photo: Photo, alice: User, signed_in: SignIn
) -> None:
    client = signed_in(alice)
    assert client.get(reverse("photo-preview", args=[photo.pk, "small"])).status_code == 404
    assert "no-preview.svg" in client.get(photo.applicant.get_absolute_url()).content.decode()


def test_too_many_wrong_passwords_pause_the_sign_in(alice: User, client: Client) -> None:
    answers = [client.post("/sign-in/", {"username": "alice", "password": "wrong"}) for _ in range(8)]
    assert [answer.status_code for answer in answers[:7]] == [200] * 7
    assert answers[7].status_code == 429
    right = client.post("/sign-in/", {"username": "alice", "password": "correct horse battery"})
    assert right.status_code == 429
    assert "Sign-in paused" in right.content.decode()


def test_signing_out_takes_a_post(alice: User, signed_in: SignIn) -> None:
    client = signed_in(alice)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert client.get("/openings/").status_code == 302


def test_a_form_without_its_token_changes_nothing_and_says_so(applicant: Applicant, alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post(reverse("decide", args=[applicant.pk]), {"choice": "accept", "reason": "Fine."})
    assert response.status_code == 403
    assert "Please send that again" in response.content.decode()
    assert not Decision.objects.exists()


# --- members


def test_an_admin_adds_a_member_whose_password_is_shown_once(ada: User, signed_in: SignIn) -> None:
    client = signed_in(ada)
    team = ada.memberships.get().team
    sent = {"do": "add", "team": team.pk, "username": "dora", "full_name": "Dora Lind", "role": "reviewer"}
    page = client.post("/settings/", sent).content.decode()
    dora = User.objects.get(username="dora")
    password = page.split("password <code>")[1].split("</code>")[0]
    assert dora.check_password(password)
    assert dora.memberships.get().role == Role.REVIEWER
    assert password not in client.get("/settings/").content.decode()


def test_only_admins_change_members(alice: User, bob: User, ada: User, signed_in: SignIn) -> None:
    his = bob.memberships.get()
    sent = {"do": "role", "membership": his.pk, "role": "admin"}
    assert signed_in(alice).post("/settings/", sent).status_code == 403
    assert signed_in(bob).post("/settings/", sent).status_code == 403
    signed_in(ada).post("/settings/", sent)
    his.refresh_from_db()
    assert his.role == Role.ADMIN


def test_an_admin_of_one_team_cannot_reach_into_another(ada: User, charlie: User, signed_in: SignIn) -> None:
    theirs = charlie.memberships.get()
    client = signed_in(ada)
    for sent in ({"do": "remove"}, {"do": "role", "role": "reviewer"}):
        assert client.post("/settings/", sent | {"membership": str(theirs.pk)}).status_code == 404
    add = {"do": "add", "team": theirs.team_id, "username": "ada", "role": "admin"}
    assert client.post("/settings/", add).status_code == 404
    assert Membership.objects.filter(team=theirs.team).count() == 1


def test_the_last_admin_stays(ada: User, bob: User, signed_in: SignIn) -> None:
    client = signed_in(ada)
    hers = ada.memberships.get()
    for sent in ({"do": "remove"}, {"do": "role", "role": "reviewer"}):
        page = client.post("/settings/", sent | {"membership": str(hers.pk)}, follow=True).content.decode()
        assert "is the only admin" in page
    client.post("/settings/", {"do": "role", "membership": bob.memberships.get().pk, "role": "admin"})
    client.post("/settings/", {"do": "remove", "membership": hers.pk})
    assert not ada.memberships.exists()
