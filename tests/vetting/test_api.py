"""The API: what a token adds and reads, and that it reaches nothing of another team and decides nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from pytest_django import Settings

from tests.conftest import AddPhoto, examine_now, picture
from tests.vetting.callers import Caller, caller, problem
from vetting import intake
from vetting.api.api import document
from vetting.models import Analysis, ApiToken, Applicant, Event, IdempotentCall, Opening, Photo, Team, User
from vetting.models.decision import Choice
from vetting.review import decide_case
from vetting.tokens import Scope, forget_calls, make_token, recognise, revoke_token


@pytest.fixture
def ats(team: Team, ada: User) -> Caller:
    """The team's applicant tracking system, with every scope, that has not called yet."""
    cache.clear()
    return caller(team, ada)


# --- adding


def test_an_applicant_is_added_and_stands_in_the_record(ats: Caller, opening: Opening, ada: User) -> None:
    response = ats.post(f"/openings/{opening.pk}/applicants", {"name": "Eileen Collins", "reference": "ATS-1042"})
    assert response.status_code == 201
    added = Applicant.objects.get()
    assert response.headers["Location"] == f"/api/v1/applicants/{added.pk}"
    assert response.json()["reference"] == "ATS-1042"
    assert (added.name, added.created_by) == ("Eileen Collins", ada)
    assert Event.objects.get(verb="applicant.added").actor == ada
    wrote = Event.objects.get(verb="token.wrote")
    assert wrote.data == {"name": "Applicant tracking", "made": f"applicant:{added.pk}"}


def test_a_photo_is_examined_and_read_back(ats: Caller, applicant: Applicant) -> None:
    response = ats.send_photo(f"/applicants/{applicant.pk}/photos")
    assert response.status_code == 201
    photo = response.json()
    assert photo["examination"]["state"] == "queued"
    assert photo["verdict"] is None
    examine_now(Photo.objects.get(pk=photo["id"]))
    verdict = ats.get(f"/photos/{photo['id']}/verdict").json()
    assert verdict["examination"]["state"] == "done"
    assert verdict["code"] == Photo.objects.get().analyses.get().verdict
    assert verdict["summary"]
    assert ats.get(f"/applicants/{applicant.pk}").json()["photos"][0]["verdict"] == verdict["code"]
    assert ats.get("/applicants").json()["items"][0]["verdict"]["code"] == verdict["code"]


def test_the_same_bytes_again_are_the_same_photo(ats: Caller, applicant: Applicant) -> None:
    first = ats.send_photo(f"/applicants/{applicant.pk}/photos")
    again = ats.send_photo(f"/applicants/{applicant.pk}/photos")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert Event.objects.filter(verb="token.wrote").count() == 1


def test_findings_have_their_places_and_checks_that_saw_nothing_are_told(
    ats: Caller, examined: Analysis, photo: Photo
) -> None:
    told = ats.get(f"/photos/{photo.pk}/findings").json()
    assert [finding["number"] for finding in told["findings"]] == list(range(1, examined.findings.count() + 1))
    assert {check["status"] for check in told["checks"]} <= {"found", "clear", "not-applicable", "failed"}
    assert len(told["checks"]) == len(examined.result["outcomes"])
    assert (told["width"], told["height"]) == (photo.width, photo.height)


@pytest.mark.parametrize(
    ("ending", "start", "media"),
    [("pdf", b"%PDF", "application/pdf"), ("json", b"{", "application/json"), ("csv", b"\xef\xbb\xbf", "text/csv")],
)
def test_a_report_is_fetched_and_that_is_recorded(
    ending: str, start: bytes, media: str, ats: Caller, examined: Analysis, applicant: Applicant
) -> None:
    response = ats.get(f"/applicants/{applicant.pk}/report.{ending}")
    assert response.content.startswith(start)
    assert response.headers["Content-Type"].startswith(media)
    assert "attachment" in response.headers["Content-Disposition"]
    assert Event.objects.filter(verb="report.exported").count() == 1


def test_decisions_are_read_with_their_reasons(ats: Caller, applicant: Applicant, bob: User) -> None:
    decide_case(applicant=applicant, reviewer=bob, choice=Choice.ASK_TO_MEET, reason="The file does not settle it.")
    (told,) = ats.get("/decisions", applicant=applicant.pk).json()["items"]
    assert (told["choice"], told["reason"]) == ("ask-to-meet", "The file does not settle it.")
    assert told["reviewer"] == "Bob Lindqvist"
    assert ats.get("/decisions", applicant=applicant.pk + 1).json()["items"] == []


