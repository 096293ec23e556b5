"""Least prices: what one more unit of some rows is worth at least, by the linear relaxation.

A linear program has many optimal prices where it is degenerate: of two people and two hours, an
hour may be worth a person or nothing. The least ones are the gain of a little *more* of every row
asked about, its derivative from the right: they are never more than what more would really bring,
and 0 where there is enough. They are found as the duals of the program with each such capacity
raised by a share of its smallest use, too little to change a basis that matters.
"""

import numpy as np
import scipy.sparse as sp

from matcher.engine.context import Context
from matcher.engine.errors import ProgramError
from matcher.engine.options import Observer, Options
from matcher.engine.program import UNBOUNDED, Bool, Float64, Program
from matcher.engine.solvers import LinearModel

_MORE = 1e-3
"""Share of the smallest use of a row by which its capacity is raised."""


def least_prices(program: Program, rows: Bool, options: Options | None = None) -> Float64:
    """Price rows by the linear relaxation of a program of one tier, as low as is optimal.

    Parameters
    ----------
    program
        Maximised, without lower sides.
    rows
        Which rows' prices are asked for, bool [rows]; the others' may be any optimal ones.
    options
        Limits of the solver.

    Returns
    -------
    prices
        What one more unit of each row gains, >= 0, float64 [rows]; 0 where not asked for, and
        everywhere where a limit came first.

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
    once = sp.csr_array(
        (np.ones(columns.size), (group, np.arange(columns.size))),
        shape=(groups.size, columns.size),
    )
    model = LinearModel(
        gain=program.gains[0, columns].astype(np.float64),
        rows=sp.csr_array(sp.vstack([once, uses], format="csr")),
        row_lower=np.full(groups.size + limited.size, -np.inf),
        row_upper=np.concatenate([np.ones(groups.size), capacity]),
        lower=np.zeros(columns.size),
        upper=np.full(columns.size, np.inf),
    )
    outcome = Context(options or Options(), Observer(), None).run("simplex", model)
    if outcome.prices is not None:
        prices[limited] = np.where(rows[limited], np.maximum(outcome.prices[groups.size :], 0), 0.0)
    return prices
