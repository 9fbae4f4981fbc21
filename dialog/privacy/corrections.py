"""Words that take back what was said before them. Pure.

Refuses: saying what is meant instead.
"""

from __future__ import annotations

import re

BRIEF = (
    r"[이가]?\s?아니라|아니[요다]?|아뇨|아차|죄송(?:해요|합니다)?|잠깐만요|정정할게요"
    r"|(?:no )?sorry|no|(?:no )?wait|i mean|correction|actually|oops"
)
"""Those that may stand alone between digits."""

TAKES_BACK = re.compile(
    r"아니|아뇨|아차|아\s?맞다|잘못|정정|그러니까|죄송|다시\s?(?:요|할|부)|처음부터|말고|틀렸|옛날|예전|start(?:ing)?\s+over"
    r"|sorry|\bno\b|\bnot\b|wait|\bmean\b|correction|actually|oops|scratch|rather|misread|make\s+that|strike",
    re.I,
)
"""Those in a remark between them."""
