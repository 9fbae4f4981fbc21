"""The page of a capacity run: its numbers as Markdown and its curve beside them, made by ``--curve FOLDER``.

Refuses: praise. It says what was measured, where, how to repeat it, and which figures cannot be believed.
"""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from gateway.commands.bench import steps
from gateway.commands.bench.capacity import Findings
from gateway.commands.bench.curve import Chart, Line, draw
from gateway.commands.bench.order import Order
from gateway.commands.bench.steps import Step, shown

_MODES = {
    "turn": "callers who ask, listen and ask again; all of the gateway is real, but recognition is scripted",
    "feed": "callers who only listen",
    "echo": "the gateway's media transport alone, giving each frame back",
    "floor": "a bare echo over picows, none of the gateway's own code",
}

_PAGE = """# Capacity

Made by `aicc bench capacity --curve docs`; do not edit.

{held} ({when:%Y-%m-%d}; {where}; {mode}).

![calls against gap, CPU and first audio](capacity.svg)

Limits: p99 gap under {gap:g} ms, p99 loop lag under {lag:g} ms, at most {cpu:g} ms of CPU per call and second and
{rss:g} MB per call, no failed call, at most {unanswered:.0%} of the utterances unanswered. CPU and memory are the
gateway process's own; its worker processes and PostgreSQL stand beside. The floor is what as many calls cost a bare
echo over picows right after each step: how fast the core is today cancels out. Times are milliseconds; a dash was not
measured.

{table}

{notes}
## How to repeat it

```
.venv/bin/aicc bench capacity {options} --curve docs
```

The gateway runs on one core, all else on the others; each step is measured for {seconds:g} s, once all calls are in and
greeted. `--mode floor` finds how many calls the generator and a bare echo carry, which bounds what can be measured.
"""


_NOTHING_HELD = "No number of calls that was tried was within the limits"


def write_page(folder: Path, findings: Findings, order: Order) -> None:
    """Write ``capacity.md`` and ``capacity.svg`` into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "capacity.md").write_text(page(findings, order, machine(), datetime.now(UTC)), encoding="utf-8")
    (folder / "capacity.svg").write_text(picture(findings), encoding="utf-8")


def machine() -> str:
    """What was measured on."""
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, Linux {platform.release()}, Python {platform.python_version()}"
    )


def picture(findings: Findings) -> str:
    """The curve."""
    ordered = sorted(findings.steps, key=lambda step: step.carried)

    def line(name: str, figure: str) -> Line:
        return Line(name, tuple((step.carried, getattr(step, figure)) for step in ordered))

    charts = [
        Chart("gap between received frames, p99, ms", (line("p99", "p99_gap_ms"),), steps.GAP_LIMIT),
        Chart(
            "CPU of the gateway process, ms per call and second", (line("CPU", "cpu_ms_per_call_s"),), steps.CPU_LIMIT
        ),
        Chart(
            "first audio at the caller's ear, ms after the last word",
            (line("p95", "first_audio_p95_ms"), line("median", "first_audio_p50_ms")),
        ),
    ]
    return draw("Calls on one core", _MODES[findings.mode], charts)


def page(findings: Findings, order: Order, where: str, when: datetime) -> str:
    """The numbers, as Markdown."""
    best = findings.best
    return _PAGE.format(
        held=f"**{best} calls** at once were carried by one core within the limits" if best else _NOTHING_HELD,
        when=when,
        where=where,
        mode=_MODES[findings.mode],
        gap=steps.GAP_LIMIT,
        lag=steps.LAG_LIMIT,
        cpu=steps.CPU_LIMIT,
        rss=steps.RSS_LIMIT,
        unanswered=steps.UNANSWERED_LIMIT,
        table="\n".join(_table(sorted(findings.steps, key=lambda step: step.offered))),
        notes="".join(f"{note}\n\n" for note in _doubts(findings)),
        options=order.options(),
        seconds=order.seconds,
    ).replace("\n\n\n", "\n\n")


def _table(ordered: list[Step]) -> list[str]:
    head = (*steps.COLUMNS[:-1], "database", "core busy", "verdict")
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for step in ordered:
        *figures, verdict = steps.cells(step)
        busy = "-" if step.core_busy is None else f"{step.core_busy:.0%}"
        lines.append(f"| {' | '.join((*figures, shown(step.database_cpu_ms_per_call_s, 2), busy, verdict))} |")
    return lines


def _doubts(findings: Findings) -> list[str]:
    doubted = [step for step in findings.steps if step.doubts()]
    told = []
    if doubted:
        told.append(
            f"{len(doubted)} of {len(findings.steps)} steps are not valid, for the reason in their last column."
        )
    if not findings.comparable:
        told.append("The callers ran on the measured core: the figures are not comparable.")
    return told
