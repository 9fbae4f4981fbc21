"""What the rules say in English. Pure; ``tts.normalizer`` applies it."""

from __future__ import annotations

import re
from typing import Final

from tts.letters import romanized, spelled
from tts.numerals import en_cardinal, en_digits, en_number, en_ordinal, en_year, plain
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
    Rules,
    after,
    before,
    in_fours,
    rule,
    table,
    valid_month_day,
)

_MONTHS: Final = ("January February March April May June July August September October November December").split()
_MONTH_OF: Final = {month[:3].lower(): month for month in _MONTHS}
_MONTH: Final = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?"
    r"|Sep(?:tember|t?\.|t)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
)
_DAY: Final = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_WEEKDAYS: Final = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
_WEEKDAY: Final = r"(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)"

# One and several; where they are the same, the word stands once.
_UNITS: Final = {
    unit: (said.split(":")[0], said.split(":")[-1])
    for unit, said in table(
        """
        %=percent °C=degree_Celsius:degrees_Celsius °F=degree_Fahrenheit:degrees_Fahrenheit °=degree:degrees
        kg=kilogram:kilograms mg=milligram:milligrams g=gram:grams km/h=kilometer_per_hour:kilometers_per_hour
        mph=mile_per_hour:miles_per_hour km=kilometer:kilometers cm=centimeter:centimeters mm=millimeter:millimeters
        m2=square_meter:square_meters m3=cubic_meter:cubic_meters m=meter:meters ml=milliliter:milliliters
        mL=milliliter:milliliters L=liter:liters l=liter:liters TB=terabyte:terabytes GB=gigabyte:gigabytes
        MB=megabyte:megabytes KB=kilobyte:kilobytes Gbps=gigabit_per_second:gigabits_per_second
        Mbps=megabit_per_second:megabits_per_second kWh=kilowatt_hour:kilowatt_hours kW=kilowatt:kilowatts
        W=watt:watts V=volt:volts mAh=milliamp_hour:milliamp_hours GHz=gigahertz MHz=megahertz kHz=kilohertz
        Hz=hertz kcal=kilocalorie:kilocalories ft=foot:feet lbs=pound:pounds lb=pound:pounds oz=ounce:ounces
        px=pixel:pixels hrs=hour:hours hr=hour:hours mins=minute:minutes min=minute:minutes secs=second:seconds
        sec=second:seconds ms=millisecond:milliseconds
        """
    ).items()
}
_UNIT: Final = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))

_CURRENCIES: Final = {  # written: (one, several, one hundredth, several hundredths)
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "₩": ("won", "won", "", ""),
    "¥": ("yen", "yen", "", ""),
}
_CURRENCY_CODES: Final = {"US$": "$", "USD": "$", "EUR": "€", "GBP": "£", "KRW": "₩", "JPY": "¥"}
_CURRENCY: Final = r"(?:US\$|[₩$€£¥]|\b(?:KRW|USD|EUR|GBP|JPY) ?)"
_MAGNITUDES: Final = {"k": "thousand", "m": "million", "mm": "million", "b": "billion", "bn": "billion"}

_FIXED: Final = table(
    """
    24/7=twenty-four_seven 50/50=fifty_fifty e.g.=for_example i.e.=that_is etc.=et_cetera vs.=versus vs=versus
    approx.=approximately Dr.=Doctor Mr.=Mister Mrs.=Missus Ms.=Miz Prof.=Professor Ave.=Avenue Rd.=Road
    Blvd.=Boulevard Dept.=Department dept.=department Inc.=Incorporated Ltd.=Limited Corp.=Corporation
    Ext.=extension ext.=extension w/o=without w/=with 4K=four_K MP3=M_P_three MP4=M_P_four B2B=B_to_B B2C=B_to_C
    Wi-Fi=wifi
    """
)

_SENTENCE_BEGINS: Final = re.compile(rf"\s*$|\s+(?!{_MONTH}\b|{_WEEKDAY}|[A-Z]{{2,}})[A-Z]")

