"""One planted violation of every row of the model: a legal week, then one change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from matcher.records import Caseworker, Course, LanguageClass, Lock, MentorPool, Running
from matcher.verify import ROWS
from tests.test_verify.world import PRACTICE_PLACED, SUBSIDY_PLACED, TODAY, World, named

PLAIN = World(openings={"O1": World().openings["O1"] | {"seats": 2}})
TWO = PLAIN.second()
APART = PLAIN.second(opening="O2")

# Two mentor hours each: 120 minutes, 640 DKK a week.
MENTOR = TWO.but(
    all_citizens={"mentor_hours": 2},
    all_placements={"pool_id": "P1", "mentor_minutes": 120, "cost": {"mentors": 640}},
    mentor_pools=(MentorPool(pool_id="P1", hours=4),),
)
CLASS = TWO.but(
    all_citizens={"oral": 4},
    opening={"oral_floor": 5},
    all_placements={"team_id": "T1", "cost": {"classes": 900}},
    teams=(LanguageClass(team_id="T1", seats=2, blocks="mon 15:00-17:00", postcode="8200"),),
)
COURSE = TWO.but(
    opening={"papers": ("hygiene",)},
    all_placements={"course_ids": ("K1",), "start": dt.date(2026, 12, 4)},
    courses=(Course(course_id="K1", paper="hygiene", seats=2, ready_on=dt.date(2026, 12, 4)),),
)
LOCKED = TWO.but(placement={"locked": True}, locks=(Lock(citizen_id="C1", opening_id="O1"),))
# Both are at work Monday 17-19; with 20 minutes of way and 10 to the day care they are away
# 16:30-19:30, and on Mondays it shuts at 16:30: 180 minutes. One of them may be. The jobs are two
# hours a week, the first day of work the Monday after the run.
PARENTS = APART.but(
    all_citizens={"household_id": "H1", "youngest_child": 3},
    all_placements={"minutes": 120, "start": dt.date(2026, 11, 30)},
)
PARENTS = replace(
    PARENTS,
    openings={
        key: row
        | {
            "shifts": "mon 17:00-19:00" if key == "O1" else "mon 09:00-11:00",
            "hours_min": 2,
            "hours_max": 2,
        }
        for key, row in PARENTS.openings.items()
    },
)
ONE_PARENT = replace(PARENTS, placements=PARENTS.placements[:1])


def group(at_least: int, column: str = "category", value: str = "activity_ready") -> dict[str, Any]:
    """Return a policy with one group floor."""
    return {"group_floors": [{"column": column, "value": value, "at_least": at_least}]}


def running(citizen: str, opening: str, **changes: Any) -> tuple[Running, ...]:
    """Return the table of running placements with one of them."""
    fields = {"measure": "ordinary", "start": dt.date(2026, 9, 1), **changes}
    return (Running(citizen_id=citizen, opening_id=opening, **fields),)


def late(world: World, opening: str) -> World:
    """Move a shift to Monday 17-19."""
    row = world.openings[opening] | {"shifts": "mon 17:00-19:00"}
    return replace(world, openings={**world.openings, opening: row})


def twice(world: World) -> World:
    """Give C1 both placements."""
    return replace(world, placements=tuple(row | {"citizen_id": "C1"} for row in world.placements))


@dataclass(frozen=True)
class Planted:
    """A legal week, one change, and the one row that it must break."""

    row: str
    legal: World
    change: Mapping[str, Any] | World
    where: str
    value: int
    limit: int
    says: str


PLANTED = [
    Planted("citizen_once", APART, twice(APART), "citizen_once[C1]", 2, 1,
            "the plan uses 2 placements; 1 can be used."),
    Planted("opening_seats", TWO, {"opening": {"seats": 1}}, "opening_seats[O1]", 2, 1,
            "the plan uses 2 seats; 1 can be used."),
    Planted("opening_seats", TWO, {"running": running("C9", "O1")}, "opening_seats[O1]", 2, 1,
            "the plan uses 2 seats; 1 can be used."),
    Planted(
        # 10 employees // 5 = 2 places, 9 // 5 = 1.
        "workplace_ratio",
        TWO.but(opening={"measures": ("work_practice",)}, workplace={"ordinary_fte": 10},
                all_placements=PRACTICE_PLACED),
        {"workplace": {"ordinary_fte": 9}}, "workplace_ratio[W1]", 2, 1,
        "the plan uses 2 places under the ratio rule; 1 can be used.",
    ),
    Planted(
        # Full-time equivalents: 9.9 // 5 = 1 place, though there are 20 heads.
        "workplace_ratio",
        TWO.but(opening={"measures": ("work_practice",)}, all_placements=PRACTICE_PLACED),
        {"workplace": {"ordinary_fte": 9.9}}, "workplace_ratio[W1]", 2, 1,
        "the plan uses 2 places under the ratio rule; 1 can be used.",
    ),
    Planted(
        # 20 heads, full-time equivalents not known: the one place that is always allowed.
        "workplace_ratio",
        TWO.but(opening={"measures": ("work_practice",)}, all_placements=PRACTICE_PLACED),
        {"workplace": {"ordinary_fte": None}}, "workplace_ratio[W1]", 2, 1,
        "the plan uses 2 places under the ratio rule; 1 can be used.",
    ),
    Planted(
        # The same where the municipality takes a head for 49 %: 9.8 of 20, whole ones.
        "workplace_ratio",
        TWO.but(opening={"measures": ("work_practice",)}, all_placements=PRACTICE_PLACED,
                workplace={"ordinary_fte": None},
                rules={"ratio_rule": {"unknown_fte_percent": 50}}),
        {"rules": {"ratio_rule": {"unknown_fte_percent": 49}}}, "workplace_ratio[W1]", 2, 1,
        "the plan uses 2 places under the ratio rule; 1 can be used.",
    ),
    Planted(
        # 59 employees: 50 // 5 + 9 // 10 = 10 places; nine are in use.
        "workplace_ratio",
        TWO.but(opening={"measures": ("work_practice",)}, all_placements=PRACTICE_PLACED,
                workplace={"ordinary_fte": 60, "other_ratio_places": 9}),
        {"workplace": {"ordinary_fte": 59}}, "workplace_ratio[W1]", 2, 1,
        "the plan uses 2 places under the ratio rule; 1 can be used.",
    ),
    Planted("mentor_hours", MENTOR, {"mentor_pools": (MentorPool(pool_id="P1", hours=3.75),)},
            "mentor_hours[P1]", 240, 225,
            "the plan uses 240 mentor minutes a week; 225 can be used."),
    Planted("team_seats", CLASS.but(opening={"seats": 3}),
            {"running": running("C9", "O1", team_id="T1")}, "team_seats[T1]", 2, 1,
            "the plan uses 2 class seats; 1 can be used."),
    Planted("course_seats", COURSE,
            {"courses": (COURSE.tables["courses"][0].model_copy(update={"seats": 1}),)},
            "course_seats[K1]", 2, 1, "the plan uses 2 course seats; 1 can be used."),
    Planted(
        "budget",
        TWO.but(all_citizens={"benefit_months": 6}, opening={"measures": ("wage_subsidy_public",)},
                all_placements=SUBSIDY_PLACED,
                rules={"money": {"budgets": {"wage_subsidy": 5592}}}),
        {"rules": {"money": {"budgets": {"wage_subsidy": 5591}}}}, "budget[wage_subsidy]",
        5592, 5591, "the plan uses 5592 DKK a week; 5591 can be used.",
    ),
    Planted(
        # Six weeks are begun from the first day, in November, to the last of the year.
        "year_budget",
        TWO.but(all_citizens={"benefit_months": 6}, opening={"measures": ("wage_subsidy_public",)},
                all_placements=SUBSIDY_PLACED,
                rules={"money": {"year_budgets": {"wage_subsidy": 6 * 5592}}}),
        {"rules": {"money": {"year_budgets": {"wage_subsidy": 6 * 5592 - 1}}}},
        "year_budget[wage_subsidy]", 6 * 5592, 6 * 5592 - 1,
        "the plan uses 33552 DKK until the year ends; 33551 can be used.",
    ),
    Planted(
        "year_quota",
        TWO.but(opening={"measures": ("work_practice",)}, all_placements=PRACTICE_PLACED,
                rules={"money": {"year_quotas": {"work_practice": 2}}}),
        {"rules": {"money": {"year_quotas": {"work_practice": 1}}}}, "year_quota[work_practice]",
        2, 1, "the plan uses 2 placements that begin until the year ends; 1 can be used.",
    ),
    Planted("caseload", TWO.but(all_citizens={"caseworker_id": "S1"},
                                caseworkers=(Caseworker(caseworker_id="S1", capacity=2),)),
            {"caseworkers": (Caseworker(caseworker_id="S1", capacity=1),)}, "caseload[S1]", 2, 1,
            "the plan uses 2 new placements; 1 can be used."),
    Planted("household_care", PARENTS, late(PARENTS, "O2"), "household_care[H1,mon 16:30]", 2, 1,
            "all 2 adults are away and the child has no care for 180 minutes a week, first on"
            " mon 16:30; somebody must be home."),
    Planted("household_care", late(PARENTS, "O2").but(citizen={"partner_can_care": True}),
            {"citizen": {"partner_can_care": False}}, "household_care[H1,mon 16:30]", 2, 1,
            "for 180 minutes a week"),
    Planted(
        # Care of either adult counts: C1's own ends at 17:30.
        "household_care", PARENTS.but(citizen={"care_blocks": "mon 08:00-17:30"}),
        late(PARENTS, "O2").but(citizen={"care_blocks": "mon 08:00-17:30"}),
        "household_care[H1,mon 17:30]", 2, 1, "for 120 minutes a week",
    ),
    Planted("household_care", ONE_PARENT, {"running": running("C2", "O1")},
            "household_care[H1,mon 16:30]", 2, 1, "for 180 minutes a week"),
    Planted("workplace_intake", TWO.but(workplace={"intake_per_week": 2}),
            {"workplace": {"intake_per_week": 1}}, "workplace_intake[W1]", 2, 1,
            "the plan uses 2 new people; 1 can be used."),
    Planted("group_floor", TWO.but(rules=group(2)), {"rules": group(3)},
            "group_floor[category=activity_ready]", 2, 3,
            "the plan has 2 placements of the group; at least 3 are asked for."),
    Planted("group_floor", TWO.but(rules=group(1, "single_provider", "true"),
                                   citizen={"single_provider": True}),
            {"citizen": {"single_provider": False}}, "group_floor[single_provider=true]", 0, 1,
            "the plan has 0 placements of the group; at least 1 are asked for."),
    Planted("lock", LOCKED,
            {"locks": (Lock(citizen_id="C1", opening_id="O1"),
                       Lock(citizen_id="C3", opening_id="O1", measure="ordinary"))},
            "C3 at O1", 0, 1, "locked under ordinary, but the plan has 0 such placements, not 1."),
    Planted(
        # Both locks of one citizen are read, and only one can be honoured.
        "lock", LOCKED,
        {"locks": (Lock(citizen_id="C1", opening_id="O1"),
                   Lock(citizen_id="C1", opening_id="O1", measure="igu"))},
        "C1 at O1", 0, 1, "locked under igu, but the plan has 0 such placements, not 1."),
]  # fmt: skip


@pytest.mark.parametrize(
    "case", PLANTED, ids=[f"{number}-{case.row}" for number, case in enumerate(PLANTED)]
)
def test_a_broken_row_is_found_and_nothing_else(case: Planted) -> None:
    """The legal week is clean; after the change the row is named with use and capacity."""
    assert case.legal.found() == ()
    changed = case.change if isinstance(case.change, World) else case.legal.but(**case.change)
    found = changed.found()
    assert named(found) == [(case.row, case.where, case.value, case.limit)]
    assert found[0].message.startswith(f"{case.where}: ")
    assert case.says in found[0].message


def test_every_row_has_a_planted_violation() -> None:
    """A row that is added must be planted here, or nobody knows that the check sees it."""
    assert {case.row for case in PLANTED} == {"citizen_once", *ROWS, "lock"}


@pytest.mark.parametrize(
    "world",
    [
        # Two parents at home in turn, an older child, a third adult in the house.
        PARENTS,
        late(PARENTS, "O2").but(all_citizens={"youngest_child": 6}),
        replace(late(PARENTS, "O2"), citizens={
            **PARENTS.citizens, "C3": PARENTS.citizens["C1"] | {"citizen_id": "C3"}}),
        ONE_PARENT.but(running=running("C2", "O1", end=TODAY)),
        # A running placement uses no budget, no caseload, no intake, no course seat.
        TWO.but(opening={"seats": 3}, workplace={"intake_per_week": 2},
                running=running("C9", "O1"), all_citizens={"caseworker_id": "S1"},
                caseworkers=(Caseworker(caseworker_id="S1", capacity=2),)),
        # A caseworker who is in no table has no limit; a line without a budget neither.
        TWO.but(all_citizens={"caseworker_id": "S9"}),
        # Ordinary hours take no place under the ratio rule.
        TWO.but(workplace={"ordinary_staff": 1}),
    ],
)  # fmt: skip
def test_rows_that_hold_are_let_through(world: World) -> None:
    """What the rules page leaves free is free."""
    assert world.found() == ()