def test_no_call_decides_about_anybody() -> None:
    """The whole list of calls that change anything: adding an applicant, adding a photo."""
    changing = {
        (method.upper(), path) for path, methods in document()["paths"].items() for method in methods if method != "get"
    }
    assert changing == {
        ("POST", "/api/v1/openings/{id}/applicants"),
        ("POST", "/api/v1/applicants/{id}/photos"),
    }


# --- blind first


def test_a_blind_opening_keeps_the_machines_word_back_until_people_have_decided(
    ats: Caller, examined: Analysis, photo: Photo, applicant: Applicant, opening: Opening, bob: User
) -> None:
    Opening.objects.filter(pk=opening.pk).update(blind_first=True)
    addresses = [f"/photos/{photo.pk}", f"/photos/{photo.pk}/verdict", f"/photos/{photo.pk}/findings"]
    addresses += [f"/applicants/{applicant.pk}", "/applicants"]
    for address in addresses:
        told = ats.get(address)
        assert '"hidden": true' in told.content.decode()
        assert examined.verdict not in told.content.decode().replace("nothing-found", "")
        assert examined.summary not in told.content.decode()
    problem(ats.get(f"/applicants/{applicant.pk}/report.json"), 403, "blind")
    Applicant.objects.filter(pk=applicant.pk).update(review="to-meet")
    assert ats.get(f"/photos/{photo.pk}/verdict").json()["code"] == examined.verdict
    assert ats.get(f"/applicants/{applicant.pk}/report.json").status_code == 200


# --- another team


def test_a_strangers_token_finds_nothing(photo: Photo, applicant: Applicant, opening: Opening, charlie: User) -> None:
    theirs = caller(charlie.memberships.get().team, charlie)
    for address in (
        f"/openings/{opening.pk}",
        f"/applicants/{applicant.pk}",
        f"/applicants/{applicant.pk}/report.pdf",
        f"/photos/{photo.pk}",
        f"/photos/{photo.pk}/verdict",
        f"/photos/{photo.pk}/findings",
    ):
        problem(theirs.get(address), 404, "not-found")
    problem(theirs.post(f"/openings/{opening.pk}/applicants", {"name": "Intruder"}), 404, "not-found")
    problem(theirs.send_photo(f"/applicants/{applicant.pk}/photos"), 404, "not-found")
    assert Applicant.objects.count() == Photo.objects.count() == 1
    for address in ("/openings", "/applicants", "/decisions"):
        assert theirs.get(address).json() == {"items": [], "next": None}


# --- tokens


def test_only_the_hash_of_a_token_is_kept(team: Team, ada: User) -> None:
    new = make_token(team=team, by=ada, name="Import", scopes=[Scope.READ_OPENINGS])
    row = ApiToken.objects.get()
    assert new.text.startswith(f"candid_{row.prefix}_")
    assert new.text not in str(row.__dict__)
    assert new.text not in str(list(Event.objects.values_list("data", flat=True)))
    assert recognise(new.text) == row
    assert recognise(new.text + "x") is None
    assert recognise(new.text.swapcase()) is None


def test_a_revoked_token_opens_nothing(ats: Caller, ada: User) -> None:
    assert ats.get("/openings").status_code == 200
    revoke_token(token=ApiToken.objects.get(), by=ada)
    told = ats.get("/openings")
    problem(told, 401, "no-token")
    assert told.headers["WWW-Authenticate"].startswith("Bearer")
    assert Event.objects.filter(verb="token.revoked").count() == 1


def test_the_last_use_is_noted_once_a_minute(ats: Caller, opening: Opening, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):  # token, last use, openings
        ats.get("/openings")
    noted = ApiToken.objects.get().last_used_at
    assert noted is not None
    with django_assert_num_queries(2):
        ats.get("/openings")
    assert ApiToken.objects.get().last_used_at == noted


def test_a_token_may_do_what_its_scopes_say_and_no_more(team: Team, ada: User, opening: Opening) -> None:
    reader = caller(team, ada, [Scope.READ_OPENINGS])
    assert reader.get("/openings").status_code == 200
    told = problem(reader.get("/applicants"), 403, "no-scope")
    assert "read:applicants" in told["detail"]
    problem(reader.post(f"/openings/{opening.pk}/applicants", {"name": "A"}), 403, "no-scope")
    assert not Applicant.objects.exists()


