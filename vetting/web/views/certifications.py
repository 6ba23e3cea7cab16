"""Your own photos: the list of checks, one check with its result, adding photos, and taking them out."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from vetting.certify import export
from vetting.certify.entering import (
    Became,
    NameTaken,
    create_certification,
    delete_certification,
    enter_photo,
    remove_photo,
)
from vetting.certify.standing import DECIDED_BY_FILE, Standing, standing_of, standings
from vetting.intake import Refused
from vetting.models import Certification, CertificationPhoto, User
from vetting.models.applicant import VERDICTS
from vetting.models.leased import State
from vetting.web.access import ADDING, demand_adding, find_certification, person, rights_in, teams_to_add_to
from vetting.web.answers import answer, htmx
from vetting.web.forms import CertificationForm
from vetting.web.listing import PAGE
from vetting.web.views.reports import download

PARTS = {"result": "certify/_result.html", "all": "certify/_all.html"}
NOTED_AT_ONCE = 200  # photos that the result itself lists; the table below has them all
ALARMS = Q(state=State.DONE, verdict="generated")
DECLARED = Q(state=State.DONE, verdict="declared-generated")
FAILED = Q(state=State.FAILED)
SHOWS = {
    "alarms": ("False alarms", ALARMS),
    "declared": ("Declared as generated", DECLARED),
    "retouched": ("Retouched", Q(state=State.DONE, verdict="retouched")),
    "inconclusive": ("Inconclusive", Q(state=State.DONE, verdict="inconclusive")),
    "unjudged": ("Not judged", Q(state=State.DONE, judged=False) & ~Q(verdict__in=DECIDED_BY_FILE)),
    "failed": ("Could not be examined", FAILED),
    "waiting": ("Not examined yet", Q(state__in=CertificationPhoto.IN_WORK)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one file: new, again, known, or refused with a sentence."""

    name: str
    became: str
    sentence: str = ""


