"""The provider's answer is believed only when its ID token is signed, meant for this site and for this very sign-in.

OpenID Connect Core 1.0, section 3.1.3.7, and Discovery 1.0, section 4.3. allauth checks state, PKCE, audience and
expiry; here stands what it leaves to the TLS connection or leaves out.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Any

from allauth.socialaccount.internal import jwtkit, statekit
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import build_absolute_uri
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from vetting.web.sign_in.offered import provider_id

SIGNED_WITH = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")  # never a shared secret, never "none"


class Provider(OpenIDConnectOAuth2Adapter):
    def __init__(self, request: HttpRequest, _: str = "") -> None:
        super().__init__(request, provider_id())
        self.nonce = _stashed_nonce(request)  # before allauth takes the state out of the session

    @property
    def openid_config(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = super().openid_config
            if str(found["issuer"]).rstrip("/") != settings.OIDC_ISSUER:
                raise OAuth2Error(f"The provider calls itself {found['issuer']}")
            return found
        except (KeyError, TypeError, ValueError) as error:
            raise OAuth2Error("The provider's configuration cannot be read") from error

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return str(build_absolute_uri(request, reverse("single-sign-on-back"), self.redirect_uri_protocol))

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        try:
            claims = self._claims(app, kwargs["response"]["id_token"])
            told = claims | self._userinfo(token, claims)
            verified = told.get("email_verified")
            told["email_verified"] = verified is True or verified == "true"  # some write it as a word
            login = self.get_provider().sociallogin_from_response(request, told)
        except (KeyError, TypeError, ValueError) as error:
            raise OAuth2Error("The answer cannot be read") from error
        login.account.extra_data = {}  # the subject is enough; nothing else about the person is kept
        return login

    def _claims(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        if jwtkit.jwt.get_unverified_header(id_token).get("alg") not in SIGNED_WITH:
            raise OAuth2Error("The ID token is signed in a way that is not taken")
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=self.openid_config["issuer"],
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        if not self.nonce or not hmac.compare_digest(str(claims.get("nonce", "")), self.nonce):
            raise OAuth2Error("The ID token was made for another sign-in")
        return claims

    def _userinfo(self, token: SocialToken, claims: dict[str, Any]) -> dict[str, Any]:
        """Asked where the token does not say the e-mail; it must speak of the same person."""
        if "email" in claims or "userinfo_endpoint" not in self.openid_config:
            return {}
        told: dict[str, Any] = self._fetch_user_info(token.token)
        if told.get("sub") != claims["sub"]:
            raise OAuth2Error("The userinfo is about another person than the ID token")
        return told


class WithProvider(OpenIDConnectProvider):
    oauth2_adapter_class = Provider


def send_there(request: HttpRequest, process: str, next_url: str) -> HttpResponse:
    """The redirect to the provider. Raises OAuth2Error or requests' exceptions where it does not answer."""
    app = Provider(request).get_provider().app
    nonce = secrets.token_urlsafe(24)
    way: HttpResponse = WithProvider(request, app=app).redirect(
        request, process, next_url=next_url, auth_params={"nonce": nonce}, nonce=nonce
    )
    return way


def _stashed_nonce(request: HttpRequest) -> str:
    found = statekit.get_states(request).get(request.GET.get("state", ""))
    return str(found[0].get("nonce", "")) if found else ""
