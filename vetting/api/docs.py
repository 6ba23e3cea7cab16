"""The API's own pages: the OpenAPI document, and the same drawn as a page of this site, without scripts of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vetting.api import problems
from vetting.api.api import document
from vetting.tokens import Scope

EXAMPLES = {
    "add_applicant": """-H 'Content-Type: application/json' -d '{"name": "Eileen Collins", "reference": "ATS-1042"}'""",
    "upload_photo": "-F photo=@headshot.jpg",
}
SIGNED = """\
POST /hooks/candid
Candid-Event: verdict.ready
Candid-Delivery: 1042
Candid-Signature: t=1790000000,v1=5257a869e7…

{"id": "0f7c…", "event": "verdict.ready", "at": "2026-11-24T13:05:00+00:00", "team": 1,
 "data": {"opening": 3, "applicant": 42, "photo": 77, "analysis": 91, "verdict": "inconclusive",
          "strength": null, "hidden": false, "links": {"page": "/applicants/42/", "photo": "/api/v1/photos/77", …}}}"""
CHECKING = """\
import hashlib, hmac, time

def from_candid(secret: str, header: str, body: bytes) -> bool:
    parts = dict(part.split("=", 1) for part in header.split(","))
    signed = parts["t"].encode() + b"." + body
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    fresh = abs(time.time() - int(parts["t"])) < 300
    return fresh and hmac.compare_digest(expected, parts["v1"])"""
SAVED = {"report_pdf", "report_json", "report_csv"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call as the page shows it."""

    id: str
    method: str
    path: str
    title: str
    about: str
    scope: str
    parameters: list[dict[str, Any]]
    media: str
    fields: list[dict[str, Any]]
    answers: list[tuple[str, str, str]]
    curl: str


@login_not_required
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Says nothing of anybody, so that tools can fetch it without a session."""
    return JsonResponse(document())


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    described = document()
    site = request.build_absolute_uri("/").rstrip("/")
    groups: dict[str, list[Call]] = {}
    for path, methods in described["paths"].items():
        for method, call in methods.items():
            groups.setdefault(call["tags"][0], []).append(_call(path, method, call, described, site))
    schemas = described["components"]["schemas"]
    context = {
        "info": described["info"],
        "groups": groups,
        "shapes": [(name, _fields(schemas[name])) for name in sorted(schemas)],
        "shape_names": schemas,
        "webhook_example": SIGNED,
        "checking": CHECKING,
        "problems": problems.KINDS,
        "scopes": Scope.choices,
    }
    return render(request, "api/docs.html", context)


def _call(path: str, method: str, call: dict[str, Any], described: dict[str, Any], site: str) -> Call:
    return Call(
        id=call["operationId"],
        method=method.upper(),
        path=path,
        title=call["summary"],
        about=call.get("description", ""),
        scope=call["x-scope"],
        parameters=[_parameter(p) for p in call.get("parameters", [])],
        media=next(iter(call.get("requestBody", {}).get("content", {})), ""),
        fields=_body(call, described),
        answers=[(str(status), a["description"], _schema_name(a)) for status, a in call["responses"].items()],
        curl=_curl(path, method.upper(), call["operationId"], site),
    )


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    told = _kind(parameter["schema"])
    return {
        "name": parameter["name"],
        "place": parameter["in"],
        "required": parameter.get("required", False),
        "kind": told,
        "about": parameter.get("description", ""),
    }


def _body(call: dict[str, Any], described: dict[str, Any]) -> list[dict[str, Any]]:
    for media in call.get("requestBody", {}).get("content", {}).values():
        schema = media["schema"]
        if "$ref" in schema:
            schema = described["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        return _fields(schema)
    return []


def _fields(schema: dict[str, Any]) -> list[dict[str, Any]]:
    required = schema.get("required", [])
    return [
        {"name": name, "kind": _kind(one), "about": one.get("description", ""), "required": name in required}
        for name, one in schema.get("properties", {}).items()
    ]


def _kind(schema: dict[str, Any]) -> str:
    """A type in words: text, number, list of FindingOut, text or null."""
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if schema.get("format") == "binary":
        return "file"
    words = {"string": "text", "integer": "whole number", "boolean": "true or false", "object": "object"}
    kind = words.get(schema.get("type", ""), str(schema.get("type", "anything")))
    return "date and time" if schema.get("format") == "date-time" else kind


def _schema_name(told: dict[str, Any]) -> str:
    for media, content in told.get("content", {}).items():
        if "$ref" in content["schema"]:
            return str(content["schema"]["$ref"].rsplit("/", 1)[-1])
        return str(media)
    return ""


def _curl(path: str, method: str, name: str, site: str) -> str:
    parts = [f"curl {'-X POST ' if method == 'POST' else ''}{site}{path.replace('{id}', '42')}"]
    parts.append('-H "Authorization: Bearer $CANDID_TOKEN"')
    if method == "POST":
        parts.append('-H "Idempotency-Key: $(uuidgen)"')
    if name in EXAMPLES:
        parts.append(EXAMPLES[name])
    if name in SAVED:
        parts.append("-OJ")
    return " \\\n  ".join(parts)
