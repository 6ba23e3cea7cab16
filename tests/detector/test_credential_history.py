"""The signed history as chapters, gaps and edits: what was signed is told, what was not is shown as a gap."""

from __future__ import annotations

import json
from typing import Any

import pytest

from detector.observation import Bearing, Strength
from detector.provenance.assurance_level import EXTENSION, assurance_level
from detector.provenance.content_credentials import DETECTOR
from detector.provenance.credential_history import (
    AFTER_SIGNING,
    BEFORE_OPENED,
    NOT_RECORDED,
    TAKEN_OUT,
    chapters_of,
)
from detector.provenance.manifest_actions import ACTION_WORDS, EDIT_ACTIONS, Edit, Step
from detector.provenance.manifest_store import program, read_store
from detector.provenance.manifest_thumbnails import EDGE, read_thumbnails
from detector.provenance.validation_codes import CODE_WORDS
from detector.scene import Scene
from detector.trust import TrustLists
from tests.detector.c2pa_corpus import FOLDER, bytes_of, lists, needs_c2pa_files, rows
from tests.detector.provenance_files import (
    codes,
    known,
    known_signer,
    look,
    only,
    picture,
    portrait_of,
    saved,
    signed,
    stranger,
)
from vetting.demo.credentials import created, done, sign, statement
from vetting.demo.photos import tampered

CAPTURE = created("digitalCapture")
JPEG = "image/jpeg"


def edited(*actions: dict[str, Any], before: bytes | None = None, **extra: Any) -> bytes:
    """A photo that was opened and edited by a known signer; before: the file that was opened."""
    opened = before or signed(CAPTURE, by=known_signer())
    manifest = statement(done("c2pa.opened", "before"), *actions, tool="Photo Shop")
    return sign(saved(), JPEG, manifest, known_signer(), ingredients={"before": ("parentOf", opened)}, **extra)


def action(name: str, /, **parameters: str) -> dict[str, Any]:
    return {"action": name, "parameters": parameters} if parameters else {"action": name}


