"""Hours, first day and cost of an offer, whatever its supports."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from matcher.offers import build_offers, failures
from tests.offers.supported import IN, course, offers, only, pool, team
from tests.weeks import TODAY, citizen, opening, week

# ------------------------------------------------------------------------------ hours


IGU = {"refugee_or_reunified": True, "years_in_denmark": 5.0}
HOURS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], int]] = {
    # what binds: (C1, O1, tables, hours at the start)
    "the job": ({}, {}, {}, 20 * 60),
    # 30 hours are offered, but Monday to Friday 09-13 holds no more than 20.
    "the shifts": ({}, {"hours_max": 30}, {}, 20 * 60),
    "the citizen": ({"capacity_hours": 15.25}, {}, {}, 15 * 60 + 15),
    # 2.5 hours on each of five days.
    "the day": ({"capacity_hours_day": 2.5}, {}, {}, 750),
    # Without shifts nobody knows how many days there are.
    "no shifts": ({"capacity_hours_day": 2.5}, {"shifts": ""}, {}, 1200),
    # 37 hours less 20 of treatment at the weekend.
    "the week": ({"treatment_blocks": "sat-sun 08:00-18:00"}, {}, {}, 17 * 60),
    # Own class counts like treatment: 37 - 20.
    "own class": ({"class_blocks": "sat-sun 08:00-18:00"}, {}, {}, 17 * 60),
    # Where the policy does not count classes, neither the own nor the new one takes hours.
    "class left out": (
        {"class_blocks": "sat-sun 08:00-18:00", "oral": 3},
        {"oral_floor": 4},
        {
            "teams": [team(blocks="mon-tue 16:00-18:00")],
            "rules": {"duty_week": {"counts": ["job", "treatment"]}},
        },
        20 * 60,
    ),
    # Other fixed times keep hours free but count toward nothing.
    "other times": ({"other_blocks": "sat-sun 08:00-18:00"}, {}, {}, 20 * 60),
    # 37 - 20 of treatment - 4 of the class that closes the gap.
    "the new class": (
        {"treatment_blocks": "sat-sun 08:00-18:00", "oral": 3},
        {"oral_floor": 4},
        {"teams": [team(blocks="mon-tue 16:00-18:00")]},
        13 * 60,
    ),
    # 37 - 7.5 of school.
    "the school": (
        IGU,
        {"measures": "igu", "hours_max": 37, "shifts": "mon-fri 08:00-15:30"},
        {},
        29 * 60 + 30,
    ),
    # Eight hours now, 4 more after each four weeks: at the start it is eight.
    "the ramp": (
        {"capacity_hours": 8, "ramp_hours": 4},
        {"ramp_weeks": 4, "hours_min": 12},
        {},
        8 * 60,
    ),
}


@pytest.mark.parametrize("what", list(HOURS))
def test_hours_at_the_start_are_the_least_of_what_binds(what: str) -> None:
    """The job's most, the citizen's week and day, and what the week has left."""
    c, o, tables, minutes = HOURS[what]
    assert only(week([citizen(**c)], [opening(**o)], **tables)).minutes == minutes


def test_hours_reached_later_count_toward_the_fewest() -> None:
    """8 + 4 after four weeks are the 12 the job needs; without the four weeks they are not."""
    people = [citizen(capacity_hours=8, ramp_hours=4)]
    assert only(week(people, [opening(hours_min=12, ramp_weeks=7)])).minutes == 480
    assert offers(week(people, [opening(hours_min=12, ramp_weeks=3)])) == []


def test_hours_reached_later_stay_within_shifts_and_days() -> None:
    """25 hours are offered; the shifts hold 20, five days of 3 hours hold 15: not 22 nor 16."""
    for c, fewest, count in (
        ({}, 20, 1),
        ({}, 20.25, 0),
        ({"capacity_hours_day": 3}, 15, 1),
    ):
        job = opening(hours_min=fewest, hours_max=25)
        assert len(offers(week([citizen(**c)], [job]))) == count, (c, fewest)


def test_hours_not_worth_starting_with_make_no_offer() -> None:
    """One day a week, one hour a day: 60 minutes, and two hours are the least."""
    problem = week(
        [citizen(capacity_hours_day=1)],
        [opening(hours_min=1, shifts="mon 09:00-13:00")],
    )
    (failure,) = failures(build_offers(problem).encoded, "C1", "O1")
    assert (failure.rule, failure.value, failure.limit) == ("support_week", 60, 120)
    assert offers(problem) == []


def test_a_class_may_take_the_hours_a_job_needs_and_another_leaves_them() -> None:
    """30 of 37 hours are the job's: a class of 8 hours does not fit the week, one of 7 does."""
    problem = week(
        [citizen(oral=3)],
        [opening(oral_floor=4, hours_min=30, hours_max=30, shifts="mon-fri 08:00-14:00")],
        teams=[team("L1", blocks="mon-thu 16:00-18:00"), team("L2", blocks="sat 09:00-16:00")],
    )
    offer = only(problem)
    assert (offer.team, offer.minutes) == ("L2", 1800)


