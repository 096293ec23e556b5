"""Who and what may come: futures drawn from the weeks that were seen, a few weeks in a row.

An outlook is a week's tables with everybody and everything in them that was seen to come, dated as
if it came today; a future says which of them come in which week ahead. Blocks
of weeks are drawn with replacement, so that what comes together stays together (Kuensch 1989, the
block bootstrap).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.problem import Problem

Ints = npt.NDArray[np.int64]

_COPY = "~"
"""Stands between an id and the number of its copy; no id of a table may hold it before it."""


@dataclass(frozen=True, eq=False)
class SeenArrivals:
    """Citizens and openings that came in the weeks seen, as rows of canonical tables."""

    days: tuple[dt.date, ...]
    """Day of the run of each week seen, oldest first; dates of its rows are held against it."""
    citizens: pd.DataFrame
    citizen_week: Ints
    """Number of the week seen in which each came, shape (citizens,)."""
    openings: pd.DataFrame
    opening_week: Ints
    workplaces: pd.DataFrame
    """Those of the openings, at least."""


@dataclass(frozen=True, eq=False)
class Outlook:
    """Who waits and what is open, beside everybody and everything that was seen to come."""

    problem: Problem
    """Tables as if all came today; nothing runs, resources are whole."""
    citizen_seen: Ints
    """Number of the week seen that each citizen is from, -1: waits now, shape (citizens,)."""
    opening_seen: Ints
    """The same of openings, -1: open now, shape (openings,)."""


@dataclass(frozen=True, eq=False)
class Copies:
    """Rows of a table as they stand in one future: each as often as its week was drawn."""

    row: Ints
    """Row of the outlook that each is like, sorted."""
    week: Ints
    """Weeks from now on which each comes, 0: is there."""

    def of_rows(self, rows: int) -> tuple[Ints, Ints]:
        """First copy of each of so many rows, and how many there are."""
        count = np.bincount(self.row, minlength=rows)
        return np.cumsum(count) - count, count


def draw_weeks(seen: int, weeks: int, block: int, seed: Sequence[int]) -> list[int]:
    """Draw which of the weeks seen each week ahead is like: blocks of weeks in a row.

    Parameters
    ----------
    seen
        Weeks seen; none: nobody comes. A block that goes past the last goes on with the first.
    weeks
        Weeks ahead.
    block
        Weeks drawn together, > 0.
    seed
        Whole numbers, >= 0; the same for the same draw on any machine.
    """
    if not seen:
        return []
    blocks = -(-weeks // block)
    uniform = np.random.Generator(np.random.PCG64(np.random.SeedSequence(list(seed)))).random(
        blocks
    )
    firsts = np.floor(uniform * seen).astype(np.int64)
    drawn = (firsts[:, None] + np.arange(block)[None, :]) % seen
    return [int(one) for one in drawn.ravel()[:weeks]]


def copies(seen: Ints, drawn: Sequence[int]) -> Copies:
    """Lay out one future: what is there now once, what was seen once for each time it is drawn.

    Parameters
    ----------
    seen
        Number of the week seen of each row, -1: there now.
    drawn
        Number of the week seen that week 1, 2, ... ahead is like.
    """
    row, week = [np.flatnonzero(seen < 0)], [np.zeros(int((seen < 0).sum()), dtype=np.int64)]
    for ahead, number in enumerate(drawn, 1):
        come = np.flatnonzero(seen == number)
        row.append(come)
        week.append(np.full(len(come), ahead, dtype=np.int64))
    rows, weeks = np.concatenate(row), np.concatenate(week)
    order = np.lexsort((weeks, rows))
    return Copies(rows[order].astype(np.int64), weeks[order])


def look_out(problem: Problem, seen: SeenArrivals, used: Sequence[int]) -> Outlook:
    """Put who waits and what is open beside what was seen to come.

    Parameters
    ----------
    problem
        The week, with what runs in it.
    seen
        What was seen; ids are made apart, dates are those of today.
    used
        Numbers of the weeks seen that count.
    """
    days = np.array([(problem.today - day).days for day in seen.days], dtype=np.int64)
    whose, which = (np.isin(part, list(used)) for part in (seen.citizen_week, seen.opening_week))
    people = _copied(
        seen.citizens[whose], ("citizen_id", "household_id"), ("available_from",),
        seen.citizen_week[whose], days,
    )  # fmt: skip
    jobs = _copied(
        seen.openings[which], ("opening_id",), ("start_from", "start_to"),
        seen.opening_week[which], days,
    )  # fmt: skip
    citizens, of_citizens = _joined(
        _waiting(problem), people, seen.citizen_week[whose], "citizen_id"
    )
    openings, of_openings = _joined(_open(problem), jobs, seen.opening_week[which], "opening_id")
    sites = problem["workplaces"]
    more = seen.workplaces[
        seen.workplaces["workplace_id"].isin(jobs["workplace_id"])
        & ~seen.workplaces["workplace_id"].isin(sites["workplace_id"])
    ]
    none = np.zeros(len(more), dtype=np.int64)
    workplaces, _ = _joined(sites, more, none, "workplace_id")
    empty = {name: problem[name].iloc[:0] for name in ("running", "locks", "previous", "events")}
    tables = {
        **problem.tables,
        **empty,
        "citizens": citizens,
        "openings": openings,
        "workplaces": workplaces,
    }
    return Outlook(problem.replace(tables=tables), of_citizens, of_openings)


def _waiting(problem: Problem) -> pd.DataFrame:
    """Citizens who are neither placed nor promised to an opening."""
    taken = {*problem["running"]["citizen_id"], *problem["locks"]["citizen_id"]}
    citizens = problem["citizens"]
    return citizens[~citizens["citizen_id"].isin(taken)]


def _open(problem: Problem) -> pd.DataFrame:
    """List openings with the seats that nobody holds or is promised."""
    openings = problem["openings"]
    held = pd.concat([problem["running"]["opening_id"], problem["locks"]["opening_id"]])
    taken = openings["opening_id"].map(held.value_counts()).fillna(0).to_numpy(np.int64)
    left = openings["seats"].to_numpy(np.int64) - taken
    free: pd.DataFrame = openings.assign(seats=left)[left > 0]
    return free


def _copied(
    frame: pd.DataFrame, keys: Sequence[str], dates: Sequence[str], week: Ints, days: Ints
) -> pd.DataFrame:
    """Rows under ids of their own, as who was seen to come may still wait, dated as of today."""
    shift = pd.to_timedelta(days[week], unit="D")
    name = pd.Series([f"{_COPY}{number}" for number in week.tolist()], frame.index, dtype="str")
    changed: dict[str, Any] = {key: frame[key] + name for key in keys}
    changed |= {date: (frame[date] + shift).astype(frame[date].dtype) for date in dates}
    return frame.assign(**changed)


def _joined(
    first: pd.DataFrame, more: pd.DataFrame, weeks: Ints, key: str
) -> tuple[pd.DataFrame, Ints]:
    """Put two tables one under the other, in the order of their key, with the week of each row."""
    whole = pd.concat([first, more], ignore_index=True).astype(first.dtypes.to_dict())
    order = np.argsort(whole[key].to_numpy(object), kind="stable")
    of = np.concatenate([np.full(len(first), -1, dtype=np.int64), weeks])
    return whole.iloc[order].reset_index(drop=True), of[order]
