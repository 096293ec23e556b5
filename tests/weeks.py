"""Small weeks for tests: one citizen C1, one opening O1 at W1 of employer E1, changed as needed.

On 23 November 2026, a Monday. C1 is an activity-ready citizen in 8000 who can work 37 hours; O1 in
8200 offers 10-20 ordinary hours, Monday to Friday 09:00-13:00. The bus takes 20 minutes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import pandas as pd

from matcher.policy import Policy, load_policy, override_of
from matcher.problem import Problem
from matcher.records import (
    UNLIMITED,
    Citizen,
    LanguageClass,
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


ABLE = UNLIMITED["citizens"]
"""All that protects a citizen, stated: everything is manageable, no paper is in hand."""
EASY = UNLIMITED["openings"]
"""All that an opening asks for, stated: it asks for nothing."""
ANY_LEVEL = UNLIMITED["teams"]
"""The levels of a class that is open to all."""


def stated(text: str, fields: Mapping[str, Any]) -> str:
    """Add to a CSV without quotation marks the columns that it does not have."""
    header, *rows = text.splitlines()
    more = {name: value for name, value in fields.items() if name not in header.split(",")}
    cells = ["none" if value in (None, ()) else str(value) for value in more.values()]
    return "\n".join([",".join([header, *more]), *(",".join([row, *cells]) for row in rows), ""])


C1: Mapping[str, Any] = {
    "citizen_id": "C1",
    "category": "activity_ready",
    "age": 35,
    "postcode": "8000",
    **ABLE,
}
O1: Mapping[str, Any] = {
    "opening_id": "O1",
    "workplace_id": "W1",
    "isco": "9112",
    **EASY,
    "hours_min": 10,
    "hours_max": 20,
    "shifts": "mon-fri 09:00-13:00",
}
W1: Mapping[str, Any] = {
    "workplace_id": "W1",
    "employer_id": "E1",
    "sector": "municipal",
    "postcode": "8200",
    "ordinary_staff": 20,
    "ordinary_fte": 20,
}


def citizen(citizen_id: str = "C1", **changes: Any) -> Citizen:
    """C1, or another like it."""
    return Citizen(**{**C1, "citizen_id": citizen_id, **changes})


def opening(opening_id: str = "O1", **changes: Any) -> Opening:
    """O1, or another like it."""
    return Opening(**{**O1, "opening_id": opening_id, **changes})


def workplace(workplace_id: str = "W1", **changes: Any) -> Workplace:
    """W1, or another like it; its staff works full time unless it is said."""
    if "ordinary_staff" in changes:
        changes = {"ordinary_fte": changes["ordinary_staff"], **changes}
    return Workplace(**{**W1, "workplace_id": workplace_id, **changes})


def able(**fields: Any) -> Citizen:
    """A citizen of whom all that protects is stated, and nothing else but what is given."""
    return Citizen(**{**ABLE, **fields})


def easy(**fields: Any) -> Opening:
    """An opening of which all that it asks for is stated, and nothing else but what is given."""
    return Opening(**{**EASY, **fields})


def team(team_id: str, **changes: Any) -> LanguageClass:
    """Make a class that is open to all levels."""
    return LanguageClass(**{"team_id": team_id, **ANY_LEVEL, **changes})


def policy(changes: Mapping[str, Any] | None = None, today: dt.date = TODAY) -> Policy:
    """The built-in policy with a floor of 0, ample budgets, places that are points, and changes."""
    return override_of(_base(today), changes) if changes else _base(today)


@cache
def _base(today: dt.date) -> Policy:
    return load_policy(today, {"fit": {"floor": 0}, "travel": {"least_km": 0}, **OPEN_BUDGETS})


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
    given = {
        "citizens": tuple(citizens),
        "openings": tuple(openings),
        "workplaces": tuple(workplaces),
        **tables,
    }
    listed = {name: rows for name, rows in given.items() if name in tables or rows}
    usual = {name: _usual(name) for name in _USUAL if name not in listed}
    rest = Problem.from_records(policy(rules, today), today, **listed)
    return rest.with_tables(**usual)


_USUAL: Mapping[str, tuple[Record, ...]] = {
    "citizens": (citizen(),),
    "openings": (opening(),),
    "workplaces": (workplace(),),
    "places": PLACES,
    "travel_times": TIMES,
}
"""Tables of a week of which nothing is said; all that protects somebody is stated in them."""


@cache
def _usual(name: str) -> pd.DataFrame:
    """Frame of such a table: the same whatever the policy, and made once."""
    return Problem.from_records(policy(), TODAY, **{name: _USUAL[name]})[name]
