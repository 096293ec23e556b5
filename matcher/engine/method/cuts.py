"""Tighter rows and cutting planes that price every column.

Hides which inequalities are added to the linear program, and how one found on a few columns
becomes a row for all. Take whole multipliers W[r] of all rows (groups are rows too, of use and
capacity 1), a whole divisor D, and write s[r] >= 0 for what a row leaves over, a whole number in
every selection. Then

    sum over o of (W.a[o]) x[o] + sum over r of W[r] s[r]  =  W.b

and for every superadditive, non-decreasing F with F(0) = 0, with s written out again (Gomory 1960,
"An algorithm for the mixed integer problem"; Gomory and Johnson 1972, "Some continuous functions
related to corner polyhedra"; Nemhauser and Wolsey 1988, II.1.4)

    sum over o of (F(W.a[o]) - F(W).a[o]) x[o]  <=  F(W.b) - F(W).b

with F(W) taken row by row. Here, with t = W.b mod D, all is whole:

    F(d) = floor(d / D) (D - t) + max(0, (d mod D) - t)

The inequality holds for any W, wherever it came from, and for any capacities b: a cut is kept as
its multipliers, and is a valid row again after the program has changed. The coefficient of a
column depends on its uses and group alone.

Two places are searched for W: single rows (here) and the basis of a linear program
(`gomory_cuts`). For a row  sum a[o] x[o] <= b  levels c[i] are chosen for all
groups, which makes of it a row in differences a[o] - c[i(o)]; with slope p / k that is W = p for
the row, W = -p c[i] for the groups, and D = k.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher.engine.method.packing import Packing, Rows
from matcher.engine.program import Int64

__all__ = [
    "LARGEST_USE",
    "Cut",
    "RowBook",
    "as_row",
    "most_used",
    "rounded",
    "separate",
    "tighten",
    "tightened",
]

Float64 = npt.NDArray[np.float64]

LARGEST_USE = 10**5
"""Largest use of a cut that is still a good number for a linear program."""
_ROOM = 2**53
_BLOCK = 2**22
_WIDEST = 2**40
_MOST_USE = 400
_MOST_SLOPE = 12
_PER_ROW = 2
_LEAST_DEPTH = 0.01
_TINY = 1e-7


@dataclass(frozen=True, eq=False)
class Cut:
    """A cut by its multipliers; those left out are zero."""

    groups: Int64
    """Groups of the packing with a multiplier."""
    of_group: Int64
    """Their multipliers, 1 .. divisor - 1."""
    rows: Int64
    """Rows of the packing with a multiplier, cuts added earlier among them."""
    of_row: Int64
    """Their multipliers, 1 .. divisor - 1."""
    divisor: int
    """D, at least 2."""


def rounded(d: Int64, divisor: int, rest: int) -> Int64:
    """Return F(d) for t = rest."""
    whole: Int64 = d // divisor * (divisor - rest) + np.maximum(0, d % divisor - rest)
    return whole


class RowBook:
    """The uses of a packing row by row, with the rows that were added since at the end.

    A cut has multipliers for few rows: only the columns of those are looked at.
    """

    def __init__(self, packing: Packing) -> None:
        by_row = packing.uses.tocsc()
        self._columns: npt.NDArray[np.integer] = by_row.indices
        self._uses: Int64 = by_row.data
        self._ends: npt.NDArray[np.integer] = by_row.indptr
        self._added: list[tuple[npt.NDArray[np.integer], Int64]] = []
        if packing.added is not None:
            more = packing.added.tocsc()
            for at in range(more.shape[1]):
                span = slice(more.indptr[at], more.indptr[at + 1])
                self._added.append((more.indices[span], more.data[span]))

    def add(self, columns: Int64, uses: Int64) -> None:
        """Note one more row of the packing, by its columns and their uses."""
        self._added.append((columns, uses))

    def row(self, row: int) -> tuple[npt.NDArray[np.integer], Int64]:
        """Return the columns of a row and their uses."""
        known = self._ends.size - 1
        if row >= known:
            return self._added[row - known]
        span = slice(self._ends[row], self._ends[row + 1])
        return self._columns[span], self._uses[span]


def as_row(packing: Packing, book: RowBook, cut: Cut) -> tuple[Int64, Int64, int] | None:
    """Return a cut as a row over all columns: its columns, their uses, its capacity; None: no cut.

    Columns come sorted. A cut is none where its capacity, its uses or those of the rows it is made
    of leave the range of good numbers, or where W.b is divisible, so that it says nothing.
    """
    sides = [int(b) for b in packing.capacity[cut.rows]]
    total = int(cut.of_group.sum()) + sum(
        int(w) * b for w, b in zip(cut.of_row, sides, strict=True)
    )
    rest = total % cut.divisor
    if not rest or abs(total) >= _ROOM:
        return None
    group_slope = rounded(cut.of_group, cut.divisor, rest)
    row_slope = rounded(cut.of_row, cut.divisor, rest)
    at, weights, slopes = [], [], []
    for row, w, slope in zip(cut.rows.tolist(), cut.of_row, row_slope, strict=True):
        columns, uses = book.row(row)
        if int(np.abs(uses).max(initial=0)) > _WIDEST:
            return None
        at.append(columns)
        weights.append(uses * w)
        slopes.append(uses * slope)
    for group, w, slope in zip(cut.groups.tolist(), cut.of_group, group_slope, strict=True):
        columns = np.arange(packing.starts[group], packing.starts[group + 1])
        at.append(columns)
        weights.append(np.full(columns.size, w))
        slopes.append(np.full(columns.size, slope))
    met, where = np.unique(np.concatenate(at), return_inverse=True)
    weight, slope = np.zeros(met.size, dtype=np.int64), np.zeros(met.size, dtype=np.int64)
    np.add.at(weight, where, np.concatenate(weights))
    np.add.at(slope, where, np.concatenate(slopes))
    use = rounded(weight, cut.divisor, rest) - slope
    limit = int(rounded(np.array(total), cut.divisor, rest)) - int(group_slope.sum())
    limit -= sum(int(f) * b for f, b in zip(row_slope, sides, strict=True))
    if int(np.abs(use).max(initial=0)) > LARGEST_USE or abs(limit) > _ROOM:
        return None
    kept = np.flatnonzero(use)
    return met[kept].astype(np.int64), use[kept], limit


def tighten(packing: Rows, group: Int64) -> tuple[Rows, Int64]:
    """Return rounded rows, and the columns that no selection can hold.

    A row with uses that share a divisor is divided by it and its capacity rounded down; a row
    that even the greediest choice of every group cannot fill is dropped; a column whose own use
    exceeds the capacity of a row without negative uses is excluded.

    Parameters
    ----------
    packing
        The rows.
    group
        Group of each column, int64 [n], non-decreasing.
    """
    by_row, rows = packing.by_row, int(packing.capacity.size)
    divisor = np.ones(rows, dtype=np.int64)
    binding = np.zeros(rows, dtype=np.bool_)
    over: list[npt.NDArray[np.integer]] = [np.zeros(0, dtype=np.int64)]
    for block in _blocks(by_row.indptr):
        lines = by_row[:, block.start : block.stop]
        part, fits_nowhere = _shared(lines, packing.capacity[block])
        divisor[block] = part
        over.append(fits_nowhere)
        # Divided or not: the greediest choice is the same, and both sides are divided.
        binding[block] = most_used(lines, group) // part > packing.capacity[block] // part
    kept = np.flatnonzero(binding)
    tight = by_row if kept.size == rows else sp.csc_array(by_row[:, kept])
    unit = divisor[kept]
    if (unit > 1).any():
        data = tight.data.copy() if tight is by_row else tight.data
        for line in np.flatnonzero(unit > 1).tolist():
            data[tight.indptr[line] : tight.indptr[line + 1]] //= unit[line]
        tight = sp.csc_array((data, tight.indices, tight.indptr), shape=tight.shape)
    return replace(
        packing,
        by_row=tight,
        capacity=packing.capacity[kept] // unit,
        row=packing.row[kept],
        sign=packing.sign[kept],
        unit=packing.unit[kept] * unit,
    ), np.unique(np.concatenate(over)).astype(np.int64)


def tightened(packing: Packing) -> tuple[Packing, Int64]:
    """Return a small packing with tightened rows, and the columns that no selection can hold."""
    by_row = sp.csc_array(packing.uses.tocsc())
    rows = Rows(by_row, packing.capacity, packing.row, packing.sign, packing.unit)
    tight, out = tighten(rows, packing.group)
    return replace(
        packing,
        uses=sp.csr_array(tight.by_row.tocsr()),
        capacity=tight.capacity,
        row=tight.row,
        sign=tight.sign,
        unit=tight.unit,
    ), out


def _blocks(ends: npt.NDArray[np.integer]) -> Iterator[slice]:
    """Cut rows into blocks of about so many entries that their arrays stay small."""
    at, rows = 0, ends.size - 1
    while at < rows:
        stop = max(at + 1, int(np.searchsorted(ends, int(ends[at]) + _BLOCK, side="right")) - 1)
        yield slice(at, stop)
        at = stop


def _shared(lines: sp.csc_array, capacity: Int64) -> tuple[Int64, npt.NDArray[np.integer]]:
    """Return the largest divisor of each row's uses, and the columns too large for a row."""
    sizes = np.diff(lines.indptr)
    filled = sizes > 0
    least = np.zeros(capacity.size, dtype=np.int64)
    divisor = np.ones(capacity.size, dtype=np.int64)
    if filled.any():
        first = lines.indptr[:-1][filled]
        least[filled] = np.minimum.reduceat(lines.data, first)
        divisor[filled] = np.maximum(np.abs(np.gcd.reduceat(lines.data, first)), 1)
    most = np.repeat(np.where(least >= 0, capacity, np.iinfo(np.int64).max), sizes)
    return divisor, lines.indices[lines.data > most]


