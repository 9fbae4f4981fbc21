"""One call as a trace: contact events in, finished spans out. Pure.

The trace is the call; in it a span for each turn, with the stages that the caller waited for (hearing, endpointing, the
dialog's answer with its searches and actions, synthesis, playback), and for each stretch in a queue, with a person, on
hold, or on the way elsewhere. Ids follow from the tenant and the call, so that whoever knows the call knows its trace,
and what is told twice has the same ids.

Times are those of the events, in UTC; stages are laid out from them by the seconds that the events tell.

Refuses: anything that somebody said or typed, whom it was about, and arguments and results of actions: attributes are
names, numbers and truth values from the keys that are listed here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from gateway.analytics.tracing import conventions as named
from gateway.session.records import ContactEvent, EndReason, EventKind
from infra.telemetry.spans import Attribute, Moment, Span

MOST_MOMENTS = 64
"""Moments that one span holds; the rest is counted."""

MOST_OPEN = 64
"""Intervals of a call that are open at once; further ones are not traced."""

_BROKEN = frozenset({EndReason.FAILED, EndReason.CONNECTION_LOST, EndReason.PROTOCOL_BROKEN, EndReason.NODE_LOST})
"""Ends of a call that are errors."""

_MOMENTS: Mapping[str, Mapping[str, str]] = {
    EventKind.BARGE_IN: {"reply": "reply"},
    EventKind.CALLBACK_REQUESTED: {},
    EventKind.CALLER_IDENTIFIED: {"identity": "identity"},
    EventKind.CALLER_NOT_IDENTIFIED: {"identity": "identity"},
    EventKind.CALLER_NOT_VERIFIED: {"method": "method"},
    EventKind.CALLER_VERIFIED: {"method": "method", "level": "level"},
    EventKind.CALL_TRANSFERRED: {"mode": "mode", "way": "way", "target": "target"},
    EventKind.COMPONENT_FAILED: {"component": "component", "fallback": "fallback"},
    EventKind.CONSENT_ASSUMED: {"purpose": "purpose"},
    EventKind.CONSENT_DECLINED: {"purpose": "purpose"},
    EventKind.CONSENT_GIVEN: {"purpose": "purpose"},
    EventKind.CONTROL_CHANGED: {"owner": "owner", "epoch": "epoch", "why": "why"},
    EventKind.DECISION_EXPLAINED: {"action": "action", "refusal": "refusal"},
    EventKind.DISCLOSURE_HEARD: {"version": "version", "language": "language"},
    EventKind.ESCALATION_DECIDED: {"reason": "reason", "queue": "queue"},
    EventKind.LANGUAGE_CHANGED: {"before": "before", "after": "after"},
    EventKind.PROTOCOL_REJECTED: {"protocol": "protocol"},
    EventKind.RECORDING_FAILED: {},
    EventKind.RECORDING_SILENCED: {"seconds": "seconds", "why": "why"},
    EventKind.RECORDING_STARTED: {},
    EventKind.RECORDING_STOPPED: {"why": "why"},
    EventKind.SURVEY_ANSWERED: {"score": "score", "by": "by"},
    EventKind.SURVEY_ASKED: {"with": "with"},
}
"""What is told as a moment of the turn in which it happened, with attributes by the key of the payload."""


@dataclass(frozen=True, slots=True)
class _Interval:
    """How an interval begins: its span's name, the key that tells two of a kind apart, its attributes."""

    name: str
    key: str
    attributes: Mapping[str, str]


