"""What a manifest store amounts to: its state, who signed, whether the bytes hold, what is declared.

The library's own summary (`validation_state`) is not used: it calls files straight from a product invalid because a
short-lived certificate has run out. The codes of the single checks are (C2PA 2.2, 15.2 "validation status codes").
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from detector.provenance.manifest_store import HARMLESS_ACTIONS, UNTRUSTED, ManifestStore, Role
from detector.provenance.plain_text import plain
from detector.trust import INTERIM_FROZEN

NO_CREDENTIALS: dict[str, Any] = {
    "state": "none",
    "signer": None,
    "signer_list": None,
    "generator": None,
    "declares_generated": False,
    "composite": False,
    "captured": False,
    "intact": None,
    "signed_at": None,
    "history": [],
    "claims": [],
    "codes": [],
    "words": "No Content Credentials. Most sites strip them: this says nothing either way.",
}

MAX_STEPS = 500  # a longer history is no history that anybody reads; the latest steps are kept

WORDS = {
    "remote": "Credentials are stored elsewhere and were not fetched.",
    "unreadable": "Credentials are present but damaged.",
    "mismatch": "The file does not match what was signed.",
    "unconfirmed": "Signed, but the signature cannot be confirmed today.",
    "unknown-signer": "Intact, signed by an unknown signer.",
    "partly-trusted": "Signer recognised; part of the history is not.",
}

BINDINGS_MATCH = frozenset(
    f"assertion.{kind}.match" for kind in ("dataHash", "bmffHash", "boxesHash", "collectionHash", "multiAssetHash")
)
# Failures that mean: these bytes, or this claim, are not what was signed. Every "….mismatch" counts as well.
BROKEN = frozenset({"claimSignature.missing", "claim.missing", "assertion.missing", "assertion.undeclared"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the library made of the file: a store, or why there is none ("none", "remote", "unreadable")."""

    state: str
    store: ManifestStore | None = None
    complaint: str = ""


def judge(store: ManifestStore) -> str:
    """The state of a readable store, by its validation codes; the library's own summary is not used (see docs)."""
    if _does_not_match(store):
        return "mismatch"
    if {code for code in store.failed if not code.startswith("ingredient.")} - {UNTRUSTED}:
        return "unconfirmed"
    if "claimSignature.validated" not in store.passed:
        return "unconfirmed"
    if signer_list(store) is None:
        return "unknown-signer"
    doubted = any(manifest.doubts for manifest in store.manifests)  # the library itself passes over recorded doubts
    return "partly-trusted" if store.history_failed or store.failed or doubted else "trusted"


def _does_not_match(store: ManifestStore) -> bool:
    broken = any(code.endswith(".mismatch") or code in BROKEN for code in store.failed)
    return broken or any(code.startswith("ingredient.") and code.endswith(".mismatch") for code in store.history_failed)


def signer_list(store: ManifestStore) -> str | None:
    """ "official", "interim", or None: on which list the signer of the active manifest stands.

    The interim list counts for what was signed, by a trusted timestamp, before it was frozen.
    """
    if store.trusted_in is None:
        return None
    if "system_anchors" in store.trusted_in:
        return "official"
    stamped = "timeStamp.trusted" in store.passed
    signed_at = _moment(store.active.signed_at)
    return "interim" if stamped and signed_at is not None and signed_at < INTERIM_FROZEN else None


def _moment(text: str | None) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def is_intact(store: ManifestStore) -> bool | None:
    """True: the bytes match the signed hash. False: they, or the claim, do not. None: it could not be told."""
    if _does_not_match(store):
        return False
    return True if store.passed & BINDINGS_MATCH and "claimSignature.validated" in store.passed else None


def credentials_of(reading: Reading) -> dict[str, Any]:
    """The `credentials` object of the JSON contract, for any reading."""
    store = reading.store
    if store is None:
        codes = [plain(reading.complaint)] if reading.state == "unreadable" else []
        return {
            **NO_CREDENTIALS,
            "state": reading.state,
            "words": WORDS.get(reading.state, NO_CREDENTIALS["words"]),
            "codes": codes,
            "history": [],
            "claims": [],
        }
    state, signer = judge(store), store.active.signer
    generated = any(manifest.is_generated(step) for manifest, step in store.steps)
    composite = any(manifest.is_composite(step) for manifest, step in store.steps)
    return {
        "state": state,
        "signer": signer,
        "signer_list": signer_list(store),
        "generator": store.active.generator,
        "declares_generated": generated,
        "composite": composite,
        "captured": claims_capture(store) and not generated and not composite and vouches(store) and untouched(store),
        "intact": is_intact(store),
        "signed_at": store.active.signed_at,
        "history": [step.to_json() for _, step in store.steps[-MAX_STEPS:]],
        "claims": [step.words for _, step in store.steps[-MAX_STEPS:] if step.source_type],
        "codes": sorted(store.failed | store.history_failed),
        "words": _words(state, signer),
    }


def claims_capture(store: ManifestStore) -> bool:
    return any(manifest.is_capture(step) for manifest, step in store.steps)


def vouches(store: ManifestStore) -> bool:
    """Whether known signers vouch for these very bytes and for the capture that they come from."""
    captures = [manifest for manifest, step in store.steps if manifest.is_capture(step)]
    return judge(store) == "trusted" and is_intact(store) is True and all(manifest.trusted for manifest in captures)


def untouched(store: ManifestStore) -> bool:
    """Whether nothing but harmless steps stands beside the capture, and nothing was placed into the picture."""
    others = (step for manifest, step in store.steps if not manifest.is_capture(step))
    harmless = all(step.action in HARMLESS_ACTIONS or step.is_metadata for step in others)
    return harmless and all(manifest.role is Role.WHOLE for manifest in store.manifests)


def _words(state: str, signer: str | None) -> str:
    return f"Signed by {signer or 'a recognised signer'}, intact." if state == "trusted" else WORDS[state]
