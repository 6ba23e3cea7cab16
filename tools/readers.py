"""Two readers of Content Credentials beside each other, and what reading costs: `make readers C2PA=folder`.

folder: files with credentials under files/, manifest.csv that names them in its column `file`, C2PA lists under trust/.
Both readers get the same lists. All times are of one run, so that ratios hold whatever the machine.
"""

from __future__ import annotations

import argparse
import csv
import io
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from detector.portrait import PictureError, Portrait, read_portrait
from detector.provenance.credential_states import is_intact, judge, signer_list
from detector.provenance.manifest_reader import read_manifests
from detector.provenance.manifest_store import ManifestStore
from detector.provenance.second_reader import NAME, SecondReading, read_again
from detector.trust import TrustLists

ROUNDS = 3
LEAST_PIXELS = 500_000  # of a picture that could be a headshot; the others are made to test readers

Answer = tuple[bool | None, bool]  # whether the bytes are the signed ones; whether the official list knows the signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Both readings of a file in which both found a manifest store."""

    name: str
    store: ManifestStore
    second: SecondReading

    @property
    def answers(self) -> tuple[Answer, Answer]:
        first = (is_intact(self.store), signer_list(self.store) == "official")
        return first, (self.second.intact, self.second.knows_signer)

    @property
    def agree(self) -> bool:
        first, second = self.answers
        return first == second


def portraits(folder: Path) -> Iterator[tuple[str, Portrait]]:
    """The files of the manifest that intake takes."""
    with (folder / "manifest.csv").open(newline="") as table:
        for row in csv.DictReader(table):
            try:
                yield row["file"], read_portrait((folder / row["file"]).read_bytes())
            except PictureError:
                continue


def compared(folder: Path) -> tuple[list[Pair], Counter[str]]:
    """The pairs, and how many files one reader alone could read, by what the first said."""
    trust = TrustLists.from_folder(folder / "trust")
    pairs, alone = [], Counter[str]()
    for name, portrait in portraits(folder):
        first, second = read_manifests(portrait, trust), read_again(portrait, trust)
        present = second is not None and second.present
        if first.store and second and present:
            pairs.append(Pair(name=name, store=first.store, second=second))
        elif bool(first.store) != present:
            alone[first.state or "read"] += 1
    return pairs, alone


def _ms(once: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        once()
        took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took)


def _decoded(portrait: Portrait) -> None:
    with Image.open(io.BytesIO(portrait.data)) as picture:
        picture.convert("RGB")


def costs(folder: Path) -> list[tuple[float, float, float]]:
    """Milliseconds of the first reading, of both, and of decoding, for each picture with credentials."""
    trust = TrustLists.from_folder(folder / "trust")
    rows = []
    for _, portrait in portraits(folder):
        if portrait.width * portrait.height >= LEAST_PIXELS and read_manifests(portrait, trust).store:
            first = _ms(lambda portrait=portrait: read_manifests(portrait, trust))  # type: ignore[misc]
            again = _ms(lambda portrait=portrait: read_again(portrait, trust))  # type: ignore[misc]
            rows.append((first, first + again, _ms(lambda portrait=portrait: _decoded(portrait))))  # type: ignore[misc]
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    pairs, alone = compared(folder)
    print(f"{len(pairs)} files that both c2pa-python and {NAME} read; they agree on {sum(p.agree for p in pairs)}")
    for pair in pairs:
        if not pair.agree:
            print(f"  {pair.name}: {judge(pair.store)}; (intact, known) {pair.answers[0]} beside {pair.answers[1]}")
    print(f"read by one alone, by what the first says: {dict(alone)}")
    rows = costs(folder)
    first, both, decode = (statistics.median(column) for column in zip(*rows, strict=True))
    ratio, ratio_both = (statistics.median(row[i] / row[2] for row in rows) for i in (0, 1))
    print(f"{len(rows)} pictures with credentials: median {first:.1f} ms to read, {both:.1f} ms by both readers,")
    print(f"{decode:.1f} ms to decode; median ratio to decoding {ratio:.2f}, and {ratio_both:.2f} by both")


if __name__ == "__main__":
    main()
