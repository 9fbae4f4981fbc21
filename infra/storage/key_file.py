"""A key ring in a file of its own, for a house without a key service: JSON, for nobody else to read, made at the first
need. Whoever has the file and the database can read everything, and without the file nobody can: it belongs into a
backup of its own.

Changes are made one after the other under a lock, and whole or not at all. A process that runs notices them when it
next needs a key.

Refuses: a file that others may read; making a new ring to open what an earlier one has wrapped.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.errors import ConfigError
from infra.storage.envelope import KEY_BYTES, new_key, seal, unseal
from infra.storage.errors import KeyNeeded, KeyUnavailable
from infra.storage.key_ring import Wrapped

KIND = "file"
FILE = "keyring.json"
"""In the data directory, where no other place is set."""


@dataclass(frozen=True, slots=True)
class _Keys:
    current: str
    by_name: dict[str, bytes]


class FileKeyRing:
    """The ring in ``path``."""

    kind = KIND

    def __init__(self, path: Path) -> None:
        self._path = path

    async def current(self) -> str:
        """See ``KeyRing``. Raises ``ConfigError`` for a file that cannot be used."""
        return f"{KIND}:{(await asyncio.to_thread(self._keys)).current}"

    async def wrap(self, key: bytes, context: str) -> Wrapped:
        """See ``KeyRing``."""
        keys = await asyncio.to_thread(self._keys)
        return Wrapped(f"{KIND}:{keys.current}", seal(keys.by_name[keys.current], key, context.encode()))

    async def unwrap(self, wrapped: Wrapped, context: str) -> bytes:
        """See ``KeyRing``."""
        keys = await asyncio.to_thread(self._read) if self._path.exists() else _Keys("", {})
        name = wrapped.ring_key.partition(":")[2]
        if name not in keys.by_name:
            raise KeyUnavailable(
                f"{self._path} does not hold the key {name}: restore the file from its backup, or give all nodes of a "
                "database the same one (AICC_KEYS_FILE) or a key service; without it what was sealed stays sealed"
            )
        return unseal(keys.by_name[name], wrapped.sealed, context.encode())

    async def rotate(self) -> str:
        """See ``KeyRing``."""
        return f"{KIND}:{await asyncio.to_thread(self._rotate)}"

    async def retire(self, ring_key: str) -> None:
        """See ``KeyRing``. Copies of the file, in backups too, have to go as well."""
        await asyncio.to_thread(self._retire, ring_key.partition(":")[2])

    async def close(self) -> None:
        """Nothing is held open."""

    def _keys(self) -> _Keys:
        if not self._path.exists():
            with self._changing():
                if not self._path.exists():
                    self._write(_with_new_key({}))
        return self._read()

    def _rotate(self) -> str:
        self._keys()
        with self._changing():
            keys = _with_new_key(self._read().by_name)
            self._write(keys)
        return keys.current

    def _retire(self, name: str) -> None:
        self._keys()
        with self._changing():
            keys = self._read()
            if name == keys.current:
                raise KeyNeeded(f"{name} is the current key of {self._path}: make another first")
            if name not in keys.by_name:
                raise KeyUnavailable(f"{self._path} holds no key {name}")
            self._write(_Keys(keys.current, {other: key for other, key in keys.by_name.items() if other != name}))

    def _read(self) -> _Keys:
        try:
            if self._path.stat().st_mode & 0o077:
                raise ConfigError(f"{self._path} holds keys and may be read by others: chmod 600 {self._path}")
            return _decoded(json.loads(self._path.read_text(encoding="ascii")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigError(f"{self._path} is no key ring: {error}; restore it from its backup") from error

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One after the other, also among processes."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._path.with_suffix(".lock"), os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigError(f"no key ring can be kept in {self._path}: {error}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _write(self, keys: _Keys) -> None:
        draft = self._path.with_name(f"{self._path.name}.{secrets.token_hex(8)}")
        plain = {"current": keys.current, "keys": {name: key.hex() for name, key in keys.by_name.items()}}
        try:
            file = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
            with os.fdopen(file, "w", encoding="ascii") as out:
                json.dump(plain, out, indent=1)
                out.flush()
                os.fsync(out.fileno())
            draft.replace(self._path)
            _sync_folder(self._path.parent)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise ConfigError(f"no key ring can be kept in {self._path}: {error}") from error


def _with_new_key(before: dict[str, bytes]) -> _Keys:
    name = secrets.token_hex(4)
    return _Keys(name, {**before, name: new_key()})


def _decoded(found: Any) -> _Keys:
    keys = {str(name): bytes.fromhex(key) for name, key in found["keys"].items()}
    if any(len(key) != KEY_BYTES for key in keys.values()):
        raise ValueError(f"a key in it has not {KEY_BYTES} bytes")
    if found["current"] not in keys:
        raise ValueError("its current key is missing")
    return _Keys(found["current"], keys)


def _sync_folder(folder: Path) -> None:
    """Let the file's name be as durable as what is in it: a key is used right away."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
