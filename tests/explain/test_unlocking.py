"""What would help: each change told is made in the tables and the week solved afresh."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from matcher.again import Resolver
from matcher.explain import Step, Unlocked, lever_gains, unlocking
from matcher.explain.counterfactuals import LEVERS, changed_week, person_levers, pulled, step_of
from matcher.explain.moving import changed_offers, municipal, solved
from matcher.explain.unlocking import without_place
from matcher.offers import build_offers
from matcher.policy.practice import OWN_LEVERS
from matcher.problem import Problem
from matcher.records import Citizen, Course, Lock, MentorPool
from matcher.solve import solve
from tests.explain.replay import (
    SEEDS,
    Formulated,
    afresh,
    base,
    can_be,
    formulated,
    more_of,
    placed,
    small_week,
    solved_week,
)
from tests.volume import daily
from tests.weeks import citizen, opening, policy, team, week, workplace

ROWS = {"opening_seats", "team_seats", "mentor_hours", "course_seats", "budget", "caseload",
        "workplace_intake"}  # fmt: skip
"""Levers on a row of the model."""


def test_every_lever_of_the_policy_on_somebodys_own_situation_can_be_pulled() -> None:
    """And no other; that an employer takes another measure is the employer's."""
    assert (*LEVERS, "measure") == OWN_LEVERS


@cache
def told(seed: int) -> tuple[Unlocked, ...]:
    return unlocking(Resolver(solved_week(seed)), solves=20)


def changed(problem: Problem, who: str, steps: tuple[Step, ...]) -> Problem:
    """The week with the steps made in its tables."""
    for step in steps:
        if step.lever == "measure":
            place, measure = step.about.split("/")
            frame = problem["openings"].copy()
            at = frame["opening_id"] == place
            frame.loc[at, "measures"] = ";".join(
                sorted({*frame.loc[at, "measures"].iloc[0].split(";"), measure})
            )
            problem = problem.with_tables(openings=frame)
        elif step.lever in ROWS:
            units = step.amount * (60 if step.lever == "mentor_hours" else 1)
            problem = more_of(problem, step.lever, step.about, units)
        else:
            ids = problem["citizens"]["citizen_id"].tolist()
            name = f"paper:{step.about}" if step.lever == "paper" else step.lever
            problem = changed_week(problem, [ids.index(who)], [name])
    return problem


@pytest.mark.parametrize(("seed", "most"), daily(1, [(2, 3), *((seed, 8) for seed in SEEDS)]))
def test_every_change_told_places_him_and_takes_nobodys_place(seed: int, most: int) -> None:
    """Afresh, with him and everybody placed before made to be placed: one more than before."""
    solution = solved_week(seed)
    before = placed(solution)
    count = 0
    for one in told(seed)[:most]:
        for unlock in (*one.singles[:2], *one.pairs[:1]):
            value = afresh(
                changed(small_week(seed), one.citizen_id, unlock.steps),
                before | {one.citizen_id},
            )
            assert value is not None, unlock
            assert value[0] == base(solution)[0] + 1
            assert unlock.cost == sum(step.cost for step in unlock.steps)
            count += 1
        costs = [unlock.cost for unlock in one.singles]
        assert costs == sorted(costs)
    assert count


@pytest.mark.parametrize(("seed", "most"), daily(1, [(2, 1), *((seed, 3) for seed in SEEDS)]))
def test_every_single_change_of_his_situation_that_works_is_known(seed: int, most: int) -> None:
    """Every lever pulled in the tables, solved afresh."""
    solution = solved_week(seed)
    before = placed(solution)
    for one in told(seed)[:most]:
        assert not one.unsettled
        ids = small_week(seed)["citizens"]["citizen_id"].tolist()
        at = ids.index(one.citizen_id)
        must = before | {one.citizen_id}
        as_it_is = can_be(formulated(small_week(seed)), must)
        for lever in person_levers(small_week(seed).policy):
            again = changed_week(small_week(seed), [at], [lever])
            same = again["citizens"].equals(small_week(seed)["citizens"])
            works = as_it_is if same else can_be(formulated(again), must)
            assert (lever in one.alone) == works, (one.citizen_id, lever)


