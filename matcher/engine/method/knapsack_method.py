"""What a decomposition is used for: selections near its bound, and the search that proves one.

Hides the order in which a knotty program's time is spent. Dives find good selections; the search of
`knapsack_search` proves the best of many at once. Where it does not, further dives and
neighbourhoods improve them, and the search has what is left. Without a clock every part has a
limit in parts searched or nodes, so that runs repeat; with one, the search goes on for as long as
the bound is open and seconds are left.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from matcher.engine.context import Context
from matcher.engine.method.claims import drop_refuted
from matcher.engine.method.incumbent import dive
from matcher.engine.method.knapsack_search import Dive, KnapsackSearch, knapsack_search
from matcher.engine.method.knapsacks import rows_worth_filling
from matcher.engine.method.large_neighbourhood import improve
from matcher.engine.method.proof import settle_fold
from matcher.engine.method.race import Race
from matcher.engine.method.state import State
from matcher.engine.method.sub_mip import solve_part
from matcher.engine.program import Int64

_RELAX_UNTIL = 0.3
_DIVES = (45, 30, 20)
"""Groups that are left open by dives: an integer program chooses for so many at once."""
_QUICK = 0.5
"""Share of the open groups that one step of a dive decides; few where much is left open."""
_GENTLE_DIVES = ((20, 0.2, 0.02), (40, 0.2, 0.1), (40, 0.1, 0.1))
"""Dives of programs that leave much open: groups left, share of a step, and how far the bound may
fall in one, as a share of what the best selection is short of it."""
_DRAWN_GROUPS, _DRAWN_STEPS, _DRAWN_FALLS = (15, 45), (0.1, 0.3), (0.01, 0.3)
"""What further dives draw these from."""
_PER_GROUP = 6
_DIVE_NODES = 0.2
_DIVE_SHARE = 0.05
_ROUND_COLUMNS = (1.1, 1.3, 1.6)
"""Columns an integer program chooses among for each group, where dives do not end well."""
_ROUND_SHARE, _ROUND_NODES = 0.08, 2.0
_AGAIN, _AGAIN_SHARE, _HARD_SHARE = 12, 0.3, 0.6
_LET_GO = (0.05, 0.15, 0.3, 0.5)
"""Shares of what is agreed that a further dive chooses again."""
_WIDER, _NARROWER = 1.05, 0.9
"""More groups where that was decided, fewer where it was not."""
_FREE_PARTS = ((200, 40), (600, 60), (1_800, 80))
"""Parts that are looked at when groups are chosen again, then they are left as they were, and how
many groups at first: more where fewer bring nothing any more and the rest is not proven either."""
_FREE_ROUNDS, _FREE_PATIENCE = 300, 30
"""Choices made again without a clock, and how many in turn may bring nothing."""
_FREE_SHARE = 0.6
"""Share of the time, and of the work of the proof, that goes into them."""
_FREE_FALL = 0.1
"""How far the bound may fall when levels are looked for, as a share of what is open."""
_CELLS = 4_000_000.0
_LEAST_PARTS = 64
_FIRST_SHARE, _MORE_SHARE, _NEARER = 0.25, 0.75, 0.4
"""Share of the time that goes into the first proof; more, once it has brought the bound nearer to
what is known by such a share: it may then come to its end."""
_IMPROVE_SHARE, _IMPROVE_MORE = 0.5, 0.9
_EASY = 3.0
_NEAR = 3
_ROUNDS = 40
_UNTIL_STOPPED = 10**9
_RACE = 50.0
_SIZE = 40


def relax_to_knapsacks(state: State, context: Context) -> KnapsackSearch | None:
    """Return the relaxation of a knotty program; None where prices are the better way."""
    wanted = context.options.method in ("auto", "prices")
    if not wanted or not state.master.solved or state.large or state.fold.tiers > 1:
        return None  # with several goals folded, only their sum would be bounded more tightly
    filled = rows_worth_filling(state.packing)
    if filled is None:
        return None
    with context.phase("decomposition"):
        prices = state.master.best.prices
        search = knapsack_search(state.packing, filled, prices, lambda: context.past(_RELAX_UNTIL))
    if search is not None:
        context.say("few wide rows of many sizes: filled row by row")
    return search


def prove_by_knapsacks(state: State, search: KnapsackSearch, context: Context) -> State:
    """Find selections near the relaxation's bound and prove the best of them."""
    race = Race.begin(state, np.arange(state.packing.n), context, _RACE)
    search.stop = context.stop
    state = dive(state, context)
    state = replace(state, fold_bound=min(state.bound, search.bound))
    context.tell_bound(state.fold.last, state.bound - state.first_units(state.bounds[0]))
    with context.phase("integer closing"):
        state = _dive(state, search, context)
        state = _choose_again(state, search, context, *_FREE_PARTS[0])
    with context.phase("proof"):
        left = int(search.within(state.value + 1).size)
        context.counts["columns left to prove"] = left
        state = _branch(state, search, context, _FIRST_SHARE)
    with context.phase("integer closing"):
        for more in _FREE_PARTS[1:]:
            state = _choose_again(state, search, context, *more)
        state = _dive_gently(state, search, context)
        state = _round(state, search, context)
        state = _dive_again(state, search, context)
        state = _improve(state, search, context)
    with context.phase("proof"):
        state = _branch(state, search, context)
    context.count("parts searched", search.nodes)
    return settle_fold(state if race is None else race.settle(state))


