"""How a question asks, and whether a text answers in that way. Pure.

"얼마예요" wants an amount, "how long" a duration, "can I" a yes or no. A sentence that has what the question wants is
the likelier answer among sentences on the same matter; which words and figures show that is data here, by language.

Refuses: what a question is about (``answers/evidence.py`` compares words), choosing (``answers/reading.py`` does).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dialog.errors import LanguageNotSpoken


class Form(StrEnum):
    """What kind of answer a question wants."""

    AMOUNT = "amount"
    DURATION = "duration"
    TIME = "time"
    COUNT = "count"
    PLACE = "place"
    PERSON = "person"
    REASON = "reason"
    STEPS = "steps"
    DECISION = "decision"
    """Yes or no."""


@dataclass(frozen=True, slots=True)
class FormTable:
    """One language's ways to ask, each with what a sentence that answers so has in it; ``instructs`` matches a
    sentence that tells somebody to do something."""

    asks: Mapping[Form, re.Pattern[str]]
    offers: Mapping[Form, re.Pattern[str]]
    instructs: re.Pattern[str]


_EN_NUMBER = (
    r"(?:\d[\d,.]*|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty"
    r"|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|dozen|half|several)"
)
_EN_COUNTED = _EN_NUMBER.replace("|an?|", "|")
_EN_SPAN = r"(?:second|minute|hour|day|night|week|weekend|month|year|decade|centurie|century)s?"
_EN_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_EN_MONTH = r"(?:january|february|march|april|may \d|june|july|august|september|october|november|december)"

ENGLISH = FormTable(
    asks={
        Form.AMOUNT: re.compile(
            r"\bhow (?:much|expensive|cheap)\b|\bcosts?\b|\bprices?\b|\bcharged?\b|\bfees?\b|\bper ?cent"
        ),
        Form.DURATION: re.compile(
            rf"\bhow (?:long|soon|quickly|many {_EN_SPAN})\b|\bwithin (?:how|what|which)|\bfor how many {_EN_SPAN}"
        ),
        Form.TIME: re.compile(
            r"\bwhen\b|\b(?:what|which) (?:times?|hours|days?|dates?|years?|months?|centur|decade)|\bhow (?:late"
            r"|early)\b"
            r"|\b(?:opening|business|office) (?:hours|times)\b"
        ),
        Form.COUNT: re.compile(
            r"\bhow (?:many|old|far|tall|big|large|often|heavy|high|fast)\b|\bwhat (?:percentage|number|amount"
            r"|age|size|weight)\b"
        ),
        Form.PLACE: re.compile(
            r"\bwhere\b|\b(?:what|which) (?:city|country|state|place|region|area|areas|location|town|river"
            r"|continent|street"
            r"|address)\b|\bthe address (?:of|is)\b"
        ),
        Form.PERSON: re.compile(
            r"\bwho(?:m|se)?\b|\b(?:what|which) (?:person|man|woman|king|author|president|company|organi[sz]ation"
            r"|team)\b"
        ),
        Form.REASON: re.compile(r"\bwhy\b|\bwhat (?:caused?|causes|reason)\b|\bfor what reason\b"),
        Form.STEPS: re.compile(
            r"\bhow (?:do|can|could|should|would|might) (?:i|we|you|one|somebody)\b|\bhow to\b|\bwhat (?:do"
            r"|should|must) i do\b"
            r"|\bhow (?:is|are) .+ (?:done|made|used)\b"
        ),
        Form.DECISION: re.compile(
            r"^(?:(?:and|so|but|okay|ok|well|then|hello|hi) )*(?:is|are|am|was|were|do|does|did|can|could|will"
            r"|would|may|must"
            r"|should|shall|has|have)\b"
        ),
    },
    offers={
        Form.AMOUNT: re.compile(
            rf"\d[\d,.]* ?(?:won|dollars?|euros?|percent|%)|[$€£₩] ?\d|\bfree\b|\b{_EN_COUNTED} percent\b"
        ),
        Form.DURATION: re.compile(
            rf"\b{_EN_NUMBER}(?:[ -](?:business|working|calendar|full|more))?[ -]{_EN_SPAN}\b|\b{_EN_SPAN}\b"
        ),
        Form.TIME: re.compile(
            rf"\b1\d\d\d\b|\b20\d\d\b|\d ?(?:a\.m\.|p\.m\.|am\b|pm\b)|\b\d+(?:st|nd|rd|th)\b|\b{_EN_MONTH}"
            rf"|\b{_EN_DAY}\b"
            rf"|\b{_EN_SPAN}\b|\bBC\b",
            re.IGNORECASE,
        ),
        Form.COUNT: re.compile(rf"\d|\b(?:{_EN_COUNTED}|third|quarter|once|twice)\b", re.IGNORECASE),
        Form.PLACE: re.compile(
            r"\b(?:in|at|near|from|to|of|on|into|along) (?:the )?[A-Z]|\b(?:street|road|avenue|floor|area"
            r"|counter)\b|\w-(?:ro|gil)\b"
        ),
        Form.PERSON: re.compile(r"(?<=[\w,;] )[A-Z][\w'’-]+"),
        Form.REASON: re.compile(
            r"\b(?:because|due to|since|so that|in order|caus|reason|result|therefore|led to|to avoid|thus)",
            re.IGNORECASE,
        ),
        Form.STEPS: re.compile(
            r"^(?:please )?(?:open|choose|press|enter|send|bring|put|take|ask|go|call|tell|show|log|sign|click"
            r"|select|write|use"
            r"|add|contact|visit|fill)\b|\byou can\b|\bby \w+ing\b|\b(?:through|using|via)\b",
            re.IGNORECASE,
        ),
    },
    instructs=re.compile(
        r"^(?:please |then |first,? |now )?(?:open|choose|press|enter|send|bring|put|take|ask|go|call|tell|show"
        r"|log|sign"
        r"|log|sign|click|select|write|use|add|contact|visit|fill|pack|close|wait|attach|print|scan|check|confirm|look|find)\b",
        re.IGNORECASE,
    ),
)

_KO_NUMBER = r"(?:\d[\d,.]*|[한두세네](?= )|[일이삼사오육칠팔구십백천만]+)"
_KO_SPAN = r"(?:일|주일|주|달|개월|년|시간|분|영업일)"

KOREAN = FormTable(
    asks={
        Form.AMOUNT: re.compile(
            r"얼마(?!나|동안|간)|비용|요금|가격|[가-힣]{1,3}비[는가은이]?(?:\s|$)|수수료|얼마나 (?:내|드|나오"
            r"|할인)|값[은이]"
        ),
        Form.DURATION: re.compile(
            r"얼마나 ?(?:걸|오래|지나|보관|기다)|얼마 ?(?:동안|간)|며칠|몇 ?(?:일|주|달|개월|년|시간|분)|기간"
        ),
        Form.TIME: re.compile(r"언제|몇 ?(?:시|월|년)|시간[은이을]?|날짜|연도|년도|시기|무슨 ?요일|세기"),
        Form.COUNT: re.compile(r"몇(?! ?시)|얼마|몇 ?(?:개|살|명|번|장|점|층|군데|곳)"),
        Form.PLACE: re.compile(r"어디|위치|장소|나라|국가|도시|지역|곳은|주소[가는를]? ?(?:어|알|뭐|좀)"),
        Form.PERSON: re.compile(r"누구|누가|인물|사람은|이름은"),
        Form.REASON: re.compile(r"왜(?!냐)|이유|원인|까닭"),
        Form.STEPS: re.compile(r"어떻게|어떡|방법|어떤 ?식|절차|하려면|려면 "),
        Form.DECISION: re.compile(
            r"(?:나요|까요|[어아여해돼되]요|가요|니까|은가요|인가요|죠|지요|는지요?|을까|나|니|냐"
            r"|[어아해돼]도 (?:돼|되|괜찮).*)[?？.\s]*$"
        ),
    },
    offers={
        Form.AMOUNT: re.compile(r"\d ?(?:원|퍼센트|%|달러|점)|[만천백] ?원|무료|없습니다|공짜"),
        Form.DURATION: re.compile(rf"{_KO_NUMBER} ?{_KO_SPAN}|하루|이틀|사흘|당일|바로"),
        Form.TIME: re.compile(
            r"\d+ ?(?:시|일|월|년|세기)|당일|다음 (?:날|달|영업일)|평일|주말|매일|[월화수목금토일]요일|공휴일"
            r"|오전|오후|뒤에|바로"
        ),
        Form.COUNT: re.compile(rf"{_KO_NUMBER} ?(?:개|살|세|명|번|장|점|층|곳|군데|킬로|센티|회|권|편|대|마리)|\d"),
        Form.PLACE: re.compile(r"[로길] ?\d+|\d+층|\w+[시도구군동][ ,에]|지역|화면에서|매장에서|[가-힣]에서|[가-힣]국"),
        Form.REASON: re.compile(r"때문|위해|위하여|이유|인해|인하여|따라|므로|아서|어서|으면"),
        Form.STEPS: re.compile(r"세요|십시오|하시면|누르|누릅|고르|고릅|방법|통해|신청|넣고|올립|됩니다"),
    },
    instructs=re.compile(
        r"(?:세요|십시오|누릅니다|고릅니다|올립니다|봉합니다|넣습니다|보냅니다|적습니다|찍습니다|붙입니다|엽니다"
        r"|닫습니다"
        r"|입력합니다|선택합니다|누르시면 됩니다)\.?$"
    ),
)

TABLES: Mapping[str, FormTable] = {"en": ENGLISH, "ko": KOREAN}

_ASKS_FOR_SOMETHING = frozenset(Form) - {Form.DECISION}


def forms(asked: str, code: str) -> frozenset[Form]:
    """The kinds of answer that a question may want; empty when it does not show. A yes or no is wanted only where
    nothing else is. Raises ``LanguageNotSpoken``."""
    lowered = asked.lower().strip()
    wanted = {form for form, pattern in _table(code).asks.items() if pattern.search(lowered)}
    return frozenset(wanted & _ASKS_FOR_SOMETHING or wanted)


def fits(wanted: frozenset[Form], said: str, code: str) -> float:
    """Whether ``said`` has what is wanted: 1 when it has, -1 when not, 0 when anything will do (a yes or no is never in
    the words alone). Raises ``LanguageNotSpoken``."""
    patterns = [_table(code).offers[form] for form in wanted if form in _table(code).offers]
    if not patterns:
        return 0.0
    return 1.0 if any(pattern.search(said) for pattern in patterns) else -1.0


def instructs(sentence: str, code: str) -> bool:
    """Whether a sentence tells somebody to do something. Raises ``LanguageNotSpoken``."""
    return _table(code).instructs.search(sentence) is not None


def _table(code: str) -> FormTable:
    try:
        return TABLES[code]
    except KeyError:
        raise LanguageNotSpoken(
            f"nobody wrote down how {code!r} asks; the dialog reads {', '.join(sorted(TABLES))}"
        ) from None
