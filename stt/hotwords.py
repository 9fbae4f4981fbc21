"""A tenant's own words: the names and terms that its documents use and a recognizer would hardly guess.

English names give themselves away by a capital letter in mid-sentence; Korean has none, so there it is what the
documents say again and again, without its particles. Pure.

Refuses: knowing which engine can use them, and more than a hint's worth: a long list makes Whisper hear its words
everywhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

MOST: Final = 24
"""Terms of a tenant; with a few of the present topic that stays under what a recognizer's prompt holds."""

_SENTENCE = re.compile(r"(?<=[.!?:\n])\s+|[\n|•]+|^\s*[-#*]+\s*", re.MULTILINE)
_EN_NAME = re.compile(r"(?<![.!?:] )\b(?:[A-Z][a-z]+[A-Z]\w*|[A-Z][a-z]{2,}|[A-Z]{2,}[a-z0-9]*)\b")
_EN_EVERYDAY = frozenset(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August"
    " September October November December KRW USD AM PM".split()
)
_KO_WORD = re.compile(r"[가-힣]{2,}")
_KO_TAIL = re.compile(
    r"(?:에서는|으로는|에게는|까지는|부터는|에서|에게|으로|부터|까지|하고|이나|이며|이고|입니다|합니다|됩니다|습니다"
    r"|하는|하면|하여|해서|되는|되면|은|는|이|가|을|를|에|로|와|과|의|도|만)$"
)
_KO_EVERYDAY = frozenset(
    "경우 있습니다 없습니다 다음 이상 이하 고객 가능 확인 관련 내용 사항 이용 사용 방법 때문 그리고 또는 있는 없는"
    " 모든 해당 드립니다 주세요 기준".split()
)


def hotwords(texts: Iterable[str], language: str, most: int = MOST) -> tuple[str, ...]:
    """The ``most`` telling terms of a tenant's texts, the most frequent first; nothing for an unknown language."""
    match language:
        case "en":
            counts = Counter(name for text in texts for name in _english_names(text))
        case "ko":
            counts = Counter(word for text in texts for word in _korean_words(text))
        case _:
            return ()
    often = [(term, count) for term, count in counts.items() if count > 1]
    return tuple(term for term, _ in sorted(often, key=lambda item: (-item[1], item[0]))[:most])


def hints(own: Sequence[str], topic: Sequence[str], most: int) -> tuple[str, ...]:
    """What is likely to be said next: the words of the present ``topic`` before the tenant's ``own``, each once."""
    return tuple(dict.fromkeys((*topic, *own)))[:most]


def _english_names(text: str) -> list[str]:
    names = []
    for sentence in _SENTENCE.split(text):
        first = sentence.split(" ", 1)[0] if sentence else ""
        names += [name for name in _EN_NAME.findall(sentence[len(first) :]) if name.rstrip("s") not in _EN_EVERYDAY]
    return names


def _korean_words(text: str) -> list[str]:
    stems = (_KO_TAIL.sub("", word) for word in _KO_WORD.findall(text))
    return [stem for stem in stems if len(stem) >= 2 and stem not in _KO_EVERYDAY]
