"""One person with everything that can be stored about somebody, and a search for what is left of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from axes.models import AccessAttempt
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from tests import pictures
from tests.conftest import examine_now, picture, upload
from tests.vetting.archives import zip_upload
from tests.vetting.callers import caller
from vetting import intake, report
from vetting.bulk.forgetting import delete_archive
from vetting.bulk.importing import start_import
from vetting.bulk.receiving import receive_archive
from vetting.bulk.tasks import carry_on
from vetting.candidate.links import make_link
from vetting.keeping.holds import lift_hold, place_hold
from vetting.models import (
    Applicant,
    BoothAnswer,
    BoothCheck,
    Bulk,
    BulkRow,
    CandidateLink,
    Comparison,
    Consent,
    Disclosure,
    IdempotentCall,
    Notice,
    Opening,
    Photo,
    Reply,
    ReplyEntry,
    SavedView,
    SelfReport,
    Team,
    User,
    Webhook,
)
from vetting.models.decision import Choice
from vetting.models.first_look import FirstLook
from vetting.notes import write_note
from vetting.preview import make_previews
from vetting.review import decide_case

NAME, EMAIL, REFERENCE = "Thekla Quastenbrink", "thekla.quastenbrink@example.org", "ATS-774411"
FILE = "quastenbrink-portrait.jpg"
WORDS = (NAME, "Quastenbrink", EMAIL, REFERENCE, FILE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Somebody of whom everything is stored. hashes: of every file that came in."""

    applicant: Applicant
    hashes: tuple[str, ...]
    link: CandidateLink


def known_person(opening: Opening, alice: User, bob: User, ada: User) -> Known:
    """Brought in by an import, then by upload, by the candidate and by a program; decided on, replied, met."""
    applicant = _imported(opening, alice)
    Webhook.objects.create(
        team=opening.team,
        url="https://ats.example.org/hook",
        secret="s",
        events=["verdict.ready", "decision.made"],
        created_by=ada,
    )
    uploaded = intake.accept_photo(applicant=applicant, upload=upload(picture(21), FILE), by=alice).photo
    link = make_link(applicant=applicant, by=alice)
    sent = intake.accept_photo(applicant=applicant, upload=upload(picture(22), FILE), by=link).photo
    for photo in applicant.photos.all():
        examine_now(photo)
        make_previews(photo, pictures.noise(320, 400))
    _desk(applicant, alice, bob)
    _candidate(applicant, link, uploaded, sent)
    _met(applicant, uploaded, link, alice)
    _programs(opening.team, applicant, ada)
    _kept_by_django(applicant, ada)
    report.applicant_pdf(applicant, by=bob)
    place_hold(applicant=applicant, by=ada, reason=f"{NAME} claims damages.")
    lift_hold(applicant=applicant, by=ada)
    hashes = [
        *applicant.photos.values_list("sha256", flat=True),
        *applicant.booth_checks.values_list("sha256", flat=True),
    ]
    return Known(applicant=Applicant.objects.get(pk=applicant.pk), hashes=tuple(hashes), link=link)


def _imported(opening: Opening, by: User) -> Applicant:
    table = f"name;email;reference;photo\n{NAME};{EMAIL};{REFERENCE};{FILE}\n{NAME};;;missing.jpg\n"
    bulk = receive_archive(
        opening=opening,
        archive=zip_upload({FILE: picture(20)}),
        table=SimpleUploadedFile("who.csv", table.encode()),
        by=by,
    )
    carry_on(bulk.pk)
    start_import(bulk=Bulk.objects.get(pk=bulk.pk), by=by)
    carry_on(bulk.pk)
    delete_archive(Bulk.objects.get(pk=bulk.pk))  # as the end of the transaction does
    return BulkRow.objects.filter(bulk=bulk).exclude(applicant=None).earliest("pk").applicant  # type: ignore[return-value]


def _desk(applicant: Applicant, alice: User, bob: User) -> None:
    write_note(applicant=applicant, author=alice, text=f"@bob do you know {NAME}?")
    team = applicant.opening.team
    SavedView.objects.create(
        team=team, user=alice, name="Hers", query="q=Thekla+quastenbrink", opening=applicant.opening
    )
    SavedView.objects.create(team=team, user=bob, name=f"{NAME} again", query="sort=name", opening=applicant.opening)
    FirstLook.objects.create(applicant=applicant, reviewer=bob, sees="nothing", note=f"Just {NAME}.")
    decide_case(applicant=applicant, reviewer=bob, choice=Choice.SET_ASIDE, reason=f"{NAME} did not answer.")


