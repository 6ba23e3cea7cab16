"""`python -m tools.fuzz_parsers [--runs N] [--seed N] [--only NAME]`: each parser in a process of its own.

Exit code 1 where one of them broke. With --child it is that process.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import subprocess
import sys
import time
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "var" / "fuzz-parsers"
NAMES = (
    "jpeg_structure", "xmp", "manifest_store", "generator_parameters", "comfy_graph", "embedded_text",
    "embedded_thumbnail", "file_metadata", "portrait", "table", "archive", "naming",
)  # fmt: skip
LIMITS = ("-max_len=8192", "-timeout=10", "-rss_limit_mb=1500")  # bytes, seconds and megabytes of one input


def child(name: str, runs: int, seed: int) -> None:
    """Never comes back: libFuzzer ends the process."""
    import atheris

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vetting.settings")
    warnings.simplefilter("ignore")
    import django

    django.setup()
    logging.disable(logging.CRITICAL)
    with atheris.instrument_imports(include=["detector.provenance", "detector.portrait", "vetting.bulk"]):
        from tools.fuzz_parsers.parsers import LARGEST, PARSERS

    parser, folder = PARSERS[name], KEPT / name
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, whole in enumerate(parser.seeds()):
        (corpus / f"whole-{number}").write_bytes(whole[:LARGEST])
    words = folder / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in parser.words))
    more = [f"-dict={words}"] if parser.words else []
    limits = [f"-runs={runs}", f"-seed={seed}", f"-artifact_prefix={folder}/", *LIMITS, *more]
    atheris.Setup([sys.argv[0], *limits, str(corpus)], parser.parse)
    atheris.Fuzz()


def _escaped(word: str) -> str:
    return "".join(letter if letter.isalnum() else f"\\x{ord(letter):02x}" for letter in word)


def run(name: str, runs: int, seed: int) -> bool:
    """Prints what became of one parser; whether it held."""
    begun = time.monotonic()
    command = [sys.executable, "-m", "tools.fuzz_parsers", "--child", name, "--runs", str(runs), "--seed", str(seed)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    said = done.stderr + done.stdout
    count = max((int(found) for found in re.findall(r"^#(\d+)", said, re.MULTILINE)), default=0)
    covered = (re.findall(r" ft: (\d+)", said) or ["?"])[-1]
    seconds = time.monotonic() - begun
    print(
        f"{name:22}{count:>10,} runs{covered:>8} features{seconds:>7.0f} s  {_end(done.returncode, said)}", flush=True
    )
    if done.returncode:
        KEPT.mkdir(parents=True, exist_ok=True)
        (KEPT / f"{name}.log").write_text(said)
    return done.returncode == 0


def _end(code: int, said: str) -> str:
    if not code:
        return "held"
    raised = re.search(r"Uncaught Python exception: ===\s*(.{1,300})", said, re.DOTALL)
    return f"broke ({code}): {' '.join((raised[1] if raised else said[-300:]).split())}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz_parsers", description=__doc__)
    parser.add_argument("--runs", type=int, default=200_000, help="of each parser")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--only", choices=NAMES)
    parser.add_argument("--child", choices=NAMES, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        child(asked.child, asked.runs, asked.seed)
    held = [run(name, asked.runs, asked.seed) for name in ([asked.only] if asked.only else NAMES)]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
