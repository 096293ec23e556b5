"""Trade-off curves: what more placements cost in fit, in DKK, or for a group's floor.

Each point is an exact solve under :class:`~matcher.objectives.Objectives` of its own (the
epsilon-constraint method), held against the independent check, and says whether it is proven. A
point is the best in either goal given the other (a floor is raised as long as nobody is lost by it,
more are placed where they cost nothing more). Points that another one beats are left out, so what
remains is a Pareto front.

==========  ================================================================================
against     each point
==========  ================================================================================
``fit``     exactly k placements, with the highest total (so the highest mean) fit
``floor``   nobody below a floor of fit, with the most placements, then the highest such floor
``cost``    exactly k placements, with the lowest cost in DKK a week, then the most for that cost
``group``   at least g placements from a group, with the most placements, then the best fit:
            the price of fairness
==========  ================================================================================
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from matcher.again import Resolver
from matcher.errors import InternalError, OptionError
from matcher.objectives import COST, PEOPLE, Objectives, group_goals
from matcher.plan import Plan
from matcher.row_kinds import BUDGET, ROW_KINDS
from matcher.solve import Options, Solution
from matcher.texts import Message
from matcher.verify import verify

Against = Literal["fit", "floor", "cost", "group"]
AGAINST: tuple[Against, ...] = ("fit", "floor", "cost", "group")
SCHEMA_VERSION = 2

COLUMNS: Mapping[str, str] = {
    "placements": "int64",
    "value": "float64",
    "bound": "float64",
    "proven": "bool",
    "fit": "int64",
    "step": "float64",
}
"""Columns of :attr:`Front.points`."""
EVERYTHING = "everything"
"""All of :func:`limits` at once."""


LOW: tuple[Against, ...] = ("cost",)
"""Fronts whose value is better the lower it is."""


def limits() -> tuple[str, ...]:
    """Kinds of rows that a municipality can have more of; what law and openings allow is not."""
    told = sorted(ROW_KINDS.values(), key=lambda kind: kind.told)
    return tuple(kind.id for kind in told if kind.more == "decided")


@dataclass(frozen=True, eq=False)
class Front:
    """One trade-off curve."""

    against: Against
    """What is traded against placements."""
    group: str = ""
    """The group whose floor is raised, ``COLUMN=VALUE``; empty for the other fronts."""
    points: pd.DataFrame = field(default_factory=lambda: _points([]), repr=False)
    """A row per point, fewest placements first. ``value`` is the mean fit, the floor of fit, DKK a
    week, or placements from the group; ``bound`` is what no plan with these placements can pass;
    ``fit`` is the total fit; ``step`` is the value lost for each placement gained since the point
    before (for ``group``: points of fit lost for each placement of the group gained)."""
    plan: Mapping[str, float] = field(default_factory=dict)
    """Where the week's own plan stands: ``placements``, ``value``, ``fit``."""
    beyond: tuple[Mapping[str, Any], ...] = ()
    """Against cost: what would be possible beyond the last point if one kind of row had no limit,
    or ``everything``: ``without`` (the kind), ``placements``, ``more`` than the last point,
    ``value`` (DKK a week), ``step`` (DKK a week for each one more), ``proven``; most first. Kinds
    that bring nobody alone are not in it."""
    beaten: int = 0
    """Points that were solved and left out because another one beats them."""
    seconds: float = 0.0
    """Time it took."""

    @property
    def proven(self) -> bool:
        """Whether every point is proven."""
        return bool(self.points["proven"].all()) and all(row["proven"] for row in self.beyond)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON values; :meth:`from_dict` reads it back."""
        plain = {name: value for name, value in self.__dict__.items() if name != "points"}
        points = {str(name): self.points[name].tolist() for name in self.points.columns}
        points["step"] = [None if np.isnan(step) else step for step in points["step"]]
        return {
            "schema_version": SCHEMA_VERSION,
            **plain,
            "plan": dict(self.plan),
            "beyond": [dict(row) for row in self.beyond],
            "points": points,
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Front:
        """Read back what :meth:`to_dict` gave.

        Raises
        ------
        ValueError
            Made by another version of this record.
        """
        if plain.get("schema_version") != SCHEMA_VERSION:
            message = f"front of version {plain.get('schema_version')}, expected {SCHEMA_VERSION}"
            raise ValueError(message)
        given = {name: value for name, value in plain.items() if name != "schema_version"}
        columns = given["points"]
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        beyond = tuple(given.get("beyond", ()))
        return cls(**{**given, "points": _points(rows), "beyond": beyond})


def frontier(
    solution: Solution,
    against: Against,
    *,
    points: int = 9,
    group: tuple[str, str] | None = None,
    share: float = 0.5,
    free_budgets: bool = False,
    options: Options | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Front:
    """Trade placements against fit, a floor of fit, cost, or a floor for a group.

    Parameters
    ----------
    solution
        The week as :func:`matcher.solve.solve` answered it; its plan must be there.
    against
        What to trade.
    points
        Points to solve, 2-200, evenly spread; fewer where there are fewer.
    group
        Column and value of the citizens' table, for ``group``.
    share
        Where the curve against fit begins: share of the most placements, 0-1.
    free_budgets
        Leave the budgets out, to see what placements would cost beyond them (``cost`` only).
    options
        Limits of the engine for each point.
    progress
        Called with (points done, points in all).

    Raises
    ------
    OptionError
        An unknown front or group, a number out of range, a week without a plan.
    InternalError
        A point does not pass the independent check.
    """
    if against not in AGAINST:
        raise OptionError(Message("front.against", against=against, known=tuple(AGAINST)))
    if not 2 <= points <= 200:
        raise OptionError(Message("front.points", points=points))
    if not 0 <= share <= 1:
        raise OptionError(Message("front.share", share=share))
    if (group is None) == (against == "group"):
        raise OptionError(Message("front.group"))
    solution.plan.need_no_clash()
    if not solution.plan.has_plan:
        raise OptionError(Message("front.no_plan"))
    started = time.perf_counter()
    solver = _Solver(solution, options, progress or (lambda done, total: None))
    goals = group_goals(*group) if group else ("", "")
    if against == "fit":
        found = _against_fit(solver, points, share)
    elif against == "floor":
        found = _against_floor(solver, points)
    elif against == "cost":
        solver.after = 1 + len(_lifted(solver, free_budgets))
        found = _against_cost(solver, points, free_budgets)
    else:
        found = _against_group(solver, points, goals)
    kept = _unbeaten(found, against)
    beyond = _beyond(solver, kept[-1], free_budgets) if against == "cost" and kept else ()
    name = goals[0].removeprefix(f"{PEOPLE}[").removesuffix("]")
    return Front(
        against=against,
        group=name,
        points=_points([asdict(point) for point in kept], against),
        plan=_plan_mark(solution, against, goals[0]),
        beyond=beyond,
        beaten=len(found) - len(kept),
        seconds=round(time.perf_counter() - started, 3),
    )


@dataclass(frozen=True)
class _Point:
    placements: int
    value: float
    bound: float
    proven: bool
    fit: int


class _Solver:
    """Solves points one after the other, each checked; tells how far it is."""

    def __init__(
        self, solution: Solution, options: Options | None, progress: Callable[[int, int], None]
    ) -> None:
        self.solution, self._progress = solution, progress
        self._again = Resolver(solution, options)
        self._done = self._points = 0
        self.after = 0
        """Steps that come after those of the points."""

    @property
    def rules(self) -> tuple[str, ...]:
        """Kind of each row."""
        return self.solution.model.rules

    @property
    def most(self) -> int:
        return len(self.solution.plan.placements)

    def probe(self, aim: Objectives) -> Plan:
        """Ask what is possible; nothing of the answer's plan is shown, so it needs no check."""
        found = self._again.aimed(aim)
        found.plan.need_no_clash()
        return found.plan

    def solve(self, aim: Objectives) -> Plan:
        """Solve a point, and hold it against the independent check."""
        plan = self.probe(aim)
        wrong = [v for v in verify(self.solution.problem, plan) if v.rule not in aim.without]
        if wrong:
            raise InternalError(
                f"a point of a front does not pass its check: {wrong[0].message}"
                f" (and {len(wrong) - 1} more)"
            )
        return plan

    def step(self, points: int | None = None) -> None:
        """Tell that a step is done: one of so many for the points, or one that comes after them."""
        self._done, self._points = self._done + 1, points or self._points
        total = self._points + self.after
        self._progress(min(self._done, total), total)


