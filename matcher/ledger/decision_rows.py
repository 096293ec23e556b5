"""Decisions and events to rows and back; which decision counts, which placement is under way."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from matcher.errors import LedgerError
from matcher.ledger.records import (
    EVENT_KINDS,
    VERDICTS,
    Decision,
    Event,
    Recorded,
    RefusedRow,
    UnderWay,
)
from matcher.ledger.run_rows import filled
from matcher.ledger.schema import ASKED_BESIDE, DECISIONS, EVENTS, PLACEMENTS, PROPOSALS, RUNS
from matcher.texts import Message

_Pair = tuple[str, str]
"""Citizen and opening."""


def of_pair(table: sa.Table, one: Decision | Event) -> sa.ColumnElement[bool]:
    """Rows of a table about the citizen and opening of a decision or an event."""
    return sa.and_(table.c.citizen_id == one.citizen_id, table.c.opening_id == one.opening_id)


def binds(on: dt.date) -> sa.ColumnElement[bool]:
    """Decisions that still bind on a day: see :attr:`matcher.ledger.Decision.standing`."""
    until = DECISIONS.c.until
    return sa.and_(DECISIONS.c.standing, sa.or_(until.is_(None), until >= on))


def record_decisions(connection: sa.Connection, decisions: Sequence[Decision]) -> Recorded:
    """Store decisions: see :meth:`matcher.ledger.Ledger.record_decisions`."""
    now = dt.datetime.now(dt.UTC)
    runs = sorted({decision.run_id for decision in decisions})
    proposed = {run_id: _proposed(connection, run_id) for run_id in runs}
    history = {run_id: _history(connection, run_id) for run_id in runs}
    new, known, refused = 0, 0, []
    for at, decision in enumerate(decisions):
        _check(decision)
        pair = (decision.citizen_id, decision.opening_id)
        pairs = proposed[decision.run_id]
        if pairs is None or pair not in pairs:
            code = "unknown_run" if pairs is None else "unknown_proposal"
            refused.append(RefusedRow(at, code, decision.run_id, *pair))  # type: ignore[arg-type]
            continue
        before = history[decision.run_id].setdefault(pair, [])
        if _says_nothing_new(decision, before):
            known += 1
            continue
        _append(connection, decision, now)
        before.append(decision)
        before.sort(key=lambda one: one.decided_at)
        new += 1
    return Recorded(new, known, tuple(refused))


def _check(decision: Decision) -> None:
    if decision.verdict not in VERDICTS:
        raise LedgerError(
            Message("ledger.verdict", verdict=decision.verdict, known=tuple(VERDICTS))
        )
    for name in ("decided_at", "opened_at"):
        moment = getattr(decision, name)
        if moment is not None and moment.tzinfo is None:
            raise LedgerError(Message("ledger.no_zone", name=name, moment=str(moment)))


def _proposed(connection: sa.Connection, run_id: str) -> set[_Pair] | None:
    """Citizens and openings a run proposed or asked beside; None where there is no such run."""
    if connection.execute(sa.select(RUNS.c.number).where(RUNS.c.run_id == run_id)).first() is None:
        return None
    found: set[_Pair] = set()
    for table in (PROPOSALS, ASKED_BESIDE):
        query = sa.select(table.c.citizen_id, table.c.opening_id)
        rows = connection.execute(query.where(table.c.run_id == run_id))
        found |= {(row.citizen_id, row.opening_id) for row in rows}
    return found


def _history(connection: sa.Connection, run_id: str) -> dict[_Pair, list[Decision]]:
    """Decisions about a run by proposal, oldest first."""
    found: dict[_Pair, list[Decision]] = {}
    query = sa.select(DECISIONS).where(DECISIONS.c.run_id == run_id)
    for row in connection.execute(query.order_by(DECISIONS.c.decided_at, DECISIONS.c.id)):
        found.setdefault((row.citizen_id, row.opening_id), []).append(decision_of(row))
    return found


def _says_nothing_new(decision: Decision, before: Sequence[Decision]) -> bool:
    """Whether it is there already, or repeats what the newest decision says."""
    said = [(one.verdict, one.reason) for one in before]
    wanted = (decision.verdict, decision.reason)
    if said and said[-1] == wanted:
        return True
    return any(
        one.decided_at == decision.decided_at and words == wanted
        for one, words in zip(before, said, strict=True)
    )


def _append(connection: sa.Connection, decision: Decision, now: dt.datetime) -> None:
    """Add a decision; the newest of a proposal is its latest, the newest of a pair stands."""
    table = DECISIONS.c
    pair = of_pair(DECISIONS, decision)
    older = sa.and_(pair, table.decided_at <= decision.decided_at)
    newer = [
        row.run_id
        for row in connection.execute(
            sa.select(table.run_id).where(pair, table.decided_at > decision.decided_at)
        )
    ]
    connection.execute(sa.update(DECISIONS).where(older, table.standing).values(standing=False))
    connection.execute(
        sa.update(DECISIONS)
        .where(older, table.run_id == decision.run_id, table.latest)
        .values(latest=False)
    )
    connection.execute(
        sa.insert(DECISIONS).values(
            run_id=decision.run_id,
            citizen_id=decision.citizen_id,
            opening_id=decision.opening_id,
            verdict=decision.verdict,
            reason=decision.reason,
            unit=decision.unit,
            decided_at=decision.decided_at,
            opened_at=decision.opened_at,
            seconds_looked=decision.seconds_looked,
            until=decision.until,
            recorded_at=now,
            latest=decision.run_id not in newer,
            standing=not newer,
        )
    )


def decision_of(row: sa.Row[Any]) -> Decision:
    """Make a decision of its row."""
    return filled(Decision, row)


# ------------------------------------------------------------------------------ events


def record_events(connection: sa.Connection, events: Sequence[Event]) -> Recorded:
    """Store events: see :meth:`matcher.ledger.Ledger.record_events`."""
    now = dt.datetime.now(dt.UTC)
    new, known, refused = 0, 0, []
    for at, event in enumerate(events):
        _check_event(event)
        digest = _digest(event)
        if connection.execute(sa.select(EVENTS.c.id).where(EVENTS.c.digest == digest)).first():
            known += 1
            continue
        code = _carry_out(connection, event)
        if code is not None:
            refused.append(RefusedRow(at, code, event.run_id, event.citizen_id, event.opening_id))  # type: ignore[arg-type]
            continue
        connection.execute(
            sa.insert(EVENTS).values(
                digest=digest,
                kind=event.kind,
                day=event.day,
                citizen_id=event.citizen_id,
                opening_id=event.opening_id,
                reason=event.reason,
                seats=event.seats,
                recorded_at=now,
            )
        )
        new += 1
    return Recorded(new, known, tuple(refused))


def _check_event(event: Event) -> None:
    if event.kind not in EVENT_KINDS:
        raise LedgerError(Message("ledger.event_kind", kind=event.kind, known=tuple(EVENT_KINDS)))
    if event.citizen_id is None and event.kind != "filled":
        raise LedgerError(
            Message("ledger.event_of_nobody", kind=event.kind, opening=event.opening_id)
        )


def _digest(event: Event) -> str:
    told = [event.kind, event.day.isoformat(), event.citizen_id, event.opening_id]
    if event.kind == "filled":
        told.append(str(event.seats))
    return hashlib.blake2b(json.dumps(told).encode(), digest_size=16).hexdigest()


def _carry_out(connection: sa.Connection, event: Event) -> str | None:
    """Bring placements and decisions up to date; return why not, where it cannot be."""
    if event.kind == "start":
        return _start(connection, event)
    if event.kind == "end":
        return _end(connection, event)
    if event.citizen_id is not None:
        _settle(connection, event, ("accept", "wait"))
    return None


def _start(connection: sa.Connection, event: Event) -> str | None:
    table = PLACEMENTS.c
    there = connection.execute(
        sa.select(table.id).where(
            of_pair(PLACEMENTS, event),
            sa.or_(table.last_day.is_(None), table.last_day >= event.day),
        )
    ).first()
    if there is not None:
        return "already_started"
    values = {
        "measure": event.measure,
        "team_id": event.team_id,
        "pool_id": event.pool_id,
        "mentor_minutes": event.mentor_minutes,
        "run_id": event.run_id,
    }
    if event.measure is None:
        proposal = _proposal(connection, event)
        if proposal is None:
            return "unknown_proposal"
        values |= {name: getattr(proposal, name) for name in values}
    connection.execute(
        sa.insert(PLACEMENTS).values(
            citizen_id=event.citizen_id,
            opening_id=event.opening_id,
            start=event.day,
            last_day=event.planned_end,
            ended=False,
            **values,
        )
    )
    _settle(connection, event, VERDICTS)
    return None


def _proposal(connection: sa.Connection, event: Event) -> Any:
    """Return the newest proposal of this citizen and opening, or that of the event's run."""
    query = (
        sa.select(PROPOSALS)
        .join(RUNS, RUNS.c.run_id == PROPOSALS.c.run_id)
        .where(of_pair(PROPOSALS, event))
        .order_by(RUNS.c.number.desc())
        .limit(1)
    )
    if event.run_id is not None:
        query = query.where(PROPOSALS.c.run_id == event.run_id)
    return connection.execute(query).one_or_none()


