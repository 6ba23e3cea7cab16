"""The public page that verifies: what it says of good, changed, foreign and hostile files, and that it names nobody."""

from __future__ import annotations

import io
import json
import zlib
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader, PdfWriter
from pytest_django import Settings

from tests.conftest import words
from vetting import report
from vetting.models import Analysis, Applicant, Event, Issued, Opening, User
from vetting.report.attached import attached_document
from vetting.report.keys import known_keys, replace_key
from vetting.report.verification import Outcome, read_document, verify
from vetting.web import pace


@pytest.fixture(autouse=True)
def _one_minute(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test lies within one minute, and what it counts is its own."""
    monkeypatch.setattr(pace, "clock", lambda: 1_000_000.0)
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "verify"}}
    cache.clear()


def ask(data: bytes, name: str = "report") -> Any:
    """As a stranger without a session; CSRF tokens are checked as in a browser."""
    return Client(enforce_csrf_checks=True).post(reverse("verify"), {"report": SimpleUploadedFile(name, data)})


def said(response: Any) -> str:
    page = words(response.content.decode())
    return page.split("Verify a report", 2)[-1].split("Is a report unchanged since")[0]


@pytest.fixture
def issued_json(applicant: Applicant, bob: User, examined: Analysis) -> bytes:
    return report.applicant_json(applicant, by=bob)


@pytest.fixture
def issued_pdf(applicant: Applicant, bob: User, examined: Analysis) -> bytes:
    return report.applicant_pdf(applicant, by=bob)


# --- what it says


def test_the_page_needs_no_account_and_keeps_nothing(issued_json: bytes) -> None:
    before = Issued.objects.count(), Event.objects.count()
    assert Client().get(reverse("verify")).status_code == 200
    response = ask(issued_json)
    assert response.status_code == 200
    assert "Unchanged, and from this installation" in said(response)
    assert (Issued.objects.count(), Event.objects.count()) == before


def test_a_pdf_a_json_and_a_table_as_they_were_issued_are_unchanged(
    issued_json: bytes, issued_pdf: bytes, applicant: Applicant, opening: Opening, bob: User
) -> None:
    for data, kind in (
        (issued_pdf, "a report on one applicant"),
        (issued_json, "a report on one applicant"),
        (report.applicant_csv(applicant, by=bob), "a report on one applicant"),
        (report.opening_pdf(opening, by=bob), "a report on an opening"),
        (report.opening_json(opening, by=bob), "a report on an opening"),
        (report.opening_csv(opening, by=bob), "a report on an opening"),
    ):
        answer = said(ask(data))
        assert "Unchanged, and from this installation" in answer
        assert f"It is {kind}, issued 20" in answer
        assert known_keys()[0].id in answer


def test_one_changed_byte_is_said_wherever_it_is_in_the_json(issued_json: bytes) -> None:
    """Every 97th byte, and all of the signature; a byte of white space alone changes the layout, not the content."""
    text = issued_json.decode()
    document = json.loads(text)
    for at in range(0, len(text), 97):
        changed = text[:at] + ("7" if text[at] != "7" else "8") + text[at + 1 :]
        found = verify(changed.encode())
        try:
            same = json.loads(changed) == document
        except ValueError:
            same = False
        assert (found.outcome is Outcome.UNCHANGED) is same, (at, text[at - 20 : at + 20])
        assert found.outcome is not Outcome.UNKNOWN_KEY
    value = document["signature"]["value"]
    for at in range(0, len(value), 5):
        other = value[:at] + ("A" if value[at] != "A" else "B") + value[at + 1 :]
        assert verify(issued_json.replace(value.encode(), other.encode())).outcome is Outcome.CHANGED


@pytest.mark.parametrize(
    "layout", [{"indent": 4}, {"separators": (",", ":")}, {"ensure_ascii": True}, "reversed", "bom"]
)
def test_another_layout_is_the_same_content(issued_json: bytes, layout: Any) -> None:
    document = json.loads(issued_json)
    if layout == "reversed":
        data = json.dumps(dict(reversed(document.items()))).encode()
    else:
        data = b"\xef\xbb\xbf" + issued_json if layout == "bom" else json.dumps(document, **layout).encode()
    answer = said(ask(data))
    assert "Unchanged content, and from this installation" in answer
    assert "Same content, other layout" in answer


@pytest.mark.parametrize(
    "change", [{"signed_at": "2020-01-01T00:00:00Z"}, {"key_id": "0" * 16}, {"algorithm": "none"}, {"note": "trust me"}]
)
def test_what_stands_beside_the_signature_cannot_be_changed_either(issued_json: bytes, change: dict[str, str]) -> None:
    document = json.loads(issued_json)
    document["signature"] |= change
    assert verify(json.dumps(document).encode()).outcome is Outcome.CHANGED


@pytest.mark.parametrize("where", ["start", "middle", "attachment", "end"])
def test_one_changed_byte_is_said_in_the_pdf(issued_pdf: bytes, where: str) -> None:
    at = {
        "start": 40,
        "middle": len(issued_pdf) // 2,
        "attachment": issued_pdf.index(b"/EmbeddedFile/") + 300,
        "end": len(issued_pdf) - 3,
    }[where]
    found = verify(issued_pdf[:at] + bytes([issued_pdf[at] ^ 1]) + issued_pdf[at + 1 :])
    assert found.outcome in (Outcome.CHANGED, Outcome.NO_REPORT)
    if where in ("start", "end"):
        assert found.title == "Changed after it was issued"
        assert "its pages may show something else" in found.proves[1]


def test_a_pdf_that_another_program_saved_is_told_apart_and_its_data_still_good(issued_pdf: bytes) -> None:
    saved = io.BytesIO()
    PdfWriter(clone_from=PdfReader(io.BytesIO(issued_pdf))).write(saved)
    found = verify(saved.getvalue())
    assert found.outcome is Outcome.CHANGED
    assert found.proves[0] == "The data attached to the PDF is as it was signed here."


def test_of_a_pdf_that_the_register_has_no_line_about_the_data_alone_is_vouched_for(issued_pdf: bytes) -> None:
    Issued.objects.all().delete()
    found = verify(issued_pdf)
    assert found.outcome is Outcome.PAGES_UNKNOWN
    assert "cannot say whether the pages show the same" in found.proves[1]


def test_a_report_of_another_installation_is_by_an_unknown_key(
    issued_json: bytes, issued_pdf: bytes, settings: Settings
) -> None:
    Issued.objects.all().delete()
    for path in settings.KEYS_DIR.iterdir():
        path.unlink()
    replace_key()
    assert {verify(data).outcome for data in (issued_json, issued_pdf)} == {Outcome.UNKNOWN_KEY, Outcome.UNKNOWN_KEY}
    assert "Signed by a key that is not known here" in said(ask(issued_json))


def test_a_report_from_before_signatures_is_no_forgery(issued_json: bytes) -> None:
    document = json.loads(issued_json)
    del document["signature"]
    answer = said(ask(json.dumps(document).encode()))
    assert "Not signed" in answer
    assert "from before reports were signed" in answer


HOSTILE: list[bytes] = [
    b"", b"{", b"{}", b"[]", b"null", b'{"signature": 1}', b'{"signature": {}}', b'{"signature": {"value": 7}}',
    b'{"report":1,"signature":{"value":"AAAA"}}', b'{"a":1e999,"signature":{"value":""}}', b"\xff\xfe{", b"PK\x03\x04",
    b'{"signature":{"value":""},"n":NaN}', b'{"signature":{"value":""},"n":123456789012345678901234567890}',
    b'{"a":' * 100_000, b"%PDF-1.7", b"%PDF-1.7 1 0 obj <</Type/EmbeddedFile/Length 99999999>> stream\n{",
    b"%PDF-1.7 1 0 obj <</Type/EmbeddedFile/Filter/FlateDecode/Length 9>> stream\nnot flate",
    b'{"signature":{"value":"\\ud800"}}', b'{"\\ud800":1,"signature":{"value":""}}', b"{" + b"[" * 3_000_000,
]  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_files_get_an_answer(data: bytes, db: None) -> None:
    response = ask(data)
    assert response.status_code == 200
    assert "from this installation" not in said(response)


def test_a_name_that_stands_twice_is_refused(issued_json: bytes) -> None:
    """Another reader might take the first, and read something else than what was signed."""
    twice = issued_json.replace(b'{\n "applicant"', b'{\n "kind": "opening",\n "applicant"', 1)
    assert twice != issued_json
    assert read_document(twice) is None
    assert verify(twice).outcome is Outcome.NO_REPORT


def test_an_attachment_that_unpacks_without_end_is_not_unpacked() -> None:
    bomb = zlib.compress(b"{" + b" " * 100_000_000, 9)
    pdf = b"%%PDF-1.7\n1 0 obj\n<</Type/EmbeddedFile/Filter/FlateDecode/Length %d>>\nstream\n" % len(bomb) + bomb
    assert attached_document(pdf) is None


def test_no_file_too_large_a_file_and_too_many_questions_get_a_sentence(db: None, settings: Settings) -> None:
    assert "Nothing came along" in said(Client().post(reverse("verify")))
    huge = Client().post(reverse("verify"), {"report": SimpleUploadedFile("x", b"x")}, CONTENT_LENGTH=10**9)
    assert huge.status_code == 413
    assert "Too large to be a report" in said(huge)
    answers = [ask(b"x").status_code for _ in range(60)]
    assert answers[:50] == [200] * 50
    assert answers[-1] == 429
    assert Client().get(reverse("verify")).status_code == 200
    other = Client(REMOTE_ADDR="198.51.100.7").post(reverse("verify"), {"report": SimpleUploadedFile("x", b"x")})
    assert other.status_code == 200


def test_behind_a_proxy_the_strangers_address_counts_and_not_what_it_claims(db: None, settings: Settings) -> None:
    settings.PROXY_COUNT = 1

    def asked_from(address: str) -> int:
        sent = {"report": SimpleUploadedFile("x", b"x")}
        return Client(headers={"X-Forwarded-For": address}).post(reverse("verify"), sent).status_code

    codes = [asked_from(f"203.0.113.{n}, 198.51.100.1") for n in range(61)]
    assert codes[-1] == 429
    assert asked_from("198.51.100.2") == 200


# --- what it does not say


def test_the_answer_names_nobody(
    applicant: Applicant, opening: Opening, bob: User, issued_json: bytes, issued_pdf: bytes
) -> None:
    files = [issued_json, issued_pdf, report.opening_json(opening, by=bob), report.applicant_csv(applicant, by=bob)]
    files += [issued_json.replace(b"Eileen", b"Arlene"), issued_pdf[:-1], json.dumps(json.loads(issued_json)).encode()]
    secrets = [
        "Eileen",
        "Collins",
        "eileen@",
        "Northlight",
        "autumn",
        "Bob",
        "bob",
        "Lindqvist",
        "headshot",
        "Nothing found",
    ]
    for data in files:
        page = ask(data).content.decode()
        assert [secret for secret in secrets if secret in page] == []


def test_whoever_holds_a_random_file_learns_nothing_of_what_was_issued(issued_json: bytes, issued_pdf: bytes) -> None:
    """Not even by naming a digest or a report's number in a file of their own."""
    issued = Issued.objects.get(format="json")
    report_id = json.loads(issued_json)["id"]
    empty = said(ask(b'{"report": 1, "signature": {"value": ""}}'))
    forged = {"report": 1, "id": report_id, "digest": issued.digest, "sha256": issued.file_sha256}
    assert said(ask(json.dumps(forged | {"signature": {"value": ""}}).encode())) == empty
    assert "issued 20" not in empty


def test_public_keys_can_be_downloaded_and_nothing_else_under_that_address(issued_json: bytes) -> None:
    (key,) = known_keys()
    response = Client().get(reverse("public-key", args=[key.id]))
    assert response.content == key.pem.encode()
    assert response.headers["Content-Disposition"] == f'attachment; filename="candid-{key.id}.pem"'
    for name in ("signing", "..", "0" * 16):
        assert Client().get(f"/verify/{name}.pem").status_code == 404
    assert reverse("public-key", args=[key.id]) in Client().get(reverse("verify")).content.decode()
