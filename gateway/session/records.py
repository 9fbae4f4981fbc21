"""The words of the ledger: what a contact event is, which kinds there are, and the records of calls and hand-offs.

Panel, analytics, exports, audit and evaluation read these and nothing else, so that a kind once written never changes
its meaning: a further meaning is a further kind. After each kind stand the keys of its payload; a reader must bear
more keys and missing ones. Times inside payloads are media seconds unless they are called otherwise.

Refuses: sound, partial transcripts and whatever else nobody could stand by tomorrow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from gateway.session.errors import NameRefused, PayloadRefused

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}", re.ASCII)

LARGEST_PAYLOAD = 64 * 1024
"""Bytes of one payload as JSON."""


class EventKind(StrEnum):
    """Every kind of thing that is recorded of a contact."""

    # The call itself
    CALL_OFFERED = "call.offered"
    """A call asked to be taken: line, language, direction, channel, caller, called."""
    CALL_REFUSED = "call.refused"
    """It was not taken: reason."""
    CALL_ANSWERED = "call.answered"
    """It was taken: protocol, rate, leg, call_sid; what the network said: ani and dnis as they were sent, caller (the
    ANI as E.164, none where it is no whole number), asserted (whom the network vouches for), diverted_from and
    diverted_why, headers (by lower-case names, without credentials), headers_left_out."""
    CALL_PURPOSE = "call.purpose"
    """We called, and this is why: initiation (outbound), due_call, purpose, contact (the earlier one), attempt."""
    CALL_HELD = "call.held"
    """The caller was put on hold: by."""
    CALL_RESUMED = "call.resumed"
    """The caller was taken off hold: by, seconds."""
    CALL_HUNG_UP = "call.hung_up"
    """A person of the desk ended it: by."""
    CALL_TRANSFERRED = "call.transferred"
    """The call left for another destination: destination, mode (blind, warm), target (its id), way (refer, attended,
    provider), handoff, confirmed (the target has answered, as far as anybody knows)."""
    CALL_ENDED = "call.ended"
    """The call is over: reason. Records that belong to it may still follow."""
    LANGUAGE_CHANGED = "language.changed"
    """The call goes on in another language: before, after, why."""

    # What the caller was told and agreed to
    DISCLOSURE_HEARD = "disclosure.heard"
    """The caller heard that a machine speaks: text (all of its wording), version (the tenant's name for it), sha256 (of
    the wording, in UTF-8), language, reply, confirmed (the far end said that it played it, not our clock alone)."""
    CONSENT_ASKED = "consent.asked"
    """The caller was asked to agree: purpose (recording, processing: being understood and answered by a machine)."""
    CONSENT_GIVEN = "consent.given"
    """The caller agreed: purpose, words."""
    CONSENT_DECLINED = "consent.declined"
    """The caller did not agree: purpose, words."""
    CONSENT_ASSUMED = "consent.assumed"
    """The tenant's policy takes agreement for granted after the announcement: purpose, policy."""
    CALLS_REFUSED = "calls.refused"
    """Whoever we called wants no such calls any more; the number is barred already: turn, words."""
    CALLER_VERIFIED = "caller.verified"
    """The caller proved who they are: method, level."""
    CALLER_NOT_VERIFIED = "caller.not_verified"
    """The caller could not prove it: method, attempts."""

    # What the caller said
    SPEECH_STARTED = "speech.started"
    """The caller began to speak: at."""
    SPEECH_STOPPED = "speech.stopped"
    """The caller fell silent: at, seconds."""
    TRANSCRIPT_FINAL = "transcript.final"
    """A stretch was recognized: text, confidence, words, language, start, end, engine."""
    CALLER_TURN = "caller.turn"
    """The caller finished a turn: turn, text, language, confidence, digits, silent; and whether it ``continues`` the
    one before, which had been ended too early. What is secret is masked."""
    DTMF_PRESSED = "dtmf.pressed"
    """The caller pressed a key: digit, at."""

    # What was answered, and what of it was heard
    RETRIEVAL_DONE = "retrieval.done"
    """Knowledge was searched: turn, query, passages (id, document, score), seconds."""
    REPLY_DECIDED = "reply.decided"
    """An answer was made: turn, reply, decision, text, citations, confidence, signals, timings, and the release and the
    language model (if any) that made it."""
    REPLY_STARTED = "reply.started"
    """Its first sound left: reply, turn, latency (seconds since the caller's last word)."""
    REPLY_HEARD = "reply.heard"
    """What the caller heard of it: reply, text, complete, seconds."""
    BARGE_IN = "barge_in"
    """The caller spoke over it: reply, at, heard."""

    # What was done
    ACTION_PROPOSED = "action.proposed"
    """A business action is wanted: action, name, arguments."""
    ACTION_CONFIRMED = "action.confirmed"
    """The caller said yes to it: action, words."""
    ACTION_DECLINED = "action.declined"
    """The caller said no to it: action, words."""
    ACTION_STARTED = "action.started"
    """It is about to be carried out; durable before the request leaves: action, key."""
    ACTION_SUCCEEDED = "action.succeeded"
    """It was carried out: action, result, seconds."""
    ACTION_FAILED = "action.failed"
    """It was surely not carried out: action, error, seconds."""
    ACTION_UNKNOWN = "action.unknown"
    """Nobody can tell whether it was carried out; never repeated by a machine: action, error, seconds."""
    ACTION_RECONCILED = "action.reconciled"
    """It was found out what became of one that nobody knew about: action, key, outcome (a kind of event)."""
    DECISION_EXPLAINED = "decision.explained"
    """The caller asked why something was refused, and was told: turn, action, refusal (the kind of rule that refused),
    text, offered (person)."""
    CALLER_IDENTIFIED = "caller.identified"
    """The right answers, or the right code, were given: flow, identity, customer."""
    CALLER_NOT_IDENTIFIED = "caller.not_identified"
    """They were wrong: flow, identity, wrong_answers."""

    # People
    ESCALATION_DECIDED = "escalation.decided"
    """A human shall take over: reason, queue, skills, turn."""
    HANDOFF_QUEUED = "handoff.queued"
    """The call waits for a human: handoff, reason, queue, skills, summary."""
    HANDOFF_OFFERED = "handoff.offered"
    """It rings at an agent's desk: handoff, agent."""
    HANDOFF_DECLINED = "handoff.declined"
    """The agent did not take it: handoff, agent, why."""
    HANDOFF_ACCEPTED = "handoff.accepted"
    """The agent took it: handoff, agent, queue (that it waited in last), waited."""
    HANDOFF_ENDED = "handoff.ended"
    """The agent is done with it: handoff, agent."""
    HANDOFF_ABANDONED = "handoff.abandoned"
    """The caller left before anybody came: handoff, waited."""
    TRANSFER_TRIED = "transfer.tried"
    """A call is to be moved to a target outside: handoff, target (its id), way (refer, attended, bridge, provider)."""
    TRANSFER_RINGING = "transfer.ringing"
    """It rings there: handoff, target, way."""
    TRANSFER_ANSWERED = "transfer.answered"
    """Somebody there picked up: handoff, target, way."""
    TRANSFER_FAILED = "transfer.failed"
    """This way led nowhere: handoff, target, way, failure (busy, no_answer, declined, unreachable), reason, code (the
    network's own number)."""
    TRANSFER_CHOICE = "transfer.choice"
    """Nobody could be reached, and what comes next: handoff, target, choice (callback, desk, bot, message), by (caller,
    policy)."""
    MESSAGE_LEFT = "message.left"
    """The caller left a message, in the call's recording: handoff, at, seconds, text."""
    CONTROL_CHANGED = "control.changed"
    """The call is somebody else's now: owner (bot, agent, supervisor), agent, epoch, why, instruction."""
    AGENT_JOINED = "agent.joined"
    """Somebody of the desk is in the call: agent, name, role (agent, supervisor), mode (talk, whisper, listen)."""
    AGENT_MODE = "agent.mode"
    """They take part otherwise from here on: agent, mode."""
    AGENT_LEFT = "agent.left"
    """They are out of the call: agent, why."""
    AGENT_TURN = "agent.turn"
    """They said something to the caller: agent, text, confidence, language, seconds (that it took), words (start and
    end, by the media times of ``transcript.final``)."""
    CALLBACK_REQUESTED = "callback.requested"
    """The caller wants to be called back: number, window."""
    WRAP_UP_DONE = "wrap_up.done"
    """The agent closed the case: agent, disposition, note, seconds; summary, and what it was filled in with: prefilled,
    kept (the share of its words), changes, unedited."""
    SURVEY_ASKED = "survey.asked"
    """The caller was asked to rate the contact: question, with (bot, person)."""
    SURVEY_ANSWERED = "survey.answered"
    """The caller rated the contact: question, score (1 to 5), by (keys, words), with (bot, person)."""

    # How the agent was helped
    ASSIST_SHOWN = "assist.shown"
    """An agent was shown a card: card, kind (answer, nothing, action), utterance (the caller's turn), text, confidence,
    sources (document, title, passage), seconds (since the utterance); of an action its name and arguments."""
    ASSIST_USED = "assist.used"
    """The agent took it as it was: card, kind, utterance, sources, agent, seconds (since it was shown)."""
    ASSIST_EDITED = "assist.edited"
    """The agent took it with other words: as ``assist.used``, and text, and kept (the share of words that stayed)."""
    ASSIST_DISMISSED = "assist.dismissed"
    """The agent put it away: as ``assist.used``."""

    # How good it was
    QUALITY_SCORED = "quality.scored"
    """The contact was judged by a rubric: rubric, version, score (0 to 100; none where nothing applied), passed,
    agents, criteria (id, check, verdict (met, missed, not_applicable), weight, critical, turns, events (numbers of
    events), note)."""
    QUALITY_OVERRIDDEN = "quality.overridden"
    """A person judged a criterion otherwise, or let it stand against an appeal: rubric, criterion, verdict, before, by,
    reason, appeal (the key of the appeal that this answers, if it does), score, passed (as they are from then on)."""
    QUALITY_APPEALED = "quality.appealed"
    """Somebody who is judged objects: rubric, criterion, by, reason, appeal (its key)."""

    # What is remembered between contacts
    MEMORY_RECALLED = "memory.recalled"
    """The caller is known: as (customer, number), contacts (how many), seconds."""
    MEMORY_MISSED = "memory.missed"
    """It could not be looked up in time whether they are: why."""
    MEMORY_KEPT = "memory.kept"
    """What this contact came to is remembered: as (customer, number)."""
    MEMORY_FORGOTTEN = "memory.forgotten"
    """The caller had it all forgotten: turn."""

    # The recording
    RECORDING_STARTED = "recording.started"
    """From here on it is recorded: at."""
    RECORDING_STOPPED = "recording.stopped"
    """From here on it is not: at, why."""
    RECORDING_SILENCED = "recording.silenced"
    """One side is silent in it there: at, seconds, why (secret: one was asked for, or keyed; personal: what was said),
    channel (caller, ours)."""
    RECORDING_STORED = "recording.stored"
    """The file lies, sealed with the contact's key: path, seconds, channels, rate, lost_frames, synthetic (whether what
    the second channel holds of us was spoken by a machine)."""
    RECORDING_DELETED = "recording.deleted"
    """Its file is gone, for it was kept long enough: why."""
    RECORDING_FAILED = "recording.failed"
    """There is no file, or not all of it: error."""

    # How it went, technically
    PROTOCOL_REJECTED = "protocol.rejected"
    """The far end broke the protocol: protocol, reason."""
    STAGE_LATENCY = "stage.latency"
    """How long a stage took: stage, seconds, turn."""
    MEDIA_QUALITY = "media.quality"
    """How the wire was: lost, late, jitter."""
    COMPONENT_FAILED = "component.failed"
    """A part failed and the call went on without it: component, error, fallback."""

    # What is left when it is gone
    CONTACT_ERASED = "contact.erased"
    """The words, numbers and sounds of the contact are gone, from the events above as well, whose payloads say so with
    ``erased``: erasure (the receipt's name), by (caller, api, command, retention)."""


