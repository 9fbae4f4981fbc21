"""A key that another ring has wrapped opens as long as that ring is there. All rings' promises: ``tests/contracts``."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.storage.envelope import new_key
from infra.storage.errors import KeyUnavailable
from infra.storage.key_file import FileKeyRing
from infra.storage.key_ring import Rings, Wrapped
from infra.storage.key_service import TransitKeyRing
from tests.vault import TOKEN, Vault
from tests.web import served


async def test_a_house_can_move_from_a_file_to_a_service(tmp_path: Path) -> None:
    in_file, key = FileKeyRing(tmp_path / "keyring.json"), new_key()
    before = await in_file.wrap(key, "of a call")
    async with served(Vault().app()) as url:
        rings = Rings(TransitKeyRing(url, "aicc", TOKEN), in_file)
        assert await rings.unwrap(before, "of a call") == key
        assert (await rings.wrap(key, "of a call")).ring_key == "transit:aicc:1"
        await rings.close()


async def test_what_no_ring_here_has_wrapped_says_which_one_is_missing(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailable, match="transit:aicc:1"):
        await Rings(FileKeyRing(tmp_path / "keyring.json")).unwrap(Wrapped("transit:aicc:1", b""), "of a call")
