"""Selections near the prices, and the proof that none is better.

Hides in which order roundings, guesses near the bound, neighbourhoods and the last integer program
are tried, and when each is worth its time.
"""

import numpy as np

from matcher.engine.method.column_generation import Restricted, nearest
from matcher.engine.method.folded import BESIDE, Folded
from matcher.engine.method.knapsack_bound import is_knotty
from matcher.engine.method.knapsack_method import Knots
from matcher.engine.method.knapsack_search import Decomposition, decompose
from matcher.engine.method.large_neighbourhood import improve
from matcher.engine.method.packing import Priced, Stage
from matcher.engine.method.presolve import value_of
from matcher.engine.method.sub_mip import Closed, believed, fill, finish
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

    def _close(self, relaxed: Restricted, chosen: Int64) -> Int64:
        """Find selections near the prices and prove the best of them."""
        context, stage = self.context, relaxed.stage
        fractional = relaxed.fractional
        context.count("fractional columns", fractional)
        bound = relaxed.best.bound
        with context.phase("integer closing"):
            chosen = self._dive(relaxed, chosen)
            if _FEW_FRACTIONAL < fractional <= _ROUND_FRACTIONAL:
                chosen = self._round(relaxed, chosen)
            elif fractional > _FEW_FRACTIONAL or not relaxed.solved:
                chosen = self._improve(relaxed, chosen, 20 + stage.must.size // 100)
        few = relaxed.solved and fractional <= _FEW_FRACTIONAL
        few = few and not self.large and not self.search
        if few:
            with context.phase("integer closing"):
                chosen, bound = self._guess(relaxed, chosen, bound)
        most = 0 if self.search else self.proof_columns if few else _EASY_COLUMNS
        if self._open(relaxed, chosen, bound) > most:
            with context.phase("integer closing"):
                chosen = self._improve(relaxed, chosen, 20 + stage.must.size // 20)
        with context.phase("proof"):
            left = self._open(relaxed, chosen, bound)
            context.counts["columns left to prove"] = left
            if left > most:
                context.say(f"{left} columns left to prove: not tried, bound reported instead")
            elif left and not context.stop():
                chosen, bound = self._try(relaxed, self._kept(relaxed, chosen), chosen, bound)
        bound = max(bound, stage.value(chosen))
        self._report(relaxed.stage, relaxed.best, chosen, bound)
        return chosen

    def _parts(self, relaxed: Restricted) -> Decomposition | None:
        """Return the decomposition of a knotty program; None where prices are the better way."""
        wanted = self.context.options.method in ("auto", "prices")
        if not wanted or not relaxed.solved or self.large or not is_knotty(relaxed.stage):
            return None
        with self.context.phase("decomposition"):
            until = self.context.past
            parts = decompose(
                relaxed.stage, relaxed.best.prices, lambda: until(_DECOMPOSITION_UNTIL)
            )
        if parts is not None:
            self.context.say("few wide rows of many sizes: filled row by row")
        return parts

    def _close_parts(self, relaxed: Restricted, parts: Decomposition, chosen: Int64) -> Int64:
        """Close the gap of a knotty program."""
        stage = relaxed.stage
        chosen = self._dive(relaxed, chosen)
        knots = Knots(
            stage=stage,
            priced=relaxed.best,
            parts=parts,
            context=self.context,
            enough=lambda value, columns, bound: self._enough(
                value, value_of(self.core, columns), bound
            ),
            tell=self._tell,
            tell_bound=self._tell_fold,
        )
        chosen, bound = knots.close(chosen, relaxed.best.bound)
        self._report(stage, relaxed.best, chosen, bound)
        return chosen

    def _tell_fold(self, bound: int) -> None:
        """Tell of a better bound on the folded tiers."""
        first = 0 if self.core.tiers == 1 else self.weight * (self.bounds[0] or 0)
        self.context.tell_bound(min(1, self.core.tiers - 1), bound - first)

    def _kept(self, relaxed: Restricted, chosen: Int64) -> Int64:
        """Return the columns that may be in a selection this answer still has to rule out."""
        value = relaxed.stage.value(chosen)
        if not self.switches.fixing:
            return np.arange(relaxed.stage.n)
        return relaxed.best.within(value if self.core.tiers > 2 else value + 1)

    def _open(self, relaxed: Restricted, chosen: Int64, bound: int) -> int:
        """Return how many columns are left to prove; none when the bound is reached."""
        if self._enough(relaxed.stage.value(chosen), value_of(self.core, chosen), bound):
            return 0
        return int(self._kept(relaxed, chosen).size)

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

    def _round(self, relaxed: Restricted, chosen: Int64) -> Int64:
        """Choose among the columns the linear program uses, then among those near them.

        What is fractional there is a small part of a large program; the rest is held by the
        losses (Berthold 2014, "RENS: the optimal rounding").
        """
        context, stage, priced = self.context, relaxed.stage, relaxed.best
        used = relaxed.columns[relaxed.x > _TINY]
        for loss in _ROUND_LOSSES:
            if context.stop() or stage.value(chosen) >= priced.bound:
                break
            columns = np.union1d(used, np.flatnonzero(priced.loss <= loss * priced.scale))
            if columns.size > _ROUND_COLUMNS:
                break
            closed = finish(
                stage,
                priced,
                np.union1d(columns, chosen),
                stage.value(chosen),
                context,
                nodes=_ROUND_NODES,
                share=_ROUND_SHARE,
            )
            if closed.chosen is not None and stage.value(closed.chosen) > stage.value(chosen):
                chosen = closed.chosen
                self._tell(chosen)
        return chosen

    def _guess(self, relaxed: Restricted, chosen: Int64, bound: int) -> tuple[Int64, int]:
        """Look for a selection that gains nearly the bound; give way until there is one.

        So little is left to decide when the target is near the bound that it is decided fast:
        either no selection gains that much, which lowers the bound, or the best that does is the
        best of all.
        """
        context, stage = self.context, relaxed.stage
        for give in _GIVE:
            value = stage.value(chosen)
            target = max(value, relaxed.best.bound - give)
            columns = relaxed.best.within(target)
            if self._enough(value, value_of(self.core, chosen), bound) or context.stop():
                break
            if columns.size > _GUESS_COLUMNS:
                break
            closed = finish(stage, relaxed.best, columns, target, context, gap=context.options.gap)
            if closed.status == "infeasible" and target > value:
                bound = min(bound, target - 1)
                continue
            chosen, bound = self._take(relaxed, closed, columns, chosen, bound, target)
            break
        return chosen, bound

    def _try(
        self, relaxed: Restricted, columns: Int64, chosen: Int64, bound: int
    ) -> tuple[Int64, int]:
        """Solve over some columns; their optimum is everyone's when no other column is open."""
        columns = np.union1d(columns, chosen)
        closed = finish(
            relaxed.stage,
            relaxed.best,
            columns,
            relaxed.stage.value(chosen),
            self.context,
            gap=self.context.options.gap,
        )
        return self._take(relaxed, closed, columns, chosen, bound, relaxed.stage.value(chosen))

    def _take(
        self,
        relaxed: Restricted,
        closed: Closed,
        columns: Int64,
        chosen: Int64,
        bound: int,
        target: int,
    ) -> tuple[Int64, int]:
        """Return the better selection and bound after an integer program over some columns.

        Its bound speaks of selections that gain at least the target only.
        """
        stage = relaxed.stage
        if target <= stage.value(chosen):
            closed = believed(closed, stage.value(chosen), self.context)
        if closed.chosen is not None and stage.value(closed.chosen) > stage.value(chosen):
            chosen = closed.chosen
            self._tell(chosen)
        missing = np.setdiff1d(relaxed.best.within(stage.value(chosen) + 1), columns)
        if not missing.size and closed.bound is not None:
            bound = min(bound, max(closed.bound, stage.value(chosen), target - 1))
        return chosen, bound

    def _dive(self, relaxed: Restricted, chosen: Int64, allowed: Int64 | None = None) -> Int64:
        """Round the linear program's solution down and fill up again, from what is allowed."""
        stage = relaxed.stage
        whole = relaxed.columns[relaxed.x > 1 - _TINY]
        dived = fill(stage, -relaxed.best.loss.astype(np.float64), whole, allowed)
        if stage.admits(dived) and stage.value(dived) > stage.value(chosen):
            chosen = dived
            self._tell(chosen)
        return chosen

    def _improve(self, relaxed: Restricted, chosen: Int64, rounds: int) -> Int64:
        stage = relaxed.stage
        if not self.switches.neighbourhood or self.context.stop():
            return chosen
        if (self.large or self.search) and self.context.options.seconds is not None:
            rounds = _UNTIL_STOPPED
        busy = max(1, int((relaxed.best.idle > 0).sum()))
        near = nearest(stage, relaxed.best, 3 * busy + BESIDE)
        return improve(
            stage,
            relaxed.best,
            chosen,
            near,
            self.context,
            rounds=rounds,
            size=_NEIGHBOURHOOD,
            target=relaxed.best.bound,
            tell=self._tell,
        )

    def _report(self, stage: Stage, priced: Priced, chosen: Int64, bound: int) -> None:
        tier = min(1, self.core.tiers - 1)
        self.prices[tier] = stage.prices_of(priced.prices, self.core.m)
        if self.core.tiers == 1:
            self.bounds[0] = bound
            return
        first = value_of(self.core, chosen)[0]
        self.bounds[1] = bound - self.weight * first