def _done(state: State, context: Context) -> bool:
    return context.stop() or state.reached(context)


def _hard(state: State, search: KnapsackSearch) -> bool:
    """Whether the relaxation leaves much open to selections that are better."""
    return search.within(state.value + 1).size > _EASY * state.packing.must.size


def _dive(state: State, search: KnapsackSearch, context: Context) -> State:
    """Decide most groups by the relaxation, the rest by an integer program; take the best.

    One that finds something is enough: the proof begins at the bound, not at what is known, and
    where much is left open groups are chosen again. The more are left open, the quicker the dive.
    """
    for groups in _DIVES:
        if not _done(state, context):
            before = state.value
            state = _finish(state, search.dive(groups, _QUICK), context)
            if state.value > before:
                break
    return state


def _dive_gently(state: State, search: KnapsackSearch, context: Context) -> State:
    """Dive in small steps where the relaxation leaves much open."""
    for groups, step, fall in _GENTLE_DIVES:
        if not _done(state, context) and _hard(state, search):
            fall *= state.bound - state.value
            state = _finish(state, search.dive(groups, step, fall=fall), context)
    return state


def _choose_again(
    state: State, search: KnapsackSearch, context: Context, parts: int, groups: int
) -> State:
    """Choose again for some groups at a time by branch and bound, where much is left open.

    In turn for groups drawn from all, those likelier that lose more, and for all of some rows; of
    so many that the search mostly comes to its end.
    """
    draw = np.random.default_rng((context.options.seed, parts))
    timed = context.options.seconds is not None
    stop, failed = _until(_FREE_SHARE, context), 0
    home, rows = search.knapsacks.home, search.knapsacks.capacity.size
    sizes = [float(groups), float(groups)]
    most = context.proof_nodes(_FREE_SHARE * _CELLS / search.cells)
    last = _UNTIL_STOPPED if timed else search.nodes + max(_LEAST_PARTS, most)
    for at in range(_UNTIL_STOPPED if timed else _FREE_ROUNDS):
        if stop() or _done(state, context) or not _hard(state, search):
            break
        if failed >= _FREE_PATIENCE or search.nodes >= last:
            break
        chosen = state.chosen
        kind, size = at % 2, min(int(sizes[at % 2]), chosen.size)
        if kind:
            free = np.argsort(draw.permutation(rows)[home[chosen]], kind="stable")[:size]
        else:
            weight = np.sqrt(search.loss[chosen] + 1.0)
            free = draw.choice(chosen.size, size, replace=False, p=weight / weight.sum())
        found, decided = search.again(
            np.delete(chosen, free),
            state.value + 1,
            _FREE_FALL * (state.bound - state.value),
            min(parts, last - search.nodes),
            stop,
        )
        failed = failed + 1 if found is None else 0
        wider = sizes[kind] * (_WIDER if decided else _NARROWER)
        sizes[kind] = min(max(wider, 2.0), float(chosen.size))
        state = state.better(found, context)
    return state


def _round(state: State, search: KnapsackSearch, context: Context) -> State:
    """Choose among the columns that lose least: where rows are too tight for a dive to end well."""
    packing, order = state.packing, np.argsort(search.loss, kind="stable")
    for share in _ROUND_COLUMNS:
        if _done(state, context):
            break
        left = context.left()
        found = solve_part(
            packing,
            np.union1d(order[: int(share * packing.must.size)], state.chosen),
            context,
            nodes=context.nodes(_ROUND_NODES),
            seconds=None if left is None else left * _ROUND_SHARE,
            exact=True,
        )
        state = state.better(drop_refuted(found, state.value, context).chosen, context)
    return state


