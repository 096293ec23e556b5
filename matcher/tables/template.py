"""Empty tables and the data dictionary, made from the records themselves."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd

from matcher import private
from matcher.problem import as_frame
from matcher.records import TABLES
from matcher.tables.cells import Column
from matcher.tables.sheet import columns_of
from matcher.tables.write import write_folder

DICTIONARY = "data_dictionary"
_COLUMNS = (
    "table",
    "tabel",
    "column",
    "kolonne",
    "type",
    "meaning",
    "allowed",
    "default",
    "needed",
)
_TYPES = {
    "text": "text",
    "whole": "whole number",
    "number": "number",
    "yes_no": "yes or no",
    "date": "date",
    "choice": "coded value",
    "blocks": "weekly blocks",
    "words": "list",
}


def dictionary() -> pd.DataFrame:
    """Return one row per column of every table: both names, type, meaning, range, default."""
    rows = [
        (
            table.name,
            table.danish,
            column.name,
            column.danish,
            _TYPES[column.kind],
            column.sentence,
            column.expected,
            _default(column),
            _needed(column),
        )
        for table in TABLES.values()
        for column in columns_of(table, None).values()
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _needed(column: Column) -> str:
    if column.needed:
        return "yes"
    protects = column.protects
    return "no" if protects is None or protects.may_be_absent else "the column"


def _default(column: Column) -> str:
    value = column.default
    if column.careful:
        return "not known"
    if column.needed or value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def write_template(folder: str | Path, *, danish: bool = False) -> tuple[Path, ...]:
    """Write empty tables and the data dictionary.

    CSV files always (UTF-8 with a byte order mark and semicolons in Danish, for Excel); one
    workbook with a sheet per table where the package for it is installed. Existing files of these
    names are replaced.

    Returns
    -------
    tuple
        The files written.
    """
    path = Path(folder)
    empty = {name: as_frame(table, {}) for name, table in TABLES.items()}
    write_folder(
        empty,
        path,
        danish=danish,
        encoding="utf-8-sig",
        separator=";" if danish else ",",
    )
    written = [path / f"{table.danish if danish else table.name}.csv" for table in TABLES.values()]
    if importlib.util.find_spec("xlsxwriter") is not None:
        written.append(Path(write_folder(empty, path, format="excel", danish=danish)))
    frame = dictionary()
    with private.opened(path / f"{DICTIONARY}.csv", encoding="utf-8-sig") as file:
        frame.to_csv(file, index=False, sep=";" if danish else ",")
    private.write_text(path / f"{DICTIONARY}.md", _markdown(frame))
    return (*written, path / f"{DICTIONARY}.csv", path / f"{DICTIONARY}.md")


def _markdown(frame: pd.DataFrame) -> str:
    lines = [
        "# Data dictionary",
        "",
        "Tables and columns may have their English or their Danish name, in any case. A table is a",
        "CSV or Parquet file, a sheet, or a database table of that name. An empty cell takes the",
        "default. No CPR numbers, names or diagnoses, anywhere.",
        "",
        "Where `the column` is needed, the field protects somebody: a table without the column is",
        "refused unless the policy declares, under `[declared.TABLE]`, what everybody is taken to",
        "have. Where the default is `not known`, an empty cell is no fact: the value in the",
        "section `[unknown]` of the policy counts, and each such cell is told. The word",
        "`none` (`ingen`) says that there is none, in columns that protect somebody and may hold",
        "none.",
    ]
    for name, table in TABLES.items():
        sentence = " ".join((table.record.__doc__ or "").split())
        needed = "Needed." if table.needed else "Optional."
        key = ", ".join(table.key)
        lines += ["", f"## {name} / {table.danish}", "", f"{sentence} {needed} Key: {key}.", ""]
        lines += ["| column | kolonne | type | meaning | allowed | default | needed |"]
        lines += ["| --- | --- | --- | --- | --- | --- | --- |"]
        part = frame[frame["table"] == name].drop(columns=["table", "tabel"])
        lines += [
            "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
            for row in part.itertuples(index=False, name=None)
        ]
    return "\n".join(lines) + "\n"
