from __future__ import annotations

from stt.hotwords import hints, hotwords

ENGLISH = (
    "Delivery to Jeju takes a day longer. Orders to Jeju go by sea on Mondays.",
    "A Platinum member pays nothing. You become a Platinum member in a year. Call HelpDesk or write to HelpDesk.",
)
KOREAN = (
    "제주는 배송이 하루 더 걸립니다. 제주로 가는 배송은 배편입니다.",
    "적립금은 다음 달에 드립니다. 적립금으로 결제할 수 있습니다.",
)


def test_english_names_are_those_that_are_capital_in_mid_sentence_more_than_once() -> None:
    found = hotwords(ENGLISH, "en")
    assert {"Jeju", "Platinum", "HelpDesk"} == set(found)


def test_korean_terms_are_counted_without_their_particles() -> None:
    found = hotwords(KOREAN, "ko")
    assert {"제주", "배송", "적립금"} <= set(found)
    assert "적립금은" not in found


def test_there_are_never_more_than_asked_for_and_none_for_a_language_that_is_not_ours() -> None:
    many = [f"the Name{chr(65 + number % 26)}{chr(97 + number // 26)}x and" for number in range(200)] * 2
    assert len(hotwords(many, "en", most=5)) == 5
    assert hotwords(ENGLISH, "ja") == ()


def test_the_present_topic_comes_first() -> None:
    assert hints(("Jeju", "Platinum"), ("Returns", "Jeju"), 3) == ("Returns", "Jeju", "Platinum")
