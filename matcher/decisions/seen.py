"""What the ledger has seen of weeks: who and what came in each, and how long placements lasted.

Arrivals are the rows of a stored input that no earlier one had. Of weeks whose inputs are gone it
is still known how many came, by coarse cell: rows of the same cell, drawn from those that are
known, stand in for them. Runs that are not about a week apart say nothing of a week's pace and are
passed over.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.decisions.expected import settled_of
from matcher.decisions.rates import decided_pairs
from matcher.horizon import SeenArrivals, Stay
from matcher.ledger import KEYS, ArrivalWeek, Ledger, cells, matches, newcomers
from matcher.problem import Problem

Ints = npt.NDArray[np.int64]

_LOOK_BACK = dt.timedelta(weeks=104)
"""How far back placements, and arrivals, count."""
_DATES = {"citizens": ("available_from",), "openings": ("start_from", "start_to")}
_TABLES = ("citizens", "openings", "workplaces")


def arrivals_seen(problem: Problem, ledger: Ledger) -> SeenArrivals:
    """Collect what came between one stored run and the next, the week itself included.

    Parameters
    ----------
    problem
        The week's tables.
    ledger
        Earlier runs; of several on a day the newest counts.
    """
    inputs = [*_stored(problem, ledger), (problem.today, {name: problem[name] for name in _TABLES})]
    days: list[dt.date] = []
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in KEYS}
    weeks: dict[str, list[int]] = {name: [] for name in KEYS}
    for day, tables, new in newcomers(inputs):
        for name in KEYS:
            parts[name].append(tables[name][new[name]])
            weeks[name] += [len(days)] * len(parts[name][-1])
        days.append(day)
    sites = pd.concat([tables["workplaces"] for _, tables in reversed(inputs)], ignore_index=True)
    sites = sites.drop_duplicates("workplace_id").astype(problem["workplaces"].dtypes.to_dict())

    older = ledger.arrival_weeks(problem.today - _LOOK_BACK, days[0] if days else problem.today)
    first = len(older)

    def joined(name: str) -> tuple[pd.DataFrame, Ints]:
        kinds = problem[name].dtypes.to_dict()
        frame = pd.concat([problem[name].iloc[:0], *parts[name]], ignore_index=True).astype(kinds)
        numbers = np.array(weeks[name], dtype=np.int64)
        if not older:
            return frame, numbers
        pool = _Pool.of(name, problem, frame, [days[one] for one in weeks[name]], sites)
        drawn = [pool.draw(week) for week in older]
        whole = pd.concat([*drawn, frame], ignore_index=True).astype(kinds)
        numbers_of = np.repeat(np.arange(first), [len(one) for one in drawn])
        return whole, np.concatenate([numbers_of, first + numbers])

    all_days = (*(week.day for week in older), *days)
    return SeenArrivals(all_days, *joined("citizens"), *joined("openings"), sites)


@dataclass(frozen=True, eq=False)
class _Pool:
    """Known rows of a kind, from which those of a week without tables are drawn."""

    name: str
    frame: pd.DataFrame
    day: list[dt.date]
    """Day that the dates of each row are held against."""
    cell: np.ndarray[Any, np.dtype[np.object_]]

    @classmethod
    def of(
        cls, name: str, problem: Problem, come: pd.DataFrame, days: list[dt.date],
        sites: pd.DataFrame,
    ) -> _Pool:  # fmt: skip
        """Put those who came beside those who are there, each once."""
        key = KEYS[name]
        there = problem[name][~problem[name][key].isin(list(come[key]))]
        frame = pd.concat([come, there], ignore_index=True).astype(come.dtypes.to_dict())
        found = cells(name, {name: frame, "workplaces": sites})
        return cls(name, frame, [*days, *[problem.today] * len(there)], found)

    def draw(self, week: ArrivalWeek) -> pd.DataFrame:
        """Draw a week's rows: of each cell as many as came, by numbers of the week's own."""
        seed = np.random.SeedSequence([week.day.toordinal(), len(self.name)])
        rng = np.random.Generator(np.random.PCG64(seed))
        at: list[int] = []
        for cell, count in week.counts[self.name].items():
            uniform = rng.random(count)
            fitting = self._fitting(cell)
            if len(fitting):
                at += fitting[np.floor(uniform * len(fitting)).astype(np.int64)].tolist()
        ids = [f"seen{week.day:%Yd%j}n{number}" for number in range(1, len(at) + 1)]
        shift = pd.to_timedelta([(week.day - self.day[one]).days for one in at], unit="D")
        rows = self.frame.iloc[at].reset_index(drop=True)
        changed: dict[str, Any] = {KEYS[self.name]: ids}
        changed |= {date: rows[date] + shift for date in _DATES[self.name]}
        if self.name == "citizens":
            # Who stands in for somebody shares no home with anybody.
            changed["household_id"] = None
        return rows.assign(**changed).astype(self.frame.dtypes.to_dict())

    def _fitting(self, cell: str) -> Ints:
        """Rows of a cell; if there is none, of its first part; if none, all."""
        head = cell.partition("|")[0] + "|" * cell.count("|")
        for asked in (cell, head):
            if (found := matches(asked, self.cell)).any():
                return np.flatnonzero(found)
        return np.arange(len(self.frame))


def _stored(problem: Problem, ledger: Ledger) -> list[tuple[dt.date, dict[str, pd.DataFrame]]]:
    """Read stored inputs by day, oldest first, as far back as they are kept without a gap."""
    found: dict[dt.date, dict[str, pd.DataFrame]] = {}
    for run in ledger.runs(before=problem.today):
        if run.day in found:
            continue
        tables = {name: ledger.input_table(run.run_id, name) for name in _TABLES}
        if any(frame is None for frame in tables.values()):
            break
        found[run.day] = {name: frame for name, frame in tables.items() if frame is not None}
    return sorted(found.items())


def answers_seen(problem: Problem, ledger: Ledger) -> tuple[int, int]:
    """Count the proposals that were accepted, and those that were accepted or rejected."""
    since = problem.today - dt.timedelta(weeks=problem.policy.oversight.look_back_weeks)
    settled = settled_of(decided_pairs(ledger, since, problem.today))
    return sum(one.verdict == "accept" for one, _ in settled), len(settled)


def stays_seen(problem: Problem, ledger: Ledger) -> dict[tuple[str, str], Stay]:
    """Count weeks of placements and their ends by measure and sector.

    Parameters
    ----------
    problem
        The week, with openings that were taken down while somebody works there.
    ledger
        Placements that have begun.
    """
    openings, workplaces = problem["openings"], problem["workplaces"]
    site = dict(zip(openings["opening_id"], openings["workplace_id"], strict=True))
    sector = dict(zip(workplaces["workplace_id"], workplaces["sector"].astype(str), strict=True))
    lived: Counter[tuple[str, str]] = Counter()
    ended: Counter[tuple[str, str]] = Counter()
    for one in ledger.placements(problem.today - _LOOK_BACK):
        where = sector.get(site.get(one.opening_id, ""))
        if where is None or one.start > problem.today:
            continue
        last = min(problem.today, one.last_day or problem.today)
        kind = (one.measure, where)
        lived[kind] += max(0, (last - one.start).days // 7) + 1
        ended[kind] += one.ended and last < problem.today
    return {kind: Stay(weeks, ended[kind]) for kind, weeks in sorted(lived.items())}
