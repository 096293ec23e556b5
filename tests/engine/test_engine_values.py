"""Values, bounds and proofs against hand-derived optima, brute force and other solvers."""

import ctypes
import sys
import threading

import numpy as np
import pytest
import scipy.sparse as sp

from matcher.engine import (
    SOLVERS,
    UNBOUNDED,
    ArithmeticRangeError,
    InfeasibleSubset,
    Limit,
    NoSelectionError,
    Observer,
    Options,
    Program,
    ProgramError,
    Start,
    StopReason,
    Switches,
    Task,
    solve,
)
from matcher.engine.solvers.output import give_back, silenced
from tests.engine.engine_oracle import (
    brute,
    legal,
    model_of,
    packing_program,
    program,
    random_program,
)
from tests.volume import daily


def assert_matches(problem, answer, expected):
    assert answer.has_selection == (expected is not None), answer.termination
    if expected is None:
        assert answer.termination.reason is StopReason.INFEASIBLE, answer.termination
    else:
        assert answer.values == expected, (answer.termination, answer.tiers, answer.steps)
        assert all(tier.proven for tier in answer.tiers), answer.tiers
        assert legal(problem, answer.selection)


def test_the_scarce_unit_goes_to_the_better_pair():
    """One row of capacity 1: the best column wins, the other group takes what is left."""
    # Columns: group 0 -> 9 (row 0) or 4 (free); group 1 -> 7 (row 0) or 1 (free).
    # 9 + 1 = 10 against 4 + 7 = 11.
    problem = program([0, 0, 1, 1], [9, 4, 7, 1], [[1, 0, 1, 0]], [1])
    answer = solve(problem)
    assert answer.values == (11,)
    assert answer.selection.tolist() == [1, 2]


def test_an_earlier_tier_is_never_given_up_for_a_later_one():
    """Two placements worth 2 beat one worth 1000, because the count comes first."""
    # Column 0 uses the whole row; columns 1 (group 0) and 2 (group 1) half of it each.
    problem = program([0, 0, 1], [[1, 1, 1], [1000, 1, 1]], [[2, 1, 1]], [2])
    for method in ("direct", "prices"):
        assert solve(problem, Options(method=method)).values == (2, 2)


def test_an_earlier_tier_is_held_when_it_costs_several_groups():
    """One group alone fills the row that six others share: 1 in the first tier costs 600."""
    # Folded with a unit of the first tier worth 101, the six would win by 600 to 101.
    problem = program(
        [0, 0, *range(1, 7)],
        [[1, 1] + [0] * 6, [0, 2] + [100] * 6, [5, 1] + [0] * 6],
        [[6, 6] + [1] * 6],
        [6],
    )
    for method in ("direct", "prices"):
        answer = solve(problem, Options(method=method))
        assert_matches(problem, answer, (1, 2, 1))


def dear_program(seed, groups=30, rows=6):
    """Return a program in which one more of the first tier costs two groups most of the second."""
    draw = np.random.default_rng(seed)
    row = np.tile(np.repeat(np.arange(rows), 2), groups)
    rich = np.tile([1, 0], groups * rows)
    second = np.where(rich, draw.integers(60, 100, rich.size), draw.integers(1, 30, rich.size))
    uses = sp.csr_array((np.where(rich, 3, 2), (row, np.arange(row.size))))
    gains = np.stack([np.ones(row.size, dtype=np.int64), second])
    upper = 2 * draw.integers(3, 7, rows)
    return Program(np.repeat(np.arange(groups), 2 * rows), groups, gains, uses, upper)


@pytest.mark.parametrize("seed", daily(2, range(1, 7)))
def test_the_first_tier_is_held_before_anything_is_proven_of_the_fold(seed):
    """Where the fold alone would stay below its bound, what the fold leaves open says nothing."""
    problem = dear_program(seed)
    answer = solve(problem, Options(method="prices"))
    assert answer.values == solve(problem, Options(method="direct")).values
    assert all(tier.proven for tier in answer.tiers)
    assert "integer closing" not in answer.phase_times


