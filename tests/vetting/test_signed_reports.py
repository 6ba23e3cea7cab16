"""Signed reports: the canonical form, the keys, what is noted of each export, and old reports that stay good."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.core.management import call_command
from pypdf import PdfReader
from pytest_django import Settings

from tests.conftest import AddPhoto, examine_now
from vetting import intake, report
from vetting.models import Analysis, Applicant, Event, Issued, Opening, User
from vetting.report.keys import known_keys
from vetting.report.signing import canonical, said_in_json
from vetting.report.verification import Outcome, verify

VERIFY_AT = "https://candid.example/verify/"


def exported(applicant: Applicant, by: User) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(report.applicant_json(applicant, by=by, verify_at=VERIFY_AT))
    return read


# --- the canonical form


RFC_8785 = r"""
{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
 "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}
"""
RFC_8785_CANONICAL = (
    b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
    b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
)


def test_the_canonical_form_of_the_rfcs_own_example() -> None:
    assert canonical(json.loads(RFC_8785)) == RFC_8785_CANONICAL


def test_names_are_sorted_by_utf_16_and_not_by_code_point() -> None:
    """RFC 8785, 3.2.3: an emoji's first half, U+D83D, comes before U+FB33."""
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    ordered = json.loads(
        canonical(dict.fromkeys(names, 0)), object_pairs_hook=lambda pairs: [name for name, _ in pairs]
    )
    assert ordered == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize(
    ("number", "written"),
    [(0.0, b"0"), (-0.0, b"0"), (1.0, b"1"), (1e21, b"1e+21"), (1e20, b"100000000000000000000"), (1e-7, b"1e-7"),
     (0.000001, b"0.000001"), (9007199254740991, b"9007199254740991"), (5e-324, b"5e-324")],
)  # fmt: skip
def test_numbers_are_written_as_ecmascript_writes_them(number: float, written: bytes) -> None:
    assert canonical({"n": number}) == b'{"n":' + written + b"}"


def test_what_json_cannot_carry_exactly_becomes_text() -> None:
    seed = 2**63 + 1
    said = said_in_json(
        {"seed": seed, "small": 2**53 - 1, "nan": float("nan"), "half": "a\ud800b", "yes": True, "n": ()}
    )
    assert said == {"seed": str(seed), "small": 2**53 - 1, "nan": "nan", "half": "a\ufffdb", "yes": True, "n": []}
    assert canonical(said)


# --- the signature


def test_a_report_verifies_with_nothing_of_candid_but_its_public_key(
    applicant: Applicant, bob: User, examined: Analysis
) -> None:
    document = exported(applicant, bob)
    signature = document.pop("signature")
    assert set(signature) == {"algorithm", "key_id", "signed_at", "value"}
    assert signature["algorithm"] == "Ed25519"
    assert signature["signed_at"] == document["exported_at"]
    (key,) = known_keys()
    public: Any = load_pem_public_key(key.pem.encode())
    public.verify(base64.b64decode(signature["value"]), canonical(document))
    assert (document["kind"], document["verify_at"]) == ("applicant", VERIFY_AT)


def test_openssl_names_the_key_as_we_do(applicant: Applicant, bob: User, tmp_path: Path) -> None:
    signature = exported(applicant, bob)["signature"]
    (key,) = known_keys()
    lines = key.pem.strip().splitlines()[1:-1]
    der = base64.b64decode("".join(lines))  # as `openssl pkey -pubin -outform DER` writes it
    assert hashlib.sha256(der).hexdigest()[:16] == key.id == signature["key_id"]


def test_the_pdf_has_digest_signature_key_and_address_and_the_signed_json_attached(
    applicant: Applicant, bob: User, examined: Analysis
) -> None:
    pdf = PdfReader(io.BytesIO(report.applicant_pdf(applicant, by=bob, verify_at=VERIFY_AT)))
    issued = Issued.objects.get()
    text = "".join(page.extract_text() for page in pdf.pages).replace("\u200b", "").replace("\n", "")
    for said in (issued.digest, issued.signature, issued.key_id, VERIFY_AT, "candid-report.json"):
        assert said in text
    (attached,) = pdf.attachments["candid-report.json"]
    assert verify(attached).outcome is Outcome.UNCHANGED
    assert hashlib.sha256(canonical(json.loads(attached))).hexdigest() == issued.digest


Export = Callable[..., bytes]


@pytest.mark.parametrize(
    ("export", "form"),
    [
        (report.applicant_pdf, "pdf"), (report.applicant_json, "json"), (report.applicant_csv, "csv"),
        (report.opening_pdf, "pdf"), (report.opening_json, "json"), (report.opening_csv, "csv"),
    ],
)  # fmt: skip
def test_each_export_is_a_line_of_the_register_and_an_event(
    applicant: Applicant, opening: Opening, bob: User, export: Export, form: str
) -> None:
    of_opening = "opening" in export.__name__
    handed_out = export(opening if of_opening else applicant, by=bob)
    issued, event = Issued.objects.get(), Event.objects.order_by("-pk")[0]
    assert issued.file_sha256 == hashlib.sha256(handed_out).hexdigest() == event.data["sha256"]
    assert (issued.format, issued.kind) == (form, "opening" if of_opening else "applicant")
    assert (issued.applicant, issued.opening) == ((None, opening) if of_opening else (applicant, None))
    assert (issued.team, issued.issued_by, issued.digest) == (opening.team, bob, event.data["digest"])
    assert event.verb == "report.exported"


def test_an_old_report_stays_good_after_another_examination(
    applicant: Applicant, bob: User, examined: Analysis, tmp_path: Path
) -> None:
    old_json, old_pdf = report.applicant_json(applicant, by=bob), report.applicant_pdf(applicant, by=bob)
    intake.request_analysis(photo=examined.photo, by=bob)
    again = examine_now(examined.photo)
    new = exported(applicant, bob)
    assert new["photos"][0]["analysis"]["id"] == again.pk != examined.pk
    assert json.loads(old_json)["photos"][0]["analysis"]["id"] == examined.pk
    for old in (old_json, old_pdf):
        assert verify(old).outcome is Outcome.UNCHANGED


def test_a_large_seed_in_a_file_does_not_cost_the_report(applicant: Applicant, bob: User, add_photo: AddPhoto) -> None:
    analysis = examine_now(add_photo())
    Analysis.objects.filter(pk=analysis.pk).update(result=analysis.result | {"seed": 18446744073709551615})
    data = report.applicant_json(applicant, by=bob)
    assert json.loads(data)["photos"][0]["analysis"]["examination"]["seed"] == "18446744073709551615"
    assert verify(json.dumps(json.loads(data)).encode()).outcome is Outcome.UNCHANGED


# --- the command that verifies


def ends_with(*files: Path) -> int:
    try:
        call_command("verify_report", *map(str, files))
    except SystemExit as ended:
        return int(str(ended.code))
    return 0


def test_verify_report_says_in_words_and_by_its_exit_code(
    applicant: Applicant, bob: User, tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    good, changed, foreign, other = (tmp_path / name for name in ("good.json", "changed.json", "foreign.json", "x.txt"))
    good.write_bytes(report.applicant_json(applicant, by=bob))
    changed.write_bytes(good.read_bytes().replace(b"Eileen", b"Arlene"))
    foreign.write_bytes(_signed_elsewhere(applicant, bob, settings, tmp_path))
    other.write_text("a letter")
    for file, code, words in (
        (good, 0, "Unchanged, and from this installation"),
        (changed, 1, "Changed after it was signed"),
        (foreign, 2, "Signed by a key that is not known here"),
        (other, 3, "Not a report"),
        (tmp_path / "nothing.pdf", 3, "cannot be read"),
    ):
        assert ends_with(file) == code, file
        told = capsys.readouterr()
        assert words in told.out + told.err
    assert ends_with(good, changed, foreign) == 2


def _signed_elsewhere(applicant: Applicant, by: User, settings: Settings, tmp_path: Path) -> bytes:
    here, settings.KEYS_DIR = settings.KEYS_DIR, tmp_path / "elsewhere"
    data = report.applicant_json(applicant, by=by)
    settings.KEYS_DIR = here
    Issued.objects.filter(file_sha256=hashlib.sha256(data).hexdigest()).delete()
    return data
