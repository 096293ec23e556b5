"""The plain method: all columns to an integer solver, one tier after another.

Hides nothing clever, on purpose: it serves small programs and those the price method finds no
selection of, and it is the yardstick the other methods are tested against. Between tiers, columns
that the linear program's reduced costs rule out are dropped.
"""

import numpy as np
import scipy.sparse as sp

from matcher.engine.context import Context
from matcher.engine.errors import ArithmeticRangeError, BackendError
from matcher.engine.method.claims import drop_refuted
from matcher.engine.method.dual_bound import DualBound, dual_bound
from matcher.engine.method.packing import Packing, linear_model, packing_of
from matcher.engine.method.presolve import Found, Reduced, value_of
from matcher.engine.method.sub_mip import solve_part
from matcher.engine.options import Start
from matcher.engine.program import Int64
from matcher.engine.solvers import Status

_TREE = 50.0


def solve_directly(reduced: Reduced, context: Context, start: Start | None = None) -> Found:
    """Solve tier after tier over all columns; a start's selection is what the first has to beat."""
    prices = np.zeros((reduced.tiers, reduced.m))
    known: list[int | None] = [None] * reduced.tiers
    chosen, keep = given_selection(reduced, start), np.arange(reduced.n)
    held: list[tuple[Int64, int]] = []
    proven = True
    for tier, gain in enumerate(reduced.gains):
        with context.phase("direct"):
            packing = with_tiers_held(packing_of(reduced, gain), held)
            priced = priced_alone(packing.part(keep), context)
            prices[tier] = packing.prices_of(priced.prices, reduced.m)
            bound = priced.bound
            if proven and not context.stop():
                nodes, gap = context.nodes(_TREE), context.options.gap
                found = solve_part(packing, keep, context, nodes=nodes, gap=gap)
                if chosen is not None:
                    found = drop_refuted(found, int(gain[chosen].sum()), context)
                if found.status == Status.INFEASIBLE:
                    return Found(chosen, tuple(known), prices, infeasible=True)
                chosen = _better(gain, chosen, found.chosen)
                bound = bound if found.bound is None else min(bound, found.bound)
            if chosen is None:
                return Found(None, tuple(known), prices)
        value = int(gain[chosen].sum())
        context.tell_selection(value_of(reduced, chosen), reduced.origin[chosen])
        known[tier] = max(bound, value)
        proven = proven and known[tier] == value
        held.append((gain, value))
        if proven and context.options.switches.fixing:
            keep = np.union1d(keep[priced.within(value)], chosen)
    return Found(chosen, tuple(known), prices)


def given_selection(reduced: Reduced, start: Start | None) -> Int64 | None:
    """Return the selection of a start where it is a legal one."""
    if start is None or start.selection is None:
        return None
    chosen = np.flatnonzero(np.isin(reduced.origin, start.selection))
    return chosen if packing_of(reduced, reduced.gains[0]).admits(chosen) else None


def _better(gain: Int64, chosen: Int64 | None, found: Int64 | None) -> Int64 | None:
    """Return the selection of more gain, the first of two equals."""
    if chosen is None or found is None:
        return found if chosen is None else chosen
    return max(chosen, found, key=lambda each: int(gain[each].sum()))


def with_tiers_held(packing: Packing, held: list[tuple[Int64, int]]) -> Packing:
    """Return the packing with a row per earlier tier: its gain stays at least its value."""
    for gain, value in held:
        packing = packing.with_rows(
            sp.csr_array(-gain[:, None]), np.array([-value], dtype=np.int64)
        )
    return packing


def priced_alone(packing: Packing, context: Context) -> DualBound:
    """Return exact bounds at the linear program's prices (at zero prices if it fails)."""
    prices = np.zeros(packing.rows)
    if packing.n and packing.rows and not context.stop():
        try:
            outcome = context.run("simplex", linear_model(packing))
        except BackendError as problem:
            context.say(f"linear program failed, bound from the integer solver only: {problem}")
        else:
            if outcome.prices is not None:
                prices = outcome.prices[packing.must.size :]
    try:
        return dual_bound(packing, prices)
    except ArithmeticRangeError:  # of rows that hold many digits, prices may go anywhere
        return dual_bound(packing, np.zeros(packing.rows))
