"""The process that speaks SIP and RTP: a thin telephone that does what the gateway tells it, and never decides.

With ``worker_call.py`` the one module that knows baresip-python. One stack per process: it runs on a thread of its own,
sends each call's sound from another, and this process's loop carries sound between them and the gateway every ``tick``.

It ends with the gateway: when the gateway's end of the wire is gone, calls are ended in good order, and ``LINGER``
later the process is gone, whatever it is doing.

Refuses: whom to answer, whom to call, and what is said.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final, assert_never

from baresip import Account, BaresipError, Call, CallState, Config, Event, Runtime, StackEvent, UserAgent
from baresip._native import lib
from baresip.errors import CommandQueueFull, CommandTimeout, RegistrationError, StaleHandleError

from gateway.telephony.sip import worker_messages as wire
from gateway.telephony.sip.settings import SipSettings
from gateway.telephony.sip.stack_config import (
    AccountConfig,
    listening_account,
    registrar_worker,
    stack_config,
    trunk_account,
)
from gateway.telephony.sip.trace_log import TraceLog
from gateway.telephony.sip.worker_call import WorkerCall
from gateway.telephony.sip.worker_link import WorkerLink

TICK: Final = 0.01
"""Seconds between two looks at the stack's buffers: half a packet, so that sound waits 5 ms on average."""

FEW_CALLS: Final = 10
"""With more calls the buffers are looked at half as often, once a packet: sound waits 5 ms longer, and a call costs an
eighth less of this process and a quarter less of the gateway's side, when that begins to matter."""

ALIVE_EVERY: Final = 1.0
END_CALLS_WITHIN: Final = 1.0
LINGER: Final = 5.0
HOLD_TRIES: Final = 30
HOLD_PAUSE: Final = 0.1
MOST_ACCOUNTS: Final = 64
"""Accounts of lines that call out; each is made once and stays."""

log = logging.getLogger("aicc.sip.worker")


