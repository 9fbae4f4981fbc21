"""Speaks what the English scenarios say: ``python -m tests.calls.audio.make_callers`` (needs Debian's ``flite``).

What is recorded already stays as it is, what no scenario says any more is removed. flite's voices (rms, slt, awb, kal)
are distributed under BSD-style terms.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from infra.audio import Resampler, read_wav
from tests.calls.scenario import all_scenarios
from tests.calls.sounds import RATE, RECORDINGS, pieces, recording_name


def main() -> int:
    """Make the recordings that are missing and remove those that nobody needs."""
    if shutil.which("flite") is None:
        print("flite is not installed; on Debian: apt-get install flite")
        return 1
    wanted = {
        recording_name(piece, step.voice): (piece, step.voice)
        for scenario in all_scenarios()
        if scenario.language == "en"
        for step in scenario.steps
        for piece in pieces(step.say or "")
        if isinstance(piece, str)
    }
    for path in RECORDINGS.glob("*.wav"):
        if path.name not in wanted:
            path.unlink()
            print(f"removed {path.name}")
    for name, (text, voice) in wanted.items():
        if not (RECORDINGS / name).is_file():
            speak(text, voice, RECORDINGS / name)
            print(f"made {name}")
    return 0


def speak(text: str, voice: str, target: Path) -> None:
    """One recording: 8 kHz mu-law, as a telephone line has it."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "said.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(made)], check=True)
        pcm, rate = read_wav(made)
    resampler = Resampler(rate, RATE)
    samples = np.frombuffer(resampler.process(pcm) + resampler.flush(), "<i2")
    soundfile.write(str(target), samples, RATE, subtype="ULAW", format="WAV")


if __name__ == "__main__":
    sys.exit(main())
