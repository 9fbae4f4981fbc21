"""What may be written down of an event."""

from __future__ import annotations

from typing import Any

import pytest

from dialog.reply import Expectation, Summary
from gateway.session.memory_log import MemoryContactLog
from gateway.session.records import EventKind
from gateway.session.redaction import Redaction, redacted_late


def turn(redaction: Redaction, text: str, digits: str = "") -> dict[str, Any]:
    return dict(redaction.payload(EventKind.CALLER_TURN, {"turn": 1, "text": text, "digits": digits}))


def test_a_turn_loses_what_is_personal_and_keeps_the_rest() -> None:
    redaction = Redaction("ko")
    assert turn(redaction, "제 번호는 공일공 이삼사오 육칠팔구요") == {
        "turn": 1,
        "text": "제 번호는 [phone]요",
        "digits": "",
    }
    assert [one.kind.value for one in redaction.found] == ["phone"]
    assert turn(redaction, "주문번호 20261187이요")["text"] == "주문번호 20261187이요"


def test_words_of_a_stretch_go_with_its_text() -> None:
    words = [
        {"text": text, "start": at, "end": at + 0.5, "confidence": 0.9 - at / 10}
        for at, text in enumerate("my number is 650 253 0000 thanks".split())
    ]
    payload = {"text": "my number is 650 253 0000 thanks", "words": words}
    told = Redaction("en").payload(EventKind.TRANSCRIPT_FINAL, payload)
    assert told["text"] == "my number is [phone] thanks"
    assert [word["text"] for word in told["words"]] == ["my", "number", "is", "[phone]", "thanks"]
    assert (told["words"][3]["start"], told["words"][3]["end"]) == (3, 5.5)
    assert told["words"][3]["confidence"] == pytest.approx(0.4)


def test_words_that_are_not_those_of_the_text_are_left_out() -> None:
    payload = {"text": "650 253 0000", "words": [{"text": "six", "start": 0, "end": 1, "confidence": 1.0}]}
    assert Redaction("en").payload(EventKind.TRANSCRIPT_FINAL, payload)["words"] == []


def test_a_reply_keeps_the_numbers_of_the_house_and_loses_the_callers() -> None:
    redaction = Redaction("ko")
    turn(redaction, "공일공 이삼사오 육칠팔구요")
    text = "010-2345-6789로 연락드릴까요? 본사는 02-123-4567입니다."
    told = redaction.payload(EventKind.REPLY_DECIDED, {"text": text, "sentences": [{"text": text, "passage": "p"}]})
    assert told["text"] == "[phone]로 연락드릴까요? 본사는 02-123-4567입니다."
    assert told["sentences"] == [{"text": told["text"], "passage": "p"}]
    assert redaction.payload(EventKind.REPLY_HEARD, {"text": text})["text"] == told["text"]


def test_what_a_system_of_record_tells_is_known_wherever_it_is_said_again() -> None:
    redaction = Redaction("en")
    sentences = [{"text": "We have 650-253-0000.", "action": "look_up"}]
    text = "We have 650-253-0000."
    told = redaction.payload(EventKind.REPLY_DECIDED, {"text": text, "sentences": sentences})
    assert told["sentences"][0]["text"] == told["text"] == "We have [phone]."


def test_a_question_says_what_its_answer_is() -> None:
    redaction = Redaction("ko")
    redaction.payload(EventKind.REPLY_DECIDED, {"text": "성함이 어떻게 되세요?"})
    assert turn(redaction, "홍길동이요")["text"] == "[name]이요"
    redaction.payload(EventKind.REPLY_DECIDED, {"text": "카드 번호를 말씀해 주세요."})
    assert turn(redaction, "사일일일 일일일일")["text"] == "[card]"
    redaction.payload(EventKind.REPLY_DECIDED, {"text": "주문번호를 말씀해 주세요."})
    assert turn(redaction, "이공이육 일일팔칠이요")["text"] == "이공이육 일일팔칠이요"


def test_keys_of_a_personal_number_are_not_written_down_one_by_one() -> None:
    redaction = Redaction("en")
    key = {"digit": "5", "at": 1.0}
    assert redaction.payload(EventKind.DTMF_PRESSED, key) == key
    redaction.payload(EventKind.REPLY_DECIDED, {"text": "Please key in your phone number."})
    assert redaction.payload(EventKind.DTMF_PRESSED, key) == {"digit": "•", "at": 1.0}
    assert turn(redaction, "", "5034462297#")["digits"] == "[phone]#"