class Worker:
    """One stack, its accounts and its calls."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self._link: WorkerLink | None = None
        self._settings = SipSettings()
        self._number = 0
        self._runtime = Runtime(command_timeout=5.0)
        self._agents: dict[tuple[str, str], UserAgent] = {}
        """Those who call out, by trunk and line."""
        self._making = asyncio.Lock()
        self._calls: dict[int, WorkerCall] = {}
        self._no_calls = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._trace: TraceLog | None = None
        self._due = 0.0

    def connected(self, link: WorkerLink) -> None:
        """The gateway is there."""
        self._link = link

    @property
    def link(self) -> WorkerLink:
        """The wire to the gateway."""
        assert self._link is not None, "nothing happens before there is a gateway"
        return self._link

    # --- what the gateway says ----------------------------------------------------------------------------------------
    def heard(self, message: wire.Sound | wire.Note) -> None:
        """A message of the gateway's."""
        if isinstance(message, wire.Sound):
            if (call := self._calls.get(message.call)) is not None:
                call.send(message.pcm)
            return
        match message:
            case wire.Start():
                self._do(self._start(message))
            case wire.Stop():
                self._do(self._stop())
            case wire.Dial():
                self._do(self._dial(message))
            case (
                wire.Answer() | wire.Reject() | wire.HangUp() | wire.Mark() | wire.Clear() | wire.Hold() | wire.Refer()
                | wire.Replace()
            ):  # fmt: skip
                if (call := self._calls.get(message.call)) is not None:
                    self._tell_call(call, message)
            case _:
                log.error("the gateway said what only a worker says: %s", type(message).__name__)

    def gateway_gone(self, why: str) -> None:
        """Nobody is left to work for."""
        threading.Thread(target=_end_later, daemon=True, name="sip-linger").start()
        self._do(self._stop())

    def _tell_call(
        self,
        call: WorkerCall,
        message: wire.Answer
        | wire.Reject
        | wire.HangUp
        | wire.Mark
        | wire.Clear
        | wire.Hold
        | wire.Refer
        | wire.Replace,
    ) -> None:
        match message:
            case wire.Answer():
                self._do(call.stack.answer())
            case wire.Reject():
                self._do(call.stack.reject())
            case wire.HangUp():
                self._do(call.stack.hangup())
            case wire.Mark(_, name):
                call.mark(name)
            case wire.Clear():
                call.clear()
            case wire.Hold(_, held):
                self._do(_hold(call.stack, held=held))
            case wire.Refer(_, target, seconds):
                self._do(self._move(call, call.stack.transfer(target, timeout=2 * seconds), seconds))
            case wire.Replace(_, consultation, seconds):
                other = self._calls.get(consultation)
                if other is None:
                    self._moved(call, wire.Moved.REFUSED, 0, "the consultation is over")
                else:
                    self._do(self._replace(call, other, seconds))
            case _:
                assert_never(message)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        """Have something done that waits for the stack's thread."""
        task = asyncio.get_running_loop().create_task(_tolerant(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- beginning and end --------------------------------------------------------------------------------------------
    async def _start(self, start: wire.Start) -> None:
        self._settings = SipSettings.model_validate_json(start.settings)
        self._number = start.worker
        if start.traces:
            self._trace = TraceLog(Path(start.traces))
            self._trace.attach()
        try:
            await self._runtime.start(self._config(traced=bool(start.traces)))
            for transport in self._settings.transports:
                await self._agent(listening_account(self._settings, self._number, transport))
            for name in self._settings.trunks:
                await self._open_trunk(name)
        except (BaresipError, ValueError, OSError) as error:
            self.link.note(wire.Failed(str(error)))
            self.over.set()
            return
        self._runtime.on_dead = self.over.set
        self.link.note(wire.Ready())
        self._due = asyncio.get_running_loop().time()
        self._tick()
        self._do(self._live())

    def _config(self, *, traced: bool) -> Config:
        given = stack_config(self._settings, self._number)
        return Config(
            net_interface=given.interface,
            expose_headers=given.headers,
            max_concurrent_calls=given.max_calls,
            rtp_timeout=given.rtp_timeout,
            native_log_level="debug" if traced else "error",  # warnings are as many as strangers like
            sip_trace=traced,
            extra_config_text=given.text,
        )

    async def _agent(self, account: AccountConfig) -> UserAgent:
        """An account of the stack's. Whoever asks one of our calls to call somebody is refused (603)."""
        agent = await UserAgent.create(
            self._runtime,
            Account(
                user=account.user,
                domain=account.domain,
                password=account.password,
                registrar=account.registrar,
                reg_interval=account.register_seconds,
                transport=account.transport,
                audio_codecs=account.codecs,
                auth_user=account.auth_user,
                extra_params=account.parameters,
            ),
            transfer_policy="reject",
        )
        agent.on_incoming(self._came_in)
        return agent

    async def _open_trunk(self, name: str) -> None:
        trunk = self._settings.trunks[name]
        registers = bool(trunk.register_seconds) and registrar_worker(self._settings, name) == self._number
        agent = self._agents[name, ""] = await self._agent(trunk_account(self._settings, trunk, registers=registers))
        if registers:
            agent.on(lambda event: self._registered(name, event))
            self._do(_register(agent))

    def _registered(self, trunk: str, event: StackEvent) -> None:
        if event.event in (Event.REGISTER_OK, Event.REGISTER_FAIL):
            self.link.note(wire.Registration(trunk, event.event is Event.REGISTER_OK, event.text or ""))

    async def _live(self) -> None:
        """Say again and again that both threads are alive; whoever does not say so is replaced."""
        while not self.over.is_set():
            with contextlib.suppress(CommandTimeout, CommandQueueFull):  # the gateway judges how long is too long
                await self._say_alive()
            await asyncio.sleep(ALIVE_EVERY)

    async def _say_alive(self) -> None:
        await self._runtime.cmd(lib.BP_CMD_PING)
        unheard, self.link.dropped = self.link.dropped, 0
        self.link.note(wire.Alive(time.process_time(), unheard))

    async def _stop(self) -> None:
        """End all calls, then the stack, then the process."""
        for call in list(self._calls.values()):
            self._do(call.stack.hangup())
        if self._calls:
            self._no_calls.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(END_CALLS_WITHIN):
                    await self._no_calls.wait()
        for agent in self._agents.values():
            with contextlib.suppress(RegistrationError, StaleHandleError):
                await agent.unregister(timeout=END_CALLS_WITHIN)
        with contextlib.suppress(BaresipError):
            await self._runtime.close()
        if self._trace is not None:
            self._trace.detach()
        self.over.set()

    # --- calls --------------------------------------------------------------------------------------------------------
    def _came_in(self, stack: Call) -> None:
        call = self._adopt(stack)
        self.link.note(wire.Incoming(call.number, stack.peer or "", stack.call_id or "", stack.headers))

    def _adopt(self, stack: Call) -> WorkerCall:
        call = self._calls[stack.handle] = WorkerCall(stack, self.link, self._settings.send_queue)
        stack.on(lambda event: self._happened(call, event))
        return call

    async def _dial(self, order: wire.Dial) -> None:
        """Call somebody. The stack tells of a call from its own thread, and may have told that it was answered before
        we know which call it is: everything is listened to from before the order on, and told again.
        """
        early: list[StackEvent] = []
        try:
            agent = await self._caller(order.trunk, order.line)
            self._runtime.subscribe(early.append)
            try:
                stack = await agent.dial(order.target, headers=order.headers)
            finally:
                self._runtime.unsubscribe(early.append)
        except (BaresipError, ValueError) as error:
            self.link.note(wire.NotDialled(order.ticket, str(error)))
            return
        missed = [event for event in early if event.call == stack.handle]
        call_id = next((event.call_id for event in missed if event.call_id), stack.call_id) or ""
        call = self._adopt(stack)
        self.link.note(wire.Dialled(order.ticket, call.number, call_id))
        for event in missed:
            stack._on_stack_event(event)

    async def _caller(self, trunk: str, line: str) -> UserAgent:
        """Who calls by ``trunk`` as ``line``: the account of a line is made when it first calls."""
        async with self._making:
            agent = self._agents.get((trunk, line))
            if agent is None:
                if len(self._agents) >= MOST_ACCOUNTS:
                    return self._agents[trunk, ""]
                account = trunk_account(self._settings, self._settings.trunks[trunk], line)
                agent = self._agents[trunk, line] = await self._agent(account)
            return agent

    def _happened(self, call: WorkerCall, event: StackEvent) -> None:
        """Something happened to a call."""
        number = call.number
        if self._trace is not None:
            _note(self._trace, call, event)
        match event.event:
            case Event.CALL_RINGING | Event.CALL_PROGRESS:
                self.link.note(wire.Ringing(number))
            case Event.CALL_DTMF_START if event.text:
                self.link.note(wire.Key(number, event.text[:1]))
            case Event.CALL_HOLD:
                self.link.note(wire.FarHold(number, True))
            case Event.CALL_RESUME:
                self.link.note(wire.FarHold(number, False))
            case Event.CALL_CLOSED:
                del self._calls[number]
                if not self._calls:
                    self._no_calls.set()
                call.closed = wire.Closed(number, event.text or "", call.figures())
                if not call.is_moving:
                    self.link.note(call.closed)
            case _:
                pass

    async def _replace(self, call: WorkerCall, consultation: WorkerCall, seconds: float) -> None:
        both = call.stack, consultation.stack

        async def moving() -> None:
            for each in both:  # the stack would do it, too, but gives up where another re-INVITE is under way
                await _hold(each, held=True)
            await call.stack.attended_transfer(consultation.stack, timeout=2 * seconds)

        await self._move(call, moving(), seconds)
        for each in both:  # where it failed they go on
            if each.state is CallState.ESTABLISHED:
                await _hold(each, held=False)

    async def _move(self, call: WorkerCall, moving: Coroutine[Any, Any, None], seconds: float) -> None:
        """Wait for what comes of a transfer, and tell it: before the end of the call, where that is what comes."""
        call.is_moving = True
        try:
            async with asyncio.timeout(seconds):
                await moving
        except TimeoutError:
            self._moved(call, wire.Moved.UNCLEAR, 0, f"nothing was heard of it for {seconds:g} s")
        except BaresipError as error:
            gone = call.stack.state is CallState.CLOSED
            status = getattr(error, "status", None) or 0
            self._moved(call, wire.Moved.UNCLEAR if gone else wire.Moved.REFUSED, status, str(error))
        except ValueError as error:
            self._moved(call, wire.Moved.REFUSED, 0, str(error))
        else:
            self._moved(call, wire.Moved.DONE, 200, "")
        call.is_moving = False
        if call.closed is not None:
            self.link.note(call.closed)

    def _moved(self, call: WorkerCall, outcome: wire.Moved, status: int, reason: str) -> None:
        self.link.note(wire.MoveEnded(call.number, int(outcome), status, reason))

    # --- sound --------------------------------------------------------------------------------------------------------
    def _tick(self) -> None:
        if self.over.is_set():
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        for call in self._calls.values():
            call.pump(now)
        self.link.flush()
        # Where one look takes longer than it should, the stack's thread still gets a turn before the next.
        self._due = max(self._due + tick(len(self._calls)), loop.time() + TICK / 2)
        loop.call_at(self._due, self._tick)


def tick(calls: int) -> float:
    """Seconds until the next look at the stack's buffers, where so many calls go on."""
    return TICK if calls <= FEW_CALLS else 2 * TICK


def _note(trace: TraceLog, call: WorkerCall, event: StackEvent) -> None:
    """Put beside the messages of a call what they do not show; never which key was pressed."""
    call_id = call.stack.call_id or ""
    match event.event:
        case Event.CALL_RTPESTAB:
            trace.note(call_id, "sound is received")
        case Event.CALL_DTMF_START if event.text:
            trace.note(call_id, "a key was pressed")
        case Event.CALL_CLOSED:
            shown = ("tx_packets", "rx_packets", "rx_lost", "rx_jitter_ms")
            figures = [f"{name} {value:g}" for name, value in call.figures().items() if name in shown]
            trace.note(call_id, ", ".join([f"over: {event.text or 'no reason given'}", *figures]))
            trace.finish(call_id)
        case _:
            pass


async def _register(agent: UserAgent) -> None:
    """The outcome comes as an event, now and at each refresh."""
    with contextlib.suppress(RegistrationError):
        await agent.register()


async def _hold(call: Call, *, held: bool) -> None:
    """Hold or resume a call. While another re-INVITE is under way the stack refuses; then again, for some time."""
    for _ in range(HOLD_TRIES):
        try:
            await (call.hold() if held else call.resume())
        except BaresipError:
            if call.state is not CallState.ESTABLISHED:
                raise
            await asyncio.sleep(HOLD_PAUSE)
        else:
            return
    log.warning("a call could not be %s", "held" if held else "resumed")


async def _tolerant(work: Coroutine[Any, Any, None]) -> None:
    """A call that is gone already is nothing to speak of: both sides may hang up at once."""
    try:
        await work
    except StaleHandleError:
        pass
    except BaresipError as error:
        log.warning("the stack did not do it: %s", error)


def _end_later() -> None:
    time.sleep(LINGER)
    os._exit(1)


async def _run(connection: socket.socket) -> None:
    worker = Worker()
    loop = asyncio.get_running_loop()
    _, link = await loop.create_unix_connection(lambda: WorkerLink(worker.heard, worker.gateway_gone), sock=connection)
    worker.connected(link)
    await worker.over.wait()
    await asyncio.sleep(TICK)  # the last words leave


def main() -> None:
    """Entry of the process: ``argv`` is the wire's file descriptor and a name for ``ps``."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # a terminal or a service manager tells everybody;
        signal.signal(number, signal.SIG_IGN)  # the gateway ends us when calls have ended
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s: %(message)s")
    asyncio.run(_run(socket.socket(fileno=int(sys.argv[1]))))
    os._exit(0)  # the stack's threads have ended or hang; the kernel gives everything back