_READ_AS_WORDS: Final = frozenset(
    "PIN SIM NASA COVID CAPTCHA VISA IKEA LAN RAM ROM ZIP OPEC NATO AIDS ASAP MERCADO HANBIT".split()
)
_READ_AS_DIGITS: Final = re.compile(
    r"(?:number|no\.|code|ending in|ends in|digits|pin|extension|ext\.?|passcode|password|account|#)(?: is|:)? ?#?$",
    re.IGNORECASE,
)
_YEAR_BEFORE: Final = re.compile(
    rf"(?:\b(?:in|since|by|from|until|till|of|before|after|during|year|early|late|mid|and|through)|{_MONTH},?|[©])[ -]$"
)
_NOTHING_COUNTED_AFTER: Final = re.compile(r"\s*(?:$|[.,;:!?)](?!\d))")
_NOT_A_YEAR_AFTER: Final = re.compile(r" ?(?:[$€£₩%°]|[a-z]+s\b|won\b|people\b)")


def _day(day: str) -> str:
    return en_ordinal(int(re.sub(r"\D", "", day)))


def _month(written: str) -> str:
    return _MONTH_OF[written[:3].lower()]


def _iso_date(match: re.Match[str]) -> str:
    return f"{_MONTHS[int(match['m']) - 1]} {_day(match['d'])}, {en_year(int(match['y']))}"


def _slash_date(match: re.Match[str]) -> str | None:
    month, day, year = match["m"], match["d"], match["y"]
    if not valid_month_day(month, day) or (year is None and int(month) < int(day) <= 4):
        return None  # 1/2, 2/3, 3/4 are fractions
    said = f"{_MONTHS[int(month) - 1]} {_day(day)}"
    return f"{said}, {en_year(int(year) if len(year) == 4 else 2000 + int(year))}" if year else said


def _month_day(match: re.Match[str]) -> str:
    said = f"{_month(match['month'])} {_day(match['d'])}"
    if match["to"]:
        said += f" to {_day(match['to'])}"
    return f"{said}, {en_year(int(match['y']))}" if match["y"] else said


def _day_month(match: re.Match[str]) -> str:
    article = "" if before(match).lower().endswith("the ") else "the "
    said = f"{article}{_day(match['d'])} of {_month(match['month'])}"
    return f"{said}, {en_year(int(match['y']))}" if match["y"] else said


def _month_year(match: re.Match[str]) -> str:
    return f"{_month(match['month'])} {en_year(int(match['y']))}"


def _weekdays(match: re.Match[str]) -> str:
    said = _WEEKDAYS[match["low"][:3].lower()]
    return f"{said} to {_WEEKDAYS[match['high'][:3].lower()]}" if match["high"] else said


def _meridiem(match: re.Match[str], mark: str) -> str:
    """A M or P M; the full stop of "p.m." may be the sentence's as well."""
    said = "A M" if mark.lower().startswith("a") else "P M"
    return f"{said}." if mark.endswith(".") and _SENTENCE_BEGINS.match(after(match)) else said


def _clock(time: str, half: str | None, *, split_day: bool = False) -> str:
    """15:30 -> three thirty P M, 3:05 -> three oh five, 9:00 -> nine o'clock; ``half``: A M, P M or None."""
    hour, minute, *second = (int(part) for part in time.split(":"))
    if not half and (hour > 12 or split_day or time.startswith("0")):
        half = "A M" if hour % 24 < 12 else "P M"
    said = en_cardinal(hour % 12 or 12)
    if minute:
        said += f" {'oh ' if minute < 10 else ''}{en_cardinal(minute)}"
    elif not half:
        said += " o'clock"
    if second and second[0]:
        said += f" and {_counted(second[0], 'second', 'seconds')}"
    return f"{said} {half}" if half else said


def _time(match: re.Match[str]) -> str:
    return _clock(match["time"], _meridiem(match, match["half"]) if match["half"] else None)


def _time_range(match: re.Match[str]) -> str:
    low, high = match["low"], match["high"]
    split = not match["first"] and any(int(time.split(":")[0]) > 12 or time[0] == "0" for time in (low, high))
    first = _meridiem(match, match["first"]) if match["first"] else None
    second = _meridiem(match, match["second"]) if match["second"] else None
    split = split and not second
    return f"{_clock(low, first, split_day=split)} to {_clock(high, second, split_day=split)}"


def _hour(match: re.Match[str]) -> str | None:
    hour = int(match["hour"])
    if not 1 <= hour <= 12:
        return None
    start = (
        en_cardinal(int(match["low"])) + (f" {_meridiem(match, match['first'])}" if match["first"] else "")
        if match["low"]
        else ""
    )
    return f"{start}{' to ' if start else ''}{en_cardinal(hour)} {_meridiem(match, match['half'])}"


def _counted(number: int, one: str, several: str) -> str:
    return f"{en_cardinal(number)} {one if number == 1 else several}"


