"""Who may open what, for every address of the site and every path of the API.

The addresses come from the URL configuration and the calls from the OpenAPI document: one that has no row in PAGES, or
no entry in BODIES, fails here by its name. A row says what each person gets: the recruiter alice, the reviewer bob and
the admin ada of the team that owns the thing, charlie of another team, and somebody who has not signed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from detector import Examination
from tests.conftest import SignIn, picture, upload
from tests.vetting.booths import compared
from tests.vetting.callers import Caller, caller, problem
from vetting import analysis as analysis_stage
from vetting import intake
from vetting.api.api import document
from vetting.bulk.receiving import begin_folder
from vetting.candidate.links import key_of, make_link
from vetting.certify.entering import create_certification, enter_photo
from vetting.fairness.links import key_of as key_of_audit
from vetting.fairness.links import make_audit_link
from vetting.models import Bulk, Photo, Team, User, Webhook
from vetting.models.decision import Choice
from vetting.notes import write_note
from vetting.preview import make_previews
from vetting.reply.comparing import request_comparison
from vetting.report.keys import key_id, signing_key
from vetting.retention import forget_applicant
from vetting.review import decide_case
from vetting.saved_views import save_view
from vetting.tokens import Scope, make_token
from vetting.webhooks.keeping import send_test

PEOPLE = ("alice", "bob", "ada", "charlie", "nobody")
SIGN_IN = 302  # for nobody: to the page that asks who it is
Things = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """get, post: the status for each of PEOPLE; without, the address does not take the method. of: the URL's parts.

    data: what is posted, with {names} of things filled in; the statuses hold for a form that is filled in like this.
    """

    get: str = ""
    post: str = ""
    of: tuple[str, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)
    makes: Callable[[Things], Any] | None = None


# Usual answers.
MEMBERS = "200 200 200 404 302"  # who is in the team
ADDERS = "200 403 200 404 302"  # recruiters and admins
ADMINS = "403 403 200 404 302"
ANYBODY = "200 200 200 200 302"  # who is signed in sees the page, with the own team's things in it
EVERYBODY = "200 200 200 200 200"
SENT_ON = "302 302 302 302 302"  # by whoever has the key
NOBODY = "404 404 404 404 404"  # off until configured
DONE = "302 302 302 404 302"  # carried out, and sent on to a page
DONE_BY_ADDERS = "302 403 302 404 302"
DONE_BY_ADMINS = "403 403 302 404 302"


def _photo(things: Things) -> dict[str, Any]:
    return {"photos": upload(picture(9), "other.jpg")}


def _meeting(things: Things) -> dict[str, Any]:
    return {"picture": upload(picture(7))}


PAGES: dict[str, Row] = {
    "home": Row(get="302 302 302 302 302", post="302 302 302 302 302"),  # on to the openings
    # openings and applicants
    "openings": Row(get=ANYBODY),
    "opening-new": Row(
        get="200 403 200 200 302",
        post="302 403 302 302 302",
        data={"title": "Extras", "retouching": "strict", "retention_days": "90", "photo_reason": "To cast.",
              "deciders": "any", "second_review": "never", "team": "{own_team}"},
    ),
    "opening": Row(get=MEMBERS, of=("opening",)),
    "opening-edit": Row(
        get=ADMINS,
        post=DONE_BY_ADMINS,
        of=("opening",),
        data={"title": "Extras", "retouching": "strict", "retention_days": "90", "deciders": "any",
              "second_review": "never"},
    ),
    "applicant-new": Row(get=ADDERS, post=DONE_BY_ADDERS, of=("opening",), data={"name": "Mae Jemison"}),
    "applicant": Row(get=MEMBERS, of=("applicant",)),
    "photo-upload": Row(post=ADDERS, of=("applicant",), makes=_photo),
    "applicant-forget": Row(get=ADDERS, post=DONE_BY_ADDERS, of=("applicant",)),
    # keeping and deleting
    "hold": Row(get=ADMINS, post=DONE_BY_ADMINS, of=("applicant",), data={"reason": "A claim is announced."}),
    "hold-lift": Row(post=DONE_BY_ADMINS, of=("applicant",)),
    "data-copy": Row(post=ADDERS, of=("applicant",)),
    "keeping": Row(get="403 403 200 403 302"),  # charlie runs no team
    "receipt": Row(get=EVERYBODY, of=("receipt",)),  # who was told its code
    "receipt-json": Row(get=EVERYBODY, of=("receipt",)),
    "photo-preview": Row(get=MEMBERS, of=("photo", "=small")),
    "photo-examine": Row(post=DONE, of=("photo",)),
    "history": Row(get=MEMBERS, of=("photo",)),
    "analysis": Row(get=MEMBERS, of=("analysis",)),
    "compare": Row(get="400 400 400 404 302", of=("analysis",)),  # with nothing to compare it with
    "history-thumbnail": Row(get="404 404 404 404 302", of=("analysis", "=1")),  # this photo has none
    # bulk import
    "bulk-new": Row(get=ADDERS, post=DONE_BY_ADDERS, of=("opening",), makes=_photo),
    "bulk-template": Row(get=ADDERS, of=("opening",)),
    "bulk": Row(get=ADDERS, of=("bulk",)),
    "bulk-files": Row(post=ADDERS, of=("bulk",), makes=_photo),
    "bulk-read": Row(post=DONE_BY_ADDERS, of=("bulk",)),
    "bulk-start": Row(post=DONE_BY_ADDERS, of=("bulk",)),
    "bulk-undo": Row(get=ADDERS, post=DONE_BY_ADDERS, of=("bulk",)),
    "bulk-discard": Row(post=DONE_BY_ADDERS, of=("bulk",)),
    # the candidate's link: the team's side, and what everybody sees who has the key
    "link-make": Row(post=DONE_BY_ADDERS, of=("applicant",), data={"days": "30"}),
    "link-send": Row(post=DONE_BY_ADDERS, of=("link",)),
    "link-hand-over": Row(post=DONE_BY_ADDERS, of=("link",)),
    "link-revoke": Row(get=ADDERS, post=DONE_BY_ADDERS, of=("link",)),
    "candidate": Row(get=EVERYBODY, of=("link_key",)),
    "candidate-notice": Row(
        get=EVERYBODY,
        post=SENT_ON,
        of=("link_key",),
        data={"kind": "photos", "given": "yes", "notice": "1"},
    ),
    "candidate-photos": Row(get=EVERYBODY, post=EVERYBODY, of=("link_key",), makes=_photo),
    "candidate-photo": Row(get=EVERYBODY, of=("link_key", "photo")),
    "candidate-photo-says": Row(post=SENT_ON, of=("link_key", "photo"), data={"says": "edited"}),
    "candidate-groups": Row(  # members of the team are not shown answers, and give none
        get=EVERYBODY, post="200 200 200 302 302", of=("link_key",), data={"notice": "1", "sex": "female"}
    ),
    "candidate-data": Row(get=EVERYBODY, post=SENT_ON, of=("link_key",)),
    "candidate-data-copy": Row(post="302 302 302 200 200", of=("link_key",)),  # no member of the team in their place
    "candidate-data-erase": Row(get=EVERYBODY, post=SENT_ON, of=("link_key",)),
    # the right of reply, and originals compared; the candidate has nothing to answer here
    "candidate-reply": Row(get=EVERYBODY, post=EVERYBODY, of=("link_key",), data={"what": "explanation", "text": "x"}),
    "reply-tell": Row(post=DONE, of=("reply",), data={"how": "handed"}),
    "reply-link": Row(post=DONE, of=("reply",)),
    "reply-close": Row(post=DONE, of=("reply",)),
    "comparison-start": Row(
        post=DONE, of=("set_aside",), data={"photo": "{first_photo}", "original": "{original_photo}"}
    ),
    "comparison": Row(get=MEMBERS, of=("comparison",)),
    "comparison-again": Row(post=DONE, of=("comparison",)),
    "comparison-picture": Row(get="404 404 404 404 302", of=("comparison", "=first")),  # not compared yet
    # at the meeting
    "booth-new": Row(
        get=MEMBERS, post=DONE, of=("applicant",), data={"photo": "{photo}", "how": "camera"}, makes=_meeting
    ),
    "booth-consent": Row(post=DONE, of=("applicant",), data={"agreed": "on", "notice": "1"}),
    "booth": Row(get=MEMBERS, of=("booth",)),
    "booth-answer": Row(post=DONE, of=("booth",), data={"says": "matches"}),
    "booth-again": Row(post=DONE, of=("booth",)),
    "booth-delete": Row(get=ADDERS, post=DONE_BY_ADDERS, of=("booth",)),
    "booth-picture": Row(get=MEMBERS, of=("booth", "=live")),
    # the queue
    "queue": Row(get=ANYBODY),
    "decide": Row(post=DONE, of=("applicant",), data={"choice": "accept", "reason": "Fine."}),
    "case-take": Row(post=DONE, of=("applicant",)),
    "case-release": Row(post=DONE, of=("applicant",)),
    "case-pass-on": Row(post=DONE, of=("applicant",), data={"to": "{bob}"}),
    "first-look": Row(post=DONE, of=("applicant",), data={"sees": "nothing"}),
    # what people keep and tell one another
    "note-write": Row(post=DONE, of=("applicant",), data={"text": "Known from the spring campaign."}),
    "note-withdraw": Row(post="403 302 403 404 302", of=("note",)),  # whose it is
    "mentions": Row(get=ANYBODY),
    "activity": Row(get=ANYBODY),
    "saved-views": Row(
        get=ANYBODY, post="302 302 302 302 302", data={"name": "Mine", "query": "whose=mine", "team": "{own_team}"}
    ),
    "saved-view": Row(post="302 403 302 404 302", of=("view",), data={"name": "Ours", "shared": "on"}),  # alice's
    "decision-undo": Row(post="403 302 403 404 302", of=("decision",)),  # whose it is
    "agreement": Row(get=ANYBODY),
    "agreement-csv": Row(get=ANYBODY),
    # the auditor page, which names nobody: for admins, and for who has an auditor's link
    "audit": Row(get="403 403 200 403 302"),  # charlie runs no team
    "audit-csv": Row(get="403 403 200 403 302"),
    "audit-link-new": Row(post=DONE_BY_ADMINS, of=("team",), data={"auditor": "R. Berg", "lasts": "30"}),
    "audit-link-revoke": Row(post=DONE_BY_ADMINS, of=("audit_link",)),
    "audit-linked": Row(get=EVERYBODY, of=("audit_key",)),
    "audit-linked-csv": Row(get=EVERYBODY, of=("audit_key",)),
    "privacy": Row(get=EVERYBODY),
    # reports
    "reports": Row(get=ANYBODY),
    "opening-reports": Row(get=MEMBERS, of=("opening",)),
    "bundle": Row(post=MEMBERS, of=("opening",), data={"all": "1"}),
    "opening-csv": Row(get=MEMBERS, of=("opening",)),
    "opening-json": Row(get=MEMBERS, of=("opening",)),
    "opening-pdf": Row(get=MEMBERS, of=("opening",)),
    "applicant-csv": Row(get=MEMBERS, of=("applicant",)),
    "applicant-json": Row(get=MEMBERS, of=("applicant",)),
    "applicant-pdf": Row(get=MEMBERS, of=("applicant",)),
    "verify": Row(get=EVERYBODY, post=EVERYBODY),
    "public-key": Row(get=EVERYBODY, of=("key",)),
    # your own photos
    "accuracy": Row(get=ANYBODY),
    "certifications": Row(get=ANYBODY),
    "certification-new": Row(
        get="200 403 200 200 302",
        post="302 403 302 302 302",
        data={"team": "{own_team}", "name": "Studio Berlin", "camera": "on"},
    ),
    "certification": Row(get=MEMBERS, of=("certification",)),
    "certification-upload": Row(post=ADDERS, of=("certification",), makes=_photo),
    "certification-photo-remove": Row(post=DONE_BY_ADDERS, of=("certification", "certification_photo")),
    "certification-delete": Row(get=ADDERS, post=DONE_BY_ADDERS, of=("certification",)),
    "certification-csv": Row(get=MEMBERS, of=("certification",)),
    "certification-json": Row(get=MEMBERS, of=("certification",)),
    # settings
    "settings": Row(
        get=ANYBODY, post=DONE_BY_ADMINS, data={"do": "role", "membership": "{bobs_membership}", "role": "admin"}
    ),
    "connections": Row(get="403 403 200 403 302"),  # charlie runs no team
    "token-new": Row(get=ADMINS, post=ADMINS, of=("team",), data={"name": "Import", "scopes": "read:openings"}),
    "token-revoke": Row(post=DONE_BY_ADMINS, of=("token",)),
    "webhook-new": Row(
        get=ADMINS,
        post=DONE_BY_ADMINS,
        of=("team",),
        data={"url": "https://ats.example.org/hook", "events": "verdict.ready"},
    ),
    "webhook": Row(
        get=ADMINS,
        post=DONE_BY_ADMINS,
        of=("webhook",),
        data={"url": "https://ats.example.org/other", "events": "verdict.ready", "active": "on"},
    ),
    "webhook-test": Row(post=DONE_BY_ADMINS, of=("webhook",)),
    "webhook-delete": Row(get=ADMINS, post=DONE_BY_ADMINS, of=("webhook",)),
    "delivery-replay": Row(post=DONE_BY_ADMINS, of=("delivery",)),
    "api-docs": Row(get=ANYBODY),
    "api-openapi": Row(get=EVERYBODY),
    "styleguide": Row(get=ANYBODY),
    # one's own account
    "password": Row(get=ANYBODY, post=ANYBODY, data={"old_password": "wrong"}),
    "sign-in": Row(get="302 302 302 302 200", post="302 302 302 302 200", data={"username": "x", "password": "y"}),
    # single sign-on and second factor, which are off here; test_second_factor, test_single_sign_on
    "mfa_authenticate": Row(get=NOBODY, post=NOBODY),
    "mfa_login_webauthn": Row(get=NOBODY, post=NOBODY),
    "single-sign-on": Row(get=NOBODY, post=NOBODY),
    "single-sign-on-back": Row(get=NOBODY, post=NOBODY),
    "single-sign-on-link": Row(get=NOBODY, post=NOBODY),
    "single-sign-on-unlink": Row(get=NOBODY, post=NOBODY),
    "mfa_index": Row(get=NOBODY, post=NOBODY),
    "account_reauthenticate": Row(get=NOBODY, post=NOBODY),
    "mfa_reauthenticate": Row(get=NOBODY, post=NOBODY),
    "mfa_reauthenticate_webauthn": Row(get=NOBODY, post=NOBODY),
    "mfa_activate_totp": Row(get=NOBODY, post=NOBODY),
    "second-factor-qr": Row(get=NOBODY, post=NOBODY),
    "mfa_deactivate_totp": Row(get=NOBODY, post=NOBODY),
    "mfa_view_recovery_codes": Row(get=NOBODY, post=NOBODY),
    "mfa_generate_recovery_codes": Row(get=NOBODY, post=NOBODY),
    "mfa_add_webauthn": Row(get=NOBODY, post=NOBODY),
    "mfa_remove_webauthn": Row(get=NOBODY, post=NOBODY, of=("=1",)),
    "sign-out": Row(post="302 302 302 302 302"),
    "healthz": Row(get=EVERYBODY),
    "readyz": Row(get=EVERYBODY),
    "metrics": Row(get=NOBODY),  # for who has the token
}  # fmt: skip
NOT_HERE = {
    "account_login": "the sign-in, under the name by which allauth looks it up",
    "api-unknown": "no call of the API; test_what_is_no_call_is_a_problem",
}


# --- the table is whole


def site_urls() -> Iterator[tuple[str, str]]:
    """Name and route of every address outside the operator's admin."""
    yield from _urls(get_resolver().url_patterns, "")


