from __future__ import annotations

from gateway.commands.bench.turns import TurnFindings


def started(**seconds: float) -> dict[str, object]:
    return {"kind": "reply.started", "payload": {"stages": seconds}}


def test_the_stages_of_each_answers_first_sound_are_gathered() -> None:
    found = TurnFindings()
    found.note(started(endpointing=0.35, dialog=0.02, synthesis=0.005, playback=0.0, total=0.375))
    found.note(started(endpointing=0.45, dialog=0.04, synthesis=0.005, playback=0.0, total=0.495))
    found.note({"kind": "reply.started", "payload": {"stages": {}}})
    found.note({"kind": "caller.turn", "payload": {}})
    found.ear.add(410.0)
    verdict = found.verdict()
    assert found.turns == verdict["turns"] == 2
    assert (verdict["p50_ms"], verdict["p95_ms"]) == (375.0, 495.0)
    assert (verdict["endpointing_ms"], verdict["dialog_ms"], verdict["synthesis_ms"]) == (350.0, 20.0, 5.0)
    assert verdict["ear_p50_ms"] == 410.0


def test_nothing_measured_is_null_and_never_zero() -> None:
    verdict = TurnFindings().verdict()
    assert verdict["p50_ms"] is None
    assert verdict["playback_ms"] is None
    assert verdict["turns"] == 0


def test_the_table_shows_every_stage_and_who_was_not_admitted() -> None:
    found = TurnFindings(calls=3, refused=2)
    found.note(started(endpointing=0.3, dialog=0.1, total=0.4))
    table = "\n".join(found.table())
    assert "endpointing" in table
    assert "75%" in table
    assert "3 calls, 2 refused" in table
