"""The head around a face, upright and at a fixed size: where person, hair, ears and background are.

Everything is measured in eye distances, in one aligned square, so that a turned or tiny face costs and means the same.
Person: MediaPipe's selfie segmentation looks at the square once more (in the whole picture a head is a few pixels) and
a guided filter (He, Sun and Tang, 2010) lays its border onto the picture's edges. Hair: colours learnt from a ring
around the forehead, as what is no skin in the light that falls on the skin nearby (k-means; Lloyd, 1982), and followed
from there to what is joined to it. Hats and headscarves look like hair to a colour model, hence `doubt`: hair is only
called hair where coverage, contrast, colour and hairline say so.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.signal import masks
from detector.signal.pyramid import Pyramid, Square, apply

Rgb = NDArray[np.uint8]
Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

SIZE = 256  # pixels of the square's side
SIDE = 7.0  # of the square, in eye distances: big hair above, hair on the shoulders below
DOWN = 0.4  # eye distances by which its centre lies below the eyes
UNIT = SIZE / SIDE  # pixels an eye distance

BACKGROUND, PERSON = 0.15, 0.85  # of the segmentation: sure enough to teach a colour
RING_IN, RING_OUT = 0.10, 0.45  # eye distances outside the face's oval where hair grows, if any
# Mahalanobis distances from the skin's colour: nearer is skin, farther than the second is no skin, for sure.
SKIN_NEAR, SKIN_FAR = 2.6, 3.6
COLOURS = 4  # of hair: lit, shaded, two dyes
COLOUR_SPREAD = (18.0, 6.0, 6.0)  # LAB units by which one of them varies
LIKE_HAIR, LIKE_HAIR_BELOW = 3.5, 2.0  # of those spreads; below the chin clothes begin
CLOTHES, DEEPEST = 0.3, 1.2  # eye distances below the chin: where clothes begin, and how far hair is followed
HIGHLIGHT = 11  # pixels: 0.3 eye distances
REACH_OF_LIGHT = 0.6  # eye distances over which skin is lit alike
GLARE = 40.0  # evened lightness beyond that of most skin: spectacle frames, glare, stubble
EVEN = 150.0  # lightness (0..255) that evened skin gets, that of skin in plain light

FOREHEAD = (109, 10, 338, 337, 336, 9, 107, 108)  # its middle, in MediaPipe's numbering

# Gates, in square eye distances and shares.
LEAST_RING = 0.12  # of ring that is not skin: bald or shaven heads have less
LEAST_HAIR = 0.45
LEAST_CONTRAST = 6.0  # LAB units between hair and what surrounds it

# Gates against cloth, set on 1274 heads sorted by eye, 40 under hats and headscarves: colour alone catches 8 and
# gives up 51 bare heads (dyed hair, coloured light), the odds (a logistic regression of _cover) another 11 for 19.
GREENEST, REDDEST, BLUEST = -4.0, 24.0, -7.0  # of the hair's middle colour, LAB units from grey
BROWN = (4.0, 6.0)  # the usual colour of hair, LAB units from grey
HIGHEST = 1.2  # eye distances from the brows: where a bare forehead ends
CLOTH_WEIGHTS = (-0.0978, -0.0654, 0.0921, 1.4523, 0.0706, -8.8564)  # of _cover
CLOTH_ODDS = -0.025

COLOURED = "What covers the head has no usual hair colour: a hat, a headscarf, dyed hair or coloured light."
CLOTH = "What covers the head may be a hat or a headscarf, by its colour and by where it ends on the forehead."
BALD = "Too little hair is visible to be judged."
MERGED = "The hair has the same colour as what surrounds it, so that it cannot be told apart."


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """square: where it lies on the picture. rgb: SIZE x SIZE x 3. points: 468 x 2 landmarks in its pixels.

    person: 0..1, SIZE x SIZE. inside: True where the square lies on the picture. hair: bool, SIZE x SIZE; also the hat
    or headscarf that is taken for hair. doubt: why the hair cannot be judged, one sentence; "" where it can.
    """

    square: Square
    rgb: Rgb
    points: Array
    inside: Mask
    person: Array
    hair: Mask
    doubt: str


def look_at_head(pyramid: Pyramid, landmarks: Array, roll: float) -> Head:
    """Cuts the head out and finds person and hair. landmarks: 468 x 3 in the picture's pixels; roll: degrees."""
    square = head_square(landmarks, roll)
    rgb = pyramid.cut(square, SIZE)
    points = from_picture(square, landmarks[:, :2])
    inside = pyramid.holds(square, SIZE)
    person = np.where(inside, _person(rgb), np.float32(0))
    hair, doubt = _hair(rgb, points, person, inside)
    return Head(square=square, rgb=rgb, points=points, inside=inside, person=person, hair=hair, doubt=doubt)


