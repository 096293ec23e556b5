"""The part of the ledger about work under way: a row for each process that somebody started.

A run holds the ledger from the reading of its tables to its end. Rows of jobs are of no run, so
they are written beside that lock, each in a transaction of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from matcher.clock import now
from matcher.ledger import run_rows
from matcher.ledger.access import Store
from matcher.ledger.records import Job, JobState
from matcher.ledger.schema import JOBS

KEPT_JOBS = 20
"""Jobs that are over and remembered."""


class StoredJobs(Store):
    """Jobs: begun, told how far they are, asked to end, over."""

    def begin_job(
        self,
        job_id: str,
        kind: str,
        asked: Mapping[str, Any],
        *,
        asked_by: str,
        machine: str,
        slot: str | None = None,
    ) -> bool:
        """Note a job that is about to be started.

        Parameters
        ----------
        asked
            What it is started with; never the id of anybody, and no password.
        slot
            What only one job at a time may hold, on any machine; it is free again when the job is
            over. None: as many as are asked for.

        Returns
        -------
        bool
            Whether it may start; if not, nothing is noted.
        """
        moment = now()
        with self.noting() as connection:
            held = sa.select(JOBS.c.job_id).where(JOBS.c.slot == slot)
            if slot is not None and connection.execute(held).first() is not None:
                return False
            over = (
                sa.select(JOBS.c.job_id)
                .where(JOBS.c.state != "running")
                .order_by(JOBS.c.started_at.desc())
                .offset(KEPT_JOBS)
            )
            old = connection.execute(over).scalars().all()
            connection.execute(sa.delete(JOBS).where(JOBS.c.job_id.in_(old)))
            row = {
                "job_id": job_id, "kind": kind, "state": "running", "slot": slot,
                "asked": dict(asked), "asked_by": asked_by, "started_at": moment,
                "beat_at": moment, "machine": machine, "process": "", "to_end": False,
                "progress": {},
            }  # fmt: skip
            try:
                with connection.begin_nested():
                    connection.execute(sa.insert(JOBS).values(row))
            except sa.exc.IntegrityError:
                return False  # somebody else's was first
        return True

    def tell_job(
        self, job_id: str, progress: Mapping[str, Any] | None = None, *, process: str | None = None
    ) -> bool:
        """Note that a job is alive, and how far it is.

        Returns
        -------
        bool
            Whether it is to go on: it is still running, and nobody has asked it to end.
        """
        said: dict[str, Any] = {"beat_at": now()}
        if progress is not None:
            said["progress"] = dict(progress)
        if process is not None:
            said["process"] = process
        mine = (JOBS.c.job_id == job_id) & (JOBS.c.state == "running")
        with self.noting() as connection:
            told = connection.execute(sa.update(JOBS).where(mine).values(said))
            asked = connection.execute(sa.select(JOBS.c.to_end).where(mine)).scalar()
        return told.rowcount == 1 and not asked

    def ask_job_to_end(self, job_id: str) -> None:
        """Note that somebody wants a job to end; it hears it wherever it runs."""
        with self.noting() as connection:
            connection.execute(
                sa.update(JOBS).where(JOBS.c.job_id == job_id).values(to_end=sa.true())
            )

    def end_job(
        self, job_id: str, state: JobState, progress: Mapping[str, Any] | None = None
    ) -> bool:
        """Note that a job is over; what was noted first stays.

        Returns
        -------
        bool
            Whether it was running until now.
        """
        said: dict[str, Any] = {"state": state, "slot": None, "ended_at": now()}
        if progress is not None:
            said["progress"] = dict(progress)
        mine = (JOBS.c.job_id == job_id) & (JOBS.c.state == "running")
        with self.noting() as connection:
            return connection.execute(sa.update(JOBS).where(mine).values(said)).rowcount == 1

    def job(self, job_id: str) -> Job | None:
        """Return a job; None: there is none of that name."""
        with self.reading() as connection:
            row = connection.execute(sa.select(JOBS).where(JOBS.c.job_id == job_id)).first()
        return None if row is None else run_rows.filled(Job, row)

    def jobs(self, *, since: dt.datetime | None = None) -> tuple[Job, ...]:
        """Return jobs, newest first."""
        query = sa.select(JOBS).order_by(JOBS.c.started_at.desc(), JOBS.c.job_id.desc())
        if since is not None:
            query = query.where(JOBS.c.started_at >= since)
        return self._all(query, lambda row: run_rows.filled(Job, row))