def _candidate(applicant: Applicant, link: CandidateLink, photo: Photo, original: Photo) -> None:
    Disclosure.objects.create(photo=photo, says="retouched", note=f"I am {NAME}.", link=link)
    decision = applicant.decisions.latest("pk")
    reply = Reply.objects.filter(applicant=applicant).first() or Reply.objects.create(
        applicant=applicant, decision=decision, days=14
    )
    ReplyEntry.objects.create(reply=reply, kind="explanation", text=f"Yours, {NAME}", link=link)
    ReplyEntry.objects.create(reply=reply, kind="original", photo=original, link=link)
    compared = Comparison.objects.filter(photo=photo, original=original).first() or Comparison.objects.create(
        photo=photo, original=original
    )
    Comparison.objects.filter(pk=compared.pk).update(
        state="done", finished_at=timezone.now(), has_pictures=True, result={"summary": f"Of {NAME}"}
    )
    for name in ("first", "difference"):
        storages["previews"].save(compared.picture_key(name), ContentFile(f"picture of {NAME}".encode()))
    SelfReport.objects.create(applicant=applicant, sex="female", link=link)


def _met(applicant: Applicant, photo: Photo, link: CandidateLink, by: User) -> None:
    notice = Notice.objects.filter(opening=applicant.opening).first() or Notice.objects.create(
        opening=applicant.opening, number=1, text=[{"title": "Who", "paragraphs": ["We ask."]}], digest="0" * 64
    )
    consent = Consent.objects.create(applicant=applicant, notice=notice, kind="booth", given=True, link=link)
    check = BoothCheck.objects.create(
        applicant=applicant,
        photo=photo,
        consent=consent,
        sha256="b0" * 32,
        size=9,
        format="JPEG",
        width=3,
        height=4,
        how="camera",
        taken_by=by,
        state="done",
        finished_at=timezone.now(),
        has_pictures=True,
    )
    storages["originals"].save(check.original_key, ContentFile(b"a picture"))
    storages["previews"].save(check.picture_key("live"), ContentFile(b"a picture"))
    BoothAnswer.objects.create(check_of=check, says="matches", note=f"It is {NAME}.", by=by)


def _programs(team: Team, applicant: Applicant, ada: User) -> None:
    program = caller(team, ada)
    body = {"name": "Somebody Else", "email": "else@example.org"}
    assert program.post(f"/openings/{applicant.opening_id}/applicants", body, key="others").status_code == 201
    again = program.send_photo(f"/applicants/{applicant.pk}/photos", picture(20), key="theirs")
    assert again.status_code in (200, 201), again.content
    call = IdempotentCall.objects.get(key="theirs")
    kept = {"id": applicant.pk, "name": NAME, "$location": f"/api/v1/applicants/{applicant.pk}"}
    IdempotentCall.objects.create(token=call.token, key="made", request_digest="0", status=201, body=kept)


def _kept_by_django(applicant: Applicant, ada: User) -> None:
    kind = ContentType.objects.get_for_model(Applicant)
    LogEntry.objects.create(
        user=ada, content_type=kind, object_id=str(applicant.pk), object_repr=NAME, action_flag=CHANGE
    )
    AccessAttempt.objects.create(
        username="alice",
        get_data=f"next=/openings/?q={NAME}",
        post_data="",
        failures_since_start=1,
        path_info="/sign-in/",
        http_accept="*/*",
        attempt_time=timezone.now() - dt.timedelta(minutes=1),
    )


# --- the search


def left_in_tables(*words: str) -> list[str]:
    """Every table of the database, every column as text: where one of the words stands. In any case."""
    return [f"{table}.{column}: {value[:120]}" for table, column, value in _cells() if _said(value, words)]


def _cells() -> Iterator[tuple[str, str, str]]:
    names = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    with connection.cursor() as cursor:
        assert names <= set(connection.introspection.table_names(cursor))
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - our own tables
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                yield from ((table, column, str(value)) for column, value in zip(columns, row, strict=True))


def left_in_files(*words: str) -> list[str]:
    """Every file of every storage and of the queue, by its name and by its bytes."""
    root = Path(settings.VAR_DIR)
    return [str(path) for path in root.rglob("*") if _said(str(path.relative_to(root)), words) or _holds(path, words)]


def _holds(path: Path, words: tuple[str, ...]) -> bool:
    content = path.read_bytes().lower() if path.is_file() else b""
    return any(word.lower().encode() in content for word in words)


def _said(text: str, words: tuple[str, ...]) -> bool:
    return any(word.lower() in text.lower() for word in words)
