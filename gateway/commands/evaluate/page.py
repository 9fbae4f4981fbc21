"""The report of a run: one HTML file that needs nothing beside it.

Refuses: praise. It says what was measured on how many cases, what a simpler method gets, which gates hold, and which
cases went wrong.
"""

from __future__ import annotations

from html import escape
from typing import assert_never

from gateway.commands.evaluate.figures import Figure, Picture, Reliability, RiskCoverage
from gateway.commands.evaluate.pictures import amounts, bars, reliability, risk_coverage
from gateway.commands.evaluate.record import Run

MOST_PROBLEMS = 200
"""Single cases that are listed; the JSON file beside the page has all."""

COLUMNS = ("figure", "value", "95 %", "cases", "baseline", "earlier")
"""The heads of the table of figures."""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}: {verdict}</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #1f2933; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; margin: 1rem 0 }}
th, td {{ text-align: right; padding: .2rem .8rem;
          border-bottom: 1px solid #d9dee4; font-variant-numeric: tabular-nums }}
th:first-child, td:first-child, .words td {{ text-align: left }}
.pass {{ color: #1a7f37 }} .fail {{ color: #b42318 }} .error {{ color: #9a6700 }}
figure {{ display: inline-block; margin: .5rem 1rem .5rem 0; vertical-align: top }}
li {{ overflow-wrap: anywhere }}
</style></head><body>
<h1>{title} <span class="{verdict}">{shout}</span></h1>
<p>{about}</p>
<p>{when}; {sample}; {seconds:.0f} s. Intervals are bootstrapped over articles or topics.</p>
{gates}
<h2>Figures</h2>
{figures}
{pictures}
{notes}
{problems}
</body></html>
"""


def page(run: Run) -> str:
    """The whole page."""
    sample = "all cases" if run.limit is None else f"a sample of at most {run.limit} cases per group"
    return _PAGE.format(
        title=escape(run.suite.title),
        about=escape(run.suite.about),
        verdict=run.verdict.value,
        shout=run.verdict.value.upper(),
        when=f"{run.when:%Y-%m-%d %H:%M} UTC",
        sample=sample,
        seconds=run.seconds,
        gates=_gates(run),
        figures=_figures(run),
        pictures="".join(f"<figure>{drawn}</figure>" for drawn in _pictures(run)),
        notes=_listed("Remarks", run.findings.notes),
        problems=_listed("What went wrong", run.findings.problems[:MOST_PROBLEMS]),
    )


def shown(value: float | None) -> str:
    """A number for reading; a dash was not measured."""
    return "–" if value is None else f"{value:.4g}"


def cells(figure: Figure, before: float | None) -> tuple[str, str, str, str, str]:
    """A figure's row: value, interval, cases, the baseline's and the earlier run's value."""
    spread = "–" if figure.low is None or figure.high is None else f"{figure.low:.4g}–{figure.high:.4g}"
    return shown(figure.value), spread, str(figure.count), shown(figure.baseline), shown(before)


def _gates(run: Run) -> str:
    if not run.judged:
        return "<p>This suite has no gates.</p>"
    rows = "".join(
        f"<tr><td>{escape(one.gate.figure)}</td><td>{shown(one.value)}</td><td>{escape(one.reason)}</td>"
        f'<td class="{one.verdict.value}">{one.verdict.value.upper()}</td></tr>'
        for one in run.judged
    )
    return f'<h2>Gates</h2><table class="words">{rows}</table>'


def _figures(run: Run) -> str:
    head = "".join(f"<th>{name}</th>" for name in COLUMNS)
    rows = []
    for group, of in run.findings.figures.items():
        for name, figure in of.items():
            before = (run.earlier or {}).get(group, {}).get(name)
            values = "".join(f"<td>{escape(cell)}</td>" for cell in cells(figure, before))
            rows.append(f"<tr><td>{escape(f'{group}.{name}')}</td>{values}</tr>")
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>"


def _pictures(run: Run) -> list[str]:
    beside = [drawn(group, of) for group, of in run.findings.figures.items() for drawn in (bars, amounts)]
    return [*filter(None, beside), *(_drawn(picture) for picture in run.findings.pictures)]


def _drawn(picture: Picture) -> str:
    match picture:
        case Reliability():
            return reliability(picture)
        case RiskCoverage():
            return risk_coverage(picture)
        case _:
            assert_never(picture)


def _listed(title: str, lines: tuple[str, ...]) -> str:
    if not lines:
        return ""
    return f"<h2>{title}</h2><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"
