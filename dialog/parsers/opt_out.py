"""Do not call me again: read deterministically, and only as a wish for good.

"Not today" and "not before nine" are about one time, and no such wish.
"""

from __future__ import annotations

import re

from dialog.parsers.language import language
from dialog.parsers.text import plain

_CALL_KO = r"(?:전화|연락)(?:를|을|은|좀)?"
_CALL_EN = r"(?:call|phone|ring|contact)"

_FOR_GOOD = {
    "ko": re.compile(
        rf"(?:다시는|더이상|더는|앞으로는?|이제는?|절대로?)(?:저한테|제게|나한테|여기로?|이번호로?)?{_CALL_KO}"
        r"(?:하지|걸지|주지|안(?:하|받|주))"
        r"|수신거부|(?:번호|연락처)(?:를|좀)?(?:지워|삭제해|빼)"
    ),
    "en": re.compile(
        rf"\b(?:do not|dont) (?:ever )?{_CALL_EN}\b.*\b(?:any ?more|ever)\b|\b(?:do not|dont) ever {_CALL_EN}\b"
        rf"|\bnever {_CALL_EN}\b"
        rf"|\bstop {_CALL_EN}ing\b|\bno more calls\b"
        r"|\b(?:take|remove|delete) (?:me|my number|this number|us)\b|\bopt(?: me)? out\b"
    ),
}
_NOT_FOR_NOW = {
    "ko": re.compile(rf"{_CALL_KO}(?:(?:하지|걸지|주지)(?:마|말)|그만(?:하|해|걸|주|좀|$))"),
    "en": re.compile(rf"\b(?:do not|dont|please no) {_CALL_EN}(?: (?:me|us|here|this number|again|please))*$"),
}
"""For good as well, unless a time is named."""
_TIMES = {
    "ko": re.compile(r"오늘|내일|모레|지금|아침|점심|저녁|밤|새벽|오전|오후|시에|시전|주말|요일|회의|이시간|바쁠때"),
    "en": re.compile(
        r"\b(?:today|tomorrow|tonight|now|this (?:morning|afternoon|evening|week)|before|after|until|till|at|on|during|"
        r"(?:weekend|morning|evening|night)s?)\b"
    ),
}


def refuses_calls(text: str, code: str) -> bool:
    """Whether ``text`` says that whoever speaks does not want to be called any more. Raises ``LanguageNotSpoken``."""
    said = plain(text, spaced=language(code).phrases.spaced).text
    if _FOR_GOOD[code].search(said) is not None:
        return True
    return _NOT_FOR_NOW[code].search(said) is not None and _TIMES[code].search(said) is None
