"""What an agent promises while talking: to call back, to check, to send. Pure, Korean and English.

Only the agent's own words about what they, or the house, will do count; what a caller is asked to do is no promise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dialog.errors import LanguageNotSpoken
from dialog.escalation import quoted

_PROMISES: Mapping[str, re.Pattern[str]] = {
    "ko": re.compile(
        r"(?:연락|전화|회신|문자|메일|안내|답변|확인|접수|처리|발송|재발송|환불|취소|교환|보상|조치|전달|예약|수거)[을를]?\s?"
        r"(?:다시\s?)?(?:해|하여|보내|넣어|도와|진행해)?\s?(?:드리겠|드릴게|드릴\s?예정|하겠|할게|주시도록|되도록)"
        r"|(?:보내|알려|바꿔|고쳐|찾아|챙겨)\s?드리(?:겠|ㄹ게)|(?:보내|알려|바꿔|고쳐|찾아|챙겨)\s?드릴게"
    ),
    "en": re.compile(
        r"\b(?:i|we)(?:'ll| will| am going to|'m going to| are going to|'re going to) (?!be able|see\b|need\b)"
        r"(?:also |then |personally |make sure )*(?:call|phone|ring|get back|send|email|mail|text|check|look into"
        r"|refund|arrange|cancel|replace|exchange|forward|pass|follow up|let you know|confirm|process|ship|book"
        r"|organi[sz]e|update)|\byou(?:'ll| will) (?:get|receive|hear)\b",
        re.IGNORECASE,
    ),
}
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def promised(text: str, code: str) -> tuple[str, ...]:
    """The sentences of ``text`` that promise something, as they were said. Raises ``LanguageNotSpoken``."""
    pattern = _PROMISES.get(code)
    if pattern is None:
        raise LanguageNotSpoken(f"nobody wrote down how {code!r} promises; known are {', '.join(_PROMISES)}")
    return tuple(quoted(sentence) for sentence in _SENTENCE.split(text.strip()) if pattern.search(sentence))
