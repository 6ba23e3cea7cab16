"""The networks that are trained, in torch; the product runs their ONNX files and never imports this.

EfficientNet-Lite0 (Tan and Le, 2019; the Lite variant, 2020, has no squeeze-and-excitation and no swish) without its
last stage. Training starts from weights learnt on ImageNet, which stand in a package of requirements-training.txt:
with two thousand portraits a network from random weights learns the sources instead. Batch normalisation is folded into
the convolutions at the start, as its statistics of ImageNet hold for any photo and small batches would spoil them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

MEAN, SPREAD = 127.0, 128.0  # what the published weights expect: (x - MEAN) / SPREAD
STEM = 32
# Stages: kernel, stride, expansion, channels, blocks.
STAGES = ((3, 1, 1, 16, 1), (3, 2, 6, 24, 2), (5, 2, 6, 40, 2), (3, 2, 6, 80, 3), (5, 1, 6, 112, 3), (5, 2, 6, 192, 4))
TAPPED = (3, 4, 5)  # stages whose mean over the picture is judged: fine traces pass away in the deeper ones
EPSILON = 1e-3  # of the published batch normalisation


class Convolution(nn.Module):
    """A convolution with the padding that TensorFlow calls SAME, and ReLU6 where asked."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, groups: int = 1, *, bend: bool) -> None:
        super().__init__()
        before = (kernel - stride) // 2 if stride > 1 else kernel // 2
        self.uneven = stride > 1 and (kernel - stride) % 2 == 1
        self.pad = (before, kernel - stride - before) * 2 if self.uneven else None
        padding = 0 if self.uneven else before
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups)
        self.bend = nn.ReLU6(inplace=True) if bend else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        if self.pad is not None:
            x = nn.functional.pad(x, self.pad)
        return self.bend(self.conv(x))


class Block(nn.Module):
    """An inverted residual (Sandler et al., 2018)."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.expand = Convolution(inputs, wide, 1, 1, bend=True) if expansion > 1 else nn.Identity()
        self.depthwise = Convolution(wide, wide, kernel, stride, wide, bend=True)
        self.project = Convolution(wide, outputs, 1, 1, bend=False)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.residual else y


class Fingerprint(nn.Module):
    """RGB N x 3 x S x S in 0..255 -> logits N, and a map N x 1 x S/16 x S/16 whose mean is the logit (less bias)."""

    def __init__(self, dropout: float = 0.3) -> None:
        super().__init__()
        self.stem = Convolution(3, STEM, 3, 2, bend=True)
        self.stages = nn.ModuleList()
        channels = STEM
        for kernel, stride, expansion, outputs, blocks in STAGES:
            stage = []
            for number in range(blocks):
                stage.append(Block(channels, outputs, kernel, stride if number == 0 else 1, expansion))
                channels = outputs
            self.stages.append(nn.Sequential(*stage))
        self.heads = nn.ModuleList(nn.Conv2d(STAGES[stage][3], 1, 1) for stage in TAPPED)
        self.dropout = nn.Dropout2d(dropout)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = (x - MEAN) / SPREAD
        x = self.stem(x)
        maps = []
        for number, stage in enumerate(self.stages):
            x = stage(x)
            if number in TAPPED:
                maps.append(self.heads[TAPPED.index(number)](self.dropout(x)))
        logit = sum(one.mean(dim=(1, 2, 3)) for one in maps)
        coarse = nn.functional.interpolate(maps[2], scale_factor=2.0, mode="nearest")
        return logit, maps[0] + maps[1] + coarse


def published(path: Path) -> dict[str, Tensor]:
    """The published ImageNet weights as a state of Fingerprint, its heads left out; batch normalisation folded in."""
    known = torch.load(path, map_location="cpu", weights_only=True)
    state: dict[str, Tensor] = {}

    def fold(target: str, conv: str, norm: str) -> None:
        scale = known[f"{norm}.weight"] / torch.sqrt(known[f"{norm}.running_var"] + EPSILON)
        state[f"{target}.conv.weight"] = known[f"{conv}.weight"] * scale[:, None, None, None]
        state[f"{target}.conv.bias"] = known[f"{norm}.bias"] - known[f"{norm}.running_mean"] * scale

    fold("stem", "_conv_stem", "_bn0")
    number = 0
    for stage, (_, _, expansion, _, blocks) in enumerate(STAGES):
        for place in range(blocks):
            source, target = f"_blocks.{number}", f"stages.{stage}.{place}"
            if expansion > 1:
                fold(f"{target}.expand", f"{source}._expand_conv", f"{source}._bn0")
            fold(f"{target}.depthwise", f"{source}._depthwise_conv", f"{source}._bn1")
            fold(f"{target}.project", f"{source}._project_conv", f"{source}._bn2")
            number += 1
    return state


def load_published(network: Fingerprint, state: Mapping[str, Tensor]) -> None:
    """Raises ValueError where the state does not fit."""
    missing, unexpected = network.load_state_dict(dict(state), strict=False)
    if unexpected or any(not name.startswith("heads") for name in missing):
        raise ValueError(f"The published weights do not fit: {missing} {unexpected}")
