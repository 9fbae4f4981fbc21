"""Text that somebody sends and that can be kept: neither NUL, which PostgreSQL does not hold, nor half a character (a
lone surrogate, which JSON can escape and UTF-8 cannot write).

Refuses: saying how long it may be; that belongs to what it is for.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError


def _keepable(text: str) -> str:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise PydanticCustomError(
            "text_not_keepable", "holds NUL or half a character, which cannot be kept: leave it out"
        )
    return text


Text = Annotated[str, AfterValidator(_keepable)]
"""Text that can be kept."""
