"""A recording is sent whole or in pieces, and closed afterwards; why it cannot be had is told by its status."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fastapi import APIRouter, Request
from fastapi.responses import Response

from gateway.pages.sound_response import no_sound, sound_response
from gateway.session.errors import NoRecording, RecordingError
from gateway.session.recorded_sound import AT_ONCE, RecordedSound
from infra.errors import AiccError, ConfigError
from infra.storage.errors import KeyShredded, KeyUnavailable, SealBroken
from infra.storage.sealed_file import PAGE
from tests.gateway.http import client
from tests.gateway.session.sealed import OWNER, sealed_recording


class Player:
    """Asks a server for pieces of a recording; ``opened`` are those that were."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.opened: list[RecordedSound] = []

    async def ask(self, wanted: str | None) -> tuple[int, dict[str, str], bytes]:
        router = APIRouter()

        @router.get("/sound")
        async def sound(request: Request) -> Response:
            self.opened.append(RecordedSound(self.path, OWNER))
            return sound_response(self.opened[-1], request.headers.get("range"))

        async with client(router) as http:
            answer = await http.get("/sound", headers={} if wanted is None else {"range": wanted})
        return answer.status_code, dict(answer.headers), answer.content


@pytest.fixture
def player(tmp_path: Path) -> Player:
    noise = np.random.default_rng(1).integers(-99, 99, (AT_ONCE // 2, 2))
    return Player(sealed_recording(tmp_path / "c", noise))


def whole(path: Path) -> bytes:
    with RecordedSound(path, OWNER) as sound:
        return b"".join(sound.parts())


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [
        ("bytes=0-", 0, None),
        ("bytes=0-0", 0, 1),
        ("bytes=100-299", 100, 300),
        (" bytes = 100 - 299 ", 100, 300),
        ("bytes=-50", -50, None),
        ("bytes=-99999999999", 0, None),
        ("bytes=500-99999999999", 500, None),
        (f"bytes={AT_ONCE - 1}-{2 * AT_ONCE}", AT_ONCE - 1, 2 * AT_ONCE + 1),
    ],
)
async def test_a_piece_is_that_piece(player: Player, wanted: str, start: int, end: int | None) -> None:
    everything = whole(player.path)
    status, headers, content = await player.ask(wanted)
    assert status == 206
    assert content == everything[start:end]
    first = start % len(everything)
    assert headers["content-range"] == f"bytes {first}-{first + len(content) - 1}/{len(everything)}"
    assert int(headers["content-length"]) == len(content)


@pytest.mark.parametrize(
    "wanted",
    [None, "", "bytes", "bytes=", "bytes=-", "bytes=9-5", "bytes=0-1,5-9", "lines=0-5", "bytes=a-b"],
)
async def test_what_is_no_range_gets_the_whole(player: Player, wanted: str | None) -> None:
    status, headers, content = await player.ask(wanted)
    assert (status, "content-range" in headers) == (200, False)
    assert content == whole(player.path)
    assert (headers["accept-ranges"], headers["cache-control"]) == ("bytes", "private, no-store")


@pytest.mark.parametrize("wanted", ["bytes=99999999-", "bytes=-0"])
async def test_a_piece_beyond_its_end_is_not_there(player: Player, wanted: str) -> None:
    status, headers, _ = await player.ask(wanted)
    assert (status, headers["content-range"]) == (416, f"bytes */{len(whole(player.path))}")


async def test_it_is_closed_after_every_answer(player: Player) -> None:
    for wanted in (None, "bytes=0-5", "bytes=99999999-"):
        await player.ask(wanted)
    assert [sound.closed for sound in player.opened] == [True] * 3


async def test_an_answer_ends_where_it_was_changed(player: Player) -> None:
    data = bytearray(player.path.read_bytes())
    data[-PAGE] ^= 1
    player.path.write_bytes(data)
    with pytest.raises(SealBroken):
        await player.ask(None)
    assert player.opened[0].closed


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NoRecording("none"), 404),
        (KeyShredded("gone"), 410),
        (KeyUnavailable("later"), 503),
        (SealBroken("changed"), 500),
        (RecordingError("disk"), 500),
    ],
)
def test_why_it_cannot_be_had_is_told(error: AiccError, status: int) -> None:
    refusal = no_sound(error)
    assert (refusal.status_code, refusal.detail) == (status, {"code": error.code, "message": str(error)})


def test_other_errors_are_not_its_business() -> None:
    with pytest.raises(ConfigError):
        no_sound(ConfigError("something else"))
