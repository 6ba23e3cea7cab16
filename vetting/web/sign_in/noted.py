"""What allauth tells of factors and links, into the event chains of the person's teams."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.signals import social_account_added
from django.dispatch import receiver

from vetting.models import User
from vetting.second_factor import FACTORS, LINKED, OFF, ON, record_change

KINDS = {Authenticator.Type.TOTP: "app", Authenticator.Type.WEBAUTHN: "passkey"}


@receiver(authenticator_added)
def note_factor_on(user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type in FACTORS:
        record_change(user=user, verb=ON, kind=KINDS[Authenticator.Type(authenticator.type)])


@receiver(authenticator_removed)
def note_factor_off(user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type in FACTORS:
        record_change(user=user, verb=OFF, kind=KINDS[Authenticator.Type(authenticator.type)])


@receiver(social_account_added)
def note_link(sociallogin: SocialLogin, **_: Any) -> None:
    record_change(user=sociallogin.account.user, verb=LINKED)
