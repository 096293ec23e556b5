"""Going on where an earlier solve ended: less time, never another optimum."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from matcher.engine import SOLVERS, Observer, Options, Outcome, Start, Status, Task, solve
from matcher.engine.context import Context
from matcher.engine.method.claims import checked_outcome
from matcher.engine.method.dual_bound import dual_bound
from matcher.engine.method.incumbent import fill
from matcher.engine.method.large_neighbourhood import improve
from matcher.engine.method.packing import linear_model, packing_of
from matcher.engine.method.presolve import presolve
from matcher.engine.method.reduced_cost_fixing import residual_program
from tests.engine.engine_oracle import brute, legal, packing_program, random_program
from tests.volume import daily

PRICES = Options(method="prices")


def exactly(model):
    """Solve in whole numbers."""
    return SOLVERS["cp_sat"].solve(model, Task(integer=True, nodes=500))


def changed(problem, draw):
    """Return a program that differs a little, and where the old columns are now."""
    kind = draw.integers(5)
    n = problem.n_columns
    if kind == 0:
        upper = np.maximum(problem.upper - draw.integers(0, 3, problem.n_rows), problem.lower_sides)
        return problem.replace(upper=upper), None
    if kind == 1:
        return problem.replace(upper=np.minimum(problem.upper, 10**6) + 1), None
    if kind == 2:
        gains = problem.gains.copy()
        gains[-1] += draw.integers(0, 3, n)
        return problem.replace(gains=gains), None
    if kind == 3 and n:
        return problem.replace(forbidden=draw.integers(0, n, 2)), None
    kept = np.flatnonzero(draw.random(n) < 0.8)
    columns = np.full(n, -1)
    columns[kept] = np.arange(kept.size)
    return (
        problem.replace(
            group=problem.group[kept],
            gains=problem.gains[:, kept],
            uses=problem.uses[:, kept],
            fixed=None,
            forbidden=None,
        ),
        columns,
    )


@pytest.mark.parametrize("batch", daily(1, range(8)))
def test_a_changed_program_from_the_old_end_equals_brute_force(batch):
    """Whatever changed and whatever row types there are."""
    recalled = 0
    for seed in range(5000 + 25 * batch, 5000 + 25 * batch + 25):
        problem = random_program(seed)
        before = solve(problem, PRICES)
        new, columns = changed(problem, np.random.default_rng(seed))
        answer = solve(new, PRICES, start=Start.after(before, columns))
        best = brute(new)
        assert (answer.values if answer.has_selection else None) == best, seed
        if best is not None:
            assert legal(new, answer.selection)
        recalled += any("earlier solve" in step for step in answer.steps)
    assert recalled > 3


@pytest.mark.parametrize(
    ("seed", "groups", "width"),
    daily(1, [*((seed, 24, 6) for seed in range(6)), (0, 40, 8), (5, 40, 8)]),
)
def test_a_mid_size_program_from_the_old_end_has_the_cold_optimum(seed, groups, width):
    problem = packing_program(seed, groups=groups, width=width)
    before = solve(problem, PRICES)
    draw = np.random.default_rng(seed)
    for _ in range(3):
        new, columns = changed(problem, draw)
        warm = pickle.loads(pickle.dumps(before.warm_start))
        start = replace(Start.after(before, columns), warm_start=warm)
        warm, cold = solve(new, PRICES, start=start), solve(new, PRICES)
        assert warm.values == cold.values
        assert all(tier.proven for tier in warm.tiers)
        assert "started from an earlier solve" in warm.steps
        problem, before = new, warm


def test_a_warm_start_of_another_shape_is_not_used():
    before = solve(packing_program(1, groups=12), PRICES)
    new = packing_program(2, groups=12, rows=9)
    answer = solve(new, PRICES, start=Start(warm_start=before.warm_start))
    assert answer.values == solve(new, PRICES).values
    assert "started from an earlier solve" not in answer.steps


def _priced(seed):
    reduced, _ = presolve(packing_program(seed, tiers=2))
    packing = packing_of(reduced, 1001 * reduced.gains[0] + reduced.gains[1])
    outcome = SOLVERS["glop"].solve(linear_model(packing), Task())
    return packing, dual_bound(packing, outcome.prices[packing.must.size :])


@pytest.mark.parametrize("seed", daily(3, range(10)))
def test_losses_say_exactly_what_a_selection_is_short_of_the_bound(seed):
    """gain = bound - losses - what idle groups give up - priced slack, to the last unit."""
    packing, priced = _priced(seed)
    draw = np.random.default_rng(seed)
    chosen = fill(packing, draw.random(packing.n), np.zeros(0, dtype=np.int64))
    idle = np.ones(packing.must.size, dtype=bool)
    idle[packing.group[chosen]] = False
    fixed = np.rint(priced.prices * priced.scale).astype(np.int64)
    lost = int(priced.loss[chosen].sum() + priced.idle[idle].sum())
    lost += int(fixed @ packing.slack(chosen))
    assert packing.value(chosen) * priced.scale == priced.scaled_bound - lost


@pytest.mark.parametrize("seed", daily(3, range(10)))
def test_what_is_left_holds_every_selection_that_reaches_the_target(seed):
    """The remainder has the whole program's optimum, and nothing one unit above it."""
    packing, priced = _priced(seed)
    best = exactly(linear_model(packing))
    value = round(float(packing.gain @ best.x))
    rest = residual_program(packing, priced, np.arange(packing.n), value)
    found = exactly(rest.model)
    assert found.status == best.status == "optimal"
    assert round(float(rest.model.gain @ found.x)) + packing.value(rest.held) == value
    exact = residual_program(packing, priced, np.arange(packing.n), value, exactly=True)
    assert exactly(exact.model).status == "optimal"
    above = residual_program(packing, priced, np.arange(packing.n), value + 1)
    assert above is None or exactly(above.model).status == "infeasible"


