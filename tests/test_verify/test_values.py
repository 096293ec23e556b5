"""Numbers: fit, hours, start, cost and tiers worked out by hand, and every change is caught."""

from __future__ import annotations

import ast
import datetime as dt
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matcher.verify
from matcher.errors import InternalError
from matcher.plan import Plan, Tier
from matcher.records import (
    Course,
    LanguageClass,
    Lock,
    MentorPool,
    Place,
    Previous,
    TravelTime,
)
from matcher.verify import ensure_verified, verify
from tests.test_verify.world import PLACEMENT, PLACES, TODAY, World, named

HERE = "C1 at O1"
DEFAULT_FIT = {
    "fit": {
        "floor": 400,
        "weights": {
            "measure": 25,
            "health": 15,
            "language": 12,
            "occupation": 12,
            "hours": 12,
            "commute": 8,
            "experience": 6,
            "prospect": 5,
            "hours_225": 5,
        },
    }
}
# A private wage subsidy with class, mentor, course and a certificate to wait for.
#
# Hours: the job offers 20 h; C1 can work 24, 2 h treatment and 3 h class leave 32 of the 37 in
#   the week: 20 h = 1200 minutes.
# Start: the course ends on 4 December, the criminal record takes 14 days from 23 November:
#   7 December.
# Cost: 20 h x 96.27 = 1925.40 -> 1926; 90 minutes of mentor x 320 / 60 = 480; class 900;
#   course 1500.
# Fit: measure 800 (private wage subsidy at a private workplace)
#   health 1000 - 300 (lift: one step above) - 60 (stand: used up) = 640; bend 3 against 3 is free
#   language 1000 - 300 (oral 4 of 5) - 200 (reading 4 of 5) = 500
#   occupation 800: wish 5329 and job 5322 share three digits
#   hours 1000 x 1200 // min(24 h = 1440, 37 - 2 = 35 h) = 833
#   commute 1000 x (75 - 40) // (75 - 15) = 583, less 250: 2 x 40 minutes are more than a quarter
#     of the day's 1200 // 5 = 240 minutes: 333
#   experience 1000: 53 matches on all its digits
#   prospect 1000 x 2 // 3 = 666
#   (25x800 + 15x640 + 12x500 + 12x800 + 12x833 + 8x333 + 6x1000 + 5x666) // 95
#   = (20000 + 9600 + 6000 + 9600 + 9996 + 2664 + 6000 + 3330) // 95 = 67190 // 95 = 707
POINTS = {
    "measure": 800,
    "health": 640,
    "language": 500,
    "occupation": 800,
    "hours": 833,
    "commute": 333,
    "experience": 1000,
    "prospect": 666,
    "hours_225": 0,
}
RICH = World(rules=DEFAULT_FIT).but(
    citizen={
        "benefit_months": 8,
        "capacity_hours": 24,
        "treatment_blocks": "tue 15:00-17:00",
        "oral": 4,
        "reading": 4,
        "limit_lift": 1,
        "limit_stand": 2,
        "wishes": ("9", "5329"),
        "experience": ("53",),
        "mentor_hours": 2,
        "weeks_waiting": 53,
    },
    workplace={"sector": "private", "staff_last_month": 12.5, "staff_mean_12m": 12},
    opening={
        "measures": ("wage_subsidy_private",),
        "demand_lift": 2,
        "demand_stand": 2,
        "demand_bend": 3,
        "oral_floor": 5,
        "reading_floor": 5,
        "papers": ("hygiene", "criminal_record"),
        "mentor_hours": 0.5,
        "prospect": 2,
    },
    placement={
        "measure": "wage_subsidy_private",
        "team_id": "T1",
        "pool_id": "P1",
        "mentor_minutes": 90,
        "course_ids": ("K1",),
        "start": dt.date(2026, 12, 7),
        "commute": 40,
        "fit": 707,
        "components": POINTS,
        "cost": {"wage_subsidy": 1926, "mentors": 480, "classes": 900, "courses": 1500},
    },
    travel_times=(TravelTime(from_postcode="8000", to_postcode="8200", minutes=40),),
    teams=(LanguageClass(team_id="T1", seats=1, blocks="mon 15:00-18:00", postcode="8200"),),
    mentor_pools=(MentorPool(pool_id="P1", hours=40),),
    courses=(
        Course(course_id="K1", paper="hygiene", seats=1, ready_on=dt.date(2026, 12, 4), cost=1500),
    ),
)
# The 225-hour rule held in March 2025. 100 of 225 hours are done: 125 are missing.
# 6 h a week x 52 = 312 hours a year: more than enough; 2 h x 52 = 104: 1000 x 104 // 125 = 832.
# (25 x 1000 + 5 x 832) // 30 = 29160 // 30 = 972.
HOURS_225 = World(
    today=dt.date(2025, 3, 3),
    rules={"fit": {"weights": dict.fromkeys(POINTS, 0) | {"measure": 25, "hours_225": 5}}},
).but(
    citizen={"benefit": "cash", "benefit_months": 12, "ordinary_hours_12m": 100},
    opening={"hours_min": 2, "hours_max": 2},
    placement={
        "minutes": 120,
        "start": dt.date(2025, 3, 4),
        "fit": 972,
        "components": {"measure": 1000, "hours_225": 832},
    },
)


