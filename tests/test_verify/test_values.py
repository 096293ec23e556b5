"""Numbers: fit, hours, start, cost and tiers worked out by hand, and every change is caught."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.plan import Tier
from matcher.records import (
    Place,
    TravelTime,
)
from tests.test_verify.lawful import HOURS_225, POINTS, RICH
from tests.test_verify.world import PLACES, World, named

HERE = "C1 at O1"


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
