import pytest

from gateway.commands.evaluate.plain_intents import PlainIntents

EXAMPLES = {
    "en": {"delivery": ["where is my parcel", "parcel fees"], "refund": ["money back please", "i want my money back"]},
    "ko": {"delivery": ["배송 언제 와요", "배송비 얼마예요"], "refund": ["환불해 주세요", "돈 돌려 주세요"]},
}


@pytest.mark.parametrize(("code", "text"), [("en", "my parcel"), ("ko", "배송은요")])
def test_a_shared_word_decides(code: str, text: str) -> None:
    found, p = PlainIntents(EXAMPLES[code], code).judge([text])
    assert found == ["delivery"]
    assert 0.5 < p[0] < 1.0


def test_nothing_is_known_of_no_texts() -> None:
    found, p = PlainIntents(EXAMPLES["en"], "en").judge([])
    assert (found, len(p)) == ([], 0)
