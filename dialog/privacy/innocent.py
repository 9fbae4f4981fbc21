"""What explains a number innocently: an amount, a time, a count, a list, a name for somebody's goods. Pure.

Refuses: the words for orders, parcels and the like, which are cues (``cues``), and saying what is personal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from dialog.privacy.phones import PUBLIC
from dialog.privacy.reading import Piece, Reading
from dialog.privacy.written import DOUBTFUL

LONG = 7
"""Digits of a number that is personal unless something explains it."""
_PRONOUNS = ("one", "o", "oh", "to", "too", "for")
_MONEY = re.compile(
    r"\s*(?:원|만(?![기료])|천|억|포인트|점(?!\s*\d)|달러|엔|유로|자리|볼트|와트|(?:won|dollars?|bucks|cents?|euros?|pounds?|percent|points?|miles?|kwh"
    r"|volts?|watts?|(?:a|per)\s+(?:year|month|week|hour))\b|%)",
    re.I,
)
"""What stands behind an amount, however long it is."""
_UNIT = re.compile(
    r"\s*(?:(?:개|명|분|인|건|장|월|년|시|시간|초|주|층|호|동|살|회|차|대|통)(?=[^가-힣]|$|[이가은는을를에로으도만씩쯤정까부나짜째간전후안밖요예입고라넘면마의하랑와과뒤내]"
    r"|개월|인(?:데|지)|대[가는]|동안|동[이가은는에])|일(?:치|간|째|차|분|까지|부터|에|날|(?![가-힣]))|세(?![가-힣])|번째|박스"
    r"|프로|퍼센트|킬로|기가|메가|미터|평|도(?![가-힣])|병(?!원)|미리|밀리|잔|켤레|그릇|봉지|팩|상자|리터|그램|마일"
    r"|per\b|times?\b|digits?\b|letters?\b|of\b|items?|pieces?|people|minutes?|hours?|days?|weeks?|months?|years?|miles?|points?|inch(?:es)?"
    r"|kwh|kg|km|gb|mb|mg|ml|st\b|nd\b|rd\b|th\b|[ap]\.?m\b|o'?clock|degrees|milligrams?|thousand|million|hundred|stars?"
    r"|rows?|boxes|bottles|kids|copies|feet|ft\b|lbs?\b|watts?)",
    re.I,
)
"""What stands behind an amount, a time, a count."""
_LEAD = re.compile(
    r"(?:[$₩€£¥#]|(?<![A-Za-z])(?:(?:he|she)(?:['’]?s|\sis)|i(?:['’]?m|\sam)|usd|krw|at|room|gate|seat|row|floor|step|page|chapter|version|size|exit|bus|line|level"
    r"|aisle|channel|unit|apartment|apt|box|store|register|press|pressed|highway|route|from|between|season|episode)|버전"
    r"|사이즈)\s*$",
    re.I,
)
"""What stands before one."""
_AMOUNT = r"\d{1,3}\.\d{1,4}|(?:\d{1,3}(?:,\d{3})+|\d{1,6})\.\d{1,2}|\d{1,3}(?:,\d{3})+"
_DATE = (
    r"(?:19|20)\d\d\s?[-./]\s?\d{1,2}\s?[-./]\s?\d{1,2}|(?:19|20)\d\d\s(?:0?[1-9]|1[0-2])\s(?:[0-2]?\d|3[01])|\d{1,2}/\d{1,2}(?:/(?:19|20)?\d\d)?"
    r"|\d{1,2}[.-]\d{1,2}[.-](?:19|20)\d\d"
)
_ADDRESS_IN_A_NETWORK = r"\d{1,3}(?:\.\d{1,3}){3}(?!\d)|\d{1,2}(?:\.\d{1,2}){2}\.\d{4,5}"
"""Or a program's version."""
_SHOWN = re.compile(rf"(?:(?>{_ADDRESS_IN_A_NETWORK}|{_DATE}|{_AMOUNT})(?>[\s,]+(?:and\s+)?|$))++")
"""Amounts, dates and addresses of machines, which show what they are."""
_SHORT_GROUP = 4
"""Digits that may as well be a card's code."""
_CODE_BEFORE = re.compile(
    r"(?<![A-Za-z0-9])(?:(?=[A-Z0-9]*[A-Z])(?=[A-Z0-9]*\d)[A-Z0-9]{2,8}\s|(?=[A-Z0-9-]*[A-Z]{2})[A-Z0-9-]{2,8}-)$"
)
"""A part with letters, of a code to which the digits belong."""
_ROUND = re.compile(r"\b(?:thousand|million|billion)\b|\bhundred$", re.I)
_IN_FULL = re.compile(r"[a-z\s-]*\bthousand\b[a-z\s-]*\bhundred", re.I)
"""One number, said with all its places."""
_FREE = re.compile(rf"(?:{PUBLIC.pattern})+")
_COUNTING = "01234567891011121314"
_MONTH = re.compile(
    r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?\s+(?:the\s+)?(?:of\s+)?(?:\d+(?:st|nd|rd|th)?[\s,]*)?$|\d월\s*$",
    re.I,
)
_CALLED = re.compile(
    r"(?:\b(?:the|this|that|an?)\s+(?:[a-z]+\s+){0,2}[a-z]+\s+(?:is|says|reads|shows|was)|[a-z]+\s+(?:number|no|nr|id|code|tag|#)(?:\s+is|'s)?"
    r"|\bp\.?\s?o\.?|[가-힣]+\s?(?:번호|코드|넘버|아이디)(?:[은는이가]|이고)?)[\s:,.#]*$",
    re.I,
)
_SAYS_NOTHING = re.compile(
    r"\b(?:number|one|thing|part|half|rest|other|next|first|second|last|my|his|her|whole|full|digits?|answer|wife|husband|son"
    r"|daughter|mother|mom|dad|father)\s+(?:is|says|reads|shows|was)"
    r"|\b(?:my|his|her|our|their|the|this|that|your|new|old|whole|full|right|correct|same|other)\s+(?:number|no|id)\b|(?<![가-힣])(?:제|내|이|그|저|본인|원래|전체|우리|새|옛날?|앞|뒷|뒤|앞쪽|뒤쪽|맞는|다른)"
    r"\s?(?:번호|넘버)",
    re.I,
)
"""What may be called so is a number of any kind."""
_QUOTES = frozenset("\"'`#/|=:_\\<>{}")
_SIGN_OF_A_LIST = r"\s*(?:,|/|\(|;|\band\b|\bplus\b|\bminus\b|\btimes\b|[+=×])\s*(?:and\s+)?"
_LISTED = re.compile(rf"\d\d{_SIGN_OF_A_LIST}\d|\d{_SIGN_OF_A_LIST}\d\d|\d\.\d+\s", re.I)
"""Digits that are told one by one are one number, whatever stands between them."""