def test_a_fit_worked_out_by_hand_is_confirmed() -> None:
    """Hours, start, cost, each component and the total are those derived above."""
    assert RICH.found() == ()


@pytest.mark.parametrize(
    ("citizen", "points", "fit"),
    [
        ({}, 832, 972),
        # 225 missing: 1000 x 104 // 225 = 462; (25000 + 2310) // 30 = 910.
        ({"ordinary_hours_12m": None}, 462, 910),
        # 104 missing hours are just made good; half of them is no more than 1000.
        ({"ordinary_hours_12m": 121}, 1000, 1000),
        ({"ordinary_hours_12m": 173}, 1000, 1000),
        # Reached, too short on benefit, another benefit: no weight, whatever is not stated.
        ({"ordinary_hours_12m": 225}, None, 1000),
        ({"benefit_months": 11}, None, 1000),
        ({"benefit": "other"}, 0, 1000),
    ],
)
def test_the_225_hour_rule_counts_only_while_it_holds_and_for_whom(
    citizen: dict[str, Any], points: int | None, fit: int
) -> None:
    """The component is in the mean only for citizens the rule applies to."""
    components = {"measure": 1000} | ({} if points is None else {"hours_225": points})
    placement = {"fit": fit, "components": components}
    assert HOURS_225.but(citizen=citizen, placement=placement).found() == ()


def test_other_measures_earn_no_points_under_the_225_hour_rule() -> None:
    """Work practice: (25 x 350 + 5 x 0) // 30 = 291; the weight stays."""
    practice = HOURS_225.but(
        opening={"measures": ("work_practice",)},
        placement={
            "measure": "work_practice",
            "fit": 291,
            "components": {"measure": 350, "hours_225": 0},
        },
        rules={"fit": {"floor": 0}},
    )
    assert practice.found() == ()


@pytest.mark.parametrize(
    ("citizen", "opening", "components"),
    [
        # Codes: no wish 500; 5322 in six digits; nothing in common 0; one digit 250; two 550.
        ({}, {}, {"occupation": 500, "experience": 500}),
        ({"wishes": ("532201",), "experience": ("9112",)}, {},
         {"occupation": 1000, "experience": 0}),
        ({"wishes": ("5112",), "experience": ("5311", "5")}, {},
         {"occupation": 250, "experience": 1000}),
        ({"wishes": ("5312",)}, {}, {"occupation": 550}),
        # Six digits that part after the fourth are as close as four can be.
        ({"wishes": ("532211",)}, {"isco": "532222"}, {"occupation": 1000}),
        # Health: three codes two steps over are 1800 points: no less than 0. Used up at 0: free.
        ({"limit_lift": 0, "limit_soc": 0, "limit_emo": 0},
         {"demand_lift": 2, "demand_soc": 2, "demand_emo": 2}, {"health": 0}),
        ({"limit_lift": 0, "limit_soc": 1}, {"demand_soc": 1}, {"health": 940}),
        # Prospect in thirds.
        ({}, {"prospect": 1}, {"prospect": 333}),
        # Hours: 30 h capacity but 37 - 12 of treatment = 25 h: 1000 x 1200 // 1500 = 800.
        ({"capacity_hours": 30, "treatment_blocks": "mon-wed 14:00-18:00"}, {}, {"hours": 800}),
    ],
)  # fmt: skip
def test_components_follow_the_rules_page(
    citizen: dict[str, Any], opening: dict[str, Any], components: dict[str, int]
) -> None:
    """Points stated beside the weightless measure-only fit are checked all the same."""
    stated = {"components": {"measure": 1000} | components}
    world = World().but(citizen=citizen, opening=opening, placement=stated)
    assert world.found() == ()
    for name, points in components.items():
        wrong = {"components": stated["components"] | {name: points + 1}}
        found = named(world.but(placement=wrong).found())
        assert found == [("value", f"{HERE}: components.{name}", points + 1, points)]


