"""What a folder of tables holds: files that are read, files that stop the run, files left alone.

A table may be CSV (also packed as ``.gz`` or ``.zip``), Parquet, or a sheet of a workbook. Whoever
puts a file there wants it read: one that is named like a table, or nearly so, and is not read
stops the run and says what to do. Nothing that was handed in is passed over in silence.
"""

from __future__ import annotations

import contextlib
import difflib
import gzip
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from matcher.cpr import mask
from matcher.records import TABLES
from matcher.tables.csvfile import csv_table, read_csv
from matcher.tables.encoding import Meaning
from matcher.tables.inspection import DAMAGED, MOST_BYTES, Package
from matcher.tables.issues import IssueCode, table_name
from matcher.tables.layout import lay_out
from matcher.tables.names import column_named, fold, table_named
from matcher.tables.parquet import read_parquet
from matcher.tables.raw import RawTable, Remark, UnreadableError
from matcher.tables.workbook import ENDINGS, Workbook
from matcher.texts import Message

_TEXT = (".csv", ".tsv", ".txt")
_OTHER_ENDINGS = (
    ".parquet .gz .zip .json .jsonl .xml .html .htm .bak .old .orig .tmp .part .crdownload .bz2"
    " .xz .zst .7z .rar .db .sqlite .sqlite3 .numbers .xlt .xltx .feather .arrow .doc .docx .pdf"
    " .sas7bdat .dta .sav .avro .orc .dat .lnk .toml .md .sql"
)
_ENDINGS = frozenset({*_TEXT, *ENDINGS, *_OTHER_ENDINGS.split()})
"""Endings that are no part of a table's name."""
OURS = frozenset(
    {"datadictionary", "dataordbog", "readme", "madeup", "policy", "datapackage", "mapping"}
)
"""Folded names of what comes along with tables: the template's and the made-up weeks' own."""
_NO_TABLES = frozenset(
    {"thumbs.db", "desktop.ini", "tables.postgresql.sql", "tables.sqlserver.sql"}
)
_NO_NAME = re.compile(
    r"""\b(?:kopi(?:\s+af)?|copy(?:\s+of)?|ny|new|old|gammel|final|endelig|rettet|backup|v|uge|week
        |udtræk|extract|export|eksport|data|test)\b""",
    re.VERBOSE | re.IGNORECASE,
)
"""What people and programs add to a file's name."""
_NEAR = 0.85


@dataclass(frozen=True)
class FoundTable:
    """One table of a source, not yet read."""

    name: str
    """As found: file name without ending, sheet or database table."""
    source: str
    """How the user knows it."""
    read: Callable[[Meaning | None], RawTable]
    """Reads it, given what its columns may be called."""
    place: str = ""
    """How a mapping names it: the file, ``file.xlsx#sheet``, the sheet or the database table."""

    def table(self, meaning: Meaning | None = None) -> RawTable:
        """Read it; without a meaning, as the table of its name."""
        return self.read(meaning or meaning_of(self.name))

    def __post_init__(self) -> None:
        """Let no name through that looks like a CPR number."""
        object.__setattr__(self, "name", mask(self.name))
        object.__setattr__(self, "source", mask(self.source))
        object.__setattr__(self, "place", mask(self.place))


@dataclass(frozen=True)
class NotRead:
    """Something that is named like a table and is not read."""

    table: str
    source: str
    advice: str


@dataclass
class Contents:
    """What was found; ``opened`` holds what is to be closed."""

    found: list[FoundTable] = field(default_factory=list)
    not_read: list[NotRead] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    spare: list[FoundTable] = field(default_factory=list)
    """What could be read and is not named as a table of ours: for a mapping."""
    opened: list[Workbook] = field(default_factory=list)

    def close(self) -> None:
        """Let all workbooks go."""
        for book in self.opened:
            book.close()