@require_safe
def certifications(request: HttpRequest) -> HttpResponse:
    shown = list(Certification.objects.visible_to(person(request)).for_list())
    counted = standings(shown)
    context = {
        "rows": [(certification, counted[certification.pk]) for certification in shown],
        "can_add": teams_to_add_to(request).exists(),
    }
    return answer(request, "certify/certifications.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def certification_new(request: HttpRequest) -> HttpResponse:
    teams = teams_to_add_to(request)
    if not teams:
        raise PermissionDenied(ADDING)
    form = CertificationForm(request.POST or None, teams=teams)
    if form.is_valid():
        try:
            made = create_certification(
                team=form.cleaned_data["team"], name=form.cleaned_data["name"], by=person(request)
            )
        except NameTaken as reason:
            form.add_error("name", str(reason))
        else:
            messages.success(request, f"“{made}” is begun. Choose the photos now.")
            return redirect(made)
    return answer(request, "certify/form.html", {"form": form})


@require_safe
def certification(request: HttpRequest, pk: int) -> HttpResponse:
    """The result and the photos; while any is in work, htmx asks for the result alone."""
    shown = find_certification(request, pk)
    standing = standing_of(shown)
    context = {
        "certification": shown,
        "standing": standing,
        "rights": rights_in(shown.team, request),
        "minutes": _minutes_left(shown, standing),
        "noted": _noted(shown),
        "verdicts": [(code, standing.verdicts[code]) for code, _ in VERDICTS if code in standing.verdicts],
        "versions": _versions(standing),
    }
    if htmx(request).target != "result":
        context |= _table(request, shown)
    response = answer(request, "certify/certification.html", context, parts=PARTS)
    if htmx(request).target == "result" and not standing.in_work:
        trigger_client_event(response, "examined")  # the table of all photos asks for itself
    return response


@require_POST
def certification_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Each file on its own: one that is refused changes nothing for the others."""
    shown = find_certification(request, pk)
    demand_adding(shown.team, request)
    files = request.FILES.getlist("photos")
    receipts = [_receive(file, shown, person(request)) for file in files]
    if not receipts:
        sentence = "No file came along. Choose a folder or some photos and send them again."
        receipts = [Receipt(name="", became="refused", sentence=sentence)]
    context = {"certification": shown, "receipts": receipts}
    return answer(request, "certify/_receipts.html" if htmx(request) else "certify/receipts.html", context)


@require_POST
def certification_photo_remove(request: HttpRequest, pk: int, photo: int) -> HttpResponse:
    shown = find_certification(request, pk)
    demand_adding(shown.team, request)
    removed = get_object_or_404(shown.photos, pk=photo)
    remove_photo(photo=removed, by=person(request))
    messages.success(request, f"{removed} is taken out.")
    return redirect(shown)


@require_http_methods(["GET", "HEAD", "POST"])
def certification_delete(request: HttpRequest, pk: int) -> HttpResponse:
    shown = find_certification(request, pk)
    demand_adding(shown.team, request)
    if request.method == "POST":
        delete_certification(certification=shown, by=person(request))
        messages.success(request, f"“{shown}” and everything stored of it is deleted.")
        return redirect("certifications")
    return answer(request, "certify/delete.html", {"certification": shown, "photos": shown.photos.count()})


@require_safe
def certification_csv(request: HttpRequest, pk: int) -> HttpResponse:
    return _exported(request, pk, export.as_csv, "csv", "text/csv; charset=utf-8")


@require_safe
def certification_json(request: HttpRequest, pk: int) -> HttpResponse:
    return _exported(request, pk, export.as_json, "json", "application/json")


def _exported(
    request: HttpRequest, pk: int, write: Callable[..., bytes], ending: str, content_type: str
) -> HttpResponse:
    shown = find_certification(request, pk)
    content = write(shown, by=person(request))
    return download(content, f"candid-own-photos-{slugify(shown.name) or shown.pk}.{ending}", content_type)


def _receive(file: UploadedFile[bytes], certification: Certification, by: User) -> Receipt:
    name = file.name or "unnamed"
    try:
        entry = enter_photo(certification=certification, upload=file, by=by)
    except Refused as reason:
        return Receipt(name=name, became="refused", sentence=str(reason))
    known_as = entry.photo.file_name if entry.became is Became.KNOWN else ""
    return Receipt(name=name, became=entry.became.value, sentence=known_as)


def _minutes_left(certification: Certification, standing: Standing) -> int | None:
    """From how many ended within the last minute; None while nobody can tell."""
    if not standing.in_work:
        return None
    minute = timezone.now() - dt.timedelta(minutes=1)
    ended = certification.photos.filter(finished_at__gte=minute).count()
    return math.ceil(standing.in_work / ended) if ended else None


def _noted(certification: Certification) -> dict[str, list[CertificationPhoto]]:
    """What a person should look at: alarms, photos that call themselves generated, and failures."""
    found = certification.photos.filter(ALARMS | DECLARED | FAILED).order_by("pk")[:NOTED_AT_ONCE]
    kinds = {"alarms": "generated", "declared": "declared-generated", "failed": ""}
    photos = list(found)
    return {kind: [photo for photo in photos if photo.verdict == verdict] for kind, verdict in kinds.items()}


def _versions(standing: Standing) -> list[tuple[str, int | None, int | None]]:
    """Each detector with the version that examined the photos and the one that is installed."""
    was: dict[str, int] = standing.versions.get("detectors", {})
    now: dict[str, int] = standing.installed.get("detectors", {})
    return [(name, was.get(name), now.get(name)) for name in sorted({*was, *now})]


def _table(request: HttpRequest, certification: Certification) -> dict[str, Any]:
    """All photos in pages; ?show= narrows."""
    asked = request.GET.get("show", "")
    show = asked if asked in SHOWS else ""
    photos = certification.photos.order_by("pk")
    if show:
        photos = photos.filter(SHOWS[show][1])
    return {
        "show": show,
        "shows": [(code, words) for code, (words, _) in SHOWS.items()],
        "page": Paginator(photos, PAGE).get_page(request.GET.get("page")),
        "max_files": settings.MAX_PHOTOS_AT_ONCE,
        "max_bytes": settings.MAX_PHOTO_BYTES,
    }
