"""The capacity curve as a picture: calls against each figure, one small chart below the other, as SVG text.

Refuses: a drawing library. Four lines and some axes are a page of text, which a browser and a diff can read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, CHART, LEFT, RIGHT, TOP, GAP = 720, 150, 64, 24, 56, 46
_INK, _FAINT, _LIMIT, _COLOURS = "#1f2933", "#d9dee4", "#b42318", ("#1d5fa8", "#7a4fb5")


@dataclass(frozen=True, slots=True)
class Line:
    """One figure over the calls; what was not measured is left out."""

    name: str
    points: tuple[tuple[int, float | None], ...]

    @property
    def measured(self) -> list[tuple[int, float]]:
        """The points that there are."""
        return [(calls, value) for calls, value in self.points if value is not None]


@dataclass(frozen=True, slots=True)
class Chart:
    """Some figures of one unit, and the limit under which they shall stay."""

    title: str
    lines: tuple[Line, ...]
    limit: float | None = None


def ticks(top: float, most: int = 4) -> list[float]:
    """Round numbers from 0 to at least ``top``, in at most ``most`` steps of 1, 2 or 5."""
    rough = max(top, 1e-9) / most
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(scale * factor for factor in (1, 2, 5, 10) if scale * factor >= rough * (1 - 1e-9))
    return [round(step * number, 10) for number in range(math.ceil(top / step - 1e-9) + 1)]


def draw(title: str, note: str, charts: Sequence[Chart]) -> str:
    """The picture. ``note`` says in small letters what was measured."""
    height = TOP + len(charts) * (CHART + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="{_INK}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(LEFT, 20, title, size=15),
        _text(LEFT, 38, note, size=11, opacity=0.7),
    ]
    calls = [count for chart in charts for line in chart.lines for count, _ in line.measured]
    across = ticks(max(calls, default=1), most=8)
    for number, chart in enumerate(charts):
        parts += _chart(chart, TOP + number * (CHART + GAP) + 22, across)
    return "\n".join([*parts, "</svg>", ""])


def _chart(chart: Chart, top: float, across: Sequence[float]) -> list[str]:
    values = [value for line in chart.lines for _, value in line.measured]
    up = ticks((max([*values, chart.limit or 0.0]) or 1.0) * 1.05)
    bottom, right = top + CHART - 22, WIDTH - RIGHT

    def x(calls: float) -> float:
        return round(LEFT + calls / across[-1] * (right - LEFT), 1)

    def y(value: float) -> float:
        return round(bottom - value / up[-1] * (bottom - top), 1)

    parts = [_text(LEFT, top - 8, chart.title, size=12)]
    for value in up:
        parts.append(f'<path d="M{LEFT} {y(value)}H{right}" stroke="{_FAINT}"/>')
        parts.append(_text(LEFT - 8, y(value) + 4, f"{value:g}", anchor="end"))
    parts += [_text(x(calls), bottom + 16, f"{calls:g}", anchor="middle") for calls in across]
    if chart.limit is not None:
        level = y(chart.limit)
        parts.append(f'<path d="M{LEFT} {level}H{right}" stroke="{_LIMIT}" stroke-dasharray="5 4"/>')
        parts.append(_text(right, level - 4, f"limit {chart.limit:g}", anchor="end", colour=_LIMIT))
    for line, colour in zip(chart.lines, _COLOURS, strict=False):
        places = [(x(calls), y(value)) for calls, value in sorted(line.measured)]
        if places:
            way = "L".join(f"{across_} {up_}" for across_, up_ in places)
            parts.append(f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="2"/>')
            parts += [f'<circle cx="{across_}" cy="{up_}" r="3" fill="{colour}"/>' for across_, up_ in places]
            parts.append(_text(places[-1][0], places[-1][1] - 8, line.name, anchor="end", colour=colour))
    return parts


def _text(
    x: float, y: float, text: str, *, size: int = 11, anchor: str = "start", colour: str = _INK, opacity: float = 1.0
) -> str:
    style = f'font-size="{size}" text-anchor="{anchor}" fill="{colour}"'
    faded = f' opacity="{opacity:g}"' if opacity < 1 else ""
    return f'<text x="{x:g}" y="{y:g}" {style}{faded}>{escape(text)}</text>'