def test_a_session_does_not_stand_for_a_token(site: Any, opening: Opening) -> None:
    problem(site.get("/api/v1/openings"), 401, "no-token")


# --- errors


def test_what_is_not_valid_is_named(ats: Caller, opening: Opening) -> None:
    address = f"/openings/{opening.pk}/applicants"
    told = problem(ats.post(address, {"name": "", "email": "nonsense", "colour": "red"}), 422, "invalid")
    assert [error["where"] for error in told["errors"]] == ["body.name", "body.email", "body.colour"]
    assert "name@example.org" in told["errors"][1]["problem"]
    for name in (" ", "\x00", "\u00a0", "a\nb", "x" * 201, None, 7):
        problem(ats.post(address, {"name": name}), 422, "invalid")
    assert not Applicant.objects.exists()


def test_every_refusal_is_a_problem(ats: Caller, opening: Opening, applicant: Applicant, settings: Settings) -> None:
    photos = f"/applicants/{applicant.pk}/photos"
    problem(ats.post(f"/openings/{opening.pk}/applicants", "{"), 400, "unreadable")
    problem(ats.get(f"/openings/{10**30}"), 422, "invalid")
    problem(ats.get("/openings", cursor="nonsense"), 422, "invalid")
    problem(ats.get("/openings", limit=101), 422, "invalid")
    told = problem(ats.get("/applicants", oppening=1), 422, "invalid")
    assert told["errors"] == [{"where": "query.oppening", "problem": "There is no such parameter."}]
    problem(ats.get("/nothing"), 404, "not-found")
    problem(ats.post("/openings", {}), 405, "no-method")
    problem(ats.post(photos, {}), 415, "media-type")
    problem(ats.send_photo(f"/openings/{opening.pk}/applicants"), 415, "media-type")
    told = problem(ats.send_photo(photos, b"no picture at all" * 40), 422, "refused")
    assert "picture" in told["detail"]
    settings.MAX_PHOTO_BYTES = 1000
    problem(ats.send_photo(photos), 413, "too-large")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    problem(ats.post(f"/openings/{opening.pk}/applicants", {"name": "A" * 50}), 413, "too-large")
    assert not Photo.objects.exists()


def test_an_error_of_ours_is_a_problem_and_tells_nothing(
    ats: Caller, photo: Photo, examined: Analysis, caplog: pytest.LogCaptureFixture
) -> None:
    Analysis.objects.filter(pk=examined.pk).update(result={"verdict": "not an object"})
    told = problem(ats.get(f"/photos/{photo.pk}/verdict"), 500, "our-error")
    assert "Traceback" not in str(told)
    assert "Traceback" in caplog.text


# --- again


def test_a_call_sent_twice_with_its_key_is_carried_out_once(ats: Caller, opening: Opening) -> None:
    address, key = f"/openings/{opening.pk}/applicants", "a-1"
    first = ats.post(address, {"name": "Eileen Collins"}, key=key)
    again = ats.post(address, '{ "name" : "Eileen Collins" }', key=key)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.headers["Location"] == again.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Applicant.objects.count() == 1


def test_a_key_stands_for_one_call(ats: Caller, opening: Opening, team: Team, ada: User) -> None:
    address, key = f"/openings/{opening.pk}/applicants", "a-1"
    ats.post(address, {"name": "Eileen Collins"}, key=key)
    problem(ats.post(address, {"name": "Mae Jemison"}, key=key), 422, "key-reused")
    assert caller(team, ada).post(address, {"name": "Mae Jemison"}, key=key).status_code == 201  # another token's key
    assert Applicant.objects.count() == 2


def test_an_upload_sent_again_gets_the_first_answer(ats: Caller, applicant: Applicant) -> None:
    address, key = f"/applicants/{applicant.pk}/photos", "p-1"
    assert ats.send_photo(address, key=key).status_code == 201
    assert ats.send_photo(address, key=key).status_code == 201
    problem(ats.send_photo(address, picture(3), key=key), 422, "key-reused")
    assert Photo.objects.count() == 1


def test_while_the_first_call_is_under_way_the_second_is_told_to_wait(ats: Caller, opening: Opening) -> None:
    address, key = f"/openings/{opening.pk}/applicants", "a-1"
    ats.post(address, {"name": "Eileen Collins"}, key=key)
    IdempotentCall.objects.update(status=None, body=None)
    told = ats.post(address, {"name": "Eileen Collins"}, key=key)
    problem(told, 409, "under-way")
    assert told.headers["Retry-After"] == "1"
    IdempotentCall.objects.update(made_at="2020-01-01T00:00:00Z")  # its process died
    assert ats.post(address, {"name": "Eileen Collins"}, key=key).status_code == 201


