"""Small ONNX files made by code: protocol-buffer messages written by hand, so that no test needs a training library.

Source: onnx.proto of the ONNX project (numbers of fields), and the protocol buffers' encoding.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FLOAT, INT_ATTRIBUTE = 1, 2


def colour_classifier(
    rows: Sequence[Sequence[float]], bias: Sequence[float], *, size: tuple[int, int] = (8, 8), last: str = "Sigmoid"
) -> bytes:
    """A network that looks at nothing but the mean colour: one value a row, each row a weight for every channel.

    size: width and height of its input. last: Sigmoid, Softmax, or "" for the plain sums.
    """
    width, height = size
    weights = np.asarray(rows, dtype=np.float32)
    nodes = [
        _node("GlobalAveragePool", ["picture"], "pooled"),
        _node("Flatten", ["pooled"], "means", _int_attribute("axis", 1)),
        _node("Gemm", ["means", "weights", "bias"], "sums" if last else "answer", _int_attribute("transB", 1)),
        *([_node(last, ["sums"], "answer")] if last else []),
    ]
    graph = b"".join(
        [
            *(_field(1, node) for node in nodes),
            _text(2, "colour"),
            _field(5, _tensor("weights", weights)),
            _field(5, _tensor("bias", np.asarray(bias, dtype=np.float32))),
            _field(11, _value("picture", (1, 3, height, width))),
            _field(12, _value("answer", (1, len(rows)))),
        ]
    )
    opset = _number(2, 13)
    return _number(1, 8) + _field(7, graph) + _field(8, opset)


def blue_means_generated(*, size: tuple[int, int] = (8, 8), steep: float = 12.0) -> bytes:
    """One probability: the bluer the picture (fed as 0..1, in RGB), the higher."""
    return colour_classifier([[-steep / 2, -steep / 2, steep]], [0.0], size=size)


def _node(kind: str, inputs: Sequence[str], output: str, attribute: bytes = b"") -> bytes:
    named = b"".join(_text(1, name) for name in inputs) + _text(2, output) + _text(3, output) + _text(4, kind)
    return named + (_field(5, attribute) if attribute else b"")


def _int_attribute(name: str, value: int) -> bytes:
    return _text(1, name) + _number(3, value) + _number(20, INT_ATTRIBUTE)


def _tensor(name: str, values: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> bytes:
    dims = b"".join(_number(1, side) for side in values.shape)
    return dims + _number(2, FLOAT) + _text(8, name) + _field(9, values.astype("<f4").tobytes())


def _value(name: str, shape: Sequence[int]) -> bytes:
    dims = b"".join(_field(1, _number(1, side)) for side in shape)
    tensor = _number(1, FLOAT) + _field(2, dims)
    return _text(1, name) + _field(2, _field(1, tensor))


def _text(number: int, text: str) -> bytes:
    return _field(number, text.encode())


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
