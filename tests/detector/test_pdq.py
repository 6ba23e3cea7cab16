"""PDQ and what is made of it: copies of a picture are near, other pictures are far, whatever the file."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from detector.picture_hashes import PictureHash, hash_bytes
from detector.pipeline import examine
from detector.portrait import PictureError
from detector.repeats import LEAST_QUALITY, LIMITS, Kind, Match, Part, bits_of, distances, judge, mirrored_bits
from detector.signal import pdq
from detector.signal.masks import person_mask
from tests import pictures

Rgb = NDArray[np.uint8]
Copy = Callable[[Image.Image], Image.Image]


def apart(one: str, other: str) -> int:
    return int(distances(bits_of([one]), bits_of([other]))[0])


def texture(seed: int, size: tuple[int, int] = (300, 240)) -> Rgb:
    """Blobs of light, as fine as the finest wave, in a place of their own for every seed."""
    width, height = size
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 255, (24, 24, 3), dtype=np.uint8))
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


# --- the hash


def test_a_hash_is_256_bits_of_which_half_are_set() -> None:
    value = pdq.hash_rgb(texture(1)).value
    assert len(value) == 64
    assert int(value, 16).bit_count() == pytest.approx(pdq.BITS / 2, abs=1)


def test_a_picture_made_smaller_brighter_or_grey_stays_near_and_another_is_far() -> None:
    picture = Image.fromarray(texture(1, (800, 640)))
    value = pdq.hash_rgb(np.asarray(picture)).value
    copies = [
        picture.resize((200, 160)),
        ImageEnhance.Brightness(picture).enhance(0.8),
        picture.convert("L").convert("RGB"),
    ]
    for copy in copies:
        assert apart(value, pdq.hash_rgb(np.asarray(copy)).value) <= 12
    others = [apart(value, pdq.hash_rgb(texture(seed)).value) for seed in range(2, 40)]
    assert min(others) > 2 * LIMITS[Part.WHOLE]


def test_the_eight_turns_are_the_hashes_of_the_turned_pictures() -> None:
    rgb = texture(3, (64, 64))  # at the size that is hashed: sampling a larger one is not quite symmetrical
    turned = [np.rot90(side, -quarter) for side in (rgb, rgb[:, ::-1]) for quarter in range(4)]
    for value, picture in zip(pdq.hash_rgb(rgb).turned, turned, strict=True):
        assert apart(value, pdq.hash_rgb(np.ascontiguousarray(picture)).value) <= 4


def test_the_mirrored_hash_is_known_from_the_bits_alone() -> None:
    rgb = texture(4)
    value, mirrored = pdq.hash_rgb(rgb).value, pdq.hash_rgb(np.ascontiguousarray(rgb[:, ::-1])).value
    assert distances(mirrored_bits(bits_of([value])), bits_of([mirrored]))[0] <= 16
    assert apart(value, mirrored) > 2 * LIMITS[Part.WHOLE]
    assert (mirrored_bits(mirrored_bits(bits_of([value]))) == bits_of([value])).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (63, 65), (3000, 40)])
def test_any_size_can_be_hashed(size: tuple[int, int]) -> None:
    rgb = np.resize(np.arange(251, dtype=np.uint8), (size[1], size[0], 3))
    hashed = pdq.hash_rgb(rgb)
    assert len(hashed.value) == 64
    assert 0 <= hashed.quality <= 100


def test_a_picture_of_one_colour_has_no_quality_and_so_matches_nothing() -> None:
    flat = [pdq.hash_rgb(np.full((90, 70, 3), shade, np.uint8)) for shade in (0, 128, 255)]
    assert [one.quality for one in flat] == [0, 0, 0]
    pair = ((flat[0].value, 0), (flat[1].value, 0))
    assert judge({Part.WHOLE: pair, Part.HEAD: pair, Part.BACKGROUND: pair}) is None


# --- copies of a portrait


@pytest.fixture(scope="module")
def portrait() -> Image.Image:
    return pictures.astronaut()


def compared(one: Image.Image, other: Image.Image, **save: object) -> Match | None:
    hashes = [hash_bytes(pictures.encoded(np.asarray(p), "JPEG", **{"quality": 85} | save)) for p in (one, other)]
    first, second = hashes
    return judge(
        {
            Part(part): ((first[part].value, first[part].quality), (second[part].value, second[part].quality))
            for part in first.keys() & second.keys()
        }
    )


def _with_text(picture: Image.Image) -> Image.Image:
    copy = picture.copy()
    drawing = ImageDraw.Draw(copy)
    drawing.rectangle((0, copy.height * 0.93, copy.width * 0.5, copy.height), fill="white")
    drawing.text((8, copy.height * 0.95), "studio.example", fill="black")
    return copy


def _cropped(share: float) -> Copy:
    def crop(picture: Image.Image) -> Image.Image:
        edge = share / 2
        wide, tall = picture.size
        return picture.crop(
            (round(wide * edge), round(tall * edge), round(wide * (1 - edge)), round(tall * (1 - edge)))
        )

    return crop


COPIES: dict[str, tuple[Copy, set[Kind]]] = {
    "half the size": (lambda p: p.resize((p.width // 2, p.height // 2)), {Kind.SAME_PICTURE}),
    "brighter": (lambda p: ImageEnhance.Brightness(p).enhance(1.2), {Kind.SAME_PICTURE}),
    "with a small text": (_with_text, {Kind.SAME_PICTURE}),
    "mirrored": (ImageOps.mirror, {Kind.MIRRORED}),
    "a tenth cut off": (_cropped(0.10), {Kind.SAME_PICTURE, Kind.CROPPED}),
    "a quarter cut off": (_cropped(0.25), {Kind.CROPPED}),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_found_for_what_it_is(name: str, portrait: Image.Image) -> None:
    copy, kinds = COPIES[name]
    found = compared(portrait, copy(portrait), quality=75)
    assert found is not None
    assert found.kind in kinds


def test_a_copy_that_lies_on_its_side_by_its_tag_is_the_same_picture(portrait: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = pictures.encoded(np.asarray(portrait.rotate(90, expand=True)), "JPEG", exif=exif.tobytes())
    upright = pictures.encoded(np.asarray(portrait), "JPEG")
    first, second = hash_bytes(upright), hash_bytes(lying)
    assert apart(first["whole"].value, second["whole"].value) <= LIMITS[Part.WHOLE]


def _before(wall: Rgb, person: Image.Image) -> Image.Image:
    """The person, cut out and a little smaller, before a wall."""
    sure = Image.fromarray(np.asarray(np.rint(person_mask(np.asarray(person)) * 255), dtype=np.uint8))
    size = (round(person.width * 0.8), round(person.height * 0.8))
    scene = Image.fromarray(wall).resize(person.size)
    place = ((person.width - size[0]) // 2, person.height - size[1])
    scene.paste(person.resize(size), place, sure.resize(size))
    return scene


def test_one_wall_behind_two_people_is_found_and_two_walls_are_not(portrait: Image.Image) -> None:
    turned = ImageOps.mirror(portrait)  # stands for somebody else: another outline before the wall
    scenes = [_before(texture(8), portrait), _before(texture(8), turned), _before(texture(9), portrait)]
    here, same, other = (hash_bytes(pictures.encoded(scene, "JPEG", quality=80))["background"] for scene in scenes)

    def judged(one: PictureHash, two: PictureHash) -> Match | None:
        return judge({Part.BACKGROUND: ((one.value, one.quality), (two.value, two.quality))})

    found = judged(here, same)
    assert found is not None
    assert found.kind == Kind.SAME_BACKGROUND
    assert judged(here, other) is None


def test_plain_studio_walls_are_no_background_to_compare(portrait: Image.Image) -> None:
    for shade in (60, 200):
        wall = np.full((64, 64, 3), shade, np.uint8)
        found = hash_bytes(pictures.encoded(_before(wall, portrait), "JPEG", quality=90))
        assert found["background"].quality < LEAST_QUALITY[Part.BACKGROUND]


# --- what comes with an examination


def test_an_examination_carries_the_hashes_and_they_are_those_of_the_file() -> None:
    data = pictures.encoded(pictures.astronaut(), "JPEG")
    said = examine(data).to_json()["picture_hashes"]
    assert said == {part: one.to_json() for part, one in hash_bytes(data).items()}
    assert {"whole", "head"} <= said.keys()
    assert all(len(one["value"]) == 64 and 0 <= one["quality"] <= 100 and one["version"] >= 1 for one in said.values())


def test_without_a_face_only_the_whole_picture_is_hashed() -> None:
    assert set(hash_bytes(pictures.encoded(texture(5), "PNG"))) == {"whole"}


def test_a_file_that_is_no_picture_is_refused_and_its_examination_has_no_hashes() -> None:
    with pytest.raises(PictureError):
        hash_bytes(b"not a picture")
    assert examine(b"not a picture").to_json()["picture_hashes"] == {}


@pytest.mark.parametrize("size", [(1, 1), (2, 900), (4000, 3)])
def test_hostile_shapes_are_hashed_without_a_word(size: tuple[int, int]) -> None:
    data = pictures.encoded(np.full((size[1], size[0], 3), 90, np.uint8), "PNG")
    assert hash_bytes(data)["whole"].quality == 0
