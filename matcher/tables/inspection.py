"""What a workbook's reader does not tell: cells that are no values, merges, hidden rows, extents.

The library that reads workbooks gives an empty cell for an error (``#N/A``), for a formula that
was never calculated and for the covered part of a merged area, and it makes room for every cell
up to the last one before it can be asked. So each sheet is looked at before it is read. A plain
``.xlsx`` sheet is only searched for signs that something stands in it, which costs little even for
100,000 rows; where a sign is found, or the format is another, it is gone through cell by cell.
"""

from __future__ import annotations

import datetime as dt
import itertools
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from matcher.tables.raw import UnreadableError
from matcher.texts import Message

EPOCH_1900 = dt.date(1899, 12, 30)
"""Day 0 of a workbook's day counts; what holds from 1 March 1900 on."""
EPOCH_1904 = dt.date(1904, 1, 1)
MOST_CELLS = 20_000_000
"""Cells between A1 and the last value of a sheet; beyond, memory may not do."""
MOST_BYTES = 2 << 30
"""Unpacked bytes of a workbook."""
_CHUNK = 1 << 20
_SIGNS = (
    b't="e"',
    b"='",
    b"<f",
    b"mergeCell",
    b"hidden=",
    b"<v ",
    b"<c>",
    b"<row>",
    b":c ",
    b":row ",
)
"""An error, a formula, a merge, a hidden row, XML that is written otherwise than Excel does."""
_NO_NUMBER = re.compile(rb"<v>[-+0-9.eE]*[^-+0-9.eE<]")
_ROW = re.compile(rb'<row r="([0-9]{1,9})"')
_FAR_COLUMN = re.compile(rb'<c r="([B-Z][A-Z]|[A-Z]{3,})[0-9]')
_NEAR_COLUMNS = 52
"""Columns A to AZ, which are not searched for."""
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_ERROR_WORD = re.compile(r"#[^\s#]{1,14}[!?]|#N/A|#I/T|#####*|Err:[0-9]{3}")
DAMAGED = Message("advice.save_again")
"""What to try where a file is not whole."""
NO_VALUE = Message("cell.never_calculated")
NO_NUMBER = Message("cell.damaged_number")
AN_ERROR = Message("cell.error")
Place = tuple[int, int]
"""Row and column of a cell, each from 0."""


@dataclass(eq=False)
class Inspection:
    """What a sheet holds beside plain values."""

    no_values: dict[Place, str] = field(default_factory=dict)
    """What a cell holds instead of a value: an error word, :data:`NO_VALUE`, a damaged number."""
    merged: list[tuple[Place, Place]] = field(default_factory=list)
    """First and last cell of each merged area."""
    hidden: set[int] = field(default_factory=set)
    """Rows that are hidden or filtered out, from 0."""
    rows: int = 0
    """Rows up to the last one with a value (an upper bound for a plain sheet)."""
    columns: int = 0
    last: Place = (0, 0)
    """The value farthest out."""

    def saw(self, row: int, column: int) -> None:
        """Take note of a cell with a value."""
        if row >= self.rows or column >= self.columns:
            self.rows = max(self.rows, row + 1)
            self.columns = max(self.columns, column + 1)
            self.last = (row, column)

    def check_extents(self) -> None:
        """Refuse a sheet that needs more memory than there may be.

        Raises
        ------
        UnreadableError
            More than :data:`MOST_CELLS` lie between A1 and the last value.
        """
        if self.rows * self.columns > MOST_CELLS:
            raise UnreadableError(
                Message("unreadable.reaches", cell=cell_name(self.rows - 1, self.columns - 1)),
                Message("advice.far_cell", cell=cell_name(*self.last)),
            )

    def covered(self) -> Iterator[tuple[Place, Place]]:
        """Cells that are covered by a merged area, each with the cell that shows there."""
        for (top, left), (bottom, right) in self.merged:
            for row in range(top, min(bottom, self.rows - 1) + 1):
                for column in range(left, min(right, self.columns - 1) + 1):
                    if (row, column) != (top, left):
                        yield (row, column), (top, left)