def keyed(redaction: Redaction, keys: str) -> str:
    """What is written down of keys one by one."""
    pressed = [redaction.payload(EventKind.DTMF_PRESSED, {"digit": key, "at": 1.0}) for key in keys]
    return "".join(str(one["digit"]) for one in pressed)


@pytest.mark.parametrize(
    ("keys", "one_by_one", "together"),
    [
        ("4111111111111111#", "4•••••••••••••••#", "[card]#"),
        ("0912#", "0•••#", "••••#"),
        ("0", "0", "0"),
        ("1#", "1#", "1#"),
    ],
)
def test_of_keys_that_nobody_asked_for_one_may_be_read(keys: str, one_by_one: str, together: str) -> None:
    redaction = Redaction("en")
    redaction.payload(EventKind.REPLY_DECIDED, {"text": "How can I help you?", "expects": Expectation.SPEAKING})
    assert keyed(redaction, keys) == one_by_one
    assert turn(redaction, "", keys)["digits"] == together
    assert redaction.keys_hidden == (together != keys)


def test_every_turn_may_choose_from_a_menu() -> None:
    redaction = Redaction("ko")
    for _ in range(3):
        assert keyed(redaction, "1") == "1"
        assert turn(redaction, "", "1")["digits"] == "1"
        redaction.payload(EventKind.REPLY_DECIDED, {"text": "배송은 1번, 반품은 2번입니다."})


@pytest.mark.parametrize(
    "reply",
    [{"text": "Which order?", "expects": Expectation.DICTATING}, {"text": "What is your order number?"}],
)
def test_a_number_that_was_asked_for_and_is_nothing_personal_may_be_read(reply: dict[str, Any]) -> None:
    redaction = Redaction("en")
    redaction.payload(EventKind.REPLY_DECIDED, reply)
    assert keyed(redaction, "20261187#") == "20261187#"
    assert turn(redaction, "", "20261187#")["digits"] == "20261187#"


@pytest.mark.parametrize(
    ("question", "read", "together"),
    [
        ({"text": "Which order?", "expects": Expectation.DICTATING}, "20261187#", "20261187#"),
        ({"text": "What is your order number?"}, "20261187#", "20261187#"),
        ({"text": "Please key in your phone number."}, "••••••••#", "[phone]#"),
    ],
)
def test_who_asks_for_a_moment_is_still_asked_the_same(question: dict[str, Any], read: str, together: str) -> None:
    redaction = Redaction("en")
    redaction.payload(EventKind.REPLY_DECIDED, question)
    assert turn(redaction, "one moment please")["text"] == "one moment please"
    redaction.payload(EventKind.REPLY_DECIDED, {"text": "Take your time.", "expects": Expectation.THINKING})
    assert keyed(redaction, "20261187#") == read
    assert turn(redaction, "", "20261187#")["digits"] == together


def test_what_a_personal_question_was_answered_with_is_hidden_whatever_it_is() -> None:
    redaction = Redaction("en")
    redaction.payload(EventKind.REPLY_DECIDED, {"text": "Please key in your phone number."})
    assert turn(redaction, "", "2297#")["digits"] == "••••#"


def test_what_an_agent_asks_for_is_known_to_be_asked() -> None:
    redaction = Redaction("ko")
    asked = {"agent": "kim", "text": "성함이 어떻게 되세요?", "words": [{"start": 1.0, "end": 1.4}]}
    assert redaction.payload(EventKind.AGENT_TURN, asked) == asked
    assert turn(redaction, "홍길동이요")["text"] == "[name]이요"
    again = {"agent": "kim", "text": "네 홍길동 맞으시죠"}
    assert redaction.payload(EventKind.AGENT_TURN, again)["text"] == "네 [name] 맞으시죠"
    assert [(one.start, one.end) for one in redaction.found] == [(2, 5)]


