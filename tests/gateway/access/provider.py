"""An OpenID provider of our own, over real HTTP: discovery, authorization code flow, PKCE, signed ID tokens.

It lets everybody in as ``person``, without asking; what it can be told to do wrong are a provider's mistakes and an
attacker's.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode

from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.web import served

CLIENT, SECRET = "aicc", "s3cret:of%our own"
CALLBACK = "http://test/v1/sign-in/oidc/callback"


def key(name: str = "k1") -> ECKey:
    return ECKey.generate_key("P-256", {"kid": name, "use": "sig", "alg": "ES256"})


@dataclass
class Provider:
    issuer: str = ""
    key: ECKey | RSAKey = field(default_factory=key)
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "00u1", "name": "Kim Minji", "groups": ["agents"]})
    claims: dict[str, Any] = field(default_factory=dict)
    """Claims that replace the right ones; None takes one away."""
    header: dict[str, Any] = field(default_factory=dict)
    signed_with: Any = None
    """Instead of the key that is published."""
    discovery: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    """How often each of its addresses was asked."""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def about(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **self.discovery,
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser is sent with a code. Whoever asks without PKCE or nonce fails the test."""
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        assert (asked["client_id"], asked["redirect_uri"]) == (CLIENT, CALLBACK)
        assert asked["scope"].split()[0] == "openid" and asked["nonce"] and asked["state"]
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def token(self, form: dict[str, str], authorization: str) -> JSONResponse:
        if base64.b64decode(authorization.removeprefix("Basic ")).decode() != f"{CLIENT}:{SECRET}":
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        token = {"access_token": "of no use", "token_type": "Bearer", "id_token": self.id_token(asked["nonce"])}
        return JSONResponse(token)

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        right = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, **self.person}
        claims = {name: value for name, value in {**right, **self.claims}.items() if value is not None}
        header = {"alg": self.key.alg or "ES256", "kid": self.key.kid, **self.header}
        return jwt.encode(header, claims, self.signed_with or self.key, [header["alg"]])


def application(provider: Provider) -> FastAPI:
    app = FastAPI()

    @app.middleware("http")
    async def count(request: Request, call_next: Any) -> Any:
        path = request.url.path
        provider.asked[path] = provider.asked.get(path, 0) + 1
        return await call_next(request)

    @app.get("/.well-known/openid-configuration")
    async def about() -> dict[str, Any]:
        return provider.about()

    @app.get("/authorize")
    async def authorize(request: Request) -> RedirectResponse:
        return RedirectResponse(provider.authorize(dict(request.query_params)), 302)

    @app.post("/token")
    async def token(request: Request, authorization: Annotated[str, Header()] = "") -> JSONResponse:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        return provider.token(form, authorization)

    @app.get("/keys")
    async def keys() -> dict[str, Any]:
        return {"keys": [provider.key.as_dict(private=False)]}

    return app


@asynccontextmanager
async def running() -> AsyncIterator[Provider]:
    provider = Provider()
    async with served(application(provider)) as address:
        provider.issuer = address
        yield provider
