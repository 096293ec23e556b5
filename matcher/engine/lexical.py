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

from matcher.engine.closing import close, fill, improve
from matcher.engine.context import Context
from matcher.engine.core import Core, value_of
from matcher.engine.cuts import tighten
from matcher.engine.direct import Found
from matcher.engine.dual import SCHEDULE, smooth_prices
from matcher.engine.options import Start
from matcher.engine.program import Int64
from matcher.engine.restricted import Relaxed, nearest, relax
from matcher.engine.stage import Priced, Stage, price_exactly, stage_of

__all__ = ["Found", "solve_by_prices"]

Float64 = npt.NDArray[np.float64]

_PER_GROUP = 5
_BESIDE = 1_500
_EXACT_COLUMNS = 400_000
_PROOF_COLUMNS = 15_000
_CUT_ROUNDS = 6
_TINY = 1e-6
_FEW_FRACTIONAL = 150
_LADDER = (800, 1_600, 3_200)
_UNTIL_STOPPED = 10**9
_LINEAR_GROUPS = 40_000
_MOST_SOLVES = 40
_PRICES_UNTIL = 0.45
_FIRST_UNTIL = 0.8
_EASY_COLUMNS = 4_000
_NEIGHBOURHOOD = 300


def solve_by_prices(core: Core, context: Context, start: Start | None) -> Found | None:
    """Run the price method; None when the program is not of a shape it can finish."""
    return _Prices(core, context, start).run()


