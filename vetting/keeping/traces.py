"""Where somebody is known outside their own rows, and how that goes: what recruiters typed into lists, what programs
were told, what Django keeps for itself."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from vetting.models import Applicant, BulkRow, Decision, Delivery, IdempotentCall, Note, Photo, SavedView
from vetting.models.derived import folded

NOBODY = {"name": "", "email": "", "reference": "", "entry": ""}
FORGOTTEN = "Forgotten."
UNDER_WAY = ("reading", "planned", "running")  # states of an import whose files still stand in the store
SHORTEST = 3  # letters of a name that is looked for in other texts: of "Al" half of all texts have one


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """How many were emptied or deleted; imports: whose files may still hold the person's photo until they end."""

    import_rows: int
    saved_views: int
    api_answers: int
    messages: int
    imports: tuple[int, ...]
    written_elsewhere: int


def sweep_traces(applicant: Applicant, photos: list[Photo]) -> Swept:
    """Within the transaction that deletes the rows, before they go."""
    rows = import_rows_of(applicant, photos)
    under_way = rows.filter(bulk__state__in=UNDER_WAY).exclude(bulk__key="")
    imports = tuple(under_way.order_by().values_list("bulk", flat=True).distinct())
    _forget_log(applicant, photos)
    _forget_searches(applicant)
    return Swept(
        imports=imports,
        import_rows=_empty(rows),
        saved_views=_delete(_views_of(applicant)),
        api_answers=_delete(answers_about(applicant, photos)),
        messages=_delete(Delivery.objects.filter(_about(applicant))),
        written_elsewhere=written_elsewhere(applicant),
    )


def import_rows_of(applicant: Applicant, photos: list[Photo]) -> QuerySet[BulkRow]:
    """Those that brought the person in, and others of the team's that name the same: by address, or in this opening by
    reference, or by name where nothing else tells two people apart. A row of somebody who is still here is theirs."""
    opening = applicant.opening
    own = Q(applicant=applicant) | Q(photo__in=[photo.pk for photo in photos])
    alike = Q(email="") | Q(email__iexact=applicant.email), Q(reference="") | Q(reference__iexact=applicant.reference)
    same = Q(*alike, bulk__opening=opening, name__iexact=applicant.name)
    if applicant.reference:
        same |= Q(bulk__opening=opening, reference__iexact=applicant.reference)
    if applicant.email:
        same |= Q(email__iexact=applicant.email)
    return BulkRow.objects.filter(Q(bulk__opening__team=opening.team_id) & (own | same & Q(applicant=None)))


def _empty(rows: QuerySet[BulkRow]) -> int:
    pks = list(rows.values_list("pk", flat=True))
    mine = BulkRow.objects.filter(pk__in=pks)
    mine.filter(state=BulkRow.State.READY).update(state=BulkRow.State.REFUSED)  # so that nobody is brought in again
    mine.update(message=FORGOTTEN, **NOBODY)
    return len(pks)


def forget_file_of(photo: Photo) -> None:
    """The row that brought one photo in: its path in the archive is often the person's name."""
    BulkRow.objects.filter(photo=photo).update(entry="")


def _views_of(applicant: Applicant) -> QuerySet[SavedView]:
    """Saved views that search for this person: they say the whole name, the address or the reference, or what they
    search for finds this person and nobody else of the team."""
    views = SavedView.objects.filter(team=applicant.opening.team_id).values_list("pk", "name", "query")
    return SavedView.objects.filter(pk__in=[pk for pk, name, query in views if _is_for(applicant, name, query)])


def _is_for(applicant: Applicant, name: str, query: str) -> bool:
    said = [f" {folded(text)} " for text in (name, *(value for _, value in parse_qsl(query)))]
    whole = [f" {folded(word)} " for word in (applicant.name, applicant.email, applicant.reference) if word]
    if any(word in text for word in whole for text in said):
        return True
    searched = " ".join(value for key, value in parse_qsl(query) if key == "q")
    words = folded(searched).split()
    if not words or not all(word in applicant.search_text for word in words):
        return False
    others = Applicant.objects.filter(opening__team=applicant.opening.team_id).exclude(pk=applicant.pk)
    return not others.matching(searched).exists()


