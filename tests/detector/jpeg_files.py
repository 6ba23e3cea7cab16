"""JPEG files for the tests of encoder histories: pictures with tables, segments and layouts of one's choice."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detector.provenance.jpeg_structure import Table
from detector.provenance.known_tables import CHROMA, LUMA

Segment = tuple[int, bytes]  # marker and body
LONG = 4096  # what no test's header reaches


@cache
def textured(seed: int = 1, side: int = 416) -> Image.Image:
    """A coloured picture with structure at every scale, as photos have: power falls with the square of frequency."""
    random = np.random.default_rng(seed)
    down, right = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None]
    falling = 1 / np.maximum(np.hypot(down, right), 1 / side)
    planes = [np.fft.irfft2(np.fft.rfft2(random.normal(size=(side, side))) * falling) for _ in range(3)]
    both = np.dstack([planes[0] + 0.4 * plane for plane in planes])
    coloured = 128 + 38 * both / both.std() + random.normal(0, 1.2, both.shape)
    return Image.fromarray(coloured.clip(0, 255).astype(np.uint8))


def as_jpeg(picture: Image.Image, quality: int | None = 90, **extra: Any) -> bytes:
    buffer = io.BytesIO()
    settings = {} if quality is None else {"quality": quality}
    picture.save(buffer, "JPEG", **settings, **extra)
    return buffer.getvalue()


def as_png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def again(picture: Image.Image, quality: int, **extra: Any) -> Image.Image:
    """The picture as it looks after it was a JPEG."""
    return Image.open(io.BytesIO(as_jpeg(picture, quality, **extra))).convert("RGB")


def with_tables(luma: Sequence[int], chroma: Sequence[int], **extra: Any) -> bytes:
    return as_jpeg(textured(), None, qtables=[list(luma), list(chroma)], **extra)


def take_apart(jpeg: bytes) -> tuple[list[Segment], bytes]:
    """The segments up to the first scan, and the rest with that scan's header."""
    segments, at = [], 2
    while jpeg[at + 1] != 0xDA:
        length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        segments.append((jpeg[at + 1], jpeg[at + 4 : at + 2 + length]))
        at += 2 + length
    return segments, jpeg[at:]


def put_together(segments: Sequence[Segment], rest: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(_coded(*segment) for segment in segments) + rest


def _coded(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def with_segment(jpeg: bytes, marker: int, body: bytes, *, keep_header: bool = True) -> bytes:
    """With one more segment at the front; without the JFIF header where asked."""
    segments, rest = take_apart(jpeg)
    return put_together([(marker, body), *(one for one in segments if keep_header or one[0] != 0xE0)], rest)


def merged(jpeg: bytes, order: Sequence[int]) -> bytes:
    """Only segments of these markers, in this order, all of one marker in one segment."""
    segments, rest = take_apart(jpeg)
    return put_together([(one, b"".join(body for marker, body in segments if marker == one)) for one in order], rest)


def frame_first(jpeg: bytes) -> bytes:
    """With the frame header before the tables, as Apple's systems write."""
    segments, rest = take_apart(jpeg)
    rank: Mapping[int, int] = {0xC0: 1, 0xC2: 1, 0xDB: 2, 0xC4: 3}
    return put_together(sorted(segments, key=lambda one: rank.get(one[0], 0)), rest)


def camera_exif(maker: str) -> bytes:
    """The body of an EXIF segment that names a camera with an exposure time."""
    exif = Image.Exif()
    exif[0x010F] = maker
    exif.get_ifd(0x8769)[0x829A] = 0.005
    body: bytes = exif.tobytes()
    return body if body.startswith(b"Exif") else b"Exif\0\0" + body


def times(base: Table, factor: float) -> list[int]:
    return [min(max(round(step * factor), 1), 255) for step in base]


def konica(maker: str = "KONICA CORPORATION") -> bytes:
    """The standard tables times 0.1715: those of the one camera in the list that the weights were made from."""
    plain = with_tables(times(LUMA, 0.1715), times(CHROMA, 0.1715), subsampling=2)
    return with_segment(plain, 0xE1, camera_exif(maker), keep_header=False)


def broken(data: bytes) -> Iterator[bytes]:
    """The file cut off at many places, and with lengths and bytes that make no sense."""
    for part in range(1, 40):
        yield data[: len(data) * part // 40]
    random = np.random.default_rng(3)
    for _ in range(30):
        bytes_: NDArray[np.uint8] = np.frombuffer(data, dtype=np.uint8).copy()
        places = random.integers(2, min(len(bytes_), 900), 12)
        bytes_[places] = random.integers(0, 256, places.size)
        yield bytes_.tobytes()
