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
    still takes its seat, and one at an opening that is listed no more still has its citizen): a
    warning.

References to rows that were put aside are judged alike, so errors cascade. A name that is near one
that is there (`1` for `0001`) is not age but a mistake: an error, whatever the reference, and the
right name is in the advice. Only where the row is a person's own it stays, so that nobody is lost,
and is counted as a :class:`~matcher.tables.spelling.Doubt`. So is what names nothing in a table
that binds: a few rows age, most of a table does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.tables.issues import IssueCode, Severity, table_name
from matcher.tables.sheet import Mask, Sheet
from matcher.tables.spelling import Doubt, meant, nearly
from matcher.texts import Message, joined


@dataclass(frozen=True)
class Reference:
    """A column that names rows of another table."""

    table: str
    field: str
    target: str
    action: str
    """``refuse``, ``stale``, ``unlink`` or ``keep``."""
    few_age: bool = False
    """Whether more rows that name nothing than the policy's share stop the run."""
    goes_along: bool = False
    """Whether a row that is kept goes all the same when a scenario takes out what it names."""


REFERENCES = (
    Reference("workplaces", "postcode", "places", "refuse"),
    Reference("citizens", "postcode", "places", "refuse"),
    Reference("citizens", "caseworker_id", "caseworkers", "keep"),
    Reference("openings", "workplace_id", "workplaces", "refuse"),
    Reference("teams", "postcode", "places", "refuse"),
    Reference("teams", "workplace_id", "workplaces", "refuse"),
    Reference("mentor_pools", "workplace_id", "workplaces", "refuse"),
    Reference("running", "citizen_id", "citizens", "keep"),
    Reference("running", "opening_id", "openings", "keep", few_age=True, goes_along=True),
    Reference("running", "team_id", "teams", "unlink"),
    Reference("running", "pool_id", "mentor_pools", "unlink"),
    Reference("locks", "citizen_id", "citizens", "refuse"),
    Reference("locks", "opening_id", "openings", "refuse"),
    Reference("forbids", "citizen_id", "citizens", "stale", few_age=True),
    Reference("forbids", "opening_id", "openings", "unlink", few_age=True),
    Reference("forbids", "workplace_id", "workplaces", "unlink", few_age=True),
    Reference("previous", "citizen_id", "citizens", "stale"),
    Reference("previous", "opening_id", "openings", "stale"),
    Reference("audit_groups", "citizen_id", "citizens", "stale"),
)
"""Every reference between tables; a table stands after those it names, so errors cascade."""

_EFFECT: Mapping[str, str] = {
    "refuse": "",
    "stale": Message("advice.row_stale"),
    "unlink": Message("advice.row_unlinked"),
    "keep": Message("advice.row_kept"),
}


def check_references(sheets: Mapping[str, Sheet]) -> list[Doubt]:
    """Judge every reference; rows and links are put aside as the reference says.

    Returns
    -------
    list of Doubt
        What is no error of a row, and still stops the run where it is much.
    """
    doubts: list[Doubt] = []
    ids = _Ids()
    for reference in REFERENCES:
        sheet, target = sheets[reference.table], sheets[reference.target]
        if sheet.raw is None or sheet.faulty or target.faulty:
            continue
        if target.raw is None and not target.table.needed:
            _without_table(sheet, reference)
        else:
            meaningful = _targets_left(sheets, sheet, reference, ids)
            doubts += _check(sheet, target, reference, meaningful, ids)
    return doubts


def _without_table(sheet: Sheet, reference: Reference) -> None:
    named = int(sheet.frame[reference.field].notna().sum())
    if not named:
        return
    sheet.report(
        IssueCode.REFERENCE_WITHOUT_TABLE,
        column=sheet.headers.get(reference.field, reference.field),
        value=Message("found.rows", count=named),
        expected=Message("expected.table", table=table_name(reference.target)),
        advice=Message("advice.without_table"),
        severity=Severity.WARNING,
    )
    if reference.action == "unlink":
        _unlink(sheet, reference.field, np.arange(len(sheet.frame)))