def answers_about(applicant: Applicant, photos: list[Photo], *, whole: bool = True) -> QuerySet[IdempotentCall]:
    """Answers that the API keeps for a day, by the address of what they are about. It stands in each in full.

    whole: about the applicant, too, and not of these photos alone.
    """
    about = Q()
    addresses = [f"/api/v1/photos/{photo.pk}" for photo in photos]
    for address in [*addresses, *([f"/api/v1/applicants/{applicant.pk}"] if whole else [])]:
        about |= Q(text__contains=f'{address}"') | Q(text__contains=f"{address}/")
    calls = IdempotentCall.objects.filter(token__team=applicant.opening.team_id, body__isnull=False)
    return calls.annotate(text=Cast("body", TextField())).filter(about)


def forget_answers_about(applicant: Applicant, photo: Photo) -> None:
    """What the API and webhooks keep of one photo."""
    _delete(answers_about(applicant, [photo], whole=False))
    _delete(Delivery.objects.filter(_about(applicant), body__data__photo=photo.pk))


def _about(applicant: Applicant) -> Q:
    return Q(webhook__team=applicant.opening.team_id, body__data__applicant=applicant.pk)


def _delete(rows: QuerySet[SavedView] | QuerySet[IdempotentCall] | QuerySet[Delivery]) -> int:
    pks = list(rows.values_list("pk", flat=True))
    rows.model._default_manager.filter(pk__in=pks).delete()
    return len(pks)


def _forget_log(applicant: Applicant, photos: list[Photo]) -> None:
    """The operator's pages show applicants and change none; what an earlier version or a plug-in noted goes."""
    mine = {"applicant": [applicant.pk], "photo": [photo.pk for photo in photos]}
    mine["decision"] = list(applicant.decisions.values_list("pk", flat=True))
    mine["note"] = list(applicant.notes.values_list("pk", flat=True))
    for model, pks in mine.items():
        noted = LogEntry.objects.filter(content_type__app_label="vetting", content_type__model=model)
        noted.filter(object_id__in=[str(pk) for pk in pks]).delete()


def _forget_searches(applicant: Applicant) -> None:
    """A sign-in that failed keeps where it would have led to: an address with a search may have the name in it."""
    words = [word for word in (applicant.name, applicant.email, applicant.reference) if len(word) >= SHORTEST]
    for word in words:
        said = Q(get_data__icontains=word) | Q(get_data__icontains=word.replace(" ", "+"))
        said |= Q(get_data__icontains=word.replace(" ", "%20"))
        AccessAttempt.objects.filter(said).update(get_data="")


def written_elsewhere(applicant: Applicant) -> int:
    """Notes and reasons about other applicants of the team that have the whole name in them: a person has to look."""
    if len(applicant.name) < SHORTEST:
        return 0
    team = applicant.opening.team_id
    notes = Note.objects.filter(applicant__opening__team=team, text__icontains=applicant.name)
    reasons = Decision.objects.filter(applicant__opening__team=team, reason__icontains=applicant.name)
    return sum(rows.exclude(applicant=applicant).count() for rows in (notes, reasons))


def others_named_in(text: str, *, team: int, but: Applicant) -> list[str]:
    """Names of the team's other applicants that stand in the text, longest first."""
    rows = Applicant.objects.filter(opening__team=team).exclude(pk=but.pk).order_by()
    said = rows.annotate(said=Value(text, output_field=TextField())).filter(said__icontains=F("name"))
    found = set(said.values_list("name", flat=True))
    return sorted((name for name in found if len(name) >= SHORTEST), key=len, reverse=True)
