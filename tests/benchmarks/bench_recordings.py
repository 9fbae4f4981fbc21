"""What it costs to seal recordings: processor time for a second of a call, beside the same sound written plainly.

    python -m tests.benchmarks.bench_recordings [--minutes 5] [--rounds 3]

Both channels of a call, 20 ms frames, handed over as the session does (0.2 s of one channel at once), through the same
time line (``gateway.session.tracks``) into a file. *Plain* writes the samples and a header's 44 bytes as the format
before did; *sealed* is what calls do. Then four seconds of the middle are silenced, and all of it is read as WAV. The
last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from gateway.session.recorded_sound import RecordedSound, about
from gateway.session.recording import HAND_OVER, _write_out
from gateway.session.tracks import BOT, CALLER, Tracks
from infra.storage.envelope import new_key
from infra.storage.sealed_file import Owner, SealedWriter

RATE = 8_000
FRAMES = 50
"""A second."""
SOUND = np.random.default_rng(1).integers(-3_000, 3_000, RATE // FRAMES).astype("<i2").tobytes()


@dataclass(frozen=True)
class Costs:
    """Milliseconds of processor time, but for the last two: MB/s, and bytes of the file for each of the WAV."""

    plain: float
    sealed: float
    silence: float
    read: float
    size: float


def speak(tracks: Tracks, seconds: int, write: Callable[[], None]) -> float:
    """A call of so many seconds; the processor time of each of them, in milliseconds."""
    began = time.process_time()
    for n in range(seconds * FRAMES):
        for channel in (CALLER, BOT):
            tracks.place(channel, n / FRAMES, SOUND)
        if n % (HAND_OVER // 2) == 0:
            write()
    return (time.process_time() - began) / seconds * 1e3


def plainly(path: Path, seconds: int) -> float:
    tracks, file = Tracks(RATE), os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)

    def write() -> None:
        for offset, block in tracks.drain():
            os.pwrite(file, block, 44 + offset)
        os.pwrite(file, bytes(44), 0)

    try:
        return speak(tracks, seconds, write)
    finally:
        os.close(file)


def measure(folder: Path, seconds: int) -> Costs:
    plain = plainly(folder / "plain", seconds)
    tracks, owner, path = Tracks(RATE), Owner("t/c", new_key()), folder / "sealed"
    file = SealedWriter(path, owner, about(RATE))
    sealed = speak(tracks, seconds, lambda: _write_out(tracks, file))
    began = time.process_time()
    tracks.silence(seconds / 2, seconds / 2 + 4)
    _write_out(tracks, file)
    silence = (time.process_time() - began) * 1e3
    file.close()
    began = time.process_time()
    with RecordedSound(path, owner) as sound:
        size = sum(map(len, sound.parts()))
    read = size / (time.process_time() - began) / 1e6
    costs = Costs(plain, sealed, silence, read, path.stat().st_size / size)
    for made in (folder / "plain", path):
        made.unlink()
    return costs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aicc-bench-") as folder:
        rounds = [asdict(measure(Path(folder), chosen.minutes * 60)) for _ in range(chosen.rounds)]
    middle = {name: round(statistics.median(one[name] for one in rounds), 3) for name in rounds[0]}
    print(f"a second of a call: {middle['plain']} ms of processor time plain, {middle['sealed']} ms sealed")
    print(f"four seconds silenced: {middle['silence']} ms; read as WAV: {middle['read']:.0f} MB/s")
    print(json.dumps(middle))


if __name__ == "__main__":
    main()
