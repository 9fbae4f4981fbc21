from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.errors import ProtocolViolation, Violation
from gateway.telephony.genesys.messages import (
    LONGEST_VALUE,
    MOST_VARIABLES,
    BargeIn,
    BotTurn,
    Channel,
    Closed,
    Disconnect,
    DisconnectReason,
    Disposition,
    Media,
    Open,
    Opened,
    Ping,
    Pong,
    Unknown,
    Updated,
    check_sound,
    read_client_message,
    write_server_message,
)
from tests.gateway.telephony.genesys.hooks import CONVERSATION, MONO, NOBODY, SESSION, STEREO, Client


def read_open(*media: dict[str, Any], **more: Any) -> Open:
    body = read_client_message(Client().opens(*media, **more)).body
    assert isinstance(body, Open)
    return body


def test_an_open_is_read_whole() -> None:
    opened = read_open(
        STEREO,
        {**MONO, "format": "L16"},
        {**MONO, "rate": 16000},
        {"type": "video"},
        {**MONO, "channels": ["internal"]},
        {**MONO, "channels": ["internal", "external"]},
        language="ko-KR",
        supportedLanguages=True,
        customConfig={"a": 1, "b": "two"},
        inputVariables={"line": "main", "X-Campaign": "봄"},
        more_of_tomorrow={},
    )
    assert opened.media == (Media((Channel.EXTERNAL, Channel.INTERNAL)), Media((Channel.INTERNAL,)))
    assert (opened.conversation, opened.language, opened.asks_languages) == (CONVERSATION, "ko-KR", True)
    assert (opened.participant.ani, opened.participant.name) == ("tel:+821012345678", "김한빛")
    assert opened.variables == {"line": "main", "X-Campaign": "봄"}
    assert opened.configuration == {"a": 1, "b": "two"}
    assert not opened.is_probe


def test_a_probe_has_no_conversation_and_nobody_in_it() -> None:
    participant = {"id": NOBODY, "ani": "", "aniName": "", "dnis": ""}
    opened = read_open(conversationId=NOBODY, participant=participant, inputVariables=None, customConfig=None)
    assert opened.is_probe
    assert (opened.participant.ani, opened.variables, opened.configuration) == ("", {}, {})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("organizationId", "me"),
        ("conversationId", None),
        ("participant", []),
        ("participant", {"id": SESSION, "ani": 5}),
        ("media", {}),
        ("media", [1]),
        ("media", [MONO] * 17),
        ("language", 5),
        ("inputVariables", {"a": 1}),
        ("inputVariables", {"a": "b" * 5000}),
        ("inputVariables", {str(n): "" for n in range(MOST_VARIABLES + 1)}),
        ("customConfig", "x"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_field_is_named(field: str, value: Any) -> None:
    with pytest.raises(ProtocolViolation, match=field) as caught:
        read_open(**{field: value}) if field != "media" else read_open_media(value)
    assert caught.value.violation is Violation.BAD_FIELD


def read_open_media(value: Any) -> None:
    message = json.loads(Client().opens())
    message["parameters"]["media"] = value
    read_client_message(json.dumps(message))


def test_a_ping_may_say_how_long_the_last_one_took() -> None:
    client = Client()
    assert read_client_message(client.says("ping")).body == Ping(None)
    message = read_client_message(client.says("ping", position=1.5, rtt="PT0.0123S"))
    assert (message.body, message.seq, message.position) == (Ping(0.0123), 2, 1.5)


def test_an_unknown_word_is_passed_over_and_a_long_message_is_not_read() -> None:
    assert read_client_message(Client().says("tomorrow", a=1)).body == Unknown()
    with pytest.raises(ProtocolViolation) as caught:
        read_client_message(Client().says("tomorrow", a="x" * 70_000))
    assert caught.value.close_code == 1009


@pytest.mark.parametrize(
    ("message", "kind", "parameters"),
    [
        (Pong(), "pong", {}),
        (Updated(), "updated", {}),
        (Closed(), "closed", {}),
        (Opened(None), "opened", {"startPaused": False, "media": []}),
        (
            Opened(Media((Channel.EXTERNAL, Channel.INTERNAL)), ("ko", "en")),
            "opened",
            {"startPaused": False, "media": [STEREO], "supportedLanguages": ["ko", "en"]},
        ),
        (BargeIn(), "event", {"entities": [{"type": "barge_in", "data": {}}]}),
        (
            BotTurn(Disposition.MATCH, "네"),
            "event",
            {"entities": [{"type": "bot_turn_response", "data": {"disposition": "match", "text": "네"}}]},
        ),
        (Disconnect(DisconnectReason.ERROR), "disconnect", {"reason": "error"}),
        (
            Disconnect(DisconnectReason.COMPLETED, "x", {"a": "b" * 2000}),
            "disconnect",
            {"reason": "completed", "info": "x", "outputVariables": {"a": "b" * LONGEST_VALUE}},
        ),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_we_say_is_in_their_envelope(message: Any, kind: str, parameters: dict[str, Any]) -> None:
    written = json.loads(write_server_message(message, session=SESSION, seq=3, client_seq=7))
    assert written == {
        "version": "2",
        "id": SESSION,
        "type": kind,
        "seq": 3,
        "clientseq": 7,
        "parameters": parameters,
    }


@given(st.binary(max_size=50), st.integers(0, 40))
def test_sound_is_whole_samples_within_the_limit(sound: bytes, limit: int) -> None:
    media = Media((Channel.EXTERNAL, Channel.INTERNAL))
    if len(sound) <= limit and len(sound) % 2 == 0:
        check_sound(sound, media, limit)
    else:
        with pytest.raises(ProtocolViolation):
            check_sound(sound, media, limit)
