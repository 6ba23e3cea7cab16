"""Decoding: bounded, upright, read-only, and with a sentence for everything that is refused."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from detector import PictureError, read_portrait
from detector.observation import CouldNotLook
from tests.pictures import astronaut, encoded, noise

RED, BLUE = (200, 30, 30), (30, 30, 200)


def two_halves(width: int = 40, height: int = 60) -> Image.Image:
    """Red above blue: what is up can be told."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(BLUE, (0, height // 2, width, height))
    return picture


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and brings hardly any pixels: a decompression bomb in small."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(4096))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("kind", "name"), [("JPEG", "JPEG"), ("PNG", "PNG"), ("WEBP", "WebP"), ("AVIF", "AVIF")])
def test_each_format_is_read_with_its_size_and_pixels(kind: str, name: str) -> None:
    portrait = read_portrait(encoded(two_halves(), kind))
    assert (portrait.format, portrait.width, portrait.height) == (name, 40, 60)
    assert portrait.rgb.shape == (60, 40, 3)
    assert np.abs(portrait.rgb[5, 20].astype(int) - RED).max() < 40
    assert not portrait.truncated


def test_pixels_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        read_portrait(encoded(noise())).rgb[0, 0] = 0


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_comes_out_upright(orientation: int) -> None:
    # What a camera held that way stores: the upright picture, transformed by the inverse of the orientation.
    stored = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    upright = two_halves()
    exif = Image.Exif()
    exif[0x0112] = orientation
    portrait = read_portrait(encoded(upright.transpose(stored) if stored is not None else upright, exif=exif.tobytes()))
    assert (portrait.width, portrait.height) == upright.size
    assert portrait.rgb.shape == (60, 40, 3)
    assert portrait.rgb[5, 20, 0] > 150
    assert portrait.rgb[55, 20, 2] > 150


def test_transparency_is_laid_on_white() -> None:
    clear = Image.new("RGBA", (30, 30), (0, 0, 0, 0))
    assert read_portrait(encoded(clear, "PNG")).rgb.min() == 255


@pytest.mark.parametrize("mode", ["L", "LA", "P", "CMYK", "1", "I;16"])
def test_unusual_modes_become_rgb(mode: str) -> None:
    if mode == "I;16":
        picture = Image.fromarray(np.linspace(0, 65535, 900).reshape(30, 30).astype(np.uint16))
    else:
        picture = two_halves(30, 30).convert(mode)
    rgb = read_portrait(encoded(picture, "JPEG" if mode == "CMYK" else "PNG")).rgb
    assert rgb.shape == (30, 30, 3)
    assert rgb.std() > 10


def test_a_jpeg_with_more_pictures_behind_the_first_is_a_jpeg() -> None:
    both = encoded(two_halves(), "MPO", save_all=True, append_images=[two_halves()])
    assert read_portrait(both).format == "JPEG"


REFUSED = {
    "empty": (b"", "empty"),
    "a PDF named .jpg": (b"%PDF-1.7\n%more", "PDF"),
    "a ZIP named .jpg": (b"PK\x03\x04" + bytes(100), "ZIP"),
    "an SVG": (b"<?xml version='1.0'?><svg xmlns='x'/>", "SVG"),
    "a web page": (b"<!doctype html><p>Not found", "web page"),
    "a GIF": (encoded(noise(), "GIF"), "GIF"),
    "a video": (b"\x00\x00\x00\x18ftypisom" + bytes(64), "video"),
    "noise": (bytes(range(7, 250)), "not a picture"),
    "a JPEG cut off in its header": (encoded(noise())[:200], "cut off"),
    "a PNG cut off before its pixels": (encoded(noise(), "PNG")[:45], "cut off"),
    "a WebP cut off in the middle": (encoded(astronaut(), "WEBP")[:9000], "cut off"),
    "an animated PNG": (
        encoded(two_halves(), "PNG", save_all=True, append_images=[two_halves().rotate(90)]),
        "animated",
    ),
    "an animated WebP": (
        encoded(two_halves(), "WEBP", save_all=True, append_images=[two_halves().rotate(180)]),
        "animated",
    ),
    "51 megapixels": (png_header(10_200, 5_000), "50 megapixels"),
    "a bomb of 40,000 megapixels": (png_header(200_000, 200_000), "megapixels"),
}


@pytest.mark.parametrize(("data", "word"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_says_why_in_a_sentence(data: bytes, word: str) -> None:
    with pytest.raises(PictureError, match=word) as refusal:
        read_portrait(data)
    assert str(refusal.value).endswith(".")


def test_nothing_is_refused_for_extra_bytes_at_its_end() -> None:
    assert read_portrait(encoded(noise()) + b"trailing bytes" * 100).width == 64


def test_a_picture_that_opens_halfway_is_read_as_far_as_it_goes() -> None:
    whole = encoded(astronaut(), quality=90)
    portrait = read_portrait(whole[: len(whole) // 2])
    assert portrait.truncated
    assert portrait.rgb.shape == (512, 512, 3)
    assert portrait.rgb[:128].std() > 20


def test_pixels_that_cannot_be_decoded_are_an_answer_and_not_a_crash() -> None:
    broken = bytearray(encoded(noise(), "PNG"))
    at = broken.find(b"IDAT") + 4
    broken[at : at + 40] = bytes(40)
    portrait = read_portrait(bytes(broken))
    with pytest.raises(CouldNotLook):
        _ = portrait.rgb


def test_the_bytes_are_kept_untouched() -> None:
    data = encoded(noise())
    assert read_portrait(data).data == data


SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data: nothing that we may use writes HEIC")
def test_heic_is_read_upright_and_in_full() -> None:
    sizes = []
    for path in sorted((SHARED / "c2pa" / "files").glob("*.heic")):
        try:
            portrait = read_portrait(path.read_bytes())
            assert portrait.rgb.shape == (portrait.height, portrait.width, 3)
            sizes.append(portrait.rgb.size)
        except (PictureError, CouldNotLook):
            continue
    assert max(sizes) > 10_000
