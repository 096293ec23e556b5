"""A week under other aims: goals in any order, limits on them, offers and rows left out."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from matcher import engine
from matcher.again import Resolver
from matcher.errors import ClashError, OptionError
from matcher.objectives import Objectives, aimed, gain_of, group_goals, group_of
from matcher.records import Lock, MentorPool
from matcher.solve import Solution, solve
from matcher.verify import verify
from scenarios.population import Population, problem
from tests.volume import daily
from tests.weeks import citizen, opening, week, workplace


def values(solution: Solution) -> dict[str, int]:
    assert solution.plan.proven
    assert verify(solution.problem, solution.plan) == ()
    return {tier.name: tier.value for tier in solution.plan.tiers}


@pytest.fixture(scope="module")
def three() -> Solution:
    """C1 needs a mentor (4 hours at 320 DKK), C2 and C3 do not; C3 has less of a fit.

    Two seats at O1 and one at O2, which asks for nothing: all three are placed.
    """
    return solve(
        week(
            [
                citizen("C1", mentor_hours=4, wishes="9112"),
                citizen("C2", category="job_ready", wishes="9112"),
                citizen("C3", category="job_ready"),
            ],
            [opening("O1", seats=2), opening("O2")],
            [workplace("W1", ordinary_staff=40)],
            mentor_pools=[MentorPool(pool_id="P1", hours=10)],
        )
    )


def test_at_most_k_people_gives_exactly_k_with_the_best_fit(three: Solution) -> None:
    """Of three, the one who is left out first is C3, whose wish is not met."""
    fits = {p.citizen_id: p.fit for p in three.plan.placements}
    assert fits["C3"] < fits["C1"]
    assert fits["C3"] < fits["C2"]
    again = Resolver(three).aimed(Objectives(("people", "fit", "tie_break"), {"people": 2}))
    assert [p.citizen_id for p in again.plan.placements] == ["C1", "C2"]
    assert values(again)["people"] == 2
    assert again.plan.provenance["aim"]["at_most"] == {"people": 2}


def test_cost_is_kept_low_after_the_people(three: Solution) -> None:
    """Two people cost nothing when C1 is not among them; three cost C1's mentor, 4 x 320 DKK."""
    two = Resolver(three).aimed(Objectives(("people", "cost"), {"people": 2}))
    assert values(two) == {"people": 2, "cost": 0}
    assert "C1" not in [p.citizen_id for p in two.plan.placements]
    assert values(Resolver(three).aimed(Objectives(("people", "cost")))) == {
        "people": 3,
        "cost": 1280,
    }
    free = Resolver(three).aimed(Objectives(("people", "fit"), {"cost": 1279}))
    assert values(free)["people"] == 2


def test_a_group_may_come_first_and_be_limited(three: Solution) -> None:
    """Two are job-ready; with none of the others, two are placed in all."""
    group, others = group_goals("category", "jobparat")
    assert group == "people[category=job_ready]"
    assert group_of(others) == ("category", "job_ready", False)
    assert values(Resolver(three).aimed(Objectives((group, "people"), {others: 0}))) == {
        group: 2,
        "people": 2,
    }
    assert values(Resolver(three).aimed(Objectives(("people", "fit"), {group: 0})))["people"] == 1


def test_a_higher_floor_of_fit_leaves_offers_out_but_keeps_locks(three: Solution) -> None:
    """Above everybody's fit nobody is placed; a locked one stays."""
    assert values(Resolver(three).aimed(Objectives(fit_floor=1000)))["placements"] == 0
    locked = solve(three.problem.with_tables(
        locks=week(locks=[Lock(citizen_id="C3", opening_id="O2")])["locks"]
    ))  # fmt: skip
    assert values(Resolver(locked).aimed(Objectives(fit_floor=1000)))["placements"] == 1
    with pytest.raises(ClashError, match="under this aim"):
        Resolver(locked).aimed(Objectives(at_most={"people": 0})).plan.need_plan()


