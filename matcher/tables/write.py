"""Tables out: canonical frames as CSV, Parquet, a workbook or a database, and the quarantine.

What is written here is read back to the same frames, in English or Danish. The caller's frames
are not changed.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd

from matcher import private
from matcher.cpr import looks_like_cpr
from matcher.errors import OptionError
from matcher.records import NONE_WORDS, TABLES, Table
from matcher.tables.cells import ReadColumn
from matcher.tables.columns import columns_of
from matcher.tables.issues import code_name
from matcher.tables.names import danish_words, words_of
from matcher.tables.packages import need
from matcher.tables.raw import cell_text
from matcher.tables.reading import Reading
from matcher.texts import ENGLISH, Language, Message
from matcher.week import WEEKDAYS, WEEKDAYS_DANISH

Format = Literal["csv", "parquet", "excel", "sql"]
FORMATS: tuple[str, ...] = get_args(Format)
WORKBOOK = "week.xlsx"
DATABASE = "week.db"
_DAYS = dict(zip(WEEKDAYS, WEEKDAYS_DANISH, strict=True))
_DAY = re.compile("|".join(WEEKDAYS))


def check_folder(folder: str | Path, name: str = "folder") -> Path:
    """Make sure that a folder is there and can be written to, or can be made; make nothing.

    Parameters
    ----------
    folder
        The folder.
    name
        How the user knows it, e.g. ``--out``.

    Raises
    ------
    OptionError
        It is a file, lies below one, or must not be written to.
    """
    path = Path(folder)
    if looks_like_cpr(str(path.absolute()), digits_allowed=True):
        raise OptionError(
            f"{name} {path}: the name looks like a CPR number, and everything that is written"
            " would carry it; expected another folder"
        )
    try:
        there = next(part for part in (path, *path.absolute().parents) if part.exists())
    except OSError as error:
        raise OptionError(
            Message("file.no_writing", name=name, path=str(path), reason=str(error.strerror))
        ) from None
    if not there.is_dir():
        key = "file.is_file" if there == path else "file.below_file"
        raise OptionError(Message(key, name=name, path=str(path), file=str(there)))
    if not os.access(there, os.W_OK | os.X_OK):
        raise OptionError(Message("file.no_permission", name=name, path=str(path), file=str(there)))
    return path


def write_folder(
    frames: Mapping[str, pd.DataFrame],
    folder: str | Path,
    *,
    format: Format = "csv",
    danish: bool = False,
    encoding: str = "utf-8",
    separator: str = ",",
    decimal: str = ".",
    dates: Literal["iso", "danish"] = "iso",
) -> str:
    """Write canonical frames so that they can be read back.

    Parameters
    ----------
    frames
        Canonical frames by English table name; only these are written.
    folder
        Folder to write into; made if missing.
    format
        CSV files, Parquet files, one workbook, or one SQLite database.
    danish
        Danish names of tables, columns and coded values.
    encoding, separator, decimal, dates
        How CSV is written. ``dates="danish"`` is 23-11-2026.

    Returns
    -------
    str
        The address to read back: the folder, the workbook, or the database URL.

    Raises
    ------
    OptionError
        A table or the format is unknown, the folder cannot be written to, or the package for the
        format is not installed.
    """
    if format not in FORMATS:
        raise OptionError(Message("file.unknown_format", format=format, known=FORMATS))
    if unknown := sorted(set(frames) - set(TABLES)):
        raise OptionError(Message("file.unknown_tables", unknown=unknown, known=tuple(TABLES)))
    path = check_folder(folder)
    private.folder(path)
    named = {
        (TABLES[name].danish if danish else name): _named(TABLES[name], frames[name], danish)
        for name in TABLES
        if name in frames
    }
    if format == "csv":
        for name, frame in named.items():
            text = _texts(frame, danish, decimal, dates)
            with private.opened(path / f"{name}.csv", encoding=encoding) as file:
                text.to_csv(
                    file,
                    sep=separator,
                    index=False,
                    lineterminator="\r\n" if danish else "\n",
                )
        return str(path)
    if format == "parquet":
        need("pyarrow", "parquet", "writing_parquet")
        for name, frame in named.items():
            frame.to_parquet(private.empty(path / f"{name}.parquet"), index=False)
        return str(path)
    if format == "excel":
        _write_workbook(path / WORKBOOK, named)
        return str(path / WORKBOOK)
    return _write_database(path / DATABASE, named)


def _named(table: Table, frame: pd.DataFrame, danish: bool) -> pd.DataFrame:
    """Return the frame with names and coded values in the language; types stay."""
    frame = _none_written(table, frame, NONE_WORDS[danish])
    if not danish:
        return frame
    data: dict[str, Any] = {}
    for name, column in columns_of(table, None).items():
        data[column.danish] = _danish_values(table.name, column, frame[name])
    return pd.DataFrame(data)


def _none_written(table: Table, frame: pd.DataFrame, word: str) -> pd.DataFrame:
    """Write the word for none where an empty cell would mean that nobody knows."""
    words = {
        name: frame[name].mask(frame[name] == "", word)
        for name, column in columns_of(table, None).items()
        if column.careful and column.takes_none
    }
    return frame.assign(**words) if words else frame


def _danish_values(table: str, column: ReadColumn, cells: pd.Series[Any]) -> pd.Series[Any]:
    if words_of(table, column.name) or column.kind in {"choice", "blocks"}:
        return cells.map({text: _danish_text(table, column, text)
                          for text in cells.dropna().unique()})  # fmt: skip
    return cells


def _danish_text(table: str, column: ReadColumn, text: str) -> str:
    if words_of(table, column.name):
        names = danish_words()
        return ";".join(names.get(word, word) for word in text.split(";"))
    if column.kind == "choice":
        return next((one.danish for one in column.inner if one.value == text), text)
    return _DAY.sub(lambda day: _DAYS[day[0]], text) if column.kind == "blocks" else text


def danish_cell(table: str, name: str, text: str) -> str:
    """Return the text of a cell with coded words and days in Danish, as it may be written."""
    return _danish_text(table, columns_of(TABLES[table], None)[name], text)


def _texts(frame: pd.DataFrame, danish: bool, decimal: str, dates: str) -> pd.DataFrame:
    yes, no = ("ja", "nej") if danish else ("yes", "no")
    pattern = "%Y-%m-%d" if dates == "iso" else "%d-%m-%Y"
    data: dict[str, Any] = {}
    for name in frame.columns:
        cells = frame[name]
        kind = cells.dtype.kind
        if kind == "b":
            data[name] = cells.map({True: yes, False: no})
        elif kind == "M":
            data[name] = cells.dt.strftime(pattern)
        elif kind == "f":
            distinct = {
                number: cell_text(number).replace(".", decimal)
                for number in cells.dropna().unique().tolist()
            }
            data[name] = cells.map(distinct)
        else:
            data[name] = cells
    return pd.DataFrame(data, columns=frame.columns)


def _write_workbook(path: Path, named: Mapping[str, pd.DataFrame]) -> None:
    """One sheet per table; text is typed as text, so ids and postcodes keep their zeros."""
    xlsxwriter = need("xlsxwriter", "excel", "writing_workbook")
    with xlsxwriter.Workbook(private.empty(path), {"constant_memory": False}) as book:
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        text = book.add_format({"num_format": "@"})
        for name, frame in named.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for position, header in enumerate(frame.columns):
                cells = frame[header]
                is_text = cells.dtype.kind in {"O", "U", "T"}
                sheet.set_column(
                    position, position, max(12, len(header) + 2), text if is_text else None
                )
                sheet.write_string(0, position, header, bold)
                missing = cells.isna().tolist()
                for row, value in enumerate(cells.tolist(), start=1):
                    if missing[row - 1]:
                        continue
                    if isinstance(value, str):
                        sheet.write_string(row, position, value, text)
                    elif isinstance(value, bool):
                        sheet.write_boolean(row, position, value)
                    elif isinstance(value, dt.datetime):
                        sheet.write_datetime(row, position, value.replace(tzinfo=None), day)
                    else:
                        sheet.write_number(row, position, value)


def _write_database(path: Path, named: Mapping[str, pd.DataFrame]) -> str:
    import sqlalchemy as sa

    os.close(private.descriptor(path, os.O_CREAT | os.O_RDWR))
    url = f"sqlite:///{path}"
    engine = sa.create_engine(url)
    kinds: dict[str, Any] = {"M": sa.Date(), "b": sa.Boolean()}
    try:
        with engine.begin() as connection:
            for name, frame in named.items():
                types = {
                    column: kinds[frame[column].dtype.kind]
                    for column in frame.columns
                    if frame[column].dtype.kind in kinds
                }
                frame.to_sql(name, connection, index=False, if_exists="replace", dtype=types)
    finally:
        engine.dispose()
    return url


def write_quarantine(
    reading: Reading, folder: str | Path, language: Language = "en"
) -> tuple[Path, ...]:
    """Write the rows put aside, a CSV per table; nothing is written when there are none.

    The reasons are codes in English, which are stable, and their names in any other language.

    UTF-8 with a byte order mark and semicolons, so that a Danish Excel opens it as it is.

    Raises
    ------
    OptionError
        The folder cannot be written to.
    """
    path = check_folder(folder)
    written: list[Path] = []
    for name, aside in reading.quarantine.items():
        frame = aside if language == ENGLISH else _reasons_told(aside, language)
        written.append(private.folder(path) / f"quarantine_{name}.csv")
        with private.opened(written[-1], encoding="utf-8-sig") as file:
            # The line's end is what makes the writer quote both of its characters in a cell.
            frame.to_csv(file, sep=";", index=False, lineterminator="\r\n")
    return tuple(written)


def _reasons_told(aside: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return rows put aside with number and reasons in a language; their own cells stay."""
    told = aside.copy()
    told["reasons"] = [
        "; ".join(code_name(code).told(language) for code in codes.split("; "))
        for codes in aside["reasons"]
    ]
    headings = [Message(f"heading.{name}").told(language) for name in ("row", "reasons")]
    told.columns = pd.Index([*headings, *aside.columns[2:]])
    return told
