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
import scipy.sparse as sp

from matcher import engine
from matcher.explain.forcing import Seat, moves
from matcher.explain.resolve import Change, Columns, Resolved, Resolver
from matcher.explain.worlds import (
    build_world,
    changed_week,
    cost_of,
    lever_of,
    row_levers,
    shares_care,
    step_of,
)
from matcher.formulation import formulate
from matcher.offers import build_offers
from matcher.policy import Policy
from matcher.row_kinds import ROW_KINDS

Ints = npt.NDArray[np.int64]

_FIRST = 10_000
"""What one step of cost outweighs: more than the moves that a plan can take."""


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
    solution, program = resolver.solution, resolver.program
    columns = changed_columns(resolver, citizen, levers)
    only = np.zeros(program.n_groups, dtype=np.bool_)
    only[program.group[solution.chosen]] = True
    only[citizen] = True
    mine = columns.group == citizen
    if not mine.any():
        return None
    wanted = resolver.base[0] + int(columns.gains[0][mine].max())
    resolved = resolver.solve(Change(columns=columns, only=only), named=True)
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


def changed_columns(resolver: Resolver, citizen: int, levers: Sequence[str]) -> Columns:
    """Make the offers a citizen would have; those of the other adults at home are made again.

    They share rows that exist only where their offers could clash, so such rows come along.
    """
    solution = resolver.solution
    problem = changed_week(solution.problem, [citizen], levers)
    table = problem["citizens"]
    home = table["household_id"].iloc[citizen]
    members = (table["household_id"] == home).to_numpy(np.bool_) if isinstance(home, str) else None
    at = np.array([citizen]) if members is None else np.flatnonzero(members)
    book = build_offers(problem.with_tables(citizens=table.iloc[at].reset_index(drop=True)))
    model = formulate(book)
    known = {name: row for row, name in enumerate(solution.model.program.row_names or ())}
    names = model.program.row_names or ()
    own = np.array([ROW_KINDS[rule].home for rule in model.rules], dtype=np.bool_)
    where = np.array([known.get(name, -1) for name in names], dtype=np.int64)
    where[own] = resolver.program.n_rows + np.arange(int(own.sum()))
    entries = model.program.uses.tocoo()
    barred = model.program.forbidden
    shape = (resolver.program.n_rows + int(own.sum()), len(book.offers))
    uses = sp.coo_array((entries.data, (where[entries.coords[0]], entries.coords[1])), shape=shape)
    return Columns(
        book=book,
        citizens=at.astype(np.int64),
        group=at[book.offers.citizen].astype(np.int64),
        gains=model.program.gains,
        uses=uses.tocsr(),
        fresh=model.capacity[own],
        barred=np.zeros(0, dtype=np.int64) if barred is None else barred,
    )


