"""CSV as Danish offices write it: which encoding, which separator, which rows are whole.

UTF-8 with or without a byte order mark, UTF-16 with one, otherwise cp1252. The separator is the
one of ``;``, comma, tab and ``|`` that splits the header into most columns; a first line such as
``sep=;`` is obeyed. Rows with too few or too many cells are reported one by one.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path

from matcher.tables.raw import RawTable, UnreadableError, encoded

_SEPARATORS = (";", ",", "\t", "|")
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How workbooks begin, new and old. A stray NUL byte is a fault of its row, not of the file."""
_TWICE_ENCODED = ("Ã¦", "Ã¸", "Ã¥", "Ã†", "Ã˜", "Ã…")
"""Danish letters in UTF-8, read as cp1252."""


def read_csv(path: Path) -> RawTable:
    """Read a CSV file.

    Raises
    ------
    UnreadableError
        The file is empty, is not text, mixes encodings, or a quotation mark is never closed.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(error.strerror or "it cannot be opened") from None
    encoding = _encoding(data)
    with io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="") as stream:
        first = stream.readline()
        skipped, separator = _announced(first)
        if not separator:
            stream.seek(0)
            separator = _separator(_header_line(stream))
            stream.seek(0)
        reader = csv.reader(stream, delimiter=separator, strict=True)
        try:
            headers, header_row = _header(reader)
            columns, rows, ragged = encoded(reader, headers, skipped + header_row + 1)
        except csv.Error as error:
            raise UnreadableError(
                f"line {skipped + reader.line_num}: {error}",
                "Maybe a quotation mark is not closed, or the file was cut off.",
            ) from None
    return RawTable(
        path.stem,
        path.name,
        columns,
        rows,
        ragged,
        facts={
            "format": "csv",
            "encoding": encoding.removesuffix("-sig"),
            "separator": "tab" if separator == "\t" else separator,
        },
    )


def _encoding(data: bytes) -> str:
    if not data.strip():
        raise UnreadableError("the file is empty", "Maybe the extract failed: make it again.")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            data.decode("utf-16")
        except UnicodeDecodeError:
            raise UnreadableError("it is not whole UTF-16 text", "Save it as UTF-8.") from None
        return "utf-16"
    if data.startswith(_BINARY) or data.count(0) > len(data) // 4:
        raise UnreadableError(
            "it is not text", "Maybe it is a workbook with the ending .csv: save it as CSV."
        )
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8-sig"
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UnreadableError(
            f"line {line} is neither UTF-8 nor cp1252 text", "Save the file as UTF-8."
        ) from None
    if any(sign in text for sign in _TWICE_ENCODED):
        raise UnreadableError(
            "it mixes UTF-8 and cp1252",
            "Maybe files of different encodings were joined: save all of it as UTF-8.",
        )
    return "cp1252"


def _announced(first: str) -> tuple[int, str]:
    """Separator that Excel's first line ``sep=;`` names, and the lines it takes."""
    line = first.rstrip("\r\n").strip('"')
    if line.lower().startswith("sep=") and len(line) == 5:
        return 1, line[4]
    return 0, ""


def _header_line(stream: io.TextIOWrapper) -> str:
    for line in stream:
        if line.strip():
            return line
    return ""


def _separator(line: str) -> str:
    def width(separator: str) -> int:
        return len(next(csv.reader([line], delimiter=separator), []))

    return max(_SEPARATORS, key=width)


def _header(reader: Iterator[list[str]]) -> tuple[list[str], int]:
    """Return the first row that holds text, and its number."""
    for number, row in enumerate(reader, start=1):
        if any(cell.strip() for cell in row):
            return [cell.strip() for cell in row], number
    raise UnreadableError("the file is empty", "Maybe the extract failed: make it again.")
