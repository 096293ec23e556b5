"""Rows into a folder of tables: beside what is there, which stays as it stands.

A table in the folder may have English or Danish names and columns of a team's own. Rows of an
earlier import of the same kind are taken out, rows of the same key replaced (or kept, where the
team knows more), everything else is written back as it was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from matcher import private
from matcher.cpr import mask
from matcher.errors import InputErrors
from matcher.records import TABLES
from matcher.tables.csvfile import read_csv
from matcher.tables.folder import contents
from matcher.tables.issues import table_name
from matcher.tables.names import column_named, table_named
from matcher.tables.raw import RawTable, UnreadableError
from matcher.texts import Message

BESIDE = "imported"
"""Folder within a folder of tables, for what is no table: questions, lists, what was put aside."""


@dataclass(frozen=True)
class TextTable:
    """A table of a folder as texts."""

    path: Path
    rows: pd.DataFrame
    """By English name of the column; a column of nobody's by its header."""
    headers: Mapping[str, str]
    """Header of each column as it stands in the file."""


def held_table(folder: Path, name: str) -> TextTable | None:
    """Read a table of a folder as it stands; None where there is none.

    Raises
    ------
    InputErrors
        The table is there in another form than CSV, or cannot be read.
    """
    if not folder.is_dir():
        return None
    found = contents(folder)
    try:
        names = [one for one in found.found if table_named(one.name) == name]
    finally:
        found.close()
    if not names:
        return None
    path = folder / names[0].place
    if path.suffix.lower() != ".csv" or len(names) > 1:
        raise InputErrors(
            Message("imports.other_form", table=table_name(name),
                    file=mask(names[0].source), folder=mask(str(folder)))
        )  # fmt: skip
    try:
        raw = read_csv(path, partial(column_named, name))
    except UnreadableError as error:
        raise InputErrors(
            Message("imports.unreadable", file=path.name, reason=error.reason)
        ) from None
    return TextTable(path, *_texts(name, raw))


def _texts(name: str, raw: RawTable) -> tuple[pd.DataFrame, dict[str, str]]:
    if raw.ragged:
        rows = tuple(row for row, _ in raw.ragged)
        raise InputErrors(
            Message("imports.ragged", file=mask(raw.source), rows=rows[:5], count=len(rows))
        )
    data, headers = {}, {}
    for column in raw.columns:
        field = column_named(name, column.header) or column.header
        texts = np.array([str(text) for text in column.texts] or [""], dtype=object)
        data[field] = texts[column.codes] if len(column.codes) else np.empty(0, dtype=object)
        headers[field] = column.header
    return pd.DataFrame(data, dtype=object), headers


def put_into(
    folder: Path,
    name: str,
    rows: pd.DataFrame,
    *,
    own: str = "",
    keep: bool = False,
    whole: bool = False,
) -> tuple[Path, int]:
    """Write rows of texts into a table of a folder.

    Parameters
    ----------
    own
        Beginning of the ids of this kind of import: rows with it that are not among the new ones
        are taken out. Empty: none are.
    keep
        Whether a row of the same key that is there already stays as it is.
    whole
        Whether new cells only complete the row of the same key, column by column.

    Returns
    -------
    path
        The file.
    gone
        Rows of an earlier import that were taken out.
    """
    held = held_table(folder, name)
    keys = list(TABLES[name].key)
    gone = 0
    headers: Mapping[str, str] = {}
    if held is None:
        path, merged = folder / f"{name}.csv", rows
    else:
        path, before, headers = held.path, held.rows, held.headers
        if own:
            old = before[keys[0]].astype(str).str.startswith(own)
            gone = int((old & ~before[keys[0]].isin(rows[keys[0]])).sum())
            before = before[~old]
        merged = _merged(before, rows, keys, keep=keep, whole=whole)
    merged = merged.rename(columns=dict(headers))
    private.folder(folder)
    with private.opened(path, encoding="utf-8") as file:
        _texted(merged).to_csv(file, index=False, lineterminator="\n")
    return path, gone


def write_table(held: TextTable, rows: pd.DataFrame) -> Path:
    """Write a table back that was read, changed; under the names it had."""
    with private.opened(held.path, encoding="utf-8") as file:
        _texted(rows.rename(columns=dict(held.headers))).to_csv(
            file, index=False, lineterminator="\n"
        )
    return held.path


def _merged(
    before: pd.DataFrame, rows: pd.DataFrame, keys: list[str], *, keep: bool, whole: bool
) -> pd.DataFrame:
    columns = [*before.columns, *(name for name in rows.columns if name not in before.columns)]
    there = pd.MultiIndex.from_frame(before[keys].astype(str))
    new = pd.MultiIndex.from_frame(rows[keys].astype(str))
    if whole:
        place = pd.Series(np.arange(len(before)), index=there).reindex(new).to_numpy(np.float64)
        completed = before.reindex(columns=columns).reset_index(drop=True)
        known = ~np.isnan(place)
        at = place[known].astype(np.int64)
        for name in rows.columns:
            if name not in keys:
                cells = completed[name].to_numpy(dtype=object, copy=True)
                cells[at] = rows[name].to_numpy(dtype=object)[known]
                completed[name] = cells
        both: pd.DataFrame = pd.concat([completed, rows[~known]], ignore_index=True)
        return both.reindex(columns=columns)
    if keep:
        return pd.concat([before, rows[~new.isin(there)]], ignore_index=True)[columns]
    return pd.concat([before[~there.isin(new)], rows], ignore_index=True)[columns]


def write_list(folder: Path, name: str, rows: pd.DataFrame) -> Path | None:
    """Write a list for people beside the tables, as a Danish Excel opens it; none where empty.

    A list of an earlier import is taken away.
    """
    path = folder / f"{name}.csv"
    if rows.empty:
        path.unlink(missing_ok=True)
        return None
    with private.opened(private.folder(folder) / path.name, encoding="utf-8-sig") as file:
        told = _texted(rows).map(_no_formula)
        told.to_csv(file, sep=";", index=False, lineterminator="\r\n")
    return path


def _texted(rows: pd.DataFrame) -> pd.DataFrame:
    """Return cells as they are written; missing ones empty."""
    cells = rows.astype(object)
    return cells.where(cells.notna(), "")


def _no_formula(value: object) -> object:
    """Keep a spreadsheet from reckoning with a text of somebody else's."""
    text = str(value)
    return f" {text}" if text[:1] in {"=", "+", "-", "@"} else value


def read_list(path: Path) -> pd.DataFrame | None:
    """Read such a list as it came back, by header as it stands; None where there is none.

    Raises
    ------
    InputErrors
        It cannot be read.
    """
    if not path.exists():
        return None
    try:
        raw = read_csv(path)
    except UnreadableError as error:
        raise InputErrors(
            Message("imports.unreadable", file=mask(path.name), reason=error.reason)
        ) from None
    data = {
        column.header.strip(): np.array([str(text).strip() for text in column.texts] or [""],
                                        dtype=object)[column.codes]
        for column in raw.columns
    }  # fmt: skip
    return pd.DataFrame(data, index=raw.rows, dtype=object)
