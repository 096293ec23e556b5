"""What a decomposition is used for: selections near its bound, and the search that proves one.

Hides the order in which a knotty program's time is spent. Integer programs over the few columns
that lose least find good selections; where little is left open the search of
`knapsack_search` proves the best; where much is, selections are improved by
neighbourhoods first. Without a clock every part has a limit in parts searched or nodes, so that
runs repeat; with one, the search goes on for as long as the bound is open and seconds are left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matcher.engine.context import Context
from matcher.engine.method.column_generation import nearest
from matcher.engine.method.knapsack_search import KnapsackSearch
from matcher.engine.method.large_neighbourhood import improve
from matcher.engine.method.packing import DualBound, Packing
from matcher.engine.method.sub_mip import drop_refuted, solve_part
from matcher.engine.program import Int64

__all__ = ["KnapsackMethod"]

_PER_GROUP = (1.6, 2.4)
_ROUND_SHARE = 0.08
_ROUND_NODES = 0.5
_CELLS = 1_000_000.0
_LEAST_PARTS = 50
_EASY = 3.0
_IMPROVE_SHARE = 0.5
_ROUNDS = 40
_UNTIL_STOPPED = 10**9
_SIZE = 40


@dataclass(frozen=True, eq=False)
class KnapsackMethod:
    """A knotty packing that is being closed."""

    packing: Packing
    priced: DualBound
    """Good prices of it: what neighbourhoods follow."""
    parts: KnapsackSearch
    context: Context
    enough: Callable[[int, Int64, int], bool]
    """Whether a value, its selection and a bound are what was asked for."""
    tell: Callable[[Int64], None]
    """Told of every better selection."""
    tell_bound: Callable[[int], None]
    """Told of every better bound."""

    def close(self, chosen: Int64, bound: int) -> tuple[Int64, int]:
        """Return the best selection found, and the bound."""
        context, packing = self.context, self.packing
        bound = min(bound, self.parts.bound)
        with context.phase("integer closing"):
            chosen = self._round(chosen, bound)
        with context.phase("proof"):
            left = int(self.parts.within(packing.value(chosen) + 1).size)
            context.counts["columns left to prove"] = left
            if left <= _EASY * packing.must.size or context.options.seconds is None:
                chosen, bound = self._search(chosen, bound)
        with context.phase("integer closing"):
            chosen = self._improve(chosen, bound)
        with context.phase("proof"):
            chosen, bound = self._search(chosen, bound)
        context.count("parts searched", self.parts.nodes)
        return chosen, max(bound, packing.value(chosen))

    def _until(self, share: float) -> Callable[[], bool]:
        """Return what says that a share of the seconds left is used up, or to stop at all."""
        left = self.context.left()
        least = 0.0 if left is None else left * (1.0 - share)

        def stop() -> bool:
            now = self.context.left()
            return self.context.stop() or (now is not None and now <= least)

        return stop

    def _done(self, chosen: Int64, bound: int) -> bool:
        return self.context.stop() or self.enough(self.packing.value(chosen), chosen, bound)

    def _round(self, chosen: Int64, bound: int) -> Int64:
        """Choose among the columns that lose least."""
        context, packing = self.context, self.packing
        order = np.argsort(self.parts.loss, kind="stable")
        for share in _PER_GROUP:
            if self._done(chosen, bound):
                break
            few = np.union1d(order[: int(share * packing.must.size)], chosen)
            left = context.left()
            closed = solve_part(
                packing,
                few,
                context,
                nodes=context.nodes(_ROUND_NODES),
                seconds=None if left is None else left * _ROUND_SHARE,
            )
            closed = drop_refuted(closed, packing.value(chosen), context)
            chosen = self._better(chosen, closed.chosen)
        return chosen

    def _improve(self, chosen: Int64, bound: int) -> Int64:
        if not self.context.options.switches.neighbourhood or self._done(chosen, bound):
            return chosen
        limited = self.context.options.seconds is not None
        near = nearest(self.packing, self.priced, int(4 * self.packing.must.size))
        found = improve(
            self.packing,
            self.priced,
            chosen,
            np.union1d(near, chosen),
            self.context,
            rounds=_UNTIL_STOPPED if limited else _ROUNDS,
            size=_SIZE,
            target=bound,
            tell=self.tell,
            stop=self._until(_IMPROVE_SHARE),
        )
        return self._better(chosen, found)

    def _better(self, chosen: Int64, found: Int64 | None) -> Int64:
        if found is None or self.packing.value(found) <= self.packing.value(chosen):
            return chosen
        self.tell(found)
        return found

    def _search(self, chosen: Int64, bound: int) -> tuple[Int64, int]:
        """Prove, the target giving way from the bound down to what is known."""
        context, packing = self.context, self.packing
        limited = context.options.seconds is not None
        most = _UNTIL_STOPPED
        if not limited:
            most = max(_LEAST_PARTS, context.nodes(_CELLS / self.parts.cells))
        top, give, step = bound, 0, max(1, (bound - packing.value(chosen)) >> 8)
        while not self._done(chosen, bound) and self.parts.nodes < most:
            target = max(packing.value(chosen) + 1, top - give)
            found, complete = self.parts.search(target, most, self.tell)
            chosen = self._better(chosen, found)
            if not complete:
                break
            bound = target - 1 if found is None else packing.value(found)
            self.tell_bound(bound)
            give += max(step, give // 3)
        return chosen, max(bound, packing.value(chosen))