@pytest.mark.parametrize("seed", daily(1, range(6)))
def test_neighbourhoods_never_lose_and_keep_every_row(seed):
    packing, priced = _priced(seed)
    first = fill(
        packing, np.random.default_rng(seed).random(packing.n), np.zeros(0, dtype=np.int64)
    )
    context = Context(Options(), Observer(), None)
    better = improve(
        packing, priced, first, np.arange(packing.n), context,
        rounds=30, size=12, target=priced.bound,
    )  # fmt: skip
    assert packing.admits(better)
    assert packing.value(better) > packing.value(first)


def test_what_is_left_says_when_a_lower_side_is_out_of_reach():
    """A row that asks for 3 and columns of 1 each in two groups: nothing is left."""
    problem = packing_program(1, groups=2, width=1, rows=1, tiers=1).replace(
        uses=sp.csr_array(np.ones((1, 2), dtype=np.int64)),
        upper=np.array([9]),
        lower=np.array([3]),
    )
    reduced, _ = presolve(problem)
    packing = packing_of(reduced, reduced.gains[0])
    priced = dual_bound(packing, np.array([0.0, 0.25]))
    assert residual_program(packing, priced, np.arange(2), 0) is None


def test_an_optimum_that_rounding_made_worse_is_no_proof():
    """The bound a solver claims has to be within a unit of what its selection is really worth."""
    packing, _ = _priced(1)
    chosen = np.array([int(np.argmax(packing.gain))])
    x = np.zeros(packing.n)
    x[chosen] = 1.0
    value = packing.value(chosen)
    claims = (value + 0.9, "optimal", value), (value + 3.0, "limit", value + 3)
    for claim, status, bound in claims:
        closed = checked_outcome(packing, np.arange(packing.n), Outcome(Status.OPTIMAL, x, claim))
        assert (closed.status, closed.bound) == (status, bound)
