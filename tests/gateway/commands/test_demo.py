"""Parts of the demo; the whole of it is run in the integration tests."""

from __future__ import annotations

from pathlib import Path

from gateway.commands import demo


def test_a_turn_is_a_recording_or_keys() -> None:
    assert demo._audio(Path("/t"), {"dtmf": "12#"}) == "dtmf:12#"
    assert demo._audio(Path("/t"), {"audio": "a.wav"}) == "/t/calls/a.wav"
