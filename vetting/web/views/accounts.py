"""Signing in and out, one's own password, and the address that a supervisor asks for life."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy

from vetting.web.sign_in import offered


class SignIn(auth.LoginView):
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Where a second factor or a provider is on, allauth goes on from here: it asks for the code."""
        user = form.get_user()
        if not offered.password_for_all() and not user.is_superuser:
            form.add_error(None, "not this way")  # in the words of a wrong password, which it must not tell apart
            return self.form_invalid(form)
        if not offered.anything():
            return super().form_valid(form)
        login = Login(user=user, redirect_url=self.get_success_url())
        answered: HttpResponse = perform_password_login(self.request, {"username": user.username}, login)
        return answered

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        asked = self.request.method == "POST" or "with" in self.request.GET
        return context | {
            "provider": settings.OIDC_NAME if offered.single_sign_on() else "",
            "password": offered.password_for_all() or asked,
            "operators_only": not offered.password_for_all(),
            "passkeys": offered.passkey_sign_in(),
        }


class SignOut(auth.LogoutView):
    http_method_names = ["post", "options"]


class ChangePassword(auth.PasswordChangeView):
    template_name = "accounts/password.html"
    success_url = reverse_lazy("settings")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        messages.success(self.request, "Your password is changed. Other sessions of yours were signed out.")
        return super().form_valid(form)


@login_not_required
def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """The operator's admin has a sign-in of its own, which must not be a way round the second factor."""
    if not offered.anything():
        answered: HttpResponse = admin.site.login(request)
        return answered
    if request.user.is_authenticated and not request.user.is_staff:
        raise PermissionDenied("Only operators of this site can open its admin.")
    if request.user.is_authenticated:
        return redirect("admin:index")
    return auth.redirect_to_login(request.GET.get("next") or reverse("admin:index"))