def eyes_of(landmarks: Array) -> tuple[Array, Array]:
    """Centres of the eyes, with depth: at the left and at the right of an upright picture."""
    return landmarks[[33, 133]].mean(axis=0), landmarks[[362, 263]].mean(axis=0)


def unit_of(landmarks: Array) -> float:
    """Distance of the eyes' centres in pixels of the picture, with depth: a turned head does not count as small."""
    right, left = eyes_of(landmarks)
    return float(np.linalg.norm(right - left))


def head_square(landmarks: Array, roll: float) -> Square:
    """The aligned square: SIDE eye distances wide, measured with depth so that a turned head does not shrink it."""
    right, left = eyes_of(landmarks)
    unit = max(unit_of(landmarks), 1.0)
    down = np.array([-np.sin(np.radians(roll)), np.cos(np.radians(roll))]) * DOWN * unit
    # A turned head's eyes lie off the middle of the head: the oval's middle knows better across.
    low, high = landmarks[list(masks.OVAL), :2].min(axis=0), landmarks[list(masks.OVAL), :2].max(axis=0)
    eyes, oval = (right[:2] + left[:2]) / 2, (low + high) / 2
    across = np.array([np.cos(np.radians(roll)), np.sin(np.radians(roll))])
    centre = eyes + across * float((oval - eyes) @ across) + down
    return Square(x=float(centre[0]), y=float(centre[1]), side=SIDE * unit, angle=roll)


def from_picture(square: Square, points: Array) -> Array:
    """N x 2 points of the picture in the square's pixels."""
    inverse = cv2.invertAffineTransform(square.to_picture(SIZE))
    return apply(np.asarray(inverse, dtype=np.float32), np.asarray(points, dtype=np.float32))


def on_window(square: Square, plane: Array, window: tuple[int, int, int, int]) -> Mask:
    """A plane of the square (0..1), laid onto a window of the picture, True above one half."""
    matrix = np.asarray(cv2.invertAffineTransform(square.to_picture(SIZE)), dtype=np.float32)
    matrix[:, 2] += matrix[:, :2] @ np.array(window[:2], dtype=np.float32)
    size = (window[2] - window[0], window[3] - window[1])
    eight = np.asarray(np.rint(plane * 255), dtype=np.uint8)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(eight, matrix, size, flags=flags), dtype=np.uint8) > 127


def guided(guide: Array, plane: Array, radius: int, smooth: float) -> Array:
    """The guided filter: `plane` follows the edges of `guide` (both H x W, 0..1)."""
    size = (2 * radius + 1, 2 * radius + 1)
    mean_guide, mean_plane = cv2.blur(guide, size), cv2.blur(plane, size)
    spread = cv2.blur(guide * guide, size) - mean_guide * mean_guide
    slope = (cv2.blur(guide * plane, size) - mean_guide * mean_plane) / (spread + smooth)
    offset = mean_plane - slope * mean_guide
    return np.asarray(np.clip(cv2.blur(slope, size) * guide + cv2.blur(offset, size), 0, 1), dtype=np.float32)


def _person(rgb: Rgb) -> Array:
    light = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.float32) / np.float32(255)
    return guided(light, masks.person_mask(rgb), 4, 1e-3)


