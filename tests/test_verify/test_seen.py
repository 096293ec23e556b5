"""What was checked before is looked up only where all that it rests on is the very same."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import pytest

import matcher.verify as checking
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.verify import verify
from matcher.verify.facts import Facts
from tests.test_verify.lawful import CLASS, PLAIN
from tests.test_verify.world import World, named


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Placements whose rules were compared, one after another."""
    seen: list[str] = []

    def noted(case, rules=checking.broken_rules):
        seen.append(case.where)
        return rules(case)

    monkeypatch.setattr(checking, "broken_rules", noted)
    return seen


def fresh(world: World) -> Problem:
    """The week with a table of citizens that nobody has checked yet."""
    problem = world.problem()
    return problem.with_tables(citizens=problem["citizens"].copy())


def test_under_another_budget_no_rule_is_compared_again_but_the_row_is(checked: list[str]) -> None:
    problem, plan = fresh(PLAIN), PLAIN.plan()
    assert verify(problem, plan) == ()
    money = problem.policy.money.model_copy(update={"budgets": {"mentors": 1}})
    poorer = problem.replace(policy=problem.policy.model_copy(update={"money": money}))
    assert verify(poorer, plan) == ()
    assert checked == ["C1 at O1"]


def test_under_another_floor_of_fit_everything_is(checked: list[str]) -> None:
    problem, plan = fresh(PLAIN), PLAIN.plan()
    assert verify(problem, plan) == ()
    fit = problem.policy.fit.model_copy(update={"floor": 1001})
    stricter = problem.replace(policy=problem.policy.model_copy(update={"fit": fit}))
    assert [one.rule for one in verify(stricter, plan)] == ["fit_floor"]
    assert checked == ["C1 at O1"] * 2


def test_a_class_that_is_full_now_is_found(checked: list[str]) -> None:
    problem, plan = fresh(CLASS), CLASS.plan()
    assert verify(problem, plan) == ()
    full = problem.with_tables(teams=problem["teams"].assign(seats=0))
    assert "language_class" in [one.rule for one in verify(full, plan)]
    assert len(checked) == 2


def test_more_room_elsewhere_compares_no_rule_again(checked: list[str]) -> None:
    problem, plan = fresh(CLASS), CLASS.plan()
    assert verify(problem, plan) == ()
    changed = {name: problem[name].assign(seats=problem[name]["seats"] + 3)
               for name in ("openings", "teams")}  # fmt: skip
    assert verify(problem.with_tables(**changed), plan) == ()
    assert checked == ["C1 at O1"]


@pytest.mark.parametrize(
    ("table", "changed", "rule"),
    [
        ("openings", {"seats": 0}, "opening_full"),
        ("openings", {"age_min": 70}, "age_min"),
        ("workplaces", {"postcode": "8999"}, "commute"),
    ],
)
def test_an_opening_or_workplace_that_says_something_else_is_checked_again(
    checked: list[str], table: str, changed: dict[str, object], rule: str
) -> None:
    problem, plan = fresh(PLAIN), PLAIN.plan()
    assert verify(problem, plan) == ()
    other = problem.with_tables(**{table: problem[table].assign(**changed)})
    assert rule in [one.rule for one in verify(other, plan)]
    assert checked == ["C1 at O1"] * 2


def test_a_placement_that_says_something_else_is_checked_again(checked: list[str]) -> None:
    problem, plan = fresh(PLAIN), PLAIN.plan()
    assert verify(problem, plan) == ()
    (one,) = plan.placements
    later = replace(plan, placements=(replace(one, commute=21),))
    assert named(verify(problem, later)) == [("value", "C1 at O1: commute", 21, 20)]
    one.components["measure"] = 999  # in place
    assert named(verify(problem, plan)) == [("value", "C1 at O1: components.measure", 999, 1000)]
    one.components["measure"] = 1000
    assert len(checked) == 3


def test_what_was_wrong_is_told_again() -> None:
    problem, plan = fresh(PLAIN), PLAIN.plan()
    (one,) = plan.placements
    wrong = replace(plan, placements=(replace(one, minutes=60),))
    assert verify(problem, wrong) == verify(problem, wrong) != ()


def test_weeks_that_were_tried_are_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[weakref.ref[Facts]] = []

    def noted(problem: Problem, plan: Plan) -> Facts:
        facts = Facts(problem, plan)
        read.append(weakref.ref(facts))
        return facts

    monkeypatch.setattr(checking, "Facts", noted)
    problem, plan = fresh(PLAIN), PLAIN.plan()
    assert verify(problem, plan) == ()
    for youngest in range(15, 30):
        openings = problem["openings"].assign(age_min=youngest)
        assert verify(problem.with_tables(openings=openings), plan) == ()
    gc.collect()
    assert len(read) == 16
    assert 1 < sum(one() is not None for one in read) <= 8
    assert read[0]() is not None
