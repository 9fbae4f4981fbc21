from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.sip.trace import (
    HIDDEN,
    MOST_CHARACTERS,
    MOST_MESSAGES,
    CallTrace,
    TracedGap,
    TracedMessage,
    TracedNote,
    call_id,
    read_record,
    redacted,
)

INVITE = (
    "INVITE sip:aicc@127.0.0.1:5060 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:6060;branch=z9hG4bK-1\r\n"
    "From: <sip:+15550100@127.0.0.1>;tag=1\r\n"
    "To: <sip:+18005550100@127.0.0.1>\r\n"
    "Call-ID: abc@127.0.0.1\r\n"
    "CSeq: 1 INVITE\r\n"
    "Content-Type: application/sdp\r\n"
    "\r\n"
    "v=0\r\n"
    "c=IN IP4 127.0.0.1\r\n"
    "m=audio 4000 RTP/SAVP 0\r\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0IGtleSBvZiB0aGUgY2FsbA==|2^31\r\n"
    "a=sendrecv\r\n"
)


def test_a_record_of_the_stack_is_a_message_with_its_way() -> None:
    message = read_record(f"RX UDP 127.0.0.1:6060 -> 127.0.0.1:5060\n{INVITE}", 12.5)
    assert message == TracedMessage(12.5, False, "UDP", "127.0.0.1:6060", "127.0.0.1:5060", INVITE)
    sent = read_record("TX TLS 127.0.0.1:5061 -> 127.0.0.1:6061\nSIP/2.0 200 OK\r\n", 1.0)
    assert sent is not None
    assert sent.sent
    assert sent.transport == "TLS"


@pytest.mark.parametrize("record", ["", "ua: stop all", "RX UDP a -> b\n\r\n\r\n", "RX UDP a"])
def test_what_is_no_message_is_passed_over(record: str) -> None:
    assert read_record(record, 0.0) is None


def test_a_call_is_known_by_either_name_of_the_header_but_not_by_its_body() -> None:
    assert call_id(INVITE) == "abc@127.0.0.1"
    assert call_id("BYE sip:a@b SIP/2.0\r\ni:  short \r\n\r\n") == "short"
    assert call_id("BYE sip:a@b SIP/2.0\r\n\r\nCall-ID: in the body\r\n") is None


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (INVITE, "c2VjcmV0"),
        (
            'REGISTER sip:pbx SIP/2.0\r\nAuthorization: Digest username="u",realm="r",nonce="n0nce",\r\n'
            ' response="0123abcd", cnonce="c0"\r\n\r\n',
            "0123abcd",
        ),
        ('INVITE sip:a@b SIP/2.0\r\nproxy-authorization: Digest response="feed"\r\n\r\n', "feed"),
        ("INVITE sip:a@b SIP/2.0\r\nAuthorization: Basic dTpw\r\n\r\n", "dTpw"),
        ("INVITE sip:u:passw0rd@b SIP/2.0\r\n\r\n", "passw0rd"),
        (
            "INFO sip:a@b SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=7\r\nDuration=100\r\n",
            "Signal=7",
        ),
        ("INFO sip:a@b SIP/2.0\nc: application/dtmf\n\n4", "\n4"),
        ("SIP/2.0 200 OK\r\n\r\nv=0\r\nk=clear:key0\r\na=ice-pwd:pwd0\r\n", "key0"),
        ("SIP/2.0 200 OK\r\n\r\nv=0\r\nk=clear:key0\r\na=ice-pwd:pwd0\r\n", "pwd0"),
    ],
)
def test_secrets_are_taken_out(text: str, secret: str) -> None:
    kept = redacted(text)
    assert secret not in kept
    assert HIDDEN in kept


def test_what_a_credential_was_for_is_kept() -> None:
    kept = redacted(
        'REGISTER sip:pbx SIP/2.0\r\nAuthorization: Digest username="u", realm="r", response="feed"\r\n\r\n'
    )
    assert f'Authorization: Digest username="u", realm="r", {HIDDEN}' in kept


def test_what_is_no_secret_stays_as_it_is() -> None:
    plain = INVITE.replace("a=crypto", "a=other")
    assert redacted(plain) == plain


@given(st.text(alphabet="sip:a@;<> \r\n=", max_size=400))
def test_any_text_can_be_redacted(text: str) -> None:
    assert redacted(redacted(text)) == redacted(text)


def test_a_long_call_keeps_its_beginning_and_its_end_and_says_what_is_missing() -> None:
    trace = CallTrace()
    for number in range(MOST_MESSAGES + 10):
        trace.add(TracedNote(float(number), str(number)))
    kept = list(trace)
    assert kept[0] == TracedNote(0.0, "0")
    assert kept[-1] == TracedNote(float(MOST_MESSAGES + 9), str(MOST_MESSAGES + 9))
    assert kept[MOST_MESSAGES // 2] == TracedGap(10)
    assert len(kept) == MOST_MESSAGES + 1


def test_a_long_message_is_cut_after_its_secrets_were_taken_out() -> None:
    trace = CallTrace()
    trace.add(TracedMessage(0.0, False, "UDP", "a", "b", INVITE + "x" * 2 * MOST_CHARACTERS))
    [message] = trace
    assert isinstance(message, TracedMessage)
    assert len(message.text) < MOST_CHARACTERS + 100
    assert "more characters" in message.text
    assert "c2VjcmV0" not in message.text
