"""Bands over simulated years, and the week in which a target is met.

The ends of a band are the quantiles (n + 1) p of n years (Weibull; Hyndman and Fan 1996, type 6):
with them a year that was not simulated lies between the ends of the 80 % band in 80 % of the cases,
however few years there are. The usual ones, (n - 1) p + 1, give bands that are too narrow.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.errors import OptionError
from matcher.row_kinds import ROW_KINDS
from matcher.texts import Message
from scenarios.year import Year

Ints = npt.NDArray[np.int64]

QUANTILES = (0.1, 0.5, 0.9)
"""Low, middle and high."""
FEWEST = 9
"""Years below which no year lies outside an 80 % band."""
HALF, MOST = 0.5, 0.8
"""Shares of the years that tell when a target is met."""
ENDS = ("work", "over", "left")
"""How placements end: to work, when their time is up, before it."""
SERIES = ("started", "running", "ended", "longest_wait")
"""What has a drawing of its own."""


@dataclass(frozen=True)
class Band:
    """Low, middle and high of each week."""

    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class TargetMet:
    """When a number of starts is reached."""

    number: int
    already: int
    """Starts before the first week, which count."""
    by: int
    """Week that is asked for, 0 the first."""
    met: tuple[int, ...]
    """Years that have met it, by week."""
    half: int | None
    """First week in which half of the years have met it; None: in none."""
    most: int | None
    """First week in which eight of ten years have; None: in none."""

    @property
    def met_by(self) -> int:
        """Years that have met it in the week that is asked for."""
        return self.met[self.by]


@dataclass(frozen=True)
class Forecast:
    """What is to be expected of the weeks ahead."""

    day: dt.date
    """Day of the first week's run."""
    years: int
    """Years that were simulated, >= 9."""
    bands: Mapping[str, Band]
    """``started`` and ``ended`` up to each week, ``running`` and ``waiting`` in it, the
    ``longest_wait`` then, rows that were ``priced``; with a point, ``started`` by measure,
    ``ended`` by how, and ``used`` by kind of row, percent of what was left in the week:
    ``started.igu``, ``ended.work``, ``used.mentor_hours``."""
    target: TargetMet | None = None

    @property
    def weeks(self) -> int:
        """Weeks ahead."""
        return len(self.bands["started"].middle)

    def day_of(self, week: int) -> dt.date:
        """Day of a week's run, 0 the first."""
        return self.day + dt.timedelta(weeks=week)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "date": self.day.isoformat(),
            "weeks": self.weeks,
            "years": self.years,
            "days": [self.day_of(week).isoformat() for week in range(self.weeks)],
            "bands": {name: asdict(band) for name, band in self.bands.items()},
            "target": None if self.target is None else {
                **asdict(self.target),
                "met_by": self.target.met_by,
                "by_day": self.day_of(self.target.by).isoformat(),
            },
        }  # fmt: skip


def series_of(years: Sequence[Year]) -> dict[str, Ints]:
    """Return what is counted of years: a row a year, a column a week.

    Placements that began in the weeks up to each, that run in it, that ended up to it; those that
    ran before the first week count where they run and where they end. People who wait in it, and
    how many weeks whoever could have been proposed something has waited at most. What the week's
    plan takes of what was left of each kind of row, percent, and how many rows had a price.
    """

    def rows(read: Any) -> Ints:
        return np.array([[read(week) for week in year.weeks] for year in years], dtype=np.int64)

    measures = sorted(
        {name for year in years for week in year.weeks for name in week["by_measure"]}
    )
    found = {
        "started": rows(lambda week: week["started"]).cumsum(axis=1),
        "running": rows(lambda week: week["at_work"]),
        "ended": rows(lambda week: sum(week["ended"].values())).cumsum(axis=1),
    }
    for name in measures:
        counted = rows(lambda week, name=name: week["by_measure"].get(name, 0))
        found[f"started.{name}"] = counted.cumsum(axis=1)
    for name in ENDS:
        counted = rows(lambda week, name=name: week["ended"].get(name, 0))
        found[f"ended.{name}"] = counted.cumsum(axis=1)
    for name in ("waiting", "longest_wait", "priced"):
        found[name] = rows(lambda week, name=name: week[name])
    used = {name for year in years for week in year.weeks for name in week["used"]}
    for name in (name for name, kind in ROW_KINDS.items() if kind.listed and name in used):
        found[f"used.{name}"] = rows(lambda week, name=name: round(100 * week["used"].get(name, 0)))
    return found


def band_of(values: npt.NDArray[Any]) -> Band:
    """Return the band of a row a year and a column a week."""
    low, middle, high = np.quantile(values, QUANTILES, axis=0, method="weibull")
    return Band(*(tuple(np.round(one, 2).tolist()) for one in (low, middle, high)))


def forecast(
    years: Sequence[Year],
    day: dt.date,
    target: int | None = None,
    already: int = 0,
    by: dt.date | None = None,
) -> Forecast:
    """Make a forecast of simulated years.

    Parameters
    ----------
    years
        At least 9, equally long.
    day
        Of the first week's run.
    target
        Starts that are to be reached; None: none.
    already
        Starts before ``day`` that count.
    by
        Day until which. None: the last week.

    Raises
    ------
    OptionError
        Too few years, or ``by`` outside the weeks ahead.
    """
    if len(years) < FEWEST:
        raise OptionError(Message("forecast.too_few", years=len(years), fewest=FEWEST))
    weeks = len(years[0].weeks)
    series = series_of(years)
    bands = {name: band_of(values) for name, values in series.items()}
    goal = None
    if target is not None:
        last = week_by(day, weeks, by)
        goal = target_of(series["started"], target, already, last)
    return Forecast(day, len(years), bands, goal)


def week_by(day: dt.date, weeks: int, by: dt.date | None) -> int:
    """Return the last week whose run is not after a day."""
    if by is None:
        return weeks - 1
    last = day + dt.timedelta(weeks=weeks, days=-1)
    if not day <= by <= last:
        raise OptionError(Message("forecast.by_outside", by=by, first=day, last=last))
    return (by - day).days // 7


def target_of(started: Ints, number: int, already: int, by: int) -> TargetMet:
    """Say when a number of starts is reached.

    Parameters
    ----------
    started
        Starts up to each week, a row a year.
    by
        Week that is asked for.
    """
    met = (started + already >= number).sum(axis=0)

    def first(share: float) -> int | None:
        # Shares are held against whole years: 8 of 10 are enough for 0.8, whatever 10 * 0.8 is.
        weeks = np.flatnonzero(met >= round(share * len(started), 9))
        return int(weeks[0]) if len(weeks) else None

    return TargetMet(number, already, by, tuple(met.tolist()), first(HALF), first(MOST))
