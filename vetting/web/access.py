"""Who may see and do what: a stranger finds nothing (404), a team mate without the right is told so (403).

Signing in is demanded by LoginRequiredMiddleware; here is what comes after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from vetting.models import (
    Analysis,
    Applicant,
    BoothCheck,
    Bulk,
    CandidateLink,
    Certification,
    Comparison,
    Membership,
    Opening,
    Photo,
    Reply,
    Role,
    Team,
    User,
)
from vetting.review import deciders
from vetting.review.blind import HIDDEN, HIDDEN_IN_ALL, may_see_findings, still_hidden
from vetting.review.deciders import role_decides

ADDING = "Only recruiters and admins of the team can add openings, applicants and photos."
MEETING = "Only who adds applicants here, or decides about them, takes a picture at the meeting and says if it fits."
RUNNING = "Only admins of the team can do this. Ask one of them; Settings lists who they are."
ADDERS = (Role.RECRUITER, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Rights:
    """What a role in a team allows. Every member reads, retries and exports; the opening says who decides."""

    role: str

    @property
    def add(self) -> bool:
        return self.role in ADDERS

    def decides_in(self, opening: Opening) -> bool:
        return role_decides(opening, self.role)

    def meets_in(self, opening: Opening) -> bool:
        """Takes the picture at the meeting and says whether it fits."""
        return self.add or self.decides_in(opening)

    @property
    def run(self) -> bool:
        return self.role == Role.ADMIN


def person(request: HttpRequest) -> User:
    """Who is signed in."""
    return cast(User, request.user)


def rights_in(team: Team, request: HttpRequest) -> Rights:
    """The rights of who is signed in; 404 for a stranger."""
    role = Membership.objects.filter(team=team, user=person(request)).values_list("role", flat=True).first()
    if role is None:
        raise Http404
    return Rights(role)


def demand_adding(team: Team, request: HttpRequest) -> Rights:
    rights = rights_in(team, request)
    if not rights.add:
        raise PermissionDenied(ADDING)
    return rights


def demand_running(team: Team, request: HttpRequest) -> Rights:
    rights = rights_in(team, request)
    if not rights.run:
        raise PermissionDenied(RUNNING)
    return rights


def demand_deciding(opening: Opening, request: HttpRequest) -> Rights:
    rights = rights_in(opening.team, request)
    if not rights.decides_in(opening):
        raise PermissionDenied(deciders.WORDS)
    return rights


def demand_meeting(opening: Opening, request: HttpRequest) -> Rights:
    rights = rights_in(opening.team, request)
    if not rights.meets_in(opening):
        raise PermissionDenied(MEETING)
    return rights


def demand_findings(applicant: Applicant, request: HttpRequest) -> None:
    """Where the opening is looked at blind, nothing that the machine found goes out before the person's first look."""
    if not may_see_findings(person(request), applicant):
        raise PermissionDenied(HIDDEN)


def demand_all_findings(opening: Opening, request: HttpRequest) -> None:
    """The same for a report or a bundle that tells of every applicant of the opening."""
    if count := still_hidden(person(request), opening):
        raise PermissionDenied(HIDDEN_IN_ALL.format(count=count, wait="waits" if count == 1 else "wait"))


def teams_to_add_to(request: HttpRequest) -> QuerySet[Team]:
    """The teams in which who is signed in may add openings."""
    return Team.objects.filter(memberships__user=person(request), memberships__role__in=ADDERS).order_by("name")


def find_opening(request: HttpRequest, pk: int) -> Opening:
    return get_object_or_404(Opening.objects.visible_to(person(request)).select_related("team"), pk=pk)


def find_applicant(request: HttpRequest, pk: int) -> Applicant:
    visible = Applicant.objects.visible_to(person(request))
    return get_object_or_404(visible.select_related("opening__team", "cover", "taken_by"), pk=pk)


def find_candidate_link(request: HttpRequest, pk: int) -> CandidateLink:
    visible = CandidateLink.objects.filter(applicant__opening__team__memberships__user=person(request))
    return get_object_or_404(visible.select_related("applicant__opening__team"), pk=pk)


def find_photo(request: HttpRequest, pk: int) -> Photo:
    visible = Photo.objects.visible_to(person(request))
    return get_object_or_404(visible.select_related("applicant__opening__team"), pk=pk)


def find_analysis(request: HttpRequest, pk: int) -> Analysis:
    visible = Analysis.objects.visible_to(person(request))
    return get_object_or_404(visible.select_related("photo__applicant__opening__team", "requested_by"), pk=pk)


def find_booth_check(request: HttpRequest, pk: int) -> BoothCheck:
    visible = BoothCheck.objects.visible_to(person(request))
    found = visible.select_related("applicant__opening__team", "photo", "taken_by", "consent__witness")
    return get_object_or_404(found, pk=pk)


def find_reply(request: HttpRequest, pk: int) -> Reply:
    visible = Reply.objects.filter(applicant__opening__team__memberships__user=person(request))
    return get_object_or_404(visible.select_related("applicant__opening__team", "decision__reviewer"), pk=pk)


def find_comparison(request: HttpRequest, pk: int) -> Comparison:
    visible = Comparison.objects.visible_to(person(request))
    return get_object_or_404(visible.select_related("photo__applicant__opening__team", "original"), pk=pk)


def find_bulk(request: HttpRequest, pk: int) -> Bulk:
    visible = Bulk.objects.visible_to(person(request))
    return get_object_or_404(visible.select_related("opening__team", "created_by", "undone_by"), pk=pk)


def find_certification(request: HttpRequest, pk: int) -> Certification:
    visible = Certification.objects.visible_to(person(request))
    return get_object_or_404(visible.select_related("team", "created_by"), pk=pk)
