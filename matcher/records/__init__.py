"""What the tables hold: one frozen record per row, with unit, range and default.

These classes are the only description of the input. The readers, the checks, the empty templates
and the data dictionary are all made from them: a field added here is read, checked and documented.
Every field has a Danish column name beside the English one, and either is accepted.

A field that protects somebody (:class:`Protects`) has no favourable default: what a column that is
not there would mean must be declared in the policy, and an empty cell is not known. The fields of
the law (benefit, months, weeks used, staff figures) have the default that their rule names.

No field holds a CPR number, a name, a diagnosis, origin or gender. Age and residence facts are
there because a rule of law names them; they never enter the fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from matcher.records.cells import (
    HEALTH_CODES,
    HOURS,
    LEVELS,
    NAMES_ALSO_IN,
    NONE_WORDS,
    PAPERS,
    Benefit,
    Blocks,
    Category,
    Choice,
    Danish,
    Holidays,
    LastDay,
    PaperStatus,
    Protects,
    Record,
    Scale,
    Sector,
    TravelMode,
    Unit,
    UnknownIsAValue,
    careful_fields,
    cell_value,
    protected_fields,
)
from matcher.records.matches import Forbid, Happened, Happening, Lock, Previous, Running
from matcher.records.people import AuditGroup, Caseworker, Citizen
from matcher.records.places import (
    Course,
    LanguageClass,
    MentorPool,
    Opening,
    Place,
    TravelTime,
    Workplace,
)
from matcher.records.unlimited import UNLIMITED

__all__ = [
    "HEALTH_CODES",
    "HOURS",
    "LEVELS",
    "NAMES_ALSO_IN",
    "NONE_WORDS",
    "PAPERS",
    "TABLES",
    "UNLIMITED",
    "AuditGroup",
    "Benefit",
    "Blocks",
    "Caseworker",
    "Category",
    "Choice",
    "Citizen",
    "Course",
    "Danish",
    "Forbid",
    "Happened",
    "Happening",
    "Holidays",
    "LanguageClass",
    "LastDay",
    "Lock",
    "MentorPool",
    "Opening",
    "PaperStatus",
    "Place",
    "Previous",
    "Protects",
    "Record",
    "Running",
    "Scale",
    "Sector",
    "Table",
    "TravelMode",
    "TravelTime",
    "Unit",
    "UnknownIsAValue",
    "Workplace",
    "careful_fields",
    "cell_value",
    "danish_name",
    "protected_fields",
]


@dataclass(frozen=True)
class Table:
    """A table of the input: its names, its record, its key."""

    name: str
    danish: str
    record: type[Record]
    key: tuple[str, ...]
    """Columns whose values together may occur only once."""
    needed: bool = False
    """Whether a run is impossible without it."""
    binding: bool = False
    """Whether a row lost gives a taken seat away, or sends somebody where they must not go."""


TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table("citizens", "borgere", Citizen, ("citizen_id",), needed=True),
        Table("workplaces", "arbejdspladser", Workplace, ("workplace_id",), needed=True),
        Table("openings", "stillinger", Opening, ("opening_id",), needed=True),
        Table("teams", "hold", LanguageClass, ("team_id",)),
        Table("mentor_pools", "mentorpuljer", MentorPool, ("pool_id",)),
        Table("courses", "kurser", Course, ("course_id",)),
        Table("caseworkers", "sagsbehandlere", Caseworker, ("caseworker_id",)),
        Table(
            "running",
            "igangværende",
            Running,
            ("citizen_id", "opening_id", "start"),
            binding=True,
        ),
        Table("locks", "låsninger", Lock, ("citizen_id", "opening_id", "measure"), binding=True),
        Table(
            "forbids",
            "udelukkelser",
            Forbid,
            ("citizen_id", "opening_id", "workplace_id"),
            binding=True,
        ),
        Table("places", "steder", Place, ("postcode",), needed=True),
        Table("travel_times", "rejsetider", TravelTime, ("from_postcode", "to_postcode", "mode")),
        Table("previous", "tidligere_forslag", Previous, ("citizen_id",)),
        Table(
            "events",
            "hændelser",
            Happening,
            ("event", "day", "opening_id", "citizen_id"),
            binding=True,
        ),
        Table("audit_groups", "revisionsgrupper", AuditGroup, ("citizen_id", "dimension")),
    )
}
"""All tables of the input by English name, in the order they are documented."""


@cache
def danish_name(record: type[Record], field: str) -> str:
    """Danish column name of a field."""
    marks: list[Any] = record.model_fields[field].metadata
    return next(mark.name for mark in marks if isinstance(mark, Danish))
