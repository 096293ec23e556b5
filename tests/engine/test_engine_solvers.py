"""Solvers: a new one is one class, and none is believed."""

from typing import ClassVar

import numpy as np
import pytest

from matcher.engine import (
    SOLVERS,
    Ability,
    BackendError,
    OptionError,
    Options,
    Outcome,
    Solver,
    Solvers,
    Start,
    Status,
    StopReason,
    register_solver,
    solve,
)
from tests.engine.engine_oracle import brute, packing_program, program


class Liar(Solver):
    """Claims whatever it is told to claim, of its first column or of none."""

    name = "liar"
    can = Ability.INTEGER | Ability.EXACT
    claim: ClassVar[tuple[Status, tuple[int, ...] | None, float]]

    def run(self, model, task, stopping):
        status, columns, bound = self.claim
        x = None
        if columns is not None:
            x = np.zeros(model.gain.size)
            x[[column for column in columns if column < x.size]] = 1.0
        return Outcome(status, x, bound)


class Silent(Solver):
    """Comes to no end."""

    name = "silent"
    can = Ability.INTEGER | Ability.EXACT

    def run(self, model, task, stopping):
        return Outcome(Status.LIMIT)


class Careful(Solver):
    """Passes every question on, and counts them."""

    name = "careful"
    can = Ability.INTEGER
    asked = 0

    def run(self, model, task, stopping):
        self.asked += 1
        return SOLVERS["highs"].solve(model, task)


@pytest.fixture
def registered():
    """Solvers of a test, gone after it."""
    before = dict(SOLVERS)
    register_solver(Liar())
    register_solver(Careful())
    register_solver(Silent())
    yield SOLVERS
    SOLVERS.clear()
    SOLVERS.update(before)


THREE_OF_FOUR = ([0, 1, 2, 3], [10, 10, 10, 9], [[2, 2, 2, 2]], [7])
"""Three fit (7 // 2): the optimum is 30."""


def test_a_new_solver_is_one_class(registered):
    """Chosen by name, asked, and its answer is the answer."""
    problem = packing_program(1, groups=6, width=3, rows=3)
    usual = solve(problem, Options(method="direct"))
    own = solve(problem, Options(method="direct", solvers=Solvers(integer="careful")))
    assert registered["careful"].asked >= problem.n_tiers
    assert own.values == usual.values
    assert own.termination.reason is StopReason.OPTIMAL


@pytest.mark.parametrize("method", ["direct", "prices"])
@pytest.mark.parametrize(
    ("status", "bound"),
    [(Status.OPTIMAL, 10.0), (Status.LIMIT, 10.0), (Status.INFEASIBLE, float("inf"))],
)
def test_a_bound_below_what_is_known_proves_nothing(registered, method, status, bound):
    """The start is worth 19: no bound of 10, no infeasibility can be true."""
    Liar.claim = (status, (0,) if status is Status.OPTIMAL else None, bound)
    liars = Solvers(integer="liar", exact="liar")
    start = Start(selection=np.array([0, 3]))
    answer = solve(program(*THREE_OF_FOUR), Options(method=method, solvers=liars), start=start)
    assert answer.tiers[0].bound >= 30
    assert not answer.tiers[0].proven or answer.values == (30,)
    if method == "direct":
        assert any("ruled out a selection that is legal" in step for step in answer.steps)


def test_a_value_that_its_selection_does_not_have_is_no_proof(registered):
    """Two columns are worth 20, whatever is claimed of them."""
    Liar.claim = (Status.OPTIMAL, (0, 1), 1000.0)
    liars = Solvers(integer="liar", exact="liar")
    answer = solve(program(*THREE_OF_FOUR), Options(method="direct", solvers=liars))
    assert answer.values == (20,)
    assert answer.termination.reason is StopReason.FEASIBLE
    assert answer.tiers[0].bound >= 30


