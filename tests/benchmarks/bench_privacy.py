"""How long it takes to find what is personal in a text, beside Presidio on the same texts, and whether long or hostile
texts cost more than their length.

    python -m tests.benchmarks.bench_privacy
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from time import perf_counter

from dialog.privacy.confided import Confided
from dialog.privacy.detector import find
from dialog.privacy.kinds import Found
from dialog.privacy.presidio import second_opinion
from gateway.commands.evaluate.privacy_sets import read_marked
from gateway.commands.evaluate.suite import SUITES

FILES = ("data/privacy.ko.train.yaml", "data/privacy.en.train.yaml", "data/privacy.ko.test.yaml")
ROUNDS = 5
LENGTHS = (2_000, 8_000, 32_000)
HOSTILE = {
    "digits one by one": "1 ",
    "numerals one by one": "일 ",
    "cues": "passport 1 ",
    "letters": "에이 ",
    "roads": "가로 1 ",
    "spaces": " ",
}

Finder = Callable[[str, str], Sequence[Found]]


def timed(finder: Finder, texts: Iterable[tuple[str, str]]) -> list[float]:
    """Microseconds of each text, the best of some rounds, in order."""
    best = []
    for text, language in texts:
        seconds = []
        for _ in range(ROUNDS):
            began = perf_counter()
            finder(text, language)
            seconds.append(perf_counter() - began)
        best.append(1e6 * min(seconds))
    return sorted(best)


def told(what: str, times: Sequence[float]) -> None:
    """One line."""
    p50, p95 = (times[int(len(times) * share)] for share in (0.5, 0.95))
    print(f"{what:44} {len(times):5} texts   p50 {p50:9.1f} us   p95 {p95:9.1f} us")


def confiding(text: str, language: str) -> Sequence[Found]:
    """One turn of a contact that has already confided some."""
    return CONFIDED[language].take(text).found


CONFIDED = {"ko": Confided("ko"), "en": Confided("en")}


def main() -> None:
    """Print all figures."""
    plain: list[tuple[str, str]] = []
    personal: list[tuple[str, str]] = []
    for file in FILES:
        language, utterances = read_marked(file, SUITES)
        for one in utterances:
            (personal if one.found else plain).append((one.text, language))
    for what, texts in (("without anything personal", plain), ("with something personal", personal)):
        told(f"ours, {what}", timed(find, texts))
        told(f"ours with a contact's memory, {what}", timed(confiding, texts))
        told(f"Presidio, {what}", timed(second_opinion, texts))
    for what, piece in HOSTILE.items():
        costs = []
        for length in LENGTHS:
            text = (piece * length)[:length]
            began = perf_counter()
            find(text, "ko")
            costs.append(1e6 * (perf_counter() - began) / length)
        print(f"{what:44} " + "   ".join(f"{cost:6.1f} us a character" for cost in costs))


if __name__ == "__main__":
    main()
