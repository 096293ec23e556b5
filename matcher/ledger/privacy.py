"""Who is forgotten, and what is kept no longer: persons go, totals stay.

A row that counts (a proposal, a decision, a placement that holds a seat) stays for the totals'
sake, under a token drawn by chance that leads nowhere, and without what describes the person. A
row that does not count is deleted. Tokens differ from run to run, so that nobody's weeks can be
strung together again.
"""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from matcher.errors import LedgerError
from matcher.ledger import decision_rows
from matcher.ledger.arrivals import count_arrivals
from matcher.ledger.inputs import packed, unpacked
from matcher.ledger.records import SavedScenario
from matcher.ledger.run_rows import filled, store_table
from matcher.ledger.schema import (
    ARRIVALS,
    ASKED_BESIDE,
    DECISIONS,
    EVENTS,
    FOLDERS,
    INPUT_TABLES,
    INPUTS,
    LOG,
    PLACEMENTS,
    POLICIES,
    PROPOSALS,
    QUESTIONS,
    RUNS,
    SCENARIOS,
    TABLES,
    UNPLACED,
)
from matcher.ledger.store import Ledger
from matcher.ledger.stored_scenarios import names_any
from matcher.policy import Policy
from matcher.records import TABLES as INPUT_RECORDS
from matcher.texts import Message

TOKEN = "forgotten-"
"""How the token of somebody forgotten begins."""
PERSONAL = tuple(
    name for name, table in INPUT_RECORDS.items() if "citizen_id" in table.record.model_fields
)
"""Tables of the input with a row per citizen."""
_DESCRIBES: Mapping[str, Any] = {
    "commute": None,
    "components": {},
    "reasons": [],
    "trade_off": None,
    "caseworker_id": None,
}
"""What describes the person in a proposal, and what stands there afterwards."""
_DESCRIBES_ASKED = {name: _DESCRIBES[name] for name in ("commute", "components", "caseworker_id")}
"""The same of somebody asked beside others, of whom the ledger has no reasons."""


@dataclass(frozen=True)
class Purged:
    """What was kept no longer."""

    inputs: int
    """Inputs whose tables were deleted."""
    folders: tuple[Path, ...]
    """Run folders deleted."""
    persons: Mapping[str, int]
    """Rows that lost their citizen or were deleted, by table; only those above 0."""
    runs: int
    """Runs deleted."""
    scenarios: int = 0
    """Kept scenarios deleted."""

    @property
    def found(self) -> bool:
        """Whether anything was due."""
        return bool(self.inputs or self.folders or self.persons or self.runs or self.scenarios)


def known_folders(ledger: Ledger) -> list[Path]:
    """Return every folder that the ledger knows to hold files about persons, there or not."""
    with ledger.reading() as connection:
        paths = connection.execute(sa.select(FOLDERS.c.path)).scalars()
        return [ledger.root / path for path in paths]


def forget_rows(ledger: Ledger, citizen_id: str, folders: int) -> tuple[dict[str, int], int]:
    """Forget a citizen in the ledger alone, once no file names him any more.

    Parameters
    ----------
    folders
        How many folders lost him, for the log.

    Returns
    -------
    tuple
        Rows changed or deleted, by table; and how many stored inputs held him.
    """
    with ledger.writing() as connection:
        rows, inputs = _forget_rows(connection, citizen_id)
        _log(connection, "forget", {"rows": rows, "inputs": inputs, "folders": folders})
    return rows, inputs


def purge(ledger: Ledger, policy: Policy, today: dt.date) -> Purged:
    """Delete what the policy's retention keeps no longer; the same again finds nothing.

    Parameters
    ----------
    policy
        Whose ``retention`` holds.
    today
        Weeks are counted back from here.

    Raises
    ------
    LedgerError
        A run folder cannot be deleted; what was due in the ledger is left for the next time.
    """
    kept = policy.retention
    with ledger.lock():
        ledger.settle()
        folders = _purge_folders(ledger, today - dt.timedelta(weeks=kept.folder_weeks))
        with ledger.writing() as connection:
            first = today - dt.timedelta(weeks=kept.run_weeks)
            runs = _purge_runs(connection, first)
            scenarios = _purge_scenarios(connection, first)
            before = today - dt.timedelta(weeks=kept.person_weeks)
            persons = _purge_persons(connection, before, today)
            # Who came is counted before the tables go, so that the weeks ahead can still be drawn.
            count_arrivals(connection)
            inputs = _purge_inputs(connection, today - dt.timedelta(weeks=kept.input_weeks))
            purged = Purged(inputs, folders, persons, runs, scenarios)
            if purged.found:
                facts = {"inputs": inputs, "folders": len(folders), "rows": persons, "runs": runs,
                         "scenarios": scenarios}  # fmt: skip
                _log(connection, "purge", facts)
        if purged.found:
            ledger.vacuum()
    return purged


