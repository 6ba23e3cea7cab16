"""Settings for programs: a team's API tokens and webhooks, for its admins."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vetting.models import ApiToken, Delivery, Role, Team, Webhook
from vetting.tokens import make_token, revoke_token
from vetting.web.access import RUNNING, demand_running, person
from vetting.web.answers import answer
from vetting.web.connection_forms import ChangeWebhookForm, TokenForm, WebhookForm
from vetting.webhooks.announcing import Occasion
from vetting.webhooks.delivering import TRIES
from vetting.webhooks.keeping import change_webhook, delete_webhook, make_webhook, replay, send_test

PARTS = {"deliveries": "connections/_deliveries.html"}
DELIVERIES = 25  # of a page


@require_safe
def connections(request: HttpRequest) -> HttpResponse:
    """Tokens and webhooks of every team that the reader runs."""
    run = Q(memberships__user=person(request), memberships__role=Role.ADMIN)
    tokens = ApiToken.objects.filter(revoked_at=None).select_related("created_by")
    waiting = Count("deliveries", filter=Q(deliveries__state=Delivery.State.WAITING))
    given_up = Count("deliveries", filter=Q(deliveries__state=Delivery.State.GIVEN_UP))
    hooks = Webhook.objects.annotate(waiting=waiting, given_up=given_up).order_by("pk")
    teams = Team.objects.filter(run).order_by("name")
    teams = teams.prefetch_related(Prefetch("api_tokens", tokens), Prefetch("webhooks", hooks))
    if not teams:
        raise PermissionDenied(RUNNING)
    context = {"teams": teams, "occasions": dict(Occasion.choices), "limit": settings.API_CALLS_PER_MINUTE}
    return answer(request, "connections/connections.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def token_new(request: HttpRequest, team: int) -> HttpResponse:
    """Not a redirect after it is made: the token is shown once and stored nowhere."""
    shown = _team(request, team)
    form = TokenForm(request.POST or None)
    new = None
    if form.is_valid():
        new = make_token(team=shown, by=person(request), **form.cleaned_data)
    return answer(request, "connections/token_new.html", {"team": shown, "form": form, "new": new})


@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    mine = ApiToken.objects.filter(team__memberships__user=person(request))
    token = get_object_or_404(mine.select_related("team"), pk=pk)
    demand_running(token.team, request)
    revoke_token(token=token, by=person(request))
    messages.success(request, f"“{token.name}” opens nothing any more.")
    return redirect("connections")


@require_http_methods(["GET", "HEAD", "POST"])
def webhook_new(request: HttpRequest, team: int) -> HttpResponse:
    shown = _team(request, team)
    form = WebhookForm(request.POST or None, initial={"events": Occasion.values})
    if form.is_valid():
        made = make_webhook(team=shown, by=person(request), **form.cleaned_data)
        messages.success(request, "The address is told from now on. Send it a test message.")
        return redirect("webhook", pk=made.pk)
    return answer(request, "connections/webhook_new.html", {"team": shown, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """One webhook: what it is told of, its secret, and every message with what became of it."""
    shown = _webhook(request, pk)
    now = {"url": shown.url, "events": shown.events, "active": shown.active}
    form = ChangeWebhookForm(request.POST or None, initial=now)
    if form.is_valid():
        change_webhook(webhook=shown, by=person(request), **form.cleaned_data)
        messages.success(request, "The webhook is changed.")
        return redirect("webhook", pk=pk)
    page = Paginator(shown.deliveries.order_by("-pk"), DELIVERIES).get_page(request.GET.get("page"))
    context = {"webhook": shown, "form": form, "page": page, "tries": TRIES, "now": timezone.now()}
    context["busy"] = _on_its_way(shown)
    return answer(request, "connections/webhook.html", context, parts=PARTS)


@require_POST
def webhook_test(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _webhook(request, pk)
    if shown.active:
        send_test(webhook=shown, by=person(request))
        messages.success(request, "A test message is on its way; below you see how it is answered.")
    else:
        messages.error(request, "Switch the webhook on first; then send a test message.")
    return redirect("webhook", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def webhook_delete(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _webhook(request, pk)
    if request.method == "POST":
        delete_webhook(webhook=shown, by=person(request))
        messages.success(request, f"{shown.url} is told nothing more.")
        return redirect("connections")
    waiting = shown.deliveries.filter(state=Delivery.State.WAITING).count()
    return answer(request, "connections/webhook_delete.html", {"webhook": shown, "waiting": waiting})


@require_POST
def delivery_replay(request: HttpRequest, pk: int) -> HttpResponse:
    mine = Delivery.objects.filter(webhook__team__memberships__user=person(request))
    delivery = get_object_or_404(mine.select_related("webhook__team"), pk=pk)
    demand_running(delivery.webhook.team, request)
    replay(delivery=delivery, by=person(request))
    messages.success(request, f"Message {delivery.pk} is sent again.")
    return redirect("webhook", pk=delivery.webhook_id)


def _on_its_way(shown: Webhook) -> bool:
    """Whether the table will change by itself within moments: something is due, or being sent."""
    due = Q(next_at__lte=timezone.now()) | Q(tries__gt=0, answer=None, problem="")
    return shown.active and shown.deliveries.filter(due, state=Delivery.State.WAITING).exists()


def _team(request: HttpRequest, pk: int) -> Team:
    """404 for a stranger, 403 for a team mate who does not run it."""
    team = get_object_or_404(Team, pk=pk)
    demand_running(team, request)
    return team


def _webhook(request: HttpRequest, pk: int) -> Webhook:
    mine = Webhook.objects.filter(team__memberships__user=person(request))
    shown = get_object_or_404(mine.select_related("team", "created_by"), pk=pk)
    demand_running(shown.team, request)
    return shown