def _money(match: re.Match[str]) -> str:
    written = match["currency"].strip()
    one, several, small_one, small_several = _CURRENCIES[_CURRENCY_CODES.get(written, written)]
    whole, _, rest = plain(match["num"]).partition(".")
    if big := match["big"]:
        return f"{en_number(plain(match['num']))} {_MAGNITUDES.get(big.lower(), big.lower())} {several}"
    if not rest or not small_one or len(rest) > 2 or len(whole) > 15:
        return f"{en_number(plain(match['num']))} {one if plain(match['num']) == '1' else several}"
    cents = int(rest.ljust(2, "0"))
    said = [_counted(int(whole), one, several)] if int(whole) or not cents else []
    if cents:
        said.append(_counted(cents, small_one, small_several))
    return " and ".join(said)


def _money_range(match: re.Match[str]) -> str:
    written = match["currency"].strip()
    several = _CURRENCIES[_CURRENCY_CODES.get(written, written)][1]
    return f"{en_number(plain(match['low']))} to {en_number(plain(match['high']))} {several}"


def _sign(match: re.Match[str]) -> str:
    return {"-": "minus ", "+": "plus ", "±": "plus or minus "}.get(match["sign"] or "", "")


def _measure(match: re.Match[str]) -> str:
    one, several = _UNITS[match["unit"]]
    number = plain(match["num"])
    return f"{_sign(match)}{en_number(number)} {one if number == '1' else several}"


def _measured_range(match: re.Match[str]) -> str:
    return f"{en_number(match['low'])} to {en_number(match['high'])} {_UNITS[match['unit']][1]}"


def _range(match: re.Match[str]) -> str | None:
    low, high = plain(match["low"]), plain(match["high"])
    if match["sep"] == "-" and (
        (len(low) > 3 and "," not in match["low"]) or float(high) <= float(low) or low[0] == "0"
    ):
        if not (len(low) == len(high) == 4 and low[:2] in ("19", "20") and float(high) > float(low)):
            return None
        return f"{en_year(int(low))} to {en_year(int(high))}"
    return f"{en_number(low)} to {en_number(high)}"


def _fraction(match: re.Match[str]) -> str:
    top, bottom = int(plain(match["a"])), int(plain(match["b"]))
    if bottom == 2:
        parts = "half" if top == 1 else "halves"
    elif bottom == 4:
        parts = "quarter" if top == 1 else "quarters"
    elif 2 < bottom <= 100 and top < 100:
        parts = en_ordinal(bottom) + ("" if top == 1 else "s")
    else:
        return f"{en_number(match['a'])} over {en_number(match['b'])}"
    return f"{en_cardinal(top)} {parts}"


def _phone(match: re.Match[str]) -> str:
    groups = re.findall(r"\d+|\*+", match.group())
    if len(groups) == 1 and len(groups[0]) > 9:
        digits = groups[0]
        groups = [digits[:3], digits[3:-4], digits[-4:]]
    said = ", ".join("star" if group[0] == "*" else en_digits(group) for group in groups)
    return f"plus {said}" if match.group().startswith("+") else said


def _in_digits(digits: str) -> str:
    return ", ".join(en_digits(part) for part in in_fours(digits))


def _groups(match: re.Match[str]) -> str:
    return ", ".join(_in_digits(group) for group in match.group().split("-"))


def _code(match: re.Match[str]) -> str:
    said = []
    for group in re.split(r"[-_]", match.group()):
        runs = re.findall(r"\d+|[A-Za-z]+", group)
        said.append(" ".join(_code_run(run) for run in runs))
    return ", ".join(said)


def _code_run(run: str) -> str:
    if run.isdigit():
        return _in_digits(run)
    return run if len(run) > 3 and run[1:].islower() else spelled(run)


def _dotted(numbers: str) -> str:
    return " point ".join(en_number(part) for part in numbers.split("."))


def _ordinal(match: re.Match[str]) -> str:
    return en_ordinal(int(plain(match["num"])))


def _decade(match: re.Match[str]) -> str:
    said = en_year(int(match["num"])) if len(match["num"]) == 4 else en_cardinal(int(match["num"]))
    return f"{said[:-1]}ies" if said.endswith("y") else f"{said}s"


