"""Somebody without limits and a job without demands: for examples and tests, never for a run.

A table that leaves out what protects a person is refused; whoever makes up five people for an
example states it with these values. Nothing in the program takes them by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcher.records.cells import HEALTH_CODES, PAPERS

UNLIMITED: Mapping[str, Mapping[str, Any]] = {
    "citizens": {
        "oral": 6,
        "reading": 6,
        "capacity_hours": 37,
        "capacity_hours_day": 16,
        **{f"limit_{code}": 3 for code in HEALTH_CODES},
        "must_limits": (),
        "care_blocks": (),
        "treatment_blocks": (),
        "class_blocks": (),
        "other_blocks": (),
        "youngest_child": None,
        "single_provider": False,
        **{f"paper_{code}": "missing" for code in PAPERS},
        "mentor_hours": 0,
        "refusals": (),
        "max_commute": None,
        "available_from": None,
    },
    "openings": {
        "hours_min": 1,
        "oral_floor": 0,
        "reading_floor": 0,
        "language_gap_ok": None,
        **{f"demand_{code}": 0 for code in HEALTH_CODES},
        "papers": (),
        "age_min": None,
        "age_max": None,
    },
    "teams": {"level_from": 0, "level_to": 6},
}
"""By table, for each column that protects somebody: everything is managed (papers are not in
hand), nothing is asked for, the class is open to all."""
