"""A file that is written bit by bit, also behind its end and over itself, and of which every byte is sealed.

It consists of pages of 4,096 bytes: a head, and the content in pieces that are sealed one by one (``envelope.py``) with
a fresh nonce at each writing, under a key of the file's own. A piece belongs to its place in its file and opens nowhere
else; the head, sealed as well, says how long the content is, and whether that is all. So a page that was changed,
moved, left out or added is noticed, and so is an end that was cut off.

A killed process leaves a file that can be read: what lies behind what its head told of is taken as far as it opens
(``mend`` writes that down for good). Linux copies a write page by page, so that a kill leaves each page old or new.

What this cannot tell: that somebody who had kept an older state of the whole file, or of a page, has put it back.

Refuses: files that others may read; knowing what the content is.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from infra.storage.envelope import OVERHEAD, derive, seal, unseal
from infra.storage.errors import SealBroken

PAGE = 4_096
PIECE = PAGE - OVERHEAD
"""Bytes of content in a page."""

OPEN, WHOLE = b"O", b"W"
"""Whether more may come, or the head tells all."""

_MAGIC = b"AICCSEAL"
_PREFIX = struct.Struct("<8scxH16s")
"""Magic, state, the sealed head's length, and what the file's key is derived with. The sealed head follows."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose file it is: the ``subject`` that it was sealed for, and that subject's ``key``."""

    subject: str
    key: bytes = field(repr=False)


