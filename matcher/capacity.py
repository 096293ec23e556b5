"""What is left of every shared resource once running placements have used what they use.

Capacities in the tables are totals. A running placement counts from the day it is listed until its
last day has passed; budgets and course seats are given as what is left and are not reduced.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.columns import Cells, lacking, positions
from matcher.policy import RatioRule
from matcher.problem import Problem
from matcher.row_kinds import ROW_KINDS, WORKPLACE_RATIO, RowKind

Ints = npt.NDArray[np.int64]

UNLIMITED = 1 << 40
"""Stands for a resource without a limit."""


@dataclass(frozen=True, eq=False)
class Remaining:
    """What is left of the resources that stand in a table."""

    units: Mapping[RowKind, Ints]
    """Free units of each kind, shape (rows of its table,); below 0 where more is used than there
    is, UNLIMITED where the cell is empty."""
    running: Mapping[str, Cells]
    """Columns of the running placements that count, with their ``row`` in the table, ``opening``
    and ``workplace``, positions."""

    def __getitem__(self, kind: RowKind) -> Ints:
        """Free units of a kind."""
        return self.units[kind]


def remaining(problem: Problem) -> Remaining:
    """Compute what is left of every resource on the first day a proposal could start."""
    running = _running(problem)
    units = {
        kind: _remaining(problem, kind, running) for kind in ROW_KINDS.values() if kind.capacity
    }
    units[WORKPLACE_RATIO] = _ratio_remaining(problem, running)
    return Remaining(units, running)


def _remaining(problem: Problem, kind: RowKind, running: Mapping[str, Cells]) -> Ints:
    """Capacity by the table less what running placements use."""
    table = problem.columns(kind.table)
    there = table[kind.capacity].astype(np.float64)
    limitless = np.isnan(there)
    units = whole(np.where(limitless, 0, there) * kind.scale)
    if kind.taken_by and len(running["row"]):
        taken = whole(running[kind.taken] * kind.scale) if kind.taken else None
        units -= _counted(positions(running[kind.taken_by], table[kind.key]), len(units), taken)
    units[limitless] = UNLIMITED
    return units


def _ratio_remaining(problem: Problem, running: Mapping[str, Cells]) -> Ints:
    """Places under the ratio rule less those in use."""
    workplaces, rule = problem.columns("workplaces"), problem.policy.ratio_rule
    measures = problem.policy.measures
    counts = [measure in measures and measures[measure].ratio_rule
              for measure in running["measure"].tolist()]  # fmt: skip
    places = ratio_places(staff_counted(workplaces, rule), rule)
    places -= _counted(running["workplace"][np.array(counts, dtype=np.bool_)], len(places))
    places -= workplaces["other_ratio_places"].astype(np.int64)
    return places


def running_placements(problem: Problem) -> pd.DataFrame:
    """Return the running placements that have not ended by the first possible start."""
    running = _running(problem)
    frame = problem["running"].iloc[running["row"]].reset_index(drop=True)
    return frame.assign(opening=running["opening"], workplace=running["workplace"])


def _running(problem: Problem) -> dict[str, Cells]:
    table = problem.columns("running")
    first_day = np.datetime64(first_start(problem))
    row = np.flatnonzero(lacking(table["end"]) | (table["end"] >= first_day))
    running = {name: table[name][row] for name in table}
    openings, workplaces = problem.columns("openings"), problem.columns("workplaces")
    opening = positions(running["opening_id"], openings["opening_id"])
    workplace = opening
    if (opening >= 0).any():
        at = positions(openings["workplace_id"], workplaces["workplace_id"])
        workplace = np.where(opening >= 0, at[opening], -1)
    return {**running, "row": row, "opening": opening, "workplace": workplace}


def first_start(problem: Problem) -> dt.date:
    """First day a proposal of this run could start."""
    return problem.today + dt.timedelta(days=problem.policy.start.notice_days)


def staff_counted(workplaces: Mapping[str, Any], rule: RatioRule) -> Ints:
    """Ordinary staff as the ratio rule counts them, whole employees, shape (workplaces,)."""
    heads = np.asarray(workplaces["ordinary_staff"], dtype=np.float64)
    if rule.count == "fte":
        equivalents = np.asarray(workplaces["ordinary_fte"], dtype=np.float64)
        heads = np.where(
            np.isnan(equivalents), heads * rule.unknown_fte_percent // 100, equivalents
        )
    return np.asarray(np.floor(heads), dtype=np.int64)


def ratio_places(staff: Ints, rule: RatioRule) -> Ints:
    """Places a workplace may have for subsidised people and trainees (rimelighedskrav).

    ``max(at_least, min(n, first_up_to) // first_per) + max(n - first_up_to, 0) // then_per`` for n
    ordinary employees: one per five up to 50 and at least one, then one per ten.
    """
    first = np.minimum(staff, rule.first_up_to) // rule.first_per
    beyond = np.maximum(staff - rule.first_up_to, 0) // rule.then_per
    return np.asarray(np.maximum(first, rule.at_least) + beyond, dtype=np.int64)


def whole(numbers: Any) -> Ints:
    """Nearest whole numbers."""
    return np.asarray(np.rint(np.asarray(numbers, dtype=np.float64)), dtype=np.int64)


def minutes(hours: Cells) -> Ints:
    """Whole minutes of hours."""
    return whole(hours * 60)


def _counted(at: Ints, length: int, amounts: Ints | None = None) -> Ints:
    known = at >= 0
    weights = None if amounts is None else amounts[known]
    return np.bincount(at[known], weights=weights, minlength=length).astype(np.int64)
