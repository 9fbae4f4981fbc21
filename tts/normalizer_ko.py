"""What the rules say in Korean. Pure; ``tts.normalizer`` applies it.

The hard part of Korean is which numerals a counter takes: native ones for hours, things and people (세시, 두 개,
스무 명), Sino-Korean for nearly everything else (삼분, 이층, 십일월), which is therefore the default.
"""

from __future__ import annotations

import re
from typing import Final

from tts.letters import in_hangul, loanword
from tts.numerals import ko_digits, ko_native, ko_number, ko_sino, plain
from tts.rules import (
    ACRONYM,
    CLOCK,
    CODE,
    DASH,
    DECIMAL,
    DOTTED,
    EMAIL,
    END,
    FREE,
    GROUPS,
    ISO_DATE,
    MERIDIEM,
    NUMBER,
    PHONE,
    SYMBOL,
    TILDE,
    URL,
    WORD,
    Rules,
    after,
    before,
    in_fours,
    rule,
    table,
    valid_month_day,
)

# Each with what must not follow, because it would be another word.
_COUNTERS: Final = r"""
    개(?!월|소|국|년|사(?!이)|통|항|점) 시간 시(?!즌|리즈|그마|도) 번째 번(?!지|길|호) 명(?!절) 살 병(?!원|동|상)
    장(?!소|관|기) 마리 권(?!역) 대(?!학|로|리|문|\d) 달(?!러) 잔(?!액|여) 컵 그릇 켤레 벌(?!금) 송이 그루 채(?!널)
    척 통(?!화|신|장) 가지 군데 곳 건(?!물) 배(?!송|달|터) 박스 상자 봉지 세트 팩 묶음 줄 자루 쌍 조각 사람
    분(?=께서|이서|의\s고객|의\s손님|모두|씩) 방울 알(?![가-힣]) 포기 바퀴 걸음 스푼 캔 끼
"""
_COUNTER: Final = f"(?:{'|'.join(_COUNTERS.split())})"
_NATIVE_UP_TO: Final = {"시": 12, "시간": 23, "배": 10}

_UNITS: Final = table(
    """
    %p=퍼센트포인트 %=퍼센트 °C=도 °F=도 °=도 kg=킬로그램 mg=밀리그램 g=그램 km/h=킬로미터 km2=제곱킬로미터
    km=킬로미터 cm2=제곱센티미터 cm=센티미터 mm=밀리미터 m2=제곱미터 m3=세제곱미터 m=미터 ml=밀리리터 mL=밀리리터
    L=리터 l=리터 cc=씨씨 TB=테라바이트 GB=기가바이트 MB=메가바이트 KB=킬로바이트 Gbps=기가비피에스
    Mbps=메가비피에스 kWh=킬로와트시 kW=킬로와트 W=와트 V=볼트 mAh=밀리암페어시 GHz=기가헤르츠 MHz=메가헤르츠
    kHz=킬로헤르츠 Hz=헤르츠 kcal=킬로칼로리 inch=인치 ft=피트 lb=파운드 oz=온스 px=픽셀 t=톤
    """
)
_UNIT: Final = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))

_CURRENCIES: Final = {
    "₩": ("원", ""),
    "KRW": ("원", ""),
    "$": ("달러", "센트"),
    "US$": ("달러", "센트"),
    "USD": ("달러", "센트"),
    "€": ("유로", "센트"),
    "EUR": ("유로", "센트"),
    "£": ("파운드", "펜스"),
    "GBP": ("파운드", "펜스"),
    "¥": ("엔", ""),
    "JPY": ("엔", ""),
}
_CURRENCY: Final = r"(?:US\$|[₩$€£¥]|\b(?:KRW|USD|EUR|GBP|JPY) ?)"

_FIXED: Final = table(
    """
    24/7=연중무휴_이십사_시간 1+1=원_플러스_원 2+1=투_플러스_원 A/S=에이에스 4K=포케이 8K=에이트케이 5G=파이브지
    4G=포지 3G=쓰리지 3D=쓰리디 2D=투디 MP3=엠피쓰리 MP4=엠피포 B2B=비투비 B2C=비투씨 1:1=일대일 O2O=오투오
    No.=넘버_ Dr.=닥터 Mr.=미스터 Ms.=미즈
    """
)

