"""What happens to a portrait between the camera, or the generator, and a recruiter, drawn at random: for training.

Both classes go through the same chain, so that size, format, compression and framing cannot give the class away. It
works on the cut of the head; what is drawn as the size is that of the head in the photo that a site delivered.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.fingerprint.crop import MARGIN

Rgb = NDArray[np.uint8]
Generator = np.random.Generator

SMALLEST, LARGEST = 72, 330  # pixels of the head's square: 10 to 47 pixels between the eyes
DOWN = (cv2.INTER_AREA, cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC)
UP = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4)


def degraded(cut: Rgb, size: int, draw: Generator, tight: float) -> Rgb:
    """A cut (S x S x 3, with its margin) as size x size x 3, shifted, turned, re-encoded and recoloured at random.

    tight: chance of being framed as tightly as an avatar.
    """
    head = _placed(cut, draw)
    head = _chance(head, draw, 0.35, _framed)
    head = _chance(head, draw, tight, _framed_tightly)
    sizes = np.exp(draw.uniform(np.log(SMALLEST), np.log(LARGEST), size=2))
    head = _resized(head, int(max(sizes)), draw)
    for step, chance in ((_blurred, 0.12), (_sharpened, 0.15), (_noisy, 0.15), (_smoothed, 0.06)):
        head = _chance(head, draw, chance, step)
    head = _recoloured(head, draw)
    for lap in range(int(draw.integers(1, 4))):
        if lap and draw.random() < 0.5:
            head = _resized(head, int(draw.uniform(min(sizes), max(sizes))), draw)
        head = _reencoded(head, draw)
    return _shown(head, size)


def _chance(head: Rgb, draw: Generator, chance: float, step: Callable[[Rgb, Generator], Rgb]) -> Rgb:
    return step(head, draw) if draw.random() < chance else head


def _placed(cut: Rgb, draw: Generator) -> Rgb:
    """The head's square out of the cut: a little larger or smaller, turned, shifted, at times mirrored."""
    side = cut.shape[0]
    out = round(side / MARGIN)
    angle, shift = draw.normal(0, 4.0), draw.normal(0, 0.02 * side, size=2)
    centre = (side - 1) / 2 + shift
    matrix = cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), angle, 1 / draw.uniform(0.86, 1.12))
    matrix[:, 2] += (out - 1) / 2 - centre
    head = cv2.warpAffine(cut, matrix, (out, out), flags=cv2.INTER_LINEAR)
    return np.asarray(head[:, ::-1] if draw.random() < 0.5 else head, dtype=np.uint8)


def _framed(head: Rgb, draw: Generator) -> Rgb:
    """The picture ends nearer to the face: what lies beyond is black, as in any cut."""
    side = head.shape[0]
    left, top, right, bottom = (int(side * max(0.0, draw.uniform(-0.12, 0.2))) for _ in range(4))
    framed = np.zeros_like(head)
    framed[top : side - bottom, left : side - right] = head[top : side - bottom, left : side - right]
    return framed


def _framed_tightly(head: Rgb, draw: Generator) -> Rgb:
    """Hardly more than the face, as avatars are cut, and as face generators make nothing else."""
    side = head.shape[0]
    sides = draw.uniform(0.12, 0.27)
    left, right = (int(side * (sides + draw.normal(0, 0.02))) for _ in range(2))
    top, bottom = int(side * draw.uniform(0.08, 0.24)), int(side * draw.uniform(0.17, 0.33))
    framed = np.zeros_like(head)
    framed[top : side - bottom, left : side - right] = head[top : side - bottom, left : side - right]
    return framed


def _resized(head: Rgb, size: int, draw: Generator) -> Rgb:
    way = int(draw.choice(DOWN if size < head.shape[0] else UP))
    return np.asarray(cv2.resize(head, (size, size), interpolation=way), dtype=np.uint8)


def _shown(head: Rgb, size: int) -> Rgb:
    """As detector.fingerprint.crop.head_of scales it."""
    way = cv2.INTER_AREA if size < head.shape[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(head, (size, size), interpolation=way), dtype=np.uint8)


def _blurred(head: Rgb, draw: Generator) -> Rgb:
    return np.asarray(cv2.GaussianBlur(head, (0, 0), draw.uniform(0.4, 1.6)), dtype=np.uint8)


def _sharpened(head: Rgb, draw: Generator) -> Rgb:
    soft = cv2.GaussianBlur(head, (0, 0), draw.uniform(0.7, 2.0))
    much = draw.uniform(0.2, 1.0)
    return np.asarray(cv2.addWeighted(head, 1 + much, soft, -much, 0), dtype=np.uint8)


def _noisy(head: Rgb, draw: Generator) -> Rgb:
    shape = head.shape if draw.random() < 0.5 else (*head.shape[:2], 1)
    noise = draw.normal(0, draw.uniform(1.5, 8.0), size=shape)
    return np.asarray(np.clip(head + noise, 0, 255), dtype=np.uint8)


def _smoothed(head: Rgb, draw: Generator) -> Rgb:
    """As beauty filters and denoisers leave it."""
    return np.asarray(cv2.bilateralFilter(head, 7, draw.uniform(15, 40), 3), dtype=np.uint8)


def _recoloured(head: Rgb, draw: Generator) -> Rgb:
    if draw.random() < 0.08:
        grey = cv2.cvtColor(head, cv2.COLOR_RGB2GRAY)
        return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), dtype=np.uint8)
    if draw.random() < 0.3:
        return head
    light = head.astype(np.float32) / 255
    grey = light.mean(axis=2, keepdims=True)
    light = grey + (light - grey) * draw.uniform(0.6, 1.4)  # saturation
    light = light * draw.normal(1.0, 0.05, size=3)  # white balance
    light = np.clip(light, 0, 1) ** np.exp(draw.normal(0, 0.2))
    light = (light - 0.5) * draw.uniform(0.8, 1.2) + 0.5 + draw.normal(0, 0.05)
    return np.asarray(np.clip(light * 255 + 0.5, 0, 255), dtype=np.uint8)


def _reencoded(head: Rgb, draw: Generator) -> Rgb:
    """JPEG, or at times WebP, its blocks lying anywhere."""
    right, down = (int(step) for step in draw.integers(0, 8, size=2))
    shifted = cv2.copyMakeBorder(head, down, 0, right, 0, cv2.BORDER_REPLICATE)
    kind, options = _encoding(draw)
    _, data = cv2.imencode(kind, cv2.cvtColor(shifted, cv2.COLOR_RGB2BGR), options)
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB), dtype=np.uint8)
    return decoded[down:, right:]


def _encoding(draw: Generator) -> tuple[str, list[int]]:
    if draw.random() < 0.2:
        return ".webp", [cv2.IMWRITE_WEBP_QUALITY, int(draw.integers(35, 96))]
    whole = draw.random() < 0.3
    chroma = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444 if whole else cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420
    quality = int(draw.integers(30, 96))
    return ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, chroma]
