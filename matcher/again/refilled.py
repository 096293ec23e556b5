"""The rows of a solved week, filled anew where nothing but what resources hold has changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.capacity import UNLIMITED
from matcher.engine import UNBOUNDED
from matcher.formulation import Model
from matcher.offers import OfferBook
from matcher.policy import Policy, once_each
from matcher.row_kinds import BUDGET, ROW_KINDS, YEAR_BUDGET, RowKind

Ints = npt.NDArray[np.int64]


def refilled(book: OfferBook, known: OfferBook, model: Model) -> Model | None:
    """Return the model of a week that differs from a known one in what its resources hold alone.

    Parameters
    ----------
    book
        The week's offers.
    known, model
        The known week's offers and its model.

    Returns
    -------
    Model or None
        Equal to what :func:`formulate` builds. None: something else is another one, too.
    """
    if book.offers is not known.offers or model.broken or not _alike_but_capacity(book, known):
        return None
    filled = {kind.id: _capacity(book, kind) for kind in ROW_KINDS.values()}
    capacity, rules = model.capacity.copy(), np.array(model.rules, dtype=object)
    for rule, units in filled.items():
        if units is not None:
            capacity[rules == rule] = np.maximum(units, 0)
    program, floors = model.program, model.floors
    return replace(
        model,
        program=program.replace(
            upper=np.where(floors, UNBOUNDED, capacity),
            lower=np.where(floors, capacity, -UNBOUNDED) if floors.any() else None,
        ),
        capacity=capacity,
    )


def _alike_but_capacity(book: OfferBook, known: OfferBook) -> bool:
    """Whether two weeks of the same offers make the same rows and goals, capacities aside."""
    mine, theirs = book.problem, known.problem
    if mine.today != theirs.today or _told(mine.policy) != _told(theirs.policy):
        return False
    held = {kind.table: kind for kind in ROW_KINDS.values() if kind.capacity}
    for name, frame in mine.tables.items():
        if frame is theirs[name]:
            continue
        if name not in held:
            return False
        apart = [held[name].capacity]
        if not frame.drop(columns=apart).equals(theirs[name].drop(columns=apart)):
            return False
    before, after = known.encoded.remaining, book.encoded.remaining
    return all(
        np.array_equal(units == UNLIMITED, before[kind] == UNLIMITED)
        for kind, units in after.units.items()
    )


@once_each
def _told(policy: Policy) -> dict[str, Any]:
    """Return what of a policy makes rows and goals what they are, amounts of budgets aside."""
    content = policy.model_dump(mode="json", exclude={"name", "version", "overrides", "file"})
    for lines in ("budgets", "year_budgets"):
        content["money"][lines] = sorted(content["money"][lines])
    return content


def _capacity(book: OfferBook, kind: RowKind) -> Ints | None:
    """Return what rows of a kind hold; None: the same in all weeks that are alike otherwise."""
    encoded, money = book.encoded, book.encoded.policy.money
    if kind in encoded.remaining.units:
        free: Ints = encoded.remaining[kind]
        return np.asarray(free[free != UNLIMITED], dtype=np.int64)
    if kind is BUDGET:
        return np.array([money.budgets[line] for line in sorted(money.budgets)], dtype=np.int64)
    if kind is YEAR_BUDGET:
        lines = sorted(money.year_budgets)
        return np.array([money.year_budgets[line] for line in lines], dtype=np.int64)
    return None
