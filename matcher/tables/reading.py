"""The whole way in: address -> tables as found -> checked cells -> checked rows -> problem.

:func:`check` never raises on what the tables hold: every issue is in the :class:`Reading`, and so
is the answer to whether a run may go on.
"""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pandas as pd

from matcher.cpr import MASK
from matcher.errors import InputErrors
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.records import TABLES, Table, danish_name
from matcher.tables.consistency import check_rows, check_together
from matcher.tables.duplicates import check_duplicates
from matcher.tables.folder import FoundTable
from matcher.tables.issues import (
    Issue,
    IssueCode,
    Severity,
    code_name,
    in_order,
    shown,
    summary,
    table_name,
)
from matcher.tables.mapping.apply import mapped
from matcher.tables.mapping.pseudonym import key_needed
from matcher.tables.mapping.record import TheirMapping
from matcher.tables.own_policy import policy_not_used
from matcher.tables.protection import check_protection, not_known
from matcher.tables.raw import RawTable, UnreadableError
from matcher.tables.references import check_references
from matcher.tables.sheet import Sheet, missing_sheet, read_sheet
from matcher.tables.sources import Source, Tables, open_source
from matcher.tables.spelling import Doubt, check_spellings
from matcher.texts import Both, Language, Message, joined, tell

Progress = Callable[[str, int], None]
"""Called with a table's name and its number of rows when it has been read."""