@pytest.mark.parametrize(
    ("minutes", "points"),
    # 20 hours over 5 days are 240 minutes a day, a quarter of it 60: from 31 minutes on the way
    # takes more. 1000 x (75 - 16) // 60 = 983; x 45 // 60 = 750; x 44 // 60 = 733, less 250.
    [(15, 1000), (16, 983), (30, 750), (31, 483), (70, 0), (75, 0), (80, 0)],
)
def test_the_way_costs_points_along_a_line(minutes: int, points: int) -> None:
    """Full up to 15 minutes, nothing from 75 on, a deduction for a long way to a short day."""
    world = World().but(
        placement={"commute": minutes, "components": {"measure": 1000, "commute": points}},
        travel_times=(TravelTime(from_postcode="8000", to_postcode="8200", minutes=minutes),),
    )
    assert world.found() == ()


# One degree of latitude is 6371.0088 x pi / 180 = 111.195 km; 0.1 degrees are 11.1195 km and
# with the detour 14.4554 km. Car: 14.4554 / 40 x 60 = 21.68 -> 22 + 5 = 27. Bicycle: / 15 =
# 57.8 -> 58, above 45: not taken. Transit: / 22 = 39.42 -> 40 + 12 = 52.
NORTH = (PLACES[0], Place(postcode="8200", latitude=56.25, longitude=10.20))


@pytest.mark.parametrize(
    ("citizen", "times", "commute"),
    [
        ({}, (), 52),
        ({"has_car": True}, (), 27),
        ({"has_bicycle": True}, (), 52),
        ({"has_bicycle": True}, (("bicycle", 45),), 45),
        ({"has_bicycle": True}, (("bicycle", 46),), 52),
        ({"has_car": True}, (("car", 60),), 52),
        ({"has_car": True}, (("transit", 10),), 10),
        ({}, (("car", 1),), 52),
    ],
)
def test_the_way_is_estimated_by_the_quickest_mode_the_citizen_has(
    citizen: dict[str, Any], times: tuple[tuple[str, int], ...], commute: int
) -> None:
    """Haversine, detour, speed, fixed minutes; a given time replaces the estimate of its mode."""
    world = World().but(
        citizen=citizen,
        placement={"commute": commute},
        places=NORTH,
        travel_times=tuple(
            TravelTime(from_postcode="8000", to_postcode="8200", mode=mode, minutes=minutes)
            for mode, minutes in times
        ),
    )
    assert world.found() == ()


def test_a_time_is_for_the_way_to_work_only() -> None:
    """The row from work to home says nothing about the way from home to work."""
    back = (TravelTime(from_postcode="8200", to_postcode="8000", minutes=1),)
    world = World().but(placement={"commute": 52}, places=NORTH, travel_times=back)
    assert world.found() == ()


def test_equal_times_go_by_car_so_no_bus_must_be_caught() -> None:
    """Leaving at 04:40 is too early for the bus and fine by car."""
    early = World().but(opening={"shifts": "mon-fri 05:00-09:00"})
    assert [one.rule for one in early.found()] == ["early_transport"]
    by_car = TravelTime(from_postcode="8000", to_postcode="8200", mode="car", minutes=20)
    both = (*early.tables["travel_times"], by_car)
    assert early.but(citizen={"has_car": True}, travel_times=both).found() == ()


@pytest.mark.parametrize(
    ("change", "start"),
    [
        ({"citizen": {"available_from": dt.date(2026, 12, 1)}}, dt.date(2026, 12, 1)),
        ({"opening": {"start_from": dt.date(2027, 1, 4)}}, dt.date(2027, 1, 4)),
        ({"rules": {"start": {"notice_days": 3}}}, dt.date(2026, 11, 26)),
        ({"opening": {"papers": ("criminal_record",)}}, dt.date(2026, 12, 7)),
        (
            {
                "opening": {"papers": ("criminal_record",)},
                "citizen": {"paper_criminal_record": "pending"},
            },
            dt.date(2026, 11, 30),
        ),
        # A paper that is not asked for delays nobody.
        ({"citizen": {"paper_licence_b": "pending"}}, dt.date(2026, 11, 24)),
    ],
)
def test_the_start_is_the_latest_of_what_it_waits_for(
    change: dict[str, Any], start: dt.date
) -> None:
    """Notice, the citizen's and the opening's first day, the papers asked for."""
    assert World().but(**change).but(placement={"start": start}).found() == ()