_BEGINS: Mapping[str, _Interval] = {
    EventKind.HANDOFF_QUEUED: _Interval("queue", "handoff", {"reason": "reason", "queue": "queue"}),
    EventKind.AGENT_JOINED: _Interval("person", "agent", {"role": "role", "mode": "mode"}),
    EventKind.CALL_HELD: _Interval("hold", "", {"by": "by"}),
    EventKind.TRANSFER_TRIED: _Interval("transfer", "target", {"target": "target", "way": "way"}),
}
_ENDS: Mapping[str, _Interval] = {
    EventKind.HANDOFF_ACCEPTED: _Interval("queue", "handoff", {}),
    EventKind.HANDOFF_ABANDONED: _Interval("queue", "handoff", {}),
    EventKind.AGENT_LEFT: _Interval("person", "agent", {"why": "why"}),
    EventKind.CALL_RESUMED: _Interval("hold", "", {}),
    EventKind.TRANSFER_ANSWERED: _Interval("transfer", "target", {}),
    EventKind.TRANSFER_FAILED: _Interval("transfer", "target", {"failure": "failure", "code": "code"}),
}
_DONE = frozenset({EventKind.ACTION_SUCCEEDED, EventKind.ACTION_FAILED, EventKind.ACTION_UNKNOWN})
_ERRORS = frozenset({EventKind.TRANSFER_FAILED, EventKind.ACTION_FAILED, EventKind.ACTION_UNKNOWN})


@dataclass(slots=True)
class _Open:
    """Something that goes on."""

    name: str
    since: datetime
    attributes: dict[str, Attribute]
    parent: int


@dataclass(slots=True)
class _Reply:
    """A reply that was decided and is not over."""

    decided: datetime
    attributes: dict[str, Attribute]
    stages: Mapping[str, object] = field(default_factory=dict)
    started: datetime | None = None


@dataclass(slots=True)
class _Turn:
    """The turn that goes on; number 0 is what we say before the caller has said anything."""

    number: int
    began: datetime
    latest: datetime
    asked: datetime | None = None
    """When the caller had finished; none in turn 0."""
    voice: timedelta = timedelta()
    """How long the caller spoke."""
    endpointing: timedelta | None = None
    latency: float | None = None
    decided: datetime | None = None
    worked: tuple[datetime, datetime] | None = None
    """From when to when the dialog searched and acted for it."""
    answer: dict[str, Attribute] = field(default_factory=dict)
    release: str | None = None
    model: str | None = None
    replied: bool = False
    replies: dict[int, _Reply] = field(default_factory=dict)
    moments: list[Moment] = field(default_factory=list)
    left_out: int = 0


class Ids:
    """The ids of a call's spans."""

    def __init__(self, tenant: str, call: str) -> None:
        self._call = f"{tenant}/{call}"
        self.trace = self._number(16, "trace")
        self.root = self.span("call")

    def span(self, *what: object) -> int:
        """The span that is named so within the call."""
        return self._number(8, *what)

    def _number(self, size: int, *what: object) -> int:
        name = "\0".join([self._call, *map(str, what)])
        return int.from_bytes(hashlib.sha256(name.encode()).digest()[:size]) or 1


