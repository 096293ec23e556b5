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
from matcher.engine.method.column_generation import linear_of_stage
from matcher.engine.method.packing import Priced, Stage, price_exactly, stage_of
from matcher.engine.method.presolve import Core
from matcher.engine.method.sub_mip import Closed, believed, close
from matcher.engine.method.warm_start import Memory
from matcher.engine.options import Start
from matcher.engine.program import Int64
from matcher.engine.solvers.mathopt import run_linear

__all__ = ["Found", "solve_directly"]

Float64 = npt.NDArray[np.float64]

_TREE = 50.0


@dataclass(eq=False)
class Found:
    """What a method found, in the core's columns and maximised tiers."""

    chosen: Int64 | None
    """Columns, sorted; None when none were found."""
    bounds: list[int | None]
    """Bound of each tier; None where nothing is known."""
    prices: Float64 | Callable[[], Float64]
    """Prices of the core's rows, float64 [tiers, m], or what computes them when asked."""
    infeasible: bool = False
    """Whether it was proven that there is no selection."""
    memory: Memory | None = None
    """Where a solve by prices ended."""
    losses: tuple[float, Float64, int] | None = None
    """Bound on the folded tiers, what each column loses against it, weight; see `Answer.losses`."""


def solve_directly(core: Core, context: Context, start: Start | None = None) -> Found:
    """Solve tier after tier over all columns; a start's selection is what the first has to beat."""
    prices = np.zeros((core.tiers, core.m))
    found = Found(_given(core, start), [None] * core.tiers, prices)
    keep = np.arange(core.n)
    held: list[tuple[Int64, int]] = []
    proven = True
    for tier in range(core.tiers):
        with context.phase("direct"):
            gain = core.gains[tier]
            stage = _held(stage_of(core, gain), held)
            priced = _priced(stage.part(keep), context)
            prices[tier] = stage.prices_of(priced.prices, core.m)
            bound = priced.bound
            if proven and not context.stop():
                closed = close(
                    stage, keep, context, nodes=context.nodes(_TREE), gap=context.options.gap
                )
                bound = _take(closed, gain, bound, found, context)
            if found.infeasible or found.chosen is None:
                return found
        value = int(gain[found.chosen].sum())
        context.tell_selection(
            tuple(int(total) for total in core.gains[:, found.chosen].sum(axis=1))
        )
        found.bounds[tier] = max(bound, value)
        proven = proven and found.bounds[tier] == value
        held.append((gain, value))
        if proven and context.options.switches.fixing:
            keep = np.union1d(keep[priced.within(value)], found.chosen)
    return found


def _given(core: Core, start: Start | None) -> Int64 | None:
    """Return the selection of a start where it is a legal one of the core."""
    if start is None or start.selection is None:
        return None
    chosen = np.flatnonzero(np.isin(core.origin, start.selection))
    return chosen if stage_of(core, core.gains[0]).admits(chosen) else None


def _take(closed: Closed, gain: Int64, bound: int, found: Found, context: Context) -> int:
    """Put what an integer solve showed into `found`; return the best bound."""
    if found.chosen is not None:
        closed = believed(closed, int(gain[found.chosen].sum()), context)
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


def _held(stage: Stage, held: list[tuple[Int64, int]]) -> Stage:
    """Return the stage with a row per earlier tier: its gain stays at least its value."""
    for gain, value in held:
        stage = stage.with_rows(sp.csr_array(-gain[:, None]), np.array([-value], dtype=np.int64))
    return stage


def _priced(stage: Stage, context: Context) -> Priced:
    """Return exact bounds at the linear program's prices (at zero prices if it fails)."""
    prices = np.zeros(stage.rows)
    if stage.n and stage.rows and not context.stop():
        try:
            outcome = run_linear(
                linear_of_stage(stage), seconds=context.left(), cancel=context.cancel
            )
        except BackendError as problem:
            context.say(f"linear program failed, bound from the integer solver only: {problem}")
        else:
            if outcome.prices is not None:
                prices = outcome.prices[stage.must.size :]
    return price_exactly(stage, prices)
