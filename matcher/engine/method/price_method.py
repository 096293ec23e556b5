"""The price method: prices, restricted program, integer closing, proof by reduced costs.

Hides how tiers are kept in order without giant weights. The first two tiers are folded into
F = K g0 + g1 with a moderate K and, beside it, the row  g0 <= z0  where z0 is a proven bound of
the first tier. Whatever K is: if a selection reaches g0 = z0 and F is proven maximal, then no
selection with g0 >= z0 has more g1, because g1 = F - K g0. So K may be chosen for good numbers;
selections that stay below z0 leave the first tier unproven. In general bound(F) - K v0 bounds g1
over all selections with g0 >= v0. Later tiers are improved among the columns that reduced costs
leave possible, with the row  F >= its proven value.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from matcher.engine.context import Context
from matcher.engine.method.column_generation import Restricted, nearest
from matcher.engine.method.direct import Found
from matcher.engine.method.packing import Stage, price_exactly
from matcher.engine.method.presolve import Core, value_of
from matcher.engine.method.proof import Proving
from matcher.engine.method.sub_mip import Closed, believed, finish
from matcher.engine.method.warm_start import remember
from matcher.engine.options import Start
from matcher.engine.program import Int64, Program

__all__ = ["Found", "solve_by_prices"]

Float64 = npt.NDArray[np.float64]

_THIN_SHARE = 0.5
_CUT_ROUNDS = 20
_PRICES_UNTIL = 0.45


def solve_by_prices(
    program: Program, core: Core, context: Context, start: Start | None
) -> Found | None:
    """Run the price method; None when it finds no selection or the numbers are too large for it."""
    return _Prices(program, core, context, start).run()


class _Prices(Proving):
    """One run: begin, close, settle the first tier, improve the later ones."""

    def run(self) -> Found | None:
        core, context = self.core, self.context
        if not self._folds():
            context.say("the folded tiers exceed 64-bit integers: not solved by prices")
            return None
        self.given = core.n
        tight = self._tight()
        if tight is None:
            return None
        stage, origin = tight
        core = self.core
        if not core.n:
            if not stage.admits(np.zeros(0, dtype=np.int64)):
                return None
            return Found(np.zeros(0, np.int64), [0] * core.tiers, self.prices)
        chosen = self._tiers(stage)
        if chosen is None:
            return None
        return Found(
            origin[chosen],
            self.bounds,
            self.prices,
            memory=self.memory,
            losses=self._losses(origin),
        )

    def _losses(self, origin: Int64) -> tuple[float, Float64, int] | None:
        """Return the last bound, every column's loss against it in folded units, and the weight."""
        if self.ended is None or self.core.tiers < 2:
            return None
        best = self.ended.best
        losses = np.full(self.given, np.inf)
        losses[origin] = best.loss / best.scale
        return best.scaled_bound / best.scale, losses, self.weight

    def _tiers(self, stage: Stage) -> Int64 | None:
        core = self.core
        begun = self._begin_again(stage) if self.memory is not None else self._begin(stage)
        if begun is None:
            return None
        restricted, chosen = begun
        whole, everything = core, restricted
        thins = core.n > self.thin_from and self.switches.fixing
        kept = self._thinned(restricted, chosen) if thins else None
        if kept is not None:
            restricted, chosen = self._only(restricted, *kept)
            core = self.core
        capped = self.capped
        # The cap comes before cuts, here and in a memory: behind recalled ones it has no place.
        if core.tiers > 1 and self._caps() and not capped and not restricted.cuts:
            self._hold(restricted)
        parts = self._parts(restricted)
        if parts is None and self.switches.cuts and not self.large and restricted.ended:
            with self.context.phase("cuts"):
                restricted.cut(
                    _CUT_ROUNDS,
                    int((restricted.stage.row >= 0).sum()),
                    lambda: self.context.past(_PRICES_UNTIL),
                )
                self.context.count("cuts", len(restricted.cuts))
        self._report_bound(restricted)
        if parts is None:
            chosen = self._close(restricted, chosen)
        else:
            chosen = self._close_parts(restricted, parts, chosen)
        self.memory = None
        self.ended = everything if self.capped else None
        if restricted.solved:
            first = self.prices[0] if core.tiers > 1 else np.zeros(core.m)
            # Prices of the thinned program say little of the columns it does not have.
            ended, capped = (everything, capped) if kept is not None else (restricted, self.capped)
            self.memory = remember(whole, self.program.n_groups, ended, first, capped)
        self.context.count("linear programs", restricted.solves)
        if kept is not None and (self.bounds[0] or 0) > value_of(core, chosen)[0]:
            # A better fold with less in the first tier: what that costs is asked of all columns.
            self.core, restricted, chosen, kept = whole, everything, kept[0][chosen], None
        if self.core.tiers > 1:
            chosen = self._not_below(self._settle_first(stage, chosen))
        chosen = self._later(restricted, chosen)
        self.core = whole
        return chosen if kept is None else kept[0][chosen]

    def _thinned(self, restricted: Restricted, chosen: Int64) -> tuple[Int64, Int64] | None:
        """Return the columns a better selection may hold, and a selection; None: most of them.

        What a large program's selections leave open is a small program, if the first tier is
        settled: with it, the fold bounds every selection that counts.
        """
        if not restricted.solved or self.context.stop():
            return None
        stage = restricted.stage
        with self.context.phase("integer closing"):
            near = nearest(stage, restricted.best, self._wanted(restricted.best))
            chosen = self._dive(restricted, chosen, near)
        if self.core.tiers > 1 and value_of(self.core, chosen)[0] < (self.bounds[0] or 0):
            return None
        kept = np.union1d(restricted.best.within(stage.value(chosen)), chosen)
        if kept.size > _THIN_SHARE * stage.n:
            return None
        self.context.counts["columns left after thinning"] = int(kept.size)
        return kept, chosen

    def _only(self, restricted: Restricted, kept: Int64, chosen: Int64) -> tuple[Restricted, Int64]:
        """Go on with some columns alone; return the linear program and the selection in them."""
        self.core = self.core.part(kept)
        part = restricted.only(kept)
        with self.context.phase("linear program"):
            self._linear(part)
        return part, np.searchsorted(kept, chosen)

    def _settle_first(self, stage: Stage, chosen: Int64) -> Int64:
        """Lower the bound of the first tier when no selection can reach it; else reach it.

        One unit of the first tier may cost more than the weight K in the second; then the best
        fold is not the best in order, and the second tier is maximised with the first held.
        """
        context, value = self.context, value_of(self.core, chosen)[0]
        bound = self.bounds[0]
        if bound is None or bound <= value or context.stop() or self.search:
            return chosen
        with context.phase("first tier"):
            own = replace(stage, gain=self.core.gains[0])
            kept = np.union1d(self.first.within(value + 1), chosen)
            if kept.size > self.proof_columns:
                return chosen
            closed = believed(finish(own, self.first, kept, value, context), value, context)
            if closed.chosen is not None and own.value(closed.chosen) > value:
                chosen = self._hold_first(own, closed.chosen, own.value(closed.chosen) - value)
                value = own.value(chosen)
            if closed.status == "optimal" and closed.bound is not None:
                self.bounds[0] = max(value, closed.bound)
        return chosen

    def _hold_first(self, own: Stage, chosen: Int64, more: int) -> Int64:
        """Return the best selection in the second tier whose first is no worse than a better one's.

        Parameters
        ----------
        own
            The program of the first tier alone.
        chosen, more
            A selection, and by how much it is better in the first tier than the one before.
        """
        self._tell(chosen)
        value, gain = own.value(chosen), self.core.gains[1]
        bound = (self.bounds[1] or 0) - self.weight * more
        kept = np.union1d(self.first.within(value), chosen)
        if kept.size <= self.proof_columns and not self.context.stop():
            closed = finish(own, self.first, kept, value, self.context, gain=gain)
            closed = believed(closed, int(gain[chosen].sum()), self.context)
            if closed.bound is not None:
                bound = min(bound, closed.bound)
            if closed.chosen is not None and own.value(closed.chosen) >= value:
                chosen = max(chosen, closed.chosen, key=lambda each: int(gain[each].sum()))
                self._tell(chosen)
        self.bounds[1] = max(bound, int(gain[chosen].sum()))
        return chosen

    def _not_below(self, chosen: Int64) -> Int64:
        """Return the best selection told so far where the best fold has less in the first tier."""
        value = value_of(self.core, chosen)[0]
        if self.top is None or self.top[0][0] <= value:
            return chosen
        values, columns = self.top
        more = self.weight * (values[0] - value)
        self.bounds[1] = max((self.bounds[1] or 0) - more, values[1])
        return np.flatnonzero(np.isin(self.core.origin, columns))

    def _later(self, relaxed: Restricted, chosen: Int64) -> Int64:
        """Improve the tiers after the second while the earlier ones are held."""
        core, context, stage = self.core, self.context, relaxed.stage
        if core.tiers <= 2:
            return chosen
        values = value_of(core, chosen)
        proven = self.bounds[0] == values[0] and self.bounds[1] == values[1]
        kept = relaxed.best.within(stage.value(chosen)) if proven else np.arange(stage.n)
        # One less in the first tier and a whole weight more in the second make the same fold.
        floors: list[tuple[Int64, int]] = [(core.gains[0], values[0])]
        for tier in range(2, core.tiers):
            gain = core.gains[tier]
            with context.phase("later tiers"):
                part = replace(stage, gain=gain)
                part = part.part(kept) if kept.size < stage.n else part
                self.bounds[tier] = price_exactly(part, np.zeros(part.rows)).bound
                if proven and not context.stop():
                    context.counts[f"columns left in tier {tier}"] = int(kept.size)
                    closed = self._one_later(relaxed, kept, chosen, gain, tuple(floors))
                    chosen = chosen if closed.chosen is None else closed.chosen
                    if closed.bound is not None:
                        self.bounds[tier] = min(self.bounds[tier] or 0, closed.bound)
                value = int(gain[chosen].sum())
                self.bounds[tier] = max(self.bounds[tier] or 0, value)
                proven = proven and self.bounds[tier] == value
            floors.append((gain, value))
        return chosen

    def _one_later(
        self,
        relaxed: Restricted,
        kept: Int64,
        chosen: Int64,
        gain: Int64,
        floors: tuple[tuple[Int64, int], ...],
    ) -> Closed:
        """Return the best selection in one tier, no worse in those before."""
        context = self.context
        closed = finish(
            relaxed.stage,
            relaxed.best,
            kept,
            relaxed.stage.value(chosen),
            context,
            exactly=True,
            gain=gain,
            floors=floors,
        )
        closed = believed(closed, int(gain[chosen].sum()), context)
        if closed.chosen is not None:
            held = ((relaxed.stage.gain, relaxed.stage.value(chosen)), *floors)
            least = (*held, (gain, int(gain[chosen].sum())))
            if any(int(values[closed.chosen].sum()) < floor for values, floor in least):
                return replace(closed, chosen=chosen)
        return closed
