"""What only large programs need, forced upon small ones: nothing of it may change a value."""

import numpy as np
import pytest
import scipy.sparse as sp

from matcher.engine import Options, Program, Start, StopReason, solve
from matcher.engine.method import incumbent, price_method, proof
from matcher.engine.method import tighten as tighten_module
from matcher.engine.method.dual_bound import dual_bound
from matcher.engine.method.packing import packing_of
from matcher.engine.method.presolve import presolve
from matcher.engine.method.prices import smooth_prices
from matcher.engine.method.tighten import tighten
from tests.engine.engine_oracle import brute, legal, packing_program, program, random_program
from tests.volume import daily

PRICES = Options(method="prices")


@pytest.fixture
def thinned(monkeypatch):
    """Treat every program as a large one."""
    monkeypatch.setattr(price_method, "_FIX_FROM", 0)
    monkeypatch.setattr(price_method, "_FIX_SHARE", 1.0)


def _roomy(seed, tiers):
    """Return seats for half of 60 groups: the linear program is whole, so thinning is possible."""
    draw = np.random.default_rng(seed)
    n = 60 * 8
    gains = np.stack((np.ones(n, int), draw.integers(0, 1000, n), draw.integers(0, 1024, n)))
    gains = gains[1:2] if tiers == 1 else gains[:tiers]
    seats = sp.csr_array(
        (np.ones(n, dtype=np.int64), (draw.integers(0, 15, n), np.arange(n))), shape=(15, n)
    )
    return Program(np.repeat(np.arange(60), 8), 60, gains, seats, np.full(15, 2))


@pytest.mark.parametrize("seed", daily(10, range(150)))
def test_a_thinned_program_keeps_the_optimum(thinned, seed):
    """Brute force, cold and again from the end of the first solve after a capacity has changed."""
    problem = random_program(seed)
    answer = solve(problem, PRICES)
    best = brute(problem)
    if best is None:
        assert answer.termination.reason is StopReason.INFEASIBLE
        return
    assert answer.values == best
    assert legal(problem, answer.selection)
    if not problem.n_rows:
        return
    upper = problem.upper.copy()
    upper[seed % problem.n_rows] += 1
    changed = problem.replace(upper=upper)
    warm = solve(changed, PRICES, start=Start.after(answer))
    assert warm.values == brute(changed)


@pytest.mark.parametrize("tiers", [1, 2, 3])
@pytest.mark.parametrize("seed", daily(1, range(8)))
def test_thinning_changes_no_value_of_a_larger_program(monkeypatch, seed, tiers):
    problem = _roomy(seed, tiers)
    whole = solve(problem, PRICES)
    monkeypatch.setattr(price_method, "_FIX_FROM", 0)
    thin = solve(problem, PRICES)
    assert thin.counts["columns left after thinning"] < problem.n_columns // 2
    assert thin.values == whole.values
    assert [tier.bound for tier in thin.tiers] == [tier.bound for tier in whole.tiers]
    assert thin.selection.tolist() == whole.selection.tolist()
    upper = problem.upper.copy()
    upper[seed % problem.n_rows] = max(0, upper[seed % problem.n_rows] - 1)
    changed = problem.replace(upper=upper)
    assert solve(changed, PRICES, start=Start.after(thin)).values == solve(changed, PRICES).values


@pytest.mark.parametrize("seed", daily(10, range(40)))
def test_rows_are_tightened_alike_in_blocks_of_any_size(monkeypatch, seed):
    problem = random_program(seed)
    reduced, _ = presolve(problem)
    if reduced is None or not reduced.n:
        return
    packing = packing_of(reduced, reduced.gains[0])
    whole, out = tighten(packing, packing.uses.tocsc())
    monkeypatch.setattr(tighten_module, "_BLOCK", 1)
    pieces, out_too = tighten(packing, packing.uses.tocsc())
    assert out.tolist() == out_too.tolist()
    assert (whole.uses.toarray() == pieces.uses.toarray()).all()
    for name in ("capacity", "row", "sign", "unit"):
        assert getattr(whole, name).tolist() == getattr(pieces, name).tolist()


def test_a_program_is_never_changed_by_a_solve():
    """Its arrays are shared with what the methods work on; 4, 6 and 8 would be divided by 2."""
    problem = program([0, 1, 2], [1, 1, 1], [[4, 6, 8], [2, 2, 2]], [11, 5])
    before = problem.digest()
    assert solve(problem, PRICES).values == (2,)  # 4 + 6 <= 11, and 2 + 2 <= 5; all three: 18 > 11
    assert problem.digest() == before


@pytest.mark.parametrize("seed", daily(6, range(20)))
def test_added_rows_count_as_if_they_had_always_been_there(seed):
    draw = np.random.default_rng(seed)
    problem = packing_program(seed)
    half = problem.n_rows // 2
    uses = problem.uses.toarray()
    reduced, _ = presolve(problem)
    whole = packing_of(reduced, reduced.gains[0])
    first, _ = presolve(
        Program(problem.group, problem.n_groups, problem.gains, sp.csr_array(uses[:half]),
                problem.upper[:half])
    )  # fmt: skip
    grown = packing_of(first, first.gains[0])
    for row in range(half, problem.n_rows):
        line = sp.csr_array(uses[row][reduced.origin][:, None])
        grown = grown.with_rows(line, problem.upper[row : row + 1])
    prices = draw.random(problem.n_rows) * 50
    assert grown.rows == whole.rows
    assert grown.widest.tolist() == whole.widest.tolist()
    assert dual_bound(grown, prices).scaled_bound == dual_bound(whole, prices).scaled_bound
    assert (dual_bound(grown, prices).loss == dual_bound(whole, prices).loss).all()
    some = np.flatnonzero(draw.random(reduced.n) < 0.3)
    assert (grown.part(some).uses.toarray() == whole.part(some).uses.toarray()).all()
    assert grown.slack(some).tolist() == whole.slack(some).tolist()


