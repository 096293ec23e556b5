"""The run folder's tables: CSV that a Danish Excel opens as it is, and a workbook.

No cell can become a formula: in CSV a text that begins like one gets an apostrophe in front, in
the workbook every text is written as text.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from matcher import private
from matcher.report.rows import ReportTable, sheets
from matcher.report.words import Words

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a formula may begin in a spreadsheet."""
MOST_DECIMALS = 4
LONGEST_CELL = 32_000
"""A workbook's cell takes no more characters."""


def write_csv_files(document: Mapping[str, Any], folder: Path, words: Words) -> dict[str, Path]:
    """Write a CSV per table: UTF-8 with a byte order mark, Danish or English separators."""
    return {sheet.name: write_sheet(sheet, document, folder, words) for sheet in sheets(document)}


def write_sheet(
    sheet: ReportTable, document: Mapping[str, Any], folder: Path, words: Words
) -> Path:
    """Write one table as CSV."""
    path = folder / f"{sheet.name}.csv"
    with private.opened(path, encoding="utf-8-sig") as file:
        writer = csv.writer(file, delimiter=words.separator)
        writer.writerow([column.header(words) for column in sheet.columns])
        writer.writerows(
            [csv_cell(column.value(row, words), words) for column in sheet.columns]
            for row in sheet.rows(document)
        )
    return path


def write_json(document: Mapping[str, Any], path: Path) -> Path:
    """Write the document as it is: a line for each part, and for each member of a long list."""
    parts = [f" {_line(name)}: {_lines(value)}" for name, value in document.items()]
    private.write_text(path, "{\n" + ",\n".join(parts) + "\n}\n")
    return path


def _lines(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return _line(value)
    return "[\n" + ",\n".join(f"  {_line(one)}" for one in value) + "\n ]"


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def write_workbook(document: Mapping[str, Any], path: Path, words: Words) -> Path:
    """Write the tables as a workbook: proposals, what the columns mean, the rest.

    Raises
    ------
    ImportError
        xlsxwriter is not installed.
    OSError
        The file cannot be written, e.g. because the disk is full.
    """
    tables = sheets(document)
    with _workbook(path) as book:
        # A fixed day, so that the same input gives the same bytes.
        day = dt.date.fromisoformat(document["date"])
        book.set_properties({"created": dt.datetime(day.year, day.month, day.day)})
        formats: dict[str, dict[str, Any]] = {
            "head": {"bold": True, "bg_color": "#DCE6F0", "bottom": 1, "text_wrap": True},
            "text": {"num_format": "@", "valign": "top", "text_wrap": True},
            "whole": {"num_format": "#,##0", "valign": "top"},
            "decimal": {"num_format": "#,##0.##", "valign": "top"},
            "date": {"num_format": words.date_cell,
                     "valign": "top", "align": "left"},
        }  # fmt: skip
        styles = {
            name: book.add_format({"valign": "top", **look}) for name, look in formats.items()
        }
        _table_sheet(book, styles, tables[0], document, words)
        _legend_sheet(book, styles, tables, words)
        for sheet in tables[1:]:
            _table_sheet(book, styles, sheet, document, words)
    return path


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    """Open a new workbook; what the system says when it is written comes out as it is."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with xlsxwriter.Workbook(private.empty(path), options) as book:
            yield book
    except xlsxwriter.exceptions.FileCreateError as error:
        raise (error.args[0] if isinstance(error.args[0], OSError) else error) from None


def csv_cell(value: Any, words: Words) -> str:
    """Write a value for CSV, with the decimals and dates of the language; never a formula."""
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return words.date(value.isoformat())
    if isinstance(value, float):
        text = f"{value:.{MOST_DECIMALS}f}".rstrip("0").rstrip(".")
        text = "0" if text in {"-0", ""} else text
        return words.marked(text)
    if isinstance(value, int):
        return str(value)
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(RISKY) else text


def _table_sheet(
    book: Any,
    styles: Mapping[str, Any],
    sheet: ReportTable,
    document: Mapping[str, Any],
    words: Words,
) -> None:
    page = book.add_worksheet(words(f"sheet.{sheet.name}"))
    rows = sheet.rows(document)
    last = len(sheet.columns) - 1
    for at, column in enumerate(sheet.columns):
        page.set_column(at, at, column.width)
        page.write_string(0, at, column.header(words), styles["head"])
        for number, row in enumerate(rows, start=1):
            write_cell(page, number, at, column.value(row, words), styles[column.kind])
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(1, len(rows)), last)
    page.ignore_errors({"number_stored_as_text": f"A1:XFD{max(2, len(rows) + 1)}"})
    _print_setup(page, document, words)


def _legend_sheet(
    book: Any, styles: Mapping[str, Any], tables: tuple[ReportTable, ...], words: Words
) -> None:
    page = book.add_worksheet(words("sheet.columns"))
    for at, (key, width) in enumerate((("sheet", 20), ("column", 36), ("meaning", 90))):
        page.set_column(at, at, width)
        page.write_string(0, at, words(f"sheet.{key}"), styles["head"])
    number = 0
    for sheet in tables:
        for column in sheet.columns:
            number += 1
            cells = (words(f"sheet.{sheet.name}"), column.header(words), column.meaning(words))
            for at, text in enumerate(cells):
                page.write_string(number, at, text, styles["text"])
    page.freeze_panes(1, 0)


def write_cell(page: Any, row: int, at: int, value: Any, style: Any) -> None:
    """Write a value into a workbook's cell by its type; text stays text."""
    if value is None or value == "":
        return
    if isinstance(value, dt.date):
        page.write_datetime(row, at, dt.datetime(value.year, value.month, value.day), style)
    elif isinstance(value, (int, float)):
        page.write_number(row, at, value, style)
    else:
        page.write_string(row, at, str(value)[:LONGEST_CELL], style)


def _print_setup(page: Any, document: Mapping[str, Any], words: Words) -> None:
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    mark = f" · {words('page.made_up')}" if document["made_up"] else ""
    page.set_footer(f"&L{words.date(document['date'])}{mark}&R&P / &N")
