"""The first tier: its own bound, the row that holds it there, and what is done where it is missed.

Hides that one unit of the first tier may cost more than the weight K in the second: then the best
fold is not the best in order, and the second tier is maximised with the first held.
"""

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from matcher.engine.context import Context
from matcher.engine.method import proof
from matcher.engine.method.claims import drop_refuted
from matcher.engine.method.column_generation import generate_columns
from matcher.engine.method.dual_bound import DualBound, dual_bound
from matcher.engine.method.packing import Packing
from matcher.engine.method.prices import SCHEDULE, smooth_prices
from matcher.engine.method.state import State
from matcher.engine.method.sub_mip import solve_to_target
from matcher.engine.program import Int64
from matcher.engine.solvers import Status

_TINY = 1e-6
_FIRST_UNTIL = 0.8


def bound_first_tier(state: State, context: Context) -> State:
    """Bound the first tier by its own linear program on the same columns."""
    fold = state.fold
    with context.phase("first tier"):
        own = fold.first_tier()
        guess = state.master.best.prices[: own.rows] / max(1, fold.weight)
        if state.large and not context.stop():
            guess = smooth_prices(
                own,
                guess,
                unit=float(own.gain.max(initial=1)),
                schedule=SCHEDULE[:4],
                stop=lambda: context.past(_FIRST_UNTIL),
            )
            best = dual_bound(own, guess)
        else:
            master = state.master.with_objective(own, guess)
            master.solve(primal=True)
            best = master.best
            context.count("linear programs", master.solves)
        return take_first_bound(state, best, context)


def take_first_bound(state: State, priced: DualBound, context: Context) -> State:
    """Return the state with a bound of the first tier, unless it has a better one."""
    if state.bounds[0] is not None and state.bounds[0] < priced.bound:
        return state
    context.tell_bound(0, priced.bound)
    state = state.with_bound(0, priced.bound).with_prices(0, state.fold.packing, priced)
    return replace(state, first=priced)


def can_hold(state: State) -> bool:
    """Whether a row can hold the first tier at its bound."""
    gains = state.fold.reduced.gains[0]
    return state.fold.tiers > 1 and int(gains.min(initial=0)) >= 0 and not state.large


def exceeds_first_tier(state: State) -> bool:
    """Whether the linear program's solution is above the first tier's bound."""
    return _first_value(state) > (state.bounds[0] or 0) + _TINY


def _first_value(state: State) -> float:
    master = state.master
    if not master.solved:
        return 0.0
    return float(state.fold.reduced.gains[0][master.columns] @ master.x)


def hold_first_tier(state: State, context: Context) -> State:
    """Add the row  g0 <= z0  and solve again where it binds."""
    with context.phase("linear program"):
        state = add_cap(state)
        if exceeds_first_tier(state):
            generate_columns(state.master, large=state.large)
        else:
            state.master.ended = state.master.solved
    return state


def add_cap(state: State, price: float = 0.0) -> State:
    """Add the row that holds the first tier at its bound, at a price."""
    bound = state.bounds[0]
    assert bound is not None
    gains = sp.csr_array(state.fold.reduced.gains[0][:, None])
    state.master.add_rows(gains, np.array([bound], dtype=np.int64), np.array([price]))
    return replace(state, capped=True)


def lower_first_tier(state: State, context: Context) -> State:
    """Lower the first tier's bound, and the cap, where its own linear program does."""
    before = state.bounds[0]
    if before is not None and _first_value(state) > before - _TINY:
        return state
    state = bound_first_tier(state, context)
    bound = state.bounds[0]
    if state.capped and before is not None and bound is not None and bound < before:
        with context.phase("linear program"):
            cap = int(np.flatnonzero(state.packing.row < 0)[0])
            ended = state.master.ended
            state.master.set_capacity(cap, bound)
            if exceeds_first_tier(state):
                generate_columns(state.master, large=state.large)
            else:  # the row bound neither before nor now: what solved the program solves it still
                state.master.ended = ended
    return state


def reach_bound(state: State, context: Context) -> State:
    """Settle both tiers at the first one's bound where the fold alone would stay below it.

    A unit of the first tier costs more there than the fold's weight: its prices leave much open,
    those with the first tier held next to nothing.
    """
    if context.options.method == "search" or context.stop() or not can_hold(state):
        return state
    bound = state.bounds[0]
    if bound is None or not state.master.ended or _first_value(state) > bound - _TINY:
        return state
    return _best_at_bound(state, context)


