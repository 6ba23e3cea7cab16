"""The keys that sign reports: made once, for one user alone; from the environment; replaced; missing in production."""

from __future__ import annotations

import json
import multiprocessing
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.vetting.test_signed_reports import exported
from vetting import report
from vetting.checks import reports_can_be_signed
from vetting.models import Analysis, Applicant, Issued, Opening, User
from vetting.report.keys import NoSigningKey, known_keys, replace_key, signing_key
from vetting.report.verification import Outcome, verify


def private_pem(key: Any = None) -> str:
    key = key or Ed25519PrivateKey.generate()
    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def test_the_key_is_made_at_first_use_for_this_user_alone(settings: Settings) -> None:
    assert known_keys() == []
    signing_key()
    private, public = sorted(settings.KEYS_DIR.iterdir(), key=lambda path: path.suffix)
    assert (private.name, public.suffix) == ("signing.pem", ".pub")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.KEYS_DIR.stat().st_mode) == 0o700
    assert b"PRIVATE" not in public.read_bytes()


def _first_use(keys: str, ready: Any, told: Any) -> None:
    """In a process of its own."""
    from django.conf import settings

    settings.KEYS_DIR = Path(keys)
    ready.wait()
    told.put(signing_key().private_bytes_raw())


def test_of_processes_that_come_at_once_one_makes_the_key_and_all_use_it(tmp_path: Path) -> None:
    forked = multiprocessing.get_context("fork")
    ready, told = forked.Barrier(6), forked.Queue()
    folder = str(tmp_path / "raced")
    racing = [forked.Process(target=_first_use, args=(folder, ready, told)) for _ in range(6)]
    for process in racing:
        process.start()
    used = {told.get(timeout=30) for _ in racing}
    for process in racing:
        process.join(timeout=30)
    assert len(used) == 1
    assert sorted(path.name for path in Path(folder).iterdir() if path.name.startswith(".")) == []


def test_after_a_new_key_old_reports_are_still_known_and_new_ones_are_by_the_new_one(
    applicant: Applicant, bob: User
) -> None:
    old = report.applicant_json(applicant, by=bob)
    old_id = json.loads(old)["signature"]["key_id"]
    Issued.objects.all().delete()  # so that the signature alone decides
    new_id = replace_key()
    assert exported(applicant, bob)["signature"]["key_id"] == new_id != old_id
    assert [(key.id, key.signs) for key in known_keys()] == [(new_id, True), (old_id, False)]
    found = verify(old)
    assert (found.outcome, found.key_id) == (Outcome.UNCHANGED, old_id)


def test_the_key_may_come_from_the_environment_as_text_or_as_a_file(
    settings: Settings, tmp_path: Path, applicant: Applicant, bob: User
) -> None:
    pem = private_pem()
    settings.SIGNING_KEY = pem
    first = exported(applicant, bob)["signature"]["key_id"]
    (tmp_path / "key.pem").write_text(pem)
    settings.SIGNING_KEY = str(tmp_path / "key.pem")
    assert exported(applicant, bob)["signature"]["key_id"] == first
    assert [path.name for path in settings.KEYS_DIR.iterdir()] == [f"{first}.pub"]
    with pytest.raises(CommandError, match="replace it there"):
        call_command("report_keys", "--replace")


@pytest.mark.parametrize("value", ["/nowhere/key.pem", "-----BEGIN nonsense", "rsa"])
def test_a_key_that_cannot_be_used_is_said_in_a_sentence(settings: Settings, value: str) -> None:
    settings.SIGNING_KEY = private_pem(generate_private_key(65537, 2048)) if value == "rsa" else value
    with pytest.raises(NoSigningKey, match="CANDID_SIGNING_KEY"):
        signing_key()
    (error,) = reports_can_be_signed()
    assert error.id == "vetting.E020"


def test_a_production_site_makes_no_key_and_says_so(
    settings: Settings, examined: Analysis, site: Client, opening: Opening
) -> None:
    settings.PRODUCTION = True
    addresses = [reverse(f"applicant-{form}", args=[examined.photo.applicant_id]) for form in ("pdf", "json", "csv")]
    addresses += [reverse("opening-pdf", args=[opening.pk])]
    for address in addresses:
        response = site.get(address)
        assert response.status_code == 503
        assert "this installation has no signing key" in response.content.decode()
    assert site.post(reverse("bundle", args=[opening.pk]), {"all": "1"}).status_code == 503
    assert not settings.KEYS_DIR.exists()
    assert not Issued.objects.exists()
    (warning,) = reports_can_be_signed()
    assert warning.id == "vetting.W020"


def test_a_folder_of_keys_that_cannot_be_written_costs_no_report(
    settings: Settings, tmp_path: Path, applicant: Applicant, bob: User
) -> None:
    (tmp_path / "a file").write_text("")
    settings.SIGNING_KEY, settings.KEYS_DIR = private_pem(), tmp_path / "a file" / "keys"
    data = report.applicant_json(applicant, by=bob)
    assert verify(data).outcome is Outcome.UNCHANGED


def test_the_command_lists_keys_and_makes_new_ones(
    settings: Settings, capsys: pytest.CaptureFixture[str], db: None
) -> None:
    call_command("report_keys")
    assert "No key signs yet" in capsys.readouterr().out
    signing_key()
    call_command("report_keys", "--replace", "--pem")
    said = capsys.readouterr().out
    new, old = known_keys()
    assert f"{new.id}  signs" in said
    assert f"{old.id}  earlier" in said
    assert said.count("BEGIN PUBLIC KEY") == 2
    assert "PRIVATE" not in said
    assert len(list(settings.KEYS_DIR.glob("*.pem"))) == 1


def test_the_folder_of_keys_is_under_var(settings: Settings) -> None:
    from vetting import settings as own

    assert own.KEYS_DIR == own.VAR_DIR / "keys" or "CANDID_KEYS" in os.environ
