"""A mail with counts of what waits, for members who asked for one: no candidate's name and no verdict is in it."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from vetting.models import Analysis, Applicant, Bulk, Membership, Mention, Opening, Role, Summary, Team, User
from vetting.models.applicant import Review
from vetting.models.leased import State
from vetting.review.deciders import role_decides

FIRST_SPAN = {Summary.DAILY: dt.timedelta(days=1), Summary.WEEKLY: dt.timedelta(days=7)}
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Of one team, for one member; imports and failures are those since the last summary."""

    team: Team
    to_review: int
    second: int
    mentions: int
    imports: int
    failed: int

    @property
    def nothing(self) -> bool:
        return not (self.to_review or self.second or self.mentions or self.imports or self.failed)


def choose_summary(*, membership: Membership, summary: Summary) -> None:
    """From the next period on. No event: how somebody wants to be told is not the team's business."""
    membership.summary, membership.summarised_at = summary, timezone.now()
    membership.save(update_fields=["summary", "summarised_at"])


def send_due(now: dt.datetime | None = None) -> int:
    """Mails everybody whose period has begun; how many were sent. What fails is logged, and due again next time."""
    now, sent = now or timezone.now(), 0
    for user in User.objects.filter(memberships__in=due(now)).distinct():
        mine = _claim(user, now)
        try:
            sent += _send(user, mine, now) if mine else 0
        except (SMTPException, OSError):
            log.exception("the summary for user %s could not be sent; it is tried again in an hour", user.pk)
            _give_back(mine, now)
    return sent


def due(now: dt.datetime) -> QuerySet[Membership]:
    """Memberships whose person can be written to and has not been told since the period began."""
    old = Q(pk__in=[])
    for summary in (Summary.DAILY, Summary.WEEKLY):
        old |= Q(summary=summary) & (Q(summarised_at=None) | Q(summarised_at__lt=period_began(summary, now)))
    return Membership.objects.filter(old, user__is_active=True).exclude(user__email="")


def period_began(summary: Summary, now: dt.datetime) -> dt.datetime:
    """The last time that it was SUMMARY_HOUR o'clock on the site's clock; for weekly ones, on a Monday."""
    local = timezone.localtime(now)
    began = local.replace(hour=settings.SUMMARY_HOUR, minute=0, second=0, microsecond=0)
    if began > local:
        began -= dt.timedelta(days=1)
    return began - dt.timedelta(days=began.weekday()) if summary == Summary.WEEKLY else began


@transaction.atomic
def _claim(user: User, now: dt.datetime) -> list[Membership]:
    """The memberships to tell of, each with the moment it was told of before. The lock on the person's row lets one
    worker alone have them, all together: one mail a person and period."""
    User.objects.select_for_update().get(pk=user.pk)
    mine = list(due(now).filter(user=user).select_related("team").order_by("team__name", "pk"))
    Membership.objects.filter(pk__in=[one.pk for one in mine]).update(summarised_at=now)
    return mine


def _give_back(mine: list[Membership], now: dt.datetime) -> None:
    for one in mine:
        Membership.objects.filter(pk=one.pk, summarised_at=now).update(summarised_at=one.summarised_at)


def _send(user: User, mine: list[Membership], now: dt.datetime) -> int:
    """1 where there was something to tell."""
    told = [waiting for one in mine if not (waiting := waiting_for(user, one, now)).nothing]
    if not told:
        return 0
    often = {"every day" if one.summary == Summary.DAILY else "every Monday" for one in mine}
    mail = EmailMessage(
        subject=f"Candid: what waits for you in {', '.join(str(waiting.team) for waiting in told)}".replace("\n", " "),
        body=_text(user, told, " or ".join(sorted(often))),
        to=[user.email],
        headers={"List-Unsubscribe": f"<{_link('settings')}>", "Auto-Submitted": "auto-generated"},
    )
    return mail.send()


def waiting_for(user: User, membership: Membership, now: dt.datetime) -> Waiting:
    """Counts of what this person can do something about, in this team."""
    since = membership.summarised_at or now - FIRST_SPAN[Summary(membership.summary)]
    openings = list(Opening.objects.filter(team=membership.team))
    deciding = [opening for opening in openings if role_decides(opening, membership.role)]
    undecided = Applicant.objects.filter(opening__in=deciding).undecided_for(user).order_by()
    by_review = dict(undecided.values_list("review").annotate(Count("pk")))
    ended = Bulk.objects.filter(opening__in=openings, state__in=["done", "failed"], finished_at__gt=since)
    broken = Analysis.objects.filter(photo__applicant__opening__in=openings, state=State.FAILED, finished_at__gt=since)
    mentions = Mention.objects.of(user).unseen().filter(note__applicant__opening__in=openings)
    return Waiting(
        team=membership.team,
        to_review=by_review.get(Review.WAITING, 0),
        second=by_review.get(Review.SECOND, 0),
        mentions=mentions.count(),
        imports=ended.count() if membership.role in (Role.RECRUITER, Role.ADMIN) else 0,
        failed=broken.count(),
    )


def _text(user: User, told: list[Waiting], often: str) -> str:
    lines = [f"Hello {user},", "", "this waits for you:"]
    for waiting in told:
        lines += ["", str(waiting.team), *_lines(waiting)]
    lines += ["", f"You get this {often}, when something waits. To change or stop it:", _link("settings")]
    return "\n".join([*lines, ""])


def _lines(waiting: Waiting) -> list[str]:
    queue, activity = _link("queue"), _link("activity")
    said = (
        (waiting.to_review, "applicant to review", "applicants to review", queue),
        (waiting.second, "waits for a second reviewer", "wait for a second reviewer", f"{queue}?whose=second"),
        (waiting.mentions, "note mentions you", "notes mention you", _link("mentions")),
        (waiting.imports, "import has ended", "imports have ended", f"{activity}?kind=imports"),
        (waiting.failed, "examination failed", "examinations failed", f"{activity}?kind=photos"),
    )
    return [f"- {count} {one if count == 1 else many}: {link}" for count, one, many, link in said if count]


def _link(name: str) -> str:
    return f"{settings.SITE_URL}{reverse(name)}"
