"""Addresses of single sign-on and second factor: 404 while they are off. allauth looks its own names up here."""

from __future__ import annotations

from django.urls import path

from vetting.web.sign_in.offered import anything, offered, passkey_sign_in, second_factor, single_sign_on
from vetting.web.views import accounts, security
from vetting.web.views import single_sign_on as sso

urlpatterns = [
    path("sign-in/", accounts.SignIn.as_view(), name="account_login"),  # never reached: sign-in stands before it
    path("sign-in/code/", offered(second_factor, security.SecondStep.as_view(), to_anybody=True),
         name="mfa_authenticate"),
    path("sign-in/passkey/", offered(passkey_sign_in, security.PasskeySignIn.as_view(), to_anybody=True),
         name="mfa_login_webauthn"),
    path("sign-in/with/", offered(single_sign_on, sso.there, to_anybody=True), name="single-sign-on"),
    path("sign-in/with/back/", offered(single_sign_on, sso.back, to_anybody=True), name="single-sign-on-back"),
    path("settings/security/", offered(anything, security.security), name="mfa_index"),
    path("settings/security/link/", offered(single_sign_on, sso.link), name="single-sign-on-link"),
    path("settings/security/unlink/", offered(single_sign_on, sso.unlink), name="single-sign-on-unlink"),
    path("settings/security/confirm/", offered(anything, security.ConfirmPassword.as_view()),
         name="account_reauthenticate"),
    path("settings/security/confirm/code/", offered(second_factor, security.ConfirmCode.as_view()),
         name="mfa_reauthenticate"),
    path("settings/security/confirm/passkey/", offered(second_factor, security.ConfirmPasskey.as_view()),
         name="mfa_reauthenticate_webauthn"),
    path("settings/security/app/", offered(second_factor, security.AppOn.as_view()), name="mfa_activate_totp"),
    path("settings/security/app/qr.svg", offered(second_factor, security.qr), name="second-factor-qr"),
    path("settings/security/app/off/", offered(second_factor, security.AppOff.as_view()), name="mfa_deactivate_totp"),
    path("settings/security/codes/", offered(second_factor, security.Codes.as_view()), name="mfa_view_recovery_codes"),
    path("settings/security/codes/new/", offered(second_factor, security.CodesNew.as_view()),
         name="mfa_generate_recovery_codes"),
    path("settings/security/passkeys/new/", offered(second_factor, security.PasskeyNew.as_view()),
         name="mfa_add_webauthn"),
    path("settings/security/passkeys/<int:pk>/remove/", offered(second_factor, security.PasskeyRemove.as_view()),
         name="mfa_remove_webauthn"),
]  # fmt: skip
