"""The smallest change that helps: what would place a citizen without taking another's place.

A change pulls one lever or two: of his situation (a level of Danish, hours, a paper, a longer way)
or of the municipality's (a class seat, a mentor hour, a seat, a measure accepted). It *works* when
there is a plan that places him and everybody who is placed now. Since only one more citizen can
have gained offers, no plan of the changed week places more than one more: a plan that does is as
good as any in the first goal.

How a change is decided, cheapest first:

1. an offer it opens fits beside the plan as it is: it works, and nobody moves;
2. the prices of the first goal, a bound on every plan over those citizens, stay below one more:
   it cannot work;
3. else the changed week is solved again over those citizens alone
   (:mod:`matcher.explain.moving`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher.again import Resolver
from matcher.explain.counterfactuals import (
    LEVERS,
    Counterfactual,
    build_world,
    cost_of,
    lever_of,
    person_levers,
    row_levers,
    shares_care,
    step_of,
)
from matcher.explain.moving import (
    Unlock,
    municipal,
    solved,
    steps_of,
)
from matcher.explain.why_not import Seat
from matcher.solve import Solution

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MOST_TOLD = 3
"""Changes of each size told for a citizen, one of each kind."""
MOST_KEPT = 30
"""Sets of levers of each size kept for a citizen while they are gathered."""
BLOCK = 150
"""Citizens whose variants are made together: bounds the memory."""
_SLACK = 1e-3
_PLENTY = np.iinfo(np.int64).max // 4


@dataclass(frozen=True)
class Unlocked:
    """What would help one citizen."""

    citizen_id: str
    singles: tuple[Unlock, ...]
    """Single changes, cheapest first."""
    pairs: tuple[Unlock, ...]
    """Pairs of changes of which neither half was found to work alone, cheapest first."""
    opened: Mapping[str, int]
    """Openings that become possible by each lever on his situation."""
    alone: tuple[str, ...] = ()
    """Every lever on his situation that was shown to work by itself, by name."""
    undecided: tuple[str, ...] = ()
    """Those that were neither shown to work nor not to; ``municipal``: whether a change of the
    municipality's works for which others move."""

    @property
    def unsettled(self) -> int:
        """How many were left undecided."""
        return len(self.undecided)


@dataclass(eq=False)
class _Found:
    """Changes of one citizen while they are gathered."""

    works: dict[tuple[str, ...], Unlock] = field(default_factory=dict)
    """Those that fit beside the plan, by the names of their levers."""
    opened: dict[str, int] = field(default_factory=dict)
    alone: set[str] = field(default_factory=set)
    """Levers on his situation with an offer that fits beside the plan as it is."""
    hopeful: set[str] = field(default_factory=set)
    """Levers that the prices of the first goal do not rule out by themselves."""


def unlocking(
    resolver: Resolver,
    citizens: Ints | None = None,
    *,
    pairs: bool = True,
    solves: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Unlocked, ...]:
    """Find the cheapest changes that place each citizen without taking another's place.

    Parameters
    ----------
    citizens
        Positions of the citizens; None: everybody without a proposal who is in no placement.
    pairs
        Whether pairs of levers on a citizen are tried; pairs with a lever on a resource always are.
    solves
        Most levers on his situation solved for, cheapest first; what is then left open is told in
        ``undecided``. Where any are, the cheapest single change of the municipality's for which
        others must move is solved for as well.
    progress
        Called with (citizens done, in all).
    """
    solution = resolver.solution
    waiting = without_place(solution)
    asked = waiting if citizens is None else np.intersect1d(waiting, citizens)
    gauge = _Gauge(resolver)
    found: list[Unlocked] = []
    for at in range(0, len(asked), BLOCK):
        found += _block(gauge, asked[at : at + BLOCK], pairs, solves)
        if progress is not None:
            progress(min(len(asked), at + BLOCK), len(asked))
    return tuple(found)


def without_place(solution: Solution) -> Ints:
    """Positions of citizens without a proposal and without a running placement."""
    placed = solution.book.encoded.citizens.placed > 0
    placed[solution.book.offers.citizen[solution.chosen]] = True
    return np.flatnonzero(~placed).astype(np.int64)


