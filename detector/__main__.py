"""python -m detector face.jpg: examine photos at a prompt, as a table or as one JSON object a line."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from detector.packs import Packs
from detector.pipeline import Examination, examine
from detector.trust import TrustLists

EXAMINED, NOT_ALL_EXAMINED = 0, 2


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    trust = TrustLists.from_folder(given.trust) if given.trust else TrustLists()
    packs = Packs.from_folder(given.packs) if given.packs else Packs()
    outcome = EXAMINED
    for path in given.files:
        found = _examine(path, trust, packs)
        if found.error:
            outcome = NOT_ALL_EXAMINED
        print(json.dumps({"file": str(path)} | found.to_json()) if given.json else _table(path, found), flush=True)
        if given.overlay and found.portrait and not found.error:
            _write_overlay(given.overlay, path, found)
    return outcome


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m detector", description="Examines headshots and says what was seen."
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="one JSON object a line (docs/architecture.md)")
    parser.add_argument("--trust", type=Path, metavar="DIR", help="folder with C2PA trust lists")
    parser.add_argument("--packs", type=Path, metavar="DIR", help="folder with model packs (docs/operations.md)")
    parser.add_argument("--overlay", type=Path, metavar="DIR", help="write each photo with its regions drawn, as SVG")
    return parser


def _examine(path: Path, trust: TrustLists, packs: Packs) -> Examination:
    try:
        data = path.read_bytes()
    except OSError as error:
        found = examine(b"", trust=trust, packs=packs)
        return _with_error(found, f"The file could not be opened: {error.strerror}.")
    return examine(data, trust=trust, packs=packs)


def _with_error(found: Examination, error: str) -> Examination:
    from dataclasses import replace

    return replace(found, error=error)


def _table(path: Path, found: Examination) -> str:
    verdict = found.verdict
    lines = [f"{path}", f"  {verdict.code}: {verdict.summary}"]
    if found.error:
        lines.append(f"  {found.error}")
    for outcome in found.outcomes:
        lines.append(f"  {outcome.detector:22} {outcome.status.value:15} {outcome.note}".rstrip())
        lines += [f"    - {o.summary} [{o.bearing}, {o.strength}]" for o in outcome.observations]
    lines.append(f"  {found.format or 'no picture'} {found.width} x {found.height}, {found.elapsed_ms:.0f} ms")
    return "\n".join(lines)


def _write_overlay(folder: Path, path: Path, found: Examination) -> None:
    from detector.overlay import svg_overlay

    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{path.stem}.overlay.svg").write_text(svg_overlay(found))


if __name__ == "__main__":
    sys.exit(main())
