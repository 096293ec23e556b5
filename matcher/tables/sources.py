"""Where the tables come from: a folder of CSV or Parquet, a workbook, a database, or frames.

:func:`open_source` finds out what an address is and lists what is there without reading the
cells; each found table is then read by the function of its format. Optional packages are
imported here, where they are used, and their absence names the extra to install.
"""

from __future__ import annotations

import dataclasses
import difflib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matcher.cpr import mask
from matcher.errors import OptionError
from matcher.records import TABLES
from matcher.tables.folder import (
    OURS,
    Contents,
    FoundTable,
    NotRead,
    contents,
    nearly,
    workbook_contents,
)
from matcher.tables.frames import Frames, check_frames, read_frame
from matcher.tables.issues import table_name
from matcher.tables.names import fold, table_named
from matcher.tables.raw import RawTable, Unread, UnreadableError, cell_text, encoded, without_blank
from matcher.tables.workbook import ENDINGS
from matcher.texts import Message, joined

_DATABASE = {".db", ".sqlite", ".sqlite3"}
ADVICE_ADDRESS = Message("source.advice")


@dataclass(frozen=True)
class Source:
    """What an address holds."""

    format: str
    """``folder``, ``excel``, ``sql`` or ``frames``."""
    address: str
    """The address, without password."""
    known: dict[str, tuple[FoundTable, ...]]
    """By English table name; more than one is an issue."""
    unknown: tuple[FoundTable, ...]
    """Sheets, database tables and files of a known format that are not tables of jobmatch."""
    not_read: tuple[NotRead, ...] = ()
    """What is named like a table, or nearly so, and is not read."""
    others: tuple[str, ...] = ()
    """Other files of a folder."""
    spare: tuple[FoundTable, ...] = ()
    """What could be read besides, for a mapping."""
    close: Callable[[], None] = field(default=lambda: None)

    def everything(self) -> tuple[FoundTable, ...]:
        """Every table that can be read, ours by name or not."""
        known = [item for found in self.known.values() for item in found]
        return tuple(sorted((*known, *self.unknown, *self.spare), key=lambda item: item.place))

    def __post_init__(self) -> None:
        """Let no name through that looks like a CPR number."""
        object.__setattr__(self, "address", mask(self.address, digits_allowed=True))
        object.__setattr__(self, "others", tuple(map(mask, self.others)))


Tables = str | Path | Frames
"""Where the tables are: an address, or the frames themselves by table name."""


def open_source(address: Tables, *, mapped: bool = False) -> Source:
    """Find out what is at an address, or among frames.

    Parameters
    ----------
    address
        Where the tables are.
    mapped
        Whether a mapping will say which tables they are: then no name needs to be known.

    Raises
    ------
    OptionError
        There is nothing there, it is no known kind of source, it holds no known table, or an
        optional package is missing.
    """
    if isinstance(address, Mapping):
        return _checked(_frames(address), mapped)
    text = str(address)
    if "://" in text:
        return _checked(_database(text), mapped)
    path = Path(address)
    shown = mask(text)
    if not path.exists():
        raise _refused(Message("source.nothing", address=shown), _nearest(path))
    if path.is_dir():
        return _checked(_of(contents(path), "folder", mask(text)), mapped)
    if path.suffix.lower() in ENDINGS:
        try:
            held = workbook_contents(path)
        except UnreadableError as error:
            told = Message("source.no_workbook", address=shown, reason=error.reason)
            raise OptionError(joined((told, error.advice), "\n")) from None
        return _checked(_of(held, "excel", mask(text)), mapped)
    if path.suffix.lower() in _DATABASE:
        return _checked(_database(f"sqlite:///{path}"), mapped)
    raise _refused(Message("source.no_source", address=shown))


def _refused(*said: str) -> OptionError:
    return OptionError(joined((joined(said), ADVICE_ADDRESS), "\n"))


def _nearest(path: Path) -> str:
    parent = path.parent
    if not parent.is_dir():
        return Message("source.no_folder", folder=mask(str(parent)))
    near = difflib.get_close_matches(path.name, sorted(item.name for item in parent.iterdir()), 1)
    return Message("source.nearest", path=mask(str(parent / near[0]))) if near else ""


def _checked(source: Source, mapped: bool) -> Source:
    if source.known or source.not_read or (mapped and source.everything()):
        return source
    source.close()
    names = [*(item.source for item in source.unknown), *source.others]
    some = list(TABLES.values())[:3]
    raise _refused(
        Message(
            "source.no_tables",
            address=source.address,
            found=joined([mask(name) for name in names[:5]], ", ")
            or Message("source.found_nothing"),
            names=tuple(table.name for table in some),
            danish=tuple(table.danish for table in some),
        )
    )


