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
