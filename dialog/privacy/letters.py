"""Letters of the Latin alphabet as they are said in Korean, and codes made of letters and digits, spelled or written.

Refuses: knowing what a code is; documents and mail addresses do.
"""

from __future__ import annotations

import re

NAMES = "에이치|더블유|에이|에프|제이|케이|에스|브이|엑스|와이|제트|비|씨|시|디|이|지|아이|엘|엠|엔|오|피|큐|알|티|유"
"""Names of letters in Korean, longer ones first."""

SAID_FOR = r"as\s+in|for|like"
"""Between a letter and a word that begins with it."""

_SEPARATOR = r"[ \t-]{0,2}"
LETTER = rf"(?:[A-Za-z](?![A-Za-z])(?:\s+(?:{SAID_FOR})\s+[A-Za-z]+)?|(?<![가-힣])(?:{NAMES})에?(?![가-힣]))"
"""One letter: alone ("M", "m as in mike", 엠) or before digits."""

CODE = re.compile(
    rf"(?<![A-Za-z0-9'’])(?:(?:[A-Z]{{2}}[ -]|(?:{LETTER}{_SEPARATOR}){{0,2}})\d(?:{_SEPARATOR}(?:\d|{LETTER}))*"
    r"|(?=[A-Z0-9]*\d{2})[A-Z0-9]{7,18}(?![A-Za-z0-9]))"
)
"""A code in which digits prevail: M12345678, "m 1 2 3 4 b 5 6 7 8", S530-4601-8722, 엠 123 비 4567."""

_LETTERS = re.compile(rf"(?<![A-Za-z0-9'’])(?:{LETTER}[\s,-]*){{1,2}}$")
_LONGEST = 32
"""Characters that one or two letters are said in ("m as in mike, …")."""


def significant(code: str) -> int:
    """How many letters and digits a code has, a letter's name counted once."""
    spelled = re.sub(rf"\s+(?:{SAID_FOR})\s+[A-Za-z]+", "", code)
    return sum(character.isascii() and character.isalnum() for character in spelled) + len(
        re.findall(rf"(?:{NAMES})", spelled)
    )


def lettered(text: str, start: int) -> int:
    """Where a code begins whose digits begin at ``start``: a letter or two may stand before them."""
    letters = _LETTERS.search(text, max(0, start - _LONGEST), start)
    return start if letters is None else letters.start()
