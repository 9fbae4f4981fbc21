"""Korean: how numbers, money, counts, dates, times, telephone numbers, names and corrections are said.

Spaces are optional everywhere, for neither callers nor recognizers set them reliably. ``{n}`` is a number.
"""

from __future__ import annotations

import re

from dialog.parsers.tables import Amounts, Calendar, Cardinals, DayHalf, Frames, Hours, Phones

_SINO = {"일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "육": 6, "륙": 6, "칠": 7, "팔": 8, "구": 9}
_NATIVE = {
    "하나": 1,
    "한": 1,
    "둘": 2,
    "두": 2,
    "셋": 3,
    "세": 3,
    "석": 3,
    "넷": 4,
    "네": 4,
    "넉": 4,
    "다섯": 5,
    "여섯": 6,
    "일곱": 7,
    "여덟": 8,
    "여덜": 8,
    "아홉": 9,
}
_NATIVE_TENS = {
    "열": 10,
    "스물": 20,
    "스무": 20,
    "서른": 30,
    "마흔": 40,
    "쉰": 50,
    "예순": 60,
    "일흔": 70,
    "여든": 80,
    "아흔": 90,
}
_ENDING = (
    r"(?:\s*(?:이?에요|이?예요|이?요|입니다|인데요|이?구요|이?고요|정도요?|만|주세요|부탁드려요|부탁합니다|할게요))*"
    r"[.!\s]*"
)
_LEAD = r"(?:\s*(?:네|예|음|어|그|아|저|그냥|총|전부|모두|다)[\s,]+)*\s*"

CARDINALS = Cardinals(
    units={**_SINO, **_NATIVE},
    tens=_NATIVE_TENS,
    scales={"십": 10, "백": 100, "천": 1_000},
    groups={"만": 10_000, "억": 100_000_000},
    unscaled=frozenset({**_NATIVE, **_NATIVE_TENS}),
    joint=r"\s*",
    apart=False,
    before_nouns=frozenset("한두세네석넉"),
    alone=rf"{_LEAD}(?P<number>{{n}}){_ENDING}",
)

AMOUNTS = Amounts(
    currencies={
        "KRW": r"원(?!칙|래|인|하|가|목|피스|룸)",
        "USD": r"(?:달러|불(?!가|편|만|량))",
        "EUR": "유로",
        "JPY": r"엔(?!진)",
    },
    signs={"KRW": "₩", "USD": r"\$", "EUR": "€"},
    hundredths="센트",
    counters=r"(?:개(?!월)|명|인분|인(?!데|가|지)|장|권|병|대|마리|켤레|벌|송이|잔|박스|상자|세트|자루|통|봉지|팩|묶음|쌍|(?<=[한두세네섯곱덟홉열무물른흔쉰순든\d\s])분)",
    not_counted=r"(?:[일이삼사오육칠팔구십]|\d\d)\s*분",
    sets={"하나": 1, "혼자": 1, "둘": 2, "둘이": 2, "셋": 3, "셋이": 3, "넷": 4, "넷이": 4},
)

_S = r"\s*"
_NOT_A_SPAN = rf"(?!{_S}(?:뒤|후|전|동안|간|째|만에|이내|안에|정도|요일|분|시))"

CALENDAR = Calendar(
    rules=(
        r"(?P<iso>\d{4}-\d{1,2}-\d{1,2})",
        rf"(?:(?P<year>\d{{4}}|{{n}}){_S}년(?:도)?{_S})?(?P<month>{{n}}|유|시){_S}월{_S}(?P<day>{{n}}){_S}일{_NOT_A_SPAN}",
        rf"(?P<month_of>이번{_S}달|이달|다음{_S}달|다다음{_S}달|담{_S}달|내달){_S}(?P<day>{{n}}){_S}일{_NOT_A_SPAN}",
        rf"(?P<week>이번{_S}주|다음{_S}주|다다음{_S}주|담{_S}주|차주|금주|지난{_S}주|저번{_S}주){_S}(?:에{_S})?(?P<weekday>[월화수목금토일]){_S}요일",
        rf"(?P<number>{{n}}){_S}(?P<span>일|주일|주|달|개월){_S}(?:뒤|후|있다가|지나서)",
        rf"(?P<span>하루|이틀|사흘|나흘|닷새|엿새|이레|여드레|아흐레|열흘|보름){_S}(?:뒤|후|있다가|지나서)",
        rf"(?P<word>내일{_S}모레|오늘|금일|내일|낼|명일|모레|글피|그저께|그제|어제)",
        r"(?P<weekday>[월화수목금토일])요일",
    ),
    only_month=rf"(?P<month>{{n}}|유|시){_S}월",
    only_day=rf"(?P<day>{{n}}){_S}일(?:날)?{_NOT_A_SPAN}",
    words={
        "오늘": 0,
        "금일": 0,
        "내일": 1,
        "낼": 1,
        "명일": 1,
        "모레": 2,
        "내일모레": 2,
        "글피": 3,
        "어제": -1,
        "그저께": -2,
        "그제": -2,
    },
    weekdays={name: index for index, name in enumerate("월화수목금토일")},
    weeks={"이번주": 0, "금주": 0, "다음주": 1, "담주": 1, "차주": 1, "다다음주": 2, "지난주": -1, "저번주": -1},
    months={"유": 6, "시": 10},
    days={},
    which_month={"이번달": 0, "이달": 0, "다음달": 1, "담달": 1, "내달": 1, "다다음달": 2},
    spans={
        "일": (1, 0),
        "주": (7, 0),
        "주일": (7, 0),
        "달": (0, 1),
        "개월": (0, 1),
        "하루": (1, 0),
        "이틀": (2, 0),
        "사흘": (3, 0),
        "나흘": (4, 0),
        "닷새": (5, 0),
        "엿새": (6, 0),
        "이레": (7, 0),
        "여드레": (8, 0),
        "아흐레": (9, 0),
        "열흘": (10, 0),
        "보름": (15, 0),
    },
    loose=frozenset(),
)

_HALF = rf"(?:(?P<half>오전|오후|아침|새벽|낮|점심|저녁|밤){_S}(?:에{_S})?)?"
_NOT_AN_HOUR = r"(?!간|면|는|겠|나|고|죠|던|러|므|려|기|원|작|켜|킨)"

HOURS = Hours(
    rules=(
        rf"{_HALF}(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})",
        rf"{_HALF}(?P<hour>{{n}}){_S}시{_S}(?P<past>{{n}}){_S}분{_S}(?P<back>전)",
        rf"{_HALF}(?P<hour>{{n}}){_S}시{_S}(?:(?P<minute>{{n}}){_S}분|(?P<past>반))",
        rf"{_HALF}(?P<hour>{{n}}){_S}시{_NOT_AN_HOUR}",
        r"(?P<word>정오|자정)",
    ),
    halves={
        "오전": DayHalf.MORNING,
        "아침": DayHalf.MORNING,
        "새벽": DayHalf.MORNING,
        "오후": DayHalf.AFTERNOON,
        "낮": DayHalf.AFTERNOON,
        "점심": DayHalf.AFTERNOON,
        "저녁": DayHalf.AFTERNOON,
        "밤": DayHalf.NIGHT,
    },
    minutes={"반": 30},
    words={"정오": (12, 0), "자정": (0, 0)},
)

PHONES = Phones(
    valid=re.compile(r"01[016789]\d{7,8}|02\d{7,8}|0[3-6][1-9]\d{7,8}|0[57]0\d{7,8}|1[568]\d{6}"),
    lengths=(11, 10, 9, 8),
)

FRAMES = Frames(
    before=re.compile(
        r"(?:(?:네|예|음|어|그|아|저기요?|저는|전|제|저의|새|새로운|받는|보낼|배송|받으실|바꿀|변경할)[\s,]+"
        r"|(?:이름|성함|성명|주소|배송지|주소지|곳|사람|분)(?:은|는|이|가|을|를)[\s,]*)*"
    ),
    after=re.compile(
        r"(?:\s*(?:(?:이|라)?라고\s*(?:합니다|해요|하는데요)|입니다|이에요|예요|에요|이요|인데요|이고요|이구요|요"
        r"|(?:으로|로)\s*(?:좀\s*)?(?:바꿔|변경해|보내|해|배송해)\s*(?:주세요|줘요|주시겠어요|주십시오|주실래요)"
        r"|(?:으로|로)\s*(?:부탁드려요|부탁드립니다|부탁해요|할게요)))*[\s.,!]*$"
    ),
    corrections=(
        re.compile(
            r"^(?:(?:아니(?:요|오|아니|야)?|아뇨)[\s,.]+)?(?P<old>.+?)(?:이|가)?\s*(?:아니라|아니고|아니구요?|말고)[\s,.]*(?P<new>.+)$"
        ),
        re.compile(
            r"^(?:아\s+)?(?:(?:아니(?:요|오|아니|야|다)?|아뇨|아차|잠깐만요?|잠시만요?|정정할게요|틀렸어요|틀려요|잘못\s*말했어요|죄송해요)[\s,.]+)+(?P<new>.+)$"
        ),
        re.compile(
            r"^(?P<new>.+?)(?:으로|로)\s*(?:바꿔|변경해|고쳐|수정해|정정해)\s*(?:주세요|줘요|주시겠어요|주실래요)[.\s]*$"
        ),
    ),
)
