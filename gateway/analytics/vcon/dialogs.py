"""What was said in a call, as a vCon's dialog: its recording or its words, transfers, and what came to nothing. Pure.

Where the recording is handed out, it is one dialog with its two channels, and the words stand in the transcript beside
it. Else every utterance is a dialog of its own: what the caller said, what they heard of us, what people of the desk
said.

Refuses: words that nobody heard, and keys that were pressed, which may be anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.analytics.vcon.parties import BOT, CUSTOMER, Cast
from gateway.session.records import CallRecord, ContactEvent, EndReason, EventKind

WAV = "audio/x-wav"
TEXT = "text/plain"

_FAILURES = {"busy": "busy", "no_answer": "no-answer"}
"""Dispositions of attempts that led nowhere; of others it is said that they failed."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording as it is handed out: where, and the SHA-512 of what is found there, as ``content_hash`` writes it."""

    url: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something that was said: who by (a place among the parties), when, and in which event."""

    party: int
    at: datetime
    text: str
    seq: int
    confidence: float | None
    language: str | None


def utterances(record: CallRecord, events: Sequence[ContactEvent], cast: Cast) -> list[Utterance]:
    """What was said in a call, in order. ``language`` is None for what goes without saying."""
    return list(_said(record, events, cast))


def _said(record: CallRecord, events: Sequence[ContactEvent], cast: Cast) -> Iterator[Utterance]:
    for event in events:
        payload = event.payload
        match event.kind:
            case EventKind.CALLER_TURN:
                party = CUSTOMER
            case EventKind.REPLY_HEARD:
                party = BOT
            case EventKind.AGENT_TURN:
                party = cast.person(str(payload.get("agent", "")))
            case _:
                continue
        text = str(payload.get("text") or "")
        if text:
            confidence = payload.get("confidence")
            yield Utterance(party, event.at, text, event.seq, confidence, payload.get("language", record.language))


def dialogs_of(
    record: CallRecord,
    events: Sequence[ContactEvent],
    said: Sequence[Utterance],
    cast: Cast,
    sound: Sound | None,
) -> list[dict[str, Any]]:
    """The dialog array, never empty. The conversation comes first; ``conversation`` says which of it that is."""
    recording = None if sound is None else _recording(record, events, cast, sound)
    dialogs = [recording] if recording is not None else [_text(record, one, cast) for one in said]
    if not dialogs:
        dialogs = [_emptied(record) if is_erased(events) else _nothing(record)]
    original = list(range(len(dialogs)))
    for event in events:
        match event.kind:
            case EventKind.TRANSFER_FAILED:
                dialogs.append(_failed(event, cast))
            case EventKind.CALL_TRANSFERRED:
                dialogs.extend(_transferred(event, cast, original, len(dialogs)))
    return dialogs


def is_erased(events: Sequence[ContactEvent]) -> bool:
    """Whether the contact's words are gone."""
    return any(event.kind == EventKind.CONTACT_ERASED for event in events)


def conversation(dialogs: Sequence[dict[str, Any]]) -> list[int]:
    """Which dialogs hold what was said in the call itself."""
    held = [place for place, dialog in enumerate(dialogs) if "url" in dialog or "body" in dialog]
    return held or [0]


def indices(places: Sequence[int]) -> int | list[int]:
    """Places as the format writes them: one by itself."""
    return places[0] if len(places) == 1 else list(places)


def _recording(record: CallRecord, events: Sequence[ContactEvent], cast: Cast, sound: Sound) -> dict[str, Any] | None:
    """The recording, where the log says that there is one."""
    stored = next((event for event in events if event.kind == EventKind.RECORDING_STORED), None)
    started = next((event for event in events if event.kind == EventKind.RECORDING_STARTED), None)
    if stored is None or started is None:
        return None
    history = [step for event in events if (step := _step(event, cast)) is not None]
    skills = sorted({str(skill) for event in events for skill in event.payload.get("skills") or ()})
    return {
        "type": "recording",
        "start": started.at.isoformat(),
        "duration": stored.payload.get("seconds", 0),
        # One entry for each channel: the caller's, and the one on which everybody else is heard.
        "parties": [CUSTOMER, indices(cast.ours)],
        "mediatype": WAV,
        "filename": f"{record.call_id}.wav",
        "url": sound.url,
        "content_hash": sound.content_hash,
        "application": record.channel,
        "interaction_id": record.call_id,
        **({"skill": skills} if skills else {}),
        **({"party_history": history} if history else {}),
    }


def _step(event: ContactEvent, cast: Cast) -> dict[str, Any] | None:
    """What a party did in the call's course."""
    match event.kind:
        case EventKind.CALL_ANSWERED:
            party, step = CUSTOMER, "join"
        case EventKind.CALL_HELD:
            party, step = CUSTOMER, "hold"
        case EventKind.CALL_RESUMED:
            party, step = CUSTOMER, "unhold"
        case EventKind.CALL_ENDED:
            party, step = CUSTOMER, "drop"
        case EventKind.AGENT_JOINED:
            party, step = cast.person(str(event.payload.get("agent", ""))), "join"
        case EventKind.AGENT_LEFT:
            party, step = cast.person(str(event.payload.get("agent", ""))), "drop"
        case _:
            return None
    return {"party": party, "time": event.at.isoformat(), "event": step}


def _text(record: CallRecord, said: Utterance, cast: Cast) -> dict[str, Any]:
    to = [BOT] if said.party == CUSTOMER else [CUSTOMER]
    return {
        "type": "text",
        "start": said.at.isoformat(),
        "parties": [said.party, *to],
        "mediatype": TEXT,
        "body": said.text,
        "encoding": "none",
        "application": record.channel,
        "interaction_id": record.call_id,
        "message_id": f"{record.call_id}-{said.seq}",
    }


def _emptied(record: CallRecord) -> dict[str, Any]:
    """A conversation of which nothing is left but that it was."""
    start = record.started_at.isoformat()
    return {"type": "recording", "start": start, "parties": [CUSTOMER, BOT], "mediatype": WAV}


def _nothing(record: CallRecord) -> dict[str, Any]:
    """A call in which nothing was said."""
    match record.end_reason:
        case EndReason.CALLER_HUNG_UP | EndReason.NO_INPUT:
            disposition = "hung-up"
        case EndReason.REFUSED:
            disposition = "congestion"
        case _:
            disposition = "failed"
    return {
        "type": "incomplete",
        "start": record.started_at.isoformat(),
        "parties": [CUSTOMER, BOT],
        "disposition": disposition,
        "application": record.channel,
        "interaction_id": record.call_id,
    }


def _failed(event: ContactEvent, cast: Cast) -> dict[str, Any]:
    """A target that could not be reached."""
    return {
        "type": "incomplete",
        "start": event.at.isoformat(),
        "parties": [BOT, cast.target(str(event.payload.get("target", "")))],
        "disposition": _FAILURES.get(str(event.payload.get("failure")), "failed"),
    }


def _transferred(event: ContactEvent, cast: Cast, original: Sequence[int], next_place: int) -> list[dict[str, Any]]:
    """The call as it went on elsewhere, of which nothing is known here, and the transfer that led there."""
    named = event.payload.get("target") or event.payload.get("destination")
    target = cast.target(str(named))
    start = event.at.isoformat()
    elsewhere = {"type": "recording", "start": start, "parties": [CUSTOMER, target], "mediatype": WAV}
    transfer = {
        "type": "transfer",
        "start": start,
        "transferee": CUSTOMER,
        "transferor": BOT,
        "transfer_target": target,
        "original": indices(original),
        "target_dialog": next_place,
    }
    return [elsewhere, transfer]
