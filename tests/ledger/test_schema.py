"""The migrations make what the code thinks is there, on both stores, wherever it is called from."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from pathlib import Path
from typing import Any

import pytest
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
from matcher.ledger.connect import Base, base_of
from matcher.ledger.schema import HEAD, LOG, METADATA, VERSION_TABLE
from matcher.remake import remake
from tests.ledger.conftest import solved


def made_of(base: Base) -> dict[str, Any]:
    """All that a base says of its tables: columns, keys, indexes, checks, by name."""
    counts_up = "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%' ORDER BY name"
    with base.engine.connect() as connection:
        asked = sa.inspect(connection)
        special = connection.execute(sa.text(counts_up)).all() if base.file is not None else []
        found: dict[str, Any] = {"special": special}
        for table in sorted(asked.get_table_names()):
            found[table] = {
                "columns": [(one["name"], str(one["type"]), one["nullable"])
                            for one in asked.get_columns(table)],
                "primary": asked.get_pk_constraint(table),
                "foreign": sorted(map(repr, asked.get_foreign_keys(table))),
                "unique": sorted(map(repr, asked.get_unique_constraints(table))),
                "checks": sorted(map(repr, asked.get_check_constraints(table))),
                "indexes": {
                    one["name"]: (one["column_names"], one["unique"], [
                        f"{key}: {value}" for key, value in one.get("dialect_options", {}).items()])
                    for one in asked.get_indexes(table)
                },
            }  # fmt: skip
        return found


def migrated(base: Base, to: str = "head") -> None:
    """Run the migrations from nothing to a version."""
    if base.file is not None:
        base.file.parent.mkdir(exist_ok=True)
    config = Config()
    config.set_main_option("script_location", "matcher.ledger:migrations")
    with base.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def test_the_migrations_end_in_the_tables_of_the_code(store: str) -> None:
    """Nothing to add, drop or change: columns, types, keys, indexes."""
    base = base_of(store)
    migrated(base)
    with base.engine.connect() as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, METADATA)
    base.engine.dispose()
    assert [one for one in differences if VERSION_TABLE not in str(one)] == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_new_ledger_is_as_one_that_was_migrated(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The version it says it has included."""
    stores = (
        [tmp_path / "new.sqlite", tmp_path / "old.sqlite"]
        if kind == "sqlite"
        else [request.getfixturevalue(name) for name in ("server_store", "second_server_store")]
    )
    new, old = (base_of(str(store)) for store in stores)
    with Ledger.open(str(stores[0])) as ledger:
        assert ledger.runs() == ()
    migrated(old)
    assert made_of(new) == made_of(old)
    said = []
    for base in (new, old):
        with base.engine.connect() as connection:
            said.append(connection.execute(sa.text(f"SELECT * FROM {VERSION_TABLE}")).all())
        base.engine.dispose()
    assert said == [[(HEAD,)], [(HEAD,)]]


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
    migrated(base, "0001")
    with base.engine.begin() as connection:
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
