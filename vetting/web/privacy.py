"""The public privacy page: what this installation stores and does, said from the settings that are in force.

It names no team, host, path or secret. What it says of the program is held by tests; what it says of settings changes
with them. Who answers for the data, and the whole of the notice, is on the candidate's own page.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.db.models import Max, Min

from vetting.fairness.hiding import LEAST
from vetting.keeping.requests import REGRET
from vetting.models import Opening, Team, Webhook
from vetting.web.sign_in import offered

DATABASES = {"sqlite3": "a database file (SQLite) on this site’s own disk", "postgresql": "a PostgreSQL database"}
FOLDER, BUCKET = "files on this site’s own disk", "an object store that speaks S3"
ALWAYS, CONFIGURED = "always", "as set now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A row of the table: what, where, until when."""

    what: str
    where: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """kind: whether the sentences hold of the program in any case, or as this site is set now."""

    anchor: str
    title: str
    kind: str = ALWAYS
    sentences: tuple[str, ...] = ()
    rows: tuple[Stored, ...] = ()


def sections() -> tuple[Section, ...]:
    """A handful of queries, none of which grows with candidates."""
    return (
        Section(anchor="stored", title="What is stored, and where", kind=CONFIGURED, rows=tuple(_stored())),
        Section(anchor="kept", title="How long", kind=CONFIGURED, sentences=tuple(_kept())),
        Section(anchor="faces", title="Faces", sentences=FACES),
        Section(anchor="likeness", title="The likeness score", kind=CONFIGURED, sentences=tuple(_likeness())),
        Section(anchor="groups", title="Groups", kind=CONFIGURED, sentences=tuple(_groups())),
        Section(anchor="never", title="What is never done", sentences=NEVER),
        Section(anchor="who", title="Who gets in", kind=CONFIGURED, sentences=tuple(_doors())),
        Section(anchor="out", title="What leaves this site", kind=CONFIGURED, sentences=tuple(_connections())),
        Section(anchor="cookies", title="Cookies", kind=CONFIGURED, sentences=tuple(_cookies())),
        Section(anchor="limits", title="Limits", kind=CONFIGURED, sentences=tuple(_limits())),
    )


FACES = (
    "While a photo is examined, programs find the face and points on it, to know where eyes, skin and hair are. These "
    "points are gone when the examination ends. Stored are the box around the face and the places that findings are "
    "about.",
    "If you meet the team and agree to it, one picture of you is laid beside your photo and the two are measured "
    "against each other: proportions, skin, hair, retouching. The result is sentences and a few single figures, each "
    "with its uncertainty. A person says whether it fits. No list of numbers by which a machine could know you again "
    "is stored, ever.",
    "From each photo fingerprints of the picture are taken, to find the same picture under another name within the "
    "same team. Another photo of the same person has another fingerprint.",
)
NEVER = (
    "No machine turns anybody down, sorts anybody out or decides anything: a person does, and writes down why.",
    "No face print is stored, and no person is searched for by face.",
    "Age, sex, race, feelings and looks are never guessed or rated.",
    "No program is trained with photos that are sent here.",
    "Where a photo was taken (its GPS position) is never copied from the file into the database or a report.",
    "Nothing is fetched from an address that stands in a file.",
    "No team sees another team’s data, or learns that another team knows a person.",
    "No advertising, no counting of visitors, nothing loaded from other sites.",
)


def _stored() -> Iterator[Stored]:
    rows, originals, previews = _database(), _storage("originals"), _storage("previews")
    gone = "deleted with the applicant"
    yield Stored(what="Name, e-mail address and reference of an applicant", where=rows, until=gone)
    yield Stored(what="The photo, byte for byte as it came", where=originals, until=gone)
    yield Stored(what="Smaller copies of the photo, without what the file says", where=previews, until=gone)
    yield Stored(what="What was found, and what the file says of itself", where=rows, until=gone)
    yield Stored(what="Decisions with their reasons, first looks, notes of the team", where=rows, until=gone)
    yield Stored(
        what="Links, notices, consents, what a candidate says of a photo, answers, requests", where=rows, until=gone
    )
    yield Stored(what="A picture taken at a meeting, if the candidate agreed", where=originals, until=gone)
    yield Stored(
        what="Groups that a candidate named", where=rows, until="until taken back, or deleted with the applicant"
    )
    yield Stored(
        what="A record of who did what when, with numbers in place of names",
        where=rows,
        until="kept; what it says of an erased person is emptied",
    )
    yield Stored(
        what="That somebody was here and is gone: a number, times, counts", where=rows, until="kept; it names nobody"
    )
    yield Stored(
        what="Accounts of team members; their sign-ins, with address and browser",
        where=rows,
        until="kept by the operator",
    )


