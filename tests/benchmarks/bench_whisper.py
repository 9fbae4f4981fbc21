"""Whisper: what a window costs, what a batch saves, how long callers wait, and, with a real model, how well it hears.

    python -m tests.benchmarks.bench_whisper [--sizes tiny,base] [--callers 1,2,4] [--model FOLDER]
                                             [--data ../shared/data/speech] [--calibrate]

The costs need no trained weights: models with the shape of the published sizes and weights of ours take the same time.
Each figure is the median CPU time of a few runs, int8 on one thread. The 30 s window is the baseline of the same run,
because faster-whisper's own ``transcribe`` always uses it: read the ratios. Then callers speak at real pace, all of
them to one process with one thread: wall time, so that other work on the machine shows.

The accuracy needs a model (``--model`` or AICC_STT_MODEL); without one that part is left out and says so. Every
recording whose text is known is heard through a session, as a call would be, wide and over a simulated telephone line,
with windows of 10, 15 and 30 s at least: word error rate for English, character error rate for Korean, both after case,
punctuation and (English) numbers are set aside; AUC and calibration error of the word confidences. ``--calibrate`` fits
them on the telephone line and writes the model's ``calibration.json``. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from infra.audio import AudioFrame, silence
from infra.config import load
from stt.confidence import fit
from stt.language_vote import begin
from stt.settings import SttSettings
from stt.silero import SileroModel
from stt.spoken_text import sentences
from stt.training.confidence import calibration_error
from stt.training.recordings import LONG, align, at_rate, cut, decode, telephone, wide
from stt.transcript import Transcript
from stt.whisper import WhisperRecognizer
from stt.whisper_decoder import Decoder
from stt.whisper_host import CALIBRATION, WhisperOptions, WhisperSession
from stt.whisper_model import CtranslateWhisper, Prompt, find_model
from stt.whisper_window import FULL, RATE, Samples
from tests.benchmarks.bench_wer import DATA, auc
from tests.stt.tinywhisper import SIZES, TYPICAL_ANSWER, build_sized_whisper

WINDOWS = (10.0, 15.0, 20.0, FULL)
TURN = 4.0
TOKENS = len(TYPICAL_ANSWER) + 1
BATCHES = (1, 2, 4, 8)
RUNS = 5
CHUNK = 0.1
SPEECH = Path(__file__).parents[2] / "examples/hanbit-store/calls/where-is-my-order.wav"
TURNS = 4
PAUSE = 1.5
SETTINGS = load(SttSettings)

Line = Callable[[bytes, int], tuple[bytes, int]]
LINES: dict[str, Line] = {"wide": wide, "telephone": telephone}


def median_ms(work: Callable[[], object], runs: int = RUNS) -> float:
    """The median CPU time of some runs after a first one; other work on the machine counts little in it."""
    times = []
    for _ in range(runs + 1):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return 1000 * statistics.median(times[1:])


# --- What it costs -------------------------------------------------------------------------------------------------


def measure_costs(model: CtranslateWhisper, turn: Samples) -> dict[str, dict[str, float]]:
    """Milliseconds of one turn, by window."""
    rows = {}
    for window in WINDOWS:
        (sound,) = model.encode([turn], window)
        words = model.decode([sound], [Prompt("en")])[0].words
        encode = median_ms(lambda window=window: model.encode([turn], window))
        token = median_ms(lambda sound=sound: model.decode([sound], [Prompt("en")])) / TOKENS
        align_ms = median_ms(lambda sound=sound, words=words: model.align(sound, "en", words))
        rows[f"{window:g} s"] = {
            "encode_ms": encode,
            "token_ms": token,
            "align_ms": align_ms,
            "language_ms": median_ms(lambda sound=sound: model.languages(sound)),
            "final_ms": encode + TOKENS * token + align_ms,
            "heard_out_ms": align_ms,
        }
    return rows


def measure_batches(model: CtranslateWhisper, turn: Samples) -> dict[int, float]:
    """Milliseconds of decoding per turn, by how many turns are decoded together."""
    sounds = model.encode([turn] * max(BATCHES), WINDOWS[0])
    return {
        count: median_ms(lambda count=count: model.decode(sounds[:count], [Prompt("en")] * count)) / count
        for count in BATCHES
    }


def print_costs(size: str, folder: Path, turn: Samples) -> dict[str, object]:
    """Measure a model of this size and print."""
    model = CtranslateWhisper(folder, "cpu", "int8", 1)
    rows = measure_costs(model, turn)
    batches = measure_batches(model, turn)
    full = rows[f"{FULL:g} s"]
    print(f"\n{size}, no trained weights; a turn of {TURN:g} s with {TOKENS} tokens; ms, and times less than in 30 s")
    print("window      encode        token        align     language        final")
    for window, row in rows.items():
        cells = [f"{row[key]:7.1f} {full[key] / row[key]:4.1f}x" for key in row if key != "heard_out_ms"]
        print(f"{window:8}" + " ".join(cells))
    print("decoding per turn, by turns in a batch: " + ", ".join(f"{n}: {ms:.0f} ms" for n, ms in batches.items()))
    return {"windows": rows, "decode_ms_per_turn_by_batch": batches}


# --- How long callers wait ---------------------------------------------------------------------------------------


async def call(recognizer: WhisperRecognizer, begins_in: float, pcm: bytes) -> list[Transcript]:
    """One caller who says the same a few times, with everything that the recognizer told."""
    await asyncio.sleep(begins_in)
    stream = await recognizer.open(language="en", tenant="bench")
    told: list[Transcript] = []

    async def listen() -> None:
        async for transcript in stream.transcripts():
            told.append(transcript)  # noqa: PERF401 - it is looked at while it grows

    listening = asyncio.create_task(listen())
    loop, frame = asyncio.get_running_loop(), RATE // 50 * 2
    due = loop.time()
    for turn in range(TURNS):
        for start in range(0, len(pcm), frame):
            stream.feed(AudioFrame(pcm[start : start + frame], RATE, turn * 100 + start / 2 / RATE))
            due += 0.02
            await asyncio.sleep(due - loop.time())
        stream.end_utterance()
        stream.settle()
        due += PAUSE
        await asyncio.sleep(due - loop.time())
    while sum(transcript.final for transcript in told) < TURNS:
        await asyncio.sleep(0.05)
    await stream.close()
    await listening
    return told


async def print_callers(folder: Path, counts: Sequence[int]) -> dict[int, dict[str, float]]:
    """So many callers at once on one process with one thread."""
    pcm, rate = decode(SPEECH)
    pcm = at_rate(pcm, rate, RATE) * 2
    pcm += silence(RATE, SETTINGS.vad_min_silence)  # heard before anybody knows that it is over
    rows = {}
    print("callers  final after its end, ms: median   95 %   waited, ms: 95 %   partials with news")
    for count in counts:
        recognizer = WhisperRecognizer(SttSettings(model=str(folder), device="cpu", streams=64), folder)
        await recognizer.start()
        async with asyncio.timeout(300):
            calls = await asyncio.gather(*(call(recognizer, 0.37 * number, pcm) for number in range(count)))
        await recognizer.close()
        told = [transcript for call in calls for transcript in call]
        lags = [1000 * transcript.lag for transcript in told if transcript.final]
        rows[count] = row = {
            "lag_ms": statistics.median(lags),
            "lag_p95_ms": float(np.quantile(lags, 0.95)),
            "waited_p95_ms": 1000 * float(np.quantile([transcript.waited for transcript in told], 0.95)),
            "partials": (len(told) - len(lags)) / len(lags),
        }
        print(
            f"{count:7}{row['lag_ms']:32.0f}{row['lag_p95_ms']:7.0f}{row['waited_p95_ms']:19.0f}{row['partials']:18.1f}"
        )
    return rows


# --- How well it hears ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording: its text, and its sound, cut into utterances."""

    text: str
    language: str
    utterances: tuple[tuple[bytes, int], ...]


