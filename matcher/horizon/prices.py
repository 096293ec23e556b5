"""Prices of what is held: a linear program over the weeks ahead, its least prices, frozen.

Sets: offers o of citizens i at openings j, start weeks s, rows r of held kinds, weeks k = 1 .. H.
x[o, s] >= 0 starts offer o in week s, once citizen and opening are there and until the opening's
last day::

    maximise    sum (start_points + fit[o] + week_points x weeks[o, s]) x[o, s]
    subject to  sum over o of i, s          x[o, s] <= 1                  each citizen i
                sum over o at j, s          x[o, s] <= free seats         each opening j
                sum use[o, r] stay[o, k - s] x[o, s] <= left[r, k] / a    each row r, week k
                sum cost[o, b, s] x[o, s]        <= part[b] left[b] / a   each row b of the year
                sum over o with c, s <= until[c] x[o, s] <= part[c] left[c] / a   each course c

stay[o, d] is the share of such placements still held d weeks after they were proposed, weeks[o, s]
the weeks at work of one proposed in week s, from its first day on, within the weeks ahead;
left[r, k] is what running placements leave of r in week k; a, the share of proposals that are
accepted: who declines takes nothing. cost[o, b, s] is what an offer proposed in week s uses up of a
year's budget until the year ends, or of a quota: nothing of it comes back. part[b] is the part of
what is left that falls to the weeks looked at, by what their offers would cost against those of
this week and all that are left of the year. A seat of a course likewise: it can be taken in this
week and the until[c] after it, and whoever takes it takes it for good. Weeks are put together into
a few periods, short ones first: capacity and use are added up in each. The price of a unit of r in
week k is the least optimal dual of its period, that of a unit of b, or of a seat of c, that of its
row, averaged over the futures; prices of citizens and seats are not used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from matcher.capacity import running_placements, whole
from matcher.columns import positions
from matcher.engine import UNBOUNDED, Program, least_prices
from matcher.held import (
    MICRO,
    THOUSANDTHS,
    Holding,
    Stays,
    held_points,
    holdings,
    stays,
    used_up,
)
from matcher.horizon.arrivals import Copies, SeenArrivals, copies, draw_weeks, look_out
from matcher.offers import OfferBook, build_offers
from matcher.policy import Horizon, Policy
from matcher.problem import Problem
from matcher.row_kinds import (
    BUDGET,
    COURSE_SEATS,
    MENTOR_HOURS,
    ROW_KINDS,
    TEAM_SEATS,
    YEAR_BUDGET,
    YEAR_QUOTA,
)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_MOST = 1_000_000_000
"""Most that a unit costs in a week, millionths of a point; a place of a quota, or of a course, is a
whole placement and may cost ten times as much."""
_PLACE = (YEAR_QUOTA, COURSE_SEATS)
_LONGEST = 6
"""Weeks of the longest period that is priced as one."""


@dataclass(frozen=True, eq=False)
class Ahead:
    """What is left of each row that the weeks ahead share with this one."""

    left: Mapping[str, Floats]
    """By row name, units in weeks 1, 2, ..., >= 0; of a row of the year, and of a course, one
    figure: all of it."""


@dataclass(frozen=True, eq=False)
class Priced:
    """Prices of a week, and what they rest on."""

    prices: Mapping[str, tuple[int, ...]]
    """Millionths of a point a unit, by row name, for weeks 1, 2, ..., of a row of the year or
    of a course one for all; rows without a price are left out."""
    survival: Mapping[str, Mapping[str, tuple[int, ...]]]
    """As in the policy's ``horizon``."""
    futures: int
    """Futures they are averaged over."""
    seen: int
    """Weeks of arrivals that were seen."""
    expected: Mapping[str, float]
    """Citizens and openings that came in a week, on average."""
    came: Mapping[str, int]
    """The same of the newest week seen."""

    def missed(self) -> tuple[str, ...]:
        """Name what came in other numbers than the weeks seen: beyond two standard deviations.

        Of counts, as Poisson's: the square root of what is expected.
        """
        return tuple(
            name
            for name, count in self.came.items()
            if abs(count - self.expected[name]) > 2 * max(1.0, self.expected[name]) ** 0.5
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "futures": self.futures,
            "seen_weeks": self.seen,
            "expected": {name: round(value, 2) for name, value in self.expected.items()},
            "came": dict(self.came),
            "missed": list(self.missed()),
            "rows": len(self.prices),
            "prices": {name: list(curve) for name, curve in self.prices.items()},
        }