_WEEKDAYS: Final = "월화수목금토일"
_READ_AS_DIGITS: Final = re.compile(
    r"(?:번호|코드|끝자리|뒷자리|앞자리|비밀번호|내선|핀|PIN)(?:는|은|가|이|을|를|로)?[ :]*$"
)
_MENU_BEFORE: Final = re.compile(r"(?:내선|메뉴|버튼|창구|출구|항목|숫자|다이얼) ?$")
_MENU_AFTER: Final = re.compile(
    r"(?:을|를|은|으로|만)? ?(?:누르|눌러|누른|선택|버튼|창구|출구|게이트|메뉴|키|상담|입력|항목|승강장)"
)
_AGE_AFTER: Final = re.compile(r"(?: ?(?:고객|남성|여성|남자|여자|이상|이하|초반|중반|후반)|[의은는이])")
_UNIT_AFTER: Final = re.compile(
    r" ?(?:원|달러|개|명|건|년|엔|유로|[만억조분초회점층]|일(?! ?(?:때|경우|수))|자리|시간|퍼센트)"
)
_SINO_UNITS_AFTER_HYPHEN: Final = re.compile(
    r" ?(?:영업일|[일주월년분초원층회호박천만억조인세점도평위차엔]|개월|단계|권역|학년|달러|유로|퍼센트|프로|킬로|기가)"
)


def _count(number: str, counter: str) -> str:
    """A number before a native counter, as far as native numerals reach."""
    value = plain(number)
    blank = "" if counter == "시" else " "
    if "." in value or len(value) > 2 or not 1 <= int(value) <= _NATIVE_UP_TO.get(counter, 99):
        said = ko_number(value.lstrip("0") or "0") if "." not in value else ko_number(value)
    elif counter == "번째" and int(value) == 1:
        said = "첫"
    else:
        said = ko_native(int(value))
    return f"{said}{blank}{counter}"


def _counted(match: re.Match[str]) -> str | None:
    number, counter = match["num"], match["counter"]
    value = plain(number)
    sino = before(match).endswith("제")
    if counter == "번":
        sino = sino or bool(_MENU_BEFORE.search(before(match)) or _MENU_AFTER.match(after(match)))
    elif counter == "대":
        sino = sino or (
            value.isdigit() and int(value) % 10 == 0 and 10 <= int(value) <= 90 and bool(_AGE_AFTER.match(after(match)))
        )
    if sino:
        return f"{ko_number(value.lstrip('0') or '0')}{counter}"
    return _count(number, counter)


def _counted_range(match: re.Match[str]) -> str:
    counter = match["counter"]
    return f"{_count(match['low'], counter)}에서 {_count(match['high'], counter)}"


def _month(month: str) -> str:
    return {6: "유", 10: "시"}.get(int(month)) or ko_sino(int(month))


def _date(match: re.Match[str]) -> str:
    return f"{ko_sino(int(match['y']))}년 {_month(match['m'])}월 {ko_sino(int(match['d']))}일"


def _month_day(match: re.Match[str]) -> str | None:
    month, day = match["m"], match["d"]
    if not valid_month_day(month, day):
        return None
    if match["sep"] == "." and match["week"] is None:
        return None  # 3.14 is a decimal unless a weekday follows
    if match["sep"] == "/" and int(month) < int(day) <= 4 and match["week"] is None:
        return None  # 1/2, 1/3, 2/3, 3/4 are fractions
    return f"{_month(month)}월 {ko_sino(int(day))}일" + (f" {match['week'][-2]}요일" if match["week"] else "")


def _fraction(match: re.Match[str]) -> str:
    return f"{ko_number(match['b'])}분의 {ko_number(match['a'])}"


def _meridiem(mark: str) -> str:
    return "오전" if mark.lower().startswith("a") else "오후"


def _clock(time: str, *, half: str = "", split_day: bool = False) -> str:
    """15:30 -> 오후 세시 삼십분. ``half`` names the half of the day; ``split_day`` asks for one even before noon."""
    hour, minute, *second = (int(part) for part in time.split(":"))
    if not half and (hour > 12 or split_day or time.startswith("0")) and hour not in (0, 24):
        half = "오전" if hour < 12 else "오후"
    if hour in (0, 24):
        said = "밤 열두시" if hour == 24 else "영시"
    else:
        said = f"{ko_native(hour if hour <= 12 else hour - 12)}시"
    if half and hour not in (0, 24):
        said = f"{half} {said}"
    if minute:
        said += f" {ko_sino(minute)}분"
    return said + (f" {ko_sino(second[0])}초" if second and second[0] else "")


def _half_before(match: re.Match[str]) -> bool:
    return bool(re.search(r"(?:오전|오후|새벽|아침|점심|낮|저녁|밤)\s*$", before(match)))


