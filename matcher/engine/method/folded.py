"""The folded tiers and where their linear program begins: from nothing, or from an earlier solve.

Hides how prices are found: smoothed ones first, then a linear program near them, the first tier's
own bound, and the row that holds the first tier at it (see `price_method`).
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher.engine.context import Context
from matcher.engine.method.column_generation import RestrictedMaster, nearest
from matcher.engine.method.cuts import tighten
from matcher.engine.method.packing import DualBound, Packing, dual_bound, rows_of
from matcher.engine.method.presolve import Reduced, value_of
from matcher.engine.method.prices import SCHEDULE, SHORT_SCHEDULE, smooth_prices
from matcher.engine.method.sub_mip import fill, solve_part, thin
from matcher.engine.method.warm_start import WarmStart, positions_of, resume
from matcher.engine.options import Start
from matcher.engine.program import Int64, Program

__all__ = ["BESIDE", "Folded"]

Float64 = npt.NDArray[np.float64]

_PER_GROUP = 5
BESIDE = 1_500
"""Columns looked at beside those of the groups that are worth serving."""
_EXACT_COLUMNS = 3_000_000
_TINY = 1e-6
_LINEAR_GROUPS = 40_000
_LINEAR_COLUMNS = 120_000
_PRICES_UNTIL = 0.45
_FIRST_UNTIL = 0.8
_ROOM = 2**62
_FIRST_NODES = (0.05, 1.0)


class Folded:
    """The state of one run of the price method, and its first linear program."""

    thin_from = 1_000_000
    """Most columns a program may have that is not thinned."""
    proof_columns = 15_000
    """Most columns an integer program is asked to prove."""

    def __init__(
        self, program: Program, reduced: Reduced, context: Context, start: Start | None
    ) -> None:
        self.program, self.core, self.context, self.start = program, reduced, context, start
        self.switches = context.options.switches
        self.prices = np.zeros((reduced.tiers, reduced.m))
        self.bounds: list[int | None] = [None] * reduced.tiers
        self.weight = self._weight() if reduced.tiers > 1 else 0
        self.search = context.options.method == "search"
        self.large = reduced.n > _EXACT_COLUMNS
        self.ended: RestrictedMaster | None = None
        self.top: tuple[tuple[int, ...], Int64] | None = None
        memory = start.warm_start if start is not None else None
        self.memory: WarmStart | None = None
        if memory is not None and memory.fits(reduced, program.n_groups):
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

    def _tight(self) -> tuple[Packing, Int64] | None:
        """Return the folded tiers over tightened rows, and the reduced's columns it has.

        None where a group that must be served has no column left that fits.
        """
        reduced = self.core
        with self.context.phase("tighten"):
            rows = rows_of(reduced)
            origin = np.arange(reduced.n)
            if self.switches.tighten:
                rows, out = tighten(rows, reduced.group)
                if out.size:
                    origin = np.setdiff1d(origin, out, assume_unique=True)
                    left = np.unique(reduced.group[origin])
                    if int(reduced.must[left].sum()) < int(reduced.must.sum()):
                        return None
                    self.context.count("columns that never fit", int(out.size))
                    reduced = self.core = reduced.part(origin)
                    rows = rows.part(origin)
            return rows.packing(reduced, self._gain()), origin

    def _begin(self, packing: Packing) -> tuple[RestrictedMaster, Int64] | None:
        """Find prices from scratch; return the linear program at them and a first selection."""
        known = self._first_prices(packing)
        priced = dual_bound(packing, known)
        with self.context.phase("first selection"):
            near = self._near(packing, priced)
            chosen = self._first_selection(packing, priced, near)
            if chosen is None:
                return None
        master = self._restrict(packing, near, known)
        with self.context.phase("linear program"):
            self._linear(master)
        self.capped = False
        if self.core.tiers > 1:
            self._bound_first(packing, master)
            if self._caps() and (packing.n <= self.thin_from or self._exceeds(master)):
                self._hold(master)
        return master, chosen

    def _caps(self) -> bool:
        """Whether the first tier is held at its bound by a row."""
        return int(self.core.gains[0].min(initial=0)) >= 0 and not self.large

    def _exceeds(self, master: RestrictedMaster) -> bool:
        return self._count(master) > (self.bounds[0] or 0) + _TINY

    def _hold(self, master: RestrictedMaster) -> None:
        with self.context.phase("linear program"):
            self._cap(master)
            if self._exceeds(master):
                self._linear(master)
            else:
                master.ended = master.solved

    def _begin_again(self, packing: Packing) -> tuple[RestrictedMaster, Int64] | None:
        """Return the linear program where an earlier one ended, and a first selection."""
        memory, reduced, context = self.memory, self.core, self.context
        assert memory is not None
        context.say("started from an earlier solve")
        with context.phase("recall"):
            columns = self.start.columns if self.start is not None else None
            seats = positions_of(memory, self.program, reduced, columns)
            known = packing.prices_from(memory.prices[: reduced.m])
            if reduced.tiers > 1:
                own = replace(packing, gain=reduced.gains[0])
                self._take_first(packing, dual_bound(own, packing.prices_from(memory.first)))
            master = self._restrict(packing, np.unique(seats[seats >= 0]), known)
            self.capped = memory.capped and reduced.tiers > 1
            if self.capped:
                self._cap(master, float(memory.prices[reduced.m]))
            resume(memory, reduced, master, seats)
            self.large = self.large and self._wanted(master.best) > _LINEAR_COLUMNS
            near = self._near(master.packing, master.best)
            master.admit(near)
        with context.phase("first selection"):
            chosen = self._first_selection(master.packing, master.best, near)
            if chosen is None:
                return None
        with context.phase("linear program"):
            self._linear(master)
        if reduced.tiers > 1 and master.solved:
            # The old prices may bound the first tier too high: a cap above it closes nothing.
            self._lower_first(packing, master)
        return master, chosen

    def _lower_first(self, packing: Packing, master: RestrictedMaster) -> None:
        """Lower the cap on the first tier where its own linear program does."""
        before = self.bounds[0]
        if before is not None and self._count(master) > before - 1 + _TINY:
            return
        self._bound_first(packing, master)
        if not self.capped or before is None or self.bounds[0] is None:
            return
        if self.bounds[0] < before:
            with self.context.phase("linear program"):
                master.set_capacity(self._cap_row(master), self.bounds[0])
                self._linear(master)

    def _cap_row(self, master: RestrictedMaster) -> int:
        return int(np.flatnonzero(master.packing.row < 0)[0])

    def _restrict(self, packing: Packing, near: Int64, prices: Float64) -> RestrictedMaster:
        return RestrictedMaster(packing, near, prices, self.context)

    def _near(self, packing: Packing, priced: DualBound) -> Int64:
        """Return columns enough for a linear program at good prices."""
        return nearest(packing, priced, self._wanted(priced))

    def _wanted(self, priced: DualBound) -> int:
        """Return how many: groups worth serving at the prices, times the choices each may have."""
        return _PER_GROUP * int((priced.idle > 0).sum()) + BESIDE

    def _first_selection(self, packing: Packing, priced: DualBound, near: Int64) -> Int64 | None:
        worth = -priced.loss.astype(np.float64)
        chosen = self._given(packing, worth, near)
        if chosen is None:
            chosen = fill(packing, worth, np.zeros(0, np.int64), near)
            if not packing.admits(chosen):
                chosen = fill(packing, worth, chosen)
        if not packing.admits(chosen):
            for share in _FIRST_NODES:
                closed = solve_part(packing, near, self.context, nodes=self.context.nodes(share))
                if closed.chosen is not None or closed.status == "infeasible":
                    break
            if closed.chosen is None:
                return None
            chosen = closed.chosen
        self._tell(chosen)
        return chosen

    def _given(self, packing: Packing, worth: Float64, near: Int64) -> Int64 | None:
        """Return the selection given to start from, mended where it breaks a row; None: no use."""
        if self.start is None or self.start.selection is None:
            return None
        given = np.flatnonzero(np.isin(self.core.origin, self.start.selection))
        if np.unique(packing.group[given]).size < given.size:
            self.context.say("the given selection has two columns of a group; not used")
            return None
        mended = thin(packing, given)
        if mended.size < given.size:
            self.context.say("the given selection breaks a row; columns were taken out of it")
        given = fill(packing, worth, mended, near)
        return given if packing.admits(given) else None

    def _linear(self, master: RestrictedMaster) -> None:
        if not self.large:
            master.solve()
        elif self.core.n_groups <= _LINEAR_GROUPS:
            master.solve(most=1)

    def _cap(self, master: RestrictedMaster, price: float = 0.0) -> None:
        """Add the row that holds the first tier at its bound."""
        bound = self.bounds[0]
        assert bound is not None
        column = sp.csr_array(self.core.gains[0][:, None])
        master.add_rows(column, np.array([bound], dtype=np.int64), np.array([price]))
        self.capped = True

    def _report_bound(self, master: RestrictedMaster) -> None:
        priced = master.best
        self.context.tell_bound(min(1, self.core.tiers - 1), self._bound(priced))

    def _count(self, master: RestrictedMaster) -> float:
        """Return what the linear program's solution is worth in the first tier."""
        if not master.solved:
            return 0.0
        return float(self.core.gains[0][master.columns] @ master.x)

    def _first_prices(self, packing: Packing) -> Float64:
        context = self.context
        with context.phase("prices"):
            unit = float(self._weight() if self.core.tiers > 1 else np.ptp(packing.gain) + 1)
            start = self.start.prices if self.start is not None else None
            if start is not None and start.shape == self.prices.shape:
                context.say("started from given prices")
                tier = min(1, self.core.tiers - 1)
                known = packing.prices_from(np.asarray(start[tier]) * context.signs[tier])
                if not self.large:
                    return known
                return smooth_prices(
                    packing, known, unit=unit, schedule=SCHEDULE[-1:], stop=context.stop
                )

            def stop() -> bool:
                return context.past(_PRICES_UNTIL)

            known = smooth_prices(packing, unit=unit, schedule=SHORT_SCHEDULE, stop=stop)
            if not self.large:
                return known
            # What counts is how much of a large program its prices leave near the optimum.
            self.large = self._wanted(dual_bound(packing, known)) > _LINEAR_COLUMNS
            if not self.large:
                return known
            return smooth_prices(packing, known, unit=unit, schedule=SCHEDULE[1:], stop=stop)

    def _tell(self, chosen: Int64) -> None:
        values = value_of(self.core, chosen)
        if self.top is None or values > self.top[0]:
            self.top = values, self.core.origin[chosen]
        self.context.tell_selection(values)

    def _bound_first(self, packing: Packing, fold: RestrictedMaster) -> None:
        """Bound the first tier by its own linear program on the same columns."""
        with self.context.phase("first tier"):
            own = replace(packing, gain=self.core.gains[0])
            guess = fold.best.prices[: packing.rows] / max(1, self.weight)
            if self.large and not self.context.stop():
                top = float(own.gain.max(initial=1))
                guess = smooth_prices(
                    own,
                    guess,
                    unit=top,
                    schedule=SCHEDULE[:4],
                    stop=lambda: self.context.past(_FIRST_UNTIL),
                )
                best = dual_bound(own, guess)
            else:
                first = fold.aim(packing, own.gain, guess)
                first.solve(primal=True)
                best = first.best
                self.context.count("linear programs", first.solves)
            self._take_first(packing, best)

    def _take_first(self, packing: Packing, priced: DualBound) -> None:
        if self.bounds[0] is not None and self.bounds[0] < priced.bound:
            return
        self.first = priced
        self.bounds[0] = priced.bound
        self.prices[0] = packing.prices_of(priced.prices, self.core.m)
        self.context.tell_bound(0, priced.bound)

    def _bound(self, priced: DualBound) -> int:
        """Return the bound of the last folded tier, the first at its bound."""
        if self.core.tiers == 1:
            return priced.bound
        return priced.bound - self.weight * (self.bounds[0] or 0)
