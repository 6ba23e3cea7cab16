"""A throw-away certificate authority, and signing with it: Content Credentials to look at and to test with.

Keys are made in memory for each authority and are never written anywhere. Needs `cryptography`, a demo dependency.
Source: C2PA 2.2, 14.5 (certificate profile).
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import c2pa

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.x509 import Certificate, Name

LIFETIME = dt.timedelta(days=90)
MISSING = "The demo's photos need `cryptography` and `scikit-image`: pip install -r requirements-demo.txt"
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"

# Nothing is fetched while signing, and faulty statements can be signed, too.
SETTINGS: dict[str, Any] = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_sign": False},
    "core": {"allowed_network_hosts": [], "decode_identity_assertions": False},
}


class DemoDependencyError(RuntimeError):
    """A package that only the demo needs is not installed; the text says how to get it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A signing certificate with its chain, and its key, in PEM."""

    chain: bytes
    key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A root certificate that nobody knows. anchor: its PEM, to be put on a trust list in a test."""

    certificate: Certificate
    key: EllipticCurvePrivateKey

    @property
    def anchor(self) -> str:
        from cryptography.hazmat.primitives.serialization import Encoding

        return self.certificate.public_bytes(Encoding.PEM).decode()

    def issue(self, organization: str, *, until: dt.datetime | None = None) -> Signer:
        """A signing certificate in the name of `organization`, of which no proof is asked: that is the point."""
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        key = ec.generate_private_key(ec.SECP256R1())
        end = until or dt.datetime.now(dt.UTC) + LIFETIME
        leaf = _leaf(self, _name(organization, "Content Credentials"), key, end)
        return Signer(
            chain=leaf.public_bytes(Encoding.PEM) + self.anchor.encode(),
            key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        )


def throw_away_authority(organization: str = "Candid demo", common_name: str = "Throw-away root") -> Authority:
    """A new root of that name, of which no proof is asked. Raises DemoDependencyError without `cryptography`."""
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
    except ImportError as error:
        raise DemoDependencyError(MISSING) from error
    key, name = ec.generate_private_key(ec.SECP256R1()), _name(organization, common_name)
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - LIFETIME)
        .not_valid_after(now + 2 * LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate=certificate, key=key)


def _leaf(authority: Authority, name: Name, key: EllipticCurvePrivateKey, end: dt.datetime) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID

    root = authority.key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime.now(dt.UTC) - dt.timedelta(days=1))
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root), critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def _name(organization: str, common_name: str) -> Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _usage(*, signs_certificates: bool) -> Any:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def statement(*actions: Mapping[str, Any], tool: str = "Candid demo camera", **extra: Any) -> dict[str, Any]:
    """A manifest that records these actions."""
    return {
        "claim_generator_info": [{"name": tool, "version": "1.0"}],
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [dict(action) for action in actions]}}],
        **extra,
    }


def created(source_type: str, *, agent: str = "") -> dict[str, Any]:
    """The action c2pa.created with a digital source type such as "digitalCapture"."""
    return {
        "action": "c2pa.created",
        "digitalSourceType": IPTC + source_type,
        **({"softwareAgent": agent} if agent else {}),
    }


def done(action: str, ingredient: str = "", source_type: str = "") -> dict[str, Any]:
    """Another action ("c2pa.opened", "c2pa.placed", "c2pa.edited"), on the ingredient with that label."""
    return {
        "action": action,
        **({"parameters": {"ingredientIds": [ingredient]}} if ingredient else {}),
        **({"digitalSourceType": IPTC + source_type} if source_type else {}),
    }


def sign(
    data: bytes,
    mime: str,
    manifest: Mapping[str, Any],
    signer: Signer,
    *,
    ingredients: Mapping[str, tuple[str, bytes]] | None = None,
    remote_url: str = "",
    thumbnails: bool = False,
) -> bytes:
    """The picture with the manifest in it, signed; with `remote_url` only that address is put into its XMP.

    ingredients: label -> relationship ("parentOf", "componentOf", "inputTo") and file, of the same MIME type.
    thumbnails: keep a small copy of the picture, and of each ingredient, in the manifest.
    """
    settings = SETTINGS | {"builder": {"thumbnail": {"enabled": thumbnails}}}
    info = c2pa.C2paSignerInfo(b"es256", signer.chain, signer.key, None)
    target = io.BytesIO()
    with c2pa.Context.from_dict(settings) as context, c2pa.Builder(json.dumps(dict(manifest)), context) as builder:
        for label, (relationship, file) in (ingredients or {}).items():
            described = {"title": label, "label": label, "relationship": relationship}
            builder.add_ingredient(json.dumps(described), mime, io.BytesIO(file))
        if remote_url:
            builder.set_no_embed()
            builder.set_remote_url(remote_url)
        with c2pa.Signer.from_info(info) as hand:
            builder.sign(hand, mime, io.BytesIO(data), target)
    return target.getvalue()
