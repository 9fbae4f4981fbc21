"""``aicc demo``: one real call being answered, for a newcomer to hear, see and inspect.

It starts the gateway as `aicc serve` does, in a process of its own, with the example tenant and its order service;
calls it over a real WebSocket media stream with a recorded caller; shows the transcript and where everything lies.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.markup import escape

from gateway.commands.call import find_line
from gateway.commands.place_call import PlacedCall, place_call
from gateway.commands.server import RunningGateway, find
from gateway.commands.transcript import TranscriptView
from infra.config import child_environment
from infra.errors import AiccError

READY_WITHIN = 900.0
"""Seconds that the first start may take: it embeds the example's documents and learns its words."""

STOP_WITHIN = 20.0


class DemoFailed(AiccError):
    """The demo did not show what it is there to show."""

    code = "demo_failed"


async def demo(data: Path, tenant: Path, console: Console) -> None:
    """Run the demo. Raises ``DemoFailed`` when an answer, an action or a hand-over was missing."""
    console.print("[bold]AICC[/]: a phone call, answered from the tenant's own documents.\n")
    async with _gateway(data, tenant, console) as gateway:
        scenario = yaml.safe_load((tenant / "calls" / "en-demo.yaml").read_text(encoding="utf-8"))
        console.print("\n[bold]A caller dials the English line[/] (recorded speech, real time, 8 kHz mu-law)\n")
        view = TranscriptView(console)
        heard = data / "demo-call.wav"
        name, line = await find_line(gateway, scenario["line"])
        placed = await place_call(
            gateway,
            tenant=name,
            number=line["number"],
            audio=[_audio(tenant, turn) for turn in scenario["turns"]],
            on_event=view.event,
            save=heard,
        )
        console.print(
            "\n[bold]The same dialog in Korean[/] (by text: Korean speech needs a Whisper model, see README)\n"
        )
        await _korean_chat(gateway, tenant, name, console)
        await _where_it_lies(gateway, name, placed, heard, data, console)
    missing = {"answer", "action", "hand-over"} - view.shown
    if missing:
        raise DemoFailed(f"the call ended ({placed.over}) without: {', '.join(sorted(missing))}")
    console.print("\n[bold green]That was it.[/] Stay on the line with: make serve")


def _audio(tenant: Path, turn: dict[str, Any]) -> str:
    return f"dtmf:{turn['dtmf']}" if "dtmf" in turn else str(tenant / "calls" / turn["audio"])


async def _korean_chat(gateway: RunningGateway, folder: Path, tenant: str, console: Console) -> None:
    scenario = yaml.safe_load((folder / "calls" / "ko-chat.yaml").read_text(encoding="utf-8"))
    chat = await gateway.ask("POST", f"/v1/tenants/{tenant}/chats", json={"language": "ko"})
    _replies(console, chat["replies"])
    for turn in scenario["turns"]:
        console.print(f'[bold cyan] caller[/]  "{escape(turn["text"])}"')
        answer = await gateway.ask(
            "POST", f"/v1/tenants/{tenant}/chats/{chat['chat']}/turns", json={"text": turn["text"]}
        )
        _replies(console, answer["replies"])
        if answer["over"]:
            break


def _replies(console: Console, replies: list[dict[str, Any]]) -> None:
    for reply in replies:
        sources = ", ".join(dict.fromkeys(citation["title"] for citation in reply["citations"]))
        detail = f"{reply['decision']}, confidence {reply['confidence']['value']:.2f}"
        console.print(f'[bold green]    bot[/]  "{escape(reply["text"])}"')
        console.print(f"         [dim]{escape(detail + (f', source: {sources}' if sources else ''))}[/]")
        if reply["escalation"]:
            console.print(f"         [yellow]summary: {escape(reply['escalation']['summary']['text'])}[/]")


async def _where_it_lies(
    gateway: RunningGateway, tenant: str, placed: PlacedCall, heard: Path, data: Path, console: Console
) -> None:
    events = await gateway.ask("GET", f"/v1/tenants/{tenant}/calls/{placed.call_id}/events")
    stored = [event["payload"]["path"] for event in events if event["kind"] == "recording.stored"]
    transcript = data / f"demo-call-{placed.call_id[:8]}.txt"
    lines = [
        f"{'caller' if event['kind'] == 'caller.turn' else '   bot'}  {event['payload']['text']}"
        for event in events
        if event["kind"] in ("caller.turn", "reply.heard")
    ]
    transcript.write_text("\n".join(lines) + "\n", encoding="utf-8")
    times = sorted(placed.response_times)
    if times:
        console.print(
            f"\n[bold]At the caller's ear[/]: first audio after their last word in {min(times):.2f}–{max(times):.2f} s"
        )
    console.print("\n[bold]What is left of the call[/]")
    console.print(f"  two-channel recording   {stored[0] if stored else 'none (no consent)'}")
    console.print(f"  as the caller heard it  {heard}")
    console.print(f"  transcript              {transcript}")
    console.print(
        f"  event log               PostgreSQL in {data / 'postgres'}: table contact_events, {len(events)} events"
    )
    console.print(f"                          (served: GET /v1/tenants/{tenant}/calls/{placed.call_id}/events)")


@asynccontextmanager
async def _gateway(data: Path, tenant: Path, console: Console) -> AsyncIterator[RunningGateway]:
    """A gateway for the demo on any free port: started and stopped here, its progress shown."""
    data.mkdir(parents=True, exist_ok=True)
    if await find(data) is not None:
        raise DemoFailed(f"a gateway already runs on {data}; stop it, or choose another directory with --data")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        "serve",
        *("--data", str(data), "--tenant", str(tenant), "--with-services", "--port", "0"),
        stdout=asyncio.subprocess.PIPE,
        env=child_environment(COLUMNS="110", PYTHONUNBUFFERED="1"),
    )
    try:
        gateway = await _until_ready(process, data, console)
        quiet = asyncio.create_task(_drain(process))
        yield gateway
        quiet.cancel()
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_WITHIN)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _until_ready(process: asyncio.subprocess.Process, data: Path, console: Console) -> RunningGateway:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY_WITHIN):
            while raw := await process.stdout.readline():
                line = raw.decode(errors="replace").rstrip()
                console.print(escape(line), highlight=False)
                if "Ready." in line and (gateway := await find(data)) is not None:
                    return gateway
    except TimeoutError as error:
        raise DemoFailed(f"the gateway was not ready within {READY_WITHIN:g} s") from error
    code = await process.wait()
    raise DemoFailed(f"the gateway did not start (exit code {code}); its own message stands above")


async def _drain(process: asyncio.subprocess.Process) -> None:
    """Read on, so that the gateway never waits for room in the pipe."""
    assert process.stdout is not None
    while await process.stdout.readline():
        pass
