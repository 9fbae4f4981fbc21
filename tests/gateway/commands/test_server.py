from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from gateway.commands import server


async def test_a_gateway_is_found_only_if_it_answers(tmp_path: Path) -> None:
    assert await server.find(tmp_path) is None
    server.announce(tmp_path, server.RunningGateway("http://127.0.0.1:9", "secret"))
    assert await server.find(tmp_path) is None
    with pytest.raises(server.NoGateway, match="make serve"):
        await server.require(tmp_path)


def test_the_address_is_readable_by_this_user_only_and_taken_back_by_its_owner_only(tmp_path: Path) -> None:
    server.announce(tmp_path, server.RunningGateway("http://127.0.0.1:9", "secret"))
    path = tmp_path / "gateway.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    other = json.loads(path.read_text()) | {"pid": os.getpid() + 1}
    path.write_text(json.dumps(other))
    server.withdraw(tmp_path)
    assert path.is_file()
    server.announce(tmp_path, server.RunningGateway("http://127.0.0.1:9"))
    server.withdraw(tmp_path)
    assert not path.is_file()


async def test_nonsense_left_behind_is_no_gateway(tmp_path: Path) -> None:
    (tmp_path / "gateway.json").write_text("{")
    assert await server.find(tmp_path) is None


@pytest.mark.parametrize("url", ["not a url", "http://", "http://127.0.0.1:1"])
async def test_a_wrong_address_is_told_with_what_to_do(tmp_path: Path, url: str) -> None:
    with pytest.raises(server.NoGateway, match="no gateway answers at"):
        await server.require(tmp_path, url)
