"""The cheapest set of levers for a target, held against all sets that there are."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from matcher import engine
from matcher.again import Resolver, lever_sets
from matcher.cli.asking import target_lines
from matcher.errors import OptionError
from matcher.explain.all_levers import MEASURE, LeveredWeeks, Pull, levered_week, levers_of
from matcher.explain.targets import Target, target
from matcher.explain.telling import Telling
from matcher.problem import Problem
from matcher.records import Caseworker, Course
from matcher.row_kinds import ROW_KINDS
from matcher.solve import solve
from matcher.texts import LANGUAGES
from scenarios.population import Population, problem
from tests.volume import daily
from tests.weeks import citizen, opening, week, workplace

LEVERS = {
    "costs": {
        "measure": 4000, "caseload": 3000, "opening_seats": 5000, "course_seats": 2500,
        "workplace_intake": 1500, "commute": 500,
    },
    "steps": {"commute": 15},
    "most": {"opening_seats": 1, "caseload": 2, "course_seats": 1, "workplace_intake": 1},
}  # fmt: skip
NAMES = tuple(LEVERS["costs"])


def _week(**more: Any) -> Problem:
    """Five people, three openings; one caseworker, a paper and a long way hold them back."""
    return week(
        citizens=[
            citizen("C1", caseworker_id="K1"),
            citizen("C2", caseworker_id="K1"),
            citizen("C3", caseworker_id="K1", max_commute=10),
            citizen("C4", caseworker_id="K1", paper_hygiene="missing"),
            citizen("C5", caseworker_id="K1", category="job_ready"),
        ],
        openings=[
            opening("O1", seats=1, measures=("ordinary",)),
            opening("O2", seats=1, measures=("work_practice",)),
            opening("O3", seats=1, measures=("ordinary",), papers=("hygiene",)),
        ],
        workplaces=[workplace(intake_per_week=3)],
        caseworkers=[Caseworker(caseworker_id="K1", capacity=2)],
        courses=[Course(course_id="H1", paper="hygiene", ready_on="2026-12-01", seats=0)],
        rules={"unlocking": LEVERS},
        **more,
    )


def _all_pulls(problem: Problem) -> Iterator[tuple[Pull, ...]]:
    """Every set of levers there is, by the tables alone; one at most on a citizen's situation."""
    told = problem.policy.unlocking
    choices: list[list[tuple[Pull, ...]]] = []
    for name, kind in ROW_KINDS.items():
        if name in NAMES and kind.capacity:
            step = told.steps.get(name, 1)
            for key in problem[kind.table][kind.key]:
                pulls = [Pull(name, key, n, n * step, n * told.costs[name])
                         for n in range(1, told.most[name] + 1)]  # fmt: skip
                choices.append([(), *((pull,) for pull in pulls)])
    choices += [
        [(), (Pull(MEASURE, about, 1, 1, told.costs["measure"]),)]
        for about in ("O1/work_practice",)
    ]
    choices.append([(), (Pull("commute", "C3", 1, 15, 500),)])
    for one in itertools.product(*choices):
        yield tuple(itertools.chain.from_iterable(one))


def _placed(problem: Problem, pulls: tuple[Pull, ...]) -> int:
    return len(solve(levered_week(problem, pulls)).plan.placements)


@pytest.fixture(scope="module")
def asked() -> tuple[Problem, Resolver]:
    problem = _week()
    return problem, Resolver(solve(problem))


@pytest.mark.parametrize("wanted", daily(1, [4, 3]))
def test_no_set_is_cheaper_than_the_cheapest(asked: tuple[Problem, Resolver], wanted: int) -> None:
    """By solving the week of every set that costs less; the way itself places as many."""
    problem, resolver = asked
    found = target(resolver, placements=wanted, levers=NAMES)
    assert found.base < wanted
    assert found.reached
    assert found.best.proven
    assert found.best.cost == sum(pull.cost for pull in found.best.pulls)
    assert _placed(problem, found.best.pulls) == found.best.placements >= wanted
    cheap = [one for one in _all_pulls(problem)
             if sum(pull.cost for pull in one) < found.best.cost]  # fmt: skip
    assert len(cheap) > 10
    # Who pulls more places no fewer: sets that are in another need not be asked.
    largest = [one for one in cheap if not any(_within(one, other) for other in cheap)]
    assert all(_placed(problem, one) < wanted for one in largest)


def _within(one: tuple[Pull, ...], other: tuple[Pull, ...]) -> bool:
    there = {(pull.lever, pull.about): pull.times for pull in other}
    return one != other and all(
        there.get((pull.lever, pull.about), 0) >= pull.times for pull in one
    )


def test_the_runner_up_does_without_a_lever_and_is_the_next_best(
    asked: tuple[Problem, Resolver],
) -> None:
    """Not the best with something more; and nothing between the two."""
    problem, resolver = asked
    found = target(resolver, placements=3, levers=NAMES)
    second = found.runner_up
    assert second is not None
    assert second.proven
    assert second.cost >= found.best.cost
    assert _placed(problem, second.pulls) >= 3
    assert not _within(found.best.pulls, second.pulls)
    between = [
        one for one in _all_pulls(problem)
        if sum(pull.cost for pull in one) < second.cost
        and {*one} != {*found.best.pulls} and not _within(found.best.pulls, one)
    ]  # fmt: skip
    largest = [one for one in between if not any(_within(one, other) for other in between)]
    assert all(_placed(problem, one) < 3 for one in largest)


