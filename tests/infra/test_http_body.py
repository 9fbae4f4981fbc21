"""A body is read to its end, or not at all when it is too large."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from infra.http_body import body_within


async def pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"abcde"


@pytest.mark.parametrize(("most", "body"), [(20, b"abcde" * 4), (19, None)])
async def test_a_body_of_many_pieces_is_whole_or_too_large(most: int, body: bytes | None) -> None:
    assert await body_within(httpx.Response(200, content=pieces(4)), most) == body


async def test_a_body_without_end_is_left_where_it_is_too_large() -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield b"abcde"

    assert await body_within(httpx.Response(200, content=endless()), 12) is None
    assert given == 3


async def test_an_empty_body_is_no_missing_one() -> None:
    assert await body_within(httpx.Response(204), 10) == b""
