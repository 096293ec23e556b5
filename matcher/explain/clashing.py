"""Locks that clash: a smallest contradiction, checked by solving again, and the cheapest way out.

The engine names rows and citizens that cannot hold together. Two ways out are told: the fewest
locks to let go (of those, the ones that leave the best plan), and for each row of the
contradiction the fewest units more with which every lock can be kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher import engine
from matcher.formulation import Model, formulate
from matcher.offers import OfferBook, build_offers
from matcher.problem import Problem

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ClashRow:
    """One row of a contradiction."""

    rule: str
    key: str
    capacity: int
    floor: bool
    """Whether the capacity is what is needed at least."""


@dataclass(frozen=True)
class Raise:
    """One row raised (or a floor lowered) so far that all locks can be kept."""

    rule: str
    key: str
    more: int
    """Fewest units."""


@dataclass(frozen=True)
class Clash:
    """What cannot hold together, and what to do about it."""

    rows: tuple[ClashRow, ...]
    locks: tuple[tuple[str, str], ...]
    """Citizen and opening of each lock that takes part."""
    minimal: bool
    """Whether dropping any one member was shown to remove the contradiction."""
    let_go: tuple[tuple[str, str], ...]
    """Fewest locks to let go, so that a plan exists; empty where locks alone do not help."""
    raises: tuple[Raise, ...]
    """Single rows that would do instead, each by itself."""


def clash_of(problem: Problem, options: engine.Options | None = None) -> Clash | None:
    """Explain why no plan can honour what is fixed; None when a plan exists.

    Raises
    ------
    ClashError
        A lock breaks a rule by itself; the message names lock and rule.
    """
    options = options or engine.Options()
    book = build_offers(problem)
    model = formulate(book)
    answer = engine.solve(model.program, options)
    if answer.termination.reason is not engine.StopReason.INFEASIBLE:
        return None
    ids, subset = book.sides.citizens.ids, answer.infeasible_subset
    return Clash(
        rows=tuple(
            ClashRow(
                model.rules[row], model.keys[row], int(model.capacity[row]), bool(model.floors[row])
            )
            for row in subset.rows
        ),
        locks=_places(book, [str(ids[group]) for group in subset.groups]),
        minimal=subset.minimal,
        let_go=_let_go(book, model, options),
        raises=tuple(
            found for row in subset.rows if (found := _raise(model, int(row), options)) is not None
        ),
    )


def _places(book: OfferBook, citizens: list[str]) -> tuple[tuple[str, str], ...]:
    locks = book.problem["locks"]
    where = dict(zip(locks["citizen_id"], locks["opening_id"], strict=True))
    return tuple((one, str(where[one])) for one in citizens)


def _let_go(book: OfferBook, model: Model, options: engine.Options) -> tuple[tuple[str, str], ...]:
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
    ids = book.sides.citizens.ids
    return _places(book, [str(ids[one]) for one in np.flatnonzero(model.locked & ~honoured)])


def _raise(model: Model, row: int, options: engine.Options) -> Raise | None:
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
