from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from gateway.access.account import LONGEST_LOGIN, plain_login
from gateway.access.errors import AccountInvalid
from tests.gateway.access.people import person


@pytest.mark.parametrize("typed", ["Minji@Shop.example", " minji@shop.example ", "ＭＩＮＪＩ@shop.example"])
def test_a_login_is_compared_however_it_was_typed(typed: str) -> None:
    assert plain_login(typed) == "minji@shop.example"


def test_hangul_is_one_login_in_one_piece_or_several() -> None:
    assert plain_login(unicodedata.normalize("NFD", "김민지")) == unicodedata.normalize("NFC", "김민지")


@pytest.mark.parametrize("typed", ["", "  ", "two words", "a\x00b", "x" * (LONGEST_LOGIN + 1)])
def test_what_is_no_login_is_refused(typed: str) -> None:
    with pytest.raises(AccountInvalid):
        plain_login(typed)


def test_a_hash_does_not_show_itself_in_logs() -> None:
    assert "argon2id" not in repr(replace(person(), password="$argon2id$v=19$secret"))
