"""The Ed25519 key that signs reports, and the public keys that are known here: the present one and earlier ones.

The private key comes from CANDID_SIGNING_KEY. The embedded site without it makes one at first use under KEYS_DIR, for
this user alone; a production site never does, as every container would have another. A public key is named by the
first 16 hexadecimal digits of the SHA-256 of its DER form (SubjectPublicKeyInfo).
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.conf import settings

KEY_ID = 16  # hexadecimal digits
PRIVATE = "signing.pem"
PUBLIC = ".pub"
FROM_ENVIRONMENT = "CANDID_SIGNING_KEY"
MISSING = (
    "Reports cannot be signed: this installation has no signing key. Its operator makes one with “openssl genpkey "
    f"-algorithm ed25519” and names the file in {FROM_ENVIRONMENT} (docs/operations.md)."
)


class NoSigningKey(Exception):  # noqa: N818 - the text is a sentence for whoever wants the report
    """There is no key to sign with, or it cannot be used; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """A key that signatures of this installation may be by. signs: whether it is the present one."""

    id: str
    key: Ed25519PublicKey
    signs: bool = False

    @property
    def pem(self) -> str:
        return self.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def fits(self, signature: bytes, signed: bytes) -> bool:
        """Whether the signature is by this key and over these bytes."""
        try:
            self.key.verify(signature, signed)
        except InvalidSignature:
            return False
        return True


def signing_key() -> Ed25519PrivateKey:
    """The present key; made where the embedded site has none yet. Raises NoSigningKey."""
    if settings.SIGNING_KEY:
        key = _read_private(_from_environment(settings.SIGNING_KEY), FROM_ENVIRONMENT)
        with suppress(OSError):  # a root filesystem that cannot be written: then the operator keeps public keys
            _keep_public(key.public_key())
        return key
    path = settings.KEYS_DIR / PRIVATE
    if not path.exists():
        if settings.PRODUCTION:
            raise NoSigningKey(MISSING)
        _make(path)
    key = _read_private(path.read_bytes(), str(path))
    _keep_public(key.public_key())
    return key


def known_keys() -> list[PublicKey]:
    """The present one first, then the earlier ones by name. Makes none; what is no Ed25519 key is left out."""
    found = {}
    if settings.SIGNING_KEY or (settings.KEYS_DIR / PRIVATE).exists():
        with suppress(NoSigningKey):
            present = signing_key().public_key()
            found[key_id(present)] = PublicKey(id=key_id(present), key=present, signs=True)
    for path in sorted(settings.KEYS_DIR.glob(f"*{PUBLIC}")):
        with suppress(OSError, ValueError, UnsupportedAlgorithm):
            key = load_pem_public_key(path.read_bytes())
            if isinstance(key, Ed25519PublicKey):
                found.setdefault(key_id(key), PublicKey(id=key_id(key), key=key))
    return list(found.values())


def key_id(key: Ed25519PublicKey) -> str:
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()[:KEY_ID]


def replace_key() -> str:
    """A new key signs from now on, the present one's public half stays; the new name. Raises NoSigningKey."""
    if settings.SIGNING_KEY:
        raise NoSigningKey(f"The key stands in {FROM_ENVIRONMENT}: replace it there. The old public half stays known.")
    signing_key()  # its public half is kept by this
    part = _written(settings.KEYS_DIR / PRIVATE)
    part.replace(settings.KEYS_DIR / PRIVATE)
    return key_id(signing_key().public_key())


def _from_environment(value: str) -> bytes:
    if "-----BEGIN" in value:
        return value.encode()
    try:
        return Path(value).read_bytes()
    except OSError as error:
        raise NoSigningKey(f"{FROM_ENVIRONMENT} names a file that cannot be read: {error.strerror}.") from error


def _read_private(pem: bytes, source: str) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NoSigningKey(f"What stands in {source} is not a private key in PEM without a password.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise NoSigningKey(f"The key in {source} is not an Ed25519 key.")
    return key


def _make(path: Path) -> None:
    """Of two processes that come at once, one key wins, and both use it: a link is made or refused as a whole."""
    part = _written(path)
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()


def _written(path: Path) -> Path:
    """A new private key in a file beside `path`, for this user alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return _beside(path, pem, mode=0o600)


def _keep_public(key: Ed25519PublicKey) -> None:
    path = settings.KEYS_DIR / f"{key_id(key)}{PUBLIC}"
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _beside(path, PublicKey(id="", key=key).pem.encode(), mode=0o644).replace(path)


def _beside(path: Path, content: bytes, *, mode: int) -> Path:
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return part
