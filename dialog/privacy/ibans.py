"""International numbers of bank accounts (ISO 13616), written, spelled letter by letter, and said.

A country and the length that its numbers have show one by themselves, whether the check digits fit or not, for letters
and digits are misheard; words that call it an IBAN do so for any country and length.

Refuses: accounts' numbers within a country, which are ``accounts``'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialog.privacy.kinds import PersonalKind
from dialog.privacy.letters import NAMES, SAID_FOR
from dialog.privacy.reading import FORM, Candidate, Reading
from dialog.privacy.written import DOUBTFUL

_LENGTHS = {
    country: length
    for length, countries in (
        (15, "NO"),
        (16, "BE"),
        (18, "DK FI NL"),
        (19, "SI"),
        (20, "AT EE KZ LT LU"),
        (21, "CH HR LI LV"),
        (22, "BG DE GB IE"),
        (23, "AE IL"),
        (24, "AD CZ ES RO SA SE SK"),
        (25, "PT"),
        (26, "IS TR"),
        (27, "FR GR IT MC SM"),
        (28, "CY HU PL"),
        (29, "QA UA"),
        (31, "MT"),
    )
    for country in countries.split()
}
"""Letters and digits of each country's numbers."""
_SHORTEST, _LONGEST = 15, 34
_COUNTRY = 2
"""Letters of a country."""
_KOREAN_COUNTRIES = {
    r"디\s?[이2]": "DE",
    r"지\s?비": "GB",
    r"에프\s?알": "FR",
    r"엔\s?엘": "NL",
    r"[이2]\s?에스": "ES",
    r"아이\s?티": "IT",
    r"아이\s?[이2]": "IE",
    r"에이\s?티": "AT",
    r"비\s?[이2]": "BE",
    r"[씨시]\s?에이치": "CH",
}
"""Countries as their letters are said in Korean, in which some are digits as well."""
_AS_IN = rf"(?:\s+(?:{SAID_FOR})\s+[A-Za-z]+)?"
_SIGN = r"(?:[\s,.-]|dash\b|hyphen\b|space\b|(?:and\s+)?then\b|다시|그\s?다음(?:에|은)?)*"
_BEGINS = re.compile(
    rf"(?<![A-Za-z0-9])(?:(?P<one>[A-Za-z]){_AS_IN}[\s,.]*(?P<two>[A-Za-z]){_AS_IN}|(?P<korean>{'|'.join(_KOREAN_COUNTRIES)}))"
    rf"(?={_SIGN}\d{_SIGN}\d)"
)
_PIECE = re.compile(
    rf"{_SIGN}(?:(?P<digit>\d)|(?P<bank>[A-Z]{{4}}|[a-z]{{4}}(?=\s?\d))|(?P<letter>[A-Za-z](?![a-z]){_AS_IN}|{NAMES}))"
)
_CALLED = re.compile(r"\biban|\bi\s+b\s+a\s+n\b|아이반", re.I)
_PLAIN_DIGITS = str.maketrans(DOUBTFUL, "0123456789")


def ibans(reading: Reading) -> Iterator[Candidate]:
    """Everything in the text that may be such a number."""
    written = reading.written.text
    text = written.translate(_PLAIN_DIGITS)
    called = _CALLED.search(text) is not None
    done = 0
    for found in _BEGINS.finditer(text):
        if found.start() < done:
            continue
        length = _LENGTHS.get(_country(found))
        end = _end(text, found.end(), length - _COUNTRY) if length is not None else 0
        if 0 < end < len(written) and written[end - 1].isascii() and written[end].isascii() and written[end].isalnum():
            end = 0  # it goes on
        if end and not called and found.group().islower():
            end = 0  # a word, rather: "at", "is"
        end = end or (_end(text, found.end(), 0) if called else 0)
        if end:
            yield Candidate(*reading.written.original(found.start(), end), PersonalKind.ACCOUNT, FORM)
        done = end


def _country(found: re.Match[str]) -> str:
    """The letters of the country that a number begins with."""
    if found["korean"] is not None:
        return next(code for said, code in _KOREAN_COUNTRIES.items() if re.fullmatch(said, found["korean"]))
    return (found["one"] + found["two"]).upper()


def _end(text: str, at: int, length: int) -> int:
    """Where a number ends of which so many letters and digits follow (0: as many as there are); 0 where it is none."""
    count = digits = 0
    while (piece := _PIECE.match(text, at)) is not None and count < (length or _LONGEST):
        count += 4 if piece["bank"] else 1
        digits += piece["digit"] is not None
        at = piece.end()
    whole = count == length if length else count >= _SHORTEST - _COUNTRY
    return at if whole and 2 * digits > count else 0
