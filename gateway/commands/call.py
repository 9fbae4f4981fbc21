"""``aicc call``: be a caller, with recordings for a voice."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from gateway.commands.place_call import PlacedCall, place_call
from gateway.commands.server import GatewayRefused, RunningGateway
from gateway.commands.transcript import TranscriptView
from gateway.telephony.settings import TelephonySettings
from infra.config import load


async def call(
    gateway: RunningGateway,
    audio: Sequence[str],
    *,
    to: str | None,
    as_json: bool,
    save: Path,
    console: Console,
) -> PlacedCall:
    """Call the line ``to`` (its number or alias; none: the first one that speaks English) and show what happens.

    With ``as_json`` each event is a line of JSON on standard output, and the last line is the result.
    """
    tenant, line = await find_line(gateway, to)
    secret = load(TelephonySettings).twilio_auth_token
    view = TranscriptView(console)

    def show(event: dict[str, Any]) -> None:
        if as_json:
            sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        else:
            view.event(event)

    placed = await place_call(
        gateway,
        tenant=tenant,
        number=line["number"],
        audio=audio,
        on_event=show,
        auth_token=secret.get_secret_value() if secret else None,
        save=save,
    )
    if as_json:
        result = {
            "call": placed.call_id,
            "tenant": tenant,
            "response_times": [round(seconds, 3) for seconds in placed.response_times],
            "ended": placed.over,
            "heard": str(save),
        }
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    else:
        console.print(f"\ncall {placed.call_id}; what the caller said and heard: {save}")
    return placed


async def find_line(gateway: RunningGateway, to: str | None) -> tuple[str, dict[str, Any]]:
    """The tenant and line that ``to`` names. Raises ``GatewayRefused`` with those that there are."""
    tenants = await gateway.ask("GET", "/v1/tenants")
    lines = [(tenant["tenant"], line) for tenant in tenants for line in tenant["lines"]]
    wanted = [
        (tenant, line)
        for tenant, line in lines
        if to in (line["number"], line["alias"]) or (to is None and line["language"] == "en")
    ]
    if not wanted:
        known = ", ".join(f"{line['alias']} ({line['number']})" for _, line in lines) or "none"
        raise GatewayRefused(f"no line {to or 'in English'} here; there are: {known}")
    return wanted[0]
