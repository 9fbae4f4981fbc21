"""Whether words over our speech are meant to stop it.

Pure. People who listen say "네", "음", "uh-huh"; people who cough are heard as a word; a line may give our own words
back. None of these takes the floor. "Wait", "아니 그게 아니라" and anything with a meaning of its own does.

Refuses: sound and time; for how long somebody spoke is told by the caller of this module.
"""

from __future__ import annotations

import re

from gateway.session.profiles import Profile

ONE_WORD = 0.6
"""Seconds of voice under which a single word is taken for a cough or a nod that the recognizer made a word of."""

LONGEST_NOD = 1.5
"""Seconds: who says "네 네 네" for longer wants to speak."""

SURE_BEFORE_ITS_END = 0.8
"""Seconds of voice before which unfinished words decide nothing: "I" may become "I see", "o" may become "okay". We are
silent already, so waiting costs the caller nothing."""

DOUBTED = 0.5
"""Confidence under which words over our speech are more likely noise, or a nod that was misheard."""

UNINTELLIGIBLE = 2.0
"""Seconds of voice that are an interruption though no word was understood."""

ECHO_WORDS = 3
"""As many words in the order of our own sentence are the line's echo of it."""

_NODS = frozenset(
    """
    네 네네 네에 예 예예 음 음음 흠 아 아아 아하 어 오 와 응 응응 그래요 그렇군요 그렇죠 그쵸 맞아요
    알겠습니다 알겠어요 진짜요
    yeah yep yup yes uh-huh uhuh huh mhm mm mmm hmm hm right okay ok alright sure uh um oh ah aha wow really exactly
    """.split()
)
_NOD_PHRASES = frozenset(("i see", "got it", "uh huh", "mm hmm", "all right", "아 네", "네 알겠습니다", "네 맞아요"))
_OBJECTIONS = frozenset(
    """
    아니 아니요 아뇨 아니오 잠깐 잠깐만 잠깐만요 잠시만 잠시만요 그만 됐어요
    wait stop no nope hold actually
    """.split()
)
_STOPS = _OBJECTIONS | frozenset(
    "저기 저기요 여보세요 상담원 상담사 sorry excuse hello hey operator agent human but".split()
)


def nod(text: str) -> bool:
    """Whether these words only say "I am listening". No words at all are one: a cough is no interruption."""
    words = _words(text)
    return " ".join(words) in _NOD_PHRASES or (len(words) <= 4 and all(word in _NODS for word in words))


def objects(text: str) -> bool:
    """Whether these words begin by stopping us: then they are no rest of what was said before."""
    words = _words(text)
    return bool(words) and words[0] in _OBJECTIONS


def meant(text: str, *, seconds: float, profile: Profile, saying: str, confidence: float | None) -> bool:
    """Whether somebody who said ``text`` over our ``saying``, for ``seconds`` so far, wants the floor.

    ``confidence`` is that of a final text; None of one that may still grow, of which less is taken for certain.
    """
    final = confidence is not None
    words = _words(text)
    if not words:
        return final and seconds >= UNINTELLIGIBLE
    if _echoes(words, _words(saying)):
        return False
    if profile.nod_answers:
        return True
    if any(word in _STOPS for word in words):
        return True
    if not final and seconds < SURE_BEFORE_ITS_END:
        return False
    if nod(text):
        return seconds >= LONGEST_NOD
    if confidence is not None and confidence < DOUBTED and seconds < UNINTELLIGIBLE:
        return False
    return len(words) >= 2 or seconds >= ONE_WORD


def _echoes(words: list[str], ours: list[str]) -> bool:
    """Whether nearly all of the words stand in our sentence in the same order, and there are enough of them to tell."""
    if len(words) < ECHO_WORDS:
        return False
    position = matched = 0
    for word in words:
        if word in ours[position:]:
            position = ours.index(word, position) + 1
            matched += 1
    return matched >= max(ECHO_WORDS, round(0.8 * len(words)))


def _words(text: str) -> list[str]:
    return re.findall(r"[\w'-]+", text.lower())
