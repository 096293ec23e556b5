"""Workbooks, read so that nothing in them is lost and nothing in them can stop the program.

A :class:`Workbook` gives each sheet as rows of text from A1 on. Cells that the reading library
takes for empty, though they are not, hold an :class:`~matcher.tables.raw.Unread` text that says
what stands there; whatever is wrong with a file is an :class:`UnreadableError`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from matcher.cpr import mask
from matcher.tables.binary_sheets import SheetsBinary, SheetsOld
from matcher.tables.inspection import (
    DAMAGED,
    Inspection,
    Package,
    SheetsOpen,
    SheetsXml,
    cell_name,
)
from matcher.tables.packages import need
from matcher.tables.raw import Unread, UnreadableError, cell_text
from matcher.texts import Message

ENDINGS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
"""Endings of workbooks that can be read."""
_OLE = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class SheetRows:
    """One sheet as text."""

    name: str
    rows: list[list[str]]
    """From row 1 and column A on; all equally long. Cells without a value are ``Unread``."""
    hidden: frozenset[int]
    """Numbers of the rows that are hidden or filtered out, as a spreadsheet counts."""
    serial_zero: dt.date
    """Day 0 of the workbook's day counts."""


class _Sheets(Protocol):
    epoch: dt.date

    def inspect(self, name: str) -> Inspection: ...


class Workbook:
    """An open workbook.

    Parameters
    ----------
    path
        A file of one of the :data:`ENDINGS`; what it is is found out from what it holds.

    Raises
    ------
    UnreadableError
        It is no workbook, is damaged or protected, or would need too much memory.
    OptionError
        The package that reads workbooks is not installed.
    """

    def __init__(self, path: Path) -> None:
        calamine = need("python_calamine", "excel", "reading_workbook")
        self._package: Package | None = None
        self._book: Any = None
        try:
            self._sheets = self._open(path)
            with _reader_faults(calamine):
                with path.open("rb") as stream:
                    self._book = calamine.CalamineWorkbook.from_filelike(stream)
                table = calamine.SheetTypeEnum.WorkSheet
                self.names = tuple(
                    sheet.name for sheet in self._book.sheets_metadata if sheet.typ == table
                )
                """Sheets that hold cells; charts and macros are left out."""
        except BaseException:
            self.close()
            raise
        self._calamine = calamine

    def _open(self, path: Path) -> _Sheets:
        try:
            with path.open("rb") as stream:
                first = stream.read(8)
        except OSError as error:
            raise UnreadableError(error.strerror or Message("unreadable.not_opened")) from None
        if not first:
            raise UnreadableError(Message("unreadable.empty_file"), Message("advice.extract_again"))
        if first.startswith(_OLE):
            return SheetsOld(path)
        if not first.startswith(b"PK"):
            raise UnreadableError(
                Message("unreadable.no_workbook"), Message("advice.save_real_xlsx")
            )
        self._package = package = Package(path)
        if "content.xml" in package.parts:
            return SheetsOpen(package)
        package.check("xl/sharedStrings.xml", "xl/sharedStrings.bin", "xl/styles.xml")
        main = package.main_part()
        return (SheetsBinary if main.endswith(".bin") else SheetsXml)(package, main)

    def __enter__(self) -> Workbook:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go."""
        if self._package is not None:
            self._package.close()
        if self._book is not None:
            self._book.close()
        self._book = None

    def sheet(self, name: str) -> SheetRows:
        """Read a sheet.

        Raises
        ------
        UnreadableError
            The sheet is damaged, or reaches too far.
        """
        seen = self._sheets.inspect(name)
        seen.check_extents()
        with _reader_faults(self._calamine):
            sheet = self._book.get_sheet_by_name(name)
            values = sheet.to_python(skip_empty_area=False)
            merged = sheet.merged_cell_ranges
        if not seen.merged and merged:
            seen.merged += merged
        rows = [list(map(cell_text, row)) for row in values]
        _put_back(rows, seen)
        hidden = frozenset(
            row + 1 for row in seen.hidden if row < len(rows) and any(map(str.strip, rows[row]))
        )
        return SheetRows(name, rows, hidden, self._sheets.epoch)


def _put_back(rows: list[list[str]], seen: Inspection) -> None:
    """Write into the rows what their cells hold where the reader says nothing."""
    width = len(rows[0]) if rows else 0
    if seen.no_values:
        bottom = max(row for row, _ in seen.no_values) + 1
        right = max(column for _, column in seen.no_values) + 1
        if right > width:
            for row in rows:
                row.extend([""] * (right - width))
            width = right
        rows.extend([""] * width for _ in range(bottom - len(rows)))
    for (at, column), held in seen.no_values.items():
        rows[at][column] = Unread(held)
    if not seen.merged:
        return
    # A row of nothing but covered cells says nothing, and stays blank.
    texts = {at for at, row in enumerate(rows) if any(map(str.strip, row))}
    seen.rows, seen.columns = len(rows), width
    for (at, column), first in seen.covered():
        if at in texts and rows[at][column] != rows[first[0]][first[1]]:
            rows[at][column] = Unread(Message("cell.merged", place=cell_name(*first)))


@contextmanager
def _reader_faults(calamine: Any) -> Iterator[None]:
    """Turn whatever the reading library raises into an error of the file."""
    try:
        yield
    except (MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except calamine.PasswordError:
        raise UnreadableError(
            Message("unreadable.password"), Message("advice.no_password")
        ) from None
    except BaseException as error:
        # A panic of the library is no Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        reason = mask(str(error).partition("\n")[0])[:160] or type(error).__name__
        raise UnreadableError(Message("unreadable.damaged", reason=reason), DAMAGED) from None
