"""Rows that share a key.

Equal rows are one row written twice: one is used. Rows that differ contradict each other, and
nothing says which is right, so all of them are put aside; the answer does not depend on the order
of the rows.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from matcher.tables.issues import IssueCode, Severity
from matcher.tables.sheet import Sheet
from matcher.texts import Message, joined

_MOST_ROWS = 5


def check_duplicates(sheets: Mapping[str, Sheet]) -> None:
    """Put aside rows whose key occurs more than once."""
    for sheet in sheets.values():
        if sheet.raw is not None and not sheet.faulty:
            _check(sheet)


def _check(sheet: Sheet) -> None:
    key = list(sheet.table.key)
    needed = [name for name in key if sheet.table.record.model_fields[name].is_required()]
    double = sheet.frame.duplicated(key, keep=False).to_numpy()
    if double.any():
        double = double & sheet.frame[needed].notna().all(axis=1).to_numpy()
    rows = np.flatnonzero(double)
    if not len(rows) or sheet.raw is None:
        return
    subset = sheet.frame.iloc[rows]
    group = subset.groupby(key, dropna=False, sort=False).ngroup().to_numpy()
    repeated = subset.duplicated().to_numpy()
    spoilt = np.bincount(group, ~repeated) > 1
    spoilt |= np.bincount(group, sheet.aside[rows]) > 0
    numbers: dict[int, list[int]] = {}
    for member, row in zip(group.tolist(), rows.tolist(), strict=True):
        numbers.setdefault(member, []).append(int(sheet.raw.rows[row]))
    named = tuple(sheet.headers[name] for name in key if name in sheet.headers)
    differs = spoilt[group]
    for chosen, code, severity, advice in (
        (differs, IssueCode.DUPLICATE_KEY, Severity.ERROR, Message("advice.keep_right")),
        (
            ~differs & repeated,
            IssueCode.DUPLICATE_ROW,
            Severity.WARNING,
            Message("advice.nothing_lost"),
        ),
    ):
        at = np.flatnonzero(chosen)
        sheet.mark(
            rows[at],
            code,
            [sheet.keys[row] for row in rows[at].tolist()],
            field_name=key[0],
            expected=Message("expected.once", key=named),
            advice=[joined((_listed(numbers[int(group[item])]), advice)) for item in at],
            severity=severity,
            put_aside=True,
        )


def _listed(numbers: list[int]) -> Message:
    more = len(numbers) - _MOST_ROWS
    key = "advice.rows_and_more" if more > 0 else "advice.rows"
    return Message(key, rows=numbers[:_MOST_ROWS], more=more)
