from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.telephony.sip.trace import TracedMessage, TracedNote, TraceEntry
from gateway.telephony.sip.trace_files import TraceFiles
from gateway.telephony.sip.trace_log import MOST_CALLS, MOST_WAITING, STACK_LOG, TraceLog


class Stack:
    """The stack's log, and what is kept of it once nobody listens any more."""

    def __init__(self, folder: Path) -> None:
        self.trace = TraceLog(folder, clock=lambda: 1000.0)
        self._files = TraceFiles(folder)
        self._log = logging.getLogger(STACK_LOG)

    def says(self, way: str, first: str, call: str, cseq: str, *, tag: str = ";tag=1") -> None:
        text = f"{first}\r\nCall-ID: {call}\r\nTo: <sip:a@b>{tag}\r\nCSeq: {cseq}\r\n\r\n"
        self._log.debug("%s", f"{way} UDP 127.0.0.1:1 -> 127.0.0.1:2\n{text}")

    def invite(self, call: str) -> None:
        self.says("RX", "INVITE sip:a@b SIP/2.0", call, "1 INVITE", tag="")

    def kept(self) -> dict[str, tuple[TraceEntry, ...]]:
        self.trace.detach()
        return {trace.call_id: trace.entries for trace in self._files.latest(10_000)}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path)
    stack.trace.attach()
    yield stack
    logging.getLogger(STACK_LOG).removeHandler(stack.trace)


def test_a_call_is_written_when_its_bye_is_answered(stack: Stack) -> None:
    stack.invite("one")
    stack.trace.note("one", "RTP received")
    stack.says("RX", "BYE sip:a@b SIP/2.0", "one", "2 BYE")
    stack.says("TX", "SIP/2.0 200 OK", "one", "2 BYE")
    stack.invite("still going on")
    kept = stack.kept()
    assert list(kept) == ["one"]
    assert [type(entry) for entry in kept["one"]] == [TracedMessage, TracedNote, TracedMessage, TracedMessage]


def test_what_comes_after_its_end_is_kept_as_well(stack: Stack) -> None:
    stack.invite("one")
    stack.trace.finish("one")
    stack.trace.note("one", "late")
    stack.says("TX", "SIP/2.0 200 OK", "one", "1 INVITE")
    assert len(stack.kept()["one"]) == 3


def test_of_refused_calls_one_a_second_is_kept(stack: Stack) -> None:
    for call in ("first", "second"):
        stack.invite(call)
        stack.says("TX", "SIP/2.0 488 Not Acceptable Here", call, "1 INVITE")
    assert list(stack.kept()) == ["first"]


def test_pings_and_strangers_leave_nothing_and_push_no_call_out(stack: Stack) -> None:
    stack.invite("call")
    for number in range(MOST_CALLS + 1):
        stack.says("RX", "OPTIONS sip:a@b SIP/2.0", f"ping {number}", "1 OPTIONS")
    stack.trace.finish("nobody")
    stack.trace.note("nobody", "nothing")
    stack.trace.finish("call")
    assert list(stack.kept()) == ["call"]


def test_what_is_too_much_is_dropped_and_counted() -> None:
    blocked = TraceLog(Path("nowhere"))  # nobody takes anything from its queue, for it is not attached
    for _ in range(MOST_WAITING + 3):
        blocked.note("call", "something")
    assert blocked.dropped == 3


def test_a_folder_that_cannot_be_written_ends_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "taken").write_text("a file")
    stack = Stack(tmp_path / "taken")
    stack.trace.attach()
    stack.invite("one")
    stack.trace.finish("one")
    stack.invite("two")
    stack.trace.detach()
    assert "cannot be written" in caplog.text
