"""allauth's passkey forms; what no browser would send is a refusal here and not an exception."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms

NONSENSE = (AttributeError, KeyError, TypeError, ValueError)


class _Guarded:
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except NONSENSE as error:
            raise get_adapter().validation_error("incorrect_code") from error


class AuthenticateForm(_Guarded, forms.AuthenticateWebAuthnForm):
    pass


class SignInForm(_Guarded, forms.LoginWebAuthnForm):
    pass


class ConfirmForm(_Guarded, forms.ReauthenticateWebAuthnForm):
    pass


class AddForm(forms.AddWebAuthnForm):
    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except NONSENSE as error:
            raise get_adapter().validation_error("incorrect_code") from error
        return cleaned
