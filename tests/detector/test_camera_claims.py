"""A camera's claims against the file: what must be noticed, and at least as much that is ordinary and stays unsaid."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from detector.observation import Bearing, Strength
from detector.portrait import read_portrait
from detector.provenance import camera_claims, file_dates
from detector.provenance.file_dates import Dates, dates_of
from detector.provenance.file_metadata import Metadata
from detector.provenance.metadata_marks import DETECTOR
from detector.scene import Scene
from detector.trust import TrustLists
from tests.detector.camera_files import CANON, SHOT, Entry, block, number, ratio, shot, sized, text
from tests.detector.marked_files import exif, xmp
from tests.detector.provenance_files import codes, look, only, saved

TODAY = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("width", "height", "name"),
    [
        (4000, 3000, "cropped_since"),
        (96, 96, "cropped_since"),
        (960, 640, "resized_since"),
        (640, 960, "resized_since"),
        (48, 32, "resized_since"),
    ],
)
def test_a_size_that_differs_is_told_without_blame(width: int, height: int, name: str) -> None:
    seen = only(look(DETECTOR, shot(*sized(width, height))), f"metadata_marks.{name}")
    assert (seen.bearing, seen.strength) == (Bearing.NEUTRAL, Strength.WEAK)
    assert f"{width} × {height}" in seen.summary
    assert "96 × 64" in seen.summary
    assert "ordinary" in seen.caveat


@pytest.mark.parametrize(
    "fields",
    [sized(96, 64), sized(64, 96), sized(0, 0), [], [number(0xA002, 96)]],
    ids=["same", "turned", "zeros", "none", "half"],
)
def test_a_size_that_agrees_or_is_not_given_is_no_matter(fields: list[Entry]) -> None:
    assert look(DETECTOR, shot(*fields)).observations == ()


def test_a_reduction_that_rounds_to_whole_pixels_is_no_crop() -> None:
    for width in range(100, 900, 7):
        claim = camera_claims.size_claim({"ExifImageWidth": 6000, "ExifImageHeight": 4000}, width, round(width / 1.5))
        assert claim is not None
        assert claim.name == "resized_since"


def dated(**places: str) -> Dates:
    names = {"captured": "DateTimeOriginal", "digitised": "DateTimeDigitized", "modified": "DateTime"}
    offsets = {"captured_zone": "OffsetTimeOriginal", "modified_zone": "OffsetTime"}
    others = {
        "xmp_created": "xmp:xmp:CreateDate",
        "xmp_modified": "xmp:xmp:ModifyDate",
        "metadata": "xmp:xmp:MetadataDate",
    }
    exif_places = {key: f"exif:{tag}" for key, tag in (names | offsets).items()}
    found = exif_places | others
    return dates_of(Metadata(values=tuple((found[key], value) for key, value in places.items())))


NOON = "2026:03:14 12:00:00"
WRONG: list[tuple[str, Dates, str]] = [
    ("saved 40 days later", dated(captured=NOON, modified="2026:04:23 12:00:00"), "40 days"),
    ("saved years later by XMP", dated(captured=NOON, xmp_modified="2029-03-15T10:00:00+01:00"), "future"),
    (
        "saved three hours later, by zones",
        dated(captured=NOON, captured_zone="+01:00", xmp_modified="2026-03-14T16:30:00+02:00"),
        "3 hours",
    ),
    ("a capture tomorrow week", dated(captured="2026:12:01 12:00:00"), "future"),
    ("a capture in 1980", dated(captured="1980:01:01 00:00:00"), "1 January 1980"),
    (
        "a capture after the last change",
        dated(captured=NOON, modified="2025:01:01 12:00:00"),
        "after the file's last change",
    ),
    ("zeros", dated(captured="0000:00:00 00:00:00"), "zeros"),
]
RIGHT: list[tuple[str, Dates]] = [
    ("no dates", dated()),
    ("one date", dated(captured=NOON)),
    ("all the same", dated(captured=NOON, digitised=NOON, modified=NOON, xmp_created="2026-03-14T12:00:00")),
    ("written two seconds later", dated(captured=NOON, modified="2026:03:14 12:00:02")),
    ("another clock of the same day", dated(captured=NOON, modified="2026:03:14 21:00:00")),
    ("a computer behind the camera", dated(captured=NOON, xmp_modified="2026-03-14T03:00:00-08:00")),
    (
        "one instant in two zones",
        dated(captured=NOON, captured_zone="+01:00", modified="2026:03:14 20:00:00", modified_zone="+09:00"),
    ),
    ("a paper photo, scanned", dated(captured="1984:01:20 00:00:00", digitised="2014:10:06 23:17:12")),
    ("keywords added later", dated(captured=NOON, metadata="2026-10-01T10:00:00Z")),
    ("blanks", dated(captured="    :  :     :  :  ")),
    ("words", dated(captured="yesterday", modified="2026:13:45 99:99:99")),
    ("taken today", dated(captured="2026:11:24 23:00:00")),
]


@pytest.mark.parametrize(("dates", "words"), [(d, w) for _, d, w in WRONG], ids=[name for name, _, _ in WRONG])
def test_a_date_that_tells_something_is_put_in_words(dates: Dates, words: str) -> None:
    claim = camera_claims.date_claim(dates, TODAY)
    assert claim is not None
    assert words in claim.words


@pytest.mark.parametrize("dates", [dates for _, dates in RIGHT], ids=[name for name, _ in RIGHT])
def test_ordinary_dates_are_not_mentioned(dates: Dates) -> None:
    assert camera_claims.date_claim(dates, TODAY) is None


def test_dates_are_kept_with_their_zones() -> None:
    dates = dated(captured=NOON, captured_zone="+01:00", xmp_modified="2026-03-15T10:00:00.25-03:30")
    assert dates.to_json() == {"captured": "2026-03-14T12:00:00+01:00", "xmp_modified": "2026-03-15T10:00:00-03:30"}


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (saved(exif=block(CANON, [])), "camera_without_exposure"),
        (shot(exposure=[ratio(0x829A, 0, 1), ratio(0x829D, 28, 10)]), "odd_exposure"),
        (shot(ratio(0x920A, 85, 1), exposure=[ratio(0x829A, 1, 60), ratio(0x829D, 0, 1)]), "odd_exposure"),
        (
            saved(exif=exif(camera=True), xmp=xmp(attributes='photoshop:Credit="Made with Google AI"')),
            "camera_and_generator",
        ),
    ],
    ids=["no exposure", "no time", "no aperture", "a generator"],
)
def test_a_cameras_fields_that_cannot_be_are_told_without_blame(data: bytes, name: str) -> None:
    seen = only(look(DETECTOR, data), f"metadata_marks.{name}")
    assert (seen.bearing, seen.strength) == (Bearing.NEUTRAL, Strength.WEAK)
    assert seen.caveat


@pytest.mark.parametrize(
    "data",
    [
        shot(),
        saved(exif=block([], [])),
        saved(exif=block(CANON, []), xmp=xmp(attributes='exif:FNumber="28/10"')),
        shot(ratio(0x920A, 0, 1), exposure=[ratio(0x829A, 1, 60), ratio(0x829D, 0, 1)]),
        shot(ratio(0x920A, 0, 0)),
        shot(exposure=[ratio(0x829A, 240, 1)]),
    ],
    ids=["whole", "none", "in XMP", "a lens without contacts", "unknown", "four minutes"],
)
def test_a_cameras_fields_that_can_be_are_not_mentioned(data: bytes) -> None:
    assert look(DETECTOR, data).details["contradictions"] == []


def test_a_generator_in_the_makers_place_is_no_camera() -> None:
    assert codes(look(DETECTOR, saved(exif=exif(_010F="Ideogram AI")))) == {"metadata_marks.declared_generated"}


def test_without_a_preview_no_pixel_is_decoded() -> None:
    portrait = read_portrait(shot(*sized(4000, 3000)))
    DETECTOR.look(Scene(portrait, TrustLists()))
    assert "_decoded" not in portrait.__dict__


HISTORY = (
    "<xmpMM:History><rdf:Seq>"
    '<rdf:li stEvt:action="created" stEvt:when="2026-03-15T10:00:00+01:00" stEvt:softwareAgent="Adobe Photoshop 25.1"/>'
    '<rdf:li stEvt:action="converted" stEvt:parameters="from image/x-adobe-dng to image/jpeg"/>'
    '<rdf:li rdf:parseType="Resource"><stEvt:action>saved</stEvt:action>'
    "<stEvt:when>2026-03-16T09:30:00+01:00</stEvt:when>"
    "<stEvt:softwareAgent>Adobe Photoshop 25.1</stEvt:softwareAgent></rdf:li>"
    "</rdf:Seq></xmpMM:History>"
)


def test_unsigned_steps_are_told_oldest_first() -> None:
    when = [text(0x0132, "2026:03:16 09:30:01"), text(0x0131, "Adobe Photoshop 25.1")]
    data = saved(exif=block([*CANON, *when], [*SHOT, text(0x9003, "2026:03:14 12:00:00")]), xmp=xmp(HISTORY))
    details = look(DETECTOR, data).details
    assert [(step["when"], step["tool"], step["words"], step["source"]) for step in details["unsigned_steps"]] == [
        ("2026-03-14T12:00:00", "Canon EOS R6", "Captured", "exif"),
        ("2026-03-15T10:00:00+01:00", "Adobe Photoshop 25.1", "Created", "xmp:history"),
        (None, None, "Converted: from image/x-adobe-dng to image/jpeg", "xmp:history"),
        ("2026-03-16T09:30:00+01:00", "Adobe Photoshop 25.1", "Saved", "xmp:history"),
    ]
    assert [program["name"] for program in details["software"]] == ["Adobe Photoshop 25.1"] * 3
    assert details["dates"]["captured"] == "2026-03-14T12:00:00"


def test_a_program_without_a_date_stands_last() -> None:
    data = saved(exif=exif(_0131="GIMP 2.10.34"))
    (step,) = look(DETECTOR, data).details["unsigned_steps"]
    assert (step["when"], step["tool"]) == (None, "GIMP 2.10.34")


def test_a_cameras_firmware_is_no_editor() -> None:
    camera = [*CANON, text(0x0131, "Firmware Version 1.8.2"), text(0x0132, "2026:03:14 12:00:00")]
    data = saved(exif=block(camera, [*SHOT, text(0x9003, "2026:03:14 12:00:00")]))
    (step,) = look(DETECTOR, data).details["unsigned_steps"]
    assert step["words"] == "Captured"


def test_a_file_without_metadata_has_no_steps() -> None:
    details = look(DETECTOR, saved()).details
    assert (details["unsigned_steps"], details["software"], details["dates"]) == ([], [], {})


def test_an_endless_history_is_cut_and_strange_characters_are_taken_out() -> None:
    entry = '<rdf:li stEvt:action="saved" stEvt:softwareAgent="Evil\u202eTool{}" stEvt:parameters="{}"/>'
    entries = "".join(entry.format(number, "x" * 300) for number in range(400))
    details = look(
        DETECTOR,
        saved(
            "PNG",
            texts={"XML:com.adobe.xmp": xmp(f"<xmpMM:History><rdf:Seq>{entries}</rdf:Seq></xmpMM:History>").decode()},
        ),
    ).details
    assert len(details["unsigned_steps"]) <= 50
    assert "\u202e" not in json.dumps(details, ensure_ascii=False)
    assert max(len(step["words"]) for step in details["unsigned_steps"]) < 200


def test_a_date_far_ahead_is_in_the_future_of_any_run() -> None:
    far = file_dates.Moment(clock=datetime(9990, 1, 1, tzinfo=UTC))
    assert "future" in file_dates.impossible(Dates(captured=far), datetime.now(UTC))
