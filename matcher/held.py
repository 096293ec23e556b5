"""What a placement holds of what is scarce, for how long, and what that costs in later weeks.

Mentor hours, class seats and weekly money are held until a placement ends: what is given away today
is missing next week. How much of each, here; how long, from when it begins, what the measure allows
the citizen and how many stay that long; the price of a unit in each later week stands in the
policy's ``horizon``, where it is frozen with the run. Against it counts what the weeks of work are
worth. What is left of a year's money and quotas is used up for good, and a seat of a course is lost
to all who could have taken it until the course is over: one price, not one a week.
Prices are worked out elsewhere; with none, everything here is 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from matcher.offers import OfferBook, weeks_left
from matcher.policy import Horizon
from matcher.row_kinds import (
    BUDGET,
    COURSE_SEATS,
    MENTOR_HOURS,
    TEAM_SEATS,
    YEAR_BUDGET,
    YEAR_QUOTA,
    RowKind,
)

Ints = npt.NDArray[np.int64]

MICRO, THOUSANDTHS = 1_000_000, 1_000
"""Units of a price in one point, and of a survival in one placement."""


@dataclass(frozen=True, eq=False)
class Holding:
    """What offers hold of one row, week after week, or use up of it once and for all."""

    kind: RowKind
    key: str
    offers: Ints
    """Positions of the offers that hold some of it."""
    use: Ints
    """Units, > 0, of each: a week, where it is held; in all, where it is used up."""

    @property
    def name(self) -> str:
        """Name of the row."""
        return self.kind.row(self.key)

    @property
    def used_up(self) -> bool:
        """Whether what is taken never comes back: it has one price, not one a week."""
        return not self.kind.held


def offer_costs(book: OfferBook) -> dict[str, Ints]:
    """Cost of every offer by budget line, DKK a week, each part rounded up; shape (offers,)."""
    costs = lasting_costs(book)
    line = book.encoded.policy.money.lines.get("course")
    if line is not None:
        price = np.append(book.problem["courses"]["cost"].to_numpy(np.int64), 0)
        paid = price[book.offers.courses].sum(axis=1)
        costs[line] = costs.get(line, np.zeros(len(book.offers), dtype=np.int64)) + paid
    return costs


def lasting_costs(book: OfferBook) -> dict[str, Ints]:
    """Return what every offer costs in each week it lasts, by line: all but its courses."""
    offers, money, encoded = book.offers, book.encoded.policy.money, book.encoded
    costs: dict[str, Ints] = {}

    def add(line: str | None, amount: Ints) -> None:
        if line is not None:
            costs[line] = costs.get(line, np.zeros(len(offers), dtype=np.int64)) + amount

    minutes = offers.minutes.astype(np.int64)
    for at, name in enumerate(encoded.measures):
        measure = encoded.policy.measures[name]
        if measure.budget is not None:
            cost = -(-minutes * round(measure.cost_per_hour * 100) // 6000)
            add(measure.budget, np.where(offers.measure == at, cost, 0))
    mentor = offers.mentor.astype(np.int64) * (offers.pool >= 0)
    add(money.lines.get("mentor"), -(-mentor * money.mentor_cost_per_hour // 60))
    add(money.lines.get("class"), np.where(offers.team >= 0, money.class_cost_per_week, 0))
    return costs


def year_costs(book: OfferBook, later: int = 0) -> dict[str, Ints]:
    """Cost of every offer until the year ends, by line that has a year's budget, DKK.

    What it costs a week, for each week begun from its first day to the year's last, no longer than
    its measure allows; courses once. Nobody is taken to leave early: what is promised is covered.

    Parameters
    ----------
    later
        Weeks after this one in which it is proposed, and by which its first day is put off: 0 or
        more. Proposed in another year it costs this one nothing.
    """
    offers, encoded = book.offers, book.encoded
    money, today = encoded.policy.money, book.problem.today
    if not money.year_budgets:
        return {}
    end = money.year_end(today).toordinal()
    weeks = np.maximum((end - offers.start.astype(np.int64) - 7 * later + 7) // 7, 0)
    if len(encoded.measures):
        allowed = np.maximum(weeks_left(encoded)[offers.citizen, offers.measure], 1)
        weeks = np.minimum(weeks, allowed)
    week, once = lasting_costs(book), offer_costs(book)
    none = np.zeros(len(offers), dtype=np.int64)
    this_year = int(today.toordinal() + 7 * later <= end)
    return {
        line: this_year
        * (week.get(line, none) * weeks + once.get(line, none) - week.get(line, none))
        for line in sorted(money.year_budgets)
    }


def year_starts(book: OfferBook, later: int = 0) -> dict[str, Ints]:
    """Whether every offer is one of a measure's quota of the year, 1 or 0, by measure with one.

    Parameters
    ----------
    later
        As in :func:`year_costs`.
    """
    offers, encoded = book.offers, book.encoded
    money, today = encoded.policy.money, book.problem.today
    end = money.year_end(today).toordinal()
    begins = offers.start.astype(np.int64) + 7 * later <= end
    begins &= today.toordinal() + 7 * later <= end
    at = {name: number for number, name in enumerate(encoded.measures)}
    return {
        measure: (begins & (offers.measure == at.get(measure, -1))).astype(np.int64)
        for measure in sorted(money.year_quotas)
    }


def used_up(book: OfferBook, later: int = 0) -> Iterator[tuple[RowKind, str, Ints]]:
    """Give the rows of the year: kind, key, and what every offer uses up of it, shape (offers,).

    Parameters
    ----------
    later
        As in :func:`year_costs`.
    """
    for kind, uses in (
        (YEAR_BUDGET, year_costs(book, later)),
        (YEAR_QUOTA, year_starts(book, later)),
    ):
        for key, use in uses.items():
            yield kind, key, use


def holdings(book: OfferBook) -> Iterator[Holding]:
    """Give every row that later weeks share with this one, with the offers that take some of it."""
    offers, problem = book.offers, book.problem
    ones = np.ones(len(offers), dtype=np.int64)
    for kind, at, use in (
        (MENTOR_HOURS, offers.pool, offers.mentor.astype(np.int64)),
        (TEAM_SEATS, offers.team, ones),
        *((COURSE_SEATS, course, ones) for course in offers.courses.T),
    ):
        keys = problem[kind.table][kind.key].tolist()
        order = np.argsort(at, kind="stable")
        first = np.searchsorted(at[order], np.arange(len(keys) + 1))
        for row, key in enumerate(keys):
            some = order[first[row] : first[row + 1]]
            some = some[use[some] > 0]
            if len(some):
                yield Holding(kind, str(key), some, use[some])
    lasting = ((BUDGET, line, cost) for line, cost in sorted(lasting_costs(book).items()))
    for of, key, units in chain(lasting, used_up(book)):
        some = np.flatnonzero(units)
        if len(some):
            yield Holding(of, key, some, units[some])


@dataclass(frozen=True, eq=False)
class Stays:
    """How likely offers are still held some weeks after this one."""

    kind: Ints
    """Kind of stay of each offer, shape (offers,)."""
    share: Ints
    """Share held 0, 1, ... weeks later, in thousandths, shape (kinds, weeks + 1)."""
    works: Ints
    """Share at work then, the same shape: what is held is held from today on, work begins later."""


def stays(book: OfferBook, horizon: Horizon) -> Stays:
    """Return how long offers are held: from now on until as long after the first day as is allowed.

    Parameters
    ----------
    horizon
        How many weeks after this one are looked at, and the shares that stay.
    """
    encoded, offers, weeks = book.encoded, book.offers, horizon.weeks
    left = weeks_left(encoded)[offers.citizen, offers.measure] if len(encoded.measures) else None
    if left is None:
        none = np.zeros((1, weeks + 1), dtype=np.int64)
        return Stays(np.zeros(len(offers), dtype=np.int64), none, none)
    today = book.problem.today.toordinal()
    until = np.clip((offers.start.astype(np.int64) - today + 6) // 7, 0, weeks + 1)
    until = until if horizon.kept_before else np.zeros_like(until)
    over = np.minimum(until + np.clip(left, 1, weeks + 1), weeks + 1)
    sectors, sector = np.unique(encoded.openings.sector.astype(str), return_inverse=True)
    spans = (len(encoded.measures), len(sectors), weeks + 2, weeks + 2)
    parts = (offers.measure.astype(np.int64), sector[offers.opening], until, over)
    codes, kind = np.unique(np.ravel_multi_index(parts, spans), return_inverse=True)
    share, works = (np.zeros((len(codes), weeks + 1), dtype=np.int64) for _ in range(2))
    for at, one in enumerate(zip(*np.unravel_index(codes, spans), strict=True)):
        measure, where, begin, end = (int(part) for part in one)
        known = horizon.stay(encoded.measures[measure], sectors[where])
        curve = [THOUSANDTHS, *known[:weeks]]
        curve += [curve[-1]] * (weeks + 1 - len(curve))
        share[at, :end], works[at, begin:end] = curve[:end], curve[begin:end]
    return Stays(kind.astype(np.int64), share, works)


def price_points(book: OfferBook) -> Ints:
    """Points of fit that each offer costs for what it holds in later weeks, shape (offers,).

    price(o) = floor(sum over rows r and weeks k = 1.. of price[r, k] x use[o, r] x share[o, k])
    - floor(week_points x sum over weeks k of works[o, k]), within -cap .. cap; share[o, k] being
    the share of such placements still held k weeks from now, works[o, k] of those at work then.
    What is used up for good has one price, and all of it counts. Below 0 the price is a gain: such
    a placement brings more than it takes from the weeks ahead.
    """
    horizon = book.encoded.policy.horizon
    if horizon is None or not horizon.priced:
        return np.zeros(len(book.offers), dtype=np.int64)
    stay = stays(book, horizon)
    priced = held_points(book, horizon, stay) - _worth(stay, horizon)
    return np.asarray(np.clip(priced, -horizon.cap, horizon.cap), dtype=np.int64)


def held_points(book: OfferBook, horizon: Horizon, stay: Stays) -> Ints:
    """Points that what each offer holds costs at the prices of a horizon, shape (offers,)."""
    points = np.zeros(len(book.offers), dtype=np.int64)
    for holding in holdings(book):
        prices = horizon.prices.get(holding.name)
        if prices:
            points[holding.offers] += holding.use * _a_unit(holding, prices, stay)
    return points // (MICRO * THOUSANDTHS)


def _a_unit(holding: Holding, prices: Sequence[int], stay: Stays) -> Ints:
    """Return what a unit that each offer of a row takes costs, millionths by thousandths."""
    if holding.used_up:
        return np.full(len(holding.offers), prices[0] * THOUSANDTHS, dtype=np.int64)
    a_unit = stay.share[:, 1 : len(prices) + 1] @ np.array(prices, dtype=np.int64)
    return np.asarray(a_unit[stay.kind[holding.offers]], dtype=np.int64)


def worked_points(book: OfferBook) -> Ints:
    """Points that each offer's weeks at work count in the weeks ahead, shape (offers,)."""
    horizon = book.encoded.policy.horizon
    if horizon is None or not horizon.priced:
        return np.zeros(len(book.offers), dtype=np.int64)
    return _worth(stays(book, horizon), horizon)


def _worth(stay: Stays, horizon: Horizon) -> Ints:
    weeks = stay.works[:, 1:].sum(axis=1)
    return np.asarray((horizon.week_points * weeks // THOUSANDTHS)[stay.kind], dtype=np.int64)


def price_parts(book: OfferBook, chosen: Ints) -> list[dict[str, int]]:
    """Points that each row's part of some offers costs in later weeks, own weeks not taken off.

    Parameters
    ----------
    chosen
        Offers, positions.
    """
    horizon = book.encoded.policy.horizon
    parts: list[dict[str, int]] = [{} for _ in chosen]
    if horizon is None or not horizon.prices:
        return parts
    stay = stays(book, horizon)
    for holding in holdings(book):
        prices = horizon.prices.get(holding.name)
        if not prices:
            continue
        points = np.full(len(book.offers), -1, dtype=np.int64)
        cost = holding.use * _a_unit(holding, prices, stay) // (MICRO * THOUSANDTHS)
        points[holding.offers] = cost
        for at in np.flatnonzero(points[chosen] >= 0).tolist():
            parts[at][holding.name] = int(points[chosen[at]])
    return parts
