"""One verb: a problem in, a proven plan out.

The body of :func:`solve` reads as the recipe: offers, program, engine, plan.
"""

from __future__ import annotations

import datetime as dt
import itertools
import platform
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher import __version__, engine
from matcher.aims import Aim, aimed
from matcher.engine import Options
from matcher.errors import OptionError
from matcher.formulation import TIERS, Model, formulate, offer_costs
from matcher.offers import COMPONENTS, OfferBook, build_offers, rebuild_offers
from matcher.plan import Clash, Placement, Plan, Row, Termination, Tier
from matcher.problem import Problem
from matcher.texts import Message

_NO_PRICE = 1e-6
"""Prices up to which a row is taken to have none."""


@dataclass(frozen=True, eq=False)
class Solution:
    """A plan with everything it was made from, for explaining it."""

    book: OfferBook
    model: Model
    answer: engine.Answer
    plan: Plan

    @property
    def problem(self) -> Problem:
        """The problem that was solved."""
        return self.book.problem

    def __repr__(self) -> str:
        """Say what was found: a solution holds every offer, too much to read."""
        return f"<Solution of {self.problem!r}: {self.plan!r}>"

    def _repr_html_(self) -> str:
        return self.plan._repr_html_()

    @property
    def chosen(self) -> npt.NDArray[np.int64]:
        """Chosen offers, positions, in the order of the plan's placements; empty without a plan."""
        return self.answer.selection if self.answer.has_selection else np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Earlier:
    """What one solve leaves for a similar week: its offers, row prices, and what it chose.

    It may be kept for many weeks and sent to other processes; it changes time, never the answer.
    """

    book: OfferBook | None
    """Its offers; None where only its prices were kept."""
    row_names: tuple[str, ...]
    """Row of each price, as in ``Program.row_names``."""
    prices: npt.NDArray[np.float64]
    """Row prices per tier, shape (tiers, rows), as in ``Answer.prices``."""
    chosen: npt.NDArray[np.int64]
    """Chosen offers, positions in the book."""
    warm_start: engine.WarmStart | None
    """Where the engine ended, by the numbers of the book's offers and citizens and of the rows."""

    def start_for(self, model: Model, book: OfferBook) -> engine.Start:
        """Carry all of it over: by the names of rows, by ids, and by what the offers are.

        Rows it does not know begin at a price of 0.
        """
        names = model.names
        at = pd.Index(self.row_names).get_indexer(pd.Index(names))
        prices = np.append(self.prices, np.zeros((len(self.prices), 1)), axis=1)[:, at]
        if self.book is None:
            return engine.Start(prices)
        kept = self.chosen if self.warm_start is None else self.warm_start.columns
        wanted = np.union1d(self.chosen, kept)
        columns = np.full(len(self.book.offers), -1, dtype=np.int64)
        columns[wanted] = _found_again(self.book, wanted, book)
        selection = columns[self.chosen]
        warm = self.warm_start
        if warm is not None:
            rows = pd.Index(names).get_indexer(pd.Index(self.row_names)).astype(np.int64)
            groups = _positions(book, self.book.sides.citizens.ids)
            warm = warm.moved(rows, groups, (len(names), model.program.n_groups))
        return engine.Start(prices, np.sort(selection[selection >= 0]), warm, columns)


def earlier_of(solution: Solution) -> Earlier:
    """Keep of a solution what makes similar weeks quick to solve."""
    answer = solution.answer
    return Earlier(
        solution.book, solution.model.names, answer.prices, solution.chosen, answer.warm_start
    )


def earlier_of_rows(rows: Iterable[Row]) -> Earlier | None:
    """Keep the prices of stored rows; None where none were stored.

    A ledger keeps no rows that name a household: they begin at a price of 0, like goals whose
    prices it does not have.
    """
    known = {row.name: row.prices for row in rows if row.prices is not None}
    if not known:
        return None
    prices = np.zeros((len(TIERS), len(known)))
    for at, of_row in enumerate(known.values()):
        prices[: len(of_row), at] = of_row
    return Earlier(None, tuple(known), prices, np.zeros(0, dtype=np.int64), None)