def _dive_again(state: State, search: KnapsackSearch, context: Context) -> State:
    """Dive from what the best selection and the relaxation agree on, less a share drawn anew.

    Little is open, so its levels are those of what is left. Where the relaxation leaves much open,
    every other dive begins from nothing, and its steps are drawn as well: which of them come near
    the bound, nothing tells beforehand.
    """
    draw = np.random.default_rng(context.options.seed)
    rounds = _AGAIN if context.options.seconds is None else _UNTIL_STOPPED
    hard = _hard(state, search)
    stop = _until(_HARD_SHARE if hard else _AGAIN_SHARE, context)
    groups, step, fall = _DIVES[0], _QUICK, 0.0
    for at in range(rounds):
        if stop() or state.reached(context):
            break
        agreed = np.intersect1d(state.chosen, search.settled)
        held = agreed[draw.random(agreed.size) >= draw.choice(_LET_GO)]
        if hard:
            held = held[: held.size * (at % 2)]
            groups, step = int(draw.integers(*_DRAWN_GROUPS)), draw.uniform(*_DRAWN_STEPS)
            fall = (state.bound - state.value) * draw.uniform(*_DRAWN_FALLS)
        if held.size < state.packing.must.size:
            state = _finish(state, search.dive(groups, step, fall=fall, held=held), context)
    return state


def _finish(state: State, dived: Dive, context: Context) -> State:
    """Choose for the groups that a dive leaves open."""
    packing = state.packing
    columns = np.sort(dived.near[: _PER_GROUP * dived.groups])
    open_ = np.ones(packing.must.size, dtype=np.bool_)
    open_[packing.group[dived.held]] = False
    part = replace(packing, capacity=packing.slack(dived.held), must=packing.must & open_)
    left = context.left()
    found = solve_part(
        part,
        columns,
        context,
        nodes=context.nodes(_DIVE_NODES),
        seconds=None if left is None else left * _DIVE_SHARE,
        exact=True,
    )
    context.count("dives", 1)
    if found.chosen is None:
        return state
    chosen = np.union1d(dived.held, found.chosen)
    return state.better(chosen, context) if packing.admits(chosen) else state


def _improve(state: State, search: KnapsackSearch, context: Context) -> State:
    """Improve by large neighbourhoods, for a share of the seconds left."""
    if not context.options.switches.neighbourhood or _done(state, context):
        return state
    packing = state.packing
    share = _IMPROVE_MORE if _hard(state, search) else _IMPROVE_SHARE
    near = np.argsort(search.loss, kind="stable")[: _NEAR * packing.must.size]
    found = improve(
        packing,
        state.master.best,
        state.chosen,
        np.union1d(near, state.chosen),
        context,
        rounds=_ROUNDS if context.options.seconds is None else _UNTIL_STOPPED,
        size=_SIZE,
        target=state.bound,
        tell=lambda chosen: state.fold.tell(chosen, context),
        stop=_until(share, context),
        kind="exact",
    )
    return state.better(found, context)


def _until(share: float, context: Context) -> Callable[[], bool]:
    """Return what says that a share of the seconds left is used up, or to stop at all."""
    left = context.left()
    least = 0.0 if left is None else left * (1.0 - share)

    def stop() -> bool:
        now = context.left()
        return context.stop() or (now is not None and now <= least)

    return stop


def _branch(state: State, search: KnapsackSearch, context: Context, share: float = 1.0) -> State:
    """Prove by branch and bound, the target giving way from the bound down to what is known.

    For a share of the seconds left, or of the parts that may be searched where there is no clock.
    """
    fold, most = state.fold, context.proof_nodes(share * _CELLS / search.cells)
    most = search.nodes + max(_LEAST_PARTS, most)
    stop, nearly = _until(share, context), _until(max(share, _MORE_SHARE), context)

    def tell(chosen: Int64) -> None:
        fold.tell(chosen, context)

    top, give, step = state.bound, 0, max(1, (state.bound - state.value) >> 8)
    while not (stop() or state.reached(context)):
        target = max(state.value + 1, top - give)
        found, complete = search.search(target, most, tell, stop, enough=state.bound)
        state = state.better(found, context)
        if not complete:
            break
        bound = target - 1 if found is None else state.packing.value(found)
        state = replace(state, fold_bound=bound)
        context.tell_bound(fold.last, bound - state.first_units(state.bounds[0]))
        give += max(step, give // 3)
        if top - bound >= _NEARER * (top - state.value):
            stop = nearly
    return replace(state, fold_bound=max(state.bound, state.value))
