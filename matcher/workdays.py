"""Days on which work can begin: the weekdays of a job's shifts, less the days it is closed.

A public holiday is a day off where the work stops for it; which work does is the policy's to say,
or the opening's own. The public holidays of Denmark come from the library ``holidays``, which
follows the law from year to year (the Great Prayer Day is gone from 2024); days that agreements
close beside them are the policy's. Days are proleptic Gregorian ordinals, as :mod:`datetime`
counts them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from matcher.policy import Workdays
from matcher.records import Sector
from matcher.week import WEEKDAYS, Week, shift_days

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_LAST = dt.date.max.toordinal()
_SUNDAY = WEEKDAYS.index("sun")


@cache
def public_holidays(year: int) -> frozenset[dt.date]:
    """Public holidays of Denmark in a year; empty for years the library does not know."""
    # Slow to import, and needed only where first days are made.
    from holidays import country_holidays

    return frozenset(country_holidays("DK", years=year))


def begin_days(week: Week, rules: Workdays) -> frozenset[int]:
    """Weekdays on which a job's work begins, 0 = Monday; without shifts the policy's."""
    return frozenset(shift_days(week) or map(WEEKDAYS.index, rules.without_shifts))


def closes(rules: Workdays, sector: Sector, isco: str, days: frozenset[int]) -> bool:
    """Whether work closes on public holidays, where the opening does not say so itself.

    Parameters
    ----------
    sector
        Sector of the workplace.
    isco
        Occupation of the opening.
    days
        Weekdays on which work begins, of :func:`begin_days`.
    """
    if isco.startswith(rules.closed_occupations):
        return True
    if isco.startswith(rules.open_occupations.get(sector, ())):
        return False
    return not (rules.open_with_sunday and _SUNDAY in days)


def first_meeting(rules: Workdays, week: Week, day: dt.date) -> dt.date | None:
    """First day from ``day`` on that a Danish class meets: no class on closing days.

    None for a class that never meets.
    """
    days = frozenset(block.day for block in week)
    if not days:
        return None
    calendar = Calendar.of(rules, [days], np.array([True]))
    return dt.date.fromordinal(int(calendar.next(np.array([0]), np.array([day.toordinal()]))[0]))


@dataclass(frozen=True, eq=False)
class Calendar:
    """Days of work of many kinds of job: a kind is a set of weekdays, closed on holidays or not."""

    rules: Workdays
    ahead: Ints
    """Days to the next weekday of work, 0-6, shape (kinds, 7)."""
    behind: Ints
    """Days back to the last weekday of work, 0-6, shape (kinds, 7)."""
    closed: Bools
    """Whether a kind closes on public holidays, shape (kinds,)."""

    @classmethod
    def of(cls, rules: Workdays, weekdays: list[frozenset[int]], closed: Bools) -> Calendar:
        """Lay out the kinds of job; each has at least one weekday."""
        works = np.zeros((len(weekdays), 7), dtype=np.bool_)
        for kind, days in enumerate(weekdays):
            works[kind, list(days)] = True
        steps = np.zeros((2, len(weekdays), 7), dtype=np.int64)
        for step in range(6, -1, -1):
            steps[0][np.roll(works, -step, axis=1)] = step
            steps[1][np.roll(works, step, axis=1)] = step
        return cls(rules, steps[0], steps[1], closed)

    def next(self, kind: Ints, day: Ints) -> Ints:
        """First day of work from each day on; a kind for each day."""
        if not len(day):
            return day
        first, span = int(day.min()), int(day.max() - day.min()) + 1
        kinds = len(self.closed)
        if kinds * span > len(day):
            return self._moved(kind, day, self.ahead, 1)
        # Many more days than there are dates: each kind and date is looked up once.
        kind_of, day_of = np.divmod(np.arange(kinds * span), span)
        found = self._moved(kind_of, first + day_of, self.ahead, 1)
        return np.asarray(found.reshape(kinds, span)[kind, day - first])

    def last(self, kind: Ints, day: Ints) -> Ints:
        """Last day of work up to each day; a kind for each day."""
        return self._moved(kind, day, self.behind, -1)

    def _moved(self, kind: Ints, day: Ints, steps: Ints, sign: int) -> Ints:
        if not len(day):
            return day
        moved: Ints = day + sign * steps[kind, (day + 6) % 7]
        closing = self._closing_days(int(day.min()), int(day.max()))
        # The policy closes fewer days a year than a weekday has, so every search ends.
        at = np.flatnonzero(self.closed[kind] & np.isin(moved, closing))
        while len(at):
            beyond = moved[at] + sign
            moved[at] = beyond + sign * steps[kind[at], (beyond + 6) % 7]
            at = at[np.isin(moved[at], closing)]
        return moved

    def _closing_days(self, first: int, last: int) -> Ints:
        """List the closing days around a stretch of days, a year more on both sides."""
        years = range(
            max(dt.MINYEAR, _year(first) - 1),
            min(dt.MAXYEAR, _year(last) + 1) + 1,
        )
        also = [tuple(map(int, text.split("-"))) for text in self.rules.closed_also]
        days = {
            dt.date(year, month, day).toordinal()
            for year in years
            for month, day in also
            if (month, day) != (2, 29) or _is_leap(year)
        }
        days.update(day.toordinal() for year in years for day in public_holidays(year))
        return np.array(sorted(days), dtype=np.int64)


def _year(day: int) -> int:
    return dt.date.fromordinal(min(max(day, 1), _LAST)).year


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
