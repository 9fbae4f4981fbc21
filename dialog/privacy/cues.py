"""Words beside a number that say what it is, and words that say that it is nobody's secret. Pure.

The nearest cue counts: in "카드 말고 주문번호 4111…" the number is the order's. A question that was asked is a cue
before whatever answers it.

Refuses: finding numbers.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from dialog.privacy.kinds import PersonalKind
from dialog.privacy.written import DOUBTFUL, Written

BEFORE = 32
"""Characters between a cue and the number behind it."""
AFTER = 14
"""Characters between a number and the cue behind it ("… 국민은행이요", "… is my cell")."""

_CUES = {
    "code": (
        r"[씨시]\s?[브비]이?\s?[씨시브](?:이)?|보안\s*코드|카드\s*비밀번호|유효\s*(?:기간|기한)|만료\s*(?:일|월|연월|기간)?",
        r"뒷면[에의]?\s*(?:있는\s*)?(?:숫자\s*)?(?:[세34]\s*자리)?|(?<![가-힣])세\s?자리|(?<![가-힣])기[간한](?=[은이])|만기(?=[는가])",
        r"\bcvc|\bcvv2?|\bc\s+v\s+[vc]\b|security\s+(?:code|number|digits)|card\s+pin|expir(?:y|ation|es?|ing)(?:\s+date)?(?:\s+(?:on|of)\s+(?:my|the|this)\s+\w+)?|\bexp\b",
        r"\bvalid\s+(?:thru|through|until|till)|\bgood\s+(?:thru|through|till|until)|\b(?:digits?|numbers)\s+(?:on|at)\s+the\s+(?:back|front)(?:\s+of\s+(?:my|the|this)\s+\w+)?"
        r"|(?<=3 )digits?(?=\s+(?:is|are)\b)",
        r"\bcode\b",
    ),
    "registration": (
        r"주민\s*(?:등록)?\s*(?:번호|증|등록)|\bgreen\s+card(?:\s+number)?|주민\s?번|주민(?=[\s,]*\d)|민증|외국인\s*(?:등록)?\s*번호|외국인\s*등록|등록번호",
        r"거소\s*(?:신고)?\s*(?:번호|증)?|신분증\s*번호|(?:에일리언|외국인)\s*카드",
        r"resident\s+(?:registration\s+)?(?:number|no)|residence\s+card|alien\s+(?:registration|card)",
        r"foreign(?:er)?\s+registration|national\s+id|korean\s+id",
        r"registration\s+number|\brrn\b|\barc\b|social\s+security|\bssn\b|\bs\s+s\s+n\b|\bsocial\b",
    ),
    "passport": (r"(?:여권|패스포트)(?:\s*번호)?", r"passport(?:'?s)?(?:\s+(?:number|no))?"),
    "driving_licence": (
        r"면허(?:증|\s*번호)?|운전\s*면허",
        r"\b(?:driver'?s?\s+|driving\s+)?licen[cs]e(?:\s+number)?(?!\s+(?:plate|key|agreement|fee))|\bdl\b(?:\s+number)?",
    ),
    "other": (
        r"주문\s*(?:번호)?|송장\s*(?:번호)?|운송장\s*(?:번호)?|접수\s*번호|예약\s*번호|상품\s*(?:번호|코드)?|품번|견적",
        r"모델\s*(?:명|번호)?|배송\s*(?:번호|조회)|문의\s*번호|사건\s*번호|고객\s*번호|회원\s*번호|우편\s*번호|일련\s*번호",
        r"사업자\s*(?:등록)?\s*(?:번호)?|시리얼|쿠폰|포인트|바코드|영수증|승인\s*번호|청구서|계약\s*번호|보험\s*증권|증권\s*번호",
        r"(?<![가-힣])코드|[상제은]품\s*코드|대기\s*번호|대표\s*번호|고객\s*센터|인증\s*번호|등기|법인\s*(?:등록\s*)?번호|검침|지침|계량기|항공편|편명|신청\s*번호",
        r"관리\s*번호|차량\s*번호|차대\s*번호|마일리지|세금계산서|생년\s*월일|생일",
        r"\border(?:s|\s+(?:number|no|id))?\b|tracking|waybill|shipment|parcel|package|invoice|confirmation|booking",
        r"reservation|reference|\bticket|\bcase\b|\bserial|\bmodel\b|\bitem\b|\bproduct\b|\bsku\b|\bbarcode",
        r"\bcoupon|\bvoucher|\bmember(?:ship)?|customer\s+(?:number|id)|\bclaim|\bpolicy|\bzip\b|\bpoints?\b",
        r"\bmeter\b|\breading\s+is\b|verification\s+code|passcode|\bflight\b|\bgate\b|\bseat\b|extension|\bext\b|prescription",
        r"\brx\b|\bbatch\b|\bbill\s+number|\bpromo|tax\s+year|\brow\b|\bdob\b|\bbirth",
        r"버전|에러|오류|\berror\b|타이어|사이즈|\btires?\b|\bsize\b|\b(?:one|1)[\s-]time\s+(?:code|pass\w+)|\botp\b|\bcalled\s+at\b"
        r"|\b(?:opens?|closes?|arrives?|departs?|leaves?)\s+at\b",
        r"\breceipt|\bquote|\bupc\b|\bisbn\b|\bimei\b|\btotal\b|\bprice|\bgift\s+card|\bversion\b",
    ),
    "account": (
        r"계좌|통장|예금주|입금|출금|송금|이체|적금|예금|환불[은을]|국민(?!\s*(?:카드|연금|건강|신문))|신한(?!\s*카드)|우리은행|우리(?=\s+\d|요(?![가-힣])|이에요|예요|은행)|토스|카뱅|하나은행|농협|기업은행|신협|수협|우체국",
        r"새마을금고|카카오뱅크|카뱅|케이뱅크|은행|뱅크",
        r"(?<!on the )(?<!on my )(?<!on your )(?<!for the )\baccount(?!ing|ant)(?:\s+(?:number|no))?",
        r"\bmoney\s+(?:(?:went|goes|going|sent|transferred|moved|back)\s+)?(?:in|into|to)\b|\bdeposit(?:s|ed)?\s+(?:in|into|to)\b",
        r"\btransfer(?:s|red)?\s+(?:it\s+)?(?:in|into|to|from)\b|\bacct\b|\bchecking\b|\bsavings\b|routing(?:\s+number)?|sort\s+code|\biban\b|\bbank\b",
        r"\bi\s+b\s+a\s+n\b|\baba\b|direct\s+deposit|\bwired?\b|\b(?:woori|shinhan|kookmin|hana|nonghyup|kakao|toss|ibk|chase|barclays|citi(?:bank)?|hsbc)\b",
        r"\bwells\s+fargo|\bcredit\s+union|\b(?:of|on)\s+(?:the|my|a)\s+check\b|\bauto\s?(?:draft|pay)|\ba\s+b\s+a\b",
    ),
    "card": (
        r"(?:국민|신한|삼성|현대|롯데|하나|우리|농협|체크|신용)?\s?카드\s*(?:번호|넘버)?|비자|아멕스",
        r"\bcard(?:\s+number)?|\bvisa\b|master\s?card|\bamex\b|american\s+express|\bdiscover\b|\bjcb\b"
        r"|\bcredit\b|\bdebit\b",
    ),
    "phone": (
        r"전화\s*(?:번호)?|휴대\s*(?:폰|전화)|핸드폰|핸폰|(?<![가-힣])폰(?=[은는이가]\s)|폰\s*번호|연락처|연락\s*(?:주|드|가능)",
        r"(?:집|회사)\s?(?:전화|번호)|\bphone(?:\s+number)?|\bcell(?:\s*phone)?(?:\s+number)?",
        r"\bmobile(?:\s+number)?|\bcall\s+(?:me|us)(?:\s+back)?|reach\s+me|text\s+me|\btelephone|\bcall\s*back",
        r"\bhome\s+number|\bwork\s+number|contact\s+number",
    ),
    "part": (
        r"(?:앞|뒷|뒤)\s*(?:자리|부분)|(?:앞|뒷|뒤)에?\s*(?:여섯|일곱|[67])\s*자리|(?:앞|뒷)\s*번호|(?:앞|뒤)에\s*(?:거|것)",
    ),
    "number": (r"제?\s?번호(?=[는가은이를요])", r"\b(?:my|his|her|\w+['’]s)\s+number|\bthe\s+number(?:'s|\s+is)"),
}
_KINDS = {kind.value: kind for kind in PersonalKind} | {"code": PersonalKind.CARD}
_ANY = re.compile(
    # Words of the Latin alphabet are looked for where words begin: everything else would be tried for nothing.
    r"(?:(?=[가-힣])|(?<![a-z])(?=[a-z]))(?:"
    + "|".join(f"(?P<{name}>{'|'.join(patterns)})" for name, patterns in _CUES.items())
    + ")",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[.?!。])\s+")
_BY_KEYS = re.compile(
    r"(\b(?:enter|key|keyed|type|press|dial)\b[^.?!]*?)\s(?:on|with|using|into)\s(?:your|the)\s(?:tele)?phone\b",
    re.I,
)
"""How something may be told, which says nothing of what is asked for: "or enter them on your telephone"."""
_ASKS = re.compile(
    r"\?$|말씀|알려|불러|입력|눌러|남겨|어떻게 되|무엇|뭐"
    r"|\b(?:what|which|tell|give|say|enter|key|type|provide|may i have|could you)\b",
    re.I,
)
_IN_WORDS = {
    PersonalKind.EMAIL: re.compile(r"이메일|메일\s*주소|e-?mail", re.I),
    PersonalKind.ADDRESS: re.compile(r"주소|배송지|\baddress", re.I),
    PersonalKind.NAME: re.compile(r"성함|이름|성명|예금주|\bname\b", re.I),
}

CODE = "code"
OTHER = "other"
_PART = "part"
"""A part of what was named before; else of a registration number, of which everybody knows two."""
_GENERIC = re.compile(r"code|digits?|세\s?자리|기[간한]|만기", re.I)
"""Words that a card's code or expiry date is called by only where a card is spoken of."""
_D = rf"[\d{DOUBTFUL}]"
_LEADS = re.compile(rf"(?:\s*번호|\s+number)?(?:\s+is|['’]s|:|은|는)\s*{_D}", re.I)
_MONTH_AND_YEAR = re.compile(
    rf"[은이는가]?\s*(?:0?[1-9]|1[0-2])\s*(?:월\s*(?:에\s*)?|에\s*|/\s*|슬래시\s*){_D}\s?{_D}[{DOUBTFUL}]?(?!\s*[{DOUBTFUL}\d일])"
)
"""In this order only cards say it."""
_SEVEN = re.compile(rf"[^\d{DOUBTFUL}]{{0,10}}(?:[\d{DOUBTFUL}][ -]?){{7}}(?![\d{DOUBTFUL}])")
"""As many digits as a registration number has behind its sign; those of a telephone number are four."""
_NUMBER = "number"
"""A number that is called nothing else is somebody's telephone number."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A word that says what numbers beside it are: a kind's value, ``code`` (beside a card) or ``other``: nothing
    personal. It stands at ``start:end`` of the written text."""

    name: str
    start: int
    end: int
    announces: bool = False
    """Whether "is", or what else leads to a number, stands behind it: the next number is meant, not the one before."""

    @property
    def kind(self) -> PersonalKind | None:
        """The kind of personal data that it announces."""
        return _KINDS.get(self.name)


