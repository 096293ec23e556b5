"""The incumbent: where the first selection comes from, and how it becomes better.

Hides the order of what is cheap: a given selection mended, a greedy filling at the prices, the
linear program's solution rounded (diving), an integer program near it, large neighbourhoods.
"""

from dataclasses import replace

import numpy as np

from matcher.engine.context import Context
from matcher.engine.method.dual_bound import DualBound, nearest
from matcher.engine.method.fold import Fold, is_large
from matcher.engine.method.large_neighbourhood import improve
from matcher.engine.method.packing import Packing
from matcher.engine.method.prices import BESIDE
from matcher.engine.method.state import State
from matcher.engine.method.sub_mip import solve_part, solve_to_target
from matcher.engine.options import Start
from matcher.engine.program import Bool, Float64, Int64

_TINY = 1e-6
_FIRST_NODES = (0.05, 1.0)
_LEAST_FREED, _MOST_FREED = 20, 400
_COMPLETE_NODES = 0.05
_ROUND_LOSSES = (0.0, 0.5, 2.0, 6.0, 15.0)
_ROUND_COLUMNS = 60_000
_ROUND_NODES = 50
_ROUND_SHARE = 0.5
_UNTIL_STOPPED = 10**9
_NEIGHBOURHOOD = 300
_NEAR = 6_000
"""Columns near each of two bounds that one integer program looks at."""
_NEAR_ENOUGH = 10_000
_NONE = np.zeros(0, dtype=np.int64)


def first_selection(
    fold: Fold,
    packing: Packing,
    priced: DualBound,
    near: Int64,
    start: Start | None,
    context: Context,
) -> Int64 | None:
    """Return a selection of the columns near the prices; None where none was found.

    `packing` is the fold with the rows added so far; `near` the columns near its prices, sorted.
    """
    worth = -priced.loss.astype(np.float64)
    chosen = _given(fold, packing, worth, near, start, context)
    if chosen is None:
        chosen = fill(packing, worth, _NONE, near)
        if not packing.admits(chosen):
            chosen = fill(packing, worth, chosen)
    if not packing.admits(chosen):
        chosen = _complete(packing, priced, chosen, near, context)
    if not packing.admits(chosen):
        for share in _FIRST_NODES:
            found = solve_part(packing, near, context, nodes=context.nodes(share))
            if found.chosen is not None or found.status == "infeasible":
                break
        if found.chosen is None:
            return None
        chosen = found.chosen
    fold.tell(chosen, context)
    return chosen


def _complete(
    packing: Packing, priced: DualBound, chosen: Int64, near: Int64, context: Context
) -> Int64:
    """Serve the groups that must be served and are not, by choosing again for some others.

    What is left over is theirs first; more and more of the others are freed until all are served.
    """
    count = np.bincount(packing.group[chosen], minlength=packing.must.size)
    if not packing.rows or (count > 1).any() or (packing.slack(chosen) < 0).any():
        return chosen
    unserved = packing.must & (count == 0)
    draw = np.random.default_rng(context.options.seed)
    others = draw.permutation(np.flatnonzero(count > 0))
    size = max(_LEAST_FREED, 2 * int(unserved.sum()))
    while not context.stop() and size < _MOST_FREED:
        free = unserved.copy()
        free[others[:size]] = True
        held = chosen[~free[packing.group[chosen]]]
        columns = near[free[packing.group[near]]]
        part = replace(packing, capacity=packing.slack(held))
        part = replace(part, must=packing.must & free)
        found = solve_part(part, columns, context, nodes=context.nodes(_COMPLETE_NODES))
        if found.chosen is not None:
            return np.union1d(held, found.chosen)
        if size >= others.size:
            break
        size *= 2
        others = draw.permutation(others)
    return chosen


def _given(
    fold: Fold, packing: Packing, worth: Float64, near: Int64, start: Start | None, context: Context
) -> Int64 | None:
    """Return the start's selection, mended where it breaks a row; None: of no use."""
    if start is None or start.selection is None:
        return None
    given = np.flatnonzero(np.isin(fold.reduced.origin, start.selection))
    if np.unique(packing.group[given]).size < given.size:
        context.say("the given selection has two columns of a group; not used")
        return None
    mended = _mend(packing, given)
    if mended.size < given.size:
        context.say("the given selection breaks a row; columns were taken out of it")
    given = fill(packing, worth, mended, near)
    return given if packing.admits(given) else None


def dive(state: State, context: Context, allowed: Int64 | None = None) -> State:
    """Round the linear program's solution down and fill up again, from what is allowed."""
    master, packing = state.master, state.packing
    whole = master.columns[master.x > 1 - _TINY]
    if master.ended and not master.fractional and packing.admits(whole):
        return state.better(whole, context)  # nothing that fits beside it gains anything
    dived = fill(packing, -master.best.loss.astype(np.float64), whole, allowed)
    return state.better(dived, context) if packing.admits(dived) else state


def round_near(state: State, context: Context) -> State:
    """Choose among the columns the linear program uses, then among those near them.

    What is fractional there is a small part of a large program; the rest is held by the losses
    (Berthold 2014, "RENS: the optimal rounding").
    """
    master, packing, priced = state.master, state.packing, state.master.best
    used = master.columns[master.x > _TINY]
    for loss in _ROUND_LOSSES:
        if context.stop() or state.value >= priced.bound:
            break
        columns = np.union1d(used, np.flatnonzero(priced.loss <= loss * priced.scale))
        if columns.size > _ROUND_COLUMNS:
            break
        found = solve_to_target(
            packing,
            priced,
            np.union1d(columns, state.chosen),
            state.value,
            context,
            nodes=_ROUND_NODES,
            share=_ROUND_SHARE,
        )
        state = state.better(found.chosen, context)
    return state