class _Ids:
    """Ids of tables, found once: rows of a table that is named are put aside no more."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bool], npt.NDArray[Any]] = {}

    def of(self, sheet: Sheet, *, kept: bool) -> npt.NDArray[Any]:
        """Return the different ids of a table, of the rows that are kept or of all."""
        if (sheet.name, kept) not in self._known:
            keys = sheet.frame[sheet.table.key[0]]
            found = (sheet.kept_of(keys) if kept else keys).dropna().unique()
            self._known[sheet.name, kept] = found
        return self._known[sheet.name, kept]


def _targets_left(
    sheets: Mapping[str, Sheet], sheet: Sheet, reference: Reference, ids: _Ids
) -> Mask:
    """Rows that keep a meaning when this link is emptied."""
    if reference.table != "forbids" or reference.action != "unlink":
        return np.ones(len(sheet.frame), dtype=np.bool_)
    other, table = (
        ("workplace_id", "workplaces")
        if reference.field == "opening_id"
        else ("opening_id", "openings")
    )
    return _among(sheet.frame[other], ids.of(sheets[table], kept=True))


def _among(cells: pd.Series[Any], ids: npt.NDArray[Any]) -> Mask:
    """Whether each cell is one of the ids; ``Series.isin`` walks Arrow text cell by cell."""
    return np.asarray(pd.Index(ids).get_indexer(pd.Index(cells)) >= 0, dtype=np.bool_)


def _check(
    sheet: Sheet, target: Sheet, reference: Reference, meaningful: Mask, ids: _Ids
) -> list[Doubt]:
    cells = sheet.frame[reference.field]
    named = cells.notna().to_numpy(np.bool_)
    if not named.any():
        return []
    lost = named & ~_among(cells, ids.of(target, kept=True))
    if not lost.any():
        return []
    known = _among(cells, ids.of(target, kept=False))
    nowhere = np.flatnonzero(lost & ~known)
    near = nearly(cells.iloc[nowhere].unique().tolist(), ids.of(target, kept=False).tolist())
    is_near = _among(cells, np.array(list(near), dtype=object))[nowhere]
    gone, missed = nowhere[~is_near], nowhere[is_near]
    for rows, code in (
        (gone, IssueCode.DANGLING_REFERENCE),
        (np.flatnonzero(lost & known), IssueCode.REFERS_TO_QUARANTINED),
    ):
        _mark(sheet, target, reference, rows[meaningful[rows]], code, reference.action)
        _mark(sheet, target, reference, rows[~meaningful[rows]], code, "stale")
    stays = reference.table == "citizens" and reference.action != "refuse"
    values = cells.iloc[missed].tolist()
    sheet.mark(
        missed,
        IssueCode.DANGLING_REFERENCE,
        values,
        field_name=reference.field,
        expected=Message("expected.quoted", what=table_name(target.name)),
        advice=[joined((meant(near[value]), _EFFECT["keep"] if stays else "")) for value in values],
        severity=Severity.WARNING if stays else Severity.ERROR,
    )
    header = sheet.headers.get(reference.field, reference.field)
    doubts = [Doubt(sheet.name, header, len(missed), near=True)] if stays and len(missed) else []
    nothing = gone[~meaningful[gone]] if reference.action == "unlink" else gone
    if reference.few_age and len(nothing):
        doubts.append(Doubt(sheet.name, header, len(nothing), near=False))
    return doubts


def _mark(
    sheet: Sheet,
    target: Sheet,
    reference: Reference,
    rows: npt.NDArray[np.intp],
    code: IssueCode,
    action: str,
) -> None:
    """Mark rows whose link leads nowhere, and do with them what the action says."""
    sheet.mark(
        rows,
        code,
        sheet.frame[reference.field].iloc[rows].tolist(),
        field_name=reference.field,
        expected=Message("expected.quoted", what=table_name(target.name)),
        advice=_advice(code, target, action),
        severity=Severity.ERROR if action == "refuse" else Severity.WARNING,
        put_aside=action in {"refuse", "stale"},
    )
    if action == "unlink":
        _unlink(sheet, reference.field, rows)


def _unlink(sheet: Sheet, field_name: str, rows: npt.NDArray[np.intp]) -> None:
    cells = sheet.frame[field_name].copy()
    cells.iloc[rows] = None
    sheet.frame = sheet.frame.assign(**{field_name: cells})


def _advice(code: IssueCode, target: Sheet, action: str) -> str:
    effect = _EFFECT[action]
    name = table_name(target.name)
    if code is IssueCode.REFERS_TO_QUARANTINED:
        return joined((Message("advice.correct_first", table=name), effect))
    if target.name == "places":
        return Message("advice.add_place", table=name)
    return effect or Message("advice.add_or_correct", table=name)
