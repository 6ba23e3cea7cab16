"""Many photos at once: sending, looking at the plan, giving the word, watching, taking back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from vetting.bulk.importing import CannotStart, start_import
from vetting.bulk.planning import UNNAMED
from vetting.bulk.progress import Progress, progress_of
from vetting.bulk.receiving import (
    CannotDiscard,
    ask_to_read,
    begin_folder,
    discard,
    receive_archive,
    receive_file,
)
from vetting.bulk.table import TEMPLATE
from vetting.bulk.undoing import STAYS, CannotUndo, start_undo
from vetting.intake import Refused
from vetting.models import Applicant, Bulk, BulkRow, Opening
from vetting.web.access import demand_adding, find_bulk, find_opening, person
from vetting.web.answers import answer, htmx
from vetting.web.bounded import ArchiveUploadHandler
from vetting.web.listing import PAGE
from vetting.web.views.reports import download

PARTS = {"bulk": "bulk/_bulk.html", "rows": "bulk/_rows.html"}
NAMED_AT_ONCE = 20  # people that the question before undoing names
State = BulkRow.State
SHOWS = {
    "refused": ("Cannot be imported", Q(state__in=[State.REFUSED, State.FAILED])),
    "noted": ("With a note", Q(state__in=[State.READY, State.DONE, State.KNOWN]) & ~Q(message="")),
    "ready": ("To be imported", Q(state=State.READY)),
    "done": ("Imported", Q(state=State.DONE)),
    "known": ("Nothing to do", Q(state=State.KNOWN)),
    "stays": ("Stays", Q(message__startswith=STAYS)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A file that was not taken, and why."""

    name: str
    sentence: str


@csrf_exempt  # only until the handler for large bodies is in place: _bulk_new is protected
@require_http_methods(["GET", "HEAD", "POST"])
def bulk_new(request: HttpRequest, pk: int) -> HttpResponse:
    """The form, and the opening's imports so far. Who may not add is told so before a large body is read."""
    opening = find_opening(request, pk)
    demand_adding(opening.team, request)
    request.upload_handlers = [MemoryFileUploadHandler(request), ArchiveUploadHandler(request)]
    return _bulk_new(request, opening)


@csrf_protect
def _bulk_new(request: HttpRequest, opening: Opening) -> HttpResponse:
    problem = ""
    if request.method == "POST":
        try:
            return redirect(_receive(request, opening))
        except Refused as reason:
            problem = str(reason)
    context = {
        "opening": opening,
        "problem": problem,
        "bulks": Bulk.objects.filter(opening=opening).for_list()[:PAGE],
        "max_files": settings.MAX_PHOTOS_AT_ONCE,
        "max_bytes": settings.MAX_PHOTO_BYTES,
        "max_all": settings.MAX_BULK_BYTES,
    }
    return answer(request, "bulk/new.html", context)


@require_safe
def bulk_template(request: HttpRequest, pk: int) -> HttpResponse:
    opening = find_opening(request, pk)
    demand_adding(opening.team, request)
    name = f"candid-import-{slugify(opening.title) or opening.pk}.csv"
    return download(TEMPLATE.encode(), name, "text/csv; charset=utf-8")


@require_POST
def bulk_files(request: HttpRequest, pk: int) -> HttpResponse:
    """More files of a folder; the answer lists those that were not taken."""
    bulk = find_bulk(request, pk)
    demand_adding(bulk.opening.team, request)
    context = {"refusals": _receive_files(request, bulk), "bulk": bulk}
    return answer(request, "bulk/_refusals.html", context)


@require_POST
def bulk_read(request: HttpRequest, pk: int) -> HttpResponse:
    bulk = find_bulk(request, pk)
    demand_adding(bulk.opening.team, request)
    ask_to_read(bulk=bulk)
    return redirect(bulk)


