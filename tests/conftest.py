"""Stores for tests: SQLite, and a PostgreSQL that the tests start themselves."""

from __future__ import annotations

import gc
import importlib.util
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

_NUMBERS = itertools.count(1)
_BROWSER = "tests/web/browser/"
_LONG = ("tests/ledger/", "tests/run/", "tests/web/", "tests/year/", "tests/engine/")
STORES = ("sqlite", "postgresql")

# What is compiled is kept, whatever the surroundings say: hundreds of processes import the same.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# What is made while tests are gathered stays to the end; walking it for garbage would be in vain.
gc.disable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """With ``-n auto``, one worker more than there are cores: one often waits for a process."""
    from xdist.plugin import pytest_xdist_auto_num_workers as by_cores

    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return int(by_cores(config)) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With ``-n`` alone, a file is one worker's: what its tests share is made once.

    So is the folder of the browser, which shares servers. Files are given out in their order.
    """
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Shared(LoadFileScheduling):
        """A unit of work is what shares most."""

        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return _BROWSER if file.startswith(_BROWSER) else file

    config.option.loadscopereorder = False
    return Shared(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """One worker begins with the last file, one in the middle: each compiles what others read.

    In what order they are worked off is settled when all are known.
    """
    report = yield
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    if isinstance(collector, pytest.Directory) and worker:
        half = len(report.result) // 2
        report.result[:] = (
            report.result[::-1] if worker % 2 else report.result[half:] + report.result[:half]
        )
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """By files; the browser comes first, then rooms with long files: nobody is to wait for them.

    The files beside the rooms are short: they come last and fill what is left of the time.
    """

    def turn(item: pytest.Item) -> tuple[bool, bool, bool, tuple[str, ...]]:
        long = item.nodeid.startswith(_LONG)
        short = item.path.parent == Path(__file__).parent
        return not item.nodeid.startswith(_BROWSER), not long, short, item.path.parts

    items.sort(key=turn)


def pytest_collection_finish() -> None:
    """Thousands of tests and all modules stay to the end: no collection of garbage walks them."""
    gc.collect()
    gc.freeze()
    gc.enable()


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Start a PostgreSQL of our own in a new folder, reached by a socket alone; give its address.

    With the programs of a wheel from PyPI where there is one, else with those of the machine. It
    refuses to run as root; then a user of the machine that may do nothing else runs it.
    """
    folder = Path(tempfile.mkdtemp(prefix="jobmatch-pg-"))
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = _harmless_user()
        who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        os.chown(folder, user.pw_uid, user.pw_gid)
    programs = _programs(folder, who)

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs / program, "-D", folder / "data", *arguments],
            check=True, stdout=subprocess.DEVNULL, cwd=folder, **who,
        )  # fmt: skip

    try:
        call("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
        # The server itself is never cut off from its disk here: only clients are killed.
        call("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-F -k {folder} -h ''", "start")
        try:
            yield f"postgresql+psycopg://postgres:@/postgres?host={folder}"
        finally:
            call("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _harmless_user() -> Any:
    """A user of the machine other than root."""
    import pwd

    users = {one.pw_name: one for one in pwd.getpwall() if one.pw_uid != 0}
    return next(users[name] for name in ("postgres", "nobody", *sorted(users)) if name in users)


def _programs(folder: Path, who: dict[str, Any]) -> Path:
    """Folder of initdb and pg_ctl; the wheel's are copied where their user cannot reach them."""
    wheel = importlib.util.find_spec("pgserver")
    if wheel is None or wheel.origin is None:
        known = [shutil.which("initdb"), *sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))]
        found = [Path(one).parent for one in known if one]
        if not found:
            pytest.skip(
                "PostgreSQL: 'pgserver' has no wheel for this Python, and there is no initdb on"
                " the machine; install PostgreSQL to run these tests"
            )
        return found[-1]
    installed = Path(wheel.origin).with_name("pginstall")
    try:
        subprocess.run([installed / "bin" / "initdb", "--version"], check=True, cwd=folder,
                       capture_output=True, **who)  # fmt: skip
    except (PermissionError, subprocess.CalledProcessError):
        own = folder / "wheel"
        for part in (installed, *installed.parents[1].glob("pgserver.libs")):
            shutil.copytree(part, own / part.relative_to(installed.parents[1]))
        return own / installed.relative_to(installed.parents[1]) / "bin"
    return installed / "bin"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Address of the one server of the session."""
    with postgresql_server() as address:
        yield address


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty place for a ledger, once on SQLite and once on PostgreSQL."""
    yield from store_asked_for(request, tmp_path)


def store_asked_for(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of an empty place on the store that a fixture is asked for."""
    if request.param == "sqlite":
        yield str(tmp_path / "store" / "ledger.sqlite")
        return
    yield from fresh_schema(request.getfixturevalue("postgresql"))


@pytest.fixture
def server_store(postgresql: str) -> Iterator[str]:
    """Address of an empty place for a ledger on PostgreSQL, for what only a server can do."""
    yield from fresh_schema(postgresql)


@pytest.fixture
def second_server_store(postgresql: str) -> Iterator[str]:
    """Address of another empty place on the same PostgreSQL."""
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
