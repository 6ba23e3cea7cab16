"""Settings, Security: one's authenticator app, passkeys and recovery codes, and the code that is asked for.

allauth's views do the work, with pages of this site; what it would show of its own is not reachable.
"""

from __future__ import annotations

import json
from typing import Any

from allauth.account.views import ReauthenticateView
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import views as base
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from vetting.web.access import person
from vetting.web.answers import answer
from vetting.web.sign_in import offered
from vetting.web.sign_in.demanded import lacks_required

SECURITY = reverse_lazy("mfa_index")


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    user = person(request)
    kept = list(Authenticator.objects.filter(user=user).order_by("pk")) if offered.second_factor() else []
    by_type: dict[str, list[Authenticator]] = {}
    for authenticator in kept:
        by_type.setdefault(authenticator.type, []).append(authenticator)
    codes = by_type.get(Authenticator.Type.RECOVERY_CODES)
    context = {
        "factor": offered.second_factor(),
        "required": lacks_required(request),
        "app": by_type.get(Authenticator.Type.TOTP, [None])[0],
        "passkeys": by_type.get(Authenticator.Type.WEBAUTHN, []),
        "codes": codes and codes[0].wrap().get_unused_codes(),
        "provider": settings.OIDC_NAME if offered.single_sign_on() else "",
        "linked": SocialAccount.objects.filter(user=user, provider=offered.provider_id()).first(),
        "may_unlink": user.has_usable_password() and offered.password_for_all(),
    }
    return answer(request, "accounts/security/security.html", context)


class AppOn(totp.ActivateTOTPView):
    template_name = "accounts/security/app_on.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """The code that proves the app works counts as used."""
        response: HttpResponse = super().form_valid(form)
        kept = Authenticator.objects.get(user=person(self.request), type=Authenticator.Type.TOTP)
        kept.wrap().validate_code(form.cleaned_data["code"])
        return response


@require_safe
@never_cache
def qr(request: HttpRequest) -> HttpResponse:
    """The picture for the app, while it is being set up; an address of its own because the pages allow no data: URL."""
    secret = request.session.get(SECRET_SESSION_KEY)
    if not secret:
        raise Http404
    adapter = get_adapter()
    drawn = adapter.build_totp_svg(adapter.build_totp_url(person(request), secret))
    return HttpResponse(drawn, content_type="image/svg+xml")


class AppOff(totp.DeactivateTOTPView):
    template_name = "accounts/security/app_off.html"
    success_url = SECURITY


class Codes(recovery.ViewRecoveryCodesView):
    template_name = "accounts/security/codes.html"


class CodesNew(recovery.GenerateRecoveryCodesView):
    template_name = "accounts/security/codes_new.html"


class Options:
    """Adds what the browser's own dialogue needs, as JSON."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        for options in context.get("js_data", {}).values():
            context["options"] = json.dumps(options, default=dict)
        return context


class PasskeyNew(Options, webauthn.AddWebAuthnView):
    template_name = "accounts/security/passkey_new.html"


class PasskeyRemove(webauthn.RemoveWebAuthnView):
    template_name = "accounts/security/passkey_remove.html"
    success_url = SECURITY


class SecondStep(Options, base.AuthenticateView):
    """After the password: the code or the passkey."""

    template_name = "accounts/security/second_step.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kept = Authenticator.objects.filter(user=self.stage.login.user).values_list("type", flat=True)
        return super().get_context_data(**kwargs) | {"kinds": set(kept)}


class ConfirmPassword(ReauthenticateView):
    template_name = "accounts/security/confirm.html"


class ConfirmCode(base.ReauthenticateView):
    template_name = "accounts/security/confirm.html"


class ConfirmPasskey(Options, webauthn.ReauthenticateWebAuthnView):
    template_name = "accounts/security/confirm.html"


class PasskeySignIn(webauthn.LoginWebAuthnView):
    """Answers the script with options, and takes what the browser signed."""
