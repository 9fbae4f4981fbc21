"""Whether what a caller said so far sounds finished, by its grammar. Pure.

Korean puts the verb last, so its ending tells: a sentence-final ending has finished, a connective ending or a particle
has not. English tells by what cannot end a sentence: conjunctions, articles, "my number is". Digits, e-mail addresses
and the like tell by how much of the value is still missing.

Refuses: sound and time; how long each verdict makes us wait is ``endpointing.py``'s.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from dialog.parsers.digits import read_digits
from dialog.reply import Entry, Expectation


class Completeness(Enum):
    """What the words say about their own end."""

    COMPLETE = auto()
    UNCLEAR = auto()
    OPEN = auto()


def completeness(text: str, expects: Expectation, entry: Entry | None = None) -> Completeness:
    """What the words say about their own end; ``entry`` is the value that was asked for, if one was.

    Unknown languages and empty texts are ``UNCLEAR``.
    """
    words = text.strip().lower().rstrip(".,!?…").strip()
    if not words:
        return Completeness.UNCLEAR
    korean = _HANGUL.search(words) is not None
    if entry is not None and entry.length is not None:
        return _of_number(words, entry.length, "ko" if korean else "en")
    if expects is Expectation.DICTATING:
        return _of_dictation(words)
    if _DIGITS.search(words):
        return Completeness.OPEN  # a number is being given, and nobody knows how long it is
    return _of_korean(words) if korean else _of_english(words, expects)


def _of_number(words: str, length: int, language: str) -> Completeness:
    """A number of known length is finished when it is full."""
    read = read_digits(words, language, length=length)
    if read is not None:
        return Completeness.COMPLETE if len(read.value) >= length else Completeness.OPEN
    return _of_korean(words) if language == "ko" else _of_english(words, Expectation.SPEAKING)


def _of_dictation(words: str) -> Completeness:
    if _ADDRESS_END.search(words):
        return Completeness.COMPLETE
    # Between two digits or letters everybody breathes; nothing in the words tells the last one.
    return Completeness.OPEN if _DIGIT.search(words) or _ADDRESS_OPEN.search(words) else Completeness.UNCLEAR


_HANGUL = re.compile(r"[가-힣]")
_DIGIT_WORD = (
    r"(?:\d+|zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple"
    r"|[공영일이삼사오육륙칠팔구]{1,4}(?:에|의)?)"
)
_DIGIT = re.compile(_DIGIT_WORD + "$")
_DIGITS = re.compile(rf"(?:^|\s){_DIGIT_WORD}(?:[\s-]+{_DIGIT_WORD}){{2,}}$")
_ADDRESS_END = re.compile(r"(?:\bdot|\.|[점닷])\s?(?:com|net|org|co|kr|컴|넷|케이알)$")
_ADDRESS_OPEN = re.compile(r"(?:\bat|\bdot|@|\.|골뱅이|[점닷])$")


# --- Korean -----------------------------------------------------------------------------------------------------------
_KO_FILLERS = frozenset(
    "음 어 그 저 저기 뭐 이제 막 약간 그게 그니까 그러니까 그리고 그런데 근데 그래서 그러면 혹시 제가".split()
)
_KO_WHOLE = frozenset("잠깐만 잠시만 여기까지 정도 별도 한도 추가 휴가 차이 나이 신고 광고 재고 사고 중고 참고".split())
"""Words that only look like a stem with a particle or a connective ending."""
_KO_CONNECTIVE = re.compile(
    r"(?:[는은인던텐런한된간온]데|지만|면서|거나|든지|다가|자마자|느라|더니|길래|려고|도록|므로|으면|[하되이있없가오주보르]면|고|며"
    r"|[아어해여라워와려져가러돼봐줘쳐켜겨려]서|[하사보받]러|아니라|[^가-힣]이라)$"
)
_KO_PARTICLE = re.compile(r"(?:[은는이가을를와과도만에로]|에서|한테|에게|께서|까지|부터|이랑|랑|하고|보다|처럼|마다)$")
_KO_TRAILING = re.compile(r"(?:데|거든|고|서|니까|면)요$")
"""Polite, but as often the beginning of a story as its end."""
_KO_FINAL = re.compile(r"(?:요|다|까|죠|지|네|예|응|자|라|냐|니|줘|래|돼|해|야|[가-힣][어아여]|[할줄볼갈올]게|군|걸)$")
_JONGSEONG_B = 17
"""The index of a closing ㅂ among the 28 closings of a Hangul block (Unicode standard, section 3.12)."""


def _of_korean(words: str) -> Completeness:
    last = words.split()[-1]
    if last in _KO_FILLERS:
        return Completeness.OPEN
    if last in _KO_WHOLE:
        return Completeness.UNCLEAR
    if last.endswith("니까"):
        return Completeness.COMPLETE if _closes_with_b(last[:-2]) else Completeness.OPEN
    if _KO_CONNECTIVE.search(last):
        return Completeness.OPEN
    if _KO_TRAILING.search(last):
        return Completeness.UNCLEAR
    if _KO_FINAL.search(last):
        return Completeness.COMPLETE
    return Completeness.OPEN if len(last) > 1 and _KO_PARTICLE.search(last) else Completeness.UNCLEAR


def _closes_with_b(stem: str) -> bool:
    """합니까 asks, 하니까 goes on: the block before tells."""
    return bool(stem) and "가" <= stem[-1] <= "힣" and (ord(stem[-1]) - 0xAC00) % 28 == _JONGSEONG_B


# --- English ----------------------------------------------------------------------------------------------------------
_EN_OPEN = re.compile(
    r"\b(?:and|or|but|so|because|if|when|that|which|who|whether|than|as|while|the|a|an|my|your|his|her|our|their|this|these"
    r"|to|of|into|i'm|i've|i'd|it's|he's|she's|there's|i|we|they|he|she|can|could|would|should|will|am|were|was|is|are|has"
    r"|um|uh|er|erm|hmm|well|would like|'d like|you know|i mean|i want|i need|called|please could"
    r"|not|very|some|any|every)$"
)
_EN_PREPOSITION = re.compile(r"\b(?:for|from|with|in|on|at|by|about|over|under)$")
_EN_QUESTION = re.compile(r"^(?:(?:and|so|but|well|ok|okay) )?(?:what|where|who|which|how|when)\b")
_EN_SHORT = frozenset(
    "hello,hi,thanks,thank you,goodbye,bye,yes please,no thanks,no thank you,never mind,that's all,that's it,of course"
    ",i see,hold on,wait,stop,what,pardon,sorry,repeat please,again please,say again".split(",")
)


def _of_english(words: str, expects: Expectation) -> Completeness:
    if words in _EN_SHORT:
        return Completeness.COMPLETE
    if _EN_PREPOSITION.search(words):
        # "Where are you from" has ended, "I am calling about" has not.
        return Completeness.UNCLEAR if _EN_QUESTION.search(words) else Completeness.OPEN
    if _EN_OPEN.search(words):
        return Completeness.OPEN
    if expects is Expectation.YES_NO or len(words.split()) >= 3:
        return Completeness.COMPLETE
    return Completeness.UNCLEAR
