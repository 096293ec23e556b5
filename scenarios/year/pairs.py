"""Two ways to plan, held against each other: the same years, year by year.

The same seed is the same municipality, the same arrivals and the same luck; so the difference in
each year says more than two averages. Its interval is a bootstrap over the years (Efron 1979),
expanded for how few they are (Hesterberg 2015): by the plain one's quantiles the 95 % interval of
eight years holds the mean in 90 % of the cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from matcher.texts import Message
from scenarios.year.simulate import Year

MEASURED = ("starts", "fit", "person_weeks", "mean_fit", "longest_wait")
"""Totals that ways are held against each other by."""
BACKLOG = 13
"""Weeks in which those who waited when the year began are still being placed."""
_DRAWS = 10_000
_FEWEST = 6
"""Years below which no interval is told: by chance alone all of fewer may go one way more often
than once in twenty times (of 5 once in 16), and three would hold the mean in 75 % of the cases."""


@dataclass(frozen=True)
class Paired:
    """What one way gives over another."""

    total: str
    before: float
    """Mean of the way held against."""
    after: float
    """Mean of the other."""
    difference: float
    """Mean difference, after less before."""
    low: float | None
    """Ends of the 95 % interval of the mean difference; None: too few years."""
    high: float | None
    worst: float
    """Least difference of any year."""
    years: int

    @property
    def clear(self) -> int:
        """1: more, -1: less, beyond chance; 0: not told apart."""
        if self.low is None or self.high is None:
            return 0
        return int(self.low > 0) - int(self.high < 0)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def paired(total: str, before: Sequence[Year], after: Sequence[Year]) -> Paired:
    """Hold two ways against each other by one total.

    Parameters
    ----------
    total
        One of the totals of a year.
    before, after
        Years of the same seeds in the same order.
    """
    old = np.array([year.totals[total] for year in before], dtype=np.float64)
    new = np.array([year.totals[total] for year in after], dtype=np.float64)
    gain = new - old
    low, high = interval(gain)
    return Paired(
        total,
        round(float(old.mean()), 2),
        round(float(new.mean()), 2),
        round(float(gain.mean()), 2),
        low,
        high,
        round(float(gain.min()), 2),
        len(gain),
    )


@dataclass(frozen=True)
class Steady:
    """Starts a week once the backlog of the first weeks is placed."""

    a_week: float
    """Mean over weeks and years."""
    low: float
    """Least mean of a year."""
    high: float
    """Greatest mean of a year."""
    after: int
    """Weeks of the beginning that are left out."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def steady(years: Sequence[Year]) -> Steady | None:
    """Count starts a week in the steady state; None: the years are no longer than its beginning."""
    weekly = [[week["started"] for week in year.weeks[BACKLOG:]] for year in years]
    if not weekly or not all(weekly):
        return None
    means = [float(np.mean(one)) for one in weekly]
    return Steady(
        round(float(np.mean(means)), 2), round(min(means), 2), round(max(means), 2), BACKLOG
    )


def verdict(found: Mapping[str, Paired]) -> Literal["pays", "pays_not", "open"]:
    """Say whether a way pays: more starts, no less fit, no fewer weeks in work, beyond chance.

    Parameters
    ----------
    found
        By total: ``starts``, ``fit`` and ``person_weeks`` at least.
    """
    if any(found[name].clear < 0 for name in ("starts", "fit", "person_weeks")):
        return "pays_not"
    return "pays" if found["starts"].clear > 0 else "open"


def signed(value: float) -> Message:
    """Write a difference with its sign, as people of a language write numbers."""
    return Message("year.signed", sign="−" if value < 0 else "+", size=abs(value))


def interval(values: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float | None, float | None]:
    """95 % bootstrap interval of a mean; None where there are too few values.

    Means of n drawn values vary (n - 1) / n times as much as they should, and n values say as much
    of how far they vary as Student's t allows for: the quantiles lie that much further out.
    """
    from scipy.special import ndtr, stdtrit  # slow to import

    many = len(values)
    if many < _FEWEST:
        return None, None
    outside = float(ndtr(stdtrit(many - 1, 0.025) * (many / (many - 1)) ** 0.5))
    uniform = np.random.Generator(np.random.PCG64(many)).random((_DRAWS, many))
    means = values[np.floor(uniform * many).astype(np.int64)].mean(axis=1)
    low, high = np.quantile(means, [outside, 1 - outside])
    return round(float(low), 2), round(float(high), 2)