def test_a_selection_that_breaks_a_row_is_solved_again_in_whole_numbers(registered):
    """All four columns use 8 of 7."""
    Liar.claim = (Status.OPTIMAL, (0, 1, 2, 3), 39.0)
    options = Options(method="direct", solvers=Solvers(integer="liar"))
    answer = solve(program(*THREE_OF_FOUR), options)
    assert answer.values == (30,)
    assert any("broke a row" in step for step in answer.steps)
    both = Solvers(integer="liar", exact="liar")
    with pytest.raises(BackendError, match="breaks a row"):
        solve(program(*THREE_OF_FOUR), Options(method="direct", solvers=both))


def test_an_infeasibility_is_checked_in_whole_numbers(registered):
    """Nothing is known before the first solve: the exact solver is asked whether it is true."""
    Liar.claim = (Status.INFEASIBLE, None, float("inf"))
    options = Options(method="direct", solvers=Solvers(integer="liar"))
    must = program(*THREE_OF_FOUR[:3], [8], exactly_one=np.ones(4, dtype=bool))
    with pytest.raises(BackendError, match="infeasible; it is not"):
        solve(must, options)


def test_that_nothing_is_better_is_asked_of_two(registered):
    """A start worth 29 of 30, and a solver that rules out what is better; the exact one finds it.

    Where that one comes to no end, so does a second of the first one's kind; where none does,
    nothing is proven; where prices alone bound it, nobody is asked.
    """
    Liar.claim = (Status.INFEASIBLE, None, float("inf"))
    start = Start(selection=np.array([1, 2, 3]))
    options = Options(method="closing", solvers=Solvers(integer="liar"))
    answer = solve(program(*THREE_OF_FOUR), options, start=start)
    assert answer.values == (30,)
    assert any("ruled out a selection that is legal" in step for step in answer.steps)
    options = Options(method="closing", solvers=Solvers(integer="liar", exact="silent"))
    answer = solve(program(*THREE_OF_FOUR), options, start=start)
    assert answer.values == (30,)
    assert any("ruled out a selection that is legal" in step for step in answer.steps)
    alone = Solvers(integer="liar", exact="silent", second="silent")
    options = Options(method="closing", solvers=alone)
    answer = solve(program(*THREE_OF_FOUR), options, start=start)
    assert answer.values == (29,)
    assert answer.termination.reason is StopReason.FEASIBLE
    assert any("one solver alone" in step for step in answer.steps)
    full = program(*THREE_OF_FOUR[:3], [6])
    best = solve(full, options, start=Start(selection=np.array([0, 1, 2])))
    assert best.termination.reason is StopReason.OPTIMAL


@pytest.mark.parametrize("seed", [21, 28, 30])
def test_of_targets_ruled_out_by_one_solver_alone_the_answer_says_so(registered, seed):
    """Whatever is asked for near the bound is ruled out, and nobody else comes to an end.

    Nothing false is proven by it: of 28 and 30 a better selection exists.
    """
    Liar.claim = (Status.INFEASIBLE, None, float("inf"))
    problem = packing_program(seed, groups=6, width=3, rows=3)
    options = Options(method="prices", solvers=Solvers(integer="liar", exact="silent"))
    answer = solve(problem, options)
    assert any("liar alone says so" in step for step in answer.steps)
    right = answer.values == brute(problem)
    assert right == (seed == 21)
    assert right or answer.termination.reason is StopReason.FEASIBLE


def test_a_solver_is_chosen_for_what_it_can_do():
    with pytest.raises(OptionError, match=r"solvers.exact = 'highs', expected one of cp_sat"):
        Solvers(exact="highs")
    with pytest.raises(OptionError, match=r"solvers.integer = 'gurobi', expected one of highs"):
        Solvers(integer="gurobi")


@pytest.mark.parametrize("integer", ["scip", "cp_sat"])
def test_whichever_integer_solver_finds_the_same_values(integer):
    problem = packing_program(2, groups=6, width=3, rows=3)
    chosen = Options(method="prices", solvers=Solvers(integer=integer))
    assert solve(problem, chosen).values == solve(problem, Options(method="prices")).values
