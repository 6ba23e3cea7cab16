"""Marks in plain metadata: each row of the table on a file that carries it, and as many files that must stay silent."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, TiffImagePlugin

from detector.observation import Bearing, Strength
from detector.portrait import read_portrait
from detector.provenance.digital_source_types import IPTC
from detector.provenance.marks import MARKS, Mark
from detector.provenance.metadata_marks import DETECTOR, find_marks, read_metadata
from detector.scene import Scene
from detector.trust import TrustLists
from tests.detector.provenance_files import codes, look, only, saved

HEADSHOTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "headshots"
NAMESPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
    'xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"'
)
JOB = "a portrait of a woman, 85mm --v 6 Job ID: 0f5d1e2c-1111-4222-8333-444455556666"
GROK = "Signature: " + "aZ09+/" * 12 + "=="


def xmp(inside: str = "", *, attributes: str = "") -> bytes:
    """An XMP packet with these elements and attributes on its rdf:Description."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF {NAMESPACES}><rdf:Description rdf:about="" {attributes}>{inside}</rdf:Description></rdf:RDF>'
        '</x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def source_type(term: str) -> bytes:
    return xmp(attributes=f'Iptc4xmpExt:DigitalSourceType="{IPTC}{term}"')


def aigc(label: int) -> str:
    return json.dumps({"Label": str(label), "ContentProducer": "001191", "ProduceID": "1"})


def exif(camera: bool = False, **fields: str | bytes) -> Image.Exif:
    """EXIF with these IFD 0 fields by tag number ("0x010E"), and a camera's own where asked."""
    data = Image.Exif()
    for tag, value in fields.items():
        data[int(tag.lstrip("_"), 16)] = value
    if camera:
        data[0x010F], data[0x0110] = "Canon", "EOS R6"
        details = data.get_ifd(0x8769)
        details[0x829A] = TiffImagePlugin.IFDRational(1, 200)
        details[0x829D] = TiffImagePlugin.IFDRational(28, 10)
        details[0x8827] = 400
        details[0x9003] = "2026:03:14 09:26:53"
        details[0xA434] = "RF85mm F2"
        data.get_ifd(0x8825)[1] = "N"
    return data


def comment(text: str, camera: bool = False) -> Image.Exif:
    data = exif(camera)
    data.get_ifd(0x8769)[0x9286] = b"ASCII\0\0\0" + text.encode()
    return data


def iptc(credit: str) -> bytes:
    """A JPEG whose APP13 holds an IPTC credit line."""
    record = b"\x1c\x02\x6e" + len(credit).to_bytes(2, "big") + credit.encode()
    block = b"8BIM\x04\x04\0\0" + len(record).to_bytes(4, "big") + record + b"\0" * (len(record) % 2)
    body = b"Photoshop 3.0\0" + block
    jpeg = saved()
    return jpeg[:2] + b"\xff\xed" + (len(body) + 2).to_bytes(2, "big") + body + jpeg[2:]