class _Gauge:
    """What is left beside the plan, and the prices that bound what can be."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.solution = solution = resolver.solution
        self.policy = solution.problem.policy
        model = solution.model
        self.room = np.where(model.floors, _PLENTY, model.capacity - model.used(solution.chosen))
        bought = row_levers(self.policy)
        self.step = np.array(
            [step_of(self.policy, rule) * bought[rule].scale if rule in bought else 0
             for rule in model.rules], dtype=np.int64,
        )  # fmt: skip
        self.cost = np.array(
            [cost_of(self.policy, rule) if rule in bought else 0 for rule in model.rules],
            dtype=np.int64,
        )
        self.shares = shares_care(solution.problem)
        placed = np.zeros(len(solution.book.encoded.citizens.ids), dtype=np.bool_)
        placed[solution.book.offers.citizen[solution.chosen]] = True
        # A bound on every plan over those placed now.
        self.prices, self.bound = resolver.most_placed(placed)

    def needs(self, uses: sp.csr_array) -> tuple[sp.csc_array, Ints, Ints]:
        """Rows that lack room for each offer: which, how many (99: past help), and their cost."""
        entries = uses.tocoo()
        row, column = (np.asarray(where, dtype=np.int64) for where in entries.coords)
        short = entries.data - self.room[row]
        lacking = short > 0
        width = uses.shape[1]
        never = np.bincount(column[lacking & (short > self.step[row])], minlength=width) > 0
        count = np.bincount(column[lacking], minlength=width).astype(np.int64)
        price = np.zeros(width, dtype=np.int64)
        np.add.at(price, column[lacking], self.cost[row[lacking]])
        part = sp.coo_array(
            (np.ones(int(lacking.sum()), dtype=np.int64), (row[lacking], column[lacking])),
            shape=uses.shape,
        ).tocsc()
        return part, np.where(never, 99, count), price


def _block(gauge: _Gauge, citizens: Ints, pairs: bool, solves: int) -> Iterator[Unlocked]:
    levers = person_levers(gauge.policy)
    singles = [(), *((lever,) for lever in levers)]
    found = {int(i): _Found() for i in citizens}
    actual = build_world(gauge.solution, citizens, singles)
    if actual is not None:
        _count_opened(gauge, actual, found)
        _rule_out(gauge, actual, found)
        _gather(gauge, actual, found)
    larger = build_world(gauge.solution, citizens, singles, larger=True)
    if larger is not None:
        _gather(gauge, larger, found)
    if pairs:
        both = list(itertools.combinations_with_replacement(levers, 2))
        world = build_world(gauge.solution, citizens, both)
        if world is not None:
            _gather(gauge, world, found)
    for i in citizens.tolist():
        yield _settled(gauge, i, found[i], levers, solves)


def _count_opened(gauge: _Gauge, world: Counterfactual, found: Mapping[int, _Found]) -> None:
    """Count the openings each lever makes possible: with an offer that had none before."""
    width = len(gauge.solution.book.encoded.openings.ids)
    offers = world.book.offers
    now = np.unique(
        gauge.solution.book.offers.citizen.astype(np.int64) * width
        + gauge.solution.book.offers.opening
    )
    pair = world.citizen[offers.citizen] * width + offers.opening
    fresh = ~np.isin(pair, now)
    seen = np.unique(offers.citizen[fresh].astype(np.int64) * width + offers.opening[fresh])
    for variant, count in zip(*np.unique(seen // width, return_counts=True), strict=True):
        (lever,) = world.levers[variant]
        found[int(world.citizen[variant])].opened[lever] = int(count)


def _rule_out(gauge: _Gauge, world: Counterfactual, found: Mapping[int, _Found]) -> None:
    """Note the levers that the bound of the prices leaves a plan with one more placed."""
    gains, group = world.offers.gains[0], world.book.offers.citizen
    worth = gains - world.offers.uses.T @ gauge.prices
    best = np.zeros(len(world.levers))
    np.maximum.at(best, group, worth)
    counts = np.zeros(len(world.levers), dtype=np.int64)
    np.maximum.at(counts, group, gains)
    short = gauge.bound + best < gauge.resolver.base[0] + counts - _SLACK
    for variant in np.flatnonzero(~short & (counts > 0)).tolist():
        found[int(world.citizen[variant])].hopeful.update(world.levers[variant])


def _gather(gauge: _Gauge, world: Counterfactual, found: Mapping[int, _Found]) -> None:
    """Keep, for each citizen, the cheapest sets of levers whose offers fit beside the plan."""
    offers = world.book.offers
    short, lacking, row_cost = gauge.needs(world.offers.uses)
    pulled = np.array([len(levers) for levers in world.levers], dtype=np.int64)
    priced = np.array(
        [sum(cost_of(gauge.policy, lever) for lever in levers) for levers in world.levers],
        dtype=np.int64,
    )
    size = pulled[offers.citizen] + world.unasked + lacking
    measure = gauge.policy.unlocking.costs.get("measure", 0)
    cost = priced[offers.citizen] + world.unasked * measure + row_cost
    citizen = world.citizen[offers.citizen]
    # Rows that bind the adults of a home are not in this world: those citizens are solved.
    fits = (size >= 1) & (size <= 2) & ~gauge.shares[citizen]
    for variant in np.unique(offers.citizen[fits & (size == 1) & (pulled[offers.citizen] == 1)]):
        found[int(world.citizen[variant])].alone.update(world.levers[variant])
    kept = np.flatnonzero(fits)
    if not len(kept):
        return
    opening = offers.opening.astype(np.int64)
    asked = np.where(world.unasked, opening * len(world.book.encoded.measures) + offers.measure, -1)
    key = np.stack([offers.citizen[kept].astype(np.int64), asked[kept], *_first_two(short, kept)])
    # Within a set the best fit first; sets of a citizen by size and cost, then by that fit.
    order = np.lexsort((kept, -offers.fit[kept].astype(np.int64), *key[::-1]))
    kept, key = kept[order], key[:, order]
    first = np.flatnonzero(np.append(True, (key[:, 1:] != key[:, :-1]).any(axis=0)))
    last = np.append(first[1:], len(kept))
    best = kept[first]
    rank = np.lexsort(
        (best, -offers.fit[best].astype(np.int64), cost[best], size[best], citizen[best])
    )
    _, start = np.unique(np.stack([citizen[best[rank]], size[best[rank]]]), axis=1,
                         return_index=True)  # fmt: skip
    place = np.arange(len(rank)) - np.repeat(start, np.diff(np.append(start, len(rank))))
    for at in rank[place < MOST_KEPT].tolist():
        column = int(kept[first[at]])
        openings = len(np.unique(opening[kept[first[at] : last[at]]]))
        names = _names(gauge, world, column, short)
        mine = found[int(citizen[column])].works
        if names in mine and mine[names].openings >= openings:
            continue
        mine[names] = Unlock(
            steps=steps_of(gauge.policy, names),
            cost=int(cost[column]),
            openings=openings,
            seat=Seat(
                str(world.book.encoded.openings.ids[opening[column]]),
                world.book.encoded.measures[offers.measure[column]],
                int(offers.fit[column]),
            ),
            moves=0,
        )


def _first_two(short: sp.csc_array, columns: Ints) -> tuple[Ints, Ints]:
    """First and second row that lacks room for each offer; -1 for none."""
    start, count = short.indptr[columns], np.diff(short.indptr)[columns]
    rows = np.append(short.indices, [-1, -1]).astype(np.int64)
    return (
        np.where(count > 0, rows[start], -1),
        np.where(count > 1, rows[np.minimum(start + 1, len(rows) - 1)], -1),
    )


def _names(
    gauge: _Gauge, world: Counterfactual, column: int, short: sp.csc_array
) -> tuple[str, ...]:
    """Names of the levers an offer needs."""
    offers, encoded, model = world.book.offers, world.book.encoded, gauge.solution.model
    names = list(world.levers[offers.citizen[column]])
    if world.unasked[column]:
        opening = encoded.openings.ids[offers.opening[column]]
        names.append(f"measure:{opening}/{encoded.measures[offers.measure[column]]}")
    rows = short.indices[short.indptr[column] : short.indptr[column + 1]]
    names += [f"{model.rules[row]}:{model.keys[row]}" for row in sorted(rows.tolist())]
    return tuple(sorted(names))


def _settled(
    gauge: _Gauge, citizen: int, found: _Found, levers: Sequence[str], solves: int
) -> Unlocked:
    """Sort what works, drop what holds more than another that works, settle what is open."""
    works = dict(found.works)
    alone, undecided, moving = set(found.alone), [], solves > 0
    for lever in levers:
        if lever not in found.hopeful or lever in alone:
            continue
        if solves <= 0:
            undecided.append(lever)
            continue
        solves -= 1
        unlock = solved(gauge.resolver, citizen, (lever,))
        if unlock is not None:
            works[(lever,)] = unlock
            alone.add(lever)
    if moving:
        unlock, settled = municipal(gauge.resolver, citizen)
        if not settled:
            undecided.append("municipal")
        known = [one.cost for names, one in works.items() if len(names) == 1
                 and lever_of(names[0]) not in LEVERS]  # fmt: skip
        if unlock is not None and unlock.cost < min(known, default=unlock.cost + 1):
            (step,) = unlock.steps
            works[(f"{step.lever}:{step.about}",)] = unlock
    order = sorted(works.items(), key=lambda item: (item[1].cost, -item[1].seat.fit, item[0]))
    singles = [unlock for names, unlock in order if len(names) == 1]
    enough = alone | {names[0] for names in works if len(names) == 1}
    pairs = [unlock for names, unlock in order if len(names) == 2 and not enough & {*names}]
    ids = gauge.solution.book.encoded.citizens.ids
    return Unlocked(
        citizen_id=str(ids[citizen]),
        singles=_one_of_each(singles),
        pairs=_one_of_each(pairs),
        opened=dict(found.opened),
        alone=tuple(lever for lever in levers if lever in alone),
        undecided=tuple(undecided),
    )


def _one_of_each(unlocks: Sequence[Unlock]) -> tuple[Unlock, ...]:
    """Cheapest change of each kind, at most so many kinds."""
    kinds: dict[tuple[str, ...], Unlock] = {}
    for unlock in unlocks:
        kinds.setdefault(tuple(step.lever for step in unlock.steps), unlock)
    return tuple(kinds.values())[:MOST_TOLD]