def cues(text: Written, asked: PersonalKind | None = None) -> tuple[Cue, ...]:
    """All cues of a text in their order; what was ``asked`` comes before all."""
    found = [Cue(asked.value, 0, 0)] if asked is not None else []
    for match in _ANY.finditer(text.text):
        name = match.lastgroup or OTHER
        before = found[-1] if found else None
        if name == _NUMBER:  # of what was named before, if anything was: 신용카드로 할게요 그 번호가
            name = PersonalKind.PHONE.value if before is None else before.name
        elif name == _PART:
            named = before is not None and before.kind is not None and before.kind not in _IN_WORDS
            of_a_phone = match.group().startswith("뒷번호") and not _SEVEN.match(text.text, match.end())
            alone = PersonalKind.PHONE if of_a_phone else PersonalKind.REGISTRATION
            name = before.name if before is not None and named else alone.value
        elif _GENERIC.fullmatch(match.group()) and not _is_a_cards(text, match.end(), before):
            continue
        found.append(Cue(name, match.start(), match.end(), _LEADS.match(text.text, match.end()) is not None))
    return tuple(found)


def _is_a_cards(text: Written, behind: int, before: Cue | None) -> bool:
    """Whether a card is spoken of where a word stands that other things have as well."""
    spoken_of = before is not None and before.kind is PersonalKind.CARD
    return spoken_of or _MONTH_AND_YEAR.match(text.text, behind) is not None


def asked_for(text: str) -> str | None:
    """What the last sentence of a text asks for, as a cue's name: the one kind of personal data that it names, or
    ``other`` if it asks for something else, or leaves open which of both; None if it asks for nothing of the sort."""
    sentence = _BY_KEYS.sub(r"\1", _SENTENCE.split(text.strip())[-1])
    if not _ASKS.search(sentence):
        return None
    words = next((kind.value for kind, pattern in _IN_WORDS.items() if pattern.search(sentence)), None)
    if words is not None:
        return words
    named = {OTHER if cue.kind is None else cue.kind.value for cue in cues(Written(sentence))}
    if len(named) > 1:
        return OTHER
    return named.pop() if named else None


def nearest(among: Sequence[Cue], start: int, end: int) -> Cue | None:
    """The cue that belongs to the number at ``start:end``: the last before it that is near, else the first behind."""
    place = bisect_right(among, start, key=lambda cue: cue.end)
    if place and (start - among[place - 1].end <= BEFORE or among[place - 1].end == 0):
        return among[place - 1]
    place = bisect_left(among, end, key=lambda cue: cue.start)
    if place == len(among) or among[place].announces or among[place].start - end > AFTER:
        return None
    return among[place]
