"""A solved program asked with columns barred and groups to be served: the optimum of a fresh solve,
whatever was asked before."""

import numpy as np
import pytest
import scipy.sparse as sp

from matcher.engine import Options, Program, Start, Variations, solve
from tests.engine.engine_oracle import brute, legal, packing_program, random_program
from tests.volume import daily

PRICES = Options(method="prices")


def two_tiers(seed):
    """Return a random small program that can be varied: two tiers, both maximised."""
    problem = random_program(seed)
    gains = np.resize(problem.gains, (2, problem.n_columns))
    gains = gains if seed % 2 else np.abs(gains)
    return problem.replace(gains=gains, maximise=None)


def varied(problem, barred, served):
    """Return the variation as a program of its own."""
    must = np.zeros(problem.n_groups, dtype=bool)
    if problem.exactly_one is not None:
        must |= problem.exactly_one
    must[served] = True
    before = [] if problem.forbidden is None else [problem.forbidden]
    return problem.replace(forbidden=np.unique(np.concatenate([*before, barred])), exactly_one=must)


def asked(problem, draw):
    """Return columns to bar and groups to serve."""
    barred = draw.integers(0, problem.n_columns, draw.integers(0, 4))
    return np.unique(barred), np.unique(draw.integers(0, problem.n_groups, draw.integers(0, 3)))


@pytest.mark.parametrize("batch", daily(1, range(8)))
def test_a_variation_equals_brute_force(batch):
    """The optimum tier by tier, also where less of the first tier is left than in the program."""
    answered = lower = 0
    for seed in range(9000 + 40 * batch, 9000 + 40 * batch + 40):
        problem = two_tiers(seed)
        answer = solve(problem, PRICES)
        if not answer.has_selection:
            continue
        assert all(tier.proven for tier in answer.tiers)
        variations = Variations.of(problem, Start.after(answer))
        if variations is None:
            continue
        draw = np.random.default_rng(seed)
        for _ in range(4):
            barred, served = asked(problem, draw)
            found = variations.solve(barred, served)
            own = varied(problem, barred, served)
            best = brute(own)
            if found is None:
                continue
            assert best is not None, seed
            assert legal(own, found.selection)
            assert not np.isin(found.selection, barred).any()
            assert tuple(problem.gains[:, found.selection].sum(axis=1)) == found.values
            assert found.values == best, seed
            answered += 1
            lower += best[0] < answer.values[0]
    assert answered > 20
    assert lower > 5


@pytest.mark.parametrize(
    ("seed", "groups", "width"),
    daily(1, [*((seed, 24, 6) for seed in (0, 1, 3, 4, 2)), (1, 30, 8)]),
)
def test_a_variation_equals_a_fresh_solve(seed, groups, width):
    problem = packing_program(seed, groups=groups, width=width, tiers=2)
    answer = solve(problem, PRICES)
    variations = Variations.of(problem, Start.after(answer))
    draw, answered = np.random.default_rng(seed), 0
    for _ in range(6):
        barred, served = asked(problem, draw)
        found = variations.solve(barred, served)
        if found is None:
            continue
        answered += 1
        assert found.values == solve(varied(problem, barred, served), PRICES).values
    assert answered > 3


def test_an_answer_does_not_depend_on_what_was_asked_before():
    problem = packing_program(5, groups=30, width=6, tiers=2)
    start = Start.after(solve(problem, PRICES))
    draw = np.random.default_rng(3)
    questions = [asked(problem, draw) for _ in range(5)]
    one = Variations.of(problem, start)
    forth = [one.solve(*question) for question in questions]
    back = [one.solve(*question) for question in reversed(questions)][::-1]
    alone = [Variations.of(problem, start).solve(*question) for question in questions]
    for first, *others in zip(forth, back, alone, strict=True):
        for other in others:
            assert (first is None) == (other is None)
            if first is not None:
                assert (first.selection == other.selection).all()


def test_a_small_part_of_the_columns_is_enough_to_ask():
    """Columns were taken out since: they are found again by where they went."""
    problem = packing_program(5, groups=40, width=8, tiers=2)
    answer = solve(problem, PRICES)
    kept = np.union1d(np.flatnonzero(answer.losses.loss < 300), answer.selection)
    to = np.full(problem.n_columns, -1)
    to[kept] = np.arange(kept.size)
    part = Program(
        problem.group[kept],
        problem.n_groups,
        problem.gains[:, kept],
        problem.uses[:, kept],
        problem.upper,
    )
    variations = Variations.of(part, Start.after(answer, to))
    same = variations.solve(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    assert same.values == answer.values
    without = variations.solve(to[answer.selection[:1]], np.zeros(0, dtype=np.int64))
    own = varied(part, to[answer.selection[:1]], np.zeros(0, dtype=np.int64))
    assert without.values == solve(own, PRICES).values


def test_what_cannot_be_served_is_not_answered():
    """All columns of a group barred, and the group must be served: there is no selection."""
    problem = packing_program(1, groups=40, width=8, tiers=2)
    variations = Variations.of(problem, Start.after(solve(problem, PRICES)))
    assert variations.solve(np.flatnonzero(problem.group == 7), np.array([7])) is None


def test_only_two_maximised_tiers_can_be_varied():
    problem = packing_program(2, groups=40, width=8, tiers=2)
    start = Start.after(solve(problem, PRICES))
    assert Variations.of(problem, start) is not None
    assert Variations.of(problem.replace(maximise=(True, False)), start) is None
    assert Variations.of(problem.replace(gains=problem.gains[:1]), start) is None
    assert Variations.of(problem, Start(start.prices, start.selection)) is None


def test_numbers_too_large_to_ask_with_are_not_answered():
    """The program itself can be solved; with the penalty on barred columns sums would overflow."""
    gains = np.array([[1] * 8, [at * 2**53 for at in range(1, 9)]])
    problem = Program(
        np.repeat(np.arange(4), 2), 4, gains, sp.csr_array(np.ones((1, 8), dtype=np.int64)),
        np.array([2]),
    )  # fmt: skip
    answer = solve(problem, PRICES)
    assert all(tier.proven for tier in answer.tiers)
    variations = Variations.of(problem, Start.after(answer))
    none = np.zeros(0, dtype=np.int64)
    assert variations is not None
    assert variations.solve(answer.selection[:1], none) is None
