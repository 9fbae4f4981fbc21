from __future__ import annotations

import pytest

from infra.storage.envelope import new_key
from infra.storage.errors import SealBroken
from infra.storage.sealed_values import SealedValues


class Drawer:
    """Keys in memory."""

    def __init__(self) -> None:
        self.keys: dict[tuple[str, str], bytes] = {}

    async def of(self, tenant: str, subject: str) -> bytes:
        return self.keys.setdefault((tenant, subject), new_key())

    async def known(self, tenant: str, subject: str) -> bytes | None:
        return self.keys.get((tenant, subject))


async def test_a_value_opens_for_its_subject_and_purpose_and_cannot_be_read_before() -> None:
    keys = Drawer()
    values = SealedValues(keys, "shop", "arguments")
    value = {"number": "010-1234-5678", "items": [1, 2.5, None, True], "이름": "김철수"}
    sealed = await values.seal("c1", value)
    assert "5678" not in sealed
    assert await values.unseal("c1", sealed) == value
    assert await values.seal("c1", value) != sealed  # two that are equal do not look it
    for other, subject in ((values, "c2"), (SealedValues(keys, "shop", "notes"), "c1")):
        with pytest.raises(SealBroken):
            await other.unseal(subject, sealed)


async def test_looking_for_what_was_never_sealed_makes_no_key() -> None:
    keys = Drawer()
    sealed = await SealedValues(Drawer(), "shop", "arguments").seal("c1", 1)
    with pytest.raises(SealBroken, match="ever sealed"):
        await SealedValues(keys, "shop", "arguments").unseal("c1", sealed)
    assert keys.keys == {}


@pytest.mark.parametrize("broken", ["", "x", "ab", "not base64!", "한글"])
async def test_what_is_no_seal_is_said_to_be_none(broken: str) -> None:
    with pytest.raises(SealBroken):
        await SealedValues(Drawer(), "shop", "arguments").unseal("c1", broken)
