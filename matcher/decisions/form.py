"""The form caseworkers decide on: a run's proposals with two cells to fill, as workbook or CSV.

Every row carries the run and a key made from the whole proposal, so that a row that comes back is
held against exactly what was proposed. In the workbook only the two cells of the decision are
unlocked, both with a list to choose from; there is no cell for free text.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from matcher import private
from matcher.errors import OptionError
from matcher.ledger import Verdict
from matcher.policy import Policy
from matcher.report import Column, Words, csv_cell, sheets, write_cell
from matcher.tables.packages import need

Row = Mapping[str, Any]
Form = Literal["excel", "csv"]
Split = Literal["none", "team", "caseworker"]
SPLITS: tuple[str, ...] = get_args(Split)
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""What a caseworker can say to a proposal."""

ENCODING = "cp1252"
"""What a Danish Excel reads and writes; what it does not have is written as a question mark."""
_KEY_LENGTH = 12
_SHOWN = (
    "opening", "title", "workplace", "postcode", "shifts", "measure", "class_id", "class_times",
    "mentor_hours", "courses", "hours", "start", "commute", "fit", "reason", "trade_off",
    "locked",
)  # fmt: skip
"""Columns of the proposals' table that help to decide, in this order."""


def proposal_key(run_id: str, proposal: Row) -> str:
    """Twelve letters that stand for one proposal of one run and everything it says.

    Letters only, so that a spreadsheet never takes it for a number, nor anybody for a CPR number.

    Parameters
    ----------
    run_id
        The run.
    proposal
        ``citizen_id``, ``opening_id``, ``measure``, ``team_id``, ``pool_id``, ``mentor_minutes``,
        ``course_ids``, ``start`` (a date or its ISO text).
    """
    parts = [
        run_id,
        proposal["citizen_id"],
        proposal["opening_id"],
        proposal["measure"],
        proposal["team_id"] or "",
        proposal["pool_id"] or "",
        str(proposal["mentor_minutes"]),
        ";".join(sorted(proposal["course_ids"])),
        str(proposal["start"]),
    ]
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=_KEY_LENGTH).digest()
    return "".join(chr(ord("a") + byte % 26) for byte in digest)


def stated(proposal: Row) -> dict[str, Any]:
    """Take what the key is made from out of a proposal as it stands in a run's document."""
    supports = proposal["supports"]
    return {
        "citizen_id": proposal["citizen_id"],
        "opening_id": proposal["opening_id"],
        "measure": proposal["measure"],
        "team_id": (supports["class"] or {}).get("team_id"),
        "pool_id": (supports["mentor"] or {}).get("pool_id"),
        "mentor_minutes": (supports["mentor"] or {}).get("minutes", 0),
        "course_ids": [course["course_id"] for course in supports["courses"]],
        "start": proposal["start"],
    }


@dataclass(frozen=True)
class Written:
    """A form that was written."""

    path: Path
    proposals: int
    group: str
    """Caseworker or team it is for; empty: all."""


def write_forms(
    document: Row,
    run_id: str,
    folder: Path,
    policy: Policy,
    words: Words,
    *,
    form: Form = "excel",
    split: Split = "none",
    now: dt.datetime | None = None,
) -> tuple[Written, ...]:
    """Write the forms of a run; one that is there may be filled in, and is never written over.

    Parameters
    ----------
    document
        The run, as in ``run.json``.
    run_id
        Its name in the ledger.
    folder
        Where to write; must exist.
    policy
        Holds the neutral reasons.
    words
        The language.
    form
        A workbook, or CSV with semicolons in cp1252 as a Danish Excel has it.
    split
        One form in all, one per team, or one per caseworker.
    now
        When the caseworkers got it; stands in the workbook's properties. None: now.

    Raises
    ------
    OptionError
        xlsxwriter is not installed.
    """
    now = now or dt.datetime.now(dt.UTC)
    rows = sorted(
        document["proposals"],
        key=lambda row: (row["caseworker_id"] is None, row["caseworker_id"] or "",
                         row["citizen_id"]),
    )  # fmt: skip
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(_group(row, split), []).append(row)
    if not groups:
        groups = {"": []}
    written: list[Written] = []
    ending = "xlsx" if form == "excel" else "csv"
    names = {path.stem.lower() for path in folder.glob(f"decisions-*.{ending}")}
    for group, members in sorted(groups.items()):
        path = folder / _file_name(run_id, group, names, ending)
        columns = _columns(document, run_id, policy, words)
        if form == "excel":
            _write_workbook(path, columns, members, document, policy, words, now)
        else:
            _write_csv(path, columns, members, words)
        written.append(Written(path, len(members), group))
    return tuple(written)