GENERATED, EDITED = "metadata_marks.declared_generated", "metadata_marks.declared_edited"
EXAMPLES: list[tuple[str, str, Callable[[], bytes]]] = [
    ("an IPTC source type as an attribute", GENERATED, lambda: saved(xmp=source_type("trainedAlgorithmicMedia"))),
    (
        "an IPTC source type as an element",
        GENERATED,
        lambda: saved(
            xmp=xmp(f"<Iptc4xmpExt:DigitalSourceType>{IPTC}trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>")
        ),
    ),
    (
        "an IPTC source type as a resource",
        GENERATED,
        lambda: saved(xmp=xmp(f'<Iptc4xmpExt:DigitalSourceType rdf:resource="{IPTC}trainedAlgorithmicMedia"/>')),
    ),
    (
        "an IPTC source type in a PNG",
        GENERATED,
        lambda: saved("PNG", texts={"XML:com.adobe.xmp": source_type("trainedAlgorithmicMedia").decode()}),
    ),
    ("an IPTC source type in WebP", GENERATED, lambda: saved("WEBP", xmp=source_type("trainedAlgorithmicMedia"))),
    ("an IPTC source type in AVIF", GENERATED, lambda: saved("AVIF", xmp=source_type("trainedAlgorithmicMedia"))),
    ("a synthetic composite", GENERATED, lambda: saved(xmp=source_type("compositeSynthetic"))),
    ("an AI-edited part", EDITED, lambda: saved(xmp=source_type("compositeWithTrainedAlgorithmicMedia"))),
    ("an unsigned capture", "metadata_marks.claimed_capture", lambda: saved(xmp=source_type("digitalCapture"))),
    ("digital art", "metadata_marks.claimed_source", lambda: saved(xmp=source_type("digitalArt"))),
    (
        "Google's credit line",
        GENERATED,
        lambda: saved(xmp=xmp(attributes='photoshop:Credit="Made with Google AI"')),
    ),
    ("Google's credit line in IPTC", GENERATED, lambda: iptc("Made with Google AI")),
    (
        "Google's credit line of an edit",
        EDITED,
        lambda: saved(xmp=xmp(attributes='photoshop:Credit="Edited with Google AI"')),
    ),
    (
        "Apple's Clean Up",
        EDITED,
        lambda: saved(xmp=xmp(attributes='photoshop:Credit="Apple Photos Clean Up"'), exif=exif(camera=True)),
    ),
    (
        "Apple's generator",
        GENERATED,
        lambda: saved(xmp=xmp(attributes='photoshop:Credit="Apple Image Playground"')),
    ),
    ("the AIGC label in XMP", GENERATED, lambda: saved(xmp=xmp(f"<TC260:AIGC>{aigc(1)}</TC260:AIGC>"))),
    ("the AIGC label in PNG text", GENERATED, lambda: saved("PNG", texts={"AIGC": aigc(1)})),
    ("the AIGC label in EXIF", GENERATED, lambda: saved(exif=comment(f'{{"AIGC": {aigc(1)}}}'))),
    (
        "the AIGC label on a phone's photo",
        EDITED,
        lambda: saved(exif=comment(f'{{"AIGC": {aigc(1)}}}', camera=True)),
    ),
    (
        "the AIGC label of a possible case",
        "metadata_marks.suspected_generated",
        lambda: saved("PNG", texts={"AIGC": aigc(2)}),
    ),
    (
        "the AIGC label of a suspicion",
        "metadata_marks.suspected_generated",
        lambda: saved("PNG", texts={"AIGC": aigc(3)}),
    ),
    (
        "Samsung's generative edit",
        EDITED,
        lambda: saved() + b'PhotoEditor_Re_Edit_Data{"originalPath":"x","genAIType":2}SEFT',
    ),
    ("a Midjourney job in PNG", GENERATED, lambda: saved("PNG", texts={"Description": JOB})),
    (
        "a Midjourney job in XMP",
        GENERATED,
        lambda: saved(
            xmp=xmp(f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{JOB}</rdf:li></rdf:Alt></dc:description>')
        ),
    ),
    ("Ideogram as the camera maker", GENERATED, lambda: saved(exif=exif(_010F="Ideogram AI"))),
    ("Grok's signature", "metadata_marks.generator_software", lambda: saved(exif=exif(_010E=GROK))),
    ("Firefly as software", "metadata_marks.generator_software", lambda: saved(exif=exif(_0131="Adobe Firefly 3.0"))),
    ("Photoshop", "metadata_marks.software", lambda: saved(exif=exif(_0131="Adobe Photoshop 25.1 (Windows)"))),
    ("GIMP in PNG", "metadata_marks.software", lambda: saved("PNG", texts={"Software": "GIMP 2.10.34"})),
    ("Facetune", "metadata_marks.software", lambda: saved(xmp=xmp(attributes='xmp:CreatorTool="Facetune2"'))),
    (
        "Lightroom in the history",
        "metadata_marks.software",
        lambda: saved(
            xmp=xmp(
                "<xmpMM:History><rdf:Seq><rdf:li "
                'stEvt:softwareAgent="Adobe Photoshop Lightroom Classic 9.4"/></rdf:Seq></xmpMM:History>'
            )
        ),
    ),
]
ORDINARY: list[tuple[str, Callable[[], bytes]]] = [
    ("no metadata", saved),
    ("no metadata in a PNG", lambda: saved("PNG")),
    ("a camera's EXIF", lambda: saved(exif=exif(camera=True))),
    ("a camera's EXIF in WebP", lambda: saved("WEBP", exif=exif(camera=True))),
    ("a phone's firmware", lambda: saved(exif=exif(_0131="HDR+ 1.0.265696846zdh"))),
    ("an agency's credit", lambda: iptc("Getty Images")),
    ("an AI company's credit", lambda: saved(xmp=xmp(attributes='photoshop:Credit="Photo by Google AI team"'))),
    ("a person who works with AI", lambda: saved(exif=exif(_010E="Head of AI at a bank, Job ID: 4711"))),
    ("a described signature", lambda: saved(exif=exif(_010E="Signature: Jane Doe, studio portrait"))),
    ("an editor's note without AI", lambda: saved() + b'PhotoEditor_Re_Edit_Data{"genAIType":0}SEFT'),
    (
        "an unknown source type",
        lambda: saved(xmp=xmp(attributes='Iptc4xmpExt:DigitalSourceType="https://example.org"')),
    ),
    (
        "a source type mentioned in a description",
        lambda: saved(xmp=xmp(attributes='dc:description="not trainedAlgorithmicMedia"')),
    ),
    (
        "a generated element placed into a photo",
        lambda: saved(
            xmp=xmp(
                '<xmpMM:Pantry><rdf:Bag><rdf:li rdf:parseType="Resource"><Iptc4xmpExt:DigitalSourceType>'
                f"{IPTC}trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType></rdf:li></rdf:Bag></xmpMM:Pantry>"
            )
        ),
    ),
    ("a PNG with an innocent comment", lambda: saved("PNG", texts={"Comment": "Created on a Tuesday"})),
    ("JSON in a comment", lambda: saved(exif=comment('{"Label": "1", "mode": "portrait"}'))),
    ("a city as XMP", lambda: saved(xmp=xmp(attributes='photoshop:City="Ideogram"'))),
]


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
