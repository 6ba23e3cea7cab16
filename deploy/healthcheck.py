"""`python deploy/healthcheck.py web|ready|worker|beat`: exits 0 where that part of the site is alive; `ready`: where
visitors may be sent to the web process. For containers."""

from __future__ import annotations

import os
import sys
import time
import urllib.request
from pathlib import Path

SILENT = 120  # seconds; the sweep is sent every quarter of a minute and then noted in beat's schedule
ROOT = Path(__file__).resolve().parent.parent


def web() -> bool:
    """The page that asks the database answers."""
    return _answers("/healthz")


def ready() -> bool:
    """The tables are as this release needs them."""
    return _answers("/readyz")


def _answers(path: str) -> bool:
    """Asked under a name the site goes by."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    request = urllib.request.Request(f"http://127.0.0.1:{os.environ.get('PORT', '8000')}{path}", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=8) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except OSError:
        return False


def worker() -> bool:
    """This machine's worker answers a ping that went through the broker."""
    sys.path.insert(0, str(ROOT))
    import socket

    from vetting.celery import app

    answers = app.control.ping(timeout=5) or []
    return any(name.endswith(f"@{socket.gethostname()}") for answer in answers for name in answer)


def beat() -> bool:
    """The sweep was sent a short while ago."""
    folder = Path(os.environ.get("CANDID_VAR", ROOT / "var"))
    written = max((path.stat().st_mtime for path in folder.glob("beat-schedule*")), default=0)
    return time.time() - written < SILENT


if __name__ == "__main__":
    parts = {"web": web, "ready": ready, "worker": worker, "beat": beat}
    if len(sys.argv) != 2 or sys.argv[1] not in parts:
        sys.exit(__doc__)
    sys.exit(0 if parts[sys.argv[1]]() else f"{sys.argv[1]} does not answer")
