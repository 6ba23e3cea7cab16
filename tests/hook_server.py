"""A receiver of webhooks on this machine, over HTTP or HTTPS, that answers as a test says and keeps what it got."""

from __future__ import annotations

import datetime as dt
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DAY = dt.timedelta(days=1)
CHUNK = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """One message as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True, kw_only=True)
class HookServer:
    """status, location, body: what is answered next. drip: seconds between single bytes of the answer."""

    port: int = 0
    status: int = 200
    location: str = ""
    body: bytes = b""
    drip: float = 0
    got: list[Got] = field(default_factory=list)
    sent: int = 0


@contextmanager
def hook_server(folder: Path | None = None, name: str = "hooks.example.org") -> Iterator[HookServer]:
    """With a folder, over HTTPS: folder/hook.pem is then the certificate of `name` and says whom to believe."""
    running, over = HookServer(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            running.got.append(Got(path=self.path, headers=dict(self.headers), body=body))
            if running.drip:
                self._answer_in_drips()
                return
            self.send_response(running.status)
            if running.location:
                self.send_header("Location", running.location)
            self.send_header("Content-Length", str(len(running.body)))
            self.end_headers()
            for start in range(0, len(running.body), CHUNK):
                self.wfile.write(running.body[start : start + CHUNK])
                running.sent = start + CHUNK

        def _answer_in_drips(self) -> None:
            for sign in b"HTTP/1.0 200 OK\r\nX-Slow: " + b"x" * 10_000:
                self.wfile.write(bytes([sign]))
                self.wfile.flush()
                if over.wait(running.drip):
                    return

        def log_message(self, format: str, *args: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            return  # a client that breaks off is what some tests are about

    server = Server(("127.0.0.1", 0), Handler)
    if folder:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*_identity(folder, name))
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    running.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield running
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _identity(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "hook.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "hook.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "hook.pem", folder / "hook.key"
