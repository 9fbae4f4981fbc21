"""Addresses of doors."""

from __future__ import annotations

import pytest

from dialog.privacy.kinds import PersonalKind
from tests.dialog.privacy.finding import said

KIND = PersonalKind.ADDRESS


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("주소는 서울시 중구 세종대로 110이에요", "서울시 중구 세종대로 110"),
        ("경기도 고양시 일산동구 중앙로 1256 2층이요", "경기도 고양시 일산동구 중앙로 1256 2층"),
        ("강남구 역삼동 823-42예요", "강남구 역삼동 823-42"),
        ("백이동 천삼호요", "백이동 천삼호"),
        ("대구 수성구 범어동 백오십일에 사번지요", "대구 수성구 범어동 백오십일에 사번지"),
        ("성남 분당구 판교역로 아니 판교로 이백오십 육백이동", "성남 분당구 판교역로 아니 판교로 이백오십 육백이동"),
        ("We live at 1147 Sycamore Bend, Apt 6, Eugene, OR 97402.", "1147 Sycamore Bend, Apt 6, Eugene, OR 97402"),
        ("my address is 221b baker street london", "221b baker street london"),
        ("send it to forty five elm street springfield illinois", "forty five elm street springfield illinois"),
        ("테헤란로 152로 보내주세요", "테헤란로 152"),
        ("테헤란로 백오십이 길 칠층이요", "테헤란로 백오십이 길 칠층"),
        ("I live at 45 Oak Avenue, Denver, CO 80203", "45 Oak Avenue, Denver, CO 80203"),
        ("it's forty five oak avenue", "forty five oak avenue"),
        ("deliver to forty two wallaby way", "forty two wallaby way"),
        ("PO Box 1234", "PO Box 1234"),
        ("p o box nine one eight Bozeman Montana 59771", "p o box nine one eight Bozeman Montana 59771"),
        ("It's flat 4, 18 Canning Road, Croydon CR0 6QD", "flat 4, 18 Canning Road, Croydon CR0 6QD"),
        ("519 Calle Luna", "519 Calle Luna"),
        ("주소는 김포 한강로 이백칠십육 어 사백육동 어 천오백삼호", "김포 한강로 이백칠십육 어 사백육동 어 천오백삼호"),
        ("110 Sejong-daero, Jung-gu, Seoul", "110 Sejong-daero, Jung-gu, Seoul"),
        (
            "it's 105-dong 902-ho, 12 Songpa-daero, Songpa-gu, Seoul",
            "105-dong 902-ho, 12 Songpa-daero, Songpa-gu, Seoul",
        ),
        (
            "dormitory 3, room 211, 77 College Street, Ithaca NY 14850",
            "dormitory 3, room 211, 77 College Street, Ithaca NY 14850",
        ),
        ("2201 Old Mill Rd, Bldg 4, Apt 310, Austin TX 78704", "2201 Old Mill Rd, Bldg 4, Apt 310, Austin TX 78704"),
        ("서울 동작구 상도로 369 원룸 203호예요", "서울 동작구 상도로 369 원룸 203호"),
        ("경북 포항시 남구 청암로 77 학생기숙사 3동 211호예요", "경북 포항시 남구 청암로 77 학생기숙사 3동 211호"),
        ("충남 천안시 병천면 가전8길 12요", "충남 천안시 병천면 가전8길 12"),
    ],
)
def test_it_is_found(text: str, value: str) -> None:
    assert said(text, KIND) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "카드로 50000원 결제했어요",
        "문자로 3번 왔어요",
        "강남대로 지점 어디예요",
        "그대로 2개 주세요",
        "it's a one way street",
        "20 minutes down the road",
        "3 times in one place",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert said(text, KIND) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("집은 충남 공주시 신관동 5길 31이에요", ["충남 공주시 신관동 5길 31"]),
        ("배송지 전북 군산시 나운동 12길 8로 바꿔 주세요", ["전북 군산시 나운동 12길 8"]),
        ("주소는 서울 은평구 통일로 78길 12 지층이요", ["서울 은평구 통일로 78길 12 지층"]),
        ("ship to 1180 Berlin Turnpike, Wethersfield, CT 06109", ["1180 Berlin Turnpike, Wethersfield, CT 06109"]),
        ("I'm at 77 Gulf Freeway unit 4", ["77 Gulf Freeway unit 4"]),
        ("I live at 1,204 Oak Street", ["1,204 Oak Street"]),
        ("my address is 12 Rue Pasteur, 75011 Paris", ["12 Rue Pasteur, 75011 Paris"]),
        ("이 동 3길로 가야 하나요", []),
    ],
)
def test_roads_of_many_names(text: str, values: list[str]) -> None:
    assert said(text, KIND) == values
