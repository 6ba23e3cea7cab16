"""What the site holds: `python -m tools.scale` writes docs/scale.md.

For 1,000, 10,000 and 100,000 seeded applicants, on SQLite and on PostgreSQL, each in a database of its own: how long
the server takes for the pages of a recruiter's day, and how many queries. The whole request is timed, from the first
middleware to the last byte of the answer, in one process, with what production has: no debugging, hashed static files.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "scale.md"
SIZES = (1_000, 10_000, 100_000)
DATABASES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
REQUESTS = 60  # of each kind, after a few that do not count
WARM = 5
LIMIT = 100  # milliseconds at p95
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"

Measured = dict[str, dict[str, float]]  # what was asked for -> p50, p95, queries


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=DATABASES, action="append", help="one of the two alone")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--dry", action="store_true", help="print, and leave docs/scale.md as it is")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)  # in the process that is measured
    chosen = parser.parse_args()
    if chosen.inside:
        from tools.scale_pages import measure

        print(json.dumps(measure(chosen.requests)))
        return
    load = os.getloadavg()
    measured = {
        name: {size: measured_in_its_own(name, size, chosen.requests) for size in chosen.sizes}
        for name in chosen.database or DATABASES
    }
    text = "\n\n".join(table(name, sizes) for name, sizes in measured.items())
    print(text)
    if not chosen.dry:
        write(f"{circumstances(load, chosen.requests)}\n\n{text}")


def measured_in_its_own(database: str, size: int, requests: int) -> Measured:
    """Seeds that many applicants in an empty database, and measures in a fresh process."""
    with tempfile.TemporaryDirectory(prefix="candid-scale-") as place, database_url(database) as url:
        env = {**os.environ, "CANDID_VAR": place, "ALLOWED_HOSTS": "testserver", "CANDID_DEBUG": "", "REDIS_URL": ""}
        env["DATABASE_URL"] = url
        run([sys.executable, "manage.py", "prepare", "--no-demo"], env)
        started = time.perf_counter()
        run([sys.executable, "manage.py", "seed_applicants", str(size)], env)
        seeded = time.perf_counter() - started
        if database == "postgres":
            settle(url)
        answer = run([sys.executable, "-m", "tools.scale", "--inside", "--requests", str(requests)], env)
        measured: Measured = json.loads(answer.splitlines()[-1])
        print(f"{DATABASES[database]}, {size:,} applicants: seeded in {seeded:.0f} s, measured", flush=True)
        return measured | {"seeding": {"seconds": seeded}}


@contextmanager
def database_url(database: str) -> Iterator[str]:
    """Of an empty one; "" is SQLite under the site's own folder."""
    if database == "sqlite":
        yield ""
        return
    from tests.services import postgres

    with postgres() as url:
        yield url


def settle(url: str) -> None:
    """What PostgreSQL does by itself within a minute or so after many rows came in."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def run(command: list[str], env: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def percentile(values: list[float], share: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1] if len(values) > 1 else values[0]


def table(database: str, sizes: dict[int, Measured]) -> str:
    """Markdown: a line for each page, p50 / p95 and the queries of each size beside each other."""
    head = " | ".join(f"{size:,} applicants" for size in sizes)
    lines = [
        f"### {DATABASES[database]}",
        "",
        f"| p50 / p95 in ms | {head} | queries |",
        f"|---|{'---:|' * (len(sizes) + 1)}",
    ]
    for page in (name for name in next(iter(sizes.values())) if name != "seeding"):
        times = [f"{found[page]['p50']:.0f} / {_marked(found[page]['p95'])}" for found in sizes.values()]
        queries = sorted({int(found[page]["queries"]) for found in sizes.values()})
        lines.append(f"| {page} | {' | '.join(times)} | {', '.join(map(str, queries))} |")
    seeding = " | ".join(f"{found['seeding']['seconds']:.0f} s" for found in sizes.values())
    return "\n".join([*lines, f"| seeding, in all | {seeding} | |"])


def _marked(milliseconds: float) -> str:
    return f"**{milliseconds:.0f}**" if milliseconds >= LIMIT else f"{milliseconds:.0f}"


def circumstances(load: tuple[float, float, float], requests: int) -> str:
    today = dt.datetime.now(tz=dt.UTC).date()
    return (
        f"Measured on {today} with `python -m tools.scale`: {requests} requests of each kind, {os.cpu_count()} cores"
        f" ({platform.machine()}), Python {platform.python_version()}, load average {load[0]:.1f} at the start. Bold is"
        f" {LIMIT} ms or more at p95."
    )


def write(text: str) -> None:
    """Between the two marks of the page; what stands around them is written by people."""
    page = PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


if __name__ == "__main__":
    main()
