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
    program = model.program
    floor = bool(model.floors[row])
    gains = np.zeros((1, program.n_columns), dtype=np.int64)

    def plan(more: int) -> engine.Answer:
        if floor:
            lower = program.lower_sides.copy()
            lower[row] = max(0, int(lower[row]) - more)
            changed = program.replace(lower=lower, gains=gains)
        else:
            upper = program.upper.copy()
            upper[row] += more
            changed = program.replace(upper=upper, gains=gains)
        return engine.solve(changed, options)

    most = int(model.capacity[row]) if floor else engine.UNBOUNDED // 2
    # The least use of the row among plans that honour everything else is what it must hold.
    uses = np.asarray(program.uses[[row]].todense()).ravel()
    free = program.replace(
        gains=uses[None, :].astype(np.int64),
        maximise=(floor,),
        upper=program.upper if floor else _without(program.upper, row),
        lower=_without_floor(program.lower_sides, row) if floor else program.lower,
    )
    answer = engine.solve(free, options)
    if not answer.has_selection or not answer.tiers[0].proven:
        return None
    used = answer.tiers[0].value
    more = int(model.capacity[row]) - used if floor else used - int(model.capacity[row])
    if not 0 < more <= most or not plan(more).has_selection:
        return None
    return Raise(model.rules[row], model.keys[row], more)


def _without(upper: Ints, row: int) -> Ints:
    changed = upper.copy()
    changed[row] = engine.UNBOUNDED
    return changed


def _without_floor(lower: Ints, row: int) -> Ints:
    changed = lower.copy()
    changed[row] = -engine.UNBOUNDED
    return changed


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
    program, ids = model.program, book.sides.citizens.ids
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


@dataclass(frozen=True, eq=False)
class Keeping:
    """The best plan that keeps as many earlier proposals as can be kept together."""

    citizens: int
    """How many are kept."""
    values: tuple[int, int]
    """Its value in the first two goals."""
    proven: bool
    """Whether it is proven to be the best of those."""
    chosen: Ints
    """Its offers."""


def keeping(solution: Solution, kept: npt.NDArray[np.bool_]) -> Keeping | None:
    """Find the plan that keeps as many earlier proposals as can be, and is the best of those.

    Parameters
    ----------
    solution
        The week.
    kept
        Whether an offer is an earlier proposal that is still to be decided, shape (offers,).

    Returns
    -------
    Keeping or None
        None: a limit came first.
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
    return Keeping(
        citizens=int(held.sum()),
        values=(int(answer.values[0]), int(answer.values[1])),
        proven=all(tier.proven for tier in answer.tiers[:2]),
        chosen=answer.selection,
    )