@pytest.mark.parametrize(("seed", "most"), daily(1, [(2, 1), *((seed, 2) for seed in SEEDS[:2])]))
def test_openings_that_a_lever_opens_are_counted_afresh(seed: int, most: int) -> None:
    """Openings with an offer in the changed week and none in the week."""
    problem = small_week(seed)
    ids = problem["citizens"]["citizen_id"].tolist()

    def possible(changed: Problem, at: int) -> set[int]:
        offers = build_offers(changed).offers
        return set(offers.opening[offers.citizen == at].tolist())

    for one in told(seed)[:most]:
        at = ids.index(one.citizen_id)
        before = possible(problem, at)
        for lever in person_levers(problem.policy):
            again = changed_week(problem, [at], [lever])
            same = again["citizens"].equals(problem["citizens"])
            fresh = set() if same else possible(again, at) - before
            assert one.opened.get(lever, 0) == len(fresh)


def test_the_sum_over_citizens_is_solved_afresh() -> None:
    """All citizens for whom the lever opens something have it pulled at once."""
    seed = 2
    solution = solved_week(seed)
    gains = lever_gains(Resolver(solution), told(seed))
    assert gains
    ids = small_week(seed)["citizens"]["citizen_id"].tolist()
    for gain in gains:
        these = [ids.index(one.citizen_id) for one in told(seed) if one.opened.get(gain.lever)]
        assert gain.citizens == len(these)
        assert gain.openings == sum(one.opened.get(gain.lever, 0) for one in told(seed))
        helped = [one for one in told(seed) if one.opened.get(gain.lever)]
        assert gain.alone == sum(gain.lever in one.alone for one in helped)
        assert gain.undecided == 0
        value = afresh(changed_week(small_week(seed), these, [gain.lever]))
        assert value == (base(solution)[0] + gain.placements, base(solution)[1] + gain.fit)


def test_moving_another_can_make_a_lever_work() -> None:
    """C1 has O1 and could have O2; C2 can take only O1, once his Danish is a level better.

    O2 is for those who speak Danish at 3, C2 speaks 1 and needs 2 at O1; so C1 moves to O2.
    """
    problem = week(
        [citizen("C1", oral=6, wishes=("9112",)), citizen("C2", oral=1, reading=6)],
        [opening("O1", oral_floor=2, language_gap_ok=0),
         opening("O2", oral_floor=3, language_gap_ok=0, isco="9412")],
    )  # fmt: skip
    solution = solve(problem)
    assert [one.opening_id for one in solution.plan.placements] == ["O1"]
    (one,) = unlocking(Resolver(solution), solves=5)
    moved = [unlock for unlock in one.singles if unlock.steps[0].lever == "oral"]
    assert [(unlock.moves, unlock.seat.opening_id) for unlock in moved] == [(1, "O1")]
    (unsolved,) = unlocking(Resolver(solution), solves=0)
    assert unsolved.undecided == ("oral",)
    assert (one.alone, one.undecided) == (("oral",), ())
    assert unsolved.alone == ()
    (gain,) = (each for each in lever_gains(Resolver(solution), [unsolved])
               if each.lever == "oral")  # fmt: skip
    assert (gain.alone, gain.undecided, gain.placements) == (0, 1, 1)


def test_a_class_seat_that_is_missing_is_named() -> None:
    """C1 lacks one level, and the only class has no seat left: one seat more, nobody moves."""
    problem = week(
        [citizen("C1", oral=2, reading=6)],
        [opening("O1", oral_floor=3)],
        teams=[team("L1", seats=0, blocks="mon 16:00-18:00", postcode="8000")],
    )
    (one,) = unlocking(Resolver(solve(problem)))
    costs = policy().unlocking.costs
    told = [(unlock.steps[0].lever, unlock.steps[0].about, unlock.cost) for unlock in one.singles]
    assert told == [("team_seats", "L1", costs["team_seats"]), ("oral", "", costs["oral"])]


def test_a_pair_is_told_only_when_neither_half_works() -> None:
    """Two levels of Danish: each alone leaves one missing."""
    problem = week([citizen("C1", oral=1)], [opening("O1", oral_floor=3, language_gap_ok=0)])
    (one,) = unlocking(Resolver(solve(problem)))
    assert one.singles == ()
    assert [[step.lever for step in unlock.steps] for unlock in one.pairs] == [["oral", "oral"]]


