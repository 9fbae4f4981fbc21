"""The enterprise's directory by OpenID Connect: authorization code flow with PKCE, discovery, verified ID tokens.

By OpenID Connect Core 1.0 (sections 3.1.2 and 3.1.3), Discovery 1.0, RFC 7636 (PKCE) and RFC 9207 (whose answer it
is). Refuses: tokens that are signed with a shared secret or not at all, endpoints that travel in the open, and
everything of the answer that is not in the ID token.
"""

from __future__ import annotations

import asyncio
import hmac
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from gateway.access.errors import DirectoryRefused, DirectoryUnavailable
from gateway.access.journey import Journey
from gateway.access.origins import checked_origin, origin_of

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
"""By a key that only the directory has (RFC 7518, section 3.1; RFC 8037; RFC 9864)."""

KNOWN_FOR = timedelta(hours=1)
"""What the directory tells about itself is asked for again after that."""

KEYS_AGAIN_AFTER = timedelta(minutes=1)
"""Keys are fetched anew for one that is not known, but not more often."""

RESTED_FOR = timedelta(seconds=5)
"""A directory that does not answer is left alone for that long, so that nobody queues up for its silence."""

CLOCKS_APART = 60
"""Seconds that its clock and ours may differ."""

_WITHIN = 10.0
_LONGEST_SUBJECT = 255  # OpenID Connect Core, section 2


@dataclass(frozen=True, slots=True)
class Registration:
    """How the directory knows us."""

    issuer: str
    client_id: str
    client_secret: str | None
    scopes: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What the directory told about itself."""

    at: datetime
    authorization_endpoint: str
    token_endpoint: str
    keys: KeySet


class Directory:
    """One directory, for all tenants. ``trusted`` are the authorities whose certificates it may show."""

    def __init__(self, registration: Registration, trusted: ssl.SSLContext, now: Callable[[], datetime]) -> None:
        self._registration = registration
        self._now = now
        self._known: _Known | None = None
        self._silent_since: datetime | None = None
        self._asking = asyncio.Lock()
        self._client = AsyncOAuth2Client(
            registration.client_id,
            registration.client_secret,
            scope=registration.scopes,
            code_challenge_method="S256",
            timeout=_WITHIN,
            verify=trusted,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def door(self, journey: Journey, redirect_uri: str) -> str:
        """Where to send the browser. Raises ``DirectoryUnavailable``."""
        known = await self._ask()
        url, _ = self._client.create_authorization_url(
            known.authorization_endpoint,
            state=journey.state,
            code_verifier=journey.verifier,
            nonce=journey.nonce,
            redirect_uri=redirect_uri,
        )
        return str(url)

    async def claims(self, journey: Journey, answer: Mapping[str, str], redirect_uri: str) -> Mapping[str, Any]:
        """The claims of who comes back with ``answer``, the query of the address that the directory sent them to.

        Raises ``DirectoryRefused`` and ``DirectoryUnavailable``.
        """
        if not hmac.compare_digest(answer.get("state", "").encode(), journey.state.encode()):
            raise DirectoryRefused("this answer is not to the question that this browser asked: sign in again")
        if answer.get("iss", self._registration.issuer) != self._registration.issuer:
            raise DirectoryRefused("this answer is another directory's")
        if "error" in answer or not answer.get("code"):
            raise DirectoryRefused(f"the directory did not let you in: {answer.get('error', 'no code')[:100]}")
        known = await self._ask()
        try:
            token = await self._client.fetch_token(
                known.token_endpoint,
                code=answer["code"],
                code_verifier=journey.verifier,
                redirect_uri=redirect_uri,
                grant_type="authorization_code",
            )
        except OAuthError as error:
            raise DirectoryRefused(f"the directory did not take the code: {error.error}") from error
        except (httpx2.HTTPError, ValueError) as error:
            raise DirectoryUnavailable(f"the directory gave no token: {type(error).__name__}") from error
        claims = await self._verified(str(token.get("id_token") or ""), known)
        if claims.get("nonce") != journey.nonce:
            raise DirectoryRefused("the ID token is not the answer to this request: its nonce is another one")
        return claims

    async def _verified(self, id_token: str, known: _Known) -> Mapping[str, Any]:
        try:
            try:
                claims = jwt.decode(id_token, known.keys, list(ALGORITHMS)).claims
            except InvalidKeyIdError:  # perhaps a key that is newer than what we know
                claims = jwt.decode(id_token, (await self._ask(KEYS_AGAIN_AFTER)).keys, list(ALGORITHMS)).claims
            self._check(claims)
        except (JoseError, ValueError) as error:
            raise DirectoryRefused(f"the ID token does not hold: {error}") from error
        return claims

    def _check(self, claims: dict[str, Any]) -> None:
        """OpenID Connect Core, section 3.1.3.7. Raises ``JoseError`` and ``ValueError``."""
        client = self._registration.client_id
        jwt.JWTClaimsRegistry(
            now=int(self._now().timestamp()),
            leeway=CLOCKS_APART,
            iss={"essential": True, "value": self._registration.issuer},
            sub={"essential": True},
            aud={"essential": True, "value": client},
            exp={"essential": True},
            iat={"essential": True},
        ).validate(claims)
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else client) != client:
            raise ValueError("it was issued for another client")
        if len(claims["sub"]) > _LONGEST_SUBJECT:
            raise ValueError("its subject is too long")

    async def _ask(self, not_older_than: timedelta = KNOWN_FOR) -> _Known:
        """What the directory tells about itself, asked for by one at a time."""
        async with self._asking:
            if self._known is not None and self._now() - self._known.at < not_older_than:
                return self._known
            if self._silent_since is not None and self._now() - self._silent_since < RESTED_FOR:
                raise DirectoryUnavailable("the directory did not answer a moment ago: try again in a few seconds")
            try:
                self._known, self._silent_since = await self._discover(), None
            except DirectoryUnavailable:
                self._silent_since = self._now()
                raise
            return self._known

    async def _discover(self) -> _Known:
        issuer = self._registration.issuer
        try:
            about = await self._fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if about["issuer"] != issuer:
                raise DirectoryUnavailable(
                    f"the directory calls itself {about['issuer']}: if it is the one, set AICC_ACCESS_OIDC_ISSUER so"
                )
            door, tokens, keys = (str(about[name]) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"))
            for endpoint in (door, tokens, keys):
                checked_origin(origin_of(endpoint))
            published = await self._fetch(keys)
            if not isinstance(published.get("keys"), list):
                raise DirectoryUnavailable(f"the directory's {keys} holds no keys")
            key_set = KeySet.import_key_set(cast(KeySetSerialization, published))
            return _Known(self._now(), door, tokens, key_set)
        except (httpx2.HTTPError, JoseError, ValueError, KeyError) as error:
            raise DirectoryUnavailable(f"the directory {issuer} does not answer as one: {error}") from error

    async def _fetch(self, url: str) -> dict[str, Any]:
        response = await self._client.request("GET", url, withhold_token=True)
        response.raise_for_status()
        found = response.json()
        if not isinstance(found, dict):
            raise DirectoryUnavailable(f"the directory's {url} holds no object")
        return found
