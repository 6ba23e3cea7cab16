"""One try: signed, timestamped, to a checked address, within a deadline. Redirects are answers, not followed."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from vetting.models import Delivery
from vetting.webhooks.addresses import NotAllowed, Target, look_up, read_address

CONNECT_SECONDS = 5
ANSWER_SECONDS = 10
DEADLINE = CONNECT_SECONDS + ANSWER_SECONDS  # for all of it: a receiver that drips a byte at a time must not hold us
READ_AT_MOST = 1024  # of the answer's body; what it says is not kept
AGENT = "Candid-Webhook/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """status: None where there was no answer; then `problem` says why."""

    status: int | None
    problem: str = ""

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        return self.status == 410


def body_of(delivery: Delivery) -> bytes:
    """The bytes that are signed: canonical JSON, the same at every try."""
    return json.dumps(delivery.body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 in hex over the timestamp, a full stop and the body."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def headers_of(delivery: Delivery, body: bytes, timestamp: int) -> dict[str, str]:
    signed = signature(delivery.webhook.secret, timestamp, body)
    return {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "Candid-Event": delivery.event,
        "Candid-Delivery": str(delivery.pk),
        "Candid-Signature": f"t={timestamp},v1={signed}",
    }


def send(delivery: Delivery) -> Answer:
    """Never raises for what the other side does."""
    body = body_of(delivery)
    try:
        target = read_address(delivery.webhook.url)
        addresses = look_up(target.host, target.port)
        return _post(target, addresses, body, headers_of(delivery, body, int(time.time())))
    except (NotAllowed, OSError, http.client.HTTPException) as error:
        return Answer(status=None, problem=_why(error))


def _why(error: Exception) -> str:
    match error:
        case NotAllowed():
            return str(error)
        case TimeoutError():
            return f"No answer within {DEADLINE} seconds."
        case ssl.SSLCertVerificationError():
            return f"The certificate was not accepted: {error.verify_message}."
        case OSError():
            return f"The connection failed: {error.strerror or type(error).__name__}."
    return "What came back was no HTTP answer."


def _post(target: Target, addresses: list[str], body: bytes, headers: Mapping[str, str]) -> Answer:
    connection = _Pinned(target, addresses)
    with _deadline(connection):
        connection.request("POST", target.path, body, dict(headers))
        response = connection.getresponse()
        response.read(READ_AT_MOST)
    problem = "" if 200 <= response.status < 300 else _words(response.status)
    return Answer(status=response.status, problem=problem)


def _words(status: int) -> str:
    if 300 <= status < 400:
        return "The address redirects; redirects are not followed. Enter the address that it leads to."
    return "The address is gone, so it is told nothing more." if status == 410 else ""


class _Pinned(http.client.HTTPConnection):
    """Connects to an address that was checked, while Host, SNI and certificate are those of the name."""

    def __init__(self, target: Target, addresses: list[str]) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_SECONDS)
        self.default_port = 443 if target.scheme == "https" else 80  # left out of the Host header
        self._target, self._addresses = target, addresses
        self.wire: socket.socket | None = None  # `sock` is gone once the answer's head is read

    def connect(self) -> None:
        plain = self._reach()
        plain.settimeout(ANSWER_SECONDS)
        self.sock = self.wire = plain
        if self._target.scheme == "https":
            self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self._target.host)
            self.wire = self.sock

    def _reach(self) -> socket.socket:
        """The first address that answers; all of them within the time that one may take."""
        until, failure = time.monotonic() + CONNECT_SECONDS, OSError("no address")
        for address in self._addresses:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            try:
                return socket.create_connection((address, self._target.port), timeout=left)
            except OSError as error:
                failure = error
        raise failure


@contextmanager
def _deadline(connection: _Pinned) -> Iterator[None]:
    """Breaks the connection off when the time for all of it is over; then TimeoutError."""
    over = threading.Event()

    def break_off() -> None:
        over.set()
        if connection.wire is not None:
            with suppress(OSError):
                socket.socket.shutdown(connection.wire, socket.SHUT_RDWR)

    timer = threading.Timer(DEADLINE, break_off)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise (TimeoutError if over.is_set() else error) from error
    finally:
        timer.cancel()
        connection.close()
