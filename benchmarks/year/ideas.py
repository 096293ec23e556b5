"""Ways to plan that are held against the exact plan: the plainer ones, and what may beat prices.

Each is a way of the year with other keys of the policy's ``horizon``, or a function of a town and a
week, which another process can import.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from benchmarks.year.greedy import greedy
from benchmarks.year.worlds import World
from matcher.offers import Offers, build_offers
from matcher.problem import Problem
from matcher.solve import Options, solve_offers
from matcher.verify import ensure_verified
from scenarios.year import YearSpec
from scenarios.year.many import year_name
from scenarios.year.town import Town
from scenarios.year.ways import (
    Chosen,
    Way,
    choose,
    chosen_of,
    price_week,
    with_prices,
)

_NEW = 0.3
"""Share of a week's own prices in smoothed ones."""
_smoothed: WeakKeyDictionary[Town, Mapping[str, tuple[int, ...]]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Idea:
    """A way to plan, with what its policy changes."""

    name: str
    told: str
    way: Any = "prices"
    horizon: Mapping[str, Any] = field(default_factory=dict)
    plan: Callable[[Town, Problem], Chosen] | None = None

    def spec(self, world: World, seed: int, weeks: int) -> YearSpec:
        """One of its years."""
        return world.spec(seed, weeks, self.way, horizon=self.horizon)

    def kept_as(self, world: World, seed: int, weeks: int) -> str:
        """Name that one of its years is kept under."""
        return year_name(self.spec(world, seed, weeks), self.plan)


def smoothed(town: Town, problem: Problem) -> Chosen:
    """Plan with prices of one future a week, smoothed over the weeks before."""
    priced = price_week(town, problem)
    if priced is None:
        return choose("exact", town, problem)
    old, new = _smoothed.get(town, priced.prices), priced.prices
    mixed: dict[str, tuple[int, ...]] = {}
    for name in sorted({*old, *new}):
        length = max(len(one.get(name, ())) for one in (old, new))
        before, now = (np.array(one.get(name) or (0,) * length) for one in (old, new))
        curve = np.floor((1 - _NEW) * before + _NEW * now).astype(np.int64)
        if curve.any():
            mixed[name] = tuple(curve.tolist())
    _smoothed[town] = mixed
    return with_prices(problem, mixed, priced.survival)


def all_accept(town: Town, problem: Problem) -> Chosen:
    """Plan with prices of futures in which everybody accepts."""
    priced = price_week(town, problem, accepted=1.0)
    if priced is None:
        return choose("exact", town, problem)
    return with_prices(problem, priced.prices, priced.survival)


def fortnight(town: Town, problem: Problem) -> Chosen:
    """Plan with prices every second week, for two weeks' arrivals at once; nothing between."""
    if town.number % 2 == 0:
        return choose("prices", town, problem)
    book = build_offers(problem)
    none = np.zeros(0, dtype=np.int64)
    kept = Offers(**{one.name: getattr(book.offers, one.name)[none] for one in fields(Offers)})
    return chosen_of(problem, solve_offers(lambda: replace(book, offers=kept), Options()))


def backed_up(town: Town, problem: Problem) -> Chosen:
    """Plan with prices; what is declined is planned again in the same week, for those left."""
    return _twice("prices", town, problem)


def exact_backed_up(town: Town, problem: Problem) -> Chosen:
    """Plan as it is; what is declined is planned again in the same week, for those left."""
    return _twice("exact", town, problem)


def _twice(way: Way, town: Town, problem: Problem) -> Chosen:
    first = choose(way, town, problem)
    ensure_verified(first.problem, first.solution.plan)
    town.decide(first.solution.plan, first.lasting)
    return choose(way, town, town.problem())


EXACT = Idea("exact", "placements, then fit: the weekly plan as it is", "exact")
GREEDY = Idea("greedy", "by fit, best first, while there is room", "exact", plan=greedy)
PLAIN = Idea("plain", "placements, then the least of what is held, then fit", "plain")
PRICES = tuple(
    Idea(f"prices, {many} future{'s' * (many > 1)}", "in the second goal", "prices",
         {"futures": many}) for many in (1, 5, 15)
)  # fmt: skip
FIRST = tuple(
    Idea(f"first, {many} future{'s' * (many > 1)}", "prices in the first goal", "first",
         {"futures": many}) for many in (1, 5, 15)
)  # fmt: skip
NEAR = (
    Idea("weeks count less", "a week at work is worth 400 points, not 450", "prices",
         {"week_points": 400, "cap": 7000}),
    Idea("weeks count more", "a week at work is worth 500 points", "prices",
         {"week_points": 500, "cap": 9000}),
)  # fmt: skip
TRIED = (
    Idea("starts alone", "a start is worth 1000 points beside its fit, weeks at work nothing",
         "prices", {"start_points": 1000, "week_points": 0}),
    Idea("fit alone", "a start is worth its fit, weeks at work nothing", "prices",
         {"week_points": 0}),
    Idea("weeks count least", "a week at work is worth 300 points", "prices",
         {"week_points": 300, "cap": 5000}),
    *NEAR,
    Idea("weeks count most", "a week at work is worth 700 points", "prices",
         {"week_points": 700, "cap": 13_000}),
    Idea("whole hold", "26 weeks ahead: as long as mentor and class are held", "prices",
         {"weeks": 26, "cap": 15_000}),
    Idea("smoothed", "one future a week, smoothed over weeks", "prices", {"futures": 1},
         plan=smoothed),
    Idea("all accept", "futures in which everybody accepts", plan=all_accept),
    Idea("fortnight", "prices, planned every second week", plan=fortnight),
    Idea("backed up", "prices; what is declined is planned again in the same week",
         plan=backed_up),
    Idea("exact, backed up", "the same without prices", "exact", plan=exact_backed_up),
)  # fmt: skip
