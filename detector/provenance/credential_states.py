"""What a manifest store amounts to: its state, who signed, whether the bytes hold, what is declared.

The library's own summary (`validation_state`) is not used: it calls files straight from a product invalid because a
short-lived certificate has run out. The codes of the single checks are (C2PA 2.2, 15.2 "validation status codes").
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from detector.provenance.credential_history import chapters_of
from detector.provenance.manifest_actions import HARMLESS_ACTIONS
from detector.provenance.manifest_store import UNTRUSTED, ManifestStore, Role, Stamp
from detector.provenance.plain_text import plain
from detector.provenance.second_reader import SecondReading
from detector.provenance.validation_codes import explained
from detector.trust import INTERIM_FROZEN

NO_CREDENTIALS: dict[str, Any] = {
    "state": "none",
    "signer": None,
    "signer_list": None,
    "assurance": None,
    "generator": None,
    "declares_generated": False,
    "composite": False,
    "captured": False,
    "intact": None,
    "signed_at": None,
    "timestamp": None,
    "history": [],
    "chapters": [],
    "claims": [],
    "codes": [],
    "checks": [],
    "second_reader": None,
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

BUILT_IN = "second reader"
# What the first reader cannot confirm without lists of its own, and the second confirms by those built in: who signed,
# and, for want of a known timestamp authority, that the certificate was valid then.
FOR_WANT_OF_LISTS = frozenset({UNTRUSTED, "signingCredential.expired"})


def known_by_second(store: ManifestStore, second: SecondReading | None) -> ManifestStore:
    """The store as it stands where the second reader's built-in list knows the signer, and no operator's list is there.

    Only a signature that the second reader found whole and known counts, on bytes that both found to match.
    """
    if second is None or not (second.built_in and second.knows_signer and second.intact) or second.failed:
        return store
    if store.trusted_in is not None or not store.passed & BINDINGS_MATCH:
        return store
    others = [manifest for manifest in store.manifests if manifest is not store.active]
    vouched = all(manifest.trusted for manifest in others)  # recorded as trusted when the known signer took them in
    return replace(
        store,
        manifests=(*others, replace(store.active, trusted=True)),
        trusted_in=BUILT_IN,
        stamp=replace(store.stamp, trusted=second.knows_time) if store.stamp else None,
        excused=FOR_WANT_OF_LISTS,
        history_failed=store.history_failed - (FOR_WANT_OF_LISTS if vouched else frozenset()),
    )


def judge(store: ManifestStore) -> str:
    """The state of a readable store, by its validation codes; the library's own summary is not used (see docs)."""
    if _does_not_match(store):
        return "mismatch"
    failed = store.failed - store.excused
    if {code for code in failed if not code.startswith("ingredient.")} - {UNTRUSTED}:
        return "unconfirmed"
    if "claimSignature.validated" not in store.passed:
        return "unconfirmed"
    if signer_list(store) is None:
        return "unknown-signer"
    doubted = any(manifest.doubts for manifest in store.manifests)  # the library itself passes over recorded doubts
    return "partly-trusted" if store.history_failed or failed or doubted else "trusted"


def _does_not_match(store: ManifestStore) -> bool:
    broken = any(code.endswith(".mismatch") or code in BROKEN for code in store.failed)
    return broken or any(code.startswith("ingredient.") and code.endswith(".mismatch") for code in store.history_failed)


def signer_list(store: ManifestStore) -> str | None:
    """ "official", "interim", "built-in", or None: on which list the signer of the active manifest stands.

    The interim list counts for what was signed, by a trusted timestamp, before it was frozen.
    """
    if store.trusted_in is None:
        return None
    if store.trusted_in == BUILT_IN:
        return "built-in"
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


def credentials_of(
    state: str, store: ManifestStore | None, *, complaint: str = "", second: SecondReading | None = None
) -> dict[str, Any]:
    """The `credentials` object of the JSON contract. state: why there is no store, where there is none."""
    beside = {"second_reader": second.to_json() if second else None}
    if store is None:
        words = WORDS.get(state, NO_CREDENTIALS["words"])
        codes = [plain(complaint)] if state == "unreadable" else []
        empty = {key: list(value) if isinstance(value, list) else value for key, value in NO_CREDENTIALS.items()}
        return {**empty, "state": state, "words": words, "codes": codes, **beside}
    found = {**NO_CREDENTIALS, **_who(store), **_what(store), **beside}
    if second is None or second.intact is not True:
        found["captured"] = False  # the strongest claim there is: both readers must find these bytes unchanged
    return found


def _who(store: ManifestStore) -> dict[str, Any]:
    state, signer = judge(store), store.active.signer
    return {
        "state": state,
        "signer": signer,
        "signer_list": signer_list(store),
        "generator": store.active.generator,
        "intact": is_intact(store),
        "signed_at": store.active.signed_at,
        "timestamp": _stamp(store.stamp, store.active.signed_at) if store.stamp else None,
        "codes": sorted(store.failed | store.history_failed),
        "checks": explained(store.passed, store.failed, store.history_failed),
        "words": _words(state, signer),
    }


def _what(store: ManifestStore) -> dict[str, Any]:
    generated = any(manifest.is_generated(step) for manifest, step in store.steps)
    composite = any(manifest.is_composite(step) for manifest, step in store.steps)
    return {
        "declares_generated": generated,
        "composite": composite,
        "captured": claims_capture(store) and not generated and not composite and vouches(store) and untouched(store),
        "history": [step.to_json() for _, step in store.steps[-MAX_STEPS:]],
        "chapters": chapters_of(store, intact=is_intact(store)),
        "claims": [step.words for _, step in store.steps[-MAX_STEPS:] if step.source_type],
    }


def _stamp(stamp: Stamp, signed_at: str | None) -> dict[str, Any]:
    return {"authority": stamp.authority, "trusted": stamp.trusted, "at": signed_at}


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