def most_used(by_row: sp.csc_array, group: Int64) -> Int64:
    """Return what the greediest choice of one column or none per group uses of each row.

    Parameters
    ----------
    by_row
        Uses, int64 CSC [n, rows] with sorted indices.
    group
        Group of each column, int64 [n], non-decreasing.
    """
    reach = np.zeros(by_row.shape[1], dtype=np.int64)
    here = group[by_row.indices]
    # Columns are sorted by group: a group's uses of a row lie side by side.
    head = np.diff(here, prepend=-1) != 0
    head[by_row.indptr[:-1][np.diff(by_row.indptr) > 0]] = True
    heads = np.flatnonzero(head)
    if heads.size:
        line = np.repeat(np.arange(by_row.shape[1]), np.diff(by_row.indptr))[heads]
        np.add.at(reach, line, np.maximum(np.maximum.reduceat(by_row.data, heads), 0))
    return reach


def separate(part: Packing, names: Int64, rows: int, x: Float64) -> list[Cut]:
    """Return cuts on the first `rows` rows that a point violates.

    Parameters
    ----------
    part
        Columns of a packing.
    names
        Group of the packing each group of the part is.
    rows
        Rows looked at, from the first.
    x
        The point, float64 [part.n].
    """
    whole = part.uses[:, :rows].tocsc()
    value = np.clip(x, 0.0, 1.0)
    value[value < _TINY] = 0.0
    served = np.add.reduceat(value, part.starts[:-1])
    support = value > 0
    found = []
    for row in range(rows):
        span = slice(whole.indptr[row], whole.indptr[row + 1])
        use, at = whole.data[span], whole.indices[span]
        capacity = int(part.capacity[row])
        if not use.size or capacity < 1 or not 2 <= int(use.max()) <= _MOST_USE or use.min() < 0:
            continue
        mass = value[at]
        if float(use @ mass) < capacity - 1.0 or not ((mass > 0) & (mass < 1 - _TINY)).any():
            continue
        group = part.group[at]
        for level in _levels(use, group, mass, served, support[at]):
            for p, k in _violated(use, group, mass, served, level, capacity):
                turned = -p * level % k
                held = np.flatnonzero(turned)
                found.append(
                    Cut(
                        names[held],
                        turned[held],
                        np.array([row], dtype=np.int64),
                        np.array([p], dtype=np.int64),
                        k,
                    )
                )
    return found