@pytest.mark.parametrize("batch", daily(1, range(4)))
def test_tiers_in_conflict_by_much_equal_brute_force(batch):
    """Few units in the first tier against many in the second, three tiers, one tight row."""
    for seed in range(30 * batch, 30 * batch + 30):
        draw = np.random.default_rng(seed)
        n = 14
        first = (draw.random(n) < 0.2).astype(int)
        use = np.where(first > 0, draw.integers(4, 8, n), draw.integers(1, 3, n))
        problem = Program(
            np.repeat(np.arange(7), 2),
            7,
            np.stack((first, draw.integers(40, 50, n) * (1 - first), draw.integers(0, 9, n))),
            sp.csr_array(np.stack((use, draw.integers(0, 3, n)))),
            np.array([8, 7]),
        )
        assert_matches(problem, solve(problem, Options(method="prices")), brute(problem))


def test_a_range_row_forces_a_loss():
    """A lower side of 1 on a row whose only column costs 5 makes the optimum 3 - 5 = -2."""
    problem = program([0, 1], [3, -5], [[0, 1]], [1], lower=np.array([1]))
    assert solve(problem).values == (-2,)


@pytest.mark.parametrize("method", ["auto", "direct", "prices"])
@pytest.mark.parametrize("batch", daily(2, range(10)))
def test_small_programs_of_every_row_type_equal_brute_force(batch, method):
    """No method reports a value, a proof or an infeasibility that enumeration refutes."""
    for seed in range(1000 + 25 * batch, 1000 + 25 * batch + 25):
        problem = random_program(seed)
        answer = solve(problem, Options(method=method))
        assert_matches(problem, answer, brute(problem))