def _time(match: re.Match[str]) -> str:
    if match["half"]:
        return _clock(match["time"], half=_meridiem(match["half"]))
    if _half_before(match):
        hour, _, rest = match["time"].partition(":")
        return _clock(f"{int(hour) % 12 or 12}:{rest}", half="", split_day=False)
    return _clock(match["time"])


def _time_range(match: re.Match[str]) -> str:
    low, high = match["low"], match["high"]
    split = any(int(time.split(":")[0]) > 12 or time.startswith("0") for time in (low, high)) and not _half_before(
        match
    )
    return f"{_clock(low, split_day=split)}에서 {_clock(high, split_day=split)}"


def _hour_with_half(match: re.Match[str]) -> str | None:
    hour = int(match["hour"])
    if not 1 <= hour <= 12:
        return None
    return f"{_meridiem(match['half'])} {ko_native(hour)}시"


def _money(match: re.Match[str]) -> str:
    unit, cents = _CURRENCIES[match["currency"].strip()]
    amount, big = match["num"], match["big"] or ""
    whole, _, rest = plain(amount).partition(".")
    if rest and cents and len(rest) <= 2 and not big:
        said = [f"{ko_number(whole)} {unit}"] if int(whole) else []
        if small := int(rest.ljust(2, "0")):
            said.append(f"{ko_sino(small)} {cents}")
        return " ".join(said) or f"영 {unit}"
    return f"{_big(plain(amount), big) if big else ko_number(plain(amount))} {unit}"


def _big(number: str, big: str) -> str:
    """2, 천만 -> 이천만; 1, 만 -> 만; 1, 억 -> 일억."""
    if number == "1" and big[0] in "십백천만":
        return big
    return ko_number(number) + big


def _sign(match: re.Match[str]) -> str:
    return {"-": "마이너스 ", "+": "플러스 ", "±": "플러스마이너스 "}.get(match["sign"] or "", "")


def _measure(match: re.Match[str]) -> str:
    unit, sign = match["unit"], _sign(match)
    number = ko_number(plain(match["num"]))
    if unit in ("°C", "°F"):
        sign = "영하 " if sign.startswith("마") else ""
        return f"{'화씨 ' if unit == '°F' else ''}{sign}{number}도"
    if unit == "km/h":
        return f"시속 {sign}{number} {_UNITS[unit]}"
    return f"{sign}{number} {_UNITS[unit]}"


def _measured_range(match: re.Match[str]) -> str:
    unit = _UNITS[match["unit"]]
    blank = "" if unit == "도" else " "
    return f"{ko_number(plain(match['low']))}에서 {ko_number(plain(match['high']))}{blank}{unit}"


def _range(match: re.Match[str]) -> str | None:
    hyphen = match["sep"] == "-"
    if hyphen and not _SINO_UNITS_AFTER_HYPHEN.match(after(match)):
        return None
    low = f"{_month(match['low'])}월" if after(match).startswith("월") and int(plain(match["low"])) in (6, 10) else None
    return f"{low or ko_number(match['low'])}에서 {_before_unit(match, match['high'])}"


def _before_unit(match: re.Match[str], number: str) -> str:
    """A Sino number, knowing that June and October drop a sound."""
    if after(match).lstrip().startswith("월") and plain(number) in ("6", "06", "10"):
        return _month(number)
    if after(match).startswith(("월", "일", "분", "초", "시")) and number.startswith("0"):
        return ko_number(number.lstrip("0") or "0")
    return ko_number(number)


def _until(match: re.Match[str]) -> str:
    """A tilde between two things: 에서 if they look like ends of a range, else nothing."""
    left = before(match).rpartition(" ")[2]
    ranged = bool(re.search(r"\d|요일$|평일$|주말$", left)) or (len(left) == 1 and left in _WEEKDAYS)
    if ranged and re.match(r"[\d가-힣A-Za-z₩$]", after(match)):
        return "에서 "
    return " " if match.group() != match.group().strip() else ""


def _phone(match: re.Match[str]) -> str:
    groups = re.findall(r"\d+|\*+", match.group())
    said = ", ".join("별표" if group[0] == "*" else ko_digits(group) for group in groups)
    if len(groups) == 1 and len(groups[0]) > 9:
        digits = groups[0]
        said = ", ".join((ko_digits(digits[:3]), ko_digits(digits[3:-4]), ko_digits(digits[-4:])))
    return f"플러스 {said}" if match.group().startswith("+") else said


