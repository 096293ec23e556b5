"""Sheets of the binary workbooks ``.xlsb`` and ``.xls``, looked at record by record.

Of each sheet only what the reading library does not tell is taken: cells with errors, merged
areas, hidden rows, how far it reaches. The layouts are those of Microsoft's open specifications
MS-XLSB, MS-XLS and MS-CFB.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from matcher.tables.inspection import (
    DAMAGED,
    EPOCH_1900,
    EPOCH_1904,
    Inspection,
    Package,
    targets_of,
)
from matcher.tables.raw import UnreadableError
from matcher.texts import Message

_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


def _error_word(code: int) -> str:
    return _ERRORS.get(code, "an error")


def _cut_off() -> UnreadableError:
    return UnreadableError(
        Message("unreadable.cut_record"),
        DAMAGED,
    )


# ------------------------------------------------------------------------------ xlsb

_ROW, _BLANK, _ERROR, _FORMULA_ERROR, _LAST_CELL = 0, 1, 3, 11, 11
_EXTENT, _BOOK_PROPERTIES, _SHEET, _STRINGS, _MERGE = 148, 153, 156, 159, 176
_STRINGS_PART = "xl/sharedStrings.bin"


class SheetsBinary:
    """Sheets of ``.xlsb``."""

    def __init__(self, package: Package, workbook: str) -> None:
        self._package = package
        self.epoch = EPOCH_1900
        targets = targets_of(package, workbook)
        self._check_strings()
        self._parts: dict[str, str] = {}
        for kind, body in _records(package.whole(workbook)):
            try:
                if kind == _BOOK_PROPERTIES and body[0] & 1:
                    self.epoch = EPOCH_1904
                elif kind == _SHEET:
                    relation, at = _wide_text(body, 8)
                    name, _ = _wide_text(body, at)
                    self._parts[name] = targets.get(relation, "")
            except (IndexError, struct.error, UnicodeDecodeError):
                raise _cut_off() from None

    def _check_strings(self) -> None:
        """Refuse a table of texts that says it is larger than it is: room is made for it."""
        if _STRINGS_PART in self._package.parts:
            data = self._package.whole(_STRINGS_PART)
            for kind, body in _records(data):
                if kind == _STRINGS:
                    if len(body) < 8 or struct.unpack_from("<I", body, 4)[0] * 5 > len(data):
                        raise _cut_off()
                    return

    def inspect(self, name: str) -> Inspection:
        """Go through a sheet."""
        part = self._parts.get(name, "")
        if part not in self._package.parts:
            raise UnreadableError(Message("unreadable.no_sheet"), DAMAGED)
        seen, row = Inspection(), 0
        try:
            for kind, body in _records(self._package.whole(part)):
                if kind == _ROW:
                    (row,) = struct.unpack_from("<I", body)
                    if body[11] & 0x10:
                        seen.hidden.add(row)
                elif _BLANK < kind <= _LAST_CELL:
                    (column,) = struct.unpack_from("<I", body)
                    seen.saw(row, column)
                    if kind in {_ERROR, _FORMULA_ERROR}:
                        seen.no_values[row, column] = _error_word(body[8])
                elif kind == _EXTENT:
                    first_row, last_row, first, last = struct.unpack_from("<4I", body)
                    if first_row > last_row or first > last:
                        raise _cut_off()
                elif kind == _MERGE:
                    top, bottom, left, right = struct.unpack_from("<4I", body)
                    seen.merged.append(((top, left), (bottom, right)))
        except (IndexError, struct.error):
            raise _cut_off() from None
        return seen


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Kinds and bodies; both kind and length are written in pieces of seven bits."""
    at, end = 0, len(data)
    try:
        while at < end:
            kind = data[at]
            at += 1
            if kind & 0x80:
                kind = (kind & 0x7F) | (data[at] & 0x7F) << 7
                at += 1
            length = 0
            for shift in (0, 7, 14, 21):
                piece = data[at]
                at += 1
                length |= (piece & 0x7F) << shift
                if not piece & 0x80:
                    break
            if at + length > end:
                raise _cut_off()
            yield kind, data[at : at + length]
            at += length
    except IndexError:
        raise _cut_off() from None


