"""One table on its way in: which columns it has, which cells are good, which rows are kept.

A :class:`Sheet` holds the rows in the order of the file with a mark for those put aside, and
collects the issues. Rows are put aside, never dropped: kept and aside are always all rows read.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher import cpr
from matcher.errors import InternalError
from matcher.policy import Policy
from matcher.problem import as_frame
from matcher.records import Table
from matcher.tables.cells import Cells, Fault, ReadColumn
from matcher.tables.columns import columns_of
from matcher.tables.inspection import cell_name, is_error_word
from matcher.tables.issues import Issue, IssueCode, Severity, shown, table_name
from matcher.tables.raw import NOT_SPLIT, RawColumn, RawTable, Typed, Unread
from matcher.tables.theirs import in_their_words, named_field, totals_word
from matcher.tables.writing import how_written
from matcher.texts import Message, joined
from matcher.unknown import COLUMN, marks_of
from matcher.unknown import joined as named_unknown

Mask = npt.NDArray[np.bool_]
_P_NUMBERS = "workplace_id"
"""The one field that may hold ten plain digits."""


@dataclass(eq=False)
class Sheet:
    """A table being read."""

    table: Table
    raw: RawTable | None
    """None: the table is not given, or cannot be read."""
    issues: list[Issue] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    """Column name in the file, by field."""
    frame: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Canonical cells in the order of the file; faulty cells hold placeholders."""
    faulty: bool = False
    """Whether the table as a whole cannot be used."""
    undeclared: tuple[str, ...] = ()
    """Columns that protect somebody, are not there, and are not declared in the policy."""
    aside: Mask = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    """Rows put aside."""
    wrong: Mask = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    """Rows put aside because of an error."""
    keys: npt.NDArray[Any] = field(default_factory=lambda: np.zeros(0, dtype=object))
    """Text of the row's key; empty where it is not readable."""
    totals_row: int = -1
    """Position of the row that adds up the others; -1: there is none."""
    reasons: dict[int, list[str]] = field(default_factory=dict)
    """Why a row was put aside, by position."""

    @property
    def name(self) -> str:
        """English name of the table."""
        return self.table.name

    @property
    def source(self) -> str:
        """How the user knows the table."""
        return self.raw.source if self.raw is not None else table_name(self.table.name)

    @property
    def read(self) -> int:
        """Rows read, ragged ones included."""
        return 0 if self.raw is None else len(self.raw.rows) + len(self.raw.ragged)

    def report(
        self,
        code: IssueCode,
        *,
        column: str = "",
        value: str = "",
        expected: str = "",
        advice: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Add an issue of the table as a whole; an error makes the table unusable."""
        self.issues.append(
            Issue(
                code,
                severity,
                self.name,
                self.source,
                column=shown(column),
                value=shown(value),
                expected=expected,
                advice=advice,
            )
        )
        self.faulty |= severity is Severity.ERROR

    def mark(
        self,
        rows: npt.NDArray[np.intp],
        code: IssueCode,
        values: Any = None,
        *,
        field_name: str = "",
        expected: str = "",
        advice: str | Sequence[str] = "",
        severity: Severity = Severity.ERROR,
        put_aside: bool | None = None,
    ) -> None:
        """Add an issue for each of some rows, and put them aside if it is an error.

        Parameters
        ----------
        rows
            Positions of the rows.
        values
            What was found, a text per row.
        put_aside
            Whether the rows are kept out; None: errors are, warnings are not.
        """
        if self.raw is None or not len(rows):
            return
        out = severity is Severity.ERROR if put_aside is None else put_aside
        header = self.headers.get(field_name, field_name)
        for at, row in enumerate(rows.tolist()):
            found = "" if values is None else values[at]
            told = advice if isinstance(advice, str) else advice[at]
            issue = Issue(
                code,
                severity,
                self.name,
                self.raw.source,
                int(self.raw.rows[row]),
                self.keys[row] if len(self.keys) else "",
                header,
                shown(found),
                expected,
                told,
                out,
            )
            self.issues.append(issue)
            if out:
                self.reasons.setdefault(row, []).append(code.value)
        if out:
            self.aside[rows] = True
            if severity is Severity.ERROR:
                self.wrong[rows] = True

    def kept(self) -> pd.DataFrame:
        """Rows not put aside, with their positions as index."""
        return self.frame[~self.aside] if self._some_aside else self.frame

    def kept_of(self, column: pd.Series[Any]) -> pd.Series[Any]:
        """Cells of a column of the frame in the rows not put aside."""
        return column[~self.aside] if self._some_aside else column

    @property
    def _some_aside(self) -> bool:
        """Whether rows are put aside of a table that can be used."""
        return not self.faulty and self.raw is not None and bool(self.aside.any())

    def final(self) -> pd.DataFrame:
        """Return the canonical frame of the rows that are kept."""
        if self.raw is None or self.faulty:
            return as_frame(self.table, {})
        kept = self.kept()
        if len(kept) + int(self.aside.sum()) + len(self.raw.ragged) != self.read:
            raise InternalError(f"{self.name}: rows kept and put aside are not the rows read")
        return as_frame(self.table, {name: _plain(kept[name]) for name in kept.columns})

    def quarantine(self) -> pd.DataFrame:
        """Rows put aside, as text, with row number and reasons; CPR-like parts are removed."""
        if self.raw is None:
            return pd.DataFrame()
        rows = np.flatnonzero(self.aside)
        by_header = {column.header: column for column in self.raw.columns}
        numbers = [int(self.raw.rows[row]) for row in rows]
        reasons = ["; ".join(sorted(set(self.reasons[row]))) for row in rows.tolist()]
        numbers += [number for number, _ in self.raw.ragged]
        reasons += [IssueCode.RAGGED_ROW.value] * len(self.raw.ragged)
        data: dict[str, list[Any]] = {"row": numbers, "reasons": reasons}
        for header in self.headers.values():
            column = by_header[header]
            texts = [text.replace("\0", "") for text in column.theirs or column.texts]
            cells = [texts[code] for code in column.codes[rows].tolist()]
            data[shown(header)] = cells + [""] * len(self.raw.ragged)
        return pd.DataFrame(data).sort_values("row", kind="stable", ignore_index=True)


def _plain(series: pd.Series[Any]) -> Any:
    return series.array


def read_sheet(table: Table, raw: RawTable, policy: Policy) -> Sheet:
    """Convert and check the cells of a table, row by row nothing but its own cells."""
    fields = columns_of(table, policy)
    raw, refused = _through_the_gate(table, raw, fields)
    sheet = Sheet(table, raw)
    for remark in raw.remarks:
        sheet.report(
            remark.code, value=remark.value, advice=remark.advice, severity=Severity.WARNING
        )
    found = _match_columns(sheet, raw, fields)
    length = len(raw.rows)
    sheet.aside = np.zeros(length, dtype=np.bool_)
    sheet.wrong = np.zeros(length, dtype=np.bool_)
    if sheet.faulty:
        sheet.frame = as_frame(table, {})
        _report_cpr(sheet, raw, refused)
        return sheet
    data: dict[str, Any] = {}
    faults: list[tuple[str, npt.NDArray[np.int32], dict[int, Fault], Severity]] = []
    unread = {name: _unread(column) for name, column in found.items()}
    texts_of = {
        name: [
            "" if at in unread[name] else text if isinstance(text, Typed) else text.strip()
            for at, text in enumerate(column.texts)
        ]
        for name, column in found.items()
    }
    written = how_written(
        {name: (fields[name], texts) for name, texts in texts_of.items()},
        raw.facts.get("separator", ""),
    )
    declared = policy.declared_for(table.name)
    empty: dict[str, Mask] = {}
    for name, column in fields.items():
        if name not in found:
            cells = column.convert([""])
            if name in declared:
                cells = Cells([declared[name]], {}, {}, {})
            elif column.careful:
                empty[name] = np.ones(length, dtype=np.bool_)
            data[name] = column.array(cells, np.zeros(length, dtype=np.int32))
            continue
        texts = texts_of[name]
        cells = column.convert(texts, serial_zero=raw.serial_zero, written=written[name])
        if raw.mapped:
            cells = in_their_words(cells, column, found[name])
        place = next(at for at, one in enumerate(raw.columns) if one is found[name])
        for at in refused.get(place, ()):
            cells.canonical[at] = None  # its row goes; nothing is compared with a mask
        data[name] = column.array(cells, found[name].codes) if texts else []
        if column.careful and cells.empty:
            blank = np.isin(np.arange(len(texts)), list(cells.empty))
            empty[name] = blank[found[name].codes]
        faults.append((name, found[name].codes, cells.faults | unread[name], Severity.ERROR))
        faults.append((name, found[name].codes, cells.notes, Severity.WARNING))
        _tell_once(sheet, found[name], cells.notices)
    if empty and length:
        stated = marks_of(pd.Series(data[COLUMN]), tuple(fields))
        data[COLUMN] = named_unknown({**stated, **_either(stated, empty)}, length)
    sheet.frame = (
        pd.DataFrame({name: data[name] for name in fields}, copy=False)
        if length
        else as_frame(table, {name: [] for name in fields})
    )
    sheet.keys = _key_texts(sheet, found)
    _report_cpr(sheet, raw, refused)
    _mark_totals(sheet, raw)
    for name, codes, by_text, severity in faults:
        _mark_faults(sheet, name, codes, by_text, severity)
    _mark_ragged(sheet, raw)
    return sheet


def _unread(column: RawColumn) -> dict[int, Fault]:
    """Texts that say why a cell has no value; what Excel writes into a CSV for an error too."""
    return {
        at: Fault(
            IssueCode.UNREADABLE_CELL,
            text.message if isinstance(text, Unread) else text,
            Message("expected.value"),
            Message("advice.mend_cell"),
        )
        for at, text in enumerate(column.texts)
        if isinstance(text, Unread) or is_error_word(text.strip())
    }


def _either(stated: Mapping[str, Mask], empty: Mapping[str, Mask]) -> dict[str, Mask]:
    return {name: mask | stated[name] if name in stated else mask for name, mask in empty.items()}


def missing_sheet(table: Table) -> Sheet:
    """Stand in for a table that is not given."""
    sheet = Sheet(table, None)
    sheet.frame = as_frame(table, {})
    return sheet


def _match_columns(
    sheet: Sheet, raw: RawTable, fields: Mapping[str, ReadColumn]
) -> dict[str, RawColumn]:
    """Find the field of each column; report unknown, doubled and missing ones."""
    matched: dict[str, list[RawColumn]] = {}
    unknown: list[tuple[str, str]] = []
    for position, column in enumerate(raw.columns, start=1):
        if cpr.MASK in column.header:
            sheet.report(
                IssueCode.CPR_NUMBER,
                value=cpr.MASK,
                column=column.header,
                expected=Message("expected.column_name"),
                advice=Message("advice.cpr"),
            )
            continue
        name = named_field(sheet.name, column)
        if name is not None:
            matched.setdefault(name, []).append(column)
        elif column.header or any(column.texts):
            unknown.append(
                (column.header, column.header or Message("found.no_name", column=position))
            )
    absent = [wanted for name, wanted in fields.items() if name not in matched]
    for header, shown_header in unknown:
        sheet.report(
            IssueCode.UNKNOWN_COLUMN,
            column=shown_header,
            advice=_nearest_column(header, fields, absent),
            severity=Severity.WARNING,
        )
    found: dict[str, RawColumn] = {}
    for field_name, wanted in fields.items():
        columns = matched.get(field_name, [])
        if len(columns) > 1:
            sheet.report(
                IssueCode.DUPLICATE_COLUMN,
                column=field_name,
                value=Message("found.quoted", names=tuple(item.header for item in columns)),
                advice=Message("advice.keep_one"),
            )
        elif columns:
            found[field_name] = columns[0]
            sheet.headers[field_name] = columns[0].header
        elif wanted.needed:
            sheet.report(
                IssueCode.MISSING_COLUMN,
                column=field_name,
                expected=Message(
                    "expected.either", names=tuple(dict.fromkeys((field_name, wanted.danish)))
                ),
                advice=joined((wanted.meaning, _where(sheet, field_name))),
            )
    return found


def _where(sheet: Sheet, name: str) -> Message:
    """Say where a column gets its name: in the template, or in the mapping that is used."""
    if sheet.raw is not None and sheet.raw.mapped:
        return Message("mapping.map_it", table=sheet.name, column=name)
    return Message("advice.template")


def _nearest_column(
    header: str, fields: Mapping[str, ReadColumn], absent: Iterable[ReadColumn]
) -> str:
    """Advice for a column that is not read."""
    if near := nearest_field(header, fields, absent):
        return Message("advice.maybe_meant", name=near)
    return Message("advice.leave_out_column")


def nearest_field(
    header: str, fields: Mapping[str, ReadColumn], absent: Iterable[ReadColumn]
) -> str:
    """Name the field that may have been meant: spelt nearly so, or with a word more or less."""
    names = [name for column in fields.values() for name in (column.name, column.danish)]
    near = difflib.get_close_matches(header.lower(), names, 1, 0.8)
    words = set(re.split(r"[\W_]+", header.lower())) - {""}
    near += [
        name
        for column in absent
        for name in (column.name, column.danish)
        if (parts := set(name.lower().split("_"))) <= words or (words <= parts and words)
    ]
    return near[0] if near else ""


def _key_texts(sheet: Sheet, found: Mapping[str, RawColumn]) -> npt.NDArray[Any]:
    """Text of each row's key, for people to find the row by; CPR-like parts removed."""
    length = 0 if sheet.raw is None else len(sheet.raw.rows)
    parts: list[npt.NDArray[Any]] = []
    for name in sheet.table.key:
        if name in found and found[name].texts:
            texts = np.array(
                [shown(text) for text in found[name].texts],
                dtype=object,
            )
            parts.append(texts[found[name].codes])
    if not parts:
        return np.full(length, "", dtype=object)
    joined = parts[0]
    for part in parts[1:]:
        joined = joined + np.where(part == "", "", " / ") + part
    return joined


def _through_the_gate(
    table: Table, raw: RawTable, fields: Mapping[str, ReadColumn]
) -> tuple[RawTable, dict[int, list[int]]]:
    """Mask what looks like a CPR number, in every column, known or not, and in every name.

    Returns
    -------
    tuple
        The table, and by position of the column those of the texts that were refused.
    """
    refused: dict[int, list[int]] = {}
    columns: list[RawColumn] = []
    for place, column in enumerate(raw.columns):
        name = named_field(table.name, column) or ""
        kind = fields[name].kind if name else ""
        hits = cpr.positions(
            column.texts,
            digits_allowed=name == _P_NUMBERS,
            decimals_allowed=kind == "number",
            codes_allowed=kind == "words",
        )
        header, texts = cpr.mask(column.header), list(column.texts)
        for at in hits:
            texts[at] = cpr.mask(texts[at], digits_allowed=name == _P_NUMBERS)
        if hits:
            refused[place] = hits
        changed = bool(hits) or header != column.header
        allowed = {"digits_allowed": name == _P_NUMBERS}
        theirs = list(column.theirs)
        for at in cpr.positions(theirs, **allowed):
            theirs[at], changed = cpr.mask(theirs[at], **allowed), True
        if changed:
            column = replace(column, header=header, texts=tuple(texts), theirs=tuple(theirs))
        columns.append(column)
    return (
        replace(raw, name=cpr.mask(raw.name), source=cpr.mask(raw.source), columns=tuple(columns)),
        refused,
    )


def _report_cpr(sheet: Sheet, raw: RawTable, refused: Mapping[int, list[int]]) -> None:
    """Put aside the rows in which the gate refused a cell."""
    for place, hits in refused.items():
        column = raw.columns[place]
        wrong = np.zeros(len(column.texts), dtype=np.bool_)
        wrong[hits] = True
        rows = np.flatnonzero(wrong[column.codes])
        sheet.mark(
            rows,
            IssueCode.CPR_NUMBER,
            [cpr.MASK] * len(rows),
            field_name=column.header or Message("found.no_name", column=place + 1),
            advice=Message("advice.cpr"),
        )


def _mark_faults(
    sheet: Sheet,
    name: str,
    codes: npt.NDArray[np.int32],
    by_text: Mapping[int, Fault],
    severity: Severity,
) -> None:
    by_kind: dict[tuple[IssueCode, str], list[int]] = {}
    for position, fault in by_text.items():
        by_kind.setdefault((fault.code, fault.expected), []).append(position)
    for (code, expected), positions in by_kind.items():
        rows = np.flatnonzero(np.isin(codes, positions))
        rows = rows[rows != sheet.totals_row]
        found = [by_text[at] for at in codes[rows].tolist()]
        values = [fault.value for fault in found]
        if code is IssueCode.UNREADABLE_CELL:
            values = _with_places(sheet, name, rows, values)
        sheet.mark(
            rows,
            code,
            values,
            field_name=name,
            expected=expected,
            advice=[fault.advice for fault in found],
            severity=severity,
        )


def _with_places(
    sheet: Sheet, name: str, rows: npt.NDArray[np.intp], values: list[str]
) -> list[str]:
    """Say in which cell of a workbook each value stands."""
    raw = sheet.raw
    if raw is None or raw.serial_zero is None:
        return values
    headers = [column.header for column in raw.columns]
    at = headers.index(sheet.headers[name])
    column = at if raw.columns[at].place == -1 else raw.columns[at].place
    if column < 0:
        return values
    return [
        Message("found.in_cell", value=value, cell=cell_name(number - 1, column))
        for value, number in zip(values, raw.rows[rows].tolist(), strict=True)
    ]


def _tell_once(sheet: Sheet, column: RawColumn, notices: Mapping[int, Fault]) -> None:
    """Tell what was read otherwise than it stands: once for each text of a column, with a count."""
    if not notices:
        return
    counts = np.bincount(column.codes, minlength=len(column.texts))
    told: dict[tuple[IssueCode, str, str], int] = {}
    for position, notice in notices.items():
        key = (notice.code, notice.value, notice.advice)
        told[key] = told.get(key, 0) + int(counts[position])
    for (code, value, advice), count in told.items():
        sheet.report(
            code,
            column=column.header,
            value=Message("found.in_rows", value=shown(value), count=count),
            advice=advice,
            severity=Severity.WARNING,
        )


def _mark_ragged(sheet: Sheet, raw: RawTable) -> None:
    for number, cells in raw.ragged:
        whole = cells != NOT_SPLIT
        sheet.issues.append(
            Issue(
                IssueCode.RAGGED_ROW,
                Severity.ERROR,
                sheet.name,
                raw.source,
                number,
                value=Message("found.cells", count=cells) if whole else Message("found.quotation"),
                expected=Message("expected.cells", cells=len(raw.columns)) if whole else "",
                advice=Message("advice.separator" if whole else "advice.close_quotation"),
                put_aside=True,
            )
        )


def _mark_totals(sheet: Sheet, raw: RawTable) -> None:
    """Put the last row aside where it adds up the others: a word for it, else numbers alone."""
    if word := totals_word(raw):
        sheet.totals_row = len(raw.rows) - 1
        sheet.mark(
            np.array([sheet.totals_row]),
            IssueCode.TOTALS_ROW,
            [word],
            advice=Message("advice.leave_out"),
            severity=Severity.WARNING,
            put_aside=True,
        )
