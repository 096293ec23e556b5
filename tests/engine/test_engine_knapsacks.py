"""Knotty programs: the bound filled row by row, what each column costs it, and the search."""

import itertools

import numpy as np
import pytest
import scipy.sparse as sp

from matcher.engine import Options, Program, StopReason, solve
from matcher.engine.method.knapsack_bound import knapsacks_of, suits_knapsacks
from matcher.engine.method.knapsack_search import knapsack_search
from matcher.engine.method.packing import packing_of
from matcher.engine.method.presolve import presolve
from tests.engine.engine_oracle import brute, legal
from tests.volume import daily


def knotty(seed, *, groups=6, rows=2, priced=1, must=0.5, width=2):
    """Return a small program whose columns each use one wide row, and some a narrow one too."""
    draw = np.random.default_rng([7, seed])
    n = groups * rows * width
    group = np.repeat(np.arange(groups), rows * width)
    home = np.tile(np.repeat(np.arange(rows), width), groups)
    uses = np.zeros((rows + priced, n), dtype=np.int64)
    uses[home, np.arange(n)] = draw.integers(1, 12, n)
    if priced:
        uses[rows:] = draw.random((priced, n)) < 0.3
    upper = np.append(
        np.maximum(12, uses[:rows].sum(axis=1) // (2 * width) - draw.integers(0, 6, rows)),
        np.full(priced, groups // 2),
    )
    gains = draw.integers(-5, 60, n)
    exactly = draw.random(groups) < must
    return Program(
        group, groups, gains[None, :], sp.csr_array(uses), upper,
        exactly_one=exactly if exactly.any() else None,
    )  # fmt: skip


def staged(problem):
    reduced, _ = presolve(problem)
    return reduced, packing_of(reduced, reduced.gains[0])


def selections(problem):
    """Return every legal selection, as tuples of columns."""
    choices = []
    for group in range(problem.n_groups):
        own = np.flatnonzero(problem.group == group).tolist()
        free = problem.exactly_one is None or not problem.exactly_one[group]
        choices.append(([None] if free else []) + own)
    found = []
    for combination in itertools.product(*choices):
        chosen = np.array([o for o in combination if o is not None], dtype=np.int64)
        if legal(problem, chosen):
            found.append(chosen)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_the_bound_and_what_each_column_costs_it_hold_for_every_selection(seed):
    """At any levels and prices: bound less taking bounds those with a column, likewise leaving."""
    problem = knotty(seed, groups=4)
    _, packing = staged(problem)
    knapsacks = knapsacks_of(packing, np.full(4, 30.0), np.full(packing.rows, 2.0))
    draw = np.random.default_rng(seed)
    levels = (draw.integers(-20, 60, 4) * knapsacks.scale).astype(np.int64)
    prices = (draw.integers(0, 5, knapsacks.rows.size) * knapsacks.scale).astype(np.int64)
    alive = np.ones(knapsacks.n, dtype=bool)
    bound = knapsacks.fill(levels, prices, alive).bound
    decided = knapsacks.sensitivity(levels, prices, alive)
    every = selections(problem)
    assert every
    assert bound >= max(packing.value(chosen) for chosen in every) * knapsacks.scale
    for column in range(packing.n):
        having = [c for c in every if column in c]
        lacking = [c for c in every if column not in c]
        for those, cost in ((having, decided.taking), (lacking, decided.leaving)):
            most = max((packing.value(chosen) for chosen in those), default=None)
            if most is not None:
                assert bound - int(cost[column]) >= most * knapsacks.scale


def test_taking_and_leaving_are_the_bound_with_the_column_forced():
    """One row of capacity 7, columns of use 4, 4, 3 worth 10, 9, 5 (levels 0): best 15 (10 + 5).

    Without the first: 9 + 5 = 14, costs 1. With the second: 9 + 5 = 14 too, costs 1. Without the
    third: 10, costs 5.
    """
    problem = Program(
        np.arange(3), 3, np.array([[10, 9, 5]]), sp.csr_array(np.array([[4, 4, 3]])), np.array([7])
    )
    _, packing = staged(problem)
    knapsacks = knapsacks_of(packing, np.zeros(3), np.zeros(1))
    zero = np.zeros(3, dtype=np.int64)
    alive = np.ones(knapsacks.n, dtype=bool)
    filled = knapsacks.fill(zero, zero[:0], alive)
    decided = knapsacks.sensitivity(zero, zero[:0], alive)
    scale = knapsacks.scale
    assert filled.bound == 15 * scale
    assert filled.taken.tolist() == [0, 2]
    assert (decided.taking[:3] // scale).tolist() == [0, 1, 0]
    assert (decided.leaving[:3] // scale).tolist() == [1, 0, 5]


@pytest.mark.parametrize("block", daily(3, range(6)))
def test_the_search_finds_the_best_and_proves_it(block):
    """Against brute force, whatever mix of groups that must and may be served, and narrow rows."""
    for seed in range(block * 5, block * 5 + 5):
        problem = knotty(
            seed,
            groups=5,
            rows=2 + seed % 2,
            priced=seed % 3,
            must=(0.0, 0.5, 1.0)[seed % 3],
            width=1 + seed % 2,
        )
        best = brute(problem)
        reduced, packing = staged(problem)
        parts = knapsack_search(packing, np.zeros(packing.rows), lambda: False)
        assert parts is not None
        if best is None:
            assert parts.search(-(10**6), 10**6, lambda _: None) == (None, True)
            continue
        found, complete = parts.search(best[0] - 40, 10**6, lambda _: None)
        assert complete
        assert packing.value(found) == best[0], seed
        assert legal(problem, reduced.origin[found])
        assert parts.bound >= best[0]
        nothing, complete = parts.search(best[0] + 1, 10**6, lambda _: None)
        assert complete
        assert nothing is None


def assignment(seed, agents, jobs):
    """Return generalised assignment of the knotty kind: uses 5-25, costs 10-50, load 0.8."""
    draw = np.random.default_rng([11, seed])
    weight, cost = draw.integers(5, 26, (agents, jobs)), draw.integers(10, 51, (agents, jobs))
    agent, job = np.divmod(np.arange(agents * jobs), jobs)
    uses = sp.csr_array((weight.ravel(), (agent, np.arange(agent.size))),
                        shape=(agents, agent.size))  # fmt: skip
    capacity = (0.8 * weight.sum(axis=1) / agents).astype(np.int64)
    return Program(
        job, jobs, cost.reshape(1, -1), uses, capacity,
        maximise=(False,), exactly_one=np.ones(jobs, dtype=bool),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seed", "jobs"), daily(2, [(0, 60), (1, 60), *((s, 80) for s in range(3))])
)
def test_both_methods_prove_the_same_and_a_run_repeats(seed, jobs):
    """4 x 60 and more: filled row by row and by the plain method; twice the same selection."""
    problem = assignment(seed, 4, jobs)
    answer, again = (solve(problem, Options(method="prices")) for _ in range(2))
    assert answer.termination.reason is StopReason.OPTIMAL
    assert any("row by row" in step for step in answer.steps)
    assert answer.selection.tolist() == again.selection.tolist()
    assert answer.values == solve(problem, Options(method="direct")).values


def test_weeks_are_not_knotty():
    """Rows of seats are whole by themselves: nothing is gained by filling them."""
    draw = np.random.default_rng(3)
    n = 400
    rows = sp.csr_array((np.ones(n), (draw.integers(0, 20, n), np.arange(n))), shape=(20, n))
    problem = Program(
        np.repeat(np.arange(100), 4), 100, draw.integers(1, 100, (1, n)),
        rows.astype(np.int64), np.full(20, 3),
    )  # fmt: skip
    _, packing = staged(problem.replace(exactly_one=np.ones(100, dtype=bool)))
    assert not suits_knapsacks(packing)
    assert not suits_knapsacks(staged(assignment(1, 4, 80).replace(exactly_one=None))[1])
    assert "row by row" not in " ".join(solve(problem, Options(method="prices")).steps)


def test_a_search_that_is_stopped_claims_nothing():
    """One part is not enough to prove anything about 60 groups."""
    problem = assignment(1, 5, 60)
    _, packing = staged(problem)
    parts = knapsack_search(packing, np.zeros(packing.rows), lambda: False)
    found, complete = parts.search(parts.bound - 30, 1, lambda _: None)
    assert not complete
    assert found is None or packing.admits(found)
