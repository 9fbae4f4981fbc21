"""Two-channel recordings: the caller on the left, what the caller heard of us on the right, on one line of media time.

The session opens a recording when the caller's consent allows it, and not before; the file begins with the first frame
that is given. Sound is placed by its media time, so that both sides stand where the caller heard them, also when one of
them is known a little later (``WINDOW``); what nobody gave is silence.

The media loop only queues; one thread writes for all calls. Its queue is bounded. Policy: what does not fit is
dropped and stays silent in the file, which keeps its length, and the number of frames lost is told at the end.

The header always tells of what is in the file, so that the recording of a killed process can be played as it is.
``mend`` adds the last moments whose header was not written any more.

Refuses: names that could lead out of the folder; a second recording under the same name; judging consent.
"""

from __future__ import annotations

import asyncio
import os
import queue
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeAlias

import numpy as np
import structlog
from numpy.typing import NDArray

from gateway.session.errors import RecordingError
from gateway.session.ports import StoredRecording
from gateway.session.records import checked_name
from infra.audio import SAMPLE_WIDTH, AudioFrame
from infra.telemetry.metrics import metrics

CALLER, BOT = 0, 1
CHANNELS = 2

WINDOW = 10.0
"""Seconds that a frame may come later than the newest sound of its call."""

SNAP = 0.03
"""Seconds by which a frame may miss the end of the one before and is still put right behind it: clocks jitter."""

LONGEST_GAP = 600.0
"""Seconds of silence between two frames beyond which a time cannot be meant, and the frame is dropped."""

HAND_OVER = 10
"""Frames that a call gathers before it hands them to the thread: 0.2 s of one channel."""

MOST_WAITING = 2_000
"""Hand-overs that wait for the thread at most: some 20 s of 10 calls, or 2 s of 100."""

FINISH_LIMIT = 10.0
"""Seconds to write the rest of a recording."""

HEADER_BYTES = 44
FRAME_BYTES = CHANNELS * SAMPLE_WIDTH
LARGEST_DATA = 0xFFFF_FFFF - HEADER_BYTES

_LOST = metrics.counter("aicc_recording_lost_frames", "Frames missing in recordings: late, out of place, or too many")
_FAILED = metrics.counter("aicc_recordings_failed", "Recordings that could not be written")

_log = structlog.get_logger(__name__)

Samples: TypeAlias = NDArray[np.int16]


_Piece: TypeAlias = tuple[int, AudioFrame]
"""A frame and its channel."""


@dataclass(frozen=True, slots=True)
class _Sound:
    """Handed to the thread: the next pieces of a recording."""

    recording: Recording
    pieces: tuple[_Piece, ...]


@dataclass(frozen=True, slots=True)
class _End:
    """Handed to the thread: a recording is over; ``told`` is called with its length, or with what went wrong."""

    recording: Recording
    told: Callable[[float | OSError], None]


Waiting: TypeAlias = "queue.Queue[_Sound | _End | None]"
"""What waits for the thread; None ends it."""


