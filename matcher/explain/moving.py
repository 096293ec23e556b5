"""Changes that place a citizen only when others move: decided by solving the changed week.

A lever on his situation gives him other offers, and the week is solved again with those. A lever of
the municipality's is looked for among all at once: each is a column that adds units to its row, at
most one may be chosen, and the cheapest plan that places him and everybody placed now says which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.again import Change, Levers, NewOffers, Resolver, new_offers
from matcher.explain.counterfactuals import (
    build_world,
    changed_week,
    cost_of,
    lever_of,
    row_levers,
    shares_care,
    step_of,
)
from matcher.explain.why_not import Seat, moves
from matcher.offers import OfferBook, build_offers
from matcher.policy import Policy

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Step:
    """One lever pulled."""

    lever: str
    """The policy's lever: ``oral``, ``paper``, ``measure``, ``team_seats`` ..."""
    about: str
    """Paper, opening and measure (``O1/ordinary``), or key of the row; empty for the others."""
    amount: int
    """How much, in the lever's unit."""
    cost: int
    """DKK it is taken to cost."""


@dataclass(frozen=True)
class Unlock:
    """One change that works."""

    steps: tuple[Step, ...]
    cost: int
    """DKK in all."""
    openings: int
    """Openings at which it works without anybody moving; 0 where it was solved for."""
    seat: Seat
    """Where it would place him: the best fit among those."""
    moves: int
    """Others who would be at another opening or under another measure; all stay placed."""


def steps_of(policy: Policy, names: Sequence[str]) -> tuple[Step, ...]:
    """Levers by name, with how much each is and costs."""
    return tuple(
        Step(
            lever_of(name),
            name.partition(":")[2],
            step_of(policy, name),
            cost_of(policy, name),
        )
        for name in names
    )


def solved(resolver: Resolver, citizen: int, levers: Sequence[str]) -> Unlock | None:
    """Decide levers on a citizen's situation by solving the changed week.

    Everybody else without a proposal is left out: a plan that places them as well places him and
    everybody placed now when they stay away.

    Returns
    -------
    Unlock or None
        None: it was proven that no plan places him and everybody who is placed now.
    """
    solution = resolver.solution
    offers = changed_offers(resolver, citizen, levers)
    mine = offers.citizen == citizen
    if not mine.any():
        return None
    wanted = resolver.base[0] + int(offers.gains[0][mine].max())
    resolved = resolver.solve(
        Change(offers=offers, only=_placed_and(resolver, citizen)), named=True
    )
    if resolved.values[0] < wanted:
        return None
    told = moves(resolver, resolved, citizen)
    seat_there = next(move.after for move in told if move.after and move.before is None)
    return Unlock(
        steps=steps_of(solution.problem.policy, levers),
        cost=sum(cost_of(solution.problem.policy, name) for name in levers),
        openings=0,
        seat=seat_there,
        moves=len(told) - 1,
    )


def _placed_and(resolver: Resolver, citizen: int) -> set[str]:
    """Ids of everybody who has a proposal, and of a citizen."""
    placed = {one.citizen_id for one in resolver.solution.plan.placements}
    return placed | {str(resolver.solution.book.encoded.citizens.ids[citizen])}


def changed_offers(resolver: Resolver, citizen: int, levers: Sequence[str]) -> NewOffers:
    """Make the offers a citizen would have; those of the other adults at home are made again.

    They share rows that exist only where their offers could clash, so such rows come along.
    """
    problem = changed_week(resolver.solution.problem, [citizen], levers)
    table = problem["citizens"]
    home = table["household_id"].iloc[citizen]
    members = (table["household_id"] == home).to_numpy(np.bool_) if isinstance(home, str) else None
    at = np.array([citizen]) if members is None else np.flatnonzero(members)
    book = build_offers(problem.with_tables(citizens=table.iloc[at].reset_index(drop=True)))
    return new_offers(resolver.solution.model, book, at.astype(np.int64))


def municipal(resolver: Resolver, citizen: int) -> tuple[Unlock | None, bool]:
    """Find the cheapest single change of the municipality's, whoever has to move for it.

    Others move among the offers they have now.

    Returns
    -------
    tuple
        The change, and whether that is settled. None: no single lever on a row, nor a measure
        accepted for him, places him and everybody who is placed now.
    """
    model, policy = resolver.solution.model, resolver.solution.problem.policy
    bought = row_levers(policy)
    offers, unasked = _his_offers(resolver, citizen)
    rows = np.flatnonzero([rule in bought for rule in model.rules]).tolist()
    mine = offers.citizen == citizen
    if not mine.any() or not (rows or unasked.any()):
        return None, True
    levers = {model.names[row]: f"{model.rules[row]}:{model.keys[row]}" for row in rows}
    named = levers.values()
    step = [step_of(policy, name) * bought[lever_of(name)].scale for name in named]
    found, pulled = resolver.cheapest_lever(
        Change(offers=offers, only=_placed_and(resolver, citizen)),
        Levers(
            rows=tuple(levers),
            units=np.array(step, dtype=np.int64),
            dear=np.array([cost_of(policy, name) for name in named], dtype=np.int64),
            unasked=unasked,
            accepted=policy.unlocking.costs.get("measure", 0),
        ),
    )
    if found is None:
        return None, False
    if found.values[0] < resolver.base[0] + int(offers.gains[0][mine].max()):
        return None, True
    assert pulled is not None
    name = levers.get(pulled.row) or _accepted(offers.book, pulled.offer)
    told = moves(resolver, found, citizen)
    unlock = Unlock(
        steps=steps_of(policy, (name,)),
        cost=cost_of(policy, name),
        openings=0,
        seat=next(move.after for move in told if move.after and move.before is None),
        moves=len(told) - 1,
    )
    return unlock, True


def _accepted(book: OfferBook, offer: int) -> str:
    """Name the lever that an offer stands for: a measure accepted at an opening."""
    opening = book.encoded.openings.ids[book.offers.opening[offer]]
    return f"measure:{opening}/{book.encoded.measures[book.offers.measure[offer]]}"


def _his_offers(resolver: Resolver, citizen: int) -> tuple[NewOffers, Ints]:
    """Offers of a citizen where resources are larger, and 1 for those no employer asks for yet.

    Where adults share the care of a child, their offers as they are: those rows come along.
    """
    solution = resolver.solution
    world = None
    if not shares_care(solution.problem)[citizen]:
        world = build_world(solution, np.array([citizen]), [()], larger=True)
    if world is None:
        offers = changed_offers(resolver, citizen, ())
        return offers, np.zeros(len(offers.citizen), dtype=np.int64)
    return world.offers, world.unasked.astype(np.int64)
