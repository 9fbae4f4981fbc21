"""How customers feel, by their words; and that nobody asks how agents do."""

from __future__ import annotations

import pytest

from dialog.assist.sentiment import Feeling, SentimentRefused, sentiment
from dialog.errors import LanguageNotSpoken
from dialog.turn import MASK, Speaker, Utterance


def said(*texts: str) -> list[Utterance]:
    return [Utterance(Speaker.CALLER, text, number) for number, text in enumerate(texts, 1)]


@pytest.mark.parametrize(
    ("code", "text", "label"),
    [
        ("ko", "왜 이렇게 안 와요 진짜 짜증나네요", Feeling.NEGATIVE),
        ("ko", "몇 번을 전화했는데 아직도 그대로예요", Feeling.NEGATIVE),
        ("ko", "별로 만족하지 못했어요", Feeling.NEGATIVE),
        ("ko", "전혀 친절하지 않던데요", Feeling.NEGATIVE),
        ("ko", "화가 나는 건 아니고요 그냥 궁금해서요", Feeling.NEUTRAL),
        ("ko", "불편하지 않았어요", Feeling.NEUTRAL),
        ("ko", "배송비가 얼마예요", Feeling.NEUTRAL),
        ("ko", "네 감사합니다 덕분에 잘 됐네요", Feeling.POSITIVE),
        ("ko", "네", Feeling.UNKNOWN),
        ("en", "this is ridiculous", Feeling.NEGATIVE),
        ("en", "i am not happy with this at all", Feeling.NEGATIVE),
        ("en", "i never got a good answer", Feeling.NEGATIVE),
        ("en", "i'm not angry i just want to know", Feeling.NEUTRAL),
        ("en", "it is a bad line can you hear me", Feeling.NEUTRAL),
        ("en", "no thank you that is all", Feeling.NEUTRAL),
        ("en", "i can't thank you enough", Feeling.POSITIVE),
        ("en", "thank you so much that was very helpful", Feeling.POSITIVE),
        ("en", "yes", Feeling.UNKNOWN),
    ],
)
def test_words_of_feeling_count_and_negation_turns_them(code: str, text: str, label: Feeling) -> None:
    assert sentiment(said(text), code).label is label


def test_what_says_so_is_told() -> None:
    assert sentiment(said("정말 짜증나고 답답하네요"), "ko").why == ("짜증", "답답")
    assert sentiment(said("how much is it"), "en").why == ()


def test_what_was_said_last_counts_most() -> None:
    better, worse = "great thank you that is perfect", "no this is terrible"
    assert sentiment(said("this is terrible", "okay", better), "en").label is Feeling.POSITIVE
    assert sentiment(said("great thank you", "okay", worse, "really terrible"), "en").label is Feeling.NEGATIVE


@pytest.mark.parametrize("speaker", [Speaker.AGENT, Speaker.BOT])
def test_nobody_learns_how_an_agent_feels(speaker: Speaker) -> None:
    with pytest.raises(SentimentRefused):
        sentiment([*said("okay"), Utterance(speaker, "this is terrible", 2)], "en")


def test_nothing_is_said_of_nobody_of_secrets_or_in_other_languages() -> None:
    assert sentiment([], "ko").label is Feeling.UNKNOWN
    assert sentiment(said(MASK), "ko").label is Feeling.UNKNOWN
    with pytest.raises(LanguageNotSpoken):
        sentiment(said("schrecklich"), "de")
