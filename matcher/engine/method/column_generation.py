"""The linear program on the columns near the prices, until no other column improves it.

Hides how prices become exact. Columns whose loss at the prices known is small go to a linear
program; its duals price all columns; those that would improve join (column generation; Barnhart
et al. 1998, "Branch-and-price"), and so do cuts, until neither is found. The basis is kept from
one linear program to the next, and from one solve to the next: the simplex method then has only
a few steps to go. The first one of a large program goes to an interior-point solver.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher.engine.context import Context
from matcher.engine.errors import ArithmeticRangeError
from matcher.engine.method.cuts import Cut, RowBook, as_row
from matcher.engine.method.dual_bound import DualBound, dual_bound
from matcher.engine.method.gomory_cuts import separate_corners
from matcher.engine.method.knapsack_cuts import separate_rows
from matcher.engine.method.packing import Packing, linear_model, widest_uses
from matcher.engine.program import Bool, Float64, Int64
from matcher.engine.solvers import AT_LOWER, BASIC, Basis, Outcome

Status = npt.NDArray[np.int8]

_CLOSE = 1e-8
_TINY = 1e-6
_MOST_SOLVES = 40
_LEAST_FRESH = 400
_SIMPLEX_GROUPS = 4_000
_LINEAR_GROUPS = 40_000
_FLAT_ROUNDS = 3
_FLAT = 0.02


class RestrictedMaster:
    """A linear program over a packing, solved on few of its columns; grows as it is used.

    It begins with some columns, and at prices that give the bound until a better one is found.
    """

    def __init__(self, packing: Packing, columns: Int64, prices: Float64, context: Context) -> None:
        self.packing, self._context = packing, context
        self.best: DualBound = dual_bound(packing, prices)
        """Best exact bound, with the losses of all columns at its prices."""
        self.columns = columns
        """Columns of the last linear program, sorted."""
        self.x: Float64 = np.zeros(0)
        """Their values; empty until a linear program was solved."""
        self.cuts: list[Cut] = []
        """Cuts that were added, in the order of their rows (the last ones of the packing)."""
        self.solves = 0
        """Linear programs solved."""
        self.ended = False
        """Whether the last linear program is known to be optimal over all columns."""
        self._keep = np.zeros(packing.n, dtype=np.bool_)
        self._keep[columns] = True
        self._outcome: Outcome | None = None
        self._book: RowBook | None = None
        self.column_status = np.full(packing.n, AT_LOWER, dtype=np.int8)
        self.group_status = np.full(packing.must.size, BASIC, dtype=np.int8)
        self.row_status = np.full(packing.rows, BASIC, dtype=np.int8)
        self.begun = False
        """Whether the statuses are those of a basis worth beginning from."""

    @property
    def solved(self) -> bool:
        """Whether there is a solution of a linear program."""
        return self.x.size > 0

    @property
    def fractional(self) -> int:
        """Columns with a value strictly between 0 and 1."""
        return int(((self.x > _TINY) & (self.x < 1 - _TINY)).sum())

    def basis(self, columns: Int64) -> Basis:
        """Return the basis the last linear program ended with, over some columns (sorted)."""
        names = np.unique(self.packing.group[columns])
        return _square(
            self.column_status[columns], np.concatenate((self.group_status[names], self.row_status))
        )

    def solve(self, *, primal: bool = False, most: int = _MOST_SOLVES) -> bool:
        """Solve until no column improves the program; False when a solver or a limit gave up.

        The bound is exact wherever this stops. `primal`: begin with the primal simplex method,
        because the objective is new and the rows are not.
        """
        packing, self.ended = self.packing, False
        for _ in range(most):
            if self._context.stop():
                return False
            columns = np.flatnonzero(self._keep)
            names = np.unique(packing.group[columns])
            outcome = self._run(packing.part(columns), columns, names, primal)
            if outcome.x is None or outcome.prices is None or outcome.basis is None:
                return False
            groups = names.size
            try:
                priced = dual_bound(packing, outcome.prices[groups:])
            except ArithmeticRangeError:  # of rows that all but repeat others, prices go anywhere
                return False
            self.begun, primal = True, True
            self.solves += 1
            self.columns, self.x, self._outcome = columns, outcome.x, outcome
            self.column_status[columns] = outcome.basis.columns
            self.group_status[names] = outcome.basis.rows[:groups]
            self.row_status = outcome.basis.rows[groups:].copy()
            self._take(priced)
            distance = priced.scaled_bound / priced.scale - outcome.bound
            self.ended = distance <= _CLOSE * max(1.0, abs(outcome.bound))
            fresh = np.flatnonzero(_improving(packing, columns, priced) & ~self._keep)
            if self.ended or not fresh.size:
                return True
            few = _calmest(fresh, self.best.loss, max(_LEAST_FRESH, columns.size // 3))
            self._keep[few] = True
        return False

    def _run(self, part: Packing, columns: Int64, names: Int64, primal: bool) -> Outcome:
        model = linear_model(part)
        if self.begun:
            return self._context.run("simplex", model, basis=self.basis(columns), primal=primal)
        return self._context.run("barrier" if names.size > _SIMPLEX_GROUPS else "simplex", model)

    def _take(self, priced: DualBound) -> None:
        if priced.scaled_bound * self.best.scale <= self.best.scaled_bound * priced.scale:
            self.best = priced

    def only(self, columns: Int64) -> "RestrictedMaster":
        """Return the program on some columns of the packing (sorted), begun where this one ended.

        Cuts come along as rows; only this program can still tell what they were made of.
        """
        known = np.flatnonzero(np.isin(columns, self.columns))
        other = RestrictedMaster(self.packing.part(columns), known, self.best.prices, self._context)
        other.column_status = self.column_status[columns]
        other.group_status = self.group_status[np.unique(self.packing.group[columns])]
        other.row_status, other.begun = self.row_status.copy(), self.begun
        return other

    def with_objective(self, packing: Packing, prices: Float64) -> "RestrictedMaster":
        """Return a program with another objective, begun where this one ended.

        `packing` is this one before rows were added, `prices` are those to bound the objective.
        """
        other = RestrictedMaster(packing, self.columns, prices, self._context)
        other.column_status = self.column_status.copy()
        other.group_status = self.group_status.copy()
        other.row_status, other.begun = self.row_status[: packing.rows].copy(), self.begun
        return other

    def admit(self, columns: Int64) -> None:
        """Let more columns into the next linear program."""
        self._keep[columns] = True

    def set_capacity(self, row: int, capacity: int) -> None:
        """Change the capacity of a row; what was found before keeps its prices and basis."""
        changed = self.packing.capacity.copy()
        changed[row] = capacity
        self.packing = replace(self.packing, capacity=changed)
        self.best = dual_bound(self.packing, self.best.prices)
        self.ended = False

    def add_rows(self, uses: sp.csr_array, capacity: Int64, prices: Float64 | None = None) -> None:
        """Add rows (uses int64 [n, more]) to the program, at prices (None: zero)."""
        more = np.zeros(capacity.size) if prices is None else prices
        self.packing = self.packing.with_rows(uses, capacity)
        if more.any():
            self.best = dual_bound(self.packing, np.append(self.best.prices, more))
        else:
            self.best = replace(self.best, prices=np.append(self.best.prices, more))
        self.row_status = np.append(self.row_status, np.full(capacity.size, BASIC, dtype=np.int8))
        self.ended, self._book = False, None

    def add_cuts(self, cuts: list[Cut], prices: Float64 | None = None) -> list[int]:
        """Add cuts as rows, at prices (None: zero); return those that are rows of this program."""
        if self._book is None:
            self._book = RowBook(self.packing)
        made = [as_row(self.packing, self._book, cut) for cut in cuts]
        kept = [at for at, row in enumerate(made) if row is not None]
        rows = [row for row in made if row is not None]
        if rows:
            self.cuts += [cuts[at] for at in kept]
            ends = np.cumsum([0, *(columns.size for columns, _, _ in rows)])
            uses = sp.csc_array(
                (
                    np.concatenate([use for _, use, _ in rows]),
                    np.concatenate([columns for columns, _, _ in rows]),
                    ends,
                ),
                shape=(self.packing.n, len(rows)),
            )
            book = self._book
            self.add_rows(
                uses.tocsr(),
                np.array([limit for _, _, limit in rows], dtype=np.int64),
                None if prices is None else prices[kept],
            )
            self._book = book
            for columns, use, _ in rows:
                book.add(columns, use)
        return kept

    def cut(self, rounds: int, rows: int, stop: Callable[[], bool]) -> None:
        """Add cuts and solve again, up to so many rounds, as long as the bound follows.

        Single-row cuts are looked for in the first `rows` rows.
        """
        flat, mark = 0, self.best.scaled_bound / self.best.scale
        widest = self.packing.widest
        for _ in range(rounds):
            if self._outcome is None or not self.ended or stop():
                return
            part = self.packing.part(self.columns)
            names = np.unique(self.packing.group[self.columns])
            found = separate_rows(part, names, rows, self.x)
            found += separate_corners(part, names, self._outcome, widest)
            known = self.packing.rows
            if not self.add_cuts(found) or not self.solve():
                return
            assert self.packing.added is not None
            before = known - self.packing.uses.shape[1]
            widest = np.append(widest, widest_uses(self.packing.added)[before:])
            bound = self.best.scaled_bound / self.best.scale
            flat = 0 if bound < mark - _FLAT else flat + 1
            if flat >= _FLAT_ROUNDS:
                return
            mark = min(mark, bound)


def generate_columns(master: RestrictedMaster, *, large: bool) -> None:
    """Solve until no column improves; of a large program once, of a very large one not at all."""
    if not large:
        master.solve()
    elif master.packing.must.size <= _LINEAR_GROUPS:
        master.solve(most=1)


def _square(columns: Status, rows: Status) -> Basis:
    """Return a basis with as many basic places as rows, whatever came and went since it was one."""
    extra = int((columns == BASIC).sum()) - int((rows != BASIC).sum())
    if extra > 0:
        columns[np.flatnonzero(columns == BASIC)[-extra:]] = AT_LOWER
    elif extra < 0:
        rows[np.flatnonzero(rows != BASIC)[extra:]] = BASIC
    return Basis(columns, rows)


def _calmest(fresh: Int64, loss: Int64, most: int) -> Int64:
    """Return the fresh columns that lose least at the best prices known.

    Duals of a small master program are extreme, and most columns that seem to improve it
    never enter the optimum (Wentges 1997, "Weighted Dantzig-Wolfe decomposition").
    """
    if fresh.size <= most:
        return fresh
    return fresh[np.argsort(loss[fresh], kind="stable")[:most]]


def _improving(packing: Packing, columns: Int64, priced: DualBound) -> Bool:
    """Return the columns that beat the best one their group has in the master program."""
    mine = priced.loss[columns]
    least = np.full(packing.must.size, 2**62, dtype=np.int64)
    np.minimum.at(least, packing.group[columns], mine)
    # Optional groups may also stay idle: taking none loses `idle`.
    least = np.where(packing.must, least, np.minimum(least, priced.idle))
    better: Bool = priced.loss < least[packing.group]
    return better
