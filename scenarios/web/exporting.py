"""A list as a file: exactly the rows that the page shows, all pages of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

from fastapi.responses import Response

from matcher.errors import OptionError
from matcher.report import Words, csv_cell, write_cell
from matcher.texts import Message
from scenarios.web.naming import Names

Say = Callable[..., str]

COLUMNS = {
    "people": (
        "citizen_id", "team", "caseworker_id", "district", "oral", "cause", "title", "workplace",
        "measure", "minutes", "start", "fit", "sure", "decision",
    ),
    "openings": (
        "opening_id", "title", "workplace", "sector", "district", "shifts", "free", "filled",
        "back_ups", "cause", "possible", "reach",
    ),
}  # fmt: skip
"""Columns of each list, in order."""
_CODED = {"oral", "cause", "sector", "sure", "decision"}


def csv_of(
    name: str, rows: Sequence[dict[str, Any]], say: Say, words: Words, names: Names
) -> Response:
    """Write a list as CSV: UTF-8 with a byte order mark, separators of the language."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=words.separator)
    writer.writerow([say(f"column_{column}") for column in COLUMNS[name]])
    writer.writerows(
        [csv_cell(_value(row, column, words, names), words) for column in COLUMNS[name]]
        for row in rows
    )
    return _file(name, "csv", "text/csv; charset=utf-8", text.getvalue().encode("utf-8-sig"))


def xlsx_of(
    name: str, rows: Sequence[dict[str, Any]], say: Say, words: Words, names: Names
) -> Response:
    """Write a list as a workbook.

    Raises
    ------
    OptionError
        xlsxwriter is not installed.
    """
    try:
        import xlsxwriter
    except ModuleNotFoundError:
        raise OptionError(Message("web.needs_excel")) from None
    content = io.BytesIO()  # a view somebody downloads: no file of ours
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False,
                                         "strings_to_urls": False})  # fmt: skip
    sheet = book.add_worksheet(say(name)[:31])
    head = book.add_format({"bold": True, "bottom": 1})
    plain = book.add_format({})
    for at, column in enumerate(COLUMNS[name]):
        sheet.write_string(0, at, say(f"column_{column}"), head)
        sheet.set_column(at, at, 18)
    for down, row in enumerate(rows, start=1):
        for at, column in enumerate(COLUMNS[name]):
            write_cell(sheet, down, at, _value(row, column, words, names), plain)
    sheet.freeze_panes(1, 1)
    book.close()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(name, "xlsx", kind, content.getvalue())


def _value(row: dict[str, Any], column: str, words: Words, names: Names) -> Any:
    value = row[column]
    if value is None or value != value:
        return ""
    if column == "measure":
        return words.pick(row["measure_name"]) if value else ""
    if column == "minutes":
        return value / 60
    if column == "oral":
        return names.value(column, "-" if value < 0 else str(value))
    if column == "start":
        return words.date(value) if value else ""
    if column in _CODED:
        return names.value(column, str(value)) if value else ""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _file(name: str, ending: str, kind: str, content: bytes) -> Response:
    return Response(
        content, media_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}.{ending}"'},
    )  # fmt: skip
