"""Runs to rows and back."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from matcher.errors import LedgerError
from matcher.ledger.inputs import packed
from matcher.ledger.places import folder_in_place, note_folder
from matcher.ledger.records import Proposal, Run, Stored
from matcher.ledger.schema import (
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
from matcher.problem import Problem
from matcher.row_kinds import ROW_KINDS
from matcher.texts import Message

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    _Kind = TypeVar("_Kind", bound=DataclassInstance)

_REASON = ("component", "points", "adds", "lacks", "facts")
NEAR = 5
"""Names shown when one is not found."""


def record_run(
    connection: sa.Connection,
    document: Mapping[str, Any],
    problem: Problem,
    *,
    root: Path,
    address: str,
    hidden: Path | None,
    folder: Path | None,
    keep_input: bool,
    seats_given: Mapping[str, int],
) -> Stored:
    """Store a run: see :meth:`matcher.ledger.Ledger.record_run`."""
    now = dt.datetime.now(dt.UTC)
    outcome = outcome_digest(document)
    like = _like(connection, document)
    known = _known(like, outcome)
    if known is not None:
        connection.execute(
            sa.update(RUNS).where(RUNS.c.run_id == known.run_id).values(repeats=RUNS.c.repeats + 1)
        )
        language = document["language"]
        there = folder_in_place(connection, root, known.run_id, language)
        if there is None and folder is not None:
            note_folder(
                connection, root, known.run_id, language=language, hidden=hidden, folder=folder
            )
        if keep_input and not known.forgotten:
            _store_input(connection, problem, now)
        _store_seats(connection, known.run_id, seats_given)
        again = find_run(connection, known.run_id)
        return Stored(again, known=True, differs_from=None, folder=there or folder)
    run_id = _free_name(connection, problem.today, document["provenance"]["input_digest"])
    _store_policy(connection, problem)
    connection.execute(
        sa.insert(RUNS), _run_row(connection, run_id, document, problem, outcome, address, now)
    )
    _insert(connection, PROPOSALS, _proposal_rows(run_id, document, problem))
    _insert(
        connection,
        UNPLACED,
        (
            {"run_id": run_id, "citizen_id": one["citizen_id"], "cause": one["cause"]}
            for one in document["unplaced"]
        ),
    )
    _insert(connection, RESOURCES, _resource_rows(run_id, document))
    _store_seats(connection, run_id, seats_given)
    if keep_input:
        _store_input(connection, problem, now)
    if folder is not None:
        note_folder(
            connection, root, run_id, language=document["language"], hidden=hidden, folder=folder
        )
    differs = like[-1].run_id if like else None
    return Stored(find_run(connection, run_id), known=False, differs_from=differs, folder=folder)


def expected_id(connection: sa.Connection, document: Mapping[str, Any], problem: Problem) -> str:
    """Name of a run to be: see :meth:`matcher.ledger.Ledger.expected_id`."""
    known = _known(_like(connection, document), outcome_digest(document))
    if known is not None:
        return known.run_id
    return _free_name(connection, problem.today, document["provenance"]["input_digest"])


def _like(connection: sa.Connection, document: Mapping[str, Any]) -> list[Run]:
    """Return runs of the same input and options, oldest first."""
    made = document["provenance"]
    query = sa.select(RUNS).where(RUNS.c.input_digest == made["input_digest"])
    runs = [run_of(row) for row in connection.execute(query.order_by(RUNS.c.number))]
    return [run for run in runs if run.options == made["options"]]


def _known(like: Iterable[Run], outcome: str) -> Run | None:
    return next((run for run in like if run.outcome_digest == outcome), None)


def outcome_digest(document: Mapping[str, Any]) -> str:
    """Hash of what a run came to: goals, and every proposal with its numbers."""
    told = {
        "termination": document["termination"]["reason"],
        "tiers": [
            [tier[name] for name in ("name", "value", "bound", "proven")]
            for tier in document["tiers"]
        ],
        "proposals": [
            [
                one[name]
                for name in ("citizen_id", "opening_id", "measure", "supports", "minutes",
                             "start", "commute", "fit", "components", "cost", "locked")
            ]
            for one in document["proposals"]
        ],
    }  # fmt: skip
    text = json.dumps(told, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def find_run(connection: sa.Connection, run_id: str) -> Run:
    """Find a run: see :meth:`matcher.ledger.Ledger.run`."""
    wanted = run_id.strip()
    exact = connection.execute(sa.select(RUNS).where(RUNS.c.run_id == wanted)).one_or_none()
    if exact is not None:
        return run_of(exact)
    if wanted.isdecimal() and len(wanted) < 9:
        numbered = connection.execute(
            sa.select(RUNS).where(RUNS.c.number == int(wanted))
        ).one_or_none()
        if numbered is not None:
            return run_of(numbered)
    begun = connection.execute(
        sa.select(RUNS)
        .where(RUNS.c.run_id.startswith(wanted, autoescape=True))
        .order_by(RUNS.c.number.desc())
        .limit(NEAR + 1)
    ).all()
    if wanted and len(begun) == 1:
        return run_of(begun[0])
    if wanted and begun:
        names = tuple(row.run_id for row in begun[:NEAR])
        raise LedgerError(Message("ledger.several_runs", run=wanted, known=names))
    newest = connection.execute(
        sa.select(RUNS.c.run_id).order_by(RUNS.c.number.desc()).limit(NEAR)
    ).scalars()
    names = tuple(newest) or (Message("ledger.no_runs"),)
    raise LedgerError(Message("ledger.unknown_run", run=wanted, known=names))


def filled(kind: type[_Kind], row: sa.Row[Any], prefix: str = "") -> _Kind:
    """Make a value of the columns of a row that bear the names of its fields."""
    return kind(**{one.name: getattr(row, prefix + one.name) for one in fields(kind)})


def run_of(row: sa.Row[Any]) -> Run:
    """Make a run of its row."""
    return filled(Run, row)


def proposal_of(row: sa.Row[Any], prefix: str = "") -> Proposal:
    """Make a proposal of its row, whose columns may bear a prefix."""
    proposal = filled(Proposal, row, prefix)
    return replace(proposal, course_ids=tuple(proposal.course_ids))


def _free_name(connection: sa.Connection, day: dt.date, digest: str) -> str:
    """Name of a run: day and digest of the input; a number behind where that is taken."""
    stem = name = f"{day.isoformat()}-{digest[:8]}"
    taken = set(
        connection.execute(
            sa.select(RUNS.c.run_id).where(RUNS.c.run_id.startswith(stem, autoescape=True))
        ).scalars()
    )
    number = 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    return name


def _run_row(
    connection: sa.Connection,
    run_id: str,
    document: Mapping[str, Any],
    problem: Problem,
    outcome: str,
    address: str,
    now: dt.datetime,
) -> dict[str, Any]:
    made = document["provenance"]
    number = connection.execute(sa.select(sa.func.max(RUNS.c.number))).scalar() or 0
    told = {"first", "groups"}  # they hold cells
    issues = {name: value for name, value in document["issues"].items() if name not in told}
    return {
        "run_id": run_id,
        "number": number + 1,
        "day": problem.today,
        "recorded_at": now,
        "input_digest": made["input_digest"],
        "outcome_digest": outcome,
        "policy_digest": made["policy"]["digest"],
        "policy": made["policy"],
        "options": made["options"],
        "versions": made["versions"],
        "engine": made["engine"],
        "address": address,
        "made_up": bool(document["made_up"]),
        "termination": document["termination"]["reason"],
        "proven": bool(document["termination"]["proven"]),
        "tiers": document["tiers"],
        "times": made["times"],
        "citizens": len(problem["citizens"]),
        "placed": len(document["proposals"]),
        "unplaced": len(document["unplaced"]),
        "causes": dict(sorted(Counter(one["cause"] for one in document["unplaced"]).items())),
        "issues": issues,
        "repeats": 0,
        "forgotten": 0,
    }


def _proposal_rows(
    run_id: str, document: Mapping[str, Any], problem: Problem
) -> Iterable[dict[str, Any]]:
    staff = problem["caseworkers"]
    units = dict(zip(staff["caseworker_id"], staff["unit"].fillna(""), strict=True))
    for one in document["proposals"]:
        supports = one["supports"]
        team, mentor = supports["class"], supports["mentor"]
        trade_off = one["trade_off"]
        yield {
            "run_id": run_id,
            **{
                name: one[name]
                for name in ("citizen_id", "opening_id", "workplace_id", "measure", "minutes",
                             "commute", "fit", "components", "cost", "locked", "caseworker_id")
            },
            "team_id": team and team["team_id"],
            "pool_id": mentor and mentor["pool_id"],
            "mentor_minutes": mentor["minutes"] if mentor else 0,
            "course_ids": [course["course_id"] for course in supports["courses"]],
            "start": dt.date.fromisoformat(one["start"]),
            "reasons": [_facts(reason) for reason in one["reasons"]],
            "trade_off": trade_off and _facts(trade_off),
            "unit": units.get(one["caseworker_id"], ""),
        }  # fmt: skip


def _facts(reason: Mapping[str, Any]) -> dict[str, Any]:
    """Return a reason without its sentences, which are made from it."""
    return {name: reason[name] for name in _REASON}


def _resource_rows(run_id: str, document: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for one in document["resources"]:
        if not ROW_KINDS[one["rule"]].home:
            yield {
                "run_id": run_id,
                **{
                    name: one[name]
                    for name in ("rule", "key", "unit", "used", "capacity", "binding",
                                 "price", "price_placements")
                },
            }  # fmt: skip


def _store_seats(connection: sa.Connection, run_id: str, given: Mapping[str, int]) -> None:
    """Store what the tables gave; the same input may come of other tables than the last time."""
    connection.execute(sa.delete(SEATS_GIVEN).where(SEATS_GIVEN.c.run_id == run_id))
    rows = [
        {"run_id": run_id, "opening_id": opening_id, "seats": seats}
        for opening_id, seats in sorted(given.items())
    ]
    _insert(connection, SEATS_GIVEN, rows)


def _insert(connection: sa.Connection, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
    if many := list(rows):
        connection.execute(sa.insert(table), many)


def _store_policy(connection: sa.Connection, problem: Problem) -> None:
    digest = problem.policy.digest()
    query = sa.select(POLICIES.c.digest).where(POLICIES.c.digest == digest)
    if connection.execute(query).first() is None:
        content = problem.policy.model_dump(mode="json")
        connection.execute(sa.insert(POLICIES).values(digest=digest, content=content))


def _store_input(connection: sa.Connection, problem: Problem, now: dt.datetime) -> None:
    """Store the tables that are not there yet."""
    digest = problem.digest()
    stored = connection.execute(sa.select(INPUTS).where(INPUTS.c.digest == digest)).one_or_none()
    if stored is not None and stored.dropped_at is None:
        return
    if stored is None:
        connection.execute(
            sa.insert(INPUTS).values(
                digest=digest, day=problem.today, stored_at=now, dropped_at=None, forgotten=0
            )
        )
    else:
        return
    for name, frame in problem.tables.items():
        if len(frame):
            key = store_table(connection, *packed(frame))
            connection.execute(
                sa.insert(INPUT_TABLES).values(input_digest=digest, name=name, table_digest=key)
            )


def store_table(connection: sa.Connection, digest: str, content: bytes) -> str:
    """Store a compressed table unless it is there; return its digest."""
    if (
        connection.execute(sa.select(TABLES.c.digest).where(TABLES.c.digest == digest)).first()
        is None
    ):
        connection.execute(sa.insert(TABLES).values(digest=digest, content=content))
    return digest
