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
import scipy.sparse as sp

from matcher.engine.context import Context
from matcher.engine.method.packing import Packing, packing_of, sides_of, upper_sides
from matcher.engine.method.presolve import Reduced, value_of
from matcher.engine.method.tighten import Lines, tighten
from matcher.engine.program import Int64

_EXACT_COLUMNS = 3_000_000
_ROOM = 2**62
_KEPT_COLUMNS = 500_000
"""Columns up to which what they come to is kept with the program; of more, memory counts more."""


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
        if not context.options.switches.tighten:
            packing = packing_of(reduced, gain)
        else:
            shape = _shape_of(reduced)
            out = shape.lines.too_large(shape.by_row, _capacity(reduced))
            whole = reduced
            if out.size:
                origin = np.setdiff1d(origin, out, assume_unique=True)
                left = np.unique(reduced.group[origin])
                if int(reduced.must[left].sum()) < int(reduced.must.sum()):
                    return None
                context.count("columns that never fit", int(out.size))
                reduced = reduced.part(origin)
            packing = shape.tightened(whole, reduced, gain, origin)
    return Fold(reduced, packing, weight, given, origin)


def _capacity(reduced: Reduced) -> Int64:
    """Return what each side holds, upper ones first, lower ones negated."""
    above, below = sides_of(reduced)
    return np.concatenate((reduced.upper[above], -reduced.lower[below]))


@dataclass(eq=False)
class _Shape:
    """What columns and their uses come to, whatever the rows hold; kept with the program."""

    origin: Int64
    """The program's columns it is of."""
    sides: tuple[Int64, Int64]
    """Rows with an upper side, and with a lower one."""
    by_row: sp.csc_array
    """Uses, as `upper_sides`."""
    lines: Lines
    made: tuple[bytes, sp.csr_array] | None = None
    """The last tightened uses, and which rows and columns are left in them."""

    def fits(self, reduced: Reduced) -> bool:
        """Whether it is of the same columns and sides."""
        pairs = zip((self.origin, *self.sides), (reduced.origin, *sides_of(reduced)), strict=True)
        return all(np.array_equal(mine, theirs) for mine, theirs in pairs)

    def tightened(self, whole: Reduced, reduced: Reduced, gain: Int64, columns: Int64) -> Packing:
        """Return the tightened packing of `reduced`: those columns of `whole`, with their gains."""
        capacity = _capacity(whole)
        rows = self.lines.binding(capacity)
        mark = rows.tobytes() + b"|" + columns.tobytes()
        if self.made is None or self.made[0] != mark:
            packing, _ = tighten(packing_of(whole, gain, self.by_row), self.by_row, self.lines)
            packing = packing.part(columns) if columns.size < whole.n else packing
            if whole.n <= _KEPT_COLUMNS:
                self.made = mark, packing.uses
            return packing
        above, below = self.sides
        unit = self.lines.divisor[rows]
        return Packing(
            gain=gain[columns],
            uses=self.made[1],
            capacity=capacity[rows] // unit,
            starts=reduced.starts,
            group=reduced.group,
            must=reduced.must,
            row=np.concatenate((above, below))[rows].astype(np.int64),
            sign=np.repeat([1, -1], (above.size, below.size))[rows].astype(np.int64),
            unit=unit,
        )


def _shape_of(reduced: Reduced) -> _Shape:
    kept = reduced.program.of_columns
    known: _Shape | None = kept.get("shape")
    if known is not None and known.fits(reduced):
        return known
    by_row = upper_sides(reduced)
    shape = _Shape(reduced.origin, sides_of(reduced), by_row, Lines.of(by_row, reduced.group))
    if reduced.n <= _KEPT_COLUMNS:
        kept["shape"] = shape
    return shape
