"""What the ledger has seen of weeks: who and what came in each, and how long placements lasted.

Arrivals are the rows of a stored input that no earlier one had; so they go back as far as inputs
are kept. Runs that are not about a week apart say nothing of a week's pace and are passed over.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from matcher.horizon import SeenArrivals, Stay
from matcher.ledger import Ledger
from matcher.problem import Problem

_A_WEEK = (5, 9)
"""Days between two runs that count as a week."""
_LOOK_BACK = dt.timedelta(weeks=104)
"""How far back placements count."""
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
    known: dict[str, set[str]] = {"citizens": set(), "openings": set()}
    days: list[dt.date] = []
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in known}
    weeks: dict[str, list[int]] = {name: [] for name in known}
    before: dt.date | None = None
    for day, tables in inputs:
        weekly = before is not None and _A_WEEK[0] <= (day - before).days <= _A_WEEK[1]
        for name, key in (("citizens", "citizen_id"), ("openings", "opening_id")):
            frame = tables[name]
            new = frame[~frame[key].isin(list(known[name]))]
            known[name] |= set(frame[key])
            if weekly:
                parts[name].append(new)
                weeks[name] += [len(days)] * len(new)
        if weekly:
            days.append(day)
        before = day
    sites = pd.concat([tables["workplaces"] for _, tables in reversed(inputs)], ignore_index=True)
    sites = sites.drop_duplicates("workplace_id").astype(problem["workplaces"].dtypes.to_dict())

    def joined(name: str) -> tuple[pd.DataFrame, np.ndarray[Any, np.dtype[np.int64]]]:
        frame = pd.concat([problem[name].iloc[:0], *parts[name]], ignore_index=True)
        numbers = np.array(weeks[name], dtype=np.int64)
        return frame.astype(problem[name].dtypes.to_dict()), numbers

    return SeenArrivals(tuple(days), *joined("citizens"), *joined("openings"), sites)


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


__all__ = ["arrivals_seen", "stays_seen"]
