"""What callers of the canary say: identifiers made up from a seed, each in a sentence of its own, and what of each must
not be found anywhere afterwards.

Made without any code of the detector: numbers with right check digits, said in words, typed, spaced, with particles.
Whatever form a number is given in, it is looked for in all in which somebody might have kept it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product

SINO = "공일이삼사오육칠팔구"
ENGLISH = ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

SURNAMES = ("남궁", "황보", "제갈", "사공", "선우", "독고")
"""Of two syllables: a whole name is then long enough to stand nowhere by chance."""
GIVEN = ("민서", "지후", "현우", "수아", "하준", "예린", "도윤", "서영", "은채", "재희", "유진", "태민")
FIRST = ("Margaret", "Eleanor", "Desmond", "Winifred", "Clement", "Rosalind", "Ambrose", "Beatrix")
LAST = tuple("".join(parts) for parts in product(("Quill", "Thorn", "Wexle", "Drayl", "Marsh"), ("combe", "wick")))
ROADS_KO = ("월드컵북로", "테헤란로", "올림픽로", "세종대로", "한강대로", "동일로")
ROADS_EN = ("Larkmere Avenue", "Pellbrook Street", "Ostwick Lane", "Quarrydene Road", "Halversham Street")


@dataclass(frozen=True, slots=True)
class Planted:
    """What is said, in one turn or over two, and the strings that give it away."""

    kind: str
    turns: tuple[str, ...]
    needles: tuple[str, ...]


def planted(seed: int, language: str) -> list[Planted]:
    """One of each kind, in a form that the seed chooses."""
    chance = random.Random(f"{seed} {language}")
    makers = KOREAN if language == "ko" else IN_ENGLISH
    return [maker(chance) for maker in makers]


def telephone(seed: int, language: str) -> tuple[str, tuple[str, ...]]:
    """A caller's own number, as a network sends it (E.164), and the forms that give it away."""
    chance = random.Random(f"telephone {seed} {language}")
    if language == "ko":
        number = f"10{_digits(chance, 8)}"
        return f"+82{number}", (number, *_shapes(f"0{number}", 3, 4, 4), f"+82-{_parted(number, 2, 4, 4)}")
    number = f"{chance.choice('234567')}{chance.choice('012345')}{_digits(chance, 1)}{chance.choice('23456789')}"
    number += _digits(chance, 6)
    return f"+1{number}", (*_shapes(number, 3, 3, 4), f"({number[:3]}) {number[3:6]}-{number[6:]}")


def card(seed: int) -> tuple[str, tuple[str, ...]]:
    """A payment card's number, to be keyed, and the forms that give it away."""
    number = _card(random.Random(f"card {seed}"))
    return number, _shapes(number, 4, 4, 4, 4)


def worth_looking_for(needles: Iterable[str]) -> list[str]:
    """Those that do not stand somewhere by chance: ten digits, or seven signs that are not all digits, or four
    syllables."""
    return sorted({one for one in needles if len(one) >= (10 if one.isdigit() else 4 if not one.isascii() else 7)})


def _digits(chance: random.Random, many: int) -> str:
    return "".join(chance.choices("0123456789", k=many))


def _registration(chance: random.Random, marks: str) -> str:
    year, month, day = chance.randrange(50, 100), chance.randrange(1, 13), chance.randrange(1, 29)
    body = f"{year:02}{month:02}{day:02}{chance.choice(marks)}{_digits(chance, 5)}"
    total = sum(int(digit) * weight for digit, weight in zip(body, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=True))
    return f"{body}{(11 - total % 11) % 10}"


def _card(chance: random.Random) -> str:
    body = chance.choice("459") + _digits(chance, 14)
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(body)]
    total = sum(number - 9 if number > 9 else number for number in doubled)
    return f"{body}{-total % 10}"


def _said(number: str) -> str:
    return "".join(SINO[int(digit)] for digit in number)


def _spelled(number: str) -> str:
    return " ".join(ENGLISH[int(digit)] for digit in number)


def _parts(number: str, *lengths: int) -> list[str]:
    parts, place = [], 0
    for length in lengths:
        parts.append(number[place : place + length])
        place += length
    return parts


def _parted(number: str, *lengths: int, by: str = "-") -> str:
    return by.join(_parts(number, *lengths))


