"""The minutes of a call: what the machines do, written down as contact events, with how long each stage took.

Refuses: deciding. It only translates; a reader of the ledger must be able to tell the call from these alone.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from typing import Any

from dialog.discretion import secrets
from dialog.privacy.kinds import Found
from dialog.reply import Escalation, Reply
from gateway.session import playback
from gateway.session.control import DECIDED_UNDER, Control
from gateway.session.disclosure import Disclosure
from gateway.session.errors import LedgerError, StaleGrip
from gateway.session.ledger import CallLog
from gateway.session.outreach import OutboundCall
from gateway.session.records import EndReason, EventKind
from gateway.session.signalling import Signalled, signalled
from gateway.session.turn_taking import TurnEnded
from gateway.telephony.leg import LegInfo
from infra.phone_numbers import NumberingPlan
from stt.transcript import Transcript

SECRET = "•"
"""What stands for each character that may not be written down."""

SHORTEST_SECRET = 3
"""Characters: a shorter part of a secret gives little away, and stands in half of all other texts."""

COMMITTING = frozenset({EventKind.ACTION_PROPOSED, EventKind.ACTION_CONFIRMED, EventKind.ACTION_STARTED})
"""What stands in the record before an action leaves the house: the last hop at which it can be held back."""

ACKNOWLEDGED_WITHIN = 5.0
"""Seconds that the ledger is given before what depends on it is not done."""


log = logging.getLogger(__name__)


@dataclass(slots=True)
class Stages:
    """Monotonic times of one answer's way: None is a stage that was not passed (yet)."""

    speech_ended: float | None
    turn_ended: float | None
    decided: float
    synthesized: float | None = None

    def seconds(self, started: float) -> dict[str, float]:
        """How long each stage took until the first sound went out at ``started``."""
        if self.speech_ended is None or self.turn_ended is None or self.synthesized is None:
            return {}
        return {
            "endpointing": self.turn_ended - self.speech_ended,
            "dialog": self.decided - self.turn_ended,
            "synthesis": self.synthesized - self.decided,
            "playback": started - self.synthesized,
            "total": started - self.speech_ended,
        }


@dataclass(slots=True)
class SpokenReply:
    """A reply on its way to the caller: for which turn, and when each stage was passed."""

    number: int
    turn: int
    reply: Reply
    stages: Stages


