"""Voice activity on a telephone line: callers missed, false starts in noise, and how late a start is noticed.

    python -m tests.benchmarks.bench_vad [--data ../shared/data/speech]

Each recording comes after six seconds of a line's hiss, through 8 kHz mu-law; noise recordings come as they are. The
baselines in the same run are the model alone at its usual thresholds, without the level as a second witness and without
forgetting after silence. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

import numpy as np

from gateway.commands.audio import read_audio
from infra.audio import Resampler, mulaw_decode, mulaw_encode
from stt import vad

LEAD = 6.0
HISS = 32768 * 10 ** (-65 / 20)

Window = tuple[float, float, float]


def line(path: Path, *, noise: bool) -> bytes:
    """The recording as a gateway hears it, at 16 kHz."""
    pcm, rate = read_audio(path)
    if rate != 8000:
        down = Resampler(rate, 8000)
        pcm = down.process(pcm) + down.flush()
    samples = np.frombuffer(pcm, "<i2").astype(float)
    if not noise:
        samples = np.concatenate([np.zeros(int(LEAD * 8000)), samples, np.zeros(8000)])
        samples += np.random.default_rng(0).normal(0, HISS, len(samples))
    narrow = mulaw_decode(mulaw_encode(np.clip(samples, -32768, 32767).astype("<i2").tobytes()))
    return Resampler(8000, vad.RATE).process(narrow)


def windows(model: vad.SileroModel, pcm: bytes, *, forget: bool) -> list[Window]:
    """What the model says of each window, as the service asks it."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
    context, (h, c), silent = np.zeros(vad.CONTEXT, np.float32), vad.fresh_state(), 0.0
    found: list[Window] = []
    for start in range(0, len(samples) - vad.WINDOW + 1, vad.WINDOW):
        window = samples[start : start + vad.WINDOW]
        judged, h, c = model.judge(np.concatenate((context, window))[None], h, c)
        context, probability = window[-vad.CONTEXT :], float(judged[0])
        silent = silent + vad.WINDOW_SECONDS if probability < vad.SURELY_SILENT else 0.0
        if forget and silent >= vad.FORGET_AFTER:
            (h, c), silent = vad.fresh_state(), 0.0
        found.append((start / vad.RATE, probability, float(10 * np.log10(np.mean(window**2) + 1e-10))))
    return found


VARIANTS: dict[str, tuple[bool, dict[str, float]]] = {
    "as shipped": (True, {}),
    "model alone, 0.5": (False, {"start": 0.5, "stop": 0.35, "margin": -200.0}),
    "model alone, 0.8": (False, {"start": 0.8, "stop": 0.35, "margin": -200.0}),
    "level, no forgetting": (False, {}),
    "forgetting, no level": (True, {"margin": -200.0}),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/speech"))
    data = parser.parse_args().data
    model = vad.SileroModel()
    clips = json.loads((data / "index.json").read_text(encoding="utf-8"))
    heard = {
        clip["file"]: (clip["kind"] == "noise", line(data / clip["file"], noise=clip["kind"] == "noise"))
        for clip in clips
    }
    judged = {
        forget: {name: windows(model, pcm, forget=forget) for name, (_, pcm) in heard.items()}
        for forget in (True, False)
    }
    result: dict[str, Any] = {}
    print(f"{'':<24}{'missed':>10}{'false starts':>14}{'late median':>13}{'late max':>10}")
    for name, (forget, options) in VARIANTS.items():
        missed, late, false = 0, [], 0
        for file, (noise, _) in heard.items():
            segmenter = vad.Segmenter(**options)
            found = [segmenter.handle(*window) for window in judged[forget][file]]
            starts = [event.at for event in found if isinstance(event, vad.SpeechStarted)]
            if noise:
                false += len(starts)
            elif not any(start >= LEAD - 0.2 for start in starts):
                missed += 1
            else:
                late.append(max(starts[0] - LEAD, 0.0))
        speakers = sum(not noise for noise, _ in heard.values())
        print(f"{name:<24}{missed:>5} of {speakers:<3}{false:>11}{statistics.median(late):>13.2f}{max(late):>10.2f}")
        result[name] = {"missed": missed, "of": speakers, "false_starts": false}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
