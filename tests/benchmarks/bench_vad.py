"""Voice activity on a telephone line: callers missed, false starts in noise, how late a start is noticed, and its cost.

    python -m tests.benchmarks.bench_vad [--data ../shared/data/speech] [--streams 1,20,100,200] [--seconds 10]

*Hearing.* Each recording comes after twenty seconds of a line's hiss, through 8 kHz mu-law; noise recordings come as
they are. They go through the service itself, one call each. The baselines in the same run are the model alone at its
usual thresholds, without the level as a second witness and without forgetting after silence.

*Cost.* So many calls at once feed 20 ms frames of speech at the pace of real time. What counts is the CPU time of the
whole process less that of the same pace without voice activity: feeding, the step to 16 kHz, the model, telling, and a
segmenter for each call. The baseline is the model as it comes, one stream after the other. "Late" is from the last
frame of a window being fed to its result on the loop. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from gateway.commands.audio import read_audio
from infra.audio import FRAME_SECONDS, AudioFrame, Resampler, mulaw_decode, mulaw_encode
from stt import vad
from stt.batched_silero import NARROW, Ear, Floats
from stt.settings import SttSettings

LEAD = 20.0
"""Seconds of hiss before somebody speaks: the model's memory must have had time to go astray."""
HISS = 32768 * 10 ** (-65 / 20)
RATE = 8000
FRAME = 320
"""Bytes of 20 ms."""
PARTS = 10
"""Into which the callers are divided: packets of all calls never come at the same moment."""
SHIFTS = (0, 85, 170)
"""Samples by which a recording is heard earlier."""
WARM_UP = 50
"""Frames before anything is measured."""

Window = tuple[float, float, float]


# --- hearing ----------------------------------------------------------------------------------------------------------
def line(path: Path, *, noise: bool) -> bytes:
    """The recording as a gateway hears it, at 8 kHz."""
    pcm, rate = read_audio(path)
    if rate != RATE:
        down = Resampler(rate, RATE)
        pcm = down.process(pcm) + down.flush()
    samples = np.frombuffer(pcm, "<i2").astype(float)
    if not noise:
        samples = np.concatenate([np.zeros(int(LEAD * RATE)), samples, np.zeros(RATE)])
        samples += np.random.default_rng(0).normal(0, HISS, len(samples))
    return mulaw_decode(mulaw_encode(np.clip(samples, -32768, 32767).astype("<i2").tobytes()))


def windows(model: vad.Model, lines: dict[str, bytes]) -> dict[str, list[Window]]:
    """What is found of each window of each line, all of them judged together as the service does it."""
    found: dict[str, list[Window]] = {name: [] for name in lines}
    waiting: list[vad.Waiting] = []

    class Queue:
        put = staticmethod(waiting.append)

    streams = {
        name: vad.VadStream(Queue, RATE, lambda *window, name=name: found[name].append(window))  # type: ignore[arg-type]
        for name in lines
    }
    for name, pcm in lines.items():
        for start in range(0, len(pcm), FRAME):
            streams[name].feed(AudioFrame(pcm[start : start + FRAME], RATE, start / 2 / RATE))
    vad.tell(vad.judge(model, run) for run in vad.rounds(waiting))
    return found


def variants() -> dict[str, tuple[bool, dict[str, float]]]:
    """Whether the model forgets after silence, and the segmenter's options; the first is what calls are given."""
    stt = SttSettings()
    shipped = {"start": stt.vad_start, "stop": stt.vad_stop, "margin": stt.vad_margin}
    return {
        "as shipped": (True, shipped),
        "model alone, 0.5": (False, {"start": 0.5, "stop": 0.35, "margin": -200.0}),
        "model alone, 0.8": (False, {"start": 0.8, "stop": 0.35, "margin": -200.0}),
        "level, no forgetting": (False, shipped),
        "forgetting, no level": (True, {**shipped, "margin": -200.0}),
    }


def judged(lines: dict[str, bytes], *, forget: bool) -> dict[str, list[Window]]:
    """Every line, heard several times with the windows beginning at other samples: by that alone results differ."""
    with mock.patch.object(vad, "FORGET_AFTER", vad.FORGET_AFTER if forget else math.inf):
        model = vad.SileroModel()
        shifted = {f"{name}@{shift}": pcm[2 * shift :] for name, pcm in lines.items() for shift in SHIFTS}
        return windows(model, shifted)