@dataclass(slots=True)
class Minutes:
    """Writes one call's events. It is also the dialog's ``Journal``."""

    log: CallLog
    broken: Callable[[LedgerError], None]
    """Called when the ledger takes no more of this call: it must not go on."""
    replies: dict[int, SpokenReply] = field(default_factory=dict)
    """Replies that were decided and are not over."""
    control: Control = field(default_factory=Control)
    """Who has the call."""
    signalled: Signalled = field(default_factory=Signalled)
    """What the network said of the call, once it is answered."""
    disclosure: Disclosure = field(default_factory=Disclosure)
    """Whether the caller has heard that a machine speaks."""
    _secrets: dict[str, re.Pattern[str]] = field(default_factory=dict)
    """What the caller gave in confidence, longest first: masked in whatever is written down from then on."""

    def keep_secret(self, value: str) -> None:
        """Write this nowhere in the record, whoever wants to."""
        if len(value) >= SHORTEST_SECRET and value not in self._secrets:
            # A number is itself, and no part of a longer one: the end of a telephone number is not in an order's.
            alone = rf"(?<!\d){re.escape(value)}(?!\d)" if value.isdecimal() else re.escape(value)
            kept = {**self._secrets, value: re.compile(alone)}
            self._secrets = dict(sorted(kept.items(), key=lambda secret: len(secret[0]), reverse=True))

    async def record(self, kind: str, payload: Mapping[str, object]) -> None:
        """Append and wait until it is durable. Raises the ledger's errors, and ``StaleGrip`` for an action that was
        decided before hands changed: it must not be begun any more."""
        grip = DECIDED_UNDER.get()
        if kind in COMMITTING and grip is not None and not self.control.holds(grip):
            raise StaleGrip(f"{kind} was decided in epoch {grip.epoch} of the call, which is in {self.control.epoch}")
        await self.log.acknowledged(self.log.append(kind, self._safe(payload)), timeout=ACKNOWLEDGED_WITHIN)

    def note(self, kind: str, payload: Mapping[str, object]) -> None:
        """Append without waiting."""
        try:
            self.log.append(kind, self._safe(payload))
        except LedgerError as error:
            self.broken(error)

    def _safe(self, payload: Mapping[str, object]) -> Mapping[str, object]:
        safe: Mapping[str, object] = _without(self._secrets.values(), payload) if self._secrets else payload
        return safe

    def write(self, kind: EventKind, /, **payload: object) -> None:
        """Append without waiting, the payload as keywords."""
        self.note(kind, payload)

    async def close(self, reason: EndReason) -> None:
        """The call is over. Returns when that is durable, or it is known that it is not."""
        try:
            self.log.end(reason)
            await self.log.acknowledged(timeout=ACKNOWLEDGED_WITHIN)
        except LedgerError as error:
            log.error("the end of call %s is not durable: %s", self.log.call_id, error)

    def answered(self, info: LegInfo, plan: NumberingPlan) -> None:
        """The call was taken from a leg; numbers without a country are of the ``plan``'s."""
        said = self.signalled = signalled(info, plan)
        self.write(
            EventKind.CALL_ANSWERED,
            protocol=info.protocol,
            rate=info.rate,
            leg=info.leg_id,
            call_sid=info.call_sid,
            ani=said.ani,
            dnis=said.dnis,
            caller=said.caller,
            asserted=said.asserted,
            diverted_from=said.diverted_from,
            diverted_why=said.diverted_why,
            headers=said.headers,
            headers_left_out=said.left_out,
        )

    def purpose(self, call: OutboundCall) -> None:
        """We called, and this is why."""
        self.write(
            EventKind.CALL_PURPOSE,
            initiation="outbound",
            due_call=call.due_call,
            purpose=call.purpose,
            contact=call.contact,
            attempt=call.attempt,
        )

    def key(self, digit: str, at: float, *, secret: bool) -> None:
        """A key was pressed at that media time."""
        self.write(EventKind.DTMF_PRESSED, digit=SECRET if secret else digit, at=round(at, 3))

    def transcript(self, transcript: Transcript, engine: str, *, secret: bool) -> tuple[Found, ...]:
        """A stretch was recognized; what is personal in its text, none of it where all of it is secret."""
        if secret:
            transcript = replace(transcript, text=_masked(transcript.text), words=())
        self.write(
            EventKind.TRANSCRIPT_FINAL,
            text=transcript.text,
            confidence=round(transcript.confidence, 3),
            calibrated=transcript.calibrated,
            words=[
                {
                    "text": w.text,
                    "start": round(w.start, 2),
                    "end": round(w.end, 2),
                    "confidence": round(w.confidence, 3),
                }
                for w in transcript.words
            ],
            language=transcript.language,
            engine=engine,
            lag=round(transcript.lag, 4),
        )
        return self.log.redaction.found

    def turn(self, number: int, turn: TurnEnded, language: str) -> None:
        """The caller finished a turn. What they gave in confidence is known as a secret from here on."""
        confided = secrets(turn.entry, turn.text, turn.digits, language)
        for value in confided:
            self.keep_secret(value)
        self.write(
            EventKind.CALLER_TURN,
            turn=number,
            text=_masked(turn.text) if confided else turn.text,
            language=language,
            confidence=round(turn.confidence, 3),
            digits=_masked(turn.digits) if confided else turn.digits,
            silent=turn.silent,
            continues=turn.continues,
        )

    def decided(self, spoken: SpokenReply) -> None:
        """An answer was made."""
        reply = spoken.reply
        self.replies[spoken.number] = spoken
        self.disclosure.decided(spoken.number, reply)
        self.write(
            EventKind.REPLY_DECIDED,
            reply=spoken.number,
            turn=spoken.turn,
            decision=reply.decision,
            text=reply.text,
            language=reply.language,
            sentences=[
                {"text": s.text, "passage": s.citation.passage if s.citation else None, "action": s.action}
                for s in reply.sentences
            ],
            citations=reply.citations,
            confidence=round(reply.confidence.value, 3),
            signals={name: round(value, 4) for name, value in reply.confidence.signals.items()},
            timings={name: round(value, 4) for name, value in reply.timings.items()},
            expects=reply.expects,
            release=reply.release,
            model=reply.model,
        )
        if reply.escalation is not None:
            self.escalation(spoken.turn, reply.escalation)

    def private(self, text: str) -> tuple[playback.Letters, ...]:
        """Which letters of what we are about to say are this caller's business alone, once it was ``decided``."""
        secret = (found.span() for pattern in self._secrets.values() for found in pattern.finditer(text))
        personal = ((found.start, found.end) for found in self.log.redaction.confided.private(text))
        return tuple(sorted((*secret, *personal)))

    def escalation(self, turn: int, escalation: Escalation) -> None:
        """The dialog decided that a human takes over."""
        self.write(
            EventKind.ESCALATION_DECIDED,
            turn=turn,
            reason=escalation.reason,
            queue=escalation.queue,
            skills=escalation.skills,
            summary=escalation.summary,
        )

    def started(self, number: int, now: float) -> None:
        """Its first sound left."""
        spoken = self.replies.get(number)
        if spoken is None:
            return
        stages = {name: round(seconds, 4) for name, seconds in spoken.stages.seconds(now).items()}
        self.write(EventKind.REPLY_STARTED, reply=number, turn=spoken.turn, latency=stages.get("total"), stages=stages)

    def over(self, event: playback.ReplyOver) -> SpokenReply | None:
        """A reply has ended; the reply, when it is one of ours."""
        spoken = self.replies.pop(event.reply, None)
        if spoken is None:
            return None
        self.write(
            EventKind.REPLY_HEARD,
            reply=event.reply,
            turn=spoken.turn,
            text=event.heard,
            complete=event.whole,
            drained=event.drained,
        )
        disclosed = self.disclosure.over(event.reply, event.heard, confirmed=event.drained)
        if disclosed is not None:
            self.write(EventKind.DISCLOSURE_HEARD, **disclosed)
        return spoken


def _without(secrets: Collection[re.Pattern[str]], value: Any) -> Any:
    """``value`` with every secret in any text within it masked."""
    match value:
        case str():
            for secret in secrets:
                value = secret.sub(lambda found: _masked(found.group()), value)
            return value
        case Mapping():
            return {key: _without(secrets, inner) for key, inner in value.items()}
        case list() | tuple():
            return [_without(secrets, inner) for inner in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return _without(secrets, asdict(value))
        case _:
            return value


def _masked(text: str) -> str:
    return SECRET * len(text)
