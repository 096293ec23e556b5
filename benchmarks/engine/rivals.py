"""Other ways to solve the same program, timed in the same run.

Each rival gets the program as it is, in one objective (the first two tiers folded with a weight
that makes them lexicographic), and a time limit; it returns a row with value, bound and seconds.
"""

from __future__ import annotations

import time

import numpy as np
from ortools.graph.python import min_cost_flow
from scipy.optimize import linear_sum_assignment

from matcher.engine import Program
from matcher.engine.method.column_generation import linear_model
from matcher.engine.method.packing import packing_of
from matcher.engine.method.presolve import presolve, value_of
from matcher.engine.solvers.cp_sat import run_exact
from matcher.engine.solvers.mathopt import run_linear, run_mixed


def folded(program: Program):
    """Return reduced, packing and fold weight of the first two tiers."""
    reduced, problem = presolve(program)
    if reduced is None:
        raise ValueError(problem)
    if reduced.tiers == 1:
        return reduced, packing_of(reduced, reduced.gains[0]), 0
    weight = int(np.abs(reduced.gains[1]).max(initial=0)) * 2 + 1
    return reduced, packing_of(reduced, weight * reduced.gains[0] + reduced.gains[1]), weight


def _mixed(kind):
    def run(program, seconds):
        reduced, packing, _ = folded(program)
        model = linear_model(packing)
        if kind == "cp_sat":
            outcome = run_exact(model, workers=2, seconds=seconds)
        else:
            outcome = run_mixed(model, kind=kind, seconds=seconds, absolute_gap=0.999)
        return _row(reduced, packing, outcome)

    return run


def _linear(kind):
    def run(program, seconds):
        _, packing, _ = folded(program)
        outcome = run_linear(linear_model(packing), kind=kind, seconds=seconds)
        done = outcome.x is not None
        return {"status": outcome.status, "lp": outcome.bound if done else None}

    return run


def _row(reduced, packing, outcome):
    row = {"status": outcome.status, "fold_bound": float(outcome.bound)}
    if outcome.x is not None:
        chosen = np.flatnonzero(outcome.x > 0.5)
        if packing.admits(chosen):
            row |= {"values": list(value_of(reduced, chosen)), "fold": packing.value(chosen)}
    return row


def greedy(program, seconds):
    """Best fit first, one look at every column."""
    reduced, packing, _ = folded(program)
    left, served = packing.capacity.copy(), np.zeros(packing.must.size, dtype=bool)
    uses, chosen = packing.uses, []
    for column in np.argsort(
        -reduced.gains[-1 if reduced.tiers == 1 else 1], kind="stable"
    ).tolist():
        if served[packing.group[column]]:
            continue
        span = slice(uses.indptr[column], uses.indptr[column + 1])
        rows, use = uses.indices[span], uses.data[span]
        if (use <= left[rows]).all():
            left[rows] -= use
            served[packing.group[column]] = True
            chosen.append(column)
    picked = np.array(sorted(chosen), dtype=np.int64)
    return {
        "status": "limit",
        "values": list(value_of(reduced, picked)),
        "fold": packing.value(picked),
    }


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
