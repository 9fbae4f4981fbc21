"""A telephone: baresip, driven over its control socket (JSON in netstrings), the sound that it hears in a file."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.clients import require
from tests.integration.sip.likeness import read_sound, write_sound
from tests.integration.sip.programs import HOST, Program, program
from tests.ports import free_port

PATIENCE = 20.0
LIFE = 120.0
MODULES = Path("/usr/lib/baresip/modules")


@dataclass(frozen=True, slots=True)
class Codec:
    """As baresip names it, and the sound that it takes."""

    name: str
    rate: int
    channels: int = 1


PCMU = Codec("PCMU/8000/1", 8000)
PCMA = Codec("PCMA/8000/1", 8000)
G722 = Codec("G722/16000/1", 16000)
OPUS = Codec("opus/48000/2", 48000, 2)

CONFIG = """\
sip_listen {host}:{port}
{authority}
call_local_timeout 60
call_max_calls 4
audio_source aufile,{silence}
audio_player aubridge,nobody
audio_alert aubridge,nobody
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
audio_buffer 20-160
rtp_ports {rtp}-{rtp_last}
rtcp_mux no
jitter_buffer_delay 2-10
net_interface {host}
module_path {modules}
module g711.so
module g722.so
module opus.so
module aufile.so
module aubridge.so
module sndfile.so
module srtp.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {host}:{control}
snd_path {folder}
"""


class BaresipPhone:
    """A telephone. Made by ``baresip_phone``."""

    def __init__(self, running: Program, folder: Path, codec: Codec) -> None:
        self._program = running
        self._folder = folder
        self._codec = codec
        self._events: list[dict[str, Any]] = []
        self._more = asyncio.Event()
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def dial(self, target: str) -> str:
        """Call, and wait until it is answered; the Call-ID."""
        await self.command("dial", target)
        return str((await self.until("CALL_ESTABLISHED"))["id"])

    async def say(self, sound: Path) -> None:
        """Speak a recording from now on, and then be silent."""
        pcm, rate = read_sound(sound)
        await self._play(pcm, rate, sound.stem)

    async def press(self, keys: str) -> None:
        """Press keys."""
        for key in keys:
            await self.command("sndcode", key)
            await asyncio.sleep(0.25)  # the length of a key's tone

    async def hold(self) -> None:
        """Put the far end on hold."""
        await self.command("hold")

    async def resume(self) -> None:
        """Take it back."""
        await self.command("resume")

    async def hang_up(self) -> None:
        """End the call."""
        await self.command("hangup")

    async def command(self, name: str, parameters: str = "") -> None:
        """One command of its menu."""
        content = json.dumps({"command": name, "params": parameters, "token": name}).encode()
        self._writer.write(b"%d:%s," % (len(content), content))
        await self._writer.drain()

    async def until(self, kind: str, within: float = PATIENCE) -> dict[str, Any]:
        """The first event of a kind, now or within seconds."""
        try:
            async with asyncio.timeout(within):
                while True:
                    for event in self._events:
                        if event.get("type") == kind:
                            return event
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            seen = [event.get("type") for event in self._events]
            raise AssertionError(f"no {kind} within {within:g} s, only {seen}; {self._program.said[-2000:]}") from None

    @property
    def messages(self) -> str:
        """All SIP messages so far, and what it says of itself."""
        return self._program.said

    def heard(self) -> np.ndarray:
        """What it has heard, at 8 kHz, once the call is over."""
        paths = sorted(self._folder.glob("dump-*-dec.wav"))
        assert paths, f"baresip recorded nothing; {self._program.said[-2000:]}"
        return np.concatenate([read_sound(path, 8000)[0] for path in paths])

    async def _play(self, pcm: np.ndarray, rate: int, name: str) -> None:
        path = self._folder / f"{name}.wav"
        write_sound(path, pcm, rate, self._codec.rate, self._codec.channels, silence=LIFE)
        await self.command("ausrc", f"aufile,{path}")

    async def _connect(self, control: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    self._reader, self._writer = await asyncio.open_connection(HOST, control)
                    return
                except OSError:
                    await asyncio.sleep(0.05)

    async def _listen(self) -> None:
        """Keep what it tells, until it ends."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int((await self._reader.readuntil(b":"))[:-1])
                content = await self._reader.readexactly(length + 1)
                self._events.append(json.loads(content[:-1]))
                self._more.set()


@asynccontextmanager
async def baresip_phone(
    folder: Path,
    codec: Codec = PCMU,
    *,
    account: str = "",
    authority: Path | None = None,
    port: int | None = None,
) -> AsyncIterator[BaresipPhone]:
    """A telephone whose files are in ``folder``, at ``port`` or any free one; ``account`` are further parameters
    (``;mediaenc=srtp-mand``, ``;answermode=auto``)."""
    require("baresip", "baresip-core")
    folder.mkdir()
    silence = folder / "silence.wav"
    write_sound(silence, np.zeros(0, np.int16), codec.rate, codec.rate, codec.channels, silence=LIFE)
    port, control, rtp = port or free_port(beside=1), free_port(), free_port(beside=19)
    folder.joinpath("config").write_text(
        CONFIG.format(
            host=HOST,
            port=port,
            authority=f"sip_cafile {authority}" if authority else "",
            silence=silence,
            rtp=rtp,
            rtp_last=rtp + 18,
            modules=MODULES,
            control=control,
            folder=folder,
        )
    )
    folder.joinpath("accounts").write_text(
        f'"Caller" <sip:phone@{HOST}:{port}>;regint=0;audio_codecs={codec.name};dtmfmode=rtpevent{account}\n'
    )
    folder.joinpath("contacts").touch()
    folder.joinpath("uuid").write_text("11111111-2222-3333-4444-555555555555")
    async with program("baresip", "-4", "-s", "-f", str(folder), folder=folder, life=LIFE) as running:
        phone = BaresipPhone(running, folder, codec)
        await phone._connect(control)
        listening = asyncio.create_task(phone._listen(), name="baresip's events")
        try:
            yield phone
        finally:
            phone._writer.close()
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