def _against_fit(solver: _Solver, points: int, share: float) -> list[_Point]:
    found = []
    counts = [k for k in _spread(round(solver.most * share), solver.most, points) if k]
    for k in counts:
        plan = solver.solve(Objectives((PEOPLE, "fit"), {PEOPLE: k}))
        if plan.has_plan and plan.placements:
            placed, fit = plan.value(PEOPLE), plan.value("fit")
            bound = plan.bound("fit") / placed
            found.append(_Point(placed, fit / placed, bound, plan.proven, fit))
        solver.step(len(counts))
    return found


def _against_floor(solver: _Solver, points: int) -> list[_Point]:
    low = solver.solution.problem.policy.fit.floor
    # A plan's lowest fit is the fit of an offer.
    values = np.unique(solver.solution.book.offers.fit)
    values = values[values >= low].tolist()
    if not values:
        return []
    asked = sorted({
        bisect_left(values, floor) for floor in _spread(low, values[-1], points)
    })  # fmt: skip
    plans: dict[int, Plan] = {}
    for at in asked:
        plan = solver.solve(Objectives((PEOPLE, "fit"), fit_floor=values[at]))
        if plan.has_plan:
            plans[at] = plan
        solver.step(2 * len(asked))
    # Of floors that as many can stand above only the highest is worth raising.
    last = {plan.value(PEOPLE): at for at, plan in plans.items()}
    found = []
    for placed, at in last.items():
        fewer = [other for other in plans if other > at and plans[other].bound(PEOPLE) < placed]
        found.append(_raised(solver, values, at, plans[at], min(fewer, default=len(values))))
        solver.step(len(asked) + len(last))
    return found