class CallTrace:
    """The trace of a call from its ``call.offered`` to its ``call.ended``; ``take`` every event in order."""

    def __init__(self, offered: ContactEvent) -> None:
        self.ids = Ids(offered.tenant, offered.call_id)
        self.ended = False
        self._tenant, self._call = offered.tenant, offered.call_id
        self._began = offered.at
        self._about = named.words(offered.payload, language="language", direction="direction", channel="channel")
        self._turn = _Turn(0, offered.at, offered.at)
        self._turns = 0
        self._people = False
        self._spoken: tuple[float, float] | None = None
        """From where to where the caller spoke since the last turn, in media seconds."""
        self._open: dict[tuple[str, str], _Open] = {}

    def take(self, event: ContactEvent) -> list[Span]:
        """The spans that end with this event."""
        done = self._taken(event)
        self._turn.latest = max(self._turn.latest, event.at)
        return done

    def _taken(self, event: ContactEvent) -> list[Span]:
        kind, payload = event.kind, event.payload
        if (attributes := _MOMENTS.get(kind)) is not None:
            self._moment(Moment(kind, event.at, named.words(payload, **attributes)))
        if kind in _BEGINS or kind in _ENDS:
            return self._interval(event)
        match kind:
            case EventKind.CALL_ANSWERED:
                self._about |= named.words(payload, protocol="protocol", rate="rate")
            case EventKind.TRANSCRIPT_FINAL:
                self._voice(payload)
            case EventKind.CALLER_TURN:
                return self._next_turn(event)
            case EventKind.RETRIEVAL_DONE:
                return [self._retrieval(event)]
            case EventKind.REPLY_DECIDED:
                self._decided(event)
            case EventKind.REPLY_STARTED:
                self._started(event)
            case EventKind.REPLY_HEARD:
                return self._heard(event)
            case EventKind.ACTION_STARTED:
                self._act(event)
            case _ if kind in _DONE:
                return self._action(event)
            case EventKind.CALL_ENDED:
                return self._end(event)
        return []

    # Turns

    def _next_turn(self, event: ContactEvent) -> list[Span]:
        done = self._turn_over()
        self._turns += 1
        number = _whole(event.payload, "turn")
        self._turn = turn = _Turn(self._turns if number is None else number, event.at, event.at, asked=event.at)
        if self._spoken is not None:
            turn.voice = timedelta(seconds=max(0.0, self._spoken[1] - self._spoken[0]))
        self._spoken = None
        turn.answer = named.words(event.payload, silent="silent", continues="continues", confidence="confidence")
        return done

    def _turn_over(self) -> list[Span]:
        """The turn's own span and those of its stages that are known now."""
        turn, spans = self._turn, []
        for number in list(turn.replies):
            spans += self._reply_over(number, turn.latest, heard=False)
        if turn.asked is None and turn.worked is None and not (turn.replied or turn.moments):
            return spans
        began = turn.began
        if turn.asked is not None:
            ended = turn.asked - (turn.endpointing or timedelta())
            began = ended - turn.voice
            if turn.voice:
                spans.append(self._part("hearing", began, ended))
            if turn.endpointing is not None:
                spans.append(self._part("endpointing", ended, turn.asked))
        spans += self._answer(turn)
        about = named.own(turn=turn.number, latency=turn.latency, moments_left_out=turn.left_out or None)
        moments = tuple(turn.moments)
        spans.append(self._span("turn", self._turn_id, self.ids.root, began, turn.latest, about, moments))
        return spans

    def _answer(self, turn: _Turn) -> list[Span]:
        """The dialog's work on the turn: from the caller's last word being known to the latest reply or deed."""
        ends = [at for at in (turn.decided, turn.worked and turn.worked[1]) if at is not None]
        starts = [at for at in (turn.asked, turn.worked and turn.worked[0]) if at is not None]
        if not ends or not starts:
            return []
        about = {**named.agent(self._call, self._tenant, turn.release, turn.model), **turn.answer}
        name, own = named.agent_name(self._tenant), self.ids.span("agent", turn.number)
        return [self._span(name, own, self._turn_id, min(starts), max(ends), about)]

    def _works(self, since: datetime, until: datetime) -> int:
        """The dialog searches or acts for the turn: the span that this is part of."""
        first, last = self._turn.worked or (since, until)
        self._turn.worked = min(first, since), max(last, until)
        return self.ids.span("agent", self._turn.number)

    @property
    def _turn_id(self) -> int:
        return self.ids.span("turn", self._turn.number)

    def _voice(self, payload: Mapping[str, Any]) -> None:
        words = payload.get("words")
        if not isinstance(words, list | tuple) or not words:
            return
        start, end = _seconds(words[0], "start"), _seconds(words[-1], "end")
        if start is not None and end is not None:
            first = start if self._spoken is None else self._spoken[0]
            self._spoken = (first, max(end, first))

    def _retrieval(self, event: ContactEvent) -> Span:
        source = f"{self._tenant}/{self._about.get('aicc.language', '-')}"
        passages = event.payload.get("passages")
        found = named.own(passages=len(passages) if isinstance(passages, list | tuple) else None)
        about = {**named.retrieval(self._call, source), **found, **named.words(event.payload, foreseen="foreseen")}
        began = event.at - timedelta(seconds=_seconds(event.payload, "seconds") or 0.0)
        own, parent = self.ids.span("retrieval", event.seq), self._works(began, event.at)
        return self._span(named.retrieval_name(source), own, parent, began, event.at, about)

    # Replies

    def _decided(self, event: ContactEvent) -> None:
        turn, payload = self._turn, event.payload
        number = _whole(payload, "reply")
        if number is None or len(turn.replies) >= MOST_OPEN:
            return
        about = named.words(payload, decision="decision", confidence="confidence", language="language")
        citations = payload.get("citations")
        about |= named.own(reply=number, citations=len(citations) if isinstance(citations, list | tuple) else None)
        turn.replied, turn.replies[number] = True, _Reply(event.at, about)
        if _whole(payload, "turn") not in (None, turn.number):
            return  # it answers the turn before, too late
        turn.decided = event.at
        timings = payload.get("timings")
        stages = timings if isinstance(timings, Mapping) else {}
        timed = {name: _seconds(stages, name) for name in ("understand", "retrieve", "answer", "compose", "act")}
        turn.answer |= named.own(**{f"seconds.{name}": seconds for name, seconds in timed.items()})
        turn.answer |= {name: value for name, value in about.items() if name != "aicc.reply"}
        turn.release = named.release(payload.get("release")) or turn.release
        turn.model = named.model(payload.get("model")) or turn.model

    def _started(self, event: ContactEvent) -> None:
        reply = self._turn.replies.get(_whole(event.payload, "reply") or 0)
        if reply is None:
            return
        stages = event.payload.get("stages")
        reply.started, reply.stages = event.at, stages if isinstance(stages, Mapping) else {}
        waited = _seconds(reply.stages, "endpointing")
        if waited is not None and self._turn.endpointing is None:
            self._turn.endpointing = timedelta(seconds=waited)
            self._turn.latency = _seconds(reply.stages, "total")

    def _heard(self, event: ContactEvent) -> list[Span]:
        number = _whole(event.payload, "reply") or 0
        whole = named.words(event.payload, complete="complete")
        if number in self._turn.replies:
            self._turn.replies[number].attributes |= whole
        return self._reply_over(number, event.at, heard=True)

    def _reply_over(self, number: int, at: datetime, *, heard: bool) -> list[Span]:
        reply = self._turn.replies.pop(number, None)
        if reply is None:
            return []
        own = self.ids.span("reply", number)
        about = {**reply.attributes, **named.own(heard=heard)}
        spans = [self._span("reply", own, self._turn_id, reply.decided, at, about)]
        if reply.started is not None:
            made = reply.decided + timedelta(seconds=_seconds(reply.stages, "synthesis") or 0.0)
            made = min(made, reply.started)
            for name, start, end in (
                ("synthesis", reply.decided, made),
                ("playback", made, reply.started),
                ("speech", reply.started, at),
            ):
                spans.append(self._span(name, self.ids.span(name, number), own, start, end, {}))
        return spans

    # What goes on for a while, and what happens in a moment

    def _interval(self, event: ContactEvent) -> list[Span]:
        begins, ends = _BEGINS.get(event.kind), _ENDS.get(event.kind)
        if begins is not None:
            self._people = self._people or begins.name in {"person", "transfer"}
            about = named.words(event.payload, **begins.attributes)
            key = str(event.payload.get(begins.key, ""))
            self._begin(begins.name, key, _Open(begins.name, event.at, about, self.ids.root))
            return []
        assert ends is not None, "one of the two"
        about = named.words(event.payload, **ends.attributes)
        return self._over(ends.name, str(event.payload.get(ends.key, "")), event, about)

    def _act(self, event: ContactEvent) -> None:
        action = named.word(event.payload.get("name")) or "action"
        about, parent = named.tool(self._call, action), self._works(event.at, event.at)
        key = str(event.payload.get("key", ""))
        self._begin("execute_tool", key, _Open(named.tool_name(action), event.at, about, parent))

    def _begin(self, name: str, key: str, begun: _Open) -> None:
        if len(self._open) < MOST_OPEN:
            self._open[name, key] = begun

    def _over(self, name: str, key: str, event: ContactEvent, about: dict[str, Attribute]) -> list[Span]:
        opened = self._open.pop((name, key), None)
        if opened is None:
            return []
        outcome = event.kind.rpartition(".")[2]
        error = outcome if event.kind in _ERRORS else ""
        attributes = {**opened.attributes, **about, **named.own(outcome=outcome)}
        own = self.ids.span(name, key, opened.since.isoformat())
        return [self._span(opened.name, own, opened.parent, opened.since, event.at, attributes, error=error)]

    def _action(self, event: ContactEvent) -> list[Span]:
        about = named.words(event.payload, attempts="attempts")
        spans = self._over("execute_tool", str(event.payload.get("key", "")), event, about)
        for span in spans:
            if span.parent == self.ids.span("agent", self._turn.number):
                self._works(span.start, span.end)
        kind = named.word(event.payload.get("error"))
        return spans if kind is None else [_failed(span, kind) for span in spans]

    def _moment(self, moment: Moment) -> None:
        if len(self._turn.moments) < MOST_MOMENTS:
            self._turn.moments.append(moment)
        else:
            self._turn.left_out += 1

    # The end

    def _end(self, event: ContactEvent) -> list[Span]:
        event = replace(event, at=_ended(event))
        spans = self._turn_over()
        for name, key in list(self._open):
            spans += self._over(name, key, event, {})
        reason = named.word(event.payload.get("reason")) or "unknown"
        about = {**named.conversation(self._call), **self._about}
        about |= named.own(tenant=self._tenant, turns=self._turns, end=reason, bot_only=not self._people)
        error = reason if reason in _BROKEN else ""
        root = Span(
            self.ids.trace, self.ids.root, None, "call", self._began, max(self._began, event.at), about, serves=True
        )
        self.ended = True
        return [*spans, _failed(root, error) if error else root]

    def _part(self, name: str, start: datetime, end: datetime) -> Span:
        """A stage of the turn."""
        return self._span(name, self.ids.span(name, self._turn.number), self._turn_id, start, end, {})

    def _span(
        self,
        name: str,
        own: int,
        parent: int,
        start: datetime,
        end: datetime,
        attributes: Mapping[str, Attribute],
        moments: tuple[Moment, ...] = (),
        *,
        error: str = "",
    ) -> Span:
        span = Span(self.ids.trace, own, parent, name, start, max(start, end), attributes, moments)
        return _failed(span, error) if error else span