class Tracks:
    """The time line of one recording: takes pieces, says which bytes of the sound's data to write where. Pure.

    ``lost`` counts the pieces that found no place. All positions are in samples since the first piece.
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.lost = 0
        self._zero: float | None = None
        self._window = round(WINDOW * rate)
        self._sound: Samples = np.zeros((2 * self._window, CHANNELS), dtype="<i2")
        self._first = 0  # position of the first sample in self._sound
        self._end = 0  # position behind the newest sample
        self._ends = [0, 0]  # the same for each channel
        self._changed: tuple[int, int] | None = None
        self._blocks: list[tuple[int, bytes]] = []

    @property
    def samples(self) -> int:
        """The length up to the newest sample."""
        return self._end

    @property
    def seconds(self) -> float:
        """The same in seconds."""
        return self._end / self.rate

    def place(self, channel: int, at: float, pcm: bytes) -> None:
        """Put sound where its media time says; over silence or older sound."""
        if self._zero is None:
            self._zero = at
        start = round((at - self._zero) * self.rate)
        if abs(start - self._ends[channel]) <= SNAP * self.rate:
            start = self._ends[channel]
        samples = np.frombuffer(pcm[: len(pcm) // SAMPLE_WIDTH * SAMPLE_WIDTH], dtype="<i2")
        if start < self._first or start > self._end + LONGEST_GAP * self.rate or len(samples) > self._window:
            self.lost += 1
            return
        end = start + len(samples)
        self._make_room(end)
        self._sound[start - self._first : end - self._first, channel] = samples
        low, high = self._changed or (start, end)
        self._changed = (min(low, start), max(high, end))
        self._end = max(self._end, end)
        self._ends[channel] = end

    def drain(self) -> list[tuple[int, bytes]]:
        """What changed since the last time: offsets in bytes, and both channels interleaved to be written there."""
        self._put_away()
        blocks, self._blocks = self._blocks, []
        return blocks

    def _make_room(self, end: int) -> None:
        if end - self._first <= len(self._sound):
            return
        self._put_away()
        first = max(self._first, end - self._window)
        kept = self._sound[first - self._first : self._end - self._first].copy()
        self._sound[: len(kept)] = kept
        self._sound[len(kept) :] = 0
        self._first = first

    def _put_away(self) -> None:
        if self._changed is not None:
            low, high = self._changed
            block = self._sound[low - self._first : high - self._first].tobytes()
            self._blocks.append((low * FRAME_BYTES, block))
            self._changed = None


class Recording:
    """The recording of one call. Its methods never block and belong to the event loop; see ``Recordings.open``."""

    def __init__(self, path: Path, rate: int, waiting: Waiting) -> None:
        self.path = path
        self.rate = rate
        self._waiting = waiting
        self._pieces: list[_Piece] = []
        self._dropped = 0
        self._over = False
        self.tracks = Tracks(rate)  # from here on the thread's
        self.file: int | None = None
        self.failure: OSError | None = None

    def caller(self, frame: AudioFrame) -> None:
        """Take the caller's sound, for the left channel. Raises ``ValueError`` when it is at another rate."""
        self._take(CALLER, frame)

    def bot(self, frame: AudioFrame) -> None:
        """Take what was played to the caller, for the right channel. Raises ``ValueError`` as ``caller`` does."""
        self._take(BOT, frame)

    async def finish(self) -> StoredRecording:
        """Write the rest and close the file. Raises ``RecordingError`` when there is none, or not all of it."""
        if self._over:
            raise RecordingError(f"recording {self.path.name} was finished before")
        self._over = True
        loop = asyncio.get_running_loop()
        told: asyncio.Future[float] = loop.create_future()
        try:
            async with asyncio.timeout(FINISH_LIMIT):
                self._flush()
                end = _End(self, lambda result: _tell(loop, told, result))
                await asyncio.to_thread(self._waiting.put, end, timeout=FINISH_LIMIT)  # the end is never dropped
                seconds = await told
        except (TimeoutError, queue.Full) as error:
            raise RecordingError(f"the disk did not take the rest of {self.path} in {FINISH_LIMIT:g} s") from error
        except OSError as error:
            raise RecordingError(f"{self.path} could not be written: {error}") from error
        return StoredRecording(self.path, seconds, self._dropped + self.tracks.lost)

    def _take(self, channel: int, frame: AudioFrame) -> None:
        if frame.rate != self.rate:
            raise ValueError(f"recording {self.path.name} is at {self.rate} Hz, and a frame came at {frame.rate} Hz")
        if not self._over:
            self._pieces.append((channel, frame))
            if len(self._pieces) >= HAND_OVER:
                self._flush()

    def _flush(self) -> None:
        pieces, self._pieces = tuple(self._pieces), []
        if not pieces:
            return
        try:
            self._waiting.put_nowait(_Sound(self, pieces))
        except queue.Full:
            self._dropped += len(pieces)
            _LOST.inc(len(pieces))


