"""The people in one call: their legs, what they hear, and what they say, which becomes turns like the caller's.

The conference says who hears whom; this drives it every 20 ms for as long as anybody is there. Whoever talks is
recognized by an ear of their own; a whisper and whoever only listens are not.

Refuses: who may come in and what they may do (the desk), and whose the call is (control).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import assert_never

from gateway.session.conference import BOT, CALLER, Conference, Mode, Seat
from gateway.session.control import Owner
from gateway.session.errors import NotInCall
from gateway.session.hearing import LegClock
from gateway.session.live import Live
from gateway.session.person_ear import PersonEar
from gateway.session.ports import Services
from gateway.session.records import EventKind
from gateway.session.turn_taking import TurnEnded
from gateway.telephony.leg import DtmfReceived, HeldByFarEnd, HungUp, LegEvent, MarkPlayed, MediaLeg, MediaReceived
from infra.audio import FRAME_SECONDS, AudioFrame
from infra.errors import AiccError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the call: their id and name, and as what they are in it; ``outside``: nobody of the desk, but whoever
    answered at a target."""

    id: str
    name: str
    role: Owner
    outside: bool = False


def turn_told(person: Person, turn: TurnEnded) -> dict[str, object]:
    """What is written down of something that a person said to the caller (``agent.turn``). Of its words only when they
    were said: the text stands as a whole, for there it is looked through as one."""
    return {
        "agent": person.id,
        "text": turn.text,
        "confidence": round(turn.confidence, 3),
        "language": turn.language,
        "seconds": round(turn.words[-1].end - turn.words[0].start, 2) if turn.words else None,
        "words": [{"start": round(word.start, 2), "end": round(word.end, 2)} for word in turn.words],
    }


@dataclass(frozen=True, slots=True)
class Departure:
    """Why a person is out of the call; ``lost`` where nobody wanted it: their line went away by itself."""

    why: str
    lost: bool