def municipal(resolver: Resolver, citizen: int) -> tuple[Unlock | None, bool]:
    """Find the cheapest single change of the municipality's, whoever has to move for it.

    All levers on rows stand in one program: goal 1, people placed; goal 2, the least cost and
    then the fewest moves. Others move among the offers they have now.

    Returns
    -------
    tuple
        The change, and whether that is settled. None: no single lever on a row, nor a measure
        accepted for him, places him and everybody who is placed now.
    """
    solution, model = resolver.solution, resolver.solution.model
    policy, program = solution.problem.policy, resolver.program
    bought = row_levers(policy)
    columns, unasked = _his_columns(resolver, citizen)
    rows = np.flatnonzero([rule in bought for rule in model.rules])
    mine = columns.group == citizen
    if not mine.any() or not (len(rows) or unasked.any()):
        return None, True
    names = [f"{model.rules[row]}:{model.keys[row]}" for row in rows.tolist()]
    dear = np.array([cost_of(policy, name) for name in names], dtype=np.int64)
    accepted = policy.unlocking.costs.get("measure", 0)
    ranks = np.unique(np.append(dear, accepted))
    only = np.zeros(program.n_groups, dtype=np.bool_)
    only[program.group[solution.chosen]] = True
    only[citizen] = True
    change = Change(columns=columns, only=only)
    week = resolver.changed(change)
    first = program.n_columns
    levers = first + len(columns.group) + np.arange(len(rows))
    at_most_one = np.zeros(levers[-1] + 1 if len(rows) else first + len(unasked), dtype=np.int64)
    at_most_one[first : first + len(unasked)] = unasked
    at_most_one[levers] = 1
    dearness = np.zeros(len(at_most_one), dtype=np.int64)
    dearness[first : first + len(unasked)] = unasked * (1 + np.searchsorted(ranks, accepted))
    dearness[levers] = 1 + np.searchsorted(ranks, dear)
    stays = np.zeros(len(at_most_one), dtype=np.int64)
    stays[solution.chosen] = 1
    step = [step_of(policy, name) * bought[lever_of(name)].scale for name in names]
    more = sp.coo_array(
        (-np.array(step, dtype=np.int64), (rows, np.arange(len(rows)))),
        shape=(week.n_rows, len(rows)),
    )
    uses = sp.vstack([sp.hstack([week.uses, more]), sp.csr_array(at_most_one[None, :])])
    gains = np.concatenate([week.gains[:1], np.zeros((1, len(rows)), dtype=np.int64)], axis=1)
    must = week.exactly_one
    asked = week.replace(
        group=np.append(week.group, np.full(len(rows), week.n_groups)),
        n_groups=week.n_groups + 1,
        gains=np.stack([gains[0], stays - _FIRST * dearness]),
        uses=sp.csr_array(uses),
        upper=np.append(week.upper, 1),
        lower=None if week.lower is None else np.append(week.lower, -engine.UNBOUNDED),
        exactly_one=None if must is None else np.append(must, False),
        group_names=None,
        row_names=None,
    )
    weight = _FIRST * (2 * len(ranks) + 2)
    known = np.append(solution.answer.prices[0], np.zeros(asked.n_rows - program.n_rows))
    answer = resolver.ask(asked, np.stack([known, weight * known]))
    wanted = resolver.base[0] + int(columns.gains[0][mine].max())
    if not answer.has_selection or not all(tier.proven for tier in answer.tiers[:2]):
        return None, False
    if answer.values[0] < wanted:
        return None, True
    chosen = answer.selection
    (pulled,) = np.flatnonzero(at_most_one[chosen])
    lever = int(chosen[pulled])
    if lever >= first + len(columns.group):
        name = names[lever - first - len(columns.group)]
    else:
        offers, sides = columns.book.offers, columns.book.sides
        opening = sides.openings.ids[offers.opening[lever - first]]
        name = f"measure:{opening}/{sides.measures[offers.measure[lever - first]]}"
    kept = chosen[chosen < first + len(columns.group)]
    told = moves(
        resolver,
        Resolved(True, True, (answer.values[0], answer.values[1]), kept, week, columns),
        citizen,
    )
    unlock = Unlock(
        steps=steps_of(policy, (name,)),
        cost=cost_of(policy, name),
        openings=0,
        seat=next(move.after for move in told if move.after and move.before is None),
        moves=len(told) - 1,
    )
    return unlock, True


def _his_columns(resolver: Resolver, citizen: int) -> tuple[Columns, Ints]:
    """Offers of a citizen where resources are larger, and 1 for those no employer asks for yet.

    Where adults share the care of a child, their offers as they are: those rows come along.
    """
    solution = resolver.solution
    world = None
    if not shares_care(solution.problem)[citizen]:
        world = build_world(solution, np.array([citizen]), [()], larger=True)
    if world is None:
        columns = changed_columns(resolver, citizen, ())
        return columns, np.zeros(len(columns.group), dtype=np.int64)
    barred = world.model.program.forbidden
    return Columns(
        book=world.book,
        citizens=np.array([citizen]),
        group=np.full(len(world.book.offers), citizen, dtype=np.int64),
        gains=world.model.program.gains,
        uses=world.uses,
        fresh=np.zeros(0, dtype=np.int64),
        barred=np.zeros(0, dtype=np.int64) if barred is None else barred,
    ), world.unasked.astype(np.int64)
