"""Word error rate, speed and word confidence of the default English recognizer, on people and on machines.

    python tests/benchmarks/bench_wer.py [--data ../shared/data/speech] [--only human] [--variants phone,tenant]

Each recording is heard wide (16 kHz; those at 8 kHz are left out) and through a simulated telephone line (200-3500
Hz, 8 kHz, mu-law; those at 8 kHz only get the mu-law), and each of these with: the decoder as it comes from its package
with its own front end and three passes ("package"), our settings with the bundled language model ("stock"), with the
bandwidth extension ("+ band"), and with the language model of a tenant ("tenant": the English knowledge of the example
shop and our phrasings; the recordings whose texts it happens to hold are printed). Recordings over 15 s are cut by
voice activity, as a call would be.

The session runs in this process, fed 0.1 s at a time like in a call: RTF is CPU time over the sound's length; lag is
the wall time from the last chunk to the final, with everything before it done. AUC and ECE judge the words'
confidences: whether right words have higher ones, and how far they are from the share that is right, as they are and
("fit") after a calibration on every other word. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from infra.audio import Resampler, mulaw_decode, mulaw_encode, read_wav  # noqa: E402
from stt import language_model, phrasings, vad  # noqa: E402
from stt.confidence import fit  # noqa: E402
from stt.lm_trie import bundled_directory  # noqa: E402
from stt.pocketsphinx_host import PocketsphinxHost  # noqa: E402
from stt.pronunciation import read_dictionary  # noqa: E402
from stt.spoken_text import sentences  # noqa: E402
from stt.training.bandwidth import over_the_line  # noqa: E402
from stt.transcript import Transcript, Word  # noqa: E402

DATA = ROOT.parent / "shared" / "data" / "speech"
KNOWLEDGE = ROOT / "examples" / "hanbit-store" / "knowledge" / "en"
LONG = 15.0
PRE_ROLL = 0.4
CHUNK = 0.1
TENANT = "hanbit"


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording: its words as they are said, and its sound, cut into utterances."""

    name: str
    group: str
    words: tuple[str, ...]
    utterances: tuple[tuple[bytes, int], ...]


@dataclass(slots=True)
class Score:
    """What one variant made of one group."""

    words: int = 0
    errors: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    lags: list[float] = field(default_factory=list)
    judged: list[tuple[float, bool]] = field(default_factory=list)


def decode(path: Path) -> tuple[bytes, int]:
    """Any recording to mono PCM."""
    if path.suffix in (".wav", ".flac", ".mp3"):
        return read_wav(path)
    from faster_whisper.audio import decode_audio

    samples = decode_audio(str(path), sampling_rate=16000)
    return np.clip(np.rint(samples * 32767), -32768, 32767).astype("<i2").tobytes(), 16000


def at_rate(pcm: bytes, rate: int, wanted: int) -> bytes:
    """Resampled as a whole."""
    if rate == wanted:
        return pcm
    resampler = Resampler(rate, wanted)
    return resampler.process(pcm) + resampler.flush()


def telephone(pcm: bytes, rate: int) -> tuple[bytes, int]:
    """As it arrives over a telephone line."""
    if rate > 8000:
        wide = np.frombuffer(at_rate(pcm, rate, 16000), "<i2").astype(np.float64)
        pcm = at_rate(over_the_line(wide, 200, 3500), 16000, 8000)
    return mulaw_decode(mulaw_encode(pcm)), 8000


def cut(pcm: bytes, rate: int) -> list[bytes]:
    """A long recording by voice activity, with a little sound before each utterance."""
    wide = np.frombuffer(at_rate(pcm, rate, vad.RATE), "<i2").astype(np.float32) / 32768
    count = len(wide) // vad.WINDOW
    padded = np.concatenate((np.zeros(vad.CONTEXT, np.float32), wide[: count * vad.WINDOW]))
    windows = np.lib.stride_tricks.sliding_window_view(padded, vad.CONTEXT + vad.WINDOW)[:: vad.WINDOW]
    probabilities, *_ = vad.SileroModel().judge(np.ascontiguousarray(windows), *vad.fresh_state())
    levels = 10 * np.log10(np.mean(windows[:, vad.CONTEXT :] ** 2, axis=1) + 1e-10)
    machine = vad.Segmenter(min_silence=0.6)
    pieces, begun = [], None
    for index, (probability, level) in enumerate(zip(probabilities, levels, strict=True)):
        match machine.handle(index * vad.WINDOW_SECONDS, float(probability), float(level)):
            case vad.SpeechStarted(at=at):
                begun = max(0.0, at - PRE_ROLL)
            case vad.SpeechStopped(at=at) if begun is not None:
                pieces.append((begun, at + 0.3))
                begun = None
    if begun is not None:
        pieces.append((begun, len(pcm) / 2 / rate))
    return [pcm[2 * int(start * rate) : 2 * int(end * rate)] for start, end in pieces]


