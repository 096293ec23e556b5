"""Where a table begins in a file or a sheet, and which of its lines are rows.

The header is the first line with text, or the one line among the first few that names columns of
the table: what stands above it (a title, a date) is left out, and that is said. A header over two
rows is no header: it is pointed out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.tables.encoding import Meaning
from matcher.tables.issues import IssueCode
from matcher.tables.raw import RawColumn, Remark, UnreadableError, encoded
from matcher.texts import Message

LOOKED_AT = 10
"""Lines with text among which the header is looked for."""
Row = Sequence[str] | None
"""Cells of a row; None where it could not be split into cells."""


@dataclass(frozen=True)
class Layout:
    """A table, found in its lines."""

    columns: tuple[RawColumn, ...]
    rows: npt.NDArray[np.int64]
    ragged: tuple[tuple[int, int], ...]
    remarks: tuple[Remark, ...]


def ends_early(table: Layout) -> frozenset[int]:
    """Numbers of cells that so many rows have that a writer must have left out empty cells.

    Half of the rows, or a block of them: Excel leaves them out in blocks of sixteen rows.
    """
    by_cells: dict[int, list[int]] = {}
    for number, cells in table.ragged:
        if 1 < cells < len(table.columns):
            by_cells.setdefault(cells, []).append(number)
    rows = len(table.rows) + len(table.ragged)
    return frozenset(
        cells
        for cells, numbers in by_cells.items()
        if len(numbers) * 2 >= rows > 1 or _longest_run(numbers) >= _BLOCK
    )


_BLOCK = 16


def _longest_run(numbers: Sequence[int]) -> int:
    gaps = [at for at in range(1, len(numbers)) if numbers[at] != numbers[at - 1] + 1]
    edges = [0, *gaps, len(numbers)]
    return max(last - first for first, last in itertools.pairwise(edges))


def named_in(row: Sequence[str], meaning: Meaning | None) -> int:
    """Cells of a row that name columns of the table."""
    return 0 if meaning is None else sum(1 for cell in row if cell.strip() and meaning(cell))


def lay_out(
    rows: Iterator[Row],
    meaning: Meaning | None,
    *,
    first_row: int = 1,
    short: frozenset[int] = frozenset(),
) -> Layout:
    """Find the header and take the rows below it.

    Parameters
    ----------
    rows
        All lines, from the first on.
    meaning
        Which column names the table has; None: the first line with text is the header.
    first_row
        Number of the first line, as the user counts.
    short
        Numbers of cells of rows that end early, their last cells being empty.

    Raises
    ------
    UnreadableError
        There is no text, or the header cannot be told.
    """
    begun: list[tuple[int, Sequence[str]]] = []
    """Lines with text that were looked at."""
    taken: list[tuple[int, Row]] = []
    for number, row in enumerate(rows, start=first_row):
        taken.append((number, row))
        if row is not None and any(map(str.strip, row)):
            begun.append((number, row))
        elif row is None and not begun:
            raise UnreadableError(
                Message("unreadable.quotation_in_header", line=number),
                Message("advice.not_closed"),
            )
        if len(begun) > LOOKED_AT:
            break
    if not begun:
        raise UnreadableError(Message("unreadable.no_text"), Message("advice.extract_again"))
    at = _header_at([row for _, row in begun[:LOOKED_AT]], meaning)
    number, header = begun[at]
    remarks = []
    if at:
        above = [str(line) for line, _ in begun[:at]]
        remarks.append(
            Remark(IssueCode.HEADER_LINES, Message("found.above_header", lines=above), ABOVE)
        )
    skip = set()
    if at + 1 < len(begun) and meaning is not None:
        below, second = begun[at + 1]
        if _again(header, second, meaning):
            skip.add(below)
            again = Message("found.names_again", line=below)
            remarks.append(Remark(IssueCode.HEADER_LINES, again, ABOVE))
        else:
            _refuse_two_rows(number, header, below, second, meaning)
    names = [cell.strip() for cell in header]
    rest = [() if line in skip else row for line, row in taken if line > number]
    columns, numbers, ragged = encoded(itertools.chain(rest, rows), names, number + 1, short)
    return Layout(columns, numbers, ragged, tuple(remarks))


ABOVE = Message("advice.first_line")


def _header_at(lines: Sequence[Sequence[str]], meaning: Meaning | None) -> int:
    """Position of the header among the first lines with text."""
    named = [named_in(row, meaning) for row in lines]
    best = max(named)
    at = named.index(best)
    if best < 2 or best <= 2 * named[0] or named.count(best) > 1:
        return 0
    for above, row in enumerate(lines[:at]):
        if named[above]:
            raise _two_rows(Message("found.lines_of_text", first=above + 1, second=at + 1), row[0])
    return at


def _again(header: Sequence[str], second: Sequence[str], meaning: Meaning) -> bool:
    """Whether a row names the columns of the header once more, e.g. in the other language."""
    pairs = [
        (meaning(above), meaning(below))
        for above, below in zip(header, second, strict=False)
        if below.strip()
    ]
    same = sum(1 for above, below in pairs if below is not None and above == below)
    return same >= 2 and same * 2 > len(pairs)


def _refuse_two_rows(
    number: int, header: Sequence[str], below: int, second: Sequence[str], meaning: Meaning
) -> None:
    """Point out names that are whole only with the row below."""
    names: list[str] = []
    above = ""
    for top, bottom in zip(header, second, strict=False):
        above = top.strip() or above
        if not bottom.strip() or (top.strip() and meaning(top)):
            continue
        joined = f"{above} {bottom.strip()}"
        names += [name for name in (joined, bottom.strip()) if meaning(name)][:1]
    if len(names) >= 2:
        raise _two_rows(Message("found.lines", first=number, second=below), names[0])


def _two_rows(where: str, name: str) -> UnreadableError:
    return UnreadableError(
        Message("unreadable.two_rows", where=where),
        Message("advice.one_row_of_names", name=name.strip()),
    )
