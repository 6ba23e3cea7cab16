"""Adds a model pack: `python -m detector.training.packs MODEL.onnx CARD.json --labelled MANIFEST.csv --into DIR`.

`manage.py add_model_pack` does the same on a site. The model is checked against its card, asked about every labelled
picture, calibrated, and only then put in force. Nothing is fetched: all three files are the operator's.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import hashlib
import multiprocessing
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from detector.observation import CouldNotLook, Status
from detector.packs import Card, CardError, Pack, Packs, read_card
from detector.packs.installed import CALIBRATION_FILE, CARD_FILE, MODEL_FILE
from detector.packs.network import log_odds
from detector.pipeline import examine
from detector.portrait import PictureError
from detector.training.laundering import launder
from detector.training.manifest import Row, read_manifest
from detector.training.pack_fitting import AS_IS, COPY, NoUse, Origin, Reading, calibrated, demand_enough
from detector.verdict import VerdictCode

Say = Callable[[str], None]

DECLARED = {VerdictCode.DECLARED_GENERATED, VerdictCode.VERIFIED_CAPTURE}  # decided without asking the pixels
COLUMNS = {"file", "label", "group"}
EVERY = 50  # readings between two lines of progress


class CannotAdd(Exception):  # noqa: N818 - the text is for the operator
    """The pack was not added; problems: one sentence each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A labelled picture that the model was not asked about, and why."""

    reason: str


def add_pack(
    model: Path, card_file: Path, labelled: Path, into: Path, *, say: Say, processes: int | None = None
) -> Pack:
    """Checks, calibrates and installs one pack; raises CannotAdd and leaves nothing. processes: a core each if None."""
    card_data = _content(card_file)
    card = _card(card_data)
    place = into / card.name
    if place.exists():
        raise CannotAdd(
            f"There is a pack called “{card.name}” already. Remove it first, or give this one another name."
        )
    data, probe = _content(model), Pack(card=card, model=model)
    _demand_it_runs(probe, data)
    rows = _rows(labelled)
    say(f"{len(rows)} labelled pictures, each looked at twice: as it is, and as a copy encoded like all others")
    readings = list(_readings(rows, probe, say, processes))
    origin = Origin(
        date=dt.datetime.now(dt.UTC).date().isoformat(), card=_sha256(card_data), manifest=_hash_of(labelled)
    )
    try:
        calibration = calibrated(readings, origin)
    except NoUse as reason:
        raise CannotAdd(str(reason)) from None
    files = {MODEL_FILE: data, CARD_FILE: card_data, CALIBRATION_FILE: calibration.to_json()}
    _install(place, files)
    return Pack(card=card, model=place / MODEL_FILE, calibration=calibration)


def _card(data: bytes) -> Card:
    try:
        return read_card(data)
    except CardError as error:
        raise CannotAdd(*error.problems) from None


def _demand_it_runs(probe: Pack, data: bytes) -> None:
    if (found := _sha256(data)) != probe.card.sha256:
        raise CannotAdd(f"The model is not the file that its card names: its SHA-256 is {found}.")
    grey = np.full((64, 64, 3), 128, dtype=np.uint8)
    try:
        log_odds(probe.model, probe.card, grey)
    except CouldNotLook as reason:
        raise CannotAdd(str(reason)) from None


def _rows(labelled: Path) -> list[Row]:
    """The labelled pictures, each file's content once. Raises CannotAdd."""
    try:
        with labelled.open(newline="", encoding="utf-8") as handle:
            lacking = COLUMNS - set(csv.DictReader(handle).fieldnames or ())
        rows = [] if lacking else [row for row in read_manifest(labelled) if row.label == "ai" or row.clean_real]
    except OSError as error:
        raise CannotAdd(f"The list {labelled} could not be read: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error):
        raise CannotAdd(f"The list {labelled} is no CSV in UTF-8.") from None
    if lacking:
        raise CannotAdd(f"The list lacks the columns {', '.join(sorted(lacking))}: it needs file, label and group.")
    missing = [row.path for row in rows if not row.path.is_file()]
    if missing:
        raise CannotAdd(f"{len(missing)} of the listed pictures are not there; the first is {missing[0]}.")
    return _distinct(rows)


def _distinct(rows: Sequence[Row]) -> list[Row]:
    kept: dict[str, Row] = {}
    for row in rows:
        first = kept.setdefault(_hash_of(row.path), row)
        if first.label != row.label:
            raise CannotAdd(f"{first.path.name} and {row.path.name} are one picture with two labels.")
    distinct = list(kept.values())
    try:
        demand_enough([_reading(row, AS_IS, 0.0, None) for row in distinct])
    except NoUse as reason:
        raise CannotAdd(str(reason)) from None
    return distinct


# --- asking the model


def _readings(rows: Sequence[Row], probe: Pack, say: Say, processes: int | None) -> Iterator[Reading]:
    jobs = [(row, condition, probe) for row in rows for condition in (AS_IS, COPY)]
    refused: Counter[str] = Counter()
    for number, found in enumerate(_asked(jobs, processes or os.cpu_count() or 1), start=1):
        if number % EVERY == 0:
            say(f"{number} of {len(jobs)}")
        if isinstance(found, Refused):
            refused[found.reason] += 1
        else:
            yield found
    for reason, times in refused.most_common():
        say(f"{times} times the model was not asked: {reason}")


def _asked(jobs: Sequence[tuple[Row, str, Pack]], processes: int) -> Iterator[Reading | Refused]:
    if processes == 1:
        yield from map(_ask, jobs)
        return
    start = multiprocessing.get_context("spawn")
    with start.Pool(processes, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        yield from pool.imap(_ask, jobs, chunksize=4)


def _ask(job: tuple[Row, str, Pack]) -> Reading | Refused:
    """One picture under one condition, examined as any photo is, with the model as one more voice without a score."""
    row, condition, probe = job
    try:
        found = examine(launder(row.path.read_bytes(), condition), packs=Packs(packs=(probe,)))
    except (PictureError, CouldNotLook, OSError) as reason:
        return Refused(reason=str(reason))
    said = next(outcome for outcome in found.outcomes if outcome.detector == probe.name)
    if found.error or said.status is not Status.CLEAR:
        return Refused(reason=found.error or said.note)
    score = found.verdict.score
    own = None if found.verdict.code in DECLARED or score is None else _log_odds(score)
    return _reading(row, condition, float(said.details["odds"]), own)


def _reading(row: Row, condition: str, odds: float, own: float | None) -> Reading:
    return Reading(
        picture=str(row.path), label=row.label, group=row.group, unit=row.unit, condition=condition, odds=odds, own=own
    )


def _log_odds(score: float) -> float:
    bounded = min(max(score, 1e-4), 1 - 1e-4)
    return float(np.log(bounded / (1 - bounded)))


# --- files


def _install(place: Path, files: dict[str, bytes]) -> None:
    """Writes aside and renames: a worker sees the whole pack or none."""
    aside = place.with_name(f".{place.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    for name, data in files.items():
        (aside / name).write_bytes(data)
    aside.rename(place)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CannotAdd(f"{path} could not be read: {error.strerror}.") from None


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _hash_of(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def added(pack: Pack) -> str:
    """What to tell the operator."""
    made = pack.calibration
    if made is None:
        raise ValueError("a pack that was added has a calibration")
    said = [
        f"“{pack.card.title}” is in force as {pack.name}. {made.figures}; on the files as they are, AUC "
        f"{made.auc_as_is:.2f}."
    ]
    for strength, limit in made.limits.items():
        said.append(
            f"It says {strength} of {limit.generated * 100:.1f} % of the generated pictures and of "
            f"{limit.real * 100:.1f} % of the real photos (at most {limit.real_at_most * 100:.1f} %)."
        )
    if not made.limits:
        said.append("Its false alarms allow it no finding; it only has a score.")
    said.append(f"{made.weight * 100:.0f} % of its evidence is added to Candid's own score.")
    return "\n".join(said)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("card", type=Path)
    parser.add_argument("--labelled", type=Path, required=True, metavar="MANIFEST")
    parser.add_argument("--into", type=Path, required=True, metavar="DIR")
    given = parser.parse_args(arguments)
    try:
        pack = add_pack(given.model, given.card, given.labelled, given.into, say=_to_stderr)
    except CannotAdd as reason:
        _to_stderr(str(reason))
        return 1
    print(added(pack))  # noqa: T201 - a command
    return 0


def _to_stderr(words: str) -> None:
    print(words, file=sys.stderr)  # noqa: T201 - a command


if __name__ == "__main__":
    sys.exit(main())