def test_what_an_agent_reads_back_in_pieces_goes_before_the_caller_has_said_it() -> None:
    redaction = Redaction("ko")

    def agent(text: str) -> str:
        return str(redaction.payload(EventKind.AGENT_TURN, {"agent": "kim", "text": text})["text"])

    assert agent("카드번호 앞 여덟 자리가 4539-1488이고") == "카드번호 앞 여덟 자리가 [card]이고"
    redaction.payload(EventKind.HANDOFF_QUEUED, {"summary": {"text": "주문번호 20261187 건"}})
    assert agent("나머지는 0343-6467이에요") == "나머지는 [card]이에요"
    assert turn(redaction, "네 0343-6467이요")["text"] == "네 [card]이요"
    assert agent("주문번호는 20261187이고") == "주문번호는 20261187이고"


def test_a_number_that_was_asked_for_can_be_keyed_on_the_telephone_and_read() -> None:
    redaction = Redaction("en")
    asked = "For which order? Please tell me its eight digits, or enter them on your telephone."
    redaction.payload(EventKind.REPLY_DECIDED, {"text": asked, "expects": Expectation.DICTATING})
    pressed = [redaction.payload(EventKind.DTMF_PRESSED, {"digit": digit})["digit"] for digit in "20260815"]
    assert "".join(pressed) == "20260815"
    assert turn(redaction, "", "20260815")["digits"] == "20260815"
    ahead = [redaction.payload(EventKind.DTMF_PRESSED, {"digit": digit})["digit"] for digit in "99768835"]
    assert "".join(ahead) == "9•••••••", "what is keyed ahead of the next question may be a card's number"
    assert turn(redaction, "", "99768835")["digits"] == "••••••••"


def test_what_was_searched_for_is_as_personal_as_what_was_said() -> None:
    redaction = Redaction("ko")
    redaction.payload(EventKind.REPLY_DECIDED, {"text": "성함이 어떻게 되세요?"})
    turn(redaction, "이수요")
    found = [{"id": "p", "document": "d", "score": 0.5}]
    done = {"turn": 1, "query": "이수요", "passages": found, "seconds": 0.1}
    assert redaction.payload(EventKind.RETRIEVAL_DONE, done) == {**done, "query": "[name]요"}
    note = {"note": "이수 손님, 학점이수 건"}
    assert redaction.payload(EventKind.WRAP_UP_DONE, note)["note"] == "[name] 손님, 학점이수 건"


def test_values_are_known_by_the_names_of_their_fields() -> None:
    redaction = Redaction("ko")
    arguments = {"customer_name": "이수", "phone": "5550100", "date": "2026-11-22", "order_number": "20261187"}
    told = redaction.payload(EventKind.ACTION_PROPOSED, {"action": "a1", "name": "book", "arguments": arguments})
    assert told == {
        "action": "a1",
        "name": "book",
        "arguments": {
            "customer_name": "[name]",
            "phone": "[phone]",
            "date": "2026-11-22",
            "order_number": "20261187",
        },
    }


def test_summaries_notes_and_what_agents_say_are_searched() -> None:
    redaction = Redaction("en")
    summary = Summary("call back 650-253-0000", {"phone": "6502530000"}, (), (), "Jane wants a call on 650-253-0000.")
    told = redaction.payload(EventKind.ESCALATION_DECIDED, {"queue": "orders", "summary": summary})
    assert told["summary"]["known"] == {"phone": "[phone]"}
    assert told["summary"]["text"] == "Jane wants a call on [phone]."
    said = redaction.payload(EventKind.AGENT_TURN, {"agent": "650-253-0000", "text": "Is it a@b.io?"})
    assert said == {"agent": "650-253-0000", "text": "Is it [email]?"}


def test_a_card_keeps_what_documents_say_and_loses_what_the_caller_did() -> None:
    redaction = Redaction("en")
    turn(redaction, "call me at 503-446-2297")
    card = {
        "card": "c",
        "kind": "action",
        "text": "The store is at 503-446-9000.",
        "arguments": {"phone": "5034462297"},
    }
    told = redaction.payload(EventKind.ASSIST_SHOWN, card)
    assert (told["text"], told["arguments"]) == (card["text"], {"phone": "[phone]"})


def test_what_the_network_told_of_the_line_stays() -> None:
    offer = {"caller": "+821023456789", "called": "15880000"}
    assert Redaction("ko").payload(EventKind.CALL_OFFERED, offer) == offer


