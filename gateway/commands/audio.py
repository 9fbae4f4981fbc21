"""Recordings of any common format as PCM, for the caller's side of the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from infra.audio import AudioUnreadable


def read_audio(path: Path) -> tuple[bytes, int]:
    """The file's sound as 16-bit mono PCM and its rate in Hz: WAV, FLAC, OGG, MP3; others (M4A …) through FFmpeg.

    Raises ``AudioUnreadable`` with what to do.
    """
    import soundfile  # loads a shared library: only when somebody calls with a recording

    if not path.is_file():
        raise AudioUnreadable(f"there is no file {path}")
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError:
        return _read_container(path)
    return _pcm(samples.mean(axis=1)), int(rate)


def _read_container(path: Path) -> tuple[bytes, int]:
    from av.error import FFmpegError
    from faster_whisper.audio import decode_audio

    rate = 16000
    try:
        return _pcm(decode_audio(str(path), sampling_rate=rate)), rate
    except (FFmpegError, ValueError, IndexError) as error:
        raise AudioUnreadable(f"{path} cannot be read as sound ({error}); convert it to WAV first") from error


def _pcm(samples: np.ndarray) -> bytes:
    return np.clip(samples * 32768.0, -32768, 32767).astype("<i2").tobytes()
