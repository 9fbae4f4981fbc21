"""Under which name somebody is remembered: a keyed hash of the customer number, or of the telephone number.

A verified customer is remembered under their number with the enterprise. Whoever is not verified can be known again
by their telephone number alone; that number is a hint and no proof, so all that follows from it is how they like to be
served. It is taken in its one international form, so that whoever calls from it is known again however a carrier
writes it; a number of which nobody knows the country, by its digits.

Both are hashed with a key that does not lie in the database (HMAC-SHA256, RFC 2104): the numbers of a country are few
enough to try them all, so that a hash without a key would hide nothing. The tenant is part of what is hashed: the same
caller is somebody else to each tenant, even to whoever sees the rows of both.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from infra.errors import ConfigError
from infra.phone_numbers import ANYWHERE, NumberingPlan, as_dialled_at_home, e164

KEY_FILE = "memory.key"
"""In the data directory: the key, where no other is set."""
SHORTEST_KEY = 16
"""Characters."""
SHORTEST_NUMBER = 7
"""Digits: whatever is shorter is an extension, a service, or what a carrier sends for none."""
WITHHELD = frozenset({"266696687", "7378742833", "2562533", "8656696", "86282452253"})
"""What carriers send in place of a number that they may not tell: anonymous, restricted, blocked, unknown and
unavailable on the keys of a telephone. Whoever hides their number is nobody in particular."""

_DIGITS = re.compile(r"\+?[0-9\s().-]+", re.ASCII)
"""A number without its country, as it is written. What has other characters is a name, an address, or nobody."""


@dataclass(frozen=True, slots=True)
class Subjects:
    """Names the people of one tenant, whose numbers are written as in its ``plan``."""

    key: bytes
    tenant: str
    plan: NumberingPlan = ANYWHERE

    def customer(self, customer: str) -> str:
        """Whom the enterprise knows by this number."""
        return self._hashed("customer", customer)

    def number(self, number: str | None) -> str | None:
        """Who calls from this telephone number, as a carrier sends it; None where it tells nothing."""
        written = (number or "").strip()
        whole = e164(written, self.plan)
        return self._of_digits(written if whole is None else whole)

    def former(self, number: str | None) -> str | None:
        """Under which name the same number was kept as long as numbers were hashed as a carrier sends them, if it was
        sent without its country; None where that is the name that it has now."""
        whole = e164((number or "").strip(), self.plan)
        at_home = whole if whole is None else as_dialled_at_home(whole, self.plan)
        return None if at_home is None or at_home == whole else self._of_digits(at_home)

    def _of_digits(self, written: str) -> str | None:
        if not _DIGITS.fullmatch(written):
            return None
        digits = re.sub(r"[^0-9]", "", written).removeprefix("00")
        return None if len(digits) < SHORTEST_NUMBER or digits in WITHHELD else self._hashed("number", digits)

    def _hashed(self, kind: str, name: str) -> str:
        digest = hmac.new(self.key, f"{self.tenant}\0{kind}\0{name}".encode(), hashlib.sha256).hexdigest()
        return f"{kind}:{digest}"


def read_key(chosen: SecretStr | None, data: Path) -> bytes:
    """The key: the one that was ``chosen``, or the one in the data directory, which is made at the first need.

    Raises ``ConfigError`` for a key that is too short, or a file that cannot be read or written.
    """
    if chosen is not None:
        key = chosen.get_secret_value()
        if len(key) < SHORTEST_KEY:
            raise ConfigError(f"AICC_MEMORY_KEY has under {SHORTEST_KEY} characters; `openssl rand -hex 32` makes one")
        return key.encode()
    path = data / KEY_FILE
    try:
        _make(path)
        return bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} holds no key: {error}; restore it, or remove it for a new one") from error


def _make(path: Path) -> None:
    """Write a new key where there is none, whole or not at all, for nobody else to read."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(draft, path)
        except FileExistsError:
            return  # another process was faster: its key is the one
    finally:
        draft.unlink(missing_ok=True)