def nearly(name: str) -> str | None:
    """Table whose name a name is, or nearly is: spelt with a slip, numbered, dated, a copy."""
    bare = _NO_NAME.sub(" ", re.sub(r"[-_()\[\]0-9]", " ", name))
    for text in (name, bare):
        if table := table_named(text):
            return table
    known = {
        fold(word): table.name for table in TABLES.values() for word in (table.name, table.danish)
    }
    near = difflib.get_close_matches(fold(bare), known, 1, _NEAR)
    return known[near[0]] if near else None


def contents(folder: Path) -> Contents:
    """Look through a folder."""
    held = Contents()
    try:
        for path in sorted(folder.iterdir()):
            if not path.name.startswith((".", "~")) and path.name.lower() not in _NO_TABLES:
                _take(held, path)
    except BaseException:
        held.close()
        raise
    return held


def _take(held: Contents, path: Path) -> None:
    name, endings = _parted(path.name)
    shown = mask(path.name)
    if not path.is_file():
        if table := nearly(name):
            advice = Message("advice.a_folder" if path.exists() else "advice.broken_link")
            held.not_read.append(NotRead(table, shown, advice))
        return
    if fold(name) in OURS:
        return
    if endings and endings[-1] in ENDINGS:
        _take_workbook(held, path, name)
        return
    table = table_named(name)
    read = _reader(path, endings)
    if read is not None and (table or (nearly(name) is None and endings != [".txt"])):
        held.found.append(FoundTable(name, path.name, read, path.name))
        return
    if read is not None:
        held.spare.append(FoundTable(name, path.name, read, path.name))
    if near := nearly(name):
        told = _what_to_do(near, named=bool(table), readable=read is not None)
        held.not_read.append(NotRead(near, shown, told))
    else:
        held.others.append(shown)


def _what_to_do(table: str, *, named: bool, readable: bool) -> Message:
    key = "advice.save_as_table" if named and not readable else "advice.name_file"
    return Message(key, table=table_name(table))


def _parted(name: str) -> tuple[str, list[str]]:
    """Name without its endings, and the endings, however many, in lower case."""
    endings: list[str] = []
    while (ending := Path(name).suffix.lower()) in _ENDINGS and Path(name).stem:
        endings.insert(0, ending)
        name = Path(name).stem.rstrip()
    return name, endings


def _reader(path: Path, endings: list[str]) -> Callable[[Meaning | None], RawTable] | None:
    """How a file is read; None: it is not."""
    packed = endings[-1:] in ([".gz"], [".zip"])
    plain = endings[:-1] if packed else endings
    if packed and (not plain or plain[-1] in _TEXT):
        unpack = _gunzip if endings[-1] == ".gz" else _unzip
        return lambda meaning: csv_table(unpack(path), path.name, path.name, meaning)
    if plain and plain[-1] in _TEXT and set(plain) <= set(_TEXT):
        return lambda meaning: read_csv(path, meaning)
    if endings == [".parquet"]:
        return lambda _: read_parquet(path)
    return None


def meaning_of(name: str) -> Meaning | None:
    """Which field a column name means in the table of a name; None where it is no table."""
    table = table_named(name)
    return partial(column_named, table) if table else None


def _gunzip(path: Path) -> bytes:
    try:
        with gzip.open(path) as stream:
            data = stream.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableError(
            Message("unreadable.packed", reason=str(error)[:80]), DAMAGED
        ) from None
    if len(data) > MOST_BYTES:
        raise UnreadableError(
            Message("unreadable.unpacks_too_much"), Message("advice.leave_out_no_table")
        )
    return data


def _unzip(path: Path) -> bytes:
    package = Package(path)
    with contextlib.closing(package):
        parts = [part for part in package.parts if not part.endswith("/")]
        if len(parts) != 1 or Path(parts[0]).suffix.lower() not in _TEXT:
            raise UnreadableError(
                Message("unreadable.holds_files", count=len(parts)), Message("advice.unpack")
            )
        return package.whole(parts[0])


# ------------------------------------------------------------------------------ workbooks


