"""Which slots a turn gives values for, and which of its words replace earlier ones: commands out of parsers.

The slot that was asked for is read first and generously; others only where the words can mean nothing else, and never
from the same words twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from dialog.command import CorrectSlot, Evidence, SetSlot, Source
from dialog.flows.flow import LEAST_PART
from dialog.flows.slot import DICTATED, Slot, SlotKind, is_whole
from dialog.flows.values import Heard, hear, hear_instead
from dialog.parsers.text import tokens
from dialog.turn import CallerTurn
from dialog.understanding.understander import Listening

_ORDER = (
    SlotKind.DATE_TIME,
    SlotKind.DATE,
    SlotKind.TIME,
    SlotKind.MONEY,
    SlotKind.PHONE,
    SlotKind.DIGITS,
    SlotKind.COUNT,
    SlotKind.CHOICE,
)
"""The kinds that may be said without being asked for, the most telling first."""


def span(turn: CallerTurn, start: int, end: int) -> Evidence:
    """The words ``start:end`` of a turn as evidence."""
    return Evidence(turn.text[start:end], start, end)


def values_for_flow(turn: CallerTurn, listening: Listening) -> tuple[SetSlot | CorrectSlot, ...]:
    """What the turn gives to the flow under way: a correction, what was asked for, and what comes along."""
    corrected = _correction(turn, listening)
    if corrected is not None:
        return (corrected,)
    asked = listening.slot
    answer = None if asked is None else _answer(turn, asked, listening)
    others = [slot for slot in listening.slots if asked is None or slot.name != asked.name]
    along = values_along(turn, others, listening, taken=() if answer is None else (answer.evidence,))
    return along if answer is None else (answer, *along)


def values_along(
    turn: CallerTurn, slots: Sequence[Slot], listening: Listening, taken: Sequence[Evidence] = ()
) -> tuple[SetSlot, ...]:
    """Values that were given without being asked for; each word counts once, and what stands already is no news."""
    found: list[SetSlot] = []
    used = list(taken)
    for slot in sorted((slot for slot in slots if slot.kind in _ORDER), key=lambda slot: _ORDER.index(slot.kind)):
        read = hear(slot, turn.text, turn.language, listening.today, asked=False)
        if read is None or not is_whole(slot, read.value) or listening.standing.get(slot.name) == read.value:
            continue
        if any(read.start < other.end and other.start < read.end for other in used):
            continue
        given = SetSlot(slot=slot.name, value=read.value, **_said(turn, read))
        used.append(given.evidence)
        found.append(given)
    return tuple(found)


def _answer(turn: CallerTurn, slot: Slot, listening: Listening) -> SetSlot | CorrectSlot | None:
    """What the turn says for the slot that was asked for. Yes and no are commands of their own."""
    if slot.kind is SlotKind.YES_NO or (slot.kind is SlotKind.TEXT and listening.yes_no):
        return None
    read = hear(slot, turn.text, turn.language, listening.today, standing=listening.standing.get(slot.name))
    if read is None:
        return None
    words = len(tokens(turn.text))
    if slot.kind in DICTATED and len(read.value) < LEAST_PART and words > len(tokens(turn.text[read.start : read.end])):
        return None  # "one moment please" is no digit of an order number
    command = CorrectSlot if read.corrected else SetSlot
    return command(slot=slot.name, value=read.value, **_said(turn, read))


def _correction(turn: CallerTurn, listening: Listening) -> CorrectSlot | None:
    """The first value that the turn replaces: what is being talked about, then what was said last."""
    asked = () if listening.slot is None else (listening.slot.name,)
    slots = {slot.name: slot for slot in listening.slots}
    for name in dict.fromkeys((*asked, *reversed(tuple(listening.standing)))):
        slot, standing = slots.get(name), listening.standing.get(name)
        if slot is None or standing is None or not is_whole(slot, standing):
            continue
        read = hear_instead(slot, turn.text, turn.language, listening.today, standing)
        if read is not None:
            return CorrectSlot(slot=slot.name, value=read.value, **_said(turn, read))
    return None


class _Said(TypedDict):
    confidence: float
    evidence: Evidence
    source: Source


def _said(turn: CallerTurn, read: Heard) -> _Said:
    evidence = span(turn, read.start, read.end)
    heard = read.confidence * _hearing(turn, evidence)
    return {"confidence": heard, "evidence": evidence, "source": Source.PARSER}


def _hearing(turn: CallerTurn, evidence: Evidence) -> float:
    """How surely the evidence was heard: its least sure word, or the whole turn where words are not known."""
    said = {token.text for token in tokens(evidence.text)}
    sure = [word.confidence for word in turn.words if any(token.text in said for token in tokens(word.text))]
    return min(sure) if sure else turn.confidence
