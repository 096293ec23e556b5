"""What no way to plan can pass in a year on average, whoever and whatever comes known beforehand.

Known are everybody and every opening of the year, who of those who were never placed leaves when,
and when others fill which seats; not known is the luck: answers, why somebody declines, who does
not turn up, how long placements last, who goes to work or leaves after one. No way to plan knows
that. So it bounds a *mean over the luck* given who comes: hold the mean of many years against the
mean of their bounds, never a single year, which luck may lift above its own.

Sets: citizens i, proposals c of an offer in a week, shared rows r (seats of openings, ratio places,
mentor minutes, class seats, weekly money, courses, caseworkers' and workplaces' new ones of a week,
and each pair of citizen and opening), weeks n = 0 .. W - 1. use[c, r, n] is what c takes of r in
week n *in expectation*, from the chances the year is made with (a accepted, f no-shows, p leave a
week, b weeks until the first day, l weeks that the measure allows)::

    in the week it is made          all it asks for
    until its first day             a                        times what it holds
    k < l weeks after the first     a (1 - f) (1 - p)^k      mentor and class for as many weeks
                                                             from acceptance as the year says
    a seat of a course              a in all weeks after, whatever becomes of it
    the pair                        held likewise, or barred after a rejection: it cannot be both,
                                    nor proposed in such a week: capacity 1

Every plan keeps to the rows with what runs, so for every way the expected uses of its proposals add
up to no more than capacity[r] in each week. With any prices y[r, n] >= 0 its expected gain is
therefore at most::

    sum over r, n  y[r, n] capacity[r]  +  sum over i  alone[i]

where alone[i] is the most that a plan for citizen i alone can gain, in expectation, less y[r, n]
for all it uses (weak duality; Hawkins 2003, Adelman and Mersereau 2008): what a way does with one
citizen, looking at all the others, is such a plan. :mod:`benchmarks.year.alone` works it out
exactly, with weeks that are used up and placements one after the other. The bound holds for any
prices; good ones come from a linear program of expected proposals x[c] >= 0 (a fluid relaxation,
Gallego and van Ryzin 1994)::

    maximise    sum gain[c] x[c]
    subject to  sum use[c, r, n] x[c] <= capacity[r]                  each row r, week n
                sum of i's x[c] in week n <= 1                        each citizen i, week n
                sum of held[c, n] x[c] of i, n in a block of weeks    each citizen i, block, and
                    <= weeks of the block in which i has come         the last week by itself
                sum a (1 - f) (1 - p)^(l - 1) x[c] <= 1               each i, kind of used-up weeks

and no error of it, or of its solver, makes the bound false. Left out, which makes it larger: homes
with a small child, money and quotas of a whole year, that a workplace is barred with a pair, and
that hindsight of arrivals, seats and leaving is more than a way has. Every offer is taken to be
there that could be in its week with all help free. Sums are of some thousand floats of one size:
what rounding can do is added.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from benchmarks.year.alone import Alone, Gain, Holds, Proposals
from matcher.engine import Program, least_prices
from matcher.formulation import formulate
from matcher.held import lasting_costs
from matcher.offers import OfferBook, build_offers, weeks_left
from matcher.problem import Problem
from matcher.row_kinds import (
    BUDGET,
    CASELOAD,
    COURSE_SEATS,
    MENTOR_HOURS,
    OPENING_SEATS,
    ROW_KINDS,
    TEAM_SEATS,
    WORKPLACE_INTAKE,
    WORKPLACE_RATIO,
    RowKind,
)
from scenarios.year.town import Town

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_HELD = (OPENING_SEATS, WORKPLACE_RATIO)
"""Rows that a placement holds to its end."""
_SUPPORTS = (MENTOR_HOURS, TEAM_SEATS)
"""Rows that it holds as long as it is supported."""
_SHARED = (*_HELD, *_SUPPORTS, COURSE_SEATS, BUDGET, CASELOAD, WORKPLACE_INTAKE)
_BLOCK = 4
"""Weeks over which the linear program adds up what citizens are held."""
_UNITS, _GAINS = 1000, 100_000
"""Units of the linear program in one unit of a row, and in its largest gain."""
_ROUNDING = 1e-9
"""Share of the bound that is added: far more than sums of floats can lose."""
_LAST_DAY = 6
"""Days from a week's run to the last day of what ends in it."""
_ALL = 10**6
"""More courses and classes than there are: an offer with each of them is looked at."""