def test_money_buys_what_no_dearer_target_needs(asked: tuple[Problem, Resolver]) -> None:
    """The most for the price of a target is that target; for a krone less it is not."""
    _, resolver = asked
    price = target(resolver, placements=4, levers=NAMES, runner_up=False).best.cost
    enough = target(resolver, money=price, levers=NAMES, runner_up=False)
    assert (enough.best.placements, enough.best.cost, enough.best.proven) == (4, price, True)
    less = target(resolver, money=price - 1, levers=NAMES, runner_up=False)
    assert less.best.placements < 4
    assert less.best.cost < price
    nothing = target(resolver, money=0, levers=NAMES, runner_up=False)
    assert (nothing.best.pulls, nothing.best.placements) == ((), nothing.base)


def test_where_many_columns_are_open_the_cheapest_set_is_the_same() -> None:
    """From a dear set and a bound that says next to nothing: every column is open then."""
    resolver = Resolver(solve(problem(Population(citizens=120, openings=24, seed=5))))
    weeks = LeveredWeeks(resolver, levers_of(resolver.solution.problem.policy))
    wanted = len(resolver.solution.plan.placements) + 6
    asked = lever_sets._Asked(lever_sets._undercut(weeks.all), wanted, None)
    usual, _ = asked.answer()
    assert usual is not None
    assert usual.proven
    program, rough = asked.program, asked._rough()
    dear = engine.solve(program.replace(gains=program.gains[:1])).selection
    weight = 1.0 - float(program.gains[1].sum())
    losses = engine.Losses(weight, weight * wanted, np.zeros(program.n_columns))
    again = asked._settled(rough, losses, dear, wanted)
    assert asked._cost(dear) > usual.cost
    assert (again.people, again.cost, again.proven) == (usual.people, usual.cost, True)
    every = np.arange(program.n_columns)
    linked = asked._by_person(program, every, losses)
    assert linked.n_rows > program.n_rows
    held = linked.uses @ np.isin(every, rough.selection).astype(np.int64)
    assert (held <= linked.upper).all(), "no set of whole levers breaks a person's row"


def test_a_target_out_of_reach_says_how_far_it_goes(asked: tuple[Problem, Resolver]) -> None:
    """And one that is reached already needs nothing."""
    problem, resolver = asked
    found = target(resolver, placements=50, levers=NAMES, runner_up=False)
    assert not found.reached
    assert found.best.proven
    everything = max((_placed(problem, one), len(one)) for one in _most(problem))[0]
    assert found.best.placements == everything
    here = target(resolver, placements=found.base, levers=NAMES)
    assert here.best.pulls == ()
    assert here.runner_up is None


def _most(problem: Problem) -> list[tuple[Pull, ...]]:
    every = list(_all_pulls(problem))
    most = max(sum(pull.times for pull in one) for one in every)
    return [one for one in every if sum(pull.times for pull in one) >= most]


def test_only_the_levers_that_may_be_pulled_are(asked: tuple[Problem, Resolver]) -> None:
    """A lever that the policy does not price is refused with those it does."""
    _, resolver = asked
    few = ["opening_seats", "caseload"]
    found = target(resolver, placements=4, levers=few, runner_up=False)
    assert {pull.lever for pull in found.best.pulls} == {"caseload", "opening_seats"}
    assert set(found.levers) == {"caseload", "opening_seats"}
    with pytest.raises(OptionError, match="oral_skills"):
        target(resolver, placements=4, levers=["oral_skills"])
    with pytest.raises(OptionError, match="one of the two"):
        target(resolver, placements=4, money=4)
    assert "commute" in levers_of(resolver.solution.problem.policy)


@pytest.mark.parametrize("language", ["en", "da"])
def test_an_answer_is_told(asked: tuple[Problem, Resolver], language: Any) -> None:
    """With every lever, its price, and that it is proven."""
    problem, resolver = asked
    found: Target = target(resolver, placements=4, levers=NAMES, runner_up=False)
    say = Telling(problem, language)
    head, lines = say.target(found), say.pulls(found.best.pulls)
    assert say("target.proven") in head
    assert say.whole(found.best.cost) in head
    assert len(lines) == len({p.lever if p.own else (p.lever, p.about) for p in found.best.pulls})


def test_another_way_that_costs_as_little_is_not_called_the_next_best(
    asked: tuple[Problem, Resolver],
) -> None:
    """A tie is said to be one, in both languages; a dearer way is the next best."""
    problem, resolver = asked
    found = target(resolver, placements=3, levers=NAMES)
    second = found.runner_up
    assert second is not None
    for language in LANGUAGES:
        say = Telling(problem, language)
        for more in (0, 7):
            other = replace(second, cost=found.best.cost + more)
            lines = target_lines(replace(found, runner_up=other), say)
            cost = say.whole(other.cost)
            assert (say("target.ties", cost=cost) in lines) == (more == 0)
            assert (say("target.runner_up", cost=cost, more="7") in lines) == (more == 7)
