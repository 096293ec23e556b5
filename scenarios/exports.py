"""Everything of a comparison as files: the page, CSV, a workbook, JSON, and the outcomes kept.

CSV and workbook have one table per frame, with the frames' own column names; text that begins like
a formula cannot become one.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from matcher import private
from matcher.errors import OptionError
from matcher.report import LANGUAGES, WrittenReport, csv_cell, write_cell, write_json
from matcher.texts import Message
from scenarios.compare import Comparison, compare
from scenarios.frontier import Front
from scenarios.outcome import Outcome
from scenarios.page import Language, comparison_html, reasons_unchanged, words_of
from scenarios.whole import whole_folder

SCHEMA = "jobmatch.comparison"
SCHEMA_VERSION = 1
PAGE = "report.html"
KEPT = "outcomes.json.gz"
"""The file that a comparison can be written from again."""
MOST_SHEET_ROWS = 1_048_575


def write_comparison(
    outcomes: Sequence[Outcome],
    folder: str | Path,
    *,
    language: Language = "en",
    base: str | None = None,
    fronts: Sequence[Front] = (),
    made_up: bool = False,
    target: Sequence[str] = (),
) -> WrittenReport:
    """Write a comparison: ``report.html``, a CSV per frame, ``comparison.xlsx`` and ``.json``.

    A process that is killed leaves nothing that looks finished.

    Parameters
    ----------
    outcomes
        The base and its scenarios, failed ones too.
    folder
        Where to write; made if missing.
    language
        Language of the page, and of decimals and separators in CSV.
    base
        Name of the outcome to compare with; see :func:`scenarios.compare.compare`.
    fronts
        Trade-off curves to show.
    made_up
        Whether the week is about nobody; the page says so.
    target
        Sentences on whether the programme's target will be reached
        (:func:`scenarios.page.target_lines`).

    Returns
    -------
    WrittenReport
        Path by name: ``report``, each frame, ``workbook`` (only where xlsxwriter is installed;
        else a notice says so), ``comparison``, ``outcomes``.

    Raises
    ------
    OptionError
        Nothing to compare with, jinja2 is not installed, or the folder cannot be written to.
    """
    comparison = compare(outcomes, base)
    frames = comparison_frames(comparison, fronts)
    words = words_of(language)
    page = comparison_html(comparison, words, fronts=fronts, made_up=made_up, target=target)
    folder = Path(folder)
    written = WrittenReport()
    try:
        with whole_folder(folder, PAGE) as hidden:
            private.write_text(hidden / PAGE, page)
            written["report"] = hidden / PAGE
            for name, frame in frames.items():
                written[name] = _csv(frame, hidden / f"{name}.csv", language)
            try:
                written["workbook"] = _workbook(frames, hidden / "comparison.xlsx", language)
            except ModuleNotFoundError:
                written.notices = (words("sheet.no_excel", file="comparison.xlsx"),)
            document = comparison_document(comparison, frames, made_up=made_up)
            document |= {"target": list(target)} if target else {}
            written["comparison"] = write_json(document, hidden / "comparison.json")
            written["outcomes"] = _keep(outcomes, fronts, hidden / KEPT, made_up=made_up)
    except OSError as error:
        raise OptionError(
            Message("error.unwritten", path=str(folder), reason=str(error.strerror))
        ) from None
    for name, path in written.items():
        written[name] = folder / path.name
    return written


def read_comparison(path: str | Path) -> tuple[list[Outcome], list[Front], bool]:
    """Read back the outcomes, fronts and the mark of made-up data that a comparison kept.

    Parameters
    ----------
    path
        The folder of a comparison, or its ``outcomes.json.gz``.

    Raises
    ------
    OptionError
        There is no such file, or it is not one of these.
    """
    path = Path(path)
    file = path / KEPT if path.is_dir() else path
    if not file.is_file():
        raise OptionError(Message("compare.no_results", path=str(path), file=KEPT))
    try:
        kept = json.loads(gzip.decompress(file.read_bytes()))
        outcomes = [Outcome.from_dict(one) for one in kept["outcomes"]]
        fronts = [Front.from_dict(one) for one in kept["fronts"]]
        return outcomes, fronts, bool(kept["made_up"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OptionError(
            Message("compare.unreadable", file=str(file), reason=str(error))
        ) from None


def comparison_frames(
    comparison: Comparison, fronts: Sequence[Front] = ()
) -> dict[str, pd.DataFrame]:
    """Return every frame of a comparison by name, with the points of fronts."""
    frames = comparison.frames
    if fronts:
        frames["fronts"] = pd.concat(
            [front.points.assign(against=front.against, group=front.group) for front in fronts],
            ignore_index=True,
        )
    return frames


def comparison_document(
    comparison: Comparison, frames: Mapping[str, pd.DataFrame], *, made_up: bool = False
) -> dict[str, Any]:
    """Put everything into one JSON-ready document: frames as lists of rows."""
    base = comparison.base
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "date": base.date,
        "made_up": made_up,
        "base": base.name,
        "digests": dict(base.digests),
        "versions": dict(base.versions),
        "selected": {one.name: list(one.selected) for one in comparison.scenarios if one.selected},
        "unchanged": reasons_unchanged(comparison, {one: words_of(one) for one in LANGUAGES}),
        **{name: _rows(frame) for name, frame in frames.items()},
    }


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in frame.columns]
    columns = [[_cell(value) for value in frame[name].tolist()] for name in frame.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _cell(value: Any) -> Any:
    """Make a plain value: what is missing is None, a whole number is one even beside gaps."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _csv(frame: pd.DataFrame, path: Path, language: Language) -> Path:
    words = words_of(language)
    with private.opened(path, encoding="utf-8-sig") as file:
        writer = csv.writer(file, delimiter=words.separator)
        writer.writerow([str(name) for name in frame.columns])
        writer.writerows([_csv_value(value, words) for value in row.values()]
                         for row in _rows(frame))  # fmt: skip
    return path