def test_cost_is_rounded_up_to_whole_kroner() -> None:
    """10.25 h x 139.80 = 1432.95 -> 1433 DKK."""
    world = World().but(
        citizen={"benefit_months": 6},
        opening={"measures": ("wage_subsidy_public",), "hours_max": 10.25},
        placement={
            "measure": "wage_subsidy_public",
            "minutes": 615,
            "fit": 350,
            "components": {"measure": 350},
            "cost": {"wage_subsidy": 1433},
        },
    )
    assert world.found() == ()


NUMBERS = ("mentor_minutes", "minutes", "commute", "fit")


@settings(max_examples=60, deadline=None)
@given(
    field=st.sampled_from(
        [
            *NUMBERS,
            "start",
            "locked",
            *(f"components.{name}" for name in POINTS),
            *(f"cost.{line}" for line in ("wage_subsidy", "mentors", "classes", "courses", "new")),
        ]
    ),
    delta=st.integers(-2000, 2000).filter(bool),
)
def test_changing_any_one_number_of_a_placement_is_caught(field: str, delta: int) -> None:
    """Whatever is stated wrongly, exactly that number is named, with the right one beside it."""
    name, _, key = field.partition(".")
    right = RICH.placements[0]
    if key:
        before = right[name].get(key, 0)
        wrong: Any = {**right[name], key: before + delta}
    elif name == "start":
        before, wrong = right["start"].toordinal(), right["start"] + dt.timedelta(days=delta)
    elif name == "locked":
        before, wrong, delta = 0, True, 1
    else:
        before, wrong = right[name], right[name] + delta
    tier = Tier("fit", 707, 707, True)
    world = replace(RICH.but(placement={name: wrong}), tiers={"fit": tier})
    assert named(world.found()) == [("value", f"{HERE}: {field}", before + delta, before)]


def test_a_component_or_a_cost_that_is_left_out_is_caught() -> None:
    """Silence is not a number: only what has no weight and costs nothing may be missing."""
    points = {name: value for name, value in POINTS.items() if name != "health"}
    found = RICH.but(placement={"components": points}).found()
    assert named(found) == [("value", f"{HERE}: components.health", -1, 640)]
    found = RICH.but(placement={"cost": {"wage_subsidy": 1926, "classes": 900, "courses": 1500}})
    assert named(found.found()) == [("value", f"{HERE}: cost.mentors", 0, 480)]
    assert found.found()[0].message == (
        "C1 at O1: cost.mentors: the plan says 0; the records give 480."
    )


def test_a_wrong_date_is_shown_as_a_date() -> None:
    """Day numbers are for machines."""
    found = World().but(placement={"start": dt.date(2026, 11, 25)}).found()
    assert [one.message for one in found] == [
        "C1 at O1: start: the plan says 2026-11-25; the records give 2026-11-24."
    ]


@pytest.mark.parametrize(
    ("change", "where", "value", "limit"),
    [
        ({"team_id": "T1", "cost": {"classes": 900}}, "team_id", 1, 0),
        ({"pool_id": "P1"}, "pool_id", 1, 0),
        (
            {"course_ids": ("K1",), "start": dt.date(2026, 12, 4), "cost": {"courses": 1500}},
            "course K1",
            1,
            0,
        ),
    ],
)
def test_a_support_that_nothing_calls_for_is_caught(
    change: dict[str, Any], where: str, value: int, limit: int
) -> None:
    """A class, a mentor or a course without a need uses up what others need."""
    supports = {name: RICH.tables[name] for name in ("teams", "mentor_pools", "courses")}
    found = World().but(placement=change, **supports).found()
    assert named(found) == [("value", f"{HERE}: {where}", value, limit)]


def test_two_sessions_for_one_paper_are_one_too_many() -> None:
    """One session gives the paper; the plan may choose any, once, and lists them sorted."""
    courses = (*RICH.tables["courses"], RICH.tables["courses"][0].model_copy(
        update={"course_id": "K2"}))  # fmt: skip
    cost = RICH.placements[0]["cost"] | {"courses": 3000}
    world = RICH.but(placement={"course_ids": ("K2", "K1"), "cost": cost}, courses=courses)
    found = world.found()
    assert named(found) == [
        ("value", f"{HERE}: course_ids", 0, 1),
        ("value", f"{HERE}: courses for hygiene", 2, 1),
    ]
    assert found[0].message == "C1 at O1: course_ids are not sorted, each once: K2, K1."


