"""The proof: the gap between the bound and the incumbent is closed from both sides.

Hides in which order guesses near the bound, neighbourhoods and the last integer program are tried,
and when each is worth its time. What is proven here rests on `dual_bound`: only the columns that
reduced costs leave open go to an integer program, and its bound holds for all of them.
"""

from dataclasses import replace

import numpy as np

from matcher.engine.context import Context
from matcher.engine.method.claims import Checked, drop_refuted
from matcher.engine.method.incumbent import dive, improve_incumbent, round_near
from matcher.engine.method.state import State
from matcher.engine.method.sub_mip import solve_to_target
from matcher.engine.program import Int64

__all__ = ["MOST_COLUMNS", "prove", "settle_fold"]

MOST_COLUMNS = 15_000
"""Most columns an integer program is asked to prove."""
_EASY_COLUMNS = 4_000
_FEW_FRACTIONAL = 150
_ROUND_FRACTIONAL = 1_500
_GIVE = (3, 12, 48, 192, 768)
_GUESS_COLUMNS = 3_000


def prove(state: State, context: Context) -> State:
    """Find selections near the prices and prove the best of them."""
    master, groups = state.master, state.packing.must.size
    fractional, search = master.fractional, context.options.method == "search"
    context.count("fractional columns", fractional)
    state = replace(state, fold_bound=master.best.bound)
    few = master.solved and fractional <= _FEW_FRACTIONAL
    with context.phase("integer closing"):
        state = dive(state, context)
        if _FEW_FRACTIONAL < fractional <= _ROUND_FRACTIONAL:
            state = round_near(state, context)
        elif not few:
            state = improve_incumbent(state, context, 20 + groups // 100)
    few = few and not state.large and not search
    if few:
        with context.phase("integer closing"):
            state = _guess(state, context)
    most = 0 if search else MOST_COLUMNS if few else _EASY_COLUMNS
    if _left_open(state, context).size > most:
        with context.phase("integer closing"):
            state = improve_incumbent(state, context, 20 + groups // 20)
    with context.phase("proof"):
        left = _left_open(state, context)
        context.counts["columns left to prove"] = int(left.size)
        if left.size > most:
            context.say(f"{left.size} columns left to prove: not tried, bound reported instead")
        elif left.size and not context.stop():
            state = _decide(state, left, context)
    return settle_fold(state)


def settle_fold(state: State) -> State:
    """Return the state with the bound and prices of the last folded tier."""
    fold, bound = state.fold, max(state.bound, state.value)
    first = fold.values(state.chosen)[0]
    state = state.with_prices(fold.last, state.packing, state.master.best)
    return state.with_bound(fold.last, bound - state.first_units(first))


def _left_open(state: State, context: Context) -> Int64:
    """Return the columns that may be in a selection that is still to be ruled out."""
    if state.reached(context):
        return np.zeros(0, dtype=np.int64)
    if not context.options.switches.fixing:
        return np.arange(state.packing.n)
    return state.open_columns(state.value if state.fold.tiers > 2 else state.value + 1)


def _guess(state: State, context: Context) -> State:
    """Look for a selection that gains nearly the bound; give way until there is one.

    So little is left to decide when the target is near the bound that it is decided fast: either no
    selection gains that much, which lowers the bound, or the best that does is the best of all.
    """
    for give in _GIVE:
        best, value = state.master.best, state.value
        target = max(value, best.bound - give)
        columns = state.open_columns(target)
        if state.reached(context) or context.stop() or columns.size > _GUESS_COLUMNS:
            break
        found = solve_to_target(
            state.packing, best, columns, target, context, gap=context.options.gap
        )
        if found.status != "infeasible" or target <= value:
            return _take(state, found, columns, target, context)
        state = replace(state, fold_bound=min(state.bound, target - 1))
    return state


def _decide(state: State, columns: Int64, context: Context) -> State:
    """Solve over some columns; their optimum is everyone's when no other column is open."""
    columns, target = np.union1d(columns, state.chosen), state.value
    found = solve_to_target(
        state.packing, state.master.best, columns, target, context, gap=context.options.gap
    )
    return _take(state, found, columns, target, context)


def _take(state: State, found: Checked, columns: Int64, target: int, context: Context) -> State:
    """Take the better selection and bound after an integer program over some columns.

    Its bound speaks of selections that gain at least the target only.
    """
    if target <= state.value:
        found = drop_refuted(found, state.value, context)
    state = state.better(found.chosen, context)
    missing = np.setdiff1d(state.open_columns(state.value + 1), columns)
    if not missing.size and found.bound is not None:
        bound = min(state.bound, max(found.bound, state.value, target - 1))
        state = replace(state, fold_bound=bound)
    return state
