"""An HTTPS server on this machine that hands out trust lists as a test says, and what a test puts into them."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = dt.datetime.now(dt.UTC)
YEAR = dt.timedelta(days=365)


def anchor(
    name: str, *, begins: dt.datetime = NOW - YEAR, ends: dt.datetime = NOW + 4 * YEAR, authority: bool = True
) -> str:
    """A certificate in PEM, as a list has it, of a key that nobody keeps."""
    key = ec.generate_private_key(ec.SECP256R1())
    return _certificate(key, name, begins, ends, authority=authority).public_bytes(Encoding.PEM).decode()


def anchors(*names: str) -> str:
    return "\n".join(f"Subject\tCN={name}\n{anchor(name)}" for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server says to one path. wait: set to hold it back until the server ends."""

    body: bytes = b""
    status: int = 200
    location: str = ""
    wait: bool = False


@dataclass(slots=True, kw_only=True)
class ListsServer:
    """base: its address. asked: path and User-Agent of each request. certificate: a file that says whom to believe."""

    base: str
    certificate: Path
    asked: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def lists_server(folder: Path, answers: Mapping[str, Answer]) -> Iterator[ListsServer]:
    """Serves `answers` by path until the block ends; any other path is not found."""
    over = threading.Event()
    running = ListsServer(base="", certificate=folder / "server.pem")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            running.asked.append((self.path, self.headers["User-Agent"]))
            answer = answers.get(self.path, Answer(status=404))
            if answer.wait:
                over.wait(30)
            self.send_response(answer.status)
            if answer.location:
                self.send_header("Location", answer.location)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            return  # a client that broke off is what some tests are about

    server = Server(("127.0.0.1", 0), Handler)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    key = _write_identity(running.certificate)
    tls.load_cert_chain(running.certificate, key)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    running.base = f"https://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield running
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _write_identity(certificate: Path) -> Path:
    key, private = ec.generate_private_key(ec.SECP256R1()), certificate.with_suffix(".key")
    own = _certificate(key, "127.0.0.1", NOW - YEAR, NOW + YEAR, authority=True)
    certificate.write_bytes(own.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return private


def _certificate(
    key: ec.EllipticCurvePrivateKey, name: str, begins: dt.datetime, ends: dt.datetime, *, authority: bool
) -> x509.Certificate:
    """Signed by itself; names this machine, so that a server can have it too."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, key_cert_sign=authority, crl_sign=authority, decipher_only=False, **usage
            ),
            critical=True,
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
