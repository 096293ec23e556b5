"""What the price method knows: a state that each pass takes and hands to the next."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from matcher.engine.context import Context
from matcher.engine.method.column_generation import RestrictedMaster
from matcher.engine.method.dual_bound import DualBound
from matcher.engine.method.fold import Fold
from matcher.engine.method.packing import Packing
from matcher.engine.program import Float64, Int64


@dataclass(frozen=True, eq=False)
class State:
    """What is known: every pass takes a state and returns the next.

    Only the restricted master grows in place, as the solver's model that it is.
    """

    fold: Fold
    master: RestrictedMaster
    """The linear program of F on few columns; its packing is the fold's with rows added."""
    chosen: Int64
    """The incumbent: the best selection by F, sorted columns of the fold."""
    bounds: tuple[int | None, ...]
    """Bound of each tier, every one for selections no worse in those before; None: unknown."""
    prices: Float64
    """Prices of the reduced program's rows, float64 [tiers, m]."""
    large: bool
    """Whether linear programs to the end would take too long."""
    first: DualBound | None = None
    """Bound of the first tier alone, and what each column loses against it."""
    capped: bool = False
    """Whether the master's first added row holds the first tier at its bound."""
    looked_at: int | None = None
    """Bound of the first tier at which its best selection was looked for by itself."""
    fold_bound: int | None = None
    """Bound of F by integer programs; None: none but the master's."""

    @classmethod
    def of(cls, fold: Fold, master: RestrictedMaster, chosen: Int64, *, large: bool) -> Self:
        """Return the state in which only a master and a first selection are known."""
        reduced = fold.reduced
        prices = np.zeros((reduced.tiers, reduced.m))
        return cls(fold, master, chosen, (None,) * reduced.tiers, prices, large)

    @property
    def packing(self) -> Packing:
        """The fold with all rows that were added."""
        return self.master.packing

    @property
    def value(self) -> int:
        """What the incumbent gains by F."""
        return self.packing.value(self.chosen)

    @property
    def bound(self) -> int:
        """The best bound of F."""
        known = self.master.best.bound
        return known if self.fold_bound is None else self.fold_bound

    def first_units(self, first: int | None) -> int:
        """Return what so much of the first tier counts in F."""
        return 0 if self.fold.tiers == 1 else self.fold.weight * (first or 0)

    def with_bound(self, tier: int, bound: int) -> Self:
        """Return the state with another bound of a tier."""
        return replace(self, bounds=(*self.bounds[:tier], bound, *self.bounds[tier + 1 :]))

    def with_prices(self, tier: int, packing: Packing, priced: DualBound) -> Self:
        """Return the state with the prices of a tier, found for a packing of its rows."""
        prices = self.prices.copy()
        prices[tier] = packing.prices_of(priced.prices, self.fold.reduced.m)
        return replace(self, prices=prices)

    def better(self, found: Int64 | None, context: Context) -> Self:
        """Return the state with what was found as incumbent, if it gains more."""
        if found is None or self.packing.value(found) <= self.value:
            return self
        self.fold.tell(found, context)
        return replace(self, chosen=found)

    def open_columns(self, value: int) -> Int64:
        """Return the columns that reduced costs leave to selections of at least this value."""
        return self.master.best.within(value)

    def reached(self, context: Context) -> bool:
        """Whether the incumbent is as good as the bound, or as near as was asked for."""
        gap, value, bound = context.options.gap, self.value, self.bound
        if value >= bound or gap == 0.0:
            return value >= bound
        values = self.fold.values(self.chosen)
        if self.fold.tiers > 1:
            first = self.bounds[0]
            if first is None or first > values[0]:
                short = float("inf") if first is None else first - values[0]
                return short <= gap * max(1, abs(values[0]))
        return bound - value <= gap * max(1, abs(values[self.fold.last]))