def _hair(rgb: Rgb, points: Array, person: Array, inside: Mask) -> tuple[Mask, str]:
    lab = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB), dtype=np.float32)
    shape = (SIZE, SIZE)
    oval = masks.filled(shape, points, [masks.OVAL])
    off = _skin_distance(lab, points)
    sure = _ring(points, oval) & (person > PERSON) & inside & (off > SKIN_FAR)
    nothing = np.zeros(shape, np.bool_)
    if np.count_nonzero(sure) < LEAST_RING * UNIT**2:
        return nothing, BALD
    hair = _spread(lab, sure, person, off, points)
    area = np.count_nonzero(hair)
    if area < LEAST_HAIR * UNIT**2:
        return nothing, BALD
    if reason := _cloth(lab, hair, points):
        return hair, reason
    around = np.asarray(cv2.dilate(hair.astype(np.uint8), np.ones((7, 7), np.uint8)), dtype=np.uint8) > 0
    around &= ~hair & inside
    if around.any() and np.linalg.norm(np.median(lab[hair], axis=0) - np.median(lab[around], axis=0)) < LEAST_CONTRAST:
        return nothing, MERGED
    return hair, ""


def _cloth(lab: Array, hair: Mask, points: Array) -> str:
    """Why what covers the head may be no hair, or no hair of a usual kind; "" where nothing says so."""
    seen = _cover(lab, hair, points)
    if not (GREENEST < seen[0] < REDDEST and seen[1] > BLUEST):
        return COLOURED
    odds = CLOTH_ODDS + sum(weight * value for weight, value in zip(CLOTH_WEIGHTS, seen, strict=True))
    return CLOTH if odds > 0 else ""


def _cover(lab: Array, hair: Mask, points: Array) -> tuple[float, ...]:
    """Middle colour (green-red, blue-yellow, distance from common brown, lightness / 100), spread of green-red, and
    how far above the brows the cover ends (eye distances)."""
    lightness, green_red, blue_yellow = np.median(lab[hair], axis=0)
    green_red, blue_yellow = float(green_red) - 128, float(blue_yellow) - 128
    low, high = np.percentile(lab[hair][:, 1], (10, 90))
    off = float(np.hypot(green_red - BROWN[0], blue_yellow - BROWN[1]))
    return green_red, blue_yellow, off, float(lightness) / 100, float(high - low), _bare_forehead(hair, points)


def _bare_forehead(hair: Mask, points: Array) -> float:
    left, right = sorted((int(points[70, 0]), int(points[300, 0])))
    brow = int(np.clip(points[[105, 334], 1].mean(), 1, SIZE))
    above = hair[:brow, max(0, left) : max(0, right)]
    columns = above.any(axis=0)
    if not columns.any():
        return HIGHEST
    return min(HIGHEST, float(np.median(np.argmax(above[::-1], axis=0)[columns])) / UNIT)


def _skin_distance(lab: Array, points: Array) -> Array:
    """Distance from the skin's colour, learnt between brows and mouth, and on the forehead, which is lit otherwise."""
    shape = (lab.shape[0], lab.shape[1])
    seed = masks.filled(shape, points, masks.SEED)
    if np.count_nonzero(seed) < 50:
        return np.full(shape, np.inf, np.float32)
    by_cheeks = masks.colour_distance(lab, seed)
    forehead = masks.filled(shape, points, [FOREHEAD]) & (by_cheeks < SKIN_NEAR)
    even = _evenly_lit(lab, seed | forehead)
    by_cheeks = masks.colour_distance(even, _plain(even, seed))
    if np.count_nonzero(forehead) < 50:
        return by_cheeks
    return np.minimum(by_cheeks, masks.colour_distance(even, _plain(even, forehead)))


def _plain(even: Array, skin: Mask) -> Mask:
    """The skin without spectacle frames and glare, which would make the colour of skin wide enough for hair."""
    light = even[..., 0]
    plain = skin & (np.abs(light - np.median(light[skin])) < GLARE)
    return plain if np.count_nonzero(plain) >= 50 else skin


