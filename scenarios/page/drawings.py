"""Drawings of a comparison as inline SVG: differences, spreads and curves.

Bars and spreads stretch with their cell and carry no text; curves have axes and text of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from matcher.report import Drawing

WIDTH, HEIGHT = 560.0, 300.0
"""Size of a curve in its own units."""
LEFT, RIGHT, TOP, BOTTOM = 88.0, 24.0, 18.0, 46.0
MOST_TICKS = 6
_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)

Write = Callable[[float], str]


def difference_bar(value: float, low: float, high: float) -> Drawing:
    """Draw a difference from the zero line: gains to the right, losses to the left."""
    span = _Span(min(low, 0), max(high, 0))
    zero, end = span.at(0), span.at(value)
    look = "strong" if value >= 0 else "warm"
    shapes = _rect(look, min(zero, end), abs(end - zero), 0, 12)
    return _strip(12, shapes + _rect("zero", zero - 1, 2, 0, 12))


def swing_bar(first: float, last: float, low: float, high: float) -> Drawing:
    """Draw what the lowest value does (pale) and what the highest does (full)."""
    span = _Span(min(low, 0), max(high, 0))
    zero = span.at(0)
    shapes = "".join(
        _rect(look, min(zero, span.at(value)), abs(span.at(value) - zero), top, 8)
        for look, value, top in (("soft", first, 0), ("strong", last, 8))
    )
    return _strip(16, shapes + _rect("zero", zero - 1, 2, 0, 16))


def spread_bar(quantiles: Sequence[float], low: float, high: float) -> Drawing:
    """Draw five quantiles: a thin bar from first to last, a thick one inside, a mark at the median.

    Parameters
    ----------
    quantiles
        Five numbers in order.
    low, high
        Ends of the scale; zero is put on it.
    """
    span = _Span(min(low, 0), max(high, 0))
    q = [span.at(value) for value in quantiles]
    shapes = _rect("soft", q[0], max(q[4] - q[0], 4), 5, 6)
    shapes += _rect("strong", q[1], max(q[3] - q[1], 4), 1, 14)
    shapes += _rect("median", q[2] - 2, 4, 0, 16)
    return _strip(16, shapes + _rect("zero", span.at(0) - 1, 2, 0, 16))


class _Span:
    def __init__(self, low: float, high: float) -> None:
        self.low, self.scale = low, 996 / (high - low) if high > low else 0.0

    def at(self, value: float) -> float:
        return 2 + (value - self.low) * self.scale


def _rect(look: str, x: float, width: float, y: float, height: float) -> str:
    return (
        f'<rect class="{look}" x="{x:.1f}" y="{y:.0f}" width="{width:.1f}" height="{height:.0f}"/>'
    )


def _strip(height: int, shapes: str) -> Drawing:
    return Drawing(
        f'<svg class="bar" viewBox="0 0 1000 {height}" preserveAspectRatio="none"'
        f' aria-hidden="true" focusable="false">{shapes}</svg>'
    )


@dataclass(frozen=True)
class Point:
    """One point of a curve."""

    x: float
    y: float
    text: str
    """What it says, on hovering and for a reader."""
    open: bool = False
    """Drawn hollow: not proven."""


@dataclass(frozen=True)
class Mark:
    """A point beside the curve, with a label."""

    x: float
    y: float
    label: str


@dataclass(frozen=True)
class Level:
    """A height that is to be reached, as a line across, with a label; empty: none."""

    y: float
    label: str


@dataclass(frozen=True)
class Axis:
    """One axis: what it counts and how its numbers are written."""

    title: str
    write: Write
    whole: bool = True
    """Whether only whole numbers make sense."""
    from_zero: bool = False


def curve(
    points: Sequence[Point],
    x: Axis,
    y: Axis,
    *,
    title: str,
    summary: str,
    mark: Mark | None = None,
    level: Level | None = None,
    band: Sequence[tuple[float, float, float]] = (),
) -> Drawing:
    """Draw points joined by lines on two axes.

    Parameters
    ----------
    points
        At least one, by x.
    x, y
        The axes.
    title, summary
        What the drawing is and says, for those who cannot see it.
    mark
        A point of its own beside the curve.
    level
        A height that is to be reached.
    band
        (x, lowest, highest) around the curve.
    """
    xs = [p.x for p in points] + ([mark.x] if mark else [])
    ys = [p.y for p in points] + ([mark.y] if mark else [])
    ys += [value for _, low, high in band for value in (low, high)]
    ys += [level.y] if level else []
    across = _Scale(xs, LEFT, WIDTH - RIGHT, x)
    up = _Scale(ys, HEIGHT - BOTTOM, TOP, y)
    shapes = _frame(across, up)
    if band:
        there = [f"{across.at(at):.1f},{up.at(high):.1f}" for at, _, high in band]
        back = [f"{across.at(at):.1f},{up.at(low):.1f}" for at, low, _ in reversed(band)]
        shapes += f'<polygon class="band" points="{" ".join(there + back)}"/>'
    line = " ".join(f"{across.at(p.x):.1f},{up.at(p.y):.1f}" for p in points)
    shapes += f'<polyline class="line" points="{line}"/>'
    shapes += "".join(
        f'<circle class="dot{" hollow" if p.open else ""}" cx="{across.at(p.x):.1f}"'
        f' cy="{up.at(p.y):.1f}" r="4.5"><title>{escape(p.text)}</title></circle>'
        for p in points
    )
    if level is not None:
        shapes += _level(level, up)
    if mark is not None:
        shapes += _mark(mark, across, up)
    return Drawing(
        f'<svg class="curve" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img">'
        f"<title>{escape(title)}</title><desc>{escape(summary)}</desc>{shapes}</svg>"
    )


class _Scale:
    """Numbers to places along an axis, from round number to round number."""

    def __init__(self, values: Sequence[float], start: float, end: float, axis: Axis) -> None:
        low, high = min(values), max(values)
        if axis.from_zero:
            low = min(low, 0.0)
        if high == low:
            low, high = (low, high + 1) if axis.from_zero else (low - 1, high + 1)
        self.ticks = _ticks(low, high, whole=axis.whole)
        self.low, self.high = self.ticks[0], self.ticks[-1]
        self.start, self.per = start, (end - start) / (self.high - self.low)
        self.axis = axis

    def at(self, value: float) -> float:
        return self.start + (value - self.low) * self.per


def _ticks(low: float, high: float, *, whole: bool) -> list[float]:
    """Round numbers that enclose a range, at most seven or so."""
    rough = (high - low) / (MOST_TICKS - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    steps = [step * power for step in _ROUND]
    step = next(step for step in steps if step >= rough - 1e-12)
    if whole:
        step = max(1.0, math.ceil(step))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def _frame(across: _Scale, up: _Scale) -> str:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = []
    for tick in up.ticks:
        at = up.at(tick)
        parts.append(f'<path class="grid" d="M{LEFT:.0f} {at:.1f}H{right:.0f}"/>')
        parts.append(
            f'<text x="{LEFT - 8:.0f}" y="{at + 4:.1f}" text-anchor="end">'
            f"{escape(up.axis.write(tick))}</text>"
        )
    for tick in across.ticks:
        at = across.at(tick)
        parts.append(f'<path class="axis" d="M{at:.1f} {bottom:.0f}v5"/>')
        parts.append(
            f'<text x="{at:.1f}" y="{bottom + 18:.0f}" text-anchor="middle">'
            f"{escape(across.axis.write(tick))}</text>"
        )
    parts.append(f'<path class="axis" d="M{LEFT:.0f} {bottom:.0f}H{right:.0f}"/>')
    middle = (LEFT + right) / 2
    parts.append(
        f'<text class="name" x="{middle:.0f}" y="{HEIGHT - 8:.0f}" text-anchor="middle">'
        f"{escape(across.axis.title)}</text>"
    )
    high = (TOP + bottom) / 2
    parts.append(
        f'<text class="name" transform="translate(14 {high:.0f}) rotate(-90)"'
        f' text-anchor="middle">{escape(up.axis.title)}</text>'
    )
    return "".join(parts)


def _level(level: Level, up: _Scale) -> str:
    y = up.at(level.y)
    below = y < TOP + 24
    return (
        f'<path class="level" d="M{LEFT:.0f} {y:.1f}H{WIDTH - RIGHT:.0f}"/>'
        f'<text class="label" x="{LEFT + 8:.0f}" y="{y + (16 if below else -7):.1f}">'
        f"{escape(level.label)}</text>"
    )


def _mark(mark: Mark, across: _Scale, up: _Scale) -> str:
    x, y = across.at(mark.x), up.at(mark.y)
    right = x < WIDTH / 2
    anchor, shift = ("start", 10) if right else ("end", -10)
    below = y < TOP + 24
    return (
        f'<path class="diamond" d="M{x:.1f} {y - 7:.1f}l7 7l-7 7l-7 -7z"/>'
        f'<text class="label" x="{x + shift:.1f}" y="{y + (18 if below else -9):.1f}"'
        f' text-anchor="{anchor}">{escape(mark.label)}</text>'
    )
