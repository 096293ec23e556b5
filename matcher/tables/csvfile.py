"""CSV as Danish offices write it: which encoding, which separator, which rows are whole.

UTF-8, UTF-16 or cp1252 (:mod:`matcher.tables.encoding`). The separator is the one of ``;``, comma,
tab and ``|`` that gives most column names of the table, or splits the header into most columns; a
first line such as ``sep=;`` is obeyed. Rows with too few or too many cells, or with a quotation
mark out of place, are reported one by one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from matcher.tables.encoding import Meaning, text_of
from matcher.tables.issues import IssueCode
from matcher.tables.layout import LOOKED_AT, Layout, ends_early, lay_out, named_in
from matcher.tables.raw import RawTable, Remark, UnreadableError
from matcher.texts import Message

_SEPARATORS = (";", ",", "\t", "|")
_LONGEST = (1 << 31) - 1
"""Characters of a cell; a long note in a column nobody reads does no harm."""
_LINES_OF_A_CELL = 30
"""Lines looked at for the end of a quotation, once one of the file is out of place."""
_MOST_LOOKS = 2000
_BARE_RETURN = re.compile("\r(?!\n)")
_STAND_IN = "\ue00d"
"""Private character that stands for a carriage return within a cell while lines are split."""


def read_csv(path: Path, meaning: Meaning | None = None) -> RawTable:
    """Read a CSV file.

    Parameters
    ----------
    path
        The file.
    meaning
        Which column names the table has; helps to find the header, the separator and the
        encoding.

    Raises
    ------
    UnreadableError
        The file is empty, is not text of one encoding, or its header cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(error.strerror or Message("unreadable.not_opened")) from None
    return csv_table(data, path.stem, path.name, meaning)


def csv_table(data: bytes, name: str, source: str, meaning: Meaning | None = None) -> RawTable:
    """Read the bytes of a CSV file; as :func:`read_csv`."""
    text = text_of(data, lambda content: _header(content, meaning), meaning)
    content = _with_line_ends(text.content)
    skipped, separator = _separator(content, meaning)
    body = content.split("\n", skipped)[-1] if skipped else content
    remarks: tuple[Remark, ...] = text.remarks
    before = csv.field_size_limit(_LONGEST)
    try:
        table, rows_of = _read(body, separator, meaning, skipped + 1)
        if short := ends_early(table):
            early = sum(1 for _, cells in table.ragged if cells in short)
            remarks += (Remark(IssueCode.ROWS_END_EARLY, str(early), Message("advice.ends_early")),)
            table = lay_out(rows_of(), meaning, first_row=skipped + 1, short=short)
    finally:
        csv.field_size_limit(before)
    shown = "tab" if separator == "\t" else separator
    return RawTable(
        name,
        source,
        table.columns,
        table.rows,
        table.ragged,
        facts={"format": "csv", "encoding": text.encoding, "separator": shown},
        remarks=(*remarks, *table.remarks),
    )


def _read(
    body: str, separator: str, meaning: Meaning | None, first_row: int
) -> tuple[Layout, Callable[[], Iterator[list[str] | None]]]:
    """Read the rows strictly, or mended where that fails; give the way to read them again."""
    strict = partial(_strict, body, separator)
    try:
        return lay_out(strict(), meaning, first_row=first_row), strict
    except csv.Error:
        mended = partial(_mended, body, separator, meaning)
        return lay_out(mended(), meaning, first_row=first_row), mended


def _with_line_ends(content: str) -> str:
    """Let lines end in a line feed alone; a carriage return in the middle of one is no end."""
    bare = len(_BARE_RETURN.findall(content)) if "\r" in content else 0
    if not bare:
        return content
    if bare > content.count("\n"):  # an old Mac
        return content.replace("\r\n", "\n").replace("\r", "\n")
    return _BARE_RETURN.sub(_STAND_IN, content)


def _lines(content: str) -> Iterator[str]:
    """Give lines with their ends, so that a file is not held twice."""
    return io.StringIO(content, newline="\n")


def _first_lines(content: str) -> list[str]:
    found: list[str] = []
    for line in _lines(content):
        if line.strip():
            found.append(line)
        if len(found) == LOOKED_AT:
            break
    return found


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _separator(content: str, meaning: Meaning | None) -> tuple[int, str]:
    """Lines that Excel's first line ``sep=;`` takes, and the separator."""
    first = content.partition("\n")[0].rstrip("\r").strip('"')
    if first.lower().startswith("sep=") and len(first) == 5:
        return 1, first[4]
    lines = _first_lines(content)

    def fits(separator: str) -> tuple[int, int]:
        rows = [_cells(line, separator) for line in lines]
        named = max((named_in(row, meaning) for row in rows), default=0)
        return named, len(rows[0]) if rows else 0

    return 0, max(_SEPARATORS, key=fits)


def _header(content: str, meaning: Meaning | None) -> list[str]:
    """Column names of a text, as far as they can be told from its first lines."""
    _, separator = _separator(content, meaning)
    rows = [_cells(line, separator) for line in _first_lines(content)]
    return max(rows, key=lambda row: named_in(row, meaning), default=[])


def _strict(content: str, separator: str) -> Iterator[list[str]]:
    """Read rows; an error where a quotation mark is out of place or takes whole rows in."""
    reader = csv.reader(_lines(content), delimiter=separator, strict=True)
    returns = _STAND_IN in content
    line, width = 0, 0
    for row in reader:
        if reader.line_num > line + 1 and _takes_rows_in(row, separator, width):
            raise csv.Error("a quotation takes rows in")
        line = reader.line_num
        width = width or (len(row) if any(row) else 0)
        yield [cell.replace(_STAND_IN, "\r") for cell in row] if returns else row


def _takes_rows_in(row: Sequence[str], separator: str, width: int) -> bool:
    """Whether a line within a cell is as wide as the table."""
    return width > 2 and any(
        line.count(separator) >= width - 1 for cell in row for line in cell.split("\n")[1:]
    )


def _mended(content: str, separator: str, meaning: Meaning | None) -> Iterator[list[str] | None]:
    """Read rows of a file with a quotation mark out of place: None for each line it spoils.

    A line that cannot be read by itself is the beginning of a row over several lines only if
    that row has the width of the header, and none of the lines looks like a row itself.
    """
    lines = content.split("\n")
    width = len(_header(content, meaning))
    at, looks = 0, 0
    while at < len(lines):
        row = _whole_row(lines[at], separator)
        at += 1
        if row is None and looks < _MOST_LOOKS:
            looks += 1
            for end in range(at, min(at + _LINES_OF_A_CELL, len(lines))):
                alone = lines[end]
                if '"' not in alone and alone.count(separator) == width - 1:
                    break
                joined = _whole_row("\n".join(lines[at - 1 : end + 1]), separator)
                if joined is not None and len(joined) == width:
                    row, at = joined, end + 1
                    break
        if row is None:
            yield None
        else:
            yield [cell.replace(_STAND_IN, "\r") for cell in row]


def _whole_row(text: str, separator: str) -> list[str] | None:
    """Cells of one row; None where it is no whole row by itself."""
    try:
        rows = list(csv.reader(_lines(text.rstrip("\r")), delimiter=separator, strict=True))
    except csv.Error:
        return None
    if len(rows) > 1:
        return None
    return rows[0] if rows else []
