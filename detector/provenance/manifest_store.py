"""A C2PA manifest store as frozen facts: who did what, in which order, and which checks failed.

Input is the JSON of c2pa-python's Reader (c2pa-rs 0.91). Every value in it was written by a stranger, so nothing is
taken for granted about types, and no text leaves without passing `plain`.
Source: C2PA 2.2, sections 15 (validation), 18.10 (ingredients), 18.15 (actions).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from detector.provenance.digital_source_types import SourceKind
from detector.provenance.manifest_actions import Edit, Step, actions_of, steps_of
from detector.provenance.plain_text import plain
from detector.provenance.reader_json import codes, items, mapping, text

MAX_MANIFESTS = 200  # more are no history that anybody reads; the rest is left out
MAX_INGREDIENTS = 50  # of one manifest that are kept to show; all are walked

UNTRUSTED = "signingCredential.untrusted"


class Role(StrEnum):
    """How a manifest stands to the picture at hand."""

    WHOLE = "whole"  # the active one, and what it was made from
    PART = "part"  # of an element placed into the picture, or of an input


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """Where a small copy of the picture stands in the store. uri: as the reader's `resource_to_stream` takes it."""

    uri: str
    format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient:
    """What a manifest says it was made from. label: of the manifest that came with it, None where it had none."""

    title: str | None
    relation: str
    label: str | None
    thumbnail: Thumbnail | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A timestamp of the signature. authority: its name, None where it is not told. trusted: on a list in force."""

    authority: str | None
    trusted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One signed statement of the history.

    has_base: it says that there was a picture before its own edits. signed_at: ISO 8601, from the timestamp.
    trusted: its signer stands on a list, today or when the next one recorded it.
    doubts: failure codes that a later manifest recorded about this one; where the signer is trusted today, without the
    code for an unknown signer. serial: of the signer's certificate, in decimal.
    """

    label: str
    role: Role
    signer: str | None
    generator: str | None
    signed_at: str | None
    steps: tuple[Step, ...]
    has_base: bool
    trusted: bool
    title: str | None = None
    serial: str | None = None
    ingredients: tuple[Ingredient, ...] = ()
    thumbnail: Thumbnail | None = None
    doubts: frozenset[str] = frozenset()

    def is_generated(self, step: Step) -> bool:
        """Whether the step declares the whole picture as generated, and not merely a part of it."""
        if step.kind is not SourceKind.GENERATIVE or self.role is not Role.WHOLE:
            return False
        return step.action in {"c2pa.created", ""} or not self.has_base

    def is_composite(self, step: Step) -> bool:
        """Whether the step declares that a generator made a part."""
        if step.kind is SourceKind.COMPOSITE or step.edit is Edit.GENERATIVE:
            return not self.is_generated(step)
        return step.kind is SourceKind.GENERATIVE and not self.is_generated(step)

    def is_capture(self, step: Step) -> bool:
        return step.action == "c2pa.created" and step.kind is SourceKind.CAPTURE and self.role is Role.WHOLE


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestStore:
    """All manifests, oldest first, the active one last; codes of the checks of it and of its ingredients.

    trusted_in: the library's words for the list in which the active signer was found, None if in none.
    stamp: the timestamp of the active signature, None where it has none. excused: failures that do not count, since a
    second reader answers for what they doubt.
    """

    manifests: tuple[Manifest, ...]
    passed: frozenset[str]
    failed: frozenset[str]
    history_failed: frozenset[str]
    trusted_in: str | None
    stamp: Stamp | None = None
    excused: frozenset[str] = frozenset()

    @property
    def active(self) -> Manifest:
        return self.manifests[-1]

    @property
    def steps(self) -> tuple[tuple[Manifest, Step], ...]:
        return tuple((manifest, step) for manifest in self.manifests for step in manifest.steps)


def read_store(report: object) -> ManifestStore:
    """The Reader's JSON as facts. Raises KeyError where it names no active manifest, or one that it doesn't hold."""
    whole = mapping(report)
    raw = mapping(whole.get("manifests"))
    active = str(whole["active_manifest"])
    if active not in raw:
        raise KeyError(active)
    results = mapping(whole.get("validation_results"))
    checks = mapping(results.get("activeManifest"))
    deltas = [mapping(mapping(delta).get("validationDeltas")) for delta in items(results.get("ingredientDeltas"))]
    return ManifestStore(
        manifests=tuple(_in_order(raw, active, _trusted_labels([checks, *deltas], raw))),
        passed=codes(checks.get("success")),
        failed=codes(checks.get("failure")),
        history_failed=frozenset(code for delta in deltas for code in codes(delta.get("failure"))),
        trusted_in=next(iter(_explanations(checks, "signingCredential.trusted")), None),
        stamp=_stamp(checks),
    )


def _explanations(checks: Mapping[str, Any], code: str) -> Iterator[str]:
    for kind in ("success", "informational", "failure"):
        for entry in items(checks.get(kind)):
            if mapping(entry).get("code") == code:
                yield plain(mapping(entry).get("explanation", ""))


def _stamp(checks: Mapping[str, Any]) -> Stamp | None:
    """The library names the authority in its explanations alone: "timestamp cert trusted: NAME, trust list: …"."""
    for code, trusted in (("timeStamp.trusted", True), ("timeStamp.validated", False), ("timeStamp.untrusted", False)):
        for words in _explanations(checks, code):
            name = re.search(r": (.+?)(?:, trust list: .*)?$", words)
            return Stamp(authority=name[1] if name else None, trusted=trusted)
    return None


