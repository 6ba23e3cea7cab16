"""The candidate's addresses, behind the key of their link: everything here goes through for_candidates()."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
