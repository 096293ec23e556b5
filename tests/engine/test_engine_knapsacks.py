"""Knotty programs: the bound filled row by row, what each column costs it, and the search."""

import itertools

import numpy as np
import pytest
import scipy.sparse as sp

from benchmarks.engine.formats import gap_program, make_gap
from matcher.engine import Options, Program, StopReason, solve
from matcher.engine.method import knapsack_bound
from matcher.engine.method.knapsack_bound import Parts
from matcher.engine.method.knapsack_search import KnapsackSearch, knapsack_search
from matcher.engine.method.knapsacks import knapsacks_of, rows_to_fill, rows_worth_filling
from matcher.engine.method.packing import packing_of
from matcher.engine.method.presolve import presolve
from tests.engine.engine_oracle import brute, knotty, legal
from tests.volume import daily


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


def together(knapsacks, levels, prices):
    """Return the whole twice, beside what is left of it when its first column is taken."""
    whole = knapsacks.whole(levels / knapsacks.scale, prices / knapsacks.scale)
    others = np.flatnonzero(knapsacks.group != knapsacks.group[0])
    less = knapsacks.less(whole, others, np.array([0]), whole.levels[1:])
    return Parts(knapsacks, [whole, less, whole] if less is not None else [whole, whole])


@pytest.mark.parametrize("seed", daily(4, range(7, 19)))
def test_the_bound_and_what_each_column_costs_it_hold_for_every_selection(seed):
    """At any levels and prices: bound less cost bounds those with a column, in every part alike."""
    problem = knotty(seed, groups=4, must=1.0, width=1 + seed % 2)
    _, packing = staged(problem)
    knapsacks = knapsacks_of(
        packing, rows_to_fill(packing), np.full(4, 30.0), np.full(packing.rows, 2.0)
    )
    assert knapsacks.apart == (seed % 2 == 0)
    draw = np.random.default_rng(seed)
    scale = knapsacks.scale
    levels = (draw.integers(-20, 60, 4) * scale).astype(np.int64)
    prices = (draw.integers(0, 5, knapsacks.rows.size) * scale).astype(np.int64)
    parts = together(knapsacks, levels, prices)
    per_group = np.concatenate([np.rint(part.levels * scale) for part in parts.parts])
    per_part = np.tile(prices, (len(parts.parts), 1))
    filled = parts.fill(per_group.astype(np.int64), per_part)
    for room in (0, 3 * scale, 10**4 * scale):
        rooms = np.full(len(parts.parts), room)
        cost = parts.cost(per_group.astype(np.int64), per_part, rooms)
        every = [set(chosen.tolist()) for chosen in selections(problem)]
        assert every
        for p, part in enumerate(parts.parts):
            bound = int(filled.bound[p]) + part.gained * scale
            held = set(part.held.tolist())
            mine = [each for each in every if held <= each]
            value = {id(each): packing.value(np.array(sorted(each), dtype=int)) for each in mine}
            assert bound >= max(value.values(), default=-(10**9)) * scale
            for at in np.flatnonzero(parts.part == p).tolist():
                column = int(parts.origin[at])
                having = [value[id(each)] for each in mine if column in each]
                if having:
                    assert bound - int(cost[at]) >= max(having) * scale
        assert np.array_equal(cost[parts.part == 0], cost[parts.part == len(parts.parts) - 1])


@pytest.mark.parametrize("seed", daily(4, range(12)))
def test_filling_the_parts_that_go_on_is_filling_all_again(seed):
    """What a part had taken at other levels is forgotten; the others stay as they were."""
    problem = knotty(seed, groups=4, must=1.0, width=1 + seed % 2)
    _, packing = staged(problem)
    knapsacks = knapsacks_of(
        packing, rows_to_fill(packing), np.full(4, 30.0), np.full(packing.rows, 2.0)
    )
    draw = np.random.default_rng([5, seed])
    scale, changed = knapsacks.scale, 0
    parts = together(knapsacks, np.full(4, 10.0 * scale), np.ones(knapsacks.rows.size) * scale)

    def drawn():
        """Levels of all groups, prices of all rows."""
        levels = draw.integers(-20, 60, parts.first.size) * scale
        return levels, draw.integers(0, 5, (len(parts.parts), knapsacks.rows.size)) * scale

    before, prices_before = drawn()
    filled = parts.fill(before, prices_before)
    for _ in range(20):
        levels, prices = drawn()
        going = draw.random(len(parts.parts)) < 0.5
        levels = np.where(going[parts.part_of_group], levels, before)
        prices = np.where(going[:, None], prices, prices_before)
        some, everything = parts.fill(levels, prices, going, filled), parts.fill(levels, prices)
        assert np.array_equal(some.bound, everything.bound)
        assert np.array_equal(some.taken, everything.taken)
        changed += bool((filled.taken & ~some.taken).any())
        before, prices_before, filled = levels, prices, some
    assert changed


