"""The processes that speak SIP for this gateway: started, watched, replaced, and ended with it.

A process that dies, or gives no sign of life for ``stuck_after`` seconds, takes its own calls with it and nothing else:
whoever hears one of them is told, and another process takes its place on the same ports after a pause that grows up to
``LONGEST_PAUSE``.

Refuses: calls; each is heard by whoever took it (``door.py``, ``trunk.py``, ``leg.py``).
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import itertools
import logging
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from os import pathsep
from pathlib import Path
from typing import Final

from gateway.telephony import metrics
from gateway.telephony.sip import worker_messages as wire
from gateway.telephony.sip.errors import SipUnavailable
from gateway.telephony.sip.settings import SipSettings, in_clear
from gateway.telephony.sip.worker_link import WorkerLink
from infra.config import child_environment
from infra.supervision import supervised
from infra.workers import reaped

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 10.0
STEADY_AFTER: Final = 30.0
"""Seconds of life after which a process that dies is replaced without a pause."""

LATE: Final = 0.5
"""Seconds of lateness of our own from which on no process is judged by it."""

START_WITHIN: Final = 20.0
END_WITHIN: Final = 4.0
MOST_DIALLING: Final = 256
"""Orders to call that one process works on at once; more fail."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WorkerGone:
    """The process that a call was in is gone, and the call with it."""

    reason: str


CallReport = wire.Ringing | wire.Established | wire.Played | wire.Key | wire.FarHold | wire.MoveEnded | wire.Closed
CallEvent = wire.Sound | wire.Dialled | wire.NotDialled | CallReport | WorkerGone
Hear = Callable[[CallEvent], None]


CameIn = Callable[["SipWorker", wire.Incoming], None]


