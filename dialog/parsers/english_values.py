"""English: how numbers, money, counts, dates, times, telephone numbers, names and corrections are said.

Patterns see lower case with the caller's own punctuation, if there is any. ``{n}`` is a number.
"""

from __future__ import annotations

import re

from dialog.parsers.tables import Amounts, Calendar, Cardinals, DayHalf, Frames, Hours, Phones

_UNITS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
        " seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * number
    for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
    " fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_LEAD = (
    r"(?:\s*(?:uh|um|oh|yes|yeah|well|so|okay|just|about|its|it's|it is|only|make it|there (?:are|will be)|we are"
    r"|for|a total of)[\s,]+)*\s*"
)

CARDINALS = Cardinals(
    units=_UNITS,
    tens={**_TENS, "fourty": 40},
    scales={"hundred": 100},
    groups={"thousand": 1_000, "million": 1_000_000, "grand": 1_000},
    unscaled=frozenset(),
    joint=r"(?:[\s-]+(?:and\s+)?)",
    apart=True,
    before_nouns=frozenset(),
    alone=rf"{_LEAD}(?P<number>{{n}})(?:[\s,]+(?:please|thanks|thank you|of them|of us))*[.!\s]*",
)

AMOUNTS = Amounts(
    currencies={"KRW": r"\bwon\b", "USD": r"\b(?:dollars?|bucks?|usd)\b", "EUR": r"\beuros?\b", "JPY": r"\byen\b"},
    signs={"KRW": "₩", "USD": r"\$", "EUR": "€"},
    hundredths=r"\bcents?\b",
    counters=(
        r"\b(?:people|persons?|guests?|adults?|items?|pieces?|tickets?|units?|boxes|box|packs?|pairs?|copies|copy|bottles?"
        r"|chairs?|seats?|visitors?|of (?:them|us|those|these))\b"
    ),
    not_counted=r"\b\B",
    sets={
        "a couple": 2,
        "a pair": 2,
        "both": 2,
        "half a dozen": 6,
        "a dozen": 12,
        "just me": 1,
        "by myself": 1,
        "alone": 1,
        "the two of us": 2,
        "only one": 1,
        "just one": 1,
        "a single": 1,
    },
)

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
)
_WEEKDAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_ORDINAL_WORDS = "|".join(sorted((*_ORDINALS, "thirtieth"), key=len, reverse=True))
_ORDINAL = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)\b|(?:twenty|thirty)[\s-]+(?:{'|'.join(_ORDINALS[:9])})\b|(?:{_ORDINAL_WORDS})\b)"
)
_DAY = (
    rf"(?:{_ORDINAL}|\d{{1,2}}(?![\d:])\b|(?:twenty|thirty)(?:[\s-]+(?:one|two|three|four|five|six|seven|eight|nine))?\b"
    rf"|(?:{'|'.join(sorted(list(_UNITS)[1:], key=len, reverse=True))})\b)"
)
_YEAR = r"(?:[\s,]+(?P<year>(?:19|20)\d\d)\b)?"
_SPAN = r"(?P<span>days?|weeks?|months?|fortnights?)\b"

CALENDAR = Calendar(
    rules=(
        r"(?P<iso>\d{4}-\d{1,2}-\d{1,2})",
        rf"\b(?P<month>{_MONTHS})\b\.?\s+(?:the\s+)?(?P<day>{_DAY}){_YEAR}",
        rf"\b(?:the\s+)?(?P<day>{_ORDINAL})\s+(?:of\s+)?(?P<month>{_MONTHS})\b{_YEAR}",
        rf"\b(?P<month_of>this month|next month)(?:\s+on)?\s+the\s+(?P<day>{_ORDINAL})",
        rf"\b(?:the\s+)?(?P<day>{_ORDINAL})\s+(?:of\s+)?(?P<month_of>this month|next month)\b",
        rf"\b(?P<weekday>{_WEEKDAYS})\s+(?:of\s+)?(?P<week>this week|next week|the week after next|the week after)\b",
        rf"\b(?P<week>a week|two weeks)\s+(?:from\s+)?(?:on\s+)?(?P<weekday>{_WEEKDAYS})\b",
        rf"\b(?P<week>this week|next week)(?:\s+on)?\s+(?P<weekday>{_WEEKDAYS})\b",
        rf"\b(?P<week>this coming|next|this|coming|last)\s+(?P<weekday>{_WEEKDAYS})\b",
        rf"\bin\s+(?P<number>{{n}}|an?|a couple of)\s+{_SPAN}(?:'?s?\s+time)?",
        rf"(?P<number>{{n}}|\ban?|\ba couple of)\s+{_SPAN}\s+(?:from\s+(?:now|today)|later)\b",
        r"\b(?P<word>day after tomorrow|tomorrow|today|tonight|day before yesterday|yesterday)\b",
        rf"\b(?P<weekday>{_WEEKDAYS})\b",
    ),
    only_month=rf"\b(?P<month>{_MONTHS})\b",
    only_day=rf"\b(?:on\s+)?(?:the\s+)?(?P<day>{_ORDINAL})(?!\s+(?:time|one|floor|order|option))",
    words={
        "today": 0,
        "tonight": 0,
        "tomorrow": 1,
        "dayaftertomorrow": 2,
        "yesterday": -1,
        "daybeforeyesterday": -2,
    },
    weekdays={name: index for index, name in enumerate(_WEEKDAYS.split("|"))},
    weeks={
        "thisweek": 0,
        "this": 0,
        "nextweek": 1,
        "next": 1,
        "theweekafternext": 2,
        "theweekafter": 2,
        "last": -1,
    },
    months={
        **{name: index % 12 + 1 for index, name in enumerate(_MONTHS.split("|")[:12])},
        "jan": 1,
        "feb": 2,
        "mar": 3,
        "apr": 4,
        "jun": 6,
        "jul": 7,
        "aug": 8,
        "sept": 9,
        "sep": 9,
        "oct": 10,
        "nov": 11,
        "dec": 12,
    },
    days={
        **{word: index for index, word in enumerate(_ORDINALS, start=1)},
        **{f"twenty{word}": 20 + index for index, word in enumerate(_ORDINALS[:9], start=1)},
        "thirtieth": 30,
        "thirtyfirst": 31,
    },
    which_month={"thismonth": 0, "nextmonth": 1},
    spans={
        "day": (1, 0),
        "days": (1, 0),
        "week": (7, 0),
        "weeks": (7, 0),
        "fortnight": (14, 0),
        "fortnights": (14, 0),
        "month": (0, 1),
        "months": (0, 1),
    },
    loose=frozenset({"next"}),
)

