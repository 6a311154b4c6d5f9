"""Identity providers to test against: ours in its own process, and one that lies on demand."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from django.test import Client
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.services.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
SITE = "http://testserver"
CLIENT_ID = "sin-papeleo-demo"
ANA = {
    "sub": "1234567",
    "RolUnico": {"DV": "9", "numero": 12345678, "tipo": "RUN"},
    "name": {"apellidos": ["Del Río", "Gonzalez"], "nombres": ["María", "Carmen"]},
}
"""The sample of ClaveÚnica's manual, wrong check digit and all."""


@contextmanager
def demo_provider(site: str = SITE) -> Iterator[str]:
    """Our demonstration provider as the process that `./run` starts; gives its issuer."""
    port = free_port()
    env = {**os.environ, "SINPAPELEO_IDENTITY_PORT": str(port), "SINPAPELEO_PUBLIC_URL": site}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo_identity"], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert any("Identidad de demostración" in line for line in process.stdout), "the provider did not start"
        yield f"http://127.0.0.1:{port}/openid"
    finally:
        process.terminate()
        process.communicate(timeout=60)


@dataclass
class Person:
    """Somebody at a browser, with the cookies of the site and of the provider."""

    site: Client = field(default_factory=Client)
    provider: requests.Session = field(default_factory=requests.Session)

    def depart(self, address: str = "/cuenta/entrar/") -> str:
        """Starts at the site; gives the provider's address to which it sends the browser."""
        response = self.site.get(address)
        assert response.status_code == 302, response.content.decode()
        return str(response["Location"])

    def choose(self, address: str, **choice: str) -> str:
        """Chooses who to be at the provider; gives the address back to the site."""
        page = self.provider.get(address, allow_redirects=False)
        if page.is_redirect:
            return page.headers["Location"]
        sealed = re.search(r'name="request" value="([^"]+)"', page.text)
        assert sealed, page.text
        form = {"request": unescape(sealed[1]), **choice}
        answer = self.provider.post(address.partition("?")[0], data=form, allow_redirects=False)
        assert answer.is_redirect, answer.text
        return answer.headers["Location"]

    def arrive(self, address: str) -> Any:
        """Comes back to the site."""
        assert address.startswith(SITE), address
        return self.site.get(address.removeprefix(SITE))

    def sign_in(self, run: str = "41.111.111-3", start: str = "/cuenta/entrar/") -> Any:
        """The whole way, as the person of this RUN."""
        return self.arrive(self.choose(self.depart(start), person=run))

    def name(self) -> str:
        """First name of who the site believes this is; "" for nobody."""
        from django.contrib.auth import get_user

        request = type("Request", (), {"session": self.site.session})()
        user = get_user(request)
        return str(user.person.given_names) if user.is_authenticated else ""


def parameters(address: str) -> dict[str, str]:
    """The query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def _new_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)


@dataclass
class LyingProvider:
    """A provider with discovery, keys, token and userinfo that answers what each test wants."""

    issuer: str
    key: RSAKey = field(default_factory=_new_key)
    nonce: str = ""
    """The nonce that the site asked for; tests copy it from the departure address."""
    claims: dict[str, Any] = field(default_factory=dict)
    """Claims that replace the right ones; None removes one."""
    user: Any = field(default_factory=lambda: dict(ANA))
    sign: Callable[[dict[str, Any], RSAKey], str] | None = None
    status: int = 200
    calls: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    """Method, path and form of every request received."""

    def discovery(self) -> dict[str, Any]:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo"}
        addresses = {name: f"{self.issuer}/{path}" for name, path in names.items()}
        return {**addresses, "issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}

    def right_claims(self) -> dict[str, Any]:
        now = int(time.time())
        right = {"iss": self.issuer, "sub": ANA["sub"], "aud": CLIENT_ID, "iat": now, "exp": now + 3600}
        return {**right, "auth_time": now, "nonce": self.nonce}

    def id_token(self) -> str:
        merged = {**self.right_claims(), **self.claims}
        claims = {name: value for name, value in merged.items() if value is not None}
        if self.sign:
            return self.sign(claims, self.key)
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def answer(self, path: str) -> Any:
        if path.endswith("openid-configuration"):
            return self.discovery()
        if path.endswith("jwks"):
            return {"keys": [self.key.as_dict(private=False)]}
        if path.endswith("token"):
            token = {"access_token": "a", "token_type": "bearer", "expires_in": 3600, "id_token": self.id_token()}
            return token if self.status == 200 else {"error": "invalid_grant"}
        return self.user


@contextmanager
def lying_provider() -> Iterator[LyingProvider]:
    """Serves a LyingProvider over HTTP on the loopback address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    provider = LyingProvider(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = _handler_of(provider)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler_of(provider: LyingProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            provider.calls.append((self.command, self.path, form))
            self.send_response(provider.status if "token" in self.path else 200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(provider.answer(self.path)).encode())

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Writes nothing."""

    return Handler
