"""The week as a grid: blocks of time, their text, and where they overlap.

A block is a weekday with a start and an end in minutes after midnight. On the page it reads
``mon-fri 07:00-15:00; sat 09:00-12:00``; it is also understood as people write it: Danish weekdays,
short or whole (``man tir ons tor fre lør søn``, ``mandag``), ``16.15``, ``8-13``, ``kl. 8 til 13``,
``man, tir og ons 8-13``, ``man 8-12 og 13-15``, any dash, ``24:00``. Blocks never cross midnight: a
night shift is written as two blocks.

For comparisons a set of blocks becomes a row of ``SLOTS`` booleans, one per quarter of an hour.
Blocks are rounded outwards to whole quarters, so an overlap is never missed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SLOT_MINUTES = 15
SLOTS_PER_DAY = 24 * 60 // SLOT_MINUTES
SLOTS = 7 * SLOTS_PER_DAY

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS_DANISH = ("man", "tir", "ons", "tor", "fre", "lør", "søn")
_WHOLE_NAMES = (
    ("monday", "mandag"),
    ("tuesday", "tirsdag"),
    ("wednesday", "onsdag"),
    ("thursday", "torsdag"),
    ("friday", "fredag"),
    ("saturday", "lordag", "loerdag"),
    ("sunday", "sondag", "soendag"),
)
_DAY_NUMBER = {
    name[:length]: day
    for day, names in enumerate(_WHOLE_NAMES)
    for name in (f"{one}{ending}" for one in names for ending in "es")
    for length in range(3, len(name) + 1)
}
"""Beginnings of a weekday's name from three letters on, and its plural; no two days share one."""
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<clock>\d{1,2}(?:[:.]\d{2}(?:[:.]00)?)?(?![\d:.]\d)|\d{4})(?!\d)
        |(?P<word>[^\W\d_]+)\.?(?::(?=\s))?
        |(?P<sign>[-,+&])
    )""",
    re.VERBOSE,
)
_DASHES = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", "")
)
"""Dashes of every length are one; what cannot be seen is nothing."""
_SAID = {
    "no_block": "'{part}' is not a block of time; expected e.g. 'mon-fri 07:00-15:00'",
    "end_first": "'{part}': the end must come after the start, within 00:00-24:00"
    " (write a night shift as two blocks)",
    "days_backward": "'{part}': the days must run forward from Monday to Sunday",
    "no_weekday": f"'{{part}}' is not a weekday; expected one of {', '.join(WEEKDAYS)}",
}


class BlockError(ValueError):
    """A text that is no block of time; ``kind`` says what is wrong, ``part`` where."""

    def __init__(self, kind: str, part: str) -> None:
        super().__init__(_SAID[kind].format(part=part))
        self.kind, self.part = kind, part


_UNTIL = {"-", "til", "to", "until"}
_AND = {",", "+", "&", "og", "and", "samt"}
_SILENT = {"kl", "klokken", "fra", "from", "at"}

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
    blocks: list[Block] = []
    for part in re.split(r"[;\n]", text):
        tokens = _tokens(part)
        if tokens is None or not _looks_whole(tokens):
            raise BlockError("no_block", part.strip())
        for days, clocks in _items(tokens):
            blocks += _blocks(part.strip(), days, clocks)
    return _merged(blocks)


def _tokens(part: str) -> list[str] | None:
    """Split a part into days (letters), clock times (digits), ``-`` and ``,``; None: it holds more.

    Words between them are brought to these signs, or left out where they say nothing.
    """
    plain = unicodedata.normalize("NFKC", part.translate(_DASHES)).translate(_DASHES).lower()
    tokens: list[str] = []
    at = 0
    plain = plain.strip()
    while at < len(plain):
        found = _TOKEN.match(plain, at)
        if found is None:
            return None
        at = found.end()
        word = found[found.lastgroup or 0]
        if word in _UNTIL:
            tokens.append("-")
        elif word in _AND:
            tokens.append(",")
        elif word not in _SILENT:
            tokens.append(word)
    while tokens and tokens[-1] == ",":
        tokens.pop()
    while tokens and tokens[0] == ",":
        tokens.pop(0)
    return tokens


_DAYS = r"d(?:-d)?(?:,d(?:-d)?)*"
_CLOCKS = r"c-c(?:,c-c)*"
_SHAPE = re.compile(rf"(?:{_DAYS}{_CLOCKS},?)*")
_ITEM = re.compile(rf"({_DAYS})({_CLOCKS}),?")


def _shape(tokens: list[str]) -> str:
    """One letter a token: ``d`` a day, ``c`` a clock time, or the sign itself."""
    return "".join(
        "c" if token[0].isdigit() else token if token in {"-", ","} else "d" for token in tokens
    )


def _looks_whole(tokens: list[str]) -> bool:
    return _SHAPE.fullmatch(_shape(tokens)) is not None


def _items(tokens: list[str]) -> Iterator[tuple[list[list[str]], list[list[str]]]]:
    """Pairs of days and the clock times that hold on them, each as one or two tokens."""
    for found in _ITEM.finditer(_shape(tokens)):
        yield _listed(tokens[slice(*found.span(1))]), _listed(tokens[slice(*found.span(2))])


def _listed(tokens: list[str]) -> list[list[str]]:
    lists: list[list[str]] = [[]]
    for token in tokens:
        if token == ",":
            lists.append([])
        elif token != "-":
            lists[-1].append(token)
    return lists


def _blocks(part: str, days: list[list[str]], clocks: list[list[str]]) -> Iterator[Block]:
    ranges = [(_day_number(names[0]), _day_number(names[-1])) for names in days]
    for clock in clocks:
        start, end = (_minutes(text) for text in clock)
        if start is None or end is None or not 0 <= start < end <= 1440:
            raise BlockError("end_first", part)
        for first, last in ranges:
            if last < first:
                raise BlockError("days_backward", part)
            yield from (Block(day, start, end) for day in range(first, last + 1))


def _minutes(clock: str) -> int | None:
    """Minutes after midnight of ``8``, ``8.30``, ``08:30`` or ``0830``; None: no such time."""
    hour, minute = (clock[:2], clock[2:]) if len(clock) == 4 and clock.isdigit() else _parts(clock)
    return None if int(minute) > 59 else int(hour) * 60 + int(minute)


def _parts(clock: str) -> tuple[str, str]:
    hour, *rest = re.split("[:.]", clock)
    return hour, rest[0] if rest else "0"


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


def shift_days(week: Iterable[Block]) -> tuple[int, ...]:
    """Weekdays on which work begins, sorted: a night shift belongs to the day it begins on.

    Work round the clock begins on every day that has a block.
    """
    blocks = tuple(week)
    to_midnight = {block.day for block in blocks if block.end == 1440}
    begun = {
        block.day
        for block in blocks
        if not (block.start == 0 and (block.day - 1) % 7 in to_midnight)
    }
    return tuple(sorted(begun or {block.day for block in blocks}))


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
    number = _DAY_NUMBER.get(name.replace("ø", "o"))
    if number is None:
        raise BlockError("no_weekday", name)
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
