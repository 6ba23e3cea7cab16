"""Marks in plain metadata: each row of the table on a file that carries it, and as many files that must stay silent."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import TiffImagePlugin

from detector.observation import Bearing, Strength
from detector.portrait import read_portrait
from detector.provenance import embedded_text
from detector.provenance import xmp as xmp_of
from detector.provenance.file_metadata import read_metadata
from detector.provenance.mark import Mark
from detector.provenance.marks import MARKS
from detector.provenance.metadata_marks import DETECTOR, find_marks
from detector.scene import Scene
from detector.trust import TrustLists
from tests.detector.marked_files import (
    EXAMPLES,
    GENERATED,
    ORDINARY,
    ai,
    exif,
    extended,
    source_type,
    xmp,
)
from tests.detector.provenance_files import codes, look, only, saved

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
HEADSHOTS = SHARED / "headshots"


@pytest.mark.parametrize(("code", "make"), [(code, make) for _, code, make in EXAMPLES], ids=[e[0] for e in EXAMPLES])
def test_a_mark_is_seen(code: str, make: Callable[[], bytes]) -> None:
    sighting = look(DETECTOR, make())
    assert code in codes(sighting)
    assert all(observation.summary and observation.caveat for observation in sighting.observations)
    assert json.loads(json.dumps(dict(sighting.details))) == dict(sighting.details)


@pytest.mark.parametrize("make", [make for _, make in ORDINARY], ids=[example[0] for example in ORDINARY])
def test_an_ordinary_file_carries_no_mark(make: Callable[[], bytes]) -> None:
    sighting = look(DETECTOR, make())
    assert sighting.observations == ()
    assert "nothing either way" in sighting.note


def test_every_row_of_the_table_has_an_example() -> None:
    met: set[int] = set()
    for _, _, make in EXAMPLES:
        met |= {id(mark) for mark, _ in find_marks(read_metadata(read_portrait(make())))}
    assert [mark.source for mark in MARKS if id(mark) not in met] == []


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: f"{mark.code}-{mark.source}")
def test_a_row_says_where_it_is_from_and_what_it_cannot_mean(mark: Mark) -> None:
    assert mark.summary
    assert mark.caveat
    assert mark.source
    assert mark.code.startswith("metadata_marks.")
    declared = mark.code == GENERATED
    assert declared == (mark.bearing is Bearing.GENERATED and mark.strength is Strength.CONCLUSIVE)


def test_an_unsigned_claim_to_be_a_capture_counts_for_nothing() -> None:
    seen = only(look(DETECTOR, saved(xmp=source_type("digitalCapture"))), "metadata_marks.claimed_capture")
    assert (seen.bearing, seen.strength) == (Bearing.NEUTRAL, Strength.WEAK)


def test_an_editor_is_ordinary() -> None:
    seen = only(look(DETECTOR, saved(exif=exif(_0131="Adobe Photoshop 25.1"))), "metadata_marks.software")
    assert (seen.bearing, seen.strength) == (Bearing.NEUTRAL, Strength.WEAK)
    assert "Adobe Photoshop 25.1" in seen.summary
    assert "ordinary" in seen.caveat


def test_the_camera_is_kept_and_the_place_is_not() -> None:
    camera = look(DETECTOR, saved(exif=exif(camera=True))).details["camera"]
    assert camera == {
        "make": "Canon",
        "model": "EOS R6",
        "lens": "RF85mm F2",
        "taken": "2026-03-14T09:26:53",
        "exposure": "1/200 s",
        "aperture": "f/2.8",
        "iso": "400",
    }


def test_the_prompt_is_not_shown() -> None:
    sighting = look(DETECTOR, saved(xmp=ai("AIPromptInformation", "me, but with a smaller nose")))
    assert "nose" not in json.dumps(dict(sighting.details)) + "".join(o.summary for o in sighting.observations)


def test_extended_xmp_is_joined_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    packet = xmp("<dc:title>" + "x" * 5_000 + "</dc:title>")
    data = extended(packet, piece=700)
    assert xmp_of.extended(data, "A" * 32) == packet
    assert xmp_of.extended(data[:4_000], "A" * 32) == b""
    monkeypatch.setattr(embedded_text, "MAX_TEXT", 1_000)
    assert xmp_of.extended(data, "A" * 32) == b""


def test_a_history_in_extended_xmp_is_told() -> None:
    entry = (
        '<rdf:li stEvt:action="saved" stEvt:softwareAgent="Adobe Photoshop 25.1" stEvt:when="2026-03-15T10:00:00Z"/>'
    )
    data = extended(xmp(f"<xmpMM:History><rdf:Seq>{entry}</rdf:Seq></xmpMM:History>"))
    (step,) = look(DETECTOR, data).details["unsigned_steps"]
    assert (step["tool"], step["source"]) == ("Adobe Photoshop 25.1", "xmp:history")


def test_iptc_in_a_tiff_is_read() -> None:
    record = b"\x1c\x02\x6e\0\x13Made with Google AI\0"
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[33723] = record
    info.tagtype[33723] = 7
    assert GENERATED in codes(look(DETECTOR, saved("TIFF", tiffinfo=info)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF", "TIFF"])
def test_exif_and_xmp_are_read_in_every_format(kind: str) -> None:
    packet = source_type("trainedAlgorithmicMedia")
    fields = exif(camera=True)
    if kind == "PNG":
        data = saved("PNG", texts={"XML:com.adobe.xmp": packet.decode()}, exif=fields.tobytes())
    elif kind == "HEIF":  # Pillow writes none; an AVIF is one with another brand, and no pixel is asked for
        data = saved("AVIF", xmp=packet, exif=fields.tobytes()).replace(b"avif", b"heic", 2)
    elif kind == "TIFF":
        info = TiffImagePlugin.ImageFileDirectory_v2()
        info[700], info.tagtype[700] = packet, 1
        info[0x010F] = "Canon"
        data = saved("TIFF", tiffinfo=info)
    else:
        data = saved(kind, xmp=packet, exif=fields.tobytes())
    metadata = read_metadata(read_portrait(data))
    assert metadata.first("exif:Make") == "Canon"
    assert metadata.first("xmp:Iptc4xmpExt:DigitalSourceType").endswith("trainedAlgorithmicMedia")
    assert metadata.has_exposure == (kind != "TIFF")


def test_entities_in_xmp_are_not_expanded() -> None:
    bomb = (
        b'<!DOCTYPE x [<!ENTITY a "trainedAlgorithmicMedia"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
        + xmp("<dc:description>&a;&b;</dc:description>").split(b"?>", 1)[1]
    )
    sighting = look(DETECTOR, saved(xmp=bomb))
    assert sighting.observations == ()
    assert sighting.details["damaged"] == ["XMP"]


@pytest.mark.parametrize("cut", [10, 120, 400])
def test_a_broken_packet_is_named_and_costs_nothing_else(cut: int) -> None:
    sighting = look(DETECTOR, saved(xmp=xmp("<dc:x>y</dc:x>")[:cut], exif=exif(_0131="GIMP 2.10")))
    assert sighting.details["damaged"] == ["XMP"]
    assert codes(sighting) == {"metadata_marks.software"}


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_broken_exif_costs_nothing_else() -> None:
    data = saved(exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40, xmp=source_type("trainedAlgorithmicMedia"))
    assert codes(look(DETECTOR, data)) == {GENERATED}


@pytest.mark.skipif(not HEADSHOTS.is_dir(), reason="../shared/data/headshots is not here")
def test_no_real_headshot_is_declared_anything() -> None:
    with (HEADSHOTS / "manifest.csv").open(newline="") as table:
        real = [row["file"] for row in csv.DictReader(table) if row["label"] == "real"]
    accused = []
    for file in real[::5]:
        sighting = DETECTOR.look(Scene(read_portrait((HEADSHOTS / file).read_bytes()), TrustLists()))
        if any(observation.bearing is not Bearing.NEUTRAL for observation in sighting.observations):
            accused.append(file)
    assert len(real) > 500
    assert accused == []
