"""Forecasts of starts held against what came: the bands of earlier weeks, and how many held.

Each earlier run is reckoned again as :func:`matcher.decisions.outlook` reckons, from the starts
that the ledger had been told of when it was stored, and counted against the starts that came after.
Of forecasts so many weeks ahead that nearly as many weeks lie between two of them are told apart:
those that overlap are right or wrong together.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from matcher.decisions.outlook import BAND, MOST, Ints, block_of, futures, needed_weeks, weekly
from matcher.ledger import Event, Ledger, Run
from matcher.policy import Policy

WEEKS_AHEAD = (4, 8, 13, 26)
"""Weeks ahead that are held against what came."""
APART = 5
"""Forecasts that do not overlap, below which nothing is said of how good they are."""
_CHANCE = 0.05
"""Chance of so few within the band, below which it is told as too narrow."""

Where = Literal["in", "below", "above"]
Verdict = Literal["none", "few", "fits", "unclear", "misses"]


def past_outlooks(ledger: Ledger, policy: Policy, today: dt.date) -> dict[str, Any]:
    """Hold the forecasts of earlier weekly runs against what came.

    Parameters
    ----------
    ledger
        Runs, and starts with the moment it was told of them.
    policy
        Sections ``horizon`` and ``oversight``: how a forecast is made, and how few starts are told.
    today
        Last day that counts. What came is known up to the last run that is not after it.

    Returns
    -------
    dict
        ``until`` (day of that run; None: there is none), ``fewest`` and ``ahead``: a row for each
        of :data:`WEEKS_AHEAD` with ``forecasts`` whose weeks are over, how many of them had what
        came ``in`` their band, ``below`` or ``above`` it, how many do not overlap (``apart``), a
        ``verdict`` (``none``: there is none; ``few``: too few are apart; ``fits``: eight of ten
        or more; ``unclear``: fewer, which may be chance; ``misses``: fewer, beyond chance), and the
        ``newest``: its ``day``, the day it was ``due``, ``low``, ``middle`` and ``high``, what
        ``came`` (None: fewer than ``fewest``, or so few more than in a shorter row) and ``where``
        that lay.
    """
    runs = _one_a_day([run for run in ledger.runs() if run.day <= today])
    starts = [one for one in ledger.events(kind="start") if one.day <= today]
    until = runs[-1].day if runs else None
    weeks = max(WEEKS_AHEAD)
    made = {run.day: ahead for run in runs
            if (ahead := _ahead(run, runs, starts, policy, weeks)) is not None}  # fmt: skip
    days = np.sort(np.array([one.day for one in starts], dtype="datetime64[D]"))
    rows, told = [], 0
    for reach in WEEKS_AHEAD:
        row = _row(reach, until, made, days)
        if row["newest"] is not None:
            # Spans end on nearly the same day: a shorter one could be taken from a longer.
            came = row["newest"]["came"]
            if came - told < policy.oversight.fewest:
                row["newest"]["came"] = None
            else:
                told = came
        rows.append(row)
    return {
        "until": until and until.isoformat(),
        "fewest": policy.oversight.fewest,
        "percent": round(100 * MOST),
        "ahead": rows,
    }


def _one_a_day(runs: Sequence[Run]) -> list[Run]:
    """Keep the last run of each day, the oldest day first."""
    newest: dict[dt.date, Run] = {}
    for run in runs:
        newest.setdefault(run.day, run)
    return sorted(newest.values(), key=lambda run: run.day)


def _ahead(
    run: Run, runs: Sequence[Run], starts: Sequence[Event], policy: Policy, weeks: int
) -> Ints | None:
    """Draw a run's futures: a row a future, starts up to each week; None: nothing was said."""
    before = min(one.day for one in runs if one.number <= run.number)
    seen = min((run.day - before).days // 7, policy.oversight.look_back_weeks)
    known = [one.day for one in starts if one.day <= run.day and _told(one, run)]
    if seen < needed_weeks(policy) or len(known) < policy.oversight.fewest:
        return None
    return futures(weekly(known, run.day, seen), weeks, block_of(policy, seen))


def _told(start: Event, run: Run) -> bool:
    """Whether the ledger knew of a start when a run was stored."""
    return start.recorded_at is not None and start.recorded_at <= run.recorded_at


def _row(
    weeks: int, until: dt.date | None, made: Mapping[dt.date, Ints], starts: np.ndarray[Any, Any]
) -> dict[str, Any]:
    """Hold the forecasts of so many weeks ahead against what came."""
    ahead = dt.timedelta(weeks=weeks)
    over = [day for day in made if until is not None and day + ahead <= until]
    counts: Counter[Where] = Counter()
    newest = None
    for day in over:
        first, last = np.searchsorted(
            starts, np.array([day, day + ahead], "datetime64[D]"), "right"
        )
        came = int(last - first)
        low, middle, high = map(
            int, np.quantile(made[day][:, weeks - 1], BAND, method="inverted_cdf")
        )
        where: Where = "below" if came < low else "above" if came > high else "in"
        counts[where] += 1
        newest = {
            "day": day.isoformat(), "due": (day + ahead).isoformat(),
            "low": low, "middle": middle, "high": high, "came": came, "where": where,
        }  # fmt: skip
    apart = _apart(over, ahead)
    return {
        "weeks": weeks,
        "forecasts": len(over),
        **{name: counts[name] for name in ("in", "below", "above")},
        "apart": apart,
        "verdict": _verdict(len(over), counts["in"], apart),
        "newest": newest,
    }


def _apart(days: Sequence[dt.date], ahead: dt.timedelta) -> int:
    """Count forecasts that do not overlap: as many as can be had, from the oldest on."""
    count, free = 0, dt.date.min
    for day in days:
        if day >= free:
            count, free = count + 1, day + ahead
    return count


def _verdict(forecasts: int, held: int, apart: int) -> Verdict:
    """Say whether as many held as should, as if only those that do not overlap had been made.

    >>> _verdict(40, 34, 10), _verdict(40, 12, 10), _verdict(40, 24, 10)
    ('fits', 'misses', 'unclear')
    >>> _verdict(40, 34, 4), _verdict(0, 0, 0)
    ('few', 'none')
    """
    if not forecasts:
        return "none"
    if apart < APART:
        return "few"
    if held >= MOST * forecasts:
        return "fits"
    most = round(apart * held / forecasts)
    chance = sum(
        math.comb(apart, count) * MOST**count * (1 - MOST) ** (apart - count)
        for count in range(most + 1)
    )
    return "misses" if chance < _CHANCE else "unclear"
