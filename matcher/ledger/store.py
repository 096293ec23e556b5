"""The ledger itself: what is written and read, in whole transactions under one lock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pandas as pd
import sqlalchemy as sa

from matcher.clock import local_day
from matcher.errors import LedgerError
from matcher.ledger import decided, places, written
from matcher.ledger.access import Access
from matcher.ledger.inputs import policy_of, unpacked
from matcher.ledger.lock import PATIENCE, Told
from matcher.ledger.opening import base_of
from matcher.ledger.records import (
    Decision,
    Event,
    EventKind,
    LogEntry,
    Proposal,
    Recorded,
    Resource,
    Run,
    Stored,
    UnderWay,
    Unplaced,
)
from matcher.ledger.schema import (
    DECISIONS,
    EVENTS,
    FOLDERS,
    INPUT_TABLES,
    INPUTS,
    LOG,
    PLACEMENTS,
    POLICIES,
    PROPOSALS,
    RESOURCES,
    RUNS,
    SEATS_GIVEN,
    TABLES,
    UNPLACED,
)
from matcher.policy import Policy
from matcher.problem import Problem


class Ledger:
    """The store of runs, proposals, decisions and placements.

    Open it with :meth:`open`, best in a ``with``. Everything that writes takes the lock for as
    long as it lasts; whoever reads, decides and then writes holds :meth:`lock` around all of it.
    Every write is one transaction: it is there wholly or not at all.

    Any method raises :class:`~matcher.errors.LedgerError` when the base is full, read-only or
    gone; what was stored before stays whole.
    """

    def __init__(self, access: Access) -> None:
        self._access = access

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

    @property
    def file(self) -> Path | None:
        """The file of SQLite; None for a server."""
        return self._access.base.file

    @property
    def root(self) -> Path:
        """Where paths of run folders count from: the folder of the file; a server's are whole."""
        return self.file.resolve().parent if self.file is not None else Path()

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

    def lock(self) -> AbstractContextManager[None]:
        """Hold the ledger: no other process writes to it; may be nested.

        Raises
        ------
        LedgerBusyError
            Another process held it all the while.
        """
        return self._access.lock()

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection in a transaction under the lock; all or nothing."""
        return self._access.writing()

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection that sees one state."""
        return self._access.reading()

    # -------------------------------------------------------------------------- runs

    def record_run(
        self,
        document: Mapping[str, Any],
        problem: Problem,
        *,
        address: str,
        hidden: Path | None = None,
        folder: Path | None = None,
        keep_input: bool = True,
        seats_given: Mapping[str, int] | None = None,
    ) -> Stored:
        """Store a run; the same input, options and outcome are known again and stored once.

        Parameters
        ----------
        document
            As :func:`matcher.report.run_document` makes it.
        problem
            What was solved, with everything the ledger had added to the tables.
        address
            Where the tables came from, without password.
        hidden, folder
            Where the run folder lies and what it will be called; call :meth:`settle` once it has
            that name. Of a run known already, with its folder in place, neither is noted: the
            caller throws the new one away.
        keep_input
            Whether to store the tables too, so that the run can be made again.
        seats_given
            Seats in the tables by opening, where ``problem`` has fewer because others filled some.
        """
        with self.writing() as connection:
            return written.record_run(
                connection,
                document,
                problem,
                root=self.root,
                address=address,
                hidden=hidden,
                folder=folder,
                keep_input=keep_input,
                seats_given=seats_given or {},
            )

    def expected_id(self, document: Mapping[str, Any], problem: Problem) -> str:
        """Name that :meth:`record_run` will give or has given to this run.

        Hold :meth:`lock` from here to there, or another run may take the name.
        """
        with self.reading() as connection:
            return written.expected_id(connection, document, problem)

    def settle(self) -> tuple[Path, ...]:
        """Give run folders their names: those of the run at hand, and of runs killed before that.

        A stored run whose folder still lies under its hidden name gets it now. Returns the
        folders named.
        """
        with self.writing() as connection:
            return places.settle(connection, self.root)

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
        with self.reading() as connection:
            return tuple(written.run_of(row) for row in connection.execute(query))

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
        return None if row is None else written.run_of(row)

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
            return written.find_run(connection, run_id)

    def proposals(self, run_id: str) -> tuple[Proposal, ...]:
        """Return the proposals of a run, sorted by citizen."""
        query = (
            sa.select(PROPOSALS)
            .where(PROPOSALS.c.run_id == run_id)
            .order_by(PROPOSALS.c.citizen_id)
        )
        with self.reading() as connection:
            return tuple(written.proposal_of(row) for row in connection.execute(query))

    def unplaced(self, run_id: str) -> tuple[Unplaced, ...]:
        """Return who was left over in a run, sorted by citizen."""
        query = (
            sa.select(UNPLACED).where(UNPLACED.c.run_id == run_id).order_by(UNPLACED.c.citizen_id)
        )
        with self.reading() as connection:
            return tuple(written.filled(Unplaced, row) for row in connection.execute(query))

    def resources(self, run_id: str) -> tuple[Resource, ...]:
        """Return the resources of a run, sorted by rule and key."""
        query = (
            sa.select(RESOURCES)
            .where(RESOURCES.c.run_id == run_id)
            .order_by(RESOURCES.c.rule, RESOURCES.c.key)
        )
        with self.reading() as connection:
            return tuple(written.filled(Resource, row) for row in connection.execute(query))

    def folders(self, run_id: str) -> tuple[Path, ...]:
        """Return the run folders made of a run."""
        query = sa.select(FOLDERS).where(FOLDERS.c.run_id == run_id).order_by(FOLDERS.c.id)
        with self.reading() as connection:
            return tuple(self.root / row.path for row in connection.execute(query))

    def out_folders(self) -> tuple[Path, ...]:
        """Return the folders that run folders of the ledger lie in and that are there."""
        with self.reading() as connection:
            paths = connection.execute(sa.select(FOLDERS.c.path)).scalars()
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

    def problem(self, run_id: str) -> Problem:
        """Put the input of a run together again.

        Raises
        ------
        LedgerError
            It was not stored, or it is gone (retention), or changed (somebody was forgotten); the
            message says which and since when.
        """
        with self.reading() as connection:
            run = written.find_run(connection, run_id)
            stored = connection.execute(
                sa.select(INPUTS).where(INPUTS.c.digest == run.input_digest)
            ).one_or_none()
            if stored is None:
                raise LedgerError(f"run {run.run_id}: its input was not stored")
            if stored.dropped_at is not None:
                raise LedgerError(
                    f"run {run.run_id}: its input was deleted on"
                    f" {local_day(stored.dropped_at).isoformat()} as the policy's retention says"
                )
            if stored.forgotten:
                raise LedgerError(
                    f"run {run.run_id}: {stored.forgotten} of its citizens have been forgotten"
                    " since; what is left is another input"
                )
            tables = connection.execute(
                sa.select(INPUT_TABLES.c.name, TABLES.c.content)
                .join(TABLES, TABLES.c.digest == INPUT_TABLES.c.table_digest)
                .where(INPUT_TABLES.c.input_digest == run.input_digest)
            )
            frames = {row.name: unpacked(row.name, row.content) for row in tables}
            policy = self._policy(connection, run)
        return Problem(frames, policy, run.day)

    def policy(self, run_id: str) -> Policy:
        """Return the policy a run was made under.

        Raises
        ------
        LedgerError
            There is no such run, or this version cannot read its policy.
        """
        with self.reading() as connection:
            return self._policy(connection, written.find_run(connection, run_id))

    def _policy(self, connection: sa.Connection, run: Run) -> Policy:
        query = sa.select(POLICIES.c.content).where(POLICIES.c.digest == run.policy_digest)
        return policy_of(connection.execute(query).scalar_one(), run.run_id)

    # -------------------------------------------------------------------------- decisions

    def record_decisions(self, decisions: Iterable[Decision]) -> Recorded:
        """Store decisions; nothing is ever overwritten, the newest counts.

        A row that is there already, or that says of a proposal what its newest decision says,
        changes nothing. Newest is by ``decided_at``, then by order of recording: an old workbook
        sent again cannot turn back a later decision. Rows of an unknown run, or of a citizen and
        opening that the run did not propose, are refused; the others are taken.
        """
        with self.writing() as connection:
            return decided.record_decisions(connection, tuple(decisions))

    def decisions(
        self,
        *,
        run_id: str | None = None,
        since: dt.datetime | None = None,
        standing: dt.date | None = None,
        history: bool = False,
    ) -> tuple[Decision, ...]:
        """Return stored decisions, in order of deciding.

        Parameters
        ----------
        run_id
            Only those about this run's proposals.
        since
            Only those decided at or after this moment.
        standing
            Only those that still bind on this day: see :attr:`Decision.standing`, ``until`` on or
            after the day or open.
        history
            All of them; else only the newest about each proposal.
        """
        query = sa.select(DECISIONS).order_by(DECISIONS.c.decided_at, DECISIONS.c.id)
        if run_id is not None:
            query = query.where(DECISIONS.c.run_id == run_id)
        if since is not None:
            query = query.where(DECISIONS.c.decided_at >= since)
        if standing is not None:
            query = query.where(
                DECISIONS.c.standing,
                sa.or_(DECISIONS.c.until.is_(None), DECISIONS.c.until >= standing),
            )
        if not history:
            query = query.where(DECISIONS.c.latest)
        with self.reading() as connection:
            return tuple(decided.decision_of(row) for row in connection.execute(query))

    def note_costs(self, decisions: Iterable[Decision]) -> None:
        """Store what rejections cost the plan, with the newest decision about each proposal."""
        with self.writing() as connection:
            for one in decisions:
                connection.execute(
                    sa.update(DECISIONS)
                    .where(
                        DECISIONS.c.run_id == one.run_id,
                        DECISIONS.c.citizen_id == one.citizen_id,
                        DECISIONS.c.opening_id == one.opening_id,
                        DECISIONS.c.latest,
                    )
                    .values(cost_placements=one.cost_placements, cost_fit=one.cost_fit)
                )

    def standing(self, on: dt.date) -> tuple[tuple[Decision, Proposal], ...]:
        """Return the decisions that bind on a day, each with its proposal, in order.

        As :meth:`decisions` with ``standing``.
        """
        binds = sa.or_(DECISIONS.c.until.is_(None), DECISIONS.c.until >= on)
        return self._with_proposals(sa.and_(DECISIONS.c.standing, binds))

    def decided(self, since: dt.datetime) -> tuple[tuple[Decision, Proposal], ...]:
        """Return the newest decision about each proposal with the proposal, in order of deciding.

        Parameters
        ----------
        since
            Only those decided at or after this moment.
        """
        return self._with_proposals(DECISIONS.c.decided_at >= since)

    def _with_proposals(
        self, condition: sa.ColumnElement[bool]
    ) -> tuple[tuple[Decision, Proposal], ...]:
        joined = sa.and_(
            PROPOSALS.c.run_id == DECISIONS.c.run_id,
            PROPOSALS.c.citizen_id == DECISIONS.c.citizen_id,
        )
        about = [column.label(f"about_{column.name}") for column in PROPOSALS.c]
        query = (
            sa.select(DECISIONS, *about)
            .join(PROPOSALS, joined)
            .where(DECISIONS.c.latest, condition)
            .order_by(DECISIONS.c.decided_at, DECISIONS.c.id)
        )
        with self.reading() as connection:
            return tuple(
                (decided.decision_of(row), written.proposal_of(row, "about_"))
                for row in connection.execute(query)
            )

    def proposed(self, since: dt.date) -> tuple[tuple[str, str, str | None, int], ...]:
        """Count the proposals that were there to decide: run, unit, caseworker, proposals.

        Locked ones were decided before and are left out.

        Parameters
        ----------
        since
            Only of runs on or after this day.
        """
        of = PROPOSALS.c
        query = (
            sa.select(of.run_id, of.unit, of.caseworker_id, sa.func.count())
            .join(RUNS, RUNS.c.run_id == of.run_id)
            .where(RUNS.c.day >= since, sa.not_(of.locked))
            .group_by(of.run_id, of.unit, of.caseworker_id)
            .order_by(of.run_id, of.unit, of.caseworker_id)
        )
        with self.reading() as connection:
            return tuple((row[0], row[1], row[2], row[3]) for row in connection.execute(query))

    def record_events(self, events: Iterable[Event]) -> Recorded:
        """Store what happened, in the order given; a row that is there already changes nothing.

        A start opens a placement and settles the accept behind it; an end closes the placement of
        this citizen and opening that is under way; a declined offer and a filled seat settle
        accepts and waits (of the citizen there; of a seat, only when ``citizen_id`` is given).
        Refused: an end without such a placement, a start of one under way already.
        """
        with self.writing() as connection:
            return decided.record_events(connection, tuple(events))

    def events(
        self, *, since: dt.date | None = None, kind: EventKind | None = None
    ) -> tuple[Event, ...]:
        """Return stored events, by day, then in order of recording.

        Starts come without what only :meth:`placements` keeps (measure, supports, planned end).
        """
        query = sa.select(EVENTS).order_by(EVENTS.c.day, EVENTS.c.id)
        if since is not None:
            query = query.where(EVENTS.c.day >= since)
        if kind is not None:
            query = query.where(EVENTS.c.kind == kind)
        with self.reading() as connection:
            return tuple(decided.event_of(row) for row in connection.execute(query))

    def placements(self, on: dt.date) -> tuple[UnderWay, ...]:
        """Return placements not over on a day: last day, planned or real, on or after it, or open.

        One that begins later is among them: its seat is taken. Sorted by citizen, opening, start.
        """
        query = (
            sa.select(PLACEMENTS)
            .where(sa.or_(PLACEMENTS.c.last_day.is_(None), PLACEMENTS.c.last_day >= on))
            .order_by(PLACEMENTS.c.citizen_id, PLACEMENTS.c.opening_id, PLACEMENTS.c.start)
        )
        with self.reading() as connection:
            return tuple(decided.under_way_of(row) for row in connection.execute(query))

    # -------------------------------------------------------------------------- itself

    def log(self) -> tuple[LogEntry, ...]:
        """Return what was done to the ledger itself, oldest first."""
        with self.reading() as connection:
            rows = connection.execute(sa.select(LOG).order_by(LOG.c.id))
            return tuple(LogEntry(row.at, row.action, row.facts) for row in rows)

    def vacuum(self) -> None:
        """Give the space of what was deleted back, so that it is not on the disk any more."""
        self._access.vacuum()
