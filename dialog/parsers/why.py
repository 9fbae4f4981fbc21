"""Why was that decided? Read deterministically, and only as a question about what has just been refused.

"Why is delivery so slow" asks for something else, and so does "why don't you send me a new one": what asks why here
says nothing but that, or names the decision. Patterns see the plain form: lower case, no punctuation, Korean without
spaces.

Refuses: deciding whether anything was refused; whoever asks here knows that it was.
"""

from __future__ import annotations

import re

from dialog.parsers.language import language
from dialog.parsers.text import plain

_REFUSED = (
    r"(?:refuse|refused|deny|denied|declined?|reject|rejected|turn(?:ed)? (?:me|it|that) down|not allowed?|allowed?)"
)

_PATTERNS = {
    "en": re.compile(
        r"(?:(?:and|but|so|ok|okay|well|hm+|no|sorry|please|then|wait|tell me|may i ask|can i ask) )*"
        r"(?:"
        r"why(?: not| is (?:that|this|it)(?: so)?| was (?:that|this|it)(?: (?:so|decided|" + _REFUSED + r"))?"
        r"| so| exactly| on earth)?"
        r"|why (?:can(?:t|not)|could(?:nt| not)|wo(?:nt)|may) (?:i|you|we|it)(?: not)?"
        r"(?: do (?:that|this|it)| be done)?"
        r"|why (?:am i|are we|were we|was i|is it|isnt it|was it) " + _REFUSED + r"(?: \w+){0,5}"
        r"|why (?:do|did|have|would) (?:you|they) (?:decide|decided|" + _REFUSED + r")(?: \w+){0,5}"
        r"|how come(?: (?:i|you|we) (?:can(?:t|not))(?: \w+){0,4})?"
        r"|what(?:s| is| was) (?:the |your )(?:reason|grounds?)(?: for (?:that|this|it|refusing|the decision))?"
        r"|(?:for|on) what (?:reason|grounds?)(?: \w+){0,5}"
        r"|who (?:decided|decides)(?: (?:that|this|it))?"
        r"|how (?:was|did) (?:that|this|it|you)(?: \w+)? (?:decided?|come to that)(?: (?:that|this|it))?"
        r"|(?:please |can you |could you )*"
        r"explain(?: (?:to me|why|that|this|it|the (?:decision|reason)|your decision))*"
        r")(?: (?:then|please|exactly|though))*"
    ),
    "ko": re.compile(
        r"(?:네|아니|아니요|아니오|그럼|그러면|근데|그런데|잠깐만요?|잠시만요?|저기요?|혹시|아니그게|그게|그건|이건|이게|대체|도대체)*"
        r"(?:"
        r"왜(?:요|죠|죠요|그런(?:가요|거죠|거예요|건가요|지요?)|그래요|그렇죠)?"
        r"|왜(?:그렇게|이렇게)?(?:된|됐|되었|결정|판단|거절|거부|불가|안되|안돼|안된|안됩|안됐|못하|못해|못한|할수없|해줄수없)[가-힣]{0,14}"
        r"|왜(?:취소|환불|변경|교환|반품|예약|처리|주문)(?:이|가|를|을|은|는)?(?:안|못|거절|거부|할수없|될수없)[가-힣]{0,14}"
        r"|(?:거절|거부|불가|안되는|안된|그런|결정한?|그)?(?:이유|근거|사유)(?:가|는|를|좀)?"
        r"(?:뭐|뭔|무엇|무슨|왜|어떻게되|알려|말씀해|말해|설명해|알수)[가-힣]{0,12}"
        r"|무슨(?:이유|근거)(?:로|에서|때문)?[가-힣]{0,14}"
        r"|어째서(?:요|죠|그런[가-힣]{0,6}|안[가-힣]{0,8})?"
        r"|누가(?:그렇게)?(?:결정|정|판단)[가-힣]{0,10}"
        r"|(?:어떻게|무엇으로)(?:그렇게)?(?:결정|판단)[가-힣]{0,12}"
        r"|(?:좀|다시|그이유를|결정을|결정에대해)?설명(?:을|좀)?(?:해|부탁)[가-힣]{0,8}"
        r")"
    ),
}


def asks_why(text: str, code: str) -> bool:
    """Whether ``text`` asks why something was refused, and nothing else. Raises ``LanguageNotSpoken``."""
    form = plain(text, spaced=language(code).phrases.spaced).text
    return _PATTERNS[code].fullmatch(form) is not None
