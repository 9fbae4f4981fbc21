"""Whose page asks: browsers say so in ``Origin`` (RFC 6454), which a foreign page cannot forge.

This is what keeps a foreign page from using the cookie of who is signed in. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""They change nothing (RFC 9110, section 9.2.1)."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Origins:
    """The origins that may ask for changes."""

    public: str | None = None
    """Where people reach us, if that is configured; otherwise the address that a request names counts."""
    embedding: tuple[str, ...] = ()
    """Pages of others that show ours inside, such as a CRM."""

    def allow(self, origin: str | None, requested: str) -> bool:
        """Whether a page of ``origin`` may ask; ``requested`` is the address that it asked at."""
        if not origin:
            return False
        own = self.public if self.public is not None else origin_of(requested)
        return origin == own or origin in self.embedding

    def secure(self, requested: str) -> bool:
        """Whether people reach us by HTTPS."""
        return (self.public or requested).startswith("https://")


def origin_of(url: str) -> str:
    """The origin of an address: scheme, host, and the port where it is not the scheme's own."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()


def checked_origin(text: str) -> str:
    """An origin as somebody configured it. Raises ``ValueError`` for what is none, or travels in the open."""
    value = text.strip().rstrip("/").lower()
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or value != origin_of(value):
        raise ValueError(f"{text!r} is not an origin such as https://crm.example.com")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError(f"{text!r} is not encrypted: only this machine itself is reached by http")
    return value
