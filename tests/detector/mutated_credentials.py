"""Run as a program: reads the credentials of damaged files and prints what that took, as one JSON object.

`python -m tests.detector.mutated_credentials COUNT [FOLDER]`: files signed here, and those of FOLDER, with bytes
flipped, cut off, given another's manifest, or with boxes that claim another size. A process of its own, so that its
memory is that of reading alone.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from detector.observation import CouldNotLook
from detector.provenance.content_credentials import DETECTOR
from detector.scene import Scene
from detector.trust import TrustLists
from tests.detector.provenance_files import MIMES, known, known_signer, raw_portrait, saved, stranger
from vetting.demo.credentials import created, done, sign, statement

KINDS = ("JPEG", "PNG", "WebP", "AVIF")
SUFFIXES = {".jpg": "JPEG", ".png": "PNG", ".webp": "WebP", ".heic": "HEIF", ".avif": "AVIF"}
LARGEST_SEED = 400_000  # bytes: a larger file tells nothing more, and costs time
BOXES = (b"jumb", b"jumd", b"cbor", b"json", b"bidb", b"bfdb", b"uuid", b"caBX", b"meta", b"ftyp")

Seed = tuple[str, bytes]


def seeds(folder: Path | None) -> list[Seed]:
    """(kind, bytes) of whole files: signed here in four formats, with and without a past, and the folder's."""
    made = []
    for kind in KINDS:
        first = sign(saved(kind), MIMES[kind], statement(created("digitalCapture")), known_signer(), thumbnails=True)
        past = {"before": ("parentOf", first)}
        next_ = statement(done("c2pa.opened", "before"), done("c2pa.edited"))
        made += [(kind, first), (kind, sign(first, MIMES[kind], next_, stranger(), ingredients=past))]
    others = sorted(folder.iterdir()) if folder else []
    return made + [
        (SUFFIXES[path.suffix], path.read_bytes())
        for path in others
        if path.suffix in SUFFIXES and path.stat().st_size <= LARGEST_SEED
    ]


def flipped(data: bytes, chance: random.Random, _: bytes) -> bytes:
    """Some bits of the file turned; half of the time near where the manifest stands."""
    changed = bytearray(data)
    at = max(data.find(b"jumb"), 0)
    first, last = (at, min(at + 6000, len(data))) if chance.random() < 0.5 else (0, len(data))
    for _turn in range(chance.randrange(1, 12)):
        changed[chance.randrange(first, last)] ^= 1 << chance.randrange(8)
    return bytes(changed)


def truncated(data: bytes, chance: random.Random, _: bytes) -> bytes:
    return data[: chance.randrange(1, len(data))]


def transplanted(data: bytes, chance: random.Random, other: bytes) -> bytes:
    """The manifest's place filled with a stretch of another file's, or that stretch put in beside it."""
    at, from_ = max(data.find(b"jumb"), 2), max(other.find(b"jumb"), 2)
    piece = other[from_ : from_ + chance.randrange(200, 20_000)]
    return data[:at] + piece + data[at + (len(piece) if chance.random() < 0.5 else 0) :]


def oversized(data: bytes, chance: random.Random, _: bytes) -> bytes:
    """A box, or a JPEG segment, that claims a length which it has not."""
    changed = bytearray(data)
    places = [i - 4 for i in range(4, len(data)) if data[i : i + 4] in BOXES]
    places += [i + 2 for i in range(len(data) - 4) if data[i : i + 2] == b"\xff\xeb"]
    at = chance.choice(places) if places else 0
    length = chance.choice([0, 1, 7, 2**16 - 1, 2**24, 2**31 - 1, 2**31, 2**32 - 1, len(data) * 2])
    changed[at : at + 4] = length.to_bytes(4, "big")
    return bytes(changed)


MUTATIONS: tuple[Callable[[bytes, random.Random, bytes], bytes], ...] = (flipped, truncated, transplanted, oversized)


def peak_bytes() -> int:
    """The most memory that this program has held. On Linux `ru_maxrss` would count the process that started it, too."""
    status = Path("/proc/self/status")
    if status.is_file():
        held = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(held.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(count: int, folder: Path | None) -> None:
    whole = seeds(folder)
    trust = TrustLists.from_folder(folder.parent / "trust") if folder else known()
    states: Counter[str] = Counter()
    slowest, wordless, captured = 0.0, 0, 0
    for number in range(count):
        chance = random.Random(number)
        kind, data = whole[number % len(whole)]
        broken = MUTATIONS[number // len(whole) % len(MUTATIONS)](data, chance, chance.choice(whole)[1])
        begun = time.perf_counter()
        try:
            seen = DETECTOR.look(Scene(raw_portrait(broken, kind), trust))
        except CouldNotLook as refusal:
            states["could-not-look"] += 1
            wordless += not str(refusal)
            continue
        finally:
            slowest = max(slowest, time.perf_counter() - begun)
        states[seen.details["state"]] += 1
        captured += broken != data and seen.details["captured"]  # though some byte is not the signed one
        wordless += not (seen.details["words"] and all(o.summary and o.caveat for o in seen.observations))
    peak = peak_bytes()
    print(json.dumps({"files": sum(states.values()), "states": states, "slowest_s": slowest, "peak_bytes": peak,
                      "wordless": wordless, "captured": captured}))  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
