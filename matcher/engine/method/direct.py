"""The plain method: all columns to an integer solver, one tier after another.

Hides nothing clever, on purpose: it serves small programs and those the price method finds no
selection of, and it is the yardstick the other methods are tested against. Between tiers, columns
that the linear program's reduced costs rule out are dropped.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher.engine.context import Context
from matcher.engine.errors import BackendError
from matcher.engine.method.column_generation import linear_model
from matcher.engine.method.packing import DualBound, Packing, dual_bound, packing_of
from matcher.engine.method.presolve import Reduced
from matcher.engine.method.sub_mip import Checked, drop_refuted, solve_part
from matcher.engine.method.warm_start import WarmStart
from matcher.engine.options import Start
from matcher.engine.program import Int64
from matcher.engine.solvers.mathopt import run_linear

__all__ = ["Found", "solve_directly"]

Float64 = npt.NDArray[np.float64]

_TREE = 50.0


@dataclass(eq=False)
class Found:
    """What a method found, in the reduced's columns and maximised tiers."""

    chosen: Int64 | None
    """Columns, sorted; None when none were found."""
    bounds: list[int | None]
    """Bound of each tier; None where nothing is known."""
    prices: Float64 | Callable[[], Float64]
    """Prices of the reduced's rows, float64 [tiers, m], or what computes them when asked."""
    infeasible: bool = False
    """Whether it was proven that there is no selection."""
    warm_start: WarmStart | None = None
    """Where a solve by prices ended."""
    losses: tuple[float, Float64, int] | None = None
    """Bound on the folded tiers, what each column loses against it, weight; see `Answer.losses`."""


def solve_directly(reduced: Reduced, context: Context, start: Start | None = None) -> Found:
    """Solve tier after tier over all columns; a start's selection is what the first has to beat."""
    prices = np.zeros((reduced.tiers, reduced.m))
    found = Found(_given(reduced, start), [None] * reduced.tiers, prices)
    keep = np.arange(reduced.n)
    held: list[tuple[Int64, int]] = []
    proven = True
    for tier in range(reduced.tiers):
        with context.phase("direct"):
            gain = reduced.gains[tier]
            packing = _held(packing_of(reduced, gain), held)
            priced = _priced(packing.part(keep), context)
            prices[tier] = packing.prices_of(priced.prices, reduced.m)
            bound = priced.bound
            if proven and not context.stop():
                closed = solve_part(
                    packing, keep, context, nodes=context.nodes(_TREE), gap=context.options.gap
                )
                bound = _take(closed, gain, bound, found, context)
            if found.infeasible or found.chosen is None:
                return found
        value = int(gain[found.chosen].sum())
        context.tell_selection(
            tuple(int(total) for total in reduced.gains[:, found.chosen].sum(axis=1))
        )
        found.bounds[tier] = max(bound, value)
        proven = proven and found.bounds[tier] == value
        held.append((gain, value))
        if proven and context.options.switches.fixing:
            keep = np.union1d(keep[priced.within(value)], found.chosen)
    return found


def _given(reduced: Reduced, start: Start | None) -> Int64 | None:
    """Return the selection of a start where it is a legal one of the reduced."""
    if start is None or start.selection is None:
        return None
    chosen = np.flatnonzero(np.isin(reduced.origin, start.selection))
    return chosen if packing_of(reduced, reduced.gains[0]).admits(chosen) else None


def _take(closed: Checked, gain: Int64, bound: int, found: Found, context: Context) -> int:
    """Put what an integer solve showed into `found`; return the best bound."""
    if found.chosen is not None:
        closed = drop_refuted(closed, int(gain[found.chosen].sum()), context)
    if closed.status == "infeasible":
        found.infeasible = True
        return bound
    if closed.chosen is not None:
        old = None if found.chosen is None else int(gain[found.chosen].sum())
        new = int(gain[closed.chosen].sum())
        if old is None or new > old:
            found.chosen = closed.chosen
        if closed.status == "optimal":
            return new
    if closed.bound is not None:
        bound = min(bound, closed.bound)
    return bound


def _held(packing: Packing, held: list[tuple[Int64, int]]) -> Packing:
    """Return the packing with a row per earlier tier: its gain stays at least its value."""
    for gain, value in held:
        packing = packing.with_rows(
            sp.csr_array(-gain[:, None]), np.array([-value], dtype=np.int64)
        )
    return packing


def _priced(packing: Packing, context: Context) -> DualBound:
    """Return exact bounds at the linear program's prices (at zero prices if it fails)."""
    prices = np.zeros(packing.rows)
    if packing.n and packing.rows and not context.stop():
        try:
            outcome = run_linear(
                linear_model(packing), seconds=context.left(), cancel=context.cancel
            )
        except BackendError as problem:
            context.say(f"linear program failed, bound from the integer solver only: {problem}")
        else:
            if outcome.prices is not None:
                prices = outcome.prices[packing.must.size :]
    return dual_bound(packing, prices)
