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
from threading import Event
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher import __version__, engine
from matcher.engine import Options as Options
from matcher.errors import OptionError
from matcher.formulation import TIERS, Model, formulate
from matcher.held import offer_costs
from matcher.objectives import Objectives, aimed
from matcher.offers import COMPONENTS, OfferBook, build_offers
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


@dataclass(frozen=True)
class Standing:
    """How far a solve has come with the first of its goals that is not closed yet."""

    goal: str
    """Name of the goal, as in :attr:`matcher.plan.Plan.goals`."""
    value: int | None
    """What the best plan so far gains; None while there is none."""
    bound: int | None
    """What no plan can pass; None while that is not known."""
    first: tuple[int | None, int | None]
    """Value and bound of the first goal, whether it is closed or not."""


def solve(
    problem: Problem,
    options: Options | None = None,
    *,
    aim: Objectives | None = None,
    progress: Callable[[int, int], None] | None = None,
    heard: Callable[[Standing], None] | None = None,
    cancel: Event | None = None,
) -> Solution:
    """Propose the best plan for a week.

    Parameters
    ----------
    problem
        The week.
    options
        Limits, seed and workers of the engine; None: the engine's defaults, which repeat exactly.
    aim
        Other goals and limits; None: the plan's own goals.
    progress
        Called with (citizens done, in all) while offers are made.
    heard
        Called with each better plan and each better bound.
    cancel
        Set it, from another thread or a handler of a signal, to end with the best plan so far.

    Returns
    -------
    Solution
        Its plan says why there is none where a limit came first, or where locks or floors
        contradict each other or the rows (``plan.clash``).
    """
    return solve_offers(
        lambda: build_offers(problem, progress),
        options or Options(),
        aim=aim,
        heard=heard,
        cancel=cancel,
    )


def solve_offers(
    make: Callable[[], OfferBook],
    options: Options,
    begin: Callable[[Model, OfferBook], engine.Start] | None = None,
    *,
    form: Callable[[OfferBook], Model] = formulate,
    aim: Objectives | None = None,
    heard: Callable[[Standing], None] | None = None,
    cancel: Event | None = None,
) -> Solution:
    """Solve a week from the offers that are made, timed.

    ``begin`` says where the engine starts, ``form`` makes the rows where they are known in part.
    """
    times: dict[str, float] = {}
    clock = time.perf_counter()
    book = make()
    clock = _lap(times, "offers", clock)
    model = form(book) if aim is None else aimed(book, form(book), aim)
    start = None if begin is None else begin(model, book)
    clock = _lap(times, "formulate", clock)
    watch = None if heard is None else _Watch(heard)
    answer = engine.solve(model.program, options, start=start, observer=watch, cancel=cancel)
    _lap(times, "solve", clock)
    made = _provenance(book.problem, options, answer, times)
    if aim is None:
        return Solution(book, model, answer, _plan(book, model, answer, made))
    plan = _plan(book, model, answer, {**made, "aim": asdict(aim)}, aim.goals)
    return Solution(book, model, answer, plan)


class _Watch(engine.Observer):
    """Tells what the engine finds in words of the goals."""

    def __init__(self, heard: Callable[[Standing], None]) -> None:
        self._heard = heard
        self._values: list[int | None] = [None] * len(TIERS)
        self._bounds: list[int | None] = [None] * len(TIERS)

    def on_solution(self, values: tuple[int, ...]) -> None:
        self._values = list(values)
        self._tell()

    def on_bound(self, tier: int, bound: int) -> None:
        self._bounds[tier] = bound
        self._tell()

    def on_tier(self, tier: int, value: int, bound: int) -> None:
        if (value, bound) != (self._values[tier], self._bounds[tier]):
            self._values[tier], self._bounds[tier] = value, bound
            self._tell()

    def _tell(self) -> None:
        goals = list(zip(TIERS, self._values, self._bounds, strict=True))
        still = (one for one in goals if one[1] is None or one[1] != one[2])
        self._heard(Standing(*next(still, goals[-1]), first=(self._values[0], self._bounds[0])))


def solve_aimed(
    solution: Solution, aim: Objectives, options: Options, start: engine.Start | None = None
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
        placements=placements_of(book, model, chosen),
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
    locks, ids = book.problem["locks"], book.encoded.citizens.ids
    where = dict(zip(locks["citizen_id"], locks["opening_id"], strict=True))
    return tuple((str(ids[one]), str(where[ids[one]])) for one in citizens)


def _trivial_bound(model: Model, tier: int) -> int:
    """Best gain of every group: a bound that needs no solver. Nothing costs less than nothing."""
    if not model.program.senses[tier]:
        return 0
    best = np.zeros(model.program.n_groups, dtype=np.int64)
    np.maximum.at(best, model.program.group, model.program.gains[tier])
    return int(best.sum())


def placements_of(
    book: OfferBook, model: Model, chosen: npt.NDArray[np.int64]
) -> tuple[Placement, ...]:
    """Return what offers are as placements, in their order."""
    offers, encoded, problem = book.offers, book.encoded, book.problem
    teams = problem["teams"]["team_id"].tolist()
    pools = problem["mentor_pools"]["pool_id"].tolist()
    courses = problem["courses"]["course_id"].tolist()
    costs = offer_costs(book)
    return tuple(
        Placement(
            citizen_id=encoded.citizens.ids[offers.citizen[at]],
            opening_id=encoded.openings.ids[offers.opening[at]],
            measure=encoded.measures[offers.measure[at]],
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
            "columns": answer.program.n_columns,
            "counts": dict(answer.counts),
            "limit": limit.value if (limit := answer.termination.limit) is not None else None,
            "phase_times": {name: round(took, 4) for name, took in answer.phase_times.items()},
            "program_digest": answer.program.digest(),
        },
        "phase_times": {name: round(took, 4) for name, took in times.items()},
    }