@dataclass(slots=True)
class _Pages:
    """The pages of an open file. All positions and sizes are of the content."""

    file: int
    owner: Owner
    salt: bytes
    key: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.key = derive(self.owner.key, "sealed file", self.salt)

    def head(self) -> tuple[bytes, dict[str, Any]]:
        """State and head. Raises ``SealBroken``."""
        page = os.pread(self.file, PAGE, 0)
        state, length, _ = _prefix(page)
        sealed = page[_PREFIX.size : _PREFIX.size + length]
        head: dict[str, Any] = orjson.loads(unseal(self.key, sealed, self._context(b"head" + state)))
        return state, head

    def put_head(self, state: bytes, head: Mapping[str, Any]) -> None:
        sealed = seal(self.key, orjson.dumps(head), self._context(b"head" + state))
        page = _PREFIX.pack(_MAGIC, state, len(sealed), self.salt) + sealed
        if len(page) > PAGE:
            raise ValueError(f"a head has at most {PAGE} bytes, and this one {len(page)}")
        _write(self.file, page.ljust(PAGE, b"\0"), 0)

    def piece(self, number: int) -> bytes:
        """One piece, whole. Raises ``SealBroken``."""
        return unseal(self.key, os.pread(self.file, PAGE, (1 + number) * PAGE), self._context(b"%d" % number))

    def put_pieces(self, first: int, content: bytes) -> None:
        """Write whole pieces from the number ``first`` on."""
        pieces = (content[at : at + PIECE] for at in range(0, len(content), PIECE))
        pages = (seal(self.key, piece, self._context(b"%d" % (first + n))) for n, piece in enumerate(pieces))
        _write(self.file, b"".join(pages), (1 + first) * PAGE)

    def read(self, offset: int, size: int) -> bytes:
        if size <= 0:
            return b""
        first, last = offset // PIECE, (offset + size - 1) // PIECE
        content = b"".join(self.piece(number) for number in range(first, last + 1))
        return content[offset - first * PIECE :][:size]

    def there(self) -> int:
        """How many pieces the file's length makes room for."""
        return max(0, os.fstat(self.file).st_size // PAGE - 1)

    def found(self, told: int) -> int:
        """How much content there is in a file whose head tells of ``told`` bytes, and may be behind."""
        number = -(-told // PIECE)
        size = told
        for further in range(number, self.there()):
            try:
                self.piece(further)
            except SealBroken:
                break
            size = (further + 1) * PIECE
        return size

    def _context(self, place: bytes) -> bytes:
        return b"\0".join((b"sealed file", self.owner.subject.encode(), place))


class SealedWriter:
    """A new file, being written. Not for more than one thread at once."""

    def __init__(self, path: Path, owner: Owner, about: Mapping[str, Any]) -> None:
        """Make the file; ``about`` is kept in its head. Raises ``OSError``, also where there is one already."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        self._pages = _Pages(file, owner, secrets.token_bytes(16))
        self._about = dict(about)
        self._size = 0
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # so that nobody mends what is being written
            self.tell()
        except BaseException:
            os.close(file)
            raise

    @property
    def size(self) -> int:
        """Bytes of content."""
        return self._size

    def read(self, offset: int, size: int) -> bytes:
        """What was written there, as far as there is something."""
        return self._pages.read(offset, min(size, self._size - offset))

    def write(self, offset: int, content: bytes) -> None:
        """Put content at its place; what is left out before it is zero. Raises ``OSError`` and ``SealBroken``."""
        if not content:
            return
        start = min(offset, self._size)  # a gap is written, so that no page is missing
        first = start // PIECE
        before = self._pages.read(first * PIECE, start - first * PIECE)
        whole = b"".join((before, bytes(offset - start), content))
        end = offset + len(content)
        last = -(-end // PIECE)
        missing = last * PIECE - end
        if end < self._size:
            whole += self._pages.read(end, missing)
        self._pages.put_pieces(first, whole.ljust((last - first) * PIECE, b"\0"))
        self._size = max(self._size, end)

    def tell(self) -> None:
        """Let the head tell of all that was written."""
        self._pages.put_head(OPEN, {**self._about, "size": self._size})

    def close(self) -> None:
        """There will be no more. Durable when it returns; raises ``OSError`` when it is not, and is closed anyway."""
        try:
            self._pages.put_head(WHOLE, {**self._about, "size": self._size})
            os.fsync(self._pages.file)
        finally:
            os.close(self._pages.file)


class SealedReader:
    """A file to be read from anywhere, also while it is written: then it ends where it ended when it was opened."""

    def __init__(self, path: Path, owner: Owner) -> None:
        """Open it. Raises ``SealBroken`` for a file that is none, was changed, or is not this owner's; ``OSError``."""
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._pages = _Pages(file, owner, _prefix(os.pread(file, PAGE, 0))[2])
            state, self.about = self._pages.head()
            self.size = _size(self._pages, state, self.about)
        except BaseException:
            os.close(file)
            raise

    def read(self, offset: int, size: int) -> bytes:
        """At most ``size`` bytes from there on, none behind the end. Raises ``SealBroken``."""
        return self._pages.read(offset, min(size, self.size - offset))

    def close(self) -> None:
        """Close the file."""
        os.close(self._pages.file)


def torn(path: Path) -> bool:
    """Whether a file was left unfinished. Needs no key. Raises ``OSError``, and ``SealBroken`` for no sealed file."""
    with path.open("rb") as file:
        return _prefix(file.read(PAGE))[0] == OPEN


def mend(path: Path, owner: Owner) -> bool:
    """Write down for good what can be read of a file that was left behind; False where somebody still writes it, or
    nothing was to be done. Raises ``SealBroken`` and ``OSError``."""
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        pages = _Pages(file, owner, _prefix(os.pread(file, PAGE, 0))[2])
        state, head = pages.head()
        if state == WHOLE:
            return False
        size = _size(pages, state, head)
        os.ftruncate(file, (1 + -(-size // PIECE)) * PAGE)
        pages.put_head(WHOLE, {**head, "size": size})
        os.fsync(file)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True


def _size(pages: _Pages, state: bytes, head: Mapping[str, Any]) -> int:
    told = int(head["size"])
    needed, there = -(-told // PIECE), pages.there()
    if there < needed or (state == WHOLE and there > needed):
        raise SealBroken(f"a sealed file tells of {needed} pieces and has {there}: its end was cut off, or added to")
    return told if state == WHOLE else pages.found(told)


def _prefix(page: bytes) -> tuple[bytes, int, bytes]:
    if len(page) < PAGE:
        raise SealBroken("a sealed file has not even a head")
    magic, state, length, salt = _PREFIX.unpack_from(page)
    if magic != _MAGIC or state not in (OPEN, WHOLE):
        raise SealBroken("this is no sealed file")
    return state, length, salt


def _write(file: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        offset += written
        view = view[written:]
