from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from infra.texts import Text

TEXT: TypeAdapter[str] = TypeAdapter(Text)


@pytest.mark.parametrize("text", ["", "주문 번호", "\U0001f4de", "line\nbreak"])
def test_any_text_that_can_be_written_is_taken(text: str) -> None:
    assert TEXT.validate_python(text) == text


@pytest.mark.parametrize("text", ["\0", "a\0", "\ud800", "a\udfffb"])
def test_what_cannot_be_kept_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TEXT.validate_python(text)
    assert "cannot be kept" in refused.value.errors()[0]["msg"]
