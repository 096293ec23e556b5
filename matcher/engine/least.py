"""Least prices: what one more unit of some rows is worth at least, by the linear relaxation.

A linear program has many optimal prices where it is degenerate: of two people and two hours, an
hour may be worth a person or nothing. The least ones are the gain of a little *more* of every row
asked about, its derivative from the right: they are never more than what more would really bring,
and 0 where there is enough. They are found as the duals of the program with each such capacity
raised by a share of its smallest use, too little to change a basis that matters.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp

from matcher.engine.context import Context
from matcher.engine.errors import ProgramError
from matcher.engine.options import Observer, Options
from matcher.engine.program import UNBOUNDED, Bool, Float64, Int64, Program
from matcher.engine.solvers import AT_LOWER, Basis, LinearModel

_MORE = 1e-3
"""Share of the smallest use of a row by which its capacity is raised."""
_WHOLE = 20_000
"""Most columns that are solved at once."""
_FRESH = 6
"""Columns of a group that come in at once where there are more."""
_CLOSE = 1e-6
"""Share of its gain that a column may seem to gain by rounding."""
_NEAR = 0.2
"""Share of its gain that a column may lose at the prices of another program to be looked at."""


def least_prices(
    program: Program, rows: Bool, options: Options | None = None, near: Float64 | None = None
) -> Float64:
    """Price rows by the linear relaxation of a program of one tier, as low as is optimal.

    Parameters
    ----------
    program
        Maximised, without lower sides.
    rows
        Which rows' prices are asked for, bool [rows]; the others' may be any optimal ones.
    options
        Limits of the solver.
    near
        Prices of a program like it, float64 [rows]: which columns are looked at first is theirs to
        say, and no more. None: none are known.

    Returns
    -------
    prices
        What one more unit of each row gains, >= 0, float64 [rows]; where not asked for, any optimal
        one, and 0 everywhere where a limit came first.

    Raises
    ------
    ProgramError
        The program has several tiers, a lower side, or is minimised.
    BackendError
        The solver failed.
    """
    if program.n_tiers != 1 or not all(program.senses) or program.lower is not None:
        message = "least prices are of one maximised tier without lower sides."
        raise ProgramError(message)
    prices = np.zeros(program.n_rows)
    kept = np.ones(program.n_columns, dtype=np.bool_)
    if program.forbidden is not None:
        kept[program.forbidden] = False
    columns = np.flatnonzero(kept & (program.gains[0] > 0))
    if not columns.size or not rows.any():
        return prices
    uses = program.uses[:, columns].tocsr().astype(np.float64)
    limited = np.flatnonzero((program.upper < UNBOUNDED) & (np.diff(uses.indptr) > 0))
    uses = uses[limited]
    capacity = program.upper[limited].astype(np.float64)
    if limited.size:
        least = np.minimum.reduceat(np.abs(uses.data), uses.indptr[:-1])
        capacity += np.where(rows[limited], _MORE * least, 0.0)
    groups, group = np.unique(program.group[columns], return_inverse=True)
    relaxed = _Relaxed(program.gains[0, columns].astype(np.float64), group, uses, capacity)
    context = Context(options or Options(), Observer(), None)
    if columns.size <= _WHOLE:
        found = relaxed.whole(context)
    else:
        found = relaxed.sifted(context, None if near is None else near[limited])
    if found is not None:
        prices[limited] = np.maximum(found[groups.size :], 0.0)
    return prices


class _Relaxed:
    """A linear relaxation: at most one of each group, as much of each row as there is."""

    def __init__(self, gain: Float64, group: Int64, uses: sp.csr_array, capacity: Float64) -> None:
        self.gain, self.group, self.capacity = gain, group, capacity
        self.groups = int(group.max()) + 1
        self.uses = uses.tocsc()
        self.by_column = sp.csr_array(self.uses.T)

    def model(self, columns: Int64) -> LinearModel:
        """Return the program of some columns alone."""
        once = sp.csr_array(
            (np.ones(columns.size), (self.group[columns], np.arange(columns.size))),
            shape=(self.groups, columns.size),
        )
        rows = sp.vstack([once, self.uses[:, columns]], format="csr")
        return LinearModel(
            gain=self.gain[columns],
            rows=sp.csr_array(rows),
            row_lower=np.full(rows.shape[0], -np.inf),
            row_upper=np.concatenate([np.ones(self.groups), self.capacity]),
            lower=np.zeros(columns.size),
            upper=np.full(columns.size, np.inf),
        )

    def whole(self, context: Context) -> Float64 | None:
        """Prices of groups, then rows, with all columns at once; None: a limit came first."""
        return context.run("simplex", self.model(np.arange(self.gain.size))).prices

    def sifted(self, context: Context, near: Float64 | None) -> Float64 | None:
        """Find the same prices from few columns: those that gain at the prices so far come in.

        Where none is left that would gain, the prices are optimal for all columns (sifting, Bixby
        et al. 1992).
        """
        kept = np.zeros(self.gain.size, dtype=np.bool_)
        if near is None:
            kept[self._best(np.arange(self.gain.size), self.gain, 1)] = True
            kept[self._best(np.arange(self.gain.size), self._share_left(), 1)] = True
        else:
            left = self.gain - self.by_column @ near
            kept[self._best(np.flatnonzero(left > -_NEAR * self.gain), left, _FRESH)] = True
        place = np.full(self.gain.size, AT_LOWER, dtype=np.int8)
        task: dict[str, Any] = {}
        while True:
            columns = np.flatnonzero(kept)
            if task:
                task = {"basis": Basis(place[columns], task["basis"].rows), "primal": True}
            outcome = context.run("simplex", self.model(columns), **task)
            if outcome.prices is None or outcome.basis is None:
                return None
            place[columns], task = outcome.basis.columns, {"basis": outcome.basis}
            prices = np.maximum(outcome.prices, 0.0)
            left = self.gain - prices[self.group] - self.by_column @ prices[self.groups :]
            fresh = np.flatnonzero((left > _CLOSE * np.maximum(1.0, self.gain)) & ~kept)
            if not fresh.size:
                return outcome.prices
            kept[self._best(fresh, left, _FRESH)] = True

    def _share_left(self) -> Float64:
        """Score columns low that take a large share of some row."""
        return -np.asarray(self.by_column @ (1 / np.maximum(self.capacity, 1.0)))

    def _best(self, columns: Int64, score: Float64, most: int) -> Int64:
        """Choose the columns of each group that score most, so many at most."""
        order = columns[np.lexsort((-score[columns], self.group[columns]))]
        count = np.bincount(self.group[order], minlength=self.groups)
        first = np.cumsum(count) - count
        return order[np.arange(order.size) - first[self.group[order]] < most]
