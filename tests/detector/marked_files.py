"""Files that carry a known mark, one for each row of the table and place, and as many that only look like it."""

from __future__ import annotations

import json
from collections.abc import Callable

from PIL import Image, TiffImagePlugin

from detector.provenance.digital_source_types import IPTC
from tests.detector.provenance_files import saved

NAMESPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
    'xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" '
    'xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" xmlns:xmpNote="http://ns.adobe.com/xmp/note/" '
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


def tool(name: str) -> bytes:
    return xmp(attributes=f'xmp:CreatorTool="{name}"')


def ai(field: str, value: str, *, part: bool = False) -> bytes:
    """One of IPTC's AI fields, beside the source type of a picture of which AI made a part where asked."""
    of_a_part = f'Iptc4xmpExt:DigitalSourceType="{IPTC}compositeWithTrainedAlgorithmicMedia"'
    return xmp(f"<Iptc4xmpExt:{field}>{value}</Iptc4xmpExt:{field}>", attributes=of_a_part if part else "")


def rendered(value: int) -> Image.Exif:
    data = exif(camera=True)
    data.get_ifd(0x8769)[0xA401] = value
    return data


def edited_by(name: str) -> Image.Exif:
    data = exif()
    data.get_ifd(0x8769)[0xA43B] = name
    return data


def raw(profile: bytes, name: str) -> str:
    """A profile as ImageMagick writes it into PNG text."""
    digits = profile.hex()
    lines = "\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    return f"\n{name}\n{len(profile):8}\n{lines}\n"


def extended(
    packet: bytes, *, piece: int = 300, guid: str = "A" * 32, named: str | None = None, lost: int | None = None
) -> bytes:
    """A JPEG whose main XMP packet names an extended one, cut into pieces; `lost` is left out."""
    note = xmp(attributes=f'xmpNote:HasExtendedXMP="{named or guid}"')
    jpeg = saved(xmp=note)
    segments = b""
    for number, at in enumerate(range(0, len(packet), piece)):
        body = b"http://ns.adobe.com/xmp/extension/\0" + guid.encode()
        body += len(packet).to_bytes(4, "big") + at.to_bytes(4, "big") + packet[at : at + piece]
        segments += b"" if number == lost else b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body
    return jpeg[:2] + segments + jpeg[2:]


