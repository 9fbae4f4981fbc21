"""Turn-taking, measured: who is cut off, who waits, what stops us in mid-sentence, and what we believe was heard.

    python -m tests.benchmarks.bench_turn_taking [--data ../shared/data/speech] [--only endings,…] [--cases] [--jobs 2]

Recordings come over a simulated telephone line (200-3500 Hz, 8 kHz, mu-law, a hiss of -65 dBFS) and go through the
parts that serve calls: the Silero model, the segmenter, the echo comparison, pocketsphinx with the example tenant's
language model for English, turn-taking and playback. Time is simulated; only the recognizer takes as long as it took,
in CPU time rounded up to whole packets, so two runs differ by a packet here and there and by nothing else. For Korean
no recognizer is bundled: a script says the words when they were spoken, 0.2 s late in partials and 0.25 s in finals
(the three Korean recordings whose words are not published are heard as voice without words).

*Endings.* Each utterance as it was recorded, and with a pause put in (0.4 to 1.5 s of the line's hiss): recordings
are cut at the quietest moment of their middle half, which may be inside a word; synthetic Korean ones between two
words; digits come one by one. A cut-off is a turn that ended before the last sound (60 ms or more within 25 dB of the
loudest 20 ms); it is mended when the caller went on and both parts were taken as one. The delay is from the last
sound to the end of the turn. The baselines see the same voice activity and end a turn after a fixed silence.

*Interruptions.* While we speak, somebody nods or coughs, a room is loud (as loud as speech, 10 and 20 dB less; from
the beginning of the call or suddenly), or the line gives our voice back; or somebody wants the floor. The baselines
stop at any voice, and at half a second of it.

*Heard text.* Our reply is interrupted at random moments over a network with 30 ms of jitter whose far end confirms
marks 40 to 200 ms late. The truth is the words whose whole sound the far end had played when it fell silent. The
baselines take every sentence begun for heard, or as large a share of the words as of the time.

The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from stt import vad
from stt.confidence import read
from stt.language_model import build_language_model
from stt.pocketsphinx_host import CONFIDENCE, PocketsphinxHost
from tests.benchmarks.turn_taking import endings, heard_text, interruptions
from tests.benchmarks.turn_taking.ears import DecoderEar, Later, ScriptedEar
from tests.benchmarks.turn_taking.lines import Said, Speech
from tests.benchmarks.turn_taking.scene import Ear, MakeEar

KNOWLEDGE = Path("examples/hanbit-store/knowledge/en")
TENANT = "hanbit"
MOMENTS = 50
PARTS = ("endings", "interruptions", "heard")


# --- in the worker processes ------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class House:
    """What every scene of one process shares."""

    model: vad.SileroModel
    models: str
    replies: dict[str, Speech]
    ours: dict[str, Speech]


@lru_cache(maxsize=1)
def house(models: str) -> House:
    """Made once in each process."""
    answers = {language: endings.reply(language) for language in ("en", "ko")}
    return House(vad.SileroModel(), models, answers, interruptions.our_replies())


def ear(here: House, words: Sequence[Said] | None, lags: list[float]) -> MakeEar:
    """The real recognizer, or the script where there is one.

    Each scene has its own decoder: one that has heard others hears a little differently.
    """

    def made(later: Later) -> Ear:
        if words is not None:
            return ScriptedEar(words, "ko", later)
        return DecoderEar(PocketsphinxHost(here.models, (TENANT,), read(CONFIDENCE)), TENANT, later, lags)

    return made


def play_ending(models: str, numbered: tuple[int, endings.Trial]) -> tuple[dict[str, endings.Ending], list[float]]:
    seed, trial = numbered
    here, lags = house(models), list[float]()
    words = trial.clip.words
    if words is not None:
        words = tuple(Said(w.word, w.begins + endings.BEFORE, w.ends + endings.BEFORE) for w in words)
    answer = here.replies[trial.clip.language]
    return endings.play(trial, here.model, ear(here, words, lags), answer, seed), lags


def play_event(models: str, numbered: tuple[int, interruptions.Event]) -> tuple[interruptions.Result, list[float]]:
    seed, event = numbered
    here, lags = house(models), list[float]()
    ours = here.ours[event.clip.language]
    words = interruptions.heard_words(event, ours)
    return interruptions.play(event, here.model, ear(here, words, lags), ours, seed), lags


# --- tables -----------------------------------------------------------------------------------------------------------
def quantile(values: Sequence[float], share: float) -> float | None:
    return round(float(np.quantile(values, share)), 2) if values else None


def shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def show_endings(
    trials: Sequence[endings.Trial], found: Sequence[dict[str, endings.Ending]], *, cases: bool
) -> dict[str, Any]:
    """By group and over all; a row for each way of telling."""
    result: dict[str, Any] = {}
    ways = list(found[0])
    groups = [*dict.fromkeys(trial.group for trial in trials), "all as recorded", "all with pauses"]
    print(f"\n{'':<32}{'':<15}{'utterances':>11}{'cut off':>8}{'mended':>7}{'never':>6}{'delay':>7}{'p95':>6}")
    for group in groups:
        chosen = [
            one
            for trial, one in zip(trials, found, strict=True)
            if trial.group == group or (group.startswith("all") and ("+" in trial.group) == ("pauses" in group))
        ]
        for way in ways:
            row = summed([one[way] for one in chosen])
            result[f"{group}: {way}"] = row
            print(
                f"{group if way == ways[0] else '':<32}{way:<15}{row['utterances']:>11}{row['cut_off']:>8}"
                f"{row['mended']:>7}{row['never']:>6}{shown(row['delay_p50']):>7}{shown(row['delay_p95']):>6}"
            )
    if cases:
        for trial, one in zip(trials, found, strict=True):
            ours = one["ours"]
            if ours.cut_off or ours.delay is None or ours.delay > 2.0:
                print(f"  {trial.group}: {ours}")
    return result


def summed(found: Sequence[endings.Ending]) -> dict[str, Any]:
    delays = [one.delay for one in found if one.delay is not None]
    return {
        "utterances": len(found),
        "cut_off": sum(one.cut_off > 0 for one in found),
        "mended": sum(one.cut_off > 0 and one.mended == one.cut_off for one in found),
        "never": sum(one.delay is None for one in found),
        "talked_over_s": round(sum(one.talked_over for one in found), 1),
        "delay_p50": quantile(delays, 0.5),
        "delay_p95": quantile(delays, 0.95),
    }


def show_interruptions(found: Sequence[interruptions.Result], *, cases: bool) -> dict[str, Any]:
    """What should not stop us, then what should."""
    result: dict[str, Any] = {}
    names = list(found[0].baselines)
    print(f"\n{'not meant':<30}{'events':>7}{'untouched':>10}{'paused':>7}{'for s':>6}{'lost':>5}", end="")
    print("".join(f"{name:>18}" for name in names))
    quiet = [one for one in found if not one.meant]
    for group in [*dict.fromkeys(one.group for one in quiet), "all"]:
        chosen = [one for one in quiet if group in (one.group, "all")]
        paused = [one.paused_for for one in chosen if one.outcome is interruptions.Outcome.PAUSED]
        row: dict[str, Any] = {"events": len(chosen)}
        row |= {
            outcome.name.lower(): sum(one.outcome is outcome for one in chosen) for outcome in interruptions.Outcome
        }
        row["paused_s_p50"] = quantile(paused, 0.5)
        row |= {name: sum(one.baselines[name] is not None for one in chosen) for name in names}
        result[f"not meant, {group}"] = row
        print(
            f"{group:<30}{row['events']:>7}{row['untouched']:>10}{row['paused']:>7}{shown(row['paused_s_p50']):>6}"
            f"{row['discarded']:>5}" + "".join(f"{row[name]:>18}" for name in names)
        )
    print(f"\n{'meant':<30}{'events':>7}{'missed':>7}{'pause p50':>10}{'p95':>6}{'discard p50':>12}{'p95':>6}", end="")
    print("".join(f"{name:>18}{'missed':>7}" for name in names))
    meant = [one for one in found if one.meant]
    for group in [*dict.fromkeys(one.group for one in meant), "all"]:
        chosen = [one for one in meant if group in (one.group, "all")]
        until_pause = [one.until_pause for one in chosen if one.until_pause is not None]
        until_discard = [one.until_discard for one in chosen if one.until_discard is not None]
        row = {
            "events": len(chosen),
            "missed": len(chosen) - len(until_discard),
            "pause_p50": quantile(until_pause, 0.5),
            "pause_p95": quantile(until_pause, 0.95),
            "discard_p50": quantile(until_discard, 0.5),
            "discard_p95": quantile(until_discard, 0.95),
        }
        for name in names:
            stopped = [at for one in chosen if (at := one.baselines[name]) is not None]
            row |= {f"{name} p50": quantile(stopped, 0.5), f"{name} missed": len(chosen) - len(stopped)}
        result[f"meant, {group}"] = row
        print(
            f"{group:<30}{row['events']:>7}{row['missed']:>7}{shown(row['pause_p50']):>10}{shown(row['pause_p95']):>6}"
            f"{shown(row['discard_p50']):>12}{shown(row['discard_p95']):>6}"
            + "".join(f"{shown(row[f'{name} p50']):>18}{row[f'{name} missed']:>7}" for name in names)
        )
    if cases:
        for one in found:
            if one.meant is not (one.outcome is interruptions.Outcome.DISCARDED):
                print(f"  {one}")
    return result


def show_heard() -> dict[str, Any]:
    """Fifty interruptions in each language."""
    result: dict[str, Any] = {}
    ways = ("ours", "whole sentences", "proportional to time")
    print(f"\n{'words wrong, ' + str(MOMENTS) + ' interruptions':<34}{'mean':>6}{'p95':>6}{'worst':>7}{'exact':>7}")
    for language, speech in interruptions.our_replies().items():
        draw = np.random.default_rng(11)
        moments = draw.uniform(0.3, len(speech.sound) / 8000, MOMENTS)
        found = [heard_text.interrupted(speech, float(at), seed) for seed, at in enumerate(moments)]
        for index, way in enumerate(ways):
            errors = [one.errors[index] for one in found]
            row = {
                "mean": round(statistics.mean(errors), 2),
                "p95": quantile(errors, 0.95),
                "worst": max(errors),
                "exact": sum(error == 0 for error in errors),
            }
            result[f"heard {language}, {way}"] = row
            name = f"{language}: {way}"
            print(f"{name:<34}{row['mean']:>6}{shown(row['p95']):>6}{row['worst']:>7}{row['exact']:>7}")
        silent = 60 * sum(one.gaps for one in found) / sum(one.played for one in found)
        result[f"heard {language}, silence in our voice, s per minute"] = round(silent, 2)
        print(f"{language}: our voice broke off for {silent:.2f} s of each minute, since confirmations come late")
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/speech"))
    parser.add_argument("--only", default=",".join(PARTS), help="which of the three parts")
    parser.add_argument("--cases", action="store_true", help="list everything that went wrong")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="processes")
    chosen = parser.parse_args()
    parts = chosen.only.split(",")
    if not (chosen.data / "index.json").is_file():
        print(f"no recordings in {chosen.data}: only what was heard of us is measured")
        parts = ["heard"]
    result: dict[str, Any] = {}
    lags: list[float] = []

    def all_of(play: Callable[[str, Any], tuple[Any, list[float]]], cases: Sequence[Any]) -> list[Any]:
        played = list(pool.map(partial(play, models), enumerate(cases), chunksize=4))
        lags.extend(lag for _, some in played for lag in some)
        return [one for one, _ in played]

    fresh = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as models, ProcessPoolExecutor(chosen.jobs, fresh) as pool:
        if parts != ["heard"]:
            texts = [path.read_text(encoding="utf-8") for path in sorted(KNOWLEDGE.rglob("*.md"))]
            build_language_model(texts, Path(models) / TENANT)
        if "endings" in parts:
            trials = endings.trials(chosen.data)
            result |= show_endings(trials, all_of(play_ending, trials), cases=chosen.cases)
        if "interruptions" in parts:
            result |= show_interruptions(all_of(play_event, interruptions.events(chosen.data)), cases=chosen.cases)
    if "heard" in parts:
        result |= show_heard()
    if lags:
        result["final_lag_ms_p50"], result["final_lag_ms_p95"] = (
            round(float(np.quantile(lags, share)) * 1000, 1) for share in (0.5, 0.95)
        )
        print(f"\nthe recognizer's finals took {result['final_lag_ms_p50']} ms, p95 {result['final_lag_ms_p95']} ms")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
