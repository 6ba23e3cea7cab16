"""The API itself: its calls put together, and the OpenAPI document that describes them."""

from __future__ import annotations

import json
import re
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from vetting.api import problems
from vetting.api.routes import applicants, decisions, openings, photos, reports
from vetting.api.schemas import FieldProblem, ProblemOut

PREFIX = "/api/v1"
ABOUT = (
    "Add applicants, upload their photos, read what was found and fetch reports. A token belongs to a team and reaches "
    "nothing of another. Verdicts are evidence for a person: no call decides about anybody or rejects anybody."
)

api = NinjaAPI(
    title="Candid",
    version="1",
    description=ABOUT,
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
    openapi_extra={"info": {"license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}},
)
problems.handle_in(api)
for nouns in (openings, applicants, photos, decisions, reports):
    api.add_router("", nouns.router)


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document: ninja's, with the problems that each call can end in and the scope that it needs."""
    described: dict[str, Any] = OpenAPISchema(api, PREFIX.strip("/"))
    described["components"]["schemas"] |= _problem_schemas()
    for bound in api._get_bound_routers():  # ninja has no public way from a path to its operations
        for path, view in bound.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    call = described["paths"][f"{PREFIX}{path}"][method.lower()]
                    _describe(call, scope=operation.auth_callbacks[0].scope)  # type: ignore[attr-defined]
    return _plainly_named(described)


def _problem_schemas() -> dict[str, Any]:
    template = "#/components/schemas/{model}"
    shown = ProblemOut.model_json_schema(ref_template=template)
    shown.pop("$defs", None)
    return {"ProblemOut": shown, "FieldProblem": FieldProblem.model_json_schema(ref_template=template)}


def _describe(call: dict[str, Any], *, scope: str) -> None:
    writes = "requestBody" in call
    kinds = [problems.UNREADABLE, problems.NO_TOKEN, problems.NO_SCOPE, problems.INVALID, problems.TOO_MANY]
    kinds += [problems.UNDER_WAY, problems.TOO_LARGE, problems.MEDIA] if writes else []
    kinds += [problems.NOT_FOUND] if any(p["in"] == "path" for p in call.get("parameters", [])) else []
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    for kind in sorted(kinds, key=lambda kind: kind.status):
        call["responses"][kind.status] = {"description": kind.title, "content": content}
    call["x-scope"] = str(scope)
    for parameter in call.get("parameters", []):
        _without_null(parameter["schema"])
    for status in (200, 201):
        if writes and status in call["responses"]:
            link = {"description": "Where it can be read.", "schema": {"type": "string"}}
            call["responses"][status]["headers"] = {"Location": link}


def _without_null(schema: dict[str, Any]) -> None:
    """A parameter that may be left out cannot be sent as null: in an address that is the word “null”."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) == 1:
        del schema["anyOf"]
        schema |= kinds[0]


def _plainly_named(described: dict[str, Any]) -> dict[str, Any]:
    """PhotoOut is called so to tell it from the row; who reads the document needs no such ending."""
    named: dict[str, Any] = json.loads(re.sub(r"\b([A-Z]\w+)Out\b", r"\1", json.dumps(described)))
    return named
