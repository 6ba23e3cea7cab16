"""What a certification's photos support: the highest rate of false alarms that fits what was counted.

Counted are photos that could have raised an alarm, the verdict "generated": some check that may say so by the pixels
could look, and neither the file's own declaration nor a camera's signature decided instead. The bound holds for the
versions that examined the photos, and for photos like them.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min
from django.utils.formats import date_format
from django.utils.timezone import localtime

from detector.bounds import clopper_pearson_upper, needed
from vetting.models import Certification, CertificationPhoto, Team
from vetting.models.leased import State

CONFIDENCE = 0.95
# Limits that are shown, widest first, and how they are said.
LIMITS = {0.05: "1 in 20", 0.03: "3 in 100", 0.01: "1 in 100", 0.005: "1 in 200"}
ALARM, DECLARED = "generated", "declared-generated"
DECIDED_BY_FILE = (DECLARED, "verified-capture")  # the pixels have no say in these
BESIDE = {"schema", "trust_lists", "opencv"}  # versions that change no verdict by the pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """more: how many photos without a false alarm are still needed; 0 where the level is reached."""

    limit: float
    words: str
    photos: int
    more: int

    @property
    def reached(self) -> bool:
        return self.more == 0

    @property
    def percent(self) -> str:
        return f"{100 * self.limit:g} %"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A certification's photos, counted.

    verdicts: of the photos that `versions` examined, by code. outdated: examined with other versions, not counted.
    versions: the installed ones where any photo was examined with them, else those of the last examination.
    current: whether they are the installed ones.
    """

    waiting: int = 0
    running: int = 0
    failed: int = 0
    outdated: int = 0
    judged: int = 0
    unjudged: int = 0
    verdicts: Mapping[str, int]
    versions: Mapping[str, Any]
    installed: Mapping[str, Any]
    first: dt.datetime | None = None
    last: dt.datetime | None = None

    @property
    def current(self) -> bool:
        return self.versions == self.installed

    @property
    def in_work(self) -> int:
        return self.waiting + self.running

    @property
    def ended(self) -> int:
        return self.judged + self.unjudged + self.declared + self.signed + self.outdated + self.failed

    @property
    def photos(self) -> int:
        return self.in_work + self.ended

    @property
    def alarms(self) -> int:
        return self.verdicts.get(ALARM, 0)

    @property
    def declared(self) -> int:
        return self.verdicts.get(DECLARED, 0)

    @property
    def signed(self) -> int:
        return self.verdicts.get("verified-capture", 0)

    @cached_property
    def bound(self) -> float:
        return clopper_pearson_upper(self.alarms, self.judged, CONFIDENCE)

    @property
    def bound_percent(self) -> str:
        """Rounded up, so that it never says less than the bound."""
        return f"{math.ceil(self.bound * 10_000) / 100:.2f} %"

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        enough = {limit: needed(self.alarms, limit, CONFIDENCE) for limit in LIMITS}
        return tuple(
            Level(limit=limit, words=words, photos=enough[limit], more=max(0, enough[limit] - self.judged))
            for limit, words in LIMITS.items()
        )

    @property
    def best(self) -> Level | None:
        """The tightest level that is reached."""
        return next((level for level in reversed(self.levels) if level.reached), None)

    @property
    def next(self) -> Level | None:
        """The widest level that is not reached."""
        return next((level for level in self.levels if not level.reached), None)

    @property
    def in_force(self) -> bool:
        """Everything examined, with the versions that are installed, and enough of it for a level."""
        return self.current and not self.in_work and not self.outdated and self.best is not None

    @property
    def code(self) -> str:
        """empty, working, certified, short, or for results of other versions: outdated."""
        if not self.photos:
            return "empty"
        if self.in_work:
            return "working"
        if not self.current or self.outdated:
            return "outdated"
        return "certified" if self.best else "short"


def standing_of(certification: Certification) -> Standing:
    return standings([certification])[certification.pk]