def _group(row: Row, split: Split) -> str:
    if split == "none":
        return ""
    return str(row["caseworker_id" if split == "caseworker" else "unit"] or "-")


def _file_name(run_id: str, group: str, taken: set[str], ending: str) -> str:
    """Name that any file system takes; one that is taken gets a number."""
    plain = re.sub(r"[^\w-]+", "_", group).strip("_")
    name = f"decisions-{run_id}" + (f"-{plain or 'none'}" if group else "")
    number = 1
    while (unique := name + (f"-{number}" if number > 1 else "")).lower() in taken:
        number += 1
    taken.add(unique.lower())
    return f"{unique}.{ending}"


# ------------------------------------------------------------------------------ columns


def verdict_names(words: Words) -> dict[str, str]:
    """Words for the three verdicts, by code."""
    return {verdict: words(f"verdict.{verdict}") for verdict in VERDICTS}


def reason_names(policy: Policy, words: Words) -> dict[str, str]:
    """Words for the neutral reasons, by code, with what is always allowed last."""
    codes = policy.forbid_reasons.codes
    ordered = [*(code for code in codes if code != "other"), "other"]
    return {code: codes[code].danish if words.danish else codes[code].english for code in ordered}


def _columns(
    document: Row, run_id: str, policy: Policy, words: Words
) -> tuple[tuple[Column, ...], tuple[Column, ...], tuple[Column, ...]]:
    """Columns in three parts: who, the decision to fill, what was proposed."""
    known: dict[str, list[Column]] = {}
    for column in sheets(document)[0].columns:
        known.setdefault(column.key, []).append(column)
    accepted = words("verdict.accept")
    decision = (
        # What was accepted before stands: it need not be said again, but can be taken back.
        Column("decision", lambda row, words: accepted if row["locked"] else None, width=13),
        Column("decision_reason", lambda row, words: None, width=30),
    )
    shown = [column for key in _SHOWN for column in known[key]]
    keys = (
        Column("run", lambda row, words: run_id, width=20),
        Column("proposal", lambda row, words: proposal_key(run_id, stated(row)), width=16),
    )
    who = [*known["citizen"], *known["caseworker"],
           Column("team", lambda row, words: row["unit"], width=16)]  # fmt: skip
    return tuple(who[:1]), decision, (*who[1:], *shown, *keys)


def _write_csv(
    path: Path, columns: Sequence[Sequence[Column]], rows: Sequence[Row], words: Words
) -> None:
    flat = [column for part in columns for column in part]
    with private.opened(path, encoding=ENCODING, errors="replace") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow([column.header(words) for column in flat])
        writer.writerows([csv_cell(column.value(row, words), words) for column in flat]
                         for row in rows)  # fmt: skip


# ------------------------------------------------------------------------------ workbook

_ALLOWED = {
    "autofilter": True,
    "format_columns": True,
    "format_rows": True,
    "select_locked_cells": True,
    "select_unlocked_cells": True,
}
"""What may be done on the protected sheet besides filling the two cells."""


def _write_workbook(
    path: Path,
    columns: tuple[tuple[Column, ...], tuple[Column, ...], tuple[Column, ...]],
    rows: Sequence[Row],
    document: Row,
    policy: Policy,
    words: Words,
    now: dt.datetime,
) -> None:
    xlsxwriter = need("xlsxwriter", "excel", "writing_decisions")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with xlsxwriter.Workbook(private.empty(path), options) as book:
            moment = now.astimezone(dt.UTC).replace(tzinfo=None, microsecond=0)
            book.set_properties({"created": moment, "title": path.stem})
            styles = _styles(book, words)
            page = book.add_worksheet(words("decide.sheet"))
            help_page = book.add_worksheet(words("decide.help"))
            lists = _write_help(help_page, styles, columns, policy, words)
            _write_rows(page, styles, columns, rows, words)
            _guard(page, styles, columns, len(rows), lists, words)
            mark = f" · {words('page.made_up')}" if document["made_up"] else ""
            page.set_footer(f"&L{words.date(document['date'])}{mark}&R&P / &N")
            page.activate()
    except xlsxwriter.exceptions.XlsxWriterException as error:
        raise OptionError(f"{path}: the workbook could not be written ({error})") from None


