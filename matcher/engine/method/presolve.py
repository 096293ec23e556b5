"""The program as the methods see it: one shape, one sense, everything decided taken out.

Hides how fixed and forbidden columns, minimised tiers and scattered groups disappear before
any method starts, and how a selection finds its way back to the caller's columns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from matcher.engine.answer import Losses
from matcher.engine.program import UNBOUNDED, Bool, Float64, Int64, Program

if TYPE_CHECKING:
    from matcher.engine.method.warm_start import WarmStart


@dataclass(frozen=True, eq=False)
class Reduced:
    """A program whose tiers are all maximised and whose columns are sorted by group.

    Groups here are only those that still have a column; `origin` leads back. The uses are read
    from the program when they are asked for: a country's are not held twice.
    """

    program: Program
    """The program it came from."""
    gains: Int64
    """Gain, int64 [tiers, n], always maximised."""
    starts: Int64
    """First column of each group, int64 [groups + 1]; no group is empty."""
    group: Int64
    """Group of each column, int64 [n], non-decreasing."""
    upper: Int64
    """Upper sides, int64 [m], `UNBOUNDED` where there is none."""
    lower: Int64
    """Lower sides, int64 [m], `-UNBOUNDED` where there is none."""
    must: Bool
    """Whether each group needs a column, bool [groups]."""
    origin: Int64
    """Column of the program each column came from, int64 [n]."""
    settled: Int64
    """Columns of the program chosen before any method starts (the fixed ones)."""
    names: Int64
    """Group of the program each group came from, int64 [groups]."""

    def by_row(self) -> sp.csc_array:
        """Return the use of each row by each column, int64 CSC [n, m] with sorted columns."""
        uses = self.program.uses
        if self.n == self.program.n_columns and bool((np.diff(self.origin) == 1).all()):
            return sp.csc_array(uses.T)
        own = uses[:, self.origin]
        own.sort_indices()
        return sp.csc_array(own.T)

    @property
    def n(self) -> int:
        """Number of columns."""
        return int(self.group.size)

    @property
    def m(self) -> int:
        """Number of rows."""
        return int(self.upper.size)

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return int(self.must.size)

    @property
    def tiers(self) -> int:
        """Number of tiers."""
        return int(self.gains.shape[0])

    def has_unit_uses(self) -> bool:
        """Whether a column uses nothing or one of every row."""
        uses = self.program.uses
        other = np.zeros(self.program.n_columns, dtype=np.bool_)
        other[uses.indices[(uses.data != 1) & (uses.data != 0)]] = True
        return not bool(other[self.origin].any())

    def part(self, columns: Int64, *, gains: Int64 | None = None) -> "Reduced":
        """Return the program with only some of its columns (sorted), groups renumbered.

        A group that must be served and loses all its columns makes the part infeasible; the
        callers keep at least one.
        """
        group = self.group[columns]
        kept, fresh = np.unique(group, return_inverse=True)
        starts = np.searchsorted(group, np.append(kept, self.n_groups))
        return Reduced(
            program=self.program,
            gains=(self.gains if gains is None else gains)[:, columns],
            starts=starts.astype(np.int64),
            group=fresh.astype(np.int64),
            upper=self.upper,
            lower=self.lower,
            must=self.must[kept],
            origin=self.origin[columns],
            settled=self.settled,
            names=self.names[kept],
        )


@dataclass(frozen=True, eq=False)
class Found:
    """What a method found, in the reduced program's columns and maximised tiers."""

    chosen: Int64 | None
    """Columns, sorted; None when none were found."""
    bounds: tuple[int | None, ...]
    """Bound of each tier; None where nothing is known."""
    prices: Float64 | Callable[[], Float64]
    """Prices of the rows, float64 [tiers, m], or what computes them when asked."""
    infeasible: bool = False
    """Whether it was proven that there is no selection."""
    warm_start: "WarmStart | None" = None
    """Where a solve by prices ended."""
    losses: Losses | None = None
    """What each column loses against the bound of the folded tiers; see `Answer.losses`."""

    def proven(self, reduced: Reduced) -> bool:
        """Whether the selection reaches the bound of every tier."""
        return self.chosen is not None and self.bounds == value_of(reduced, self.chosen)


def value_of(reduced: Reduced, chosen: Int64) -> tuple[int, ...]:
    """Return the gain of a selection in every tier, exact, without the settled columns."""
    return tuple(int(total) for total in reduced.gains[:, chosen].sum(axis=1))


def presolve(program: Program) -> tuple[Reduced | None, str]:
    """Take out what is already decided.

    Returns
    -------
    tuple
        The reduced and an empty sentence, or None and the reason why no selection can exist:
        two fixed columns in one group, a fixed column that is forbidden, or a group that
        needs a column and has none left.
    """
    n = program.n_columns
    none = np.zeros(0, dtype=np.int64)
    fixed = none if program.fixed is None else np.unique(program.fixed)
    alive = np.ones(n, dtype=np.bool_)
    alive[none if program.forbidden is None else program.forbidden] = False
    if not alive[fixed].all():
        column = int(fixed[~alive[fixed]][0])
        return None, f"Column {column} is both fixed and forbidden."
    served = np.zeros(program.n_groups, dtype=np.bool_)
    served[program.group[fixed]] = True
    if int(served.sum()) != fixed.size:
        twice = int(np.flatnonzero(np.bincount(program.group[fixed]) > 1)[0])
        return None, f"Two fixed columns are in {program.group_name(twice)}."
    alive &= ~served[program.group]
    kept = np.flatnonzero(alive)
    order = kept[np.argsort(program.group[kept], kind="stable")]
    group = program.group[order]
    present, fresh = np.unique(group, return_inverse=True)
    must = np.zeros(program.n_groups, dtype=np.bool_)
    if program.exactly_one is not None:
        must = program.exactly_one & ~served
        bare = must.copy()
        bare[present] = False
        if bare.any():
            name = program.group_name(int(np.flatnonzero(bare)[0]))
            return None, f"{int(bare.sum())} groups need a column and have none: first {name}."
    taken = np.zeros(program.n_rows, dtype=np.int64)
    if fixed.size:
        taken = np.asarray(program.uses[:, fixed].sum(axis=1)).reshape(-1).astype(np.int64)
    lower = program.lower_sides
    reduced = Reduced(
        program=program,
        gains=_turned(program, order),
        starts=np.searchsorted(group, np.append(present, program.n_groups)).astype(np.int64),
        group=fresh.astype(np.int64),
        upper=np.where(program.upper >= UNBOUNDED, UNBOUNDED, program.upper - taken),
        lower=np.where(lower <= -UNBOUNDED, -UNBOUNDED, lower - taken),
        must=must[present],
        origin=order.astype(np.int64),
        settled=fixed,
        names=present.astype(np.int64),
    )
    return reduced, ""


def _turned(program: Program, order: Int64) -> Int64:
    """Return gains in the reduced program's columns, all maximised."""
    gains = program.gains
    if order.size < program.n_columns or not bool((np.diff(order) == 1).all()):
        gains = gains[:, order]
    if not all(program.senses):
        gains = gains * np.where(np.array(program.senses), 1, -1)[:, None]
    return np.ascontiguousarray(gains)
