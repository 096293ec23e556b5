"""Runs one case: the engine cold, the engine after small changes, the rivals; rows of figures."""

from __future__ import annotations

import resource
import time

import numpy as np

from benchmarks.engine.cases import CASES
from benchmarks.engine.rivals import folded, timed
from matcher.engine import Observer, Options, Start, solve

COUNTING = 2
"""Tiers whose gap counts: what comes after is a tie-break."""


class _Trace(Observer):
    """Keeps when which selection and bound came."""

    def __init__(self):
        self.began = time.perf_counter()
        self.points = []

    def on_solution(self, values):
        self.points.append((time.perf_counter() - self.began, tuple(values)))

    def reached(self, answer, gap):
        """Seconds until the selection was within a gap of the bounds the solve ended with."""
        for seconds, values in self.points:
            near = True
            for value, tier in zip(values[:COUNTING], answer.tiers, strict=False):
                short = abs(tier.bound - value)
                if short > gap * max(1, abs(tier.bound)):
                    near = False
            if near:
                return seconds
        return None


def run_engine(program, options, start=None):
    """Solve once and return the answer with a row for the table."""
    trace = _Trace()
    answer = solve(program, options, start=start, observer=trace)
    seconds = time.perf_counter() - trace.began
    row = {
        "solver": "engine",
        "seconds": seconds,
        "status": answer.termination.reason.value,
        "method": answer.method,
        "values": list(answer.values) if answer.has_selection else None,
        "fold": int(folded(program)[answer.selection].sum()) if answer.has_selection else None,
        "bounds": [tier.bound for tier in answer.tiers],
        "gaps": [None if tier.gap == float("inf") else tier.gap for tier in answer.tiers],
        "proven": [tier.proven for tier in answer.tiers],
        "first": trace.points[0][0] if trace.points else None,
        "phases": answer.phase_times,
        "counts": answer.counts,
        "steps": list(answer.steps),
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }
    if answer.has_selection and all(tier.bound is not None for tier in answer.tiers):
        row |= {
            "to_1_percent": trace.reached(answer, 0.01),
            "to_0.1_percent": trace.reached(answer, 0.001),
            "to_0.01_percent": trace.reached(answer, 0.0001),
            "to_proof": seconds if answer.termination.reason.value == "optimal" else None,
        }
    return answer, row


def small_changes(program, answer):
    """Return the program with one unit less of a full row, one hour less, and one lock."""
    used = np.asarray(program.uses[:, answer.selection].sum(axis=1)).reshape(-1)
    most = np.asarray(program.uses.max(axis=1).todense()).reshape(-1)
    full = (used == program.upper) & (program.upper > 0)
    for name, rows, step in (
        ("one seat less", np.flatnonzero(full & (most == 1)), 1),
        ("one hour less", np.flatnonzero(full & (most > 1)), 60),
    ):
        if rows.size:
            upper = program.upper.copy()
            upper[rows[0]] = max(0, upper[rows[0]] - step)
            yield name, program.replace(upper=upper)
    tier = min(1, program.n_tiers - 1)
    loss = program.uses.T @ answer.prices[tier] - program.gains[tier]
    loss[answer.selection] = np.inf
    loss[np.isin(program.group, program.group[answer.selection])] += 1e-3
    yield "one lock", program.replace(fixed=np.array([int(np.argmin(loss))]))


def run_case(case, seed, *, rivals=True, warm=True):
    """Return all rows of one case and seed."""
    began = time.perf_counter()
    program = case.build(seed)
    made = time.perf_counter() - began
    options = Options(seconds=case.seconds)
    answer, row = run_engine(program, options)
    names = case.rivals if rivals else ()
    beside = [timed(name, program, case.rival_seconds) for name in names]
    for _ in range(case.rounds - 1):
        row = _quicker(row, run_engine(program, options)[1])
        again = [timed(name, program, case.rival_seconds) for name in names]
        beside = [_quicker(*pair) for pair in zip(beside, again, strict=True)]
    rows = [row]
    if warm and answer.warm_start is not None and case.seconds is None:
        for name, changed in small_changes(program, answer):
            start = Start.after(answer)
            rows.append(run_engine(changed, options)[1] | {"solver": f"engine, {name}, cold"})
            rows.append(
                run_engine(changed, options, start)[1] | {"solver": f"engine, {name}, warm"}
            )
    rows += beside
    for line in rows:
        line |= {"case": case.name, "seed": seed, "columns": program.n_columns}
        line |= {"groups": program.n_groups, "made": made}
    return rows


def _quicker(one, other):
    return min(one, other, key=lambda row: row["seconds"])


def run_named(name, seed, rivals):
    return run_case(CASES[name], seed, rivals=rivals)
