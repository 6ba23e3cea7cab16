"""Signed steps in words: a long run of one action becomes one line that names the tools, with all of it behind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from vetting.report.measured import listed, sentence

MOST_STEPS = 500
LONG = 3  # equal actions in a row, from which on they are one line
NAMED = 4  # tools that the line names
TOOL = re.compile(r" \((.*)\)\.?$")  # the program's own name for what it did, as detector.provenance writes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One line. steps: each step of a run that was folded; empty where the line is a step itself."""

    words: str
    steps: tuple[str, ...] = ()


def runs_of(steps: Any) -> tuple[Run, ...]:
    """Out of a chapter's steps, in order. What a step declares of the picture's origin is never folded away."""
    known = [step for step in listed(steps, MOST_STEPS) if isinstance(step, Mapping) and sentence(step.get("words"))]
    return tuple(run for _, same in groupby(known, _key) for run in _folded(list(same)))


def _key(step: Mapping[str, Any]) -> tuple[str, str, str]:
    action, tool, declared = (str(step.get(name) or "") for name in ("action", "tool", "source_type"))
    return action, tool, declared


def _folded(steps: list[Mapping[str, Any]]) -> Iterable[Run]:
    words = [sentence(step["words"]) for step in steps]
    if len(words) < LONG or steps[0].get("source_type"):
        return [Run(words=each) for each in words]
    names = list(dict.fromkeys(found[1] for each in words if (found := TOOL.search(each))))
    told = f": {', '.join([*names[:NAMED], *(['…'] if len(names) > NAMED else [])])}" if names else ""
    return [Run(words=f"{TOOL.sub('', words[0]).rstrip('.')}{told} ({len(words)} steps)", steps=tuple(words))]
