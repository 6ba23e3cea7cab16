"""Content Credentials: every state, what may be believed of whom, and that nothing is ever fetched."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import c2pa
import pytest

from detector.observation import Bearing, CouldNotLook, Sighting, Strength
from detector.portrait import read_portrait
from detector.provenance.content_credentials import DETECTOR, NO_CREDENTIALS
from detector.provenance.manifest_reader import SAFE_SETTINGS
from detector.scene import Scene
from detector.trust import INTERIM_ANCHORS, OFFICIAL, TrustLists
from tests.detector.c2pa_corpus import FOLDER, bytes_of, lists, needs_c2pa_files, rows
from tests.detector.provenance_files import (
    camera_authority,
    codes,
    known,
    known_signer,
    look,
    only,
    portrait_of,
    saved,
    signed,
    stranger,
)
from vetting.demo.credentials import created, done, throw_away_authority
from vetting.demo.photos import tampered

CAPTURE = created("digitalCapture")
GENERATED = created("trainedAlgorithmicMedia", agent="Picture model 1")
# A fuzzer's TIFF: it breaks the reader, but holds no credentials that could be called damaged.
WITHOUT_CREDENTIALS = "907ce3163c3f5390.tiff"


def credentials(data: bytes, trust: TrustLists | None = None) -> dict[str, Any]:
    return dict(look(DETECTOR, data, trust).details)


# --- the corpus of files that others wrote


@needs_c2pa_files
@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['state']}-{Path(row['file']).name}")
def test_a_file_of_the_corpus_gets_its_state_and_its_declaration(row: dict[str, str]) -> None:
    if row["file"].endswith(WITHOUT_CREDENTIALS):
        pytest.skip("broken TIFF without credentials, refused at intake")
    data = bytes_of(row)
    sighting = DETECTOR.look(Scene(portrait_of(data), lists()))
    found = sighting.details
    declared = "yes" if found["declares_generated"] else "composite" if found["composite"] else "no"
    assert (found["state"], declared) == (row["state"], row["declares_generated"])
    assert set(filter(None, row["codes"].split("|"))) <= set(found["codes"])
    assert set(found) == set(NO_CREDENTIALS)
    assert json.loads(json.dumps(found)) == found
    assert bool(sighting.observations) == (row["state"] != "none")
    assert all(observation.summary and observation.caveat for observation in sighting.observations)


@needs_c2pa_files
def test_no_file_of_the_corpus_is_called_a_verified_capture() -> None:
    captured = []
    for row in rows():
        data = bytes_of(row)
        sighting = DETECTOR.look(Scene(portrait_of(data), lists()))
        captured += [row["file"]] if sighting.details["captured"] else []
    assert captured == []


@needs_c2pa_files
def test_generated_files_of_the_corpus_are_conclusive_and_no_others_are() -> None:
    for row in rows():
        data = bytes_of(row)
        sighting = DETECTOR.look(Scene(portrait_of(data), lists()))
        sure = any(
            observation.bearing is Bearing.GENERATED and observation.strength is Strength.CONCLUSIVE
            for observation in sighting.observations
        )
        assert sure == (row["declares_generated"] == "yes"), row["file"]


# --- the states, on files signed here


def test_a_file_without_credentials_says_nothing_either_way() -> None:
    sighting = look(DETECTOR, saved())
    assert sighting.observations == ()
    assert sighting.details == NO_CREDENTIALS
    assert "nothing either way" in sighting.note


def test_an_intact_file_of_a_known_signer_is_trusted() -> None:
    found = credentials(signed(CAPTURE, by=known_signer()), known())
    assert (found["state"], found["signer_list"], found["intact"]) == ("trusted", "official", True)
    assert found["words"] == "Signed by Known camera maker, intact."


def test_a_company_name_in_a_self_made_certificate_stays_an_unknown_signer() -> None:
    sighting = look(DETECTOR, signed(CAPTURE, by=stranger()), known())
    found = sighting.details
    assert (found["state"], found["signer"], found["signer_list"]) == ("unknown-signer", "Adobe Inc.", None)
    assert not found["captured"]
    assert all("Signed by Adobe" not in observation.summary for observation in sighting.observations)


@needs_c2pa_files
def test_a_forged_root_in_the_name_of_one_on_the_official_list_is_an_unknown_signer() -> None:
    """Names can be copied, keys cannot: with the published lists in force, and by the second reader's own."""
    forged = throw_away_authority("Google LLC", "Google C2PA Root CA G3").issue("Google LLC")
    assert "Google" in "".join(trusted_names(lists()))
    for trust in (lists(), TrustLists()):
        found = look(DETECTOR, signed(CAPTURE, by=forged), trust).details
        assert (found["state"], found["signer"], found["signer_list"]) == ("unknown-signer", "Google LLC", None)
        assert not found["captured"]
        assert not found["second_reader"]["knows_signer"]


