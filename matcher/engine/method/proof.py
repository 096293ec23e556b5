"""Selections near the prices, and the proof that none is better.

Hides in which order roundings, guesses near the bound, neighbourhoods and the last integer program
are tried, and when each is worth its time.
"""

import numpy as np

from matcher.engine.method.column_generation import RestrictedMaster, nearest
from matcher.engine.method.folded import BESIDE, Folded
from matcher.engine.method.knapsack_bound import suits_knapsacks
from matcher.engine.method.knapsack_method import KnapsackMethod
from matcher.engine.method.knapsack_search import KnapsackSearch, knapsack_search
from matcher.engine.method.large_neighbourhood import improve
from matcher.engine.method.packing import DualBound, Packing
from matcher.engine.method.presolve import value_of
from matcher.engine.method.sub_mip import Checked, drop_refuted, fill, solve_to_target
from matcher.engine.program import Int64

__all__ = ["Proving"]

_TINY = 1e-6
_FEW_FRACTIONAL = 150
_ROUND_LOSSES = (0.0, 0.5, 2.0, 6.0, 15.0)
_ROUND_COLUMNS = 60_000
_ROUND_FRACTIONAL = 1_500
_ROUND_NODES = 50
_ROUND_SHARE = 0.5
_GIVE = (3, 12, 48, 192, 768)
_GUESS_COLUMNS = 3_000
_UNTIL_STOPPED = 10**9
_EASY_COLUMNS = 4_000
_NEIGHBOURHOOD = 300
_DECOMPOSITION_UNTIL = 0.3