@require_safe
def bulk(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, and its rows; while something goes on, htmx asks for the first alone."""
    shown = find_bulk(request, pk)
    demand_adding(shown.opening.team, request)
    progress = progress_of(shown)
    context = {"bulk": shown, "opening": shown.opening, "progress": progress, "goes_on": _goes_on(shown, progress)}
    if htmx(request).target != "bulk":
        context |= _table(request, shown)
    response = answer(request, "bulk/bulk.html", context, parts=PARTS)
    if htmx(request).target == "bulk" and request.GET.get("was") != shown.state:
        trigger_client_event(response, "planned")  # the table of rows asks for itself
    return response


@require_POST
def bulk_start(request: HttpRequest, pk: int) -> HttpResponse:
    shown = find_bulk(request, pk)
    demand_adding(shown.opening.team, request)
    try:
        start_import(bulk=shown, by=person(request), with_unnamed=bool(request.POST.get("with_unnamed")))
    except CannotStart as reason:
        messages.error(request, str(reason))
    return redirect(shown)


@require_http_methods(["GET", "HEAD", "POST"])
def bulk_undo(request: HttpRequest, pk: int) -> HttpResponse:
    shown = find_bulk(request, pk)
    demand_adding(shown.opening.team, request)
    if request.method == "POST":
        try:
            start_undo(bulk=shown, by=person(request))
        except CannotUndo as reason:
            messages.error(request, str(reason))
        return redirect(shown)
    brought = shown.rows.filter(state=State.DONE)
    since = shown.started_at or shown.created_at
    decided = Applicant.objects.filter(pk__in=brought.values("applicant"), decisions__decided_at__gte=since)
    context = {
        "bulk": shown,
        "photos": brought.exclude(photo=None).count(),
        "people": brought.filter(added_applicant=True).count(),
        "decided": list(decided.distinct().order_by("name")[:NAMED_AT_ONCE]),
    }
    return answer(request, "bulk/undo.html", context)


@require_POST
def bulk_discard(request: HttpRequest, pk: int) -> HttpResponse:
    shown = find_bulk(request, pk)
    demand_adding(shown.opening.team, request)
    try:
        discard(bulk=shown, by=person(request))
    except CannotDiscard as reason:
        messages.error(request, str(reason))
        return redirect(shown)
    messages.success(request, f"“{shown}” is thrown away. Nothing of it was added.")
    return redirect("bulk-new", shown.opening_id)


def _receive(request: HttpRequest, opening: Opening) -> Bulk:
    """An archive whole, or the first files of a folder; `more` says that others follow. Raises Refused."""
    if archive := request.FILES.get("archive"):
        return receive_archive(opening=opening, archive=archive, table=request.FILES.get("table"), by=person(request))
    if not request.FILES.getlist("photos"):
        raise Refused("No file came along. Choose a ZIP archive, or a folder, or some photos, and send them again.")
    begun = begin_folder(opening=opening, name=request.POST.get("folder", ""), by=person(request))
    refusals = _receive_files(request, begun)
    if table := request.FILES.get("table"):
        receive_file(bulk=begun, path="table.csv", upload=table)
    if request.POST.get("more"):
        return begun
    for refusal in refusals[:NAMED_AT_ONCE]:
        messages.error(request, f"{refusal.name}: {refusal.sentence}")
    ask_to_read(bulk=begun)
    return begun


def _receive_files(request: HttpRequest, begun: Bulk) -> list[Refusal]:
    """Each file on its own. paths: where each stands in its folder, which browsers leave out of a file's name."""
    files: list[UploadedFile[bytes]] = request.FILES.getlist("photos")
    paths = request.POST.getlist("paths")
    if len(paths) != len(files):
        paths = [file.name or "unnamed" for file in files]
    refusals = []
    for file, path in zip(files, paths, strict=True):
        try:
            receive_file(bulk=begun, path=path, upload=file)
        except Refused as reason:
            refusals.append(Refusal(name=path, sentence=str(reason)))
    return refusals


def _goes_on(shown: Bulk, progress: Progress) -> bool:
    """Whether the numbers change by themselves."""
    if shown.state == Bulk.State.READING:
        return not shown.collecting
    return shown.state == Bulk.State.RUNNING or shown.being_undone or progress.examining > 0


def _table(request: HttpRequest, shown: Bulk) -> dict[str, Any]:
    """The rows in pages; ?show= narrows. While they are being written there are none to show."""
    asked = request.GET.get("show", "")
    show = asked if asked in SHOWS else ""
    rows = shown.rows.select_related("applicant")
    if shown.state == Bulk.State.READING:
        rows = rows.none()
    if show:
        rows = rows.filter(SHOWS[show][1])
    return {
        "show": show,
        "unnamed": UNNAMED,
        "shows": [(code, words) for code, (words, _) in SHOWS.items()],
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
    }