def _shapes(number: str, *lengths: int) -> tuple[str, ...]:
    """A number as it is typed, spaced, dictated and spoken, in either language."""
    spelled = _spelled(number)
    return (
        number,
        *(_parted(number, *lengths, by=by) for by in ("-", " ", ".")),
        " ".join(number),
        _said(number),
        " ".join(map(_said, _parts(number, *lengths))),
        spelled,
        spelled.replace("oh", "zero"),
    )


# --- in Korean -----------------------------------------------------------------------------------------------------


def _ko_registration(chance: random.Random) -> Planted:
    number = _registration(chance, "1256")
    written = _parted(number, 6, 7)
    form = chance.randrange(4)
    said = f"{_said(number[:6])} 다시 {_said(number[6:])}"
    turns = (
        (f"주민등록번호는 {written}입니다",),
        (f"제 주민번호 {number}이에요",),
        (f"주민번호가 {said}이요",),
        (f"주민번호 앞자리는 {_said(number[:6])}이고요", f"뒷자리는 {_said(number[6:])}이에요"),
    )[form]
    return Planted("registration", turns, (*_shapes(number, 6, 7), said, _said(number[6:]), f"-{number[6:]}"))


def _ko_card(chance: random.Random) -> Planted:
    number = _card(chance)
    written, spaced = _parted(number, 4, 4, 4, 4), _parted(number, 4, 4, 4, 4, by=" ")
    said = " ".join(_said(number[place : place + 4]) for place in range(0, 16, 4))
    turns = (
        (f"카드번호는 {written}입니다",),
        (f"카드 번호 {spaced}이고 다음 달까지예요",),
        (f"카드번호 {said}요",),
        (f"카드번호 앞 여덟 자리가 {written[:9]}이고", f"나머지는 {written[10:]}이에요"),
    )[chance.randrange(4)]
    return Planted("card", turns, (*_shapes(number, 4, 4, 4, 4), said[10:], written[10:]))


def _ko_phone(chance: random.Random) -> Planted:
    number = f"010{_digits(chance, 8)}"
    written, said = _parted(number, 3, 4, 4), f"{_said(number[:3])} {_said(number[3:7])} {_said(number[7:])}"
    turn = (
        f"제 번호는 {written}이에요",
        f"전화번호 {number}인데요",
        f"제 연락처는 {said}입니다",
        f"{_parted(number, 3, 4, 4, by=' ')}로 저장돼 있을 거예요",
    )[chance.randrange(4)]
    return Planted("phone", (turn,), (*_shapes(number, 3, 4, 4), f"82{number[1:]}"))


def _ko_account(chance: random.Random) -> Planted:
    number = _digits(chance, 12)
    written = _parted(number, 3, 6, 3)
    bank = chance.choice(("국민은행", "신한은행", "농협", "우리은행", "카카오뱅크"))
    turn = (
        f"{bank} 계좌번호 {written}으로 환불되나요",
        f"계좌는 {bank} {number}예요",
        f"{bank} 계좌 {_said(number)}입니다",
    )[chance.randrange(3)]
    return Planted("account", (turn,), _shapes(number, 3, 6, 3))


def _ko_documents(chance: random.Random) -> Planted:
    passport = f"M{_digits(chance, 8)}"
    licence = f"{chance.randrange(11, 27)}{_digits(chance, 10)}"
    if chance.random() < 0.5:
        return Planted("passport", (f"여권번호는 {passport}입니다",), (passport, f"{passport[0]} {passport[1:]}"))
    written = _parted(licence, 2, 2, 6, 2)
    return Planted("driving licence", (f"운전면허번호 {written}로 확인해 주세요",), _shapes(licence, 2, 2, 6, 2))


def _mail(chance: random.Random) -> str:
    name = "".join(chance.choices("abcdefghjkmnpqrstuvwxyz", k=9))
    return f"{name}@{chance.choice(('naver.com', 'gmail.com', 'hanmail.net'))}"


def _ko_email(chance: random.Random) -> Planted:
    mail = _mail(chance)
    name, host = mail.split("@")
    turn = (f"메일은 {mail}이에요", f"이메일 주소가 {mail}입니다", f"메일 주소는 {name} 골뱅이 {host}이요")[
        chance.randrange(3)
    ]
    return Planted("email", (turn,), (mail, name))


def _ko_name(chance: random.Random) -> Planted:
    name = chance.choice(SURNAMES) + chance.choice(GIVEN)
    turn = (
        f"제 이름은 {name}입니다",
        f"예금주는 {name}이고요",
        f"저는 {name}이라고 합니다",
        f"받는 사람 이름은 {name}이에요",
    )[chance.randrange(4)]
    return Planted("name", (turn,), (name,))


