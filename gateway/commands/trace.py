"""``aicc trace``: one call's SIP messages as a ladder, or the latest calls of which there are any.

Refuses: starting to listen. What is shown was kept while the call went on (``AICC_SIP_TRACE``).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from gateway.commands.server import GatewayRefused, RunningGateway
from gateway.telephony.sip.trace import TracedMessage
from gateway.telephony.sip.trace_files import FOLDER, KeptTrace, TraceFiles
from gateway.telephony.sip.trace_ladder import draw, read_message, told
from infra.errors import AiccError

MOST_LISTED = 30


class NoTrace(AiccError):
    """Nothing is kept of the call."""

    code = "no_trace"


async def trace(
    data: Path, call: str, gateway: RunningGateway | None, console: Console, *, messages: bool = False
) -> None:
    """Print the ladder of ``call`` (its id here, or its SIP Call-ID), with ``messages`` all of each message below it.

    Raises ``NoTrace`` with what to do.
    """
    files = TraceFiles(data / FOLDER)
    kept = files.read(call)
    if kept is None and gateway is not None:
        sid = await _call_id(gateway, call)
        kept = None if sid is None else files.read(sid)
    if kept is None:
        hint = "" if gateway is not None else "; a call's id is looked up in a running gateway, and none answers"
        raise NoTrace(
            f"no SIP trace of {call} in {data / FOLDER}{hint}. Calls are traced from the gateway's next start on with "
            "AICC_SIP_TRACE=1; `aicc trace` lists those that there are"
        )
    console.print(f"SIP Call-ID {escape(kept.call_id)}, {_when(kept)} UTC", highlight=False)
    _plain(console, draw(kept.entries))
    if messages:
        for entry in kept.entries:
            if isinstance(entry, TracedMessage):
                way = f"{'to' if entry.sent else 'from'} {entry.destination if entry.sent else entry.source}"
                _plain(console, f"\n--- {_time(entry.at)} {entry.transport} {way}\n{entry.text}")


def latest(data: Path, console: Console) -> None:
    """Print the calls that were traced last, one line each."""
    kept = TraceFiles(data / FOLDER).latest(MOST_LISTED)
    if not kept:
        console.print(f"no SIP traces in {escape(str(data / FOLDER))}; calls are traced with AICC_SIP_TRACE=1")
    for one in kept:
        _plain(console, f"{_when(one)}  {one.call_id}  {_outcome(one)}")


async def _call_id(gateway: RunningGateway, call: str) -> str | None:
    """The carrier's name for a call that the gateway knows by its own."""
    for tenant in await gateway.ask("GET", "/v1/tenants"):
        try:
            events = await gateway.ask("GET", f"/v1/tenants/{tenant['tenant']}/calls/{call}/events")
        except GatewayRefused:
            continue  # another tenant's
        for event in events:
            if event["kind"] == "call.answered":
                return str(event["payload"]["call_sid"])
    return None


def _plain(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _when(kept: KeptTrace) -> str:
    first = next((entry.at for entry in kept.entries if isinstance(entry, TracedMessage)), None)
    return "at an unknown time" if first is None else f"{datetime.fromtimestamp(first, UTC):%Y-%m-%d} {_time(first)}"


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%H:%M:%S.%f}"[:-3]


def _outcome(kept: KeptTrace) -> str:
    """The first message and the last answer to an INVITE: from whom to whom, and what came of it."""
    messages = [read_message(entry.text) for entry in kept.entries if isinstance(entry, TracedMessage)]
    answers = [message for message in messages if message.method == "INVITE" and message.status is not None]
    if not messages:
        return ""
    way = f"{messages[0].header('from')} -> {messages[0].header('to')}"
    return f"{way}: {told(answers[-1]) if answers else 'not answered'}"