def _kept() -> Iterator[str]:
    days = Opening.objects.aggregate(
        least=Min("retention_days"), most=Max("retention_days"), soon=Min("reply_days"), late=Max("reply_days")
    )
    if days["least"] is None:
        yield "No opening is set up here yet, so no retention is in force."
    else:
        yield (
            f"Each opening says how long its applicants are kept: {_range(days['least'], days['most'])} from the day "
            "they were added. Which it is for you stands in the notice on your own page."
        )
        yield (
            "When that time has passed, this site deletes them by itself."
            if settings.RETENTION_ENFORCED
            else "When that time has passed, a person has to delete them: here that does not happen by itself."
        )
        yield (
            f"If you are set aside or asked for the original, you have {_range(days['soon'], days['late'])} to answer, "
            "counted from the day you are told."
        )
    yield (
        "You can take a copy of your data, or have it deleted, with a button on your own page. Deletion is carried out "
        f"{_days(REGRET.days)} after you asked, so that you can change your mind."
    )
    yield "Where a law or a dispute demands it, an admin of the team can hold a case, and has to write down why."
    yield (
        f"Files of an import that nobody started are deleted after {_days(settings.BULK_KEPT.days)}. Reports that were "
        "saved elsewhere, and backups, are for the team and the operator of this site to delete."
    )


def _likeness() -> Iterator[str]:
    on, installed = Team.objects.filter(likeness=True).exists(), likeness_installed()
    if not installed:
        yield "Not installed on this site: no program here says how alike two faces are."
    elif not on:
        yield "Installed, and switched on for no team: no program here says how alike two faces are."
    else:
        yield (
            "Switched on for at least one team. It is used only for who agrees to it separately. It answers in a few "
            "words with how often they are wrong, never with yes or no. For that moment it makes a face print of both "
            "pictures, which is thrown away at once."
        )


def _groups() -> Iterator[str]:
    if Team.objects.filter(asks_groups=True).exists():
        yield (
            "At least one team asks candidates to name their sex and ethnic group, so that it can be checked whether "
            "all are treated alike. It is voluntary, and can be taken back at any time. Nobody who decides sees it: it "
            f"is shown in counts alone, of at least {LEAST} people."
        )
    else:
        yield "No team here asks candidates for their sex or ethnic group now."


def _doors() -> Iterator[str]:
    yield "Members of the team that asked for a photo see it; to everybody else its address does not exist."
    yield "Candidates come in by a link of their own, without an account. It expires and can be revoked."
    if settings.REQUIRE_SECOND_FACTOR:
        yield "Members need a second factor beside their password."
    elif offered.second_factor():
        yield "Members can set up a second factor beside their password; it is not demanded."
    else:
        yield "Members sign in without a second factor."
    if offered.single_sign_on():
        only = "" if offered.password_for_all() else ", and only there, the operators of this site aside"
        yield f"Members sign in with their organisation’s own sign-in{only}."
    yield (
        f"After {settings.AXES_FAILURE_LIMIT} wrong passwords the sign-in pauses for "
        f"{settings.AXES_COOLOFF_TIME.total_seconds() / 60:.0f} minutes."
    )


def _connections() -> Iterator[str]:
    yield "While a photo is examined or compared nothing leaves this site."
    if Webhook.objects.filter(active=True).exists():
        yield (
            "At least one team has its own systems told when a verdict is ready or a decision is made; these messages "
            "go to addresses that the team chose."
        )
    else:
        yield "No team has its own systems told of verdicts or decisions now."
    if settings.FETCH_TRUST:
        yield "Lists of known signers are fetched from the network; nothing about any photo goes with that."
    else:
        yield "Lists of known signers are brought by hand; this site does not fetch them by itself."
    if settings.EMAIL_BACKEND.endswith(".smtp.EmailBackend"):
        yield "Mail goes out by a mail server: links to candidates, if a team sends them so, and summaries to members."
    else:
        yield "No mail goes out: no mail server is set up."
    if offered.single_sign_on():
        yield "The organisation’s own sign-in is asked who a member is. It is told nothing of candidates."


def _cookies() -> Iterator[str]:
    hours = settings.SESSION_COOKIE_AGE // 3600
    yield (
        f"“{settings.CSRF_COOKIE_NAME}”: keeps other sites from sending forms in your name. “messages”: carries one "
        "sentence, such as “your answer is noted”, to the next page."
    )
    yield (
        f"“{settings.SESSION_COOKIE_NAME}”: for members who sign in, {hours} hours at most. Candidates get none. There "
        "is no other cookie."
    )


def _limits() -> Iterator[str]:
    yield (
        f"Photos up to {settings.MAX_PHOTO_BYTES // 1024**2} MB and {settings.MAX_PHOTO_PIXELS // 10**6} megapixels, "
        f"{settings.MAX_PHOTOS_AT_ONCE} at once."
    )
    yield "The checks are sometimes wrong, in both directions. What they say is a hint for a person, and never proof."


def _database() -> str:
    engine = str(settings.DATABASES["default"]["ENGINE"]).rpartition(".")[2]
    return DATABASES.get(engine, f"a database ({engine})")


def _storage(name: str) -> str:
    return BUCKET if "s3" in str(settings.STORAGES[name]["BACKEND"]).lower() else FOLDER


def _range(least: int, most: int) -> str:
    return _days(least) if least == most else f"{least} to {_days(most)}"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def likeness_installed() -> bool:
    """Late and by name: the score is an optional part, with packages of its own."""
    return find_spec("detector.likeness") is not None and bool(import_module("detector.likeness").available())


@lru_cache(maxsize=1)
def version() -> str:
    """Candid's own, as pyproject.toml has it; "" where that file was not brought along."""
    path = settings.BASE_DIR / "pyproject.toml"
    return str(tomllib.loads(path.read_text())["project"]["version"]) if path.is_file() else ""