# ------------------------------------------------------------------------------ forgetting


def _forget_rows(connection: sa.Connection, citizen_id: str) -> tuple[dict[str, int], int]:
    """Change or delete a citizen's rows; return how many by table, and how many inputs."""
    runs: set[str] = set()
    named = (*(table.c.citizen_id for table in (PROPOSALS, UNPLACED, DECISIONS, QUESTIONS)),
             ASKED_BESIDE.c.citizen_id, ASKED_BESIDE.c.proposed)  # fmt: skip
    for column in named:
        query = sa.select(column.table.c.run_id).where(column == citizen_id)
        runs |= set(connection.execute(query).scalars())
    rows = _anonymous(connection, [(run_id, citizen_id) for run_id in sorted(runs)])
    rows["unplaced"] = connection.execute(
        sa.delete(UNPLACED).where(UNPLACED.c.citizen_id == citizen_id)
    ).rowcount
    pairs: set[tuple[str, str]] = set()
    for table in (PLACEMENTS, EVENTS):
        query = sa.select(table.c.opening_id).where(table.c.citizen_id == citizen_id)
        pairs |= {(citizen_id, opening) for opening in connection.execute(query).scalars()}
    rows.update(_anonymous_pairs(connection, sorted(pairs)))
    rows["questions"] = _without_sheet(connection, QUESTIONS.c.citizen_id == citizen_id)
    rows["scenarios"] = _forget_scenarios(connection, citizen_id)
    inputs = _forget_inputs(connection, citizen_id)
    for digest in inputs:
        query = sa.select(RUNS.c.run_id).where(RUNS.c.input_digest == digest)
        runs |= set(connection.execute(query).scalars())
    for run_id in sorted(runs):
        connection.execute(
            sa.update(RUNS).where(RUNS.c.run_id == run_id).values(forgotten=RUNS.c.forgotten + 1)
        )
    return {name: count for name, count in sorted(rows.items()) if count}, len(inputs)


def _anonymous(connection: sa.Connection, keys: Sequence[tuple[str, str]]) -> Counter[str]:
    """Give proposals, decisions and who was asked, of a run and citizen, a token; count the rows.

    It is one token in all of them, so that a seat's order can still be told.
    """
    counts: Counter[str] = Counter()
    given = [{"of_run": run, "of": citizen, "token": _token()} for run, citizen in keys]
    which: tuple[tuple[sa.Table, str, Mapping[str, Any]], ...] = (
        (PROPOSALS, "citizen_id", _DESCRIBES),
        (DECISIONS, "citizen_id", {"standing": False}),
        (ASKED_BESIDE, "citizen_id", _DESCRIBES_ASKED),
        (ASKED_BESIDE, "proposed", {}),
    )
    for table, column, also in which:
        mine = sa.and_(
            table.c.run_id == sa.bindparam("of_run"), table.c[column] == sa.bindparam("of")
        )
        counts[table.name] += _changed(connection, table, mine, given, also, column)
    return counts


def _without_sheet(connection: sa.Connection, which: sa.ColumnElement[bool]) -> int:
    """Take citizen and sheet out of questions; that one was asked and settled stays."""
    due = connection.execute(sa.select(QUESTIONS.c.id).where(which)).scalars().all()
    for number in due:
        connection.execute(
            sa.update(QUESTIONS)
            .where(QUESTIONS.c.id == number)
            .values(citizen_id=_token(), sheet=None)
        )
    return len(due)


def _forget_scenarios(connection: sa.Connection, citizen_id: str) -> int:
    """Delete kept scenarios that name a citizen; the ledger refuses those it can tell."""
    kept = connection.execute(sa.select(SCENARIOS)).all()
    theirs = [row for row in kept if names_any(filled(SavedScenario, row), [citizen_id])]
    for row in theirs:
        connection.execute(sa.delete(SCENARIOS).where(SCENARIOS.c.name == row.name))
    return len(theirs)


