"""Reads what another server answers, up to a limit: nobody else decides how much of our memory an answer takes.

Refuses: limits of time, which are the caller's; and what a body means.
"""

from __future__ import annotations

import httpx


async def body_within(response: httpx.Response, most: int) -> bytes | None:
    """The whole body of a response that is being streamed, or None when it has more than ``most`` bytes.

    Raises ``httpx.HTTPError`` when it breaks off.
    """
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > most:
            return None
    return bytes(body)
