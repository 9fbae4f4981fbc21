"""Speed of speech output: reading, espeak, a neural runtime, resampling, each beside the bare thing in the same run.

    python tests/benchmarks/bench_tts.py [--runs N]

Time to first audio is from the call of ``speak`` to the first chunk on the event loop; the bare engine's is from its
own call to its first callback on the calling thread. RTF is the time of the whole speech over its length. The neural
voice is the two-kilobyte one of the tests: it measures what surrounds a voice, not a voice. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from infra.audio import Resampler, alaw_encode, mulaw_decode, mulaw_encode  # noqa: E402
from tests.tts.tinyvoice import build_lexicon_voice  # noqa: E402
from tts import espeak  # noqa: E402
from tts.engines import warm  # noqa: E402
from tts.normalizer import normalize  # noqa: E402
from tts.settings import TtsSettings  # noqa: E402
from tts.sherpa import SherpaEngine, find_voice, load  # noqa: E402
from tts.threaded import ThreadedSynthesizer  # noqa: E402

PLAIN = {
    "ko": "고객님께서 주문하신 상품은 지금 배송 중이며 내일 도착합니다. 더 도와드릴까요?",
    "en": "Your order is on its way and should arrive tomorrow afternoon. Is there anything else I can do for you?",
}
NUMBERS = {
    "ko": "주문번호 HB-20261121-0042 상품은 11월 21일 3시에 나가며 배송비는 3,000원, 문의 1588-0000입니다.",
    "en": "Order HB-20261121-0042 ships on November 21 at 3 p.m. and shipping costs $12.50. Please call 1588-0000.",
}


def median_ms(times: list[float]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds."""
    ordered = sorted(times)
    return {
        "median": round(statistics.median(ordered) * 1000, 3),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] * 1000, 3),
    }


def microseconds(action: Callable[[], Any], repeat: int = 400) -> float:
    """The median time of an action."""
    times = []
    for _ in range(repeat):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e6


def report(name: str, **values: Any) -> dict[str, Any]:
    """Print one line and give it back."""
    print(f"{name:34s}", "  ".join(f"{key} {value}" for key, value in values.items()))
    return values


def reading() -> dict[str, Any]:
    """The normalizer, in microseconds a character."""
    results = {}
    for kind, texts in (("plain", PLAIN), ("numbers", NUMBERS)):
        for language, text in texts.items():
            took = microseconds(lambda text=text, language=language: normalize(text, language))
            name = f"normalize {language} {kind}"
            results[name] = report(name, us_a_char=round(took / len(text), 2), us=round(took), chars=len(text))
    return results


async def spoken(synthesizer: ThreadedSynthesizer, text: str, language: str) -> tuple[float, float, float]:
    """Seconds to the first chunk, to the last, and of sound."""
    began = time.perf_counter()
    first = sound = 0.0
    async with aclosing(synthesizer.speak(text, language=language)) as chunks:
        async for chunk in chunks:
            first = first or time.perf_counter() - began
            sound += len(chunk.pcm) / 2 / chunk.rate
    return first, time.perf_counter() - began, sound


def bare_espeak(text: str, language: str) -> tuple[float, float, float]:
    """The library alone, on this thread."""
    began = time.perf_counter()
    first = samples = 0.0
    with espeak._LOCK:
        library = espeak._library()

        def sink(pcm: bytes, _words: object) -> bool:
            nonlocal first, samples
            first = first or time.perf_counter() - began
            samples += len(pcm) / 2
            return True

        library.say(text, espeak.VOICES[language], espeak._WORDS_PER_MINUTE[language], sink)
    return first, time.perf_counter() - began, samples / library.rate


def bare_sherpa(engine: Any, text: str) -> tuple[float, float, float]:
    """The neural runtime alone, on this thread."""
    import sherpa_onnx

    began = time.perf_counter()
    first = 0.0

    def on_sound(_samples: object, _progress: float) -> int:
        nonlocal first
        first = first or time.perf_counter() - began
        return 1

    made = engine.generate(text, sherpa_onnx.GenerationConfig(), on_sound)
    return first, time.perf_counter() - began, len(made.samples) / made.sample_rate


