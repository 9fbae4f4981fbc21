"""``aicc demo``: one real call being answered, for a newcomer to hear, see and inspect.

It starts the gateway as `aicc serve` does, in a process of its own, with the example tenant and its order service;
calls it over a real WebSocket media stream with a recorded caller; shows the transcript and where everything lies.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.markup import escape

from gateway.commands.call import find_line
from gateway.commands.gateway_process import gateway_process
from gateway.commands.place_call import PlacedCall, place_call
from gateway.commands.server import RunningGateway
from gateway.commands.transcript import TranscriptView
from infra.errors import AiccError


class DemoFailed(AiccError):
    """The demo did not show what it is there to show."""

    code = "demo_failed"


async def demo(data: Path, tenant: Path, console: Console) -> None:
    """Run the demo. Raises ``DemoFailed`` when an answer, an action or a hand-over was missing."""
    console.print("[bold]AICC[/]: a phone call, answered from the tenant's own documents.\n")

    def tell(line: str) -> None:
        console.print(escape(line), highlight=False)

    async with gateway_process(data, [tenant], {}, tell=tell) as house:
        gateway = house.gateway
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
    if stored:
        console.print(f"                          (sealed; aicc recording export {placed.call_id} FILE.wav)")
    console.print(f"  as the caller heard it  {heard}")
    console.print(f"  transcript              {transcript}")
    console.print(
        f"  event log               PostgreSQL in {data / 'postgres'}: table contact_events, {len(events)} events"
    )
    console.print(f"                          (served: GET /v1/tenants/{tenant}/calls/{placed.call_id}/events)")
