"""Placements that break no rule, one for each measure and support: what rules are tried on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from matcher.records import Course, LanguageClass, MentorPool, Running, TravelTime
from tests.test_verify.world import PRACTICE_PLACED, SUBSIDY_PLACED, TODAY, World

HERE = "C1 at O1"
LAST = (TODAY + dt.timedelta(days=56)).toordinal()
"""Day number of the last day on which an opening without its own can start."""

PLAIN = World()
PRACTICE = PLAIN.but(
    opening={"measures": ("work_practice",)},
    placement=PRACTICE_PLACED,
)
# Six months of benefit are exactly enough.
PUBLIC = PLAIN.but(
    citizen={"benefit_months": 6},
    opening={"measures": ("wage_subsidy_public",)},
    placement=SUBSIDY_PLACED,
)
# 20 hours x 96.27 DKK = 1925.40 -> 1926 DKK a week; last month's staff equals the mean exactly.
PRIVATE = PLAIN.but(
    citizen={"benefit_months": 6},
    workplace={"sector": "private", "staff_last_month": 10, "staff_mean_12m": 10},
    opening={"measures": ("wage_subsidy_private",)},
    placement={
        "measure": "wage_subsidy_private",
        "fit": 800,
        "components": {"measure": 800},
        "cost": {"wage_subsidy": 1926},
    },
)
# The week holds 37 - 7.5 (school) = 29.5 hours = 1770 minutes of the 30 offered.
IGU = PLAIN.but(
    citizen={"refugee_or_reunified": True, "years_in_denmark": 20, "months_since_job": 3},
    opening={
        "measures": ("igu",),
        "hours_min": 25,
        "hours_max": 30,
        "shifts": "mon-fri 08:00-14:00",
    },
    placement={"measure": "igu", "minutes": 1770, "fit": 750, "components": {"measure": 750}},
)
TEAM = {
    "team_id": "T1",
    "level_from": 3,
    "level_to": 5,
    "seats": 1,
    "blocks": "mon 15:00-17:00",
    "postcode": "8200",
}


def team(**changes: Any) -> tuple[LanguageClass, ...]:
    """Return the table of classes with one class."""
    return (LanguageClass(**{**TEAM, **changes}),)


# One level of spoken Danish is missing; class T1 takes two hours and costs 900 DKK a week.
CLASS = PLAIN.but(
    citizen={"oral": 4},
    opening={"oral_floor": 5},
    placement={"team_id": "T1", "cost": {"classes": 900}},
    teams=team(),
)


def pool(**changes: Any) -> tuple[MentorPool, ...]:
    """Return the table of mentor pools with one pool."""
    return (MentorPool(**{"pool_id": "P1", "hours": 2, **changes}),)


# Two mentor hours = 120 minutes x 320 DKK an hour = 640 DKK a week.
MENTOR = PLAIN.but(
    citizen={"mentor_hours": 2.5},
    opening={"mentor_hours": 0.5},
    placement={"pool_id": "P1", "mentor_minutes": 120, "cost": {"mentors": 640}},
    mentor_pools=pool(),
)


def course(key: str = "K1", **changes: Any) -> Course:
    """Make a session that gives the hygiene certificate on 4 December."""
    fields = {"paper": "hygiene", "seats": 1, "ready_on": dt.date(2026, 12, 4), "cost": 1500}
    return Course(course_id=key, **{**fields, **changes})


COURSE = PLAIN.but(
    opening={"papers": ("hygiene",)},
    placement={"course_ids": ("K1",), "start": dt.date(2026, 12, 4), "cost": {"courses": 1500}},
    courses=(course(),),
)
NO_COURSE = {"course_ids": (), "start": dt.date(2026, 11, 24), "cost": {}}


def running(citizen: str = "C9", **changes: Any) -> Running:
    """Make a placement under way at O1."""
    fields = {"opening_id": "O1", "measure": "ordinary", "start": dt.date(2026, 9, 1)}
    return Running(citizen_id=citizen, **{**fields, **changes})


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
