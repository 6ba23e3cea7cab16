"""Text beside the pixels that is there to break its reader: XMP, generator parameters, workflows, hidden texts."""

from __future__ import annotations

import gzip
import json
import random
import struct

import numpy as np
from PIL import Image

from tests.detector.jpeg_files import with_segment
from tests.detector.marked_files import comment, extended, iptc, xmp
from tests.detector.provenance_files import saved
from tests.pictures import encoded, noise
from tools.fuzz.wholes import Wholes

ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)
MARKUP = (
    "<a>",
    "<![CDATA[",
    "<!--",
    "<?x ?>",
    "&lt;",
    "\ufffe",
    "<rdf:li>",
    "<rdf:Bag>",
    'x="',
    "]]>",
    "&#0;",
    "&#x1F600;",
)


def deep_xmp(chance: random.Random, _: Wholes) -> bytes:
    """XMP of many levels, properties, attributes or namespaces; with entities, other encodings, broken ends."""
    depth = chance.choice([50, 3000, 20_000, 200_000])
    name = chance.choice(["rdf:li", "xmpMM:History", "dc:x", "xmpMM:Pantry"])
    inside = chance.choice(
        [
            f"<{name}>" * depth + "x" + f"</{name}>" * depth,
            f"<{name}>" * depth,
            f"<{name}>&j;</{name}>" * 40,
            "".join(f"<dc:p{number}>v</dc:p{number}>" for number in range(depth)),
            "<xmpMM:History><rdf:Seq>"
            + '<rdf:li stEvt:action="saved" stEvt:when="2026"/>' * depth
            + "</rdf:Seq></xmpMM:History>",
            "".join(f'<x{n}:a xmlns:x{n}="urn:{n}"/>' for n in range(depth // 10)),
            f"<dc:title>{'a' * depth * 10}</dc:title>",
            "".join(chance.choice(MARKUP) for _ in range(200)),
        ]
    )
    packet = xmp(inside, attributes=" ".join(f'dc:a{n}="1"' for n in range(chance.choice([0, 5, 5000]))))
    entities = ENTITIES + chance.choice(
        ["]>", '<!ENTITY j SYSTEM "file:///etc/passwd">]>', '<!ENTITY % p SYSTEM "http://127.0.0.1:9/">%p;]>']
    )
    packet = chance.choice([packet, packet, entities.encode() + packet.partition(b"?>")[2]])
    text = packet.decode()
    packet = chance.choice(
        [packet, packet, text.encode("utf-16"), text.encode("utf-32-le"), packet[: len(packet) // 2], packet + packet]
    )
    return _carried(chance, packet)


def _carried(chance: random.Random, packet: bytes) -> bytes:
    kind = chance.choice(["JPEG", "PNG", "WEBP", "AVIF", "extended"])
    if kind == "PNG":
        return saved("PNG", texts={"XML:com.adobe.xmp": packet.decode("utf-8", errors="replace")})
    if kind == "extended":
        guid = chance.choice(["A" * 32, "*" * 32, "A" * 31, ""])
        return extended(
            packet[:400_000], guid=guid, piece=chance.choice([400, 60_000]), lost=chance.choice([None, 0, 1])
        )
    return saved(kind, xmp=packet[:65_000] if kind == "JPEG" else packet)


def parameters(chance: random.Random, _: Wholes) -> bytes:
    """Prompts and settings that are long, repeat themselves, or are almost what a pattern looks for."""
    many = chance.choice([10, 5_000, 60_000])
    text = chance.choice(
        [
            "a\nSteps: 20, Sampler: Euler, " + "Seed: 1, " * many,
            "a\nSteps: " * many,
            "a\nNegative prompt: " * many + "\nSteps: 1, Sampler: x",
            "<lora:" * many,
            "<lora:a" + ":b" * many,
            'a\nSteps: 20, Lora hashes: "' + "a: b, " * many,
            'a\nSteps: 2, Sampler: E, x: "' + '", y: "' * many,
            "a\nSteps: " + "9" * many + ", CFG scale: 1e999, Seed: " + "-" * many,
            "(((" * many + "a" + ":1.2)" * many,
            json.dumps({"AIGC": {"Label": "1" * many}}),
            "[" * many,
            '{"a":' * many,
            "\0" * many,
            "\ud7ff\u202e\u0000" * many,
            '{"steps": NaN, "seed": 1e400, "width": -Infinity, "sampler": "x", "prompt": 5}',
            '{"c": "x", "uc": [1], "sampler": {"a": 1}, "steps": ' + "9" * 5000 + "}",
        ]
    )
    key = chance.choice(
        ["parameters", "prompt", "workflow", "Comment", "sd-metadata", "invokeai_metadata", "Description", "AIGC"]
    )
    if chance.random() < 0.3:
        return saved(chance.choice(["JPEG", "WEBP", "AVIF"]), exif=comment(text[:50_000]))
    if chance.random() < 0.1:
        return iptc(text[:30_000].encode("utf-8", errors="replace").decode("latin-1")[:15_000])
    return saved(
        "PNG", texts={key: text.replace("\0", "\1")[:2_000_000], **({"workflow": "{}"} if key == "prompt" else {})}
    )


def workflow(chance: random.Random, _: Wholes) -> bytes:
    """ComfyUI graphs that go round in circles, are huge, or hold values of other types than they should."""
    count = chance.choice([1, 20, 1500, 2100])
    values: list[object] = [
        None,
        True,
        -1,
        1e308,
        "x" * 500,
        [],
        {},
        ["1", 0],
        ["1"],
        [["1", 0], 0],
        {"a": ["2", 0]},
        "<lora:a:1>",
    ]
    kinds = [
        "KSampler",
        "SamplerCustomAdvanced",
        "LoadImage",
        "VAEEncode",
        "CLIPTextEncode",
        "LoraLoader",
        "EmptyLatentImage",
        "",
        "𝕏",
    ]
    names = [
        "text",
        "seed",
        "steps",
        "cfg",
        "latent_image",
        "samples",
        "model",
        "positive",
        "negative",
        "lora_name",
        "width",
        "height",
        "ckpt_name",
    ]

    def value() -> object:
        return (
            [str(chance.randrange(count + 2)), chance.choice([0, 1, -1, "x"])]
            if chance.random() < 0.5
            else chance.choice(values)
        )

    graph = {
        str(number): {"class_type": chance.choice(kinds), "inputs": {name: value() for name in chance.sample(names, 5)}}
        for number in range(count)
    }
    links = [[n, n, 0, chance.randrange(count), 0, "MODEL"] for n in range(count)]
    nodes = [
        {
            "id": n,
            "type": chance.choice(kinds),
            "inputs": chance.choice([[], None, [{"link": n}]]),
            "widgets_values": chance.choice([[], None, [1, "x"]]),
        }
        for n in range(count)
    ]
    flow = chance.choice([{"nodes": nodes, "links": links}, {"nodes": {}, "links": 5}, [], "x", {"links": links}])
    texts = {
        "prompt": json.dumps(
            chance.choice(
                [graph, graph, list(graph.values()), {"1": "x"}, {"1": {"class_type": ["KSampler"], "inputs": []}}]
            )
        ),
        "workflow": json.dumps(flow),
    }
    if chance.random() < 0.4:
        texts[chance.choice(["prompt", "workflow"])] += "}"
    return saved("PNG", texts=texts)


def hidden(chance: random.Random, _: Wholes) -> bytes:
    """Text in the lowest bits of the alpha channel whose length lies, or that unpacks to hundreds of megabytes."""
    body = chance.choice(
        [
            b"x" * 500,
            gzip.compress(b"a" * 500, mtime=0),
            gzip.compress(bytes(30_000_000), mtime=0),
            chance.randbytes(400),
        ]
    )
    length = chance.choice([len(body) * 8, 0, 7, 2**31, 2**32 - 1])
    message = chance.choice([b"stealth_pngcomp", b"stealth_pnginfo"]) + struct.pack(">I", length) + body
    side = chance.choice([1, 16, 64, 520])
    bits = np.unpackbits(np.frombuffer(message, np.uint8))[: side * side]
    alpha = np.full(side * side, 254, np.uint8)
    alpha[: len(bits)] |= bits
    sheet = np.dstack([noise(side, side), alpha.reshape(side, side).T])
    return encoded(Image.fromarray(sheet, "RGBA"), chance.choice(["PNG", "WEBP"]), lossless=True, exact=True)


def notes(chance: random.Random, _: Wholes) -> bytes:
    """What stands behind the picture, in comments and in fields that are repeated without end."""
    many = chance.choice([10, 3000, 100_000])
    tail = chance.choice(
        [
            b'"genAIType":1',
            b'\\"genAIType\\" : ',
            b'"genAIType"' + b" " * 50,
            b"\x1c\x02\x28\0\x09FBMD",
            b"jumbc2pa",
            b"<svg",
        ]
    )
    if chance.random() < 0.4:
        return with_segment(saved(), 0xED, (b"Photoshop 3.0\0" + tail * many)[:65_000])
    return saved(chance.choice(["JPEG", "PNG", "WEBP"])) + tail * many