def _take_workbook(held: Contents, path: Path, name: str) -> None:
    """Take the sheets that are tables; the one sheet of a workbook that is named as one."""
    near = nearly(name)
    shown = mask(path.name)
    try:
        book = Workbook(path)
    except UnreadableError as error:
        if near:
            held.found.append(FoundTable(near, path.name, _raising(error)))
        else:
            held.others.append(shown)
        return
    held.opened.append(book)
    whole = table_named(name)
    if whole and len(book.names) == 1:
        sheet = book.names[0]
        read = partial(sheet_table, book, sheet, name, shown)
        held.found.append(FoundTable(name, path.name, read, path.name))
        return
    tables = [sheet for sheet in book.names if table_named(sheet)]
    for sheet in tables:
        source = Message("source.sheet_of", file=path.name, sheet=mask(sheet))
        read = partial(sheet_table, book, sheet, sheet, source)
        held.found.append(FoundTable(sheet, source, read, f"{path.name}#{sheet}"))
    _take_near_sheets(held, book, shown)
    _take_spare_sheets(held, book, path.name)
    if near and not any(table_named(sheet) == near for sheet in tables):
        advice = Message("advice.one_sheet", table=table_name(near))
        told = advice if whole else _what_to_do(near, named=False, readable=True)
        held.not_read.append(NotRead(near, shown, told))
    elif not tables:
        held.others.append(shown)


def _raising(error: UnreadableError) -> Callable[[Meaning | None], RawTable]:
    def read(_: Meaning | None) -> RawTable:
        raise error

    return read


def _take_near_sheets(held: Contents, book: Workbook, where: str = "") -> None:
    for sheet in book.names:
        if not table_named(sheet) and (near := nearly(sheet)):
            advice = Message("advice.name_sheet", table=table_name(near))
            source = Message("source.sheet_of" if where else "source.sheet",
                             file=where, sheet=mask(sheet))  # fmt: skip
            held.not_read.append(NotRead(near, source, advice))


def _take_spare_sheets(held: Contents, book: Workbook, file: str = "") -> None:
    """Keep at hand the sheets that are not named as a table."""
    taken = {item.name for item in held.found if not file or item.place.startswith(f"{file}#")}
    for sheet in book.names:
        if sheet in taken:
            continue
        key = "source.sheet_of" if file else "source.sheet"
        source = Message(key, file=file, sheet=mask(sheet))
        place = f"{file}#{sheet}" if file else sheet
        read = partial(sheet_table, book, sheet, sheet, source)
        held.spare.append(FoundTable(sheet, source, read, place))


def workbook_contents(path: Path) -> Contents:
    """Look through a workbook that is the whole source.

    Raises
    ------
    UnreadableError
        It cannot be opened.
    """
    book = Workbook(path)
    held = Contents(opened=[book])
    for sheet in book.names:
        source = Message("source.sheet", sheet=mask(sheet))
        if table_named(sheet) or not nearly(sheet):
            read = partial(sheet_table, book, sheet, sheet, source)
            held.found.append(FoundTable(sheet, source, read, sheet))
    _take_near_sheets(held, book)
    _take_spare_sheets(held, book)
    return held


def sheet_table(
    book: Workbook, sheet: str, name: str, source: str, meaning: Meaning | None
) -> RawTable:
    """Read a sheet as the table of a name.

    Raises
    ------
    UnreadableError
        The sheet is damaged or empty, or its header cannot be told.
    """
    cells = book.sheet(sheet)
    if not any(any(map(str.strip, row)) for row in cells.rows):
        raise UnreadableError(Message("unreadable.empty_sheet"), Message("advice.extract_again"))
    table = lay_out(iter(cells.rows), meaning)
    return RawTable(
        name,
        source,
        table.columns,
        table.rows,
        table.ragged,
        serial_zero=cells.serial_zero,
        facts={"format": "excel"},
        remarks=(*table.remarks, *_hidden(cells.hidden)),
    )


def _hidden(rows: frozenset[int]) -> tuple[Remark, ...]:
    if not rows:
        return ()
    numbers = ", ".join(map(str, sorted(rows)[:3])) + (" ..." if len(rows) > 3 else "")
    found = Message("found.hidden_rows", count=len(rows), rows=numbers)
    return (Remark(IssueCode.HIDDEN_ROWS, found, Message("advice.hidden_rows")),)
