"""Passwords: argon2id (RFC 9106), away from the media loop, and only so many at once.

One thread computes, at a lower priority than calls; it holds a core for a tenth of a second and 46 MiB, beside calls
that need both. What waits for it is bounded, and refused beyond that. Whoever has no password is compared with a decoy,
so that a login that nobody has takes as long as one that somebody has.

Refuses: rules that make people write passwords down (kinds of characters, expiry); a minimum length it is.
"""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import sys
import threading
import unicodedata
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.access.errors import AccountInvalid, SignInBusy

SHORTEST: Final = 12
LONGEST: Final = 256
"""Characters of a password."""

MOST_WAITING: Final = 32
"""Further ones are refused: the last of them waits for seconds already."""

WITHIN: Final = 15.0
"""Seconds that one may wait for its turn."""

STRENGTH: Final = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
"""The strongest of the settings that OWASP's Password Storage Cheat Sheet holds for equal: a tenth of a second of one
core. RFC 9106's own (section 4) take three times as long, which callers would pay for whenever a shift begins."""

_GENERATED_BYTES = 15
_NICENESS = 5
"""Steps down: some third of the share of a core that a call's work gets."""


class Passwords:
    """Hashes and compares, one after the other."""

    def __init__(self, hasher: PasswordHasher = STRENGTH, most_waiting: int = MOST_WAITING) -> None:
        self._hasher = hasher
        self._most_waiting = most_waiting
        self._waiting = 0
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, "passwords", _step_back)
        self._decoy = decoy(hasher)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One at a time: whoever computes has it, the others wait for theirs. Raises ``SignInBusy``."""
        if self._waiting >= self._most_waiting:
            raise SignInBusy("many people sign in at this moment: try again in a few seconds")
        self._waiting += 1
        try:
            async with asyncio.timeout(WITHIN):
                await self._turn.acquire()
        except TimeoutError as error:
            raise SignInBusy(f"the password was not looked at within {WITHIN:.0f} s: try again") from error
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turn.release()

    async def hash(self, password: str) -> str:
        """The encoded hash of a password. To be asked for in a ``turn``."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._hasher.hash, _plain(password))

    async def verify(self, password: str, encoded: str | None) -> bool:
        """Whether a password is the one; with no hash, False after the same time. To be asked for in a ``turn``."""
        against = encoded or self._decoy
        same = await asyncio.get_running_loop().run_in_executor(self._thread, self._same, password, against)
        return same and encoded is not None

    def outdated(self, encoded: str) -> bool:
        """Whether a hash was made with other costs than today's."""
        return self._hasher.check_needs_rehash(encoded)

    async def close(self) -> None:
        """Let what is being computed end, and compute nothing more."""
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)

    def _same(self, password: str, encoded: str) -> bool:
        try:
            return self._hasher.verify(encoded, _plain(password))
        except (VerificationError, InvalidHashError):
            return False


def _step_back() -> None:
    """Let calls go first where cores are short: on Linux a thread has a priority of its own."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + _NICENESS)


def decoy(hasher: PasswordHasher) -> str:
    """A hash that costs what all others cost, and that no password has."""

    def noise(length: int) -> str:
        return base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")

    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${noise(hasher.salt_len)}${noise(hasher.hash_len)}"


def generated_password() -> str:
    """One that nobody guesses: 120 bits in 20 characters."""
    return secrets.token_urlsafe(_GENERATED_BYTES)


def checked_password(password: str, login: str) -> str:
    """A password that somebody chose. Raises ``AccountInvalid`` for one that is too short, too long, or the login."""
    length = len(_plain(password))
    if not SHORTEST <= length <= LONGEST:
        raise AccountInvalid(f"a password has {SHORTEST} to {LONGEST} characters, this one {length}")
    if login.partition("@")[0] in _plain(password).casefold() and length < SHORTEST + len(login):
        raise AccountInvalid("a password that is little more than the login is guessed first: take another one")
    return password


def _plain(password: str) -> str:
    """The same characters, however a keyboard composes them: Hangul comes in one piece or in several (NFKC)."""
    return unicodedata.normalize("NFKC", password)
