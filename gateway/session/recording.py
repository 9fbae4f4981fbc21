"""Two-channel recordings: the caller on the left, what the caller heard of us on the right, on one line of media time.

The session opens a recording when the caller's consent allows it, and not before; the file begins with the first frame
that is given. Sound is placed by its media time (``tracks.py``), so that both sides stand where the caller heard them,
also when one of them is known a little later; what nobody gave is silence, and so is what was silenced afterwards,
because it turned out to be nobody's business.

Everything is sealed with the contact's own key (``infra.storage.sealed_file``) and lies nowhere in the clear: when the
key is destroyed, every copy of the recording goes with it. Until the key is there, sound waits in memory.

The media loop only queues; one thread writes for all calls. Its queue is bounded. Policy: what does not fit is
dropped and stays silent in the file, which keeps its length, and the number of frames lost is told at the end; that
something is to be silent is never dropped.

The file of a killed process can be read as it is; ``mend`` closes it for good.

Refuses: names that could lead out of the folder; a second recording under the same name; judging consent; writing
anything without a key.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol, TypeAlias

import structlog

from gateway.session.errors import NoRecording, RecordingError
from gateway.session.ports import StoredRecording
from gateway.session.recorded_sound import RecordedSound, about
from gateway.session.records import checked_name
from gateway.session.tracks import BOT, CALLER, FRAME_BYTES, Span, Tracks, without
from infra.audio import AudioFrame
from infra.errors import AiccError
from infra.storage.errors import SealBroken
from infra.storage.sealed_file import PIECE, Owner, SealedWriter, torn
from infra.storage.sealed_file import mend as mend_sealed
from infra.telemetry.metrics import metrics

FOLDER = "recordings"
SUFFIX = ".sealed"

HAND_OVER = 10
"""Frames that a call gathers before it hands them to the thread: 0.2 s of one channel."""

MOST_HELD = 1_000
"""Frames of a call that wait for its key: 10 s of both channels."""

MOST_WAITING = 2_000
"""Hand-overs that wait for the thread at most: some 20 s of 10 calls, or 2 s of 100."""

FINISH_LIMIT = 10.0
"""Seconds to write the rest of a recording."""

_LOST = metrics.counter("aicc_recording_lost_frames", "Frames missing in recordings: late, out of place, or too many")
_FAILED = metrics.counter("aicc_recordings_failed", "Recordings that could not be written")

_log = structlog.get_logger(__name__)

_Piece: TypeAlias = tuple[int, AudioFrame]
"""A frame and its channel."""

_Silence: TypeAlias = tuple[int, Span]
"""What is to be silent in a channel."""

Failure: TypeAlias = OSError | SealBroken


class Keys(Protocol):
    """Contacts' keys: ``infra.storage.subject_keys``."""

    async def of(self, tenant: str, subject: str) -> bytes:
        """A contact's key, made at the first need; durable when it is given."""

    async def known(self, tenant: str, subject: str) -> bytes | None:
        """A contact's key; None where it never had one."""


@dataclass(frozen=True, slots=True)
class _Sound:
    """Handed to the thread: the next pieces of a recording, and what is to be silent in it after them."""

    recording: Recording
    pieces: tuple[_Piece, ...]
    silences: tuple[_Silence, ...]


@dataclass(frozen=True, slots=True)
class _End:
    """Handed to the thread: a recording is over; ``told`` is called with its length, or with what went wrong."""

    rest: _Sound
    told: Callable[[float | Failure], None]


Waiting: TypeAlias = "queue.Queue[_Sound | _End | None]"
"""What waits for the thread; None ends it."""


