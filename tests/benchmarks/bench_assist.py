"""Cards for agents, measured: do questions bring the right card, does talk bring none, and how long does a card take.

    python tests/benchmarks/bench_assist.py [--state DIR] [--show] [--data DIR]

Three things. *Cards*: questions of ``examples/suites/data/faq.*.yaml`` as callers say them, those that no document
answers, and what is none of the shop's business, each as a caller's turn of its own; counted are right and wrong
answers, "nothing found", actions, and silence. The baseline of the same run is the plain search box: the first passage
that is found, always shown. *Questions*: whether Korean utterances ask, by ``dialog.assist.questions``, on the labelled
utterances of 3i4k (``--data``; left out where that is not there), against the house's ``answers.asking.forms`` and one
that always says yes. *Time*: from a final utterance to its card. ``--every 3`` takes a third of the questions. The last
line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from dialog.answers.asking import forms
from dialog.assist.card import Card, CardKind
from dialog.assist.questions import asks
from dialog.assist.suggesting import Suggesting
from dialog.assist.thread import Thread
from dialog.releases.release import load_release
from dialog.releases.teaching import taught
from dialog.settings import DialogSettings
from dialog.turn import CallerTurn
from knowledge.encoding import Encoded
from knowledge.hosting import KnowledgeHost
from knowledge.query import Query
from knowledge.retriever import InlineRetriever
from knowledge.settings import KnowledgeSettings, QdrantSettings

ROOT = Path(__file__).resolve().parents[2]
TENANT = ROOT / "examples" / "hanbit-store"
SUITE = ROOT / "examples" / "suites" / "data"
THREE_I_FOUR_K = Path("intents") / "3i4k" / "fci_test.txt"
STATEMENT, QUESTION, COMMAND = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Day:
    """The clock on the day that the questions are for."""

    day: date

    def monotonic(self) -> float:
        """Seconds."""
        return time.monotonic()

    def today(self, zone: str) -> date:
        """That day."""
        return self.day

    def now(self, zone: str) -> datetime:
        """Its beginning."""
        return datetime(self.day.year, self.day.month, self.day.day, tzinfo=ZoneInfo(zone))


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance, of which kind it is, and the words that a right answer holds."""

    kind: str
    text: str
    holds: tuple[str, ...] = ()


def utterances(code: str) -> tuple[date, list[Said]]:
    """What callers say in a language, and on which day."""
    faq = yaml.safe_load((SUITE / f"faq.{code}.yaml").read_text(encoding="utf-8"))
    intents = yaml.safe_load((SUITE / f"intents.{code}.train.yaml").read_text(encoding="utf-8"))["intents"]
    said = [Said("answered", text, tuple(item["holds"])) for item in faq["faqs"] for text in item["asked"]]
    said += [Said("unanswered", text) for text in faq["unanswered"]]
    said += [Said("elsewhere", text) for text in intents["elsewhere"]["examples"]]
    return faq["day"], said


