"""What is left of every shared resource once running placements have used what they use.

Capacities in the tables are totals. A running placement counts from the day it is listed until its
last day has passed; budgets and course seats are given as what is left and are not reduced.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.policy import RatioRule
from matcher.problem import Problem

Ints = npt.NDArray[np.int64]

UNLIMITED = -1
"""Stands for a resource without a limit."""


@dataclass(frozen=True, eq=False)
class Left:
    """Free units of each resource; positions are rows of the canonical tables. May be negative."""

    seats: Ints
    """Free seats, shape (openings,)."""
    ratio: Ints
    """Places left under the ratio rule, shape (workplaces,)."""
    intake: Ints
    """New people a workplace can receive this week, shape (workplaces,); UNLIMITED where silent."""
    team_seats: Ints
    """Free class seats, shape (teams,)."""
    mentor_minutes: Ints
    """Mentor minutes a week left, shape (pools,)."""
    course_seats: Ints
    """Free course seats, shape (courses,)."""
    caseload: Ints
    """New placements a caseworker can follow up, shape (caseworkers,)."""
    running: pd.DataFrame
    """The running placements that count, with ``opening`` and ``workplace`` positions."""


def left(problem: Problem) -> Left:
    """Compute what is left of every resource on the first day a proposal could start."""
    openings, workplaces = problem["openings"], problem["workplaces"]
    running = running_placements(problem)
    measures = problem.policy.measures
    in_ratio = running["measure"].isin(
        [name for name, measure in measures.items() if measure.ratio_rule]
    )
    return Left(
        seats=openings["seats"].to_numpy(np.int64)
        - _counted(running["opening"], len(openings)),
        ratio=ratio_places(staff_counted(workplaces, problem.policy.ratio_rule),
                           problem.policy.ratio_rule)
        - workplaces["other_ratio_places"].to_numpy(np.int64)
        - _counted(running["workplace"][in_ratio], len(workplaces)),
        intake=workplaces["intake_per_week"].fillna(UNLIMITED).to_numpy(np.int64),
        team_seats=problem["teams"]["seats"].to_numpy(np.int64)
        - _counted(positions(running["team_id"], problem["teams"]["team_id"]),
                   len(problem["teams"])),
        mentor_minutes=minutes(problem["mentor_pools"]["hours"])
        - _counted(positions(running["pool_id"], problem["mentor_pools"]["pool_id"]),
                   len(problem["mentor_pools"]), minutes(running["mentor_hours"])),
        course_seats=problem["courses"]["seats"].to_numpy(np.int64),
        caseload=problem["caseworkers"]["capacity"].to_numpy(np.int64),
        running=running,
    )  # fmt: skip


def running_placements(problem: Problem) -> pd.DataFrame:
    """Return the running placements that have not ended by the first possible start."""
    running = problem["running"]
    first_day = pd.Timestamp(first_start(problem))
    running = running[running["end"].isna() | (running["end"] >= first_day)].reset_index(drop=True)
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
        heads = np.where(np.isnan(equivalents), heads, equivalents)
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
    return np.asarray(pd.Index(keys).get_indexer(pd.Index(values)), dtype=np.int64)


def minutes(hours: pd.Series) -> Ints:
    """Whole minutes of hours."""
    return np.asarray(np.rint(hours.to_numpy(np.float64) * 60), dtype=np.int64)


def _counted(where: pd.Series | Ints, length: int, amounts: Ints | None = None) -> Ints:
    at = np.asarray(where, dtype=np.int64)
    known = at >= 0
    weights = None if amounts is None else amounts[known]
    return np.bincount(at[known], weights=weights, minlength=length).astype(np.int64)