class Proving(Folded):
    """Closes the gap between a linear program and the best selection."""

    def _close(self, master: RestrictedMaster, chosen: Int64) -> Int64:
        """Find selections near the prices and prove the best of them."""
        context, packing = self.context, master.packing
        fractional = master.fractional
        context.count("fractional columns", fractional)
        bound = master.best.bound
        with context.phase("integer closing"):
            chosen = self._dive(master, chosen)
            if _FEW_FRACTIONAL < fractional <= _ROUND_FRACTIONAL:
                chosen = self._round(master, chosen)
            elif fractional > _FEW_FRACTIONAL or not master.solved:
                chosen = self._improve(master, chosen, 20 + packing.must.size // 100)
        few = master.solved and fractional <= _FEW_FRACTIONAL
        few = few and not self.large and not self.search
        if few:
            with context.phase("integer closing"):
                chosen, bound = self._guess(master, chosen, bound)
        most = 0 if self.search else self.proof_columns if few else _EASY_COLUMNS
        if self._open(master, chosen, bound) > most:
            with context.phase("integer closing"):
                chosen = self._improve(master, chosen, 20 + packing.must.size // 20)
        with context.phase("proof"):
            left = self._open(master, chosen, bound)
            context.counts["columns left to prove"] = left
            if left > most:
                context.say(f"{left} columns left to prove: not tried, bound reported instead")
            elif left and not context.stop():
                chosen, bound = self._try(master, self._kept(master, chosen), chosen, bound)
        bound = max(bound, packing.value(chosen))
        self._report(master.packing, master.best, chosen, bound)
        return chosen

    def _parts(self, master: RestrictedMaster) -> KnapsackSearch | None:
        """Return the decomposition of a knotty program; None where prices are the better way."""
        wanted = self.context.options.method in ("auto", "prices")
        if not wanted or not master.solved or self.large or not suits_knapsacks(master.packing):
            return None
        with self.context.phase("decomposition"):
            until = self.context.past
            parts = knapsack_search(
                master.packing, master.best.prices, lambda: until(_DECOMPOSITION_UNTIL)
            )
        if parts is not None:
            self.context.say("few wide rows of many sizes: filled row by row")
        return parts

    def _close_parts(self, master: RestrictedMaster, parts: KnapsackSearch, chosen: Int64) -> Int64:
        """Close the gap of a knotty program."""
        packing = master.packing
        chosen = self._dive(master, chosen)
        knots = KnapsackMethod(
            packing=packing,
            priced=master.best,
            parts=parts,
            context=self.context,
            enough=lambda value, columns, bound: self._enough(
                value, value_of(self.core, columns), bound
            ),
            tell=self._tell,
            tell_bound=self._tell_fold,
        )
        chosen, bound = knots.close(chosen, master.best.bound)
        self._report(packing, master.best, chosen, bound)
        return chosen

    def _tell_fold(self, bound: int) -> None:
        """Tell of a better bound on the folded tiers."""
        first = 0 if self.core.tiers == 1 else self.weight * (self.bounds[0] or 0)
        self.context.tell_bound(min(1, self.core.tiers - 1), bound - first)

    def _kept(self, master: RestrictedMaster, chosen: Int64) -> Int64:
        """Return the columns that may be in a selection this answer still has to rule out."""
        value = master.packing.value(chosen)
        if not self.switches.fixing:
            return np.arange(master.packing.n)
        return master.best.within(value if self.core.tiers > 2 else value + 1)

    def _open(self, master: RestrictedMaster, chosen: Int64, bound: int) -> int:
        """Return how many columns are left to prove; none when the bound is reached."""
        if self._enough(master.packing.value(chosen), value_of(self.core, chosen), bound):
            return 0
        return int(self._kept(master, chosen).size)

    def _enough(self, value: int, values: tuple[int, ...], bound: int) -> bool:
        """Whether the bound is reached, or the gap that was asked for."""
        gap = self.context.options.gap
        if value >= bound or gap == 0.0:
            return value >= bound
        if self.core.tiers > 1:
            first = self.bounds[0]
            if first is None or first > values[0]:
                short = float("inf") if first is None else first - values[0]
                return short <= gap * max(1, abs(values[0]))
        return bound - value <= gap * max(1, abs(values[min(1, self.core.tiers - 1)]))

    def _round(self, master: RestrictedMaster, chosen: Int64) -> Int64:
        """Choose among the columns the linear program uses, then among those near them.

        What is fractional there is a small part of a large program; the rest is held by the
        losses (Berthold 2014, "RENS: the optimal rounding").
        """
        context, packing, priced = self.context, master.packing, master.best
        used = master.columns[master.x > _TINY]
        for loss in _ROUND_LOSSES:
            if context.stop() or packing.value(chosen) >= priced.bound:
                break
            columns = np.union1d(used, np.flatnonzero(priced.loss <= loss * priced.scale))
            if columns.size > _ROUND_COLUMNS:
                break
            closed = solve_to_target(
                packing,
                priced,
                np.union1d(columns, chosen),
                packing.value(chosen),
                context,
                nodes=_ROUND_NODES,
                share=_ROUND_SHARE,
            )
            if closed.chosen is not None and packing.value(closed.chosen) > packing.value(chosen):
                chosen = closed.chosen
                self._tell(chosen)
        return chosen

    def _guess(self, master: RestrictedMaster, chosen: Int64, bound: int) -> tuple[Int64, int]:
        """Look for a selection that gains nearly the bound; give way until there is one.

        So little is left to decide when the target is near the bound that it is decided fast:
        either no selection gains that much, which lowers the bound, or the best that does is the
        best of all.
        """
        context, packing = self.context, master.packing
        for give in _GIVE:
            value = packing.value(chosen)
            target = max(value, master.best.bound - give)
            columns = master.best.within(target)
            if self._enough(value, value_of(self.core, chosen), bound) or context.stop():
                break
            if columns.size > _GUESS_COLUMNS:
                break
            closed = solve_to_target(
                packing, master.best, columns, target, context, gap=context.options.gap
            )
            if closed.status == "infeasible" and target > value:
                bound = min(bound, target - 1)
                continue
            chosen, bound = self._take(master, closed, columns, chosen, bound, target)
            break
        return chosen, bound

    def _try(
        self, master: RestrictedMaster, columns: Int64, chosen: Int64, bound: int
    ) -> tuple[Int64, int]:
        """Solve over some columns; their optimum is everyone's when no other column is open."""
        columns = np.union1d(columns, chosen)
        closed = solve_to_target(
            master.packing,
            master.best,
            columns,
            master.packing.value(chosen),
            self.context,
            gap=self.context.options.gap,
        )
        return self._take(master, closed, columns, chosen, bound, master.packing.value(chosen))

    def _take(
        self,
        master: RestrictedMaster,
        closed: Checked,
        columns: Int64,
        chosen: Int64,
        bound: int,
        target: int,
    ) -> tuple[Int64, int]:
        """Return the better selection and bound after an integer program over some columns.

        Its bound speaks of selections that gain at least the target only.
        """
        packing = master.packing
        if target <= packing.value(chosen):
            closed = drop_refuted(closed, packing.value(chosen), self.context)
        if closed.chosen is not None and packing.value(closed.chosen) > packing.value(chosen):
            chosen = closed.chosen
            self._tell(chosen)
        missing = np.setdiff1d(master.best.within(packing.value(chosen) + 1), columns)
        if not missing.size and closed.bound is not None:
            bound = min(bound, max(closed.bound, packing.value(chosen), target - 1))
        return chosen, bound

    def _dive(self, master: RestrictedMaster, chosen: Int64, allowed: Int64 | None = None) -> Int64:
        """Round the linear program's solution down and fill up again, from what is allowed."""
        packing = master.packing
        whole = master.columns[master.x > 1 - _TINY]
        dived = fill(packing, -master.best.loss.astype(np.float64), whole, allowed)
        if packing.admits(dived) and packing.value(dived) > packing.value(chosen):
            chosen = dived
            self._tell(chosen)
        return chosen

    def _improve(self, master: RestrictedMaster, chosen: Int64, rounds: int) -> Int64:
        packing = master.packing
        if not self.switches.neighbourhood or self.context.stop():
            return chosen
        if (self.large or self.search) and self.context.options.seconds is not None:
            rounds = _UNTIL_STOPPED
        busy = max(1, int((master.best.idle > 0).sum()))
        near = nearest(packing, master.best, 3 * busy + BESIDE)
        return improve(
            packing,
            master.best,
            chosen,
            near,
            self.context,
            rounds=rounds,
            size=_NEIGHBOURHOOD,
            target=master.best.bound,
            tell=self._tell,
        )

    def _report(self, packing: Packing, priced: DualBound, chosen: Int64, bound: int) -> None:
        tier = min(1, self.core.tiers - 1)
        self.prices[tier] = packing.prices_of(priced.prices, self.core.m)
        if self.core.tiers == 1:
            self.bounds[0] = bound
            return
        first = value_of(self.core, chosen)[0]
        self.bounds[1] = bound - self.weight * first
