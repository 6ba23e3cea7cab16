"""A small OpenID Connect provider on a thread: discovery, keys, token and userinfo, with ID tokens signed by RS256.

A test says who signs in there and what the provider gets wrong. It checks the client as a real one does: its secret,
the redirect address and the PKCE verifier.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Login:
    """The provider. person: the claims about who signs in there; wrong: claims of the ID token that are spoilt."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {"sub": "a-1", "email": "alice@example.org", "email_verified": True}
        self.wrong: dict[str, Any] = {}
        self.key, self.algorithm = KEY, "RS256"
        self.userinfo: dict[str, Any] | None = None
        self.answers_tokens: tuple[int, str] | None = None
        self.issuer = self.says = ""
        self._asked: dict[str, dict[str, str]] = {}

    def sign_in(self, address: str) -> str:
        """What a person does at the authorization endpoint; the address that the browser is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert {"openid", "email"} <= set(asked["scope"].split())
        code = secrets.token_urlsafe(8)
        self._asked[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def token(self, form: dict[str, str]) -> tuple[int, str]:
        if self.answers_tokens:
            return self.answers_tokens
        asked = self._asked.pop(form.get("code", ""), None)
        verifier = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if not asked or verifier != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, json.dumps({"error": "invalid_grant"})
        if (form.get("client_id"), form.get("client_secret")) != ("candid", "hush"):
            return 401, json.dumps({"error": "invalid_client"})
        told = {} if self.userinfo else self.person
        claims = {"iss": self.issuer, "aud": "candid", "exp": int(time.time()) + 300, "iat": int(time.time())}
        claims |= {"sub": self.person["sub"], "nonce": asked.get("nonce", "")} | told | self.wrong
        return 200, json.dumps({"access_token": "t", "token_type": "Bearer", "id_token": self.signed(claims)})

    def signed(self, claims: dict[str, Any]) -> str:
        head = b64(json.dumps({"alg": self.algorithm, "kid": "k1", "typ": "JWT"}).encode())
        said = f"{head}.{b64(json.dumps(claims).encode())}"
        if self.algorithm == "none":
            return f"{said}."
        return f"{said}.{b64(self.key.sign(said.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def page(self, path: str) -> dict[str, Any] | None:
        public = KEY.public_key().public_numbers()
        pages: dict[str, dict[str, Any] | None] = {
            "/.well-known/openid-configuration": {
                "issuer": self.says or self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            },
            "/keys": {"keys": [{"kty": "RSA", "kid": "k1", "use": "sig", "alg": "RS256", "n": _number(public.n),
                                "e": _number(public.e)}]},
            "/userinfo": self.userinfo,
        }  # fmt: skip
        return pages.get(path)


@contextmanager
def login_server() -> Iterator[Login]:
    login = Login()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = login.page(self.path)
            self._send(200 if page else 404, json.dumps(page))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._send(*login.token({name: values[0] for name, values in parse_qs(body).items()}))

        def _send(self, status: int, body: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    login.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield login
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
