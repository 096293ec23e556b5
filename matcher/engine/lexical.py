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
import scipy.sparse as sp

from matcher.engine.closing import Closed, believed, close, fill, finish, thin
from matcher.engine.context import Context
from matcher.engine.core import Core, value_of
from matcher.engine.cuts import tighten
from matcher.engine.direct import Found
from matcher.engine.dual import SCHEDULE, SHORT_SCHEDULE, smooth_prices
from matcher.engine.memory import Memory, recall, remember, seats_of
from matcher.engine.neighbourhood import improve
from matcher.engine.options import Start
from matcher.engine.program import Int64, Program
from matcher.engine.restricted import Restricted, nearest
from matcher.engine.stage import Priced, Stage, packing_of, price_exactly

__all__ = ["Found", "solve_by_prices"]

Float64 = npt.NDArray[np.float64]

_PER_GROUP = 5
_BESIDE = 1_500
_EXACT_COLUMNS = 3_000_000
_THIN_FROM = 1_000_000
_THIN_SHARE = 0.5
_PROOF_COLUMNS = 15_000
_CUT_ROUNDS = 20
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
_LINEAR_GROUPS = 40_000
_LINEAR_COLUMNS = 120_000
_PRICES_UNTIL = 0.45
_FIRST_UNTIL = 0.8
_EASY_COLUMNS = 4_000
_NEIGHBOURHOOD = 300
_ROOM = 2**62


def solve_by_prices(
    program: Program, core: Core, context: Context, start: Start | None
) -> Found | None:
    """Run the price method; None when it finds no selection or the numbers are too large for it."""
    return _Prices(program, core, context, start).run()


