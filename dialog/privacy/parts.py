"""Words that call digits a part of a number: the first six, 뒷자리, the rest. Pure.

Refuses: saying what number they are a part of.
"""

from __future__ import annotations

import re

ENGLISH = (
    r"first|front|leading|initial|opening|starts?|starting|begins?|beginning|middle|second|third|next|other|last|final|back"
    r"|closing|trailing|ends?|ending|finishes|rest|remaining|remainder|half"
)
"""Words for parts in English."""

PART = re.compile(
    r"[앞뒤](?:은|는|이|가|만)(?![가-힣])|앞에?\s*(?:여섯|여덟|자리|부분|번호|꺼|거|것|에서|네\s?자리)"
    r"|뒤에?\s*(?:일곱|여덟|자리|부분|번호|꺼|거|것|네\s?자리)|[앞뒷]\s*(?:자리|번호|부분)|나머지|마지막|(?:첫|둘|셋|넷)째|끝(?:에)?\s*(?:자리|번호|네)"
    rf"|\b(?:{ENGLISH})\b|\b(?:area|group|serial)\s+number\s+(?:of|on)\b",
    re.I,
)
"""Words for parts in both languages."""
