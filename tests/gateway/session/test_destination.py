from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.session.destination import NoDestination, dialled_by, read_destination

GOOD = [
    "sip:support@pbx.example",
    "sips:queue-{handoff}@pbx.example",
    "sip:+827012345678@10.0.0.1:5080;transport=tcp",
    "sip:*67@pbx.example",
    "sip:7001@[2001:db8::1]:5061;transport=tls",
    "tel:+827012345678",
]
BAD = {
    "another scheme": "http://pbx.example",
    "no scheme": "support@pbx.example",
    "upper case scheme": "SIP:support@pbx.example",
    "no user": "sip:pbx.example",
    "empty user": "sip:@pbx.example",
    "password": "sip:user:secret@pbx.example",
    "embedded headers": "sip:a@pbx.example?Refer-To=sip:+9791@evil.example",
    "headers behind parameters": "sip:a@pbx.example;transport=udp?X-A=b",
    "other parameters": "sip:a@pbx.example;user=phone",
    "maddr sends it elsewhere": "sip:a@pbx.example;maddr=evil.example",
    "user parameters": "sip:a;phone-context=x@pbx.example",
    "two hosts": "sip:a@pbx.example@evil.example",
    "escape in the user": "sip:a%40evil.example@pbx.example",
    "escape in the host": "sip:a@pbx%2eexample",
    "angle brackets": "<sip:a@pbx.example>",
    "a second address": "sip:a@pbx.example,sip:b@pbx.example",
    "space": "sip:a b@pbx.example",
    "line break": "sip:a@pbx.example\r\nX: y",
    "trailing line break": "sip:a@pbx.example\n",
    "Arabic digits": "sip:\u0660\u0661@pbx.example",
    "full-width digits": "tel:+\uff18\uff12\uff11",
    "look-alike host": "sip:a@pbx.ex\u0430mple",
    "port out of range": "sip:a@pbx.example:70000",
    "port zero": "sip:a@pbx.example:0",
    "placeholder twice": "sip:{handoff}{handoff}@pbx.example",
    "another placeholder": "sip:{number}@pbx.example",
    "placeholder in the host": "sip:a@{handoff}.example",
    "tel with extension": "tel:+827012345678;ext=1",
    "tel with context": "tel:7001;phone-context=+82",
    "tel local": "tel:0212345678",
    "tel with separators": "tel:+82-70-1234-5678",
    "tel international prefix": "tel:00827012345678",
    "empty": "",
    "too long": "sip:a@" + "b" * 300,
    "bad IPv6": "sip:a@[evil.example]",
    "dot first": "sip:a@.example",
}


@pytest.mark.parametrize("text", GOOD)
def test_what_can_be_called_reads_as_it_is_written(text: str) -> None:
    assert str(read_destination(text)) == text


@pytest.mark.parametrize("text", BAD.values(), ids=list(BAD))
def test_what_could_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(NoDestination):
        read_destination(text)


def test_a_hand_off_stands_in_the_user_and_nowhere_else() -> None:
    destination = read_destination("sip:queue-{handoff}@pbx.example")
    assert str(destination.of("h42")) == "sip:queue-h42@pbx.example"
    for trick in ("h@evil.example", "h;x=y", "h?a=b", "h%40x", "", "h\r\n"):
        if trick:
            with pytest.raises(NoDestination):
                destination.of(trick)


@given(st.text(max_size=60))
def test_anything_else_is_refused_and_what_is_taken_holds_nothing_but_its_parts(tail: str) -> None:
    for head in ("sip:", "sip:a@", "sip:a@b", "tel:", "tel:+"):
        try:
            destination = read_destination(head + tail)
        except NoDestination:
            continue
        assert str(destination).lower() == (head + tail).lower()
        assert destination.of("h1").user.isascii()
        assert not set("?%<>\"' \r\n,") & set(str(destination))


@pytest.mark.parametrize("word", ["support", "queue:vip", "4001", "workflow:WW1", "a+b"])
def test_a_name_of_a_platforms_own_is_no_address(word: str) -> None:
    assert dialled_by(word) is None


@pytest.mark.parametrize(
    ("word", "address"), [("+8225550100", "tel:+8225550100"), ("sip:a@pbx.example", "sip:a@pbx.example")]
)
def test_a_word_that_a_platform_would_dial_is_the_address_that_it_dials(word: str, address: str) -> None:
    assert str(dialled_by(word)) == address


@pytest.mark.parametrize(
    "word", ["025550100", "0082 2 555 0100", "+82 2 555 0100", "TEL:+8225550100", "sip:a@b?x=y", "*31#5550100"]
)
def test_a_word_that_might_be_dialled_in_more_ways_than_one_is_refused(word: str) -> None:
    with pytest.raises(NoDestination):
        dialled_by(word)