def test_of_a_number_that_is_not_whole_no_part_is_taken_for_it() -> None:
    redaction = Redaction("en")
    redaction.payload(EventKind.CALL_OFFERED, {"direction": "inbound", "caller": "+15550100", "called": "+18005550100"})
    text = "Call us at 1-800-555-0100."
    assert redaction.payload(EventKind.REPLY_HEARD, {"text": text})["text"] == text


@pytest.mark.parametrize(
    ("offer", "answer", "said"),
    [
        ({"direction": "inbound", "caller": "+821023456789", "called": "+8215"}, {}, "010-2345-6789"),
        ({"direction": "inbound", "caller": "+821023456789", "called": "+8215"}, {}, "+82 10 2345 6789"),
        ({"direction": "inbound", "caller": "+16502530000", "called": "+8215"}, {}, "650 253 0000"),
        (
            {"direction": "outbound", "caller": "+8215", "called": "+821023456789"},
            {"ani": "+82255501234"},
            "010 2345 6789",
        ),
        ({"direction": "inbound", "caller": None, "called": "+8215"}, {"ani": "823344556677"}, "823344556677"),
    ],
)  # fmt: skip
def test_the_number_of_whom_we_talk_with_is_known_wherever_it_is_said(
    offer: dict[str, Any], answer: dict[str, Any], said: str
) -> None:
    redaction = Redaction("ko")
    assert redaction.payload(EventKind.CALL_OFFERED, offer) == offer
    assert redaction.payload(EventKind.CALL_ANSWERED, answer) == answer
    reply = {"text": f"{said}(으)로 전화드릴까요? 본사는 02-555-0123, 대표는 +82 2 5550 1234입니다."}
    told = redaction.payload(EventKind.REPLY_HEARD, reply)["text"]
    assert told.removeprefix("+") == "[phone](으)로 전화드릴까요? 본사는 02-555-0123, 대표는 +82 2 5550 1234입니다."
    assert redaction.payload(EventKind.HANDOFF_QUEUED, {"summary": {"known": {"전화": said}}}) == {
        "summary": {"known": {"전화": "[phone]"}}
    }


def test_a_kind_that_nobody_has_heard_of_is_searched_as_well() -> None:
    assert Redaction("ko").payload("some.kind", {"words": ["010-2345-6789"]}) == {"words": ["[phone]"]}


def test_what_comes_long_after_the_call_is_searched() -> None:
    assert redacted_late(EventKind.WRAP_UP_DONE, {"note": "ssn 123-45-6789"}) == {"note": "ssn [registration]"}


async def test_nothing_personal_gets_past_a_calls_log() -> None:
    ledger = MemoryContactLog()
    await ledger.start()
    log = ledger.open_call(tenant="shop", call_id="c", line="l", language="ko")
    log.append(EventKind.CALLER_TURN, {"turn": 1, "text": "주민번호 900101-1234567이요", "digits": ""})
    log.queue_handoff(reason="wish", queue="q", summary={"text": "900101-1234567"})
    await log.acknowledged()
    stored = [event.payload for event in await ledger.events("shop", "c")]
    assert "1234567" not in str(stored)
    assert (await ledger.handoffs("shop"))[0].summary == {"text": "[registration]"}


def test_numbers_and_names_of_fields_of_any_make_are_judged_in_arguments_and_results() -> None:
    result = {"phone": 821012345678, "cardNumber": 4111111111111111, "customerName": "Kim", "recipient": "이영희",
              "amount": 39000, "paid": True, "share": 0.5}  # fmt: skip
    told = Redaction("en").payload(EventKind.ACTION_SUCCEEDED, {"action": "a1", "result": result})
    assert told["result"] == {
        "phone": "[phone]",
        "cardNumber": "[card]",
        "customerName": "[name]",
        "recipient": "[name]",
        "amount": 39000,
        "paid": True,
        "share": 0.5,
    }


def test_a_card_that_an_agent_worded_anew_is_the_agents() -> None:
    told = Redaction("en").payload(EventKind.ASSIST_EDITED, {"card": "c1", "text": "call me back at 650 253 0000"})
    assert told["text"] == "call me back at [phone]"