_HOUR = r"(?P<hour>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b"
_MINUTE = (
    r"(?P<minute>\d{2}\b|(?:oh|o)\s+(?:one|two|three|four|five|six|seven|eight|nine)\b"
    r"|(?:twenty|thirty|forty|fifty)(?:[\s-]+(?:one|two|three|four|five|six|seven|eight|nine))?\b"
    r"|(?:ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)\b)"
)
_HALF = (
    r"(?:\s*(?P<half>a\s?\.?\s?m\b|p\s?\.?\s?m\b)|\s+(?P<part>in the (?:morning|afternoon|evening)|at night"
    r"|tonight|this (?:morning|afternoon|evening)|tomorrow (?:morning|afternoon|evening)))"
)
_BEFORE = r"(?:(?P<early>morning|afternoon|evening)\s+(?:at\s+)?)"
_CLOCK = r"(?:\s+o\s?'?\s?clock)"

HOURS = Hours(
    rules=(
        r"\b(?P<past>half|a quarter|quarter|five|ten|twenty|twenty[\s-]five|5|10|15|20|25)(?:\s+minutes)?\s+"
        rf"(?:past|after|(?P<back>to|before|of))\s+{_HOUR}{_CLOCK}?{_HALF}?",
        rf"\b{_HOUR}\s*:\s*{_MINUTE}{_HALF}?",
        rf"\b(?<!\d)(?P<hour>\d{{1,2}}){_HALF}",
        rf"\b{_HOUR}(?:\s+{_MINUTE})?{_CLOCK}?{_HALF}",
        rf"\b{_HOUR}{_CLOCK}",
        rf"\b(?:{_BEFORE}|at\s+|around\s+|by\s+){_HOUR}(?:\s+{_MINUTE})?(?!\s*(?:days?|weeks?|people|dollars|won))",
        r"\b(?P<word>noon|midday|midnight)\b",
    ),
    halves={
        "am": DayHalf.MORNING,
        "pm": DayHalf.AFTERNOON,
        "morning": DayHalf.MORNING,
        "afternoon": DayHalf.AFTERNOON,
        "evening": DayHalf.AFTERNOON,
        "night": DayHalf.NIGHT,
    },
    minutes={"half": 30, "quarter": 15, "a quarter": 15},
    words={"noon": (12, 0), "midday": (12, 0), "midnight": (0, 0)},
)

PHONES = Phones(valid=re.compile(r"1?[2-9]\d{2}[2-9]\d{6}|01[016789]\d{7,8}|0\d{8,10}"), lengths=(10, 11, 9))

FRAMES = Frames(
    before=re.compile(
        r"(?:(?:uh|um|oh|yes|yeah|yep|okay|well|so|sure|hi|please)[\s,]+"
        r"|(?:my|the|a|our)\s+(?:new\s+|full\s+|delivery\s+|last\s+|first\s+)*(?:name|address)(?:\s+is|'s)[\s,]+(?:now\s+)?"
        r"|(?:it's|its|it is|it will be|this is|that is|that's|i am|i'm|name is|they call me|call me)\s+"
        r"|(?:please\s+)?(?:send|deliver|ship|change)\s+(?:it|that|this|them)\s+to\s+)*"
    ),
    after=re.compile(r"(?:[\s,]+(?:please|thanks|thank you|instead|now))*[\s.,!]*$"),
    corrections=(
        re.compile(
            r"^(?:(?:no|nope|sorry|wait|actually|oh)[\s,.]+)*(?:it's |its |it is |i said |i meant |make (?:it|that) )?"
            r"(?P<new>.+?)[\s,]+(?:and\s+)?not\s+(?P<old>.+)$"
        ),
        re.compile(
            r"^(?:(?:no|nope|sorry|wait|actually|oh)[\s,.]+)*(?:it's |its |it is )?"
            r"not\s+(?P<old>.+?)[\s,.]+(?:but|it's|its|it is|rather)\s+(?P<new>.+)$"
        ),
        re.compile(
            r"^(?:(?:no|nope|sorry|wait|actually|oh|i mean|i meant|correction|rather|that's wrong|thats wrong"
            r"|make (?:that|it)|change (?:that|it|the \w+(?: \w+)?) to|it should be)[\s,.]+)+(?P<new>.+)$"
        ),
    ),
)
