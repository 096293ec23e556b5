"""The part of the ledger about runs: stored, found, listed; their input put together again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

from matcher.clock import local_day
from matcher.errors import LedgerError
from matcher.ledger import run_folders, run_rows
from matcher.ledger.access import Store
from matcher.ledger.arrivals import ArrivalWeek, arrival_weeks
from matcher.ledger.inputs import policy_of, unpacked
from matcher.ledger.records import (
    AskedBeside,
    Proposal,
    Run,
    Stored,
    StoredUnplaced,
)
from matcher.ledger.schema import (
    FOLDERS,
    INPUT_TABLES,
    INPUTS,
    POLICIES,
    PROPOSALS,
    RESOURCES,
    RUNS,
    SEATS_GIVEN,
    TABLES,
    UNPLACED,
)
from matcher.plan import Plan, Row
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.queues import BackUps
from matcher.texts import Message

_NO_ISSUES: Mapping[str, Any] = {"errors": 0, "warnings": 0, "rows_put_aside": 0, "by_code": []}


class StoredRuns(Store):
    """Runs with their proposals, resources, folders and input."""

    def record_run(
        self,
        plan: Plan,
        problem: Problem,
        *,
        address: str,
        language: str = "en",
        made_up: bool = False,
        issues: Mapping[str, Any] | None = None,
        hidden: Path | None = None,
        folder: Path | None = None,
        keep_input: bool = True,
        seats_given: Mapping[str, int] | None = None,
        back_ups: BackUps | None = None,
        counting: Collection[AskedBeside] = (),
    ) -> Stored:
        """Store a run; the same input, options and outcome are known again and stored once.

        Parameters
        ----------
        plan
            The record of the solved week, explained (:func:`matcher.explain.explained`).
        problem
            What was solved, with everything the ledger had added to the tables.
        address
            Where the tables came from, without password.
        language
            Language of the run folder.
        made_up
            Whether the tables are about nobody.
        issues
            Counts of what was wrong with the tables (:func:`matcher.tables.issue_counts`); never a
            cell. None: nothing was wrong.
        hidden, folder
            Where the run folder lies and what it will be called; call :meth:`settle` once it has
            that name. Of a run known already, with its folder in place, neither is noted: the
            caller throws the new one away.
        keep_input
            Whether to store the tables too, so that the run can be made again.
        seats_given
            Seats in the tables by opening, where ``problem`` has fewer because others filled some.
        back_ups
            Says who is asked beside others for one seat. None: nobody.
        counting
            Those asked beside by an earlier run whose yes waited and counts in this one; any other
            that still waits lapses.
        """
        with self.writing() as connection:
            return run_rows.record_run(
                connection,
                plan,
                problem,
                root=self.root,
                told=run_rows.ToldOfRun(address, language, made_up, dict(issues or _NO_ISSUES)),
                hidden=hidden,
                folder=folder,
                keep_input=keep_input,
                seats_given=seats_given or {},
                back_ups=back_ups,
                counting=counting,
            )

    def settle(self) -> tuple[Path, ...]:
        """Give run folders their names: those of the run at hand, and of runs killed before that.

        A stored run whose folder still lies under its hidden name gets it now. Returns the
        folders named.
        """
        with self.writing() as connection:
            return run_folders.settle(connection, self.root)

    def note_forms(self, run_id: str, folder: Path) -> None:
        """Note a folder that forms of a run are written to, so that forgetting reaches them."""
        with self.writing() as connection:
            run_folders.note_forms(connection, self.root, run_id, folder)

    def waiting_folders(self) -> frozenset[Path]:
        """Hidden folders that belong to stored runs and must not be cleaned away."""
        with self.reading() as connection:
            rows = connection.execute(
                sa.select(FOLDERS.c.hidden).where(FOLDERS.c.hidden.isnot(None))
            )
            return frozenset(self.root / row.hidden for row in rows)

    def runs(self, *, before: dt.date | None = None, most: int | None = None) -> tuple[Run, ...]:
        """Return stored runs, newest first (by day, then in order of recording).

        Parameters
        ----------
        before
            Only runs of days before this one: a second run on the same day must not build on
            the first, or the same input would not give the same run.
        most
            At most so many.
        """
        query = sa.select(RUNS).order_by(RUNS.c.day.desc(), RUNS.c.number.desc()).limit(most)
        if before is not None:
            query = query.where(RUNS.c.day < before)
        return self._all(query, run_rows.run_of)

    def last_run(self, day: dt.date, before: dt.datetime) -> Run | None:
        """Return the last run of a day or an earlier one that was recorded before a moment."""
        query = (
            sa.select(RUNS)
            .where(RUNS.c.day <= day, RUNS.c.recorded_at < before)
            .order_by(RUNS.c.day.desc(), RUNS.c.number.desc())
            .limit(1)
        )
        with self.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else run_rows.run_of(row)

    def seats_given(self, run_id: str) -> dict[str, int]:
        """Return the seats in a run's tables, by opening, where its input has fewer."""
        query = sa.select(SEATS_GIVEN).where(SEATS_GIVEN.c.run_id == run_id)
        with self.reading() as connection:
            return {row.opening_id: row.seats for row in connection.execute(query)}

    def run(self, run_id: str) -> Run:
        """Return the run of that name, of a name that begins so, or of that number.

        Raises
        ------
        LedgerError
            There is none, or several begin so; the message names those that are near.
        """
        with self.reading() as connection:
            return run_rows.find_run(connection, run_id)

    def proposals(self, run_id: str) -> tuple[Proposal, ...]:
        """Return the proposals of a run, sorted by citizen."""
        query = (
            sa.select(PROPOSALS)
            .where(PROPOSALS.c.run_id == run_id)
            .order_by(PROPOSALS.c.citizen_id)
        )
        return self._all(query, run_rows.proposal_of)

    def unplaced(self, run_id: str) -> tuple[StoredUnplaced, ...]:
        """Return who was left over in a run, sorted by citizen."""
        query = (
            sa.select(UNPLACED).where(UNPLACED.c.run_id == run_id).order_by(UNPLACED.c.citizen_id)
        )
        return self._all(query, lambda row: run_rows.filled(StoredUnplaced, row))

    def resources(self, run_id: str) -> tuple[Row, ...]:
        """Return the rows of a run, sorted by rule and key; those of households are not kept."""
        query = (
            sa.select(RESOURCES)
            .where(RESOURCES.c.run_id == run_id)
            .order_by(RESOURCES.c.rule, RESOURCES.c.key)
        )
        return self._all(query, run_rows.row_of)

    def folders(self, run_id: str) -> tuple[Path, ...]:
        """Return the run folders made of a run."""
        query = (
            sa.select(FOLDERS)
            .where(FOLDERS.c.run_id == run_id, FOLDERS.c.language != run_folders.FORMS)
            .order_by(FOLDERS.c.id)
        )
        return self._all(query, lambda row: self.root / row.path)

    def out_folders(self) -> tuple[Path, ...]:
        """Return the folders that run folders of the ledger lie in and that are there."""
        with self.reading() as connection:
            paths = connection.execute(
                sa.select(FOLDERS.c.path).where(FOLDERS.c.language != run_folders.FORMS)
            ).scalars()
            outs = sorted({(self.root / path).parent for path in paths})
        return tuple(out for out in outs if out.is_dir())

    def input_table(self, run_id: str, name: str) -> pd.DataFrame | None:
        """Return one table of a run's input; None where it is not there any more."""
        query = (
            sa.select(TABLES.c.content)
            .join(INPUT_TABLES, INPUT_TABLES.c.table_digest == TABLES.c.digest)
            .join(RUNS, RUNS.c.input_digest == INPUT_TABLES.c.input_digest)
            .where(RUNS.c.run_id == run_id, INPUT_TABLES.c.name == name)
        )
        with self.reading() as connection:
            content = connection.execute(query).scalar()
        return None if content is None else unpacked(name, content)

    def arrival_weeks(self, since: dt.date, until: dt.date) -> tuple[ArrivalWeek, ...]:
        """Return how many came in weeks whose tables may be gone, by coarse cell, oldest first.

        Parameters
        ----------
        since
            First day.
        until
            Day before which they lie.
        """
        with self.reading() as connection:
            return arrival_weeks(connection, since, until)

    def problem(self, run_id: str) -> Problem:
        """Put the input of a run together again.

        Raises
        ------
        LedgerError
            It was not stored, or it is gone (retention), or changed (somebody was forgotten); the
            message says which and since when.
        """
        with self.reading() as connection:
            run = run_rows.find_run(connection, run_id)
            stored = connection.execute(
                sa.select(INPUTS).where(INPUTS.c.digest == run.input_digest)
            ).one_or_none()
            if stored is None:
                raise LedgerError(Message("ledger.input_not_stored", run=run.run_id))
            if stored.dropped_at is not None:
                raise LedgerError(
                    Message(
                        "ledger.input_deleted", run=run.run_id, day=local_day(stored.dropped_at)
                    )
                )
            if stored.forgotten:
                raise LedgerError(
                    Message("ledger.input_forgotten", run=run.run_id, count=stored.forgotten)
                )
            tables = connection.execute(
                sa.select(INPUT_TABLES.c.name, TABLES.c.content)
                .join(TABLES, TABLES.c.digest == INPUT_TABLES.c.table_digest)
                .where(INPUT_TABLES.c.input_digest == run.input_digest)
            )
            frames = {row.name: unpacked(row.name, row.content) for row in tables}
            policy = self._policy(connection, run)
        return Problem(frames, policy, run.day)

    def state(self, run_id: str) -> str:
        """Return a text that changes when what is stored about a run's people does.

        Whoever keeps what was made of a run keeps it under that text: it is another one once
        somebody of the run is forgotten, or its tables are kept no longer.

        Raises
        ------
        LedgerError
            There is no such run (any more).
        """
        with self.reading() as connection:
            run = run_rows.find_run(connection, run_id)
            query = sa.select(INPUTS.c.forgotten, INPUTS.c.dropped_at)
            stored = connection.execute(
                query.where(INPUTS.c.digest == run.input_digest)
            ).one_or_none()
        tables = "-" if stored is None or stored.dropped_at is not None else stored.forgotten
        return f"{run.run_id} {run.forgotten} {tables}"

    def policy(self, run_id: str) -> Policy:
        """Return the policy a run was made under.

        Raises
        ------
        LedgerError
            There is no such run, or this version cannot read its policy.
        """
        with self.reading() as connection:
            return self._policy(connection, run_rows.find_run(connection, run_id))

    def _policy(self, connection: sa.Connection, run: Run) -> Policy:
        query = sa.select(POLICIES.c.content).where(POLICIES.c.digest == run.policy_digest)
        return policy_of(connection.execute(query).scalar_one(), run.run_id)
