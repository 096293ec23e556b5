"""Programs made of a week's own: with more of a row, other columns, levers, a legal start.

Sparse assembly stays here; what differs comes in words of the domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher import engine
from matcher.again.changes import NewOffers
from matcher.formulation import Model
from matcher.solve import Solution

Ints = npt.NDArray[np.int64]

_FIRST = 10_000
"""What one step of cost outweighs: more than the moves that a plan can take."""
_TRIED = 25
"""Offers of somebody who must be placed that others are asked to give way to, one by one."""


@dataclass(frozen=True, eq=False)
class Levers:
    """Levers of the municipality's, of which at most one is pulled."""

    rows: tuple[str, ...]
    """Names of rows that may be larger."""
    units: Ints
    """Units more of each, shape (rows,)."""
    dear: Ints
    """Cost of each, shape (rows,)."""
    unasked: Ints
    """1 for new offers that no employer asks for yet, shape (new offers,)."""
    accepted: int
    """Cost of asking for one of those."""

    @property
    def ranks(self) -> Ints:
        """Different costs, rising."""
        return np.unique(np.append(self.dear, self.accepted))

    @property
    def weight(self) -> int:
        """What one more placed outweighs, in the second goal."""
        return _FIRST * (2 * len(self.ranks) + 2)


def with_levers(week: engine.Program, solution: Solution, levers: Levers) -> engine.Program:
    """Return a changed week's program in which at most one lever is pulled.

    Each lever on a row is a column that adds units to it. Goals: people placed; then the least
    cost, then the fewest moves.
    """
    at = {name: row for row, name in enumerate(solution.model.names)}
    rows = np.array([at[name] for name in levers.rows], dtype=np.int64)
    first = solution.model.gains.shape[1]
    pulls = week.n_columns + np.arange(len(rows))
    ranks = levers.ranks
    one = np.zeros(week.n_columns + len(rows), dtype=np.int64)
    one[first : week.n_columns] = levers.unasked
    one[pulls] = 1
    dearness = np.zeros(len(one), dtype=np.int64)
    dearness[first : week.n_columns] = levers.unasked * (
        1 + np.searchsorted(ranks, levers.accepted)
    )
    dearness[pulls] = 1 + np.searchsorted(ranks, levers.dear)
    stays = np.zeros(len(one), dtype=np.int64)
    stays[solution.chosen] = 1
    more = sp.coo_array((-levers.units, (rows, np.arange(len(rows)))),
                        shape=(week.n_rows, len(rows)))  # fmt: skip
    uses = sp.vstack([sp.hstack([week.uses, more]), sp.csr_array(one[None, :])])
    must = week.exactly_one
    return week.replace(
        group=np.append(week.group, np.full(len(rows), week.n_groups)),
        n_groups=week.n_groups + 1,
        gains=np.stack(
            [np.append(week.gains[0], np.zeros(len(rows), dtype=np.int64)),
             stays - _FIRST * dearness]
        ),
        uses=sp.csr_array(uses),
        upper=np.append(week.upper, 1),
        lower=None if week.lower is None else np.append(week.lower, -engine.UNBOUNDED),
        exactly_one=None if must is None else np.append(must, False),
        group_names=None,
        row_names=None,
    )  # fmt: skip


def with_more(
    program: engine.Program, model: Model, more: Mapping[str, int | None]
) -> engine.Program:
    """Return the program with units more of rows, by name; None: without a limit."""
    upper, lower = program.upper.copy(), program.lower_sides.copy()
    at = {name: row for row, name in enumerate(model.names)}
    for name, units in more.items():
        row, given = at[name], engine.UNBOUNDED // 2 if units is None else units
        if model.floors[row]:
            lower[row] = max(0, lower[row] - given)
        else:
            upper[row] = max(0, upper[row] + given)
    return program.replace(upper=upper, lower=None if program.lower is None else lower)


def with_room(
    program: engine.Program, selection: Ints | None, losses: npt.NDArray[np.float64]
) -> Ints | None:
    """Make a selection legal where somebody must be placed: others give way to a good offer.

    Without it a solve has to look for some legal plan first, and may look long.
    """
    if selection is None or program.exactly_one is None:
        return selection
    must = program.exactly_one
    barred = np.zeros(program.n_columns, dtype=np.bool_)
    if program.forbidden is not None:
        barred[program.forbidden] = True
    chosen = selection[~barred[selection]]
    for group in np.setdiff1d(np.flatnonzero(must), program.group[chosen]).tolist():
        own = np.flatnonzero((program.group == group) & ~barred)
        for offer in own[np.argsort(losses[own], kind="stable")][:_TRIED].tolist():
            given = _given_way(program, chosen, offer, must)
            if given is not None:
                chosen = given
                break
    return chosen


def _given_way(
    program: engine.Program, chosen: Ints, offer: int, must: npt.NDArray[np.bool_]
) -> Ints | None:
    """Return a selection with one more offer and without those in its way; None: not possible."""
    chosen = np.append(chosen, offer)
    part = program.uses[:, chosen].tocsr()
    short = np.asarray(part.sum(axis=1)).reshape(-1) - program.upper
    away = np.zeros(len(chosen), dtype=np.bool_)
    free = ~must[program.group[chosen]]
    for row in np.flatnonzero(short > 0).tolist():
        taken = part[[row]].toarray().reshape(-1)
        more = int(short[row]) - int(taken[away].sum())
        holders = np.flatnonzero((taken > 0) & free & ~away)
        # The largest takers first: as few as possible give way.
        order = holders[np.lexsort((chosen[holders], -taken[holders]))]
        if int(taken[order].sum()) < more:
            return None
        if more > 0:
            away[order[: int(np.searchsorted(np.cumsum(taken[order]), more)) + 1]] = True
    return np.sort(chosen[~away])


def part_of(program: engine.Program, kept: Ints) -> tuple[engine.Program, Ints]:
    """Return the program with only some of its columns, and where each column went (-1: out)."""
    to = np.full(program.n_columns, -1, dtype=np.int64)
    to[kept] = np.arange(len(kept))
    barred = np.zeros(0, dtype=np.int64) if program.forbidden is None else to[program.forbidden]
    part = program.replace(
        group=program.group[kept],
        gains=program.gains[:, kept],
        uses=program.uses[:, kept],
        forbidden=barred[barred >= 0],
    )
    return part, to


def with_columns(program: engine.Program, new: NewOffers) -> engine.Program:
    """Return the program with more columns, and rows where the new ones need their own."""
    fresh = len(new.fresh)
    below = sp.csr_array((fresh, program.n_columns), dtype=np.int64)
    uses = sp.hstack([sp.vstack([program.uses, below], format="csr"), new.uses], format="csr")
    lower = program.lower
    if lower is not None:
        lower = np.concatenate([lower, np.full(fresh, -engine.UNBOUNDED, dtype=np.int64)])
    return replace(
        program,
        group=np.concatenate([program.group, new.citizen]),
        gains=np.concatenate([program.gains, new.gains], axis=1),
        uses=sp.csr_array(uses),
        upper=np.concatenate([program.upper, new.fresh]),
        lower=lower,
        row_names=None,
    )