def iptc(credit: str, field: int = 110) -> bytes:
    """A JPEG whose APP13 holds an IPTC field, a credit line if no other is asked for."""
    record = bytes([0x1C, 2, field]) + len(credit).to_bytes(2, "big") + credit.encode()
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
    ("Draw Things as software", "metadata_marks.generator_software", lambda: saved(xmp=tool("Draw Things"))),
    ("Firefly in XMP", "metadata_marks.generator_software", lambda: saved(xmp=tool("Adobe Firefly"))),
    ("the AI system", GENERATED, lambda: saved(xmp=ai("AISystemUsed", "ChatGPT DALL-E"))),
    ("the AI system of a photo", EDITED, lambda: saved(xmp=ai("AISystemUsed", "Gemini"), exif=exif(camera=True))),
    ("the AI prompt", GENERATED, lambda: saved(xmp=ai("AIPromptInformation", "me, younger"))),
    ("the AI prompt of a part", EDITED, lambda: saved(xmp=ai("AIPromptInformation", "a wall", part=True))),
    ("the phone's portrait mode", "metadata_marks.portrait_mode", lambda: saved(exif=rendered(8))),
    (
        "the portrait mode of Android",
        "metadata_marks.portrait_mode",
        lambda: saved(
            xmp=xmp(
                "<GCamera:SpecialTypeID><rdf:Bag><rdf:li>com.google.android.apps.camera.gallery.specialtype."
                "SpecialType-PORTRAIT</rdf:li></rdf:Bag></GCamera:SpecialTypeID>"
            )
        ),
    ),
    (
        "healed spots",
        "metadata_marks.retouched_spots",
        lambda: saved(xmp=xmp('<crs:RetouchAreas><rdf:Seq><rdf:li crs:SpotType="heal"/></rdf:Seq></crs:RetouchAreas>')),
    ),
    (
        "healed spots of older versions",
        "metadata_marks.retouched_spots",
        lambda: saved(
            xmp=xmp(
                "<crs:RetouchInfo><rdf:Seq><rdf:li>centerX = 0.29, radius = 0.01</rdf:li></rdf:Seq></crs:RetouchInfo>"
            )
        ),
    ),
    ("a passage through Facebook", "metadata_marks.passed_platform", lambda: iptc("FBMD01000ac003000077", 40)),
    ("an editor in IPTC", "metadata_marks.software", lambda: iptc("Capture One 23 Macintosh", 65)),
    ("an editor as EXIF 3.0 names it", "metadata_marks.software", lambda: saved(exif=edited_by("Affinity Photo 2"))),
    ("the AIGC label as an attribute", GENERATED, lambda: saved(xmp=xmp(attributes=f"TC260:AIGC='{aigc(1)}'"))),
    (
        "the AIGC label in single quotes",
        GENERATED,
        lambda: saved(exif=comment("{'AIGC': {'Label': '1', 'ContentProducer': '001191'}}")),
    ),
    (
        "the AIGC label as JSON within JSON",
        GENERATED,
        lambda: saved(exif=comment(json.dumps({"AIGC": aigc(1)}))),
    ),
    ("the AIGC label in a WebP's EXIF", GENERATED, lambda: saved("WEBP", exif=comment(f'{{"AIGC": {aigc(1)}}}'))),
    (
        "the AIGC label in a PNG's EXIF",
        GENERATED,
        lambda: saved("PNG", exif=comment(f'{{"AIGC": {aigc(1)}}}').tobytes()),
    ),
    (
        "the AIGC label in an AVIF's EXIF",
        GENERATED,
        lambda: saved("AVIF", exif=comment(f'{{"AIGC": {aigc(1)}}}').tobytes()),
    ),
    (
        "the AIGC label beside a composite's source type",
        EDITED,
        lambda: saved(xmp=source_type("compositeWithTrainedAlgorithmicMedia"), exif=comment(f'{{"AIGC": {aigc(1)}}}')),
    ),
    (
        "an IPTC source type in a PNG of ImageMagick",
        GENERATED,
        lambda: saved("PNG", texts={"Raw profile type xmp": raw(source_type("trainedAlgorithmicMedia"), "xmp")}),
    ),
    ("an IPTC source type in extended XMP", GENERATED, lambda: extended(source_type("trainedAlgorithmicMedia"))),
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
    ("extended XMP of another file", lambda: extended(source_type("trainedAlgorithmicMedia"), named="B" * 32)),
    ("extended XMP with a piece lost", lambda: extended(source_type("trainedAlgorithmicMedia"), lost=1)),
    ("extended XMP without marks", lambda: extended(xmp("<dc:title>Depth</dc:title>") * 9)),
    ("an empty AI field", lambda: saved(xmp=ai("AISystemUsed", " "))),
    ("an ordinary rendering", lambda: saved(exif=rendered(1))),
    ("instructions to the printer", lambda: iptc("FBMD is our client; print matt", 40)),
    ("an unknown program in IPTC", lambda: iptc("Agency Desk 4", 65)),
    ("Lightroom's settings without a spot", lambda: saved(xmp=xmp(attributes='crs:Exposure2012="+0.20"'))),
    (
        "a photo that tells of an AIGC event",
        lambda: saved(exif=exif(_010E='Speaker at the "AIGC" summit, Label: 1 of 3'), xmp=xmp()),
    ),
    ("a damaged profile", lambda: saved("PNG", texts={"Raw profile type xmp": "\nxmp\n 40\nzz"})),
    ("a city as XMP", lambda: saved(xmp=xmp(attributes='photoshop:City="Ideogram"'))),
]
