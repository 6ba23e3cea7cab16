"""Content Credentials (C2PA): what the file's signed history says, and whether the signature still holds.

Looks for: a manifest store in the file; walks all manifests in it, the active one and those of its ingredients, with
two independent readers.
Asymmetry: "made by AI" is taken as declared from any readable manifest, whoever signed it, since nobody gains by
declaring it falsely of his own picture; "captured by a camera" only from a signer on a trust list, on intact bytes.
Blind to: everything once a site has stripped the manifest, which most do; a camera pointed at a screen.
Source: C2PA specification 2.2, https://spec.c2pa.org/ ; read with c2pa-python and encypher-c2pa, network switched off.
"""

from __future__ import annotations

from detector.observation import Sighting
from detector.provenance.assurance_level import assurance_level
from detector.provenance.credential_states import NO_CREDENTIALS, credentials_of, known_by_second
from detector.provenance.credential_words import observe
from detector.provenance.manifest_reader import read_manifests
from detector.provenance.manifest_store import ManifestStore
from detector.provenance.second_reader import read_again
from detector.scene import Detector, Scene

__all__ = ["DETECTOR", "NO_CREDENTIALS", "look"]


def look(scene: Scene) -> Sighting:
    """One observation for the state, one for what is declared, and one for each kind of edit that was signed.

    Details are the `credentials` object of the JSON contract, and more (docs/detectors.md#content_credentials). Works
    from bytes. Raises CouldNotLook where the trust lists cannot be read. Source: C2PA 2.2.
    """
    reading = read_manifests(scene.portrait, scene.trust)
    second = read_again(scene.portrait, scene.trust) if reading.state not in {"none", "remote"} else None
    store = known_by_second(reading.store, second) if reading.store else None
    credentials = credentials_of(reading.state, store, complaint=reading.complaint, second=second)
    credentials["assurance"] = _assurance(scene, store, credentials["signer_list"])
    return Sighting(
        observations=tuple(observe(credentials, store)),
        note=credentials["words"] if credentials["state"] == "none" else "",
        details=credentials,
    )


def _assurance(scene: Scene, store: ManifestStore | None, signer_list: str | None) -> int | None:
    """Of the active signer, where a list of the conformance programme knows it: the interim list has no levels."""
    known = store is not None and signer_list in {"official", "built-in"}
    return assurance_level(scene.portrait.data, store.active.serial) if store and known else None


DETECTOR = Detector(
    name="content_credentials",
    version=2,
    title="Content Credentials",
    question="Does the file carry a signed history, does it still hold, and what does it declare?",
    look=look,
)