def trusted_names(trust: TrustLists) -> list[str]:
    from cryptography.x509 import load_pem_x509_certificates

    return [each.subject.rfc4514_string() for each in load_pem_x509_certificates(trust.text(OFFICIAL).encode())]


def test_pixels_changed_after_signing_do_not_match() -> None:
    found = credentials(tampered(signed(CAPTURE, by=known_signer())), known())
    assert (found["state"], found["intact"], found["captured"]) == ("mismatch", False, False)
    assert "assertion.dataHash.mismatch" in found["codes"]


def test_an_expired_certificate_without_a_timestamp_cannot_be_confirmed() -> None:
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)
    data = signed(CAPTURE, by=camera_authority().issue("Known camera maker", until=soon))
    time.sleep(3)
    found = credentials(data, known())
    assert (found["state"], found["captured"]) == ("unconfirmed", False)
    assert "signingCredential.expired" in found["codes"]


def test_a_formal_fault_of_a_known_signer_cannot_be_confirmed() -> None:
    found = credentials(signed(done("c2pa.edited"), by=known_signer()), known())
    assert found["state"] == "unconfirmed"
    assert "assertion.action.malformed" in found["codes"]


def test_a_known_signer_over_an_unknown_one_is_partly_trusted() -> None:
    """The library itself says "Trusted" here: it is silent about a doubt that the signer recorded."""
    before = signed(created("digitalCreation"), by=stranger())
    data = signed(done("c2pa.opened", "before"), by=known_signer(), ingredients={"before": ("parentOf", before)})
    assert credentials(data, known())["state"] == "partly-trusted"


def test_a_known_signer_over_a_known_one_is_trusted() -> None:
    before = signed(created("digitalCreation"), by=known_signer())
    data = signed(done("c2pa.opened", "before"), by=known_signer(), ingredients={"before": ("parentOf", before)})
    assert credentials(data, known())["state"] == "trusted"


def test_a_corrupt_manifest_is_present_but_damaged() -> None:
    data = signed(CAPTURE, by=known_signer())
    found = credentials(data.replace(b"c2cl", b"xxxx"), known())
    assert (found["state"], found["declares_generated"], found["intact"]) == ("unreadable", False, None)


