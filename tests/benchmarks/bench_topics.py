"""How long it takes to find topics in very many turns, and how much memory: words alone, and with the model.

Run: ``python -m tests.benchmarks.bench_topics [--turns 50000] [--languages en,ko]``

Utterances of the example shop's 51 intents, each time with a word left out or one of another utterance put in, so that
hardly two are the same; spread over eight weeks, five turns a contact. They are told to the child process as a search
tells them. Memory is the most that the child ever had; processor seconds are what a quiet machine would take. The last
line is one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import yaml

from gateway.analytics.topics.finding import TOLD_AT_ONCE
from knowledge.child import ChildProcess
from knowledge.embedder import model_place
from knowledge.preparing import Preparing
from knowledge.settings import KnowledgeSettings

SUITES = Path(__file__).parents[2] / "examples" / "suites" / "data"
FIRST, ASKED = date(2026, 10, 1), date(2026, 10, 29)
DAYS = 56
TURNS_A_CONTACT = 5


def turns(language: str, many: int) -> Iterator[list[str]]:
    """Contact, day and words of each turn, in the order of time."""
    content = yaml.safe_load((SUITES / f"intents.{language}.train.yaml").read_text("utf-8"))
    utterances = [text.split() for intent in content["intents"].values() for text in intent["examples"]]
    dice = random.Random(5)
    for number in range(many):
        words = list(dice.choice(utterances))
        place = dice.randrange(len(words))
        if dice.random() < 0.5 and len(words) > 2:
            words.pop(place)
        else:
            words.insert(place, dice.choice(dice.choice(utterances)))
        day = FIRST + timedelta(days=number * DAYS // many)
        yield [f"c{number // TURNS_A_CONTACT}", day.isoformat(), " ".join(words)]


def searched(language: str, many: int, data: Path) -> dict[str, float]:
    """Seconds, megabytes and topics of one search."""
    said = list(turns(language, many))
    begun = time.perf_counter()
    with ChildProcess("gateway.analytics.topics.process") as child:
        for start in range(0, many, TOLD_AT_ONCE):
            child.ask({"do": "hear", "turns": said[start : start + TOLD_AT_ONCE]}, 600)
        asked = {"do": "group", "language": language, "since": ASKED.isoformat(), "data": str(data)}
        found = child.ask(asked, 600)
    seconds = time.perf_counter() - begun
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds": round(seconds, 1),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
        "megabytes": round(used.ru_maxrss / 1024),
        "topics": len(found["topics"]),
        "alone": round(found["alone"] / found["turns"], 3),
    }


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=50_000)
    parser.add_argument("--languages", default="en,ko")
    options = parser.parse_args()
    told: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="aicc-bench-topics-") as folder:
        place = model_place(KnowledgeSettings(), Path(folder))
        with Preparing(place) as preparing:
            preparing.model()
        for language in options.languages.split(","):
            for data in (Path(folder) / "none", Path(folder)):
                if data == Path(folder) and language not in KnowledgeSettings().model_languages:
                    continue
                name = f"{language}{'.words' if data.name == 'none' else '.model'}"
                # A process for each: what its children had at most is told of all that it ever had.
                with multiprocessing.get_context("spawn").Pool(1) as pool:
                    told[name] = pool.apply(searched, (language, options.turns, data))
                print(f"{name:10} {told[name]}", file=sys.stderr)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
