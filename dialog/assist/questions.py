"""Whether somebody who speaks asks something: what cannot be answered is told to the agent only then. Pure.

Recognized speech has no question marks, and in Korean a plain ending may be either ("했어요"). A yes-or-no question
counts only where its ending says so; a word that asks (얼마, how long) counts where the clause does not plainly tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dialog.answers.asking import Form, forms
from dialog.errors import LanguageNotSpoken

_MARK = re.compile(r"[?？]\s*$")

_DECIDES: Mapping[str, re.Pattern[str]] = {
    "ko": re.compile(
        r"(?:나요|까요?|가요|니까|냐|느냐|을래요?|ㄹ래요?|려나|는지요?|은지요?|인지요?|던가요?|다면서요|나|(?<![겠수])니|어때요?)"
        r"[.\s]*$"
    ),
    "en": re.compile(
        r"^(?:(?:and|so|but|okay|ok|well|then|hello|hi|sorry|um|uh|please) )*"
        r"(?:is|are|am|was|were|do|does|did|can|could|will|would|may|must|should|shall|has|have) \w+"
    ),
}
"""Endings (Korean) and openings (English) that ask for a yes or no."""

_WONDERS: Mapping[str, re.Pattern[str]] = {
    "ko": re.compile(
        r"궁금|알고\s?싶|알려\s?(?:주|줘|달)|알아봐|물어보|여쭤|문의"
        r"|[은는인]지\s?(?:좀\s?)?(?:확인|봐|파악|알)"
    ),
    "en": re.compile(
        r"\bwonder(?:ing|ed)?\b|\b(?:i(?:'d| would)? (?:like|want|need) to|can you|could you) (?:know|ask|tell me)\b"
        r"|\btell me\b|\bdo you know\b|\bquestion (?:is|about)\b"
    ),
}

_TELLS: Mapping[str, re.Pattern[str]] = {
    "ko": re.compile(r"(?:습니다|ㅂ니다|거든요?|는데요?|네요|군요|이에요|예요|다고요|겠어요|다|고요|더라고요?)[.\s]*$"),
    "en": _MARK,  # an English clause that has a word that asks and only tells is rare enough
}
"""Endings with which one tells, and asks only with a word that does."""

_ASKING_WORD: Mapping[str, re.Pattern[str]] = {
    "ko": re.compile(r"얼마|언제|어디|누구|누가|무엇|뭐|뭘|뭔|왜|어떻게|어떡|어떤|어느|무슨|몇|며칠"),
    "en": re.compile(r"\b(?:what|when|where|who|whom|whose|which|why|how)\b"),
}


_GOES_ON: Mapping[str, re.Pattern[str]] = {
    "ko": re.compile(r"[가-힣](?:은|는|엔|도|이면|라면)(?:요|여)?[.\s]*$"),
    "en": re.compile(
        r"^(?:(?:and|or|so|but|then|okay|ok) )+(?!i\b|we\b|it\b|that\b)\w+|^(?:what|how) about\b|^only \w+"
    ),
}
"""What asks the question before it of something else ("and to Jeju", 주말에는요)."""


def asks(text: str, code: str, *, follows: bool = False) -> bool:
    """Whether ``text`` asks something; ``follows`` says that it leans on the question before it. Raises
    ``LanguageNotSpoken``."""
    if code not in _DECIDES:
        raise LanguageNotSpoken(f"nobody wrote down how {code!r} asks; known are {', '.join(sorted(_DECIDES))}")
    said = text.lower().strip()
    if _MARK.search(said) or _DECIDES[code].search(said) or _WONDERS[code].search(said):
        return True
    if follows and _GOES_ON[code].search(said):
        return True
    if not forms(said, code) - {Form.DECISION}:
        return False
    return _ASKING_WORD[code].search(said) is not None or not _TELLS[code].search(said)
