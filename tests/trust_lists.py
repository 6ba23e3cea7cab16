"""Trust lists as an operator brings them: the command, and something for it to read."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from detector.trust import INTERIM_ALLOWED, INTERIM_ANCHORS, OFFICIAL, STORE_CONFIG, TIMESTAMP
from tests.lists_server import anchor, anchors

DAY = dt.timedelta(days=1)
TODAY = timezone.now().date()
PURPOSES = "// mail\n1.3.6.1.5.5.7.3.4\n\n# C2PA\n1.3.6.1.4.1.62558.2.1"


def called(*given: str) -> str:
    """What `manage.py refresh_trust` printed."""
    out = io.StringIO()
    call_command("refresh_trust", *given, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def refused(*given: str) -> tuple[str, str]:
    """What the command printed, and the words it ended with."""
    out = io.StringIO()
    with pytest.raises(CommandError) as ended:
        call_command("refresh_trust", *given, stdout=out, stderr=io.StringIO())
    assert ended.value.returncode == 1
    return out.getvalue(), str(ended.value)


def offer(place: Path, content: str, name: str = OFFICIAL) -> str:
    """A folder that offers one list."""
    place.mkdir(exist_ok=True)
    (place / name).write_text(content)
    return str(place)


def five_lists(place: Path) -> Path:
    """A folder with all five lists, of authorities that nobody else knows."""
    offer(place, anchors("Camera", "Phone", "Editor"))
    offer(place, anchors("Clock"), TIMESTAMP)
    offer(place, anchors("Early camera"), INTERIM_ANCHORS)
    offer(place, anchor("A single signer", authority=False), INTERIM_ALLOWED)
    offer(place, PURPOSES, STORE_CONFIG)
    return place