def standings(certifications: Iterable[Certification]) -> dict[int, Standing]:
    """By primary key, with one query for all."""
    keys = [certification.pk for certification in certifications]
    rows = (
        CertificationPhoto.objects.filter(certification__in=keys)
        .values("certification", "state", "verdict", "judged", "versions")
        .annotate(photos=Count("pk"), first=Min("finished_at"), last=Max("finished_at"))
        .order_by()
    )
    counted: dict[int, list[dict[str, Any]]] = {key: [] for key in keys}
    for row in rows:
        counted[row["certification"]].append(dict(row))
    installed = installed_versions()
    return {key: _standing(groups, installed) for key, groups in counted.items()}


def in_force(team: Team) -> Certification | None:
    """The team's certification with the lowest bound, of those that hold for the versions installed now."""
    mine = list(Certification.objects.filter(team=team).order_by("-pk"))
    by_key = standings(mine) if mine else {}
    holding = [certification for certification in mine if by_key[certification.pk].in_force]
    return min(holding, key=lambda certification: by_key[certification.pk].bound, default=None)


def in_force_words(team: Team, whose: str = "your own") -> str:
    """The same as a sentence for other pages and for reports; empty where none is in force."""
    certification = in_force(team)
    return _certified_words(certification, standing_of(certification), whose) if certification else ""


def _certified_words(certification: Certification, standing: Standing, whose: str) -> str:
    if standing.best is None or standing.last is None:
        return ""
    out = certification.removed_alarms
    left_out = f"; {out} more {'was' if out == 1 else 'were'} called so and taken out" if out else ""
    day = date_format(localtime(standing.last), "j F Y")
    return (
        f"Certified on {whose} photos (“{certification.name}”, {day}): of photos like these, at most "
        f"{standing.best.words} is called generated in error, with 95 % confidence "
        f"({standing.alarms} of {standing.judged} were{left_out}; policy {standing.versions.get('policy')})."
    )


def installed_versions() -> dict[str, Any]:
    """Policy, detectors and model packs as an examination of now would name them."""
    from detector.packs import Packs  # late: it loads the decoders, which most pages do not need
    from detector.pipeline import versions
    from detector.trust import TrustLists

    return versions_of(versions(TrustLists(), Packs.from_folder(settings.PACKS_DIR)))


def versions_of(examination: Mapping[str, Any]) -> dict[str, Any]:
    """What of an examination's versions can change a verdict by the pixels, in one order, so that equal is equal."""
    told: dict[str, Any] = json.loads(
        json.dumps({k: v for k, v in examination.items() if k not in BESIDE}, sort_keys=True)
    )
    return told


def _standing(groups: list[dict[str, Any]], installed: dict[str, Any]) -> Standing:
    done = [group for group in groups if group["state"] == State.DONE]
    versions = _versions(done, installed)
    mine = [group for group in done if group["versions"] == versions]
    verdicts: dict[str, int] = {}
    for group in mine:
        verdicts[group["verdict"]] = verdicts.get(group["verdict"], 0) + group["photos"]
    counted = [group for group in mine if group["verdict"] not in DECIDED_BY_FILE]
    return Standing(
        waiting=_sum(group for group in groups if group["state"] == State.QUEUED),
        running=_sum(group for group in groups if group["state"] == State.RUNNING),
        failed=_sum(group for group in groups if group["state"] == State.FAILED),
        outdated=_sum(done) - _sum(mine),
        judged=_sum(group for group in counted if group["judged"]),
        unjudged=_sum(group for group in counted if not group["judged"]),
        verdicts=verdicts,
        versions=versions,
        installed=installed,
        first=min((group["first"] for group in mine), default=None),
        last=max((group["last"] for group in mine), default=None),
    )


def _versions(done: list[dict[str, Any]], installed: dict[str, Any]) -> dict[str, Any]:
    """The installed versions where any photo ran with them, or none ran yet; else the last that any ran with."""
    if not done or any(group["versions"] == installed for group in done):
        return installed
    latest: dict[str, Any] = max(done, key=lambda group: group["last"])["versions"]
    return latest


def _sum(groups: Iterable[dict[str, Any]]) -> int:
    return sum(group["photos"] for group in groups)
