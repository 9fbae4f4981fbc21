"""A key ring in a key management service that speaks Vault's transit protocol (HashiCorp Vault, OpenBao, and what
imitates them): keys never leave it; it wraps and unwraps, and rotates.

The context goes along as associated data of the service's AES-256-GCM. A request that was lost, or met a server in
trouble, is made once more: wrapping twice does no harm.

Refuses: a service whose address is not encrypted on its way, but on this machine.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import quote

import httpx

from infra.errors import ConfigError
from infra.storage.errors import KeyNeeded, KeyUnavailable, SealBroken
from infra.storage.key_ring import Wrapped

KIND = "transit"
LIMIT = 5.0
"""Seconds for one request."""
ATTEMPTS = 2
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class TransitKeyRing:
    """The key ``key`` of the transit engine at ``mount`` of the service at ``url``."""

    kind = KIND

    def __init__(self, url: str, key: str, token: str, *, mount: str = "transit") -> None:
        address = httpx.URL(url)
        if address.scheme != "https" and not (address.scheme == "http" and address.host in LOCAL):
            raise ConfigError(f"AICC_KEYS_TRANSIT_URL: {url} must be https, for keys travel to it and back")
        self._key = key
        self._engine = f"/v1/{quote(mount)}"
        self._client = httpx.AsyncClient(base_url=url.rstrip("/"), headers={"X-Vault-Token": token}, timeout=LIMIT)

    async def current(self) -> str:
        """See ``KeyRing``."""
        data = await self._ask("GET", f"keys/{quote(self._key)}")
        return self._name(str(data.get("latest_version", "")))

    async def wrap(self, key: bytes, context: str) -> Wrapped:
        """See ``KeyRing``."""
        data = await self._ask(
            "POST", f"encrypt/{quote(self._key)}", plaintext=_text(key), associated_data=_text(context.encode())
        )
        ciphertext = str(data.get("ciphertext", ""))
        version = ciphertext.split(":")[1] if ciphertext.count(":") >= 2 else ""
        return Wrapped(self._name(version.removeprefix("v")), ciphertext.encode())

    async def unwrap(self, wrapped: Wrapped, context: str) -> bytes:
        """See ``KeyRing``."""
        name = wrapped.ring_key.split(":")[1]
        data = await self._ask(
            "POST",
            f"decrypt/{quote(name)}",
            ciphertext=wrapped.sealed.decode("ascii", "replace"),
            associated_data=_text(context.encode()),
        )
        try:
            return base64.b64decode(str(data.get("plaintext", "")), validate=True)
        except binascii.Error as error:
            raise KeyUnavailable(f"the key service unwrapped {wrapped.ring_key} to something that is no key") from error

    async def rotate(self) -> str:
        """See ``KeyRing``."""
        await self._ask("POST", f"keys/{quote(self._key)}/rotate")
        return await self.current()

    async def retire(self, ring_key: str) -> None:
        """See ``KeyRing``; the versions before it go with it. The service still has them until it is told to trim."""
        name, _, version = ring_key.partition(":")[2].partition(":")
        latest = int((await self.current()).rpartition(":")[2]) if name == self._key else 0
        if not version.isdecimal() or (name == self._key and int(version) > latest):
            raise KeyUnavailable(f"the key service holds no {ring_key}")
        if int(version) == latest:
            raise KeyNeeded(f"{ring_key} is the current key: make another first")
        await self._ask("POST", f"keys/{quote(name)}/config", min_decryption_version=int(version) + 1)

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    def _name(self, version: str) -> str:
        if not version.isdecimal():
            raise KeyUnavailable(
                f"the key service did not tell which version of {self._key} it used: is it Vault's API?"
            )
        return f"{KIND}:{self._key}:{version}"

    async def _ask(self, method: str, path: str, **body: str | int) -> dict[str, Any]:
        answer = await self._sent(method, path, body)
        if answer.status_code >= 400:
            said = _errors(answer)
            if "authentication failed" in said:
                raise SealBroken("the key service cannot open a wrapped key: it was changed, or belongs elsewhere")
            raise KeyUnavailable(f"the key service refused {path} ({answer.status_code}): {said}")
        if not answer.content:
            return {}
        data = _object(answer).get("data")
        return data if isinstance(data, dict) else {}

    async def _sent(self, method: str, path: str, body: dict[str, str | int]) -> httpx.Response:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = await self._client.request(method, f"{self._engine}/{path}", json=body or None)
            except httpx.TransportError as error:
                if attempt == ATTEMPTS:
                    raise KeyUnavailable(
                        f"the key service at {self._client.base_url} does not answer: {error!r}"
                    ) from error
            else:
                if answer.status_code < 500 or attempt == ATTEMPTS:
                    return answer
        raise AssertionError("each attempt answers or raises in the end")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError as error:
        raise KeyUnavailable("the key service answered with something that is no JSON: is it Vault's API?") from error
    return found if isinstance(found, dict) else {}


def _errors(answer: httpx.Response) -> str:
    try:
        said = _object(answer).get("errors")
    except KeyUnavailable:
        return "it said nothing that can be read"
    return "; ".join(map(str, said)) if isinstance(said, list) else ""
