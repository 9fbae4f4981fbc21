"""A call at the desk, as the session sees it: queued, comforted, promised a call back, left.

What is written of a hand-over is durable before the caller hears of it.

Refuses: deciding a hand-over (the dialog), the queue itself (the desk), and targets outside (``transferring.py``).
"""

from __future__ import annotations

from dialog.reply import Escalation, Expectation
from gateway.session.phrases import Phrase, say
from gateway.session.ports import AgentDesk
from gateway.session.room import Room
from gateway.session.talk import Talk
from gateway.session.transfer_words import message_kept
from gateway.session.waiting import told


class HandingOver:
    """One call's."""

    def __init__(self, desk: AgentDesk, room: Room, talk: Talk) -> None:
        self._desk = desk
        self._room = room
        self._talk = talk
        self.escalation: Escalation | None = None
        """Why a human takes over, once that is decided."""
        self.farewell: int | None = None
        """The number of the reply that ends the call."""

    async def queue(self, *, elsewhere: bool) -> None:
        """Put the call into its queue; or, where it goes elsewhere, only write it down."""
        if self.escalation is None:
            return
        if elsewhere:
            self._room.handoff = await self._desk.send_elsewhere(self._room.log, self.escalation)
        else:
            self._room.handoff = await self._desk.queue(self._room.log, self.escalation, self._talk.language)

    async def comfort(self) -> None:
        """Tell the caller that they are not forgotten, and where they stand."""
        handoff, language = self._room.handoff, self._talk.language
        waiting = None if handoff is None else await self._desk.waiting(self._room.log, handoff)
        text = " ".join((say(Phrase.STILL_WAITING, language), *told(waiting, language)))
        await self._talk.announce(text, Expectation.LISTENING)

    async def promise_callback(self, *, message: bool) -> None:
        """Tell the caller that they will be called back; it stands before they are told."""
        await self.call_back()
        self.farewell = self._talk.next_reply
        language = self._talk.language
        text = message_kept(language) if message else say(Phrase.CALL_BACK, language)
        await self._talk.announce(text, Expectation.NOTHING)

    async def call_back(self) -> None:
        """Have the caller called back, in their place."""
        if self._room.handoff is not None:
            await self._desk.take_back(self._room.log, self._room.handoff)
            await self._desk.call_back(self._room.log, self._room.handoff, self._room.caller)

    async def leave(self) -> None:
        """The call is over, whether somebody came or not."""
        if self._room.handoff is not None:
            await self._desk.leave(self._room.log, self._room.handoff)
