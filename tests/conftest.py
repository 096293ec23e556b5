"""Stores for tests: SQLite, and a PostgreSQL that the tests start themselves."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

_NUMBERS = itertools.count(1)


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Start a PostgreSQL of our own in a new folder, reached by a socket alone; give its address.

    From PyPI where there is a wheel (Python up to 3.12), else with the programs of the machine.
    """
    folder = Path(tempfile.mkdtemp(prefix="jobmatch-pg-"))
    start = _from_pypi if sys.version_info < (3, 13) else _from_the_machine
    try:
        with start(folder) as address:
            yield address.replace("postgresql://", "postgresql+psycopg://")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _from_pypi(folder: Path) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without a login session there is no runtime folder
        import pgserver

        running = pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield running.get_uri()
    finally:
        running.cleanup()


@contextmanager
def _from_the_machine(folder: Path) -> Iterator[str]:
    known = [shutil.which("initdb"), *sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))]
    programs = [Path(one).parent for one in known if one]
    if not programs:
        pytest.skip(
            "PostgreSQL: 'pgserver' has no wheel for this Python, and there is no initdb on the"
            " machine; install PostgreSQL to run these tests"
        )
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        who["user"] = "postgres"
        shutil.chown(folder, "postgres")

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs[-1] / program, "-D", folder / "data", *arguments],
            check=True, stdout=subprocess.DEVNULL, cwd=folder, **who,
        )  # fmt: skip

    call("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8")
    call("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-k {folder} -h ''", "start")
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        call("pg_ctl", "-m", "immediate", "stop")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Address of the one server of the session."""
    with postgresql_server() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty place for a ledger, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield str(tmp_path / "store" / "ledger.sqlite")
        return
    yield from fresh_schema(request.getfixturevalue("postgresql"))


@pytest.fixture
def server_store(postgresql: str) -> Iterator[str]:
    """Address of an empty place for a ledger on PostgreSQL, for what only a server can do."""
    yield from fresh_schema(postgresql)


def fresh_schema(address: str) -> Iterator[str]:
    """Give the address of a new schema of a server, and drop it afterwards."""
    name = f"test_{next(_NUMBERS)}"
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE SCHEMA {name}"))
    mark = "&" if "?" in address else "?"
    yield f"{address}{mark}options=-csearch_path%3D{name}"
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()
