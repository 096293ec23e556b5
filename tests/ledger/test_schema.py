"""The migrations make what the code thinks is there, on both stores, wherever it is called from."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from matcher.contest import ask
from matcher.cpr import looks_like_cpr
from matcher.erasure import forget
from matcher.ledger import Ledger
from matcher.ledger.connect import base_of
from matcher.ledger.schema import HEAD, LOG, METADATA, VERSION_TABLE
from matcher.remake import remake
from tests.ledger.conftest import solved


def test_the_migrations_end_in_the_tables_of_the_code(ledger: Ledger) -> None:
    """Nothing to add, drop or change: columns, types, keys, indexes."""
    with ledger.reading() as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, METADATA)
    assert [one for one in differences if VERSION_TABLE not in str(one)] == []


def test_the_newest_migration_is_the_one_the_code_knows() -> None:
    """Else a new ledger would be taken for one of a newer version."""
    config = Config()
    config.set_main_option("script_location", "matcher.ledger:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_the_migrations_are_found_from_any_folder(tmp_path: Path) -> None:
    """They are part of the package, not of a checkout."""
    with contextlib.chdir(tmp_path), Ledger.open("ledger.sqlite") as ledger:
        assert ledger.runs() == ()
    assert (tmp_path / "ledger.sqlite").stat().st_size > 0


def test_a_ledger_of_the_first_version_is_brought_up_to_date(store: str) -> None:
    """What is in it stays, and what later versions keep has a place."""
    base = base_of(store)
    if base.file is not None:
        base.file.parent.mkdir(exist_ok=True)
    config = Config()
    config.set_main_option("script_location", "matcher.ledger:migrations")
    with base.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            sa.insert(LOG).values(at=dt.datetime.now(dt.UTC), action="forget", facts={"rows": 1})
        )
    base.engine.dispose()
    with Ledger.open(store) as ledger:
        assert [entry.facts for entry in ledger.log()] == [{"rows": 1}]
        assert ledger.seats_given("2026-11-23-00000000") == {}


def test_no_column_invites_what_must_not_be_stored() -> None:
    """Names, texts and numbers of persons have no place to go."""
    columns = {column.name for table in METADATA.tables.values() for column in table.columns}
    assert not columns & {"cpr", "first_name", "last_name", "diagnosis", "text", "comment", "note"}
    assert looks_like_cpr("010190-1234")  # what the tables' reader refuses before anything is here


def test_a_ledger_of_the_second_version_goes_on(tmp_path: Path) -> None:
    """Written by it: what it knew is there, the same run is known again, forgetting works."""
    file = tmp_path / "ledger.sqlite"
    with contextlib.closing(sqlite3.connect(file)) as base:
        base.executescript((Path(__file__).parent / "written_0002.sql").read_text("utf-8"))
    with Ledger.open(file) as ledger:
        (run,) = ledger.runs()
        assert [(tier.name, tier.proven) for tier in run.tiers] == [
            ("placements", True), ("fit", True), ("tie_break", True)
        ]  # fmt: skip
        assert {one.citizen_id for one in ledger.proposals(run.run_id)} == {"C1", "C2", "C3"}
        assert [one.verdict for one in ledger.decisions()] == ["accept"]
        rows = {row.name: row for row in ledger.resources(run.run_id)}
        assert rows["group_floor[category=job_ready]"].floor
        assert sum(row.floor for row in rows.values()) == 1
        # What one more brings in the last goal was not stored.
        assert {len(row.prices or ()) for row in rows.values()} == {2}
        problem = ledger.problem(run.run_id)
        again = ledger.record_run(solved(problem), problem, address="tables")
        assert again.known, "the digest of an outcome is that of the version before"
        assert remake(ledger, run.run_id).same
        assert forget(ledger, "C1").found
        assert "C1" not in {one.citizen_id for one in ledger.proposals(run.run_id)}


def test_a_ledger_of_the_third_version_goes_on(tmp_path: Path) -> None:
    """Written by it: nobody has asked anything, and somebody may, about a run of then."""
    file = tmp_path / "ledger.sqlite"
    with contextlib.closing(sqlite3.connect(file)) as base:
        base.executescript((Path(__file__).parent / "written_0003.sql").read_text("utf-8"))
    with Ledger.open(file) as ledger:
        assert ledger.questions() == ()
        (run,) = ledger.runs()
        assert remake(ledger, run.run_id).same
        asked = ask(ledger, run.run_id, "C1", run.day)
        assert asked.sheet is not None
        assert '"verdict": "accept"' in asked.sheet
        assert ledger.questions() == (asked,)
