"""Addresses of doors: roads with their numbers, lots, apartments; Korean ones in Hangul and romanized, and English.

A city or a district alone is none, and "로" behind a noun is more often a particle than a road, so that a road needs a
number and something beside it that speaks for it.

Refuses: asking whether there is such a door.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialog.privacy.kinds import PersonalKind
from dialog.privacy.reading import GUESSED, NAMED, Candidate, Reading
from dialog.privacy.written import DOUBTFUL

_KIND = PersonalKind.ADDRESS
_PLAIN_DIGITS = str.maketrans(DOUBTFUL, "0123456789")

_PROVINCE = (
    r"(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주|충청[남북]|전라[남북]|경상[남북])"
    r"(?:특별자치시|특별자치도|특별시|광역시|시|도)?"
)
_DISTRICT = r"[가-힣]{1,7}(?:시|군|구|읍|면|동)(?=\s)"
_CITY = (
    r"(?:수원|성남|용인|고양|부천|안양|안산|화성|김포|남양주|평택|의정부|시흥|파주|광명|군포|하남|오산|이천|양주|구리|안성|포천|의왕|여주|춘천|원주"
    r"|강릉|동해|속초|청주|충주|제천|천안|아산|서산|당진|공주|보령|논산|전주|익산|군산|정읍|남원|목포|여수|순천|나주|광양|포항|경주|김천|안동"
    r"|구미|영주|영천|경산|창원|진주|통영|사천|김해|밀양|거제|양산|서귀포)"
)
_REGION = rf"(?:(?:{_PROVINCE}|{_DISTRICT}|{_CITY})\s+){{0,4}}"
_PAUSE = r"(?:[\s,]|어|음|그)*"
_NO_UNIT = (
    r"(?!\s*(?:개(?!발)|원(?!룸)|만|천|시(?!민)|분|일|월|년|명|장|프로|%|권|세트|포인트|번(?!지|길)|건|박스|병|킬로|그램|kg|회|차|층|호|동|길"
    r"|달러|통|잔))"
)
_NUMBER = rf"\d{{1,4}}(?:\s?(?:-|다시|대시|의)\s?\d{{1,3}})?(?![\d-])(?:\s*번지)?{_NO_UNIT}"
_ALLEY = r"(?:\s*\d{1,4}\s*(?:번)?길)?"
_HOUSE = r"[가-힣A-Za-z0-9]{1,10}(?:아파트|빌라|오피스텔|빌딩|타워|맨션|연립|주택|캐슬|자이|래미안|푸르지오)"
_BLOCK = r"(?:\d{1,4}|[A-Za-z가나다라]|에이|비|씨|디|엔)"
_DOORS = rf"(?:{_BLOCK}\s*동[\s,]*\d{{1,5}}\s*[호층]|\d{{2,5}}\s*호|\d{{1,3}}\s*층)"
"""A door within a building, whatever that is called."""
_UNIT = (
    rf"(?:[\s,]*(?:{_HOUSE}|래미안|자이|푸르지오|힐스테이트)|(?:[\s,]+(?!(?:에서|앞에|근처))[가-힣A-Za-z]{{2,14}}(?:\s*\d{{1,2}}\s*(?:단지|차))?){{1,2}}(?=\s*{_DOORS}))?(?:{_PAUSE}{_BLOCK}\s*동)?"
    rf"(?:{_PAUSE}(?:(?:지하\s*)?\d{{1,3}}\s*층|지층))?(?:{_PAUSE}(?:비|[A-Za-z]|지하)?\s?\d{{2,5}}\s*호)?"
)
_INSTEAD = r"(?:[가-힣]{1,9}(?:로|길|동)\s+아니[요다]?\s+)?"
_ROAD = re.compile(
    rf"(?P<region>{_REGION}){_INSTEAD}(?P<road>[가-힣A-Za-z]{{1,9}}\d?(?:대로|로|길)|[가-힣]{{1,5}}\d?[동리]\s?\d{{1,3}}길)(?P<alley>{_ALLEY})\s*{_NUMBER}(?P<unit>{_UNIT})"
    rf"|(?P<only>[가-힣]{{1,9}}(?:대로|로))\s*\d{{1,4}}\s*길(?:\s*\d{{1,4}}(?:-\d{{1,3}})?(?![\d\s]*[층동호]))?(?P<rest>{_UNIT})"
)
_LOT = re.compile(
    rf"(?P<region>{_REGION})[가-힣]{{1,5}}\d?(?:동|(?<!자)리|가)\s*(?P<lot>\d{{1,4}}에\s?\d{{1,3}}번지|\d{{1,4}}\s?(?:-|의|다시|대시)\s?\d{{1,3}}(?![\d-])(?:번지)?|\d{{1,4}}번지"
    rf"|\d{{1,4}}{_NO_UNIT}(?![\d동호-])){_UNIT}"
)
_DOOR = re.compile(
    rf"(?:{_HOUSE}\s*|래미안\s*|자이\s*|푸르지오\s*|[가-힣A-Za-z]{{1,9}}(?![은는이가요고로도을를에])[가-힣]\s+)?(?<!\d)(?:\d{{1,4}}\s*동[\s,]*\d{{2,5}}\s*호|\d{{1,3}}\s*층[\s,]*\d{{2,5}}\s*호)"
)
_CUE = re.compile(
    r"주소|배송지|도로명|사는\s*곳|살아|살고|거주|집이|집은|이사|보내|받을\s*곳|address|live|ship|deliver|send|mail\s|moved?\b|located|(?:house|home|place)\s+is\b|i['’]?m\s+at\b|come\s+to",
    re.I,
)
_CONSONANT_BUT_L = frozenset(range(1, 28)) - {8}
"""Final consonants behind which the particle is 으로, never 로: there "로" is a road."""

_DIRECTION = r"(?:north|south|east|west|[nsew]\.?|[ns][ew])"
_NOT_A_NAME = (
    r"(?!(?:minutes?|hours?|days?|weeks?|months?|years?|meters?|miles?|blocks?|times?|of|on|in|the|to|from|down|way|at|my|and"
    r"|for|is|are|was|it|its|or|out|off|by|with|more|less|percent|dollars?|won|people|items?)\b)"
)
_ROADS = r"(?:street|st|avenue|ave|road|rd|lane|ln|boulevard|blvd|drive|dr|court|ct|way|place|pl|terrace|trail|circle)"
_SUFFIX = (
    r"(?P<suffix>street|st|avenue|ave|road|rd|lane|ln|boulevard|blvd|highway|hwy|parkway|pkwy|turnpike|tpke|expressway|freeway|causeway|terrace|crescent"
    r"|drive|dr|court|ct|way|place|pl|square|sq|circle|close|row|mews|bend|trail|loop|pass|path|pike|parade|esplanade|gardens|ridge|hollow|crossing"
    r"|grove|walk|wharf|quay|alley)\b\.?"
    rf"(?!\s+{_ROADS}\b)"
)
_APARTMENT = (
    r"(?:(?:apartment|apt|flat|unit|suite|ste|floor|room|lot|building|bldg|number|#)\.?\s*(?:no\.?\s*)?(?:\d(?:\s?\d){0,4}\s?-?[a-z]?|[a-z])\b"
    r"|(?:\d{1,2}(?:st|nd|rd|th)|first|second|third|fourth|fifth|ground|top)\s+floor\b)"
)
_BEFORE_STREET = (
    rf"(?:(?:{_APARTMENT}|(?:building|block|dorm(?:itory)?|hall|tower|house)\s+\d{{1,3}}[a-z]?|\d{{1,3}}[a-z](?=,)|(?-i:[A-Z])-\d{{2,5}}(?=,)"
    r"|(?-i:[A-Z][a-z]+\s)(?:house|court|building|tower|mansions|hall|lodge)(?=,)|\d{1,4}(?=,\s(?:building|bldg|block)))[\s,]+){0,3}"
    r"(?:(?:number|no\.?)\s+)?"
)
"""What may be said of a door before its street."""
_POSTCODE = r"(?:(?:\d\s?){4}\d(?:-\d{4})?|(?<=[A-Z] )\d{4}(?!\d)|[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2})"
_TOWN = (
    r"(?:,?\s+[A-Z][a-zA-Z]+(?:\s[A-Z][a-z]+){0,2})?"
    rf"(?:,?\s+(?:[A-Z]{{2}}(?![A-Za-z\d])|[A-Z][a-z]+(?:\s[A-Z][a-z]+)?))?(?:,?\s+{_POSTCODE})?"
)
_ENGLISH = re.compile(
    rf"{_BEFORE_STREET}(?<![\w-])(?:\d{{1,2}},\d{{3}}|\d{{1,5}})(?:\s\d{{1,3}}){{0,2}}[a-z]?\s+(?:{_DIRECTION}\s+)?"
    rf"(?:{_NOT_A_NAME}[a-z0-9'’-]+\s+){{1,3}}?{_SUFFIX}(?:\s+{_DIRECTION}\b)?(?P<apartment>(?:[\s,]+{_APARTMENT}){{1,2}})?(?-i:{_TOWN})",
    re.I,
)
_RUE = re.compile(
    rf"(?<![\w-])\d{{1,5}}\s+(?:rue|calle|via|camino|avenida|jalan)\s+(?:(?:de|la|du|des|del|della|los|las)\s+){{0,2}}[a-z]+(?:\s(?-i:[A-Z])[a-z]+)?(?:[\s,]+{_APARTMENT})?(?-i:,\s\d{{4,5}}\s[A-Z][a-z]+|{_TOWN})",
    re.I,
)
_STATE = (
    r"(?:alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho|illinois|indiana"
    r"|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota|mississippi|missouri|montana|nebraska|nevada"
    r"|new\s(?:hampshire|jersey|mexico|york)|(?:north|south)\s(?:carolina|dakota)|ohio|oklahoma|oregon|pennsylvania"
    r"|rhode\sisland|tennessee|texas|utah|vermont|virginia|washington|west\svirginia|wisconsin|wyoming|(?-i:[A-Z]{2}))"
)
_ZIPPED = rf"(?:[\s,]+[a-z.'’]+){{1,4}}?[\s,]+{_STATE}[\s,]+{_POSTCODE}"
"""Town, state and ZIP code, in capitals or not."""
_BEFORE_ZIP = re.compile(rf"(?<![\w-])\d{{1,5}}(?:\s[a-z0-9.'’]+){{1,6}}?{_ZIPPED}", re.I)
_LOWER_TOWN = re.compile(
    rf"[\s,]+(?:[a-z.'’]+[\s,]+){{0,3}}?(?:{_STATE}(?:[\s,]+{_POSTCODE})?(?![a-z])|[a-z.'’]+(?:\s[a-z.'’]+)?(?=[.?!]?$))",
    re.I,
)
"""Where a street is, in capitals or not: town and state, or the last words of what is said."""
_NO_TOWN = re.compile(
    r"\b(?:now|please|thanks?|okay|ok|yes|right|correct|and|but|the|is|are|in|on|at|to|for|since|my|it|if|or|so|buzz|can|not|just"
    r"|with|by|from|you|your|we|i|there|here|today|tomorrow|ring|between|instead|again|actually|sir|ma'am|was|last|that|this)\b",
    re.I,
)
_HIGHWAY = re.compile(
    rf"(?<![\w-])\d{{1,5}}\s+(?:{_DIRECTION}\s+)?(?:(?:state|us|county)\s+)?(?:highway|hwy|route|road)\s+\d{{1,4}}(?:\s+{_DIRECTION}\b)?(?-i:{_TOWN})"
    rf"|\brr\s+\d+\s+box\s+\d+(?-i:{_TOWN})",
    re.I,
)
_BOX = re.compile(rf"\bp\.?\s?o\.?\s+box\s+\d(?:\s?\d){{0,5}}(?:{_ZIPPED})?(?-i:{_TOWN})", re.I)
_ROMANIZED = re.compile(
    rf"{_BEFORE_STREET}(?:\d{{1,4}}\s*-?dong[\s,]+)?(?:\d{{1,5}}\s*-?ho[\s,]+)?(?:(?-i:[A-Z][a-z]+)\s(?:apartments?|apt|villa|building|tower|officetel)[\s,]+)?"
    r"(?:\d{1,4}-\d{1,5},\s*)?\d{1,4}(?:-\d{1,3})?,?\s+[a-z]+(?:-ro|-daero|-gil)\b(?:\s*\d{1,3}(?:beon)?-gil)?"
    r"(?:,\s*\d{1,4}-?dong)?(?:[\s,]+\d{1,5}-?ho)?(?:,\s*[a-z]+(?:-gu|-si|-dong|-do|-ro)?){0,4}(?:\s\d{5}(?!\d))?"
    r"|(?:\d{1,4}\s*-?dong[\s,]+\d{1,5}\s*-?ho[\s,]+)?[a-z]+-(?:ro|daero|gil)\s+\d{1,4}(?:-\d{1,3})?"
    r"(?:[\s,]+[a-z]+-(?:gu|si|dong|do))*(?:[\s,]+(?:seoul|busan|incheon|daegu|daejeon|gwangju|ulsan|sejong))?",
    re.I,
)
_LATIN = re.compile("[A-Za-z]{2}")
_ALSO_WORDS = frozenset(
    (
        "drive dr court ct way place pl square sq circle close row bend trail loop pass path pike ridge hollow crossing"
        " grove walk wharf quay alley"
    ).split()
)
"""Words for roads that mean other things as well: believed with a word for an address or a name in capitals."""


def addresses(reading: Reading) -> Iterator[Candidate]:
    """Everything in the text that may lead to somebody's door."""
    text = reading.written.text.translate(_PLAIN_DIGITS)
    if not reading.runs:
        return
    cued = _CUE.search(text) is not None
    if not text.isascii():
        yield from _korean(reading, text, cued=cued)
    if _LATIN.search(text) is None:
        return
    for found in _ENGLISH.finditer(text):
        certain = found["suffix"].lower() not in _ALSO_WORDS or found["apartment"] is not None
        if certain or cued or any(word[:1].isupper() for word in found.group().split()):
            yield _at(reading, found, NAMED)
            if (
                cued
                and (town := _LOWER_TOWN.match(text, found.end())) is not None
                and not _NO_TOWN.search(town.group())
            ):
                yield Candidate(*reading.written.original(found.start(), town.end()), _KIND, NAMED)
    for pattern in (_BEFORE_ZIP, _HIGHWAY, _RUE, _BOX, _ROMANIZED):
        for found in pattern.finditer(text):
            yield _at(reading, found, NAMED)


