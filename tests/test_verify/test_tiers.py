"""The value of each goal, its bound, and the check of a plan as a whole."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import matcher.verify
from matcher.errors import InternalError
from matcher.plan import Plan, Tier
from matcher.records import (
    Lock,
    MentorPool,
    Previous,
)
from matcher.verify import ensure_verified, verify
from tests.test_verify.lawful import RICH
from tests.test_verify.world import PLACEMENT, World, named

# ---------------------------------------------------------------------------- tiers


@pytest.mark.parametrize(
    ("rules", "weeks", "value"),
    # Off: 1. Every 26 weeks a step: 10 + 53 // 26 = 12. At most one step: 11.
    [
        ({"priority_step_weeks": 0}, 53, 1),
        ({"priority_step_weeks": 26}, 53, 12),
        ({"priority_step_weeks": 26, "priority_most_steps": 1}, 53, 11),
        ({"priority_step_weeks": 26}, 25, 10),
    ],
)
def test_the_first_tier_counts_placements_or_their_priority(
    rules: dict[str, int], weeks: int, value: int
) -> None:
    """Waiting adds steps where the policy says so."""
    world = World().but(citizen={"weeks_waiting": weeks}, rules={"tiers": rules})
    right = replace(world, tiers={"placements": Tier("placements", value, value, True)})
    assert right.found() == ()
    wrong = replace(world, tiers={"placements": Tier("placements", value + 1, value + 1, True)})
    assert named(wrong.found()) == [("value", "tier placements", value + 1, value)]


@pytest.mark.parametrize(
    ("before", "value"),
    [
        ({"opening_id": "O1"}, 1100),
        ({"opening_id": "O1", "measure": "ordinary"}, 1100),
        ({"opening_id": "O1", "measure": "igu"}, 1000),
        ({"opening_id": "O2"}, 1000),
    ],
)
def test_the_second_tier_pays_for_keeping_a_proposal(before: dict[str, str], value: int) -> None:
    """The same opening, under the same measure where one was named, is worth 100 points."""
    world = World().but(previous=(Previous(citizen_id="C1", **before),))
    assert replace(world, tiers={"fit": Tier("fit", value, value, True)}).found() == ()
    other = 2100 - value
    found = replace(world, tiers={"fit": Tier("fit", other, other, True)}).found()
    assert named(found) == [("value", "tier fit", other, value)]


def test_a_proposal_to_somebody_else_changes_nothing() -> None:
    """Nothing is worth more because others had a proposal."""
    assert World().but(previous=(Previous(citizen_id="C8", opening_id="O2"),)).found() == ()


@pytest.mark.parametrize(
    ("tiers", "expected", "says"),
    [
        (
            {"fit": Tier("fit", 1000, 999, False)},
            ("value", "tier fit: bound", 1000, 999),
            "tier fit: the value 1000 passes its own bound 999.",
        ),
        (
            {"fit": Tier("fit", 1000, 1001, True)},
            ("value", "tier fit: proven", 1000, 1001),
            "tier fit: said to be proven at 1000, but its bound is 1001.",
        ),
        (
            {"tie_break": Tier("tie_break", 5, 4, False)},
            ("value", "tier tie_break: bound", 5, 4),
            "tier tie_break: the value 5 passes its own bound 4.",
        ),
        (
            {"more": Tier("more", 1, 1, True)},
            ("value", "tiers named more", 1, 0),
            "tiers named more: the plan says 1; the records give 0.",
        ),
    ],
)
def test_a_tier_that_contradicts_itself_is_caught(
    tiers: dict[str, Tier], expected: tuple[str, str, int, int], says: str
) -> None:
    """Bounds bind, proven means equal, and only known tiers are there."""
    found = replace(World(), tiers=tiers).found()
    assert named(found) == [expected]
    assert found[0].message == says


def test_tiers_that_are_missing_doubled_or_out_of_order_are_caught() -> None:
    """Each tier once, placements before fit before tie-break."""
    world = World()
    problem, plan = world.problem(), world.plan()
    placements, fit, tie = plan.tiers
    missing = verify(problem, replace(plan, tiers=(placements,)))
    assert named(missing) == [("value", "tiers named fit", 0, 1)]
    doubled = verify(problem, replace(plan, tiers=(placements, fit, fit)))
    assert named(doubled) == [("value", "tiers named fit", 2, 1)]
    turned = verify(problem, replace(plan, tiers=(fit, placements, tie)))
    assert named(turned) == [("value", "tiers", 0, 1)]


def test_a_plan_that_is_only_feasible_is_checked_all_the_same() -> None:
    """A gap is honest; a wrong value is not."""
    world = replace(World(), tiers={"fit": Tier("fit", 1000, 1200, False)})
    assert world.plan().termination == "feasible"
    assert world.found() == ()


def test_without_a_solution_there_is_nothing_to_check() -> None:
    """Locks that could not be tried are no violation."""
    world = World().but(locks=(Lock(citizen_id="C1", opening_id="O1"),))
    plan = Plan((), (Tier("placements", 0, 1, False),), "no_solution")
    assert verify(world.problem(), plan) == ()


def test_an_empty_plan_of_an_empty_week_is_fine() -> None:
    """Nobody and nothing: value 0, proven."""
    tables = {"places": (), "travel_times": ()}
    assert World({}, {}, {}, (), tables=tables).found() == ()


# ---------------------------------------------------------------------------- the whole check


def test_a_plan_that_fails_stops_the_run_and_says_why() -> None:
    """The first ten are named, the rest counted, the problem identified by its digest."""
    ids = [f"C{number:02d}" for number in range(12)]
    world = World(
        citizens={key: World().citizens["C1"] | {"citizen_id": key} for key in ids},
        openings={"O1": World().openings["O1"] | {"seats": 12}},
        placements=tuple(PLACEMENT | {"citizen_id": key, "commute": 21} for key in ids),
    )
    with pytest.raises(InternalError) as caught:
        ensure_verified(world.problem(), world.plan())
    lines = str(caught.value).splitlines()
    assert lines[0] == (
        f"the plan does not pass its own check: 12 violations (problem {world.problem().digest()})"
    )
    assert lines[1] == "  - C00 at O1: commute: the plan says 21; the records give 20."
    assert len(lines) == 12
    assert lines[11] == "  ... and 2 more"
    one = World().but(placement={"commute": 21})
    with pytest.raises(InternalError, match=r"own check: 1 violation \(problem [0-9a-f]{32}\)"):
        ensure_verified(one.problem(), one.plan())


def test_a_plan_that_passes_goes_on() -> None:
    """No news is good news."""
    ensure_verified(RICH.problem(), RICH.plan())


def test_violations_come_sorted() -> None:
    """Rule, place, value: the same findings in the same order."""
    found = RICH.but(placement={"minutes": 1, "commute": 2, "fit": 3}, opening={"seats": 0}).found()
    assert list(found) == sorted(found)
    assert [one.rule for one in found] == ["opening_full", "opening_seats"] + ["value"] * 4


def test_the_check_shares_no_code_with_what_it_checks() -> None:
    """Only records of what is checked, policy, problem, rules and errors are imported."""
    records = {"plan", "problem", "queues", "records", "week"}
    allowed = records | {"errors", "policy", "rules", "verify"}
    assert matcher.verify.__file__ is not None
    for path in Path(matcher.verify.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            ours = {name.split(".")[1] for name in names if name.startswith("matcher.")}
            assert ours <= allowed, path.name
            assert not {"numpy", "ortools"} & {name.split(".")[0] for name in names}, path.name


def large(placed: int) -> World:
    """A week of many placements, in which courses and class have seats for two in three."""
    openings = {
        f"O{number:03d}": RICH.openings["O1"]
        | {"opening_id": f"O{number:03d}", "workplace_id": f"W{number // 2}", "seats": 6}
        for number in range(placed // 6)
    }
    workplaces = {
        f"W{number}": RICH.workplaces["W1"]
        | {
            "workplace_id": f"W{number}",
            "employer_id": f"E{number}",
            "ordinary_staff": 500,
            "ordinary_fte": 500,
        }
        for number in range(placed // 12)
    }
    citizens = {
        f"C{number:04d}": RICH.citizens["C1"]
        | {
            "citizen_id": f"C{number:04d}",
            "household_id": f"H{number // 2}",
            "youngest_child": 3,
            "care_blocks": "mon-fri 06:00-20:00",
        }
        for number in range(placed + 50)
    }
    placements = tuple(
        RICH.placements[0] | {"citizen_id": f"C{number:04d}", "opening_id": f"O{number // 6:03d}"}
        for number in range(placed)
    )
    big = {"budgets": dict.fromkeys(("wage_subsidy", "mentors", "classes", "courses"), 10**8)}
    seats = placed * 2 // 3
    return replace(RICH, citizens=citizens, openings={"O1": RICH.openings["O1"], **openings},
                   workplaces={"W1": RICH.workplaces["W1"], **workplaces},
                   placements=placements).but(
        rules={"money": big},
        teams=(RICH.tables["teams"][0].model_copy(update={"seats": seats}),
               RICH.tables["teams"][0].model_copy(update={"team_id": "T2"})),
        courses=(RICH.tables["courses"][0].model_copy(update={"seats": seats}),),
        mentor_pools=(MentorPool(pool_id="P1", hours=10000),),
    )  # fmt: skip


def test_twice_the_week_is_twice_the_work() -> None:
    """Counted in calls, which no machine changes: nothing is looked up by going through a table."""
    work = {}
    for placed in (240, 480):
        world, calls = large(placed), Counter[str]()
        problem, plan = world.problem(), world.plan()
        before = sys.getprofile()
        sys.setprofile(lambda _frame, event, _of, calls=calls: calls.update((event,)))
        try:
            found = verify(problem, plan)
        finally:
            sys.setprofile(before)
        assert named(found) == [
            ("course_seats", "course_seats[K1]", placed, placed * 2 // 3),
            ("team_seats", "team_seats[T1]", placed, placed * 2 // 3),
        ]
        work[placed] = calls["call"] + calls["c_call"]
    assert work[240] > 240
    assert work[480] < 2.2 * work[240]