def _trusted_labels(checks: list[Mapping[str, Any]], raw: Mapping[str, Any]) -> frozenset[str]:
    """Labels of the manifests whose signer the library found on a list."""
    passed = (mapping(entry) for check in checks for entry in items(check.get("success")))
    urls = [str(entry.get("url")) for entry in passed if entry.get("code") == "signingCredential.trusted"]
    return frozenset(label for label in raw if any(f"/{label}/" in url for url in urls))


def _in_order(raw: Mapping[str, Any], active: str, known: frozenset[str]) -> Iterator[Manifest]:
    """Manifests oldest first. Those that nothing refers to come first, as parts: whose they are is not said."""
    roles: dict[str, Role] = {active: Role.WHOLE}
    doubts: dict[str, frozenset[str]] = {}
    recorded = set(known)
    queue = [active]
    # The queue grows while it is walked; each label enters once, or twice when a part turns out to be the whole.
    for label in queue:
        for ingredient, role in _roles_of_ingredients(mapping(raw.get(label)), roles[label]):
            child = str(ingredient.get("active_manifest"))
            if child in raw and (child not in roles or (role is Role.WHOLE and roles[child] is Role.PART)):
                roles[child] = role
                queue.append(child)
            passed, failed = _recorded_checks(ingredient)
            doubts[child] = doubts.get(child, frozenset()) | failed - ({UNTRUSTED} if child in known else set())
            recorded |= {child} if "signingCredential.trusted" in passed else set()
        if len(roles) >= MAX_MANIFESTS:
            break
    seen = list(dict.fromkeys(reversed(queue)))
    strays = [label for label in raw if label not in roles][: MAX_MANIFESTS - len(roles)]
    ordered = [*strays, *(label for label in seen if label != active), active]
    for label in ordered:
        manifest = _manifest(label, mapping(raw[label]), roles.get(label, Role.PART))
        yield replace(manifest, trusted=label in recorded, doubts=doubts.get(label, frozenset()))


def _roles_of_ingredients(manifest: Mapping[str, Any], role: Role) -> Iterator[tuple[Mapping[str, Any], Role]]:
    """Its ingredients, each with the role that it has for the picture at hand."""
    ingredients = [mapping(item) for item in items(manifest.get("ingredients"))]
    # ChatGPT wraps its picture as the one component of a manifest that records no action of its own.
    wraps = len(ingredients) == 1 and not _mentions_creation(manifest)
    for ingredient in ingredients:
        relation = ingredient.get("relationship")
        whole = relation == "parentOf" or (relation == "componentOf" and wraps)
        yield ingredient, role if whole else Role.PART


def _mentions_creation(manifest: Mapping[str, Any]) -> bool:
    return any(action.get("action") == "c2pa.created" for action in actions_of(manifest))


def _manifest(label: str, raw: Mapping[str, Any], role: Role) -> Manifest:
    signature = mapping(raw.get("signature_info"))
    signed_at = text(signature.get("time"))
    steps = tuple(steps_of(raw, signed_at))
    parents = any(mapping(item).get("relationship") == "parentOf" for item in items(raw.get("ingredients")))
    begun = any(step.action == "c2pa.created" and step.kind is not SourceKind.GENERATIVE for step in steps)
    return Manifest(
        label=plain(label),
        role=role,
        signer=text(signature.get("issuer")) or text(signature.get("common_name")),
        generator=_generator(raw),
        signed_at=signed_at,
        steps=steps,
        has_base=parents or begun or any(step.action == "c2pa.opened" for step in steps),
        trusted=False,
        title=text(raw.get("title")),
        serial=text(signature.get("cert_serial_number")),
        ingredients=tuple(_ingredient(mapping(item)) for item in items(raw.get("ingredients"))[:MAX_INGREDIENTS]),
        thumbnail=_thumbnail(raw),
    )


def _ingredient(raw: Mapping[str, Any]) -> Ingredient:
    return Ingredient(
        title=text(raw.get("title")) or text(raw.get("description")),
        relation=text(raw.get("relationship")) or "",
        label=text(raw.get("active_manifest")),
        thumbnail=_thumbnail(raw),
    )


def _thumbnail(raw: Mapping[str, Any]) -> Thumbnail | None:
    found = mapping(raw.get("thumbnail"))
    uri = found.get("identifier")
    return Thumbnail(uri=uri, format=text(found.get("format")) or "") if isinstance(uri, str) and uri else None


def program(generator: str | None) -> str:
    """A claim generator's name without builds and libraries: "Adobe_Photoshop/24.0.0 (build …) c2pa-rs/0.13.0"."""
    first = re.match(r"[^(]*?/[^ (]+|[^(]*", generator or "")
    return first[0].replace("_", " ").replace("/", " ").strip() if first else ""


def _generator(manifest: Mapping[str, Any]) -> str | None:
    for entry in items(manifest.get("claim_generator_info")):
        name, version = text(mapping(entry).get("name")), text(mapping(entry).get("version"))
        if name:
            return plain(f"{name} {version}") if version else name
    return text(manifest.get("claim_generator"))


def _recorded_checks(ingredient: Mapping[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    """Codes that passed and that failed when the ingredient was taken in."""
    checks = mapping(mapping(ingredient.get("validation_results")).get("activeManifest"))
    return codes(checks.get("success")), codes(checks.get("failure")) | codes(ingredient.get("validation_status"))
