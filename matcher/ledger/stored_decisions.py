"""The part of the ledger about what people decided and what happened after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from matcher.ledger import asked_rows, decision_rows, run_rows
from matcher.ledger.access import Store
from matcher.ledger.records import (
    AskedBeside,
    CameTo,
    Decision,
    Event,
    EventKind,
    Proposal,
    Recorded,
    Run,
    UnderWay,
    Verdict,
)
from matcher.ledger.schema import (
    ASKED_BESIDE,
    DECISIONS,
    EVENTS,
    PLACEMENTS,
    PROPOSALS,
    RUNS,
)


class StoredDecisions(Store):
    """Decisions, events, and placements under way."""

    def record_decisions(self, decisions: Iterable[Decision]) -> Recorded:
        """Store decisions; nothing is ever overwritten, the newest counts.

        A row that is there already, or that says of a proposal what its newest decision says,
        changes nothing. Newest is by ``decided_at``, then by order of recording: an old workbook
        sent again cannot turn back a later decision. Rows of an unknown run, or of a citizen and
        opening that the run neither proposed nor asked for beside a proposal, are refused; the
        others are taken.
        """
        with self.writing() as connection:
            return decision_rows.record_decisions(connection, tuple(decisions))

    def decisions(
        self,
        *,
        run_id: str | None = None,
        citizen_id: str | None = None,
        since: dt.datetime | None = None,
        standing: dt.date | None = None,
        history: bool = False,
    ) -> tuple[Decision, ...]:
        """Return stored decisions, in order of deciding.

        Parameters
        ----------
        run_id
            Only those about this run's proposals.
        citizen_id
            Only those about this citizen.
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
        if citizen_id is not None:
            query = query.where(DECISIONS.c.citizen_id == citizen_id)
        if since is not None:
            query = query.where(DECISIONS.c.decided_at >= since)
        if standing is not None:
            query = query.where(decision_rows.binds(standing))
        if not history:
            query = query.where(DECISIONS.c.latest)
        return self._all(query, decision_rows.decision_of)

    def note_costs(self, decisions: Iterable[Decision]) -> None:
        """Store what rejections cost the plan, with the newest decision about each proposal."""
        with self.writing() as connection:
            for one in decisions:
                connection.execute(
                    sa.update(DECISIONS)
                    .where(
                        DECISIONS.c.run_id == one.run_id,
                        decision_rows.of_pair(DECISIONS, one),
                        DECISIONS.c.latest,
                    )
                    .values(cost_placements=one.cost_placements, cost_fit=one.cost_fit)
                )

    def standing(self, on: dt.date) -> tuple[tuple[Decision, Proposal], ...]:
        """Return the decisions that bind on a day, each with its proposal, in order.

        As :meth:`decisions` with ``standing``. Of those asked beside others a no binds, and a yes
        that counts: :attr:`matcher.ledger.AskedBeside.came_to`.
        """
        told = [*self._with_proposals(decision_rows.binds(on)), *self._with_asked(on)]
        return tuple(sorted(told, key=lambda pair: pair[0].decided_at))

    def _with_asked(self, on: dt.date) -> tuple[tuple[Decision, Proposal], ...]:
        about, joined = asked_rows.about_asked()
        bind = sa.or_(DECISIONS.c.verdict == "reject", ASKED_BESIDE.c.came_to == "counts")
        query = (
            sa.select(DECISIONS, *about)
            .join(ASKED_BESIDE, joined)
            .where(DECISIONS.c.latest, decision_rows.binds(on), bind)
            .order_by(DECISIONS.c.decided_at, DECISIONS.c.id)
        )
        return self._all(
            query,
            lambda row: (decision_rows.decision_of(row), asked_rows.asked_of(row, "about_")),
        )

    def asked(self, run_id: str, citizen_id: str | None = None) -> tuple[AskedBeside, ...]:
        """Return who a run asked beside others, by opening, citizen proposed and rank.

        Parameters
        ----------
        citizen_id
            Only this citizen, or those asked beside this citizen's proposal. None: all.
        """
        of = ASKED_BESIDE.c
        query = sa.select(ASKED_BESIDE).where(of.run_id == run_id)
        if citizen_id is not None:
            query = query.where(sa.or_(of.citizen_id == citizen_id, of.proposed == citizen_id))
        return self._all(query.order_by(of.opening_id, of.proposed, of.rank), asked_rows.asked_of)

    def answers_to(self, run: Run) -> tuple[Decision, ...]:
        """Return what those whom a run asks for one seat have said since, in order of deciding.

        The newest about each proposal, whichever run it names: a form of an earlier run that
        proposed the same may be handed in after this one was made.
        """
        of = ASKED_BESIDE.c
        people = sa.union(*(sa.select(who).where(of.run_id == run.run_id)
                            for who in (of.citizen_id, of.proposed)))  # fmt: skip
        query = (
            sa.select(DECISIONS)
            .where(
                DECISIONS.c.citizen_id.in_(people),
                DECISIONS.c.recorded_at >= run.recorded_at,
                DECISIONS.c.latest,
            )
            .order_by(DECISIONS.c.decided_at, DECISIONS.c.id)
        )
        return self._all(query, decision_rows.decision_of)

    def note_came_to(self, run_id: str, found: Mapping[str, CameTo | None]) -> None:
        """Store what the answers of those whom a run asked beside have come to, by citizen."""
        with self.writing() as connection:
            asked_rows.note_came_to(connection, run_id, found)

    def answers_beside(
        self, since: dt.date, until: dt.date
    ) -> tuple[tuple[AskedBeside, Verdict | None], ...]:
        """Return who was asked beside others in runs of some days, each with the newest answer.

        Parameters
        ----------
        since, until
            Days of the runs, both included.
        """
        about, joined = asked_rows.about_asked()
        newest = sa.and_(joined, DECISIONS.c.latest)
        of = ASKED_BESIDE.c
        query = (
            sa.select(DECISIONS.c.verdict, *about)
            .select_from(ASKED_BESIDE.outerjoin(DECISIONS, newest))
            .join(RUNS, RUNS.c.run_id == of.run_id)
            .where(RUNS.c.day >= since, RUNS.c.day <= until)
            .order_by(of.run_id, of.opening_id, of.proposed, of.rank)
        )
        return self._all(query, lambda row: (asked_rows.asked_of(row, "about_"), row.verdict))

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
        return self._all(
            query, lambda row: (decision_rows.decision_of(row), run_rows.proposal_of(row, "about_"))
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
            sa.select(of.run_id, of.unit, of.caseworker_id, sa.func.count().label("proposals"))
            .join(RUNS, RUNS.c.run_id == of.run_id)
            .where(RUNS.c.day >= since, sa.not_(of.locked))
            .group_by(of.run_id, of.unit, of.caseworker_id)
            .order_by(of.run_id, of.unit, of.caseworker_id)
        )
        return self._all(
            query, lambda row: (row.run_id, row.unit, row.caseworker_id, row.proposals)
        )

    def record_events(self, events: Iterable[Event]) -> Recorded:
        """Store what happened, in the order given; a row that is there already changes nothing.

        A start opens a placement and settles the accept behind it; an end closes the placement of
        this citizen and opening that is under way; a declined offer and a filled seat settle
        accepts and waits (of the citizen there; of a seat, only when ``citizen_id`` is given).
        Refused: an end without such a placement, a start of one under way already.
        """
        with self.writing() as connection:
            return decision_rows.record_events(connection, tuple(events))

    def events(
        self,
        *,
        since: dt.date | None = None,
        kind: EventKind | None = None,
        citizen_id: str | None = None,
    ) -> tuple[Event, ...]:
        """Return stored events, by day, then in order of recording.

        Starts come without what only :meth:`placements` keeps (measure, supports, planned end).
        """
        query = sa.select(EVENTS).order_by(EVENTS.c.day, EVENTS.c.id)
        if since is not None:
            query = query.where(EVENTS.c.day >= since)
        if kind is not None:
            query = query.where(EVENTS.c.kind == kind)
        if citizen_id is not None:
            query = query.where(EVENTS.c.citizen_id == citizen_id)
        return self._all(query, decision_rows.event_of)

    def placements(self, on: dt.date) -> tuple[UnderWay, ...]:
        """Return placements not over on a day: last day, planned or real, on or after it, or open.

        One that begins later is among them: its seat is taken. Sorted by citizen, opening, start.
        """
        query = (
            sa.select(PLACEMENTS)
            .where(sa.or_(PLACEMENTS.c.last_day.is_(None), PLACEMENTS.c.last_day >= on))
            .order_by(PLACEMENTS.c.citizen_id, PLACEMENTS.c.opening_id, PLACEMENTS.c.start)
        )
        return self._all(query, decision_rows.under_way_of)