def _groups(match: re.Match[str]) -> str:
    groups = match.group().split("-")
    if len(groups) == 2 and all(len(group) < 4 and group[0] != "0" for group in groups):
        return f"{ko_sino(int(groups[0]))} 다시 {ko_sino(int(groups[1]))}"
    return ", ".join(" ".join(ko_digits(part) for part in in_fours(group)) for group in groups)


def _code(match: re.Match[str]) -> str:
    said = []
    for group in re.split(r"[-_]", match.group()):
        runs = re.findall(r"\d+|[A-Za-z]+", group)
        said.append(" ".join(_code_run(run) for run in runs))
    return ", ".join(said)


def _code_run(run: str) -> str:
    if run.isdigit():
        return " ".join(ko_digits(part) for part in in_fours(run))
    return (loanword(run) if len(run) > 2 else None) or in_hangul(run)


def _number(match: re.Match[str]) -> str:
    number, sign = match["num"], _sign(match)
    digits = plain(number)
    if number.isdigit() and not _UNIT_AFTER.match(after(match)):
        told = len(digits) >= 3 and _READ_AS_DIGITS.search(before(match))
        if told or len(digits) >= 8:
            return sign + " ".join(ko_digits(part) for part in in_fours(digits))
    return sign + _before_unit(match, number)


def _acronym(match: re.Match[str]) -> str | None:
    word = match.group()
    letters = re.sub(r"[^A-Za-z]", "", word)
    known = loanword(letters)
    if known is not None and len(letters) > 1:
        return known
    if len(letters) > 5 and re.search("[AEIOU]", letters):
        return None
    return in_hangul(letters)


def _word(match: re.Match[str]) -> str | None:
    """A loanword as Koreans say it; but an English phrase of three words or more stays English."""
    word = match.group()
    if len(word) == 1:
        return in_hangul(word)
    neighbours = re.search(r"(?:[A-Za-z']+ ){0,3}$", before(match)), re.match(r"(?: [A-Za-z']+){0,3}", after(match))
    if sum(len(found.group().split()) for found in neighbours if found) >= 2:
        return None
    return loanword(word)


def _address(match: re.Match[str]) -> str:
    """An e-mail address or a URL: names as words where they are known, everything else spelled."""
    text = re.sub(r"^https?://", "", match.group()).rstrip("/")
    stops = {
        "@": "골뱅이",
        ".": "점",
        "-": "하이픈",
        "_": "언더바",
        "/": "슬래시",
        "+": "플러스",
        "%": "퍼센트",
        "?": "물음표",
    }
    stops |= {"=": "이퀄", "&": "앤드", "#": "샵", ":": "콜론"}
    said = []
    for part in re.findall(r"[A-Za-z]+|\d+|[^A-Za-z0-9]", text):
        if part in stops:
            said.append(stops[part])
        elif part.isdigit():
            said.append(" ".join(ko_digits(group) for group in in_fours(part)))
        elif part.isalpha():
            said.append((loanword(part) if len(part) > 2 or part == "co" else None) or _spelled_or_word(part))
    return " ".join(said)


def _spelled_or_word(part: str) -> str:
    return in_hangul(part) if len(part) <= 3 or not re.search("[aeiouyAEIOUY]", part) else part


def _symbol(match: re.Match[str]) -> str:
    match match.group():
        case "&" | "＆":
            return " 앤드 "
        case "%":
            return " 퍼센트"
        case "+":
            return " 플러스 "
        case "=":
            return " 는 "
        case "@":
            return " 골뱅이 "
        case "×":
            return " 곱하기 "
        case "*" | "`":
            return ""
        case "₩":
            return "원"
        case "$":
            return "달러"
        case "°":
            return "도"
        case "/":
            return " "
        case "~" | "∼" | "〜":
            return ""
        case "–" | "|":
            return ", "
        case "→" | "⇒" | "➔":
            return ", "
        case _:
            return " "


def _key(match: re.Match[str]) -> str:
    """A key of the telephone, with the particle that its name takes."""
    particle = {"을": "를", "이": "가"}.get(match["tail"] or "", match["tail"] or "")
    return ("우물정자" if match["key"] == "#" else "별표") + ("" if particle in "표자" else particle)


def _weekday(match: re.Match[str]) -> str:
    return f" {match['low']}요일" + (f"에서 {match['high']}요일" if match["high"] else "")


def _dotted(numbers: str) -> str:
    return " 점 ".join(ko_number(part) for part in numbers.split("."))


