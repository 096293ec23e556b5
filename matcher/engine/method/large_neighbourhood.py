"""Better selections by choosing again for some groups at a time.

Hides which groups are freed together. What a selection is short of the bound is known to the last
unit: what its columns lose, what groups without a column give up, and priced capacity left over
(`reduced_cost_fixing`). A neighbourhood (Shaw 1998, "Using constraint programming and
local search methods to solve vehicle routing problems") begins where some of that was lost and
follows the chain of moves that could win it back: the columns a group would rather have, the full
rows that stand in their way, the groups that hold those rows, the columns these could move to.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from matcher.engine.context import Context
from matcher.engine.errors import BackendError
from matcher.engine.method.dual_bound import DualBound, dual_bound
from matcher.engine.method.packing import Packing
from matcher.engine.method.reduced_cost_fixing import residual_program
from matcher.engine.program import Bool, Int64

_ROUND_NODES = 20
_SEEDS = 12
_LEVELS = 8
_MOST_HOLDERS = 40


def improve(
    packing: Packing,
    priced: DualBound,
    chosen: Int64,
    allowed: Int64,
    context: Context,
    *,
    rounds: int,
    size: int,
    target: int,
    tell: Callable[[Int64], None] = lambda _: None,
    stop: Callable[[], bool] | None = None,
    kind: str = "integer",
) -> Int64:
    """Improve a selection by large neighbourhoods until `target` is reached.

    In at most so many rounds, each freeing about `size` groups. Chains of moves are looked for
    among the columns that are `allowed`, sorted. `tell` hears of every better selection; `stop` is
    asked before every round (None: the context). `kind` of solver is as in `Context.run`.
    """
    stop = stop or context.stop
    draw = np.random.default_rng(context.options.seed)
    search = _Search(packing, priced, chosen, allowed, draw, kind)
    for _ in range(rounds):
        if stop() or search.value >= target:
            break
        free = search.neighbourhood(size)
        if not free.any():
            break
        context.count("neighbourhoods tried", 1)
        if search.reopen(free, context):
            context.count("neighbourhoods that improved", 1)
            tell(search.chosen)
    return search.chosen


@dataclass(eq=False)
class _Search:
    """A selection that is being improved."""

    packing: Packing
    priced: DualBound
    chosen: Int64
    allowed: Int64
    rng: np.random.Generator
    kind: str
    """Kind of solver, as in `Context.run`."""

    def __post_init__(self) -> None:
        packing = self.packing
        self.near = packing.lines(self.allowed)
        self.by_row = self.near.tocsc()
        self.group = packing.group[self.allowed]
        self.first = np.searchsorted(self.group, np.arange(packing.must.size + 1))
        self.price = np.rint(self.priced.prices * self.priced.scale)
        self.tries = np.zeros(packing.must.size + packing.rows)
        self._settle(self.chosen)

    def _settle(self, chosen: Int64) -> None:
        """Take a selection, and look up where it falls short of the bound."""
        packing = self.packing
        self.chosen, self.value = chosen, packing.value(chosen)
        self.slack = packing.slack(chosen)
        self.held = packing.lines(chosen).tocsc()
        pain = np.where(packing.must, 0, self.priced.idle).astype(np.float64)
        pain[packing.group[chosen]] = self.priced.loss[chosen]
        self.pain = np.concatenate((pain, self.price * self.slack))

    def neighbourhood(self, size: int) -> Bool:
        """Return about so many groups that may win back something of what was lost."""
        free = np.zeros(self.packing.must.size, dtype=np.bool_)
        weight = self.pain / (1.0 + self.tries)
        weight = np.where(weight > 0, weight, 0.0)
        open_ = np.flatnonzero(weight)
        if not open_.size:
            return free
        chance = weight[open_] / weight[open_].sum()
        for _ in range(_SEEDS):
            seed = int(self.rng.choice(open_, p=chance))
            self.tries[seed] += 1.0
            self._chain(seed, free, size)
            if int(free.sum()) >= size:
                break
        return free

    def _chain(self, seed: int, free: Bool, size: int) -> None:
        """Free the groups along the moves that would win back what was lost at one place."""
        groups = self.packing.must.size
        if seed < groups:
            frontier: Int64 = np.array([seed], dtype=np.int64)
        else:
            frontier = self._wanting(np.array([seed - groups], dtype=np.int64), free)
        for _ in range(_LEVELS):
            room = size - int(free.sum())
            frontier = frontier[~free[frontier]][:room]
            if not frontier.size:
                return
            free[frontier] = True
            if seed < groups:
                frontier = self._in_the_way(frontier, free)
            else:
                # Whoever moves there leaves a place behind, which others want.
                left = self.chosen[np.isin(self.packing.group[self.chosen], frontier)]
                rows = np.unique(self.packing.lines(left).indices).astype(np.int64)
                frontier = self._wanting(rows[self.price[rows] > 0], free)

    def _wanting(self, rows: Int64, free: Bool) -> Int64:
        """Return groups that would give up least by moving to columns of some rows."""
        columns = np.unique(self.by_row[:, rows].indices)
        group = self.group[columns]
        columns, group = columns[~free[group]], group[~free[group]]
        extra = self.priced.loss[self.allowed[columns]] - self.pain[group]
        order = np.argsort(extra, kind="stable")
        _, first = np.unique(group[order], return_index=True)
        wanting: Int64 = group[order][np.sort(first)][:_MOST_HOLDERS]
        return wanting

    def _in_the_way(self, frontier: Int64, free: Bool) -> Int64:
        """Return groups that hold the full rows of columns the frontier could move to."""
        spans = [np.arange(self.first[g], self.first[g + 1]) for g in frontier.tolist()]
        wanted = self.near[np.concatenate(spans)]
        short = np.unique(wanted.indices[wanted.data > self.slack[wanted.indices]])
        if not short.size:
            return frontier[:0]
        holders = np.unique(self.packing.group[self.chosen[np.unique(self.held[:, short].indices)]])
        return self.rng.permutation(holders[~free[holders]])[:_MOST_HOLDERS].astype(np.int64)

    def reopen(self, free: Bool, context: Context) -> bool:
        """Choose again for some groups, everything else held; whether that was better."""
        packing = self.packing
        mine = free[packing.group[self.chosen]]
        held = self.chosen[~mine]
        now = self.chosen[mine]
        groups = np.flatnonzero(free)
        columns = self.allowed[
            np.concatenate([np.arange(self.first[g], self.first[g + 1]) for g in groups.tolist()])
        ]
        columns = np.union1d(columns, now)
        part = replace(packing, must=packing.must & free).part(columns)
        rows = np.unique(part.uses.indices)
        left = packing.slack(held)[rows]
        part = replace(
            part,
            uses=sp.csr_array(part.uses[:, rows]),
            capacity=left,
            row=part.row[rows],
            sign=part.sign[rows],
            unit=part.unit[rows],
        )
        local = np.searchsorted(columns, now)
        priced = dual_bound(part, self.priced.prices[rows])
        rest = residual_program(part, priced, np.arange(columns.size), part.value(local) + 1)
        if rest is None:
            return False
        context.count("columns in neighbourhoods", int(rest.columns.size))
        try:
            outcome = context.run(
                self.kind, rest.model, nodes=_ROUND_NODES, absolute_gap=0.999, decided=True
            )
        except BackendError as problem:
            context.say(f"a neighbourhood was left out: {problem}")
            return False
        if outcome.x is None:
            return False
        found = rest.columns[outcome.x[: rest.columns.size] > 0.5]
        fresh = np.sort(np.concatenate((held, columns[found], columns[rest.held])))
        if packing.value(fresh) <= self.value or not packing.admits(fresh):
            return False
        self._settle(fresh)
        return True
