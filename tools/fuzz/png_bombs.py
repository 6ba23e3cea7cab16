"""PNG files that unpack to much more than they are, or that hold what hardly a file holds."""

from __future__ import annotations

import random
import struct
import zlib
from functools import cache

from PIL import Image

from tests.detector.provenance_files import picture
from tests.pictures import encoded
from tools.fuzz.breaks import png_chunk
from tools.fuzz.wholes import Wholes

SIGNATURE = b"\x89PNG\r\n\x1a\n"
BLOCK = 1 << 20
LARGE = (
    (7_000, 7_000, 8, 6),
    (7_071, 7_071, 16, 6),
    (25_000_000, 2, 8, 2),
    (7_071, 7_071, 16, 0),
    (7_071, 7_071, 8, 4),
)


@cache
def zeros(megabytes: int) -> bytes:
    """A zlib stream of that many megabytes of zeros: a thousandth of it."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(BLOCK)) for _ in range(megabytes)) + packer.flush()


def png(width: int, height: int, packed: bytes, *, depth: int = 8, colour: int = 2, extra: bytes = b"") -> bytes:
    """A PNG with this header and this stream of pixels."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return SIGNATURE + png_chunk(b"IHDR", head) + extra + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")


def bomb(chance: random.Random, _: Wholes) -> bytes:
    """Pixels without end: above the limit, below it, of other lengths than the header says, long and thin."""
    size = chance.choice(
        [(60_000, 60_000), (200_000, 200_000), (64, 64), (9_000, 3_000), (1, 4_000_000), (4_000_000, 1)]
    )
    colour, depth = chance.choice([(0, 1), (0, 8), (2, 8), (2, 16), (6, 8), (6, 16), (4, 16), (3, 8)])
    return png(*size, zeros(chance.choice([1, 30, 200])), depth=depth, colour=colour)


def large(chance: random.Random, _: Wholes) -> bytes:
    """As large as is just taken, in the widest pixels that there are."""
    width, height, depth, colour = chance.choice(LARGE)
    return png(width, height, zeros(400 if colour == 6 else 150), depth=depth, colour=colour)


def text_bomb(chance: random.Random, _: Wholes) -> bytes:
    """Compressed texts and colour profiles that unpack to hundreds of megabytes; thousands of chunks."""
    packed = zeros(chance.choice([3, 64, 200]))
    one = chance.choice(
        [
            png_chunk(b"zTXt", b"Comment\0\0" + packed),
            png_chunk(b"zTXt", b"Raw profile type exif\0\0" + packed),
            png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + packed),
            png_chunk(b"iTXt", b"parameters\0\1\0en\0\0" + packed),
            png_chunk(b"iCCP", b"profile\0\0" + packed),
            png_chunk(b"tEXt", b"parameters\0" + b"Steps: 20, " * 100_000),
        ]
    )
    often = chance.choice([1, 1, 3, 40]) if len(one) > 100_000 else chance.choice([1, 5, 300])
    behind = chance.random() < 0.5
    whole = encoded(picture(), "PNG")
    return whole[:-12] + one * often + whole[-12:] if behind else whole[:33] + one * often + whole[33:]


def oddity(chance: random.Random, _: Wholes) -> bytes:
    """Headers, palettes and chunks in places and with values that no encoder writes."""
    whole = encoded(picture(chance.choice(["RGB", "RGBA"])).convert(chance.choice(["RGB", "P", "RGBA", "L"])), "PNG")
    kind = chance.choice(
        [b"PLTE", b"tRNS", b"gAMA", b"eXIf", b"acTL", b"fcTL", b"fdAT", b"IDAT", b"IHDR", b"caBX", b"cICP"]
    )
    body = chance.randbytes(chance.choice([0, 1, 3, 8, 26, 768, 3000]))
    extra = png_chunk(kind, body) * chance.choice([1, 1, 2, 3000])
    depth, colour, interlace = (
        chance.choice([1, 2, 4, 8, 16, 3]),
        chance.choice([0, 2, 3, 4, 6, 5]),
        chance.choice([0, 1, 9]),
    )
    changed = bytearray(whole)
    if chance.random() < 0.6:
        changed[24:29] = bytes([depth, colour, 0, 0, interlace])
        changed[29:33] = struct.pack(">I", zlib.crc32(changed[12:29]))
    return bytes(changed[:33]) + extra + bytes(changed[33:])


def animated(chance: random.Random, _: Wholes) -> bytes:
    """Many frames, in each container that has them; half of them cut off."""
    kind = chance.choice(["PNG", "WEBP", "GIF", "AVIF", "TIFF", "MPO"])
    frames = [Image.new("RGB", (60, 40), (number * 7 % 256, 50, 9)) for number in range(chance.choice([2, 3, 40]))]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    return data if chance.random() < 0.5 else data[: chance.randrange(20, len(data))]
