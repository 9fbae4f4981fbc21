"""One call's transfers, driven: what ``transfer.py`` decides is done with legs, trunk and desk, and what comes of it is
told back. Each way is one task at a time, limited by the machine's deadline and ended with the call.

The hand-off is durable before anything leaves, and whatever becomes of the call becomes of it: accepted, ended, back in
line, to be called back, or abandoned.

Refuses: deciding, and dialling anything but the tenant's targets.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, assert_never

from dialog.reply import Entry, Expectation
from gateway.session import call as calls
from gateway.session import transfer as moving
from gateway.session import transfer_words as words
from gateway.session.alarm import Alarm
from gateway.session.conference import Mode
from gateway.session.destination import PLACEHOLDER, NoDestination, dialled_by
from gateway.session.handing_over import HandingOver
from gateway.session.inquiry import Inquiry, person_at
from gateway.session.minutes import ACKNOWLEDGED_WITHIN
from gateway.session.outside_call import OutsideCall
from gateway.session.people import Departure, Person
from gateway.session.ports import Services, TollDenied
from gateway.session.records import EventKind
from gateway.session.room import Room
from gateway.session.talk import Talk
from gateway.session.taping import Taping
from gateway.session.targets import Acceptance, Target, Way
from gateway.session.turn_taking import TurnEnded
from gateway.telephony.leg import MediaLeg
from gateway.telephony.transfer import (
    NotTransferred,
    TransferMethod,
    TransferOrder,
    TransferOutcome,
    Transferred,
    TransferUnclear,
)
from gateway.telephony.trunk import Failure, TrunkOrder
from infra.errors import AiccError

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Message:
    """A message that is being left: where in the recording it began, and its words so far."""

    at: float
    since: float
    text: str = ""


@dataclass(slots=True)
class _Course:
    """One transfer: where to, under which hand-off, and how far it has come."""

    id: str
    target: Target
    handoff: str
    machine: moving.Transfer
    outside: OutsideCall | None = None
    """The call to whoever answers there, or is to."""
    presence: asyncio.Task[Departure] | None = None
    """Their part in the call, where they were asked before the caller was moved there."""
    message: _Message | None = None
    moved: Way | None = None
    """The way by which the call has left us."""
    announced: bool = False
    by: str = "policy"
    """Who has chosen what comes next."""

    @property
    def person(self) -> Person:
        """Whoever answers there, among the people of the call."""
        return person_at(self.id, self.target)

    @property
    def headers(self) -> dict[str, str]:
        """What is sent along: the tenant's headers, and the hand-off's id (RFC 7433, and by a name of our own)."""
        user_to_user = f"{self.handoff.encode().hex()};encoding=hex"
        return {**self.target.headers, "User-to-User": user_to_user, "X-AICC-Handoff": self.handoff}


class Transferring:
    """One call's. ``line`` is the number shown as calling; ``tell`` takes what happens to the call's life."""

    def __init__(
        self,
        services: Services,
        leg: MediaLeg,
        room: Room,
        talk: Talk,
        taping: Taping,
        desk: HandingOver,
        *,
        line: str,
        tell: Callable[[calls.Event], None],
    ) -> None:
        self._services = services
        self._leg = leg
        self._room = room
        self._talk = talk
        self._taping = taping
        self._desk = desk
        self._line = line
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._alarm: Alarm | None = None
        self._course: _Course | None = None
        self._attempt: asyncio.Task[None] | None = None
        self._letting_go: set[asyncio.Task[None]] = set()
        self._inquiry = Inquiry(services, room, leg, line=line, later=self._later)
        room.inquiry = self._inquiry

    # --- what the session says ----------------------------------------------------------------------------------------
    async def begin(self) -> None:
        """Move the call to the room's target; its hand-off is durable."""
        await self._end_bridge()
        room = self._room
        assert room.target is not None and room.handoff is not None, "both are set before a call is sent anywhere"
        target = self._services.tenant.transfers[room.target]
        reached = self._inquiry.hand_over(room.target)
        if reached is not None:  # they want the call, and are here
            target = target.model_copy(update={"ways": (Way.BRIDGE,), "accept": Acceptance.NONE})
        plan = moving.Plan(
            target,
            self._leg.transfers,
            self._services.trunk() is not None,
            self._services.tenant.desk_open(self._services.now()),
            self._taping.for_message,
        )
        self._course = _Course(room.target, target, room.handoff, moving.Transfer(plan))
        if reached is not None:
            self._course.outside, self._course.presence = reached.outside, reached.presence
        self._alarm = self._alarm or Alarm(lambda: self._post(moving.Tick()))
        self._post(moving.Begin())

    async def comfort(self) -> None:
        """Tell the caller that it goes on."""
        if self._course is not None:
            name = self._course.target.called(self._talk.language)
            await self._talk.announce(words.still_ringing(name, self._talk.language), Expectation.LISTENING)

    def heard(self, turn: TurnEnded) -> None:
        """What the caller said while they were not talking with the bot."""
        course = self._course
        if course is None:
            return
        match course.machine.state:
            case moving.State.CHOOSING:
                language = self._talk.language
                choice = words.choice_of(turn.text, turn.digits, language, course.machine.offered)
                course.by = "policy" if choice is None else "caller"
                self._post(moving.NotChosen() if choice is None else moving.Chosen(choice))
            case moving.State.TAKING_MESSAGE if turn.silent:
                self._post(moving.MessageOver())
            case moving.State.TAKING_MESSAGE if course.message is not None:
                course.message.text = f"{course.message.text} {turn.text}".strip()
            case _:
                pass

    def key(self, digit: str) -> None:
        """The caller pressed a key."""
        taking = self._course is not None and self._course.machine.state is moving.State.TAKING_MESSAGE
        if taking and digit == words.MESSAGE_KEY:
            self._post(moving.MessageOver())

    def superseded(self) -> None:
        """Somebody of ours has the call: nothing more is tried."""
        self._post(moving.PersonTook())

    async def left(self) -> None:
        """The call is over: end what is being tried, and settle what becomes of the hand-off."""
        self._post(moving.CallerGone())
        course, desk, record = self._course, self._services.desk, self._room.log
        if course is not None and course.moved is not None:
            await desk.taken_elsewhere(record, course.handoff, course.person.id)
            await desk.done_elsewhere(record, course.handoff, course.person.id, "transferred")
        elif course is not None and course.message is not None:
            await self._desk.call_back()
        else:
            await self._desk.leave()

    async def close(self) -> None:
        """Give everything back."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        await self._end_bridge()
        await self._inquiry.close()
        if self._course is not None and self._course.outside is not None:
            self._course.outside.let_go("the call is over")
        if self._letting_go:
            await asyncio.wait(self._letting_go, timeout=ACKNOWLEDGED_WITHIN)

    # --- events in, commands out --------------------------------------------------------------------------------------
    def _post(self, event: moving.Event) -> None:
        course = self._course
        if course is None:
            return
        for command in course.machine.handle(event, self._loop.time()):
            self._do(course, command)
        if self._alarm is not None:
            self._alarm.set(course.machine.deadline)

    def _do(self, course: _Course, command: moving.Command) -> None:
        match command:
            case moving.AskNetwork(method, within):
                self._note(course, EventKind.TRANSFER_TRIED)
                self._start(self._ask_network(course, method, within), moving.NetworkRefused("it failed"))
            case moving.CallTarget(_, ring_seconds):
                self._note(course, EventKind.TRANSFER_TRIED)
                self._start(self._call_target(course, ring_seconds), _UNREACHABLE)
            case moving.Screen(key):
                self._start(self._screen(course, key=key), _UNREACHABLE)
            case moving.Join(within):
                self._start(self._join(course, within), moving.NetworkRefused("it failed"))
            case moving.Bridge():
                self._start(self._bridge(course), moving.TargetLeft())
            case moving.EndBridge():
                self._later(self._room.people.dismiss(course.person.id, "the longest call was reached"))
            case moving.GiveUp():
                self._give_up(course)
            case moving.Failed(way, failure, reason, code):
                self._note(course, EventKind.TRANSFER_FAILED, way=way, failure=failure, reason=reason, code=code)
            case moving.ExpectToLeave(leaving):
                self._tell(calls.ExpectedToLeave(leaving))
            case moving.AskCaller():
                self._tell(calls.CallerAsked(True))
                self._start(self._ask(course, command), moving.NotChosen())
            case moving.TakeMessage():
                self._tell(calls.CallerAsked(True))
                self._start(self._take_message(course), moving.MessageOver())
            case moving.Away(way, confirmed):
                self._moved(course, way, confirmed=confirmed)
            case moving.ToDesk() | moving.ToCallback() | moving.ToBot() | moving.EndCall():
                self._finish(course, command)
            case _:
                assert_never(command)

    def _finish(
        self, course: _Course, command: moving.ToDesk | moving.ToCallback | moving.ToBot | moving.EndCall
    ) -> None:
        """Nothing outside is tried any more."""
        self._give_up(course)
        match command:
            case moving.ToDesk():
                self._choice(course, moving.Choice.DESK)
                self._start(self._back_in_line(course), None)
            case moving.ToCallback(message):
                if course.message is not None:
                    self._message_left(course, course.message)
                else:
                    self._choice(course, moving.Choice.CALLBACK)
                self._tell(calls.CallbackWanted(message))
            case moving.ToBot(bridged):
                if not bridged:
                    self._choice(course, moving.Choice.BOT)
                self._start(self._back_to_bot(bridged=bridged), None)
            case moving.EndCall():
                self._tell(calls.PersonEnded())
            case _:
                assert_never(command)

    # --- the network --------------------------------------------------------------------------------------------------
    async def _ask_network(self, course: _Course, method: TransferMethod, within: float) -> None:
        try:
            target = self._target(course, method)
        except NoDestination as error:
            self._post(moving.NetworkRefused(str(error)))
            return
        outcome = await self._leg.transfer(
            TransferOrder(
                method, target, course.handoff, within=within, headers=course.headers, context=self._context()
            )
        )
        self._post(_told(outcome))

    def _context(self) -> dict[str, str]:
        """What whoever goes on should know, in few words."""
        decided = self._desk.escalation
        why = {} if decided is None else {"reason": str(decided.reason), "queue": decided.queue}
        return {**why, "summary": self._room.summarize().text, "language": self._talk.language}

    def _target(self, course: _Course, method: TransferMethod) -> str:
        """What the network is told. Raises ``NoDestination``, also for what may not be called."""
        if method is TransferMethod.PROVIDER:
            word = (course.target.provider_to or course.target.to).replace(PLACEHOLDER, course.handoff)
            address = dialled_by(word)
        else:
            address = course.target.address(course.handoff)
            word = str(address)
        if address is not None:
            toll = self._services.toll
            denied = TollDenied("nobody has said what may be called") if toll is None else toll.allows(address)
            if denied is not None:
                raise NoDestination(denied.why)
        return word

    def _moved(self, course: _Course, way: Way, *, confirmed: bool) -> None:
        course.moved = way
        self._room.note(
            EventKind.CALL_TRANSFERRED,
            destination=course.target.called(self._talk.language),
            mode="warm" if way is Way.ATTENDED else "blind",
            target=course.id,
            way=way,
            handoff=course.handoff,
            confirmed=confirmed,
        )
        self._give_up(course)
        self._tell(calls.MovedAway())

    # --- calls of ours ------------------------------------------------------------------------------------------------
    async def _call_target(self, course: _Course, ring_seconds: float) -> None:
        if course.outside is not None and course.presence is not None:
            self._note(course, EventKind.TRANSFER_ANSWERED)
            self._post(moving.Answered(course.outside.seconds))
            return
        if not course.announced:
            course.announced = True
            name = course.target.called(self._talk.language)
            await self._talk.announce(words.connecting(name, self._talk.language), Expectation.LISTENING)
        try:
            address = course.target.address(course.handoff)
        except NoDestination as error:
            self._post(moving.NotReached(Failure.UNREACHABLE, str(error)))
            return
        course.outside = OutsideCall(self._services, self._later)
        order = TrunkOrder(str(address), self._line, ring_seconds, course.handoff, course.headers, beside=self._leg)
        missed = await course.outside.place(
            self._room.log.call_id, address, order, lambda: self._note(course, EventKind.TRANSFER_RINGING)
        )
        if missed is None:
            self._note(course, EventKind.TRANSFER_ANSWERED)
            self._post(moving.Answered(course.outside.seconds))
        else:
            self._post(moving.NotReached(missed.failure, missed.reason, missed.code))

    async def _screen(self, course: _Course, *, key: bool) -> None:
        """Tell whoever answered who calls."""
        outside, language = course.outside, self._talk.language
        assert outside is not None, "somebody answered"
        if course.presence is not None:
            self._post(moving.Accepted())
            return
        caller, summary = self._room.caller or "", self._room.summarize().text
        told = words.screening(course.target.called(language), caller, summary, language, key=key)
        taken = await outside.screen(told, language, key=key)
        self._post(moving.Accepted() if taken else moving.NotReached(Failure.DECLINED, "they hung up again"))

    async def _join(self, course: _Course, within: float) -> None:
        outside = course.outside
        assert outside is not None, "somebody answered"
        order = TransferOrder(
            TransferMethod.ATTENDED,
            str(course.target.address(course.handoff)),
            course.handoff,
            within=within,
            headers=course.headers,
            answered=outside.leg.leg,
        )
        outcome = await self._leg.transfer(order)
        if not isinstance(outcome, Transferred) and outside.leg.gone.done():
            self._post(moving.NotReached(Failure.NO_ANSWER, "they hung up again"))
        else:
            self._post(_told(outcome))

    async def _bridge(self, course: _Course) -> None:
        """Let the two talk until one of them is gone."""
        outside, person, desk, room = course.outside, course.person, self._services.desk, self._room
        assert outside is not None, "somebody answered"
        await desk.taken_elsewhere(room.log, course.handoff, person.id)
        room.take(person, why="transferred")
        try:
            departure = await (course.presence or room.enter(outside.leg, person, Mode.TALK))
        finally:
            outside.let_go("the bridge is over")
        await desk.done_elsewhere(room.log, course.handoff, person.id, departure.why)
        if not room.over and room.control.grip.who == person.id:
            room.handoff = None
            self._post(moving.TargetLeft())

    # --- the caller ---------------------------------------------------------------------------------------------------
    async def _ask(self, course: _Course, asked: moving.AskCaller) -> None:
        language = self._talk.language
        name = course.target.called(language)
        text = words.question(asked.failure, asked.choices, name, language, again=asked.again)
        await self._talk.announce(text, Expectation.SPEAKING, Entry(length=1))

    async def _take_message(self, course: _Course) -> None:
        course.message = _Message(self._taping.message(), self._loop.time())
        self._choice(course, moving.Choice.MESSAGE)
        await self._talk.announce(words.ask_for_message(self._talk.language), Expectation.SPEAKING)

    def _message_left(self, course: _Course, message: _Message) -> None:
        self._room.note(
            EventKind.MESSAGE_LEFT,
            handoff=course.handoff,
            at=message.at,
            seconds=round(self._loop.time() - message.since, 3),
            text=message.text,
        )

    async def _back_in_line(self, course: _Course) -> None:
        await self._services.desk.take_back(self._room.log, course.handoff)
        self._tell(calls.BackInLine())

    async def _back_to_bot(self, *, bridged: bool) -> None:
        if not bridged:
            await self._desk.leave()
        self._room.handoff = None
        self._room.give_back("")

    # --- tasks --------------------------------------------------------------------------------------------------------
    def _start(self, work: Coroutine[Any, Any, None], lost: moving.Event | None) -> None:
        """Do this next; what goes wrong with it counts as ``lost`` (None: nothing more can be tried)."""
        task = self._loop.create_task(work, name=f"call {self._room.log.call_id}: transfer")
        task.add_done_callback(lambda done: self._ended(done, lost))
        self._attempt = task

    def _ended(self, task: asyncio.Task[None], lost: moving.Event | None) -> None:
        if task.cancelled() or (error := task.exception()) is None:
            return
        log.error("a transfer failed", exc_info=None if isinstance(error, AiccError) else error)
        self._room.note(EventKind.COMPONENT_FAILED, component="transfer", error=repr(error), fallback="another way")
        if lost is None:
            self._tell(calls.Failed())
        elif task is self._attempt:
            self._post(lost)

    async def _end_bridge(self) -> None:
        """Whoever the caller was bridged to is out, and that is written down; what else is under way is cut off."""
        course, task, self._attempt = self._course, self._attempt, None
        if task is None or task.done() or course is None:
            return
        if any(person.id == course.person.id for person, _ in self._room.people.seats):
            await self._room.people.dismiss(course.person.id, "sent elsewhere")
        if course.machine.state is moving.State.BRIDGED:
            await asyncio.wait({task}, timeout=ACKNOWLEDGED_WITHIN)
        task.cancel()
        await asyncio.wait({task})

    def _give_up(self, course: _Course) -> None:
        """End what is being tried, but for the task in which this is decided."""
        if self._attempt is not None and self._attempt is not asyncio.current_task():
            self._attempt.cancel()
        self._attempt = None
        if course.outside is not None:
            course.outside.let_go("it is no longer needed")

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Something that need not be waited for before the call's end; what goes wrong with it is logged."""
        task = self._loop.create_task(work, name=f"call {self._room.log.call_id}: let go")
        self._letting_go.add(task)
        task.add_done_callback(self._let_gone)

    def _let_gone(self, task: asyncio.Task[None]) -> None:
        self._letting_go.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("%s failed", task.get_name(), exc_info=error)

    def _note(self, course: _Course, kind: EventKind, **payload: object) -> None:
        about = {"handoff": course.handoff, "target": course.id, "way": course.machine.way}
        self._room.note(kind, **{**about, **payload})

    def _choice(self, course: _Course, choice: moving.Choice) -> None:
        about = {"handoff": course.handoff, "target": course.id}
        self._room.note(EventKind.TRANSFER_CHOICE, **about, choice=choice, by=course.by)


_UNREACHABLE = moving.NotReached(Failure.UNREACHABLE, "it failed")


def _told(outcome: TransferOutcome) -> moving.Event:
    match outcome:
        case Transferred(confirmed):
            return moving.NetworkTook(confirmed)
        case NotTransferred(reason, code):
            return moving.NetworkRefused(reason, code)
        case TransferUnclear():
            return moving.NetworkSilent()
        case _:
            assert_never(outcome)
