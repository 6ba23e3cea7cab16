"""The face models, loaded once a process and only when first asked (nothing may touch OpenCV before a worker forks)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.face_models import COMMAND, FOLDER, MODELS
from detector.observation import CouldNotLook

_one_at_a_time = Lock()  # a cv2.dnn.Net keeps its last input; two threads must not share it


@cache
def _net(name: str) -> cv2.dnn.Net:
    path = FOLDER / name
    if not path.is_file():
        raise CouldNotLook(f"The face model {name} is missing. To fetch the face models, run `{COMMAND}`.")
    try:
        # The new engine of OpenCV 5 lists only one of a network's outputs.
        return cv2.dnn.readNetFromTFLite(str(path), cv2.dnn.ENGINE_CLASSIC)
    except cv2.error:
        raise CouldNotLook(f"The face model {name} cannot be read. To fetch it again, run `{COMMAND}`.") from None


def run(
    name: str, rgb: NDArray[np.uint8], outputs: Sequence[str], *, centred: bool = False
) -> list[NDArray[np.float32]]:
    """Runs the model `name` (a key of face_models.MODELS) on one picture.

    rgb: S x S x 3 uint8 in the model's size; fed as 0..1, or as -1..1 where `centred`.
    Hands back the named outputs, float32. Raises CouldNotLook where the model's file is missing or broken.
    """
    if name not in MODELS:
        raise KeyError(name)
    scale, shift = (1 / 127.5, 127.5) if centred else (1 / 255, 0.0)
    blob = cv2.dnn.blobFromImage(rgb, scale, mean=(shift, shift, shift))
    with _one_at_a_time:
        net = _net(name)
        net.setInput(blob)
        return [np.asarray(value, dtype=np.float32).copy() for value in net.forward(list(outputs))]
