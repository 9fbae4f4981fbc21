from __future__ import annotations

import pytest

from gateway.access.tokens import key_of, new_token


def test_a_token_is_another_each_time_and_is_kept_as_a_hash() -> None:
    one, two = new_token("shop"), new_token("shop")
    first, second = key_of(one), key_of(two)
    assert first is not None and second is not None
    assert first != second and first == key_of(one)
    assert first.tenant == "shop"
    assert one.rpartition(".")[2] not in first.digest
    assert len(one.rpartition(".")[2]) == 43  # 256 bits


def test_the_same_secret_for_another_tenant_is_another_token() -> None:
    secret = new_token("shop").rpartition(".")[2]
    one, other = key_of(f"shop.{secret}"), key_of(f"acme.{secret}")
    assert one is not None and other is not None
    assert one.digest != other.digest


@pytest.mark.parametrize(
    "text", ["", ".", "shop", "shop.", ".secret", "x" * 300 + ".y", "shop.\udcff", "sh\x00op.x", "가게.x"]
)
def test_what_cannot_be_a_token_is_not_looked_for(text: str) -> None:
    assert key_of(text) is None
