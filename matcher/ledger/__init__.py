"""The ledger: runs, proposals, decisions and placements, week after week.

SQLite in a file beside the runs, or PostgreSQL by address; the same tables, the same code.
"""

from matcher.ledger.lock import PATIENCE
from matcher.ledger.records import (
    Decision,
    Event,
    EventKind,
    LogEntry,
    Proposal,
    Recorded,
    Refused,
    Resource,
    Run,
    Stored,
    UnderWay,
    Unplaced,
    Verdict,
)
from matcher.ledger.store import Ledger

__all__ = [
    "PATIENCE",
    "Decision",
    "Event",
    "EventKind",
    "Ledger",
    "LogEntry",
    "Proposal",
    "Recorded",
    "Refused",
    "Resource",
    "Run",
    "Stored",
    "UnderWay",
    "Unplaced",
    "Verdict",
]
