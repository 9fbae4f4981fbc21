from __future__ import annotations

from typing import Any

import pytest

from gateway.analytics.vcon.dialogs import Sound, conversation, dialogs_of, indices, utterances
from gateway.analytics.vcon.parties import Cast
from tests.gateway.analytics.vcon.profile import HANDED_OVER, ISSUER, SOUND, events, record


def dialogs(*told: Any, sound: Sound | None = None, **changes: Any) -> list[dict[str, Any]]:
    call, log = record(**changes), events(*told)
    cast = Cast(call, ISSUER)
    return dialogs_of(call, log, utterances(call, log, cast), cast, sound)


def test_a_recording_tells_who_is_on_which_channel_and_who_came_and_went() -> None:
    (recording,) = dialogs(*HANDED_OVER, sound=SOUND)
    assert recording["parties"] == [0, [1, 2]]
    assert recording["start"] == "2026-11-22T01:00:05+00:00"
    assert recording["duration"] == 170.5
    assert recording["skill"] == ["orders"]
    steps = [(step["party"], step["event"]) for step in recording["party_history"]]
    assert steps == [(0, "join"), (2, "join"), (0, "hold"), (0, "unhold"), (2, "drop"), (0, "drop")]


def test_without_a_recording_each_utterance_is_a_dialog() -> None:
    told = dialogs(*HANDED_OVER)
    assert [(one["parties"], one["body"]) for one in told] == [
        ([0, 1], "배송이 언제 오나요"),
        ([1, 0], "이틀 안에 도착합니다"),
        ([2, 0], "안녕하세요"),
    ]
    assert told[0]["message_id"] == "c1-6"


def test_a_recording_that_the_log_does_not_know_is_not_told_of() -> None:
    assert [one["type"] for one in dialogs(*HANDED_OVER[5:8], sound=SOUND)] == ["text", "text"]


def test_what_was_not_heard_and_which_keys_were_pressed_is_not_told() -> None:
    told = dialogs(
        ("reply.decided", {"text": "unheard"}), ("dtmf.pressed", {"digit": "7"}), ("caller.turn", {"text": ""})
    )
    assert [one["type"] for one in told] == ["incomplete"]


@pytest.mark.parametrize(
    ("reason", "disposition"),
    [("caller_hung_up", "hung-up"), ("no_input", "hung-up"), ("refused", "congestion"), ("node_lost", "failed")],
)
def test_a_call_in_which_nothing_was_said_says_why(reason: str, disposition: str) -> None:
    (nothing,) = dialogs(end_reason=reason)
    assert nothing["disposition"] == disposition


def test_a_transfer_leads_from_all_that_was_said_to_a_dialog_that_nobody_here_knows() -> None:
    told = dialogs(
        *HANDED_OVER[5:8],
        ("transfer.failed", {"target": "first", "failure": "no_answer"}),
        ("call.transferred", {"target": "second", "way": "refer"}),
    )
    missed, elsewhere, transfer = told[2:]
    assert (missed["disposition"], missed["parties"]) == ("no-answer", [1, 2])
    assert (elsewhere["parties"], set(elsewhere)) == ([0, 3], {"type", "start", "parties", "mediatype"})
    assert (transfer["original"], transfer["target_dialog"], transfer["transfer_target"]) == ([0, 1], 3, 3)
    assert conversation(told) == [0, 1]


def test_places_are_written_as_the_format_has_them() -> None:
    assert (indices([4]), indices([0, 2])) == (4, [0, 2])