def _csv_value(value: Any, words: Any) -> str:
    if isinstance(value, bool):
        return words("common.yes" if value else "common.no")  # type: ignore[no-any-return]
    return csv_cell(value, words)


def _workbook(frames: Mapping[str, pd.DataFrame], path: Path, language: Language) -> Path:
    import xlsxwriter

    words = words_of(language)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(private.empty(path), options) as book:
        head = book.add_format({"bold": True, "bg_color": "#DCE6F0", "bottom": 1})
        styles = {
            int: book.add_format({"num_format": "#,##0"}),
            float: book.add_format({"num_format": "#,##0.###"}),
        }
        text = book.add_format({"num_format": "@"})
        for name, frame in frames.items():
            page = book.add_worksheet(words(f"frame.{name}"))
            for at, column in enumerate(frame.columns):
                page.write_string(0, at, str(column), head)
                page.set_column(at, at, 26 if frame[column].dtype == object else 14)
            for number, row in enumerate(_rows(frame)[:MOST_SHEET_ROWS], start=1):
                for at, value in enumerate(row.values()):
                    if isinstance(value, bool):
                        shown = words("common.yes" if value else "common.no")
                        page.write_string(number, at, shown, text)
                    else:
                        write_cell(page, number, at, value, styles.get(type(value), text))
            page.freeze_panes(1, 1)
            if len(frame):
                page.autofilter(0, 0, min(len(frame), MOST_SHEET_ROWS), len(frame.columns) - 1)
    return path


def _keep(
    outcomes: Sequence[Outcome], fronts: Sequence[Front], path: Path, *, made_up: bool
) -> Path:
    kept = {
        "made_up": made_up,
        "outcomes": [one.to_dict() for one in outcomes],
        "fronts": [one.to_dict() for one in fronts],
    }
    text = json.dumps(kept, ensure_ascii=False, allow_nan=False)
    # No time in the file, so that the same results give the same bytes.
    private.write_bytes(path, gzip.compress(text.encode("utf-8"), 6, mtime=0))
    return path