def test_mentor_hours_papers_measures_and_seats() -> None:
    """One lever each: an hour more, a course paper, a measure accepted, a seat."""
    hour = week([citizen(mentor_hours=2)], mentor_pools=[MentorPool(pool_id="P1", hours=1)])
    paper = week([citizen(paper_hygiene="missing")], [opening(papers=("hygiene",))])
    course = week(
        [citizen(paper_hygiene="missing")],
        [opening(papers=("hygiene",))],
        courses=[Course(course_id="K1", paper="hygiene", seats=0, ready_on="2026-12-01")],
    )
    measure = week([citizen()], [opening(measures=("igu",))])
    seat = week([citizen()], [opening(seats=0)])
    intake = week([citizen()], workplaces=[workplace(intake_per_week=0)])
    expected = (
        (hour, {("mentor_hours", "P1")}),
        (paper, {("paper", "hygiene")}),
        (course, {("paper", "hygiene"), ("course_seats", "K1")}),
        (measure, {("measure", "O1/ordinary")}),
        (seat, {("opening_seats", "O1")}),
        (intake, {("workplace_intake", "W1")}),
    )
    for problem, wanted in expected:
        (one,) = unlocking(Resolver(solve(problem)))
        assert {(unlock.steps[0].lever, unlock.steps[0].about)
                for unlock in one.singles} == wanted  # fmt: skip


def test_adults_who_share_a_child_are_solved_with_their_rows() -> None:
    """Both cannot be away at once: more hours place C2 only where C1 need not be away.

    C1 works 9-13; C2's only job is 9-13 as well and asks for more hours than he has. With four
    hours more he could have it by the rules on him alone, but then nobody is at home: care closes
    at 8. So no lever on his hours works, though the offer would exist.
    """
    home = {"household_id": "H1", "youngest_child": 2, "care_blocks": "mon-fri 06:00-08:00"}
    problem = week(
        [citizen("C1", **home), citizen("C2", capacity_hours=8, **home)],
        [opening("O1", seats=2)],
    )
    solution = solve(problem)
    assert placed(solution) == {"C1"}
    (one,) = unlocking(Resolver(solution), solves=9)
    assert one.opened == {"hours": 1}
    assert one.singles == ()
    assert solved(Resolver(solution), 1, ("hours",)) is None
    offers = changed_offers(Resolver(solution), 1, ("hours",))
    assert len(offers.fresh) == 1
    assert set(offers.citizen.tolist()) == {0, 1}
    again = changed_week(problem, [1], ["hours"])
    assert afresh(again, frozenset({"C1", "C2"})) is None


def test_locks_and_running_placements_are_left_alone() -> None:
    """Who is locked or placed is asked about by nobody."""
    problem = week([citizen("C1"), citizen("C2")], locks=[Lock(citizen_id="C1", opening_id="O1")])
    solution = solve(problem)
    assert without_place(solution).tolist() == [1]
    assert [one.citizen_id for one in unlocking(Resolver(solution), np.array([0, 1]))] == ["C2"]


@pytest.mark.parametrize(
    ("lever", "fields", "column", "after"),
    [
        ("oral", {"oral": 3}, "oral", 4),
        ("reading", {"reading": 0}, "reading", 1),
        ("hours", {"capacity_hours": 35}, "capacity_hours", 37.0),
        ("day_hours", {"capacity_hours_day": 4}, "capacity_hours_day", 5.0),
        ("commute", {"max_commute": 80}, "max_commute", 90),
        ("bicycle", {}, "has_bicycle", True),
        ("odd_hours", {"single_provider": True}, "accepts_odd_hours", True),
        ("paper:hygiene", {}, "paper_hygiene", "cleared"),
        ("care", {"youngest_child": 2, "care_blocks": "mon 08:00-15:00"}, "care_blocks",
         "mon 07:00-16:00"),
    ],
)  # fmt: skip
def test_a_lever_changes_one_column(
    lever: str, fields: dict[str, object], column: str, after: object
) -> None:
    """By the policy's step, within what the column may hold."""
    table = week([citizen("C1", **fields)])["citizens"]
    changed, able = pulled(table, policy(), lever)
    assert able.tolist() == [True]
    assert changed[column].tolist() == [after]
    pd.testing.assert_frame_equal(changed.drop(columns=column), table.drop(columns=column))
    assert changed.dtypes.equals(table.dtypes)