def _korean(reading: Reading, text: str, *, cued: bool) -> Iterator[Candidate]:
    for found in _ROAD.finditer(text):
        if _is_road(found, cued=cued):
            yield _at(reading, found, NAMED)
    for found in _LOT.finditer(text):
        if found["region"].strip() or not found["lot"].isdecimal() or "번지" in found["lot"]:
            yield _at(reading, found, NAMED)
    for found in _DOOR.finditer(text):
        yield _at(reading, found, GUESSED)


def _is_road(found: re.Match[str], *, cued: bool) -> bool:
    """Whether the road is one: 테헤란로 152, not 카드로 152."""
    road = found["road"]
    if road is None or found["region"].strip() or found["unit"].strip() or found["alley"].strip():
        return True
    if road.endswith(("대로", "길")) and len(road) > 2:
        return not road.endswith(("그대로", "이대로", "뜻대로"))
    if len(road) > 2 and _final_consonant(road[-2]) in _CONSONANT_BUT_L:
        return True
    return "번지" in found.group() or (
        cued and len(road) > 2 and not road.endswith(("으로", "주소로", "카드로", "문자로"))
    )


def _final_consonant(syllable: str) -> int:
    """Its number among the final consonants of Hangul, 0 for none."""
    return (ord(syllable) - ord("가")) % 28 if "가" <= syllable <= "힣" else 0


def _at(reading: Reading, found: re.Match[str], surety: int) -> Candidate:
    stop = found.start() + len(found.group().rstrip(" ,"))
    begin = stop - len(found.group().strip(" ,"))
    return Candidate(*reading.written.original(begin, stop), _KIND, surety)
