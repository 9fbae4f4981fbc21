"""Cookies as ``Set-Cookie`` has them (RFC 6265, and partitioned ones for pages inside other pages).

No script can read them, and they are sent to us alone. Written here because ``Partitioned`` is newer than the
standard library of most Pythons that we run on. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

SESSION_COOKIE = "aicc_session"
JOURNEY_COOKIE = "aicc_journey"
"""What a browser takes along on its way to the enterprise's directory and back."""


@dataclass(frozen=True, slots=True)
class CookieStyle:
    """How cookies are to be set."""

    secure: bool
    """By HTTPS only."""
    embedded: bool
    """Ours are also shown inside others' pages, where browsers send only cookies that say ``SameSite=None``, and only
    by HTTPS; each such page has a jar of its own (CHIPS)."""

    def set(self, name: str, value: str, lifetime: timedelta) -> str:
        """The header that sets a cookie; ``value`` is made of characters that need no quoting."""
        across = "SameSite=None; Secure; Partitioned" if self.embedded else "SameSite=Lax"
        secure = "; Secure" if self.secure and not self.embedded else ""
        return f"{name}={value}; Path=/; Max-Age={int(lifetime.total_seconds())}; HttpOnly; {across}{secure}"

    def clear(self, name: str) -> str:
        """The header that takes a cookie away."""
        return self.set(name, "", timedelta(0))
