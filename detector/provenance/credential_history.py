"""A manifest store as chapters to show, oldest first: who signed, what was done, from what, and where nothing is known.

A gap is part of the history: where a picture came in without credentials, something happened before that nobody
signed, or that was signed and stripped. It is named, never filled.
"""

from __future__ import annotations

from typing import Any

from detector.provenance.manifest_actions import Step
from detector.provenance.manifest_store import Ingredient, Manifest, ManifestStore, Role

MAX_CHAPTERS = 40  # a longer history is no history that anybody reads; the latest are kept
MAX_STEPS_SHOWN = 60  # of one chapter

RELATIONS = {
    "parentOf": "the picture that was opened",
    "componentOf": "an element that was placed into it",
    "inputTo": "an input that was given to the tool",
}

NOT_RECORDED = "Unsigned steps happened here, or were stripped: how the picture began is not recorded."
BEFORE_OPENED = "Unsigned steps happened here, or were stripped: the picture that was opened had no credentials."
TAKEN_OUT = "A part of the history is named here, but is not in the file."
AFTER_SIGNING = "Something changed the file after the last signature, and nobody signed for it."


def chapters_of(store: ManifestStore, *, intact: bool | None) -> list[dict[str, Any]]:
    """One mapping for each manifest, JSON-able; `gap` says what is missing before it, "" where nothing is.

    Keys: label, part (whether it belongs to an element only), signer, known (to a list), generator, signed_at, title,
    thumbnail (uri, format; or None), steps (as in `history`), ingredients (title, relation, words, has_credentials,
    thumbnail), doubts (validation codes that the next signer recorded), gap, gap_after.
    """
    held = {manifest.label for manifest in store.manifests}
    shown = store.manifests[-MAX_CHAPTERS:]
    chapters = [_chapter(manifest, held) for manifest in shown]
    if intact is False:
        chapters[-1]["gap_after"] = AFTER_SIGNING
    return chapters


def _chapter(manifest: Manifest, held: set[str]) -> dict[str, Any]:
    return {
        "label": manifest.label,
        "part": manifest.role is Role.PART,
        "signer": manifest.signer,
        "known": manifest.trusted,
        "generator": manifest.generator,
        "signed_at": manifest.signed_at,
        "title": manifest.title,
        "thumbnail": _thumbnail(manifest),
        "steps": [step.to_json() for step in manifest.steps[-MAX_STEPS_SHOWN:]],
        "ingredients": [_ingredient(ingredient, held) for ingredient in manifest.ingredients],
        "doubts": sorted(manifest.doubts),
        "gap": _gap(manifest, held),
        "gap_after": "",
    }


def _gap(manifest: Manifest, held: set[str]) -> str:
    parents = [ingredient for ingredient in manifest.ingredients if ingredient.relation == "parentOf"]
    if any(ingredient.label and ingredient.label not in held for ingredient in manifest.ingredients):
        return TAKEN_OUT
    if any(ingredient.label is None for ingredient in parents):
        return BEFORE_OPENED
    begun = any(_begins(step) for step in manifest.steps)
    return "" if begun or any(ingredient.label for ingredient in manifest.ingredients) else NOT_RECORDED


def _begins(step: Step) -> bool:
    return step.action == "c2pa.created"


def _ingredient(ingredient: Ingredient, held: set[str]) -> dict[str, Any]:
    return {
        "title": ingredient.title,
        "relation": ingredient.relation,
        "words": RELATIONS.get(ingredient.relation, "something that it was made from"),
        "has_credentials": ingredient.label in held,
        "thumbnail": _thumbnail(ingredient),
    }


def _thumbnail(of: Manifest | Ingredient) -> dict[str, str] | None:
    return {"uri": of.thumbnail.uri, "format": of.thumbnail.format} if of.thumbnail else None
