"""Files that were built to cost much: each is refused, or read within bounds. What `make fuzz` found stays found."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from detector import PictureError, read_portrait
from detector.portrait import MAX_SCANS
from detector.provenance.embedded_text import MAX_ALL_TEXT, MAX_TEXT, png_texts
from tests.detector.jpeg_files import with_segment
from tests.pictures import encoded, noise
from tools.fuzz.breaks import png_chunk
from tools.fuzz.kinds import KINDS, build
from tools.fuzz.png_bombs import zeros

ROOT = Path(__file__).resolve().parents[2]
PEAK = """
import sys
from detector.portrait import read_portrait
from tests.detector.mutated_credentials import peak_bytes
from tools.fuzz.png_bombs import png, zeros
data = png(7071, 7071, zeros(400), depth=8, colour=6)
before = peak_bytes()
assert read_portrait(data).rgb.shape == (7071, 7071, 3)
print(peak_bytes() - before)
"""


def with_scans(count: int) -> bytes:
    """A progressive JPEG whose last scan stands there so often."""
    whole = encoded(noise(), progressive=True)
    scan = whole[whole.rfind(b"\xff\xda") : -2]
    return whole[:-2] + scan * count + b"\xff\xd9"


def test_a_jpeg_of_more_passes_than_any_encoder_writes_is_refused_before_it_is_decoded() -> None:
    begun = time.perf_counter()
    with pytest.raises(PictureError, match=f"more than {MAX_SCANS} passes"):
        read_portrait(with_scans(5_000))
    assert time.perf_counter() - begun < 1


def test_an_ordinary_progressive_jpeg_is_taken() -> None:
    assert read_portrait(with_scans(10)).rgb.shape == (48, 64, 3)


def test_starts_of_scan_in_other_segments_and_behind_the_picture_do_not_count() -> None:
    inside = with_segment(encoded(noise()), 0xE4, b"\xff\xda" * 3_000)
    assert read_portrait(inside + b"\xff\xda" * 3_000).width == 64


def test_the_largest_picture_with_transparency_is_not_held_several_times_over() -> None:
    if sys.platform != "linux":
        pytest.skip("the peak of one step is measured by Linux alone")
    done = subprocess.run([sys.executable, "-c", PEAK], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 3 * 7071 * 7071 * 4  # four bytes a pixel decoded, three as they are handed on


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "P", "CMYK", "I;16"])
def test_a_picture_read_in_bands_is_the_picture_read_at_once(mode: str) -> None:
    picture = Image.fromarray(noise(1500, 1400))
    made = (picture.convert("L").convert("I").point(lambda value: value * 257) if mode == "I;16" else picture).convert(
        mode
    )
    data = encoded(made, "TIFF" if mode == "CMYK" else "PNG")
    wanted = np.asarray((picture.convert("L") if mode == "I;16" else made).convert("RGB"))
    assert np.array_equal(read_portrait(data).rgb, wanted)


def test_a_thousand_texts_of_one_keyword_are_unpacked_once() -> None:
    bomb = png_chunk(b"zTXt", b"Comment\0\0" + zeros(64))
    begun = time.perf_counter()
    texts = png_texts(b"\x89PNG\r\n\x1a\n" + bomb * 1_000)
    assert {name: len(text) for name, text in texts.items()} == {"Comment": MAX_TEXT}
    assert time.perf_counter() - begun < 1


def test_texts_of_many_keywords_are_unpacked_up_to_a_bound_for_the_file() -> None:
    bombs = b"".join(png_chunk(b"zTXt", b"%d\0\0" % number + zeros(64)) for number in range(100))
    assert sum(map(len, png_texts(b"\x89PNG\r\n\x1a\n" + bombs).values())) <= MAX_ALL_TEXT + MAX_TEXT


def test_a_broken_file_is_built_again_by_its_seed_and_number() -> None:
    first = [build(8, number).data for number in range(60)]
    assert first == [build(8, number).data for number in range(60)]
    assert first != [build(9, number).data for number in range(60)]


def test_every_kind_of_broken_file_is_among_the_first_thousand() -> None:
    from tools.fuzz.kinds import LARGE, kind_of

    assert {kind_of(number) for number in range(1_000)} == {*KINDS, LARGE}
