"""Small made-up weeks with a hand-made legal plan, changed one thing at a time.

The plain week is C1, O1 and W1 of :mod:`tests.weeks`, O1 in care. Only the measure counts in the
fit and the floor is 0, so the fit of a placement is the evidence of its measure: 1000 for ordinary
hours.

The plan's numbers: 20 hours = 1200 minutes (the job's most; C1 could work 37), start on the 24th
(one day's notice), no cost.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import pandas as pd

from matcher.plan import Placement, Plan, Tier
from matcher.policy import Policy, Weights, load_policy
from matcher.problem import Problem, as_frame
from matcher.records import TABLES, Citizen, Opening, Record, Workplace
from matcher.verify import Violation, verify
from tests.weeks import C1, O1, PLACES, TIMES, TODAY, W1

WEIGHTS = tuple(Weights.model_fields)
ONLY_MEASURE = {"fit": {"floor": 0, "weights": {name: int(name == "measure") for name in WEIGHTS}}}

PLACEMENT = {
    "citizen_id": "C1",
    "opening_id": "O1",
    "measure": "ordinary",
    "team_id": None,
    "pool_id": None,
    "mentor_minutes": 0,
    "course_ids": (),
    "minutes": 1200,
    "start": dt.date(2026, 11, 24),
    "commute": 20,
    "fit": 1000,
    "components": {"measure": 1000},
    "cost": {},
}
Rows = Mapping[str, Mapping[str, Any]]


def deep(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one nested mapping over another."""
    made = dict(old)
    for key, value in new.items():
        both = isinstance(value, Mapping) and isinstance(made.get(key), Mapping)
        made[key] = deep(made[key], value) if both else value
    return made


_POLICIES: dict[tuple[dt.date, str], Policy] = {}


@cache
def frame(name: str, rows: tuple[Record, ...]) -> pd.DataFrame:
    """Canonical frame of a table, made once for equal rows."""
    dumped = [row.model_dump() for row in rows]
    fields = TABLES[name].record.model_fields
    return as_frame(TABLES[name], {key: [row[key] for row in dumped] for key in fields})


PRACTICE_PLACED = {"measure": "work_practice", "fit": 350, "components": {"measure": 350}}
"""What a placement in work practice says, where it differs from World's."""
SUBSIDY_PLACED = {
    "measure": "wage_subsidy_public",
    "fit": 350,
    "components": {"measure": 350},
    "cost": {"wage_subsidy": 2796},
}
"""The same with a public wage subsidy: 20 hours x 139.80 DKK = 2796 DKK a week."""


@dataclass(frozen=True)
class World:
    """Records and plan of a week; ``but`` changes C1, O1, W1 and the first placement."""

    citizens: Rows = field(default_factory=lambda: {"C1": C1})
    openings: Rows = field(default_factory=lambda: {"O1": {**O1, "isco": "5322"}})
    workplaces: Rows = field(default_factory=lambda: {"W1": W1})
    placements: tuple[Mapping[str, Any], ...] = (PLACEMENT,)
    rules: Mapping[str, Any] = field(default_factory=lambda: ONLY_MEASURE)
    tables: Mapping[str, tuple[Record, ...]] = field(
        default_factory=lambda: {"places": PLACES, "travel_times": TIMES}
    )
    today: dt.date = TODAY
    tiers: Mapping[str, Tier] = field(default_factory=dict)

    def but(
        self,
        *,
        citizen: Mapping[str, Any] | None = None,
        opening: Mapping[str, Any] | None = None,
        workplace: Mapping[str, Any] | None = None,
        placement: Mapping[str, Any] | None = None,
        rules: Mapping[str, Any] | None = None,
        all_citizens: Mapping[str, Any] | None = None,
        all_placements: Mapping[str, Any] | None = None,
        **tables: tuple[Record, ...],
    ) -> World:
        """Return the week with changes."""
        citizens = {
            key: {**row, **(all_citizens or {}), **((citizen or {}) if key == "C1" else {})}
            for key, row in self.citizens.items()
        }
        placements = [{**row, **(all_placements or {})} for row in self.placements]
        if placement:
            placements[0] = {**placements[0], **placement}
        return replace(
            self,
            citizens=citizens,
            openings={**self.openings, "O1": {**self.openings["O1"], **(opening or {})}},
            workplaces={**self.workplaces, "W1": {**self.workplaces["W1"], **(workplace or {})}},
            placements=tuple(placements),
            rules=deep(self.rules, rules or {}),
            tables={**self.tables, **tables},
        )

    def second(self, *, opening: str = "O1") -> World:
        """Return the week with C2, like C1 in all, at O1 or at an opening like it."""
        return replace(
            self,
            citizens={**self.citizens, "C2": {**self.citizens["C1"], "citizen_id": "C2"}},
            openings={
                **self.openings,
                opening: {**self.openings["O1"], "opening_id": opening, "seats": 2},
            },
            placements=(
                *self.placements,
                {**self.placements[0], "citizen_id": "C2", "opening_id": opening},
            ),
        )

    def policy(self) -> Policy:
        """Policy of the week."""
        key = (self.today, json.dumps(self.rules, sort_keys=True))
        if key not in _POLICIES:
            points = {"least_km": 0, **self.rules.get("travel", {})}
            _POLICIES[key] = load_policy(self.today, {**self.rules, "travel": points})
        return _POLICIES[key]

    def problem(self) -> Problem:
        """Input of the week."""
        tables: dict[str, tuple[Record, ...]] = {
            **dict.fromkeys(TABLES, ()),
            **self.tables,
            "citizens": tuple(Citizen(**row) for row in self.citizens.values()),
            "openings": tuple(Opening(**row) for row in self.openings.values()),
            "workplaces": tuple(Workplace(**row) for row in self.workplaces.values()),
        }
        frames = {name: frame(name, rows) for name, rows in tables.items()}
        return Problem(frames, self.policy(), self.today)

    def plan(self) -> Plan:
        """Plan of the week; the tiers are what the placements say unless given."""
        placements = tuple(Placement(**row) for row in self.placements)
        fit = sum(placement.fit for placement in placements)
        tiers = {
            "placements": Tier("placements", len(placements), len(placements), True),
            "fit": Tier("fit", fit, fit, True),
            "tie_break": Tier("tie_break", 512, 512, True),
            **self.tiers,
        }
        proven = tiers["placements"].proven and tiers["fit"].proven
        return Plan(placements, tuple(tiers.values()), "optimal" if proven else "feasible")

    def found(self) -> tuple[Violation, ...]:
        """What the check finds."""
        return verify(self.problem(), self.plan())


def named(found: tuple[Violation, ...]) -> list[tuple[str, str, int, int]]:
    """Rule, place and the two values of each violation."""
    return [(one.rule, one.where, one.value, one.limit) for one in found]
