"""What the operator switched on, and views that are there only then."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase

View = Callable[..., HttpResponseBase]


def single_sign_on() -> bool:
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID and settings.OIDC_CLIENT_SECRET)


def second_factor() -> bool:
    return bool(settings.SECOND_FACTOR)


def password_for_all() -> bool:
    """Whether a password, or a passkey in its place, lets everybody in. Without a provider it always does."""
    return not (settings.OIDC_ONLY and single_sign_on())


def passkey_sign_in() -> bool:
    return second_factor() and password_for_all()


def anything() -> bool:
    return single_sign_on() or second_factor()


def provider_id() -> str:
    """Names links to the provider; another issuer's subjects are other people, so it gets another name."""
    return f"oidc-{sha256(settings.OIDC_ISSUER.encode()).hexdigest()[:16]}"


def offered(when: Callable[[], bool], view: View, *, to_anybody: bool = False) -> View:
    """The view where `when` holds, and 404 for everybody where it does not; `to_anybody`: also before signing in."""

    @login_not_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not when():
            raise Http404
        if not to_anybody and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return wrapped
