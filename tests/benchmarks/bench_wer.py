"""Word error rate, speed and word confidence of the default English recognizer, on people and on machines.

    python -m tests.benchmarks.bench_wer [--data ../shared/data/speech] [--only human] [--variants phone,tenant]

Each recording is heard wide (16 kHz; those at 8 kHz are left out) and through a simulated telephone line (200-3500
Hz, 8 kHz, mu-law; those at 8 kHz only get the mu-law), and each of these with: the decoder as it comes from its package
with its own front end and three passes ("package"), our settings with the bundled language model ("stock"), with the
bandwidth extension ("+ band"), and with the language model of a tenant ("tenant": the English knowledge of the example
shop and our phrasings; the recordings whose texts it happens to hold are printed). "Slow" is the same with the
decoder's three passes and no limits of ours. ``stt.training.recordings`` says how recordings are cut and what the line
is.

The session runs in this process, fed 0.1 s at a time like in a call: RTF is CPU time over the sound's length; lag is
the CPU time from the last chunk to the final, with everything before it done. AUC and ECE judge the words' confidences
as they are served: whether right words have higher ones, and how far they are from the share that is right. The last
line is JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from stt import language_model, phrasings
from stt.confidence import read
from stt.lm_trie import bundled_directory
from stt.pocketsphinx_host import CONFIDENCE, PocketsphinxHost
from stt.pronunciation import read_dictionary
from stt.training.confidence import calibration_error
from stt.training.recordings import Recording, align, at_rate, load, telephone, wide
from stt.transcript import Transcript, Word

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "speech"
KNOWLEDGE = ROOT / "examples" / "hanbit-store" / "knowledge" / "en"
CHUNK = 0.1
TENANT = "hanbit"


@dataclass(slots=True)
class Score:
    """What one variant made of one group."""

    words: int = 0
    errors: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    lags: list[float] = field(default_factory=list)
    judged: list[tuple[float, bool]] = field(default_factory=list)


def through_session(host: PocketsphinxHost, tenant: str, line: Callable[[bytes, int], tuple[bytes, int]]) -> Hear:
    """Our recognizer, one session for each recording."""

    def hear(recording: Recording, score: Score) -> list[Word]:
        out: list[Transcript] = []
        session = host.open_session(out.append, tenant)
        at = 0.0
        for number, (sound, from_rate) in enumerate(recording.utterances):
            pcm, rate = line(sound, from_rate)
            size = 2 * int(CHUNK * rate)
            begun = now = time.process_time()
            for start in range(0, len(pcm), size):
                now = time.process_time()
                session.hear(number, pcm[start : start + size], rate, at + start / 2 / rate)
            session.end(number)
            score.lags.append(time.process_time() - now)
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
            now = time.process_time()
            decoder.end_utt()
            found = [
                Word(s.word.partition("(")[0], 0, 0, s.prob) for s in decoder.seg() or () if s.word[0] not in "<[+"
            ]
            score.lags.append(time.process_time() - now)
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
    recordings = [r for r in load(chosen.data) if not chosen.only or r.group in chosen.only.split(",")]
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
        curve = read(CONFIDENCE)
        hosts = {extend: PocketsphinxHost(folder, calibration=curve, extend=extend) for extend in (False, True)}
        slow = PocketsphinxHost(folder, decoder={"fwdflat": True, "bestpath": True})
        variants: dict[str, Callable[[], Hear]] = {
            "wide package": lambda: through_package(wide),
            "wide stock": lambda: through_session(hosts[True], "nobody", wide),
            "wide tenant": lambda: through_session(hosts[True], TENANT, wide),
            "phone package": lambda: through_package(telephone),
            "phone stock": lambda: through_session(hosts[False], "nobody", telephone),
            "phone stock + band": lambda: through_session(hosts[True], "nobody", telephone),
            "phone tenant": lambda: through_session(hosts[False], TENANT, telephone),
            "phone tenant + band": lambda: through_session(hosts[True], TENANT, telephone),
            "phone tenant + band, slow": lambda: through_session(slow, TENANT, telephone),
        }
        results = {}
        print("variant                   group    words  WER %   RTF  lag ms  p95   AUC   ECE")
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
                    "ece": round(calibration_error(*zip(*score.judged, strict=True)), 2) if score.judged else None,
                }
                results[f"{name}/{group}"] = row
                print(
                    f"{name:26}{group:8}{row['words']:6}{row['wer']:7}{row['rtf']:6}{row['lag_ms']:8}"
                    f"{row['lag_p95_ms']:5.0f}{row['auc']:6}{row['ece']:6}",
                    flush=True,
                )
        print(json.dumps(results))


if __name__ == "__main__":
    main()
