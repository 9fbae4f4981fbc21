"""Set phrases about memory: forget me; it is about my last call. Pure.

They are read deterministically: a right that only works when a model understands it is none. Questions about data
protection are left to the documents, and an enquiry that says itself what it is about, to those who read it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from dialog.parsers.language import language
from dialog.parsers.text import plain, tokens


class Wish(StrEnum):
    """What a caller may want of our memory."""

    FORGET = "forget"
    EARLIER = "earlier"


_ALL_KO = r"(?:을|를|은|는|도|좀|다|모두|전부|전체|싹|이제)*"
_MINE_KO = r"(?:제|내|저의|나의|저에대한|나에대한)(?:개인)?(?:정보|기록|데이터|기억|(?:상담|통화)(?:기록|내역))들?"
_KNOWN_KO = r"기억(?:한|하는|하고있는|하고계신)?(?:거|것|내용|정보)"

_PATTERNS: Mapping[str, Mapping[Wish, re.Pattern[str]]] = {
    "ko": {
        Wish.FORGET: re.compile(
            rf"(?:{_MINE_KO}|{_KNOWN_KO}){_ALL_KO}(?:지워|지우|삭제|없애|잊어)"
            rf"|(?:저|나)(?:를|에대해|에대해서|에대한건|에대한거){_ALL_KO}(?:잊어|지워)"
            rf"|(?:저를|나를|{_MINE_KO}{_ALL_KO})(?:더이상)?(?:기억|저장|보관)하지(?:마|말)"
        ),
        Wish.EARLIER: re.compile(
            r"(?:지난번|저번|전번|요전번|지난주|어제|그저께|며칠전|얼마전|이전|예전|아까|전)(?:에|에제가|제가)?"
            r"(?:문의|상담|전화|통화|연락|얘기|이야기|말씀)(?:했던|한|드린|드렸던|하던|나눈)(?:거|건|것|일|내용|문제)"
            r"|(?:지난|저번|이전)번?(?:문의|상담|전화|통화)(?:건|내용|때문|관련|이어서|에이어)"
        ),
    },
    "en": {
        Wish.FORGET: re.compile(
            r"\bforget (?:about )?me\b"
            r"|\bforget (?:everything|anything|all|what)(?: that)?(?: you)?(?: know| remember| have| saved)?"
            r"(?: about| of| on) me\b"
            r"|\b(?:forget|delete|erase|remove|wipe) (?:all )?(?:of )?my (?:personal )?"
            r"(?:information|info|data|details|preferences|history|call history|calls|records)\b"
            r"|\b(?:delete|erase|remove|wipe) (?:everything|what|all)(?: that)?(?: you)?"
            r" (?:know|remember|have|saved|stored|keep)(?: about| of| on) me\b"
            r"|\b(?:stop remembering|do not remember|dont remember) (?:me|my calls|anything about me)\b"
        ),
        Wish.EARLIER: re.compile(
            r"\b(?:about|regarding|concerning|continue|continuing|following up on|follow up on|calling back about)"
            r" (?:my|our|the) (?:last|previous|earlier)"
            r" (?:call|chat|conversation|enquiry|inquiry|question|contact|request)\b"
            r"|\bwhat (?:i|we) (?:called|asked|spoke|talked|contacted you)(?: you)?(?: about)? "
            r"(?:last time|before|earlier|yesterday|last week)\b"
            r"|\bsame (?:thing|issue|problem|question) as (?:last time|before)\b"
        ),
    },
}
"""Over the plain form of a turn: small letters, no punctuation, in Korean no spaces."""

_UNLESS: Mapping[str, Mapping[Wish, re.Pattern[str]]] = {
    "ko": {Wish.FORGET: re.compile(r"어떻게|방법|언제|며칠|얼마|절차|카드|주소|계정|회원|탈퇴|(?:지우|지워|삭제하)지")},
    "en": {
        Wish.FORGET: re.compile(
            r"\b(?:how|when|where|account|card|order|address|payment|(?:dont|do not) (?:forget|delete|erase|remove))\b"
        )
    },
}
"""What makes it something else: a question, or a wish that the enterprise's own systems have to fulfil."""

LONGEST = {"ko": 9, "en": 16}
"""Words: whoever says more says what it is about."""


def spot(text: str, code: str) -> Wish | None:
    """What ``text`` wants of our memory, if that is what it is about. Languages without phrases want nothing."""
    patterns = _PATTERNS.get(code)
    if patterns is None or len(tokens(text)) > LONGEST[code]:
        return None
    said = plain(text, spaced=language(code).phrases.spaced)
    for wish, pattern in patterns.items():
        barred = _UNLESS[code].get(wish)
        if barred is not None and barred.search(said.text):
            continue
        if any(_begins_a_word(text, said.original(*match.span())[0]) for match in pattern.finditer(said.text)):
            return wish
    return None


def _begins_a_word(text: str, at: int) -> bool:
    """Whether a word begins there: 제 정보 is mine, 결제 정보 is of a payment."""
    return at == 0 or not text[at - 1].isalnum()