@pytest.mark.parametrize("seed", daily(40, range(120)))
def test_nested_rows_are_a_flow_and_equal_brute_force(seed):
    """Openings within workplaces form a network; its prices certify the first tier exactly."""
    draw = np.random.default_rng(seed)
    groups, n = int(draw.integers(1, 7)), int(draw.integers(1, 20))
    opening = draw.integers(0, 4, n)
    uses = np.zeros((7, n), dtype=np.int64)
    uses[opening, np.arange(n)] = 1
    uses[4 + opening // 2, np.arange(n)] = 1
    uses[6] = 1
    upper = np.concatenate((draw.integers(0, 3, 4), draw.integers(0, 4, 2), draw.integers(0, 6, 1)))
    must = draw.random(groups) < 0.2
    problem = Program(
        draw.integers(0, groups, n),
        groups,
        draw.integers(-2, 20, (int(draw.integers(1, 4)), n)),
        sp.csr_array(uses),
        upper,
        exactly_one=must,
    )
    answer = solve(problem)
    expected = brute(problem)
    assert_matches(problem, answer, expected)
    if expected is not None:
        assert answer.method == "flow"
        price = answer.prices[0]
        worth = problem.gains[0] - uses.T @ price
        total = price @ upper
        for group in np.unique(problem.group):
            best = worth[problem.group == group].max()
            total += best if must[group] else max(0, best)
        assert total == pytest.approx(expected[0])


@pytest.mark.parametrize("seed", daily(1, range(4)))
def test_a_mid_size_program_equals_highs_and_cp_sat(seed):
    """The folded value of the price method is what two solvers prove on all columns."""
    problem = packing_program(seed, tiers=2)
    answer = solve(problem, Options(method="prices"))
    assert answer.termination.reason is StopReason.OPTIMAL, answer.termination
    folded = 100_000 * problem.gains[0] + problem.gains[1]  # 60 groups x 1000 < 100,000
    model = model_of(problem, folded)
    expected = 100_000 * answer.values[0] + answer.values[1]
    assert (
        round(SOLVERS["highs"].solve(model, Task(integer=True, absolute_gap=0.99)).bound)
        == expected
    )
    assert round(SOLVERS["cp_sat"].solve(model, Task(integer=True)).bound) == expected


@pytest.mark.parametrize("switch", ["tighten", "cuts", "fixing", "neighbourhood"])
def test_no_switch_changes_a_value(switch):
    """Every part of the method only saves time."""
    problem = packing_program(7)
    full = solve(problem, Options(method="prices"))
    less = solve(problem, Options(method="prices", switches=Switches(**{switch: False})))
    assert less.values == full.values
    assert less.selection.tolist() == full.selection.tolist()


def test_solving_twice_gives_the_same_answer():
    """Nothing in the default depends on a clock."""
    problem = packing_program(3)
    one, two = (solve(problem, Options(method="prices")) for _ in range(2))
    assert one.selection.tolist() == two.selection.tolist()
    assert one.tiers == two.tiers


def test_a_start_changes_nothing_but_time():
    """Old prices and an old selection lead to the same values."""
    problem = packing_program(5)
    cold = solve(problem, Options(method="prices"))
    warm = solve(problem, Options(method="prices"), start=Start(cold.prices, cold.selection))
    assert warm.values == cold.values
    assert "started from given prices" in warm.steps


def test_a_bad_start_is_dropped_and_said():
    """A selection that breaks a row cannot become the answer."""
    problem = program([0, 1] * 4, [[1] * 8, [5] * 8], [[1] * 8], [1])
    answer = solve(problem, Options(method="prices"), start=Start(selection=np.array([0, 1])))
    assert answer.values == (1, 5)
    assert any("breaks a row" in step for step in answer.steps)


HARD = {
    "all values equal": lambda: program([0, 0, 1, 1], [5] * 4, [[1] * 4], [1]),
    "zero capacities": lambda: program([0, 1], [5, 6], [[1, 1]], [0]),
    "one group for all": lambda: program([0] * 6, [1, 9, 3, 9, 2, 0], [[1] * 6], [4]),
    "tiers in conflict": lambda: program([0, 0, 1], [[1, 1, 1], [9, 1, 1]], [[2, 1, 1]], [2]),
    "barely fits": lambda: program(
        [0, 0, 1, 1], [1, 2, 3, 4], [[2, 3, 3, 2]], [4], exactly_one=np.array([True, True])
    ),
    "huge and tiny": lambda: program(
        [0, 1, 2], [10**12, 1, 10**6], [[10**9, 1, 10**9 + 1]], [10**9 + 1]
    ),
    "duplicates": lambda: program([0, 0, 0, 1], [7, 7, 7, 7], [[2, 2, 2, 2]], [2]),
    "empty groups": lambda: program([3, 3], [1, 2], [[1, 1]], [1], n_groups=6),
    "no columns": lambda: program([], [[]], [[]], [3], n_groups=2),
    "no rows": lambda: program([0, 0, 1], [4, 6, -1], [], []),
}


@pytest.mark.parametrize("method", ["auto", "direct", "prices"])
@pytest.mark.parametrize("name", list(HARD))
def test_hard_shapes_equal_brute_force(name, method):
    """Shapes that break careless code."""
    problem = HARD[name]()
    assert_matches(problem, solve(problem, Options(method=method)), brute(problem))


def test_an_infeasible_program_names_rows_that_really_clash():
    """The clash is infeasible on its own, and loses that by leaving out any member."""
    # Both groups must be served; row 0 admits one column, row 1 is harmless.
    problem = program([0, 1], [1, 1], [[1, 1], [1, 1]], [1, 9], exactly_one=np.array([True, True]))
    answer = solve(problem)
    assert answer.termination.reason is StopReason.INFEASIBLE
    assert answer.infeasible_subset == InfeasibleSubset((0,), (0, 1), minimal=True)
    assert not answer.has_selection
    with pytest.raises(NoSelectionError, match="infeasible"):
        _ = answer.selection
    with pytest.raises(NoSelectionError, match="has_selection"):
        _ = answer.tiers[0].value
    assert answer.tiers[0].gap == float("inf")


@pytest.mark.parametrize("seed", daily(10, range(40)))
def test_every_clash_is_infeasible_by_itself(seed):
    """Only the clashing rows and groups are kept: brute force finds no selection either."""
    for number in range(seed * 10 + 5000, seed * 10 + 5010):
        problem = random_program(number)
        answer = solve(problem)
        if answer.has_selection:
            continue
        must = np.zeros(problem.n_groups, dtype=bool)
        must[list(answer.infeasible_subset.groups)] = True
        rows = list(answer.infeasible_subset.rows)
        alone = problem.replace(
            uses=problem.uses[rows],
            upper=problem.upper[rows],
            lower=problem.lower_sides[rows],
            exactly_one=must,
        )
        assert brute(alone) is None


def test_a_clash_in_a_large_program_is_found_among_the_few_columns_that_decide():
    """Twelve who must be served, room for eleven: the clash, however many others there are."""
    # 30,000 groups of one column each; of a row for each two of them only the last holds more:
    # it is used by every 2,500th group, which must be served, and admits one fewer.
    columns = 30_000
    uses = sp.lil_array((columns // 2 + 1, columns), dtype=np.int64)
    uses[np.arange(columns) // 2, np.arange(columns)] = 1
    served = np.arange(7, columns, 2_500)
    uses[columns // 2, served] = 1
    must = np.zeros(columns, dtype=bool)
    must[served] = True
    problem = Program(
        np.arange(columns),
        columns,
        np.ones((1, columns), dtype=np.int64),
        sp.csr_array(uses),
        np.append(np.ones(columns // 2, dtype=np.int64), len(served) - 1),
        exactly_one=must,
    )
    answer = solve(problem)
    clash = InfeasibleSubset((columns // 2,), tuple(served.tolist()), minimal=True)
    assert answer.infeasible_subset == clash


def test_a_cancelled_solve_returns_what_it_has():
    """Cancelled before it began: a legal selection with a valid bound, and the reason."""
    problem = packing_program(2)
    cancel = threading.Event()
    cancel.set()
    answer = solve(problem, Options(method="prices"), cancel=cancel)
    best = solve(problem, Options(method="prices"))
    assert answer.termination.reason is StopReason.FEASIBLE
    assert answer.termination.limit is Limit.CANCELLED
    assert legal(problem, answer.selection)
    assert answer.tiers[0].bound >= best.tiers[0].value
    assert answer.values <= best.values


def test_a_short_limit_still_answers_with_a_valid_bound():
    """The bound of a stopped solve is never below the optimum."""
    problem = packing_program(4, tiers=1)
    best = solve(problem, Options(method="prices"))
    short = solve(problem, Options(method="prices", seconds=1e-6))
    assert short.tiers[0].value <= best.tiers[0].value <= short.tiers[0].bound
    assert short.termination.limit is Limit.SECONDS


def test_the_observer_hears_phases_and_better_selections():
    """Values told never get worse, and the last told is the answer's or below."""

    class Ear(Observer):
        def __init__(self):
            self.values, self.phases, self.ended = [], [], False
            self.bounds, self.tiers = [], []

        def on_bound(self, tier, bound):
            self.bounds.append((tier, bound))

        def on_tier(self, tier, value, bound):
            self.tiers.append((value, bound))

        def on_solution(self, values):
            self.values.append(values)

        def on_phase(self, name):
            self.phases.append(name)

        def on_end(self, answer):
            self.ended = True

    ear = Ear()
    answer = solve(packing_program(6), Options(method="prices"), observer=ear)
    assert ear.ended
    assert "prices" in ear.phases
    assert ear.values
    assert ear.values[-1][0] <= answer.values[0]
    assert ear.tiers == [(tier.value, tier.bound) for tier in answer.tiers]
    assert all(bound >= answer.values[tier] for tier, bound in ear.bounds)


def test_the_observer_hears_values_in_the_callers_sense_with_fixed_columns():
    """Minimised 7 for the fixed column and 2 for the other: told 9 at the end, never -2."""
    problem = program(
        [0, 1, 1], [[7, 2, 5]], [[1, 1, 1]], [2], maximise=(False,),
        exactly_one=np.array([True, True]), fixed=np.array([0]),
    )  # fmt: skip

    class Ear(Observer):
        def __init__(self):
            self.values = []

        def on_solution(self, values):
            self.values.append(values)

    for method in ("flow", "direct", "prices"):
        ear = Ear()
        answer = solve(problem, Options(method=method), observer=ear)
        assert answer.values == (9,)
        assert ear.values[-1] == (9,)


def test_numbers_too_large_for_exact_sums_are_refused():
    """No silent wrap-around."""
    with pytest.raises(ArithmeticRangeError, match="gains reach"):
        program([0, 1], [2**61, 2**61], [[1, 1]], [1])


def test_numbers_a_double_would_round_are_refused_or_solved_whole():
    """A capacity of 2^54 + 1 is not 2^54: the first and second group fill it exactly."""
    half = 2**53
    problem = program(
        [0, 1, 2], [[5, 5, 7]], [[half + 1, half, half + 1]], [2 * half + 1]
    )  # fmt: skip
    with pytest.raises(ArithmeticRangeError, match="doubles do not hold"):
        solve(problem, Options(method="direct"))
    wide = program([0, 1], [[5, 5]], [[2, 2], [1, 2]], [2**60 + 1, 2], exactly_one=np.ones(2, bool))
    assert solve(wide).termination.reason is StopReason.INFEASIBLE


def test_tiers_whose_fold_exceeds_64_bits_are_solved_one_by_one():
    """2^33 units of the first tier, each worth more than 2^34 points: beyond 2^62 together."""
    problem = program([0, 0, 1], [[2**33, 1, 2**33], [2**34, 2**33, 3]], [[2, 1, 2]], [3])
    answer = solve(problem, Options(method="prices"))
    assert_matches(problem, answer, brute(problem))
    assert "the folded tiers exceed 64-bit integers: not solved by prices" in answer.steps


def test_contradicting_arrays_are_all_named():
    """Every problem of the arrays is in one message, with values."""
    with pytest.raises(
        ProgramError, match=r"group: 1 entries outside 0\.\.1: group\[1\] = 5"
    ) as told:
        Program(
            np.array([0, 5]),
            2,
            np.ones((1, 2), int),
            sp.csr_array((1, 2), dtype=int),
            np.array([1]),
            np.array([2]),
        )
    assert "lower exceeds upper in 1 rows: row 0: 2 > 1." in str(told.value)


def test_floats_are_refused():
    """The engine rounds nothing for its caller."""
    with pytest.raises(ProgramError, match="gains holds float64"):
        Program(
            np.array([0]), 1, np.array([[0.5]]), sp.csr_array((0, 1), dtype=int), np.zeros(0, int)
        )


def test_an_unbounded_row_does_not_bind():
    """UNBOUNDED means no upper side."""
    problem = program([0, 1], [2, 3], [[5, 5]], [UNBOUNDED])
    assert solve(problem).values == (5,)


def test_a_gap_stops_the_solve_early_and_says_so():
    """Within a gap of a tenth the proof is not pursued; bounds stay valid."""
    problem = packing_program(4, tiers=1)
    best = solve(problem, Options(method="prices"))
    for method in ("prices", "direct"):
        near = solve(problem, Options(method=method, gap=0.1))
        assert near.gap <= 0.1
        assert near.values[0] <= best.values[0] <= near.tiers[0].bound
        if near.termination.reason is StopReason.FEASIBLE:
            assert near.termination.limit is Limit.GAP


def test_search_reports_a_bound_and_a_legal_selection():
    """The method without proof is still honest."""
    problem = packing_program(4)
    best = solve(problem, Options(method="prices"))
    found = solve(problem, Options(method="search"))
    assert found.method == "search"
    assert legal(problem, found.selection)
    assert found.values <= best.values
    assert found.tiers[0].bound >= best.values[0]


def test_nothing_reaches_standard_output_but_what_was_written(capfd):
    """Stray lines of a native solver are dropped; lines of the caller are kept, in order."""
    sys.stdout.write("before\n")
    with silenced(b"HighsMipSolverData::"):
        sys.stdout.write("meanwhile\n")
        ctypes.CDLL(None).puts(b"HighsMipSolverData::transformNewIntegerFeasibleSolution x;")
    sys.stdout.write("after\n")
    assert capfd.readouterr() == ("before\nmeanwhile\nafter\n", "")


def test_standard_output_is_back_when_a_solver_was_left_running(capfd):
    """After a cancel nothing waits for the abandoned solver: the process may end before it."""
    with silenced(b"HighsMipSolverData::"):
        sys.stdout.write("before the cancel\n")
        give_back()
        sys.stdout.write("after it\n")
        sys.stdout.flush()
        assert capfd.readouterr() == ("before the cancel\nafter it\n", "")
    assert capfd.readouterr() == ("", "")
