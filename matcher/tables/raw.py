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
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.tables.issues import IssueCode

_CHUNK = 4096


@dataclass(frozen=True)
class RawColumn:
    """One column: distinct texts, and for each row the position of its text."""

    header: str
    texts: tuple[str, ...]
    codes: npt.NDArray[np.int32]


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
    """Rows with too few or too many cells: row number and cells found. Not in ``columns``."""
    serial_zero: dt.date | None = None
    """Day 0 where a plain number in a date column is a spreadsheet's day count; None: it is not."""
    facts: dict[str, str] = field(default_factory=dict)
    """How it was read, e.g. encoding and separator."""
    remarks: tuple[Remark, ...] = ()


class Unread(str):
    """Text of a cell that holds no value: says what it holds instead, e.g. ``#N/A``.

    Such a cell is not empty: its row is kept, and put aside where the column is one of the table.
    """

    __slots__ = ()


class UnreadableError(Exception):
    """A source that cannot be read as a table; the text says why, ``advice`` what to try."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason, advice)
        self.reason = reason
        self.advice = advice


def encoded(
    rows: Iterable[Sequence[str]], headers: Sequence[str], first_row: int
) -> tuple[tuple[RawColumn, ...], npt.NDArray[np.int64], tuple[tuple[int, int], ...]]:
    """Split rows of text into encoded columns.

    Parameters
    ----------
    rows
        Rows below the header.
    headers
        Column names; rows with another number of cells are ragged.
    first_row
        Row number of the first of ``rows``.
    """
    width = len(headers)
    known: list[defaultdict[str, int]] = [defaultdict(count().__next__) for _ in headers]
    codes: list[list[npt.NDArray[np.int32]]] = [[] for _ in headers]
    numbers: list[int] = []
    ragged: list[tuple[int, int]] = []
    numbered = enumerate(rows, start=first_row)
    while chunk := _full_rows(numbered, width, numbers, ragged):
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
    numbered: Iterator[tuple[int, Sequence[str]]],
    width: int,
    numbers: list[int],
    ragged: list[tuple[int, int]],
) -> list[Sequence[str]]:
    """Take the next rows that hold text and have the right width; empty at the end."""
    while True:
        taken = list(islice(numbered, _CHUNK))
        full: list[Sequence[str]] = []
        for number, row in taken:
            if not any(row):
                continue
            if len(row) == width:
                full.append(row)
                numbers.append(number)
            else:
                ragged.append((number, len(row)))
        if full or not taken:
            return full


def cell_text(value: Any) -> str:
    """Write a typed cell as text, in one plain way whatever the format.

    A whole number in decimal clothes (``8000.0``) becomes ``8000``; a date at midnight loses the
    clock; a list is joined by semicolons; nothing is the empty text.
    """
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, np.generic):
        return cell_text(value.item())
    if isinstance(value, list | tuple | np.ndarray):
        return ";".join(cell_text(part) for part in value)
    return str(value)


def _number_text(value: float) -> str:
    if value != value:  # NaN
        return ""
    return str(int(value)) if value.is_integer() else repr(value)


def _decimal_text(value: decimal.Decimal) -> str:
    if not value.is_finite():
        return ""
    return str(int(value)) if value == value.to_integral_value() else format(value, "f")


def _moment_text(value: dt.datetime) -> str:
    at_midnight = value.time() == dt.time(0)
    return value.date().isoformat() if at_midnight else value.isoformat(" ")


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: str,
    type(None): lambda _: "",
    bool: lambda value: "yes" if value else "no",
    int: str,
    float: _number_text,
    decimal.Decimal: _decimal_text,
    dt.datetime: _moment_text,
    dt.date: dt.date.isoformat,
}
