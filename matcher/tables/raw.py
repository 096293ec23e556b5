"""A table as it was found, before anything is believed: text, column by column.

Every format ends here. Cells are text (typed cells are written out in one plain way) and each
column is kept as its distinct texts and a code per row: a week's table has far fewer distinct
texts than cells, so conversion and checks cost little and a large file needs little memory.
"""

from __future__ import annotations

import datetime as dt
import decimal
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, islice
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from matcher.tables.issues import IssueCode

_CHUNK = 4096
NOT_SPLIT = -1
"""Stands for the number of cells where a row could not be split into cells."""


@dataclass(frozen=True)
class RawColumn:
    """One column: distinct texts, and for each row the position of its text."""

    header: str
    texts: tuple[str, ...]
    codes: npt.NDArray[np.int32]
    field: str | None = None
    """Field that a mapping says it is; None: its header says it."""
    theirs: tuple[str, ...] = ()
    """The texts as they stand in the file, where a mapping has changed them."""
    place: int = -1
    """Its position in the file; -1: the position here, -2: it is from another table."""


@dataclass(frozen=True)
class Remark:
    """Something about a table that people should know, though it is read."""

    code: IssueCode
    value: str
    advice: str = ""


@dataclass(frozen=True)
class RawTable:
    """One table as found; rows without any text are left out."""

    name: str
    """Name of the file without its ending, of the sheet, or of the database table."""
    source: str
    """How the user knows it, e.g. ``citizens.csv``."""
    columns: tuple[RawColumn, ...]
    rows: npt.NDArray[np.int64]
    """Row number of each row as the user sees it."""
    ragged: tuple[tuple[int, int], ...] = ()
    """Rows with too few or too many cells: row number and cells found, or ``NOT_SPLIT``.

    Not in ``columns``.
    """
    serial_zero: dt.date | None = None
    """Day 0 where a plain number in a date column is a spreadsheet's day count; None: it is not."""
    facts: dict[str, str] = field(default_factory=dict)
    """How it was read, e.g. encoding and separator."""
    remarks: tuple[Remark, ...] = ()
    mapped: bool = False
    """Whether a mapping has made it."""


class Unread(str):
    """Text of a cell that holds no value: says what it holds instead, e.g. ``#N/A``.

    Such a cell is not empty: its row is kept, and put aside where the column is one of the table.
    """

    message: str
    """What it says, as a message where it is one."""

    def __new__(cls, text: str) -> Self:
        """Make a text of it."""
        made = str.__new__(cls, text)
        made.message = text
        return made


class Typed(str):
    """Text of a cell that was a number or a moment, not a text: what it means is certain."""

    __slots__ = ()


