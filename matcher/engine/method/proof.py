"""The proof: the gap between the bound and the incumbent is closed from both sides.

Hides in which order guesses near the bound, neighbourhoods and the last integer program are tried,
and when each is worth its time. What is proven here rests on `dual_bound`: only the columns that
reduced costs leave open go to an integer program, and its bound holds for all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from matcher.engine.context import Context
from matcher.engine.method.claims import Checked, drop_refuted
from matcher.engine.method.dual_bound import DualBound
from matcher.engine.method.incumbent import dive, improve_incumbent, reach_first_tier, round_near
from matcher.engine.method.packing import Packing
from matcher.engine.method.race import Race
from matcher.engine.method.state import State
from matcher.engine.method.sub_mip import solve_to_target
from matcher.engine.program import Int64

MOST_COLUMNS = 15_000
"""Most columns an integer program is asked to prove."""
_EASY_COLUMNS = 4_000
_FEW_FRACTIONAL = 150
_ROUND_FRACTIONAL = 1_500
_GIVE = 3
"""How far below the bound the first guess lies, in units of what near columns lose."""
_WIDER = 4
_GUESS_COLUMNS = 3_000
_MOST_WIDER = 1.25
"""How many times the columns of the guess before a knotty one may have."""
_LEAST_WIDER = 100
_QUARTER, _PART = 4, 64
_GUESS_NODES = 20.0
_RACE = 4.0


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
    race = None
    if not search and not state.large and master.solved:
        race = Race.begin(state, _left_open(state, context), context, _RACE)
    most = 0 if search else MOST_COLUMNS if few else _EASY_COLUMNS
    if not search and _left_open(state, context).size > most:
        with context.phase("integer closing"):
            state = reach_first_tier(state, context)
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
    return settle_fold(state if race is None else race.settle(state))


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
    """Take what guesses near the bound find, and how far they bring it down."""

    def ruled_out(bound: int) -> None:
        context.tell_bound(state.fold.last, bound - state.first_units(state.bounds[0]))

    if state.reached(context):
        return state
    guess = guess_down(state.packing, state.master.best, state.value, context, ruled_out)
    state = replace(state, fold_bound=min(state.bound, guess.bound))
    if guess.found is None:
        return state
    return _take(state, guess.found, guess.columns, guess.target, context)


@dataclass(frozen=True, eq=False)
class Guess:
    """What guesses near a bound came to."""

    bound: int
    """Nothing gains more, as far as guesses were refuted."""
    found: Checked | None
    """What the last integer program showed, where it was not that the guess is too good."""
    columns: Int64
    """The columns it had, sorted."""
    target: int
    """What its selections had to gain."""


def guess_down(
    packing: Packing,
    best: DualBound,
    least: int,
    context: Context,
    ruled_out: Callable[[int], None] = lambda _: None,
) -> Guess:
    """Look for a selection that gains nearly the bound; give way until there is one.

    So little is left to decide when the target is near the bound that it is decided fast: either no
    selection gains that much, which lowers the bound, or the best that does is the best of all.
    Targets stay at or above `least`; `ruled_out` hears of every lower bound.
    """
    bound, size, columns = best.bound, 0, np.zeros(0, dtype=np.int64)
    give = _GIVE * _unit(packing, best)
    nodes, gap = context.proof_nodes(_GUESS_NODES), context.options.gap
    target = bound + 1
    while target > least and not context.stop():
        target = max(least, best.bound - give)
        columns = best.within(target)
        most = int(_MOST_WIDER * size) + _LEAST_WIDER
        if size and columns.size > most:
            # Knotty: what was decided fast may take for ever with many columns more.
            room = int(np.partition(best.loss, most)[most]) // best.scale
            target = max(least, min(bound, best.bound - room))
            columns, give = best.within(target), best.bound - target
        if columns.size > _GUESS_COLUMNS:
            break
        size = columns.size
        found = solve_to_target(packing, best, columns, target, context, nodes=nodes, gap=gap)
        if found.status != "infeasible" or target <= least:
            return Guess(bound, found, columns, target)
        bound = min(bound, target - 1)
        ruled_out(bound)
        give = max(give * _WIDER, give + 1)
    return Guess(bound, None, columns, target)


def _unit(packing: Packing, best: DualBound) -> int:
    """Return what counts as a small loss: gains may be in ones or in thousands of millions."""
    lost = best.loss[best.loss > 0]
    at = min(packing.must.size // _QUARTER, lost.size - 1)
    return max(1, int(np.partition(lost, at)[at]) // best.scale // _PART) if at >= 0 else 1


def _decide(state: State, columns: Int64, context: Context) -> State:
    """Solve over some columns; their optimum is everyone's when no other column is open."""
    columns, target = np.union1d(columns, state.chosen), state.value
    found = solve_to_target(
        state.packing,
        state.master.best,
        columns,
        target,
        context,
        nodes=context.proof_nodes(),
        gap=context.options.gap,
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