def best_fillings(packing):
    """Return what one row can hold at most, by trying everything; then with each column taken."""
    every = np.array(list(itertools.product((0, 1), repeat=packing.n)))
    every = every[(every @ packing.uses.toarray() <= packing.capacity).all(axis=1)]
    worth = every @ packing.gain
    least = -(10**9)
    forced = [int(worth[every[:, at] == 1].max(initial=least)) for at in range(packing.n)]
    return int(worth.max()), forced


@pytest.mark.parametrize("window", [1, 2, 10])
@pytest.mark.parametrize("seed", daily(2, range(6)))
def test_a_row_is_filled_and_decided_as_if_everything_had_been_tried(seed, window, monkeypatch):
    """However few columns the first tables have: bound, filling, and costs within the room."""
    monkeypatch.setattr(knapsack_bound, "_WINDOW", window)
    draw = np.random.default_rng([3, seed])
    n = 9
    use, gain = draw.integers(1, 20, n), draw.integers(-10, 60, n)
    _, packing = staged(
        Program(
            np.arange(n), n, gain[None, :], sp.csr_array(use[None, :]), np.array([use.sum() // 3])
        )
    )
    groups = packing.must.size
    knapsacks = knapsacks_of(packing, rows_to_fill(packing), np.zeros(groups), np.zeros(1))
    scale = knapsacks.scale
    nearly = scale >> 10
    parts = Parts(knapsacks, [knapsacks.whole(np.zeros(groups), np.zeros(0))])
    zero, none = np.zeros(groups, dtype=np.int64), np.zeros((1, 0), dtype=np.int64)
    filled, (best, forced) = parts.fill(zero, none), best_fillings(packing)
    chosen, bound = np.flatnonzero(filled.taken), int(filled.bound[0])
    assert best * scale <= bound <= best * scale + nearly
    assert packing.value(chosen) == best
    assert packing.slack(chosen)[0] >= 0
    room = 7 * scale
    cost = parts.cost(zero, none, np.array([room]))
    decided = 0
    for at in range(packing.n):
        fall = bound - forced[at] * scale
        decided += fall > room + nearly
        assert cost[at] <= fall
        assert cost[at] >= fall - nearly if fall <= room else cost[at] > room - nearly
    assert 0 < decided < packing.n


def test_what_a_column_costs_is_the_bound_with_it_forced():
    """One row of capacity 7, columns of use 4, 4, 3 worth 10, 9, 5 (levels 0): best 15 (10 + 5).

    The second in: 9 + 5 = 14, costs 1, or 9 + 3 = 12 too much; all of other groups. The bound at
    price 10 // 4 = 2 of the row: d = 2, 1, -1, so at most 2 x 7 + 3 = 17, and nothing is decided.
    """
    problem = Program(
        np.arange(3), 3, np.array([[10, 9, 5]]), sp.csr_array(np.array([[4, 4, 3]])), np.array([7])
    )
    _, packing = staged(problem)
    knapsacks = knapsacks_of(packing, rows_to_fill(packing), np.zeros(3), np.zeros(1))
    scale = knapsacks.scale
    parts = Parts(knapsacks, [knapsacks.whole(np.zeros(3), np.zeros(0))])
    zero, none = np.zeros(3, dtype=np.int64), np.zeros((1, 0), dtype=np.int64)
    filled = parts.fill(zero, none)
    cost = parts.cost(zero, none, np.array([20 * scale]))
    assert filled.bound.tolist() == [15 * scale]
    assert np.flatnonzero(filled.taken).tolist() == [0, 2]
    # With another column the filling is worth that much less: 15, 14, 15.
    assert [int(each) // scale for each in cost] == [0, 1, 0]


@pytest.mark.parametrize("block", daily(1, range(6)))
def test_the_search_finds_the_best_and_proves_it(block):
    """Against brute force, with narrow rows beside the wide ones."""
    for seed in range(block * 5, block * 5 + 5):
        problem = knotty(
            seed,
            groups=5,
            rows=2 + seed % 2,
            priced=seed % 3,
            must=1.0,
            width=1 + seed % 2,
        )
        best = brute(problem)
        reduced, packing = staged(problem)
        parts = knapsack_search(
            packing, rows_to_fill(packing), np.zeros(packing.rows), lambda: False
        )
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
    ("seed", "jobs"), daily(1, [(1, 40), (0, 60), (1, 60), *((s, 80) for s in range(3))])
)
def test_both_methods_prove_the_same_and_a_run_repeats(seed, jobs):
    """4 x 40 and more, row by row and by the plain method; twice the same selection."""
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
    assert not rows_worth_filling(packing)
    assert not rows_worth_filling(staged(assignment(1, 4, 80).replace(exactly_one=None))[1])
    assert "row by row" not in " ".join(solve(problem, Options(method="prices")).steps)


@pytest.mark.parametrize("kind", ["budget", "two goals"])
def test_a_row_across_the_others_or_a_second_goal_is_no_case_for_filling(kind):
    """A budget row takes every column: filled first, all the rows of its kind were only priced."""
    problem, draw = assignment(1, 4, 40), np.random.default_rng(2)
    n = problem.group.size
    assert rows_worth_filling(staged(problem)[1])
    if kind == "budget":
        across = draw.integers(5, 40, n)
        problem = problem.replace(
            uses=sp.csr_array(sp.vstack((problem.uses, across[None, :]))),
            upper=np.append(problem.upper, int(across.mean() * 40 * 0.95)),
        )
        assert not rows_worth_filling(staged(problem)[1])
    else:
        gains = np.vstack((problem.gains, draw.integers(0, 1000, n)))
        problem = problem.replace(gains=gains, maximise=(False, True))
    answer = solve(problem, Options(method="prices"))
    assert "row by row" not in " ".join(answer.steps)
    assert answer.termination.reason is StopReason.OPTIMAL
    assert answer.values == solve(problem, Options(method="direct")).values


@pytest.mark.parametrize("target", [-(10**6), -(10**14), -(10**15), -(2**62)])
def test_a_target_far_below_every_selection_is_no_target(target):
    """Whole numbers stay whole: what is asked far too low finds the best there is."""
    problem = assignment(1, 3, 8)
    _, packing = staged(problem)
    search = knapsack_search(packing, rows_to_fill(packing), np.zeros(packing.rows), lambda: False)
    chosen, whole = search.search(target, 10**4, lambda _: None)
    best = solve(problem, Options(method="direct"))
    assert whole
    assert packing.value(chosen) == -best.values[0]


def test_a_search_that_is_stopped_claims_nothing():
    """One part is not enough to prove anything about 60 groups."""
    problem = assignment(1, 5, 60)
    _, packing = staged(problem)
    parts = knapsack_search(packing, rows_to_fill(packing), np.zeros(packing.rows), lambda: False)
    found, complete = parts.search(parts.bound - 30, 1, lambda _: None)
    assert not complete
    assert found is None or packing.admits(found)


def test_small_steps_that_see_how_far_the_bound_falls_end_nearer_to_it():
    """Type d, 10 x 60: costs fall as uses rise, so that a good selection fills rows to the last.

    A dive's selection, its last groups chosen by the direct method, is short of the bound by what
    its steps did not see coming.
    """
    problem = gap_program(*make_gap("d", 10, 60, 2))
    reduced, packing = staged(problem)
    rounds = itertools.chain(itertools.repeat(False, 700), itertools.repeat(True, 1))
    search = knapsack_search(
        packing, rows_to_fill(packing), np.zeros(packing.rows), lambda: next(rounds, False)
    )
    short = []
    for step, fall in ((0.5, 0.0), (0.2, 2.0)):
        dived = search.dive(15, step, fall=fall)
        assert np.unique(packing.group[dived.held]).size == dived.held.size == 60 - dived.groups
        held = reduced.origin[dived.held]
        rest = solve(problem.replace(fixed=held), Options(method="direct", work=0.3))
        short.append(search.bound + rest.values[0])
    assert 2 * short[1] < short[0]


def test_few_parts_prove_where_the_search_branches_on_what_rows_filled_best_leave_open():
    """4 x 80: 33 parts; 73 where it branches on any group whose second choice costs most."""
    _, packing = staged(assignment(0, 4, 80))
    search = knapsack_search(packing, rows_to_fill(packing), np.zeros(packing.rows), lambda: False)
    target = search.bound
    assert search.search(target, 10**4, lambda _: None) == (None, True)
    chosen, whole = search.search(target - 1, 10**4, lambda _: None)
    assert whole
    assert packing.value(chosen) == target - 1
    assert search.nodes <= 50


def test_choosing_again_keeps_what_is_held_and_finds_the_best_beside_it():
    """12 groups, 6 of them held as in the best selection: it comes back, and nothing is better."""
    _, packing = staged(assignment(1, 3, 12))
    search = knapsack_search(packing, rows_to_fill(packing), np.zeros(packing.rows), lambda: False)
    best, whole = search.search(-(10**6), 10**4, lambda _: None)
    assert whole
    held, value = best[::2], packing.value(best)
    again, decided = search.again(held, value, 1.0, 10**4, lambda: False)
    assert decided
    assert packing.value(again) == value
    assert np.isin(held, again).all()
    assert search.again(held, value + 1, 1.0, 10**4, lambda: False) == (None, True)


def test_a_solve_chooses_again_where_dives_leave_much_open(monkeypatch):
    """Type e, 10 x 60: what the dives end with is made better, some groups at a time."""
    found, emptied, again = [], [], KnapsackSearch.again

    def noted(search, held, *given):
        told = again(search, held, *given)
        found.append(told[0])
        emptied.append(10 - np.unique(search.knapsacks.home[held]).size)
        return told

    monkeypatch.setattr(KnapsackSearch, "again", noted)
    answer = solve(gap_program(*make_gap("e", 10, 60, 2)), Options(method="prices", work=0.5))
    assert answer.has_selection
    assert any(one is not None for one in found)
    # Of 40 groups, in turn: drawn from all they leave a column in most rows, or they are some rows.
    assert max(emptied[1::2]) >= 5 > np.mean(emptied[::2])
