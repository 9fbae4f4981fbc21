"""Collects the traces of a worker's calls from the stack's log, and has them written when their calls are over.

The stack's log thread only puts what it has into a queue; reading, clearing of secrets and files happen in one thread
of this module, never on a loop that media wait for. A call is written when its dialog has ended on the wire, or when
whoever runs it says so (``finish``): what comes after that, as the answer to its BYE, is written as well.

What is bounded: records that wait (the newest is dropped and counted), Call-IDs that are known at once (the oldest is
forgotten), and refused calls that are written (one a second, so that a scanner does not wash out what matters).

Refuses: answering calls. It only listens.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.telephony.sip.trace import CallTrace, TracedNote, call_id, read_record
from gateway.telephony.sip.trace_files import TraceFiles
from gateway.telephony.sip.trace_ladder import Message, read_message

STACK_LOG: Final = "baresip.native.sip"
MOST_WAITING: Final = 4096
MOST_CALLS: Final = 1024
REFUSED_EVERY: Final = 1.0
"""Seconds between two refused calls that are written."""

PRUNE_EVERY: Final = 600.0
END_WITHIN: Final = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Record:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class _Note:
    at: float
    call_id: str
    text: str


@dataclass(frozen=True, slots=True)
class _Finish:
    call_id: str


@dataclass(slots=True)
class _Call:
    trace: CallTrace = field(default_factory=CallTrace)
    written: bool = False
    """Whether it is over, and each further entry is to be written at once."""


class TraceLog(logging.Handler):
    """The traces of one worker, kept in ``folder``."""

    def __init__(self, folder: Path, *, most: int | None = None, clock: Callable[[], float] = time.time) -> None:
        super().__init__(logging.DEBUG)
        self._files = TraceFiles(folder) if most is None else TraceFiles(folder, most=most)
        self._clock = clock
        self._waiting: queue.Queue[_Record | _Note | _Finish | None] = queue.Queue(MOST_WAITING)
        self._calls: OrderedDict[str, _Call] = OrderedDict()
        self._thread = threading.Thread(target=self._run, name="sip-trace", daemon=True)
        self._next_refused = 0.0
        self._next_prune = 0.0
        self.dropped = 0
        """What was not kept because too much waited."""

    def attach(self) -> None:
        """Listen to the stack's log from now on."""
        self._thread.start()
        stack = logging.getLogger(STACK_LOG)
        stack.setLevel(logging.DEBUG)
        stack.propagate = False  # a message is no line for the gateway's own log
        stack.addHandler(self)

    def detach(self) -> None:
        """Listen no more, and write what is due; within seconds, for a disk that hangs shall keep nobody alive."""
        logging.getLogger(STACK_LOG).removeHandler(self)
        with contextlib.suppress(queue.Full):
            self._waiting.put(None, timeout=END_WITHIN)
        self._thread.join(END_WITHIN)
        if self.dropped:
            log.warning("%d records of SIP were not kept for traces: too many waited", self.dropped)

    def emit(self, record: logging.LogRecord) -> None:
        """A record of the stack."""
        self._put(_Record(record.created, record.getMessage()))

    def note(self, call_id: str, text: str) -> None:
        """Something happened beside the messages; ``text`` holds nothing that a caller keyed in or said."""
        self._put(_Note(self._clock(), call_id, text))

    def finish(self, call_id: str) -> None:
        """The call is over: write it."""
        self._put(_Finish(call_id))

    def _put(self, item: _Record | _Note | _Finish) -> None:
        try:
            self._waiting.put_nowait(item)
        except queue.Full:
            self.dropped += 1

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            try:
                self._take(item)
            except OSError as error:
                log.warning("a call's SIP trace cannot be written: %s", error)

    def _take(self, item: _Record | _Note | _Finish) -> None:
        match item:
            case _Record(at, text):
                message = read_record(text, at)
                name = None if message is None else call_id(message.text)
                if message is None or name is None:
                    return
                parsed = read_message(message.text)
                if (call := self._call(name, begins=parsed.method == "INVITE")) is not None:
                    call.trace.add(message)
                    self._write_if_over(name, call, parsed, at)
            case _Note(at, name, text):
                if (call := self._call(name)) is not None:
                    call.trace.add(TracedNote(at, text))
                    if call.written:
                        self._write(name, call)
            case _Finish(name):
                if (call := self._call(name)) is not None:
                    self._write(name, call)

    def _call(self, name: str, *, begins: bool = False) -> _Call | None:
        """The call of this Call-ID; a new one only by an INVITE, so that pings and registrations push none out."""
        if (call := self._calls.get(name)) is not None:
            self._calls.move_to_end(name)
        elif begins:
            call = self._calls[name] = _Call()
            if len(self._calls) > MOST_CALLS:
                self._calls.popitem(last=False)
        return call

    def _write_if_over(self, name: str, call: _Call, message: Message, now: float) -> None:
        """By what the messages say: a BYE that was answered, or an INVITE that came to nothing."""
        over = call.written or (message.method == "BYE" and message.status is not None)
        refused = message.method == "INVITE" and (message.status or "")[:1] in ("3", "4", "5", "6")
        if not over and refused and ";tag=" in message.header("to") and now >= self._next_refused:
            self._next_refused = now + REFUSED_EVERY
            over = True
        if over:
            self._write(name, call)

    def _write(self, name: str, call: _Call) -> None:
        call.written = True
        self._files.write(name, call.trace)
        if (now := self._clock()) >= self._next_prune:
            self._next_prune = now + PRUNE_EVERY
            self._files.prune(now)