def cell_name(row: int, column: int) -> str:
    """Name of a cell as a spreadsheet shows it, e.g. ``C7``; row and column count from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"


def is_error_word(text: str) -> bool:
    """Whether a text is what a spreadsheet shows for an error, in English or Danish."""
    return text.startswith(("#", "Err:")) and _ERROR_WORD.fullmatch(text) is not None


def _place(reference: str) -> Place:
    found = _REFERENCE.fullmatch(reference.upper())
    if found is None:
        raise UnreadableError(Message("unreadable.no_cell", text=reference[:20]), DAMAGED)
    return int(found[2]) - 1, _column(found[1])


def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


# ------------------------------------------------------------------------------ packed files


class Package:
    """The parts of a workbook that is a ZIP file, read with care.

    Raises
    ------
    UnreadableError
        It is no whole ZIP file, or would unpack to more than :data:`MOST_BYTES`.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._archive = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
            raise _damaged(error) from None
        self.parts = {item.filename: item.file_size for item in self._archive.infolist()}
        if sum(self.parts.values()) > MOST_BYTES:
            self.close()
            raise UnreadableError(
                Message("unreadable.too_large", size=MOST_BYTES >> 30),
                Message("advice.leave_out_no_table"),
            )

    def close(self) -> None:
        """Let the file go."""
        self._archive.close()

    def chunks(self, part: str) -> Iterator[bytes]:
        """Unpack a part piece by piece; its checksum has been compared at the end."""
        try:
            with self._archive.open(part) as stream:
                while chunk := stream.read(_CHUNK):
                    yield chunk
        except KeyError:
            raise UnreadableError(
                Message("unreadable.part_missing", part=part[:80]), DAMAGED
            ) from None
        except _PACKED_FAULTS as error:
            raise _damaged(error, part) from None

    def whole(self, part: str) -> bytes:
        """Unpack a part at once."""
        return b"".join(self.chunks(part))

    def check(self, *parts: str) -> None:
        """Unpack parts to see that they are whole; one that is not there is."""
        for part in parts:
            if part in self.parts:
                for _ in self.chunks(part):
                    pass

    def main_part(self) -> str:
        """Name of the part that lists the sheets."""
        found: list[str] = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
                found.append(attributes.get("Target", "").lstrip("/"))

        _parse(self.chunks("_rels/.rels"), start)
        return found[0] if found else "xl/workbook.xml"


_PACKED_FAULTS = (
    OSError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    RuntimeError,  # encrypted
    NotImplementedError,
    ValueError,
)


def _damaged(error: Exception, part: str = "") -> UnreadableError:
    reason = str(error)[:120] or type(error).__name__
    key = "unreadable.damaged_in" if part else "unreadable.damaged_so"
    return UnreadableError(Message(key, part=part[:80], reason=reason), DAMAGED)