def _end(connection: sa.Connection, event: Event) -> str | None:
    table = PLACEMENTS.c
    found = connection.execute(
        sa.select(table.id)
        .where(
            of_pair(PLACEMENTS, event),
            table.start <= event.day,
            sa.not_(table.ended),
        )
        .order_by(table.start.desc())
        .limit(1)
    ).scalar()
    if found is None:
        return "no_such_placement"
    connection.execute(
        sa.update(PLACEMENTS).where(table.id == found).values(last_day=event.day, ended=True)
    )
    return None


def _settle(connection: sa.Connection, event: Event, verdicts: Iterable[str]) -> None:
    """Let decisions about a citizen and opening bind no longer."""
    connection.execute(
        sa.update(DECISIONS)
        .where(
            of_pair(DECISIONS, event),
            DECISIONS.c.verdict.in_(list(verdicts)),
            DECISIONS.c.standing,
        )
        .values(standing=False)
    )


def event_of(row: sa.Row[Any]) -> Event:
    """Make an event of its row."""
    return Event(
        row.kind,
        row.day,
        row.opening_id,
        row.citizen_id,
        reason=row.reason,
        seats=row.seats,
        recorded_at=row.recorded_at,
    )


def under_way_of(row: sa.Row[Any]) -> UnderWay:
    """Make a placement of its row."""
    return filled(UnderWay, row)