def _raised(solver: _Solver, values: list[int], at: int, plan: Plan, above: int) -> _Point:
    """Raise a floor of fit as long as as many are placed.

    Parameters
    ----------
    values
        Floors there are, sorted.
    at, plan
        A floor, by position, and its plan.
    above
        A higher floor, by position, that is known to place fewer.
    """
    placed = plan.value(PEOPLE)
    own = min((one.fit for one in plan.placements if not one.locked), default=values[at])
    start = good = max(at, bisect_left(values, own))
    ruled_out = above
    bad = above
    while good + 1 < bad:
        middle = (good + bad) // 2
        probe = solver.probe(Objectives((PEOPLE,), fit_floor=values[middle]))
        if probe.has_plan and probe.value(PEOPLE) >= placed:
            good = middle
            continue
        bad = middle
        if probe.has_plan and probe.bound(PEOPLE) < placed:
            ruled_out = middle
    if good > start:
        # Higher than its own: a plan that is shown is solved with its fit, and checked.
        plan = solver.solve(Objectives((PEOPLE, "fit"), fit_floor=values[good]))
    bound = values[min(ruled_out, len(values)) - 1]
    proven = plan.proven and ruled_out == good + 1
    return _Point(placed, values[good], bound, proven, plan.value("fit"))


def _against_cost(solver: _Solver, points: int, free_budgets: bool) -> list[_Point]:
    without = (BUDGET.id,) if free_budgets else ()

    def point(plan: Plan) -> _Point:
        fit = sum(placement.fit for placement in plan.placements)
        cost, bound = plan.value(COST), plan.bound(COST)
        return _Point(plan.value(PEOPLE), cost, bound, plan.proven, fit)

    def solved(limits: dict[str, int]) -> Plan:
        return solver.solve(Objectives((PEOPLE, COST), limits, without=without))

    ends = [plan for limits in ({COST: 0}, {}) if (plan := solved(limits)).has_plan]
    if not ends:
        return []
    first, last = (plan.value(PEOPLE) for plan in (ends[0], ends[-1]))
    found = [point(plan) for plan in ends]
    between = _spread(first, last, points)[1:-1]
    for k in between:
        plan = solved({PEOPLE: k})
        if plan.has_plan:
            # Where more can be placed at that cost, they are.
            more = solved({COST: plan.value(COST)})
            found.append(point(more if more.has_plan and more.proven else plan))
        solver.step(len(between))
    return found


def _lifted(solver: _Solver, free_budgets: bool) -> list[str]:
    """Kinds of limits of the week that are lifted; of budgets only where they hold."""
    there = set(solver.rules) - ({BUDGET.id} if free_budgets else set())
    return [kind for kind in limits() if kind in there]


