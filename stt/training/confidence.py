"""Fits the confidence of pocketsphinx's words (``stt/pocketsphinx_confidence.yaml``) on recordings of known words.

    nice python -m stt.training.confidence RECORDINGS [--models FOLDER --tenant NAME] [--output FILE]

Every English recording of the folder (``stt.training.recordings`` says what it must look like) is heard over a
simulated telephone line by the engine as it serves, with the tenant's language model where one is named. A word's score
is the decoder's posterior; whether it is right comes from the alignment with what was said.

The curve that ships is fitted on all words. What it is worth is measured apart: every voice is judged by a curve that
was fitted without that voice. The calibration error over equal bins of words (ECE), the share of right words in each
bin and how far the error strays between resamplings of voices are printed and written beside the points.

Refuses: being imported by anything that serves calls; judging by the words that it was fitted on.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from stt.confidence import Calibration, fit
from stt.pocketsphinx_host import CONFIDENCE, PocketsphinxHost
from stt.training.recordings import Recording, align, load, telephone
from stt.transcript import Transcript

CHUNK: Final = 0.1
BINS: Final = 5
POINTS: Final = 8
RESAMPLINGS: Final = 500
NOBODY: Final = "nobody"
"""A tenant without a model of its own."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One word that was heard: whose, the decoder's score of it, and whether it is right."""

    speaker: str
    group: str
    score: float
    right: bool


def hear(host: PocketsphinxHost, tenant: str, recordings: Iterable[Recording]) -> list[Heard]:
    """Every recording as one call over a telephone line."""
    words = []
    for recording in recordings:
        out: list[Transcript] = []
        session = host.open_session(out.append, tenant)
        at = 0.0
        for number, utterance in enumerate(recording.utterances):
            pcm, rate = telephone(*utterance)
            size = 2 * round(CHUNK * rate)
            for start in range(0, len(pcm), size):
                session.hear(number, pcm[start : start + size], rate, at + start / 2 / rate)
            session.end(number)
            at += len(pcm) / 2 / rate
        session.close()
        found = [word for transcript in out if transcript.final for word in transcript.words]
        _, right = align(recording.words, [word.text for word in found])
        words += [
            Heard(recording.speaker, recording.group, word.confidence, fine)
            for word, fine in zip(found, right, strict=True)
        ]
    return words


def curve(words: Sequence[Heard]) -> Calibration:
    """The best rising curve through these words."""
    return fit([word.score for word in words], [word.right for word in words], POINTS)


def apart(words: Sequence[Heard]) -> list[float]:
    """The probability of each word by a curve that was fitted without its speaker."""
    curves = {
        speaker: curve([word for word in words if word.speaker != speaker])
        for speaker in dict.fromkeys(word.speaker for word in words)
    }
    return [curves[word.speaker](word.score) for word in words]


def reliability(said: Sequence[float], right: Sequence[bool], bins: int = BINS) -> list[tuple[float, float, int]]:
    """Over bins of equally many words: the mean of what was said, the share that is right, and how many words."""
    order = np.argsort(np.asarray(said), kind="stable")
    groups = [group for group in np.array_split(order, bins) if len(group)]
    values, truth = np.asarray(said, float), np.asarray(right, float)
    return [(float(values[group].mean()), float(truth[group].mean()), len(group)) for group in groups]


def calibration_error(said: Sequence[float], right: Sequence[bool]) -> float:
    """Mean distance between what was said to be right and what was (ECE)."""
    table = reliability(said, right)
    return sum(abs(mean - share) * count for mean, share, count in table) / sum(count for _, _, count in table)


def uncertainty(words: Sequence[Heard], said: Sequence[float]) -> tuple[float, float]:
    """Between which figures the error lies in nine of ten resamplings of voices."""
    of_speaker: dict[str, list[int]] = {}
    for index, word in enumerate(words):
        of_speaker.setdefault(word.speaker, []).append(index)
    names, draw, errors = list(of_speaker), np.random.default_rng(0), []
    for _ in range(RESAMPLINGS):
        chosen = [index for name in draw.choice(names, len(names)) for index in of_speaker[name]]
        errors.append(calibration_error([said[i] for i in chosen], [words[i].right for i in chosen]))
    low, high = np.quantile(errors, (0.05, 0.95))
    return float(low), float(high)


def report(words: Sequence[Heard], said: Sequence[float]) -> dict[str, Any]:
    """Figures of ``said`` for these words."""
    right = [word.right for word in words]
    low, high = uncertainty(words, said)
    return {
        "words": len(words),
        "voices": len({word.speaker for word in words}),
        "right": round(float(np.mean(right)), 3),
        "ece": round(calibration_error(said, right), 3),
        "ece_90": [round(low, 3), round(high, 3)],
        "reliability": [[round(mean, 2), round(share, 2), count] for mean, share, count in reliability(said, right)],
    }


def measure(words: Sequence[Heard]) -> dict[str, Any]:
    """All words and each group of recordings, raw and judged by curves fitted on other voices."""
    said = apart(words)
    figures: dict[str, Any] = {"raw": report(words, [word.score for word in words]), "unseen": report(words, said)}
    for group in sorted({word.group for word in words}):
        of_group = [index for index, word in enumerate(words) if word.group == group]
        figures[f"unseen, {group}"] = report([words[i] for i in of_group], [said[i] for i in of_group])
    return figures


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(value, 4) for value in values]


def main() -> None:
    """Hear, measure, fit, write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("recordings", type=Path)
    options.add_argument("--models", type=Path, help="folder of tenants' language models")
    options.add_argument("--tenant", default=NOBODY)
    options.add_argument("--output", type=Path, default=CONFIDENCE)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as empty:
        host = PocketsphinxHost(str(chosen.models or empty), calibration=None)
        words = hear(host, chosen.tenant, load(chosen.recordings))
    figures = measure(words)
    for name, row in figures.items():
        print(f"{name:16}{row['words']:5} words {row['voices']:3} voices  ECE {row['ece']:.3f} {row['ece_90']}")
        print(" " * 16, row["reliability"])
    whole = curve(words)
    points = {
        "scores": [round(x, 4) for x in whole.scores],
        "probabilities": [round(p, 4) for p in whole.probabilities],
    }
    chosen.output.write_text(
        "# Made by: python -m stt.training.confidence. Scores are the decoder's posteriors over a telephone line.\n"
        + yaml.safe_dump({**points, "measured": figures}, sort_keys=False, default_flow_style=None),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