def _urls(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if route.startswith("admin/"):
            continue
        if isinstance(pattern, URLResolver):
            yield from _urls(pattern.url_patterns, route)
        else:
            yield pattern.name or ("home" if route == "" else ""), route


def calls() -> dict[str, tuple[str, str, str]]:
    """The API's operations: name -> method, path, scope."""
    paths = document()["paths"]
    return {
        call["operationId"]: (method, path, call["x-scope"])
        for path, methods in paths.items()
        for method, call in methods.items()
    }


def test_every_address_has_a_name_and_a_row() -> None:
    named = dict(site_urls())
    assert "" not in named, f"{named['']} has no name"
    missing = set(named) - set(PAGES) - set(NOT_HERE) - {f"api-{call}" for call in calls()}
    assert not missing, f"say in PAGES who may open {sorted(missing)}"
    gone = (set(PAGES) | set(NOT_HERE)) - set(named)
    assert not gone, f"there is no address any more for {sorted(gone)}"


# --- the things that the addresses are about


@pytest.fixture(scope="session")
def examination() -> Examination:
    """One real examination, whose result every test here takes for its own photo."""
    data = picture()
    return analysis_stage.examine_bytes(data, sha256=sha256(data).hexdigest())


@pytest.fixture
def things(
    photo: Photo, examination: Examination, team: Team, alice: User, bob: User, ada: User, charlie: User
) -> Things:
    """One of each, in alice's team."""
    cache.clear()
    team.asks_groups = True
    team.save(update_fields=["asks_groups"])
    claimed = analysis_stage.claim(photo.analyses.get().pk)
    assert claimed is not None
    assert examination.portrait is not None
    make_previews(photo, examination.portrait.rgb)
    analysis_stage.finish(claimed, examination)
    decided = intake.add_applicant(opening=photo.applicant.opening, name="Sally Ride", by=alice)
    decision = decide_case(applicant=decided, reviewer=bob, choice=Choice.ACCEPT, reason="Fine.")
    certification = create_certification(team=team, name="Studio Paris", by=alice)
    own = enter_photo(certification=certification, upload=upload(picture(5)), by=alice).photo
    token = make_token(team=team, by=ada, name="Applicant tracking", scopes=[Scope.READ_OPENINGS]).token
    webhook = Webhook.objects.create(
        team=team, url="https://ats.example.org/hook", secret="s", events=["verdict.ready"], created_by=ada
    )
    bulk = begin_folder(opening=photo.applicant.opening, name="Headshots", by=alice)
    Bulk.objects.filter(pk=bulk.pk).update(started_at=timezone.now())
    view = save_view(team=team, by=alice, opening=None, name="Free", query="whose=free", shared=True)
    link = make_link(applicant=photo.applicant, by=alice)
    audit_link = make_audit_link(team=team, by=ada, auditor="R. Berg", lasts=timedelta(days=30))
    aside = intake.add_applicant(opening=photo.applicant.opening, name="Guion Bluford", by=alice)
    pair = [intake.accept_photo(applicant=aside, upload=upload(picture(n)), by=alice).photo for n in (11, 12)]
    reply = decide_case(applicant=aside, reviewer=bob, choice=Choice.SET_ASIDE, reason="Too smooth.").reply
    gone = intake.add_applicant(opening=photo.applicant.opening, name="Judith Resnik", by=alice)
    made = {
        "receipt": forget_applicant(applicant=gone, by=alice).code,
        "booth": compared(photo, alice).pk,
        "reply": reply.pk, "set_aside": aside.pk, "first_photo": pair[0].pk, "original_photo": pair[1].pk,
        "comparison": request_comparison(photo=pair[0], original=pair[1], by=bob).pk,
        "link": link.pk, "link_key": key_of(link),
        "audit_link": audit_link.pk, "audit_key": key_of_audit(audit_link),
        "applicant": photo.applicant_id, "opening": photo.applicant.opening_id, "photo": photo.pk,
        "analysis": claimed.pk, "decision": decision.pk, "certification": certification.pk,
        "certification_photo": own.pk, "bulk": bulk.pk,
        "team": team.pk, "token": token.pk, "webhook": webhook.pk,
        "delivery": send_test(webhook=webhook, by=ada).pk, "key": key_id(signing_key().public_key()),
        "note": write_note(applicant=photo.applicant, author=bob, text="Fine.").note.pk, "view": view.pk,
        "bob": bob.pk, "bobs_membership": bob.memberships.get().pk,
    }  # fmt: skip
    people = {"alice": alice, "bob": bob, "ada": ada, "charlie": charlie, "nobody": None}
    return made | {"people": people}


@pytest.fixture
def clients(things: Things, signed_in: SignIn) -> dict[str, Client]:
    return {name: signed_in(user) if user else Client() for name, user in things["people"].items()}


# --- pages


@pytest.mark.parametrize("name", sorted(PAGES))
def test_an_address_answers_each_person_as_its_row_says(name: str, things: Things, clients: dict[str, Client]) -> None:
    row = PAGES[name]
    assert _answers(clients, "GET", name, things) in _expected(row.get), "GET"
    assert _answers(clients, "POST", name, things) in _expected(row.post), "POST"


def _expected(said: str) -> list[dict[str, str]]:
    """Where nothing is said the address does not take the method; nobody may hear of that or be asked to sign in."""
    rows = [said] if said else ["405 405 405 405 302", "405 405 405 405 405"]
    return [dict(zip(PEOPLE, row.split(), strict=True)) for row in rows]


def _answers(clients: dict[str, Client], method: str, name: str, things: Things) -> dict[str, str]:
    return {person: _status(clients[person], method, name, things, person) for person in PEOPLE}


def _status(client: Client, method: str, name: str, things: Things, person: str) -> str:
    """The answer's status; whatever the call did is undone."""
    row = PAGES[name]
    parts = [part[1:] if part.startswith("=") else things[part] for part in row.of]
    address = "/" if name == "home" else reverse(name, args=parts)
    with transaction.atomic():
        response = client.get(address) if method == "GET" else client.post(address, _filled(row, things, person))
        transaction.set_rollback(True)
    if person == "nobody" and response.status_code == SIGN_IN and name not in ("home", "sign-out") and not by_key(name):
        assert response.headers["Location"].startswith("/sign-in/?next="), address
    if hasattr(response, "streaming_content") and response.streaming:
        b"".join(response.streaming_content)
    return str(response.status_code)


def by_key(name: str) -> bool:
    """Behind a candidate's link, where nobody is asked to sign in."""
    return name.startswith("candidate")


def _filled(row: Row, things: Things, person: str) -> dict[str, Any]:
    user = things["people"][person]
    own = user.memberships.get().team_id if user else 0
    names = {key: value for key, value in things.items() if key != "people"} | {"own_team": own}
    filled = {key: value.format(**names) if isinstance(value, str) else value for key, value in row.data.items()}
    return filled | (row.makes(things) if row.makes else {})


def test_what_a_team_mate_may_not_is_said_in_a_sentence(things: Things, clients: dict[str, Client]) -> None:
    for name, row in PAGES.items():
        for person, status in zip(PEOPLE, row.get.split(), strict=False):
            if status == "403":
                parts = [part[1:] if part.startswith("=") else things[part] for part in row.of]
                page = clients[person].get(reverse(name, args=parts)).content.decode()
                assert "Only" in page, f"{name} does not tell {person} why"


def test_the_operators_admin_is_for_staff(things: Things, clients: dict[str, Client]) -> None:
    for person in PEOPLE:
        assert clients[person].get("/admin/").status_code == 302
        assert clients[person].get("/admin/vetting/team/").status_code == 302


# --- the API

BODIES: dict[str, Callable[[Caller, str], Any]] = {
    "add_applicant": lambda program, path: program.post(path, {"name": "Mae Jemison"}),
    "upload_photo": lambda program, path: program.send_photo(path, picture(9)),
}
NOUNS = {"openings": "opening", "applicants": "applicant", "photos": "photo"}


def _call(program: Caller, name: str, things: Things) -> Any:
    """The call with everything filled in; whatever it did is undone."""
    method, path, _ = calls()[name]
    noun = path.removeprefix("/api/v1/").split("/")[0]
    address = path.removeprefix("/api/v1").replace("{id}", str(things[NOUNS[noun]]) if "{id}" in path else "")
    assert method == "get" or name in BODIES, f"say in BODIES what {name} sends"
    with transaction.atomic():
        response = BODIES[name](program, address) if name in BODIES else program.get(address)
        transaction.set_rollback(True)
    return response


@pytest.mark.parametrize("name", sorted(calls()))
def test_a_call_is_for_tokens_of_the_team_with_its_scope(
    name: str, things: Things, clients: dict[str, Client], team: Team, ada: User, charlie: User
) -> None:
    method, path, needed = calls()[name]
    for scope in Scope:
        response = _call(caller(team, ada, [scope]), name, things)
        if scope.value == needed:
            assert response.status_code in (200, 201), response.content
        else:
            assert needed in problem(response, 403, "no-scope")["detail"]
    strangers = _call(caller(charlie.memberships.get().team, charlie), name, things)
    if "{id}" in path:
        problem(strangers, 404, "not-found")
    else:
        assert strangers.json() == {"items": [], "next": None}
    for text in ("", "candid_00000000_nothing", "nonsense"):
        problem(_call(Caller(text), name, things), 401, "no-token")
    problem(_call(Caller("", clients["ada"]), name, things), 401, "no-token")
    assert (method == "get") == (name not in BODIES)


def test_what_is_no_call_is_a_problem(client: Client, db: None) -> None:
    for address in ("/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v1/decisions/1/reject"):
        problem(client.get(address), 404, "not-found")
        problem(client.post(address), 404, "not-found")