@dataclass(slots=True)
class Heard:
    """What one variant made of one language; ``units`` are words or characters, see ``units``."""

    units: int = 0
    errors: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    lags: list[float] = field(default_factory=list)
    judged: list[tuple[float, bool]] = field(default_factory=list)

    def row(self) -> dict[str, float]:
        """The figures."""
        return {
            "error": 100 * self.errors / self.units,
            "rtf": self.cpu / self.seconds,
            "final_ms": 1000 * statistics.median(self.lags),
            "auc": auc(self.judged),
            "ece": calibration_error([score for score, _ in self.judged], [fine for _, fine in self.judged]),
        }


def units(text: str, language: str) -> list[str]:
    """What errors are counted in: spoken words of English, characters of Korean."""
    if language == "ko":
        return [character for character in text if character.isalnum()]
    return [word for sentence in sentences(text.replace("|", "\n")) for word in sentence]


def through_session(
    model: CtranslateWhisper, voice: SileroModel, floor: float, pcm: bytes, rate: int, language: str, heard: Heard
) -> list[Transcript]:
    """One utterance as a call brings it; the model's work is done where it is asked for."""
    decoder = Decoder(model, most=1, retry_below=SETTINGS.retry_below)
    told: list[Transcript] = []
    options = WhisperOptions("given", "given", floors=dict.fromkeys(("en", "ko"), floor))
    session = WhisperSession(told.append, decoder, voice, options, begin(language, ("en", "ko")))
    size = 2 * int(CHUNK * rate)
    begun = time.process_time()
    for start in range(0, len(pcm), size):
        session.hear(0, pcm[start : start + size], rate, start / 2 / rate)
        decoder.step()
    asked = time.perf_counter()
    session.end(0)
    while decoder.step():
        pass
    heard.lags.append(time.perf_counter() - asked)
    heard.cpu += time.process_time() - begun
    heard.seconds += len(pcm) / 2 / rate
    return [transcript for transcript in told if transcript.final]


