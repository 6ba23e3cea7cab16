"""The deadline of a reply, in the same words on both sides."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.utils import timezone
from django.utils.formats import date_format

from vetting.models import Reply

HOUR = dt.timedelta(hours=1)


class Runs(StrEnum):
    """Where the clock has got to."""

    NOT_YET = "not-yet"  # nobody has told the candidate
    ON = "on"
    OVER = "over"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """words: "5 days left, until Friday 4 December, 18:00 UTC"; until: the moment alone, empty without one."""

    runs: Runs
    words: str
    until: str = ""


def deadline(told: dt.datetime, days: int) -> dt.datetime:
    """After that many whole days, at the next full hour: easier to say, and never less than promised."""
    due = told + dt.timedelta(days=days)
    full = due.replace(minute=0, second=0, microsecond=0)
    return full if full == due else full + HOUR


def clock_of(reply: Reply, now: dt.datetime | None = None) -> Clock:
    now = now or timezone.now()
    until = moment_words(reply.due_at) if reply.due_at else ""
    if reply.closed_at is not None:
        return Clock(runs=Runs.CLOSED, words="This has ended.", until=until)
    if reply.due_at is None:
        return Clock(runs=Runs.NOT_YET, words="The clock stands still until the candidate is told.")
    if now > reply.due_at:
        return Clock(runs=Runs.OVER, words=f"The time ended on {until}.", until=until)
    return Clock(runs=Runs.ON, words=f"{left_words(reply.due_at - now)} left, until {until}", until=until)


def is_late(at: dt.datetime, reply: Reply) -> bool:
    return reply.due_at is not None and at > reply.due_at


def left_words(left: dt.timedelta) -> str:
    """In the largest unit of which two are left, rounded down: nobody is promised time that they do not have."""
    seconds = left.total_seconds()
    for unit, length in (("day", 86400), ("hour", 3600)):
        if seconds >= 2 * length:
            return f"{int(seconds // length)} {unit}s"
    minutes = max(1, int(seconds // 60))
    return f"{minutes} minute{'' if minutes == 1 else 's'}"


def moment_words(moment: dt.datetime) -> str:
    """Friday 4 December, 18:00 UTC; with the year where it is not this one."""
    local = timezone.localtime(moment)
    year = "" if local.year == timezone.localdate().year else " Y"
    return f"{date_format(local, f'l j F{year}, H:i')} {local.tzname()}"
