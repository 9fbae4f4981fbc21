"""What every key ring promises: the one in a file, the key service's, and a service that has taken over from a file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from infra.storage.envelope import new_key
from infra.storage.errors import KeyNeeded, KeyUnavailable, SealBroken
from infra.storage.key_file import FileKeyRing
from infra.storage.key_ring import KeyRing, Rings
from infra.storage.key_service import TransitKeyRing
from tests.vault import TOKEN, Vault
from tests.web import served


@pytest.fixture(params=["file", "service", "service after a file"])
async def ring(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[KeyRing]:
    in_file = FileKeyRing(tmp_path / "keyring.json")
    if request.param == "file":
        yield in_file
        return
    async with served(Vault().app()) as url:
        service = TransitKeyRing(url, "aicc", TOKEN)
        ring: KeyRing = service if request.param == "service" else Rings(service, in_file)
        yield ring
        await ring.close()


async def test_a_wrapped_key_is_not_the_key_and_opens_again(ring: KeyRing) -> None:
    key = new_key()
    wrapped = await ring.wrap(key, "of a call")
    assert key not in wrapped.sealed
    assert key.hex().encode() not in wrapped.sealed
    assert await ring.unwrap(wrapped, "of a call") == key


async def test_it_is_wrapped_by_the_current_key_and_says_so(ring: KeyRing) -> None:
    wrapped = await ring.wrap(new_key(), "of a call")
    assert wrapped.ring_key == await ring.current()
    assert wrapped.ring_key.startswith(f"{ring.kind}:")


async def test_it_opens_in_its_context_alone(ring: KeyRing) -> None:
    wrapped = await ring.wrap(new_key(), "of a call")
    with pytest.raises(SealBroken):
        await ring.unwrap(wrapped, "of another call")


async def test_one_that_was_changed_does_not_open(ring: KeyRing) -> None:
    wrapped = await ring.wrap(new_key(), "of a call")
    other = await ring.wrap(new_key(), "of another call")
    with pytest.raises(SealBroken):
        await ring.unwrap(replace(wrapped, sealed=other.sealed), "of a call")


async def test_after_a_rotation_the_new_key_wraps_and_the_old_one_still_opens(ring: KeyRing) -> None:
    key = new_key()
    before = await ring.wrap(key, "of a call")
    made = await ring.rotate()
    after = await ring.wrap(key, "of a call")
    assert made == await ring.current() == after.ring_key != before.ring_key
    assert await ring.unwrap(before, "of a call") == await ring.unwrap(after, "of a call") == key


async def test_a_key_that_was_let_go_opens_nothing_any_more(ring: KeyRing) -> None:
    key = new_key()
    before = await ring.wrap(key, "of a call")
    await ring.rotate()
    after = await ring.wrap(key, "of a call")
    await ring.retire(before.ring_key)
    with pytest.raises(KeyUnavailable):
        await ring.unwrap(before, "of a call")
    assert await ring.unwrap(after, "of a call") == key


async def test_the_current_key_and_one_that_there_is_not_are_not_let_go(ring: KeyRing) -> None:
    key = new_key()
    wrapped = await ring.wrap(key, "of a call")
    with pytest.raises(KeyNeeded):
        await ring.retire(wrapped.ring_key)
    for other in (f"{wrapped.ring_key}9", f"{ring.kind}:", "elsewhere:1"):
        with pytest.raises(KeyUnavailable):
            await ring.retire(other)
    assert await ring.unwrap(wrapped, "of a call") == key