def _styles(book: Any, words: Words) -> dict[str, Any]:
    date = "dd-mm-yyyy" if words.danish else "yyyy-mm-dd"
    looks: dict[str, dict[str, Any]] = {
        "head": {"bold": True, "bg_color": "#DCE6F0", "bottom": 1, "text_wrap": True},
        "fill_head": {"bold": True, "bg_color": "#FFE699", "bottom": 1, "text_wrap": True},
        "text": {"num_format": "@", "text_wrap": True},
        "whole": {"num_format": "#,##0"},
        "decimal": {"num_format": "#,##0.##"},
        "date": {"num_format": date, "align": "left"},
        "fill": {"num_format": "@", "locked": False, "bg_color": "#FFFBEB", "border": 1,
                 "border_color": "#E2C873"},
        "missing": {"bg_color": "#F4B183"},
        "title": {"bold": True, "font_size": 13},
    }  # fmt: skip
    return {name: book.add_format({"valign": "top", **look}) for name, look in looks.items()}


def _write_rows(
    page: Any,
    styles: Mapping[str, Any],
    columns: Sequence[Sequence[Column]],
    rows: Sequence[Row],
    words: Words,
) -> None:
    at = 0
    for part, cells in enumerate(columns):
        for column in cells:
            fill = part == 1
            page.set_column(at, at, column.width)
            page.write_string(0, at, column.header(words), styles["fill_head" if fill else "head"])
            for number, row in enumerate(rows, start=1):
                style = styles["fill" if fill else column.kind]
                if fill:
                    page.write_string(number, at, column.value(row, words) or "", style)
                else:
                    write_cell(page, number, at, column.value(row, words), style)
            at += 1
    page.freeze_panes(1, 3)
    page.autofilter(0, 0, max(1, len(rows)), at - 1)
    page.ignore_errors({"number_stored_as_text": f"A1:XFD{max(2, len(rows) + 1)}"})
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _guard(
    page: Any,
    styles: Mapping[str, Any],
    columns: Sequence[Sequence[Column]],
    count: int,
    lists: Mapping[str, str],
    words: Words,
) -> None:
    """Add lists to choose from, a colour where a reason is missing, a lock on all the rest."""
    first = len(columns[0])
    last = max(1, count)
    for at, name in ((first, "verdicts"), (first + 1, "reasons")):
        page.data_validation(1, at, last, at, {
            "validate": "list",
            "source": lists[name],
            "error_title": words("decide.sheet"),
            "error_message": words(f"decide.only_{name}"),
        })  # fmt: skip
    rejected = words("verdict.reject")
    verdict, reason = _letter(first), _letter(first + 1)
    page.conditional_format(1, first + 1, last, first + 1, {
        "type": "formula",
        "criteria": f'=AND(${verdict}2="{rejected}",${reason}2="")',
        "format": styles["missing"],
    })  # fmt: skip
    page.protect("", _ALLOWED)


def _letter(at: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(at))


def _write_help(
    page: Any,
    styles: Mapping[str, Any],
    columns: Sequence[Sequence[Column]],
    policy: Policy,
    words: Words,
) -> dict[str, str]:
    """Write the sheet that explains; returns where the two lists stand, as ranges."""
    page.set_column(0, 0, 34)
    page.set_column(1, 1, 100)
    number = 0
    page.write_string(number, 0, words("decide.title"), styles["title"])
    for key in ("decide.how", "decide.nothing_written", "decide.back"):
        number += 1
        page.write_string(number, 1, words(key), styles["text"])
    lists: dict[str, str] = {}
    quoted = words("decide.help").replace("'", "''")
    meanings = {
        "verdicts": [(name, words(f"verdict_about.{code}"))
                     for code, name in verdict_names(words).items()],
        "reasons": [(name, _reason_meaning(policy, code, words))
                    for code, name in reason_names(policy, words).items()],
    }  # fmt: skip
    for name, entries in meanings.items():
        number += 2
        page.write_string(number, 0, words(f"decide.{name}"), styles["head"])
        page.write_string(number, 1, words("sheet.meaning"), styles["head"])
        start = number + 2
        for text, meaning in entries:
            number += 1
            page.write_string(number, 0, text, styles["text"])
            page.write_string(number, 1, meaning, styles["text"])
        lists[name] = f"='{quoted}'!$A${start}:$A${number + 1}"
    number += 2
    page.write_string(number, 0, words("sheet.column"), styles["head"])
    page.write_string(number, 1, words("sheet.meaning"), styles["head"])
    for part in columns:
        for column in part:
            number += 1
            page.write_string(number, 0, column.header(words), styles["text"])
            page.write_string(number, 1, column.meaning(words), styles["text"])
    page.protect("", _ALLOWED)
    return lists


def _reason_meaning(policy: Policy, code: str, words: Words) -> str:
    reason = policy.forbid_reasons.codes[code]
    return words(f"bars.{reason.bars}", reason.weeks)