def _number(match: re.Match[str]) -> str:
    number, sign = match["num"], _sign(match)
    if number.isdigit():
        if len(number) >= 8 or (len(number) > 2 and _READ_AS_DIGITS.search(before(match))):
            return sign + _in_digits(number)
        year = len(number) == 4 and number[:2] in ("19", "20") and not sign
        told = _YEAR_BEFORE.search(before(match)) or _NOTHING_COUNTED_AFTER.match(after(match))
        if year and told and not _NOT_A_YEAR_AFTER.match(after(match)):
            return en_year(int(number))
    said = sign + en_number(number)
    if match["more"]:
        said += " plus"
    return said


def _acronym(match: re.Match[str]) -> str | None:
    word = match.group()
    letters = re.sub(r"[^A-Za-z]", "", word)
    if len(letters) == 1:
        return None  # "I" and "a" are words, and engines know a single letter
    if letters in _READ_AS_WORDS:
        return letters.lower()
    pronounceable = re.search("[AEIOU]", letters) and re.search("[^AEIOU]", letters)
    if word.isalpha() and (len(letters) > 5 or (len(letters) > 3 and pronounceable)):
        return letters.lower()
    if word in _SHOUTED:
        return letters.lower()
    return spelled(letters)


_SHOUTED: Final = frozenset(
    "ALL AN AND ANY ARE AS AT BE BUT BY CAN DO FOR FREE GET HAS HE IF IN IS IT ME MY NEW NO NOT NOW OF OFF OK ON ONE "
    "OR OUR OUT SO THE TO UP US WAS WE WHO WHY YES YOU".split()
)


def _address(match: re.Match[str]) -> str:
    """An e-mail address or a URL, part by part."""
    text = re.sub(r"^https?://", "", match.group()).rstrip("/")
    stops = {"@": "at", ".": "dot", "-": "dash", "_": "underscore", "/": "slash", "+": "plus", "%": "percent"}
    stops |= {"?": "question mark", "=": "equals", "&": "and", "#": "hash", ":": "colon"}
    said = []
    for part in re.findall(r"[A-Za-z]+|\d+|[^A-Za-z0-9]", text):
        if part in stops:
            said.append(stops[part])
        elif part.isdigit():
            said.append(_in_digits(part))
        elif part.isalpha():
            plain_word = part in ("com", "net", "org") or (len(part) > 2 and re.search("[aeiouyAEIOUY]", part))
            said.append(part if plain_word else spelled(part))
    return " ".join(said)


def _symbol(match: re.Match[str]) -> str:
    match match.group():
        case "&":
            return " and "
        case "%":
            return " percent"
        case "+":
            return " plus "
        case "=":
            return " equals "
        case "@":
            return " at "
        case "×":
            return " times "
        case "$":
            return "dollar"
        case "₩":
            return "won"
        case "°":
            return " degrees"
        case "*" | "`" | '"':
            return ""
        case "–" | "|" | "→" | "⇒" | "➔":
            return ", "
        case _:
            return " "