def chapters(data: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = look(DETECTOR, data, known()).details["chapters"]
    return found


# --- chapters and gaps


def test_each_manifest_is_a_chapter_oldest_first() -> None:
    first, last = chapters(edited(action("c2pa.cropped")))
    assert [step["action"] for step in first["steps"]] == ["c2pa.created"]
    assert [step["edit"] for step in last["steps"]] == [None, "cropped"]
    assert (first["signer"], first["known"], first["part"], first["gap"]) == ("Known camera maker", True, False, "")
    assert last["ingredients"][0]["has_credentials"]
    assert last["generator"] == "Photo Shop 1.0"


def test_a_picture_that_was_opened_without_credentials_leaves_a_gap() -> None:
    (chapter,) = chapters(edited(before=saved()))
    assert chapter["gap"] == BEFORE_OPENED
    assert not chapter["ingredients"][0]["has_credentials"]


def test_a_history_that_does_not_say_how_the_picture_began_has_a_gap() -> None:
    (chapter,) = chapters(signed(action("c2pa.edited"), by=known_signer()))
    assert chapter["gap"] == NOT_RECORDED


def test_a_history_from_its_creation_on_has_none() -> None:
    (chapter,) = chapters(signed(CAPTURE, by=known_signer()))
    assert (chapter["gap"], chapter["gap_after"]) == ("", "")


def test_a_change_after_the_last_signature_is_a_gap_at_the_end() -> None:
    assert chapters(tampered(edited()))[-1]["gap_after"] == AFTER_SIGNING


def test_a_part_of_the_history_that_is_missing_is_named() -> None:
    """As a program leaves it that takes an earlier manifest out: the ingredient still names it."""
    taken = {"relationship": "parentOf", "title": "before.jpg", "active_manifest": "urn:c2pa:gone"}
    report = {"active_manifest": "a", "manifests": {"a": {"ingredients": [taken]}}}
    (chapter,) = chapters_of(read_store(report), intact=None)
    assert chapter["gap"] == TAKEN_OUT
    assert not chapter["ingredients"][0]["has_credentials"]


def test_an_element_that_was_placed_is_a_side_branch() -> None:
    logo = signed(created("digitalArt"), by=stranger())
    manifest = statement(CAPTURE, done("c2pa.placed", "logo"))
    data = sign(saved(), JPEG, manifest, known_signer(), ingredients={"logo": ("componentOf", logo)})
    branch, whole = chapters(data)
    assert (branch["part"], whole["part"]) == (True, False)


def test_details_are_plain_json() -> None:
    details = look(DETECTOR, edited(action("c2pa.edited", name="liquify"), thumbnails=True), known()).details
    assert json.loads(json.dumps(details)) == details


# --- checks, timestamp, assurance


def test_every_check_is_told_in_words_and_as_it_is() -> None:
    details = look(DETECTOR, tampered(signed(CAPTURE, by=stranger())), known()).details
    rows_ = details["checks"]
    assert [row["passed"] for row in rows_] == sorted(row["passed"] for row in rows_)  # failed ones first
    assert {row["code"] for row in rows_ if not row["passed"]} == set(details["codes"])
    assert all(row["words"] for row in rows_)


@needs_c2pa_files
def test_every_code_that_the_corpus_gives_has_words() -> None:
    seen = {
        check["code"]
        for row in rows()
        for check in DETECTOR.look(Scene(portrait_of(bytes_of(row)), lists())).details["checks"]
    }
    assert {code for code in seen - set(CODE_WORDS) if not code.startswith("cawg.")} == set()


@needs_c2pa_files
def test_the_timestamp_authority_and_the_assurance_level_are_named() -> None:
    data = (FOLDER / "files" / "f4f3750589594be9.png").read_bytes()
    found = DETECTOR.look(Scene(portrait_of(data), lists())).details
    assert found["timestamp"] == {
        "authority": "Google Core Time Stamping Authority T11",
        "trusted": True,
        "at": "2025-12-17T16:39:58+00:00",
    }
    assert found["assurance"] == 1


def certificate(serial: int, *levels: int) -> bytes:
    """What a certificate looks like as far as it is read: heads, serial number, and the level's extension."""
    number = serial.to_bytes(8, "big")
    value = b"".join(
        EXTENSION + b"\x04\x0c\x06\x0a" + bytes.fromhex("2b0601040183e85e03") + bytes([10 * level]) for level in levels
    )
    inner = b"\xa0\x03\x02\x01\x02\x02\x08" + number + value
    return b"\x30\x82" + (len(inner) + 4).to_bytes(2, "big") + b"\x30\x82" + len(inner).to_bytes(2, "big") + inner


@pytest.mark.parametrize("level", [1, 2])
def test_the_level_is_that_of_the_certificate_with_the_signers_number(level: int) -> None:
    data = b"\0" * 9 + certificate(77, 3 - level) + certificate(78, level) + b"\0" * 9
    assert assurance_level(data, "78") == level
    assert assurance_level(data, "79") is None


def test_a_second_certificate_of_the_same_number_leaves_the_level_open() -> None:
    assert assurance_level(certificate(78, 2) + certificate(78, 1), "78") is None
    assert assurance_level(certificate(78, 1) + certificate(78, 1), "78") == 1


@pytest.mark.parametrize("serial", [None, "", "x", "-1", "9" * 5000])
def test_a_number_that_is_none_gives_no_level(serial: str | None) -> None:
    assert assurance_level(certificate(78, 1), serial) is None


def test_an_unknown_signers_level_is_not_shown() -> None:
    assert look(DETECTOR, signed(CAPTURE, by=stranger()), known()).details["assurance"] is None


# --- edits


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (action("c2pa.cropped"), "signed_crop"),
        (action("c2pa.color_adjustments", name="Exposure"), "signed_colours"),
        (action("c2pa.edited", name="new_huesaturation_layer"), "signed_colours"),
        (action("c2pa.edited", name="crop"), "signed_crop"),
        (action("c2pa.edited"), "signed_edit"),
        (action("c2pa.filtered"), "signed_edit"),
        (action("c2pa.edited", name="new_type_layer"), "signed_placement"),
        (action("c2pa.edited", name="liquify"), "signed_retouching"),
        (action("c2pa.edited", name="healing_brush"), "signed_retouching"),
        (action("c2pa.removed"), "signed_retouching"),
    ],
)
def test_a_signed_edit_is_a_finding_of_its_own(act: dict[str, Any], code: str) -> None:
    seen = look(DETECTOR, edited(act), known())
    found = only(seen, f"content_credentials.{code}")
    retouched = code == "signed_retouching"
    assert found.bearing is (Bearing.RETOUCHED if retouched else Bearing.NEUTRAL)
    assert found.strength is (Strength.MODERATE if retouched else Strength.WEAK)
    assert "Photo Shop" in found.summary