class UnreadableError(Exception):
    """A source that cannot be read as a table; the text says why, ``advice`` what to try."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason, advice)
        self.reason = reason
        self.advice = advice


def encoded(
    rows: Iterable[Sequence[str] | None],
    headers: Sequence[str],
    first_row: int,
    short: frozenset[int] = frozenset(),
) -> tuple[tuple[RawColumn, ...], npt.NDArray[np.int64], tuple[tuple[int, int], ...]]:
    """Split rows of text into encoded columns.

    Parameters
    ----------
    rows
        Rows below the header; None for one that could not be split into cells.
    headers
        Column names; a row that has cells without a column, or columns without a cell, is ragged,
        unless all of these are blank.
    first_row
        Row number of the first of ``rows``.
    short
        Numbers of cells of rows whose last cells were left out because they are empty.
    """
    blank_from = max((at + 1 for at, header in enumerate(headers) if header), default=0)
    fits = short | set(range(blank_from, len(headers)))
    known: list[defaultdict[str, int]] = [defaultdict(count().__next__) for _ in headers]
    codes: list[list[npt.NDArray[np.int32]]] = [[] for _ in headers]
    numbers: list[int] = []
    ragged: list[tuple[int, int]] = []
    numbered = enumerate(rows, start=first_row)
    while chunk := _full_rows(numbered, len(headers), fits, numbers, ragged):
        for position, column in enumerate(zip(*chunk, strict=True)):
            look_up = known[position].__getitem__
            codes[position].append(np.fromiter(map(look_up, column), np.int32, len(chunk)))
    empty = np.zeros(0, dtype=np.int32)
    columns = tuple(
        RawColumn(header, tuple(known[position]), np.concatenate([empty, *codes[position]]))
        for position, header in enumerate(headers)
    )
    return columns, np.array(numbers, dtype=np.int64), tuple(ragged)


def _full_rows(
    numbered: Iterator[tuple[int, Sequence[str] | None]],
    width: int,
    fits: frozenset[int],
    numbers: list[int],
    ragged: list[tuple[int, int]],
) -> list[Sequence[str]]:
    """Take the next rows that hold text and have the right width; empty at the end."""
    while True:
        taken = list(islice(numbered, _CHUNK))
        full: list[Sequence[str]] = []
        for number, row in taken:
            if row is None:
                ragged.append((number, NOT_SPLIT))
            elif not any(map(str.strip, row)):
                continue
            elif len(row) == width:
                full.append(row)
                numbers.append(number)
            elif (fitted := _fitted(row, width, fits)) is not None:
                full.append(fitted)
                numbers.append(number)
            else:
                ragged.append((number, len(row)))
        if full or not taken:
            return full


def _fitted(row: Sequence[str], width: int, fits: frozenset[int]) -> Sequence[str] | None:
    """Bring a row to the width where only blank or left-out cells differ; else None."""
    if len(row) > width:
        return None if any(map(str.strip, row[width:])) else row[:width]
    return [*row, *[""] * (width - len(row))] if len(row) in fits else None


def without_blank(table: RawTable) -> RawTable:
    """Leave out rows in which every cell is empty."""
    filled = np.zeros(len(table.rows), dtype=np.bool_)
    for column in table.columns:
        has_text = np.array([bool(text.strip()) for text in column.texts], dtype=np.bool_)
        if len(has_text):
            filled |= has_text[column.codes]
    if filled.all():
        return table
    columns = tuple(replace(column, codes=column.codes[filled]) for column in table.columns)
    return replace(table, columns=columns, rows=table.rows[filled])


def cell_text(value: Any) -> str:
    """Write a typed cell as text, in one plain way whatever the format.

    A whole number in decimal clothes (``8000.0``) becomes ``8000``; a date at midnight loses the
    clock; a moment keeps its zone; a length of time becomes ``7:24:00``; a list is joined by
    semicolons; nothing is the empty text. Numbers and moments are :class:`Typed`.
    """
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, np.datetime64):
        return moment_text(value)
    if isinstance(value, np.timedelta64):
        return "" if np.isnat(value) else cell_text(value.astype("timedelta64[us]").item())
    if isinstance(value, np.floating):  # its own digits: half precision is not 7.3999
        return _number_text(float(str(value)))
    if isinstance(value, np.generic):
        return cell_text(value.item())
    if isinstance(value, list | tuple | set | np.ndarray):
        return ";".join(cell_text(part) for part in value)
    for kind in (str, dt.datetime, dt.date, dt.timedelta, decimal.Decimal):
        if isinstance(value, kind) and value == value:
            return _WRITERS[kind](value)
    return "" if type(value).__name__ in _MISSING else str(value)


def moment_text(value: np.datetime64, zone: str = "") -> str:
    """Write a moment; ``zone`` is written behind it, empty for a clock on the wall."""
    if np.isnat(value):
        return ""
    second = np.clip(value.astype("datetime64[s]"), _CALENDAR[0], _CALENDAR[1])
    day = second.astype("datetime64[D]")
    if not zone and second == day:
        return Typed(np.datetime_as_string(day))
    return Typed(f"{np.datetime_as_string(second)}{zone}")


_CALENDAR = (np.datetime64("0001-01-01T00:00:00"), np.datetime64("9999-12-31T23:59:59"))
"""Moments outside the calendar of Python are its first and its last."""
_MISSING = {"NAType", "NaTType"}
"""How packages name the types of what is missing."""


def _number_text(value: float) -> str:
    if value != value:  # NaN
        return ""
    if value.is_integer() and abs(value) < _EXACT:
        return Typed(int(value))
    return Typed(_certain(repr(value)))


_EXACT = 2**53
"""Whole numbers from here on have lost digits as floats, and say so by their exponent."""


def _certain(number: str) -> str:
    """Write exactly three decimals with a fourth: ``2.375`` might be thousands."""
    _, mark, part = number.partition(".")
    return f"{number}0" if mark and len(part) == 3 and part.isdecimal() else number


def _decimal_text(value: decimal.Decimal) -> str:
    if not value.is_finite():
        return ""
    if value == value.to_integral_value():
        return Typed(int(value))
    return Typed(_certain(format(value, "f").rstrip("0")))


def _moment_text(value: dt.datetime) -> str:
    if value.tzinfo is None and value.time() == dt.time(0):
        return Typed(value.date().isoformat())
    return Typed(value.isoformat(" ", "seconds"))


def _length_text(value: dt.timedelta) -> str:
    seconds = round(value.total_seconds())
    sign, seconds = "-" if seconds < 0 else "", abs(seconds)
    return Typed(f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}")


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: str,
    Unread: lambda value: value,
    type(None): lambda _: "",
    bool: lambda value: "yes" if value else "no",
    int: lambda value: Typed(value),
    float: _number_text,
    decimal.Decimal: _decimal_text,
    dt.datetime: _moment_text,
    dt.date: lambda value: Typed(value.isoformat()),
    dt.timedelta: _length_text,
    dt.time: lambda value: Typed(value.isoformat("seconds")),
}