def test_a_broken_file_that_never_had_credentials_is_not_told_that_they_are_damaged() -> None:
    broken = saved("PNG")
    broken = broken[: len(broken) * 2 // 3]
    assert credentials(broken)["state"] == "none"


def test_an_interim_signer_counts_only_with_a_timestamp_from_before_the_list_was_frozen() -> None:
    interim = TrustLists(texts={INTERIM_ANCHORS: camera_authority().anchor})
    found = credentials(signed(CAPTURE, by=known_signer()), interim)
    assert (found["state"], found["captured"]) == ("unknown-signer", False)


@needs_c2pa_files
def test_an_interim_signature_from_before_the_freeze_is_recognised() -> None:
    data = (FOLDER / "files" / "33703fa30868097b.jpg").read_bytes()
    found = DETECTOR.look(Scene(read_portrait(data), lists())).details
    assert (found["state"], found["signer_list"], found["signed_at"][:4]) == ("trusted", "interim", "2023")


def test_trust_lists_that_are_no_lists_are_named_as_the_fault() -> None:
    with pytest.raises(CouldNotLook, match="trust lists"):
        look(DETECTOR, signed(CAPTURE, by=stranger()), TrustLists(texts={OFFICIAL: "this is no PEM"}))


# --- what is believed of whom


def test_generated_is_believed_of_anybody() -> None:
    for trust in (TrustLists(), known()):
        sighting = look(DETECTOR, signed(GENERATED, by=stranger()), trust)
        seen = only(sighting, "content_credentials.declared_generated")
        assert (seen.bearing, seen.strength) == (Bearing.GENERATED, Strength.CONCLUSIVE)
        assert "Picture model 1" in seen.summary
        assert sighting.details["declares_generated"]


def test_generated_is_believed_even_where_the_bytes_were_changed() -> None:
    sighting = look(DETECTOR, tampered(signed(GENERATED, by=stranger())))
    assert codes(sighting) == {"content_credentials.declared_generated", "content_credentials.mismatch"}


def test_a_capture_is_believed_of_a_known_signer_on_intact_bytes() -> None:
    seen = only(look(DETECTOR, signed(CAPTURE, by=known_signer()), known()), "content_credentials.captured")
    assert (seen.bearing, seen.strength) == (Bearing.CAPTURED, Strength.CONCLUSIVE)


@pytest.mark.parametrize("case", ["stranger", "changed bytes", "no list"])
def test_a_capture_is_a_mere_claim_otherwise(case: str) -> None:
    data = signed(CAPTURE, by=stranger() if case == "stranger" else known_signer())
    sighting = look(
        DETECTOR,
        tampered(data) if case == "changed bytes" else data,
        TrustLists() if case == "no list" else known(),
    )
    seen = only(sighting, "content_credentials.claimed_capture")
    assert (seen.bearing, seen.strength) == (Bearing.NEUTRAL, Strength.WEAK)
    assert not any(observation.bearing is Bearing.CAPTURED for observation in sighting.observations)


def history(*actions: dict[str, Any], by_known: bool = True, **before: tuple[str, bytes]) -> Sighting:
    signer = known_signer() if by_known else stranger()
    return look(DETECTOR, signed(*actions, by=signer, ingredients=before), known())


def test_a_capture_that_was_only_cropped_since_stays_a_capture() -> None:
    before = signed(CAPTURE, by=known_signer())
    sighting = history(done("c2pa.opened", "a"), done("c2pa.cropped"), a=("parentOf", before))
    assert "content_credentials.captured" in codes(sighting)


@pytest.mark.parametrize("action", ["c2pa.edited", "c2pa.drawing", "c2pa.filtered", "com.example.liquify"])
def test_a_capture_that_was_edited_since_is_no_verified_capture(action: str) -> None:
    before = signed(CAPTURE, by=known_signer())
    sighting = history(done("c2pa.opened", "a"), done(action), a=("parentOf", before))
    assert "content_credentials.captured_then_edited" in codes(sighting)
    assert not sighting.details["captured"]


def test_a_strangers_capture_that_a_known_signer_opened_is_no_verified_capture() -> None:
    before = signed(CAPTURE, by=stranger())
    sighting = history(done("c2pa.opened", "a"), a=("parentOf", before))
    assert not any(observation.bearing is Bearing.CAPTURED for observation in sighting.observations)


def test_a_capture_placed_into_something_else_does_not_make_it_a_capture() -> None:
    before = signed(CAPTURE, by=known_signer())
    sighting = history(created("digitalArt"), done("c2pa.placed", "a"), a=("componentOf", before))
    assert not any(observation.bearing is Bearing.CAPTURED for observation in sighting.observations)


def test_a_generated_picture_stays_declared_when_somebody_opened_and_signed_it_again() -> None:
    before = signed(GENERATED, by=stranger())
    sighting = history(done("c2pa.opened", "a"), done("c2pa.edited"), a=("parentOf", before))
    assert "content_credentials.declared_generated" in codes(sighting)


def test_a_generated_element_in_a_photo_is_a_part_and_not_the_whole() -> None:
    element = signed(GENERATED, by=stranger())
    sighting = history(CAPTURE, done("c2pa.placed", "a"), a=("componentOf", element))
    seen = only(sighting, "content_credentials.declared_composite")
    assert (seen.bearing, seen.strength) == (Bearing.RETOUCHED, Strength.STRONG)
    assert not sighting.details["declares_generated"]
    assert not sighting.details["captured"]


def test_generative_fill_on_an_opened_photo_is_a_part_and_not_the_whole() -> None:
    before = signed(CAPTURE, by=known_signer())
    fill = done("c2pa.edited", source_type="trainedAlgorithmicMedia")
    sighting = history(done("c2pa.opened", "a"), fill, a=("parentOf", before))
    assert {"content_credentials.declared_composite"} == codes(sighting) & {
        "content_credentials.declared_composite",
        "content_credentials.declared_generated",
    }


@pytest.mark.parametrize("term", ["compositeWithTrainedAlgorithmicMedia"])
def test_a_declared_composite_is_retouched_not_generated(term: str) -> None:
    sighting = look(DETECTOR, signed(created(term), by=stranger()))
    assert "content_credentials.declared_composite" in codes(sighting)
    assert sighting.details["composite"]


@pytest.mark.parametrize("term", ["digitalArt", "algorithmicMedia", "algorithmicallyEnhanced", "humanEdits", "print"])
def test_other_source_types_accuse_nobody(term: str) -> None:
    sighting = look(DETECTOR, signed(created(term), by=known_signer()), known())
    assert {observation.bearing for observation in sighting.observations} == {Bearing.NEUTRAL}


def test_a_permission_about_training_is_no_origin() -> None:
    from tests.detector.provenance_files import saved as plain
    from vetting.demo.credentials import sign, statement

    manifest = statement(created("digitalCreation"))
    entries = {"c2pa.ai_generative_training": {"use": "notAllowed"}}
    manifest["assertions"].append({"label": "c2pa.training-mining", "data": {"entries": entries}})
    sighting = look(DETECTOR, sign(plain(), "image/jpeg", manifest, stranger()))
    assert {observation.bearing for observation in sighting.observations} == {Bearing.NEUTRAL}


def test_the_history_tells_all_manifests_oldest_first() -> None:
    before = signed(GENERATED, by=stranger())
    sighting = history(done("c2pa.opened", "a"), done("c2pa.cropped"), a=("parentOf", before))
    steps = sighting.details["history"]
    assert [step["action"] for step in steps] == ["c2pa.created", "c2pa.opened", "c2pa.cropped"]
    assert steps[0]["source_type"] == "trainedAlgorithmicMedia"
    assert steps[0]["tool"] == "Picture model 1"
    assert all(set(step) == {"action", "tool", "when", "source_type", "edit", "words"} for step in steps)


def test_a_strangers_text_is_shown_without_tricks() -> None:
    tool = "Nice\u202ecamera\n\x1b[31m" + "x" * 4000
    found = credentials(signed(created("digitalCapture", agent=tool), by=stranger()))
    shown = found["history"][0]["tool"]
    assert len(shown) <= 200
    assert not set("\u202e\n\x1b") & set(shown)


# --- processes, damage


def _state_in_child(data: bytes) -> str:
    return str(credentials(data, known())["state"])


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_a_forked_worker_reads_although_its_parent_has_read() -> None:
    data = signed(CAPTURE, by=known_signer())
    assert credentials(data, known())["state"] == "trusted"
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(_state_in_child, [data] * 4) == ["trusted"] * 4


def test_importing_the_detectors_makes_no_context() -> None:
    program = (
        "from detector.registry import detectors; detectors();"
        "from detector.provenance.manifest_reader import _context;"
        "print(_context.cache_info().currsize)"
    )
    done_ = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done_.stdout.strip() == "0"


def test_many_threads_share_one_context() -> None:
    data = signed(CAPTURE, by=known_signer())
    states: list[str] = []
    threads = [threading.Thread(target=lambda: states.append(credentials(data, known())["state"])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states == ["trusted"] * 8


def test_a_reader_that_answers_nonsense_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    data = signed(CAPTURE, by=known_signer())
    for answer in ("{}", "[]", "not json", '{"active_manifest": "a", "manifests": {}}', "[" * 100_000):
        monkeypatch.setattr(c2pa.Reader, "json", lambda self, answer=answer: answer)
        assert credentials(data, known())["state"] == "unreadable"


def test_a_manifest_whose_parts_have_the_wrong_types_still_gives_a_state(monkeypatch: pytest.MonkeyPatch) -> None:
    data = signed(CAPTURE, by=known_signer())
    for part in (None, 7, "text", [], [None], {"a": 1}):
        strange = {"ingredients": part, "assertions": part, "signature_info": part, "claim_generator_info": part}
        report = {"active_manifest": "a", "manifests": {"a": strange, "b": part}, "validation_results": part}
        monkeypatch.setattr(c2pa.Reader, "json", lambda self, report=report: json.dumps(report))
        assert credentials(data, known())["state"] == "unconfirmed"


def test_a_manifest_that_is_its_own_ingredient_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    itself = {"ingredients": [{"relationship": "parentOf", "active_manifest": "a"}]}
    report = {"active_manifest": "a", "manifests": {"a": itself}}
    monkeypatch.setattr(c2pa.Reader, "json", lambda self: json.dumps(report))
    assert credentials(signed(CAPTURE, by=known_signer()))["history"] == []


def test_a_wrapped_picture_is_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """ChatGPT's files: the label stands in the one component of a manifest without actions (seen in the corpus)."""
    inner = {"assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [GENERATED]}}]}
    outer = {"ingredients": [{"relationship": "componentOf", "active_manifest": "inner"}]}
    report = {"active_manifest": "outer", "manifests": {"inner": inner, "outer": outer}}
    monkeypatch.setattr(c2pa.Reader, "json", lambda self: json.dumps(report))
    assert credentials(signed(CAPTURE, by=known_signer()))["declares_generated"]


def test_a_source_type_in_signed_metadata_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    from detector.provenance.digital_source_types import IPTC

    data = {"Iptc4xmpExt:DigitalSourceType": IPTC + "trainedAlgorithmicMedia"}
    manifest = {"assertions": [{"label": "stds.iptc", "data": data}]}
    report = {"active_manifest": "a", "manifests": {"a": manifest}}
    monkeypatch.setattr(c2pa.Reader, "json", lambda self: json.dumps(report))
    assert credentials(signed(CAPTURE, by=known_signer()))["declares_generated"]


def test_authorities_are_new_each_time() -> None:
    assert throw_away_authority().anchor != throw_away_authority().anchor
    assert SAFE_SETTINGS["verify"] == {"remote_manifest_fetch": False, "ocsp_fetch": False}
