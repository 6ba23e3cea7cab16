"""Trains the signs and weighs all voices: `python -m detector.training.signs MANIFEST [--sign NAME]`.

Writes detector/weights/NAME.json and its model card NAME.md for each sign, and, when all are trained, what the trained
networks' scores mean and may say (fingerprint.json, fingerprint.md) and what each voice weighs in the verdict
(verdict.json). The networks themselves are trained by detector.training.fingerprint.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from detector.fingerprint import ensemble
from detector.signal.norm import WEIGHTS
from detector.training.cards import card, fingerprint_card
from detector.training.features import sign_modules
from detector.training.manifest import Row, read_manifest
from detector.training.traces import MODEL
from detector.training.voices import FEATURES, Fitted, Kept, Voices, chosen, fit_signs, gather


def write(path: Path, parameters: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(parameters, indent=1) + "\n", encoding="utf-8")
    print(f"written: {path.name}")  # noqa: T201 - a command


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--sign", action="append", choices=sorted(sign_modules()), help="only this one (repeatable)")
    given = parser.parse_args(arguments)
    rows, date = read_manifest(given.manifest), dt.datetime.now(dt.UTC).date().isoformat()
    if given.sign:
        _write_signs(fit_signs(chosen(rows), given.sign, FEATURES), rows, date)
    else:
        voices = gather(rows, Kept())
        _write_signs(voices.signs, rows, date)
        _write_rest(voices, date)
    return 0


def _write_signs(fitted: Fitted, rows: Sequence[Row], date: str) -> None:
    for name, (items, fit) in fitted.items():
        write(WEIGHTS / f"{name}.json", {"date": date, **fit.parameters})
        (WEIGHTS / f"{name}.md").write_text(card(name, chosen(rows), items, fit, date), encoding="utf-8")


def _write_rest(voices: Voices, date: str) -> None:
    """What the networks' scores mean, and what each voice weighs."""
    write(WEIGHTS / MODEL, {**ensemble.parameters(), **voices.networks.parameters, "date": date})
    (WEIGHTS / "fingerprint.md").write_text(fingerprint_card(voices, date), encoding="utf-8")
    write(WEIGHTS / "verdict.json", {"date": date, **voices.fusion})


if __name__ == "__main__":
    sys.exit(main())