def _anonymous_pairs(connection: sa.Connection, pairs: Sequence[tuple[str, str]]) -> Counter[str]:
    """Give placements and events of a citizen at an opening a token; seats stay taken."""
    counts: Counter[str] = Counter()
    given = [{"of": citizen, "at": opening, "token": _token()} for citizen, opening in pairs]
    for table in (PLACEMENTS, EVENTS):
        mine = sa.and_(
            table.c.citizen_id == sa.bindparam("of"), table.c.opening_id == sa.bindparam("at")
        )
        if table is EVENTS:
            # The digest of an event is made from the id: somebody could try ids against it.
            ids = sa.select(EVENTS.c.id).where(mine)
            for one in given:
                for row in connection.execute(ids, {"of": one["of"], "at": one["at"]}).scalars():
                    connection.execute(
                        sa.update(EVENTS)
                        .where(EVENTS.c.id == row)
                        .values(digest=secrets.token_hex(16))
                    )
        counts[table.name] += _changed(connection, table, mine, given, {})
    return counts


def _changed(
    connection: sa.Connection,
    table: sa.Table,
    mine: sa.ColumnElement[bool],
    given: Sequence[Mapping[str, str]],
    also: Mapping[str, Any],
    column: str = "citizen_id",
) -> int:
    """Write tokens over ids where ``mine`` holds; return how many rows had them."""
    change = sa.update(table).where(mine).values({column: sa.bindparam("token"), **also})
    return sum(connection.execute(change, dict(one)).rowcount for one in given)


def _forget_inputs(connection: sa.Connection, citizen_id: str) -> tuple[str, ...]:
    """Take a citizen out of the stored tables; return the digests of the inputs that change."""
    query = (
        sa.select(TABLES.c.digest, TABLES.c.content, INPUT_TABLES.c.name)
        .join(INPUT_TABLES, INPUT_TABLES.c.table_digest == TABLES.c.digest)
        .where(INPUT_TABLES.c.name.in_(PERSONAL))
        .distinct()
    )
    changed: set[str] = set()
    for row in connection.execute(query).all():
        frame = unpacked(row.name, row.content)
        theirs = frame["citizen_id"] == citizen_id
        if not theirs.any():
            continue
        mine = sa.and_(INPUT_TABLES.c.table_digest == row.digest, INPUT_TABLES.c.name == row.name)
        changed |= set(
            connection.execute(sa.select(INPUT_TABLES.c.input_digest).where(mine)).scalars()
        )
        digest = store_table(connection, *packed(frame[~theirs].reset_index(drop=True)))
        connection.execute(sa.update(INPUT_TABLES).where(mine).values(table_digest=digest))
    _drop_unused_tables(connection)
    for one in changed:
        connection.execute(
            sa.update(INPUTS).where(INPUTS.c.digest == one).values(forgotten=INPUTS.c.forgotten + 1)
        )
    return tuple(sorted(changed))


# ------------------------------------------------------------------------------ purging


def _purge_folders(ledger: Ledger, before: dt.date) -> tuple[Path, ...]:
    """Delete folders of runs before a day; a killed deletion leaves nothing that looks whole."""
    query = (
        sa.select(FOLDERS.c.id, FOLDERS.c.path, FOLDERS.c.run_id)
        .join(RUNS, RUNS.c.run_id == FOLDERS.c.run_id)
        .where(RUNS.c.day < before)
        .order_by(FOLDERS.c.id)
    )
    with ledger.reading() as connection:
        due = connection.execute(query).all()
    deleted = []
    for row in due:
        folder = ledger.root / row.path
        if not folder.is_dir():
            continue
        gone = folder.with_name(f".{row.run_id[:19]}.{secrets.token_hex(4)}.partial")
        try:
            folder.rename(gone)
            shutil.rmtree(gone)
        except OSError as error:
            raise LedgerError(
                Message("ledger.undeleted", folder=str(folder), reason=str(error.strerror))
            ) from error
        deleted.append(folder)
    with ledger.writing() as connection:
        for row in due:
            connection.execute(sa.delete(FOLDERS).where(FOLDERS.c.id == row.id))
    return tuple(deleted)


def _purge_inputs(connection: sa.Connection, before: dt.date) -> int:
    due = list(
        connection.execute(
            sa.select(INPUTS.c.digest).where(INPUTS.c.day < before, INPUTS.c.dropped_at.is_(None))
        ).scalars()
    )
    for digest in due:
        connection.execute(sa.delete(INPUT_TABLES).where(INPUT_TABLES.c.input_digest == digest))
        connection.execute(
            sa.update(INPUTS)
            .where(INPUTS.c.digest == digest)
            .values(dropped_at=dt.datetime.now(dt.UTC))
        )
    _drop_unused_tables(connection)
    return len(due)


