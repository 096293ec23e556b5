"""Ways to plan a week: the best of each week, with prices of the weeks ahead, and plainer ones.

=============  ===================================================================================
``exact``      the weekly plan as it is: placements, then fit
``prices``     placements, then fit less the price of what is held in the weeks ahead
``plain``      placements, then the least of what is held (as a share of all there is), then fit
``first``      prices in the first goal: starts and fit less the price, in one sum
=============  ===================================================================================

``plain`` and ``first`` are for comparison and what-if: ``first`` may leave people waiting whom this
week could place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.held import lasting_costs
from matcher.horizon import Priced, accepted_share, freeze, price_ahead, stay_curves
from matcher.objectives import Objectives
from matcher.offers import OfferBook
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.row_kinds import BUDGET, MENTOR_HOURS, TEAM_SEATS
from matcher.solve import Solution, solve
from scenarios.year.town import Town

Way = Literal["exact", "prices", "plain", "first"]
WAYS: tuple[Way, ...] = get_args(Way)
Ints = npt.NDArray[np.int64]

_PLAIN_POINTS = 70
"""Points that a whole resource costs for a week under the plain rule; any number orders alike."""
_PLAIN = Objectives(goals=("placements", "price", "fit", "tie_break"))
_FIRST = Objectives(goals=("ahead", "tie_break"))


@dataclass(frozen=True, eq=False)
class Chosen:
    """A week's plan as a way to plan found it."""

    problem: Problem
    """What was solved: with prices in its policy where there are any."""
    solution: Solution
    lasting: Sequence[Mapping[str, int]]
    """Cost of each placement in each week it lasts, DKK by line."""
    priced: int = 0
    """Rows with a price."""


def choose(way: Way, town: Town, problem: Problem) -> Chosen:
    """Plan a week."""
    return _WAYS[way](town, problem)


def _exact(town: Town, problem: Problem) -> Chosen:
    return chosen_of(problem, solve(problem))


def _prices(town: Town, problem: Problem, aim: Objectives | None = None) -> Chosen:
    priced = price_week(town, problem)
    if priced is None:
        return _exact(town, problem)
    town.book.priced_kinds.update(name.partition("[")[0] for name in priced.prices)
    return with_prices(problem, priced.prices, priced.survival, aim)


def price_week(town: Town, problem: Problem, accepted: float | None = None) -> Priced | None:
    """Price what is held in the weeks after this one; None: too few weeks were seen.

    Parameters
    ----------
    accepted
        Share of proposals that are accepted. None: as the town has seen.
    """
    horizon, seen = problem.policy.horizon, town.seen()
    if horizon is None or len(seen.days) < horizon.fewest_seen:
        return None
    survival = stay_curves(problem.policy, town.stays)
    ahead = town.ahead(problem, survival, horizon.weeks)
    if accepted is None:
        accepted = accepted_share(problem.policy, *town.answers())
    return price_ahead(problem, seen, survival, ahead, accepted)


def with_prices(
    problem: Problem,
    prices: Mapping[str, Sequence[int]],
    survival: Mapping[str, Mapping[str, Sequence[int]]],
    aim: Objectives | None = None,
) -> Chosen:
    """Plan a week with prices frozen in its policy."""
    frozen = problem.replace(policy=freeze(problem.policy, prices, survival))
    return chosen_of(frozen, solve(frozen, aim=aim), len(prices))


def _first(town: Town, problem: Problem) -> Chosen:
    return _prices(town, problem, _FIRST)


def _plain(town: Town, problem: Problem) -> Chosen:
    policy = _plain_policy(town, problem)
    frozen = problem.replace(policy=policy)
    return chosen_of(frozen, solve(frozen, aim=_PLAIN))


def _plain_policy(town: Town, problem: Problem) -> Policy:
    """Price a unit of every held row by its share of all there is."""
    horizon = problem.policy.horizon
    assert horizon is not None
    prices = {
        name: (round(_PLAIN_POINTS * 1e6 / there),) * horizon.weeks
        for name, there in units_a_week(problem.tables, town.policy).items()
        if there > 0
    }
    survival = stay_curves(problem.policy, town.stays)
    policy = freeze(problem.policy, prices, survival)
    assert policy.horizon is not None
    keys = {"cap": 1000, "week_points": 0}
    return policy.model_copy(update={"horizon": policy.horizon.model_copy(update=keys)})


def units_a_week(tables: Mapping[str, pd.DataFrame], policy: Policy) -> dict[str, float]:
    """Say how much there is of every held row in a week: minutes, seats, DKK."""
    units: dict[str, float] = {}
    for kind in (MENTOR_HOURS, TEAM_SEATS):
        table = tables[kind.table]
        for key, there in zip(table[kind.key], table[kind.capacity] * kind.scale, strict=True):
            units[kind.row(str(key))] = float(there)
    for line, amount in policy.money.budgets.items():
        units[BUDGET.row(line)] = float(amount)
    return units


def chosen_of(problem: Problem, solution: Solution, priced: int = 0) -> Chosen:
    """Take a solved week as the plan of a way."""
    solution.plan.need_plan()
    return Chosen(problem, solution, _lasting(solution.book, solution.chosen), priced)


def _lasting(book: OfferBook, chosen: Ints) -> list[dict[str, int]]:
    costs = {line: cost[chosen] for line, cost in sorted(lasting_costs(book).items())}
    return [
        {line: int(cost[at]) for line, cost in costs.items() if cost[at]}
        for at in range(len(chosen))
    ]


_WAYS: dict[str, Callable[[Town, Problem], Chosen]] = {
    "exact": _exact,
    "prices": _prices,
    "plain": _plain,
    "first": _first,
}
