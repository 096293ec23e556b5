"""The outcome of one scenario: everything a comparison needs, and nothing of how it was made.

An outcome is plain data: it can be pickled to a worker, kept as JSON under a digest, and read back
years later without the week's tables. Ids are those of the tables; groups are only counted.
"""

from scenarios.outcome.record import (
    AUDIT,
    CITIZEN_COLUMNS,
    COST,
    PLACEMENT_COLUMNS,
    RESOURCE_COLUMNS,
    SCHEMA_VERSION,
    Outcome,
    Parameter,
    RecordedChange,
    Status,
    SweepKind,
    failed,
)
from scenarios.outcome.solved import outcome_of

__all__ = [
    "AUDIT",
    "CITIZEN_COLUMNS",
    "COST",
    "PLACEMENT_COLUMNS",
    "RESOURCE_COLUMNS",
    "SCHEMA_VERSION",
    "Outcome",
    "Parameter",
    "RecordedChange",
    "Status",
    "SweepKind",
    "failed",
    "outcome_of",
]
