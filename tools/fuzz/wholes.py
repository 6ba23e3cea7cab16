"""The whole files that are broken: of ../shared/data where that is at hand, and always files made here."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image

from tests.detector.camera_files import shot
from tests.detector.jpeg_files import konica
from tests.detector.marked_files import EXAMPLES, extended, xmp
from tests.detector.mutated_credentials import seeds as signed_files
from tests.detector.provenance_files import picture, saved
from tests.pictures import astronaut, encoded, noise

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
LARGEST = 150_000  # bytes of a whole file: a larger one tells nothing more, and costs time
FACES = 60  # of the headshots; looking at a face is what takes long
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".avif", ".tif", ".tiff"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wholes:
    """small: without a face, quick to examine. faces: headshots. signed: (kind, bytes) with Content Credentials."""

    small: tuple[bytes, ...]
    faces: tuple[bytes, ...]
    signed: tuple[tuple[str, bytes], ...]
    shared: bool

    def any(self, chance: random.Random) -> bytes:
        """One of them, each eighth with a face."""
        return chance.choice(self.faces if chance.random() < 1 / 8 else self.small)

    def of(self, chance: random.Random, head: bytes) -> bytes:
        """One whose first bytes (after the length of a box, where there is one) are these."""
        fitting = [whole for whole in self.small if whole.startswith(head) or whole[4:].startswith(head)]
        return chance.choice(fitting)


@cache
def wholes() -> Wholes:
    made = tuple(_made())
    folder = SHARED / "c2pa" / "files"
    there = SHARED.is_dir()
    faces = tuple(_headshots()) if there else (encoded(astronaut().resize((256, 256)), quality=88),)
    return Wholes(
        small=made + tuple(_of_others()),
        faces=faces,
        signed=tuple(signed_files(folder if there else None)),
        shared=there,
    )


def _made() -> Iterator[bytes]:
    yield from (make() for _, _, make in EXAMPLES)
    yield from (saved(kind) for kind in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF"))
    yield from (encoded(picture().convert(mode), "PNG") for mode in ("L", "LA", "RGBA", "P", "1"))
    yield encoded(picture().convert("I").point(lambda value: value * 256).convert("I;16"), "PNG")
    yield encoded(picture().convert("CMYK"), "JPEG")
    yield encoded(picture().convert("CMYK"), "TIFF")
    yield encoded(noise(), "JPEG", progressive=True)
    yield encoded(noise(), "WEBP", lossless=True)
    yield encoded(picture(), "MPO", save_all=True, append_images=[picture()])
    yield shot()
    yield konica()
    yield extended(xmp('<dc:creator><rdf:Seq><rdf:li>"A"</rdf:li></rdf:Seq></dc:creator>' * 20))
    avif = saved("AVIF")
    yield avif.replace(b"ftypavif", b"ftypmif1", 1)
    yield avif.replace(b"ftypavif", b"ftypheic", 1).replace(b"av01", b"hvc1").replace(b"av1C", b"hvcC")
    yield encoded(Image.new("RGBA", (40, 30), (9, 9, 9, 0)), "WEBP", lossless=True, exact=True)


def _of_others() -> Iterator[bytes]:
    """Files with credentials and with generator parameters, the broken ones among them too."""
    for name in ("c2pa", "metadata"):
        for path in sorted((SHARED / name).rglob("*")):
            if path.suffix.lower() in SUFFIXES and 20 < path.stat().st_size <= LARGEST:
                yield path.read_bytes()


def _headshots() -> Iterator[bytes]:
    fitting = [path for path in sorted((SHARED / "headshots").rglob("*.jpg")) if path.stat().st_size <= LARGEST // 3]
    yield from (path.read_bytes() for path in random.Random(8).sample(fitting, min(FACES, len(fitting))))


def ready_picture() -> bytes:
    """A face, so that a process which has examined it has loaded all that it needs."""
    return encoded(astronaut().resize((256, 256)), quality=88)
