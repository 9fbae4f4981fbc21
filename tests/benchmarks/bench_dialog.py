"""The example tenant's dialog, measured by text: are the answers right, what is done with the rest, what a turn
costs.

    python tests/benchmarks/bench_dialog.py [--state DIR] [--questions FILE] [--show]

Ingests ``examples/hanbit-store`` (once, if ``--state`` keeps it), asks every question of ``hanbit_questions.yaml`` (or
of another file, such as ``hanbit_fresh.yaml``) in a conversation of its own, and counts: answered right, answered
wrong, asked back, handed over. Turn times leave retrieval out. ``--show`` prints every question that did not go as it
should. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import yaml

from dialog.actions.action import Action, Failed, FailureKind, Outcome
from dialog.journal import MemoryJournal
from dialog.manager import DialogueManager
from dialog.releases.release import load_release
from dialog.reply import Decision, Reply
from dialog.turn import CallerTurn
from knowledge.hosting import KnowledgeHost
from knowledge.retriever import InlineRetriever
from knowledge.settings import KnowledgeSettings, QdrantSettings

TENANT = Path(__file__).resolve().parents[2] / "examples" / "hanbit-store"
QUESTIONS = Path(__file__).with_name("hanbit_questions.yaml")


class NoBackEnd:
    """An action port that reaches nothing."""

    async def perform(self, action: Action, arguments: object, *, key: str) -> Outcome:
        """Fails."""
        return Failed(FailureKind.UNAVAILABLE)

    async def close(self) -> None:
        """Nothing."""


def _plain(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


async def ask(manager: DialogueManager, code: str, text: str) -> Reply:
    """The last reply to one question in a conversation of its own."""
    conversation = manager.begin(call_id="bench", language=code, caller=None, journal=MemoryJournal())
    replies = [reply async for reply in manager.respond(conversation, CallerTurn(1, text, code))]
    await manager.finish(conversation)
    return replies[-1]


def judge(reply: Reply, holds: list[str] | None) -> str:
    """How a reply is to be counted; ``holds`` None: nothing answers the question."""
    if reply.decision is not Decision.ANSWER:
        return reply.decision.value
    if holds is None:
        return "wrong"
    return "right" if any(_plain(hold) in _plain(reply.text) for hold in holds) else "wrong"


async def measure(manager: DialogueManager, code: str, asked: dict[str, list[object]], show: bool) -> dict[str, object]:
    """Counts for both kinds of question, and what a turn cost without retrieval (milliseconds)."""
    counts: dict[str, Counter[str]] = {"asked": Counter(), "nothing": Counter()}
    spent: list[float] = []
    questions = [(str(text), list(holds)) for text, holds in asked["asked"]]  # type: ignore[misc]
    for kind, listed in (("asked", questions), ("nothing", [(str(text), None) for text in asked["nothing"]])):
        for text, holds in listed:
            began = time.perf_counter()
            reply = await ask(manager, code, text)
            spent.append(time.perf_counter() - began - reply.timings.get("retrieve", 0.0))
            how = judge(reply, holds)
            counts[kind][how] += 1
            if show and how != ("right" if kind == "asked" else "escalate"):
                signals = {name: round(value, 2) for name, value in reply.confidence.signals.items()}
                print(f"{code} {how:9} {reply.confidence.value:.2f} {text} -> {reply.text} {signals}", file=sys.stderr)
    spent.sort()
    return {
        **{kind: dict(counter) for kind, counter in counts.items()},
        "turn_p50_ms": round(1000 * spent[len(spent) // 2], 2),
        "turn_p95_ms": round(1000 * spent[int(len(spent) * 0.95)], 2),
    }


async def run(state: Path, questions: Path, show: bool) -> dict[str, object]:
    """Ingest, load, ask."""
    settings = KnowledgeSettings()
    host = KnowledgeHost(QdrantSettings(), settings, state)
    report = host.ingest(TENANT / "knowledge", "hanbit-store")
    print(f"{report.passages} new passages; not read: {report.failed}", file=sys.stderr)
    host.retriever.warm(["ko", "en"])
    manager = DialogueManager(load_release(TENANT), InlineRetriever(host.retriever), NoBackEnd())
    asked = yaml.safe_load(questions.read_text(encoding="utf-8"))
    return {code: await measure(manager, code, asked[code], show) for code in ("ko", "en")}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--state", type=Path, help="directory that keeps the index")
    parser.add_argument("--questions", type=Path, default=QUESTIONS, help="file of questions")
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        print(json.dumps(asyncio.run(run(options.state or Path(scratch), options.questions, options.show))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
