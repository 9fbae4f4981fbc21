"""Commands as the record of a call shows them."""

from __future__ import annotations

from dialog.command import AskKnowledge, Evidence, HandOver, SetSlot, Source, describe

SAID = Evidence("이공이육", 4, 8)


def test_a_command_is_described_with_its_evidence_and_source() -> None:
    command = SetSlot(slot="order_number", value="2026", confidence=0.91234567, evidence=SAID, source=Source.PARSER)
    assert describe(command) == {
        "command": "SetSlot",
        "slot": "order_number",
        "value": "2026",
        "confidence": 0.9123,
        "evidence": "이공이육",
        "source": Source.PARSER,
    }


def test_parsers_keys_and_the_session_are_deterministic() -> None:
    assert {source for source in Source if source.deterministic} == {Source.PARSER, Source.KEYS, Source.SESSION}


def test_commands_are_values() -> None:
    first = HandOver(confidence=1.0, evidence=SAID, source=Source.KEYS)
    second = HandOver(confidence=1.0, evidence=SAID, source=Source.KEYS)
    assert first == second
    assert AskKnowledge(query="a", confidence=1.0, evidence=SAID, source=Source.HEAD) != first
