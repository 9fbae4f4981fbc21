"""``aicc eval``: a suite is measured, judged, told and written down.

The exit code is 0 when all gates hold, 1 when one fails, 2 when it did not come to that: whatever ends a run early is
an ERROR, never a FAIL.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import traceback
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import assert_never

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway.commands.evaluate.errors import EvaluationError
from gateway.commands.evaluate.figures import Findings, plain
from gateway.commands.evaluate.kinds.surroundings import Surroundings
from gateway.commands.evaluate.page import COLUMNS, cells, page, shown
from gateway.commands.evaluate.record import Run, read_earlier, recorded
from gateway.commands.evaluate.settings import EvaluateSettings
from gateway.commands.evaluate.suite import Kind, Suite, data_folder, names, read_suite
from gateway.commands.evaluate.verdict import Verdict, judge, overall
from infra.config import load
from infra.errors import AiccError

EVERY = "all"
"""Names all suites at once."""
PAGE_WIDTH = 120
"""Characters of a line where no terminal says."""


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for: a suite (or ``all``), an earlier run to stand beside (of ``all``: their folder), a folder for
    the report, the most cases per group, and a folder of data."""

    suite: str
    baseline: Path | None = None
    report: Path | None = None
    limit: int | None = None
    data: Path | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """How it ended: the exit code, and what the last line of JSON says."""

    exit_code: int
    line: object


def evaluate(order: Order, *, as_json: bool) -> int:
    """Carry out an order. Returns the exit code. With ``as_json`` the last line on standard output is JSON."""
    told_to = sys.stderr if as_json else sys.stdout
    console = Console(file=told_to, soft_wrap=True, highlight=False, width=None if told_to.isatty() else PAGE_WIDTH)
    told = _every(order, console) if order.suite == EVERY else _one(order, console)
    if as_json:
        sys.stdout.write(json.dumps(told.line, ensure_ascii=False) + "\n")
    return told.exit_code


def _every(order: Order, console: Console) -> Told:
    """All suites that there are, one after the other; what one of them cannot measure keeps no other from it. The worst
    end is the end of all."""
    ends = {}
    for name in names():
        console.print(f"[bold]{name}[/]")
        earlier = order.baseline / f"{name}.json" if order.baseline is not None else None
        ends[name] = _one(replace(order, suite=name, baseline=earlier), console)
    return Told(max(end.exit_code for end in ends.values()), {name: end.line for name, end in ends.items()})


def _one(order: Order, console: Console) -> Told:
    with _Errors(console) as errors:
        run = carried_out(order, console)
        _show(run, console)
        if order.report is not None:
            _write(run, order.report)
        return Told(run.verdict.exit_code, plain(run.findings.figures, run.suite.line))
    return errors.told


def carried_out(order: Order, console: Console) -> Run:
    """Measure and judge. Raises an ``AiccError`` when that is not possible."""
    suite = read_suite(order.suite)
    earlier = read_earlier(order.baseline, suite.name) if order.baseline is not None else None
    settings = load(EvaluateSettings)
    around = Surroundings(
        data=data_folder(order.data, settings.data),
        suite=suite.file.path.parent,
        work=settings.workplace,
        limit=order.limit,
        tell=lambda line: console.print(f"[dim]{escape(line)}[/]"),
    )
    begun = time.monotonic()
    findings = measured(suite, around)
    judged = judge(findings, suite.gates, earlier)
    seconds = time.monotonic() - begun
    return Run(suite, findings, judged, overall(judged), datetime.now(UTC), order.limit, seconds, earlier)


def measured(suite: Suite, around: Surroundings) -> Findings:
    """The figures of a suite. Each kind is imported only when it is wanted."""
    match suite.kind:
        case Kind.RETRIEVAL:
            from gateway.commands.evaluate.kinds import retrieval

            return retrieval.measure(suite.options(retrieval.Options), around)
        case Kind.READING:
            from gateway.commands.evaluate.kinds import reading

            return reading.measure(suite.options(reading.Options), around)
        case Kind.CONFIDENCE:
            from gateway.commands.evaluate.kinds import confidence

            return confidence.measure(suite.options(confidence.Options), around)
        case Kind.INTENTS:
            from gateway.commands.evaluate.kinds import intents

            return intents.measure(suite.options(intents.Options), around)
        case Kind.LATENCY:
            from gateway.commands.evaluate.kinds import latency

            return asyncio.run(latency.measure(suite.options(latency.Options), around))
        case Kind.DIALOGS:
            from gateway.commands.evaluate.kinds import dialogs

            return asyncio.run(dialogs.measure(suite.options(dialogs.Options), around))
        case Kind.FLOWS:
            from gateway.commands.evaluate.kinds import flows

            return asyncio.run(flows.measure(suite.options(flows.Options), around))
        case Kind.ACTIONS:
            from gateway.commands.evaluate.kinds import actions

            return asyncio.run(actions.measure(suite.options(actions.Options), around))
        case Kind.INJECTION:
            from gateway.commands.evaluate.kinds import injection

            return asyncio.run(injection.measure(suite.options(injection.Options), around))
        case Kind.PRIVACY:
            from gateway.commands.evaluate.kinds import privacy

            return privacy.measure(suite.options(privacy.Options), around)
        case Kind.TOPICS:
            from gateway.commands.evaluate.kinds import topics

            return topics.measure(suite.options(topics.Options), around)
        case _:
            assert_never(suite.kind)


class _Errors(AbstractContextManager["_Errors"]):
    """Whatever ends the block early is told and is an ERROR; an interruption goes on."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.told = Told(Verdict.ERROR.exit_code, None)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None or not isinstance(error, Exception):
            return False
        code = error.code if isinstance(error, AiccError) else EvaluationError.code
        if not isinstance(error, AiccError):
            self._console.print(escape("".join(traceback.format_exception(error))))
        message = str(error) or type(error).__name__
        self._console.print(f"[red]ERROR[/] ({code}): {escape(message)}")
        self.told = Told(Verdict.ERROR.exit_code, {"error": {"code": code, "message": message}})
        return True


def _write(run: Run, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{run.suite.name}.json").write_text(recorded(run), encoding="utf-8")
    (folder / f"{run.suite.name}.html").write_text(page(run), encoding="utf-8")


def _show(run: Run, console: Console) -> None:
    table = Table(*COLUMNS, title=run.suite.title, title_justify="left")
    for group, of in run.findings.figures.items():
        for name, figure in of.items():
            before = (run.earlier or {}).get(group, {}).get(name)
            table.add_row(f"{group}.{name}", *cells(figure, before))
    console.print(table)
    for note in run.findings.notes:
        console.print(f"[dim]{escape(note)}[/]")
    colours = {Verdict.PASS: "green", Verdict.FAIL: "red", Verdict.ERROR: "yellow"}
    for one in run.judged:
        told = f"{one.gate.figure} {shown(one.value)} {one.reason}"
        console.print(f"[{colours[one.verdict]}]{one.verdict.value.upper()}[/] {escape(told)}")
    console.print(f"[{colours[run.verdict]}]{run.verdict.value.upper()}[/] {run.suite.name}, {run.seconds:.0f} s")