class Recording:
    """The recording of one call. Its methods never block and belong to the event loop; see ``Recordings.open``."""

    def __init__(self, path: Path, rate: int, waiting: Waiting, owner: asyncio.Task[Owner]) -> None:
        self.path = path
        self.rate = rate
        self.owner = owner
        self._waiting = waiting
        self._pieces: list[_Piece] = []
        self._silences: list[_Silence] = []
        self._dropped = 0
        self._over = False
        self.tracks = Tracks(rate)  # from here on the thread's
        self.file: SealedWriter | None = None
        self.failure: Failure | None = None
        owner.add_done_callback(lambda _: self._flush())

    def caller(self, frame: AudioFrame) -> None:
        """Take the caller's sound, for the left channel. Raises ``ValueError`` when it is at another rate."""
        self._take(CALLER, frame)

    def bot(self, frame: AudioFrame) -> None:
        """Take what was played to the caller, for the right channel. Raises ``ValueError`` as ``caller`` does."""
        self._take(BOT, frame)

    def silence(self, start: float, end: float, *, ours: bool = False) -> None:
        """Let the caller's channel, or ours, be silent from ``start`` to ``end`` (media times), however long ago that
        was."""
        self._silences.append((BOT if ours else CALLER, (start, end)))
        self._flush()

    async def finish(self) -> StoredRecording:
        """Write the rest and close the file. Raises ``RecordingError`` when there is none, or not all of it."""
        if self._over:
            raise RecordingError(f"recording {self.path.name} was finished before")
        self._over = True
        loop = asyncio.get_running_loop()
        told: asyncio.Future[float] = loop.create_future()
        try:
            async with asyncio.timeout(FINISH_LIMIT):
                await asyncio.wait({self.owner})
                if self.owner.cancelled():
                    raise RecordingError(f"the recordings were closed before there was a key for {self.path.name}")
                self.owner.result()
                rest = _Sound(self, tuple(self._pieces), tuple(self._silences))
                end = _End(rest, lambda result: _tell(loop, told, result))
                await asyncio.to_thread(self._waiting.put, end, timeout=FINISH_LIMIT)  # the end is never dropped
                seconds = await told
        except (TimeoutError, queue.Full) as error:
            raise RecordingError(f"the rest of {self.path} was not taken in {FINISH_LIMIT:g} s") from error
        except RecordingError:
            raise
        except (OSError, AiccError) as error:
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
        """Hand over what there is. What is to be silent stays until it is taken."""
        if self._over or not (self._pieces or self._silences):
            return
        if not self.owner.done():
            self._drop(len(self._pieces) - MOST_HELD)
            return
        try:
            self._waiting.put_nowait(_Sound(self, tuple(self._pieces), tuple(self._silences)))
        except queue.Full:
            self._drop(len(self._pieces))
        else:
            self._pieces, self._silences = [], []

    def _drop(self, surplus: int) -> None:
        if surplus > 0:
            del self._pieces[-surplus:]
            self._dropped += surplus
            _LOST.inc(surplus)