@dataclass(slots=True)
class _Present:
    """A person who is in the call."""

    person: Person
    leg: MediaLeg
    gone: asyncio.Future[Departure]
    lending: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while they are lent an ear: opening one takes time, and they get one alone."""
    ear: PersonEar | None = None


class People:
    """The people of one call.

    ``to_caller`` is given what the caller is to hear of them, 20 ms at a time; ``note`` writes a contact event;
    ``said`` is told of each turn of somebody who talks.
    """

    def __init__(
        self,
        services: Services,
        rate: int,
        *,
        clock: LegClock,
        language: Callable[[], str],
        to_caller: Callable[[bytes], None],
        note: Callable[..., None],
        said: Callable[[Person, TurnEnded], None],
        live: Live,
        heard: Callable[[], bool] = lambda: True,
    ) -> None:
        """``clock``: the caller's leg's; ``heard``: whether what is said in the call may be recognized."""
        self._services = services
        self._clock = clock
        self._heard = heard
        self._language = language
        self._to_caller = to_caller
        self._note = note
        self._said = said
        self._live = live
        self._conference = Conference(rate)
        self._present: dict[str, _Present] = {}
        self._ticking: asyncio.Task[None] | None = None

    @property
    def seats(self) -> list[tuple[Person, Seat]]:
        """Who is there, and how they take part."""
        seats = self._conference.seats
        return [(present.person, seats[who]) for who, present in self._present.items()]

    @property
    def held(self) -> bool:
        """Whether the caller is on hold."""
        return self._conference.held

    def hold(self, held: bool) -> None:
        """Put the caller on hold, or take them back."""
        self._conference.held = held

    def caller(self, pcm: bytes) -> None:
        """The caller's sound."""
        if self._present:
            self._conference.take(CALLER, pcm)

    def bot(self, pcm: bytes) -> None:
        """What the bot says to the caller."""
        if self._present:
            self._conference.take(BOT, pcm)

    async def enter(self, leg: MediaLeg, person: Person, mode: Mode) -> Departure:
        """Let a person take part until their leg ends or they are dismissed; why that was. Whoever is there already
        goes on with the new leg."""
        if person.id in self._present:
            await self.dismiss(person.id, "the same person came in by another line")
        here = _Present(person, leg, asyncio.get_running_loop().create_future())
        self._present[person.id] = here
        self._conference.join(person.id, leg.info.rate, mode)
        self._note(EventKind.AGENT_JOINED, agent=person.id, name=person.name, role=person.role, mode=mode)
        leg.listen(lambda event: self._take(here, event))
        if self._ticking is None:
            self._ticking = asyncio.create_task(self._tick(), name="conference")
            self._ticking.add_done_callback(self._mixed_no_more)
        if mode is Mode.TALK:
            await self._lend_ear(here)
        departure = Departure("whoever let them in was ended", lost=False)
        try:
            departure = await here.gone
        finally:
            await asyncio.shield(self._leave(here, departure.why))
        return departure

    async def change(self, who: str, *, mode: Mode | None = None, muted: bool | None = None) -> None:
        """Let a person take part otherwise. Raises ``NotInCall``."""
        here = self._here(who)
        self._conference.change(who, mode=mode, muted=muted)
        if mode is not None:
            self._note(EventKind.AGENT_MODE, agent=who, mode=mode)
        if mode is Mode.TALK:
            await self._lend_ear(here)

    async def dismiss(self, who: str, why: str) -> None:
        """Let a person's part end. Raises ``NotInCall``."""
        here = self._here(who)
        if not here.gone.done():
            here.gone.set_result(Departure(why, lost=False))
        await here.leg.hang_up(why)

    async def close(self, why: str) -> None:
        """The call is over: everybody's part ends."""
        for who in list(self._present):
            await self.dismiss(who, why)

    def _here(self, who: str) -> _Present:
        here = self._present.get(who)
        if here is None:
            raise NotInCall(f"{who} takes no part in this call: come in with a telephone first")
        return here

    def _take(self, here: _Present, event: LegEvent) -> None:
        match event:
            case MediaReceived(frame):
                self._conference.take(here.person.id, frame.pcm)
                if here.ear is not None and self._conference.audible(here.person.id):
                    here.ear.frame(frame)
            case HungUp(reason):
                if not here.gone.done():
                    here.gone.set_result(Departure(reason, lost=True))
            case HeldByFarEnd(held):
                if here.ear is not None:
                    here.ear.hold(held)
            case DtmfReceived() | MarkPlayed():
                pass
            case _:
                assert_never(event)

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            for who, pcm in self._conference.mixed():
                if who == CALLER:
                    self._to_caller(pcm)
                else:
                    leg = self._present[who].leg
                    leg.send(AudioFrame(pcm, leg.info.rate, 0.0))
            due = max(due + FRAME_SECONDS, loop.time() - FRAME_SECONDS)  # what is missed is not caught up with
            await asyncio.sleep(due - loop.time())

    def _mixed_no_more(self, ticking: asyncio.Task[None]) -> None:
        """Nobody hears anybody any more, by a mistake of ours: to those who are there it is a line that was lost."""
        if ticking.cancelled() or (error := ticking.exception()) is None:
            return
        log.error("the mixing of a call failed", exc_info=error)
        self._note(EventKind.COMPONENT_FAILED, component="conference", error=str(error), fallback="people come anew")
        self._ticking = None
        for here in self._present.values():
            if not here.gone.done():
                here.gone.set_result(Departure("the mixing failed", lost=True))

    async def _lend_ear(self, here: _Present) -> None:
        """Hear what a person says from now on. A person who cannot be heard is in the call all the same."""
        person = here.person
        async with here.lending:
            if here.ear is not None or self._present.get(person.id) is not here or not self._heard():
                return
            try:
                ear = await PersonEar.open(
                    self._services,
                    self._language(),
                    here.leg.info.rate,
                    call=self._clock,
                    said=lambda turn: self._said(person, turn),
                    partial=lambda utterance, text: self._live.publish(
                        "partial", speaker="agent", agent=person.id, utterance=utterance, text=text
                    ),
                )
            except AiccError as error:
                told = {"component": "recognition", "error": str(error), "fallback": "agent unheard"}
                self._note(EventKind.COMPONENT_FAILED, **told)
                return
            if self._present.get(person.id) is here:
                here.ear = ear
            else:  # they have left meanwhile
                await ear.close()

    async def _leave(self, here: _Present, why: str) -> None:
        who = here.person.id
        if self._present.get(who) is here:
            del self._present[who]
            self._conference.leave(who)
        self._note(EventKind.AGENT_LEFT, agent=who, why=why)
        if here.ear is not None:
            await here.ear.close()
        if not self._present and self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None
        await here.leg.hang_up(why)
