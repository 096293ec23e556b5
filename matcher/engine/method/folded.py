"""The folded tiers and where their linear program begins: from nothing, or from an earlier solve.

Hides how prices are found: smoothed ones first, then a linear program near them, the first tier's
own bound, and the row that holds the first tier at it (see `price_method`).
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher.engine.context import Context
from matcher.engine.method.column_generation import Restricted, nearest
from matcher.engine.method.cuts import tighten
from matcher.engine.method.packing import Priced, Stage, packing_of, price_exactly
from matcher.engine.method.presolve import Core, value_of
from matcher.engine.method.prices import SCHEDULE, SHORT_SCHEDULE, smooth_prices
from matcher.engine.method.sub_mip import close, fill, thin
from matcher.engine.method.warm_start import Memory, recall, seats_of
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

    def _tight(self) -> tuple[Stage, Int64] | None:
        """Return the folded tiers over tightened rows, and the core's columns it has.

        None where a group that must be served has no column left that fits.
        """
        core = self.core
        with self.context.phase("tighten"):
            rows = packing_of(core)
            origin = np.arange(core.n)
            if self.switches.tighten:
                rows, out = tighten(rows, core.group)
                if out.size:
                    origin = np.setdiff1d(origin, out, assume_unique=True)
                    left = np.unique(core.group[origin])
                    if int(core.must[left].sum()) < int(core.must.sum()):
                        return None
                    self.context.count("columns that never fit", int(out.size))
                    core = self.core = core.part(origin)
                    rows = rows.part(origin)
            return rows.stage(core, self._gain()), origin

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
            if self._caps() and (stage.n <= self.thin_from or self._exceeds(restricted)):
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
        return _PER_GROUP * int((priced.idle > 0).sum()) + BESIDE

    def _first_selection(self, stage: Stage, priced: Priced, near: Int64) -> Int64 | None:
        worth = -priced.loss.astype(np.float64)
        chosen = self._given(stage, worth, near)
        if chosen is None:
            chosen = fill(stage, worth, np.zeros(0, np.int64), near)
            if not stage.admits(chosen):
                chosen = fill(stage, worth, chosen)
        if not stage.admits(chosen):
            for share in _FIRST_NODES:
                closed = close(stage, near, self.context, nodes=self.context.nodes(share))
                if closed.chosen is not None or closed.status == "infeasible":
                    break
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
