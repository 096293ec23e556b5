"""Who was asked beside others for one seat: to rows and back, and what the next run makes of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from matcher.ledger.records import AskedBeside, CameTo
from matcher.ledger.schema import ASKED_BESIDE, DECISIONS, RUNS
from matcher.plan import Placement
from matcher.queues import BackUps

_NOT_KEPT: Mapping[str, Any] = {"reasons": (), "trade_off": None, "locked": False}
"""What a proposal has and somebody asked beside does not: a back-up is chosen for no plan."""
_PLACEMENT = tuple(one.name for one in fields(Placement) if one.name not in _NOT_KEPT)
_KEPT = tuple(one.name for one in fields(AskedBeside) if one.name not in _NOT_KEPT)


def asked_rows(
    run_id: str, found: BackUps, named: Callable[[Placement], Mapping[str, Any]]
) -> Iterable[dict[str, Any]]:
    """Return a row for everybody who is asked at the same time as the one with the proposal.

    Parameters
    ----------
    run_id
        The run.
    found
        Its back-ups; the first ``asked`` of the queues in ``together`` are asked.
    named
        Says of a placement its workplace, and whose citizen it is, as the columns have it.
    """
    seats = {one.proposed: one for one in found.together}
    for one in found.each:
        seat, made = seats.get(one.proposed), one.placement
        if seat is None or one.rank > seat.asked:
            continue
        yield {
            "run_id": run_id,
            **{name: getattr(made, name) for name in _PLACEMENT},
            "components": dict(made.components),
            "cost": dict(made.cost),
            "course_ids": list(made.course_ids),
            "proposed": one.proposed,
            "rank": one.rank,
            "exposure": seat.exposure,
            **named(made),
            "came_to": None,
        }


def asked_of(row: sa.Row[Any], prefix: str = "") -> AskedBeside:
    """Make somebody asked beside of their row, whose columns may bear a prefix."""
    kept = {name: getattr(row, prefix + name) for name in _KEPT}
    return AskedBeside(**{**kept, "course_ids": tuple(kept["course_ids"])}, **_NOT_KEPT)


def about_asked() -> tuple[list[sa.Label[Any]], sa.ColumnElement[bool]]:
    """Columns with the prefix ``about_``, and what joins them to the decisions about them."""
    columns = [column.label(f"about_{column.name}") for column in ASKED_BESIDE.c]
    return columns, sa.and_(
        ASKED_BESIDE.c.run_id == DECISIONS.c.run_id,
        ASKED_BESIDE.c.citizen_id == DECISIONS.c.citizen_id,
    )


def note_came_to(
    connection: sa.Connection, run_id: str, found: Mapping[str, CameTo | None]
) -> None:
    """Store what the answers of a run's people asked beside have come to, by citizen."""
    table = ASKED_BESIDE.c
    for citizen_id, came_to in sorted(found.items()):
        connection.execute(
            sa.update(ASKED_BESIDE)
            .where(table.run_id == run_id, table.citizen_id == citizen_id)
            .values(came_to=came_to)
        )


def close_before(
    connection: sa.Connection, run_id: str, day: dt.date, counting: Collection[AskedBeside]
) -> None:
    """Let no yes beside a proposal of an earlier run wait any longer: the week is planned anew.

    One that waits lapses, unless it counts in the new run; none but those that count binds from
    here on.

    Parameters
    ----------
    run_id, day
        The new run.
    counting
        Whose yes counts in it, as those before cannot come any more.
    """
    count = {(one.run_id, one.citizen_id) for one in counting}
    columns, joined = about_asked()
    query = (
        sa.select(DECISIONS.c.id, *columns)
        .join(ASKED_BESIDE, joined)
        .join(RUNS, RUNS.c.run_id == DECISIONS.c.run_id)
        .where(
            RUNS.c.run_id != run_id,
            RUNS.c.day <= day,
            DECISIONS.c.standing,
            DECISIONS.c.verdict == "accept",
            sa.or_(ASKED_BESIDE.c.came_to.is_(None), ASKED_BESIDE.c.came_to != "counts"),
        )
    )
    for row in connection.execute(query).all():
        asked = asked_of(row, "about_")
        came_to: CameTo | None = asked.came_to
        if came_to in {None, "waits"}:
            now = (asked.run_id, asked.citizen_id) in count
            came_to = "counts" if now else "lapsed"
        note_came_to(connection, asked.run_id, {asked.citizen_id: came_to})
        if came_to != "counts":
            connection.execute(
                sa.update(DECISIONS).where(DECISIONS.c.id == row.id).values(standing=False)
            )
