"""To the provider and back, and the link between it and one's account."""

from __future__ import annotations

import secrets

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

from vetting.second_factor import UNLINKED, record_change
from vetting.web.access import person
from vetting.web.sign_in import offered
from vetting.web.sign_in.admitting import refuse_for
from vetting.web.sign_in.provider import Provider, send_there

TICKET = "single-sign-on-ticket"


@never_cache
@require_safe
def there(request: HttpRequest) -> HttpResponse:
    """A link, not a form: `form-action 'self'` stays as it is. It only begins what a person finishes at the provider.

    Linking an account this way needs the ticket that a form of ours has put into the session.
    """
    asked, ticket = request.GET.get("ticket"), request.session.pop(TICKET, None)
    linking = bool(asked and ticket) and secrets.compare_digest(str(asked), str(ticket))
    if request.user.is_authenticated and not linking:
        return redirect("openings")
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        return redirect("sign-in")  # another site does not start it unasked
    return _sent(request, linking)


def _sent(request: HttpRequest, linking: bool) -> HttpResponse:
    try:
        if linking:
            return send_there(request, AuthProcess.CONNECT, reverse("mfa_index"))
        return send_there(request, AuthProcess.LOGIN, _own_page(request))
    except (OAuth2Error, RequestException, KeyError) as error:
        return _refused(request, error)


def _own_page(request: HttpRequest) -> str:
    asked = request.GET.get("next", "")
    own = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if own else reverse(settings.LOGIN_REDIRECT_URL)


@never_cache
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    try:
        answered: HttpResponse = OAuth2CallbackView.adapter_view(Provider(request))(request)
    except (KeyError, TypeError, ValueError) as error:  # not the JSON that the standard demands
        return _refused(request, error)
    return answered


def _refused(request: HttpRequest, error: Exception) -> HttpResponse:
    try:
        refuse_for(request, None, error)
    except ImmediateHttpResponse as page:
        answered: HttpResponse = page.response
        return answered


@require_POST
@reauthentication_required(app="allauth.socialaccount")
def link(request: HttpRequest) -> HttpResponse:
    request.session[TICKET] = secrets.token_urlsafe(24)
    context = {"provider": settings.OIDC_NAME, "ticket": request.session[TICKET]}
    return render(request, "accounts/security/link.html", context)


@require_POST
@reauthentication_required(app="allauth.socialaccount")
def unlink(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if not (user.has_usable_password() and offered.password_for_all()):
        messages.error(request, f"Without {settings.OIDC_NAME} you could not sign in any more.")
    elif SocialAccount.objects.filter(user=user, provider=offered.provider_id()).delete()[0]:
        record_change(user=user, verb=UNLINKED)
        messages.success(request, f"Your account is no longer linked with {settings.OIDC_NAME}.")
    return redirect("mfa_index")
