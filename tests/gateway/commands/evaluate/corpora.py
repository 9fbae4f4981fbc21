"""A small corpus in SQuAD's format, in two articles, for the tests of what reads and measures such sets."""

import json
from pathlib import Path
from typing import Any

ARTICLES = [
    [
        (
            "The library is closed on Mondays. On other days it opens at nine.",
            "When is the library closed?",
            "Mondays",
        ),
        (
            "Visitors park on the second basement floor. The first two hours of parking are free.",
            "Where do visitors park?",
            "the second basement floor",
        ),
    ],
    [
        (
            "Goods are returned within seven days. Their wrapping must not be opened.",
            "Within how many days are goods returned?",
            "seven days",
        ),
        (
            "Members have one of three tiers. The gold tier brings free shipping.",
            "What does the gold tier bring?",
            "free shipping",
        ),
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