async def engine(
    name: str, ours: ThreadedSynthesizer, bare: Callable[[str], tuple[float, float, float]], language: str, runs: int
) -> dict[str, Any]:
    """Ours and the bare engine by turns on the same words."""
    text = PLAIN[language] if name.startswith("sherpa") else NUMBERS[language]
    plain = normalize(text, language).text
    mine, theirs = [], []
    for _ in range(runs):
        mine.append(await spoken(ours, text, language))
        theirs.append(bare(plain))
    first, bare_first = median_ms([run[0] for run in mine]), median_ms([run[0] for run in theirs])
    rtf, bare_rtf = (statistics.median(run[1] / run[2] for run in runs_) for runs_ in (mine, theirs))
    return report(
        f"{name} {language}",
        first_ms=first["median"],
        first_p95=first["p95"],
        bare_first_ms=bare_first["median"],
        rtf=round(rtf, 5),
        bare_rtf=round(bare_rtf, 5),
        ratio=round(rtf / bare_rtf, 2),
    )


async def synthesis(runs: int, folder: Path) -> dict[str, Any]:
    """espeak in both languages and the tiny neural voice."""
    results: dict[str, Any] = {}
    if espeak.available():
        synthesizer = ThreadedSynthesizer(espeak.EspeakEngine())
        results["espeak warm"] = report("espeak warm-up, seconds", **await warm(synthesizer))
        for language in ("ko", "en"):
            results[f"espeak {language}"] = await engine(
                "espeak", synthesizer, lambda text, language=language: bare_espeak(text, language), language, runs
            )
        results["espeak 32 at once"] = await crowd(synthesizer, 32)
        await synthesizer.close()
    voice = build_lexicon_voice(folder, {word: word for word in PLAIN["en"].lower().split()})
    neural = ThreadedSynthesizer(SherpaEngine(TtsSettings(model_en=voice), frozenset({"en"})))
    results["sherpa warm"] = report("sherpa warm-up, seconds", **await warm(neural))
    loaded = load(find_voice(voice, "en"), threads=1)
    results["sherpa en"] = await engine("sherpa tiny", neural, lambda text: bare_sherpa(loaded, text), "en", runs)
    await neural.close()
    return results


async def crowd(synthesizer: ThreadedSynthesizer, speakers: int) -> dict[str, Any]:
    """Many callers answered in the same moment: the last one's wait for the first sound."""
    began = time.perf_counter()
    done = await asyncio.gather(
        *(spoken(synthesizer, NUMBERS["en" if i % 2 else "ko"], "en" if i % 2 else "ko") for i in range(speakers))
    )
    wall = time.perf_counter() - began
    sound = sum(run[2] for run in done)
    first = median_ms([run[0] for run in done])
    return report(
        f"espeak, {speakers} callers at once",
        first_ms=first["median"],
        first_p95=first["p95"],
        seconds_of_sound_a_second=round(sound / wall),
    )


def lines() -> dict[str, Any]:
    """What the media loop pays for 20 ms, beside numpy's own convolution with as many weights."""
    results = {}
    for source, target in ((8000, 16000), (16000, 8000), (22050, 8000), (24000, 8000)):
        stream = Resampler(source, target)
        pcm = np.random.default_rng(1).integers(-9000, 9000, source // 50).astype("<i2").tobytes()
        samples, weights = (
            np.frombuffer(pcm, dtype="<i2").astype(float),
            np.hanning(round(stream.delay * source) * 2 + 1),
        )
        took = microseconds(lambda stream=stream, pcm=pcm: stream.process(pcm), 2000)
        bare = microseconds(lambda samples=samples, weights=weights: np.convolve(samples, weights), 2000)
        name = f"resample {source}->{target}"
        results[name] = report(
            name,
            us=round(took, 1),
            convolve_us=round(bare, 1),
            ratio=round(took / bare, 2),
            delay_ms=stream.delay * 1000,
        )
    pcm = bytes(320)
    for codec, given in ((mulaw_encode, pcm), (mulaw_decode, pcm[:160]), (alaw_encode, pcm)):
        took = microseconds(lambda codec=codec, given=given: codec(given), 2000)
        results[codec.__name__] = report(codec.__name__, us=round(took, 1))
    return results


def main() -> None:
    """Run all and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=40, help="speeches of each engine")
    runs = parser.parse_args().runs
    results = {**reading(), **lines()}
    with tempfile.TemporaryDirectory() as folder:
        results |= asyncio.run(synthesis(runs, Path(folder)))
    print(json.dumps({"benchmark": "tts", "results": results}, ensure_ascii=False))


if __name__ == "__main__":
    main()
