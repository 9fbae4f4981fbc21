from __future__ import annotations

import pytest

from gateway.session import transfer_words as words
from gateway.session.transfer import Choice
from gateway.telephony.trunk import Failure

ALL = tuple(Choice)


@pytest.mark.parametrize(
    ("text", "language", "choice"),
    [
        ("please call me back later", "en", Choice.CALLBACK),
        ("I will wait for an agent", "en", Choice.DESK),
        ("let us go on", "en", Choice.BOT),
        ("I want to leave a message", "en", Choice.MESSAGE),
        ("no message please", "en", None),
        ("call me back or leave a message", "en", None),
        ("what", "en", None),
        ("", "en", None),
        ("나중에 다시 전화해 주세요", "ko", Choice.CALLBACK),
        ("상담원을 기다릴게요", "ko", Choice.DESK),
        ("그냥 계속할게요", "ko", Choice.BOT),
        ("메시지 남길게요", "ko", Choice.MESSAGE),
        ("메시지 말고요", "ko", None),
    ],
)
def test_a_choice_is_heard_in_words(text: str, language: str, choice: Choice | None) -> None:
    assert words.choice_of(text, "", language, ALL) is choice


def test_a_key_chooses_only_what_is_offered() -> None:
    assert [words.choice_of("", key, "ko", ALL) for key in "1234"] == list(words.KEYS.values())
    assert words.choice_of("", "2", "en", (Choice.CALLBACK, Choice.BOT)) is None
    assert words.choice_of("", "9", "en", ALL) is None


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("failure", list(Failure))
def test_every_failure_is_told_with_the_keys_of_what_is_offered(failure: Failure, language: str) -> None:
    told = words.question(failure, (Choice.CALLBACK, Choice.BOT), "Support", language, again=False)
    assert "Support" in told
    assert [key for key in "1234" if key in told] == ["1", "3"]
    again = words.question(failure, (Choice.CALLBACK,), "Support", language, again=True)
    assert "Support" not in again


def test_a_korean_name_gets_the_ending_that_it_takes() -> None:
    for name, said in (("고객센터", "고객센터는"), ("고객지원팀", "고객지원팀은")):
        assert said in words.question(Failure.BUSY, (Choice.BOT,), name, "ko", again=False)


def test_the_korean_question_is_one_sentence_of_offers() -> None:
    told = words.question(Failure.BUSY, (Choice.CALLBACK, Choice.MESSAGE), "고객센터", "ko", again=False)
    assert told.endswith("다시 전화를 받으시려면 1번, 메시지를 남기시려면 4번을 누르시거나 말씀해 주세요.")


def test_whoever_answers_hears_who_calls_and_a_short_summary() -> None:
    told = words.screening("Support", "+15550100", "word " * 100, "en", key=True)
    assert "1 5 5 5 0 1 0 0" in told[1]
    assert len(told[2]) <= words.LONGEST_SUMMARY + 1
    assert told[-1] == "Press 1 to take it."
    assert words.screening("Support", "", "", "ko", key=False) == ("Support 앞으로 전화가 왔습니다.",)
