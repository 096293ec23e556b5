"""How sure a proposal is, and what else there is: exact costs to the whole.

The *margin* of a proposal is what the best plan loses when its citizen may not have its opening,
which is what a rejection does. An *alternative* of a citizen is another opening; its cost is what
the plan loses when he is placed there. Alternatives are found cheapest first, each by solving the
week again with the citizen placed and the openings before it barred: no other opening is cheaper.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from matcher.again import Change, Resolver
from matcher.explain.why_not import Seat, seat

Ints = npt.NDArray[np.int64]

ALTERNATIVES = 3
"""Alternatives told for a proposal."""


@dataclass(frozen=True)
class Alternative:
    """Another opening for a citizen who has a proposal."""

    seat: Seat
    """The best offer there, in the best plan that has it."""
    cost: tuple[int, int]
    """What the plan loses in placements (or priority) and fit; 0 or more in placements, and where
    that is 0, 0 or more in fit."""
    proven: bool
    """Whether the cost is exact; else it is at most this, or ``at_least``."""
    at_least: bool = False
    """Whether the cost is a lower bound, from the prices of the week: it was not solved for."""


@dataclass(frozen=True)
class Margin:
    """How much hangs on one proposal."""

    citizen_id: str
    opening_id: str
    locked: bool
    """Whether a lock fixed it; then nothing else is asked."""
    cost: tuple[int, int] | None
    """What the best plan loses without it, in placements (or priority) and fit; None: locked."""
    proven: bool
    """Whether the cost is exact; else it is at most this."""
    stays: bool
    """Whether the best plan without it places the citizen elsewhere."""
    alternatives: tuple[Alternative, ...]
    """Cheapest first."""


def margins(
    resolver: Resolver,
    citizens: Ints | None = None,
    *,
    alternatives: int = ALTERNATIVES,
    bounded: int = 0,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Margin, ...]:
    """Margin and alternatives of each proposal, in the plan's order.

    Parameters
    ----------
    citizens
        Positions of the citizens asked about; None: everybody with a proposal.
    alternatives
        Most alternatives of each, solved for.
    bounded
        Alternatives of each in all, where more are told by a lower bound on their cost alone; the
        one that the best plan without the proposal holds is exact by itself.
    workers
        Proposals looked at at a time; None: one for each processor. The same answer whatever it is,
        as long as the resolver's options hold no seconds.
    progress
        Called with (proposals done, in all).
    """
    solution = resolver.solution
    columns = solution.chosen
    if citizens is not None:
        columns = columns[np.isin(solution.book.offers.citizen[columns], citizens)]
    one = partial(_margin, most=alternatives, bounded=bounded)
    found = []
    for margin in resolver.each(columns.tolist(), one, workers):
        found.append(margin)
        if progress is not None:
            progress(len(found), len(columns))
    return tuple(found)


def _margin(resolver: Resolver, column: int, most: int, bounded: int) -> Margin:
    solution = resolver.solution
    offers, encoded = solution.book.offers, solution.book.encoded
    i = int(offers.citizen[column])
    citizen_id = str(encoded.citizens.ids[i])
    opening_id = str(encoded.openings.ids[offers.opening[column]])
    if solution.model.locked[i]:
        return Margin(citizen_id, opening_id, True, None, True, True, ())
    own = resolver.offers_of(i)
    opening_of = encoded.openings.ids[offers.opening[own]]
    without = resolver.solve(Change(barred=((citizen_id, opening_id),)))
    change = without.change(resolver.base)
    placed = without.offer_of(i)
    found: list[Alternative] = []
    tried = [opening_id]
    everywhere = set(opening_of.tolist())
    free, more = bool(bounded and placed is not None), bounded
    while len(tried) < len(everywhere) and (len(found) < most or (free and not found)):
        if not found and placed is not None:
            # The best plan without it places him: no opening can cost less.
            there, resolved = placed, without
        else:
            barred = tuple((citizen_id, opening) for opening in tried)
            resolved = resolver.solve(Change(barred=barred, must_place=(citizen_id,)))
            at = resolved.offer_of(i)
            if at is None:
                if resolved.proven:  # no plan has him anywhere else
                    more = 0
                break
            there = at
        cost = resolved.change(resolver.base)
        found.append(
            Alternative(seat(resolver, resolved, there), (-cost[0], -cost[1]), resolved.proven)
        )
        tried.append(found[-1].seat.opening_id)
    # Nothing that is left costs less than what was found before it, nor than the margin.
    last, exact = (found[-1].cost, found[-1].proven) if found else (
        (-change[0], -change[1]), without.proven
    )  # fmt: skip
    found += _bounded(
        resolver,
        own[~np.isin(opening_of, tried)],
        max(0, more - len(found)),
        last if exact else (0, 0),
    )
    return Margin(
        citizen_id,
        opening_id,
        locked=False,
        cost=(-change[0], -change[1]),
        proven=without.proven,
        stays=placed is not None,
        alternatives=tuple(found),
    )


def _seat(resolver: Resolver, column: int) -> Seat:
    book = resolver.solution.book
    return Seat(
        str(book.encoded.openings.ids[book.offers.opening[column]]),
        book.encoded.measures[book.offers.measure[column]],
        int(book.offers.fit[column]),
    )


def _bounded(
    resolver: Resolver, offers: Ints, most: int, floor: tuple[int, int]
) -> list[Alternative]:
    """Alternatives by what their best offers lose at the week's prices, least first.

    None costs less than ``floor``, which is exact.
    """
    loss = resolver.loses_at_least(offers) if most and len(offers) else None
    if loss is None:
        return []
    opening = resolver.solution.book.offers.opening[offers]
    order = np.lexsort((offers, loss))
    _, first = np.unique(opening[order], return_index=True)
    best = order[np.sort(first)]
    return [
        Alternative(
            _seat(resolver, int(offers[at])),
            max(floor, (0, max(0, int(np.ceil(loss[at]))))),
            proven=False,
            at_least=True,
        )
        for at in best[:most].tolist()
        if np.isfinite(loss[at])
    ]


def triage(margin: Margin, close: int, sure: int) -> str:
    """Sort a proposal by its margin: ``locked``, ``close``, ``middle`` or ``sure``.

    Parameters
    ----------
    close, sure
        Points of fit up to which it is close, and from which it is sure.
    """
    if margin.cost is None:
        return "locked"
    if margin.cost[0] > 0 or margin.cost[1] >= sure:
        return "sure"
    return "close" if margin.cost[1] <= close else "middle"
