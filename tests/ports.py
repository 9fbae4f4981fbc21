"""Ports for tests that have to name one before anybody listens on it.

They lie below those that the system gives away by itself, in blocks: a process has a block as long as it holds the
block's first port, so that no two processes are given the same, of one run or of several.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator

HOST = "127.0.0.1"

FIRST, BLOCK, BLOCKS = 10_000, 100, 100  # up to where the gateway's own ports for sound begin


def free_port(beside: int = 0, host: str = HOST) -> int:
    """An even port that nobody has by UDP or TCP; ``beside`` many above it are free as well."""
    for first, end in _EVEN:
        if first + beside < end and all(_is_free(host, port) for port in range(first, first + beside + 1)):
            for _ in range(beside // 2):
                next(_EVEN)
            return first
    raise AssertionError("other processes have all ports")


def _even() -> Iterator[tuple[int, int]]:
    """Every even port that is ours, with the end of its block: first those of new blocks, then the same again."""
    ours: list[range] = []
    for start in range(FIRST, FIRST + BLOCK * BLOCKS, BLOCK):
        holder = socket.socket()
        try:
            holder.bind((HOST, start))
        except OSError:
            holder.close()
            continue
        holder.detach()  # held until this process ends
        ours.append(range(start + 2, start + BLOCK, 2))
        yield from ((port, ours[-1].stop) for port in ours[-1])
    while ours:
        for block in ours:
            yield from ((port, block.stop) for port in block)


_EVEN = _even()


def _is_free(host: str, port: int) -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True
