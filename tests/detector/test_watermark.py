"""Watermark: every known payload whole, and nothing else, however near it comes."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from detector.observation import Bearing, CouldNotLook, NotApplicable, Sighting, Strength
from detector.portrait import read_portrait
from detector.provenance.dwt_dct import MOST_PIXELS, Blocks, Handed, read_blocks, shares
from detector.provenance.watermark import DETECTOR, PAYLOADS, Payload, find_payload, whole
from detector.registry import wing_of
from detector.scene import Scene
from detector.trust import TrustLists
from tests.detector.planted_watermark import marked
from tests.detector.provenance_files import look, only

HEADSHOTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "headshots"
needs_headshots = pytest.mark.skipif(not HEADSHOTS.is_dir(), reason="../shared/data/headshots is not here")

BY_NAME = {payload.name: payload for payload in PAYLOADS}
# How the generators of each payload hand their pictures over.
IN_USE = [
    ("StableDiffusionV1", Handed.BYTES),
    ("SDV2", Handed.BYTES),
    ("SDXL", Handed.FLOATS),
    ("SDXL", Handed.SWAPPED),
    ("FLUX", Handed.FLOATS),
]

Picture = NDArray[np.uint8]


def painting(height: int, width: int, *, seed: int = 1, noise: float = 2.0) -> Picture:
    """Soft patches of skin, cloth and backdrop colours with a little noise: what a headshot is to this reader."""
    dice = np.random.default_rng(seed)
    patches = dice.uniform(60, 200, (5, 4, 3)).astype(np.float32)
    patches[1:4, 1:3] = (205, 160, 135)
    soft = cv2.resize(patches, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray((soft + dice.normal(0, noise, soft.shape)).clip(0, 255).astype(np.uint8))


def as_png(pixels: Picture) -> bytes:
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "PNG", compress_level=1)
    return target.getvalue()


def as_jpeg(pixels: Picture, quality: int, subsampling: int) -> Picture:
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "JPEG", quality=quality, subsampling=subsampling)
    return np.asarray(Image.open(target).convert("RGB"))


def name_of(pixels: Picture) -> str | None:
    payload = find_payload(pixels)
    return payload.name if payload else None


def headshots(label: str, count: int, least: int = 1) -> Iterator[Picture]:
    """So many of that label, a fixed choice; each side at least `least` pixels."""
    with (HEADSHOTS / "manifest.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["label"] == label]
    rows = [row for row in rows if min(int(row["width"]), int(row["height"])) >= least]
    for row in random.Random(3).sample(rows, count):
        yield read_portrait((HEADSHOTS / row["file"]).read_bytes()).rgb


def square(pixels: Picture, side: int) -> Picture:
    """The middle of the picture at the size at which a generator paints."""
    return np.asarray(cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def wrong_by_halves(pixels: Picture, payload: Payload, handed: Handed) -> int:
    """Bits that the method's own reader gets wrong: it asks whether more than half of a bit's blocks hold a one."""
    found = shares(read_blocks(pixels)[handed], len(payload.bits))
    assert found is not None
    return sum((share * 255 > 127) != (bit == "1") for share, bit in zip(found, payload.bits, strict=True))


@pytest.mark.parametrize("side", [512, 1024])
@pytest.mark.parametrize(("name", "handed"), IN_USE)
def test_each_payload_is_read_from_a_clean_png(name: str, handed: Handed, side: int) -> None:
    payload = BY_NAME[name]
    sighting = look(DETECTOR, as_png(marked(painting(side, side), payload.bits, handed)))
    seen = only(sighting, payload.code)
    assert (seen.bearing, seen.strength) == (Bearing.GENERATED, Strength.CONCLUSIVE)
    assert payload.of in seen.summary
    assert "started from a photo" in seen.caveat
    assert json.loads(json.dumps(sighting.details)) == {"payload": name, "bits": len(payload.bits)}
    assert sighting.score is None


@pytest.mark.parametrize("size", [(256, 256), (515, 773), (768, 513), (1025, 390), (2048, 264)])
def test_odd_sizes_are_read(size: tuple[int, int]) -> None:
    assert name_of(marked(painting(*size), BY_NAME["SDV2"].bits)) == "SDV2"


def test_of_a_large_picture_enough_is_read_and_no_more() -> None:
    large = marked(painting(1600, 2200), BY_NAME["FLUX"].bits, Handed.FLOATS)
    for blocks in read_blocks(large).values():
        assert 0.9 * MOST_PIXELS < blocks.bits.size * 64 <= MOST_PIXELS
        assert blocks.rows[0] == 0
        assert blocks.rows[-1] == 1600 // 8 - 1
    assert name_of(large) == "FLUX"


def test_zeros_that_fade_in_smooth_colour_do_not_hide_the_mark() -> None:
    payload = BY_NAME["SDV2"]
    skin = np.random.default_rng(4).normal((190, 165, 158), 8.0, (512, 512, 3)).astype(np.uint8)
    carrier = marked(skin, payload.bits)
    assert wrong_by_halves(carrier, payload, Handed.BYTES) > len(payload.bits) / 4
    assert name_of(carrier) == "SDV2"


def test_a_jpeg_with_full_colour_at_95_keeps_the_mark() -> None:
    assert name_of(as_jpeg(marked(painting(1024, 1024), BY_NAME["FLUX"].bits, Handed.FLOATS), 95, 0)) == "FLUX"


def test_over_all_payloads_and_readings_a_match_by_chance_is_rarer_than_one_in_a_million() -> None:
    assert sum(payload.chance for payload in PAYLOADS) * len(Handed) < 1e-6


def test_short_payloads_come_up_on_unmarked_blocks_no_more_often_than_their_chance_says() -> None:
    dice = np.random.default_rng(5)
    tries, hits, payload = 30_000, 0, Payload(name="", code="", bits="0110100010", of="", source="")
    for _ in range(tries):  # blocks that mostly hold a one, as in a picture of one colour: neither fair nor independent
        bits = (dice.random(80) < 0.9).reshape(8, 10)
        found = shares(Blocks(bits=np.repeat(bits, 2, axis=0), rows=np.arange(16)), len(payload.bits))
        assert found is not None
        hits += whole(found, payload)
    assert hits <= tries * payload.chance


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.name)
def test_a_payload_with_one_bit_turned_over_is_not_it(payload: Payload) -> None:
    carrier = painting(256, 320)
    for at, bit in enumerate(payload.bits):
        other = payload.bits[:at] + ("0" if bit == "1" else "1") + payload.bits[at + 1 :]
        assert name_of(marked(carrier, other)) is None


def test_payloads_that_nobody_knows_are_nothing() -> None:
    dice = random.Random(9)
    for number in range(120):
        bits = "".join(dice.choice("01") for _ in range(dice.choice([32, 46, 48, 64, 136])))
        assert name_of(marked(painting(256, 256, seed=number), bits, dice.choice(list(Handed)))) is None


def drawn() -> dict[str, Picture]:
    dice = np.random.default_rng(2)
    y, x = np.mgrid[:400, :520]
    flat = {f"flat {value}": np.full((400, 520, 3), value, np.uint8) for value in (0, 1, 96, 127, 128, 254, 255)}
    colours = {f"colour {i}": np.full((400, 520, 3), dice.integers(0, 256, 3), np.uint8) for i in range(6)}
    stripes = {
        f"stripes {period}": np.stack([(x % period < period / 2) * 200, x % 256, 255 - x % 256], -1).astype(np.uint8)
        for period in (8, 16, 24, 32, 64, 128, 256)
    }
    return (
        flat
        | colours
        | stripes
        | {
            "noise": dice.integers(0, 256, (400, 520, 3), dtype=np.uint8),
            "gradient": np.stack([x / 2, y / 2, (x + y) / 4], -1).astype(np.uint8),
            "checks": np.stack([(x // 8 + y // 8) % 2 * 255] * 3, -1).astype(np.uint8),
            "blue checks": np.stack([0 * x, 0 * x, (x // 8 + y // 8) % 2 * 255], -1).astype(np.uint8),
        }
    )


@pytest.mark.parametrize("pixels", drawn().values(), ids=drawn())
def test_what_is_flat_noisy_or_regular_carries_no_mark(pixels: Picture) -> None:
    sighting = look(DETECTOR, as_png(pixels))
    assert sighting.observations == ()
    assert sighting.note.startswith("No known watermark was read.")
    assert sighting.details == {"payload": None, "bits": None}


def test_what_was_done_to_the_picture_since_destroys_the_mark_and_gives_no_other() -> None:
    carrier = marked(painting(512, 512), BY_NAME["SDXL"].bits, Handed.FLOATS)
    for changed in (
        cv2.resize(carrier, (480, 480), interpolation=cv2.INTER_AREA),
        carrier[3:, 5:],
        carrier[:, ::-1],
        np.rot90(carrier),
        as_jpeg(carrier, 75, 2),
    ):
        assert name_of(np.ascontiguousarray(changed)) is None


@needs_headshots
@pytest.mark.parametrize(("name", "handed"), IN_USE)
def test_marked_headshots_are_read(name: str, handed: Handed) -> None:
    payload = BY_NAME[name]
    by_halves = 0
    for pixels in headshots("real", 10, least=480):
        carrier = marked(square(pixels, 512), payload.bits, handed)
        assert name_of(carrier) == name
        assert name_of(as_jpeg(carrier, 90, 2)) in {name, None}
        by_halves += not wrong_by_halves(carrier, payload, handed)
    assert by_halves < 10  # why the detector asks otherwise than the method's own reader


@needs_headshots
def test_no_headshot_carries_a_mark_that_was_not_set() -> None:
    for label, count in (("real", 250), ("ai", 60)):
        assert {name_of(pixels) for pixels in headshots(label, count)} == {None}


def seen_in(pixels: Picture) -> Sighting:
    return DETECTOR.look(Scene(read_portrait(as_png(pixels)), TrustLists()))


def test_a_picture_below_the_encoders_least_size_is_not_judged() -> None:
    with pytest.raises(NotApplicable, match="too small"):
        seen_in(painting(255, 256))
    with pytest.raises(NotApplicable, match="too small"):
        seen_in(painting(1, 1))
    assert seen_in(painting(256, 256)).observations == ()


@pytest.mark.parametrize("size", [(4, 20_000), (20_000, 7), (8, 8_192), (9_000, 9)])
def test_a_picture_narrower_than_a_block_or_two_breaks_nothing(size: tuple[int, int]) -> None:
    assert seen_in(painting(*size)).observations == ()


def test_a_bit_without_a_block_is_not_guessed() -> None:
    few = Blocks(bits=np.ones((2, 10), dtype=np.bool_), rows=np.array([0, 1]))
    assert shares(few, 20) is not None
    assert shares(few, 21) is None


def test_pixels_that_cannot_be_decoded_are_said_to_be_so() -> None:
    data = bytearray(as_png(painting(300, 300)))
    begins = data.index(b"IDAT") + 4
    data[begins : begins + 4_000] = bytes(4_000)
    with pytest.raises(CouldNotLook, match="could not be decoded"):
        DETECTOR.look(Scene(read_portrait(bytes(data)), TrustLists()))


def test_a_file_that_broke_off_is_read_as_far_as_it_goes() -> None:
    data = as_png(marked(painting(512, 512), BY_NAME["SDV2"].bits))
    assert look(DETECTOR, data[: len(data) * 3 // 4]).details["payload"] == "SDV2"


def test_the_mark_stands_among_what_the_file_says_of_itself() -> None:
    assert wing_of("watermark") == "provenance"