def _parse(
    chunks: Iterator[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Go through XML; names come without their namespace, but for LibreOffice's ``calcext``."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    plain: dict[str, str] = {}

    def local(name: str) -> str:
        known = plain.get(name)
        if known is None:
            space, _, last = name.rpartition(" ")
            known = plain[name] = f"calcext:{last}" if "calcext" in space else last
        return known

    def started(name: str, attributes: dict[str, str]) -> None:
        start(local(name), {local(key): value for key, value in attributes.items()})

    def refuse(*_: Any) -> None:
        raise UnreadableError(Message("unreadable.document_type"), DAMAGED)

    parser.StartElementHandler = started
    parser.StartDoctypeDeclHandler = refuse
    if end is not None:
        parser.EndElementHandler = lambda name: end(local(name))
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # an encoding nobody knows, too
        raise UnreadableError(
            Message("unreadable.damaged_so", reason=str(error)), DAMAGED
        ) from None


# ------------------------------------------------------------------------------ xlsx, xlsm


class SheetsXml:
    """Sheets of ``.xlsx`` and ``.xlsm``."""

    def __init__(self, package: Package, workbook: str) -> None:
        self._package = package
        self.epoch = EPOCH_1900
        wanted: dict[str, str] = {}

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "workbookPr" and attributes.get("date1904") in {"1", "true", "on"}:
                self.epoch = EPOCH_1904
            elif name == "sheet":
                wanted[attributes.get("name", "")] = attributes.get("id", "")

        _parse(package.chunks(workbook), start)
        targets = targets_of(package, workbook)
        self.parts = {name: targets.get(number, "") for name, number in wanted.items()}

    def inspect(self, name: str) -> Inspection:
        """Look at a sheet; cell by cell only where signs ask for it."""
        part = self.parts.get(name, "")
        if part not in self._package.parts:
            raise UnreadableError(Message("unreadable.no_sheet"), DAMAGED)
        rows, columns, rest = 0, _NEAR_COLUMNS, b""
        for chunk in itertools.chain(self._package.chunks(part), [b""]):
            piece = rest + chunk
            # Each cell is looked at whole: what is behind the last beginning of one waits.
            cut = max(piece.rfind(b"<c "), piece.rfind(b"<row")) if chunk else len(piece)
            piece, rest = piece[: max(cut, 0)], piece[max(cut, 0) :]
            if _has_signs(piece):
                return self._cell_by_cell(part)
            numbers = _ROW.findall(piece)
            rows = max([rows, *map(int, numbers)])
            far = {_column(found.decode()[:5]) + 1 for found in _FAR_COLUMN.findall(piece)}
            columns = max([columns, *far])
            if rows * columns > MOST_CELLS or len(rest) > 4 * _CHUNK:
                return self._cell_by_cell(part)
        return Inspection(rows=rows, columns=columns)

    def _cell_by_cell(self, part: str) -> Inspection:
        seen = Inspection()
        row, column, kind, formula, inside = -1, -1, "n", False, False
        value: list[str] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal row, column, kind, formula, inside
            if name == "c":
                reference = attributes.get("r")
                if reference is None:
                    column += 1
                else:
                    row, column = _place(reference)
                kind, formula = attributes.get("t", "n"), False
                value.clear()
            elif name in {"v", "t"}:
                inside = True
            elif name == "f":
                formula = True
            elif name == "row":
                row, column = _number(attributes.get("r"), row + 2) - 1, -1
                if attributes.get("hidden") in {"1", "true"}:
                    seen.hidden.add(row)
            elif name == "mergeCell":
                first, _, last = attributes.get("ref", "").partition(":")
                seen.merged.append((_place(first), _place(last or first)))

        def end(name: str) -> None:
            nonlocal inside
            if name in {"v", "t"}:
                inside = False
            elif name == "c":
                text = "".join(value)
                if kind == "e":
                    seen.no_values[row, column] = text.strip() or AN_ERROR
                elif formula and not text and kind != "str":
                    seen.no_values[row, column] = NO_VALUE
                elif kind == "n" and text and not _is_number(text):
                    seen.no_values[row, column] = NO_NUMBER
                elif not text:
                    return
                seen.saw(row, column)

        def text(piece: str) -> None:
            if inside:
                value.append(piece)

        _parse(self._package.chunks(part), start, end, text)
        return seen


def _has_signs(piece: bytes) -> bool:
    """Whether a piece of a sheet holds anything but plain values in cells that say their place."""
    return (
        any(sign in piece for sign in _SIGNS)
        or piece.count(b"<c ") != piece.count(b'<c r="')
        or piece.count(b"<row") != piece.count(b'<row r="')
        or _NO_NUMBER.search(piece) is not None
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    if re.fullmatch("[0-9]{1,9}", text) is None:
        raise UnreadableError(Message("unreadable.no_row", text=text[:20]), DAMAGED)
    return int(text)


def targets_of(package: Package, workbook: str) -> dict[str, str]:
    """Parts that a workbook names, by the id of the relation."""
    folder, _, name = workbook.rpartition("/")
    found: dict[str, str] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            target = attributes.get("Target", "")
            path = target[1:] if target.startswith("/") else posixpath.join(folder, target)
            found[attributes.get("Id", "")] = posixpath.normpath(path)

    _parse(package.chunks(f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"), start)
    return found


# ------------------------------------------------------------------------------ ods


class SheetsOpen:
    """Sheets of ``.ods``, which are all in one part and gone through once."""

    def __init__(self, package: Package) -> None:
        self.epoch = EPOCH_1900
        self.parts: dict[str, str] = {}
        self._seen: dict[str, Inspection] = {}
        seen = Inspection()
        row, column, repeat, cell = 0, 0, 1, {}
        depth, in_cell = 0, False
        value: list[str] = []
        row_repeat = 1

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal seen, row, column, repeat, cell, row_repeat, in_cell, depth
            if name == "table":
                depth += 1
                if depth == 1:
                    seen, row = Inspection(), 0
                    title = attributes.get("name", "")
                    self.parts[title] = "content.xml"
                    self._seen[title] = seen
            elif depth != 1:
                return
            elif name == "table-row":
                column, row_repeat = 0, _number(attributes.get("number-rows-repeated"), 1)
                if attributes.get("visibility") in {"filter", "collapse"}:
                    # The rest of an empty sheet may be hidden in one piece.
                    seen.hidden.update(range(row, row + min(row_repeat, 1 << 20)))
            elif name in {"table-cell", "covered-table-cell"}:
                repeat = _number(attributes.get("number-columns-repeated"), 1)
                cell, in_cell = attributes, name == "table-cell"
                value.clear()
            elif name == "null-date" and attributes.get("date-value", "").startswith("1904"):
                self.epoch = EPOCH_1904

        def end(name: str) -> None:
            nonlocal row, column, depth, in_cell
            if name == "table":
                depth -= 1
            elif depth != 1:
                return
            elif name == "table-row":
                row += row_repeat
            elif name in {"table-cell", "covered-table-cell"}:
                self._cell(seen, row, column, row_repeat, repeat, cell, "".join(value))
                column += repeat
                in_cell = False

        def text(piece: str) -> None:
            if in_cell:
                value.append(piece)

        _parse(package.chunks("content.xml"), start, end, text)

    @staticmethod
    def _cell(
        seen: Inspection,
        row: int,
        column: int,
        row_repeat: int,
        repeat: int,
        cell: dict[str, str],
        text: str,
    ) -> None:
        held = ""
        if cell.get("calcext:value-type") == "error" or (
            "formula" in cell and is_error_word(text.strip())
        ):
            held = text.strip() or AN_ERROR
        elif "formula" in cell and "value-type" not in cell:
            held = NO_VALUE
        if not (held or text or "value-type" in cell):
            return
        bottom, right = row + row_repeat - 1, column + repeat - 1
        seen.saw(bottom, right)
        if held:
            seen.check_extents()
            for at in range(row, bottom + 1):
                for beside in range(column, right + 1):
                    seen.no_values[at, beside] = held
        down = _number(cell.get("number-rows-spanned"), 1)
        over = _number(cell.get("number-columns-spanned"), 1)
        if down > 1 or over > 1:
            seen.merged.append(((row, column), (row + down - 1, column + over - 1)))

    def inspect(self, name: str) -> Inspection:
        """Tell what was seen in a sheet."""
        if name not in self._seen:
            raise UnreadableError(Message("unreadable.no_sheet"), DAMAGED)
        return self._seen[name]