def _sorted(
    found: Sequence[FoundTable], form: str, address: str, close: Callable[[], None]
) -> Source:
    known: dict[str, list[FoundTable]] = {}
    unknown: list[FoundTable] = []
    for item in sorted(found, key=lambda item: item.source):
        table = table_named(item.name)
        if table is not None:
            known.setdefault(table, []).append(item)
        elif fold(item.name) not in OURS:
            unknown.append(item)
    return Source(
        form,
        address,
        {table: tuple(known[table]) for table in TABLES if table in known},
        tuple(unknown),
        close=close,
    )


def _of(held: Contents, form: str, address: str) -> Source:
    source = _sorted(held.found, form, address, held.close)
    return dataclasses.replace(
        source,
        not_read=tuple(held.not_read),
        others=tuple(held.others),
        spare=tuple(held.spare),
    )


def _nothing() -> None:
    """Close a source that holds nothing open."""


# ------------------------------------------------------------------------------ frames


def _frames(frames: Frames) -> Source:
    check_frames(frames)
    found = [
        FoundTable(
            name,
            Message("source.frame", name=mask(name)),
            lambda _, name=name: without_blank(read_frame(name, frames[name])),  # type: ignore[misc]
            name,
        )
        for name in frames
    ]
    near = [
        NotRead(table, mask(name), Message("advice.name_frame", table=table_name(table)))
        for name in frames
        if not table_named(name) and (table := nearly(name))
    ]
    spare = tuple(item for item in found if nearly(item.name) and not table_named(item.name))
    source = _sorted([item for item in found if item not in spare], "frames", "frames", _nothing)
    return dataclasses.replace(source, not_read=tuple(near), spare=spare)


# ------------------------------------------------------------------------------ database


def _database(address: str) -> Source:
    import sqlalchemy as sa
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

    try:
        url = sa.make_url(address)
    except ArgumentError:
        raise OptionError(Message("source.bad_url")) from None
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername="postgresql+psycopg")
    shown = mask(url.render_as_string(hide_password=True))
    if url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}:
        path = Path(str(url.database))
        if not path.is_file():  # SQLite would make an empty database instead of failing
            raise OptionError(
                joined((Message("source.no_database", path=mask(str(path))), _nearest(path)))
            )
    try:
        engine = sa.create_engine(url)
    except (ImportError, NoSuchModuleError):
        extra = "postgres" if url.get_backend_name() == "postgresql" else ""
        key = "source.no_driver_extra" if extra else "source.no_driver"
        raise OptionError(Message(key, driver=url.drivername, extra=extra)) from None
    try:
        if url.get_backend_name() == "sqlite":
            sa.event.listen(engine, "connect", _decode_by_cell)
        with engine.connect() as connection:
            inspector = sa.inspect(connection)
            names = sorted({*inspector.get_table_names(), *inspector.get_view_names()})
    except (SQLAlchemyError, *_DAMAGE) as error:
        engine.dispose()
        told = Message("source.database_unread", address=shown, reason=_cause(error))
        raise OptionError(told) from None
    found = [
        FoundTable(
            name,
            Message("source.table", name=mask(name)),
            lambda _, name=name: _read_sql(engine, name),  # type: ignore[misc]
            name,
        )
        for name in names
    ]
    return _sorted(found, "sql", shown, engine.dispose)


_DAMAGE = (sqlite3.Error, UnicodeError, ValueError, OverflowError)
"""What drivers raise by themselves over a damaged file."""


def _cause(error: Exception) -> str:
    """Say what is wrong, without a cell."""
    if isinstance(error, UnicodeError):
        return "a name in it is not UTF-8 text"
    return mask(str(getattr(error, "orig", error)).strip().partition("\n")[0])


def _decode_by_cell(connection: Any, _: Any) -> None:
    """Let a text of SQLite that is not UTF-8 be a fault of its cell, not of its table."""

    def text(data: bytes) -> str:
        try:
            return data.decode()
        except UnicodeDecodeError:
            return Unread(Message("cell.no_utf8"))

    connection.text_factory = text


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
    except (SQLAlchemyError, *_DAMAGE) as error:
        raise UnreadableError(
            Message("unreadable.database_says", reason=_cause(error)), Message("advice.make_again")
        ) from None
    source = Message("source.table", name=mask(name))
    return RawTable(name, source, columns, rows, ragged, facts={"format": "sql"})
