"""The figures of a run, for people to read and for documentation to quote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from tools.fuzz.outcomes import BYTES, CRASHED, SECONDS, Fate

SHOWN = 5


def lines(fates: Sequence[Fate], seconds: float) -> Iterator[str]:
    """By kind and outcome, then the slowest, the hungriest and all that failed."""
    outcomes = [name for name, _ in Counter(fate.outcome for fate in fates).most_common()]
    table = Counter((fate.kind, fate.outcome) for fate in fates)
    yield f"{'kind':26}{'files':>7}" + "".join(f"{name:>20}" for name in outcomes)
    for kind in sorted({fate.kind for fate in fates}):
        counts = [table[kind, outcome] for outcome in outcomes]
        yield f"{kind:26}{sum(counts):7}" + "".join(f"{count or '':>20}" for count in counts)
    totals = Counter(fate.outcome for fate in fates)
    yield f"{'all':26}{len(fates):7}" + "".join(f"{totals[outcome]:20}" for outcome in outcomes)
    ordered = sorted(fates, key=lambda fate: -fate.seconds)
    half = ordered[len(ordered) // 2].seconds
    yield f"median {half * 1000:.0f} ms, slowest: " + "; ".join(
        f"{fate.seconds:.1f} s ({fate.kind}, {fate.number})" for fate in ordered[:SHOWN]
    )
    yield "hungriest: " + "; ".join(
        f"{fate.peak / 1e6:.0f} MB ({fate.kind}, {fate.number})"
        for fate in sorted(fates, key=lambda fate: -fate.peak)[:SHOWN]
    )
    failed = [fate for fate in fates if fate.failed]
    yield (
        f"{len(fates):,} files in {seconds / 60:.1f} minutes: {sum(f.outcome == CRASHED for f in fates)} crashes, "
        f"{sum(f.seconds > SECONDS for f in fates)} over {SECONDS:.0f} s, {sum(f.peak > BYTES for f in fates)} over "
        f"{BYTES / 1e9:.0f} GB, {len(failed)} failed"
    )
    yield from (f"  {fate.number} {fate.kind}: {'; '.join(fate.complaints)}"[:400] for fate in failed)