class SipWorker:
    """One process and its successors; for whoever has a call in it."""

    def __init__(self, number: int, settings: SipSettings, traces: Path | None, came_in: CameIn) -> None:
        self.number = number
        self.is_ready = False
        self.calls: dict[int, Hear] = {}
        """Who hears each call."""
        self.registrations: dict[str, wire.Registration] = {}
        """What the registrars of this process's trunks said last."""
        self._settings, self._traces, self._came_in = settings, traces, came_in
        self._dialling: dict[int, Hear] = {}
        self._tickets = itertools.count(1)
        self._link: WorkerLink | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._started: asyncio.Future[None] | None = None
        self._gone = asyncio.Event()
        self._heard_at = 0.0

    # --- for those who have a call in it ------------------------------------------------------------------------------
    def note(self, command: wire.Command) -> None:
        """Tell the process something; nothing where it is gone."""
        if self._link is not None:
            self._link.note(command)

    def sound(self, call: int, pcm: bytes) -> bool:
        """Send sound; false where it was dropped."""
        return self._link is not None and self._link.sound(call, pcm)

    def dial(self, trunk: str, line: str, target: str, headers: dict[str, str], hear: Hear) -> int:
        """Have somebody called; ``hear`` hears the call from its first moment on, which is that it was placed or was
        not. Returns what ``forget`` takes. Raises ``SipUnavailable``."""
        if not self.is_ready or len(self._dialling) >= MOST_DIALLING:
            raise SipUnavailable("the SIP process is being started again, or has too many calls to place at once")
        ticket = next(self._tickets)
        self._dialling[ticket] = hear
        self.note(wire.Dial(ticket, trunk, line, target, headers))
        return ticket

    def forget(self, ticket: int) -> None:
        """Nobody waits any more for a call that is about to be placed."""
        self._dialling.pop(ticket, None)

    # --- the process --------------------------------------------------------------------------------------------------
    async def start(self) -> None:
        """Start a process and wait until it listens. Raises ``SipUnavailable``."""
        self._gone = asyncio.Event()
        self._started = asyncio.get_running_loop().create_future()
        try:
            await self._spawned()
            self.note(wire.Start(in_clear(self._settings), self.number, str(self._traces or "")))
            async with asyncio.timeout(START_WITHIN):
                await self._started
        except TimeoutError:
            await self.end()
            raise SipUnavailable(f"the SIP process {self.number} did not start in {START_WITHIN:g} s") from None
        except OSError as error:
            await self.end()
            raise SipUnavailable(f"no process could be started for SIP: {error}") from error
        except BaseException:  # whatever it was: half a process is none
            await self.end()
            raise
        self.is_ready = True
        log.info("SIP process %d listens on %s", self.number, ", ".join(self.addresses))

    async def _spawned(self) -> None:
        """A process, and the wire to it. Raises ``OSError``."""
        gone = self._gone
        ours, theirs = socket.socketpair()
        with theirs:
            ours.setblocking(False)
            try:
                self._process = _spawn(theirs, self.number)
                _, self._link = await asyncio.get_running_loop().create_unix_connection(
                    lambda: WorkerLink(self._heard, lambda why: self._lost(gone, why)), sock=ours
                )
            except BaseException:
                ours.close()
                raise

    async def watch(self) -> str:
        """Return when the process is gone or stuck, and say which; its calls have been told then."""
        loop = asyncio.get_running_loop()
        patience = self._settings.stuck_after
        why = "it ended"
        self._heard_at = loop.time()
        while not self._gone.is_set():
            left = self._heard_at + patience - loop.time()
            if left <= 0:
                why = f"it gave no sign of life for {patience:g} s"
                break
            due = loop.time() + left
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._gone.wait()
            if loop.time() - due > LATE:  # we stood still ourselves: what it said meanwhile has yet to be read
                self._heard_at = loop.time()
        await self.end(within=0)
        return why

    async def end(self, within: float = END_WITHIN) -> None:
        """End the process: in good order, or after ``within`` seconds by force."""
        self.is_ready = False
        process = self._process
        if process is None:
            return
        self.note(wire.Stop())
        if not await reaped(process, within):
            process.kill()
            await reaped(process, END_WITHIN)
        if self._link is not None:
            self._link.close()
        self._process = None
        self._lost(self._gone, "it was ended")

    def _heard(self, message: wire.Sound | wire.Note) -> None:
        if isinstance(message, wire.Sound):
            if (hear := self.calls.get(message.call)) is not None:
                hear(message)
            return
        self._heard_at = asyncio.get_running_loop().time()
        match message:
            case wire.Ready():
                self._settle(None)
            case wire.Failed(reason):
                self._settle(self._cannot_start(reason))
            case wire.Alive(cpu, unheard):
                metrics.SIP_WORKER_CPU.labels(str(self.number)).set(cpu)
                metrics.SIP_UNHEARD.inc(unheard)
            case wire.Incoming():
                self._came_in(self, message)
            case wire.Registration(trunk, registered, reason):
                self.registrations[trunk] = message
                metrics.SIP_REGISTERED.labels(trunk).set(registered)
                log.log(logging.INFO if registered else logging.WARNING, "trunk %s: %s", trunk, reason or "registered")
            case wire.Dialled() | wire.NotDialled():
                self._dialled(message)
            case (
                wire.Ringing() | wire.Established() | wire.Played() | wire.Key() | wire.FarHold() | wire.MoveEnded()
                | wire.Closed()
            ):  # fmt: skip
                self._happened(message)
            case _:
                log.error("a SIP process said what only the gateway says: %s", type(message).__name__)

    def _happened(self, report: CallReport) -> None:
        hear = self.calls.get(report.call)
        if isinstance(report, wire.Closed):
            self.calls.pop(report.call, None)
        if hear is not None:
            hear(report)

    def _dialled(self, came: wire.Dialled | wire.NotDialled) -> None:
        """An order to call has become a call, or has not; whoever gave it may have gone meanwhile."""
        hear = self._dialling.pop(came.ticket, None)
        if isinstance(came, wire.Dialled):
            if hear is None:
                self.note(wire.HangUp(came.call))
                return
            self.calls[came.call] = hear
        if hear is not None:
            hear(came)

    def _settle(self, failure: SipUnavailable | None) -> None:
        if self._started is None or self._started.done():
            return
        if failure is None:
            self._started.set_result(None)
        else:
            self._started.set_exception(failure)

    def _lost(self, gone: asyncio.Event, why: str) -> None:
        """The wire is gone, and the process with it or soon; told again, or of a predecessor, it is no news."""
        if gone is not self._gone or gone.is_set():
            return
        gone.set()
        self._link = None
        self.is_ready = False
        self._settle(SipUnavailable(f"the SIP process {self.number} ended while it was being started ({why})"))
        calls, self.calls = self.calls, {}
        dialling, self._dialling = self._dialling, {}
        for trunk in self.registrations:
            metrics.SIP_REGISTERED.labels(trunk).set(0)
        self.registrations.clear()
        loop = asyncio.get_running_loop()
        for hear in (*calls.values(), *dialling.values()):  # each by itself: a mistake in one keeps it from no other
            loop.call_soon(hear, WorkerGone("the SIP process that had this call is gone"))

    def _cannot_start(self, reason: str) -> SipUnavailable:
        host, port = self._settings.address(self.number, "udp")
        todo = "the stack's own words are on standard error"
        if "in use" in reason:
            todo = f"something else listens there: end it, or choose other ports with {self._variables()}"
        elif "requested address" in reason:
            todo = f"this machine has no such address: choose another with {self._variables()}"
        elif "denied" in reason:
            todo = f"ports below 1024 are for root, and the certificate has to be readable: see {self._variables()}"
        return SipUnavailable(f"SIP cannot listen on {host}:{port} (process {self.number}): {reason}; {todo}")

    @property
    def addresses(self) -> list[str]:
        """Where it listens, as ``udp 127.0.0.1:5060``."""
        each = ((transport, *self._settings.address(self.number, transport)) for transport in self._settings.transports)
        return [f"{transport} {host}:{port}" for transport, host, port in each]

    def _variables(self) -> str:
        return " and ".join(f"AICC_SIP_{transport.upper()}" for transport in self._settings.transports)