def _beyond(solver: _Solver, last: _Point, free_budgets: bool) -> tuple[Mapping[str, Any], ...]:
    """Lift one kind of limit after the other, and all at once: who more could be placed then."""
    base = (BUDGET.id,) if free_budgets else ()
    kinds = _lifted(solver, free_budgets)
    found: list[dict[str, Any]] = []

    def lifted(name: str, without: tuple[str, ...]) -> int:
        plan = solver.solve(Objectives((PEOPLE, COST), without=(*base, *without)))
        solver.step()
        if not plan.has_plan:
            return 0
        placed, value = plan.value(PEOPLE), plan.value(COST)
        more = placed - last.placements
        if more > 0:
            found.append({
                "without": name, "placements": placed, "more": more, "value": value,
                "step": round((value - last.value) / more, 2), "proven": plan.proven,
            })  # fmt: skip
        return more

    # Where everything together brings nobody, no part of it does.
    if kinds and lifted(EVERYTHING, tuple(kinds)) > 0 and len(kinds) > 1:
        for kind in kinds:
            lifted(kind, (kind,))
    return tuple(sorted(found, key=lambda row: (-row["placements"], row["step"], row["without"])))


def _against_group(solver: _Solver, points: int, goals: tuple[str, str]) -> list[_Point]:
    """At least g of the group: t placements are possible exactly when t - g others are enough.

    So the floor is tried with t = the most placements, and where at most t - g others leave fewer
    than t, with one less, until a total holds. Each step proves that the total before was too
    many.
    """
    inside, others = goals
    own = _count(solver.solution, inside)
    most = solver.probe(Objectives((inside,)))
    floors = _spread(own, max(own, most.value(inside) if most.has_plan else own), points)
    found: list[_Point] = []
    total = solver.most
    for floor in floors:
        while total >= floor:
            plan = solver.solve(Objectives((PEOPLE, "fit", inside), {others: total - floor}))
            if not plan.has_plan:
                break
            tier = plan.tiers[0]
            if tier.value >= total or not tier.proven:
                placed = tier.value
                bound = plan.bound(inside) if plan.proven else tier.bound
                found.append(
                    _Point(placed, plan.value(inside), bound, plan.proven, plan.value("fit"))
                )
                break
            total -= 1
        solver.step(len(floors))
    return found


def _count(solution: Solution, goal: str) -> int:
    from matcher.objectives import gain_of

    return int(gain_of(goal, solution.book, solution.model)[solution.chosen].sum())


def _plan_mark(solution: Solution, against: Against, goal: str) -> dict[str, float]:
    placements = solution.plan.placements
    # The plan's own second tier, as the points: what keeping proposals is worth is in it.
    fit = solution.plan.value("fit")
    values: dict[Against, Callable[[], float]] = {
        "fit": lambda: fit / max(1, len(placements)),
        "floor": lambda: min((placement.fit for placement in placements), default=0),
        "cost": lambda: sum(sum(placement.cost.values()) for placement in placements),
        "group": lambda: _count(solution, goal),
    }
    return {"placements": len(placements), "value": values[against](), "fit": fit}


def _spread(low: int, high: int, points: int) -> list[int]:
    """Whole numbers from low to high, both among them, evenly spread."""
    return sorted({round(number) for number in np.linspace(low, high, points)})


def _unbeaten(points: list[_Point], against: Against) -> list[_Point]:
    """Points that no other is as good as in everything and better in something.

    Against a group the total fit counts too: at equal placements, more of the group costs fit.
    """
    sign = -1 if against in LOW else 1
    third = against == "group"
    marks = {(p.placements, sign * p.value, p.fit if third else 0): p for p in points}
    kept = [
        point
        for mark, point in marks.items()
        if not any(
            other != mark and all(a >= b for a, b in zip(other, mark, strict=True))
            for other in marks
        )
    ]
    return sorted(kept, key=lambda p: (p.placements, -sign * p.value, p.fit))


def _points(rows: list[dict[str, Any]], against: Against | None = None) -> pd.DataFrame:
    frame = pd.DataFrame({
        name: pd.Series([row.get(name) for row in rows], dtype=kind)
        for name, kind in COLUMNS.items()
    })  # fmt: skip
    if against == "group":
        frame = frame.sort_values(["value", "placements"], ignore_index=True)
        frame["step"] = -frame["fit"].diff() / frame["value"].diff()
    elif against is not None:
        sign = 1 if against in LOW else -1
        frame["step"] = sign * frame["value"].diff() / frame["placements"].diff()
    return frame
