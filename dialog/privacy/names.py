"""Names of people, where words around them say that they are names.

Korean names are looked for by their form (a surname, one or two syllables more) behind a cue or in the phrases by which
callers introduce themselves; English ones are the words behind a cue, until a word that goes on with the sentence.

Refuses: names without a cue in the middle of a sentence; what was said with a cue once is known again (``confided``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialog.parsers.language import language
from dialog.parsers.text import lowered
from dialog.privacy.kinds import PersonalKind
from dialog.privacy.reading import GUESSED, NAMED, Candidate, Reading

_KIND = PersonalKind.NAME

_SURNAMES = (
    "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구나민진지엄채원천방"
    "공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"
)
_RARE = "봉계태피예복감경범빈상승좌창팽평필호화형두라목부판"
"""Surnames that are believed behind a word for a name only."""
_DOUBLE = "남궁|황보|제갈|사공|선우|서문|독고|동방"
_GIVEN = (
    "가강건겸경고관광교구국군권규균근금기길나남노다단달담대덕도동두득라란람래량려련령로록루류률리린림마만말매명례모무문미민"
    "반방배백범별병보복봉빈사산상새샘서석선설섭성세소솔송수숙순슬승시식신실아안애양언여연열엽영예오옥온완용우욱운웅원월유윤율"
    "은을음의이인일임자재전정제조종주준중지진찬창채천철청초춘충치태택늘름람별롱빛샛하학한해향헌혁현형혜호홍화환효훈휘희"
)
_ENDS = (
    r"(?=(?:이?라고|입니다|이?에요|예요|이?요(?:[\s,.?!]|$)|이?고요?|인데|이?구요|으로|로|씨|님|이?신|이?시|이?십니다|이?세요|이며|이?야|이거든|이?죠"
    r"|한테|\s|[,.!?]|$))"
)
_FULL = rf"(?:(?:{_DOUBLE})[{_GIVEN}]{{1,2}}|[{_SURNAMES}][{_GIVEN}]{{2}})"
_ANY = (
    rf"(?:[{_SURNAMES}{_RARE}][{_GIVEN}]{{2}}{_ENDS}|[{_SURNAMES}]\s[{_GIVEN}]\s[{_GIVEN}]{_ENDS}|(?:{_DOUBLE})[가-힣]{{1,2}}{_ENDS}|[{_SURNAMES}][{_GIVEN}]{_ENDS}"
    r"|[A-Z][a-z]+(?:\s[A-Z][a-z]+){0,2}|[A-Z]{2,}(?:[\s-][A-Z]{2,}){1,2})"
)
_LABEL = (
    r"(?:이름|성함|성명|예금주|예약자|주문자|주문인|수취인|수령인|받는\s*(?:사람|분)|받으실\s*분|보내는\s*(?:사람|분)|명의자?(?!\s?(?:도용|변경|이전|대여|신탁))"
    r"|계약자|피보험자|수익자|세대주|보호자|대표자|가입자|신청자|입금자|고객명|환자)(?:명|\s*이름|\s*성함)?+"
)
_LABELLED = re.compile(rf"{_LABEL}\s*(?:은|는|이|가|을|이요|요|이고)?[\s,:?]*(?P<name>{_ANY})")
_LABEL_FRAMED = re.compile(
    rf"{_LABEL}\s*(?:은|는|이|가)?[\s,:]+(?P<name>[가-힣]{{2,7}}?(?:\s[가-힣]{{1,5}}){{0,2}}?)"
    r"(?=이고요?(?![가-힣])|이?라고|입니다|이에요|예요|(?:으로|로)\s?(?:되어|돼|나와|등록|바꿔|변경|적혀))"
)
"""A name of any form: somebody from abroad, a surname that is rare."""
_CALLS_HIMSELF = re.compile(
    r"(?:(?:^|(?<=\s))(?:저는|전|제가|나는|난)\s+|^(?:(?:네|예|아|음|여보세요|안녕하세요)[\s,.]+)*)"
    r"(?P<name>[가-힣]{2,6}?|(?<=[는전가난]\s)[가-힣]{1,4}(?:\s[가-힣]{1,5}?){1,2}?)(?=이?라고\s*(?:합니다|해요|불러))"
)
_NO_FRAMED = re.compile(
    r"(?:비밀|본인|아니|안|못|없|무료|필요|다른|같은|똑같은|이것|그것|이거|그거|뭐|무엇|누구|저|제|남편|아내|와이프|엄마|아빠|어머니|아버지|아들|딸"
    r"|며느리|친구|동생|회사|법인|한글|영어|영문|한자|개명|이름|두|세|네|맞는|틀린|잘못|그대로)(?:\s.*)?"
    r"|.*(?:사람|분|거|것|게|개|번호|이름|계좌|카드|회사|명의|글자|자리|씨|님)|.*[을를은는이가]\s.*"
)
"""What is said in such a frame and is no name."""
_INTRODUCED = re.compile(
    rf"(?:^|(?<=\s))(?:저는|전|제가|저|나는|난)\s+(?P<name>{_FULL})"
    r"(?=입니다|이?에요|예요|이?고요?|인데|\s?이?라고|이?구요|이?요(?:[\s,.]|$))"
)
_CALLED = re.compile(
    rf"(?:^|(?<=\s))(?P<name>{_FULL}|(?:{_DOUBLE})[가-힣]|[{_SURNAMES}][{_GIVEN}](?=이))"
    r"(?=\s?이?라고\s*(?:합니|해요|하는|하고|불러|했|합니다))"
)
_OPENS = re.compile(
    rf"^\s*(?:네|예|아|음|여보세요)?[\s,]*(?P<name>{_FULL})"
    r"(?=입니다|인데요?|이?라고요|이?고\s|(?<![가이은는을를도에])\s+\d|\s+(?:주민|연락처|전화|번호|카드|계좌|주소|생년|여권|면허))"
)
_ADDRESSED = re.compile(
    rf"(?:^|(?<=\s))(?P<name>{_FULL})(?=\s?(?:씨|님|고객님|회원님|환자님)(?:[\s,.?!]|은|는|이|께|의|$))"
)
_NO_NAME = frozenset(
    (
        "제가 이름을 여기서 거기서 저기서 어디서 제주시 주문자 이용자 구매자 신청자 소비자 한국인 외국인 임산부"
        " 대학생 고등생 유학생 정회원 안내원 방문자 배달원 조합원 계약자 명의자 가입자 이사장 고객님 이사람 주문한"
        " 구매한 신청한 이번주 이번달 지난주 하나요 가나요 오나요 되나요 하는데 이거요 그거요 주세요 이용한 이상한"
        " 남자친 여자친 안되고 안되는 전화를 전화로 주소는 주소로 주문은 이메일 번호는 기다리 한가지 두가지 이전에"
        " 정말로 이름은 이름이 성함은 고객은 회원은 사장님 전화기 주문을 신용카 신청은 문의를 문의는 도와주 배송이"
        " 여기로 저기로 거기로 이리로 공유기 설명서 정기권 정수기 제습기 선풍기 안마기 주전자 변압기 인터넷"
        " 장학금 전세금 지원금 조의금 배송은 배송지 연락처 고객인 회원인 아니고 아니라 고지서"
        " 도로명 문자로 메일로"
    ).split()
)

_NAME_WORD = r"(?:[A-Za-z]+(?:['’-][A-Za-z]+)*)"
_STRONG = re.compile(
    r"\b(?:(?:first|last|full|middle|family|given|maiden|account|card)\s*)?name(?:'?s|\s+is|\s+of|\s+on\s+(?:it|(?:the|my|his|her|that|this)\s+\w+)\s+is)?\b[\s:,]*"
    r"|\b(?:put|book|reserved?|list|fil|register)(?:ed)?\s+(?:\w+\s+){0,2}?under\s+(?:the\s+name\s+(?:of\s+)?)?"
    r"|\b(?:account|order|reservation|booking|appointment)(?:'?s|\s+is)?\s+under\s+(?:the\s+name\s+(?:of\s+)?)?|\bsurname(?:\s+is|'s)?\b[\s:,]*|\b(?:account\s*holder|card\s*holder|recipient|guest|patient)(?:'?s\s+name)?\s+(?:name\s+is|is|name)\s+",
    re.I,
)
_WEAK = re.compile(
    r"\b(?:this\s+is|i'?\s?a?m|i\s+am|it'?s\s+for|it'?s|under|they\s+call\s+me|call\s+me|speaking\s+with|hi|hello|attention|attn|dear|mr\.?|mrs\.?|ms\.?|dr\.?)\s+",
    re.I,
)
_STANDS_FOR = re.compile(r"(?:^|under|under\s+the|[,.:])\s*$", re.I)
"""What stands before a bare "name" behind which one follows."""
_TITLE = re.compile(r"(?:attention|attn|dear|mr\.?|mrs\.?|ms\.?|dr\.?|under)\s+$", re.I)
_SPEAKS = re.compile(
    r"[\s,]+(?:speaking|calling|here\b|from|and\s+my|i\s+called|with\s+(?:the\s+|your\s+)?\w+\s+(?:department|team|office|bank))",
    re.I,
)
_GOES_ON = frozenset(
    (
        "and my phone email e-mail mail number at calling from i i'm im the on but with card account address ssn"
        " last first is was are were spelled misspelled wrong not in of to for your you a an it it's its that this"
        " please thanks thank so because who when where what why how name which there here cell mobile passport"
        " license social also or by be been has have speaking again sir correct right changed change would could"
        " should can will if then as same different registered holder field tag brand badge our his her their"
        " under order orders routing since now just only really very too"
    ).split()
)
_NO_FIRST = frozenset(
    (
        "back later tomorrow today tonight monday tuesday wednesday thursday friday saturday sunday sorry korean"
        " american english great ridiculous fine good not looking calling waiting having trying happy sure afraid"
        " interested unable ready going student member customer january february march april may june july august"
        " september october november december miss mister sir madam hello hi yes no okay ok seoul korea visa"
        " amazon google apple one"
    ).split()
)
_NO_OPENING = _NO_FIRST | {"bank", "account", "card", "order", "section"}
_SPELLED = re.compile(r"[\s,.]+(?:that'?s|spelled|it'?s)?[\s,:]*(?P<name>[A-Za-z](?:[\s.-]+[A-Za-z]){2,}(?![A-Za-z]))")
"""Letter by letter, behind a name."""
_BEHIND = re.compile(rf"(?P<name>{_NAME_WORD}(?:\s+{_NAME_WORD}){{0,2}})\s+is\s+my\s+name\b")
_OPENING = re.compile(
    rf"^(?P<name>{_NAME_WORD}\s+{_NAME_WORD})(?=\s+(?:at\s+)?\d|\s+(?:ssn|phone|card|email|here|speaking|calling)\b)"
)
_LOWER = re.compile(
    rf"^(?:(?:hi|hello|hey|yes|yeah|okay|uh|um|good\s+(?:morning|afternoon|evening)|there)[\s,.]+)*this\s+is\s+(?P<name>{_NAME_WORD}(?:\s+{_NAME_WORD}){{0,2}}?)"
    r"(?=[\s,.]+(?:i\b|i['’]\w+|calling|speaking|from|and\s+(?:i|my)\b))",
    re.I,
)
"""How somebody introduces himself where nothing is written in capitals."""
_NO_LOWER = re.compile(
    r"\b(?:the|a|an|my|our|your|his|her|about|not|very|so|too|what|how|why|where|when|it|for|regarding|in|on|to|no|just|all|is|was"
    r"|that|this|really|customer|number|call|great|bad|good|ridiculous|wrong|right|urgent|important|\w+(?:ing|ed|ly|ous|ble|ful))\b",
    re.I,
)
_MOST_WORDS = 3
_MOST_CAPITALS = 5
"""Words of a name that are all written in capitals."""
_ASKED = re.compile(
    r"\b(?:first|last|full|your)\s+name(?:,?\s+please)?\?\s+(?:(?:yes|yeah|sure|um|uh|it['’]?s|that['’]?s)[\s,]+){0,2}(?P<name>[A-Z][a-z]+(?:[\s-][A-Z][a-z]+){0,3})",
)
"""A question that stands before the answer in one line."""
_KOREAN_ASKED = re.compile(
    rf"(?:성함|이름|성명)[이은]?\s*(?:어떻게\s*되(?:세요|시나요|시죠|십니까|실까요)|뭐예요|말씀해\s*주세요|여쭤\s?봐도\s*될까요)[\s?.,]+(?:(?:네|예|아|저는)[\s,.]+)?(?P<name>{_ANY})"
)
_ANSWER = re.compile(rf"[가-힣]{{2,5}}|(?:[{_SURNAMES}]\s)?[가-힣]{{2,3}}|{_NAME_WORD}(?:\s{_NAME_WORD}){{0,3}}")
_NO_ANSWER = frozenset(
    (
        "네 예 네네 아니요 아니오 아뇨 왜요 잠깐만요 잠시만요 모르겠어요 몰라요 몰라 글쎄 글쎄요 그냥 싫어요 상담원"
        " 여보세요 뭐요"
        " yes no why what wait hold person human agent"
    ).split()
)


def names(reading: Reading) -> Iterator[Candidate]:
    """Everything in the text that is introduced as a name."""
    text = reading.text
    if reading.asked is _KIND:
        yield from _answer(reading)
    if not text.isascii():
        yield from _korean(text)
    yield from _english(text)


def _answer(reading: Reading) -> Iterator[Candidate]:
    """The name that answers a question for it: all of a short answer but its frame ("it's …", "…입니다")."""
    frames = language(reading.language).frames
    low = lowered(reading.text)
    before = frames.before.match(low)
    start = 0 if before is None else before.end()
    after = frames.after.search(low, start)
    end = len(low) if after is None else after.start()
    if _ANSWER.fullmatch(reading.text[start:end]) and not _NO_ANSWER.intersection(low[start:end].split()):
        yield Candidate(start, end, _KIND, NAMED)


def _korean(text: str) -> Iterator[Candidate]:
    for pattern in (_LABELLED, _KOREAN_ASKED, _INTRODUCED, _CALLED, _OPENS, _ADDRESSED):
        for found in pattern.finditer(text):
            verb = found["name"][-1] == "하" and text.startswith(("고", "는", "면", "려"), found.end("name"))
            if found["name"] not in _NO_NAME and not verb:
                yield Candidate(*found.span("name"), _KIND, NAMED if pattern is _LABELLED else GUESSED)
    for pattern in (_LABEL_FRAMED, _CALLS_HIMSELF):
        for found in pattern.finditer(text):
            if not _NO_FRAMED.fullmatch(found["name"]) and found["name"] not in _NO_NAME:
                yield Candidate(*found.span("name"), _KIND, GUESSED)


def _english(text: str) -> Iterator[Candidate]:
    for cue in _STRONG.finditer(text):
        words = _words(text, cue.end())
        bare = cue.group().strip().lower() == "name" and not _STANDS_FOR.search(text, 0, cue.start())
        if bare and words and not words[0].group().istitle():
            continue  # "my name before I married": a name that is only spoken of
        if words and words[0].group().lower() not in _NO_FIRST:
            yield Candidate(words[0].start(), words[-1].end(), _KIND, NAMED)
            yield from _spelled(text, words[-1].end())
    for asked in _ASKED.finditer(text):
        if asked["name"].split()[0].lower() not in _NO_FIRST:
            yield Candidate(*asked.span("name"), _KIND, NAMED)
    for cue in _WEAK.finditer(text):
        words = _words(text, cue.end())
        if words and _introduces(text, cue, words):
            yield Candidate(words[0].start(), words[-1].end(), _KIND, GUESSED)
    lower = _LOWER.match(text)
    if lower is not None and not _NO_LOWER.search(lower["name"]):
        yield Candidate(*lower.span("name"), _KIND, GUESSED)
    behind = _BEHIND.search(text)
    if behind is not None and all(word[0].isupper() for word in behind["name"].split()):
        yield Candidate(*behind.span("name"), _KIND, NAMED)
    opening = _OPENING.search(text)
    known = opening is not None and not _NO_OPENING.isdisjoint(opening["name"].lower().split())
    if (
        opening is not None
        and not known
        and all(word[0].isupper() and not word.isupper() for word in opening["name"].split())
    ):
        yield Candidate(*opening.span("name"), _KIND, GUESSED)


def _spelled(text: str, at: int) -> Iterator[Candidate]:
    found = _SPELLED.match(text, at)
    if found is not None:
        yield Candidate(*found.span("name"), _KIND, NAMED)


def _words(text: str, at: int) -> list[re.Match[str]]:
    """The words from there on that may be a name: until one that goes on with the sentence."""
    words: list[re.Match[str]] = []
    pattern = re.compile(rf"{_NAME_WORD}(?![\w@])")
    while len(words) < _MOST_CAPITALS:
        found = pattern.match(text, at)
        if found is None or found.group().lower() in _GOES_ON:
            break
        if len(words) >= _MOST_WORDS and not all(word.group().istitle() for word in (*words, found)):
            break
        words.append(found)
        gap = re.compile(r"\.?[ \t]+").match(text, found.end())
        if gap is None:
            break
        at = gap.end()
    return words


def _introduces(text: str, cue: re.Match[str], words: list[re.Match[str]]) -> bool:
    """Whether a phrase that also says other things ("I'm …", "this is …") introduces somebody here."""
    capital = [word.group()[0].isupper() and (len(word.group()) == 1 or not word.group().isupper()) for word in words]
    if words[0].group().lower() in _NO_FIRST:
        return False
    named = cue.group().lower()
    if _SPEAKS.match(text, words[-1].end()) and named.startswith("this"):
        return True
    if not capital[0]:
        return False
    del words[capital.index(False) if False in capital else len(words) :]
    alone = _TITLE.search(named) or named.startswith(("call me", "they call me", "this is"))
    return bool(alone) or len(words) > 1 or _SPEAKS.match(text, words[-1].end()) is not None
