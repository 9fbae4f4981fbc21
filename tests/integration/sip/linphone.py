"""A telephone: linphonec on its command line, in a network namespace, its sound played from and recorded to files.

It does not put a loopback address into its SDP. The clock of its files drifts: what it hears is right, but not sample
for sample.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from tests.clients import require
from tests.integration.sip.likeness import read_sound, write_sound
from tests.integration.sip.namespace import Namespace
from tests.integration.sip.programs import Program, program

PATIENCE = 30.0
LIFE = 120.0
RATE = 8000

SETTINGS = """\
[sip]
sip_port=5060
sip_tcp_port=-1
sip_tls_port=-1
guess_hostname=0
contact="Caller" <sip:{user}@{address}>
register_only_when_network_is_up=0
auto_net_state_mon=0
use_ipv6=0
media_encryption=none
use_rfc2833=1
use_info=0
[rtp]
audio_rtp_port=7078
[net]
mtu=1300
[sound]
ec=0
[video]
enabled=0
capture=0
display=0
automatically_initiate=0
automatically_accept=0
"""


class LinphonePhone:
    """A telephone that calls. Made by ``linphone_phone``."""

    def __init__(self, running: Program, folder: Path) -> None:
        self._program = running
        self._folder = folder
        self._heard = folder / "heard.wav"

    async def dial(self, target: str) -> None:
        """Call, and wait until it is answered."""
        await self._program.tell(f"call {target}")
        await self.until("Media streams established")
        await self._program.tell(f"record {self._heard}")

    async def say(self, sound: Path) -> None:
        """Speak a recording from now on, and then be silent."""
        pcm, rate = read_sound(sound)
        path = self._folder / f"{sound.stem}.wav"
        write_sound(path, pcm, rate, RATE, silence=LIFE)
        await self._program.tell(f"play {path}")

    async def press(self, keys: str) -> None:
        """Press keys."""
        for key in keys:
            await self._program.tell(key)
            await asyncio.sleep(0.3)

    async def hold(self) -> None:
        """Put the far end on hold."""
        await self._program.tell("pause")
        await self.until("is now paused")

    async def resume(self) -> None:
        """Take it back."""
        await self._program.tell("resume")

    async def hang_up(self) -> None:
        """End the call."""
        await self._program.tell("terminate")
        await self.until("ended")

    def heard(self) -> np.ndarray:
        """What it has heard, at 8 kHz."""
        return read_sound(self._heard, RATE)[0]

    async def until(self, words: str) -> None:
        """Wait until it has said something."""
        try:
            async with asyncio.timeout(PATIENCE):
                while words not in self._program.said:
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"linphonec never said {words!r}, but:\n{self._program.said[-2000:]}") from None


@asynccontextmanager
async def linphone_phone(folder: Path, where: Namespace, user: str) -> AsyncIterator[LinphonePhone]:
    """The telephone of ``user`` in a namespace, its files in ``folder``."""
    linphonec = require("linphonec", "linphone-cli")
    folder.joinpath(".local", "share", "linphone").mkdir(parents=True)
    settings = folder / "settings"
    settings.write_text(SETTINGS.format(user=user, address=where.theirs))
    async with program(
        *(linphonec, "-c", str(settings), "-d", "0"),
        folder=folder,
        life=LIFE,
        inside=where.inside,
        environment={"HOME": str(folder)},
    ) as running:
        phone = LinphonePhone(running, folder)
        await phone.until("linphonec>")
        for line in ("ipv6 disable", "soundcard use files"):
            await running.tell(line)
        yield phone
        await running.tell("quit")