@dataclass(frozen=True, eq=False)
class Season:
    """Everything that could be proposed in a year, and what it uses of what is shared."""

    proposals: Proposals
    holds: tuple[Holds, ...]
    capacity: Floats
    """Units of each row in every week, shape (rows,)."""
    bind: npt.NDArray[np.bool_]
    """Weeks in which a row of the linear program is made of it, shape (rows, weeks)."""
    known: Ints
    """What tells each proposal from the others: week, citizen, opening, measure, class, pool and
    courses, shape (proposals, several)."""


@dataclass(frozen=True)
class Bounds:
    """What no way to plan passes on average."""

    starts: float
    points: float
    """Of fit and start points of all who start and of their weeks at work, as the policy's
    ``horizon`` values them."""
    start_points: int
    week_points: int


def bounds_of(town: Town, weeks: int) -> Bounds:
    """Bound the starts of a year, and what they are worth, from above.

    Parameters
    ----------
    town
        Before its first week.
    weeks
        Weeks of the year.

    Raises
    ------
    ValueError
        Something frees or takes what is shared that is not foreseen here: an employer that closes,
        placements that run before the first week, a notice of a week or more, or a measure that is
        over although it uses no weeks up.
    """
    season, horizon = season_of(town, weeks), town.policy.horizon
    assert horizon is not None
    starts = Gain(start=1.0)
    points = Gain(float(horizon.start_points), 1.0, float(horizon.week_points))
    alone = Alone(season.proposals, season.holds)
    found = [bound_at(season, alone, gain, good_prices(season, gain)) for gain in (starts, points)]
    return Bounds(*found, horizon.start_points, horizon.week_points)


def bound_at(season: Season, alone: Alone, gain: Gain, prices: Floats) -> float:
    """Bound the gain of a year with any prices >= 0, shape (rows, weeks)."""
    paid = float(season.capacity @ prices.sum(axis=1))
    best = paid + float(alone.best(gain, prices).sum())
    return best + _ROUNDING * (1.0 + abs(best))


def season_of(town: Town, weeks: int) -> Season:
    """Collect what could be proposed in each week; raises as :func:`bounds_of`."""
    if unforeseen := _unforeseen(town, weeks):
        message = f"no bound of a year in which {unforeseen}"
        raise ValueError(message)
    found = _Collected(town, weeks)
    for week in range(weeks - 1):
        found.add(week)
    return found.season()


def _unforeseen(town: Town, weeks: int) -> str:
    """Say what of a year the uses of proposals do not foresee; empty: nothing."""
    if town.closing is not None:
        return "an employer closes"
    if town.held:
        return "placements run before the first week"
    # What ends before a proposal of the week could begin holds nothing of it.
    if town.policy.start.notice_days > _LAST_DAY:
        return "what ends in a week is free to others in it"
    for name, rule in town.policy.measures.items():
        limits = [*rule.weeks.values(), rule.weeks_integration_act]
        if rule.weeks_used is None and any(most and most < weeks for most in limits):
            return f"{name} is over although it uses no weeks up"
    return ""


