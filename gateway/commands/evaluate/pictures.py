"""The pictures of a report as inline SVG: promised against true, risk against coverage, bars beside their baseline.
Pure.

Refuses: scripts, fonts and libraries from elsewhere. A page that is opened in ten years shows the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from gateway.commands.evaluate.figures import Figure, Reliability, RiskCoverage

SIDE, LEFT, RIGHT, TOP, BOTTOM = 280, 46, 14, 34, 40
BAR, BETWEEN, NAMES = 11, 10, 210
_INK, _FAINT, _OURS, _THEIRS = "#1f2933", "#d9dee4", "#1d5fa8", "#b9c2cc"
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


def reliability(picture: Reliability) -> str:
    """Mean probability against the share that came true; a larger dot stands for more cases."""
    frame = _Frame(picture.title, "probability", "share right")
    most = max((count for _, _, count in picture.bins), default=1)
    dots = [
        f'<circle cx="{frame.x(p)}" cy="{frame.y(right)}" r="{3 + 7 * (count / most) ** 0.5:.1f}" fill="{_OURS}" '
        f'fill-opacity="0.75"><title>{p:.2f} promised, {right:.2f} right, {count} cases</title></circle>'
        for p, right, count in picture.bins
    ]
    ideal = f'<path d="M{frame.x(0)} {frame.y(0)}L{frame.x(1)} {frame.y(1)}" stroke="{_INK}" stroke-dasharray="4 4"/>'
    return frame.drawn([ideal, *dots])


def risk_coverage(picture: RiskCoverage) -> str:
    """The share that is wrong among the surest cases, by how many of all cases those are."""
    worst = max((risk for _, risk in picture.points), default=0.0)
    top = next((edge for edge in (0.1, 0.25, 0.5) if worst <= edge), 1.0)
    frame = _Frame(picture.title, "coverage", "share wrong", top)
    way = "L".join(f"{frame.x(coverage)} {frame.y(risk)}" for coverage, risk in picture.points)
    return frame.drawn([f'<path d="M{way}" fill="none" stroke="{_OURS}" stroke-width="2"/>'] if way else [])


def bars(title: str, figures: Mapping[str, Figure]) -> str:
    """Shares (0..1) beside their baseline's, each with its interval; alone, where nothing has a baseline."""
    shown = _compared(figures) or [(name, one) for name, one in figures.items() if one.value is not None]
    return _beside(title, [(name, one) for name, one in shown if _larger(one) <= 1], 1.0)


def amounts(title: str, figures: Mapping[str, Figure]) -> str:
    """What is no share (milliseconds, counts) beside its baseline's, the longest bar the largest; empty for none."""
    shown = [(name, one) for name, one in _compared(figures) if _larger(one) > 1]
    return _beside(title, shown, max((_larger(one) for _, one in shown), default=1.0))


def _compared(figures: Mapping[str, Figure]) -> list[tuple[str, Figure]]:
    return [(name, one) for name, one in figures.items() if one.value is not None and one.baseline is not None]


def _larger(figure: Figure) -> float:
    return max(figure.value or 0.0, figure.baseline or 0.0)


def _beside(title: str, shown: Sequence[tuple[str, Figure]], top: float) -> str:
    if not shown:
        return ""
    row = 2 * BAR + BETWEEN
    width, height = NAMES + 320, TOP + row * len(shown) + 24
    parts = [_text(0, 16, title, size=13)]
    for at, (name, one) in enumerate(shown):
        parts += _pair(name, one, TOP + at * row, 250 / top)
    parts.append(_text(NAMES, height - 6, "ours, with its interval", colour=_OURS))
    if any(one.baseline is not None for _, one in shown):
        parts.append(_text(NAMES + 150, height - 6, "baseline", colour="#6b7785"))
    return _svg(title, width, height, parts)


def _pair(name: str, figure: Figure, down: float, scale: float) -> list[str]:
    value, simple = figure.value or 0.0, figure.baseline
    parts = [
        _text(NAMES - 8, down + BAR + 4, name, anchor="end"),
        f'<rect x="{NAMES}" y="{down}" width="{value * scale:.1f}" height="{BAR}" fill="{_OURS}"/>',
        _text(NAMES + 258, down + BAR - 1, f"{value:.3g}", colour=_OURS),
    ]
    if simple is not None:
        wide = f"{simple * scale:.1f}"
        parts.append(f'<rect x="{NAMES}" y="{down + BAR}" width="{wide}" height="{BAR}" fill="{_THEIRS}"/>')
        parts.append(_text(NAMES + 258, down + 2 * BAR, f"{simple:.3g}", colour="#6b7785"))
    if figure.low is not None and figure.high is not None:
        start, end, middle = NAMES + figure.low * scale, NAMES + figure.high * scale, down + BAR / 2
        parts.append(f'<path d="M{start:.1f} {middle}H{end:.1f}" stroke="{_INK}" stroke-width="1.5"/>')
    return parts


@dataclass(frozen=True, slots=True)
class _Frame:
    """A square from 0 to 1 across and from 0 to ``highest`` up."""

    title: str
    across: str
    up: str
    highest: float = 1.0

    def x(self, share: float) -> float:
        return round(LEFT + share * SIDE, 1)

    def y(self, value: float) -> float:
        return round(TOP + SIDE - value / self.highest * SIDE, 1)

    def drawn(self, inside: Sequence[str]) -> str:
        width, height = LEFT + SIDE + RIGHT, TOP + SIDE + BOTTOM
        parts = [_text(LEFT, 18, self.title, size=13)]
        for share in _QUARTERS:
            level = share * self.highest
            parts.append(f'<path d="M{LEFT} {self.y(level)}h{SIDE}M{self.x(share)} {TOP}v{SIDE}" stroke="{_FAINT}"/>')
            parts.append(_text(LEFT - 6, self.y(level) + 4, f"{level:g}", anchor="end"))
            parts.append(_text(self.x(share), TOP + SIDE + 16, f"{share:g}", anchor="middle"))
        parts.append(_text(LEFT + SIDE / 2, height - 6, self.across, anchor="middle"))
        parts.append(f'<g transform="translate(10 {TOP + SIDE / 2}) rotate(-90)">{_text(0, 0, self.up, "middle")}</g>')
        return _svg(self.title, width, height, [*parts, *inside])


def _svg(title: str, width: float, height: float, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-family="system-ui, sans-serif" font-size="11" role="img">'
    )
    return "\n".join([head, f"<title>{escape(title)}</title>", *parts, "</svg>"])


def _text(x: float, y: float, text: str, anchor: str = "start", *, size: int = 11, colour: str = _INK) -> str:
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