def is_explained(reading: Reading, piece: Piece) -> bool:
    """Whether the digits are an amount, a time, a date, or part of a word that is a code."""
    text = reading.written.text
    before, behind = reading.beside(piece.run, piece.first, piece.last)
    if _is_letter(before) or _is_letter(behind) or before == "•" or behind == "%":
        return True
    lead = text[max(0, piece.begin - 24) : piece.begin]
    short = len(piece.digits) < LONG
    if is_amount(text, piece.end) or (short and _UNIT.match(text, piece.end)) or lead[-1:] in ("$", "₩", "€", "£"):
        return True
    if len(piece.digits) > _SHORT_GROUP and _CODE_BEFORE.search(text, max(0, piece.begin - 12), piece.begin):
        return True
    if is_free(piece.digits) or _SHOWN.fullmatch(text, piece.begin, piece.end) or _is_unsure(text, piece):
        return True
    said = reading.text[piece.start : piece.stop]
    if (short and _ROUND.search(said)) or _IN_FULL.fullmatch(said):
        return True
    if len(piece.digits) == 1 and reading.text[piece.start : piece.stop].lower() in _PRONOUNS:
        return True
    return short and (_LEAD.search(lead) is not None or _MONTH.search(lead) is not None)


def is_amount(text: str, end: int) -> bool:
    """Whether what stands behind a place makes an amount of the digits before it."""
    return _MONEY.match(text, end) is not None


def is_free(digits: str) -> bool:
    """Whether digits are numbers that everybody is told, made-up ones as well, or are counted up."""
    return _FREE.fullmatch(digits) is not None or _COUNTING.startswith((digits, f"0{digits}"))


def _is_unsure(text: str, piece: Piece) -> bool:
    """Whether all of its digits may as well be particles."""
    return all(text[place] in DOUBTFUL for place in piece.run.places[piece.first : piece.last])


def _is_letter(character: str) -> bool:
    return character.isascii() and (character.isalpha() or character == "_")


def is_list(reading: Reading, pieces: Sequence[Piece]) -> bool:
    """Whether typed digits stand as in tables, sums and programs, which no recognizer writes of one number."""
    text = reading.written.text
    begin, end = pieces[0].begin, pieces[-1].end
    if _QUOTES.intersection(text[max(0, begin - 1) : begin] + text[end : end + 1]):
        return True
    starts = (start for piece in pieces for start in piece.run.starts[piece.first : piece.last])
    return all(reading.text[start].isdigit() for start in starts) and _LISTED.search(text, begin, end) is not None


def is_named(reading: Reading, piece: Piece) -> bool:
    """Whether words right before a number call it something that we do not know: somebody's goods, not somebody's."""
    called = _CALLED.search(reading.written.text, max(0, piece.begin - 48), piece.begin)
    return called is not None and not _SAYS_NOTHING.search(called.group())


def are_years(pieces: Sequence[Piece]) -> bool:
    """Whether all groups are years or times of day."""
    groups: list[str] = []
    for piece in pieces:
        cuts = [piece.first, *sorted(cut for cut in piece.run.cuts if piece.first < cut < piece.last), piece.last]
        groups += [piece.run.digits[one:other] for one, other in pairwise(cuts)]
    joined = "".join(groups)
    years = len(joined) % 4 == 0 and all(joined[at : at + 2] in ("19", "20") for at in range(0, len(joined), 4))
    return years and len(joined) <= 12
