"""The operator's view of teams and people; what is evidence can be looked at and not changed."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from vetting.models import Analysis, Applicant, Decision, Event, Finding, Membership, Opening, Photo, Team, User


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]  # not subscriptable at run time
    model = Membership
    extra = 1


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    inlines = [MembershipInline]
    list_display = ["name", "created_at"]


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that are evidence."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


admin.site.register(User, UserAdmin)
admin.site.register([Opening, Applicant, Photo, Analysis, Finding, Decision, Event], ReadOnlyAdmin)
admin.site.unregister([EmailAddress, SocialApp, SocialToken, SocialAccount, Authenticator])  # not edited by hand
