from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stt.hallucination import Evidence, compression, plausible, without_loop, without_subtitles
from stt.local_agreement import TokenWord, text_of

SURE = Evidence(speech=2.0, no_speech=0.05, log_probability=-0.2)
WEAK = replace(SURE, no_speech=0.4)


def words(text: str) -> tuple[TokenWord, ...]:
    return tuple(TokenWord(f" {part}", (len(part),)) for part in text.split())


def kept(text: str, evidence: Evidence = SURE, language: str = "en", said: str = "") -> str:
    return text_of(plausible(words(text), evidence, language, words(said)))


@pytest.mark.parametrize(
    ("evidence", "believed"),
    [
        (SURE, True),
        (replace(SURE, speech=0.24), False),
        (replace(SURE, no_speech=0.9), True),  # doubted, yet the words themselves are certain
        (replace(SURE, log_probability=-1.5), True),  # uncertain words, yet somebody surely spoke
        (replace(SURE, no_speech=0.9, log_probability=-1.5), False),
        (replace(SURE, log_probability=-3.0), False),
    ],
)
def test_silence_is_told_by_voice_activity_and_by_the_models_own_figures(evidence: Evidence, believed: bool) -> None:
    assert kept("where is my order", evidence) == ("where is my order" if believed else "")


@pytest.mark.parametrize(
    ("said", "language", "believed"),
    [("a" * 60, "en", True), ("a" * 70, "en", False), ("가" * 30, "ko", True), ("가" * 40, "ko", False)],
)
def test_nobody_speaks_faster_than_people_can(said: str, language: str, believed: bool) -> None:
    varied = "".join(chr(ord(c) + i % 19) for i, c in enumerate(said))
    assert bool(kept(varied, SURE, language)) is believed


@pytest.mark.parametrize(
    "phrase",
    [
        "Thank you for watching!",
        "Thanks for watching.",
        "Thank you so much for watching",
        "So thank you for watching this video and see you next time.",
        "I'll see you in the next video.",
        "Please subscribe to my channel.",
        "Subtitles by the Amara.org community",
        "시청해주셔서 감사합니다.",
        "시청해 주셔서 감사합니다",
        "오늘도 시청해 주셔서 감사합니다.",
        "영상을 끝까지 봐주셔서 감사합니다.",
        "구독과 좋아요 부탁드립니다.",
        "다음 영상에서 만나요.",
        "MBC 뉴스 이덕영입니다.",
        "한글자막 by 한효정",
    ],
)
def test_what_subtitles_say_is_believed_only_with_evidence(phrase: str) -> None:
    language = "en" if phrase.isascii() else "ko"
    assert kept(phrase, replace(SURE, speech=3.0), language) == phrase
    for evidence in (WEAK, replace(SURE, speech=0.8), replace(SURE, log_probability=-0.9)):
        assert kept(phrase, evidence, language) == ""


@pytest.mark.parametrize(
    "phrase",
    [
        "Thank you.",
        "I subscribed to your newsletter, how do I unsubscribe?",
        "I was watching the delivery, thank you.",
        "감사합니다.",
        "구독을 해지하고 싶어요.",
        "좋아요.",
        "다음 시간에 다시 전화할게요.",
        "뉴스 보고 전화드렸는데요.",
    ],
)
def test_what_callers_say_is_no_subtitle(phrase: str) -> None:
    assert text_of(without_subtitles(words(phrase))) == phrase


def test_a_subtitle_after_a_real_sentence_goes_alone() -> None:
    assert kept("주문 조회해 주세요. 시청해주셔서 감사합니다.", WEAK, "ko") == "주문 조회해 주세요."


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("I said no no no no", "I said no no no no"),
        ("ok " * 20, "ok"),
        ("tell me more " * 9, "tell me more"),
        ("it is the one and the one and the one and the one and the", "it is the one and"),
        ("네 네 네", "네 네 네"),
        ("배송이 언제 와요? " * 6, "배송이 언제 와요?"),
        ("", ""),
    ],
)
def test_a_loop_is_cut_where_it_begins(text: str, left: str) -> None:
    assert text_of(without_loop(words(text))) == left


def test_a_loop_that_began_in_what_was_said_already_brings_nothing_new() -> None:
    assert kept("thank you thank you thank you", said="I thank you thank you thank you") == ""
    assert kept("my order", said="where is") == "my order"


def test_what_repeats_itself_within_words_is_not_believed() -> None:
    assert kept("감사합니다" * 12, replace(SURE, speech=9.0), "ko") == ""


def test_compression_tells_repetition() -> None:
    assert compression("") == 0.0
    assert compression("where is my order") < 1.2 < 2.4 < compression("no " * 100)


@given(st.lists(st.sampled_from(["no", "yes", "order", ".", "감사합니다"]), max_size=40), st.floats(0, 5))
def test_words_are_only_left_out_and_never_changed(text: list[str], speech: float) -> None:
    heard = words(" ".join(text))
    left = list(plausible(heard, replace(WEAK, speech=speech), "en"))
    remaining = iter(heard)
    assert all(word in remaining for word in left)
