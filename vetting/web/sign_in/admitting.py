"""Who comes in through the provider: a person who has an account here. Nobody registers that way."""

from __future__ import annotations

import logging
from typing import NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthError
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse_lazy
from requests import RequestException

from vetting.models import User

SECURITY = reverse_lazy("mfa_index")
CANCELLED = "You went back before you had signed in there. Nothing was changed."
NOT_ANSWERING = (
    "{name} does not answer at the moment. Nothing was changed. Try again in some minutes; if it stays so, tell "
    "whoever runs this site."
)
NOT_TAKEN = (
    "What {name} sent back does not belong to a sign-in that was begun here, or took too long. Nothing was changed. "
    "Please begin again."
)
UNVERIFIED = (
    "{name} did not confirm that the e-mail address {email} is yours. Confirm it there, or ask whoever runs {name}."
)
UNKNOWN = "No account here has the e-mail address {email}. Ask an admin of your team to add you."
SEVERAL = "Several accounts here have the e-mail address {email}. Ask an admin of your team to keep it for one of them."
ANOTHER = (
    "The account here with the e-mail address {email} belongs to another sign-in of {name}. Ask an admin of your team."
)
logger = logging.getLogger(__name__)


def admit(request: HttpRequest, login: SocialLogin) -> None:
    """Joins the sign-in with the account whose e-mail the provider has verified; refuses in words otherwise."""
    if login.is_existing or login.state.get("process") == AuthProcess.CONNECT:
        return
    addresses = [found for found in login.email_addresses if found.email]
    email = addresses[0].email if addresses else ""
    if not email or not (addresses[0].verified or settings.OIDC_TRUSTS_EMAIL):
        refuse(request, UNVERIFIED, email=email or "(none)")
    people = list(User.objects.filter(email__iexact=email)[:2])
    if len(people) != 1:
        refuse(request, SEVERAL if people else UNKNOWN, email=email)
    if SocialAccount.objects.filter(user=people[0], provider=login.account.provider).exists():
        refuse(request, ANOTHER, email=email)  # the address went to somebody else, perhaps after a person left
    if people[0].is_active:
        login.connect(request, people[0])
    else:
        login.user = people[0]  # allauth says that the account is switched off


def refuse_for(request: HttpRequest, error: str | None, exception: Exception | None) -> NoReturn:
    if error == AuthError.CANCELLED:
        refuse(request, CANCELLED)
    if exception:
        logger.warning("Single sign-on failed: %s: %s", type(exception).__name__, exception)
    refuse(request, NOT_ANSWERING if isinstance(exception, RequestException) else NOT_TAKEN)


def refuse(request: HttpRequest, words: str, **said: str) -> NoReturn:
    told = words.format(name=settings.OIDC_NAME, **said)
    status = 502 if words == NOT_ANSWERING else 403
    raise ImmediateHttpResponse(render(request, "accounts/not_in.html", {"told": told}, status=status))
