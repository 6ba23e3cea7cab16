"""The requests that tools/scale.py times, in a process of the site's own: what a recruiter and a reviewer ask for."""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django

from tools.scale import WARM, Measured, percentile

Ask = Callable[[random.Random], str]

# Takes the write lock over and over, as workers and imports do, and holds it for a few milliseconds each time.
WRITER = """
import time
from django.db import transaction
from vetting.models import Applicant
keys = list(Applicant.objects.order_by("pk").values_list("pk", flat=True)[:200])
while True:
    with transaction.atomic():
        for pk in keys[:20]:
            Applicant.objects.filter(pk=pk).update(verdict_reason="Written while others read.")
        time.sleep(0.005)
    time.sleep(0.005)
"""


def measure(requests: int) -> Measured:
    """In this process, whose settings are those of the seeded site."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vetting.settings")
    django.setup()
    from django.test import Client

    from vetting.models import User

    client = Client()
    client.force_login(User.objects.get(username="seeded"), backend="django.contrib.auth.backends.ModelBackend")
    hold_some()
    found = {}
    for name, ask in pages().items():
        found[name] = timed(client, ask, requests)
        print(name, {k: round(v) for k, v in found[name].items()}, file=sys.stderr, flush=True)
    with writing():
        for name, ask in {name: pages()[name] for name in ("openings", "queue", "opening of a fifth")}.items():
            found[f"{name}, while another process writes"] = timed(client, ask, requests)
    return found


def timed(client: Any, ask: Ask, requests: int) -> dict[str, float]:
    """Milliseconds at p50 and p95, and the queries of the last of them."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    chance, took = random.Random(1), []  # noqa: S311 - repeatable, not secret
    for number in range(WARM + requests):
        address = ask(chance)
        started = time.perf_counter()
        response = client.get(address)
        seconds = time.perf_counter() - started
        if response.status_code != 200:
            raise SystemExit(f"{address} answered {response.status_code}")
        if number >= WARM:
            took.append(seconds * 1000)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return {"p50": percentile(took, 50), "p95": percentile(took, 95), "queries": len(queries)}


def hold_some() -> None:
    """A few cases are in somebody's hands, as they are in the middle of a day."""
    from django.utils import timezone

    from vetting.models import Applicant, User

    some = Applicant.objects.filter(review="waiting").order_by("pk").values_list("pk", flat=True)[:30]
    until = timezone.now() + dt.timedelta(hours=12)
    for number, pk in enumerate(list(some)):
        holder = User.objects.get(username="seeded" if number % 2 else "seeded-reviewer")
        Applicant.objects.filter(pk=pk).update(taken_by=holder, taken_until=until)


@contextmanager
def writing() -> Iterator[None]:
    """Another process that writes all the time."""
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", WRITER]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        time.sleep(3)
        if process.poll() is not None:
            raise SystemExit("the process that writes has ended")
        yield
    finally:
        process.kill()
        process.wait()


def pages() -> dict[str, Ask]:
    """What is asked for -> an address, drawn anew for each request where there is a choice."""
    from vetting.demo.crowd import FIRST, LAST
    from vetting.models import Applicant, Opening

    openings = list(Opening.objects.order_by("pk").values_list("pk", flat=True))
    large, others = openings[0], openings[1:]
    blind = list(Opening.objects.filter(blind_first=True).values_list("pk", flat=True)) or others
    everybody = Applicant.objects.count()
    in_large = Applicant.objects.filter(opening=large).count()
    some = list(Applicant.objects.filter(cover__isnull=False).order_by("pk").values_list("pk", "email", "reference"))
    some = random.Random(2).sample(some, min(500, len(some)))  # noqa: S311
    verdicts = ("generated", "retouched", "inconclusive", "nothing-found", "verified-capture", "none")
    one = f"/openings/{large}/"

    def last_page(of: int) -> int:
        return max(1, of // 50)

    return {
        "openings": lambda _: "/openings/",
        "opening of a fortieth": lambda c: f"/openings/{c.choice(others)}/",
        "opening of a fifth": lambda _: one,
        "opening looked at blind": lambda c: f"/openings/{c.choice(blind)}/?page={c.randint(1, 9)}",
        "its deep pages": lambda c: f"{one}?page={c.randint(last_page(in_large) // 2, last_page(in_large))}",
        "its verdicts": lambda c: f"{one}?verdict={c.choice(verdicts)}",
        "its states of review": lambda c: f"{one}?review={c.choice(('waiting', 'accepted', 'to-meet', 'set-aside'))}",
        "its other orders": lambda c: f"{one}?sort={c.choice(('newest', 'oldest', 'name', '-name', 'review'))}",
        "its other orders, deep pages": lambda c: (
            f"{one}?sort={c.choice(('newest', 'name', 'review'))}&page={c.randint(1, last_page(in_large))}"
        ),
        "verdict, review and order": lambda c: f"{one}?verdict={c.choice(verdicts)}&review=waiting&sort=name",
        "search in it, a name": lambda c: f"{one}?q={c.choice(LAST)}",
        "search in it, inside of words": lambda c: f"{one}?q={c.choice(LAST)[1:4]}",
        "search everywhere, first name": lambda c: f"/openings/?q={c.choice(FIRST)}",
        "search everywhere, first and last name": lambda c: f"/openings/?q={c.choice(FIRST)}+{c.choice(LAST)}",
        "search everywhere, rare name": lambda _: "/openings/?q=quillon",
        "search everywhere, one letter": lambda c: f"/openings/?q={c.choice('aeiou')}",
        "search everywhere, nobody": lambda c: f"/openings/?q=nobody{c.random()}",
        "search everywhere, email": lambda c: f"/openings/?q={c.choice(some)[1]}",
        "search everywhere, reference": lambda c: f"/openings/?q={c.choice(some)[2] or 'ATS-000001'}",
        "queue": lambda _: "/queue/",
        "queue of an opening": lambda c: f"/queue/?opening={c.choice(openings)}",
        "queue of a verdict": lambda c: f"/queue/?verdict={c.choice(verdicts)}",
        "queue, not taken": lambda _: "/queue/?whose=free",
        "queue, taken by me": lambda _: "/queue/?whose=mine",
        "queue, second reviewer": lambda _: "/queue/?whose=second",
        "queue, deep pages": lambda c: f"/queue/?page={c.randint(1, last_page(int(everybody * 0.7)))}",
        "applicant": lambda c: f"/applicants/{c.choice(some)[0]}/",
        "applicant, out of the queue": lambda c: f"/applicants/{c.choice(some)[0]}/?from=queue",
        "reports": lambda _: "/reports/",
        "reports of the opening of a fifth": lambda _: f"{one}reports/",
        "reports, search": lambda c: f"/reports/?q={c.choice(LAST)}",
    }
