"""Where the tables come from: a folder of CSV or Parquet, a workbook, a database, or frames.

:func:`open_source` finds out what an address is and lists what is there without reading the
cells; each found table is then read by the function of its format. Optional packages are
imported here, where they are used, and their absence names the extra to install.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from matcher.errors import OptionError
from matcher.records import TABLES
from matcher.tables.cpr import mask
from matcher.tables.csvfile import read_csv
from matcher.tables.frames import Frames, arrow_column, check_frames, read_frame
from matcher.tables.issues import IssueCode
from matcher.tables.names import fold, table_named
from matcher.tables.packages import need
from matcher.tables.raw import RawColumn, RawTable, Remark, UnreadableError, cell_text, encoded
from matcher.tables.workbook import Workbook

_TEXT = {".csv", ".tsv", ".txt"}
_WORKBOOK = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
_DATABASE = {".db", ".sqlite", ".sqlite3"}
_OURS = {fold("data_dictionary"), fold("dataordbog"), fold("readme")}
"""Files that ``jobmatch template`` puts beside the tables."""
ADVICE_ADDRESS = (
    "Give a folder of CSV or Parquet files, an Excel workbook, or a database URL"
    " such as sqlite:///week.db. `jobmatch template DIR` writes empty tables."
)


@dataclass(frozen=True)
class Found:
    """One table of a source, not yet read."""

    name: str
    """As found: file name without ending, sheet or database table."""
    source: str
    """How the user knows it."""
    read: Callable[[], RawTable]


@dataclass(frozen=True)
class Source:
    """What an address holds."""

    format: str
    """``folder``, ``excel``, ``sql`` or ``frames``."""
    address: str
    """The address, without password."""
    known: dict[str, tuple[Found, ...]]
    """By English table name; more than one is an issue."""
    unknown: tuple[Found, ...]
    """Files, sheets or database tables that are not tables of jobmatch."""
    close: Callable[[], None] = field(default=lambda: None)


Tables = str | Path | Frames
"""Where the tables are: an address, or the frames themselves by table name."""


def open_source(address: Tables) -> Source:
    """Find out what is at an address, or among frames.

    Raises
    ------
    OptionError
        There is nothing there, it is no known kind of source, it holds no known table, or an
        optional package is missing.
    """
    if isinstance(address, Mapping):
        return _checked(_frames(address))
    text = str(address)
    if "://" in text:
        return _checked(_database(text))
    path = Path(address)
    shown = mask(text)
    if not path.exists():
        raise OptionError(f"There is nothing at '{shown}'.{_nearest(path)}\n{ADVICE_ADDRESS}")
    if path.is_dir():
        return _checked(_folder(path))
    if path.suffix.lower() in _WORKBOOK:
        return _checked(_workbook(path))
    if path.suffix.lower() in _DATABASE:
        return _checked(_database(f"sqlite:///{path}"))
    raise OptionError(f"'{shown}' is not a folder, a workbook or a database.\n{ADVICE_ADDRESS}")


def _nearest(path: Path) -> str:
    parent = path.parent
    if not parent.is_dir():
        return f" Not even the folder '{mask(str(parent))}' is there."
    near = difflib.get_close_matches(path.name, sorted(item.name for item in parent.iterdir()), 1)
    return f" Did you mean '{mask(str(parent / near[0]))}'?" if near else ""


def _checked(source: Source) -> Source:
    if source.known:
        return source
    found = ", ".join(mask(item.source) for item in source.unknown[:5]) or "nothing"
    raise OptionError(
        f"'{source.address}' holds none of the tables; found {found}."
        f" Expected e.g. {', '.join(list(TABLES)[:3])}"
        f" ({', '.join(table.danish for table in list(TABLES.values())[:3])}).\n{ADVICE_ADDRESS}"
    )


def _sorted(found: Sequence[Found], form: str, address: str, close: Callable[[], None]) -> Source:
    known: dict[str, list[Found]] = {}
    unknown: list[Found] = []
    for item in sorted(found, key=lambda item: item.source):
        table = table_named(item.name)
        if table is not None:
            known.setdefault(table, []).append(item)
        elif fold(item.name) not in _OURS:
            unknown.append(item)
    return Source(
        form,
        address,
        {table: tuple(known[table]) for table in TABLES if table in known},
        tuple(unknown),
        close,
    )


def _nothing() -> None:
    """Close a source that holds nothing open."""


# ------------------------------------------------------------------------------ frames


def _frames(frames: Frames) -> Source:
    check_frames(frames)
    found = [
        Found(
            name,
            f"frame '{mask(name)}'",
            lambda name=name: _without_blank(read_frame(name, frames[name])),  # type: ignore[misc]
        )
        for name in frames
    ]
    return _sorted(found, "frames", "frames", _nothing)


# ------------------------------------------------------------------------------ folder


def _folder(folder: Path) -> Source:
    found: list[Found] = []
    for path in sorted(folder.iterdir()):
        if not path.is_file() or path.name.startswith((".", "~")):
            continue
        suffix = path.suffix.lower()
        if suffix in _TEXT and (suffix != ".txt" or table_named(path.stem)):
            found.append(Found(path.stem, path.name, lambda path=path: read_csv(path)))  # type: ignore[misc]
        elif suffix == ".parquet":
            found.append(Found(path.stem, path.name, lambda path=path: _read_parquet(path)))  # type: ignore[misc]
    return _sorted(found, "folder", mask(str(folder)), _nothing)


def _read_parquet(path: Path) -> RawTable:
    parquet = need("pyarrow.parquet", "parquet", "Reading Parquet")
    arrow = importlib.import_module("pyarrow")
    try:
        table = parquet.read_table(path, partitioning=None)
    except (arrow.ArrowException, OSError) as error:
        raise UnreadableError(
            f"it is not a Parquet file ({mask(str(error).splitlines()[0])})"
        ) from None
    columns = tuple(
        arrow_column(str(name), table.column(position))
        for position, name in enumerate(table.column_names)
    )
    return _without_blank(
        RawTable(
            path.stem,
            path.name,
            columns,
            np.arange(1, table.num_rows + 1, dtype=np.int64),
            facts={"format": "parquet"},
        )
    )


def _without_blank(table: RawTable) -> RawTable:
    """Leave out rows in which every cell is empty."""
    filled = np.zeros(len(table.rows), dtype=np.bool_)
    for column in table.columns:
        has_text = np.array([bool(text) for text in column.texts], dtype=np.bool_)
        if len(has_text):
            filled |= has_text[column.codes]
    if filled.all():
        return table
    columns = tuple(
        RawColumn(column.header, column.texts, column.codes[filled]) for column in table.columns
    )
    return RawTable(
        table.name,
        table.source,
        columns,
        table.rows[filled],
        table.ragged,
        table.serial_zero,
        table.facts,
        table.remarks,
    )


# ------------------------------------------------------------------------------ workbook


def _workbook(path: Path) -> Source:
    try:
        book = Workbook(path)
    except UnreadableError as error:
        raise OptionError(
            f"'{mask(str(path))}' cannot be opened as a workbook ({error.reason}).\n{error.advice}"
        ) from None
    found = [
        Found(name, f"sheet '{mask(name)}'", lambda name=name: _read_sheet(book, name))  # type: ignore[misc]
        for name in book.names
    ]
    return _sorted(found, "excel", mask(str(path)), book.close)


def _read_sheet(book: Workbook, name: str) -> RawTable:
    sheet = book.sheet(name)
    texts = iter(sheet.rows)
    for number, row in enumerate(texts, start=1):
        if any(cell.strip() for cell in row):
            headers = [cell.strip() for cell in row]
            columns, numbers, ragged = encoded(texts, headers, number + 1)
            return RawTable(
                name,
                f"sheet '{mask(name)}'",
                columns,
                numbers,
                ragged,
                serial_zero=sheet.serial_zero,
                facts={"format": "excel"},
                remarks=_hidden(sheet.hidden),
            )
    raise UnreadableError("the sheet is empty", "Maybe the extract failed: make it again.")


def _hidden(rows: frozenset[int]) -> tuple[Remark, ...]:
    if not rows:
        return ()
    numbers = ", ".join(map(str, sorted(rows)[:3])) + (" ..." if len(rows) > 3 else "")
    advice = "Delete them if they are not meant, or take the filter off."
    return (Remark(IssueCode.HIDDEN_ROWS, f"{len(rows)} (row {numbers})", advice),)


# ------------------------------------------------------------------------------ database


def _database(address: str) -> Source:
    import sqlalchemy as sa
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

    try:
        url = sa.make_url(address)
    except ArgumentError:
        raise OptionError(
            "The database URL cannot be read; expected e.g. sqlite:///week.db"
            " or postgresql://user@host/database."
        ) from None
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername="postgresql+psycopg")
    shown = mask(url.render_as_string(hide_password=True))
    if url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}:
        path = Path(str(url.database))
        if not path.is_file():  # SQLite would make an empty database instead of failing
            raise OptionError(f"There is no database at '{mask(str(path))}'.{_nearest(path)}")
    try:
        engine = sa.create_engine(url)
    except (ImportError, NoSuchModuleError):
        extra = "postgres" if url.get_backend_name() == "postgresql" else ""
        advice = (
            f"Try: pip install 'jobmatch[{extra}]'"
            if extra
            else f"Install the driver of '{url.drivername}' for SQLAlchemy."
        )
        raise OptionError(
            f"The driver for '{url.drivername}' is not installed.\n{advice}"
        ) from None
    try:
        with engine.connect() as connection:
            inspector = sa.inspect(connection)
            names = sorted({*inspector.get_table_names(), *inspector.get_view_names()})
    except SQLAlchemyError as error:
        engine.dispose()
        cause = mask(str(getattr(error, "orig", error)).strip().partition("\n")[0])
        raise OptionError(f"The database '{shown}' cannot be read: {cause}") from None
    found = [
        Found(name, f"table '{mask(name)}'", lambda name=name: _read_sql(engine, name))  # type: ignore[misc]
        for name in names
    ]
    return _sorted(found, "sql", shown, engine.dispose)


def _read_sql(engine: Any, name: str) -> RawTable:
    import sqlalchemy as sa
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with engine.connect() as connection:
            result = connection.execute(sa.select(sa.text("*")).select_from(sa.table(name)))
            headers = list(map(str, result.keys()))
            columns, rows, ragged = encoded(
                (list(map(cell_text, row)) for row in result), headers, 1
            )
    except SQLAlchemyError as error:
        cause = mask(str(getattr(error, "orig", error)).strip().partition("\n")[0])
        raise UnreadableError(f"the database says: {cause}") from None
    return RawTable(name, f"table '{mask(name)}'", columns, rows, ragged, facts={"format": "sql"})