def _ko_address(chance: random.Random) -> Planted:
    door = f"{chance.choice(ROADS_KO)} {chance.randrange(11, 400)}번길 {chance.randrange(11, 99)}"
    home = f"{chance.randrange(101, 119)}동 {chance.randrange(3, 19)}{chance.randrange(10, 80)}호"
    turn = (f"배송지는 서울 마포구 {door} {home}예요", f"주소가 {door}, {home}입니다", f"{door} {home}로 보내 주세요")[
        chance.randrange(3)
    ]
    return Planted("address", (turn,), (door, f"{door} {home}", home))


# --- in English ----------------------------------------------------------------------------------------------------


def _en_card(chance: random.Random) -> Planted:
    number = _card(chance)
    written, spaced = _parted(number, 4, 4, 4, 4), _parted(number, 4, 4, 4, 4, by=" ")
    turns = (
        (f"my card number is {spaced}",),
        (f"the card is {written}, it was charged twice",),
        (f"it is card {_spelled(number)}",),
        (f"my card number starts with {written[:9]}", f"and then {written[10:]}"),
    )[chance.randrange(4)]
    return Planted("card", turns, (*_shapes(number, 4, 4, 4, 4), written[10:]))


def _en_phone(chance: random.Random) -> Planted:
    # An area of people's own: those that begin with 8 and its twin are companies' free numbers.
    area = f"{chance.choice('234567')}{chance.choice('012345')}{_digits(chance, 1)}"
    number = f"{area}{chance.choice('23456789')}{_digits(chance, 6)}"
    written = _parted(number, 3, 3, 4)
    bracketed = f"({number[:3]}) {number[3:6]}-{number[6:]}"
    turn = (
        f"my phone number is {written}",
        f"you have my number, it's {bracketed}",
        f"my number is {_spelled(number)}",
    )[chance.randrange(3)]
    return Planted("phone", (turn,), (*_shapes(number, 3, 3, 4), bracketed))


def _en_registration(chance: random.Random) -> Planted:
    number = _registration(chance, "5678")
    written = _parted(number, 6, 7)
    turn = (f"my alien registration number is {written}", f"my resident registration number is {_spelled(number)}")[
        chance.randrange(2)
    ]
    return Planted("registration", (turn,), (*_shapes(number, 6, 7), f"-{number[6:]}"))


def _en_account(chance: random.Random) -> Planted:
    number = _digits(chance, 11)
    turn = (f"please refund to my bank account {number}", f"my account number at the bank is {_spelled(number)}")[
        chance.randrange(2)
    ]
    return Planted("account", (turn,), _shapes(number, 3, 4, 4))


def _en_passport(chance: random.Random) -> Planted:
    number = f"M{_digits(chance, 8)}"
    return Planted("passport", (f"my passport number is {number}",), (number, f"{number[0]} {number[1:]}"))


def _en_email(chance: random.Random) -> Planted:
    mail = _mail(chance)
    name, host = mail.split("@")
    turn = (f"my email is {mail}", f"write to {name} at {host.replace('.', ' dot ')} please")[chance.randrange(2)]
    return Planted("email", (turn,), (mail, name))


def _en_name(chance: random.Random) -> Planted:
    first, last = chance.choice(FIRST), chance.choice(LAST)
    turn = (
        f"my name is {first} {last}",
        f"the account holder is {first} {last}",
        f"this is {first} {last} speaking",
        f"the order is under the name {first} {last}",
    )[chance.randrange(4)]
    return Planted("name", (turn,), (f"{first} {last}", last))


def _en_address(chance: random.Random) -> Planted:
    door = f"{chance.randrange(1100, 9900)} {chance.choice(ROADS_EN)}"
    home = f"{door}, apartment {chance.randrange(11, 99)}"
    turn = (f"please deliver to {home}", f"my address is {home}", f"I live at {door}")[chance.randrange(3)]
    return Planted("address", (turn,), (door, home))


Maker = Callable[[random.Random], Planted]
KOREAN: tuple[Maker, ...] = (
    _ko_registration,
    _ko_card,
    _ko_phone,
    _ko_account,
    _ko_documents,
    _ko_email,
    _ko_name,
    _ko_address,
)
IN_ENGLISH: tuple[Maker, ...] = (
    _en_registration,
    _en_card,
    _en_phone,
    _en_account,
    _en_passport,
    _en_email,
    _en_name,
    _en_address,
)