class Direction(StrEnum):
    """Who called whom."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class EndReason(StrEnum):
    """Why a call is over."""

    CALLER_HUNG_UP = "caller_hung_up"
    COMPLETED = "completed"
    """All was said, and we hung up."""
    TRANSFERRED = "transferred"
    REFUSED = "refused"
    NO_INPUT = "no_input"
    """The caller was silent for too long."""
    CONNECTION_LOST = "connection_lost"
    PROTOCOL_BROKEN = "protocol_broken"
    SHUT_DOWN = "shut_down"
    """The node was told to stop."""
    FAILED = "failed"
    """We could not go on."""
    NODE_LOST = "node_lost"
    """The process that held the call died; closed by another."""


class HandoffState(StrEnum):
    """Where a hand-off stands."""

    QUEUED = "queued"
    TRANSFERRING = "transferring"
    """It is being sent to a target outside; no agent of ours is asked."""
    ACCEPTED = "accepted"
    ENDED = "ended"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class ContactEvent:
    """One thing that happened in a call. ``seq`` counts from 1 without gaps within the call; ``at`` is in UTC."""

    tenant: str
    call_id: str
    seq: int
    at: datetime
    kind: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call. ``caller`` is the ANI, ``called`` the DNIS, none if withheld; ``node`` and ``epoch`` hold it."""

    tenant: str
    call_id: str
    line: str
    language: str
    direction: str
    channel: str
    caller: str | None
    called: str | None
    started_at: datetime
    ended_at: datetime | None
    end_reason: str | None
    node: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Handoff:
    """A call that waits for, is or was with a human. ``summary`` is plain data, made by the dialog."""

    tenant: str
    handoff_id: str
    call_id: str
    reason: str
    queue: str
    skills: tuple[str, ...]
    summary: dict[str, Any]
    state: str
    created_at: datetime


