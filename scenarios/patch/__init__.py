"""Scenarios: named patches of a week's tables and policy, written in TOML.

>>> from scenarios.patch import apply, library
>>> from scenarios.population import Population, problem
>>> week = problem(Population(citizens=60, openings=12))
>>> applied = apply(week, library().scenarios["more_mentor_hours"])
>>> print(applied.changes[0])
mentor_pools.hours: 5.75 -> 15.75 (1 row)
"""

from scenarios.patch.apply import Applied, AppliedChange, apply
from scenarios.patch.columns import path_name
from scenarios.patch.faults import FilePlace, ScenarioFault, WhatIfError
from scenarios.patch.file import (
    Sweep,
    WhatIf,
    library,
    parameters_of,
    read_text,
    read_what_if,
)
from scenarios.patch.scenario import Scenario
from scenarios.patch.spec import BothTexts

__all__ = [
    "Applied",
    "AppliedChange",
    "BothTexts",
    "FilePlace",
    "Scenario",
    "ScenarioFault",
    "Sweep",
    "WhatIf",
    "WhatIfError",
    "apply",
    "library",
    "parameters_of",
    "path_name",
    "read_text",
    "read_what_if",
]
