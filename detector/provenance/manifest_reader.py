"""Opening the manifest store of a file: with c2pa-python, nothing fetched, every way in which it fails told apart."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import c2pa

from detector.observation import CouldNotLook
from detector.portrait import Portrait
from detector.provenance.manifest_store import ManifestStore, read_store
from detector.trust import TrustLists

# Nothing here may reach the network: the library would follow an address that stands inside the picture.
SAFE_SETTINGS: dict[str, Any] = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "core": {"allowed_network_hosts": [], "decode_identity_assertions": False},
}

MARKERS = (b"c2pa", b"contentauth", b"cai.claim", b"jumb")  # without one of them a damaged file held no credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the library made of the file: a store, or why there is none ("none", "remote", "unreadable")."""

    state: str
    store: ManifestStore | None = None
    complaint: str = ""


@lru_cache(maxsize=4)
def _context(process: int, lists: tuple[tuple[str, str], ...]) -> c2pa.Context:
    """The reading context of this process (a parent's is dead after a fork) for these lists."""
    return c2pa.Context.from_dict({**SAFE_SETTINGS, "trust": TrustLists(texts=dict(lists)).settings()})


@contextmanager
def opened(portrait: Portrait, trust: TrustLists) -> Iterator[c2pa.Reader | None]:
    """The library's reader of this file, None where it has no manifest. Raises c2pa.C2paError; CouldNotLook where the
    trust lists themselves cannot be read."""
    try:
        context = _context(os.getpid(), trust.key)
    except c2pa.C2paError as error:
        raise CouldNotLook(
            "The C2PA trust lists could not be read. Refresh them with `manage.py refresh_trust`."
        ) from error
    with io.BytesIO(portrait.data) as stream:
        reader = c2pa.Reader.try_create(portrait.mime, stream, None, context)
        if reader is None:
            yield None
            return
        with reader:
            yield reader


def read_manifests(portrait: Portrait, trust: TrustLists) -> Reading:
    """Reads the manifest store of the file; asks nothing of the network, decodes no pixel. Raises CouldNotLook."""
    try:
        with opened(portrait, trust) as reader:
            if reader is None:
                return Reading(state="none")
            return Reading(state="", store=read_store(json.loads(reader.json())))
    except c2pa.C2paError as error:
        if str(error).startswith("Remote"):
            return Reading(state="remote")
        held = any(marker in portrait.data for marker in MARKERS)
        return Reading(state="unreadable" if held else "none", complaint=str(error))
    except (KeyError, TypeError, ValueError, RecursionError) as error:  # JSON that is not what the library promises
        return Reading(state="unreadable", complaint=f"{type(error).__name__}: {error}")
