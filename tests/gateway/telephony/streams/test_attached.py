from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telephony.streams.attached import LONGEST, read_attached, write_attached


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=5))
def test_parameters_survive_as_one_text_of_letters_and_digits(parameters: dict[str, str]) -> None:
    text = write_attached(parameters)
    assert text.isascii()
    assert text.replace("=", "").isalnum()
    if len(text) <= LONGEST:
        assert read_attached(text) == parameters


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("", {}),
        ("{}", {}),
        ('{"tenant":"hanbit"}', {"tenant": "hanbit"}),
        ("userId=12345;sessionId=abc-xyz", {"userId": "12345", "sessionId": "abc-xyz"}),
        ("a=1, b = 2 ,c", {"a": "1", "b": "2", "c": ""}),
        (f"a=1,{write_attached({'to': '+82'})}", {"a": "1", "to": "+82"}),
        ("aicc=zz", {}),
        ("aicc=ff", {}),
        ("{", None),
        ("x" * (LONGEST + 1), None),
    ],
)
def test_what_others_attached_is_read_as_it_is(text: str, held: Any) -> None:
    assert read_attached(text) == held


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    read_attached(text)
