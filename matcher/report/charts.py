"""Drawings as inline SVG: bars that stretch with their cell, and the map of the districts.

Shapes are SVG, never background colours, so that they print. Bars carry no text: the number stands
beside them in the table they are part of.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 440.0
"""Width of a map in its own units."""
MARGIN = 40.0
LARGEST = 34.0
"""Radius of the largest circle."""
LETTER = 6.6
"""Mean width of a letter in a map's label."""
LINE = 15.0
MOST_LABELS = 12
ALWAYS_NAMED = 5
"""The largest places are named wherever no other name is."""
KM_PER_DEGREE = 111.2


class Drawing(str):
    """Finished markup: a template puts it in as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return the markup itself."""
        return str(self)


@dataclass(frozen=True)
class BarPart:
    """One part of a bar."""

    size: float
    look: str
    """Class of the shape, which gives it its colour."""


def bar(parts: Sequence[BarPart], full: float) -> Drawing:
    """Draw parts one after the other on a scale that ends at ``full``; hidden from readers."""
    return _strip(parts, full, 12)


def strip(
    parts: Sequence[BarPart], full: float, marks: Sequence[tuple[float, str]] = ()
) -> Drawing:
    """Draw a tall bar, with marks across it at some values."""
    return _strip(parts, full, 40, marks)


def _strip(
    parts: Sequence[BarPart], full: float, height: int, marks: Sequence[tuple[float, str]] = ()
) -> Drawing:
    shapes = [f'<rect class="track" width="1000" height="{height}"/>']
    at = 0.0
    scale = 1000 / full if full > 0 else 0.0
    for part in parts:
        width = min(part.size * scale, 1000 - at)
        if width > 0:
            shapes.append(
                f'<rect class="{part.look}" x="{at:.1f}" width="{width:.1f}" height="{height}"/>'
            )
        at += max(width, 0.0)
    for value, look in marks:
        x = min(max(value * scale, 2), 998)
        shapes.append(f'<rect class="{look}" x="{x - 2:.1f}" width="4" height="{height}"/>')
    return Drawing(
        f'<svg class="bar" viewBox="0 0 1000 {height}" preserveAspectRatio="none"'
        f' aria-hidden="true" focusable="false">{"".join(shapes)}</svg>'
    )


@dataclass(frozen=True)
class Spot:
    """One place on a map."""

    name: str
    latitude: float
    longitude: float
    whole: int
    """What the outer circle counts."""
    part: int
    """What the inner circle counts, at most ``whole``."""
    text: str
    """What the circle says, for a reader and on hovering."""


def district_map(spots: Sequence[Spot], title: str, summary: str) -> Drawing:
    """Draw a circle per place, its area the number; the largest are named.

    Parameters
    ----------
    spots
        Places; those with nothing to count are left out by the caller.
    title, summary
        What the drawing is and says, for those who cannot see it.
    """
    frame = _Frame(spots)
    most = max((spot.whole for spot in spots), default=0)
    circles, placed = [], []
    ordered = sorted(spots, key=lambda spot: (-spot.whole, spot.name))
    for spot in ordered:
        x, y = frame.at(spot)
        outer, inner = _radius(spot.whole, most), _radius(spot.part, most)
        placed.append((spot, x, y, outer))
        circles.append(
            f"<g><title>{escape(spot.text)}</title>"
            f'<circle class="whole" cx="{x:.1f}" cy="{y:.1f}" r="{outer:.1f}"/>'
            + (f'<circle class="part" cx="{x:.1f}" cy="{y:.1f}" r="{inner:.1f}"/>' if inner else "")
            + "</g>"
        )
    return Drawing(
        f'<svg class="map" viewBox="0 0 {WIDTH:.0f} {frame.height:.0f}" role="img">'
        f"<title>{escape(title)}</title><desc>{escape(summary)}</desc>"
        f'<rect class="ground" width="{WIDTH:.0f}" height="{frame.height:.0f}" rx="6"/>'
        f"{''.join(circles)}{_labels(placed, frame)}{_scale(frame)}</svg>"
    )