def _wide_text(body: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<I", body, at)
    end = at + 4 + 2 * length
    if end > len(body):
        raise _cut_off()
    return body[at + 4 : end].decode("utf-16-le"), end


# ------------------------------------------------------------------------------ xls


_OLD_CELLS = frozenset({0x0006, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E})
_OLD_RANGES = frozenset({0x00BD, 0x00BE})
"""Several cells of a row: the last column stands at the end."""


class SheetsOld:
    """Sheets of ``.xls``."""

    def __init__(self, path: Path) -> None:
        try:
            self._stream = _workbook_stream(path.read_bytes())
        except (struct.error, IndexError, OSError):
            raise _cut_off() from None
        self.epoch = EPOCH_1900
        self._starts: dict[str, int] = {}
        wide, shared = True, 0
        for kind, body in self._records(0):
            try:
                if kind == 0x0809:
                    wide = struct.unpack_from("<H", body)[0] >= 0x0600
                elif kind == 0x002F:
                    raise UnreadableError(
                        Message("unreadable.password"), Message("advice.no_password")
                    )
                elif kind == 0x0022 and body[0] & 1:
                    self.epoch = EPOCH_1904
                elif kind == 0x00FC:
                    shared = struct.unpack_from("<I", body, 4)[0]
                elif kind == 0x0085:
                    start, _, _, length = struct.unpack_from("<IBBB", body)
                    if not wide:
                        name = body[7 : 7 + length].decode("cp1252", "replace")
                    elif body[7] & 1:
                        name = body[8 : 8 + 2 * length].decode("utf-16-le", "replace")
                    else:
                        name = body[8 : 8 + length].decode("latin-1")
                    self._starts[name] = start
            except (struct.error, IndexError):
                raise _cut_off() from None
        # The reading library makes room for all of it when it opens the file.
        if shared * 3 > len(self._stream):
            raise _cut_off()
        self._seen = {name: self._inspected(start) for name, start in self._starts.items()}
        for seen in self._seen.values():
            seen.check_extents()

    def _records(self, at: int) -> Iterator[tuple[int, bytes]]:
        """Give the records of a substream up to its end mark."""
        data = self._stream
        while at + 4 <= len(data):
            kind, length = struct.unpack_from("<HH", data, at)
            at += 4
            if kind == 0x000A:
                return
            if at + length > len(data):
                break
            yield kind, data[at : at + length]
            at += length
        raise _cut_off()

    def inspect(self, name: str) -> Inspection:
        """Tell what was seen in a sheet."""
        if name not in self._seen:
            raise UnreadableError(Message("unreadable.no_sheet"), Message("advice.save_xlsx"))
        return self._seen[name]

    def _inspected(self, start: int) -> Inspection:
        seen = Inspection()
        try:
            for kind, body in self._records(start):
                if kind in _OLD_CELLS:
                    seen.saw(*struct.unpack_from("<HH", body))
                if kind in _OLD_RANGES:
                    seen.saw(*struct.unpack_from("<H", body), *struct.unpack_from("<H", body[-2:]))
                elif kind == 0x0200:
                    wide = "<IIHH" if len(body) >= 12 else "<HHHH"
                    top, rows, left, columns = struct.unpack_from(wide, body)
                    if rows and columns:
                        if top > rows or left > columns:
                            raise _cut_off()
                        seen.saw(rows - 1, columns - 1)
                elif kind == 0x0208:
                    if struct.unpack_from("<H", body, 12)[0] & 0x20:
                        seen.hidden.add(struct.unpack_from("<H", body)[0])
                elif kind == 0x0205 and body[7]:
                    seen.no_values[struct.unpack_from("<HH", body)] = _error_word(body[6])
                elif kind == 0x0006 and body[12:14] == b"\xff\xff" and body[6] == 2:
                    seen.no_values[struct.unpack_from("<HH", body)] = _error_word(body[8])
                elif kind == 0x00E5:
                    for number in range(struct.unpack_from("<H", body)[0]):
                        top, bottom, left, right = struct.unpack_from("<4H", body, 2 + 8 * number)
                        seen.merged.append(((top, left), (bottom, right)))
        except (struct.error, IndexError):
            raise _cut_off() from None
        return seen


_FREE = 0xFFFFFFFA
"""Sector numbers from here on are marks, not sectors."""


def _workbook_stream(data: bytes) -> bytes:
    """Take the stream of the workbook out of its compound file."""
    size = 1 << struct.unpack_from("<H", data, 0x1E)[0]
    small = 1 << struct.unpack_from("<H", data, 0x20)[0]
    if size not in {512, 4096} or small != 64:
        raise _cut_off()
    directory, cutoff, small_table = (
        struct.unpack_from("<I", data, at)[0] for at in (0x30, 0x38, 0x3C)
    )
    more = struct.unpack_from("<I", data, 0x44)[0]

    def sector(number: int) -> bytes:
        found = data[(number + 1) * size : (number + 2) * size]
        if not found:
            raise _cut_off()
        return found

    def numbers(block: bytes) -> list[int]:
        return list(struct.unpack(f"<{len(block) // 4}I", block[: len(block) // 4 * 4]))

    parts = list(struct.unpack_from("<109I", data, 0x4C))
    visited: set[int] = set()
    while more < _FREE and more not in visited:
        visited.add(more)
        *found, more = numbers(sector(more))
        parts += found
    table = [number for part in parts if part < _FREE for number in numbers(sector(part))]

    def chain(start: int, links: list[int]) -> Iterator[int]:
        visited: set[int] = set()
        while start < _FREE:
            if start in visited or start >= len(links):
                raise _cut_off()
            visited.add(start)
            yield start
            start = links[start]

    def stream(start: int) -> bytes:
        return b"".join(map(sector, chain(start, table)))

    entries = stream(directory)
    root = b""
    streams: dict[str, tuple[int, int]] = {}
    for at in range(0, len(entries) - 127, 128):
        entry = entries[at : at + 128]
        title = entry[: max(0, struct.unpack_from("<H", entry, 64)[0] - 2)]
        start, length = struct.unpack_from("<II", entry, 116)
        if entry[66] == 5:
            root = stream(start) if start < _FREE else b""
        elif entry[66] == 2:
            streams[title.decode("utf-16-le", "replace")] = (start, length)
    if "EncryptedPackage" in streams:
        raise UnreadableError(Message("unreadable.password"), Message("advice.no_password"))
    for name in ("Workbook", "Book"):
        if name in streams:
            start, length = streams[name]
            if length >= cutoff:
                return stream(start)[:length]
            links = numbers(stream(small_table))
            pieces = (root[at * small : (at + 1) * small] for at in chain(start, links))
            return b"".join(pieces)[:length]
    raise UnreadableError(Message("unreadable.no_workbook"), Message("advice.save_xlsx_or_csv"))