def test_a_refused_call_leaves_its_key_free(ats: Caller, applicant: Applicant) -> None:
    address, key = f"/applicants/{applicant.pk}/photos", "p-1"
    problem(ats.send_photo(address, b"no picture", key=key), 422, "refused")
    assert ats.send_photo(address, key=key).status_code == 201


def test_a_key_is_forgotten_after_a_day(ats: Caller, opening: Opening) -> None:
    address, key = f"/openings/{opening.pk}/applicants", "a-1"
    ats.post(address, {"name": "Eileen Collins"}, key=key)
    IdempotentCall.objects.update(made_at="2020-01-01T00:00:00Z")
    assert ats.post(address, {"name": "Mae Jemison"}, key=key).status_code == 201
    assert ats.post(address, {"name": "Mae Jemison"}, key=key).headers["Idempotency-Replayed"] == "true"
    forget_calls()
    assert IdempotentCall.objects.count() == 1
    IdempotentCall.objects.update(made_at="2020-01-01T00:00:00Z")
    forget_calls()
    assert not IdempotentCall.objects.exists()


# --- pages


def test_pages_miss_and_repeat_nothing_while_rows_are_added(ats: Caller, opening: Opening, alice: User) -> None:
    for number in range(5):
        intake.add_applicant(opening=opening, name=f"Applicant {number}", by=alice)
    seen, cursor = [], None
    for _ in range(4):
        page = ats.get("/applicants", limit=2, **({"cursor": cursor} if cursor else {})).json()
        seen += [row["name"] for row in page["items"]]
        cursor = page["next"]
        if len(seen) == 2:
            intake.add_applicant(opening=opening, name="Applicant 5", by=alice)
        if cursor is None:
            break
    assert seen == [f"Applicant {number}" for number in range(6)]
    assert cursor is None


def test_lists_narrow(ats: Caller, applicant: Applicant, opening: Opening) -> None:
    Applicant.objects.filter(pk=applicant.pk).update(reference="ATS-7")
    assert len(ats.get("/applicants", reference="ATS-7", opening=opening.pk).json()["items"]) == 1
    assert ats.get("/applicants", reference="ATS-8").json()["items"] == []
    assert ats.get("/applicants", opening=opening.pk + 1).json()["items"] == []


@pytest.mark.parametrize("photos", [1, 12])
def test_an_applicant_takes_as_many_queries_for_12_photos_as_for_one(
    photos: int, ats: Caller, applicant: Applicant, add_photo: AddPhoto, django_assert_num_queries: Any
) -> None:
    for seed in range(photos):
        add_photo(picture(seed))
    ats.get("/openings")  # notes the last use
    with django_assert_num_queries(4):  # token; applicant with opening, photos, analyses
        assert len(ats.get(f"/applicants/{applicant.pk}").json()["photos"]) == photos
    with django_assert_num_queries(2):
        ats.get("/applicants")


# --- limits


def test_a_token_that_calls_too_often_is_told_when_to_come_back(
    ats: Caller, opening: Opening, settings: Settings, team: Team, ada: User
) -> None:
    settings.API_CALLS_PER_MINUTE = 3
    answers = [ats.get("/openings") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["RateLimit-Limit"] == "3"
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    problem(answers[3], 429, "too-many")
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60
    assert caller(team, ada).get("/openings").status_code == 200


# --- the document and its page


def test_the_document_is_openapi_3_1_and_names_the_scope_of_every_call(client: Any, db: None) -> None:
    told = client.get("/api/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    calls = [call for methods in told["paths"].values() for call in methods.values()]
    assert {call["x-scope"] for call in calls} == set(Scope.values)
    assert all(call["security"] == [{"BearerToken": []}] for call in calls)


def test_the_page_says_every_call_in_the_look_of_the_site_and_loads_nothing_from_elsewhere(site: Any, db: None) -> None:
    page = site.get("/api/docs").content.decode()
    for path in document()["paths"]:
        assert path in page
    for slug in ("no-token", "key-reused", "too-many"):
        assert f'id="{slug}"' in page
    assert "`" not in page
    assert "cdn" not in page.lower()
    assert "<script>" not in page
