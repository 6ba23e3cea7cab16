"""Where a second factor is required, who has none is led to set it up and sees nothing else."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.deprecation import MiddlewareMixin

from vetting.web.sign_in import offered

OPEN = {  # what setting it up needs, and the way out
    "mfa_index",
    "mfa_activate_totp",
    "second-factor-qr",
    "mfa_add_webauthn",
    "mfa_view_recovery_codes",
    "account_reauthenticate",
    "sign-in",
    "sign-out",
    "healthz",
    "readyz",
    "metrics",
}
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def lacks_required(request: HttpRequest) -> bool:
    if not (settings.REQUIRE_SECOND_FACTOR and offered.second_factor() and request.user.is_authenticated):
        return False
    return not is_mfa_enabled(request.user, FACTORS)


class SecondFactorRequiredMiddleware(MiddlewareMixin):
    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if (match and match.url_name in OPEN) or not lacks_required(request):
            return None
        return redirect("mfa_index")
