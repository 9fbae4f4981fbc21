"""A call between a customer and an agent of another platform that we are only let to hear: its record, and its room.

The customer is heard by an ear of their own, the agent takes part like an agent of ours whom nobody can hear through
us: both sides' words become contact events, and whoever helps agents follows the call as they follow every other.
Nobody answers, nobody is recorded, and nothing is done in it. It ends with the hook that it is heard by.

Refuses: to say anything, and to be taken over: the call is another platform's (``Room.overheard``).
"""

from __future__ import annotations

import asyncio
from typing import Final, assert_never

from dialog.turn import Speaker, Utterance
from gateway.session.conference import Mode
from gateway.session.control import Owner
from gateway.session.errors import LedgerError
from gateway.session.hearing import LegClock
from gateway.session.ledger import CallLog
from gateway.session.live import Live
from gateway.session.minutes import Minutes
from gateway.session.people import People, Person, turn_told
from gateway.session.person_ear import PersonEar
from gateway.session.ports import Services
from gateway.session.records import EndReason, EventKind
from gateway.session.room import Room
from gateway.session.runner import ENDINGS
from gateway.session.tenant import Line
from gateway.session.turn_taking import TurnEnded
from gateway.telephony.leg import (
    DtmfReceived,
    HeldByFarEnd,
    HungUp,
    LegEvent,
    LegInfo,
    MarkPlayed,
    MediaLeg,
    MediaReceived,
)
from infra.errors import AiccError

CHANNEL: Final = "monitor"
"""The channel of such calls in the ledger: no caller of ours, and no call that we have answered."""

LANGUAGE_PARAMETER: Final = "language"
"""The leg's parameter that says in which language they talk, where it is not the line's."""

AGENT_PARAMETER: Final = "agent"
"""The leg's parameter that says who the agent is: the id under which they sign in at our desk."""

UNKNOWN: Final = "unknown-agent"
"""The id of an agent of whom the platform does not say who they are."""
_LONGEST_ID: Final = 128


def agent_of(info: LegInfo) -> Person:
    """Who the agent of an overheard call is, as far as the platform says."""
    user = info.parameters.get(AGENT_PARAMETER, "").strip()[:_LONGEST_ID]
    return Person(user or UNKNOWN, user, Owner.AGENT)


class MonitoredSession:
    """One call. ``customer`` and ``agents`` are its two sides, ``agent`` is who is on the second."""

    def __init__(
        self,
        customer: MediaLeg,
        agents: MediaLeg,
        services: Services,
        line: Line,
        language: str,
        call_log: CallLog,
        agent: Person,
    ) -> None:
        self._customer = customer
        self._agents = agents
        self._services = services
        self._agent = agent
        self._language = language
        self._minutes = Minutes(call_log, self._ledger_broke)
        self._loop = asyncio.get_running_loop()
        self._over: asyncio.Future[EndReason] = self._loop.create_future()
        self._clock = LegClock()
        """The customer's leg's."""
        self._ear: PersonEar | None = None
        self._turns = 0
        self._conversation = services.dialogue.begin(
            call_id=call_log.call_id, language=self._language, caller=customer.info.ani or None, journal=self._minutes
        )
        self.room = self._open_room(line)
        """The call as people have it in hand."""

    @property
    def caller_speaks(self) -> bool:
        """Whether the customer speaks at present."""
        return self._ear is not None and self._ear.speaks

    def stop(self) -> None:
        """Listen no more: the node shuts down."""
        self._end(EndReason.SHUT_DOWN)

    async def run(self) -> EndReason:
        """Listen until the call is over; returns when its record is closed and durable."""
        self._minutes.answered(self._customer.info, self._services.tenant.numbering)
        self.room.take(self._agent, why="overheard")
        self.room.overheard = True
        reason = EndReason.FAILED
        entering = asyncio.create_task(
            self.room.enter(self._agents, self._agent, Mode.TALK), name="the agent of a call that is overheard"
        )
        try:
            await self._open_ear()
            self._customer.listen(self._take)
            reason = await self._over
        except asyncio.CancelledError:
            reason = EndReason.SHUT_DOWN
            raise
        finally:
            await asyncio.shield(self._give_back(reason, entering))
        return reason

    def _open_room(self, line: Line) -> Room:
        live, dialogue = Live(), self._services.dialogue
        people = People(
            self._services,
            self._customer.info.rate,
            clock=self._clock,
            language=lambda: self._language,
            to_caller=lambda pcm: None,  # nobody hears us
            note=self._minutes.write,
            said=self._agent_said,
            live=live,
        )
        return Room(
            self._minutes,
            people,
            live,
            tell=lambda event: None,  # whatever would change its life is refused by the room
            summarize=lambda: dialogue.summary(self._conversation),
            acquaintance=lambda: dialogue.acquaintance(self._conversation),
            speaks=lambda: self._language,
            recorded=lambda: False,
            line=line.alias,
            caller=self._customer.info.ani or None,
        )

    def _end(self, reason: EndReason) -> None:
        if not self._over.done():
            self._over.set_result(reason)

    # --- what is heard ------------------------------------------------------------------------------------------------
    async def _open_ear(self) -> None:
        """Hear the customer. Of one who cannot be heard the call is in the record all the same."""
        live = self.room.live
        try:
            self._ear = await PersonEar.open(
                self._services,
                self._language,
                self._customer.info.rate,
                call=self._clock,
                said=self._customer_said,
                partial=lambda utterance, text: live.publish(
                    "partial", speaker="caller", utterance=utterance, text=text
                ),
            )
        except AiccError as error:
            self._minutes.write(
                EventKind.COMPONENT_FAILED, component="recognition", error=str(error), fallback="customer unheard"
            )

    def _take(self, event: LegEvent) -> None:
        match event:
            case MediaReceived(frame):
                self._clock.arrived(frame, self._loop.time())
                if self._ear is not None:
                    self._ear.frame(frame)
                self.room.people.caller(frame.pcm)
            case HeldByFarEnd(held):
                self._minutes.write(EventKind.CALL_HELD if held else EventKind.CALL_RESUMED, by=self._agent.id)
                if self._ear is not None:
                    self._ear.hold(held)
            case DtmfReceived(digit, at):
                self._minutes.key(digit, at, secret=False)
            case MarkPlayed():
                pass
            case HungUp(_, cause):
                self._end(ENDINGS[cause])
            case _:
                assert_never(event)

    def _customer_said(self, turn: TurnEnded) -> None:
        self._turns += 1
        self._minutes.turn(self._turns, turn, self._language)
        self._overheard(Speaker.CALLER, turn.text)

    def _agent_said(self, person: Person, turn: TurnEnded) -> None:
        self._minutes.write(EventKind.AGENT_TURN, **turn_told(person, turn))
        self._overheard(Speaker.AGENT, turn.text)

    def _overheard(self, speaker: Speaker, text: str) -> None:
        self._services.dialogue.heard(self._conversation, Utterance(speaker, text, self._turns))

    # --- the end ------------------------------------------------------------------------------------------------------
    def _ledger_broke(self, error: LedgerError) -> None:
        self._loop.call_soon(self._end, EndReason.FAILED)

    async def _give_back(self, reason: EndReason, entering: asyncio.Task[object]) -> None:
        """Close both ears, then the record; only then the leg."""
        await self._agents.hang_up(str(reason))
        await self.room.close(str(reason))
        await asyncio.wait({entering})
        if self._ear is not None:
            await self._ear.close()
        await self._minutes.close(reason)
        await self._customer.hang_up(str(reason))
