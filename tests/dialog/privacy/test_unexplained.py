"""Long numbers that no form and no near word explains."""

from __future__ import annotations

import pytest

from dialog.privacy.detector import find
from dialog.privacy.kinds import PersonalKind
from dialog.privacy.unexplained import likeliest
from tests.dialog.privacy.finding import said


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("앞에 여섯 자리는 구구일공이일", PersonalKind.REGISTRATION, "구구일공이일"),
        (
            "it was six four five five no sorry six four four five one eight oh two three",
            PersonalKind.REGISTRATION,
            "six four five five no sorry six four four five one eight oh two three",
        ),
        (
            "제 연락처가 공일공 일일삼공 아 그거 말고 삼이이삼 육공칠구예요",
            PersonalKind.PHONE,
            "공일공 일일삼공 아 그거 말고 삼이이삼 육공칠구",
        ),
        ("오일삼칠팔삼오육삼구이일팔공오칠", PersonalKind.CARD, "오일삼칠팔삼오육삼구이일팔공오칠"),
        ("카드넘버 4673_8900_3902_6603 밑에 01-30", PersonalKind.CARD, "4673_8900_3902_6603 밑에 01-30"),
        (
            "so the number's 5178 six four one eight 2642 double three double six",
            PersonalKind.CARD,
            "5178 six four one eight 2642 double three double six",
        ),
        (
            "mom's number is six zero two five five five oh one nine no oh one ninety six",
            PersonalKind.PHONE,
            "six zero two five five five oh one nine no oh one ninety six",
        ),
        ("I'm at 651-555-0119, and the social is 474-20-8361", PersonalKind.PHONE, "651-555-0119"),
        ("call the front desk on 312.555.0154, ask for accounting", PersonalKind.PHONE, "312.555.0154"),
        ("it's 4419 0202 715 I believe", PersonalKind.ACCOUNT, "4419 0202 715"),
        (
            "번호가 010-3348 아 그건 예전 번호고 010-7748-2020이에요",
            PersonalKind.PHONE,
            "010-3348 아 그건 예전 번호고 010-7748-2020",
        ),
        ("my cell's number is 44 7712 0093 4418 2207 1", PersonalKind.PHONE, "44 7712 0093 4418 2207 1"),
        (
            "I had a bank account with you long before we moved to the coast and it is, I believe, 77 304 8819",
            PersonalKind.ACCOUNT,
            "77 304 8819",
        ),
    ],
    ids=[
        "a part",
        "a slip",
        "said instead",
        "alone",
        "with its expiry",
        "longer than what a word calls it",
        "a group anew",
        "beside another's word",
        "beside a longer word",
        "by default",
        "begun and begun again",
        "longer than any that a near word calls so",
        "by a word from afar",
    ],
)
def test_it_is_personal(text: str, kind: PersonalKind, value: str) -> None:
    assert said(text, kind) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "I paid 1,200,000 won in 2024 and 5,402.18 before",
        "you charged me on 3/2, 3/9 and 3/16",
        "i filed for twenty twenty one and twenty twenty two",
        "what is the average of 54, 23, 43, 12, and 442",
        "one eight hundred five five five oh one four two is what i dialed",
        "the application id is two oh two five dash seven seven one oh three",
        "the bag tag is zero zero six seven two oh one one eight five",
        "부품번호 20031184예요",
        "버전은 10.1.234.5678이래요",
        "주문한 지 오래됐는데 아직도 안 와서 그러는데 번호가 20031184예요",
    ],
)
def test_what_something_innocent_explains_stays(text: str) -> None:
    assert find(text, "en" if text.isascii() else "ko") == ()


def test_parts_are_found_each_by_itself() -> None:
    assert said("My SSN begins with 215 I think and it ends in 7760.", PersonalKind.REGISTRATION) == ["215", "7760"]


def test_nobody_guesses_what_systems_write() -> None:
    assert find("44190202713", "en", guess=False) == ()
    assert find("44190202713", "en") != ()


@pytest.mark.parametrize(
    ("digits", "language", "kind"),
    [
        ("9001011234567", "ko", PersonalKind.REGISTRATION),
        ("212345678", "en", PersonalKind.REGISTRATION),
        ("01023456789", "ko", PersonalKind.PHONE),
        ("4111111111111111", "ko", PersonalKind.CARD),
        ("110234567890", "ko", PersonalKind.ACCOUNT),
        ("2125550142", "en", PersonalKind.PHONE),
    ],
)
def test_the_likeliest_kind(digits: str, language: str, kind: PersonalKind) -> None:
    assert likeliest(digits, language) is kind


@pytest.mark.parametrize(
    "text",
    [
        "my blood pressure was 151 over 94 and pulse 82 this morning",
        "혈압이 백오십일에 구십사 나왔어요",
        "체온은 38.2도고 심박수는 112예요",
        "콜레스테롤이 204고 산소포화도는 97에 맥박 104요",
        "cholesterol 204 hdl 48 ldl 131",
        "the router firmware is 4.1.2.30817 now",
        "펌웨어 2.0.11.4471로 올렸더니 안 켜져요",
        "ups 4471 2093 8817 shows delivered",
        "로젠택배 4471 2093 8817 어디쯤인가요",
        "my return authorization is 44710293",
        "계약서 번호 제2023-11840호요",
        "모터가 1800이고 110볼트예요",
        "it runs at 1500 and 220 volts",
        "my salary is 84000 a year before tax",
    ],
)
def test_what_is_measured_or_sent_stays(text: str) -> None:
    assert find(text, "en" if text.isascii() else "ko") == ()
