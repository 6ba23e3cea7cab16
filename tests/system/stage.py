"""What the system tests share: a team to sign in as, pictures to upload, and a look at the rows from outside."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.pictures import astronaut, encoded
from tests.services import Site, eventually
from tests.system.visitor import Visitor

PASSWORD = "a long enough password"

TEAM = f"""
from vetting.models import Membership, Opening, Role, Team, User
team = Team.objects.create(name="Northlight Casting")
for name, role in (("alice", Role.RECRUITER), ("ada", Role.ADMIN)):
    Membership.objects.create(team=team, role=role, user=User.objects.create_user(name, password="{PASSWORD}"))
"""

ROWS = """
SELECT photo_id, state, attempt, verdict, error, result,
       (SELECT count(*) FROM vetting_finding WHERE analysis_id = a.id),
       (SELECT count(*) FROM vetting_event
         WHERE subject = 'analysis:' || a.id AND verb IN ('analysis.finished', 'analysis.failed'))
FROM vetting_analysis a ORDER BY a.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An analysis as the database has it. ends: events that say it ended; observations: what its result lists."""

    photo: int
    state: str
    attempt: int
    verdict: str
    error: str
    observations: int
    findings: int
    ends: int


def rows(site: Site) -> list[Row]:
    """Every analysis, oldest first."""
    return [
        Row(
            photo=photo,
            state=state,
            attempt=attempt,
            verdict=verdict,
            error=error,
            observations=_observations(result),
            findings=findings,
            ends=ends,
        )
        for photo, state, attempt, verdict, error, result, findings, ends in site.query(ROWS)
    ]


def _observations(result: str | dict[str, Any]) -> int:
    """SQLite hands JSON back as text, PostgreSQL as what it means."""
    read: dict[str, Any] = json.loads(result) if isinstance(result, str) else result
    return sum(len(outcome["observations"]) for outcome in read.get("outcomes", []))


def all_ended(site: Site) -> bool:
    return all(row.state in ("done", "failed") for row in rows(site))


def headshot(seed: int, width: int = 1024) -> bytes:
    """A JPEG of a real face, each seed with other bytes."""
    picture = astronaut().resize((width, width))
    grain = np.random.default_rng(seed).normal(0, 2, (width, width, 1))
    return encoded(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8), quality=90)


def applicant(visitor: Visitor, name: str, opening: str = "Autumn campaign") -> str:
    """Makes an opening and an applicant through the site's forms; the path of the applicant's page."""
    opened = visitor.submit(
        "/openings/new/", title=opening, photo_reason="Close-ups.", retouching="strict", retention_days="90"
    )
    added = visitor.submit(opened.url.removeprefix(visitor.url) + "applicants/new/", name=name)
    return added.url.removeprefix(visitor.url)


def upload(visitor: Visitor, page: str, photos: list[tuple[str, bytes]]) -> str:
    """Sends the photos with the form of the applicant's page; the page that answers."""
    files = [("photos", (name, data, "image/jpeg")) for name, data in photos]
    return visitor.submit(page, page + "photos/", files=files).text


def wait_until_all_ended(site: Site, seconds: float) -> None:
    eventually(lambda: all_ended(site), "every analysis has ended", seconds)