def hearing(data: Path) -> dict[str, Any]:
    """Every variant on every recording."""
    clips = json.loads((data / "index.json").read_text(encoding="utf-8"))
    lines = {clip["file"]: line(data / clip["file"], noise=clip["kind"] == "noise") for clip in clips}
    noises = {f"{clip['file']}@{shift}" for clip in clips if clip["kind"] == "noise" for shift in SHIFTS}
    heard = {forget: judged(lines, forget=forget) for forget in (True, False)}
    speakers = len(lines) * len(SHIFTS) - len(noises)
    seconds = sum(len(pcm) / 2 / RATE for name, pcm in lines.items() if f"{name}@0" in noises) * len(SHIFTS)
    result: dict[str, Any] = {}
    print(f"{speakers} speakers, {seconds:.0f} s of noise: each recording at {len(SHIFTS)} alignments")
    print(f"{'':<24}{'missed':>8}{'false starts':>14}{'late median':>13}{'p95':>7}")
    for name, (forget, options) in variants().items():
        missed, late, false = 0, [], 0
        for file, found in heard[forget].items():
            segmenter = vad.Segmenter(**options)
            events = [segmenter.handle(*window) for window in found]
            starts = [event.at for event in events if isinstance(event, vad.SpeechStarted)]
            if file in noises:
                false += len(starts)
            elif not any(start >= LEAD - 0.25 for start in starts):
                missed += 1
            else:
                late.append(max(starts[0] - LEAD, 0.0))
        print(f"{name:<24}{missed:>8}{false:>14}{statistics.median(late):>13.2f}{np.quantile(late, 0.95):>7.2f}")
        result[name] = {"missed": missed, "of": speakers, "false_starts": false, "noise_s": round(seconds)}
    return result


# --- cost -------------------------------------------------------------------------------------------------------------
class OneByOne(vad.SileroModel):
    """The model as it comes: one stream after the other."""

    def judge_streams(self, ear: Ear, samples: Floats, states: Floats) -> tuple[Floats, Floats]:
        return self._one_by_one(ear, samples, states)


class Caller:
    """Speaks into the service, segments what comes back, and notes how late that was."""

    def __init__(self, activity: vad.VoiceActivity | None, late: list[float]) -> None:
        self._segmenter = vad.Segmenter()
        self._fed: list[float] = []
        self._late = late
        self._stream = activity.open(RATE, self._take) if activity else None

    def speak(self, frame: AudioFrame) -> None:
        if self._stream is not None:
            self._fed.append(time.monotonic())
            self._stream.feed(frame)

    def _take(self, at: float, probability: float, level: float) -> None:
        self._segmenter.handle(at, probability, level)
        last = math.ceil((at + vad.WINDOW_SECONDS + NARROW.after / RATE) / FRAME_SECONDS - 1e-9) - 1
        self._late.append(time.monotonic() - self._fed[last])


async def pace(callers: Sequence[Caller], pcm: bytes, first: int, count: int) -> None:
    """Every caller speaks ``count`` frames from number ``first`` on, a tenth of the callers every 2 ms."""
    begun = time.monotonic()
    for number in range(first, first + count):
        place = number * FRAME % (len(pcm) - FRAME)
        frame = AudioFrame(pcm[place : place + FRAME], RATE, number * FRAME_SECONDS)
        for part in range(PARTS):
            for caller in callers[part::PARTS]:
                caller.speak(frame)
            due = begun + (number - first) * FRAME_SECONDS + (part + 1) * FRAME_SECONDS / PARTS
            await asyncio.sleep(max(0.0, due - time.monotonic()))


async def cost(model: vad.Model | None, callers: int, pcm: bytes, seconds: float) -> tuple[float, list[float]]:
    """CPU time of this process in ms for each call and second, and how late each result was in seconds."""
    activity = vad.VoiceActivity(model, most_waiting=1_000_000) if model is not None else None
    late: list[float] = []
    speaking = [Caller(activity, late) for _ in range(callers)]
    frames = round(seconds / FRAME_SECONDS)
    await pace(speaking, pcm, 0, WARM_UP)
    late.clear()
    begun = time.process_time()
    await pace(speaking, pcm, WARM_UP, frames)
    while activity is not None and activity.waiting:
        await asyncio.sleep(0.01)
    used = time.process_time() - begun
    if activity is not None:
        await activity.close()
    return used * 1000 / seconds / callers, late


def costs(counts: Sequence[int], pcm: bytes, seconds: float) -> dict[str, Any]:
    """Batched against one after the other, for so many callers at once."""
    result: dict[str, Any] = {}
    print(f"\n{'calls':>6}{'':<14}{'CPU ms per call and s':>22}{'late ms median':>16}{'p99':>8}")
    models = {"batched": vad.SileroModel(), "one by one": OneByOne()}
    for count in counts:
        idle, _ = asyncio.run(cost(None, count, pcm, seconds))
        for name, model in models.items():
            used, late = asyncio.run(cost(model, count, pcm, seconds))
            row = {
                "cpu_ms_per_call_s": round(used - idle, 2),
                "late_ms_p50": round(float(np.quantile(late, 0.5)) * 1000, 1),
                "late_ms_p99": round(float(np.quantile(late, 0.99)) * 1000, 1),
            }
            result[f"{name}, {count}"] = row
            print(
                f"{count:>6}  {name:<12}{used - idle:>22.2f}{row['late_ms_p50']:>16}{row['late_ms_p99']:>8}", flush=True
            )
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/speech"))
    parser.add_argument("--streams", default="1,20,100,200", help="numbers of calls whose cost is measured")
    parser.add_argument("--seconds", type=float, default=8.0, help="for which each number of calls goes on")
    options = parser.parse_args()
    result = hearing(options.data) if (options.data / "index.json").is_file() else {}
    pcm = line(Path("examples/hanbit-store/calls/where-is-my-order.wav"), noise=False)[int(LEAD * RATE) * 2 :]
    result |= costs([int(count) for count in options.streams.split(",")], pcm, options.seconds)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
