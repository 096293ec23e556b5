"""Runs to rows and back."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from matcher.cpr import cleared
from matcher.errors import UnknownRunError
from matcher.ledger.asked_rows import asked_rows, close_before
from matcher.ledger.inputs import packed
from matcher.ledger.records import AskedBeside, Proposal, Run, Stored
from matcher.ledger.run_folders import folder_in_place, note_folder
from matcher.ledger.schema import (
    ASKED_BESIDE,
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
from matcher.plan import LeftOver, Placement, Plan, Reason, Row, Supports, Tier, Why, plain
from matcher.problem import Problem
from matcher.queues import BackUps
from matcher.row_kinds import ROW_KINDS
from matcher.texts import Message

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    _Kind = TypeVar("_Kind", bound=DataclassInstance)

_REASON = ("component", "points", "adds", "lacks", "facts")
NEAR = 5
"""Names shown when one is not found."""


@dataclass(frozen=True)
class ToldOfRun:
    """What is told of a run beside its plan."""

    address: str
    language: str
    made_up: bool
    issues: Mapping[str, Any]


def record_run(
    connection: sa.Connection,
    plan: Plan,
    problem: Problem,
    *,
    root: Path,
    told: ToldOfRun,
    hidden: Path | None,
    folder: Path | None,
    keep_input: bool,
    seats_given: Mapping[str, int],
    back_ups: BackUps | None,
    counting: Collection[AskedBeside],
) -> Stored:
    """Store a run: see :meth:`matcher.ledger.Ledger.record_run`."""
    now = dt.datetime.now(dt.UTC)
    made, outcome = plan.made(), outcome_digest(plan, problem)
    like = _like(connection, made)
    known = _known(like, outcome)
    if known is not None:
        connection.execute(
            sa.update(RUNS).where(RUNS.c.run_id == known.run_id).values(repeats=RUNS.c.repeats + 1)
        )
        there = folder_in_place(connection, root, known.run_id, told.language)
        if there is None and folder is not None:
            note_folder(
                connection, root, known.run_id, language=told.language, hidden=hidden, folder=folder
            )
        if keep_input and not known.forgotten:
            _store_input(connection, problem, now)
        _store_seats(connection, known.run_id, seats_given)
        again = find_run(connection, known.run_id)
        return Stored(again, known=True, differs_from=None, folder=there or folder)
    left, whys = plan.left, plan.whys
    if left is None or whys is None:
        message = "a plan that is not explained is not stored"
        raise ValueError(message)
    run_id = _free_name(connection, problem.today, made["input_digest"])
    _store_policy(connection, problem)
    row = _run_row(plan, left, made, problem, told)
    number = connection.execute(sa.select(sa.func.max(RUNS.c.number))).scalar() or 0
    names = {"run_id": run_id, "number": number + 1, "recorded_at": now, "outcome_digest": outcome}
    connection.execute(sa.insert(RUNS), {**row, **names})
    named = _named_in(problem)
    _insert(connection, PROPOSALS, _proposal_rows(run_id, plan.placements, whys, named))
    _insert(
        connection,
        UNPLACED,
        (
            {"run_id": run_id, "citizen_id": one.citizen_id, "cause": one.cause}
            for one in left.unplaced
        ),
    )
    _insert(connection, RESOURCES, _resource_rows(run_id, plan.rows))
    if back_ups is not None:
        _insert(connection, ASKED_BESIDE, asked_rows(run_id, back_ups, named))
    close_before(connection, run_id, problem.today, counting)
    _store_seats(connection, run_id, seats_given)
    if keep_input:
        _store_input(connection, problem, now)
    if folder is not None:
        note_folder(connection, root, run_id, language=told.language, hidden=hidden, folder=folder)
    differs = like[-1].run_id if like else None
    return Stored(find_run(connection, run_id), known=False, differs_from=differs, folder=folder)


def _like(connection: sa.Connection, made: Mapping[str, Any]) -> list[Run]:
    """Return runs of the same input and options, oldest first."""
    query = sa.select(RUNS).where(RUNS.c.input_digest == made["input_digest"])
    runs = [run_of(row) for row in connection.execute(query.order_by(RUNS.c.number))]
    return [run for run in runs if _agree(run.options, made["options"])]


def _agree(then: Any, now: Any) -> bool:
    """Whether options are the same; of those that an earlier version did not have, any are."""
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        return all(name in now and _agree(value, now[name]) for name, value in then.items())
    return bool(then == now)


def _known(like: Iterable[Run], outcome: str) -> Run | None:
    return next((run for run in like if run.outcome_digest == outcome), None)


def outcome_digest(plan: Plan, problem: Problem) -> str:
    """Hash of what a run came to: goals, and every proposal with its numbers.

    Supports are told as the tables have them: so the first version wrote it, and what it stored is
    to be known again.
    """
    supports = Supports(problem)
    told = {
        "termination": plan.termination,
        "tiers": [[tier.name, tier.value, tier.bound, tier.proven] for tier in plan.tiers],
        "proposals": [
            [one.citizen_id, one.opening_id, one.measure, supports.of(one), one.minutes,
             one.start, one.commute, one.fit, one.components, one.cost, one.locked]
            for one in plan.placements
        ],
    }  # fmt: skip
    text = json.dumps(plain(told), sort_keys=True, ensure_ascii=True)
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
        raise UnknownRunError(Message("ledger.several_runs", run=wanted, known=names))
    newest = connection.execute(
        sa.select(RUNS.c.run_id).order_by(RUNS.c.number.desc()).limit(NEAR)
    ).scalars()
    names = tuple(newest) or (Message("ledger.no_runs"),)
    raise UnknownRunError(Message("ledger.unknown_run", run=wanted, known=names))


def filled(kind: type[_Kind], row: sa.Row[Any], prefix: str = "") -> _Kind:
    """Make a value of the columns of a row that bear the names of its fields."""
    return kind(**{one.name: getattr(row, prefix + one.name) for one in fields(kind)})


def run_of(row: sa.Row[Any]) -> Run:
    """Make a run of its row."""
    run = filled(Run, row)
    tiers = (Tier(one["name"], one["value"], one["bound"], one["proven"]) for one in row.tiers)
    return replace(run, tiers=tuple(tiers))


def row_of(row: sa.Row[Any]) -> Row:
    """Make a row of the model of its row here."""
    known = (row.price_placements, row.price, row.price_tie_break)
    prices = tuple(price for price in known if price is not None) or None
    names = ("rule", "key", "used", "capacity", "floor", "binding")
    return Row(**{name: getattr(row, name) for name in names}, prices=prices)


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
    plan: Plan, left: LeftOver, made: Mapping[str, Any], problem: Problem, told: ToldOfRun
) -> dict[str, Any]:
    return {
        "day": problem.today,
        "input_digest": made["input_digest"],
        "policy_digest": made["policy"]["digest"],
        **{name: made[name] for name in ("policy", "options", "versions", "engine", "times")},
        "address": told.address,
        "made_up": told.made_up,
        "termination": plan.termination,
        "proven": plan.proven,
        "tiers": [tier.to_dict() for tier in plan.tiers],
        "citizens": len(problem["citizens"]),
        "placed": len(plan.placements),
        "unplaced": len(left.unplaced),
        "causes": dict(sorted(Counter(one.cause for one in left.unplaced).items())),
        "issues": dict(told.issues),
        "repeats": 0,
        "forgotten": 0,
    }


def _named_in(problem: Problem) -> Callable[[Placement], dict[str, Any]]:
    """Return what says of a placement its workplace, and whose citizen it is."""
    staff, openings, citizens = problem["caseworkers"], problem["openings"], problem["citizens"]
    units = dict(zip(staff["caseworker_id"], staff["unit"].fillna(""), strict=True))
    sites = dict(zip(openings["opening_id"], openings["workplace_id"], strict=True))
    named = citizens["caseworker_id"]
    theirs = dict(zip(citizens["citizen_id"], named.where(named.notna(), None), strict=True))

    def told(one: Placement) -> dict[str, Any]:
        caseworker = theirs[one.citizen_id]
        return {
            "workplace_id": sites[one.opening_id],
            "caseworker_id": caseworker,
            "unit": units.get(caseworker, ""),
        }

    return told


def _proposal_rows(
    run_id: str,
    placements: Sequence[Placement],
    whys: Sequence[Why],
    named: Callable[[Placement], dict[str, Any]],
) -> Iterable[dict[str, Any]]:
    for one, why in zip(placements, whys, strict=True):
        yield {
            "run_id": run_id,
            **{item.name: getattr(one, item.name) for item in fields(one)},
            "components": dict(one.components),
            "cost": dict(one.cost),
            "course_ids": list(one.course_ids),
            **named(one),
            "reasons": [_facts(reason) for reason in why.strongest],
            "trade_off": why.trade_off and _facts(why.trade_off),
        }


def _facts(reason: Reason) -> dict[str, Any]:
    """Return a reason without its sentences, which are made from it."""
    told: dict[str, Any] = cleared(plain({name: getattr(reason, name) for name in _REASON}))
    return told


def _resource_rows(run_id: str, rows: Iterable[Row]) -> Iterable[dict[str, Any]]:
    for one in rows:
        if not ROW_KINDS[one.rule].home:
            told = one.to_dict()
            yield {"run_id": run_id, **told, "price_tie_break": one.price_of(2)}


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
