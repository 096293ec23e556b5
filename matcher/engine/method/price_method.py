"""The price method, pass by pass: the recipe.

Prices come from a smoothed dual, column generation makes them exact, cuts make them better; near
them lie the selections, and reduced costs leave few columns to the proof. A state goes from pass
to pass (`state`); what each pass knows of the order of tiers is told in `fold`.
"""

from dataclasses import replace

import numpy as np

from matcher.engine.answer import Losses
from matcher.engine.context import Context
from matcher.engine.method.column_generation import RestrictedMaster, generate_columns
from matcher.engine.method.dual_bound import dual_bound, nearest
from matcher.engine.method.first_tier import (
    bound_first_tier,
    can_hold,
    exceeds_first_tier,
    hold_first_tier,
    reach_bound,
    settle_first_tier,
)
from matcher.engine.method.fold import Fold, fold_tiers, is_large
from matcher.engine.method.incumbent import dive, first_selection
from matcher.engine.method.knapsack_method import prove_by_knapsacks, relax_to_knapsacks
from matcher.engine.method.later_tiers import improve_later_tiers
from matcher.engine.method.presolve import Found, Reduced
from matcher.engine.method.prices import columns_wanted, first_prices
from matcher.engine.method.proof import prove
from matcher.engine.method.state import State
from matcher.engine.method.warm_start import resume, warm_start_of
from matcher.engine.options import Start

_FIX_FROM = 1_000_000
"""Most columns a program may have that is not made smaller before its cuts."""
_FIX_SHARE = 0.5
_CUT_ROUNDS = 20
_CUTS_UNTIL = 0.45


def solve_by_prices(reduced: Reduced, context: Context, start: Start | None) -> Found | None:
    """Run the price method; None when it finds no selection or the numbers are too large for it."""
    fold = fold_tiers(reduced, context)
    if fold is None:
        return None
    if not fold.reduced.n:
        if not fold.packing.admits(none := np.zeros(0, dtype=np.int64)):
            return None
        return Found(none, (0,) * fold.tiers, np.zeros((fold.tiers, fold.reduced.m)))
    state = _begin(fold, start, context)
    if state is None:
        return None
    whole, fixed = state, _fix_columns(state, context)
    state = fixed or whole
    if can_hold(state) and not state.capped and not state.master.cuts:
        state = hold_first_tier(state, context)
    free = state
    state = reach_bound(state, context)
    if state.master is free.master:
        state = _proven(state, context)
    # Prices of few columns say little of the others: a warm start is that of all of them.
    warm = warm_start_of(free if fixed is None else whole) if free.master.solved else None
    losses = _losses(fold, whole.master) if state.capped else None
    context.count("linear programs", state.master.solves)
    if fixed is not None:
        state = _with_all_columns(whole, state)
    if fold.tiers > 1:
        state = settle_first_tier(state, context)
    state = improve_later_tiers(state, context)
    chosen = state.fold.origin[state.chosen]
    return Found(chosen, state.bounds, state.prices, warm_start=warm, losses=losses)


def _proven(state: State, context: Context) -> State:
    """Return the state with the best fold found and bounded."""
    knapsacks = relax_to_knapsacks(state, context)
    if knapsacks is None:
        _add_cuts(state, context)
    context.tell_bound(state.fold.last, state.bound - state.first_units(state.bounds[0]))
    if knapsacks is None:
        return prove(state, context)
    return prove_by_knapsacks(state, knapsacks, context)


def _begin(fold: Fold, start: Start | None, context: Context) -> State | None:
    """Return a first linear program and selection, where an earlier solve ended or from nothing."""
    warm = None if start is None else start.warm_start
    if start is not None and warm is not None and warm.fits(fold.reduced):
        return resume(fold, start, context)
    prices, large = first_prices(fold, start, context, large=is_large(fold))
    packing = fold.packing
    priced = dual_bound(packing, prices)
    with context.phase("first selection"):
        near = nearest(packing, priced, columns_wanted(priced))
        chosen = first_selection(fold, packing, priced, near, start, context)
        if chosen is None:
            return None
    # With the selection, there is a solution: near the prices alone there may be none.
    master = RestrictedMaster(packing, np.union1d(near, chosen), prices, context)
    state = State.of(fold, master, chosen, large=large)
    with context.phase("linear program"):
        generate_columns(state.master, large=large)
    if fold.tiers > 1:
        state = bound_first_tier(state, context)
        if can_hold(state) and (packing.n <= _FIX_FROM or exceeds_first_tier(state)):
            state = hold_first_tier(state, context)
    return state


def _fix_columns(state: State, context: Context) -> State | None:
    """Return a large program without the columns that reduced costs rule out; None: most are left.

    What its selections leave open is a small program, if the first tier is settled: with it, the
    fold bounds every selection that counts.
    """
    master, n = state.master, state.packing.n
    if n <= _FIX_FROM or not context.options.switches.fixing:
        return None
    if not master.solved or context.stop():
        return None
    with context.phase("integer closing"):
        near = nearest(state.packing, master.best, columns_wanted(master.best))
        state = dive(state, context, near)
    if state.fold.tiers > 1 and state.fold.values(state.chosen)[0] < (state.bounds[0] or 0):
        return None
    kept = np.union1d(state.open_columns(state.value), state.chosen)
    if kept.size > _FIX_SHARE * n:
        return None
    context.counts["columns left after thinning"] = int(kept.size)
    part = master.only(kept)
    with context.phase("linear program"):
        generate_columns(part, large=state.large)
    return replace(
        state,
        fold=state.fold.part(kept, part.packing),
        master=part,
        chosen=np.searchsorted(kept, state.chosen),
    )


def _with_all_columns(whole: State, state: State) -> State:
    """Return a state of few columns as one of all, where the first tier is below its bound.

    A better fold with less in the first tier: what that costs is asked of all columns.
    """
    if (state.bounds[0] or 0) <= state.fold.values(state.chosen)[0]:
        return state
    chosen = np.searchsorted(whole.fold.origin, state.fold.origin[state.chosen])
    return replace(state, fold=whole.fold, master=whole.master, chosen=chosen)


def _add_cuts(state: State, context: Context) -> None:
    """Add cuts to the master as long as its bound follows."""
    master = state.master
    wanted = context.options.switches.cuts and not state.large and master.fractional
    if wanted and master.ended:
        with context.phase("cuts"):
            rows = int((master.packing.row >= 0).sum())
            master.cut(_CUT_ROUNDS, rows, lambda: context.past(_CUTS_UNTIL))
            context.count("cuts", len(master.cuts))


def _losses(fold: Fold, master: RestrictedMaster) -> Losses | None:
    """Return the master's bound, and what every column loses against it in units of F."""
    best = master.best
    loss = np.full(fold.given, np.inf)
    loss[fold.origin] = best.loss / best.scale
    return Losses(fold.weight, best.scaled_bound / best.scale, loss)