ENGLISH: Final = Rules(
    (
        rule("fixed", f"{FREE}(?:{'|'.join(re.escape(key) for key in _FIXED)}){END}", lambda m: _FIXED[m.group()]),
        rule("email", EMAIL, _address),
        rule("url", URL, _address),
        rule("isodate", ISO_DATE, _iso_date),
        rule("phone", PHONE, _phone),
        rule(
            "monthday",
            rf"{FREE}(?P<month>{_MONTH})\s+(?P<d>{_DAY}){END}(?:\s?(?:-|{TILDE}|to)\s?(?P<to>{_DAY}){END})?"
            r"(?:,?\s+(?P<y>(?:19|20)\d\d)(?!\d))?",
            _month_day,
        ),
        rule(
            "daymonth",
            rf"{FREE}(?P<d>{_DAY})(?:\s+of)?\s+(?P<month>{_MONTH}){END}(?:,?\s+(?P<y>(?:19|20)\d\d)(?!\d))?",
            _day_month,
        ),
        rule("monthyear", rf"{FREE}(?P<month>{_MONTH})\s+(?P<y>(?:19|20)\d\d)(?!\d)", _month_year),
        rule("month", rf"{FREE}(?P<month>{_MONTH})(?<=\.)", lambda m: _month(m["month"])),
        rule(
            "weekdays",
            rf"{FREE}(?:(?P<low>{_WEEKDAY})\.?\s?(?:-|{TILDE})\s?(?P<high>{_WEEKDAY}){END}\.?)",
            _weekdays,
        ),
        rule("weekday", rf"{FREE}(?P<low>{_WEEKDAY})(?P<high>)\.(?=[ ,]|$)(?=,| ?{_MONTH}| \d)", _weekdays),
        rule(
            "timerange",
            rf"{FREE}(?P<low>{CLOCK})\s?(?P<first>{MERIDIEM})?\s?(?:{TILDE}|-|to)\s?(?P<high>{CLOCK})(?![\d:])"
            rf"(?:\s?(?P<second>{MERIDIEM}))?",
            _time_range,
        ),
        rule("time", rf"{FREE}(?P<time>{CLOCK})(?![\d:])(?:\s?(?P<half>{MERIDIEM}))?", _time),
        rule(
            "hour",
            rf"{FREE}(?:(?P<low>1[0-2]|[1-9])\s?(?P<first>{MERIDIEM})?\s?(?:-|{TILDE}|to)\s?)?(?P<hour>\d{{1,2}})\s?(?P<half>{MERIDIEM})",
            _hour,
        ),
        rule("slashdate", rf"{FREE}(?P<m>\d{{1,2}})/(?P<d>\d{{1,2}})(?:/(?P<y>\d{{4}}|\d\d))?(?![\d/])", _slash_date),
        rule("fraction", rf"{FREE}(?P<a>{NUMBER})[/⁄](?P<b>{NUMBER}){END}", _fraction),
        rule(
            "moneyrange",
            rf"{FREE}(?P<currency>{_CURRENCY})(?P<low>{DECIMAL})\s?(?:-|{TILDE})\s?{_CURRENCY}?(?P<high>{DECIMAL}){END}",
            _money_range,
        ),
        rule(
            "money",
            rf"{FREE}(?P<currency>{_CURRENCY})\s?(?P<num>{DECIMAL})(?:\s?(?P<big>thousand|million|billion|trillion|bn|mm|[kKmMbB]){END})?",
            _money,
        ),
        rule("ordinal", rf"{FREE}(?P<num>{NUMBER})(?:st|nd|rd|th){END}", _ordinal),
        rule("decade", rf"{FREE}(?P<num>(?:\d\d)?\d0)'?s{END}", _decade),
        rule(
            "measuredrange",
            rf"{FREE}(?P<low>{DECIMAL})\s?(?:{TILDE}|-)\s?(?P<high>{DECIMAL})\s?(?P<unit>{_UNIT}){END}",
            _measured_range,
        ),
        rule("range", rf"{FREE}(?P<low>{DECIMAL})\s?(?P<sep>{TILDE}|-)\s?(?P<high>{DECIMAL})(?![\d-])", _range),
        rule("measure", rf"{FREE}(?P<sign>[-+±])?(?P<num>{DECIMAL})[ -]?(?P<unit>{_UNIT}){END}", _measure),
        rule("dotted", DOTTED, lambda m: _dotted(m.group())),
        rule("groups", GROUPS, _groups),
        rule("numbersign", r"(?:#|\bNo\. ?)(?=\d)", lambda m: "number "),
        rule(
            "version", rf"{FREE}[vV](?:er)?[. ]?(?P<num>\d+(?:\.\d+)+){END}", lambda m: f"version {_dotted(m['num'])}"
        ),
        rule("times", rf"{FREE}(?P<a>{DECIMAL})\s?[x×*]\s?(?=\d)", lambda m: f"{en_number(m['a'])} times "),
        rule("code", CODE, _code),
        rule(
            "ratio",
            rf"{FREE}(?P<a>{NUMBER}):(?P<b>{NUMBER}){END}",
            lambda m: f"{en_number(m['a'])} to {en_number(m['b'])}",
        ),
        rule("number", rf"{FREE}(?P<sign>[-+±])?(?P<num>{DECIMAL})(?P<more>\+)?", _number),
        rule("acronym", ACRONYM, _acronym),
        rule("hash", r"#(?=\s?(?:key|sign|to|when)|$)|(?<=press )#", lambda m: "hash"),
        rule("star", r"\*(?=\s?(?:key|sign|to)\b)|(?<=press )\*", lambda m: "star"),
        rule("until", rf"\s?{TILDE}\s?(?=\w)", lambda m: " to "),
        rule("dash", DASH, lambda m: ", "),
        rule("digits", r"\d+", lambda m: en_number(m.group())),
        rule("hangul", r"[가-힣]+", lambda m: romanized(m.group())),
        rule("symbol", SYMBOL, _symbol),
    )
)