def ahead_of(
    problem: Problem,
    survival: Mapping[str, Mapping[str, Sequence[int]]],
    weeks: int,
    budgets: Mapping[str, Floats] | None = None,
) -> Ahead:
    """Say what running placements leave of each held row, week by week, and what of the year.

    Parameters
    ----------
    problem
        The week.
    survival
        Shares of running placements that are still there, as in the policy's ``horizon``.
    weeks
        Weeks ahead.
    budgets
        What is left of budget lines, DKK in weeks 1, 2, ...; a line left out: what the policy says
        is left this week.
    """
    running = running_placements(problem)
    there = _still_there(problem, running, survival, weeks)
    left: dict[str, Floats] = {}
    for kind in (MENTOR_HOURS, TEAM_SEATS):
        table = problem[kind.table]
        units = np.repeat(
            (table[kind.capacity].to_numpy(np.float64) * kind.scale)[:, None], weeks, axis=1
        )
        at = positions(running[kind.taken_by], table[kind.key])
        taken = (
            whole(running[kind.taken] * kind.scale).astype(np.float64)
            if kind.taken
            else np.ones(len(running))
        )
        known = at >= 0
        np.add.at(units, at[known], -(taken[:, None] * there)[known])
        for key, free in zip(table[kind.key].tolist(), units, strict=True):
            if not np.isnan(free).any():
                left[kind.row(str(key))] = np.maximum(free, 0.0)
    for line, amount in problem.policy.money.budgets.items():
        given = (budgets or {}).get(line)
        steady = np.full(weeks, float(amount))
        left[BUDGET.row(line)] = steady if given is None else np.maximum(given[:weeks], 0.0)
    money = problem.policy.money
    for year, amounts in ((YEAR_BUDGET, money.year_budgets), (YEAR_QUOTA, money.year_quotas)):
        left |= {year.row(name): np.array([float(there)]) for name, there in amounts.items()}
    courses = problem["courses"]
    for course, seats in zip(courses["course_id"], courses["seats"], strict=True):
        left[COURSE_SEATS.row(str(course))] = np.array([float(seats)])
    return Ahead(left)


def _still_there(
    problem: Problem,
    running: pd.DataFrame,
    survival: Mapping[str, Mapping[str, Sequence[int]]],
    weeks: int,
) -> Floats:
    """Share of each running placement that is still there 1, 2, ... weeks from now."""
    there = np.ones((len(running), weeks))
    sectors = problem["workplaces"]["sector"].astype(str).to_numpy(object)
    at = running["workplace"].to_numpy(np.int64)
    kinds = [
        (measure, sectors[site] if site >= 0 else "")
        for measure, site in zip(running["measure"].tolist(), at.tolist(), strict=True)
    ]
    for kind in sorted(set(kinds)):
        curve = survival.get(kind[0], {}).get(kind[1], ())
        rows = np.array([one == kind for one in kinds], dtype=np.bool_)
        if len(curve):
            known = np.array(curve[:weeks], dtype=np.float64) / THOUSANDTHS
            there[rows] = np.append(known, np.full(weeks - len(known), known[-1]))
    last = running["end"].to_numpy("datetime64[D]")
    days = np.datetime64(problem.today, "D") + 7 * np.arange(1, weeks + 1).astype("timedelta64[D]")
    over = ~np.isnat(last)[:, None] & (last[:, None] < days[None, :])
    return np.where(over, 0.0, there)


def periods(weeks: int) -> list[tuple[int, int]]:
    """First and last week of each period: 1, 2, 3-4, 5-7, 8-13 of thirteen."""
    made, first, before, length = [], 1, 0, 1
    while first <= weeks:
        last = min(weeks, first + length - 1)
        # What would be left over is no period of its own.
        if weeks - last <= length // 2:
            last = weeks
        made.append((first, last))
        first, before, length = last + 1, length, min(_LONGEST, before + length)
    return made


@dataclass(frozen=True, eq=False)
class Courses:
    """Courses with seats that somebody of the weeks ahead could take."""

    names: list[str]
    """Rows."""
    until: Ints
    """Last week in which whoever is proposed something can take it, >= 1, shape (courses,)."""
    part: Floats
    """Part of what is left that falls to the weeks looked at, 0-1."""


