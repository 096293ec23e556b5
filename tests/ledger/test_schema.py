"""The migrations make what the code thinks is there, on both stores, wherever it is called from."""

from __future__ import annotations

import contextlib
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from matcher.ledger import Ledger
from matcher.ledger.schema import HEAD, METADATA, VERSION_TABLE
from matcher.tables.cpr import looks_like_cpr


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


def test_no_column_invites_what_must_not_be_stored() -> None:
    """Names, texts and numbers of persons have no place to go."""
    columns = {column.name for table in METADATA.tables.values() for column in table.columns}
    assert not columns & {"cpr", "first_name", "last_name", "diagnosis", "text", "comment", "note"}
    assert looks_like_cpr("010190-1234")  # what the tables' reader refuses before anything is here
