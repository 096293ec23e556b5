"""The ledger itself: what is written and read, in whole transactions under one lock."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from matcher.clock import now
from matcher.ledger.access import Access
from matcher.ledger.connect import base_of
from matcher.ledger.lock import PATIENCE, Told
from matcher.ledger.records import LogEntry
from matcher.ledger.schema import LOG
from matcher.ledger.stored_decisions import StoredDecisions
from matcher.ledger.stored_jobs import StoredJobs
from matcher.ledger.stored_questions import StoredQuestions
from matcher.ledger.stored_runs import StoredRuns
from matcher.ledger.stored_scenarios import StoredScenarios


class Ledger(StoredRuns, StoredDecisions, StoredJobs, StoredQuestions, StoredScenarios):
    """The store of runs, proposals, decisions, placements, questions, scenarios, work under way.

    Open it with :meth:`open`, best in a ``with``. Everything that writes takes the lock for as
    long as it lasts; whoever reads, decides and then writes holds :meth:`lock` around all of it.
    Every write is one transaction: it is there wholly or not at all.

    Any method raises :class:`~matcher.errors.LedgerError` when the base is full, read-only or
    gone; what was stored before stays whole.
    """

    @classmethod
    def open(
        cls,
        address: str | Path,
        *,
        create: bool = True,
        wait: float = PATIENCE,
        heard: Told | None = None,
    ) -> Self:
        """Open the ledger at an address, with the newest tables.

        A file that is not there is made by the first that is written or read, so that a run that
        fails on its tables leaves nothing behind.

        Parameters
        ----------
        address
            Path of a SQLite file, or ``sqlite:///FILE``, or ``postgresql://user@host/base``.
        create
            Whether to make it if it is not there.
        wait
            Seconds to wait while another process works on it.
        heard
            Called with a sentence when somebody else has to finish first.

        Raises
        ------
        LedgerError
            It is not there, not a ledger, of a newer version, or cannot be read or written.
        LedgerBusyError
            Another process held it all the while.
        """
        ledger = cls(Access(base_of(address), wait, heard))
        if create and ledger.file is not None and not ledger.file.exists():
            return ledger
        try:
            ledger._access.prepare(create=create)
        except BaseException:
            ledger.close()
            raise
        return ledger

    @property
    def address(self) -> str:
        """Where it is, without password."""
        return self._access.base.shown

    def close(self) -> None:
        """Let go of all connections."""
        self._access.base.engine.dispose()

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def log(self) -> tuple[LogEntry, ...]:
        """Return what was done to the ledger itself, oldest first."""
        with self.reading() as connection:
            rows = connection.execute(sa.select(LOG).order_by(LOG.c.id))
            return tuple(LogEntry(row.at, row.action, row.facts) for row in rows)

    def note_use(self, action: str, facts: Mapping[str, Any]) -> None:
        """Note in the log that something was done by somebody, for who asks who and when.

        Parameters
        ----------
        action
            What was done, at most 32 characters.
        facts
            Who, in which run, about which proposal by its key; never the id of a citizen.
        """
        with self.writing() as connection:
            connection.execute(sa.insert(LOG).values(at=now(), action=action, facts=dict(facts)))

    def vacuum(self) -> None:
        """Give the space of what was deleted back, so that it is not on the disk any more."""
        self._access.vacuum()
