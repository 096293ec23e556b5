"""Rows that name rows of other tables, which must exist and have been kept.

What happens to a row whose reference leads nowhere depends on what would go wrong without it:

``refuse``
    The row cannot be used (an opening at an unknown workplace): an error.
``stale``
    The row has no effect and ages naturally (last week's proposal for a citizen who has left): a
    warning, and the row is put aside.
``unlink``
    The rest of the row must count (a running placement takes its seat even if its class is
    unknown): a warning, and the link is emptied.
``keep``
    The row and its link stay (a running placement of a citizen who is not in this week's table
    still takes its seat): a warning.

References to rows that were put aside are judged alike, so errors cascade.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.tables.cpr import looks_like_cpr
from matcher.tables.issues import IssueCode, Severity
from matcher.tables.names import fold
from matcher.tables.sheet import Mask, Sheet


@dataclass(frozen=True)
class Reference:
    """A column that names rows of another table."""

    table: str
    field: str
    target: str
    action: str
    """``refuse``, ``stale``, ``unlink`` or ``keep``."""


REFERENCES = (
    Reference("workplaces", "postcode", "places", "refuse"),
    Reference("citizens", "postcode", "places", "refuse"),
    Reference("citizens", "caseworker_id", "caseworkers", "keep"),
    Reference("openings", "workplace_id", "workplaces", "refuse"),
    Reference("teams", "postcode", "places", "refuse"),
    Reference("teams", "workplace_id", "workplaces", "refuse"),
    Reference("mentor_pools", "workplace_id", "workplaces", "refuse"),
    Reference("running", "citizen_id", "citizens", "keep"),
    Reference("running", "opening_id", "openings", "refuse"),
    Reference("running", "team_id", "teams", "unlink"),
    Reference("running", "pool_id", "mentor_pools", "unlink"),
    Reference("locks", "citizen_id", "citizens", "refuse"),
    Reference("locks", "opening_id", "openings", "refuse"),
    Reference("forbids", "citizen_id", "citizens", "stale"),
    Reference("forbids", "opening_id", "openings", "unlink"),
    Reference("forbids", "workplace_id", "workplaces", "unlink"),
    Reference("previous", "citizen_id", "citizens", "stale"),
    Reference("previous", "opening_id", "openings", "stale"),
    Reference("audit_groups", "citizen_id", "citizens", "stale"),
)
"""Every reference between tables; a table stands after those it names, so errors cascade."""

_EFFECT = {
    "refuse": "",
    "stale": "The row has no effect and is put aside.",
    "unlink": "The row is used without it.",
    "keep": "The row is used all the same.",
}


def check_references(sheets: Mapping[str, Sheet]) -> None:
    """Judge every reference; rows and links are put aside as the reference says."""
    for reference in REFERENCES:
        sheet, target = sheets[reference.table], sheets[reference.target]
        if sheet.raw is None or sheet.faulty or target.faulty:
            continue
        if target.raw is None and not target.table.needed:
            _without_table(sheet, reference)
        else:
            _check(sheet, target, reference, _targets_left(sheets, sheet, reference))


def _without_table(sheet: Sheet, reference: Reference) -> None:
    named = int(sheet.frame[reference.field].notna().sum())
    if not named:
        return
    sheet.report(
        IssueCode.REFERENCE_WITHOUT_TABLE,
        column=sheet.headers.get(reference.field, reference.field),
        value=f"{named} row{'s' if named > 1 else ''}",
        expected=f"a table '{reference.target}'",
        advice="Without that table the column has no effect.",
        severity=Severity.WARNING,
    )
    if reference.action == "unlink":
        _unlink(sheet, reference.field, np.arange(len(sheet.frame)))


def _targets_left(sheets: Mapping[str, Sheet], sheet: Sheet, reference: Reference) -> Mask:
    """Rows that keep a meaning when this link is emptied."""
    if reference.table != "forbids" or reference.action != "unlink":
        return np.ones(len(sheet.frame), dtype=np.bool_)
    other, table = (
        ("workplace_id", "workplaces")
        if reference.field == "opening_id"
        else ("opening_id", "openings")
    )
    return _among(sheet.frame[other], _ids(sheets[table], kept=True))


def _ids(sheet: Sheet, *, kept: bool) -> npt.NDArray[Any]:
    frame = sheet.kept() if kept else sheet.frame
    return frame[sheet.table.key[0]].dropna().unique()


def _among(cells: pd.Series[Any], ids: npt.NDArray[Any]) -> Mask:
    """Whether each cell is one of the ids; ``Series.isin`` walks Arrow text cell by cell."""
    return np.asarray(pd.Index(ids).get_indexer(pd.Index(cells)) >= 0, dtype=np.bool_)


def _check(sheet: Sheet, target: Sheet, reference: Reference, meaningful: Mask) -> None:
    cells = sheet.frame[reference.field]
    lost = cells.notna().to_numpy(np.bool_) & ~_among(cells, _ids(target, kept=True))
    if not lost.any():
        return
    known = _among(cells, _ids(target, kept=False))
    for rows, code in (
        (np.flatnonzero(lost & ~known), IssueCode.DANGLING_REFERENCE),
        (np.flatnonzero(lost & known), IssueCode.REFERS_TO_QUARANTINED),
    ):
        for part, action in (
            (rows[meaningful[rows]], reference.action),
            (rows[~meaningful[rows]], "stale"),
        ):
            values = cells.iloc[part].tolist()
            sheet.mark(
                part,
                code,
                values,
                field_name=reference.field,
                expected=f"'{reference.target}'",
                advice=_advice(code, target, values, action),
                severity=Severity.ERROR if action == "refuse" else Severity.WARNING,
                put_aside=action in {"refuse", "stale"},
            )
            if action == "unlink":
                _unlink(sheet, reference.field, part)


def _unlink(sheet: Sheet, field_name: str, rows: npt.NDArray[np.intp]) -> None:
    cells = sheet.frame[field_name].copy()
    cells.iloc[rows] = None
    sheet.frame = sheet.frame.assign(**{field_name: cells})


def _advice(code: IssueCode, target: Sheet, values: list[str], action: str) -> list[str]:
    effect = _EFFECT[action]
    if code is IssueCode.REFERS_TO_QUARANTINED:
        first = f"Correct the row in '{target.name}' first."
        return [f"{first} {effect}".strip()] * len(values)
    if target.name == "places":
        return ["Add the postcode with its latitude and longitude to 'places'."] * len(values)
    near = {
        fold(name).lstrip("0"): name
        for name in sorted(_ids(target, kept=False))
        if not looks_like_cpr(name)
    }
    listed: list[str] = []
    for value in values:
        other = near.get(fold(value).lstrip("0"))
        hint = f"Maybe '{other}' was meant: zeros or spelling differ." if other else ""
        listed.append(f"{hint} {effect}".strip() or f"Add it to '{target.name}', or correct it.")
    return listed
