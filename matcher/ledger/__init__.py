"""The ledger: runs, proposals, decisions and placements, week after week.

SQLite in a file beside the runs, or PostgreSQL by address; the same tables, the same code.
"""

from matcher.ledger.arrivals import KEYS, ArrivalWeek, cells, matches, newcomers
from matcher.ledger.compare import BeforeAfter, Difference, Left, difference
from matcher.ledger.lock import PATIENCE
from matcher.ledger.privacy import TOKEN, Purged, purge
from matcher.ledger.records import (
    OUTCOMES,
    AskedBeside,
    CameTo,
    Decision,
    Event,
    EventKind,
    Job,
    JobState,
    LogEntry,
    Outcome,
    Proposal,
    Question,
    Recorded,
    RefusedRow,
    Run,
    SavedScenario,
    Stored,
    StoredUnplaced,
    UnderWay,
    Verdict,
)
from matcher.ledger.store import Ledger

__all__ = [
    "KEYS",
    "OUTCOMES",
    "PATIENCE",
    "TOKEN",
    "ArrivalWeek",
    "AskedBeside",
    "BeforeAfter",
    "CameTo",
    "Decision",
    "Difference",
    "Event",
    "EventKind",
    "Job",
    "JobState",
    "Ledger",
    "Left",
    "LogEntry",
    "Outcome",
    "Proposal",
    "Purged",
    "Question",
    "Recorded",
    "RefusedRow",
    "Run",
    "SavedScenario",
    "Stored",
    "StoredUnplaced",
    "UnderWay",
    "Verdict",
    "cells",
    "difference",
    "matches",
    "newcomers",
    "purge",
]
