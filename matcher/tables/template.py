"""Empty tables and the data dictionary, made from the records themselves."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pandas as pd

from matcher import private
from matcher.problem import as_frame
from matcher.records import NAMES_ALSO_IN, TABLES, danish_name
from matcher.tables.columns import columns_of
from matcher.tables.description import DIALECTS, data_package, sql_skeleton
from matcher.tables.fields import TableField
from matcher.tables.write import write_folder
from matcher.texts import ENGLISH, Both, Figures, Language, Message, own_catalogue, tell

PACKAGE_FILE = "datapackage.json"
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


def dictionary(language: Language = "en") -> pd.DataFrame:
    """Return one row per column of every table: both names, type, meaning, range, default.

    The columns of the answer have the same names in every language; what they hold is in it.
    """
    rows = [
        tuple(
            tell(text, language)
            for text in (
                table.name,
                table.danish,
                column.name,
                column.danish,
                Message(f"kind.{column.kind}"),
                column.meaning,
                column.expected,
                _default(column),
                _needed(column),
            )
        )
        for table in TABLES.values()
        for column in columns_of(table, None).values()
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _needed(column: TableField) -> Message:
    if column.needed:
        return Message("word.yes")
    protects = column.protects
    without = protects is None or protects.may_be_absent
    return Message("word.no" if without else "word.the_column")


def _default(column: TableField) -> str:
    value = column.default
    if column.careful:
        return Message("word.not_known")
    if column.needed or value is None or value == "":
        return ""
    if isinstance(value, bool):
        return Message("word.yes" if value else "word.no")
    if column.kind == "choice":
        return Both(str(value), column.inner(value).danish)
    if column.kind == "blocks":
        return Both.each(lambda language: Figures(language).week(str(value)))
    return Message("word.value", value=float(value) if isinstance(value, float) else value)


def write_template(folder: str | Path, language: Language = ENGLISH) -> tuple[Path, ...]:
    """Write empty tables, the data dictionary, and the tables' description for other programs.

    CSV files always (UTF-8 with a byte order mark and semicolons in Danish, for Excel); one
    workbook with a sheet per table where the package for it is installed. Existing files of these
    names are replaced.

    Returns
    -------
    tuple
        The files written.
    """
    path, danish = Path(folder), language == NAMES_ALSO_IN
    empty = {name: as_frame(table, {}) for name, table in TABLES.items()}
    write_folder(
        empty,
        path,
        danish=danish,
        encoding="utf-8-sig",
        separator=Figures(language).separator,
    )
    written = [path / f"{table.danish if danish else table.name}.csv" for table in TABLES.values()]
    if importlib.util.find_spec("xlsxwriter") is not None:
        written.append(Path(write_folder(empty, path, format="excel", danish=danish)))
    frame = dictionary(language)
    name = Message("dictionary.file").told(language)
    shown = frame.rename(
        columns={one: Message(f"dictionary.{one}").told(language) for one in frame.columns[4:]}
    )
    with private.opened(path / f"{name}.csv", encoding="utf-8-sig") as file:
        shown.to_csv(file, index=False, sep=Figures(language).separator)
    private.write_text(path / f"{name}.md", _markdown(frame, language))
    described = json.dumps(data_package(language), ensure_ascii=False, indent=2)
    private.write_text(path / PACKAGE_FILE, described + "\n")
    for dialect in DIALECTS:
        private.write_text(path / f"tables.{dialect}.sql", sql_skeleton(dialect, language))
    more = (f"{name}.csv", f"{name}.md", PACKAGE_FILE, *(f"tables.{one}.sql" for one in DIALECTS))
    return (*written, *(path / one for one in more))


def _markdown(frame: pd.DataFrame, language: Language) -> str:
    def told(key: str, /, **facts: Any) -> str:
        return Message(f"dictionary.{key}", **facts).told(language)

    headings = ["column", "kolonne", *(told(one) for one in frame.columns[4:])]
    lines = [f"# {told('title')}", "", *told("lead").splitlines()]
    for name, table in TABLES.items():
        sentence = " ".join((table.record.__doc__ or "").split())
        sentence = own_catalogue(language).get(f"table.{table.record.__name__}", sentence)
        needed = told("is_needed" if table.needed else "is_optional")
        key = ", ".join(
            danish_name(table.record, one) if language == NAMES_ALSO_IN else one
            for one in table.key
        )
        lines += ["", f"## {name} / {table.danish}", ""]
        lines += [f"{sentence} {needed} {told('key', key=key)}", ""]
        lines += [f"| {' | '.join(headings)} |"]
        lines += [f"|{' --- |' * len(headings)}"]
        part = frame[frame["table"] == name].drop(columns=["table", "tabel"])
        lines += [
            "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |"
            for row in part.itertuples(index=False, name=None)
        ]
    return "\n".join(lines) + "\n"