def test_a_paper_of_no_known_kind_is_caught() -> None:
    """Nobody can show a paper that the citizens' table has no column for."""
    found = World().but(opening={"papers": ("moonwalk",)}).found()
    assert named(found) == [("value", f"{HERE}: papers", 0, 1)]
    assert "the opening asks for 'moonwalk'" in found[0].message


@pytest.mark.parametrize(
    ("change", "where", "kind"),
    [
        ({"citizen_id": "C7"}, "C7 at O1", "citizen 'C7'"),
        ({"opening_id": "O7"}, "C1 at O7", "opening 'O7'"),
        ({"team_id": "T7"}, HERE, "class 'T7'"),
        ({"pool_id": "P7"}, HERE, "mentor pool 'P7'"),
        ({"course_ids": ("K7",)}, HERE, "course 'K7'"),
    ],
)
def test_an_id_that_no_table_has_is_caught(change: dict[str, str], where: str, kind: str) -> None:
    """The placement is left out of the tiers too: it does not exist."""
    found = World().but(placement=change).found()
    assert named(found) == [
        ("value", where, 0, 1),
        ("value", "tier fit", 1000, 0),
        ("value", "tier placements", 1, 0),
    ]
    assert found[0].message == f"{where}: there is no {kind} in the tables."


def test_an_opening_at_an_unknown_workplace_is_caught() -> None:
    """The workplace is named."""
    found = World().but(opening={"workplace_id": "W7"}).found()
    assert found[0].message == f"{HERE}: there is no workplace 'W7' in the tables."


def test_placements_out_of_order_are_caught() -> None:
    """Order is part of the answer: the same plan is the same bytes."""
    world = World().second(opening="O2")
    assert world.found() == ()
    found = replace(world, placements=world.placements[::-1]).found()
    assert named(found) == [("value", "placements[0]", 0, 1)]
    assert found[0].message == ("placements[0]: 'C2' stands where 'C1' should: sort by citizen id.")


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
    """Only records, policy, problem, rules, week, plan and errors are imported."""
    allowed = {"errors", "plan", "policy", "problem", "records", "rules", "verify", "week"}
    assert matcher.verify.__file__ is not None
    for path in Path(matcher.verify.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            ours = {name.split(".")[1] for name in names if name.startswith("matcher.")}
            assert ours <= allowed, path.name
            assert not {"numpy", "ortools"} & {name.split(".")[0] for name in names}, path.name


def test_a_whole_week_is_checked_in_moments() -> None:
    """1,500 placements among 1,550 citizens and 250 openings take less than 1.5 s of work."""
    openings = {
        f"O{number:03d}": RICH.openings["O1"]
        | {"opening_id": f"O{number:03d}", "workplace_id": f"W{number // 2}", "seats": 6}
        for number in range(250)
    }
    workplaces = {
        f"W{number}": RICH.workplaces["W1"]
        | {
            "workplace_id": f"W{number}",
            "employer_id": f"E{number}",
            "ordinary_staff": 500,
            "ordinary_fte": 500,
        }
        for number in range(125)
    }
    citizens = {
        f"C{number:04d}": RICH.citizens["C1"]
        | {
            "citizen_id": f"C{number:04d}",
            "household_id": f"H{number // 2}",
            "youngest_child": 3,
            "care_blocks": "mon-fri 06:00-20:00",
        }
        for number in range(1550)
    }
    placements = tuple(
        RICH.placements[0] | {"citizen_id": f"C{number:04d}", "opening_id": f"O{number // 6:03d}"}
        for number in range(1500)
    )
    big = {"budgets": dict.fromkeys(("wage_subsidy", "mentors", "classes", "courses"), 10**8)}
    world = replace(RICH, citizens=citizens, openings={"O1": RICH.openings["O1"], **openings},
                    workplaces={"W1": RICH.workplaces["W1"], **workplaces},
                    placements=placements).but(
        rules={"money": big},
        teams=(RICH.tables["teams"][0].model_copy(update={"seats": 1000}),
               RICH.tables["teams"][0].model_copy(update={"team_id": "T2"})),
        courses=(RICH.tables["courses"][0].model_copy(update={"seats": 1000}),),
        mentor_pools=(MentorPool(pool_id="P1", hours=10000),),
    )  # fmt: skip
    problem, plan = world.problem(), world.plan()
    began = time.process_time()
    found = verify(problem, plan)
    took = time.process_time() - began
    assert named(found) == [
        ("course_seats", "course_seats[K1]", 1500, 1000),
        ("team_seats", "team_seats[T1]", 1500, 1000),
    ]
    assert took < 1.5
    assert problem.today == TODAY
