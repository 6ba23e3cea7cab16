"""Content Credentials (C2PA): what the file's signed history says, and whether the signature still holds.

Looks for: a manifest store in the file; walks all manifests in it, the active one and those of its ingredients.
Asymmetry: "made by AI" is taken as declared from any readable manifest, whoever signed it, since nobody gains by
declaring it falsely of his own picture; "captured by a camera" only from a signer on a trust list, on intact bytes.
Blind to: everything once a site has stripped the manifest, which most do; a camera pointed at a screen.
Source: C2PA specification 2.2, https://spec.c2pa.org/ ; read with c2pa-python, network switched off.
"""

from __future__ import annotations

import io
import json
import os
from functools import lru_cache
from typing import Any

import c2pa

from detector.observation import CouldNotLook, Sighting
from detector.portrait import Portrait
from detector.provenance.credential_states import NO_CREDENTIALS, Reading, credentials_of
from detector.provenance.credential_words import observe
from detector.provenance.manifest_store import read_store
from detector.scene import Detector, Scene
from detector.trust import TrustLists

__all__ = ["DETECTOR", "NO_CREDENTIALS", "SAFE_SETTINGS", "look", "read_credentials"]

# Nothing here may reach the network: the library would follow an address that stands inside the picture.
SAFE_SETTINGS: dict[str, Any] = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "core": {"allowed_network_hosts": [], "decode_identity_assertions": False},
}

MARKERS = (b"c2pa", b"contentauth", b"cai.claim", b"jumb")  # without one of them a damaged file held no credentials


@lru_cache(maxsize=4)
def _context(process: int, lists: tuple[tuple[str, str], ...]) -> c2pa.Context:
    """The reading context of this process (a parent's is dead after a fork) for these lists."""
    return c2pa.Context.from_dict({**SAFE_SETTINGS, "trust": TrustLists(texts=dict(lists)).settings()})


def read_credentials(portrait: Portrait, trust: TrustLists) -> Reading:
    """Reads the manifest store of the file; asks nothing of the network, decodes no pixel.

    Raises CouldNotLook where the trust lists themselves cannot be read.
    """
    try:
        context = _context(os.getpid(), trust.key)
    except c2pa.C2paError as error:
        raise CouldNotLook(
            "The C2PA trust lists could not be read. Refresh them with `manage.py refresh_trust`."
        ) from error
    try:
        with io.BytesIO(portrait.data) as stream:
            reader = c2pa.Reader.try_create(portrait.mime, stream, None, context)
            if reader is None:
                return Reading(state="none")
            with reader:
                return Reading(state="", store=read_store(json.loads(reader.json())))
    except c2pa.C2paError as error:
        if str(error).startswith("Remote"):
            return Reading(state="remote")
        held = any(marker in portrait.data for marker in MARKERS)
        return Reading(state="unreadable" if held else "none", complaint=str(error))
    except (KeyError, TypeError, ValueError, RecursionError) as error:  # JSON that is not what the library promises
        return Reading(state="unreadable", complaint=f"{type(error).__name__}: {error}")


def look(scene: Scene) -> Sighting:
    """One observation for the state, and one for each kind of declaration: generated, generated in part, captured.

    Details are the `credentials` object of the JSON contract, and more (see docs). Works from bytes. Raises
    CouldNotLook where the trust lists cannot be read. Source: C2PA 2.2.
    """
    reading = read_credentials(scene.portrait, scene.trust)
    credentials = credentials_of(reading)
    return Sighting(
        observations=tuple(observe(credentials, reading.store)),
        note=credentials["words"] if credentials["state"] == "none" else "",
        details=credentials,
    )


DETECTOR = Detector(
    name="content_credentials",
    version=1,
    title="Content Credentials",
    question="Does the file carry a signed history, does it still hold, and what does it declare?",
    look=look,
)