# ------------------------------------------------------------------------------ start


STARTS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], dt.date]] = {
    # source: (C1, O1, policy, start)
    "the first day": ({}, {}, {}, TODAY + IN(1)),
    "the notice": ({}, {}, {"start": {"notice_days": 5}}, TODAY + IN(7)),
    "the citizen": ({"available_from": TODAY + IN(10)}, {}, {}, TODAY + IN(10)),
    "a day that has passed": ({"available_from": TODAY - IN(10)}, {}, {}, TODAY + IN(1)),
    "the job": ({}, {"start_from": TODAY + IN(20)}, {}, TODAY + IN(21)),
    "a paper under way": (
        {"paper_child_record": "pending"},
        {"papers": "child_record"},
        {},
        TODAY + IN(10),
    ),
    "a paper applied for": ({}, {"papers": "child_record"}, {}, TODAY + IN(21)),
    "the slower of two papers": (
        {"paper_licence_b": "pending"},
        {"papers": "criminal_record;licence_b"},
        {},
        TODAY + IN(28),
    ),
    "a paper in order": (
        {"paper_child_record": "cleared"},
        {"papers": "child_record"},
        {},
        TODAY + IN(1),
    ),
    "the latest of all": (
        {"available_from": TODAY + IN(22), "paper_child_record": "pending"},
        {"papers": "child_record", "start_from": TODAY + IN(15)},
        {},
        TODAY + IN(22),
    ),
}


@pytest.mark.parametrize("what", list(STARTS))
def test_work_starts_on_the_latest_of_all_days(what: str) -> None:
    """Notice, citizen, job and papers: each can be what is waited for; work begins Mon-Fri."""
    c, o, rules, start = STARTS[what]
    assert only(week([citizen(**c)], [opening(**o)], rules=rules)).start == start


# ------------------------------------------------------------------------------ cost


SUBSIDY = {"measures": "wage_subsidy_public"}


def test_costs_fall_on_their_lines() -> None:
    """20 h x 139.80 DKK; 2 h x 320 DKK of mentor; 900 DKK of class; a course of 750 in full."""
    offer = only(
        week(
            [citizen(benefit_months=12, oral=3, mentor_hours=2)],
            [opening(**SUBSIDY, oral_floor=4, papers="hygiene")],
            teams=[team()],
            mentor_pools=[pool("P1")],
            courses=[course("K1", cost=750)],
        )
    )
    assert offer.cost == {"wage_subsidy": 2796, "mentors": 640, "classes": 900, "courses": 750}


def test_ordinary_hours_without_supports_cost_nothing() -> None:
    """No line at all."""
    assert only(week()).cost == {}


def test_each_part_of_the_cost_is_rounded_up() -> None:
    """10.25 h x 139.80 = 1,432.95 -> 1,433; 0.25 h x 321 = 80.25 -> 81."""
    offer = only(
        week(
            [citizen(benefit_months=12, capacity_hours=10.25, mentor_hours=0.25)],
            [opening(**SUBSIDY)],
            mentor_pools=[pool("P1")],
            rules={"money": {"mentor_cost_per_hour": 321}},
        )
    )
    assert offer.cost == {"wage_subsidy": 1433, "mentors": 81}


def test_parts_on_one_line_are_rounded_and_then_added() -> None:
    """All supports on one line: 81 + 900 + 750."""
    offer = only(
        week(
            [citizen(oral=3, mentor_hours=0.25)],
            [opening(oral_floor=4, papers="hygiene")],
            teams=[team()],
            mentor_pools=[pool("P1")],
            courses=[course("K1", cost=750)],
            rules={
                "money": {
                    "mentor_cost_per_hour": 321,
                    "lines": dict.fromkeys(("mentor", "class", "course"), "supports"),
                }
            },
        )
    )
    assert offer.cost == {"supports": 81 + 900 + 750}


def test_two_measures_on_one_line_cost_each_their_own() -> None:
    """A public job under wage subsidy or as practice: 2,500 DKK or nothing."""
    problem = week(
        [citizen(benefit_months=12)], [opening(measures="wage_subsidy_public;work_practice")]
    )
    assert [(offer.measure, offer.cost) for offer in offers(problem)] == [
        ("wage_subsidy_public", {"wage_subsidy": 2796}),
        ("work_practice", {}),
    ]