def _levels(
    use: Int64, group: Int64, mass: Float64, served: Float64, held: npt.NDArray[np.bool_]
) -> list[Int64]:
    """Return the choices of c tried: nothing, and the use each fully served group has."""
    nothing = np.zeros(served.size, dtype=np.int64)
    mean = np.zeros(served.size)
    np.add.at(mean, group, use * mass)
    full = served > 1 - 1e-4
    floor = np.where(full, np.floor(mean + 1e-4), 0).astype(np.int64)
    ceil = np.where(full, np.ceil(mean - 1e-4), 0).astype(np.int64)
    most = nothing.copy()
    np.maximum.at(most, group[held], use[held])
    most[~full] = 0
    choices: list[Int64] = [nothing]
    for choice in (floor, ceil, most):
        if not any(np.array_equal(choice, other) for other in choices):
            choices.append(choice)
    return choices


def _violated(
    use: Int64, group: Int64, mass: Float64, served: Float64, level: Int64, capacity: int
) -> list[tuple[int, int]]:
    """Return the slopes p / k of the deepest violated cuts."""
    most = int(max(use.max(), level.max(initial=0)))
    rest = capacity - int(level.sum())
    # Mass of every difference d = a - c, with the groups' slack and their columns of use zero.
    spread = np.zeros(2 * most + 1)
    np.add.at(spread, use - level[group] + most, mass)
    inside = np.zeros(served.size)
    np.add.at(inside, group, mass)
    np.add.at(spread, most - level, np.maximum(1.0 - inside, 0.0) * (level > 0))
    spread[most] = 0.0
    seen = np.flatnonzero(spread > _TINY) - most
    slopes = {(1, abs(int(d))) for d in seen if abs(d) > 1}
    slopes |= {(p, k) for k in range(2, min(most, _MOST_SLOPE) + 1) for p in range(1, k)}
    if not slopes:
        return []
    p, k = (np.array(side, dtype=np.int64)[:, None] for side in zip(*sorted(slopes), strict=True))
    left = p * rest % k
    grid = np.arange(-most, most + 1, dtype=np.int64)[None, :]
    tables = p * grid // k * (k - left) + np.maximum(0, p * grid % k - left)
    limits = (p * rest // k * (k - left))[:, 0]
    norm = np.sqrt((tables.astype(np.float64) ** 2) @ spread) + 1e-9
    depth = (tables @ spread - limits) / norm
    best = np.argsort(-depth, kind="stable")[:_PER_ROW]
    return [(int(p[i, 0]), int(k[i, 0])) for i in best.tolist() if depth[i] > _LEAST_DEPTH]
