"""Whether what a caller said so far sounds finished, by its grammar. Pure.

Korean puts the verb last, so its ending tells: a sentence-final ending has finished, a connective ending or a particle
has not. English tells by what cannot end a sentence (conjunctions, articles, "my number is") and by what ends one for
sure (a whole question, "please"); most statements could go on. Digits and e-mail addresses tell by how much of the
value is still missing.

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
    verdict = _of_korean(words) if language == "ko" else _of_english(words, Expectation.SPEAKING)
    if verdict is Completeness.UNCLEAR and len(words.split()) <= MISHEARD:
        return Completeness.OPEN  # no digit in it and no sentence either: a number that was misheard
    return verdict


def _of_dictation(words: str) -> Completeness:
    if _ADDRESS_END.search(words):
        return Completeness.COMPLETE
    # Between two digits or letters everybody breathes; nothing in the words tells the last one.
    return Completeness.OPEN if _DIGIT.search(words) or _ADDRESS_OPEN.search(words) else Completeness.UNCLEAR


MISHEARD = 3
"""Words without a digit that may be a number which was misheard; more are a sentence."""

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
_KO_ADVERBS = frozenset(
    "아직 혹시 다시 좀 더 안 못 잘 빨리 지금 오늘 어제 내일 먼저 같이 그냥 계속 너무 아주 제일 가장 언제 어디"
    " 얼마나 어떻게".split()
)
"""They want a verb after them."""
_KO_CONNECTIVE = re.compile(
    r"(?:[는은인던텐런한된간온]데|지만|면서|거나|든지|다가|자마자|느라|더니|길래|려고|도록|므로|으면|[하되이있없가오주보르]면|고|며"
    r"|[아어해여라워와려져가러돼봐줘쳐켜겨려]서|[하사보받]러|아니라|[^가-힣]이라)$"
)
_KO_PARTICLE = re.compile(r"(?:[은는이가을를와과도만에로]|에서|한테|에게|께서|까지|부터|이랑|랑|하고|보다|처럼|마다)$")
_KO_TRAILING = re.compile(r"(?:데|거든|고|서|니까|면)요$")
"""Polite, but as often the beginning of a story as its end."""
_KO_EMBEDDED = re.compile(r"(?:는|은|을|인|던|한|할|될|된|있는|없는)지$")
_KO_FINAL = re.compile(r"(?:요|다|까|죠|네|예|응|자|냐|줘|야|돼|싶어|[할줄볼갈올]게|군|걸)$")
_B, _SS = 17, 20
"""The indices of a closing ㅂ and ㅆ among the 28 closings of a Hangul block (Unicode standard, section 3.12)."""


def _of_korean(words: str) -> Completeness:
    last = words.split()[-1]
    if last in _KO_FILLERS or last in _KO_ADVERBS or _KO_EMBEDDED.search(last):
        return Completeness.OPEN
    if last in _KO_WHOLE:
        return Completeness.UNCLEAR
    if last.endswith("니까"):  # 합니까 asks, 하니까 goes on: the block before tells
        return Completeness.COMPLETE if _closing(last[:-2]) == _B else Completeness.OPEN
    if _KO_CONNECTIVE.search(last):
        return Completeness.OPEN
    if _KO_TRAILING.search(last):
        return Completeness.UNCLEAR
    if _KO_FINAL.search(last) or (last[-1] in "어아" and _closing(last[:-1]) == _SS):
        return Completeness.COMPLETE
    return Completeness.OPEN if len(last) > 1 and _KO_PARTICLE.search(last) else Completeness.UNCLEAR


def _closing(stem: str) -> int | None:
    """The index of what closes the last block of ``stem``; None if that is no Hangul block."""
    return (ord(stem[-1]) - 0xAC00) % 28 if stem and "가" <= stem[-1] <= "힣" else None


# --- English ----------------------------------------------------------------------------------------------------------
_EN_OPEN = re.compile(
    r"\b(?:and|or|but|so|because|if|when|that|which|who|whether|than|as|while|the|a|an|my|your|his|her|our|their|this|these"
    r"|to|of|into|i'm|i've|i'd|it's|he's|she's|there's|i|we|they|he|she|can|could|would|should|will|am|were|was|is|are|has"
    r"|um|uh|er|erm|hmm|well|would like|'d like|you know|i mean|i want|i need|called|please could"
    r"|not|very|some|any|every)$"
)
_EN_PREPOSITION = re.compile(r"\b(?:for|from|with|in|on|at|by|about|over|under)$")
_EN_LEAD = r"^(?:(?:and|so|but|well|ok|okay|hello|hi|yes|sorry|excuse me) )*"
_EN_QUESTION = re.compile(_EN_LEAD + r"(?:what|where|who|which|how|when|why|what's|where's|who's)\b")
_EN_ASKING = re.compile(
    _EN_LEAD + r"(?:can|could|do|does|did|is|are|will|would|may|have|has) (?:i|you|we|it|the|my|there)\b"
)
_EN_ENDING = re.compile(
    r"\b(?:please|thanks|thank you|goodbye|bye|right now|today|tomorrow|again|anymore|instead|too|it|them)$"
)
_EN_WANTING = re.compile(
    r"\b(?:(?:tell|give|show|send|help|let|call|ask) (?:me|us|you)|know|check|wondering|sure|ask|see)$"
)
"""Verbs that something has to follow."""
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
    if _EN_OPEN.search(words) or _EN_WANTING.search(words):
        return Completeness.OPEN
    if expects is Expectation.YES_NO or _EN_ENDING.search(words):
        return Completeness.COMPLETE
    asked = len(words.split()) >= 4 and (_EN_QUESTION.search(words) or _EN_ASKING.search(words))
    return Completeness.COMPLETE if asked else Completeness.UNCLEAR
