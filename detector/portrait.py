"""Bytes -> Portrait: the photo decoded within bounds, upright, as read-only arrays.

Decoding is Pillow's alone, behind a format allow-list and a pixel limit that is checked before any pixel is decoded
(OpenCV would expand a bomb without a word, and does not follow the EXIF orientation as browsers do).
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
import pi_heif
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps

from detector.observation import CouldNotLook

MAX_PIXELS = 50_000_000
MAX_SCANS = 100  # of a progressive JPEG; encoders write ten. Each costs a walk over all pixels, even where it is empty
BAND_PIXELS = 1_000_000  # converted at a time

# Pillow's name of a format -> (our name, MIME type). TIFF is read for its provenance, but no headshot arrives as one.
FORMATS = {
    "JPEG": ("JPEG", "image/jpeg"),
    "MPO": ("JPEG", "image/jpeg"),  # a JPEG with more pictures behind the first (gain map, depth): phones write it
    "PNG": ("PNG", "image/png"),
    "WEBP": ("WebP", "image/webp"),
    "HEIF": ("HEIF", "image/heic"),
    "AVIF": ("AVIF", "image/avif"),
    "TIFF": ("TIFF", "image/tiff"),
}
HEADSHOT_FORMATS = frozenset({"JPEG", "PNG", "WebP", "HEIF", "AVIF"})

# First bytes of what people upload by mistake -> what to call it.
STRANGERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"GIF8", "a GIF"),
    (b"BM", "a BMP picture"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x1aE\xdf\xa3", "a video"),
)
ACCEPTED_WORDS = "JPEG, PNG, WebP, HEIC or AVIF"

MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # one that is followed by a segment, outside compressed pixels
_truncation = Lock()  # Pillow's tolerance of cut-off files is one switch for the whole process


class PictureError(Exception):
    """The bytes are not a picture that can be examined; the text is a sentence for the person who sent them."""


@dataclass(frozen=True, kw_only=True)
class Portrait:
    """The photo in memory. width and height in pixels of the upright picture."""

    data: bytes = field(repr=False)
    sha256: str
    format: str
    mime: str
    width: int
    height: int

    def open(self) -> Image.Image:
        """The file opened by Pillow, header only: for its metadata. Nothing is decoded until .load()."""
        return _open(self.data)

    @cached_property
    def _decoded(self) -> tuple[NDArray[np.uint8] | None, bool]:
        return _decode(self.data)

    @property
    def rgb(self) -> NDArray[np.uint8]:
        """Read-only H x W x 3, sRGB-coded 0..255, upright; transparency is laid on white.

        Raises CouldNotLook where not even the first pixels can be decoded.
        """
        pixels = self._decoded[0]
        if pixels is None:
            raise CouldNotLook("The pixels of this file could not be decoded.")
        return pixels

    @property
    def truncated(self) -> bool:
        """True if the file ended, or broke, before the last pixel; the missing part of rgb is grey."""
        return self._decoded[1]

    def crop(self, left: float, top: float, right: float, bottom: float) -> NDArray[np.uint8]:
        """A read-only view of rgb, clipped to the picture."""
        x0, y0 = max(0, round(left)), max(0, round(top))
        return self.rgb[y0 : max(y0, round(bottom)), x0 : max(x0, round(right))]


def read_portrait(data: bytes, *, max_pixels: int = MAX_PIXELS) -> Portrait:
    """Reads the header, checks format, size and that pixels follow; decodes no pixel yet.

    Raises PictureError with a sentence for the person who sent the file.
    """
    if not data:
        raise PictureError("The file is empty.")
    try:
        opened = _open(data)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureError(_too_many(max_pixels)) from None
    except Exception as error:  # decoders raise anything on broken input
        raise PictureError(_what_instead(data)) from error
    with opened:
        name, mime = FORMATS[str(opened.format)]
        width, height = opened.size
        if width * height > max_pixels:
            raise PictureError(_too_many(max_pixels))
        if name in {"PNG", "WebP", "AVIF"} and getattr(opened, "is_animated", False):
            raise PictureError("The picture is animated. Please send a single still photo.")
        if _orientation(opened) >= 5:
            width, height = height, width
    if not _pixels_follow(data, name):
        raise PictureError(
            "The file is cut off before the first pixels: the transfer probably broke. Please send it again."
        )
    if name == "JPEG" and _too_many_scans(data):
        raise PictureError(
            f"The picture is built up in more than {MAX_SCANS} passes, which no camera does. Please save it anew and "
            "send that."
        )
    digest = hashlib.sha256(data).hexdigest()
    return Portrait(data=data, sha256=digest, format=name, mime=mime, width=width, height=height)


def _open(data: bytes) -> Image.Image:
    pi_heif.register_heif_opener()
    # Pillow opens an MPO through its JPEG plug-in, and raises KeyError where a format has no opener of its own.
    return Image.open(io.BytesIO(data), formats=[name for name in FORMATS if name != "MPO"])


def _orientation(opened: Image.Image) -> int:
    try:
        value: Any = opened.getexif().get(0x0112, 1)
    except Exception:  # damaged EXIF: Pillow raises anything; the picture counts as upright
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _decode(data: bytes) -> tuple[NDArray[np.uint8] | None, bool]:
    """H x W x 3 uint8, read-only, or None; and whether the file broke off."""
    try:
        return _pixels(data), False
    except Exception:  # decoders raise anything on broken input
        with _truncation:
            ImageFile.LOAD_TRUNCATED_IMAGES = True
            try:
                rest = _pixels(data)
            except Exception:
                return None, True
            finally:
                ImageFile.LOAD_TRUNCATED_IMAGES = False
    # A decoder that gave up at the first pixel leaves an empty sheet, which is nothing to look at.
    return (None if rest.min() == rest.max() else rest), True


def _pixels(data: bytes) -> NDArray[np.uint8]:
    with _open(data) as opened:
        opened.load()
        if _orientation(opened) > 1:
            ImageOps.exif_transpose(opened, in_place=True)
        # A HEIF of several pictures decodes its first one again whenever it is asked for anything.
        rgb = _in_bands(opened.copy() if getattr(opened, "is_animated", False) else opened)
    rgb.setflags(write=False)
    return rgb


def _in_bands(picture: Image.Image) -> NDArray[np.uint8]:
    """H x W x 3. A few rows at a time: the largest picture that is taken would otherwise be held five times over."""
    if picture.mode == "RGB" and not picture.has_transparency_data:
        return np.asarray(picture)  # as most photos are: nothing to convert
    width, height = picture.size
    rgb = np.empty((height, width, 3), dtype=np.uint8)
    deep = picture.mode.startswith("I;16") or picture.mode in {"I", "F"}
    top = _brightest(picture) if deep else 255.0
    rows = max(1, BAND_PIXELS // max(width, 1))
    for y in range(0, height, rows):
        band = picture.crop((0, y, width, min(y + rows, height)))
        rgb[y : y + rows] = np.asarray(_plain(_eight_bit(band, top) if deep else band))
    return rgb


def _plain(band: Image.Image) -> Image.Image:
    """As RGB; transparency is laid on white."""
    if band.has_transparency_data:
        ground = Image.new("RGBA", band.size, "white")
        band = Image.alpha_composite(ground, band.convert("RGBA"))
    return band if band.mode == "RGB" else band.convert("RGB")


def _brightest(picture: Image.Image) -> float:
    return 65535.0 if np.asarray(picture).max(initial=0) > 255 else 255.0


def _eight_bit(band: Image.Image, top: float) -> Image.Image:
    values = np.nan_to_num(np.asarray(band).astype(np.float64))
    return Image.fromarray(np.clip(values * (255.0 / top), 0, 255).astype(np.uint8))


def _too_many(limit: int) -> str:
    return f"The picture has more than {limit // 1_000_000} megapixels. Please send a smaller version."


def _what_instead(data: bytes) -> str:
    head = data[:1024].lstrip()
    for magic, name in STRANGERS:
        if data.startswith(magic):
            return f"This is {name}, not a photo. Please send a {ACCEPTED_WORDS} file."
    if b"<svg" in head.lower():
        return f"This is an SVG drawing, not a photo. Please send a {ACCEPTED_WORDS} file."
    if head[:1] in {b"<", b"{"}:
        return f"This is a text file or a saved web page, not a photo. Please send a {ACCEPTED_WORDS} file."
    if data[4:8] == b"ftyp" and data[8:12] not in {b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"heif"}:
        return f"This is a video, not a photo. Please send a {ACCEPTED_WORDS} file."
    if data.startswith((b"\xff\xd8", b"\x89PNG", b"RIFF")) or data[4:8] == b"ftyp":
        return "The file is damaged or cut off, and no pixel of it can be read. Please send it again."
    return f"This is not a picture that can be read. Please send a {ACCEPTED_WORDS} file."


def _pixels_follow(data: bytes, name: str) -> bool:
    """Whether the compressed picture begins at all, by the container's structure (no decoder is asked)."""
    if name == "JPEG":
        return _jpeg_scan_begins(data)
    if name == "PNG":
        at = data.find(b"IDAT")
        return 0 < at < len(data) - 16
    return True  # WebP, HEIF, AVIF and TIFF do not open without their picture's header; the analysis says the rest


def _jpeg_scan_begins(data: bytes) -> bool:
    """Walks the marker segments (ITU T.81, B.1.1) up to the start of scan."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            at += 1
            continue
        marker = data[at + 1]
        if marker in {0xFF, 0x00, 0x01} or 0xD0 <= marker <= 0xD8:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDA:
            return len(data) > at + 2 + length and data[at + 2 + length :] != b"\xff\xd9"
        at += 2 + length
    return False


def _too_many_scans(data: bytes) -> bool:
    """Whether there are more than MAX_SCANS starts of scan outside other segments."""
    if data.count(b"\xff\xda") <= MAX_SCANS:
        return False
    at, scans = 2, 0
    while found := MARKER.search(data, at):
        at = found.end()
        if found[0] == b"\xff\xd9":
            return False
        if found[0] not in {b"\xff\x01", b"\xff\xd8"}:
            scans += found[0] == b"\xff\xda"
            at += int.from_bytes(data[at : at + 2], "big")
        if scans > MAX_SCANS:
            return True
    return False