class _Collected:
    """Proposals week by week."""

    def __init__(self, town: Town, weeks: int) -> None:
        self._town, self._weeks = town, weeks
        self._rows: dict[str, int] = {}
        self._capacity: list[int] = []
        self._parts: list[Ints] = []
        self._known: list[Ints] = []
        self._uses: dict[str, list[tuple[Ints, Ints, Ints]]] = {
            name: [] for name in ("asked", "held", "supported", "kept")
        }
        self._count = 0
        lines = town.policy.money.lines
        self._support_lines = {lines.get(name) for name in ("mentor", "class")}

    def add(self, week: int) -> None:
        """Add the proposals of a week that could begin within the year."""
        book, citizens, openings = self._book(week)
        offers, encoded, today = book.offers, book.encoded, book.problem.today.toordinal()
        later = np.maximum(1, -(-(offers.start.astype(np.int64) - today) // 7))
        kept = week + later < self._weeks
        number = np.where(kept, self._count + np.cumsum(kept) - 1, -1)
        left = weeks_left(encoded)[offers.citizen, offers.measure].astype(np.int64)
        known = told_apart(book, week, citizens, openings)
        more = (week + later, left, offers.fit.astype(np.int64))
        self._parts.append(np.column_stack([known[:, [1, 2, 3, 0]], *more])[kept])
        self._known.append(known[kept])
        self._count += int(kept.sum())
        self._add_uses(book, number)

    def _book(self, week: int) -> tuple[OfferBook, Ints, Ints]:
        """Offers of a week if nothing ran: with its citizens' and openings' places in the town."""
        town, stream = self._town, self._town.stream
        day = stream.spec.today + dt.timedelta(weeks=week)
        here = (stream.citizen_week >= 0) & (stream.citizen_week <= week)
        last = town.openings["start_to"].to_numpy("datetime64[D]")
        shown = (stream.opening_week >= 0) & (stream.opening_week <= week)
        shown &= ~(~np.isnat(last) & (last < np.datetime64(day, "D"))) & (town.filled_at > week)
        ready = stream.tables["courses"]["ready_on"]
        soon = (ready > pd.Timestamp(day)) & (ready <= pd.Timestamp(day + dt.timedelta(weeks=8)))
        tables = {
            **stream.tables,
            "citizens": town.citizens[here].reset_index(drop=True),
            "openings": town.openings[shown].reset_index(drop=True),
            "courses": stream.tables["courses"][soon].reset_index(drop=True),
        }
        policy = town.policy
        changes = {
            "on": day,
            "papers": policy.papers.model_copy(update={"courses_per_offer": _ALL}),
            "language": policy.language.model_copy(update={"classes_per_offer": _ALL}),
        }
        book = build_offers(Problem(tables, policy.model_copy(update=changes), day))
        return book, np.flatnonzero(here), np.flatnonzero(shown)

    def _add_uses(self, book: OfferBook, number: Ints) -> None:
        model = formulate(book)
        rows = np.full(len(model.rules), -1, dtype=np.int64)
        of_kind: list[RowKind] = [ROW_KINDS[rule] for rule in model.rules]
        for at, (kind, name, there) in enumerate(
            zip(of_kind, model.names, model.capacity.tolist(), strict=True)
        ):
            if kind in _SHARED:
                rows[at] = self._row(name, there)
        at_row, offer, use = model.entries()
        some = (rows[at_row] >= 0) & (number[offer] >= 0) & (use > 0)
        at_row, offer, use = at_row[some], offer[some], use[some]
        for name, kinds in (
            ("asked", _SHARED), ("held", _HELD), ("supported", _SUPPORTS), ("kept", [COURSE_SEATS]),
        ):  # fmt: skip
            mine = np.array([kind in kinds for kind in of_kind], dtype=np.bool_)[at_row]
            self._uses[name].append((number[offer[mine]], rows[at_row[mine]], use[mine]))
        for line, cost in lasting_costs(book).items():
            row = self._rows.get(BUDGET.row(line))
            some = (cost > 0) & (number >= 0)
            if row is not None and some.any():
                name = "supported" if line in self._support_lines else "held"
                where = np.full(int(some.sum()), row, dtype=np.int64)
                self._uses[name].append((number[some], where, cost[some]))

    def _row(self, name: str, there: int) -> int:
        row = self._rows.setdefault(name, len(self._capacity))
        if row == len(self._capacity):
            self._capacity.append(there)
        self._capacity[row] = max(self._capacity[row], there)
        return row

    def season(self) -> Season:
        """Put the weeks together."""
        town, weeks, figures = self._town, self._weeks, self._town.figures
        none = np.zeros((0, 7), dtype=np.int64)
        parts = np.concatenate([none, *self._parts])
        citizen, opening, measure, week, begins, left, fit = parts.T
        names, stream = sorted(town.policy.measures), town.stream
        made = Proposals(
            citizen=citizen, measure=measure, week=week, begins=begins, left=left, fit=fit,
            weeks=weeks,
            come=np.where(stream.citizen_week >= 0, stream.citizen_week, weeks),
            leaves=town.leaves_at,
            used_kind=tuple(town.policy.measures[name].weeks_used for name in names),
            leaving=np.array([figures.get(f"leaving.{name}", 0.0) for name in names]),
            accepted=figures["accepted"], no_show=figures["no_show"], to_work=figures["to_work"],
            leaves_waiting=figures["leaves_waiting"],
        )  # fmt: skip
        # A row for each pair, one of its last week: until then it has been held or barred.
        pairs, pair = np.unique(np.stack([citizen, opening]), axis=1, return_inverse=True)
        rows, n_pairs = len(self._capacity), pairs.shape[1]
        once = np.arange(len(citizen)), rows + pair.ravel(), np.ones(len(citizen), dtype=np.int64)
        uses = {**self._uses, "barred": [once]}
        for name in ("asked", "held"):
            uses[name] = [*uses[name], once]
        last = np.zeros(n_pairs, dtype=np.int64)
        np.maximum.at(last, pair.ravel(), week)
        bind = np.ones((rows + n_pairs, weeks), dtype=np.bool_)
        bind[rows:] = np.arange(weeks) == last[:, None]
        ahead = np.arange(weeks) - week[:, None]
        yes, supported = made.accepted, ahead < int(figures["support_weeks"])
        rejected = max(0.0, 1 - yes - figures["undecided"])
        shape = {
            "asked": ((ahead == 0).astype(np.float64), False),
            "held": (yes * made.held(), True),
            "supported": (yes * made.held() * supported, True),
            "kept": (yes * (ahead > 0), False),
            "barred": (rejected * _barred(town, weeks)[ahead], False),
        }
        size = (len(citizen), rows + n_pairs)
        holds = tuple(
            Holds(_matrix(uses[name], size), *shape[name], now=name == "asked") for name in shape
        )
        there = np.append(np.array(self._capacity, dtype=np.float64), np.ones(n_pairs))
        width = 6 + len(town.policy.papers.course_papers)
        none = np.zeros((0, width), dtype=np.int64)
        return Season(made, holds, there, bind, np.concatenate([none, *self._known]))


def told_apart(book: OfferBook, week: int, citizens: Ints, openings: Ints) -> Ints:
    """Tell the proposals of a week apart, whatever else its tables hold; as ``Season.known``.

    Parameters
    ----------
    citizens, openings
        Places in the town of those in the book.
    """
    offers = book.offers
    measures = sorted(book.problem.policy.measures)
    measure = np.array([measures.index(name) for name in book.encoded.measures], dtype=np.int64)
    own = (
        np.full(len(offers), week), citizens[offers.citizen], openings[offers.opening],
        measure[offers.measure] if len(measures) else offers.measure, offers.team, offers.pool,
    )  # fmt: skip
    return np.column_stack([*own, offers.courses]).astype(np.int64)


def _matrix(parts: Sequence[tuple[Ints, Ints, Ints]], size: tuple[int, int]) -> sp.csr_array:
    """Units of each row that each proposal takes, shape (proposals, rows)."""
    at, row, use = (
        np.concatenate([np.zeros(0, np.int64), *one]) for one in zip(*parts, strict=True)
    )
    return sp.csr_array((use.astype(np.float64), (at, row)), shape=size)


def _barred(town: Town, weeks: int) -> Floats:
    """Share of rejections that bar the pair some weeks later; [-weeks:] and [0] are 0."""
    barred = np.zeros(2 * weeks)
    codes, left = town.policy.forbid_reasons.codes, 1.0
    # As it is drawn: reasons one after the other, what they leave is another one.
    for code, share in (*town.figures["reasons"].items(), ("other", 1.0)):
        barred[1 : min(weeks, codes[code].weeks + 1)] += min(share, left)
        left = max(0.0, left - share)
    return barred


def good_prices(season: Season, gain: Gain) -> Floats:
    """Price what is shared by the linear program, shape (rows, weeks), >= 0."""
    made = season.proposals
    rows, weeks = season.bind.shape
    uses, upper = _program_rows(season)
    gains = made.gains(gain)
    if not gains.size or gains.max() <= 0:
        return np.zeros((rows, weeks))
    scale = _GAINS / float(gains.max())
    _, group = np.unique(made.citizen * weeks + made.week, return_inverse=True)
    # A row that could give all that is asked of it has no price.
    used = np.flatnonzero(np.asarray(uses.sum(axis=1)) > upper)
    program = Program(
        group=group, n_groups=int(group.max()) + 1, gains=_whole(scale * gains)[None, :],
        uses=sp.csr_array(_whole_units(uses[used])), upper=_whole(_UNITS * upper[used]),
    )  # fmt: skip
    prices = np.zeros(uses.shape[0])
    prices[used] = least_prices(program, np.ones(len(used), dtype=np.bool_)) * _UNITS / scale
    return np.maximum(prices[: rows * weeks], 0.0).reshape(rows, weeks)


def _whole(numbers: Floats) -> Ints:
    return np.asarray(np.rint(numbers), dtype=np.int64)


def _whole_units(uses: sp.csr_array) -> sp.csr_array:
    whole = sp.csr_array((_whole(_UNITS * uses.data), uses.indices, uses.indptr), shape=uses.shape)
    whole.eliminate_zeros()
    return whole


def _program_rows(season: Season) -> tuple[sp.csr_array, Floats]:
    """Rows of the linear program: what is shared by row and week, then citizens."""
    made = season.proposals
    n_rows, weeks = season.bind.shape
    until = np.arange(weeks) <= made.ends[:, None]
    row, column, use = [], [], []
    for one in season.holds:
        entries = one.uses.tocoo()
        at, where = entries.col.astype(np.int64), entries.row.astype(np.int64)
        shape = one.shape * until if one.ends else one.shape
        units = entries.data[:, None] * np.where(season.bind[at], shape[where], 0.0)
        entry, week = np.nonzero(units)
        row.append(at[entry] * weeks + week)
        column.append(where[entry])
        use.append(units[entry, week])
    held = made.accepted * made.held() * until + (np.arange(weeks) == made.week[:, None])
    # Blocks of weeks added up, and the last week by itself: who is placed by then was placed once.
    blocks = -(-weeks // _BLOCK)
    block = np.append(np.arange(weeks) // _BLOCK, blocks)
    held, citizens = np.hstack([held, held[:, -1:]]), len(made.come)
    entry, week = np.nonzero(held)
    row.append(n_rows * weeks + made.citizen[entry] * (blocks + 1) + block[week])
    column.append(entry)
    use.append(held[entry, week])
    kinds = [name for name in dict.fromkeys(made.used_kind) if name]
    kind = np.array([kinds.index(name) if name else -1 for name in made.used_kind], dtype=np.int64)
    some = np.flatnonzero(made.limited & (kind[made.measure] >= 0))
    before = n_rows * weeks + citizens * (blocks + 1)
    row.append(before + made.citizen[some] * len(kinds) + kind[made.measure[some]])
    column.append(some)
    stays = (1 - made.leaving[made.measure[some]]) ** (made.left[some] - 1)
    use.append(made.accepted * (1 - made.no_show) * stays)
    begin = np.arange(blocks) * _BLOCK
    there = np.minimum(begin + _BLOCK, weeks) - np.maximum(begin, made.come[:, None])
    upper = np.hstack([np.maximum(there, 0), np.ones((citizens, 1))]).ravel()
    once = np.ones(citizens * len(kinds))
    capacity = np.concatenate([np.repeat(season.capacity, weeks), upper, once])
    uses = sp.coo_array(
        (np.concatenate(use), (np.concatenate(row), np.concatenate(column))),
        shape=(len(capacity), len(made.citizen)),
    )
    return uses.tocsr(), capacity
