"""A C2PA manifest store as frozen facts: who did what, in which order, and which checks failed.

Input is the JSON of c2pa-python's Reader (c2pa-rs 0.91). Every value in it was written by a stranger, so nothing is
taken for granted about types, and no text leaves without passing `plain`.
Source: C2PA 2.2, sections 15 (validation), 18.10 (ingredients), 18.15 (actions).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from detector.provenance.digital_source_types import SourceKind, kind_of, term_of, words_of
from detector.provenance.plain_text import plain

MAX_MANIFESTS = 200  # more are no history that anybody reads; the rest is left out

ACTION_WORDS = {
    "c2pa.created": "Created",
    "c2pa.opened": "Opened",
    "c2pa.placed": "Placed an element",
    "c2pa.edited": "Edited",
    "c2pa.edited.metadata": "Edited its metadata",
    "c2pa.color_adjustments": "Adjusted colours",
    "c2pa.adjustedColor": "Adjusted colours",
    "c2pa.cropped": "Cropped",
    "c2pa.resized": "Resized",
    "c2pa.resized.proportional": "Resized",
    "c2pa.orientation": "Turned",
    "c2pa.filtered": "Filtered",
    "c2pa.enhanced": "Enhanced",
    "c2pa.drawing": "Drew on it",
    "c2pa.deleted": "Removed a part",
    "c2pa.removed": "Removed a part",
    "c2pa.redacted": "Redacted a part of the history",
    "c2pa.converted": "Converted",
    "c2pa.transcoded": "Saved in another encoding",
    "c2pa.repackaged": "Repackaged",
    "c2pa.published": "Published",
    "c2pa.watermarked": "Watermarked",
    "c2pa.watermarked.bound": "Watermarked",
    "c2pa.unknown": "Did something that is not recorded",
}
# What may follow a capture without changing what the picture shows (C2PA 2.2, 18.15.3: "non-editorial" and mild ones).
HARMLESS_ACTIONS = frozenset(
    {
        *("c2pa.opened", "c2pa.converted", "c2pa.transcoded", "c2pa.repackaged", "c2pa.published", "c2pa.resized"),
        *("c2pa.resized.proportional", "c2pa.cropped", "c2pa.orientation", "c2pa.color_adjustments"),
        *("c2pa.adjustedColor", "c2pa.edited.metadata", "c2pa.watermarked", "c2pa.watermarked.bound"),
    }
)


UNTRUSTED = "signingCredential.untrusted"


class Role(StrEnum):
    """How a manifest stands to the picture at hand."""

    WHOLE = "whole"  # the active one, and what it was made from
    PART = "part"  # of an element placed into the picture, or of an input


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One recorded action. source_type: the vocabulary's term, or None. when: as written in the file."""

    action: str
    tool: str | None
    when: str | None
    source_type: str | None

    @property
    def kind(self) -> SourceKind:
        return kind_of(self.source_type)

    @property
    def is_metadata(self) -> bool:
        """Whether it is no action but a source type stated in signed metadata."""
        return not self.action

    @property
    def words(self) -> str:
        words = ACTION_WORDS.get(self.action, "Declared" if not self.action else f"Recorded “{self.action}”")
        words += f" with {self.tool}" if self.tool else ""
        declared = words_of(self.source_type)
        return f"{words}, declared as {declared}." if declared else f"{words}."

    def to_json(self) -> dict[str, Any]:
        source = {"action": self.action, "tool": self.tool, "when": self.when, "source_type": self.source_type}
        return {**source, "words": self.words}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One signed statement of the history.

    has_base: it says that there was a picture before its own edits. signed_at: ISO 8601, from the timestamp.
    trusted: its signer stands on a list, today or when the next one recorded it.
    doubts: failure codes that a later manifest recorded about this one; where the signer is trusted today, without the
    code for an unknown signer.
    """

    label: str
    role: Role
    signer: str | None
    generator: str | None
    signed_at: str | None
    steps: tuple[Step, ...]
    has_base: bool
    trusted: bool
    doubts: frozenset[str] = frozenset()

    def is_generated(self, step: Step) -> bool:
        """Whether the step declares the whole picture as generated, and not merely a part of it."""
        if step.kind is not SourceKind.GENERATIVE or self.role is not Role.WHOLE:
            return False
        return step.action in {"c2pa.created", ""} or not self.has_base

    def is_composite(self, step: Step) -> bool:
        """Whether the step declares that a generator made a part."""
        if step.kind is SourceKind.COMPOSITE:
            return True
        return step.kind is SourceKind.GENERATIVE and not self.is_generated(step)

    def is_capture(self, step: Step) -> bool:
        return step.action == "c2pa.created" and step.kind is SourceKind.CAPTURE and self.role is Role.WHOLE


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestStore:
    """All manifests, oldest first, the active one last; codes of the checks of it and of its ingredients.

    trusted_in: the library's words for the list in which the active signer was found, None if in none.
    """

    manifests: tuple[Manifest, ...]
    passed: frozenset[str]
    failed: frozenset[str]
    history_failed: frozenset[str]
    trusted_in: str | None

    @property
    def active(self) -> Manifest:
        return self.manifests[-1]

    @property
    def steps(self) -> tuple[tuple[Manifest, Step], ...]:
        return tuple((manifest, step) for manifest in self.manifests for step in manifest.steps)


def read_store(report: object) -> ManifestStore:
    """The Reader's JSON as facts. Raises KeyError where it names no active manifest, or one that it doesn't hold."""
    whole = _mapping(report)
    raw = _mapping(whole.get("manifests"))
    active = str(whole["active_manifest"])
    if active not in raw:
        raise KeyError(active)
    results = _mapping(whole.get("validation_results"))
    checks = _mapping(results.get("activeManifest"))
    deltas = [_mapping(_mapping(delta).get("validationDeltas")) for delta in _items(results.get("ingredientDeltas"))]
    return ManifestStore(
        manifests=tuple(_in_order(raw, active, _trusted_labels([checks, *deltas], raw))),
        passed=_codes(checks.get("success")),
        failed=_codes(checks.get("failure")),
        history_failed=frozenset(code for delta in deltas for code in _codes(delta.get("failure"))),
        trusted_in=next(
            (
                plain(_mapping(entry).get("explanation", ""))
                for entry in _items(checks.get("success"))
                if _mapping(entry).get("code") == "signingCredential.trusted"
            ),
            None,
        ),
    )


def _trusted_labels(checks: list[Mapping[str, Any]], raw: Mapping[str, Any]) -> frozenset[str]:
    """Labels of the manifests whose signer the library found on a list."""
    passed = (_mapping(entry) for check in checks for entry in _items(check.get("success")))
    urls = [str(entry.get("url")) for entry in passed if entry.get("code") == "signingCredential.trusted"]
    return frozenset(label for label in raw if any(f"/{label}/" in url for url in urls))


def _in_order(raw: Mapping[str, Any], active: str, known: frozenset[str]) -> Iterator[Manifest]:
    """Manifests oldest first. Those that nothing refers to come first, as parts: whose they are is not said."""
    roles: dict[str, Role] = {active: Role.WHOLE}
    doubts: dict[str, frozenset[str]] = {}
    recorded = set(known)
    queue = [active]
    for (
        label
    ) in queue:  # grows while it is walked; each label enters once, or twice when a part turns out to be the whole
        for ingredient, role in _ingredients(_mapping(raw.get(label)), roles[label]):
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
        manifest = _manifest(label, _mapping(raw[label]), roles.get(label, Role.PART))
        yield replace(manifest, trusted=label in recorded, doubts=doubts.get(label, frozenset()))


def _ingredients(manifest: Mapping[str, Any], role: Role) -> Iterator[tuple[Mapping[str, Any], Role]]:
    """Its ingredients, each with the role that it has for the picture at hand."""
    ingredients = [_mapping(item) for item in _items(manifest.get("ingredients"))]
    # ChatGPT wraps its picture as the one component of a manifest that records no action of its own.
    wraps = len(ingredients) == 1 and not _mentions_creation(manifest)
    for ingredient in ingredients:
        relation = ingredient.get("relationship")
        whole = relation == "parentOf" or (relation == "componentOf" and wraps)
        yield ingredient, role if whole else Role.PART


def _mentions_creation(manifest: Mapping[str, Any]) -> bool:
    return any(action.get("action") == "c2pa.created" for action in _actions(manifest))


def _manifest(label: str, raw: Mapping[str, Any], role: Role) -> Manifest:
    signature = _mapping(raw.get("signature_info"))
    signed_at = _text(signature.get("time"))
    steps = tuple(_steps(raw, signed_at))
    parents = any(_mapping(item).get("relationship") == "parentOf" for item in _items(raw.get("ingredients")))
    begun = any(step.action == "c2pa.created" and step.kind is not SourceKind.GENERATIVE for step in steps)
    return Manifest(
        label=plain(label),
        role=role,
        signer=_text(signature.get("issuer")) or _text(signature.get("common_name")),
        generator=_generator(raw),
        signed_at=signed_at,
        steps=steps,
        has_base=parents or begun or any(step.action == "c2pa.opened" for step in steps),
        trusted=False,
    )


def _steps(manifest: Mapping[str, Any], signed_at: str | None) -> Iterator[Step]:
    for action in _actions(manifest):
        parameters = _mapping(action.get("parameters"))
        agent = action.get("softwareAgent")
        yield Step(
            action=_text(action.get("action")) or "c2pa.unknown",
            tool=_text(_mapping(agent).get("name")) if isinstance(agent, Mapping) else _text(agent),
            when=_text(action.get("when")) or signed_at,
            source_type=term_of(action.get("digitalSourceType")) or term_of(parameters.get("digitalSourceType")),
        )
    for assertion in _items(manifest.get("assertions")):  # IPTC and XMP metadata, signed along
        if not str(_mapping(assertion).get("label")).startswith("c2pa.actions"):
            for term in _metadata_terms(_mapping(assertion).get("data")):
                yield Step(action="", tool=None, when=signed_at, source_type=term)


def _actions(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for assertion in _items(manifest.get("assertions")):
        if str(_mapping(assertion).get("label")).startswith("c2pa.actions"):
            yield from (_mapping(action) for action in _items(_mapping(_mapping(assertion).get("data")).get("actions")))


def _metadata_terms(data: object) -> Iterator[str]:
    """Digital source types of a metadata assertion ("Iptc4xmpExt:DigitalSourceType"), whatever it is nested in."""
    left = [data]
    while left:
        value = left.pop()
        if isinstance(value, Mapping):
            for key, inner in value.items():
                named = str(key).rpartition(":")[2].lower() == "digitalsourcetype"
                term = term_of(inner) if named else None
                if term:
                    yield term
                left.append(inner)
        elif isinstance(value, list):
            left.extend(value)


def _generator(manifest: Mapping[str, Any]) -> str | None:
    for entry in _items(manifest.get("claim_generator_info")):
        name, version = _text(_mapping(entry).get("name")), _text(_mapping(entry).get("version"))
        if name:
            return plain(f"{name} {version}") if version else name
    return _text(manifest.get("claim_generator"))


def _recorded_checks(ingredient: Mapping[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    """Codes that passed and that failed when the ingredient was taken in."""
    checks = _mapping(_mapping(ingredient.get("validation_results")).get("activeManifest"))
    return _codes(checks.get("success")), _codes(checks.get("failure")) | _codes(ingredient.get("validation_status"))


def _codes(entries: object) -> frozenset[str]:
    return frozenset(plain(_mapping(entry).get("code", "")) for entry in _items(entries))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return (plain(value) or None) if isinstance(value, str) else None
