"""What stays in the words of the file: headers, values that a mapping has translated, totals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from matcher.tables.cells import Cells, Fault, ReadColumn
from matcher.tables.issues import IssueCode, shown
from matcher.tables.names import column_named, fold
from matcher.tables.raw import RawColumn, RawTable
from matcher.texts import Message, joined


def named_field(table: str, column: RawColumn) -> str | None:
    """Field that a column is: as its mapping says, or its header; None: none."""
    if column.field is not None:
        return column.field
    return column_named(table, column.header) if column.header else None


def in_their_words(cells: Cells, column: ReadColumn, found: RawColumn) -> Cells:
    """Let faults show the value as it stands in the file, and say where a mapping translates it."""

    def told(faults: Mapping[int, Fault]) -> dict[int, Fault]:
        return {at: _told(fault, column, found, at) for at, fault in faults.items()}

    return replace(
        cells, faults=told(cells.faults), notes=told(cells.notes), notices=told(cells.notices)
    )


def _told(fault: Fault, column: ReadColumn, found: RawColumn, at: int) -> Fault:
    theirs = found.theirs[at] if found.theirs else ""
    if theirs != found.texts[at]:
        fault = replace(fault, value=theirs)
    if fault.code not in _TRANSLATED or not found.header:
        return fault
    advice = Message("mapping.translate", column=column.name, value=shown(theirs))
    return replace(fault, advice=joined((fault.advice, advice)))


_TRANSLATED = {IssueCode.NOT_ALLOWED, IssueCode.WRONG_TYPE, IssueCode.WRONG_FORM}
"""Faults that a translation in the mapping mends."""


_TOTALS = frozenset(map(fold, ("total", "totals", "grand total", "sum", "i alt", "ialt", "summa")))


def totals_word(raw: RawTable) -> str:
    """Word by which the last row says that it adds up the others; empty: it does not."""
    if len(raw.rows) < 2:
        return ""
    cells = [column.texts[column.codes[-1]].strip() for column in raw.columns]
    words = [cell for cell in cells if cell and not _NUMBER.fullmatch(cell)]
    return words[0] if len(words) == 1 and fold(words[0].rstrip(":")) in _TOTALS else ""


_NUMBER = re.compile(r"[-+]?[0-9][0-9., ]*%?")
