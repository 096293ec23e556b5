"""The price method: prices, master program, integer closing, proof by reduced costs.

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
from matcher.engine.method.column_generation import RestrictedMaster, nearest
from matcher.engine.method.direct import Found
from matcher.engine.method.packing import Packing, dual_bound
from matcher.engine.method.presolve import Reduced, value_of
from matcher.engine.method.proof import Proving
from matcher.engine.method.sub_mip import Checked, drop_refuted, solve_to_target
from matcher.engine.method.warm_start import warm_start_of
from matcher.engine.options import Start
from matcher.engine.program import Int64, Program

__all__ = ["Found", "solve_by_prices"]

Float64 = npt.NDArray[np.float64]

_THIN_SHARE = 0.5
_CUT_ROUNDS = 20
_PRICES_UNTIL = 0.45


def solve_by_prices(
    program: Program, reduced: Reduced, context: Context, start: Start | None
) -> Found | None:
    """Run the price method; None when it finds no selection or the numbers are too large for it."""
    return _Prices(program, reduced, context, start).run()


class _Prices(Proving):
    """One run: begin, close the gap, settle the first tier, improve the later ones."""

    def run(self) -> Found | None:
        reduced, context = self.core, self.context
        if not self._folds():
            context.say("the folded tiers exceed 64-bit integers: not solved by prices")
            return None
        self.given = reduced.n
        tight = self._tight()
        if tight is None:
            return None
        packing, origin = tight
        reduced = self.core
        if not reduced.n:
            if not packing.admits(np.zeros(0, dtype=np.int64)):
                return None
            return Found(np.zeros(0, np.int64), [0] * reduced.tiers, self.prices)
        chosen = self._tiers(packing)
        if chosen is None:
            return None
        return Found(
            origin[chosen],
            self.bounds,
            self.prices,
            warm_start=self.memory,
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

    def _tiers(self, packing: Packing) -> Int64 | None:
        reduced = self.core
        begun = self._begin_again(packing) if self.memory is not None else self._begin(packing)
        if begun is None:
            return None
        master, chosen = begun
        whole, everything = reduced, master
        thins = reduced.n > self.thin_from and self.switches.fixing
        kept = self._thinned(master, chosen) if thins else None
        if kept is not None:
            master, chosen = self._only(master, *kept)
            reduced = self.core
        capped = self.capped
        # The cap comes before cuts, here and in a memory: behind recalled ones it has no place.
        if reduced.tiers > 1 and self._caps() and not capped and not master.cuts:
            self._hold(master)
        parts = self._parts(master)
        if parts is None and self.switches.cuts and not self.large and master.ended:
            with self.context.phase("cuts"):
                master.cut(
                    _CUT_ROUNDS,
                    int((master.packing.row >= 0).sum()),
                    lambda: self.context.past(_PRICES_UNTIL),
                )
                self.context.count("cuts", len(master.cuts))
        self._report_bound(master)
        if parts is None:
            chosen = self._close(master, chosen)
        else:
            chosen = self._close_parts(master, parts, chosen)
        self.memory = None
        self.ended = everything if self.capped else None
        if master.solved:
            first = self.prices[0] if reduced.tiers > 1 else np.zeros(reduced.m)
            # Prices of the thinned program say little of the columns it does not have.
            ended, capped = (everything, capped) if kept is not None else (master, self.capped)
            self.memory = warm_start_of(whole, self.program.n_groups, ended, first, capped)
        self.context.count("linear programs", master.solves)
        if kept is not None and (self.bounds[0] or 0) > value_of(reduced, chosen)[0]:
            # A better fold with less in the first tier: what that costs is asked of all columns.
            self.core, master, chosen, kept = whole, everything, kept[0][chosen], None
        if self.core.tiers > 1:
            chosen = self._not_below(self._settle_first(packing, chosen))
        chosen = self._later(master, chosen)
        self.core = whole
        return chosen if kept is None else kept[0][chosen]

    def _thinned(self, master: RestrictedMaster, chosen: Int64) -> tuple[Int64, Int64] | None:
        """Return the columns a better selection may hold, and a selection; None: most of them.

        What a large program's selections leave open is a small program, if the first tier is
        settled: with it, the fold bounds every selection that counts.
        """
        if not master.solved or self.context.stop():
            return None
        packing = master.packing
        with self.context.phase("integer closing"):
            near = nearest(packing, master.best, self._wanted(master.best))
            chosen = self._dive(master, chosen, near)
        if self.core.tiers > 1 and value_of(self.core, chosen)[0] < (self.bounds[0] or 0):
            return None
        kept = np.union1d(master.best.within(packing.value(chosen)), chosen)
        if kept.size > _THIN_SHARE * packing.n:
            return None
        self.context.counts["columns left after thinning"] = int(kept.size)
        return kept, chosen

    def _only(
        self, master: RestrictedMaster, kept: Int64, chosen: Int64
    ) -> tuple[RestrictedMaster, Int64]:
        """Go on with some columns alone; return the linear program and the selection in them."""
        self.core = self.core.part(kept)
        part = master.only(kept)
        with self.context.phase("linear program"):
            self._linear(part)
        return part, np.searchsorted(kept, chosen)

    def _settle_first(self, packing: Packing, chosen: Int64) -> Int64:
        """Lower the bound of the first tier when no selection can reach it; else reach it.

        One unit of the first tier may cost more than the weight K in the second; then the best
        fold is not the best in order, and the second tier is maximised with the first held.
        """
        context, value = self.context, value_of(self.core, chosen)[0]
        bound = self.bounds[0]
        if bound is None or bound <= value or context.stop() or self.search:
            return chosen
        with context.phase("first tier"):
            own = replace(packing, gain=self.core.gains[0])
            kept = np.union1d(self.first.within(value + 1), chosen)
            if kept.size > self.proof_columns:
                return chosen
            closed = drop_refuted(
                solve_to_target(own, self.first, kept, value, context), value, context
            )
            if closed.chosen is not None and own.value(closed.chosen) > value:
                chosen = self._hold_first(own, closed.chosen, own.value(closed.chosen) - value)
                value = own.value(chosen)
            if closed.status == "optimal" and closed.bound is not None:
                self.bounds[0] = max(value, closed.bound)
        return chosen

    def _hold_first(self, own: Packing, chosen: Int64, more: int) -> Int64:
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
            closed = solve_to_target(own, self.first, kept, value, self.context, gain=gain)
            closed = drop_refuted(closed, int(gain[chosen].sum()), self.context)
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

    def _later(self, master: RestrictedMaster, chosen: Int64) -> Int64:
        """Improve the tiers after the second while the earlier ones are held."""
        reduced, context, packing = self.core, self.context, master.packing
        if reduced.tiers <= 2:
            return chosen
        values = value_of(reduced, chosen)
        proven = self.bounds[0] == values[0] and self.bounds[1] == values[1]
        kept = master.best.within(packing.value(chosen)) if proven else np.arange(packing.n)
        # One less in the first tier and a whole weight more in the second make the same fold.
        floors: list[tuple[Int64, int]] = [(reduced.gains[0], values[0])]
        for tier in range(2, reduced.tiers):
            gain = reduced.gains[tier]
            with context.phase("later tiers"):
                part = replace(packing, gain=gain)
                part = part.part(kept) if kept.size < packing.n else part
                self.bounds[tier] = dual_bound(part, np.zeros(part.rows)).bound
                if proven and not context.stop():
                    context.counts[f"columns left in tier {tier}"] = int(kept.size)
                    closed = self._one_later(master, kept, chosen, gain, tuple(floors))
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
        master: RestrictedMaster,
        kept: Int64,
        chosen: Int64,
        gain: Int64,
        floors: tuple[tuple[Int64, int], ...],
    ) -> Checked:
        """Return the best selection in one tier, no worse in those before."""
        context = self.context
        closed = solve_to_target(
            master.packing,
            master.best,
            kept,
            master.packing.value(chosen),
            context,
            exactly=True,
            gain=gain,
            floors=floors,
        )
        closed = drop_refuted(closed, int(gain[chosen].sum()), context)
        if closed.chosen is not None:
            held = ((master.packing.gain, master.packing.value(chosen)), *floors)
            least = (*held, (gain, int(gain[chosen].sum())))
            if any(int(values[closed.chosen].sum()) < floor for values, floor in least):
                return replace(closed, chosen=chosen)
        return closed
