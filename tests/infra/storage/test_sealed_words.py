from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.storage.envelope import new_key
from infra.storage.errors import SealBroken
from infra.storage.sealed_words import MARK, SealedWords, open_sealed_words
from tests.infra.storage.test_sealed_values import Drawer

KEY = new_key()
NUMBERS = SealedWords(KEY, "numbers")


@given(st.text(), st.text())
def test_equal_words_and_no_others_look_equal(one: str, other: str) -> None:
    assert (NUMBERS.seal(one) == NUMBERS.seal(other)) == (one == other)
    assert NUMBERS.unseal(NUMBERS.seal(one)) == one


def test_a_sealed_word_cannot_be_read_and_opens_for_its_purpose_and_key_alone() -> None:
    sealed = NUMBERS.seal("+821012345678")
    assert sealed.startswith(MARK)
    assert "1012345678" not in sealed
    for other in (SealedWords(KEY, "names"), SealedWords(new_key(), "numbers")):
        assert other.seal("+821012345678") != sealed
        with pytest.raises(SealBroken):
            other.unseal(sealed)


@pytest.mark.parametrize("broken", [MARK, f"{MARK}AAAA", f"{MARK}x", f"{MARK}한글"])
def test_what_is_no_sealed_word_is_said_to_be_none(broken: str) -> None:
    with pytest.raises(SealBroken):
        NUMBERS.unseal(broken)


def test_a_word_from_before_words_were_sealed_is_itself() -> None:
    assert NUMBERS.unseal("+821012345678") == "+821012345678"


async def test_each_tenant_has_words_of_its_own() -> None:
    keys = Drawer()
    one, again = await open_sealed_words(keys, "a", "numbers"), await open_sealed_words(keys, "a", "numbers")
    other = await open_sealed_words(keys, "b", "numbers")
    assert one.seal("+8210") == again.seal("+8210") != other.seal("+8210")