def _evenly_lit(lab: Array, skin: Mask) -> Array:
    """Lightness as a share of the nearest skin's: in light from the side, and on dark skin, black hair is as near to
    the lit cheek's colour as the cheek in the shade is."""
    size = (lab.shape[1] // 4, lab.shape[0] // 4)
    reach = REACH_OF_LIGHT * lab.shape[0] / SIDE / 4
    weight = cv2.GaussianBlur(cv2.resize(skin.astype(np.float32), size, interpolation=cv2.INTER_AREA), (0, 0), reach)
    light = cv2.resize(lab[..., 0] * skin, size, interpolation=cv2.INTER_AREA)
    near = cv2.GaussianBlur(light, (0, 0), reach) / np.maximum(weight, 1e-6)
    known = np.where(weight > 1e-5, near, lab[..., 0][skin].mean()).astype(np.float32)
    light = cv2.resize(known, (lab.shape[1], lab.shape[0]), interpolation=cv2.INTER_LINEAR)
    even = lab.copy()
    even[..., 0] = np.minimum(EVEN * lab[..., 0] / np.maximum(light, 8.0), 255.0)
    return even


def _ring(points: Array, oval: Mask) -> Mask:
    """Outside the oval, above the eyes: where hair grows on nearly every head that has any."""
    near, wide = (masks.grown(oval, round(reach * UNIT)) for reach in (RING_IN, RING_OUT))
    above = np.zeros_like(oval)
    above[: max(0, int(points[[33, 133, 362, 263], 1].mean()))] = True
    return wide & ~near & above


def _spread(lab: Array, sure: Mask, person: Array, off: Array, points: Array) -> Mask:
    """From the hair that is sure to what is joined to it, is no skin, and has its colours."""
    like = _like(lab, sure)
    chin = int(np.clip(points[152, 1], 0, SIZE))
    limit = np.full((SIZE, 1), LIKE_HAIR, np.float32)
    limit[min(SIZE, chin + round(CLOTHES * UNIT)) :] = LIKE_HAIR_BELOW
    limit[min(SIZE, chin + round(DEEPEST * UNIT)) :] = 0
    soft = (person > 0.5) & (off > SKIN_NEAR) & (like < limit)
    face = _face_and_neck(points)
    soft &= ~face
    light = np.asarray(lab[..., 0], dtype=np.float32) / np.float32(255)
    found = (guided(light, (soft | sure).astype(np.float32), 2, 1e-3) > 0.5) & (person > 0.5)
    # Highlights may have the skin's colour: hair all around makes them hair.
    closed = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((HIGHLIGHT, HIGHLIGHT), np.uint8))
    found = (np.asarray(closed, dtype=np.uint8) > 0) & (person > 0.5) & ~face
    opened = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    found = np.asarray(opened, dtype=np.uint8) > 0
    _, parts = cv2.connectedComponents(found.astype(np.uint8), connectivity=4)
    touching = np.unique(parts[sure & found])
    return np.asarray(np.isin(parts, touching[touching > 0]), dtype=np.bool_)


def _face_and_neck(points: Array) -> Mask:
    """Where shaded skin and beards may have the hair's colours: the face, and a column as wide as the jaw."""
    shape = (SIZE, SIZE)
    oval = masks.filled(shape, points, [masks.OVAL])
    face = masks.grown(oval, -round(0.12 * UNIT))
    eyes = int(np.clip(points[[33, 133, 362, 263], 1].mean(), 0, SIZE))
    face[eyes:] |= masks.grown(oval, round(RING_IN * UNIT))[eyes:]
    for down in (0.4, 0.8, 1.2):
        below = np.roll(oval, round(down * UNIT), axis=0)
        face[eyes + round(UNIT) :] |= below[eyes + round(UNIT) :]
    return face


def _like(lab: Array, sure: Mask) -> Array:
    """Distance of every pixel's colour from the nearest of the colours of the hair that is sure (lit, shaded, dyed)."""
    criteria = (cv2.TERM_CRITERIA_MAX_ITER, 8, 0.0)
    cv2.setRNGSeed(1)  # the same picture must give the same hair
    _, _, centres = cv2.kmeans(lab[sure], COLOURS, None, criteria, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    scaled = lab / np.array(COLOUR_SPREAD, dtype=np.float32)
    squared = [((scaled - centre / np.array(COLOUR_SPREAD, dtype=np.float32)) ** 2).sum(axis=2) for centre in centres]
    return np.asarray(np.sqrt(np.min(squared, axis=0)), dtype=np.float32)
