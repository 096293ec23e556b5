"""What leaves the engine room: the run folder's files and the weekly page.

Everything is made from one document (:func:`run_document`), so that files, page and ``--json``
cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matcher import private
from matcher.report.audit import audit, masked
from matcher.report.backups import (
    backups_document,
    backups_for,
    backups_lines,
    queue_texts,
    write_backups,
)
from matcher.report.charts import BarPart, Drawing, bar
from matcher.report.document import SCHEMA_VERSION, run_document
from matcher.report.files import (
    RISKY,
    csv_cell,
    write_cell,
    write_csv_files,
    write_json,
    write_workbook,
)
from matcher.report.headline import Headline, headline, rows_line
from matcher.report.outlook import all_text, chance_text, newest_text, outlook_lines, past_lines
from matcher.report.page import fill_page, need_page, page_html, page_style
from matcher.report.people import beside_lines, questions_lines, rates_text, week_lines
from matcher.report.rows import Column, backups_sheet, sheets, supports_text
from matcher.report.words import LANGUAGES, Words
from matcher.rules import Language


class WrittenReport(dict[str, Path]):
    """What was written, by name; ``notices`` say what could not be."""

    notices: tuple[str, ...] = ()


def write_document(
    document: Mapping[str, Any], folder: Path, *, language: Language | None = None
) -> WrittenReport:
    """Write the files and the page of a document, also of one read back from ``run.json``.

    Parameters
    ----------
    document
        As :func:`run_document` makes it.
    folder
        Where to write; must exist.
    language
        None: the document's own.

    Returns
    -------
    WrittenReport
        Path by name: ``proposals``, ``unplaced``, ``openings``, ``resources``, ``backups``,
        ``workbook`` (only where xlsxwriter is installed; else a notice says so), ``run``,
        ``report``.

    Raises
    ------
    OptionError
        jinja2 is not installed.
    """
    words = Words(language or document["language"])
    page = page_html(document, words)
    written = WrittenReport(write_csv_files(document, folder, words))
    try:
        written["workbook"] = write_workbook(document, folder / "proposals.xlsx", words)
    except ModuleNotFoundError:
        written.notices = (words("sheet.no_excel", file="proposals.xlsx"),)
    written["run"] = write_json(document, folder / "run.json")
    written["report"] = folder / "report.html"
    private.write_text(written["report"], page)
    return written


__all__ = [
    "LANGUAGES",
    "RISKY",
    "SCHEMA_VERSION",
    "BarPart",
    "Column",
    "Drawing",
    "Headline",
    "Words",
    "WrittenReport",
    "all_text",
    "audit",
    "backups_document",
    "backups_for",
    "backups_lines",
    "backups_sheet",
    "bar",
    "beside_lines",
    "chance_text",
    "csv_cell",
    "fill_page",
    "headline",
    "masked",
    "need_page",
    "newest_text",
    "outlook_lines",
    "page_html",
    "page_style",
    "past_lines",
    "questions_lines",
    "queue_texts",
    "rates_text",
    "rows_line",
    "run_document",
    "sheets",
    "supports_text",
    "week_lines",
    "write_backups",
    "write_cell",
    "write_document",
    "write_json",
]
