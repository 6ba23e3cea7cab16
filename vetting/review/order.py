"""What comes next in the queue, and what came before."""

from __future__ import annotations

from django.db.models import Q

from vetting.models import Applicant, User
from vetting.models.applicant import QUEUE_ORDER, ApplicantQuerySet

Place = tuple[object, ...]


def place_of(applicant: Applicant) -> Place:
    """Where a case stands in the queue, or would if it were undecided; as it is now, not as it was read."""
    return tuple(Applicant.objects.values_list(*QUEUE_ORDER).get(pk=applicant.pk))


def after(queue: ApplicantQuerySet, place: Place, reader: User) -> Applicant | None:
    """The next case that nobody else holds; from the end the queue begins again."""
    free = queue.not_held_from(reader)
    return free.filter(_beyond(place, "gt")).first() or free.filter(~Q(pk=place[-1])).first()


def before(queue: ApplicantQuerySet, place: Place) -> Applicant | None:
    return queue.filter(_beyond(place, "lt")).reverse().first()


def _beyond(place: Place, way: str) -> Q:
    """Rows on one side of the place: the first key that differs decides. The first condition says nothing new; it lets
    the database read one side of the index only."""
    beyond, equal = Q(), Q()
    for key, value in zip(QUEUE_ORDER, place, strict=True):
        beyond |= equal & Q(**{f"{key}__{way}": value})
        equal &= Q(**{key: value})
    return Q(**{f"{QUEUE_ORDER[0]}__{way}e": place[0]}) & beyond
