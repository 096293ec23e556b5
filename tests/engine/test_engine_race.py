"""A limit is used; a direct solver beside the method: where it runs, and that none is believed."""

import time
from typing import ClassVar

import numpy as np
import pytest

from benchmarks.engine.formats import gap_program, make_gap, make_refugees
from matcher.engine import (
    SOLVERS,
    Ability,
    Options,
    Outcome,
    Solver,
    Solvers,
    Start,
    Status,
    StopReason,
    Switches,
    Task,
    register_solver,
    solve,
)
from matcher.engine.method import knapsack_method, race
from matcher.engine.solvers import apart
from matcher.engine.solvers.apart import Apart
from tests.engine.engine_oracle import model_of

KNOTTY = gap_program(*make_gap("c", 5, 60, 1))
"""Filled row by row; its optimum is 1128."""
OPTIMUM = 1128
KNOTTIER = gap_program(*make_gap("d", 5, 30, 1))
LITTLE = 0.002
"""Work that leaves the method far from a proof."""


def whole(problem):
    """Return it as a solver takes it; the least cost is the most of what is saved."""
    return model_of(problem, -problem.gains[0])


class Liar(Solver):
    """Claims whatever it is told to claim, at once."""

    name = "liar"
    can = Ability.INTEGER
    claim: ClassVar[tuple[Status, float]]

    def run(self, model, task, stopping):
        status, bound = self.claim
        x = np.zeros(model.gain.size) if status is Status.OPTIMAL else None
        return Outcome(status, x, bound)


@pytest.fixture
def liar():
    before = dict(SOLVERS)
    register_solver(Liar())
    yield Liar
    SOLVERS.clear()
    SOLVERS.update(before)


@pytest.fixture(scope="module")
def dearest():
    """The selection that costs most."""
    return solve(KNOTTY.replace(maximise=(True,)), Options(gap=0.05)).selection


@pytest.mark.parametrize(
    ("status", "bound"),
    [
        (Status.OPTIMAL, -1000.0),
        (Status.LIMIT, -5000.0),
        (Status.INFEASIBLE, float("inf")),
    ],
)
def test_a_rival_that_lies_proves_nothing(liar, dearest, status, bound):
    """A selection that serves nobody, a bound no selection keeps to, an infeasibility."""
    liar.claim = (status, bound)
    options = Options(method="prices", work=LITTLE, solvers=Solvers(integer="liar"))
    answer = solve(KNOTTY, options, start=Start(selection=dearest))
    assert answer.tiers[0].bound <= OPTIMUM <= answer.values[0]
    assert not answer.tiers[0].proven or answer.values == (OPTIMUM,)


@pytest.mark.thorough
def test_on_one_core_and_on_two_the_answer_is_the_same(monkeypatch):
    """Without a clock, where the method comes to the end of its limits first."""
    said = []
    monkeypatch.setattr(knapsack_method, "_LEAST_PARTS", 1)
    for two in (True, False):
        monkeypatch.setattr(race, "can_run_apart", lambda two=two: two)
        quick = Switches(neighbourhood=False)
        answer = solve(KNOTTIER, Options(method="prices", work=LITTLE, switches=quick))
        assert any("highs on 150 columns" in step for step in answer.steps), answer.steps
        said.append((answer.values, answer.tiers, answer.selection.tolist(), answer.steps))
    assert said[0] == said[1]


def test_another_process_says_what_this_one_says():
    """The same model, the same bound and values of the columns."""
    model = whole(gap_program(*make_gap("c", 3, 20, 1)))
    task = Task(integer=True, absolute_gap=0.999)
    here = SOLVERS["highs"].solve(model, task)
    there = Apart("highs", model, task)
    assert there.done.wait(60)
    assert there.outcome.status == here.status == Status.OPTIMAL
    assert there.outcome.bound == pytest.approx(here.bound)
    assert np.array_equal(there.outcome.x, here.x)
    there.end()


def test_another_process_is_ended_at_any_time():
    """HiGHS would go on for minutes; what failed or was ended has said nothing."""
    there = Apart("highs", whole(gap_program(*make_gap("d", 10, 200, 1))), Task(integer=True))
    assert there.outcome is None
    there.end()
    assert there.done.wait(10)
    assert there.outcome is None
    nobody = Apart("no such solver", whole(KNOTTY), Task(integer=True))
    assert nobody.done.wait(60)
    assert nobody.outcome is None
    nobody.end()


def test_nothing_runs_on_when_a_solve_is_over(monkeypatch):
    """Whoever was first, and however it ended."""
    begun = []

    class Watched(Apart):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            begun.append(self)

    monkeypatch.setattr(race, "Apart", Watched)
    monkeypatch.setattr(race, "can_run_apart", lambda: True)
    answer = solve(KNOTTY, Options(method="prices", seconds=30.0))
    assert answer.values == (OPTIMUM,)
    assert answer.termination.reason is StopReason.OPTIMAL
    assert len(begun) == 1
    assert begun[0].done.wait(10)
    off = Options(method="prices", seconds=30.0, switches=Switches(race=False))
    assert solve(KNOTTY, off).values == (OPTIMUM,)
    assert len(begun) == 1


def test_one_core_is_not_two(monkeypatch):
    if hasattr(apart.os, "sched_getaffinity"):
        monkeypatch.setattr(apart.os, "sched_getaffinity", lambda _: {0})
    monkeypatch.setattr(apart.os, "cpu_count", lambda: 1)
    assert not apart.can_run_apart()


@pytest.mark.parametrize(("kind", "agents", "jobs"), [("d", 10, 100), ("e", 20, 200)])
def test_a_limit_is_used(kind, agents, jobs):
    """No answer comes with a gap of 1 % in the first tenth of its limit."""
    began = time.perf_counter()
    answer = solve(gap_program(*make_gap(kind, agents, jobs, 1)), Options(seconds=1.0))
    spent = time.perf_counter() - began
    assert answer.has_selection
    assert answer.gap < 0.01 or spent >= 0.1
    assert answer.termination.reason is StopReason.OPTIMAL or spent >= 0.8


@pytest.mark.parametrize("ages", [1, 3])
def test_gains_of_nine_digits_are_proven_to_the_unit(ages):
    """Cases of several persons: by guesses near the bound, and by CP-SAT on all columns."""
    problem = make_refugees(60, 8, ages, 1)
    answer = solve(problem, Options(method="prices"))
    exact = Options(method="direct", solvers=Solvers(integer="cp_sat"))
    assert answer.termination.reason is StopReason.OPTIMAL
    assert answer.values == solve(problem, exact).values
    assert answer.values[0] > 10**9
