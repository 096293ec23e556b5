"""The week as a grid: blocks of time, their text, and where they overlap.

A block is a weekday with a start and an end in minutes after midnight. On the page it reads
``mon-fri 07:00-15:00; sat 09:00-12:00``; Danish weekdays (``man tir ons tor fre lør søn``), a full
stop in the clock time (``16.15``) and ``24:00`` are understood. Blocks never cross midnight: a
night shift is written as two blocks.

For comparisons a set of blocks becomes a row of ``SLOTS`` booleans, one per quarter of an hour.
Blocks are rounded outwards to whole quarters, so an overlap is never missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SLOT_MINUTES = 15
SLOTS_PER_DAY = 24 * 60 // SLOT_MINUTES
SLOTS = 7 * SLOTS_PER_DAY

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS_DANISH = ("man", "tir", "ons", "tor", "fre", "lør", "søn")
_DAY_NUMBER = {
    **{name: day for day, name in enumerate(WEEKDAYS)},
    **{name: day for day, name in enumerate(WEEKDAYS_DANISH)},
    "lor": 5,
    "loer": 5,
    "son": 6,
    "soen": 6,
}
_BLOCK = re.compile(
    r"""\s*([^\W\d]+)\.?(?:\s*-\s*([^\W\d]+)\.?)?\s+
        (\d{1,2})[:.](\d{2})\s*-\s*(\d{1,2})[:.](\d{2})\s*""",
    re.VERBOSE,
)

Slots = npt.NDArray[np.bool_]
"""Shape (SLOTS,) or (n, SLOTS): True where the time is taken."""


class Block(NamedTuple):
    """One stretch of one weekday."""

    day: int
    """Weekday, 0 = Monday ... 6 = Sunday."""
    start: int
    """Minutes after midnight, 0-1439."""
    end: int
    """Minutes after midnight, 1-1440, later than ``start``."""


Week = tuple[Block, ...]
"""Blocks of one week, sorted, not overlapping."""


@lru_cache(maxsize=65536)
def parse_week(text: str) -> Week:
    """Read blocks from text; overlapping and touching blocks are merged.

    Raises
    ------
    ValueError
        The text is not a list of blocks; the message says which part and what was expected.
    """
    minutes: list[Block] = []
    for part in re.split(r"[;,\n]", text):
        if not part.strip():
            continue
        found = _BLOCK.fullmatch(part.lower())
        if found is None:
            raise ValueError(
                f"'{part.strip()}' is not a block of time; expected e.g. 'mon-fri 07:00-15:00'"
            )
        first, last, *clock = found.groups()
        days = [_day_number(first), _day_number(last or first)]
        start_hour, start_minute, end_hour, end_minute = (int(number) for number in clock)
        start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
        if start_minute > 59 or end_minute > 59 or not 0 <= start < end <= 1440:
            raise ValueError(
                f"'{part.strip()}': the end must come after the start, within 00:00-24:00"
                " (write a night shift as two blocks)"
            )
        if days[1] < days[0]:
            raise ValueError(f"'{part.strip()}': the days must run forward from Monday to Sunday")
        minutes += [Block(day, start, end) for day in range(days[0], days[1] + 1)]
    return _merged(minutes)


def week_text(week: Iterable[Block]) -> str:
    """Write blocks as canonical text, equal for equal weeks; days with like hours share a part."""
    by_clock: dict[tuple[int, int], list[int]] = {}
    for block in week:
        by_clock.setdefault((block.start, block.end), []).append(block.day)
    parts: list[tuple[int, int, str]] = []
    for (start, end), days in by_clock.items():
        for first, last in _runs(sorted(days)):
            name = WEEKDAYS[first] if first == last else f"{WEEKDAYS[first]}-{WEEKDAYS[last]}"
            parts.append((first, start, f"{name} {_clock(start)}-{_clock(end)}"))
    return "; ".join(text for _, _, text in sorted(parts))


def week_minutes(week: Iterable[Block]) -> int:
    """Length of all blocks together, in minutes a week."""
    return sum(block.end - block.start for block in week)


def week_days(week: Iterable[Block]) -> int:
    """Count the weekdays that have at least one block."""
    return len({block.day for block in week})


def shift_starts(week: Iterable[Block]) -> tuple[int, ...]:
    """Minutes after midnight at which work begins, without the second halves of night shifts.

    A block from midnight continues one that ran to midnight the day before.
    """
    blocks = tuple(week)
    to_midnight = {block.day for block in blocks if block.end == 1440}
    return tuple(
        block.start
        for block in blocks
        if not (block.start == 0 and (block.day - 1) % 7 in to_midnight)
    )


def slots(week: Iterable[Block]) -> Slots:
    """Lay blocks on the grid of quarters; shape (SLOTS,)."""
    grid = np.zeros(SLOTS, dtype=np.bool_)
    for day, start, end in week:
        first = day * SLOTS_PER_DAY + start // SLOT_MINUTES
        grid[first : day * SLOTS_PER_DAY + -(-end // SLOT_MINUTES)] = True
    return grid


def slots_of(weeks: Sequence[Week]) -> Slots:
    """Lay many weeks on the grid; shape (len(weeks), SLOTS)."""
    if not weeks:
        return np.zeros((0, SLOTS), dtype=np.bool_)
    return np.stack([slots(week) for week in weeks])


def widened(grid: Slots, minutes: int) -> Slots:
    """Grow each taken stretch by ``minutes`` (rounded up to quarters) on both sides.

    Growth stops at midnight: nobody is thought to travel on the day before.

    Parameters
    ----------
    grid
        Shape (n, SLOTS).
    minutes
        At least 0.
    """
    by_day = grid.reshape(-1, 7, SLOTS_PER_DAY)
    grown = by_day.copy()
    for step in range(1, -(-minutes // SLOT_MINUTES) + 1):
        grown[:, :, step:] |= by_day[:, :, :-step]
        grown[:, :, :-step] |= by_day[:, :, step:]
    return grown.reshape(grid.shape)


def _day_number(name: str) -> int:
    number = _DAY_NUMBER.get(name, _DAY_NUMBER.get(name[:3]))
    if number is None:
        raise ValueError(f"'{name}' is not a weekday; expected one of {', '.join(WEEKDAYS)}")
    return number


def _merged(blocks: list[Block]) -> Week:
    merged: list[Block] = []
    for block in sorted(blocks):
        if merged and merged[-1].day == block.day and block.start <= merged[-1].end:
            merged[-1] = merged[-1]._replace(end=max(merged[-1].end, block.end))
        else:
            merged.append(block)
    return tuple(merged)


def _runs(days: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for day in days:
        if runs and day == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