def _purge_persons(connection: sa.Connection, before: dt.date, today: dt.date) -> dict[str, int]:
    """Let rows of runs before a day lose their citizens, but for what still binds."""
    old = sa.select(RUNS.c.run_id).where(RUNS.c.day < before)
    keys: list[tuple[str, str]] = []
    for table in (PROPOSALS, ASKED_BESIDE):
        needed = (
            sa.select(DECISIONS.c.id)
            .where(
                DECISIONS.c.run_id == table.c.run_id,
                DECISIONS.c.citizen_id == table.c.citizen_id,
                decision_rows.binds(today),
            )
            .exists()
        )
        named = sa.select(table.c.run_id, table.c.citizen_id).where(
            table.c.run_id.in_(old),
            table.c.citizen_id.not_like(f"{TOKEN}%"),
            sa.not_(needed),
        )
        keys += [(row[0], row[1]) for row in connection.execute(named)]
    counts = _anonymous(connection, keys)
    counts["unplaced"] = connection.execute(
        sa.delete(UNPLACED).where(UNPLACED.c.run_id.in_(old))
    ).rowcount
    pairs = _over(connection, EVENTS, EVENTS.c.day, before)
    pairs |= _over(connection, PLACEMENTS, PLACEMENTS.c.last_day, before)
    counts.update(_anonymous_pairs(connection, sorted(pairs)))
    # A question that nobody has answered needs its sheet; what was decided of it may be appealed.
    counts["questions"] = _without_sheet(
        connection,
        sa.and_(QUESTIONS.c.settled_on < before, QUESTIONS.c.citizen_id.not_like(f"{TOKEN}%")),
    )
    return {name: count for name, count in sorted(counts.items()) if count}


def _over(
    connection: sa.Connection, table: sa.Table, day: sa.ColumnElement[Any], before: dt.date
) -> set[tuple[str, str]]:
    """Citizens and openings of a table's rows before a day, where nothing has happened since."""
    events, placements = EVENTS.alias(), PLACEMENTS.alias()
    happened = (
        sa.select(events.c.id)
        .where(
            events.c.citizen_id == table.c.citizen_id,
            events.c.opening_id == table.c.opening_id,
            events.c.day >= before,
        )
        .exists()
    )
    under_way = (
        sa.select(placements.c.id)
        .where(
            placements.c.citizen_id == table.c.citizen_id,
            placements.c.opening_id == table.c.opening_id,
            sa.or_(placements.c.last_day.is_(None), placements.c.last_day >= before),
        )
        .exists()
    )
    query = sa.select(table.c.citizen_id, table.c.opening_id).where(
        day < before,
        table.c.citizen_id.is_not(None),
        table.c.citizen_id.not_like(f"{TOKEN}%"),
        sa.not_(happened),
        sa.not_(under_way),
    )
    return {(row[0], row[1]) for row in connection.execute(query.distinct())}


def _purge_runs(connection: sa.Connection, before: dt.date) -> int:
    deleted = connection.execute(sa.delete(RUNS).where(RUNS.c.day < before)).rowcount
    connection.execute(sa.delete(PLACEMENTS).where(PLACEMENTS.c.last_day < before))
    connection.execute(sa.delete(EVENTS).where(EVENTS.c.day < before))
    connection.execute(sa.delete(ARRIVALS).where(ARRIVALS.c.day < before))
    used = sa.select(RUNS.c.input_digest)
    connection.execute(sa.delete(INPUTS).where(INPUTS.c.digest.not_in(used)))
    policies = sa.select(RUNS.c.policy_digest)
    connection.execute(sa.delete(POLICIES).where(POLICIES.c.digest.not_in(policies)))
    _drop_unused_tables(connection)
    return deleted


def _purge_scenarios(connection: sa.Connection, before: dt.date) -> int:
    """Delete scenarios kept before a day: they carry the name of who keeps them."""
    moment = dt.datetime.combine(before, dt.time(), dt.UTC)
    return connection.execute(sa.delete(SCENARIOS).where(SCENARIOS.c.made_at < moment)).rowcount


def _drop_unused_tables(connection: sa.Connection) -> None:
    used = sa.select(INPUT_TABLES.c.table_digest)
    connection.execute(sa.delete(TABLES).where(TABLES.c.digest.not_in(used)))


def _log(connection: sa.Connection, action: str, facts: Mapping[str, Any]) -> None:
    now = dt.datetime.now(dt.UTC)
    connection.execute(sa.insert(LOG).values(at=now, action=action, facts=dict(facts)))


def _token() -> str:
    return f"{TOKEN}{secrets.token_hex(8)}"