def hear_all(
    model: CtranslateWhisper, voice: SileroModel, floor: float, line: Line, recordings: Sequence[Recording]
) -> dict[str, Heard]:
    """One variant over every recording, by language."""
    scores: dict[str, Heard] = {}
    for recording in recordings:
        score, language = scores.setdefault(recording.language, Heard()), recording.language
        words = [
            word
            for pcm, rate in recording.utterances
            for final in through_session(model, voice, floor, *line(pcm, rate), language, score)
            for word in final.words
        ]
        said = [(unit, word.confidence) for word in words for unit in units(word.text, language)]
        reference = units(recording.text, language)
        errors, right = align(reference, [unit for unit, _ in said])
        score.errors += errors
        score.units += len(reference)
        score.judged += [(confidence, fine) for (_, confidence), fine in zip(said, right, strict=True)]
    return scores


def load_recordings(data: Path) -> list[Recording]:
    """Those whose text is known; long ones cut by voice activity."""
    recordings = []
    for entry in json.loads((data / "index.json").read_text(encoding="utf-8")):
        if entry["text"] and entry["transcript"] != "keywords" and entry["lang"] in ("en", "ko"):
            pcm, rate = decode(data / entry["file"])
            pieces = cut(pcm, rate) if entry["seconds"] > LONG else [pcm]
            recordings.append(Recording(entry["text"], entry["lang"], tuple((piece, rate) for piece in pieces)))
    return recordings


def measure_accuracy(folder: Path, data: Path, *, calibrate: bool) -> dict[str, dict[str, float]]:
    """Every variant over every recording with a known text."""
    model, voice, recordings = CtranslateWhisper(folder, "cpu", "int8", 1), SileroModel(), load_recordings(data)
    results = {}
    print(f"\n{folder}: {len(recordings)} recordings")
    print("variant           language  units  error %   RTF  final ms   AUC   ECE")
    for name, line in LINES.items():
        for floor in (10.0, 15.0, FULL):
            scores = hear_all(model, voice, floor, line, recordings)
            for language, score in sorted(scores.items()):
                results[f"{name} {floor:g} s {language}"] = row = score.row()
                print(
                    f"{name:10}{floor:4.0f} s  {language:8}{score.units:7}{row['error']:9.1f}{row['rtf']:6.2f}"
                    f"{row['final_ms']:10.0f}{row['auc']:6.2f}{row['ece']:6.2f}",
                    flush=True,
                )
            if calibrate and name == "telephone" and floor == SETTINGS.window_en:
                write_calibration(folder, scores["en"].judged)
    return results


def write_calibration(folder: Path, judged: Sequence[tuple[float, bool]]) -> None:
    """Fit the words' confidences and lay the curve beside the model."""
    curve = fit([score for score, _ in judged], [fine for _, fine in judged])
    points = {"scores": curve.scores, "probabilities": curve.probabilities}
    (folder / CALIBRATION).write_text(json.dumps(points), encoding="utf-8")
    print(f"wrote {folder / CALIBRATION}, fitted on {len(judged)} words")


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", default="tiny,base", help="published sizes to imitate: tiny, base, small; or none")
    options.add_argument("--callers", default="1,2,4", help="how many speak at once")
    options.add_argument("--model", default=SETTINGS.model, help="a real model, by size or folder")
    options.add_argument("--data", type=Path, default=DATA)
    options.add_argument("--calibrate", action="store_true", help="write the model's calibration.json")
    chosen = options.parse_args()
    turn = np.random.default_rng(1).normal(0, 0.05, round(TURN * RATE)).astype(np.float32)
    results: dict[str, object] = {}
    for size in (size for size in chosen.sizes.split(",") if size in SIZES):
        with tempfile.TemporaryDirectory() as scratch:
            folder = build_sized_whisper(Path(scratch) / "model", Path(scratch) / "original", size)
            costs = print_costs(size, folder, turn)
            callers = asyncio.run(print_callers(folder, [int(count) for count in chosen.callers.split(",") if count]))
            results[size] = costs | {"callers": callers}
    if not chosen.model:
        print("\nno Whisper model: accuracy was not measured; set AICC_STT_MODEL or give --model")
    elif not (chosen.data / "index.json").is_file():
        print(f"\nno recordings in {chosen.data}: accuracy was not measured")
    else:
        folder = find_model(chosen.model, Path("data") / "models")
        results["accuracy"] = measure_accuracy(folder, chosen.data, calibrate=chosen.calibrate)
    print(json.dumps(results))


if __name__ == "__main__":
    main()