def load(folder: Path, known: dict[str, list[str]]) -> list[Recording]:
    """Every English recording whose words are known."""
    recordings = []
    for entry in json.loads((folder / "index.json").read_text(encoding="utf-8")):
        if entry["lang"] != "en" or not entry["text"] or entry["transcript"] == "keywords":
            continue
        text = re.sub(r"(Agent|Customer):|\|", "\n", entry["text"])
        pcm, rate = decode(folder / entry["file"])
        pieces = cut(pcm, rate) if entry["seconds"] > LONG else [pcm]
        words = tuple(word for sentence in sentences(text, known) for word in sentence)
        group = "digits" if entry["domain"] == "digits" else entry["kind"].lower()
        recordings.append(Recording(entry["file"], group, words, tuple((piece, rate) for piece in pieces)))
    return recordings


def align(reference: Sequence[str], heard: Sequence[str]) -> tuple[int, list[bool]]:
    """Edit distance, and for each heard word whether it is right."""
    costs = np.zeros((len(reference) + 1, len(heard) + 1), int)
    costs[:, 0], costs[0] = np.arange(len(reference) + 1), np.arange(len(heard) + 1)
    for i, word in enumerate(reference, 1):
        for j, other in enumerate(heard, 1):
            costs[i, j] = min(costs[i - 1, j] + 1, costs[i, j - 1] + 1, costs[i - 1, j - 1] + (word != other))
    right, i, j = [False] * len(heard), len(reference), len(heard)
    while i and j:
        if costs[i, j] == costs[i - 1, j - 1] + (reference[i - 1] != heard[j - 1]):
            i, j = i - 1, j - 1
            right[j] = reference[i] == heard[j]
        elif costs[i, j] == costs[i - 1, j] + 1:
            i -= 1
        else:
            j -= 1
    return int(costs[-1, -1]), right


def through_session(host: PocketsphinxHost, tenant: str, line: Callable[[bytes, int], tuple[bytes, int]]) -> Hear:
    """Our recognizer, one session for each recording."""

    def hear(recording: Recording, score: Score) -> list[Word]:
        out: list[Transcript] = []
        session = host.open_session(out.append, tenant)
        at = 0.0
        for number, (sound, from_rate) in enumerate(recording.utterances):
            pcm, rate = line(sound, from_rate)
            size = 2 * int(CHUNK * rate)
            begun, now = time.process_time(), time.perf_counter()
            for start in range(0, len(pcm), size):
                now = time.perf_counter()
                session.hear(number, pcm[start : start + size], rate, at + start / 2 / rate)
            session.end(number)
            score.lags.append(time.perf_counter() - now)
            score.cpu += time.process_time() - begun
            score.seconds += len(pcm) / 2 / rate
            at += len(pcm) / 2 / rate
        session.close()
        return [word for transcript in out if transcript.final for word in transcript.words]

    return hear


def through_package(line: Callable[[bytes, int], tuple[bytes, int]]) -> Hear:
    """The decoder as its package offers it."""
    from pocketsphinx import Decoder

    decoder = Decoder(loglevel="FATAL")

    def hear(recording: Recording, score: Score) -> list[Word]:
        words: list[Word] = []
        for sound, from_rate in recording.utterances:
            pcm, rate = line(sound, from_rate)
            wide = at_rate(pcm, rate, 16000)
            begun = time.process_time()
            decoder.start_utt()
            for start in range(0, len(wide), 3200):
                decoder.process_raw(wide[start : start + 3200])
            now = time.perf_counter()
            decoder.end_utt()
            found = [
                Word(s.word.partition("(")[0], 0, 0, s.prob) for s in decoder.seg() or () if s.word[0] not in "<[+"
            ]
            score.lags.append(time.perf_counter() - now)
            score.cpu += time.process_time() - begun
            score.seconds += len(pcm) / 2 / rate
            words += found
        return words

    return hear


Hear = Callable[[Recording, Score], list[Word]]


def measure(hear: Hear, recordings: Iterable[Recording]) -> dict[str, Score]:
    """All recordings through one variant, by group."""
    scores: dict[str, Score] = defaultdict(Score)
    for recording in recordings:
        score = scores[recording.group]
        words = hear(recording, score)
        errors, right = align(recording.words, [word.text for word in words])
        score.errors += errors
        score.words += len(recording.words)
        score.judged += [(word.confidence, fine) for word, fine in zip(words, right, strict=True)]
    return scores


def auc(judged: Sequence[tuple[float, bool]]) -> float:
    """How often a right word has a higher confidence than a wrong one."""
    right = np.array([c for c, fine in judged if fine])
    wrong = np.array([c for c, fine in judged if not fine])
    if not len(right) or not len(wrong):
        return float("nan")
    return float(((right[:, None] > wrong).mean() + (right[:, None] >= wrong).mean()) / 2)