KOREAN: Final = Rules(
    (
        rule("fixed", f"{FREE}(?:{'|'.join(re.escape(key) for key in _FIXED)}){END}", lambda m: _FIXED[m.group()]),
        rule("email", EMAIL, _address),
        rule("url", URL, lambda m: _address(m)),
        rule("isodate", ISO_DATE, _date),
        rule("phone", PHONE, _phone),
        rule("timerange", rf"{FREE}(?P<low>{CLOCK})\s?(?:{TILDE}|-)\s?(?P<high>{CLOCK}){END}", _time_range),
        rule("time", rf"{FREE}(?P<time>{CLOCK})(?:\s?(?P<half>{MERIDIEM}))?(?![\d:])", _time),
        rule("hour", rf"{FREE}(?P<hour>\d{{1,2}})\s?(?P<half>{MERIDIEM})", _hour_with_half),
        rule(
            "monthday",
            rf"{FREE}(?P<m>\d{{1,2}})(?P<sep>[/.])(?P<d>\d{{1,2}})(?![\d/]|\.\d)(?P<week>\.?\s?\([{_WEEKDAYS}]\))?",
            _month_day,
        ),
        rule("fraction", rf"{FREE}(?P<a>{NUMBER})[/⁄](?P<b>{NUMBER}){END}", _fraction),
        rule(
            "money",
            rf"{FREE}(?P<currency>{_CURRENCY})\s?(?P<num>{DECIMAL})(?:\s?(?P<big>[십백천]?[만억조]))?",
            _money,
        ),
        rule(
            "countedrange",
            rf"{FREE}(?P<low>{NUMBER})\s?(?:{TILDE}|-)\s?(?P<high>{NUMBER})\s?(?P<counter>{_COUNTER})",
            _counted_range,
        ),
        rule(
            "measuredrange",
            rf"{FREE}(?P<low>{DECIMAL})\s?(?:{TILDE}|-)\s?(?P<high>{DECIMAL})\s?(?P<unit>{_UNIT}){END}",
            _measured_range,
        ),
        rule("range", rf"{FREE}(?P<low>{DECIMAL})\s?(?P<sep>{TILDE}|-)\s?(?P<high>{DECIMAL})(?![\d-]|[~∼]\d)", _range),
        rule("counted", rf"{FREE}(?P<num>{DECIMAL})\s?(?P<counter>{_COUNTER})", _counted),
        rule(
            "big",
            rf"{FREE}(?P<num>{DECIMAL})(?P<big>[십백천]?[만억조]|[십백천](?=\s?(?:원|명|개|건|[만억])))(?![A-Za-z])",
            lambda m: _big(plain(m["num"]), m["big"]),
        ),
        rule("measure", rf"{FREE}(?P<sign>[-+±])?(?P<num>{DECIMAL})\s?(?P<unit>{_UNIT}){END}", _measure),
        rule("version", rf"{FREE}[vV](?:er)?[. ]?(?P<num>\d+(?:\.\d+)+){END}", lambda m: f"버전 {_dotted(m['num'])}"),
        rule("dotted", DOTTED, lambda m: _dotted(m.group())),
        rule("groups", GROUPS, _groups),
        rule("times", rf"{FREE}(?P<a>{DECIMAL})\s?[x×*]\s?(?=\d)", lambda m: f"{ko_number(m['a'])} 곱하기 "),
        rule("code", CODE, _code),
        rule(
            "ratio",
            rf"{FREE}(?P<a>{NUMBER}):(?P<b>{NUMBER}){END}",
            lambda m: f"{ko_number(m['a'])} 대 {ko_number(m['b'])}",
        ),
        rule("number", rf"{FREE}(?P<sign>[-+±])?(?P<num>{DECIMAL})", _number),
        rule("weekday", rf"\s?\((?P<low>[{_WEEKDAYS}])(?:\s?(?:{TILDE}|-)\s?(?P<high>[{_WEEKDAYS}]))?\)", _weekday),
        rule(
            "key",
            r"(?P<key>[#*])\s?(?P<tail>표|자|을|를|이|가)?(?=\s?(?:키|버튼|누르|눌러|누른)|(?<=[표자을를이가]))",
            _key,
        ),
        rule("acronym", ACRONYM, _acronym),
        rule("word", WORD, _word),
        rule("until", rf"\s?{TILDE}\s?", _until),
        rule("dash", DASH, lambda m: ", "),
        rule("digits", r"\d+", lambda m: ko_number(m.group())),
        rule("symbol", SYMBOL, _symbol),
    ),
    skip=r"\s가-힣.,!?",
)