class Recordings:
    """All recordings of a node, below one folder, from ``start`` to ``close``."""

    def __init__(self, directory: Path, most_waiting: int = MOST_WAITING) -> None:
        self._directory = directory
        self._waiting: Waiting = queue.Queue(most_waiting)
        self._open: set[Recording] = set()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to write."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="recordings", daemon=True)
            self._thread.start()

    async def close(self) -> None:
        """Write what was handed over, close all files, end the thread."""
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.to_thread(self._waiting.put, None)
            await asyncio.to_thread(thread.join, FINISH_LIMIT)

    def open(self, tenant: str, call_id: str, on: date, rate: int = 8_000) -> Recording:
        """A recording in ``<folder>/<tenant>/<date>/<call id>.wav``, which appears with the first sound.

        Raises ``NameRefused``, and ``RecordingError`` when the recordings were not started.
        """
        if self._thread is None:
            raise RecordingError("nothing can be recorded: the recordings were not started, or closed already")
        return Recording(self.path(tenant, call_id, on), rate, self._waiting)

    def path(self, tenant: str, call_id: str, on: date) -> Path:
        """Where a call's recording lies, or would. Raises ``NameRefused``."""
        return self._directory / checked_name(tenant) / on.isoformat() / f"{checked_name(call_id)}.wav"

    def mend(self, today: date) -> list[Path]:
        """Put right the headers of what a killed process left yesterday and today, and return those files. Blocks."""
        days = (today - timedelta(days=1), today)
        found = [path for day in days for path in sorted(self._directory.glob(f"*/{day.isoformat()}/*.wav"))]
        return [path for path in found if mend(path)]

    # What follows runs in the thread.

    def _work(self) -> None:
        while (item := self._waiting.get()) is not None:
            match item:
                case _Sound(recording, pieces):
                    self._write(recording, pieces)
                case _End(recording, told):
                    self._write(recording, ())
                    self._close(recording)
                    told(recording.tracks.seconds if recording.failure is None else recording.failure)
        for recording in list(self._open):
            self._close(recording)

    def _write(self, recording: Recording, pieces: tuple[_Piece, ...]) -> None:
        before = recording.tracks.lost
        for channel, frame in pieces:
            recording.tracks.place(channel, frame.at, frame.pcm)
        _LOST.inc(recording.tracks.lost - before)
        if recording.failure is not None:
            return
        try:
            if recording.file is None:
                recording.file = _create(recording.path)
                self._open.add(recording)
            for offset, data in recording.tracks.drain():
                _write_all(recording.file, data, HEADER_BYTES + offset)
            _write_all(recording.file, header(recording.rate, recording.tracks.samples * FRAME_BYTES), 0)
        except OSError as error:
            recording.failure = error
            _FAILED.inc()
            _log.error("a recording cannot be written", path=str(recording.path), error=str(error))

    def _close(self, recording: Recording) -> None:
        self._open.discard(recording)
        file, recording.file = recording.file, None
        if file is not None:
            try:
                os.fsync(file)
            except OSError as error:
                recording.failure = recording.failure or error
            finally:
                os.close(file)


def header(rate: int, size: int) -> bytes:
    """The 44 bytes before ``size`` bytes of 16-bit stereo: RIFF, ``fmt `` (PCM) and ``data`` chunks, as of 1991."""
    size = min(size, LARGEST_DATA)
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        HEADER_BYTES - 8 + size,
        b"WAVE",
        b"fmt ",
        16,
        1,
        CHANNELS,
        rate,
        rate * FRAME_BYTES,
        FRAME_BYTES,
        8 * SAMPLE_WIDTH,
        b"data",
        size,
    )


def mend(path: Path) -> bool:
    """Let the header of one of our recordings tell of all that is in the file; false when it did, or is not ours."""
    with path.open("r+b") as file:
        found = file.read(HEADER_BYTES)
        if len(found) < HEADER_BYTES or found[:4] != b"RIFF" or found[36:40] != b"data":
            return False
        rate = struct.unpack_from("<I", found, 24)[0]
        size = (path.stat().st_size - HEADER_BYTES) // FRAME_BYTES * FRAME_BYTES
        right = header(rate, size)
        if found == right:
            return False
        file.seek(0)
        file.write(right)
    return True


def _create(path: Path) -> int:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)


def _write_all(file: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        offset += written
        view = view[written:]


def _tell(loop: asyncio.AbstractEventLoop, told: asyncio.Future[float], result: float | OSError) -> None:
    def settle() -> None:
        if told.done():
            return
        if isinstance(result, OSError):
            told.set_exception(result)
        else:
            told.set_result(result)

    try:
        loop.call_soon_threadsafe(settle)
    except RuntimeError:  # the loop has ended; whoever waited is gone
        _log.warning("a recording ended after the program's loop")
