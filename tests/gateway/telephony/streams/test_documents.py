"""What carriers are told to do with a call."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.errors import CallRefused
from gateway.telephony.leg import Refusal, RefusalReason
from gateway.telephony.streams.attached import read_attached
from gateway.telephony.streams.documents import PLIVO_XML, TEXML, TWIML, Destination, Markup, read_twiml

ACTION = "https://voice.example.com/telephony/twilio/dialled?handoff=h42"


def read(document: str) -> ElementTree.Element:
    return ElementTree.fromstring(document)


def test_twiml_hands_the_sound_to_the_socket_with_parameters() -> None:
    document = TWIML.connect_stream("wss://h/media", {"from": "+82<10>", "to": "\"한빛\" & '친구'"})
    assert document.startswith('<?xml version="1.0" encoding="UTF-8"?><Response><Connect><Stream url="wss://h/media">')
    offer = read_twiml(document)
    assert (offer.url, dict(offer.parameters)) == ("wss://h/media", {"from": "+82<10>", "to": "\"한빛\" & '친구'"})


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_whatever_a_carrier_reports_the_twiml_stays_well_formed(parameters: dict[str, str]) -> None:
    stream = ElementTree.fromstring(TWIML.connect_stream("wss://h/media", parameters)).find("./Connect/Stream")
    assert stream is not None
    assert len(stream) == len(parameters)
    assert all(child.tag == "Parameter" for child in stream)


def test_a_call_without_room_is_rejected_as_busy_or_told_so() -> None:
    assert TWIML.refuse(Refusal(RefusalReason.BUSY)).endswith('<Response><Reject reason="busy" /></Response>')
    assert 'reason="rejected"' in TWIML.refuse(Refusal(RefusalReason.REJECTED))
    told = ElementTree.fromstring(TWIML.refuse(Refusal(RefusalReason.BUSY, "지금은 통화량이 많습니다 <&>", "ko")))
    assert [verb.tag for verb in told] == ["Say", "Hangup"]
    assert (told[0].text, told[0].get("language")) == ("지금은 통화량이 많습니다 <&>", "ko-KR")
    assert 'language="en-US"' in TWIML.refuse(Refusal(RefusalReason.BUSY, "All lines are busy.", "en"))


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (TWIML.refuse(Refusal(RefusalReason.BUSY)), "Reject"),
        (TWIML.refuse(Refusal(RefusalReason.BUSY, "All lines are busy.")), "All lines are busy."),
        ("<Response", "did not answer with TwiML"),
        ("<Response><Connect><Stream/></Connect></Response>", "Connect"),
    ],
)
def test_a_caller_who_is_not_connected_learns_why(document: str, said: str) -> None:
    with pytest.raises(CallRefused, match=said):
        read_twiml(document)


def test_a_call_that_is_up_is_ended_with_or_without_words() -> None:
    assert [verb.tag for verb in ElementTree.fromstring(TWIML.hang_up())] == ["Hangup"]
    told = ElementTree.fromstring(TWIML.hang_up("Goodbye", "en"))
    assert [(verb.tag, verb.text, verb.get("language")) for verb in told] == [
        ("Say", "Goodbye", "en-US"),
        ("Hangup", None, None),
    ]


def test_telnyx_is_told_which_sound_it_gets_back() -> None:
    stream = read(TEXML.connect_stream("wss://h/media", {"to": "+82"})).find("./Connect/Stream")
    assert stream is not None
    attributes = {"bidirectionalMode": "rtp", "bidirectionalCodec": "PCMU", "codec": "PCMU"}
    assert stream.attrib == attributes | {"url": "wss://h/media"}
    assert [(child.get("name"), child.get("value")) for child in stream] == [("to", "+82")]


def test_plivo_is_told_in_its_own_words() -> None:
    parameters = {"from": "+82<10>", "to": "한빛"}
    stream = read(PLIVO_XML.connect_stream("wss://h/media?a=1&b=2", parameters)).find("Stream")
    assert stream is not None
    assert stream.text == "wss://h/media?a=1&b=2"
    assert (stream.get("bidirectional"), stream.get("keepCallAlive")) == ("true", "true")
    assert stream.get("contentType") == "audio/x-mulaw;rate=8000"
    assert read_attached(stream.get("extraHeaders", "")) == parameters
    assert '<Hangup reason="busy" />' in PLIVO_XML.refuse(Refusal(RefusalReason.BUSY))
    told = read(PLIVO_XML.refuse(Refusal(RefusalReason.BUSY, "All lines are busy.", "en")))
    assert [(verb.tag, verb.text, verb.get("language")) for verb in told] == [
        ("Speak", "All lines are busy.", "en-US"),
        ("Hangup", None, None),
    ]


@pytest.mark.parametrize(
    ("target", "noun", "text"),
    [
        ("tel:+82215880000;ext=1", "Number", "+82215880000"),
        ("+82215880000", "Number", "+82215880000"),
        ("sip:queue-h42@pbx.example", "Sip", "sip:queue-h42@pbx.example?User-to-User=6834%3Bencoding%3Dhex"),
    ],
)
def test_a_call_is_connected_with_a_number_or_a_sip_address(target: str, noun: str, text: str) -> None:
    headers = {"User-to-User": "6834;encoding=hex"}
    dial = read(TWIML.dial(Destination(target, 25.4, ACTION, "h42", headers))).find("Dial")
    assert dial is not None
    assert (dial.get("timeout"), dial.get("action"), dial.get("method")) == ("25", ACTION, "POST")
    assert [(child.tag, child.text) for child in dial] == [(noun, text)]


def test_plivo_dials_users_and_takes_headers_of_letters_and_digits() -> None:
    headers = {"X-Queue": "vip", "User-to-User": "6834;encoding=hex"}
    dial = read(PLIVO_XML.dial(Destination("sip:a@b.example", 0.5, ACTION, "h42", headers))).find("Dial")
    assert dial is not None
    assert (dial.get("timeout"), dial.get("sipHeaders")) == ("5", "XQueue=vip,UsertoUser=6834encodinghex")
    assert [(child.tag, child.text) for child in dial] == [("User", "sip:a@b.example")]
    number = read(PLIVO_XML.dial(Destination("tel:+82215880000", 900, ACTION, "h42", headers))).find("Dial")
    assert number is not None
    assert (number.get("timeout"), number.get("sipHeaders")) == ("120", None)
    assert [(child.tag, child.text) for child in number] == [("Number", "+82215880000")]


def test_a_call_is_put_into_a_queue_or_given_to_a_workflow_with_its_hand_off() -> None:
    queue = read(TWIML.dial(Destination("queue:support", 25, ACTION, "h42"))).find("Enqueue")
    assert queue is not None
    assert (queue.text, queue.get("workflowSid")) == ("support", None)
    workflow = read(TWIML.dial(Destination("workflow:WW01", 25, ACTION, "h42"))).find("Enqueue")
    assert workflow is not None
    assert workflow.get("workflowSid") == "WW01"
    assert [(child.tag, child.text) for child in workflow] == [("Task", '{"handoff":"h42"}')]


def test_a_call_that_came_by_sip_is_referred() -> None:
    refer = read(TWIML.refer(Destination("sip:a@b.example?x=1", 25, ACTION, "h42", {"X-A": "b c"}))).find("Refer")
    assert refer is not None
    assert refer.get("action") == ACTION
    assert [(child.tag, child.text) for child in refer] == [("Sip", "sip:a@b.example?x=1&X-A=b%20c")]


@pytest.mark.parametrize("markup", [TWIML, TEXML, PLIVO_XML], ids=["twiml", "texml", "plivo"])
@given(st.text(), st.text(), st.dictionaries(st.text(min_size=1), st.text(), max_size=3))
def test_whatever_it_holds_a_document_stays_well_formed(
    markup: Markup, one: str, two: str, headers: dict[str, str]
) -> None:
    for document in (
        markup.connect_stream(one, headers),
        markup.hang_up(one, two),
        markup.refuse(Refusal(RefusalReason.BUSY, one, two)),
        markup.dial(Destination("sip:" + one, 20, two, one, headers)),
        markup.dial(Destination("tel:" + one, 20, two, one, headers)),
        markup.dial(Destination("queue:" + one, 20, two, one, headers)),
    ):
        assert read(document).tag == "Response"
