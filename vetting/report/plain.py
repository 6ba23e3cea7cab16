"""How a report writes moments and people."""

from __future__ import annotations

import datetime as dt

from vetting.models import User


def utc(moment: dt.datetime) -> str:
    """ISO 8601 in UTC, to the second."""
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def person(user: User | None) -> str:
    """The name, and the login that makes it unmistakable."""
    if user is None:
        return "the program"
    name = user.get_full_name()
    return f"{name} ({user.get_username()})" if name else user.get_username()


def duration(passed: dt.timedelta) -> str:
    """Two units at most: "45 s", "12 min", "3 h 20 min", "2 days 4 h"."""
    minutes, seconds = divmod(round(passed.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} day{'' if days == 1 else 's'}" + (f" {hours} h" if hours else "")
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    return f"{minutes} min" if minutes else f"{seconds} s"
