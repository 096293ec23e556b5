"""A form as a caseworker handles it: filled, saved, handed in."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xlsxwriter

from matcher.decisions import (
    Taken,
    read_form,
    take,
    write_forms,
)
from matcher.policy import load_policy
from matcher.report import Words
from tests.decisions.conftest import NOW, Proposed
from tests.weeks import TODAY

POLICY = load_policy(TODAY)
Said = Mapping[str, tuple[str, str]]
"""By citizen: decision and reason."""


def form(proposed: Proposed, folder: Path, language: Any = "en", **options: Any) -> Path:
    """The one form of a run."""
    folder.mkdir(exist_ok=True)
    written = write_forms(
        proposed.document, proposed.run_id, folder, POLICY, Words(language),
        now=NOW - dt.timedelta(hours=1), **{"form": "csv", **options},
    )  # fmt: skip
    return written[0].path


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="cp1252", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def save(path: Path, rows: list[list[str]], encoding: str = "cp1252", mark: str = ";") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=mark).writerows(rows)


def fill(path: Path, said: Said) -> Path:
    """Fill the two cells of citizens in a CSV."""
    rows = table(path)
    for row in rows[1:]:
        row[1:3] = said.get(row[0], ("", ""))
    save(path, rows)
    return path


def with_column(path: Path, heading: str, *cells: str) -> None:
    """Put a last column into a CSV: a cell for each row, or the one for all."""
    head, *rows = table(path)
    each = cells * len(rows) if len(cells) == 1 else cells
    filled = [[*row, cell] for row, cell in zip(rows, each, strict=True)]
    save(path, [[*head, heading], *filled])


def taken(proposed: Proposed, path: Path, now: dt.datetime = NOW) -> Taken:
    return take(read_form(path), proposed.ledger, now=now)


def codes(result: Taken) -> list[tuple[int, str]]:
    return [(bad.row.number, bad.code) for bad in result.bad]


def stored(proposed: Proposed) -> list[tuple[Any, ...]]:
    return [
        (one.citizen_id, one.opening_id, one.verdict, one.reason, one.until, one.unit)
        for one in proposed.ledger.decisions(history=True)
    ]


def workbook(path: Path, rows: list[list[Any]], created: dt.datetime) -> Path:
    """A workbook as Excel would save it, with other sheets around."""
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": created.replace(tzinfo=None)})
        book.add_worksheet("Noter").write(0, 0, "egne noter")
        page = book.add_worksheet("Forslag")
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
    return path