class Recordings:
    """All recordings of a node, below one folder, from ``start`` to ``close``."""

    def __init__(self, directory: Path, keys: Keys, most_waiting: int = MOST_WAITING) -> None:
        self._directory = directory
        self._keys = keys
        self._waiting: Waiting = queue.Queue(most_waiting)
        self._open: set[Recording] = set()
        self._asked: set[asyncio.Task[Owner]] = set()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to write."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="recordings", daemon=True)
            self._thread.start()

    async def close(self) -> None:
        """Write what was handed over, close all files, end the thread."""
        for asked in tuple(self._asked):
            asked.cancel()
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.to_thread(self._waiting.put, None)
            await asyncio.to_thread(thread.join, FINISH_LIMIT)

    def open(self, tenant: str, call_id: str, on: date, rate: int = 8_000) -> Recording:
        """A recording in ``<folder>/<tenant>/<date>/<call id>.sealed``, which appears with the first sound.

        Raises ``NameRefused``, and ``RecordingError`` when the recordings were not started.
        """
        if self._thread is None:
            raise RecordingError("nothing can be recorded: the recordings were not started, or closed already")
        path = self.path(tenant, call_id, on)
        asked = asyncio.create_task(self._owner(tenant, call_id), name=f"key of {call_id}")
        self._asked.add(asked)
        asked.add_done_callback(self._answered)
        return Recording(path, rate, self._waiting, asked)

    def path(self, tenant: str, call_id: str, on: date) -> Path:
        """Where a call's recording lies, or would. Raises ``NameRefused``."""
        return self._directory / checked_name(tenant) / on.isoformat() / f"{checked_name(call_id)}{SUFFIX}"

    async def sound(self, tenant: str, call_id: str, on: date) -> RecordedSound:
        """A call's recording, open; whoever asks closes it. Raises ``NoRecording``, ``NameRefused``, ``KeyShredded``,
        ``KeyUnavailable``, ``SealBroken``, and ``RecordingError`` for what cannot be read."""
        path = self.path(tenant, call_id, on)
        if not await asyncio.to_thread(path.is_file):
            raise NoRecording(f"call {call_id} has no recording")
        key = await self._keys.known(tenant, call_id)
        if key is None:
            raise RecordingError(f"the recording of {call_id} has no key: the database is not the one it was made with")
        try:
            return await asyncio.to_thread(RecordedSound, path, _owner(tenant, call_id, key))
        except OSError as error:
            raise RecordingError(f"{path} cannot be read: {error}") from error

    async def mend(self, today: date) -> list[Path]:
        """Close for good what a killed process left yesterday and today, and return those files. What cannot be closed
        is told in the log, and stays as it is."""
        days = (today - timedelta(days=1), today)
        return [path for path in await asyncio.to_thread(self._torn, days) if await self._mend(path)]

    def _torn(self, days: tuple[date, ...]) -> list[Path]:
        found = [path for day in days for path in sorted(self._directory.glob(f"*/{day.isoformat()}/*{SUFFIX}"))]
        left = []
        for path in found:
            try:
                if torn(path):
                    left.append(path)
            except (OSError, SealBroken) as error:
                _log.warning("what lies among the recordings is none", path=str(path), error=str(error))
        return left

    async def _mend(self, path: Path) -> bool:
        tenant, call_id = path.parent.parent.name, path.name.removesuffix(SUFFIX)
        try:
            key = await self._keys.known(tenant, call_id)
            return key is not None and await asyncio.to_thread(mend_sealed, path, _owner(tenant, call_id, key))
        except (OSError, AiccError) as error:
            _log.warning("a recording that was left unfinished cannot be closed", path=str(path), error=str(error))
            return False

    async def _owner(self, tenant: str, call_id: str) -> Owner:
        return _owner(tenant, call_id, await self._keys.of(tenant, call_id))

    def _answered(self, asked: asyncio.Task[Owner]) -> None:
        self._asked.discard(asked)
        if not asked.cancelled() and (error := asked.exception()) is not None:
            _FAILED.inc()
            _log.error("a call cannot be recorded: there is no key for it", task=asked.get_name(), error=str(error))

    # What follows runs in the thread.

    def _work(self) -> None:
        while (item := self._waiting.get()) is not None:
            match item:
                case _Sound():
                    self._write(item)
                case _End(rest, told):
                    self._write(rest)
                    self._close(rest.recording)
                    recording = rest.recording
                    told(recording.tracks.seconds if recording.failure is None else recording.failure)
        for recording in list(self._open):
            self._close(recording)

    def _write(self, sound: _Sound) -> None:
        recording = sound.recording
        before = recording.tracks.lost
        for channel, frame in sound.pieces:
            recording.tracks.place(channel, frame.at, frame.pcm)
        _LOST.inc(recording.tracks.lost - before)
        for channel, (start, end) in sound.silences:
            recording.tracks.silence(start, end, channel)
        if recording.failure is not None or recording.owner.cancelled() or recording.owner.exception() is not None:
            return
        try:
            if recording.file is None:
                recording.file = SealedWriter(recording.path, recording.owner.result(), about(recording.rate))
                self._open.add(recording)
            _write_out(recording.tracks, recording.file)
        except (OSError, SealBroken) as error:
            recording.failure = error
            _FAILED.inc()
            _log.error("a recording cannot be written", path=str(recording.path), error=str(error))

    def _close(self, recording: Recording) -> None:
        self._open.discard(recording)
        file, recording.file = recording.file, None
        if file is not None:
            try:
                file.close()
            except OSError as error:
                recording.failure = recording.failure or error


@asynccontextmanager
async def open_recordings(data: Path, keys: Keys, today: date) -> AsyncIterator[Recordings]:
    """The recordings of a node whose data lie in ``data``, started, and with what a killed process left closed."""
    recordings = Recordings(data / FOLDER, keys)
    recordings.start()
    try:
        await recordings.mend(today)
        yield recordings
    finally:
        await recordings.close()


def _owner(tenant: str, call_id: str, key: bytes) -> Owner:
    return Owner(f"{tenant}/{call_id}", key)


def _write_out(tracks: Tracks, file: SealedWriter) -> None:
    """Bring a file up to what its time line holds."""
    for offset, data in tracks.drain():
        file.write(offset, data)
    for channel, first, last in tracks.emptied():
        for at in range(first * FRAME_BYTES, last * FRAME_BYTES, PIECE):  # a piece is whole frames
            file.write(at, without(channel, file.read(at, min(PIECE, last * FRAME_BYTES - at))))
    file.tell()


def _tell(loop: asyncio.AbstractEventLoop, told: asyncio.Future[float], result: float | Failure) -> None:
    def settle() -> None:
        if told.done():
            return
        if isinstance(result, float):
            told.set_result(result)
        else:
            told.set_exception(result)

    try:
        loop.call_soon_threadsafe(settle)
    except RuntimeError:  # the loop has ended; whoever waited is gone
        _log.warning("a recording ended after the program's loop")