def _letters(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


def _holds(said: Said, text: str) -> bool:
    return bool(said.holds) and all(_letters(word) in _letters(text) for word in said.holds)


def judge(said: Said, card: Card | None) -> str:
    """How a card is to be counted."""
    if card is None:
        return "none"
    if card.kind is not CardKind.ANSWER:
        return card.kind.value
    shown = card.text if card.source is None else f"{card.text} {card.source.excerpt}"
    return "right" if _holds(said, shown) else "wrong"


async def cards(suggesting: Suggesting, code: str, said: list[Said], show: bool) -> dict[str, object]:
    """Counts by kind of utterance, for cards and for the plain search box, and the time that a card took."""
    counted: dict[str, Counter[str]] = {}
    plain: dict[str, Counter[str]] = {}
    spent: list[float] = []
    searched: list[float] = []
    tenant, today = suggesting.release().tenant.id, suggesting.clock.today("UTC")
    for one in said:
        began = time.perf_counter()
        reading = await suggesting.read(CallerTurn(1, one.text, code), Thread())
        card = reading.card if reading.remark is None else await suggesting.answer(reading.remark)
        spent.append(time.perf_counter() - began)
        counted.setdefault(one.kind, Counter())[judge(one, card)] += 1
        began = time.perf_counter()
        hits = await suggesting.knowledge.search(Query(tenant, code, one.text, 1, today, audience="agent"))
        searched.append(time.perf_counter() - began)
        found = "none" if not hits else "right" if _holds(one, hits[0].passage.text) else "wrong"
        plain.setdefault(one.kind, Counter())[found] += 1
        if show and judge(one, card) == "wrong":
            print(f"{code} {one.kind} {one.text!r} -> {card.text if card else ''}", file=sys.stderr)
    return {
        "cards": {kind: dict(counter) for kind, counter in counted.items()},
        "first_passage": {kind: dict(counter) for kind, counter in plain.items()},
        "card_ms": _spread(spent),
        "plain_search_ms": _spread(searched),
    }


def _spread(seconds: list[float]) -> dict[str, float]:
    """Percentiles and the longest, in milliseconds."""
    ordered = sorted(seconds)
    at = {"p50": len(ordered) // 2, "p95": int(len(ordered) * 0.95), "max": len(ordered) - 1}
    return {name: round(1000 * ordered[index], 1) for name, index in at.items()}


def labelled(path: Path) -> Iterator[tuple[bool, str]]:
    """Korean utterances that ask, or that tell or command."""
    for line in path.read_text(encoding="utf-8").splitlines():
        label, _, text = line.partition("\t")
        if int(label) in {STATEMENT, QUESTION, COMMAND}:
            yield int(label) == QUESTION, text


def telling(path: Path) -> dict[str, dict[str, float]]:
    """Precision, recall and the share of statements and commands taken for a question, for each reader."""
    readers: dict[str, Callable[[str], bool]] = {
        "questions.asks": lambda text: asks(text, "ko"),
        "asking.forms": lambda text: bool(forms(text, "ko")),
        "always": lambda text: True,
    }
    known = list(labelled(path))
    figures = {}
    for name, reader in readers.items():
        counts = Counter((asked, reader(text)) for asked, text in known)
        right = counts[True, True]
        figures[name] = {
            "precision": round(right / (right + counts[False, True]), 3),
            "recall": round(right / (right + counts[True, False]), 3),
            "false_alarms": round(counts[False, True] / (counts[False, True] + counts[False, False]), 3),
        }
    return figures


@dataclass(frozen=True, slots=True)
class Seeing:
    """The knowledge's encoder, in this process."""

    host: KnowledgeHost

    async def encode(self, texts: Sequence[str], language: str) -> list[Encoded]:
        """What is seen of texts."""
        return self.host.encode(texts, language)


async def run(state: Path, data: Path, every: int, show: bool) -> dict[str, object]:
    """Ingest, load, teach, ask."""
    host = KnowledgeHost(QdrantSettings(), KnowledgeSettings(), state)
    host.ingest(TENANT / "knowledge", "hanbit-store")
    host.retriever.warm(["ko", "en"])
    release, search = await taught(load_release(TENANT), Seeing(host)), InlineRetriever(host.retriever)
    figures: dict[str, object] = {}
    for code in ("ko", "en"):
        day, said = utterances(code)
        suggesting = Suggesting(lambda: release, search, DialogSettings(), Day(day))
        await cards(suggesting, code, said[:10], show=False)  # warm
        figures[code] = await cards(suggesting, code, said[::every], show)
    if (data / THREE_I_FOUR_K).is_file():
        figures["asks"] = telling(data / THREE_I_FOUR_K)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--state", type=Path, help="directory that keeps the index")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="public data sets")
    parser.add_argument("--every", type=int, default=1, help="take one question of so many")
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        print(json.dumps(asyncio.run(run(options.state or Path(scratch), options.data, options.every, options.show))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
