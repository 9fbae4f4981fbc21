"""Being a caller: dial through the webhook, say recordings one after the other, listen, follow the events.

Used by ``aicc call`` and the demo. Refuses: showing anything; it hands events on.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from gateway.commands.audio import read_audio
from gateway.commands.server import GatewayRefused, NoGateway, RunningGateway
from gateway.telephony.caller import Caller, dial, new_call_sid
from gateway.telephony.errors import CallEnded, NoAnswer

ANSWER_WITHIN = 30.0
"""Seconds that the other side may take to answer one utterance."""

EVENTS_WITHIN = 10.0
"""Seconds that the rest of the events may take after the call."""


@dataclass(frozen=True, slots=True)
class PlacedCall:
    """A call that was made: its id in the ledger, the response times heard at the caller's end in seconds."""

    call_id: str
    response_times: tuple[float, ...]
    over: str


async def place_call(
    gateway: RunningGateway,
    *,
    tenant: str,
    number: str,
    audio: Sequence[Path | str],
    on_event: Callable[[dict[str, Any]], None],
    ani: str = "+15550100",
    auth_token: str | None = None,
    save: Path | None = None,
) -> PlacedCall:
    """Call ``number``; ``audio`` are recordings, or keys to press written as ``dtmf:123#``.

    Raises ``CallRefused``, ``NoAnswer``, ``GatewayRefused`` and ``infra.audio.AudioUnreadable``.
    """
    sounds = [item if _keys(item) else await asyncio.to_thread(read_audio, Path(item)) for item in audio]
    sid = new_call_sid()
    async with _Follower(gateway, tenant, sid, on_event) as follower:
        offer = await dial(
            f"{gateway.url}/telephony/twilio/voice", ani=ani, dnis=number, call_sid=sid, auth_token=auth_token
        )
        times: list[float] = []
        ended = "the caller hung up"
        async with Caller(
            offer.url, ani=ani, dnis=number, parameters=offer.parameters, call_sid=sid, auth_token=auth_token
        ) as caller:
            try:
                await caller.listen_until_quiet(timeout=ANSWER_WITHIN)
                for sound in sounds:
                    if isinstance(sound, tuple):
                        await caller.say(*sound)
                    else:
                        await caller.press(_keys(sound) or "")
                    heard = await caller.listen_until_quiet(timeout=ANSWER_WITHIN)
                    times += [heard.response_time] if heard.response_time is not None else []
                    if heard.over:
                        break
            except CallEnded as error:
                ended = str(error)
            except NoAnswer as error:
                ended = str(error)
        if save is not None:
            await asyncio.to_thread(caller.save_recording, save)
        call_id = await follower.finish()
    if caller.over is not None and caller.over.reason:
        ended = caller.over.reason
    return PlacedCall(call_id, tuple(times), ended)


def _keys(item: Path | str | tuple[bytes, int]) -> str | None:
    return item.removeprefix("dtmf:") if isinstance(item, str) and item.startswith("dtmf:") else None


class _Follower:
    """Follows the events of the call with the carrier's name ``sid``, from its first to its last."""

    def __init__(
        self, gateway: RunningGateway, tenant: str, sid: str, on_event: Callable[[dict[str, Any]], None]
    ) -> None:
        self._gateway = gateway
        self._tenant = tenant
        self._sid = sid
        self._on_event = on_event
        self._connected = asyncio.Event()
        self._task: asyncio.Task[str] | None = None

    async def __aenter__(self) -> _Follower:
        self._task = asyncio.create_task(self._follow(), name="follow events")
        waiting = asyncio.create_task(self._connected.wait())
        await asyncio.wait({self._task, waiting}, timeout=EVENTS_WITHIN, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._task.done():
            await self._task  # raises why it could not follow
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError, GatewayRefused, NoGateway):
            await self._task

    async def finish(self) -> str:
        """Wait for the call's last event; the call's id. Raises ``NoGateway`` when the events do not end."""
        assert self._task is not None
        try:
            async with asyncio.timeout(EVENTS_WITHIN):
                return await asyncio.shield(self._task)
        except TimeoutError as error:
            raise NoGateway(f"the events of the call did not end within {EVENTS_WITHIN:g} s") from error

    async def _follow(self) -> str:
        async with self._gateway.client(timeout=None) as client:
            call_id = ""
            async for event in self._events(client, f"/v1/tenants/{self._tenant}/events"):
                if event["payload"].get("call_sid") == self._sid:
                    call_id = event["call"]
                    break
            async for event in self._events(client, f"/v1/tenants/{self._tenant}/calls/{call_id}/events?follow=true"):
                self._on_event(event)
            return call_id

    async def _events(self, client: httpx.AsyncClient, path: str) -> AsyncIterator[dict[str, Any]]:
        try:
            async with client.stream("GET", path) as response:
                if response.is_error:
                    await response.aread()
                    raise GatewayRefused(f"GET {path}: {response.status_code} {response.text[:300]}")
                self._connected.set()
                async for line in response.aiter_lines():
                    if line.startswith("data: "):
                        event = json.loads(line.removeprefix("data: "))
                        if "kind" in event:
                            yield event
        except httpx.HTTPError as error:
            raise NoGateway(f"the gateway stopped telling events: {error}") from error
