"""What each check costs: `make bench`. All is timed in one run, so that ratios hold whatever the machine.

A one-megapixel and a twelve-megapixel JPEG are made of the same public-domain portrait; OpenCV runs on one thread.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable

import cv2
import numpy as np
import skimage.data
from PIL import Image

from detector.fingerprint import ensemble
from detector.fingerprint.crop import crop
from detector.picture_hashes import picture_hashes
from detector.pipeline import run_detector
from detector.portrait import read_portrait
from detector.registry import detectors_by_wing
from detector.scene import Scene
from detector.trust import TrustLists

ROUNDS = 7
ONE_LOOK = "network, without twins"
SIDES = {"1 megapixel": (1000, 1000), "12 megapixels": (3464, 3464)}


def jpeg(size: tuple[int, int]) -> bytes:
    """The portrait's middle, as a headshot is framed, at `size`; JPEG quality 90."""
    astronaut = np.asarray(skimage.data.astronaut(), dtype=np.uint8)  # type: ignore[no-untyped-call]
    portrait = Image.fromarray(astronaut).crop((60, 0, 400, 340))
    buffer = io.BytesIO()
    portrait.resize(size, Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def median_ms(once: Callable[[], object]) -> float:
    """Median over ROUNDS, in milliseconds, after one round that does not count."""
    once()
    took = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        once()
        took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took)


def timed(data: bytes) -> dict[str, float]:
    """Milliseconds for decoding, the FaceMap, picture hashes and each check; the fingerprint with and without twins."""
    portrait = read_portrait(data)
    _ = portrait.rgb
    scene = Scene(portrait, TrustLists())
    took = {
        "plain decode (Pillow)": median_ms(lambda: Image.open(io.BytesIO(data)).load()),
        "FaceMap": median_ms(lambda: Scene(portrait, TrustLists()).face),
    }
    _ = scene.subject
    took["picture hashes"] = median_ms(lambda: picture_hashes(scene))
    wings = detectors_by_wing()
    for detector in (*wings["provenance"], *wings["signs"], *wings["fingerprint"]):
        took[detector.name] = median_ms(lambda detector=detector: run_detector(detector, scene))  # type: ignore[misc]
    took[ONE_LOOK] = median_ms(lambda: ensemble.read([crop(scene.pyramid, scene.face)]))
    return took


def main() -> None:
    cv2.setNumThreads(1)
    results = {name: timed(jpeg(size)) for name, size in SIDES.items()}
    print(f"{'median of ' + str(ROUNDS) + ', ms':24}" + "".join(f"{name:>16}" for name in results))
    for row in next(iter(results.values())):
        print(f"{row:24}" + "".join(f"{took[row]:16.1f}" for took in results.values()))
    for name, took in results.items():
        looked = sum(took.values()) - took["plain decode (Pillow)"] - took[ONE_LOOK]
        ratio = looked / results["12 megapixels"]["plain decode (Pillow)"]
        print(f"{name}: all of it {looked:.0f} ms, {ratio:.1f} times the decode of 12 megapixels")


if __name__ == "__main__":
    main()
