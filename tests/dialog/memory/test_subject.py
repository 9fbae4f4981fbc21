from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from dialog.memory.subject import KEY_FILE, WITHHELD, Subjects, read_key
from infra.errors import ConfigError
from infra.phone_numbers import NumberingPlan

SHOP = Subjects(b"k" * 32, "shop")
HOME = Subjects(b"k" * 32, "shop", NumberingPlan("82"))


def test_a_number_is_known_again_however_it_is_written() -> None:
    assert SHOP.number("+82 10-1234-5678") == SHOP.number("+821012345678") == SHOP.number("00821012345678")
    assert SHOP.number("+821012345678") != SHOP.number("+821012345679")


def test_a_number_of_the_country_is_known_again_with_and_without_its_code() -> None:
    written = ("+82 10-1234-5678", "010-1234-5678", "tel:+82-10-1234-5678", "+82 (0)10 1234 5678", "821012345678")
    assert {HOME.number(one) for one in written} == {SHOP.number("+821012345678")}, "as it was named before, too"
    assert HOME.number("0101234567") != HOME.number("01012345678")


@pytest.mark.parametrize("number", ["٠١٠١٢٣٤٥٦٧٨", "+82１012345678", "sip:alice@10.20.30.40", "Kim 01012345678"])
def test_what_is_no_number_is_nobodys(number: str) -> None:
    assert HOME.number(number) is None
    assert SHOP.number(number) is None


def test_a_number_was_known_before_as_it_is_dialled_at_home() -> None:
    before = SHOP.number("01012345678")
    assert HOME.former("+82 10 1234 5678") == HOME.former("01012345678") == before
    assert HOME.former("+1 555 010 0199") is None
    assert HOME.former("1234") is None
    assert HOME.former(None) is None
    assert SHOP.former("+821012345678") is None


def test_nothing_of_the_name_is_in_the_subject() -> None:
    subject = SHOP.number("+821012345678")
    assert subject is not None
    assert "1012345678" not in subject
    assert SHOP.customer("C-1024").startswith("customer:")
    assert "1024" not in SHOP.customer("C-1024")[:20]


def test_the_same_caller_is_somebody_else_to_another_tenant_and_under_another_key() -> None:
    others = (Subjects(b"k" * 32, "bank"), Subjects(b"q" * 32, "shop"))
    for other in others:
        assert other.number("+821012345678") != SHOP.number("+821012345678")
        assert other.customer("C-1024") != SHOP.customer("C-1024")


def test_a_customer_number_is_no_telephone_number() -> None:
    assert SHOP.customer("821012345678") != SHOP.number("821012345678")


@pytest.mark.parametrize(
    "number", [None, "", "anonymous", "Restricted", "112", *(f"+{digits}" for digits in sorted(WITHHELD))]
)
def test_who_hides_their_number_is_nobody_in_particular(number: str | None) -> None:
    assert SHOP.number(number) is None


def test_a_key_is_made_once_and_only_for_us_to_read(tmp_path: Path) -> None:
    key = read_key(None, tmp_path / "data")
    path = tmp_path / "data" / KEY_FILE
    assert len(key) == 32
    assert path.stat().st_mode & 0o077 == 0
    assert read_key(None, tmp_path / "data") == key
    assert [entry.name for entry in path.parent.iterdir()] == [KEY_FILE]


def test_processes_that_start_together_agree_on_the_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: read_key(None, tmp_path), range(16)))
    assert len(set(keys)) == 1


def test_a_chosen_key_is_taken_if_it_is_long_enough(tmp_path: Path) -> None:
    assert read_key(SecretStr("s" * 32), tmp_path) == b"s" * 32
    assert not (tmp_path / KEY_FILE).exists()
    with pytest.raises(ConfigError, match="AICC_MEMORY_KEY"):
        read_key(SecretStr("short"), tmp_path)


def test_a_damaged_key_is_never_replaced_in_silence(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text("no key", encoding="ascii")
    with pytest.raises(ConfigError, match="restore it"):
        read_key(None, tmp_path)