def reach_first_tier(state: State, context: Context) -> State:
    """Look for more of the first tier among columns near its own bound and near the fold's.

    Where the first tier is short of its bound, nearly every column is left open, and chains of
    moves find a unit at a time at best; one integer program over both neighbourhoods finds all.
    """
    fold, first, bound = state.fold, state.first, state.bounds[0]
    value = fold.values(state.chosen)[0]
    if fold.tiers < 2 or first is None or bound is None or value >= bound or context.stop():
        return state
    own = fold.first_tier()
    near = nearest(fold.packing, state.master.best, _NEAR)
    kept = np.union1d(np.union1d(near, nearest(own, first, _NEAR)), state.chosen)
    found = solve_to_target(own, first, kept, value + 1, context, gain=fold.packing.gain)
    if found.chosen is None or not state.packing.admits(found.chosen):
        return state
    return state.better(found.chosen, context)


def improve_incumbent(state: State, context: Context, rounds: int) -> State:
    """Improve by large neighbourhoods, in so many rounds; until the limit where there is no end.

    A large program without a limit is near enough within a 10,000th of the bound of its last goal,
    where no unit of the first is missing any more: the bound tells of the rest.
    """
    options, packing, priced = context.options, state.packing, state.master.best
    if not options.switches.neighbourhood or context.stop():
        return state
    near_enough = 0
    if (state.large or options.method == "search") and options.seconds is not None:
        rounds = _UNTIL_STOPPED
    elif is_large(state.fold):
        last = max(0, priced.bound - state.first_units(state.bounds[0]))
        near_enough = last // _NEAR_ENOUGH
    busy = max(1, int((priced.idle > 0).sum()))
    found = improve(
        packing,
        priced,
        state.chosen,
        nearest(packing, priced, 3 * busy + BESIDE),
        context,
        rounds=rounds,
        size=_NEIGHBOURHOOD,
        target=priced.bound - near_enough,
        tell=lambda chosen: state.fold.tell(chosen, context),
    )
    return replace(state, chosen=found)


def fill(packing: Packing, worth: Float64, chosen: Int64, allowed: Int64 | None = None) -> Int64:
    """Add columns to a selection that breaks no row, until none fits.

    Groups that must be served come first, then the best worth; some that must may stay unserved.
    Every group without a column proposes its best one that fits alone; proposals are taken in
    order of worth as long as all earlier proposals together leave room for them. Repeated until
    nothing is taken, so no loop runs over columns or groups. `allowed` are the columns looked at,
    sorted; None: all.
    """
    left = packing.slack(chosen)
    served = np.zeros(packing.must.size, dtype=np.bool_)
    served[packing.group[chosen]] = True
    open_ = np.arange(packing.n) if allowed is None else allowed
    group = packing.group[open_]
    open_ = open_[((packing.gain[open_] > 0) | packing.must[group]) & ~served[group]]
    rank = open_[np.lexsort((open_, -worth[open_], ~packing.must[packing.group[open_]]))]
    taken = [chosen]
    while rank.size:
        lines = packing.lines(rank)
        tight = (lines.data > 0) & (lines.data > left[lines.indices])
        blocked = np.zeros(rank.size, dtype=np.bool_)
        blocked[np.repeat(np.arange(rank.size), np.diff(lines.indptr))[tight]] = True
        rank = rank[~blocked]
        if not rank.size:
            break
        _, first = np.unique(packing.group[rank], return_index=True)
        picks = rank[np.sort(first)]
        accepted = picks[_together(packing, picks, left)]
        taken.append(accepted)
        part = packing.lines(accepted)
        np.subtract.at(left, part.indices, part.data)
        served[packing.group[accepted]] = True
        rank = rank[~served[packing.group[rank]]]
    return np.sort(np.concatenate(taken))


def _mend(packing: Packing, chosen: Int64) -> Int64:
    """Return a selection without the columns that overfill rows: those of least gain go first.

    Row by row: of the first that is overfilled as few go, from the least gain up, as make it fit.
    """
    left = packing.slack(chosen)
    over = np.flatnonzero(left < 0)
    while over.size and chosen.size:
        lines = packing.lines(chosen)
        at = np.flatnonzero((lines.indices == over[0]) & (lines.data > 0))
        if not at.size:
            return chosen
        user = np.searchsorted(lines.indptr, at, side="right") - 1
        order = np.lexsort((user, packing.gain[chosen[user]]))
        freed = np.cumsum(lines.data[at[order]])
        gone = user[order[: int(np.searchsorted(freed, -left[over[0]])) + 1]]
        part = lines[gone]
        np.add.at(left, part.indices, part.data)
        chosen = np.delete(chosen, gone)
        over = np.flatnonzero(left < 0)
    return chosen


def _together(packing: Packing, picks: Int64, left: Int64) -> Bool:
    """Return which picks fit beside all picks before them; at least the first does."""
    lines = packing.lines(picks)
    who = np.repeat(np.arange(picks.size), np.diff(lines.indptr))
    order = np.lexsort((who, lines.indices))
    row, use = lines.indices[order], np.maximum(lines.data[order], 0)
    total = np.cumsum(use)
    heads = np.flatnonzero(np.diff(row, prepend=-1))
    before = np.repeat(total[heads] - use[heads], np.diff(np.append(heads, row.size)))
    fits = np.ones(picks.size, dtype=np.bool_)
    fits[who[order][(use > 0) & (total - before > left[row])]] = False
    return fits