class _Frame:
    """Where a place lies in the drawing: the map is as wide as it is far, north is up."""

    def __init__(self, spots: Sequence[Spot]) -> None:
        latitudes = [spot.latitude for spot in spots] or [56.0]
        longitudes = [spot.longitude for spot in spots] or [10.0]
        self.north, self.west = max(latitudes), min(longitudes)
        middle = math.radians((max(latitudes) + min(latitudes)) / 2)
        self.shrink = math.cos(middle)
        wide = max((max(longitudes) - self.west) * self.shrink, 0.02)
        high = max(self.north - min(latitudes), 0.02)
        inner = WIDTH - 2 * MARGIN
        self.scale = min(inner / wide, 480.0 / high)
        self.left = (WIDTH - (max(longitudes) - self.west) * self.shrink * self.scale) / 2
        self.height = (self.north - min(latitudes)) * self.scale + 2 * MARGIN + 14

    def at(self, spot: Spot) -> tuple[float, float]:
        return (
            self.left + (spot.longitude - self.west) * self.shrink * self.scale,
            MARGIN + (self.north - spot.latitude) * self.scale,
        )


def _radius(count: int, most: int) -> float:
    return max(LARGEST * math.sqrt(count / most), 2.0) if count and most else 0.0


Box = tuple[float, float, float, float]
Place = tuple[float, float, str, Box]
"""Where a label stands: x, y, anchor, what it covers."""


def _labels(placed: Sequence[tuple[Spot, float, float, float]], frame: _Frame) -> str:
    """Name the largest places, beside, above or below their circle, where no label is yet."""
    taken: list[Box] = [(0, frame.height - 24, 130, frame.height)]
    discs = [(x - r * 0.95, y - r * 0.95, x + r * 0.95, y + r * 0.95) for _, x, y, r in placed]
    texts: list[str] = []
    for at, (spot, x, y, radius) in enumerate(placed):
        if len(texts) == MOST_LABELS:
            break
        label = f"{spot.name} {spot.whole}"
        options = [
            option
            for option in _label_places(x, y, radius, len(label) * LETTER)
            if _inside(option[3], frame) and not _hits(option[3], taken)
        ]
        others = discs[:at] + discs[at + 1 :]
        free = [option for option in options if not _hits(option[3], others)]
        # The largest are named even where the name crosses a circle: it has a halo.
        chosen = free or (options if at < ALWAYS_NAMED else [])
        if chosen:
            left, base, anchor, box = chosen[0]
            taken.append(box)
            texts.append(
                f'<text x="{left:.1f}" y="{base:.1f}" text-anchor="{anchor}">{escape(label)}</text>'
            )
    return "".join(texts)


def _label_places(x: float, y: float, radius: float, width: float) -> list[Place]:
    """Where a label may stand: right, left, above, below, then the corners."""
    gap, corner = radius + 4, radius * 0.72 + 3
    return [
        (x + gap, y + 4, "start", (x + gap, y - 8, x + gap + width, y + 7)),
        (x - gap, y + 4, "end", (x - gap - width, y - 8, x - gap, y + 7)),
        (x, y - gap - 2, "middle", (x - width / 2, y - gap - LINE, x + width / 2, y - gap + 1)),
        (x, y + gap + 10, "middle", (x - width / 2, y + gap - 2, x + width / 2, y + gap + LINE)),
        *(
            (
                x + side * corner,
                y + down,
                anchor,
                (min(x + side * corner, x + side * (corner + width)), y + down - 12,
                 max(x + side * corner, x + side * (corner + width)), y + down + 3),
            )
            for side, anchor in ((1, "start"), (-1, "end"))
            for down in (-corner, corner + 9)
        ),
    ]  # fmt: skip


def _inside(box: Box, frame: _Frame) -> bool:
    return box[0] > 2 and box[2] < WIDTH - 2 and box[1] > 2 and box[3] < frame.height - 2


def _hits(box: Box, others: Sequence[Box]) -> bool:
    return any(_overlap(box, other) for other in others)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _scale(frame: _Frame) -> str:
    """Draw a bar of a round number of kilometres."""
    per_km = frame.scale / KM_PER_DEGREE
    kilometres = next((km for km in (100, 50, 20, 10, 5, 2, 1) if km * per_km < WIDTH / 4), 1)
    y, end = frame.height - 10, 12 + kilometres * per_km
    return (
        f'<path class="scale" d="M12 {y - 4:.1f}V{y:.1f}H{end:.1f}V{y - 4:.1f}"/>'
        f'<text class="small" x="{end + 5:.1f}" y="{y:.1f}">{kilometres} km</text>'
    )