class _Prices:
    """The state of one run of the price method."""

    def __init__(self, core: Core, context: Context, start: Start | None) -> None:
        self.core, self.context, self.start = core, context, start
        self.switches = context.options.switches
        self.prices = np.zeros((core.tiers, core.m))
        self.bounds: list[int | None] = [None] * core.tiers
        self.weight = self._weight() if core.tiers > 1 else 0
        self.search = context.options.method == "search"
        self.large = core.n > _EXACT_COLUMNS

    def _weight(self) -> int:
        """Return K: a unit of the first tier outweighs one group's choice in the second."""
        gain = self.core.gains[1]
        return 1 + int(gain.max(initial=0)) - min(0, int(gain.min(initial=0))) * 2

    def _gain(self) -> Int64:
        gains = self.core.gains
        fold: Int64 = gains[0] if self.core.tiers == 1 else self.weight * gains[0] + gains[1]
        return fold

    def run(self) -> Found | None:
        core, context = self.core, self.context
        with context.phase("tighten"):
            stage = stage_of(core, self._gain())
            if not stage.packing:
                return None
            if self.switches.tighten:
                tight, out = tighten(stage)
                if out.size:
                    columns = np.setdiff1d(np.arange(core.n), out, assume_unique=True)
                    left = np.unique(core.group[columns])
                    if int(core.must[left].sum()) < int(core.must.sum()):
                        return None
                    context.count("columns that never fit", int(out.size))
                    core = self.core = core.part(columns)
                    origin = columns
                    tight = tight.part(columns)
                else:
                    origin = np.arange(core.n)
                stage = tight
            else:
                origin = np.arange(core.n)
        if not core.n:
            return Found(np.zeros(0, np.int64), [0] * core.tiers, self.prices)
        chosen = self._tiers(stage)
        if chosen is None:
            return None
        return Found(origin[chosen], self.bounds, self.prices)

    def _tiers(self, stage: Stage) -> Int64 | None:
        core, context = self.core, self.context
        near_prices = self._first_prices(stage)
        priced = price_exactly(stage, near_prices)
        with context.phase("first selection"):
            worth = -priced.loss.astype(np.float64)
            # Groups worth serving at these prices, times the choices each may still have.
            busy = int((priced.idle > 0).sum())
            near = nearest(stage, priced, _PER_GROUP * busy + _BESIDE)
            chosen = self._merge_start(stage, fill(stage, worth, np.zeros(0, np.int64)))
            if not stage.admits(chosen):
                closed = close(stage, near, context, nodes=context.nodes())
                if closed.chosen is None:
                    return None
                chosen = closed.chosen
            self._tell(chosen)
        relaxed = self._relax(stage, near, near_prices, cut_rounds=0)
        if core.tiers > 1:
            self._bound_first(stage, relaxed.columns if relaxed.columns.size else near, relaxed)
            capped = self._capped(stage)
            if self._count(relaxed) > (self.bounds[0] or 0) + _TINY and capped is not stage:
                longer = np.append(relaxed.priced.prices, 0.0)
                relaxed = self._relax(capped, relaxed.columns, longer, cut_rounds=0)
        if self.switches.cuts and not self.large and relaxed.columns.size:
            relaxed = self._cut(relaxed)
        chosen, relaxed = self._close(relaxed, chosen)
        if core.tiers > 1:
            self._settle_first(stage, chosen)
        return self._later(relaxed, chosen)

    def _cut(self, relaxed: Relaxed) -> Relaxed:
        """Return the linear program with cuts, if they lower its bound."""
        more = self._relax(
            relaxed.stage, relaxed.columns, relaxed.priced.prices, cut_rounds=_CUT_ROUNDS
        )
        better = more.columns.size > 0 and more.priced.bound <= relaxed.priced.bound
        return more if better else relaxed

    def _count(self, relaxed: Relaxed) -> float:
        """Return what the linear program's solution is worth in the first tier."""
        return float(self.core.gains[0][relaxed.columns] @ relaxed.x)

    def _settle_first(self, stage: Stage, chosen: Int64) -> None:
        """Lower the bound of the first tier when no selection can reach it."""
        context, value = self.context, value_of(self.core, chosen)[0]
        bound = self.bounds[0]
        if bound is None or bound <= value or context.stop() or self.search:
            return
        with context.phase("first tier"):
            own = replace(stage, gain=self.core.gains[0])
            kept = np.union1d(self.first.within(value + 1), chosen)
            if kept.size > _PROOF_COLUMNS:
                return
            closed = close(own, kept, context, nodes=context.nodes())
            if closed.status == "optimal" and closed.bound is not None:
                self.bounds[0] = max(value, closed.bound)

    def _first_prices(self, stage: Stage) -> Float64:
        context = self.context
        with context.phase("prices"):
            unit = float(self._weight() if self.core.tiers > 1 else np.ptp(stage.gain) + 1)
            start = self.start.prices if self.start is not None else None
            if start is not None and start.shape == self.prices.shape:
                context.say("started from given prices")
                known = stage.prices_from(np.asarray(start[min(1, self.core.tiers - 1)]))
                if not self.large:
                    return known
                return smooth_prices(
                    stage, known, unit=unit, schedule=SCHEDULE[-1:], stop=context.stop
                )
            return smooth_prices(stage, unit=unit, stop=lambda: context.past(_PRICES_UNTIL))

    def _merge_start(self, stage: Stage, chosen: Int64) -> Int64:
        if self.start is None or self.start.selection is None:
            return chosen
        given = np.flatnonzero(np.isin(self.core.origin, self.start.selection))
        if not stage.admits(given):
            self.context.say("the given selection breaks a row or group; not used")
            return chosen
        given = fill(stage, stage.gain.astype(np.float64), given)
        return given if stage.value(given) > stage.value(chosen) else chosen

    def _tell(self, chosen: Int64) -> None:
        self.context.observer.on_solution(value_of(self.core, chosen))

    def _bound_first(self, stage: Stage, near: Int64, fold: Relaxed) -> None:
        """Bound the first tier by its own linear program on the same columns."""
        with self.context.phase("first tier"):
            own = replace(stage, gain=self.core.gains[0])
            guess = fold.priced.prices / max(1, self.weight)
            if self.large and not self.context.stop():
                top = float(own.gain.max(initial=1))
                guess = smooth_prices(
                    own,
                    guess,
                    unit=top,
                    schedule=SCHEDULE[:4],
                    stop=lambda: self.context.past(_FIRST_UNTIL),
                )
            self.first = price_exactly(own, guess)
            if not self.large and not self.context.stop():
                relaxed = relax(
                    own,
                    near,
                    prices=guess,
                    cut_rounds=0,
                    enough=lambda priced, value: priced.bound <= np.floor(value + 1e-6),
                    stop=self.context.stop,
                    seconds=self.context.left,
                )
                if relaxed is not None:
                    self.first = relaxed.priced
                    self.context.count("linear programs", relaxed.solves)
            self.bounds[0] = self.first.bound
            self.prices[0] = stage.prices_of(self.first.prices, self.core.m)
            self.context.observer.on_bound(0, self.first.bound)

    def _capped(self, stage: Stage) -> Stage:
        bound = self.bounds[0]
        if bound is None or self.core.gains[0].min(initial=0) < 0:
            return stage
        column = sp.csr_array(self.core.gains[0][:, None])
        return stage.with_rows(column, np.array([bound], dtype=np.int64))

    def _relax(self, stage: Stage, near: Int64, prices: Float64, *, cut_rounds: int) -> Relaxed:
        context = self.context
        with context.phase("linear program"):
            relaxed = None
            if not context.stop() and stage.must.size <= _LINEAR_GROUPS:
                relaxed = relax(
                    stage,
                    near,
                    prices=prices,
                    cut_rounds=cut_rounds,
                    most_solves=1 if self.large else _MOST_SOLVES,
                    enough=lambda _priced, _value: False,
                    stop=context.stop,
                    seconds=context.left,
                )
            if relaxed is None:
                empty = np.zeros(0, dtype=np.int64)
                relaxed = Relaxed(stage, price_exactly(stage, prices), empty, np.zeros(0), 0, 0)
            context.count("linear programs", relaxed.solves)
            context.count("cuts", relaxed.cuts)
            context.observer.on_bound(min(1, self.core.tiers - 1), self._bound(relaxed.priced))
        return relaxed

    def _bound(self, priced: Priced) -> int:
        """Return the bound of the last folded tier, the first at its bound."""
        if self.core.tiers == 1:
            return priced.bound
        return priced.bound - self.weight * (self.bounds[0] or 0)

    def _close(self, relaxed: Relaxed, chosen: Int64) -> tuple[Int64, Relaxed]:
        """Find selections near the prices and prove the best of them."""
        context, stage = self.context, relaxed.stage
        fractional = int(((relaxed.x > _TINY) & (relaxed.x < 1 - _TINY)).sum())
        context.count("fractional columns", fractional)
        bound = relaxed.priced.bound
        with context.phase("integer closing"):
            chosen = self._dive(relaxed, chosen)
            if fractional > _FEW_FRACTIONAL or not relaxed.columns.size:
                chosen = self._improve(relaxed, chosen, 20 + stage.must.size // 100)
        few = relaxed.columns.size > 0 and fractional <= _FEW_FRACTIONAL
        few = few and not self.large and not self.search
        for most in _LADDER if few else ():
            # Few columns are solved in no time; they often hold the optimum, or nearly.
            if context.stop() or self._open(relaxed, chosen, bound) <= most:
                break
            with context.phase("integer closing"):
                near = nearest(stage, relaxed.priced, most)
                chosen, bound = self._try(relaxed, near, chosen, bound, 1.0)
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
                kept = self._kept(relaxed, chosen)
                chosen, bound = self._try(relaxed, kept, chosen, bound, 1.0)
        bound = max(bound, stage.value(chosen))
        self._report(relaxed.stage, relaxed.priced, chosen, bound)
        return chosen, relaxed

    def _kept(self, relaxed: Relaxed, chosen: Int64) -> Int64:
        """Return the columns that may be in a selection this answer still has to rule out."""
        value = relaxed.stage.value(chosen)
        if not self.switches.fixing:
            return np.arange(relaxed.stage.n)
        return relaxed.priced.within(value if self.core.tiers > 2 else value + 1)

    def _open(self, relaxed: Relaxed, chosen: Int64, bound: int) -> int:
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

    def _try(
        self, relaxed: Relaxed, columns: Int64, chosen: Int64, bound: int, share: float
    ) -> tuple[Int64, int]:
        """Solve over some columns; their optimum is everyone's when no other column is open."""
        context, stage = self.context, relaxed.stage
        columns = np.union1d(columns, chosen)
        closed = close(stage, columns, context, nodes=context.nodes(share))
        if closed.chosen is not None and stage.value(closed.chosen) > stage.value(chosen):
            chosen = closed.chosen
            self._tell(chosen)
        missing = np.setdiff1d(relaxed.priced.within(stage.value(chosen) + 1), columns)
        if not missing.size and closed.bound is not None:
            bound = min(bound, max(closed.bound, stage.value(chosen)))
        return chosen, bound

    def _dive(self, relaxed: Relaxed, chosen: Int64) -> Int64:
        """Round the linear program's solution down and fill up again."""
        stage = relaxed.stage
        whole = relaxed.columns[relaxed.x > 1 - _TINY]
        dived = fill(stage, -relaxed.priced.loss.astype(np.float64), whole)
        if stage.admits(dived) and stage.value(dived) > stage.value(chosen):
            chosen = dived
            self._tell(chosen)
        return chosen

    def _improve(self, relaxed: Relaxed, chosen: Int64, rounds: int) -> Int64:
        stage = relaxed.stage
        if not self.switches.neighbourhood or self.context.stop():
            return chosen
        if (self.large or self.search) and self.context.options.seconds is not None:
            rounds = _UNTIL_STOPPED
        busy = max(1, int((relaxed.priced.idle > 0).sum()))
        near = nearest(stage, relaxed.priced, 3 * busy + _BESIDE)
        better = improve(
            stage,
            chosen,
            near,
            self.context,
            loss=relaxed.priced.loss,
            idle=relaxed.priced.idle,
            rounds=rounds,
            size=_NEIGHBOURHOOD,
            target=relaxed.priced.bound,
        )
        if stage.value(better) > stage.value(chosen):
            self._tell(better)
        return better

    def _report(self, stage: Stage, priced: Priced, chosen: Int64, bound: int) -> None:
        tier = min(1, self.core.tiers - 1)
        self.prices[tier] = stage.prices_of(priced.prices, self.core.m)
        if self.core.tiers == 1:
            self.bounds[0] = bound
            return
        first = value_of(self.core, chosen)[0]
        self.bounds[1] = bound - self.weight * first

    def _later(self, relaxed: Relaxed, chosen: Int64) -> Int64:
        """Improve the tiers after the second while the earlier ones are held."""
        core, context = self.core, self.context
        if core.tiers <= 2:
            return chosen
        values = value_of(core, chosen)
        proven = self.bounds[0] == values[0] and self.bounds[1] == values[1]
        stage = relaxed.stage
        kept = relaxed.priced.within(stage.value(chosen)) if proven else np.arange(stage.n)
        part = stage.part(kept)
        gains = core.gains[:, kept]
        held = np.stack((part.gain, *gains[2:]))
        local = np.searchsorted(kept, chosen)
        for tier in range(2, core.tiers):
            with context.phase("later tiers"):
                here = replace(part, gain=gains[tier])
                if not proven:
                    prices = np.zeros(here.rows)
                    self.bounds[tier] = price_exactly(here, prices).bound
                    continue
                for index in range(tier - 1):
                    row = sp.csr_array(-held[index][:, None])
                    floor = -int(held[index][local].sum())
                    here = here.with_rows(row, np.array([floor], dtype=np.int64))
                local, bound = self._one_later(here, local, tier)
                self.bounds[tier] = bound
                proven = bound == int(gains[tier][local].sum())
        return kept[local]

    def _one_later(self, stage: Stage, chosen: Int64, tier: int) -> tuple[Int64, int]:
        context = self.context
        prices = np.zeros(stage.rows)
        relaxed = None
        if not context.stop():
            relaxed = relax(
                stage,
                np.arange(stage.n),
                prices=prices,
                cut_rounds=0,
                enough=lambda _priced, _value: True,
                stop=context.stop,
                seconds=context.left,
            )
        priced = price_exactly(stage, prices) if relaxed is None else relaxed.priced
        self.prices[tier] = stage.prices_of(priced.prices, self.core.m)
        value, bound = stage.value(chosen), priced.bound
        if value < bound and not context.stop():
            kept = np.union1d(priced.within(value + 1), chosen)
            context.counts[f"columns left in tier {tier}"] = int(kept.size)
            closed = close(stage, kept, context, nodes=context.nodes())
            if closed.chosen is not None and stage.value(closed.chosen) > value:
                chosen = closed.chosen
            if closed.status == "optimal":
                bound = stage.value(chosen)
            elif closed.bound is not None:
                bound = max(stage.value(chosen), min(bound, closed.bound))
        return chosen, max(bound, stage.value(chosen))
