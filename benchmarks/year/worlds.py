"""Municipalities in which ways to plan are held against each other, and worlds without a gain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from matcher.policy import Policy
from matcher.records import UNLIMITED
from matcher.week import parse_week, week_text
from scenarios.population import Population
from scenarios.year import Year, YearSpec
from scenarios.year.simulate import found_town, live
from scenarios.year.town import Town
from scenarios.year.ways import choose

_WAITING: Mapping[str, Any] = {"citizens": 300, "openings": 60}
_PACE = (12.0, 6.0)
"""Citizens and openings that come in a week."""
_PLENTY = {"mentor_hours": 1000.0, "class_seats": 1000.0, "budgets": 1000.0, "course_seats": 100.0}


@dataclass(frozen=True)
class World:
    """A municipality, and what befalls it."""

    title: str
    population: Mapping[str, Any] = field(default_factory=lambda: _WAITING)
    befalls: Mapping[str, Any] = field(default_factory=dict)
    """What else is asked of its years, see :class:`scenarios.year.YearSpec`."""

    def spec(self, seed: int, weeks: int, way: Any = "exact", **more: Any) -> YearSpec:
        """One of its years, planned one way."""
        citizens, openings = _PACE
        return YearSpec(
            Population(seed=seed, **self.population), way=way, weeks=weeks, seed=seed,
            citizens_a_week=citizens, openings_a_week=openings, **{**self.befalls, **more},
        )  # fmt: skip


SCARCE = World("few mentors and classes")
"""What the calibration has for 300 who wait."""
AMPLE = World(
    "four times the mentors, classes and money",
    {**_WAITING, "mentor_hours": 4.0, "class_seats": 4.0, "budgets": 4.0},
)
"""Seats begin to be what is short."""
SHORT = World(
    "the year's money is short, all else is ample", AMPLE.population,
    {"policy": {"money": {
        "year_budgets": {"mentors": 700_000, "classes": 400_000, "wage_subsidy": 1_100_000},
        "year_ends": "08-29",
    }}},
)  # fmt: skip
"""About three fifths of what 40 exact weeks of :data:`AMPLE` cost; the year ends with the last."""
STRESS = (
    World("a third fewer come than were seen", befalls={"arrivals": 0.7}),
    World("a third more come than were seen", befalls={"arrivals": 1.3}),
    World("the largest employer closes in week 20", befalls={"closing_week": 20}),
    World("placements are taken to last: nobody leaves early", befalls={
        "policy": {"horizon": {"leaving_permille": 0, "leaving_weight": 1_000_000}}}),
    World("placements are taken to end four times as often", befalls={
        "policy": {"horizon": {"leaving_permille": 100, "leaving_weight": 1_000_000}}}),
)  # fmt: skip
NULL = (
    World("nothing is scarce", {**_WAITING, **_PLENTY}),
    World("seats alone are scarce", {**_WAITING, **_PLENTY, "seats": 0.5, "openings": 25}),
)
"""Worlds in which prices can bring nothing and must change nothing."""


def live_alike(way: Any, seed: int, weeks: int) -> Year:
    """Live through a year in which all offers are alike: a null world too."""
    # All alike is hard to prove: a small place.
    spec = SCARCE.spec(seed, weeks, way)
    few = replace(spec.population, citizens=60, openings=12)
    small = replace(spec, population=few, citizens_a_week=2.0, openings_a_week=1.0)
    return live(equal_offers(found_town(small)), weeks, {}, lambda t, p: choose(way, t, p))


def equal_offers(town: Town) -> Town:
    """Make every offer alike: same need, same place, same job, same first day; only who differs."""
    shifts = week_text(parse_week("mon-fri 09:00-13:00"))
    alike: dict[str, dict[str, Any]] = {
        "citizens": {**_easy("citizens"), "mentor_hours": 0.5, "category": "activity_ready",
                     "household_id": None, "available_from": None, "practice_weeks_used": 0.0},
        "openings": {**_easy("openings"), "hours_min": 10.0, "hours_max": 20.0, "shifts": shifts,
                     "measures": "work_practice", "mentor_hours": 0.0, "isco": "9112",
                     "ramp_weeks": 0, "prospect": 0, "start_from": None, "start_to": None},
    }  # fmt: skip
    own = {
        "citizens": {"citizen_id", "caseworker_id", "weeks_waiting", "unknown"},
        "openings": {"opening_id", "workplace_id", "seats", "unknown"},
    }
    tables = dict(town.stream.tables)
    for name, fields in alike.items():
        frame = tables[name]
        first = frame.iloc[0].to_dict()
        tables[name] = frame.assign(**{
            column: pd.Series([fields.get(column, first[column])] * len(frame),
                              dtype=frame[column].dtype)
            for column in frame.columns if column not in own[name]
        })  # fmt: skip
    tables["workplaces"] = tables["workplaces"].assign(
        postcode=tables["citizens"]["postcode"].iloc[0], sector="municipal", ordinary_staff=40,
        representative_agrees=True,
    )  # fmt: skip
    pools = tables["mentor_pools"]
    # One pool for all: of several, one may be worth more than another.
    one = pools.head(1).assign(hours=pools["hours"].sum(), workplace_id=None, municipality=None)
    tables["mentor_pools"] = one.astype(pools.dtypes.to_dict())
    return Town(replace(town.stream, tables=tables), _lasting(town.policy), town.figures, 1)


def _lasting(policy: Policy) -> Policy:
    """Return the policy with measures that last for all: who comes back has no fewer weeks left."""
    measures = {
        name: one.model_copy(update={
            "weeks": dict.fromkeys(one.weeks, 520), "weeks_integration_act": None,
            "weeks_used": None,
        })
        for name, one in policy.measures.items()
    }  # fmt: skip
    return policy.model_copy(update={"measures": measures})


def _easy(name: str) -> dict[str, Any]:
    """What stands in nobody's way, as a table holds it."""
    return {
        key: (";".join(value) or None if isinstance(value, tuple) else value)
        for key, value in UNLIMITED[name].items()
    }
