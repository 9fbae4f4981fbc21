"""A small corpus in SQuAD's format, in two articles, for the tests of what reads and measures such sets."""

import json
from pathlib import Path
from typing import Any

ARTICLES = [
    [
        (
            "한빛 도서관은 매주 월요일에 쉽니다. 다른 날은 아침 아홉 시에 문을 엽니다.",
            "도서관은 언제 쉬나요?",
            "월요일",
        ),
        ("주차장은 지하 이 층에 있습니다. 두 시간까지 무료입니다.", "주차장은 어디에 있습니까?", "지하 이 층"),
    ],
    [
        ("반품은 받은 날부터 칠 일 안에 신청합니다. 포장을 뜯지 않아야 합니다.", "반품 신청 기간은?", "칠 일"),
        ("회원 등급은 세 가지입니다. 골드 등급은 배송이 무료입니다.", "골드 등급의 혜택은?", "배송이 무료"),
    ],
]


def squad(articles: list[list[tuple[str, str, str]]]) -> dict[str, Any]:
    return {
        "data": [
            {
                "paragraphs": [
                    {"context": context, "qas": [{"question": asked, "answers": [{"text": answer}]}]}
                    for context, asked, answer in paragraphs
                ]
            }
            for paragraphs in articles
        ]
    }


def written(folder: Path, name: str = "set.json") -> Path:
    """The data folder with the corpus in it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(squad(ARTICLES), ensure_ascii=False), encoding="utf-8")
    return folder
