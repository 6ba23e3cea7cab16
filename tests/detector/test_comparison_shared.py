"""The same on shared portraits, of sources that no limit of the comparison was set on (but for the one sitting)."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from PIL import Image

from detector.comparison import Relation, compare_pictures
from detector.face import find_face
from detector.portrait import read_portrait
from detector.training.comparison import OVERLAP, SITTING, alignment_error, jobs_of, overlap_of
from detector.training.edits import EDITS, visible
from detector.training.manifest import Row, read_manifest
from detector.training.plain_copies import COPIES, saved
from tests.conftest import SHARED, needs_shared
from tests.detector.needs import face_models_here

pytestmark = [needs_shared, face_models_here]

ALIGNED = 0.03  # eye distances: what the task allows
PORTRAITS = 3
LARGE, BYTES = 70, 150_000  # eye distance in pixels from which skin shows, and bytes of a file that is soon compared
# What messengers and sites do, one of every kind: all of COPIES are measured by `make comparison`.
USUAL = ("JPEG 50", "scale 0.5", "white balance", "messenger")
PLANTED = ("skin: frequency separation", "jaw slimmed", "background plain")
TURNS = ((-9.0, 0.5), (15.0, 1.0), (4.0, 0.8))


@cache
def rows() -> tuple[Row, ...]:
    return tuple(read_manifest(SHARED / "data" / "headshots" / "manifest.csv"))


@cache
def shared_portraits() -> tuple[tuple[bytes, bytes], ...]:
    """Portraits with a face that is large enough to be judged, and another portrait each."""
    large: list[bytes] = []
    for job in jobs_of(rows(), 60, 1, 1):
        data = job.row.path.read_bytes()
        if len(data) < BYTES and find_face(read_portrait(data)).inter_ocular > LARGE:
            large.append(data)
        if len(large) == 2 * PORTRAITS:
            break
    return tuple(zip(large[:PORTRAITS], large[PORTRAITS:], strict=True))


@pytest.mark.parametrize("name", PLANTED)
def test_planted_edits_on_shared_portraits_are_found_in_their_place(name: str) -> None:
    overlaps = []
    for data, other in shared_portraits():
        rgb = read_portrait(data).rgb
        edited = EDITS[name](rgb, find_face(read_portrait(data)), read_portrait(other).rgb)
        if visible(rgb, edited):
            found = compare_pictures(saved(Image.fromarray(edited.rgb)), saved(Image.fromarray(rgb), quality=95))
            overlaps.append(overlap_of(found, edited) or 0)
    assert overlaps
    assert min(overlaps) > OVERLAP
    assert np.median(overlaps) > 2 * OVERLAP


@pytest.mark.parametrize("name", USUAL)
def test_copies_of_shared_portraits_are_the_same_unchanged(name: str) -> None:
    for data, _ in shared_portraits():
        picture = Image.fromarray(read_portrait(data).rgb)
        found = compare_pictures(COPIES[name](picture), saved(picture, quality=95))
        assert (found.relation, found.changes) == (Relation.SAME, ())


def test_other_shared_portraits_are_other_pictures() -> None:
    for data, other in shared_portraits():
        assert compare_pictures(other, data).relation == Relation.DIFFERENT


def test_photos_of_one_sitting_are_other_pictures() -> None:
    sitting = [row for row in rows() if row.group == SITTING][1:5:3]
    relations = {
        compare_pictures(one.path.read_bytes(), other.path.read_bytes()).relation
        for one in sitting
        for other in sitting
        if one is not other
    }
    assert Relation.SAME not in relations


def test_shared_portraits_turned_and_scaled_are_aligned_to_three_percent_of_the_eye_distance() -> None:
    for (data, _), (degrees, scale) in zip(shared_portraits(), TURNS, strict=True):
        error = alignment_error(saved(Image.fromarray(read_portrait(data).rgb), quality=95), degrees, scale)
        assert error is not None
        assert error < ALIGNED