@pytest.mark.parametrize(
    ("lever", "fields"),
    [
        ("oral", {"oral": 6}),
        ("reading", {"reading": 6}),
        ("hours", {"capacity_hours": 37}),
        ("day_hours", {"capacity_hours_day": 16}),
        ("commute", {}),
        ("bicycle", {"has_bicycle": True}),
        ("odd_hours", {"single_provider": False}),
        ("odd_hours", {"single_provider": True, "accepts_odd_hours": True}),
        ("paper:hygiene", {"paper_hygiene": "not_cleared"}),
        ("paper:hygiene", {"paper_hygiene": "cleared"}),
        ("care", {"youngest_child": 9}),
        ("care", {"youngest_child": 2, "partner_can_care": True}),
    ],
)
def test_a_lever_that_does_nothing_says_so(lever: str, fields: dict[str, object]) -> None:
    """Then the row stays as it is."""
    table = week([citizen("C1", **fields)])["citizens"]
    changed, able = pulled(table, policy(), lever)
    assert able.tolist() == [False]
    pd.testing.assert_frame_equal(changed, table)


def test_every_lever_of_the_policy_is_known() -> None:
    """A cost for each, and every paper has its own."""
    levers = person_levers(policy())
    assert {lever.partition(":")[0] for lever in levers} <= set(policy().unlocking.costs)
    assert {lever.partition(":")[2] for lever in levers if ":" in lever} == set(
        policy().unlocking.papers
    )
    assert Citizen.model_fields.keys() >= {
        f"paper_{lever.partition(':')[2]}" for lever in levers if ":" in lever
    }


def test_a_start_more_for_another_makes_room() -> None:
    """C1 has O1, his wish, the only job C2 can take; C3 has O3 at W2, which takes one a week.

    With one start more at W2 C1 can have O2 there, and C2 gets O1. A seat more at O1 would do as
    well and nobody would move, but is dearer.
    """
    problem = week(
        [citizen("C1", paper_hygiene="cleared", wishes=("9112",)), citizen("C2"),
         citizen("C3", paper_hygiene="cleared", wishes=("9412",))],
        [opening("O1"),
         *(opening(name, workplace_id="W2", isco="9412", papers=("hygiene",))
           for name in ("O2", "O3"))],
        [workplace("W1"), workplace("W2", intake_per_week=1)],
    )  # fmt: skip
    costs = policy().unlocking.costs
    assert costs["workplace_intake"] < costs["opening_seats"]
    solution = solve(problem)
    assert placed(solution) == {"C1", "C3"}
    unlock, settled = municipal(Resolver(solution), 1)
    assert settled
    assert unlock is not None
    assert [(step.lever, step.about) for step in unlock.steps] == [("workplace_intake", "W2")]
    assert (unlock.seat.opening_id, unlock.moves, unlock.openings) == ("O1", 1, 0)
    assert unlock.cost == costs["workplace_intake"]
    (one,) = unlocking(Resolver(solution), solves=3)
    assert unlock in one.singles
    (brief,) = unlocking(Resolver(solution))
    assert unlock not in brief.singles
    assert any(each.steps[0].lever == "opening_seats" for each in brief.singles)


@pytest.mark.parametrize("seed", daily(1, SEEDS))
def test_the_cheapest_change_of_the_municipality_is_the_cheapest_that_works_afresh(
    seed: int,
) -> None:
    """Every row, one step larger in its table, solved afresh with him and all placed now."""
    solution, problem = solved_week(seed), small_week(seed)
    costs, before = problem.policy.unlocking.costs, placed(solution)
    resolver_ = Resolver(solution)
    rows = [
        (rule, key)
        for rule, key, floor in zip(
            solution.model.rules, solution.model.keys, solution.model.floors, strict=True
        )
        if rule in ROWS and rule in costs and not floor
    ]
    larger: dict[tuple[str, str], Formulated] = {}
    found = 0
    # Somebody who is helped by a change of the municipality's without anybody moving, and another.
    ours = {*ROWS, "measure"}
    helped = [one.citizen_id for one in told(seed)
              if any(each.steps[0].lever in ours for each in one.singles)]  # fmt: skip
    others = [one.citizen_id for one in told(seed) if one.citizen_id not in helped]
    ids = solution.book.encoded.citizens.ids.astype(str).tolist()
    for who in (*helped[:2], *others[:1]):
        i = ids.index(who)
        unlock, settled = municipal(resolver_, i)
        assert settled
        if unlock is not None:
            value = afresh(changed(problem, who, unlock.steps), before | {who})
            assert value is not None, unlock
            found += 1
        for rule, key in rows:
            if unlock is None or costs[rule] < unlock.cost:
                step = step_of(problem.policy, rule) * (60 if rule == "mentor_hours" else 1)
                if (rule, key) not in larger:
                    larger[rule, key] = formulated(more_of(problem, rule, key, step))
                assert not can_be(larger[rule, key], before | {who}), (who, rule, key)
    assert found or not helped
