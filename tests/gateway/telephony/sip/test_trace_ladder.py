from __future__ import annotations

import pytest

from gateway.telephony.sip.trace import TracedGap, TracedMessage, TracedNote
from gateway.telephony.sip.trace_ladder import Sdp, draw, read_message, read_sdp, told

CALLER, US, AGENT = "127.0.0.1:6060", "127.0.0.1:5060", "127.0.0.1:5090"


def sdp(port: int, types: str = "0 101", *more: str, profile: str = "RTP/AVP") -> str:
    lines = ["v=0", "c=IN IP4 127.0.0.1", f"m=audio {port} {profile} {types}", *more]
    return "\r\n".join([*lines, ""])


EVENTS = "a=rtpmap:101 telephone-event/8000"


def message(at: float, start: str, cseq: str, body: str = "", *more: str, far: str = CALLER) -> TracedMessage:
    """One that we got, or sent when its first line begins with ``>``."""
    sent = start.startswith(">")
    text = "\r\n".join(
        [start.removeprefix(">"), "Via: SIP/2.0/UDP x;branch=1", f"CSeq: {cseq}", "Call-ID: 1", *more, "", body]
    )
    return TracedMessage(at, sent, "UDP", US if sent else far, far if sent else US, text)


CALL = [
    message(100.0, "INVITE sip:a@b SIP/2.0", "1 INVITE", sdp(4000, "0 101", EVENTS)),
    message(100.0, ">SIP/2.0 100 Trying", "1 INVITE"),
    message(100.25, ">SIP/2.0 200 OK", "1 INVITE", sdp(5000, "0 101", EVENTS)),
    message(100.75, ">SIP/2.0 200 OK", "1 INVITE", sdp(5000, "0 101", EVENTS)),
    message(100.8, "ACK sip:a@b SIP/2.0", "1 ACK"),
    message(102.0, "INVITE sip:a@b SIP/2.0", "2 INVITE", sdp(4000, "0", "a=sendonly"), "To: <sip:a@b>;tag=9"),
    message(102.1, ">SIP/2.0 200 OK", "2 INVITE", sdp(5000, "0", "a=recvonly")),
    message(102.5, "INVITE sip:a@b SIP/2.0", "3 INVITE", sdp(4000, "0", "a=sendonly"), "To: <sip:a@b>;tag=9"),
    message(102.6, ">SIP/2.0 200 OK", "3 INVITE", sdp(5000, "0", "a=recvonly")),
    message(103.0, "BYE sip:a@b SIP/2.0", "3 BYE", "", "Reason: Q.850;cause=16"),
    message(103.01, ">SIP/2.0 200 OK", "3 BYE"),
]


def test_a_call_is_drawn_with_its_times_ways_and_media() -> None:
    heading, *lines = draw(CALL).splitlines()
    assert heading.split() == [CALLER, "gateway", US]
    assert len({len(line) for line in lines if "between" not in line}) == 1
    assert lines[0].startswith("    0.000  |-")
    assert " INVITE [PCMU dtmf] " in lines[0]
    assert lines[0].endswith(">|")
    assert "|<" in lines[1]
    assert "0.250" in lines[2]
    assert lines[3].endswith("RTP PCMU between 127.0.0.1:4000 and us at 127.0.0.1:5000, both ways")
    assert "200 OK [PCMU dtmf] (again)" in lines[4]
    assert "re-INVITE [sendonly: PCMU]" in lines[6]
    assert "200 OK [recvonly: PCMU]" in lines[7]
    assert lines[8].endswith("to us only")
    assert "between" not in lines[10] + lines[11], "the same media are told once"
    assert "BYE [Q.850;cause=16]" in lines[11]
    assert "200 OK (BYE)" in lines[12]


def test_each_further_address_has_a_column_of_its_own() -> None:
    heading, *lines = draw(
        [
            CALL[0],
            message(101.0, "BYE sip:a@b SIP/2.0", "2 BYE", far=AGENT),
            message(101.1, ">SIP/2.0 200 OK", "2 BYE", far=AGENT),
        ]
    ).splitlines()
    assert heading.split() == [CALLER, "gateway", US, AGENT]
    ours = lines[0].index("|", 12)
    assert lines[1][ours + 1] == "<"
    assert lines[2][ours + 1] == "-"
    assert lines[2].endswith(">|")
    assert len({len(line) for line in lines}) == 1


def test_notes_and_gaps_stand_beside_the_messages() -> None:
    drawn = draw([CALL[0], TracedNote(100.5, "RTP received"), TracedGap(7), CALL[-1]])
    assert "    0.500  |" in drawn
    assert "RTP received" in drawn
    assert "7 entries were not kept" in drawn


def test_without_messages_there_is_nothing_to_draw() -> None:
    assert draw([]) == ""
    assert draw([TracedNote(1.0, "alone")]) == ""


@pytest.mark.parametrize(
    ("start", "headers", "body", "expected"),
    [
        (
            "REFER sip:a@b SIP/2.0",
            "Refer-To: <sip:desk@pbx?Replaces=1%3Bto-tag>",
            "",
            "REFER [to sip:desk@pbx with Replaces]",
        ),
        ("REFER sip:a@b SIP/2.0", "r: <sip:desk@pbx>", "", "REFER [to sip:desk@pbx]"),
        ("NOTIFY sip:a@b SIP/2.0", "Event: refer", "SIP/2.0 486 Busy Here\r\n", "NOTIFY [486 Busy Here]"),
        ("INFO sip:a@b SIP/2.0", "Content-Type: application/dtmf-relay", "(hidden)", "INFO [application/dtmf-relay]"),
        ("SIP/2.0 488 Not Acceptable Here", "CSeq: 1 INVITE", "", "488 Not Acceptable Here"),
    ],
)
def test_a_message_is_told_by_what_matters_of_it(start: str, headers: str, body: str, expected: str) -> None:
    assert told(read_message(f"{start}\r\n{headers}\r\n\r\n{body}")) == expected


def test_what_is_no_message_is_told_without_an_error() -> None:
    assert told(read_message("\x00garbage")) == "\x00garbage"


def test_a_description_may_be_secure_and_name_its_direction_once_for_all() -> None:
    body = (
        "v=0\r\nc=IN IP4 10.0.0.1\r\na=inactive\r\n"
        "m=audio 4000 RTP/SAVP 8 97\r\na=rtpmap:97 opus/48000/2\r\nm=video 1 RTP/AVP 96\r\n"
    )
    assert read_sdp(body) == Sdp("10.0.0.1", 4000, ("PCMA", "opus"), "inactive", True)
    assert str(read_sdp(body)) == "inactive: SRTP PCMA opus"
    assert read_sdp("v=0\r\nm=video 1 RTP/AVP 96\r\n") is None
