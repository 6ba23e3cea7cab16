"""The API's addresses: ninja's calls, each guarded; the document; the page."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from vetting.api import docs
from vetting.api.api import PREFIX, api, document
from vetting.api.guard import guarded, no_such_call


def _calls() -> list[URLPattern]:
    described = document()["paths"]
    found = []
    for bound in api._get_bound_routers():  # `api.urls` would add a page of ninja's own at the root
        for pattern in bound.urls_paths(bound.prefix):
            route = str(pattern.pattern)
            methods = described[f"{PREFIX}/{route}".replace("<", "{").replace(">", "}")].values()
            query = {p["name"] for call in methods for p in call.get("parameters", []) if p["in"] == "query"}
            view = guarded(pattern.callback, upload=route.endswith("/photos"), query=frozenset(query))
            found.append(path(PREFIX.removeprefix("/api/") + "/" + route, view, name=f"api-{pattern.name}"))
    return found


urlpatterns = [
    path("docs", docs.docs, name="api-docs"),
    path("openapi.json", docs.openapi, name="api-openapi"),
    *_calls(),
    re_path(r"^v1(?:/.*)?$", no_such_call, name="api-unknown"),
]
