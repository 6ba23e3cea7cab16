"""`python -m tools.fuzz [--count N] [--seed N] [--numbers N,N] [--http N]`; exit code 1 where anything fails."""

from __future__ import annotations

import argparse
import sys
import time
import warnings

from tools.fuzz import outcomes, pool, report
from tools.fuzz.kinds import Broken
from tools.fuzz.wholes import wholes

KEPT = pool.ROOT / "var" / "fuzz"
TOLD_EVERY = 500


def keep(broken: Broken, fate: outcomes.Fate) -> None:
    """What failed stays, with the words for it and how to build it again."""
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{broken.name}.bin").write_bytes(broken.data)
    again = f"python -m tools.fuzz --seed {broken.seed} --numbers {broken.number}"
    (KEPT / f"{broken.name}.txt").write_text(
        f"{fate.kind}: {fate.outcome}\n" + "\n".join([*fate.complaints, again, ""])
    )


def run(seed: int, numbers: list[int]) -> bool:
    """Prints the figures; whether nothing failed."""
    begun, done = time.monotonic(), list[outcomes.Fate]()
    for fate in pool.fates(seed, numbers, keep):
        done.append(fate)
        if fate.failed:
            print(f"failed: {fate.number} {fate.kind}: {'; '.join(fate.complaints)}"[:300], flush=True)
        if len(done) % TOLD_EVERY == 0:
            print(f"{len(done):,} files after {(time.monotonic() - begun) / 60:.1f} minutes", flush=True)
    print("\n".join(report.lines(done, time.monotonic() - begun)), flush=True)
    return not any(fate.failed for fate in done)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=sys.modules["tools.fuzz"].__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="how many files")
    parser.add_argument("--seed", type=int, default=8, help="which files")
    parser.add_argument("--numbers", default="", help="only these, by their numbers")
    parser.add_argument("--http", type=int, default=150, help="how many of them go through a real site as well")
    return parser.parse_args()


def main() -> int:
    warnings.simplefilter("ignore")
    asked = options()
    whole = wholes()
    where = "of ../shared/data and made here" if whole.shared else "made here"
    print(f"seed {asked.seed}, from {len(whole.small) + len(whole.faces)} whole files {where}", flush=True)
    numbers = [int(number) for number in asked.numbers.split(",") if number] or list(range(asked.count))
    held = run(asked.seed, numbers)
    if asked.http and not asked.numbers:
        from tools.fuzz.through_site import through_site

        held &= through_site(asked.seed, numbers, asked.http)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
