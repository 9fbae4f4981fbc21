"""Names of people."""

from __future__ import annotations

import pytest

from dialog.privacy.kinds import PersonalKind
from tests.dialog.privacy.finding import said

KIND = PersonalKind.NAME


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("제 이름은 홍길동입니다", "홍길동"),
        ("저는 김철수예요", "김철수"),
        ("이영희라고 해요", "이영희"),
        ("수취인 선우은숙으로요", "선우은숙"),
        ("이름은 John Smith예요", "John Smith"),
        ("my name is mary jane watson", "mary jane watson"),
        ("this is lee hyun woo i have a question about my roaming", "lee hyun woo"),
        ("you can put it under peterson", "peterson"),
        ("영문 이름은 KIM HAEUN이에요", "KIM HAEUN"),
        ("It's for Eun-ji Bae, tomorrow", "Eun-ji Bae"),
        ("성함은 최병철이십니다", "최병철"),
        ("this is tony stark speaking", "tony stark"),
        ("hello I am Clark Kent calling about my order", "Clark Kent"),
        ("call me Steve", "Steve"),
        ("it's under the name david kim", "david kim"),
        ("성함은 최하늘입니다", "최하늘"),
        ("name on the card is Anna Lindqvist", "Anna Lindqvist"),
        ("Hattie Crenshaw is my name", "Hattie Crenshaw"),
        ("account's under rosalind pryce", "rosalind pryce"),
        ("저는 도경필이라고 해요", "도경필"),
        ("이름이 왕샤오밍이고 중국 사람이에요", "왕샤오밍"),
        ("예금주가 누엔티흐엉으로 되어 있어요", "누엔티흐엉"),
        ("Mohammed Al-Farsi here, calling about my bill", "Mohammed Al-Farsi"),
    ],
)
def test_it_is_found(text: str, value: str) -> None:
    assert said(text, KIND) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "저는 학생인데요",
        "저는 회원입니다",
        "이름은 비밀이에요",
        "저는 괜찮다고 합니다",
        "보내는 사람 이름을 회사이름으로 변경해줘",
        "이름을 바꾸고 싶은데요",
        "이름이 뭐예요",
        "받는 사람 이름을 잘못 썼어요",
        "말하는 분 성함이 어떻게 되세요",
        "여기서 카드 번호 말해도 안전해요",
        "설치하고 반년 됐는데 물이 새요",
        "I changed my name after getting married",
        "This is URGENT",
        "I am Korean",
        "I'm so sorry",
        "this is ridiculous",
        "my name was misspelled",
        "this is unbelievable i want my money back",
        "this is about my bill and i want it fixed",
        "장학금 계좌 바꾸려는데요",
        "call me back",
        "금리가 4.27퍼센트 맞아요",
        "American Express 3782 912774 58335",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert said(text, KIND) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("성함이 어떻게 되시나요 네 박서준이요", ["박서준"]),
        ("이름이 뭐예요? 김하늘이요", ["김하늘"]),
        ("Can I get your full name? Maria Elena Ortiz", ["Maria Elena Ortiz"]),
        ("your name please? Tom Becker", ["Tom Becker"]),
        ("what was your name? No", []),
    ],
)
def test_answers_to_a_question_in_the_same_line(text: str, values: list[str]) -> None:
    assert said(text, KIND) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("my name is Maria Jose Garcia Lopez and I live here", ["Maria Jose Garcia Lopez"]),
        ("저는 쩐 티 흐엉이라고 합니다", ["쩐 티 흐엉"]),
        ("전 마리아 가르시아라고 해요", ["마리아 가르시아"]),
    ],
)
def test_names_from_abroad_have_more_words(text: str, values: list[str]) -> None:
    assert said(text, KIND) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("누가 제 명의도용 한 것 같아요", []),
        ("입금자명은 비워 두셔도 돼요", []),
        ("수취인명은 김민수예요", ["김민수"]),
        ("도로명 주소로 알려 주세요", []),
        ("이름은 문자로 드릴게요", []),
        ("Shinhan Bank 110 482 938174", []),
    ],
)
def test_words_beside_words_for_names_are_none(text: str, values: list[str]) -> None:
    assert said(text, KIND) == values
