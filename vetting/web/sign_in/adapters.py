"""Where django-allauth asks the site: who may come in, what is said, how secrets are kept."""

from __future__ import annotations

import base64
from hashlib import sha256
from io import BytesIO
from typing import Any, cast

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from qrcode.image.svg import SvgPathFillImage

from vetting.models import User
from vetting.second_factor import resets_since_last_sign_in
from vetting.web.pace import client_address
from vetting.web.sign_in import admitting, offered

WORDS = {  # allauth's name for a message -> ours; what is not here is not said
    "mfa/messages/totp_activated.txt": "The authenticator app is set up. From now on you are asked for a code.",
    "mfa/messages/totp_deactivated.txt": "The authenticator app is off.",
    "mfa/messages/webauthn_added.txt": "The passkey is added.",
    "mfa/messages/webauthn_removed.txt": "The passkey is removed.",
    "socialaccount/messages/account_connected.txt": "Your account is linked.",
    "socialaccount/messages/account_connected_updated.txt": "Your account is linked.",
    "socialaccount/messages/account_connected_other.txt": "That sign-in belongs to another account here. "
    "Nothing was changed; an admin of your team can help.",
}
WRONG_CODE = "This code does not fit. Wait until the app shows the next one; each code counts once."
TOO_OFTEN = "There were too many attempts. Please wait five minutes and try again."


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": TOO_OFTEN,
        "rate_limited": TOO_OFTEN,
        "incorrect_password": "This is not your password. Mind capital letters.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """allauth's letters are not sent; the team's event chain keeps what happened."""

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        if said := message or WORDS.get(message_template or ""):
            messages.add_message(request, level, said, extra_tags=extra_tags)

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Says that the second factor was reset, while the time of the last sign-in still stands."""
        refused = cast("HttpResponse | None", super().pre_login(request, user, **kwargs))
        if refused is None and (by := resets_since_last_sign_in(user)):
            messages.warning(
                request,
                f"{by} has reset your second factor. Set it up again under Settings, Security. "
                "If you did not ask for this, speak to an admin of your team.",
            )
        return refused

    def login(self, request: HttpRequest, user: User) -> None:
        user.backend = "django.contrib.auth.backends.ModelBackend"
        super().login(request, user)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        messages.error(request, "This account is switched off. An admin of your team can help.")
        return redirect("sign-in")


class ProviderAdapter(DefaultSocialAccountAdapter):
    """The one provider that the settings name. What stands in the database's table of providers does not count."""

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:
        if not offered.single_sign_on():
            return []
        app = SocialApp(
            provider="openid_connect",
            provider_id=offered.provider_id(),
            name=settings.OIDC_NAME,
            client_id=settings.OIDC_CLIENT_ID,
            secret=settings.OIDC_CLIENT_SECRET,
            settings={"server_url": settings.OIDC_ISSUER, "oauth_pkce_enabled": True},
        )
        fits = provider in (None, app.provider, app.provider_id) and client_id in (None, app.client_id)
        return [app] if fits else []

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        admitting.admit(request, sociallogin)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: Any = None,
    ) -> None:
        admitting.refuse_for(request, error, exception)

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return str(admitting.SECURITY)


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": WRONG_CODE}

    def is_mfa_enabled(self, user: Any, types: Any = None) -> bool:
        return offered.second_factor() and bool(super().is_mfa_enabled(user, types=types))

    def get_totp_issuer(self) -> str:
        return "Candid"

    def get_totp_label(self, user: User) -> str:
        return f"{user.username} @ {self._get_site_name()}"

    def build_totp_svg(self, url: str) -> str:
        """On white, so that a camera reads it from a dark page too."""
        drawn = BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage).save(drawn)
        return drawn.getvalue().decode()

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        return f"Passkey {user.authenticator_set.filter(type=type).count() + 1}"  # type: ignore[attr-defined]

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What another SECRET_KEY has closed cannot be opened: then no code fits, and the factor has to be reset."""
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return str(generate_totp_secret())


def _box() -> MultiFernet:
    keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    digests = [sha256(b"candid second factor:" + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
