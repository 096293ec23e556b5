"""Small weeks for tests: one citizen C1, one opening O1 at W1 of employer E1, changed as needed.

On 23 November 2026, a Monday. C1 is an activity-ready citizen in 8000 who can work 37 hours; O1 in
8200 offers 10-20 ordinary hours, Monday to Friday 09:00-13:00. The bus takes 20 minutes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from matcher.policy import Policy, load_policy
from matcher.problem import Problem
from matcher.records import (
    Citizen,
    Opening,
    Place,
    Record,
    TravelTime,
    Workplace,
)

TODAY = dt.date(2026, 11, 23)
PLACES = (
    Place(postcode="8000", name="Aarhus C", latitude=56.15, longitude=10.20),
    Place(postcode="8200", name="Aarhus N", latitude=56.18, longitude=10.18),
    Place(postcode="8300", name="Odder", latitude=55.97, longitude=10.15),
)
TIMES = (
    TravelTime(from_postcode="8000", to_postcode="8200", minutes=20),
    TravelTime(from_postcode="8200", to_postcode="8000", minutes=20),
)
LINES = ("wage_subsidy", "mentors", "classes", "courses")
OPEN_BUDGETS = {"money": {"budgets": dict.fromkeys(LINES, 10**7)}}


def citizen(citizen_id: str = "C1", **changes: Any) -> Citizen:
    """C1, or another like it."""
    return Citizen(
        **{
            "citizen_id": citizen_id,
            "category": "activity_ready",
            "age": 35,
            "postcode": "8000",
            **changes,
        }
    )


def opening(opening_id: str = "O1", **changes: Any) -> Opening:
    """O1, or another like it."""
    return Opening(
        **{
            "opening_id": opening_id,
            "workplace_id": "W1",
            "isco": "9112",
            "hours_min": 10,
            "hours_max": 20,
            "shifts": "mon-fri 09:00-13:00",
            **changes,
        }
    )


def workplace(workplace_id: str = "W1", **changes: Any) -> Workplace:
    """W1, or another like it."""
    return Workplace(
        **{
            "workplace_id": workplace_id,
            "employer_id": "E1",
            "sector": "municipal",
            "postcode": "8200",
            "ordinary_staff": 20,
            **changes,
        }
    )


def policy(changes: Mapping[str, Any] | None = None, today: dt.date = TODAY) -> Policy:
    """The built-in policy with a floor of 0 and ample budgets, and changes."""
    base = load_policy(today, {"fit": {"floor": 0}, **OPEN_BUDGETS})
    if not changes:
        return base
    from matcher.policy import override_of

    return override_of(base, changes)


def week(
    citizens: Iterable[Citizen] = (),
    openings: Iterable[Opening] = (),
    workplaces: Iterable[Workplace] = (),
    *,
    rules: Mapping[str, Any] | None = None,
    today: dt.date = TODAY,
    **tables: Iterable[Record],
) -> Problem:
    """A problem of the given records; tables left out hold C1, O1 and W1."""
    return Problem.from_records(
        policy(rules, today),
        today,
        **{
            "citizens": tuple(citizens) or (citizen(),),
            "openings": tuple(openings) or (opening(),),
            "workplaces": tuple(workplaces) or (workplace(),),
            "places": PLACES,
            "travel_times": TIMES,
            **tables,
        },
    )
