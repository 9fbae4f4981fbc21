"""What is written on a payment card beside its number: verification codes and expiry dates, where words call them so.

Refuses: dates and short numbers that nothing calls a card's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialog.privacy.cues import BEFORE, CODE, Cue
from dialog.privacy.kinds import PersonalKind
from dialog.privacy.reading import FORM, Candidate, Reading
from dialog.privacy.written import DOUBTFUL

_KIND = PersonalKind.CARD
_D = rf"[\d{DOUBTFUL}]"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_KOREAN_MONTH = rf"(?:{_D}{{1,2}}|십[일이]?|[일이삼사오유칠팔구시])\s*월"
_EXPIRY = re.compile(
    rf"(?:20\d\d\s?[/.-]\s?(?:0[1-9]|1[0-2])(?!\d)|{_D}{{2,4}}\s*년\s*(?:도\s*)?{_KOREAN_MONTH}|{_KOREAN_MONTH}\s*(?:에\s*)?(?:{_D}{{2,4}}|{_D}\s{_D})(?:\s*년|(?!\s?[{DOUBTFUL}\d일]))"
    rf"|\b{_MONTH}\s+(?:of\s+)?{_D}{{2}}(?:\s?{_D}{{2}})?(?!{_D})"
    rf"|(?<!{_D}){_D}\s?{_D}?\s*(?:/|-|\.|,|slash|슬래시|다시|에|of|\s)\s*{_D}\s?{_D}(?:\s?{_D}\s?{_D})?(?!\d)"
    rf"|(?<!{_D})(?:{_D}\s?){{3}}{_D}(?!\d))",
    re.I,
)
_BETWEEN = r"(?:[\s,.-]|음|어|uh|um){0,4}"
_AGAIN = rf"(?:[\s,]*(?:no|sorry|wait|아니[요다]?)[\s,]+(?:\d{_BETWEEN}){{2,5}}\d)?"
"""Said anew."""
_CODES = (
    re.compile(rf"(?<!{_D})(?:\d{_BETWEEN}){{2,5}}\d(?!\s?\d){_AGAIN}", re.I),
    re.compile(rf"(?<!{_D})(?:{_D}{_BETWEEN}){{2,5}}{_D}(?!\s?\d)", re.I),
)
"""The same code, and one whose last digit may as well be a particle."""
_AMOUNT = re.compile(r"\s*(?:원|만(?!기|료)|천|won|dollars?|bucks|달러|개|건|장|번째|%|프로|포인트)", re.I)
_EXPIRES = re.compile(r"유효|기[간한]|만[료기]|exp|valid|good|date", re.I)
"""Words for what other things have as well."""


def card_details(reading: Reading) -> Iterator[Candidate]:
    """Every code and every expiry date in the text that stands beside a word for one."""
    for cue in reading.cues:
        if cue.name == CODE:
            yield from _beside(reading, cue)


def _beside(reading: Reading, cue: Cue) -> Iterator[Candidate]:
    text = reading.written.text
    before = [other for other in reading.cues if other.start < cue.start]
    expires = _EXPIRES.search(text, cue.start, cue.end) is not None
    if expires and before and before[-1].kind is not _KIND:
        return  # when a coupon expires
    following = next(
        (other.start for other in reading.cues if other.start > cue.start and other.name != CODE), len(text)
    )
    end = min(following, cue.end + BEFORE + 16)
    finds = (pattern.search(text, cue.end, end) for pattern in ((_EXPIRY,) if expires else _CODES))
    found = next((found for found in finds if found is not None), None)
    if found is None or found.start() - cue.end > BEFORE or _AMOUNT.match(text, found.end()):
        return
    yield Candidate(*reading.written.original(*found.span()), _KIND, FORM)
