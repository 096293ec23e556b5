"""Locks, floors and earlier proposals: what can be kept together, and the ways out of a clash.

The plan names rows and locks that cannot hold together. Two ways out are told: the fewest locks to
let go (of those, the ones that leave the best plan), and for each row of the contradiction the
fewest units more with which every lock can be kept.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher import engine
from matcher.again.changes import Found
from matcher.again.programs import with_more
from matcher.formulation import Model, formulate
from matcher.offers import OfferBook
from matcher.solve import Options, Solution, locks_of

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Raise:
    """One row raised (or a floor lowered) so far that all locks can be kept."""

    rule: str
    key: str
    more: int
    """Fewest units."""


@dataclass(frozen=True)
class WaysOut:
    """What to do about locks or floors that clash."""

    let_go: tuple[tuple[str, str], ...]
    """Citizen and opening of the fewest locks to let go, so that a plan exists; empty where locks
    alone do not help."""
    raises: tuple[Raise, ...]
    """Single rows of the clash that would do instead, each by itself."""


def ways_out(solution: Solution, options: Options | None = None) -> WaysOut:
    """Find what would make a week possible again in which locks or floors clash.

    Parameters
    ----------
    solution
        A week whose plan holds a clash; locks that a rule stops by themselves have no way out here.
    """
    clash = solution.plan.clash
    if clash is None or clash.broken:
        return WaysOut((), ())
    options = options or Options()
    model = solution.model
    at = {name: row for row, name in enumerate(model.names)}
    raises = (_raise(model, at[row.name], options) for row in clash.rows)
    return WaysOut(
        let_go=_let_go(solution.book, model, options),
        raises=tuple(found for found in raises if found is not None),
    )


def _let_go(book: OfferBook, model: Model, options: Options) -> tuple[tuple[str, str], ...]:
    """Drop the fewest locks: keep as many as can be, then the best plan beside them."""
    program = model.program
    kept = model.locked[program.group].astype(np.int64)
    answer = engine.solve(
        program.replace(gains=np.stack([kept, *program.gains]), exactly_one=None), options
    )
    if not answer.has_selection:
        return ()
    honoured = np.zeros(program.n_groups, dtype=np.bool_)
    honoured[program.group[answer.selection]] = True
    return locks_of(book, np.flatnonzero(model.locked & ~honoured).tolist())


def _raise(model: Model, row: int, options: Options) -> Raise | None:
    """Fewest units more of one row with which all locks hold; None when it alone cannot help."""
    name, floor, capacity = model.names[row], bool(model.floors[row]), int(model.capacity[row])
    # The least use of the row among plans that honour everything else is what it must hold.
    free = with_more(model.program, model, {name: None})
    answer = engine.solve(
        free.replace(gains=model.program.uses[[row]].toarray(), maximise=(floor,)), options
    )
    if not answer.has_selection or not answer.tiers[0].proven:
        return None
    used = answer.tiers[0].value
    more = capacity - used if floor else used - capacity
    if more <= 0:
        return None
    enough = with_more(model.program, model, {name: more})
    nothing = np.zeros((1, model.program.n_columns), dtype=np.int64)
    if not engine.solve(enough.replace(gains=nothing), options).has_selection:
        return None
    return Raise(model.rules[row], model.keys[row], more)


def kept_together(book: OfferBook, wanted: Collection[str]) -> frozenset[str] | None:
    """Find as many of some locked citizens as can be placed together beside all other locks.

    Parameters
    ----------
    book
        Offers of the locked citizens and their households.
    wanted
        Ids of those whose lock may be let go.

    Returns
    -------
    frozenset or None
        Those who are placed; None: the other locks alone cannot hold together.
    """
    model = formulate(book)
    if model.broken:
        return None
    program, ids = model.program, book.encoded.citizens.ids
    mine = np.isin(ids, np.array(sorted(wanted), dtype=object))
    gains = program.gains.copy()
    gains[0] = mine[program.group]
    own = model.locked & ~mine
    answer = engine.solve(
        program.replace(gains=gains, exactly_one=own if own.any() else None, lower=None)
    )
    if not answer.has_selection:
        return None
    return frozenset(ids[program.group[answer.selection]].tolist()) & frozenset(wanted)


def keeping(solution: Solution, kept: npt.NDArray[np.bool_]) -> tuple[int, Found] | None:
    """Find the plan that keeps as many earlier proposals as can be, and is the best of those.

    Parameters
    ----------
    solution
        The week.
    kept
        Whether an offer is an earlier proposal that is still to be decided, shape (offers,).

    Returns
    -------
    tuple or None
        How many are kept, and the plan. None: a limit came first.
    """
    model, program = solution.model, solution.model.program
    ruled_out = np.zeros(program.n_columns, dtype=np.bool_)
    ruled_out[model.ruled_out] = True
    locked = model.locked[program.group]
    # Which can be kept together: nearly always all, as they were one plan before.
    alone = program.replace(
        gains=np.stack([kept.astype(np.int64), program.gains[-1]]),
        forbidden=np.flatnonzero(ruled_out | ~(kept | locked)),
        lower=None,
    )
    most = engine.solve(alone)
    if not most.has_selection:
        return None
    held = np.zeros(program.n_groups, dtype=np.bool_)
    held[program.group[most.selection[kept[most.selection]]]] = True
    steadiest = program.replace(
        forbidden=np.flatnonzero(ruled_out | (held[program.group] & ~kept)),
        exactly_one=held | model.locked,
    )
    start = engine.Start(prices=solution.answer.prices, selection=most.selection)
    answer = engine.solve(steadiest, start=start)
    if not answer.has_selection:
        return None
    found = Found(
        feasible=True,
        proven=all(tier.proven for tier in answer.tiers[:2]),
        values=(int(answer.values[0]), int(answer.values[1])),
        chosen=answer.selection,
        citizens=program.group[answer.selection],
    )
    return int(held.sum()), found
