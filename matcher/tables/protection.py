"""Fields that protect somebody: columns that are not there, and cells of which nothing is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcher.policy import Policy
from matcher.problem import Problem
from matcher.tables.columns import columns_of
from matcher.tables.issues import Issue, IssueCode, Severity, shown
from matcher.tables.sheet import Sheet, nearest_field
from matcher.tables.theirs import named_field
from matcher.texts import ENGLISH, LANGUAGES, Both, Figures, Message, joined
from matcher.unknown import columns_named, declaration, missing_columns


def check_protection(sheet: Sheet, policy: Policy) -> None:
    """Report columns that protect somebody and are neither there nor declared.

    The rows are read all the same, so that everything that is wrong is told at once; the run
    stops. Columns that are declared and there, and those that may be absent, are warnings.
    """
    if sheet.raw is None or sheet.faulty:
        return
    table, fields = sheet.table, columns_of(sheet.table, policy)
    declared = policy.declared_for(table.name)
    sheet.undeclared = missing_columns(table, sheet.headers, policy)
    if sheet.undeclared:
        absent = {part: name for name in sheet.undeclared for part in (name, fields[name].danish)}
        odd = [column.header for column in sheet.raw.columns
               if column.header and named_field(table.name, column) is None]  # fmt: skip
        lacking = [fields[name] for name in sheet.undeclared]
        meant = [(header, nearest_field(header, fields, lacking)) for header in odd]
        near = [Message("advice.maybe_is", header=shown(header), name=name)
                for header, name in meant if name in absent]  # fmt: skip
        sheet.issues.append(
            Issue(
                IssueCode.MISSING_PROTECTION,
                Severity.ERROR,
                sheet.name,
                sheet.source,
                expected=columns_named(table, sheet.undeclared),
                advice=joined(
                    (
                        joined([*near, _where(sheet), Message("advice.protection")]),
                        declaration(table, sheet.undeclared, policy),
                    ),
                    "\n",
                ),
            )
        )
    for name, column in fields.items():
        if column.protects is None or name in sheet.headers:
            if name in declared:
                sheet.report(
                    IssueCode.DECLARED_BUT_GIVEN,
                    column=sheet.headers[name],
                    advice=Message("advice.declared", table=table.name),
                    severity=Severity.WARNING,
                )
        elif column.protects.may_be_absent and name not in declared:
            sheet.report(
                IssueCode.ABSENT_COLUMN,
                column=name,
                advice=Message("advice.absent_column"),
                severity=Severity.WARNING,
            )


def _where(sheet: Sheet) -> str:
    """Say where a column of theirs gets our name, where a mapping is used."""
    if sheet.raw is None or not sheet.raw.mapped:
        return ""
    return Message("mapping.map_it", table=sheet.name, column=sheet.undeclared[0])


def not_known(sheet: Sheet, problem: Problem, unknown: Mapping[str, int]) -> list[Issue]:
    """One warning for each column of which nothing is known in some of the rows that are kept.

    Parameters
    ----------
    unknown
        How many rows that are, by column.
    """
    if not unknown:
        return []
    careful = problem.policy.careful(sheet.name)
    rows = len(problem[sheet.name])
    return [
        Issue(
            IssueCode.NOT_KNOWN,
            Severity.WARNING,
            sheet.name,
            sheet.source,
            column=shown(sheet.headers.get(column, column)),
            value=Message("found.not_known", rows=count, all=rows),
            expected=Message("expected.known", value=_careful(careful[column])),
            advice=Message("advice.fill_unknown"),
        )
        for column, count in unknown.items()
        if column in sheet.headers
    ]


def _yes_no(value: bool) -> dict[str, str]:
    said = Message("word.yes" if value else "word.no")
    return {language: said.told(language) for language in LANGUAGES}


def _careful(value: Any) -> Any:
    if isinstance(value, bool):
        return Both.of({**_yes_no(value), ENGLISH: str(value)})
    if isinstance(value, str):
        return Both.each(lambda language: Figures(language).week(value))
    return value