@dataclass(frozen=True)
class Count:
    """Rows of one table."""

    read: int
    kept: int

    @property
    def put_aside(self) -> int:
        """Rows in quarantine."""
        return self.read - self.kept


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read, what is wrong with it, and whether a run may go on."""

    problem: Problem
    """The good rows, canonical."""
    issues: tuple[Issue, ...]
    """All of them, sorted by table and row."""
    quarantine: Mapping[str, pd.DataFrame]
    """Rows put aside, by table: row number, reasons, and the known columns as text."""
    counts: Mapping[str, Count]
    """By table that is given."""
    format: str
    """``folder``, ``excel``, ``sql`` or ``frames``."""
    address: str
    """Where the tables are, without password."""
    found: Mapping[str, Mapping[str, str]]
    """How each table was read: source, format, encoding, separator."""
    why_not: tuple[str, ...] = ()
    """Why a run cannot go on; empty when it can."""
    mapping: Mapping[str, str] = field(default_factory=dict)
    """File and digest of the mapping that it was read by; empty: none."""

    @property
    def usable(self) -> bool:
        """Whether a run can go on with the rows that are kept."""
        return not self.why_not

    @property
    def errors(self) -> tuple[Issue, ...]:
        """Issues that keep a row or a table out."""
        return tuple(issue for issue in self.issues if issue.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Issue, ...]:
        """Issues that are worth a look."""
        return tuple(issue for issue in self.issues if issue.severity is Severity.WARNING)

    def to_dict(self, language: Language = "en") -> dict[str, Any]:
        """Return plain values, for JSON; the issues are complete, their texts in the language."""
        return {
            "schema_version": 1,
            "address": self.address,
            "format": self.format,
            "usable": self.usable,
            "why_not": [tell(reason, language) for reason in self.why_not],
            "tables": {
                name: {
                    "read": count.read,
                    "kept": count.kept,
                    "put_aside": count.put_aside,
                    **self.found.get(name, {}),
                }
                for name, count in self.counts.items()
            },
            "errors": len(self.errors),
            "warnings": len(self.warnings),
            "issues": [issue.to_dict(language) for issue in self.issues],
        }


def check(
    address: Tables,
    policy: Policy,
    today: dt.date,
    *,
    mapping: TheirMapping | None = None,
    progress: Progress | None = None,
) -> Reading:
    """Read the tables at an address and collect everything that is wrong with them.

    Parameters
    ----------
    address
        A folder of CSV or Parquet, a workbook, or a database URL; or the tables themselves, as
        pandas frames by table name (English or Danish) with columns of any type.
    policy
        What holds on ``today``: measures, reasons of rejection, the share of bad rows.
    today
        Date of the run.
    mapping
        What their tables and columns are in ours. None: they have our names.
    progress
        Called after each table.

    Raises
    ------
    OptionError
        There is nothing to read at the address, or an optional package is missing.
    """
    source = open_source(address, mapped=mapping is not None)
    try:
        if mapping is not None:
            place = None if isinstance(address, Mapping) else address
            key = key_needed(place, mapping.key_check) if mapping.hashes() else None
            source = mapped(source, mapping, key, today)
        sheets, odd = _read(source, policy, progress)
    finally:
        source.close()
    check_duplicates(sheets)
    first_day = today + dt.timedelta(days=policy.start.notice_days)
    check_rows(sheets, first_day)
    doubts = check_references(sheets) + check_spellings(sheets)
    check_together(sheets, today, first_day)
    why_not = _why_not(sheets, doubts, policy)
    odd += policy_not_used(address, policy)
    issues = [*odd, *(issue for sheet in sheets.values() for issue in sheet.issues)]
    given = {name: sheet for name, sheet in sheets.items() if sheet.raw is not None}
    problem = Problem({name: sheet.final() for name, sheet in sheets.items()}, policy, today)
    unknown = problem.unknown()
    issues += [
        issue
        for name, sheet in given.items()
        for issue in not_known(sheet, problem, unknown.get(name, {}))
    ]
    return Reading(
        problem,
        in_order(issues, list(TABLES)),
        types.MappingProxyType(
            {
                name: sheet.quarantine()
                for name, sheet in given.items()
                if sheet.aside.any() or (sheet.raw is not None and sheet.raw.ragged)
            }
        ),
        types.MappingProxyType(
            {name: Count(sheet.read, len(problem[name])) for name, sheet in given.items()}
        ),
        source.format,
        source.address,
        types.MappingProxyType(
            {
                name: types.MappingProxyType({"source": sheet.source, **sheet.raw.facts})
                for name, sheet in given.items()
                if sheet.raw is not None
            }
        ),
        why_not,
        types.MappingProxyType(mapping.provenance() if mapping is not None else {}),
    )


def read_problem(
    address: Tables,
    policy: Policy,
    today: dt.date,
    *,
    mapping: TheirMapping | None = None,
    progress: Progress | None = None,
) -> Reading:
    """Read a week's input; as :func:`check`, but what cannot be used raises.

    Raises
    ------
    InputErrors
        A table or column that is needed is missing, a table cannot be read, or too many rows are
        bad; carries all issues.
    OptionError
        There is nothing to read at the address, or an optional package is missing.
    """
    reading = check(address, policy, today, mapping=mapping, progress=progress)
    raise_if_unusable(reading)
    return reading


def raise_if_unusable(reading: Reading, language: Language = "en") -> None:
    """Raise when a run cannot go on.

    Parameters
    ----------
    reading
        What was read.
    language
        Of the texts among the issues' plain values.

    Raises
    ------
    InputErrors
        With the reasons and the first errors in the message, and every issue as plain values.
    """
    if not reading.usable:
        raise InputErrors(
            summary(reading.why_not, reading.issues),
            tuple(issue.to_dict(language) for issue in reading.issues),
        )


def _read(
    source: Source, policy: Policy, progress: Progress | None
) -> tuple[dict[str, Sheet], list[Issue]]:
    sheets: dict[str, Sheet] = {}
    for name, table in TABLES.items():
        found = _with_rows(source.known.get(name, ()))
        if len(found) == 1:
            sheet = _read_one(table, found[0], policy)
        else:
            sheet = missing_sheet(table)
            _report_absence(sheet, found)
        sheets[name] = sheet
        if progress is not None and found:
            progress(name, sheet.read)
    for item in source.not_read:
        sheet = sheets[item.table]
        sheet.faulty = True
        sheet.issues.append(
            Issue(
                IssueCode.FILE_NOT_READ,
                Severity.ERROR,
                item.table,
                shown(item.source),
                value=table_name(item.table),
                advice=item.advice,
            )
        )
    odd = [_odd(item.name, item.source) for item in source.unknown]
    return sheets, [*odd, *(_odd(name, name) for name in source.others)]


def _odd(name: str, place: str) -> Issue:
    """Tell of a table that is not read: not ours, or named after a person."""
    if MASK in name + place:
        return Issue(
            IssueCode.CPR_NUMBER,
            Severity.ERROR,
            shown(name),
            shown(place),
            expected=Message("expected.table_name"),
            advice=Message("advice.number_in_name"),
        )
    return Issue(
        IssueCode.UNKNOWN_TABLE,
        Severity.WARNING,
        shown(name),
        shown(place),
        advice=Message("advice.table_names", names=tuple(map(table_name, list(TABLES)[:3]))),
    )


def _with_rows(found: tuple[FoundTable, ...]) -> tuple[FoundTable, ...]:
    """Leave out what holds no row where a table is given several times, as empty templates do."""
    if len(found) < 2:
        return found
    held: list[FoundTable] = []
    for item in found:
        try:
            raw = item.table()
        except UnreadableError:
            held.append(item)
        else:
            if len(raw.rows) or raw.ragged:
                held.append(replace(item, read=partial(_same, raw)))
    return tuple(held) or found[:1]


def _same(raw: RawTable, _: object) -> RawTable:
    return raw


def _report_absence(sheet: Sheet, found: tuple[FoundTable, ...]) -> None:
    table = sheet.table
    if found:
        sheet.report(
            IssueCode.DUPLICATE_TABLE,
            value=joined([item.source for item in found], ", "),
            advice=Message("advice.keep_one"),
        )
    elif table.needed:
        sheet.report(
            IssueCode.MISSING_TABLE,
            expected=Message("expected.either", names=(table.name, table.danish)),
            advice=Message("advice.template_to_fill"),
        )


def _read_one(table: Table, found: FoundTable, policy: Policy) -> Sheet:
    try:
        sheet = read_sheet(table, found.table(), policy)
        check_protection(sheet, policy)
    except UnreadableError as error:
        sheet = missing_sheet(table)
        sheet.faulty = True
        sheet.issues.append(
            Issue(
                IssueCode.UNREADABLE_FILE,
                Severity.ERROR,
                table.name,
                shown(found.source),
                value=error.reason,
                advice=error.advice,
            )
        )
        return sheet
    if sheet.read == 0 and not sheet.faulty and table.needed:
        sheet.report(IssueCode.EMPTY_TABLE, advice=Message("advice.extract_again"))
    return sheet


def _why_not(
    sheets: Mapping[str, Sheet], doubts: Sequence[Doubt], policy: Policy
) -> tuple[str, ...]:
    """Reasons to stop: a table that cannot be used, or in which too much is bad or in doubt.

    A table that is given and cannot be read stops the run even if it is optional: without the
    running placements, say, seats that are taken would be given away.
    """
    checks = policy.checks
    reasons: list[str] = []
    for name, sheet in sheets.items():
        if sheet.faulty:
            codes = {
                issue.code
                for issue in sheet.issues
                if issue.row is None and issue.severity is Severity.ERROR
            }
            names = tuple(code_name(code) for code in sorted(codes))
            reasons.append(Message("why_not.unusable", table=table_name(name), codes=names))
            continue
        if sheet.undeclared:
            columns = tuple(
                Both(one, danish_name(sheet.table.record, one)) for one in sheet.undeclared
            )
            reasons.append(Message("why_not.unprotected", table=table_name(name), columns=columns))
        if sheet.raw is not None and sheet.read:
            bad = int(sheet.wrong.sum()) + len(sheet.raw.ragged)
            binding = sheet.table.binding
            most = checks.bad_binding_rows_percent if binding else checks.bad_rows_percent
            if _above(bad, sheet.read, most):
                reasons.append(_share("bad", bad, sheet, most))
    for doubt in doubts:
        sheet = sheets[doubt.table]
        most = checks.bad_rows_percent if doubt.near else checks.aged_rows_percent
        if not sheet.faulty and _above(doubt.rows, sheet.read, most):
            what = "nearly_right" if doubt.near else "nowhere"
            reasons.append(_share(what, doubt.rows, sheet, most, doubt.field))
    return tuple(reasons)


def _above(rows: int, of: int, percent: float) -> bool:
    return rows * 100 > percent * of


def _share(what: str, rows: int, sheet: Sheet, most: float, column: str = "") -> Message:
    """Give a reason: how many rows are what, their share, and how many may be."""
    return Message(
        f"why_not.{what}",
        count=1 if sheet.read == 1 else 0,
        rows=rows,
        all=sheet.read,
        table=table_name(sheet.name),
        share=100 * rows / sheet.read,
        most=float(most),
        column=column,
    )
