"""How many workers a site needs: `python -m tools.capacity` writes the second part of docs/scale.md.

Service times are measured here, of whole examinations as a worker makes them (bytes read, examined, previews, findings
and hashes written), one core each; the queue is then simulated with times drawn from those (M/G/c, first come, first
served). What the simulation leaves out stands in docs/scale.md.
"""

from __future__ import annotations

import argparse
import datetime as dt
import heapq
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "scale.md"
BEGIN, END = "<!-- simulated: begin -->", "<!-- simulated: end -->"
WORKERS = (1, 10, 1_000)
RATES = (1, 100, 10_000)  # photos a minute
PHOTOS = 30  # of each size that are examined for the service times
ARRIVALS = 200_000  # simulated; the first tenth does not count
SEED = 7
PATIENCE = 10.0  # seconds that somebody who has just uploaded a photo looks at the progress
PRICE = 0.05  # of a core for an hour, in whatever currency: a usual price of rented machines

Seconds = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Waiting times in seconds; nan where more comes than `workers` can do."""

    workers: int
    rate: float
    busy: float
    p50: float
    p99: float

    @property
    def holds(self) -> bool:
        return self.busy < 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=PHOTOS)
    parser.add_argument("--price", type=float, default=PRICE)
    parser.add_argument("--dry", action="store_true", help="print, and leave docs/scale.md as it is")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)  # in the process that is measured
    chosen = parser.parse_args()
    if chosen.inside:
        print(json.dumps(examinations(chosen.photos)))
        return
    took = {size: np.array(seconds) for size, seconds in measured(chosen.photos).items()}
    text = page(took, chosen.photos, chosen.price)
    print(text)
    if not chosen.dry:
        before, _, rest = PAGE.read_text().partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}")


def measured(photos: int) -> dict[str, list[float]]:
    """Seconds of each examination, by size, in an empty site of its own."""
    with tempfile.TemporaryDirectory(prefix="candid-capacity-") as place:
        env = {
            **os.environ,
            "CANDID_VAR": place,
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "DJANGO_SETTINGS_MODULE": "vetting.settings",
        }
        for command in (
            ["manage.py", "prepare", "--no-demo"],
            ["-m", "tools.capacity", "--inside", "--photos", str(photos)],
        ):
            done = subprocess.run(  # noqa: S603 - our own programs
                [sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False
            )
            if done.returncode:
                sys.exit(done.stdout + done.stderr)
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def examinations(photos: int) -> dict[str, list[float]]:
    """Runs in the measured process: whole examinations, one after the other, after one that does not count."""
    import time

    import django

    django.setup()
    from django.core.files.base import ContentFile

    from tools.bench import SIDES, jpeg
    from vetting import analysis, intake
    from vetting.models import Membership, Opening, Role, Team, User

    user, team = User.objects.create(username="measuring"), Team.objects.create(name="Measuring")
    Membership.objects.create(user=user, team=team, role=Role.ADMIN)
    opening = Opening.objects.create(team=team, title="Measuring", created_by=user)
    took: dict[str, list[float]] = {size: [] for size in SIDES}
    for size, (width, height) in SIDES.items():
        for number in range(photos + 1):
            person = intake.add_applicant(opening=opening, name=f"{size} {number}", by=user)
            file = ContentFile(jpeg((width + number, height)), name="headshot.jpg")  # each of other bytes
            photo = intake.accept_photo(applicant=person, upload=file, by=user).photo
            started = time.perf_counter()
            analysis.run(photo.analyses.get().pk)
            if number:
                took[size].append(time.perf_counter() - started)
    return took


def simulated(service: Seconds, workers: int, a_minute: float) -> Queue:
    """First come, first served, by `workers` that are alike; arrivals by chance (Poisson), times out of `service`."""
    busy = a_minute / 60 * float(service.mean()) / workers
    if busy >= 1:
        return Queue(workers=workers, rate=a_minute, busy=busy, p50=float("nan"), p99=float("nan"))
    rng = np.random.default_rng(SEED)
    arrivals = np.cumsum(rng.exponential(60 / a_minute, ARRIVALS))
    waits = waiting(arrivals, rng.choice(service, ARRIVALS), workers)[ARRIVALS // 10 :]
    return Queue(
        workers=workers, rate=a_minute, busy=busy, p50=float(np.median(waits)), p99=float(np.quantile(waits, 0.99))
    )


def waiting(arrivals: Seconds, service: Seconds, workers: int) -> Seconds:
    """How long each waits until the first free worker takes it (Kiefer and Wolfowitz's recursion, on a heap)."""
    free = [0.0] * workers
    waits = np.zeros(len(arrivals))
    for number, (at, takes) in enumerate(zip(arrivals, service, strict=True)):
        begins = max(at, heapq.heappop(free))
        heapq.heappush(free, begins + takes)
        waits[number] = begins - at
    return waits


def page(took: dict[str, Seconds], photos: int, price: float) -> str:
    service = np.concatenate(list(took.values()))
    queues = [simulated(service, workers, rate) for workers in WORKERS for rate in RATES]
    alone = 1000 * service.mean() / 3600 * price
    return "\n".join(
        [
            circumstances(took, photos),
            "",
            "| workers | photos a minute | busy | waits, p50 | waits, p99 | cost per 1,000 photos |",
            "|---:|---:|---:|---:|---:|---:|",
            *(row(queue, price) for queue in queues),
            "",
            f"A worker is one child on one core. Cost: of all workers that are kept running for it, at {price} a core "
            f"and hour; the examinations alone cost {alone:.3f} per 1,000, which a site nears whose workers come and "
            "go with the load.",
            "",
            enough(service),
            "",
            import_words(service),
        ]
    )


def circumstances(took: dict[str, Seconds], photos: int) -> str:
    sizes = "; ".join(f"{size} {np.mean(s):.2f} s (p95 {np.quantile(s, 0.95):.2f})" for size, s in took.items())
    return (
        f"Simulated on {dt.datetime.now(dt.UTC):%Y-%m-%d} with `python -m tools.capacity`, {ARRIVALS:,} arrivals each, "
        f"from {photos} examinations of each size, measured one after the other on one core of this machine "
        f"({platform.machine()}, Python {platform.python_version()}): {sizes}. Half of the photos are of either size."
    )


def row(queue: Queue, price: float) -> str:
    start = f"| {queue.workers:,} | {queue.rate:,} | {queue.busy:.1%} |"
    if not queue.holds:
        more = queue.rate * (1 - 1 / queue.busy) * 60
        return f"{start} falls behind by {more:,.0f} photos an hour | | |"
    cost = queue.workers * price / (queue.rate * 60) * 1000
    return f"{start} {queue.p50:.2f} s | {queue.p99:.2f} s | {cost:,.2f} |"


def enough(service: Seconds) -> str:
    fewest = ", ".join(f"{needed(service, rate):,} at {rate:,} photos a minute" for rate in RATES)
    return f"The fewest workers with which 99 of 100 photos wait {PATIENCE:.0f} s at most: {fewest}."


def needed(service: Seconds, a_minute: float) -> int:
    workers = int(a_minute / 60 * service.mean()) + 1
    while not (queue := simulated(service, workers, a_minute)).holds or queue.p99 > PATIENCE:
        workers += 1
    return workers


def import_words(service: Seconds, photos: int = 500) -> str:
    """Of all photos of an import that come at once."""
    parts = [f"{photos * service.mean() / workers / 60:.1f} minutes with {workers}" for workers in (1, 2, 10)]
    return f"An import of {photos} photos at once takes {', '.join(parts)}; photos uploaded singly go before them."


if __name__ == "__main__":
    main()