@dataclass(frozen=True, eq=False)
class Offered:
    """Offers of an outlook, and what each holds when: the same in every future."""

    book: OfferBook
    periods: list[tuple[int, int]]
    names: list[str]
    """Held rows."""
    uses: sp.csc_array
    """Units a week of each held row, then seats of each course, int64 [rows, offers]."""
    stay: Stays
    """How long each is held, by kind of stay."""
    share: Ints
    """Weeks held within each period by kind of stay and week of proposal, in thousandths, shape
    (kinds, weeks + 1, periods)."""
    worked: Ints
    """Weeks at work within the weeks ahead likewise, in thousandths, shape (kinds, weeks + 1)."""
    spent: Mapping[str, tuple[Ints, float]]
    """By row of the year: what each offer uses up of it by week of proposal, DKK or 1, shape
    (weeks + 1, offers), and the part of what is left that falls to the weeks looked at, 0-1."""
    courses: Courses
    """Courses that can still be taken when this week is over."""


def offered(book: OfferBook, ahead: Ahead, horizon: Horizon) -> Offered:
    """Work out what offers hold, and for how long."""
    cut, stay = periods(horizon.weeks), stays(book, horizon)
    share = np.zeros((len(stay.share), horizon.weeks + 1, len(cut)), dtype=np.int64)
    worked = np.zeros((len(stay.share), horizon.weeks + 1), dtype=np.int64)
    for start in range(1, horizon.weeks + 1):
        for at, (begin, end) in enumerate(cut):
            if end >= start:
                span = stay.share[:, max(begin, start) - start : end - start + 1]
                share[:, start, at] = span.sum(axis=1)
        worked[:, start] = stay.works[:, : horizon.weeks - start + 1].sum(axis=1)
    known = [one for one in holdings(book) if one.name in ahead.left]
    held = [one for one in known if not one.used_up]
    spent = {name: one for name, one in _spent(book, horizon.weeks).items() if name in ahead.left}
    seats = [one for one in known if one.kind is COURSE_SEATS]
    courses, seats = _courses(book, seats, horizon.weeks)
    names, uses = [one.name for one in held], _by_offer(book, [*held, *seats])
    return Offered(book, cut, names, uses, stay, share, worked, spent, courses)


def _by_offer(book: OfferBook, held: Sequence[Holding]) -> sp.csc_array:
    """Units of each row that each offer takes, int64 [rows, offers]."""
    row = np.repeat(np.arange(len(held)), [len(one.offers) for one in held])
    none = np.zeros(0, dtype=np.int64)
    uses = sp.coo_array(
        (
            np.concatenate([none, *(one.use for one in held)]),
            (row, np.concatenate([none, *(one.offers for one in held)])),
        ),
        shape=(len(held), len(book.offers)),
    )
    return uses.tocsc()


