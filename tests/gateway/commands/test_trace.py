from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from gateway.commands.server import GatewayRefused
from gateway.commands.trace import NoTrace, latest, trace
from gateway.telephony.sip.trace import TracedMessage
from gateway.telephony.sip.trace_files import FOLDER, TraceFiles

INVITE = (
    "INVITE sip:a@b SIP/2.0\r\nFrom: <sip:+1@a>;tag=1\r\nTo: <sip:+2@b>\r\nCall-ID: sid@a\r\nCSeq: 1 INVITE\r\n\r\n"
)
BUSY = "SIP/2.0 486 Busy Here\r\nTo: <sip:+2@b>;tag=2\r\nCall-ID: sid@a\r\nCSeq: 1 INVITE\r\n\r\n"


class Gateway:
    """Knows one call of its second tenant."""

    async def ask(self, method: str, path: str) -> Any:
        if path == "/v1/tenants":
            return [{"tenant": "other"}, {"tenant": "shop"}]
        if path == "/v1/tenants/shop/calls/c1/events":
            return [
                {"kind": "call.offered", "payload": {}},
                {"kind": "call.answered", "payload": {"call_sid": "sid@a"}},
            ]
        raise GatewayRefused("404 no such call")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    entries = [
        TracedMessage(1000.0, False, "UDP", "far:1", "us:2", INVITE),
        TracedMessage(1000.5, True, "UDP", "us:2", "far:1", BUSY),
    ]
    TraceFiles(tmp_path / FOLDER).write("sid@a", entries)
    return tmp_path


@pytest.fixture
def out() -> StringIO:
    return StringIO()


@pytest.fixture
def console(out: StringIO) -> Console:
    return Console(file=out, width=60)


@pytest.mark.parametrize(("call", "gateway"), [("sid@a", None), ("c1", Gateway())])
async def test_a_call_is_drawn_by_either_of_its_names(
    data: Path, console: Console, out: StringIO, call: str, gateway: Any
) -> None:
    await trace(data, call, gateway, console)
    heading, columns, invite, busy = out.getvalue().splitlines()
    assert "sid@a, 1970-01-01 00:16:40.000 UTC" in heading
    assert columns.split() == ["far:1", "gateway", "us:2"]
    assert "0.000" in invite
    assert "INVITE" in invite
    assert "0.500" in busy
    assert "486 Busy Here" in busy


async def test_all_of_each_message_is_shown_when_it_is_wanted(data: Path, console: Console, out: StringIO) -> None:
    await trace(data, "sid@a", None, console, messages=True)
    assert "--- 00:16:40.000 UDP from far:1" in out.getvalue()
    assert "To: <sip:+2@b>;tag=2" in out.getvalue()


@pytest.mark.parametrize("gateway", [None, Gateway()])
async def test_a_call_without_a_trace_is_answered_with_what_to_do(data: Path, console: Console, gateway: Any) -> None:
    with pytest.raises(NoTrace, match="AICC_SIP_TRACE=1"):
        await trace(data, "unknown", gateway, console)


def test_the_latest_calls_are_listed_with_what_became_of_them(data: Path, console: Console, out: StringIO) -> None:
    latest(data, console)
    assert "sid@a" in out.getvalue()
    assert "<sip:+1@a>;tag=1 -> <sip:+2@b>: 486 Busy Here" in out.getvalue()


def test_where_there_are_none_it_says_how_to_have_some(tmp_path: Path, console: Console, out: StringIO) -> None:
    latest(tmp_path, console)
    assert "AICC_SIP_TRACE=1" in out.getvalue()