def test_rows_may_be_left_out() -> None:
    """No DKK for mentors: C1 is left over, unless budgets are set aside."""
    poor = solve(
        week(
            [citizen("C1", mentor_hours=4)],
            mentor_pools=[MentorPool(pool_id="P1", hours=10)],
            rules={"money": {"budgets": {"mentors": 1000}}},
        )
    )
    assert poor.plan.value("placements") == 0
    rich = Resolver(poor).aimed(Objectives(("people", "cost"), without=("budget",)))
    assert rich.plan.value("people") == 1
    # The check holds the plan against the week as it is, and the budget is not kept.
    assert [v.rule for v in verify(rich.problem, rich.plan)] == ["budget"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"goals": ("people", "speed")}, "unknown goal 'speed': expected one of|unknown goal"),
        ({"goals": ()}, r"goals \(none\): expected each once"),
        ({"goals": ("fit", "fit")}, "goals fit, fit: expected each once"),
        ({"at_most": {"people": -1}}, "at most -1 of people: expected 0 or more"),
        ({"at_most": {"people[oral]": 1}}, "unknown goal"),
    ],
)
def test_an_aim_that_cannot_be_is_refused(fields: dict[str, object], says: str) -> None:
    """With the goal and what was expected."""
    with pytest.raises(OptionError, match=says):
        Objectives(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(("column", "value"), [("gender", "women"), ("category", "tall")])
def test_groups_are_those_a_policy_may_name(column: str, value: str) -> None:
    """The optimiser never sees groups of the audit."""
    with pytest.raises(OptionError, match=f"group {column}={value}"):
        group_goals(column, value)


def test_a_wrong_value_of_another_goal_is_caught(three: Solution) -> None:
    """The independent check recomputes every goal, and its bound has a side."""
    plan = Resolver(three).aimed(Objectives(("people", "cost"))).plan
    people, cost = plan.tiers
    wrong = replace(cost, value=1279, bound=1279)
    (found,) = verify(three.problem, replace(plan, tiers=(people, wrong)))
    assert (found.where, found.value, found.limit) == ("tier cost", 1279, 1280)
    above = replace(cost, bound=1281, proven=False)
    open_plan = replace(plan, tiers=(people, above), termination="feasible")
    assert [v.where for v in verify(three.problem, open_plan)] == ["tier cost: bound"]


@pytest.mark.parametrize("seed", daily(2, range(4)))
def test_small_weeks_against_brute_force(seed: int) -> None:
    """Every choice of at most one offer per citizen that keeps the rows, counted out."""
    solution = solve(problem(Population(citizens=30, openings=6, seed=seed)))
    book, program = solution.book, solution.model.program
    own = [np.flatnonzero(program.group == i)[:3].tolist() for i in range(program.n_groups)]
    choices = [offers for offers in own if offers][:6]
    assert choices
    cost, fit = gain_of("cost", book, solution.model), program.gains[1]
    best: dict[int, tuple[int, int]] = {}
    for picked in itertools.product(*[(None, *offers) for offers in choices]):
        chosen = np.array([at for at in picked if at is not None], dtype=np.int64)
        used = np.asarray(program.uses[:, chosen].sum(axis=1)).reshape(-1)
        if (used <= program.upper).all():
            low, high = best.get(len(chosen), (10**9, -1))
            best[len(chosen)] = (
                min(low, int(cost[chosen].sum())),
                max(high, int(fit[chosen].sum())),
            )
    # Only the first offers of six citizens are counted out: the others are forbidden.
    kept = {at for offers in choices for at in offers}
    others = np.setdiff1d(np.arange(program.n_columns), list(kept))
    for k, (low, high) in best.items():
        for goal, value in (("cost", low), ("fit", high)):
            model = aimed(book, solution.model, Objectives(("people", goal), {"people": k}))
            answer = engine.solve(model.program.replace(forbidden=others))
            assert answer.values == (k, value)