class _Prices:
    """The state of one run of the price method."""

    def __init__(self, program: Program, core: Core, context: Context, start: Start | None) -> None:
        self.program, self.core, self.context, self.start = program, core, context, start
        self.switches = context.options.switches
        self.prices = np.zeros((core.tiers, core.m))
        self.bounds: list[int | None] = [None] * core.tiers
        self.weight = self._weight() if core.tiers > 1 else 0
        self.search = context.options.method == "search"
        self.large = core.n > _EXACT_COLUMNS
        self.ended: Restricted | None = None
        self.top: tuple[tuple[int, ...], Int64] | None = None
        memory = start.memory if start is not None else None
        self.memory: Memory | None = None
        if memory is not None and memory.fits(core, program.n_groups):
            self.memory = memory

    def _weight(self) -> int:
        """Return K: a unit of the first tier outweighs one group's choice in the second."""
        gain = self.core.gains[1]
        return 1 + int(gain.max(initial=0)) - min(0, int(gain.min(initial=0))) * 2

    def _folds(self) -> bool:
        """Whether gains of the folded tiers fit 64-bit integers."""
        most = [
            max(abs(int(g.max(initial=0))), abs(int(g.min(initial=0)))) for g in self.core.gains
        ]
        return self.core.tiers == 1 or self.weight * most[0] + most[1] < _ROOM

    def _gain(self) -> Int64:
        gains = self.core.gains
        fold: Int64 = gains[0] if self.core.tiers == 1 else self.weight * gains[0] + gains[1]
        return fold

    def run(self) -> Found | None:
        core, context = self.core, self.context
        if not self._folds():
            context.say("the folded tiers exceed 64-bit integers: not solved by prices")
            return None
        self.given = core.n
        with context.phase("tighten"):
            rows = packing_of(core)
            origin = np.arange(core.n)
            if self.switches.tighten:
                rows, out = tighten(rows, core.group)
                if out.size:
                    origin = np.setdiff1d(origin, out, assume_unique=True)
                    left = np.unique(core.group[origin])
                    if int(core.must[left].sum()) < int(core.must.sum()):
                        return None
                    context.count("columns that never fit", int(out.size))
                    core = self.core = core.part(origin)
                    rows = rows.part(origin)
            stage = rows.stage(core, self._gain())
            del rows
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
        thins = core.n > _THIN_FROM and self.switches.fixing
        kept = self._thinned(restricted, chosen) if thins else None
        if kept is not None:
            restricted, chosen = self._only(restricted, *kept)
            core = self.core
        capped = self.capped
        # The cap comes before cuts, here and in a memory: behind recalled ones it has no place.
        if core.tiers > 1 and self._caps() and not capped and not restricted.cuts:
            self._hold(restricted)
        if self.switches.cuts and not self.large and restricted.ended:
            with self.context.phase("cuts"):
                restricted.cut(
                    _CUT_ROUNDS,
                    int((restricted.stage.row >= 0).sum()),
                    lambda: self.context.past(_PRICES_UNTIL),
                )
                self.context.count("cuts", len(restricted.cuts))
        self._report_bound(restricted)
        chosen = self._close(restricted, chosen)
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

    def _begin(self, stage: Stage) -> tuple[Restricted, Int64] | None:
        """Find prices from scratch; return the linear program at them and a first selection."""
        known = self._first_prices(stage)
        priced = price_exactly(stage, known)
        with self.context.phase("first selection"):
            near = self._near(stage, priced)
            chosen = self._first_selection(stage, priced, near)
            if chosen is None:
                return None
        restricted = self._restrict(stage, near, known)
        with self.context.phase("linear program"):
            self._linear(restricted)
        self.capped = False
        if self.core.tiers > 1:
            self._bound_first(stage, restricted)
            if self._caps() and (stage.n <= _THIN_FROM or self._exceeds(restricted)):
                self._hold(restricted)
        return restricted, chosen

    def _caps(self) -> bool:
        """Whether the first tier is held at its bound by a row."""
        return int(self.core.gains[0].min(initial=0)) >= 0 and not self.large

    def _exceeds(self, restricted: Restricted) -> bool:
        return self._count(restricted) > (self.bounds[0] or 0) + _TINY

    def _hold(self, restricted: Restricted) -> None:
        with self.context.phase("linear program"):
            self._cap(restricted)
            if self._exceeds(restricted):
                self._linear(restricted)
            else:
                restricted.ended = restricted.solved

    def _begin_again(self, stage: Stage) -> tuple[Restricted, Int64] | None:
        """Return the linear program where an earlier one ended, and a first selection."""
        memory, core, context = self.memory, self.core, self.context
        assert memory is not None
        context.say("started from an earlier solve")
        with context.phase("recall"):
            columns = self.start.columns if self.start is not None else None
            seats = seats_of(memory, self.program, core, columns)
            known = stage.prices_from(memory.prices[: core.m])
            if core.tiers > 1:
                own = replace(stage, gain=core.gains[0])
                self._take_first(stage, price_exactly(own, stage.prices_from(memory.first)))
            restricted = self._restrict(stage, np.unique(seats[seats >= 0]), known)
            self.capped = memory.capped and core.tiers > 1
            if self.capped:
                self._cap(restricted, float(memory.prices[core.m]))
            recall(memory, core, restricted, seats)
            self.large = self.large and self._wanted(restricted.best) > _LINEAR_COLUMNS
            near = self._near(restricted.stage, restricted.best)
            restricted.admit(near)
        with context.phase("first selection"):
            chosen = self._first_selection(restricted.stage, restricted.best, near)
            if chosen is None:
                return None
        with context.phase("linear program"):
            self._linear(restricted)
        if core.tiers > 1 and restricted.solved:
            # The old prices may bound the first tier too high: a cap above it closes nothing.
            self._lower_first(stage, restricted)
        return restricted, chosen

    def _lower_first(self, stage: Stage, restricted: Restricted) -> None:
        """Lower the cap on the first tier where its own linear program does."""
        before = self.bounds[0]
        if before is not None and self._count(restricted) > before - 1 + _TINY:
            return
        self._bound_first(stage, restricted)
        if not self.capped or before is None or self.bounds[0] is None:
            return
        if self.bounds[0] < before:
            with self.context.phase("linear program"):
                restricted.set_capacity(self._cap_row(restricted), self.bounds[0])
                self._linear(restricted)

    def _cap_row(self, restricted: Restricted) -> int:
        return int(np.flatnonzero(restricted.stage.row < 0)[0])

    def _restrict(self, stage: Stage, near: Int64, prices: Float64) -> Restricted:
        return Restricted(stage, near, prices, self.context)

    def _near(self, stage: Stage, priced: Priced) -> Int64:
        """Return columns enough for a linear program at good prices."""
        return nearest(stage, priced, self._wanted(priced))

    def _wanted(self, priced: Priced) -> int:
        """Return how many: groups worth serving at the prices, times the choices each may have."""
        return _PER_GROUP * int((priced.idle > 0).sum()) + _BESIDE

    def _first_selection(self, stage: Stage, priced: Priced, near: Int64) -> Int64 | None:
        worth = -priced.loss.astype(np.float64)
        chosen = self._given(stage, worth, near)
        if chosen is None:
            chosen = fill(stage, worth, np.zeros(0, np.int64), near)
            if not stage.admits(chosen):
                chosen = fill(stage, worth, chosen)
        if not stage.admits(chosen):
            closed = close(stage, near, self.context, nodes=self.context.nodes())
            if closed.chosen is None:
                return None
            chosen = closed.chosen
        self._tell(chosen)
        return chosen

    def _given(self, stage: Stage, worth: Float64, near: Int64) -> Int64 | None:
        """Return the selection given to start from, mended where it breaks a row; None: no use."""
        if self.start is None or self.start.selection is None:
            return None
        given = np.flatnonzero(np.isin(self.core.origin, self.start.selection))
        if np.unique(stage.group[given]).size < given.size:
            self.context.say("the given selection has two columns of a group; not used")
            return None
        mended = thin(stage, given)
        if mended.size < given.size:
            self.context.say("the given selection breaks a row; columns were taken out of it")
        given = fill(stage, worth, mended, near)
        return given if stage.admits(given) else None

    def _linear(self, restricted: Restricted) -> None:
        if not self.large:
            restricted.solve()
        elif self.core.n_groups <= _LINEAR_GROUPS:
            restricted.solve(most=1)

    def _cap(self, restricted: Restricted, price: float = 0.0) -> None:
        """Add the row that holds the first tier at its bound."""
        bound = self.bounds[0]
        assert bound is not None
        column = sp.csr_array(self.core.gains[0][:, None])
        restricted.add_rows(column, np.array([bound], dtype=np.int64), np.array([price]))
        self.capped = True

    def _report_bound(self, restricted: Restricted) -> None:
        priced = restricted.best
        self.context.tell_bound(min(1, self.core.tiers - 1), self._bound(priced))

    def _count(self, restricted: Restricted) -> float:
        """Return what the linear program's solution is worth in the first tier."""
        if not restricted.solved:
            return 0.0
        return float(self.core.gains[0][restricted.columns] @ restricted.x)

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
            if kept.size > _PROOF_COLUMNS:
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
        if kept.size <= _PROOF_COLUMNS and not self.context.stop():
            closed = finish(own, self.first, kept, value, self.context, gain=gain)
            closed = believed(closed, int(gain[chosen].sum()), self.context)
            if closed.bound is not None:
                bound = min(bound, closed.bound)
            if closed.chosen is not None and own.value(closed.chosen) >= value:
                chosen = max(chosen, closed.chosen, key=lambda each: int(gain[each].sum()))
                self._tell(chosen)
        self.bounds[1] = max(bound, int(gain[chosen].sum()))
        return chosen

    def _first_prices(self, stage: Stage) -> Float64:
        context = self.context
        with context.phase("prices"):
            unit = float(self._weight() if self.core.tiers > 1 else np.ptp(stage.gain) + 1)
            start = self.start.prices if self.start is not None else None
            if start is not None and start.shape == self.prices.shape:
                context.say("started from given prices")
                tier = min(1, self.core.tiers - 1)
                known = stage.prices_from(np.asarray(start[tier]) * context.signs[tier])
                if not self.large:
                    return known
                return smooth_prices(
                    stage, known, unit=unit, schedule=SCHEDULE[-1:], stop=context.stop
                )

            def stop() -> bool:
                return context.past(_PRICES_UNTIL)

            known = smooth_prices(stage, unit=unit, schedule=SHORT_SCHEDULE, stop=stop)
            if not self.large:
                return known
            # What counts is how much of a large program its prices leave near the optimum.
            self.large = self._wanted(price_exactly(stage, known)) > _LINEAR_COLUMNS
            if not self.large:
                return known
            return smooth_prices(stage, known, unit=unit, schedule=SCHEDULE[1:], stop=stop)

    def _tell(self, chosen: Int64) -> None:
        values = value_of(self.core, chosen)
        if self.top is None or values > self.top[0]:
            self.top = values, self.core.origin[chosen]
        self.context.tell_selection(values)

    def _not_below(self, chosen: Int64) -> Int64:
        """Return the best selection told so far where the best fold has less in the first tier."""
        value = value_of(self.core, chosen)[0]
        if self.top is None or self.top[0][0] <= value:
            return chosen
        values, columns = self.top
        more = self.weight * (values[0] - value)
        self.bounds[1] = max((self.bounds[1] or 0) - more, values[1])
        return np.flatnonzero(np.isin(self.core.origin, columns))

    def _bound_first(self, stage: Stage, fold: Restricted) -> None:
        """Bound the first tier by its own linear program on the same columns."""
        with self.context.phase("first tier"):
            own = replace(stage, gain=self.core.gains[0])
            guess = fold.best.prices[: stage.rows] / max(1, self.weight)
            if self.large and not self.context.stop():
                top = float(own.gain.max(initial=1))
                guess = smooth_prices(
                    own,
                    guess,
                    unit=top,
                    schedule=SCHEDULE[:4],
                    stop=lambda: self.context.past(_FIRST_UNTIL),
                )
                best = price_exactly(own, guess)
            else:
                first = fold.aim(stage, own.gain, guess)
                first.solve(primal=True)
                best = first.best
                self.context.count("linear programs", first.solves)
            self._take_first(stage, best)

    def _take_first(self, stage: Stage, priced: Priced) -> None:
        if self.bounds[0] is not None and self.bounds[0] < priced.bound:
            return
        self.first = priced
        self.bounds[0] = priced.bound
        self.prices[0] = stage.prices_of(priced.prices, self.core.m)
        self.context.tell_bound(0, priced.bound)

    def _bound(self, priced: Priced) -> int:
        """Return the bound of the last folded tier, the first at its bound."""
        if self.core.tiers == 1:
            return priced.bound
        return priced.bound - self.weight * (self.bounds[0] or 0)

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
        most = 0 if self.search else _PROOF_COLUMNS if few else _EASY_COLUMNS
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
        near = nearest(stage, relaxed.best, 3 * busy + _BESIDE)
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