def checked_name(name: str) -> str:
    """A tenant's or call's id, if it is one: letters, digits, ``._-``, at most 128, no dot first. ``NameRefused``."""
    if not _NAME.fullmatch(name):
        raise NameRefused(
            f"{name[:200]!r} is no id: letters, digits, '.', '_' and '-', at most 128, not beginning with '.'"
        )
    return name


def encode(payload: Mapping[str, Any]) -> bytes:
    """The payload as JSON. Dataclasses, enums, dates, tuples become plain data; NUL, which jsonb cannot hold, U+FFFD.

    Raises ``PayloadRefused`` for what is not data (bytes, sets, objects, keys that are not strings) or too much of it.
    """
    try:
        body = orjson.dumps(payload, default=_plain)
        if b"\\u0000" in body:
            body = orjson.dumps(_without_nul(orjson.loads(body)))
    except TypeError as error:
        raise PayloadRefused(f"the payload of an event must be plain data: {error}") from error
    if len(body) > LARGEST_PAYLOAD:
        raise PayloadRefused(
            f"the payload of an event has {len(body)} bytes of JSON, over the {LARGEST_PAYLOAD} allowed"
        )
    return body


def decode(body: bytes) -> dict[str, Any]:
    """The payload as whoever reads the ledger gets it."""
    decoded: dict[str, Any] = orjson.loads(body)
    return decoded


def _plain(value: object) -> object:
    if isinstance(value, Mapping):  # other mappings than dict, such as MappingProxyType
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not plain data")


def _without_nul(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\0", "\ufffd")
        case dict():
            return {_without_nul(key): _without_nul(item) for key, item in value.items()}
        case list():
            return [_without_nul(item) for item in value]
        case _:
            return value