def test_prices_of_rows_wanted_by_thousands_do_not_overshoot():
    """4,000 groups want 10 seats: a bound near the best ten gains, not far above them.

    The optimum takes the ten best: sum of the ten largest gains. Any price between the tenth and
    the eleventh gain proves it.
    """
    gain = np.random.default_rng(0).integers(500, 1000, 4_000)
    problem = program(list(range(4_000)), gain, [[1] * 4_000], [10])
    reduced, _ = presolve(problem)
    packing = packing_of(reduced, reduced.gains[0])
    prices = smooth_prices(packing, unit=1_000.0, schedule=((0.05, 40), (0.005, 40)))
    best = int(np.sort(gain)[-10:].sum())
    assert best <= dual_bound(packing, prices).bound <= 1.05 * best


def test_a_start_is_what_the_direct_method_has_to_beat():
    """Stopped before it begins, it still has the selection it was given."""
    problem = program([0, 0, 1, 1], [3, 2, 2, 3], [[1, 1, 1, 1]], [2])
    given = np.array([1, 2])
    answer = solve(problem, Options(method="direct", seconds=1e-9), start=Start(selection=given))
    assert answer.selection.tolist() == [1, 2]
    assert answer.values == (4,)
    assert answer.tiers[0].bound >= 6
    better = solve(problem, Options(method="direct"), start=Start(selection=given))
    assert better.values == (6,)
    broken = solve(problem, Options(method="direct"), start=Start(selection=np.array([0, 1])))
    assert broken.values == (6,)


@pytest.mark.parametrize("given", [[0, 3], [1, 2], [0, 1]])
def test_closing_proves_a_start_or_what_is_better(given: list[int]):
    """The best one; a worse one; none that is legal. Two tiers: in the second, 3 beats 2."""
    problem = program([0, 0, 1, 1], [3, 2, 3, 3], [[1, 1, 1, 1]], [2])
    problem = problem.replace(gains=np.array([[3, 2, 3, 3], [0, 9, 1, 2]]))
    answer = solve(problem, Options(method="closing"), start=Start(selection=np.array(given)))
    assert answer.selection.tolist() == [0, 3]
    assert [(one.value, one.bound, one.proven) for one in answer.tiers] == [
        (6, 6, True), (2, 2, True),
    ]  # fmt: skip
    ended = Options(method="closing", seconds=1e-9)
    unknown = solve(problem, ended, start=Start(selection=np.array([1, 2])))
    assert (unknown.values, unknown.tiers[0].bound) == ((5, 10), None)


def test_equal_folds_are_told_apart_in_later_tiers():
    """Weight 11 (1 + the largest gain of the second tier).

    The optimum takes the first columns: (3, 0, 0), fold 33. The second columns of groups 0 and 1
    would be (2, 11, 10): the same fold and more in the third tier, but less in the first.
    """
    problem = program(
        [0, 0, 1, 1, 2],
        [[1, 1, 1, 1, 1], [0, 10, 0, 1, 0], [0, 5, 0, 5, 0]],
        [[2, 3, 2, 3, 2]],
        [6],
    )
    answer = solve(problem, PRICES, start=Start(selection=np.array([0, 2, 4])))
    assert answer.values == brute(problem) == (3, 0, 0)
    assert answer.termination.reason is StopReason.OPTIMAL


@pytest.mark.parametrize("method", ["prices", "search"])
def test_an_answer_is_never_below_a_selection_already_told(monkeypatch, method):
    """A start worth (3, 0) is legal; a better fold, (2, 20), is no better in order."""
    monkeypatch.setattr(proof, "MOST_COLUMNS", 0)
    problem = program([0, 0, 1, 1, 2], [[1, 1, 1, 1, 1], [0, 10, 0, 10, 0]], [[2, 3, 2, 3, 2]], [6])
    start = Start(selection=np.array([0, 2, 4]))
    answer = solve(problem, Options(method=method), start=start)
    assert answer.values == brute(problem) == (3, 0)
    assert answer.tiers[1].bound >= 0


@pytest.mark.parametrize("seconds", [None, 60.0])
def test_a_large_program_is_near_enough_within_a_ten_thousandth(monkeypatch, seconds):
    """Without a clock its search ends there; with one it goes on to the bound."""
    asked = []

    def improve(_packing, priced, chosen, *_, target, **__):
        asked.append((target, priced.bound))
        return chosen

    monkeypatch.setattr(incumbent, "is_large", lambda _: True)
    monkeypatch.setattr(incumbent, "improve", improve)
    # One tier, gains of about a million, seats for half: the bound of the last goal is the bound.
    draw = np.random.default_rng(3)
    n = 60 * 8
    uses = sp.csr_array(
        (draw.integers(30, 60, n), (draw.integers(0, 6, n), np.arange(n))), shape=(6, n)
    )
    gains = draw.integers(900_000, 1_000_000, (1, n))
    problem = Program(np.repeat(np.arange(60), 8), 60, gains, uses, np.full(6, 200))
    answer = solve(problem, Options(method="search", seconds=seconds))
    assert answer.has_selection
    assert asked
    for target, bound in asked:
        assert target == (bound - bound // 10_000 if seconds is None else bound)