def _positions(book: OfferBook, ids: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Positions of citizens in a book by id, -1 where they are gone."""
    found = pd.Index(book.sides.citizens.ids).get_indexer(pd.Index(ids))
    return np.asarray(found, dtype=np.int64)


def _found_again(
    known: OfferBook, wanted: npt.NDArray[np.int64], book: OfferBook
) -> npt.NDArray[np.int64]:
    """Positions in another book of offers that are the same; -1 where they are gone."""
    width = len(book.sides.openings.ids)
    openings = pd.Index(book.sides.openings.ids).get_indexer(pd.Index(known.sides.openings.ids))
    i = _positions(book, known.sides.citizens.ids)[known.offers.citizen[wanted]]
    j = openings[known.offers.opening[wanted]]
    pairs = i[(i >= 0) & (j >= 0)] * width + j[(i >= 0) & (j >= 0)]
    # Only offers of the same pairs need their ids compared.
    among = np.flatnonzero(
        np.isin(book.offers.citizen.astype(np.int64) * width + book.offers.opening, pairs)
    )
    there = pd.MultiIndex.from_arrays(_offer_keys(book, among))
    at = there.get_indexer(pd.MultiIndex.from_arrays(_offer_keys(known, wanted)))
    found = np.append(among, -1)[at]
    return np.asarray(found, dtype=np.int64)


def _offer_keys(book: OfferBook, at: npt.NDArray[np.int64]) -> list[npt.NDArray[Any]]:
    """Return what tells offers apart, by ids."""
    offers, problem = book.offers, book.problem
    named = [
        (problem["teams"]["team_id"], offers.team[at]),
        (problem["mentor_pools"]["pool_id"], offers.pool[at]),
        *((problem["courses"]["course_id"], column) for column in offers.courses[at].T),
    ]
    return [
        book.sides.citizens.ids[offers.citizen[at]],
        book.sides.openings.ids[offers.opening[at]],
        np.array(book.sides.measures, dtype=object)[offers.measure[at]],
        *(np.append(ids.to_numpy(object), "")[position] for ids, position in named),
    ]


def solve(
    problem: Problem,
    options: Options | None = None,
    *,
    earlier: Earlier | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Solution:
    """Propose the best plan for a week.

    Parameters
    ----------
    problem
        The week.
    options
        Limits, seed and workers of the engine; None: the engine's defaults, which repeat exactly.
    earlier
        What a similar week left: only offers that differ are made again, and the engine starts
        from its prices and its choice. The answer is the same.
    progress
        Called with (citizens done, in all) while offers are made.

    Returns
    -------
    Solution
        Its plan says why there is none where a limit came first, or where locks or floors
        contradict each other or the rows (``plan.clash``).
    """
    options = options or Options()
    times: dict[str, float] = {}
    clock = time.perf_counter()
    if earlier is None or earlier.book is None:
        book = build_offers(problem, progress)
    else:
        book = rebuild_offers(problem, earlier.book, progress)
    clock = _lap(times, "offers", clock)
    model = formulate(book)
    start = earlier.start_for(model, book) if earlier is not None else None
    clock = _lap(times, "formulate", clock)
    answer = engine.solve(model.program, options, start=start)
    _lap(times, "solve", clock)
    plan = _plan(book, model, answer, _provenance(problem, options, answer, times))
    return Solution(book, model, answer, plan)


def solve_aimed(
    solution: Solution, aim: Aim, options: Options, start: engine.Start | None = None
) -> Solution:
    """Solve a solved week under another aim; its offers and rows are kept.

    Parameters
    ----------
    solution
        The week as :func:`solve` answered it.
    start
        Of a solve under the same goals and limits on the same.
    """
    times: dict[str, float] = {}
    clock = time.perf_counter()
    book = solution.book
    model = aimed(book, solution.model, aim)
    clock = _lap(times, "formulate", clock)
    answer = engine.solve(model.program, options, start=start)
    _lap(times, "solve", clock)
    provenance = _provenance(book.problem, options, answer, times)
    plan = _plan(book, model, answer, {**provenance, "aim": asdict(aim)}, aim.goals)
    return Solution(book, model, answer, plan)


def _lap(times: dict[str, float], name: str, since: float) -> float:
    now = time.perf_counter()
    times[name] = now - since
    return now


def _plan(
    book: OfferBook,
    model: Model,
    answer: engine.Answer,
    provenance: dict[str, Any],
    goals: tuple[str, ...] = TIERS,
) -> Plan:
    tiers = tuple(
        Tier(
            name=name,
            value=tier.value if answer.has_selection else 0,
            bound=tier.bound if tier.bound is not None else _trivial_bound(model, at),
            proven=tier.proven,
        )
        for at, (name, tier) in enumerate(zip(goals, answer.tiers, strict=True))
    )
    chosen = answer.selection if answer.has_selection else np.zeros(0, dtype=np.int64)
    rows = _rows(model, answer, chosen)
    clash = _clash(book, model, answer, rows)
    return Plan(
        placements=_placements(book, model, chosen),
        tiers=tiers,
        termination=_termination(tiers, answer),
        detail=answer.termination.detail,
        rows=rows,
        clash=clash,
        provenance=provenance,
        goals=goals,
    )


def _termination(tiers: tuple[Tier, ...], answer: engine.Answer) -> Termination:
    if answer.termination.reason is engine.StopReason.INFEASIBLE:
        return "infeasible"
    if not answer.has_selection:
        return "no_solution"
    # The tie-break only tells equal plans apart.
    proven = all(tier.proven for tier in tiers if tier.name != "tie_break")
    return "optimal" if proven else "feasible"


def _rows(model: Model, answer: engine.Answer, chosen: npt.NDArray[np.int64]) -> tuple[Row, ...]:
    """Every row with what is used of it, whether it binds, and its prices."""
    used = model.used(chosen)
    blocks, _ = model.blocked(used)
    binding = np.zeros(len(used), dtype=np.bool_)
    binding[blocks] = True
    binding = np.where(model.floors, used <= model.capacity, binding)
    computed = bool((np.abs(answer.prices[:2]) > _NO_PRICE).any())
    prices = map(tuple, answer.prices.T.tolist()) if computed else itertools.repeat(None)
    return tuple(
        map(
            Row,
            model.rules,
            model.keys,
            used.tolist(),
            model.capacity.tolist(),
            model.floors.tolist(),
            binding.tolist(),
            prices,
        )
    )


def _clash(
    book: OfferBook, model: Model, answer: engine.Answer, rows: tuple[Row, ...]
) -> Clash | None:
    """Return what cannot hold together; None where that is not shown."""
    if answer.termination.reason is not engine.StopReason.INFEASIBLE:
        return None
    return Clash(
        rows=tuple(rows[row] for row in answer.infeasible_subset.rows),
        locks=locks_of(book, answer.infeasible_subset.groups),
        minimal=answer.infeasible_subset.minimal,
        broken=model.broken,
    )


def locks_of(book: OfferBook, citizens: Iterable[int]) -> tuple[tuple[str, str], ...]:
    """Citizen and opening of the locks of citizens, given by position."""
    locks, ids = book.problem["locks"], book.sides.citizens.ids
    where = dict(zip(locks["citizen_id"], locks["opening_id"], strict=True))
    return tuple((str(ids[one]), str(where[ids[one]])) for one in citizens)


def _trivial_bound(model: Model, tier: int) -> int:
    """Best gain of every group: a bound that needs no solver. Nothing costs less than nothing."""
    if not model.program.senses[tier]:
        return 0
    best = np.zeros(model.program.n_groups, dtype=np.int64)
    np.maximum.at(best, model.program.group, model.program.gains[tier])
    return int(best.sum())


def _placements(
    book: OfferBook, model: Model, chosen: npt.NDArray[np.int64]
) -> tuple[Placement, ...]:
    offers, sides, problem = book.offers, book.sides, book.problem
    teams = problem["teams"]["team_id"].tolist()
    pools = problem["mentor_pools"]["pool_id"].tolist()
    courses = problem["courses"]["course_id"].tolist()
    costs = offer_costs(book)
    return tuple(
        Placement(
            citizen_id=sides.citizens.ids[offers.citizen[at]],
            opening_id=sides.openings.ids[offers.opening[at]],
            measure=sides.measures[offers.measure[at]],
            team_id=teams[offers.team[at]] if offers.team[at] >= 0 else None,
            pool_id=pools[offers.pool[at]] if offers.pool[at] >= 0 else None,
            mentor_minutes=int(offers.mentor[at]) if offers.pool[at] >= 0 else 0,
            course_ids=tuple(
                sorted(courses[course] for course in offers.courses[at] if course >= 0)
            ),
            minutes=int(offers.minutes[at]),
            start=dt.date.fromordinal(int(offers.start[at])),
            commute=int(offers.way[at]),
            fit=int(offers.fit[at]),
            components={
                name: int(points)
                for name, points in zip(COMPONENTS, offers.points[at], strict=True)
            },
            cost={line: int(cost[at]) for line, cost in sorted(costs.items()) if cost[at]},
            locked=bool(model.locked[offers.citizen[at]]),
        )
        for at in chosen.tolist()
    )


def options_of(**given: Any) -> Options:
    """Return limits and seed of the solver.

    Raises
    ------
    OptionError
        One is out of its range; the message says which.
    """
    try:
        return Options(**given)
    except engine.OptionError as error:
        raise OptionError(Message("error.engine", reason=str(error))) from None


@cache
def _versions() -> Mapping[str, str]:
    return {
        "jobmatch": __version__,
        **{name: version(name) for name in ("ortools", "numpy", "scipy", "pandas")},
        "python": platform.python_version(),
    }


def _provenance(
    problem: Problem,
    options: Options,
    answer: engine.Answer,
    times: dict[str, float],
) -> dict[str, Any]:
    policy = problem.policy
    return {
        "input_digest": problem.digest(),
        "date": problem.today.isoformat(),
        "policy": {
            "name": policy.name,
            "version": policy.version,
            "digest": policy.digest(),
            "overrides": list(policy.overrides),
            "file": policy.file,
        },
        "versions": dict(_versions()),
        "options": asdict(options),
        "engine": {
            "method": answer.method,
            "steps": list(answer.steps),
            "counts": dict(answer.counts),
            "phase_times": {name: round(took, 4) for name, took in answer.phase_times.items()},
            "program_digest": answer.program.digest(),
        },
        "phase_times": {name: round(took, 4) for name, took in times.items()},
    }


__all__ = [
    "Earlier",
    "Options",
    "Solution",
    "earlier_of",
    "earlier_of_rows",
    "locks_of",
    "options_of",
    "solve",
    "solve_aimed",
]
