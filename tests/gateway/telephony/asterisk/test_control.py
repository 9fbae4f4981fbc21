"""Asterisk's control messages: both formats mean the same, and nothing is written that Asterisk does not read."""

from __future__ import annotations

import json

import pytest

from gateway.telephony.asterisk.control import (
    MOST_VARIABLES,
    DtmfEnd,
    MarkProcessed,
    MediaStart,
    QueueState,
    Unused,
    read_event,
    write_command,
)
from gateway.telephony.errors import ProtocolViolation
from tests.gateway.telephony.asterisk.asterisk_wire import CHANNEL, UNIQUE, event, plain_start, start


@pytest.mark.parametrize(
    ("as_json", "plain", "meant"),
    [
        (event("DTMF_END", digit="4"), f"DTMF_END digit:4 channel_id:{UNIQUE}", DtmfEnd("4")),
        (event("MEDIA_MARK_PROCESSED", correlation_id="7"), "MEDIA_MARK_PROCESSED 7", MarkProcessed("7")),
        (event("MEDIA_XOFF"), "MEDIA_XOFF", QueueState(has_room=False)),
        (event("MEDIA_XON"), "MEDIA_XON", QueueState(has_room=True)),
        (event("MEDIA_BUFFERING_COMPLETED", correlation_id=""), "MEDIA_BUFFERING_COMPLETED", Unused(known=True)),
        (event("HOLOGRAM"), "HOLOGRAM a b c", Unused(known=False)),
    ],
)
def test_both_formats_mean_the_same(as_json: str, plain: str, meant: object) -> None:
    assert read_event(as_json) == read_event(plain) == meant


def test_a_start_names_its_channel_by_its_id_where_it_tells_one() -> None:
    assert read_event(start("slin16", 640)) == MediaStart("gw1", UNIQUE, "slin16", 640)
    assert read_event(plain_start()) == MediaStart("gw1", CHANNEL, "slin16", 640)


def test_of_variables_only_texts_are_kept_and_not_too_many() -> None:
    told = json.loads(start())
    told["channel_variables"] = {"a": "1", "b": 2, "c": "x" * 5000} | {f"v{n}": "y" for n in range(100)}
    read = read_event(json.dumps(told))
    assert isinstance(read, MediaStart)
    assert len(read.variables) == MOST_VARIABLES
    assert read.variables["a"] == "1"
    assert not {"b", "c"} & read.variables.keys()
    told["channel_variables"] = "none"
    assert read_event(json.dumps(told)) == MediaStart("gw1", UNIQUE, "ulaw", 160)


@pytest.mark.parametrize("missing", ["connection_id", "format", "optimal_frame_size"])
def test_a_start_that_lacks_something_is_a_violation(missing: str) -> None:
    told = json.loads(start())
    del told[missing]
    with pytest.raises(ProtocolViolation, match=missing):
        read_event(json.dumps(told))


def test_commands_are_written_in_the_channels_format_and_never_too_long() -> None:
    assert write_command("FLUSH_MEDIA", as_json=True) == '{"command":"FLUSH_MEDIA"}'
    assert write_command("MARK_MEDIA", "1", as_json=True) == '{"command":"MARK_MEDIA","correlation_id":"1"}'
    assert write_command("MARK_MEDIA", "1", as_json=False) == "MARK_MEDIA 1"
    with pytest.raises(ValueError, match="128 bytes"):
        write_command("MARK_MEDIA", "x" * 120, as_json=False)