def settle_first_tier(state: State, context: Context) -> State:
    """Lower the bound of the first tier when no selection can reach it; else reach it."""
    value, bound = state.fold.values(state.chosen)[0], state.bounds[0]
    below = bound is not None and bound > value
    if below and not context.stop() and context.options.method != "search":
        state = _best_at_bound(state, context)
        if state.fold.values(state.chosen)[0] == value:
            state = _reach(state, value, context)
    return _best_in_order(state, context)


def _best_at_bound(state: State, context: Context) -> State:
    """Find the best selection whose first tier is at its bound, proven, if that is quick.

    A row holds the first tier there, and prices with that row leave few columns near them: what
    they decide at once, the first tier's own program, which knows of no second, takes long over.
    The program with that row is the state's from here on.
    """
    bound, master, reduced = state.bounds[0], state.master, state.fold.reduced
    if bound is None or not can_hold(state) or not master.solved or state.looked_at == bound:
        return state
    with context.phase("first tier"):
        state = replace(state, looked_at=bound)
        held = master.only(np.arange(state.packing.n))
        floor = sp.csr_array(-reduced.gains[0][:, None])
        held.add_rows(floor, np.array([-bound], dtype=np.int64))
        generate_columns(held, large=state.large)
        if not held.ended:
            return state
        lowest = np.minimum.reduceat(reduced.gains[1], reduced.starts[:-1])
        least = state.fold.weight * bound + int(np.minimum(lowest, 0).sum())
        guess = proof.guess_down(held.packing, held.best, least, context)
        found = guess.found
        if found is None or found.status != Status.OPTIMAL or found.chosen is None:
            return state
        if state.fold.values(found.chosen)[0] != bound or not state.packing.admits(found.chosen):
            return state
        state.fold.tell(found.chosen, context)
        value = state.fold.values(found.chosen)[1]
        state = replace(state, chosen=found.chosen, master=held, fold_bound=None)
        return state.with_prices(1, held.packing, held.best).with_bound(1, value)


def _reach(state: State, value: int, context: Context) -> State:
    with context.phase("first tier"):
        own, first = state.fold.first_tier(), state.first
        assert first is not None
        kept = np.union1d(first.within(value + 1), state.chosen)
        if kept.size > proof.MOST_COLUMNS:
            return state
        found = solve_to_target(own, first, kept, value, context)
        found = drop_refuted(found, value, context)
        if found.chosen is not None and own.value(found.chosen) > value:
            state = _second_tier(state, own, found.chosen, own.value(found.chosen) - value, context)
            value = own.value(state.chosen)
        if found.status == "optimal" and found.bound is not None:
            state = state.with_bound(0, max(value, found.bound))
    return state


def _second_tier(state: State, own: Packing, chosen: Int64, more: int, context: Context) -> State:
    """Return the best selection in the second tier whose first is no worse than a better one's.

    `own` is the program of the first tier alone, `chosen` a selection better by `more` in it.
    """
    state.fold.tell(chosen, context)
    value, gain, first = own.value(chosen), state.fold.reduced.gains[1], state.first
    assert first is not None
    bound = (state.bounds[1] or 0) - state.fold.weight * more
    kept = np.union1d(first.within(value), chosen)
    if kept.size <= proof.MOST_COLUMNS and not context.stop():
        found = solve_to_target(own, first, kept, value, context, gain=gain)
        found = drop_refuted(found, int(gain[chosen].sum()), context)
        if found.bound is not None:
            bound = min(bound, found.bound)
        if found.chosen is not None and own.value(found.chosen) >= value:
            chosen = max(chosen, found.chosen, key=lambda each: int(gain[each].sum()))
            state.fold.tell(chosen, context)
    return replace(state, chosen=chosen).with_bound(1, max(bound, int(gain[chosen].sum())))


def _best_in_order(state: State, context: Context) -> State:
    """Return the best selection told so far where the best fold has less in the first tier."""
    value = state.fold.values(state.chosen)[0]
    if context.best is None or context.best[0][0] <= value:
        return state
    values, columns = context.best
    bound = (state.bounds[1] or 0) - state.fold.weight * (values[0] - value)
    chosen = np.flatnonzero(np.isin(state.fold.reduced.origin, columns))
    return replace(state, chosen=chosen).with_bound(1, max(bound, values[1]))