def _courses(
    book: OfferBook, known: Sequence[Holding], weeks: int
) -> tuple[Courses, list[Holding]]:
    """Take the courses that are not over when this week is.

    A course can be taken in so many weeks after this one; each of them, and this one, is taken to
    need as many seats.
    """
    table = book.problem["courses"]
    days = (table["ready_on"] - pd.Timestamp(book.problem.today)).dt.days.to_numpy(np.int64)
    until = dict(zip(table["course_id"].map(COURSE_SEATS.row), days // 7, strict=True))
    ahead = [one for one in known if until[one.name] > 0]
    last = np.array([until[one.name] for one in ahead], dtype=np.int64)
    part = np.minimum(last, weeks) / (last + 1)
    return Courses([one.name for one in ahead], last, part), ahead


def _spent(book: OfferBook, weeks: int) -> dict[str, tuple[Ints, float]]:
    """Work out what offers use up of each row of the year, and what falls to the weeks ahead."""
    money, today = book.encoded.policy.money, book.problem.today
    if not money.year_budgets and not money.year_quotas:
        return {}
    # What is left is for this week too, and for all weeks until the year is over.
    left = (money.year_end(today) - today).days // 7
    needed: dict[str, list[int]] = {}
    tables: dict[str, list[Ints]] = {}
    for later in range(max(left, weeks) + 1):
        for kind, key, use in used_up(book, later):
            needed.setdefault(kind.row(key), []).append(int(use.sum()))
            if later <= weeks:
                tables.setdefault(kind.row(key), []).append(use)
    return {
        name: (np.stack(tables[name]), sum(needs[1 : weeks + 1]) / in_all)
        for name, needs in needed.items()
        if (in_all := sum(needs))
    }


def ahead_program(
    offer: Offered, citizens: Copies, openings: Copies, ahead: Ahead, horizon: Horizon
) -> tuple[Program, list[tuple[str, tuple[int, int]]]]:
    """Build the linear program of one future.

    Parameters
    ----------
    offer
        Offers of the outlook.
    citizens, openings
        Who and what is there in this future, and from when on.
    ahead
        What is left.
    horizon
        Weeks, and what a start is worth.

    Returns
    -------
    program
        Its rows: openings, then held rows by period, then those of the year, then courses.
    rows
        Row name and period of each held row, and of each row of the year and each course with the
        first week for a period, in the order of the program's last rows.
    """
    book, cut, weeks = offer.book, offer.periods, horizon.weeks
    offers, encoded = book.offers, book.encoded
    # Every offer of a row is one of each of its copies.
    first_i, count_i = citizens.of_rows(len(encoded.citizens.ids))
    first_j, count_j = openings.of_rows(len(encoded.openings.ids))
    times = count_i[offers.citizen] * count_j[offers.opening]
    pair = np.repeat(np.arange(len(offers)), times)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(times) - times, times)
    i, j = offers.citizen[pair], offers.opening[pair]
    person, job = first_i[i] + within // count_j[j], first_j[j] + within % count_j[j]
    first = np.maximum(1, np.maximum(citizens.week[person], openings.week[job]))
    open_for = (encoded.openings.last_day - book.problem.today.toordinal()) // 7
    last = np.minimum(weeks, openings.week[job] + np.maximum(open_for, 0)[j])
    of_pairs = sp.coo_array(offer.uses[:, pair])
    row_of, offer_of = (np.asarray(at, dtype=np.int64) for at in of_pairs.coords)
    use_of = np.asarray(of_pairs.data, dtype=np.int64)
    seat = row_of >= len(offer.names)
    course_of, taker_of = row_of[seat] - len(offer.names), offer_of[seat]
    row_of, offer_of, use_of = row_of[~seat], offer_of[~seat], use_of[~seat]
    column_offer: list[Ints] = []
    gains: list[Ints] = [np.zeros(0, dtype=np.int64)]
    worth = horizon.start_points + offers.fit.astype(np.int64)
    entries: list[tuple[Ints, Ints, Ints]] = []
    columns, spent = 0, list(offer.spent.values())
    after_held = len(offer.names) * len(cut)
    for begin, end in cut:
        there = np.flatnonzero((first <= end) & (last >= begin))
        number = np.full(len(pair), -1, dtype=np.int64)
        number[there] = columns + np.arange(len(there))
        columns += len(there)
        column_offer.append(there)
        lasts = offer.worked[offer.stay.kind[pair[there]], np.maximum(begin, first[there])]
        gains.append(worth[pair[there]] + horizon.week_points * lasts // THOUSANDTHS)
        some = number[offer_of] >= 0
        o, begun = offer_of[some], np.maximum(begin, first[offer_of[some]])
        used = use_of[some][:, None] * offer.share[offer.stay.kind[pair[o]], begun]
        entry, part = np.nonzero(used)
        at_row = row_of[some][entry] * len(cut) + part
        entries.append((at_row, number[o][entry], used[entry, part]))
        since = np.maximum(begin, first[there])
        for at, (costs, _) in enumerate(spent, after_held):
            cost = costs[since, pair[there]]
            paid = np.flatnonzero(cost)
            rows_of = np.full(len(paid), at, dtype=np.int64)
            entries.append((rows_of, number[there[paid]], THOUSANDTHS * cost[paid]))
        since_of = np.maximum(begin, first[taker_of])
        in_time = (number[taker_of] >= 0) & (since_of <= offer.courses.until[course_of])
        at_row = after_held + len(spent) + course_of[in_time]
        of_seats = np.full(len(at_row), THOUSANDTHS, dtype=np.int64)
        entries.append((at_row, number[taker_of[in_time]], of_seats))
    of = np.concatenate([np.zeros(0, np.int64), *column_offer])
    row, column, use = (np.concatenate([np.zeros(0, np.int64), *part]) for part in
                        zip(*entries, strict=True))  # fmt: skip
    seats = len(openings.row)
    uses = sp.coo_array(
        (
            np.concatenate([np.ones(columns, dtype=np.int64), use]),
            (
                np.concatenate([job[of], seats + row]).astype(np.int32),
                np.concatenate([np.arange(columns), column]).astype(np.int32),
            ),
        ),
        shape=(seats + after_held + len(spent) + len(offer.courses.names), columns),
    )
    left = [
        THOUSANDTHS * ahead.left[name][begin - 1 : end].sum()
        for name in offer.names
        for begin, end in cut
    ]
    parts = {name: part for name, (_, part) in offer.spent.items()}
    parts |= dict(zip(offer.courses.names, offer.courses.part.tolist(), strict=True))
    left += [THOUSANDTHS * part * ahead.left[name].sum() for name, part in parts.items()]
    capacity = np.minimum(np.floor(np.array(left, dtype=np.float64)), float(UNBOUNDED // 2))
    program = Program(
        group=person[of],
        n_groups=len(citizens.row),
        gains=np.concatenate(gains)[None, :],
        uses=uses.tocsr(),
        upper=np.concatenate([encoded.openings.free[openings.row], capacity.astype(np.int64)]),
    )
    rows = [(name, period) for name in offer.names for period in cut]
    return program, rows + [(name, (1, 1)) for name in parts]


def price_ahead(
    problem: Problem,
    seen: SeenArrivals,
    survival: Mapping[str, Mapping[str, tuple[int, ...]]],
    ahead: Ahead | None = None,
    accepted: float = 1.0,
) -> Priced:
    """Price what is held in the weeks after this one.

    Parameters
    ----------
    problem
        The week, with what runs; its policy has a section ``horizon``.
    seen
        What came in the weeks seen.
    survival
        Shares still running, see :func:`matcher.horizon.stay_curves`.
    ahead
        What is left in the weeks ahead. None: worked out from what runs.
    accepted
        Share of the proposals of the weeks ahead that are accepted, above 0: what is declined takes
        nothing, so that what is left serves so many more.
    """
    horizon = freeze(problem.policy, {}, survival).horizon
    assert horizon is not None
    ahead = ahead or ahead_of(problem, survival, horizon.weeks)
    ahead = Ahead({name: units / accepted for name, units in ahead.left.items()})
    drawn = [
        draw_weeks(len(seen.days), horizon.weeks, horizon.block_weeks,
                   (problem.today.toordinal(), number))
        for number in range(horizon.futures)
    ]  # fmt: skip
    outlook = look_out(problem, seen, sorted({*chain(*drawn)}))
    offer = offered(build_offers(outlook.problem), ahead, horizon)
    sums: dict[str, Floats] = {}
    # Where the next future begins to look: what the one before found, of a seat by its opening.
    of_seats, near = np.zeros(len(outlook.opening_seen)), np.zeros(0)
    for weeks in drawn:
        citizens, openings = (
            copies(outlook.citizen_seen, weeks),
            copies(outlook.opening_seen, weeks),
        )
        program, rows = ahead_program(offer, citizens, openings, ahead, horizon)
        seats = len(openings.row)
        asked = np.arange(program.n_rows) >= seats
        before = np.concatenate([of_seats[openings.row], near]) if near.size else None
        prices = least_prices(program, asked, near=before)
        of_seats[openings.row], near = prices[:seats], prices[seats:]
        for (name, (begin, end)), price in zip(rows, near.tolist(), strict=True):
            sums.setdefault(name, np.zeros(horizon.weeks))[begin - 1 : end] += price
    scale = MICRO * THOUSANDTHS / horizon.futures
    found: dict[str, tuple[int, ...]] = {}
    for name, total in sorted(sums.items()):
        kind = ROW_KINDS[name.partition("[")[0]]
        most = _MOST * (10 if kind in _PLACE else 1)
        units = np.minimum(np.floor(total * scale + 1e-6), most).astype(np.int64)
        if units.any():
            found[name] = tuple(units[: None if kind.held else 1].tolist())
    costs = held_points(offer.book, horizon.model_copy(update={"prices": found}), offer.stay)
    if not len(costs) or costs.mean() < (horizon.least or 0):
        found = {}
    count = max(1, len(seen.days))
    expected = {
        "citizens": len(seen.citizens) / count,
        "openings": len(seen.openings) / count,
    }
    newest = len(seen.days) - 1
    came = {
        "citizens": int((seen.citizen_week == newest).sum()),
        "openings": int((seen.opening_week == newest).sum()),
    }
    return Priced(found, survival, horizon.futures, len(seen.days), expected, came)


def freeze(
    policy: Policy,
    prices: Mapping[str, Sequence[int]],
    survival: Mapping[str, Mapping[str, Sequence[int]]],
) -> Policy:
    """Return the policy with prices and shares in its section ``horizon``."""
    if policy.horizon is None:
        return policy
    content = {**policy.horizon.model_dump(), "prices": dict(prices), "survival": dict(survival)}
    return policy.model_copy(update={"horizon": Horizon.model_validate(content)})
