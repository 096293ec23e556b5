"""Metamorphic properties: what must hold when a program is changed in a known way."""

import pickle
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.engine import Options, Program, solve
from tests.engine.engine_oracle import instances, random_program

RELAXED = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
SEEDS = st.integers(0, 10**6)


def values(problem):
    answer = solve(problem)
    return answer.values if answer.has_selection else None


@RELAXED
@given(SEEDS)
def test_the_order_of_columns_rows_and_groups_changes_no_value(seed):
    """Permuting names is not a change."""
    problem = random_program(seed)
    draw = np.random.default_rng(seed)
    columns, rows = draw.permutation(problem.n_columns), draw.permutation(problem.n_rows)
    groups = draw.permutation(problem.n_groups)
    place = np.argsort(columns)
    must = problem.exactly_one
    shuffled = problem.replace(
        group=groups[problem.group[columns]],
        gains=problem.gains[:, columns],
        uses=problem.uses[rows][:, columns],
        upper=problem.upper[rows],
        lower=None if problem.lower is None else problem.lower[rows],
        exactly_one=None if must is None else must[np.argsort(groups)],
        fixed=None if problem.fixed is None else place[problem.fixed],
        forbidden=None if problem.forbidden is None else place[problem.forbidden],
    )
    assert values(shuffled) == values(problem)


@RELAXED
@given(SEEDS)
def test_allowing_a_column_never_makes_the_first_tier_worse(seed):
    """More choice cannot hurt."""
    problem = random_program(seed)
    if problem.forbidden is None:
        return
    before, after = values(problem), values(problem.replace(forbidden=None))
    if before is not None:
        assert after is not None
        better = after[0] >= before[0] if problem.senses[0] else after[0] <= before[0]
        assert better


@RELAXED
@given(SEEDS)
def test_fixing_the_optimum_keeps_its_value(seed):
    """A selection that is legal stays so, and nothing better appears."""
    problem = random_program(seed)
    answer = solve(problem)
    if answer.has_selection:
        assert values(problem.replace(fixed=answer.selection)) == answer.values


@RELAXED
@given(SEEDS)
def test_a_wider_row_never_makes_the_first_tier_worse(seed):
    """Capacity cannot hurt."""
    problem = random_program(seed)
    before = values(problem)
    after = values(problem.replace(upper=np.minimum(problem.upper, 10**6) + 1))
    if before is not None:
        assert after is not None
        assert after[0] >= before[0] if problem.senses[0] else after[0] <= before[0]


def _cases():
    folder = instances()
    if folder is None:
        return [pytest.param(None, marks=pytest.mark.skip(reason="no public instances here"))]
    lines = (folder / "optima.csv").read_text().split()[1:]
    return [pytest.param(line.split(","), id=line.split(",")[0]) for line in lines]


@pytest.mark.parametrize("case", _cases())
def test_public_instances_are_solved_to_their_proven_optimum(case):
    """Generalised and linear assignment: value and proof."""
    from benchmarks.engine import formats

    name, kind, _, optimum = case
    path = instances() / name
    if kind == "gap":
        problem = formats.gap_program(*formats.read_gap(path))
    else:
        problem = formats.assignment_program(formats.read_assignment(path))
    answer = solve(problem)
    assert answer.tiers[0].proven, answer.termination
    assert answer.values == (int(optimum),)
    assert answer.method == ("flow" if kind == "assignment" else answer.method)


@pytest.mark.parametrize("kind", ["c", "d", "e"])
def test_a_made_instance_survives_its_file(kind, tmp_path):
    """Writing and reading give the same numbers; the small instance is proven."""
    from benchmarks.engine import formats

    made = formats.make_gap(kind, 3, 12, 1)
    formats.write_gap(tmp_path / "one", *made)
    for one, other in zip(formats.read_gap(tmp_path / "one"), made, strict=True):
        assert np.array_equal(one, other)
    answer = solve(formats.gap_program(*made), Options())
    assert answer.tiers[0].proven or not answer.has_selection


def test_linear_assignment_survives_its_file(tmp_path):
    """The other format, and its optimum by scipy."""
    from scipy.optimize import linear_sum_assignment

    from benchmarks.engine import formats

    cost = np.random.default_rng(3).integers(1, 100, (20, 20))
    formats.write_assignment(tmp_path / "one", cost)
    assert np.array_equal(formats.read_assignment(tmp_path / "one"), cost)
    rows, columns = linear_sum_assignment(cost)
    assert solve(formats.assignment_program(cost)).values == (int(cost[rows, columns].sum()),)


@pytest.mark.parametrize("seed", range(12))
def test_what_columns_come_to_is_kept_while_rows_hold_more_or_less(seed):
    """Asked again with other sides, the answer is that of a program nothing is known of."""
    known = random_program(seed)
    solve(known, Options(method="prices"))
    for more in (1, 3, -1):
        again = known.replace(upper=np.maximum(known.upper + more, known.lower_sides))
        parts = {one.name: getattr(again, one.name) for one in fields(again)}
        fresh = Program(**{**parts, "of_columns": {}})
        mine, theirs = (solve(one, Options(method="prices")) for one in (again, fresh))
        assert again.of_columns is known.of_columns
        assert mine.tiers == theirs.tiers
        if theirs.has_selection:
            assert mine.selection.tolist() == theirs.selection.tolist()
        assert again.digest() == fresh.digest()
    other = known.replace(uses=known.uses * 2)
    assert not other.of_columns


def test_what_is_kept_of_columns_does_not_travel():
    """Another process finds it out for itself: a program is sent without it."""
    known = random_program(3)
    known.of_columns["shape"] = object()
    assert pickle.loads(pickle.dumps(known)).of_columns == {}