class SipWorkers:
    """All processes of a gateway."""

    def __init__(self, settings: SipSettings, traces: Path | None, came_in: CameIn) -> None:
        """``traces``: the folder for traces, where they are kept; ``came_in`` is told of each call that comes in."""
        self._settings = settings
        self.each = tuple(SipWorker(number, settings, traces, came_in) for number in range(settings.workers))
        self._keepers: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start them all. Raises ``SipUnavailable`` when one of them cannot be; then none is left."""
        if importlib.util.find_spec("baresip") is None:
            raise SipUnavailable("SIP needs the package baresip-python: pip install 'aicc[sip]'")
        try:
            async with asyncio.TaskGroup() as starting:
                for worker in self.each:
                    starting.create_task(worker.start())
        except* SipUnavailable as group:
            await self.close()
            raise group.exceptions[0] from None
        self._keepers = [asyncio.create_task(self._keep(worker), name=f"sip {worker.number}") for worker in self.each]

    async def close(self) -> None:
        """End them all, and their calls."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        await asyncio.gather(*(worker.end() for worker in self.each))

    @property
    def addresses(self) -> list[str]:
        """Where they listen, as ``udp 127.0.0.1:5060``."""
        return [address for worker in self.each for address in worker.addresses]

    def least_busy(self) -> SipWorker | None:
        """The process with the fewest calls; ``None`` while all are being started again."""
        return min((worker for worker in self.each if worker.is_ready), key=lambda one: len(one.calls), default=None)

    async def _keep(self, worker: SipWorker) -> None:
        """Put another process in a lost one's place, again and again, whatever goes wrong: without a keeper a lost
        process would be missed by nobody."""
        loop = asyncio.get_running_loop()
        pause = 0.0
        while True:
            begun = loop.time()
            why = await supervised(worker.watch(), f"SIP process {worker.number} cannot be watched")
            if why is None:
                why = "it could not be watched"
                await supervised(worker.end(within=0), f"SIP process {worker.number} cannot be ended")
            metrics.SIP_WORKERS_LOST.inc()
            pause = 0.0 if loop.time() - begun > STEADY_AFTER else min(max(2 * pause, FIRST_PAUSE), LONGEST_PAUSE)
            log.error("SIP process %d is lost (%s); another is started in %g s", worker.number, why, pause)
            while not worker.is_ready:
                await asyncio.sleep(pause)
                await supervised(worker.start(), f"SIP process {worker.number} cannot be started again")
                pause = min(max(2 * pause, FIRST_PAUSE), LONGEST_PAUSE)


def _spawn(connection: socket.socket, number: int) -> subprocess.Popen[bytes]:
    """One process at the other end of ``connection``."""
    descriptor = connection.fileno()
    path = pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    program = "from gateway.telephony.sip.worker import main; main()"
    return subprocess.Popen(
        [sys.executable, "-P", "-c", program, str(descriptor), f"aicc-sip-{number}"],
        stdin=subprocess.DEVNULL,
        pass_fds=(descriptor,),
        env=child_environment(PYTHONPATH=path, OPENBLAS_NUM_THREADS="1"),
    )
