from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.sentences import FIRST_WORDS, MOST_CHARACTERS, MOST_WORDS, SentenceStream, clauses, sentences

LANGUAGE = st.sampled_from(["ko", "en"])
PROSE = st.text(alphabet="ab요다니습 .,!?\n-3\"'", max_size=400)


def _texts(text: str, language: str) -> list[str]:
    return [piece.text for piece in sentences(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "parts"),
    [
        ("en", "Hello. How are you? Fine!", ["Hello.", "How are you?", "Fine!"]),
        ("en", "It costs $3.50. Cheap.", ["It costs $3.50.", "Cheap."]),
        ("en", "Dr. Smith is in. Mr. Kim is not.", ["Dr. Smith is in.", "Mr. Kim is not."]),
        ("en", "We open at 9 a.m. every day.", ["We open at 9 a.m. every day."]),
        ("en", "See the U.S. site. Bye", ["See the U.S. site.", "Bye"]),
        ("en", '"OK." he said. Then he left.', ['"OK." he said.', "Then he left."]),
        ("en", "J. Smith called.", ["J. Smith called."]),
        ("en", "1. Press the button.\n2. Wait.", ["1. Press the button.", "2. Wait."]),
        ("en", "Really?! Yes...", ["Really?!", "Yes..."]),
        ("ko", "안녕하세요. 한빛입니다.", ["안녕하세요.", "한빛입니다."]),
        ("ko", "배송비는 3.5달러입니다. 네.", ["배송비는 3.5달러입니다.", "네."]),
        ("ko", "감사합니다.다음 안내입니다.", ["감사합니다.", "다음 안내입니다."]),
        ("ko", "네 알겠습니다 바로 확인해 드릴게요", ["네 알겠습니다", "바로 확인해 드릴게요"]),
        ("ko", "무료인가요? 네 무료예요 감사합니다", ["무료인가요?", "네 무료예요", "감사합니다"]),
        ("ko", "필요 서류를 안내합니다.", ["필요 서류를 안내합니다."]),
        ("ko", "", []),
        ("en", "  \n ", []),
    ],
)
def test_sentences(language: str, text: str, parts: list[str]) -> None:
    assert _texts(text, language) == parts


@given(PROSE, LANGUAGE)
def test_pieces_say_where_they_stand_and_leave_out_only_blanks(text: str, language: str) -> None:
    for pieces in (sentences(text, language), clauses(text, language)):
        at = 0
        for piece in pieces:
            assert text[piece.start : piece.end] == piece.text
            assert text[at : piece.start].strip() == ""
            assert piece.text == piece.text.strip() != ""
            at = piece.end
        assert text[at:].strip() == ""


@given(PROSE, LANGUAGE)
def test_clauses_are_short_and_the_first_is_shorter(text: str, language: str) -> None:
    pieces = clauses(text, language)
    assert all(len(piece.text.split()) <= MOST_WORDS and len(piece.text) <= MOST_CHARACTERS for piece in pieces)
    assert all(len(piece.text.split()) <= FIRST_WORDS for piece in pieces[:1])


def test_a_word_longer_than_any_clause_is_cut_within() -> None:
    assert [len(piece.text) for piece in clauses("가" * 450, "ko")] == [200, 200, 50]


@pytest.mark.parametrize(
    ("language", "text", "first"),
    [
        (
            "en",
            "If you return it within thirty days, we pay it all back to the card that you used.",
            "If you return it within thirty days,",
        ),
        (
            "en",
            "We will look at the order that you sent us yesterday and tell you more about it soon",
            "We will look at the order that you sent us yesterday",
        ),
        (
            "ko",
            "고객님께서 지난주에 주문하신 상품은 현재 물류 센터에서 포장 작업이 진행되고 있으며 "
            "내일 오전 중으로 전달될 예정입니다.",
            "고객님께서 지난주에 주문하신 상품은 현재 물류 센터에서 포장 작업이 진행되고 있으며",
        ),
        (
            "en",
            "one two three four five six seven eight nine ten eleven twelve thirteen",
            "one two three four five six seven eight nine ten eleven twelve",
        ),
    ],
)
def test_the_first_clause_ends_where_one_would_breathe(language: str, text: str, first: str) -> None:
    assert clauses(text, language)[0].text == first


def _streamed(text: str, language: str, size: int) -> list[str]:
    stream = SentenceStream(language)
    made = []
    for at in range(0, len(text), size):
        made += stream.feed(text[at : at + size])
    return made + stream.finish()


@pytest.mark.parametrize("size", [1, 3, 7, 500])
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", 'It costs $3.50, Mr. Kim. Is that fine? "OK." he said. See the U.S. site!'),
        ("ko", "안녕하세요. 배송비는 3,000원입니다. 무료인가요? 네.감사합니다."),
    ],
)
def test_a_stream_gives_the_same_sentences_however_it_is_cut(language: str, text: str, size: int) -> None:
    assert _streamed(text, language, size) == _texts(text, language)


def test_a_sentence_comes_as_soon_as_the_next_begins() -> None:
    stream = SentenceStream("en")
    assert stream.feed("It costs 3.") == []
    assert stream.feed("50 dollars. ") == []
    assert stream.feed("Any") == ["It costs 3.50 dollars."]
    assert stream.finish() == ["Any"]


def test_speech_can_start_before_a_long_sentence_ends() -> None:
    stream = SentenceStream("en")
    words = "If you would like to return it, please keep the box and the receipt and send it "
    made = [piece for word in words.split() for piece in stream.feed(word + " ")]
    assert made == ["If you would like to return it,"]


def test_a_finished_stream_begins_anew() -> None:
    stream = SentenceStream("ko")
    stream.feed("네. 감사")
    assert stream.finish() == ["감사"]
    assert stream.feed("안녕하세요. 다") == ["안녕하세요."]


@given(PROSE, LANGUAGE, st.integers(1, 9))
def test_a_stream_loses_nothing(text: str, language: str, size: int) -> None:
    assert "".join("".join(_streamed(text, language, size)).split()) == "".join(text.split())
