"""What is left of every shared resource once running placements have used what they use.

Capacities in the tables are totals. A running placement counts from the day it is listed until its
last day has passed; budgets and course seats are given as what is left and are not reduced.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

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
    running: pd.DataFrame
    """The running placements that count, with ``opening`` and ``workplace`` positions."""

    def __getitem__(self, kind: RowKind) -> Ints:
        """Free units of a kind."""
        return self.units[kind]


def remaining(problem: Problem) -> Remaining:
    """Compute what is left of every resource on the first day a proposal could start."""
    running = running_placements(problem)
    units = {
        kind: _remaining(problem, kind, running) for kind in ROW_KINDS.values() if kind.capacity
    }
    units[WORKPLACE_RATIO] = _ratio_remaining(problem, running)
    return Remaining(units, running)


def _remaining(problem: Problem, kind: RowKind, running: pd.DataFrame) -> Ints:
    """Capacity by the table less what running placements use."""
    table = problem[kind.table]
    there = table[kind.capacity].astype("float64")
    limited = there.notna().to_numpy(np.bool_)
    units = whole(there.fillna(0) * kind.scale)
    if kind.taken_by:
        taken = whole(running[kind.taken] * kind.scale) if kind.taken else None
        units -= _counted(positions(running[kind.taken_by], table[kind.key]), len(table), taken)
    units[~limited] = UNLIMITED
    return units


def _ratio_remaining(problem: Problem, running: pd.DataFrame) -> Ints:
    """Places under the ratio rule less those in use."""
    workplaces, rule = problem["workplaces"], problem.policy.ratio_rule
    measures = problem.policy.measures
    counts = running["measure"].isin([name for name in measures if measures[name].ratio_rule])
    places = ratio_places(staff_counted(workplaces, rule), rule)
    places -= _counted(running["workplace"][counts], len(workplaces))
    places -= workplaces["other_ratio_places"].to_numpy(np.int64)
    return places


def running_placements(problem: Problem) -> pd.DataFrame:
    """Return the running placements that have not ended by the first possible start."""
    running = problem["running"]
    first_day = pd.Timestamp(first_start(problem))
    if len(running):
        counts = running["end"].isna() | (running["end"] >= first_day)
        running = running[counts].reset_index(drop=True)
    opening = positions(running["opening_id"], problem["openings"]["opening_id"])
    at = positions(problem["openings"]["workplace_id"], problem["workplaces"]["workplace_id"])
    workplace = np.where(opening >= 0, at[opening], -1) if len(at) else opening
    return running.assign(opening=opening, workplace=workplace)


def first_start(problem: Problem) -> dt.date:
    """First day a proposal of this run could start."""
    return problem.today + dt.timedelta(days=problem.policy.start.notice_days)


def staff_counted(workplaces: pd.DataFrame, rule: RatioRule) -> Ints:
    """Ordinary staff as the ratio rule counts them, whole employees, shape (workplaces,)."""
    heads = workplaces["ordinary_staff"].to_numpy(np.float64)
    if rule.count == "fte":
        equivalents = workplaces["ordinary_fte"].to_numpy(np.float64)
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


def positions(values: pd.Series, keys: pd.Series) -> Ints:
    """Row of each value in a sorted, unique key column; -1 where empty or unknown."""
    if not len(values) or not len(keys):
        return np.full(len(values), -1, dtype=np.int64)
    return np.asarray(pd.Index(keys).get_indexer(pd.Index(values)), dtype=np.int64)


def whole(numbers: pd.Series) -> Ints:
    """Nearest whole numbers."""
    return np.asarray(np.rint(numbers.to_numpy(np.float64)), dtype=np.int64)


def minutes(hours: pd.Series) -> Ints:
    """Whole minutes of hours."""
    return whole(hours * 60)


def _counted(where: pd.Series | Ints, length: int, amounts: Ints | None = None) -> Ints:
    at = np.asarray(where, dtype=np.int64)
    known = at >= 0
    weights = None if amounts is None else amounts[known]
    return np.bincount(at[known], weights=weights, minlength=length).astype(np.int64)
