"""The key ring in a file: made once, whole, for nobody else to read. What all rings promise: ``tests/contracts``."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from infra.errors import ConfigError
from infra.storage.envelope import new_key
from infra.storage.errors import KeyUnavailable
from infra.storage.key_file import FileKeyRing


async def test_it_is_made_at_the_first_need_for_nobody_else_to_read(tmp_path: Path) -> None:
    path = tmp_path / "state" / "keyring.json"
    await FileKeyRing(path).current()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [name.name for name in path.parent.iterdir() if name.suffix != ".lock"] == ["keyring.json"]


async def test_those_who_need_it_first_at_once_get_the_same(tmp_path: Path) -> None:
    rings = [FileKeyRing(tmp_path / "keyring.json") for _ in range(20)]
    assert len(set(await asyncio.gather(*(ring.current() for ring in rings)))) == 1


async def test_two_who_rotate_at_once_both_keep_their_keys(tmp_path: Path) -> None:
    rings = [FileKeyRing(tmp_path / "keyring.json") for _ in range(8)]
    first = await rings[0].current()
    made = await asyncio.gather(*(ring.rotate() for ring in rings))
    names = {f"file:{name}" for name in json.loads((tmp_path / "keyring.json").read_text())["keys"]}
    assert names == {first, *made}
    assert len(made) == len(set(made)) == 8


async def test_a_running_process_takes_the_key_that_another_made(tmp_path: Path) -> None:
    ours, theirs = FileKeyRing(tmp_path / "keyring.json"), FileKeyRing(tmp_path / "keyring.json")
    await ours.current()
    made = await theirs.rotate()
    assert (await ours.wrap(new_key(), "a")).ring_key == made


async def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    await FileKeyRing(path).current()
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        await FileKeyRing(path).wrap(new_key(), "a")


@pytest.mark.parametrize(
    "text", ["", "[]", '{"current": "a", "keys": {}}', '{"current": "a", "keys": {"a": "00"}}', "é"]
)
async def test_a_broken_file_is_never_replaced_by_a_new_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keyring.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="backup"):
        await FileKeyRing(path).wrap(new_key(), "a")
    assert path.read_text() == text


async def test_a_lost_file_is_told_and_none_is_made_to_open_what_it_had_wrapped(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    wrapped = await FileKeyRing(path).wrap(new_key(), "a")
    path.unlink()
    with pytest.raises(KeyUnavailable, match="restore"):
        await FileKeyRing(path).unwrap(wrapped, "a")
    assert not path.exists()


async def test_a_place_that_cannot_be_written_is_a_matter_of_configuration(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="no key ring"):
        await FileKeyRing(tmp_path / "file" / "keyring.json").current()