def calibration_error(judged: Sequence[tuple[float, bool]], bins: int = 5) -> float:
    """Mean distance between what was said to be right and what was, over equal bins of words."""
    ordered = sorted(judged)
    groups = [group for group in np.array_split(np.array(ordered, float), bins) if len(group)]
    return float(sum(abs(group[:, 0].mean() - group[:, 1].mean()) * len(group) for group in groups) / len(ordered))


def fitted_error(judged: Sequence[tuple[float, bool]]) -> float:
    """The calibration error of one half of the words after a fit on the other, both ways."""
    if len(judged) < 32:
        return float("nan")
    halves = judged[::2], judged[1::2]
    errors = []
    for learnt, tried in (halves, halves[::-1]):
        curve = fit([score for score, _ in learnt], [fine for _, fine in learnt])
        errors.append(calibration_error([(curve(score), fine) for score, fine in tried]))
    return statistics.mean(errors)


def overlap(recordings: Iterable[Recording], known: dict[str, list[str]], texts: Sequence[str]) -> list[str]:
    """Recordings of three words or more whose whole text is a sentence that the tenant's model learnt."""
    learnt = {" ".join(sentence) for sentence in language_model.spoken_sentences(texts, known)}
    return [r.name for r in recordings if len(r.words) >= 3 and " ".join(r.words) in learnt]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, default=DATA)
    options.add_argument("--only", default="", help="groups: human, tts, digits")
    options.add_argument("--variants", default="", help="parts of variants' names, all of which must be in the name")
    chosen = options.parse_args()
    if not (chosen.data / "index.json").is_file():
        print(f"no recordings in {chosen.data}: nothing measured")
        return
    known = read_dictionary(bundled_directory() / "cmudict-en-us.dict")
    recordings = [r for r in load(chosen.data, known) if not chosen.only or r.group in chosen.only.split(",")]
    texts = [
        path.read_text(encoding="utf-8") for path in sorted(KNOWLEDGE.rglob("*")) if path.suffix in (".md", ".txt")
    ]
    print(f"{len(recordings)} recordings; learnt by heart by the tenant's model: {overlap(recordings, known, texts)}")
    print(f"{len(texts)} documents, {sum(1 for _ in phrasings.sentences(phrasings.load()))} made-up phrasings")
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder)
        begun = time.process_time()
        language_model.build_language_model(texts, models / TENANT)
        print(f"the tenant's language model took {time.process_time() - begun:.1f} s of CPU to build")
        hosts = {extend: PocketsphinxHost(folder, extend=extend) for extend in (False, True)}
        wide = lambda pcm, rate: (at_rate(pcm, rate, 16000), 16000)  # noqa: E731
        variants: dict[str, Callable[[], Hear]] = {
            "wide package": lambda: through_package(wide),
            "wide stock": lambda: through_session(hosts[True], "nobody", wide),
            "wide tenant": lambda: through_session(hosts[True], TENANT, wide),
            "phone package": lambda: through_package(telephone),
            "phone stock": lambda: through_session(hosts[False], "nobody", telephone),
            "phone stock + band": lambda: through_session(hosts[True], "nobody", telephone),
            "phone tenant": lambda: through_session(hosts[False], TENANT, telephone),
            "phone tenant + band": lambda: through_session(hosts[True], TENANT, telephone),
        }
        results = {}
        print("variant               group    words  WER %   RTF  lag ms  p95   AUC   ECE   fit")
        for name, make in variants.items():
            if not all(part in name for part in chosen.variants.split(",") if part):
                continue
            heard = [r for r in recordings if "phone" in name or all(rate >= 16000 for _, rate in r.utterances)]
            for group, score in sorted(measure(make(), heard).items()):
                row = {
                    "words": score.words,
                    "wer": round(100 * score.errors / score.words, 1),
                    "rtf": round(score.cpu / score.seconds, 3),
                    "lag_ms": round(statistics.median(score.lags) * 1000, 1),
                    "lag_p95_ms": round(float(np.quantile(score.lags, 0.95)) * 1000, 1),
                    "auc": round(auc(score.judged), 2),
                    "ece": round(calibration_error(score.judged), 2),
                    "ece_fitted": round(fitted_error(score.judged), 2),
                }
                results[f"{name}/{group}"] = row
                print(
                    f"{name:22}{group:8}{row['words']:6}{row['wer']:7}{row['rtf']:6}{row['lag_ms']:8}"
                    f"{row['lag_p95_ms']:5.0f}{row['auc']:6}{row['ece']:6}{row['ece_fitted']:6}",
                    flush=True,
                )
        print(json.dumps(results))


if __name__ == "__main__":
    main()
