"""Other ways to solve the same program, timed in the same run.

Each rival gets the program as it is, in one objective (the first two tiers folded with a weight
that makes them lexicographic), and a time limit; it returns a row with value, bound and seconds.
"""

from __future__ import annotations

import time

import numpy as np
import scipy.sparse as sp
from ortools.graph.python import min_cost_flow
from scipy.optimize import linear_sum_assignment

from matcher.engine import SOLVERS, UNBOUNDED, LinearModel, Program, Task


def folded(program: Program):
    """Return the maximised gains of the first two tiers as one objective, int64 [n]."""
    signs = np.where(np.array(program.senses), 1, -1)
    gains = program.gains * signs[:, None]
    if program.n_tiers == 1:
        return gains[0]
    return (int(np.abs(gains[1]).max(initial=0)) * 2 + 1) * gains[0] + gains[1]


def model_of(program: Program) -> LinearModel:
    """Return a program without fixed columns as arrays: a row for each group, then its own rows."""
    n, groups = program.n_columns, program.n_groups
    takes = sp.csr_array((np.ones(n), (program.group, np.arange(n))), shape=(groups, n))
    must = np.zeros(groups) if program.exactly_one is None else program.exactly_one.astype(float)
    lower, upper = (
        np.where(np.abs(side) >= UNBOUNDED, np.inf * np.sign(side), side)
        for side in (program.lower_sides, program.upper)
    )
    return LinearModel(
        folded(program).astype(float),
        sp.csr_array(sp.vstack((takes, program.uses), format="csr")),
        np.concatenate((must, lower)),
        np.concatenate((np.ones(groups), upper)),
        np.zeros(n),
        np.ones(n),
    )


def _mixed(kind):
    def run(program, seconds):
        task = Task(integer=True, seconds=seconds, workers=2, absolute_gap=0.999)
        return _row(program, SOLVERS[kind].solve(model_of(program), task))

    return run


def _linear(kind):
    def run(program, seconds):
        outcome = SOLVERS[kind].solve(model_of(program), Task(seconds=seconds))
        done = outcome.x is not None
        return {"status": outcome.status, "lp": outcome.bound if done else None}

    return run


def _row(program, outcome):
    row = {"status": outcome.status, "fold_bound": float(outcome.bound)}
    if outcome.x is not None:
        row |= _worth(program, np.flatnonzero(outcome.x > 0.5))
    return row


def _worth(program, chosen):
    """Return values and fold of a selection that breaks no row."""
    used = np.asarray(program.uses[:, chosen].sum(axis=1)).reshape(-1)
    if (used > program.upper).any() or (used < program.lower_sides).any():
        return {}
    values = program.gains[:, chosen].sum(axis=1)
    return {"values": values.tolist(), "fold": int(folded(program)[chosen].sum())}


def greedy(program, seconds):
    """Best fit first, one look at every column."""
    left, served = program.upper.copy(), np.zeros(program.n_groups, dtype=bool)
    uses, chosen = program.uses.T.tocsr(), []
    gain = program.gains[min(1, program.n_tiers - 1)] * (1 if program.senses[-1] else -1)
    for column in np.argsort(-gain, kind="stable").tolist():
        if served[program.group[column]]:
            continue
        span = slice(uses.indptr[column], uses.indptr[column + 1])
        rows, use = uses.indices[span], uses.data[span]
        if (use <= left[rows]).all():
            left[rows] -= use
            served[program.group[column]] = True
            chosen.append(column)
    return {"status": "limit", **_worth(program, np.array(sorted(chosen), dtype=np.int64))}


def flow(program, seconds):
    """OR-Tools' minimum-cost flow called directly (one row per column, uses of 1)."""
    group, place, gain = program.group, program.uses.T.tocsr().indices, program.gains[0]
    groups, places = program.n_groups, program.n_rows
    sink = groups + places
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(
        np.concatenate((group, groups + np.arange(places), np.arange(groups))),
        np.concatenate((groups + place, np.full(places + groups, sink))),
        np.concatenate((np.ones(group.size, int), program.upper, np.ones(groups, int))),
        np.concatenate((-gain, np.zeros(places + groups, int))),
    )
    supply = np.concatenate((np.ones(groups, int), np.zeros(places, int), [-groups]))
    solver.set_nodes_supplies(np.arange(sink + 1), supply)
    solver.solve()
    return {"status": "optimal", "values": [-int(solver.optimal_cost())]}


def scipy_assignment(program, seconds):
    """scipy's linear_sum_assignment on the dense matrix (capacities of 1)."""
    seats = np.repeat(np.arange(program.n_rows), program.upper)
    dense = np.zeros((program.n_groups, program.n_rows))
    dense[program.group, program.uses.T.tocsr().indices] = program.gains[0]
    rows, columns = linear_sum_assignment(dense[:, seats], maximize=program.senses[0])
    return {"status": "optimal", "values": [int(dense[:, seats][rows, columns].sum())]}


RIVALS = {
    "CP-SAT": _mixed("cp_sat"),
    "HiGHS": _mixed("highs"),
    "SCIP": _mixed("scip"),
    "GLOP (LP)": _linear("glop"),
    "PDLP (LP)": _linear("pdlp"),
    "greedy": greedy,
    "flow, direct": flow,
    "linear_sum_assignment": scipy_assignment,
}


def timed(name, program, seconds):
    """Run a rival; a failure is a row, not the end of the run."""
    began = time.perf_counter()
    try:
        row = RIVALS[name](program, seconds)
    except Exception as problem:
        row = {"status": f"failed: {problem}"}
    return {"solver": name, "seconds": time.perf_counter() - began, **row}
