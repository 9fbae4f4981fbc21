"""A SIP process that is none: it keeps what it is told, and says what a test has it say."""

from __future__ import annotations

from itertools import count

from gateway.telephony.leg import CallOffer, Place, Refusal
from gateway.telephony.sip import worker_messages as wire
from gateway.telephony.sip.errors import SipUnavailable
from gateway.telephony.sip.workers import CallEvent, Hear


class StandInWorker:
    """As whoever has a call in a process sees it."""

    def __init__(self, number: int = 0) -> None:
        self.number = number
        self.is_ready = True
        self.takes_sound = True
        self.calls: dict[int, Hear] = {}
        self.told: list[wire.Command] = []
        self.sent: list[tuple[int, bytes]] = []
        self.dialling: dict[int, Hear] = {}
        self._tickets = count(1)

    def note(self, command: wire.Command) -> None:
        self.told.append(command)

    def sound(self, call: int, pcm: bytes) -> bool:
        if self.takes_sound:
            self.sent.append((call, pcm))
        return self.takes_sound

    def dial(self, trunk: str, line: str, target: str, headers: dict[str, str], hear: Hear) -> int:
        if not self.is_ready:
            raise SipUnavailable("it is being started again")
        ticket = next(self._tickets)
        self.dialling[ticket] = hear
        self.told.append(wire.Dial(ticket, trunk, line, target, headers))
        return ticket

    def forget(self, ticket: int) -> None:
        self.dialling.pop(ticket, None)

    def says(self, call: int, event: CallEvent) -> None:
        """Something happens to a call."""
        self.calls[call](event)

    def placed(self, ticket: int, call: int) -> None:
        """An order to call has become a call."""
        hear = self.calls[call] = self.dialling.pop(ticket)
        hear(wire.Dialled(ticket, call, f"call-{call}"))


class Doorman:
    """An admission that a test decides for."""

    def __init__(self) -> None:
        self.refusal: Refusal | None = None
        self.full: Refusal | None = None
        self.offers: list[CallOffer] = []
        self.kept = 0
        """Places that are kept at present."""

    def room(self) -> Refusal | None:
        return self.full

    def admit(self, offer: CallOffer) -> Refusal | None:
        self.offers.append(offer)
        return self.refusal

    def keep(self, offer: CallOffer) -> Refusal | Place:
        if refusal := self.full or self.admit(offer):
            return refusal
        self.kept += 1
        return self.give_up

    def give_up(self) -> None:
        self.kept -= 1