def afterwards(event: ContactEvent) -> list[Span]:
    """The spans of what is written of a call when it is over: they find their trace by its ids."""
    match event.kind:
        case EventKind.WRAP_UP_DONE:
            ids = Ids(event.tenant, event.call_id)
            began = event.at - timedelta(seconds=_seconds(event.payload, "seconds") or 0.0)
            about = named.words(event.payload, disposition="disposition", unedited="unedited")
            return [Span(ids.trace, ids.span("wrap_up", event.seq), ids.root, "wrap_up", began, event.at, about)]
        case EventKind.ACTION_RECONCILED:
            ids = Ids(event.tenant, event.call_id)
            about = named.words(event.payload, action="name", outcome="outcome")
            own = ids.span("reconciled", event.seq)
            return [Span(ids.trace, own, ids.root, "reconciliation", event.at, event.at, about)]
        case EventKind.QUALITY_SCORED:
            ids = Ids(event.tenant, event.call_id)
            about = named.words(event.payload, rubric="rubric", version="version", score="score", passed="passed")
            return [Span(ids.trace, ids.span("quality", event.seq), ids.root, "quality", event.at, event.at, about)]
        case _:
            return []


def _ended(event: ContactEvent) -> datetime:
    """When a call ended; of one whose node was lost, and which others closed later: when it was last heard of."""
    heard = event.payload.get("last_heard_of")
    try:
        return datetime.fromisoformat(heard) if isinstance(heard, str) else event.at
    except ValueError:
        return event.at


def _failed(span: Span, kind: str) -> Span:
    return replace(span, attributes={**span.attributes, **named.failed(kind)}, error=kind)


def _whole(payload: Mapping[str, object], key: str) -> int | None:
    value = payload.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _seconds(payload: object, key: str) -> float | None:
    value = payload.get(key) if isinstance(payload, Mapping) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
