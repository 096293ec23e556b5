"""The first two tiers as one objective, without giant weights.

They are folded into F = K g0 + g1 with a moderate K, and beside it stands the row
g0 <= z0, where z0 is a proven bound of the first tier. Whatever K is: if a selection reaches
g0 = z0 and F is proven maximal, then no selection with g0 >= z0 has more g1, because
g1 = F - K g0. So K may be chosen for good numbers; selections that stay below z0 leave the first
tier unproven. In general bound(F) - K v0 bounds g1 over all selections with g0 >= v0.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from matcher.engine.context import Context
from matcher.engine.method.packing import Packing, packing_of, upper_sides
from matcher.engine.method.presolve import Reduced, value_of
from matcher.engine.method.tighten import tighten
from matcher.engine.program import Int64

_EXACT_COLUMNS = 3_000_000
_ROOM = 2**62


@dataclass(frozen=True, eq=False)
class Fold:
    """The first two tiers as one objective, over tightened rows."""

    reduced: Reduced
    """The columns in play, with the gains of all tiers."""
    packing: Packing
    """F over tightened rows."""
    weight: int
    """K: units of the second tier that one of the first counts; 0 when there is one tier."""
    given: int
    """Columns there were before those that never fit went out."""
    origin: Int64
    """Which of them each column is."""

    @property
    def tiers(self) -> int:
        """Number of tiers."""
        return self.reduced.tiers

    @property
    def last(self) -> int:
        """The last tier that is folded."""
        return min(1, self.tiers - 1)

    def part(self, columns: Int64, packing: Packing) -> Self:
        """Return the fold with only some columns (sorted), and its packing with them."""
        return replace(
            self, reduced=self.reduced.part(columns), packing=packing, origin=self.origin[columns]
        )

    def first_tier(self) -> Packing:
        """Return the first tier alone, over the same rows."""
        return replace(self.packing, gain=self.reduced.gains[0])

    def values(self, chosen: Int64) -> tuple[int, ...]:
        """Return what a selection gains in every tier."""
        return value_of(self.reduced, chosen)

    def tell(self, chosen: Int64, context: Context) -> None:
        """Tell of a better selection."""
        context.tell_selection(self.values(chosen), self.reduced.origin[chosen])


def weight_of(reduced: Reduced) -> int:
    """Return K: a unit of the first tier outweighs one group's choice in the second."""
    gain = reduced.gains[1]
    return 1 + int(gain.max(initial=0)) - min(0, int(gain.min(initial=0))) * 2


def is_large(fold: Fold) -> bool:
    """Whether a program is too large by its columns for linear programs to the end."""
    return fold.given > _EXACT_COLUMNS


def fold_tiers(reduced: Reduced, context: Context) -> Fold | None:
    """Fold the first two tiers and tighten the rows.

    None where the fold exceeds 64-bit integers, or a group that must be served has no column left
    that fits.
    """
    given, origin, weight = reduced.n, np.arange(reduced.n), 0
    if reduced.tiers > 1:
        weight = weight_of(reduced)
        most = [
            max(abs(int(g.max(initial=0))), abs(int(g.min(initial=0)))) for g in reduced.gains[:2]
        ]
        if weight * most[0] + most[1] >= _ROOM:
            context.say("the folded tiers exceed 64-bit integers: not solved by prices")
            return None
    gains = reduced.gains
    gain: Int64 = gains[0] if reduced.tiers == 1 else weight * gains[0] + gains[1]
    with context.phase("tighten"):
        by_row = upper_sides(reduced)
        packing = packing_of(reduced, gain, by_row)
        if context.options.switches.tighten:
            packing, out = tighten(packing, by_row)
            if out.size:
                origin = np.setdiff1d(origin, out, assume_unique=True)
                left = np.unique(reduced.group[origin])
                if int(reduced.must[left].sum()) < int(reduced.must.sum()):
                    return None
                context.count("columns that never fit", int(out.size))
                reduced, packing = reduced.part(origin), packing.part(origin)
    return Fold(reduced, packing, weight, given, origin)
