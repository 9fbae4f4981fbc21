"""The verifier on a tenant's own documents: what they say word for word must pass, what was changed must not.

    python tests/benchmarks/bench_verifier.py [--show]

Every sentence of the example tenant's documents is taken as an answer that cites its own passage, once as it stands
and once with each change that applies to it: another figure, another unit, the opposite, a limit turned round, another
name. What a machine changes is cruder than what a model invents; the cases that people wrote are in
``tests/dialog/answers/verifier_cases.yaml``. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from dialog.answers.grounding import Backing
from dialog.answers.verifier import verify
from knowledge.chunking import cut, language_of, title_of
from knowledge.document import Document, Passage
from knowledge.limits import from_settings
from knowledge.readers import SUFFIXES, read
from knowledge.settings import KnowledgeSettings

KNOWLEDGE = Path(__file__).resolve().parents[2] / "examples" / "hanbit-store" / "knowledge"
TODAY = date(2026, 11, 22)

Change = Callable[[str], str]


def swapped(*pairs: tuple[str, str]) -> Change:
    """Replace the first of the pairs that a sentence has, once."""

    def change(sentence: str) -> str:
        for old, new in pairs:
            changed = re.sub(old, new, sentence, count=1)
            if changed != sentence:
                return changed
        return sentence

    return change


def another_figure(sentence: str) -> str:
    """The first number made another."""
    return re.sub(r"\d+", lambda match: str(int(match.group()) + 7), sentence, count=1)


CHANGES: dict[str, dict[str, Change]] = {
    "ko": {
        "figure": another_figure,
        "unit": swapped((r"(\d)일", r"\1개월"), (r"(\d)원", r"\1달러"), (r"(\d)시간", r"\1분"), (r"(\d)%", r"\1원")),
        "opposite": swapped(
            (r"할 수 없습니다", "할 수 있습니다"),
            (r"않습니다", "습니다"),
            (r"있습니다", "없습니다"),
            (r"됩니다", "되지 않습니다"),
        ),
        "limit": swapped((r"이상", "이하"), (r"이내", "이후"), (r"까지", "부터"), (r"안에", "뒤에")),
        "name": swapped((r"서울", "부산"), (r"제주", "강원"), (r"카드", "현금"), (r"전화", "팩스")),
    },
    "en": {
        "figure": another_figure,
        "unit": swapped((r"\bdays?\b", "months"), (r"\bwon\b", "dollars"), (r"\bhours?\b", "minutes")),
        "opposite": swapped((r"\bcannot\b", "can"), (r"\bnot ", ""), (r"\bcan\b", "cannot"), (r"\bis\b", "is not")),
        "limit": swapped(
            (r"or more", "or less"), (r"\bwithin\b", "after"), (r"at least", "at most"), (r"up to", "over")
        ),
        "name": swapped((r"\bSeoul\b", "Busan"), (r"\bJeju\b", "Ulleung"), (r"\bcard\b", "cash"), (r"phone", "fax")),
    },
}


def passages() -> Iterator[Passage]:
    """All passages of the tenant that are valid."""
    limits = from_settings(KnowledgeSettings())
    for path in sorted(KNOWLEDGE.rglob("*")):
        if path.suffix.lower() in SUFFIXES:
            source = read(path, path.name, limits)
            document = Document(path.name, title_of(source, path.stem), language_of(source), "0" * 64)
            yield from cut(source, document)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--show", action="store_true", help="print what went wrong")
    show = arguments.parse_args().show
    counts: Counter[tuple[str, str, bool]] = Counter()
    seconds = []
    for passage in passages():
        code = passage.document.language
        evidence = (Backing.of_passage(1, passage),)
        for sentence in passage.sentences:
            for kind, change in {"verbatim": str, **CHANGES[code]}.items():
                said = change(sentence)
                if kind != "verbatim" and said == sentence:
                    continue
                began = time.thread_time()
                found = verify(said, [1], evidence, code, today=TODAY)
                seconds.append(time.thread_time() - began)
                right = found.backed is (kind == "verbatim")
                counts[code, kind, right] += 1
                if show and not right:
                    print(f"{kind}: {said} {[flaw.value for flaw in found.flaws]}")
    report: dict[str, dict[str, float]] = {}
    for code in CHANGES:
        for kind in ("verbatim", *CHANGES[code]):
            right, wrong = counts[code, kind, True], counts[code, kind, False]
            report.setdefault(code, {})[kind] = round(right / max(1, right + wrong), 3)
            what = "passes" if kind == "verbatim" else "is refused"
            print(f"{code}  {kind:9} {what:10} {right} of {right + wrong}")
    middle = sorted(seconds)[len(seconds) // 2]
    print(f"one sentence: median {middle * 1000:.2f} ms of one core")
    print(json.dumps(report))


if __name__ == "__main__":
    main()