@pytest.mark.parametrize(
    "act",
    [
        action("c2pa.edited", name="generative_fill"),
        action("c2pa.edited", description="Edited with AI"),
        {"action": "c2pa.edited", "description": "Magic Eraser"},
        done("c2pa.edited", source_type="compositeWithTrainedAlgorithmicMedia"),
    ],
)
def test_an_edit_by_ai_says_that_ai_was_used_on_a_part(act: dict[str, Any]) -> None:
    seen = look(DETECTOR, edited(act), known())
    found = only(seen, "content_credentials.declared_composite")
    assert (found.bearing, found.strength) == (Bearing.RETOUCHED, Strength.STRONG)
    assert not seen.details["declares_generated"]
    assert not seen.details["captured"]


@pytest.mark.parametrize("name", ["Maintain size", "Email", "Paired crop", "Main layer", "AirDrop"])
def test_words_that_only_contain_those_letters_are_no_ai(name: str) -> None:
    step = Step(action="c2pa.edited", tool=None, when=None, source_type=None, detail=name)
    assert step.edit is not Edit.GENERATIVE


def test_a_capture_without_edits_has_no_such_finding() -> None:
    assert not {
        code for code in codes(look(DETECTOR, signed(CAPTURE, by=known_signer()), known())) if "signed_" in code
    }


def test_edits_of_an_element_are_not_told_of_the_picture() -> None:
    logo = signed(created("digitalArt"), action("c2pa.edited", name="liquify"), by=stranger())
    data = sign(
        saved(), JPEG, statement(CAPTURE, done("c2pa.placed", "logo")), known_signer(),
        ingredients={"logo": ("componentOf", logo)},
    )  # fmt: skip
    assert "content_credentials.signed_retouching" not in codes(look(DETECTOR, data, known()))


def test_every_kind_of_action_that_edits_has_words() -> None:
    assert set(EDIT_ACTIONS) <= set(ACTION_WORDS)


@pytest.mark.parametrize(
    ("generator", "name"),
    [
        ("Adobe_Photoshop/24.0.0 (build 20220930.r.29 d01e2eb; mac) cai-helper/0.4.8", "Adobe Photoshop 24.0.0"),
        ("Adobe Photoshop 23.3.1 (build 20220419; mac; ContentCredentials 37f01a3)", "Adobe Photoshop 23.3.1"),
        ("Pixel Camera", "Pixel Camera"),
        (None, ""),
        ("", ""),
    ],
)
def test_a_programs_name_is_told_without_its_builds(generator: str | None, name: str) -> None:
    assert program(generator) == name


# --- thumbnails


def uris(found: list[dict[str, Any]]) -> list[str]:
    of = [chapter["thumbnail"] for chapter in found] + [i["thumbnail"] for c in found for i in c["ingredients"]]
    return [thumbnail["uri"] for thumbnail in of if thumbnail]


def test_the_thumbnails_of_a_history_can_be_shown() -> None:
    big = saved_large()
    before = sign(big, JPEG, statement(CAPTURE), known_signer(), thumbnails=True)
    data = edited(before=before, thumbnails=True)
    wanted = uris(chapters(data))
    assert len(set(wanted)) >= 2
    shown = read_thumbnails(portrait_of(data), wanted)
    assert set(shown) == set(wanted)
    for small in shown.values():
        assert max(portrait_of(small).width, portrait_of(small).height) <= EDGE


def saved_large() -> bytes:
    import io

    target = io.BytesIO()
    picture(size=(1600, 1200)).save(target, "JPEG")
    return target.getvalue()


def test_a_thumbnail_that_is_not_there_is_left_out() -> None:
    portrait = portrait_of(signed(CAPTURE, by=known_signer()))
    assert (
        read_thumbnails(portrait, ["self#jumbf=/c2pa/nothing/c2pa.assertions/c2pa.thumbnail.claim", "", "../x"]) == {}
    )
    assert read_thumbnails(portrait_of(saved()), ["self#jumbf=/c2pa/a"]) == {}
    assert read_thumbnails(portrait, []) == {}


def test_other_things_in_the_store_are_no_thumbnails() -> None:
    data = signed(CAPTURE, by=known_signer())
    label = chapters(data)[0]["label"]
    wanted = [f"self#jumbf=/c2pa/{label}/c2pa.assertions/c2pa.actions.v2", f"self#jumbf=/c2pa/{label}/c2pa.signature"]
    assert read_thumbnails(portrait_of(data), wanted) == {}


@needs_c2pa_files
def test_thumbnails_of_the_corpus_can_be_shown() -> None:
    shown = 0
    for row in rows():
        portrait = portrait_of(bytes_of(row))
        found = DETECTOR.look(Scene(portrait, TrustLists())).details["chapters"]
        shown += len(read_thumbnails(portrait, uris(found)))
    assert shown > 50
