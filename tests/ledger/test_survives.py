"""Killed at any moment, two at once, no space, no rights, no server: nothing half, nothing lost."""

from __future__ import annotations

import contextlib
import datetime as dt
import multiprocessing
import os
import signal
import stat
import time
from collections.abc import Callable, Iterator
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from matcher.erasure import forget
from matcher.errors import LedgerBusyError, LedgerError
from matcher.ledger import Decision, Ledger, purge
from matcher.ledger.connect import base_of
from matcher.ledger.schema import HEAD
from matcher.weekly import FinishedRun, Observer, run_week
from scenarios.population import write
from tests.conftest import STORES, postgresql_server
from tests.ledger import killed
from tests.ledger.conftest import solved
from tests.ledger.killed import POLICY, SPEC
from tests.volume import daily
from tests.weeks import citizen, opening, week

pytestmark = pytest.mark.usefixtures("each_week_solved_once")
NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
PROCESSES = multiprocessing.get_context("forkserver")

on_a_server_too = pytest.mark.parametrize("store", daily(1, STORES), indirect=True)
"""Of what is on the disk rather than in the ledger: on PostgreSQL thoroughly."""


@pytest.fixture(scope="module", autouse=True)
def _split_off_from_a_warm_process() -> Iterator[None]:
    """Processes of this file are split off from one that has solved their week; no others are."""
    forkserver._forkserver._stop()  # type: ignore[attr-defined]
    PROCESSES.set_forkserver_preload(["tests.ledger.warm"])
    yield
    forkserver._forkserver._stop()  # type: ignore[attr-defined]
    PROCESSES.set_forkserver_preload(["__main__"])


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up week of forty citizens."""
    folder = tmp_path_factory.mktemp("tables")
    write(folder, SPEC)
    return folder


def killed_in(target: Callable[..., None], *arguments: Any) -> None:
    """Let a process run until it kills itself; anything else is a failure of the test."""
    process = PROCESSES.Process(target=target, args=arguments)
    process.start()
    process.join(300)
    assert process.exitcode == -signal.SIGKILL, process.exitcode


def rerun(store: str, tables: Path, out: Path, observer: Observer | None = None) -> FinishedRun:
    """Run the week to its end."""
    with Ledger.open(store) as ledger:
        return run_week(tables, out, POLICY, SPEC.today, observer=observer, ledger=ledger)


def in_order(store: str, out: Path) -> None:
    """One run with proposals and input, its one folder whole, nothing hidden left."""
    with Ledger.open(store) as ledger:
        (run,) = ledger.runs()
        (folder,) = ledger.folders(run.run_id)
        assert len(ledger.proposals(run.run_id)) == run.placed > 0
        assert ledger.problem(run.run_id).digest() == run.input_digest
        assert ledger.waiting_folders() == frozenset()
    assert list(out.iterdir()) == [folder]
    assert {path.name for path in folder.iterdir()} >= {"run.json", "report.html", "proposals.csv"}


# ------------------------------------------------------------------------------ kill -9


INSIDE = (*killed.CALLS, *killed.STATEMENTS)
"""Points at which the ledger is in the middle of something."""
EARLY = ("match", "verify", "explain")
"""Phases before which nothing more is written than before the first."""
PHASES = tuple(point for point in killed.PHASES if point not in EARLY)
ON_A_SERVER = ("storing the resources", "all files are written", "noting the folder")
"""Of each kind one, tried on PostgreSQL every time."""


@pytest.mark.parametrize(
    ("store", "point"),
    daily(
        len(PHASES) + len(INSIDE) + len(ON_A_SERVER),
        [
            *(("sqlite", point) for point in (*PHASES, *INSIDE)),
            *(("postgresql", point) for point in ON_A_SERVER),
            *(("sqlite", point) for point in EARLY),
            *(
                ("postgresql", point)
                for point in (*killed.PHASES, *INSIDE)
                if point not in ON_A_SERVER
            ),
        ],
    ),
    indirect=["store"],
)
def test_a_run_killed_at_any_point_leaves_nothing_half(
    store: str, tables: Path, tmp_path: Path, point: str
) -> None:
    """Whatever is visible is whole, before the next run too; the next run just works."""
    out = tmp_path / "runs"
    killed_in(killed.run, store, str(tables), str(out), point)
    for folder in out.iterdir() if out.exists() else ():
        if not folder.name.startswith("."):
            assert (folder / "report.html").exists()
    with Ledger.open(store) as ledger:
        for run in ledger.runs():
            assert len(ledger.proposals(run.run_id)) == run.placed
            assert len(ledger.unplaced(run.run_id)) == run.unplaced
            assert ledger.problem(run.run_id).digest() == run.input_digest
    rerun(store, tables, out)
    in_order(store, out)


def test_a_stored_run_gets_its_folder_even_if_it_was_killed_before(
    store: str, tables: Path, tmp_path: Path
) -> None:
    """The ledger has the word: what it stored is finished by the next that comes, and said."""
    out = tmp_path / "runs"
    killed_in(killed.run, store, str(tables), str(out), "the ledger has the run")
    (hidden,) = out.iterdir()
    assert hidden.name.endswith(".whole")
    with Ledger.open(store) as ledger:
        (named,) = ledger.settle()
    assert list(out.iterdir()) == [named]
    in_order(store, out)


@on_a_server_too
def test_the_folder_of_a_living_run_is_not_cleaned_away(
    store: str, tables: Path, tmp_path: Path
) -> None:
    """A run without the ledger writes beside one with it: neither disturbs the other."""
    out = tmp_path / "runs"
    seen: list[Path] = []

    class Beside(Observer):
        def phase(self, name: str) -> None:
            if name == "write" and not seen:
                seen.append(out)
                rerun(store, tables, out)

        def note(self, text: str) -> None:
            assert "removed" not in text

    first = run_week(tables, out, POLICY, SPEC.today, observer=Beside())
    assert sorted(path.name for path in out.iterdir()) == [first.folder.name.removesuffix("-2"),
                                                           first.folder.name]  # fmt: skip


def test_decisions_are_stored_all_or_none(store: str) -> None:
    """Killed between two rows of one form: none is in, and the form sent again is taken whole."""
    problem = week([citizen("C1"), citizen("C2")], [opening(seats=2)])
    with Ledger.open(store) as ledger:
        run = ledger.record_run(solved(problem), problem, address="a").run
        earlier = Decision(run.run_id, "C1", "O1", "wait", NOON)
        ledger.record_decisions([earlier])
    rows = [
        Decision(run.run_id, who, "O1", "accept", NOON + dt.timedelta(hours=1))
        for who in ("C1", "C2")
    ]
    killed_in(killed.decide, store, rows)
    with Ledger.open(store) as ledger:
        assert ledger.decisions() == (earlier,)
        assert ledger.record_decisions(rows).new == 2
        assert [one.verdict for one in ledger.decisions()] == ["accept", "accept"]


@pytest.mark.parametrize(
    ("store", "point"),
    daily(2, [("sqlite", "files"), ("postgresql", "rows"), ("sqlite", "rows"),
              ("postgresql", "files")]),
    indirect=["store"],
)  # fmt: skip
def test_forgetting_that_is_killed_is_finished_by_the_same_again(
    store: str, tables: Path, tmp_path: Path, point: str
) -> None:
    """As long as a file may name the citizen, the ledger still does and so finds the file."""
    out = tmp_path / "runs"
    made = rerun(store, tables, out)
    who = made.document["proposals"][0]["citizen_id"]
    killed_in(killed.forgets, store, who, point)
    with Ledger.open(store) as ledger:
        assert any(one.citizen_id == who for run in ledger.runs()
                   for one in ledger.proposals(run.run_id))  # fmt: skip
        assert forget(ledger, who).found
        rerun(store, tables, tmp_path / "other")  # also cleans nothing of ours
    for path in made.folder.rglob("*"):
        assert who.encode() not in path.read_bytes()
    assert not [path for path in out.iterdir() if path.name.startswith(".") and point == "rows"]


@on_a_server_too
def test_purging_that_is_killed_leaves_no_half_folder(
    store: str, tables: Path, tmp_path: Path
) -> None:
    """Half deleted is hidden; the next run cleans it, the next purge finds the rest."""
    out = tmp_path / "runs"
    rerun(store, tables, out)
    late = SPEC.today + dt.timedelta(weeks=30)
    killed_in(killed.purges, store, late)
    assert all(path.name.startswith(".") for path in out.iterdir())
    rerun(store, tables, out)
    in_order_after_purge = [path for path in out.iterdir() if path.name.startswith(".")]
    assert in_order_after_purge == []
    with Ledger.open(store) as ledger:
        assert purge(ledger, POLICY, late).folders


# ------------------------------------------------------------------------------ two at once


@pytest.fixture
def holder(store: str) -> Iterator[tuple[Any, Any]]:
    """Another process that holds the ledger; and what lets it go."""
    line, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=killed.holds, args=(store, theirs))
    process.start()
    theirs.close()
    assert line.recv() == "held"
    yield process, line
    with contextlib.suppress(BrokenPipeError):
        line.send("go")
    line.close()
    process.join(300)


def test_the_second_waits_and_says_for_whom(
    store: str, tables: Path, tmp_path: Path, holder: tuple[Any, Any]
) -> None:
    """It runs as soon as the first has finished."""
    process, line = holder
    heard: list[str] = []

    def hear(text: str) -> None:
        heard.append(text)
        line.send("go")

    with Ledger.open(store, heard=hear) as ledger:
        run_week(tables, tmp_path / "runs", POLICY, SPEC.today, ledger=ledger)
    (text,) = heard
    assert f"process {process.pid}" in text
    assert "waiting up to 60 s" in text
    in_order(store, tmp_path / "runs")


def test_a_link_to_the_file_is_the_same_ledger(tmp_path: Path) -> None:
    """Whoever comes by the link waits for whoever came by the name."""
    link = tmp_path / "link.sqlite"
    link.symlink_to(tmp_path / "ledger.sqlite")
    with (
        Ledger.open(tmp_path / "ledger.sqlite") as one,
        one.lock(),
        Ledger.open(link, wait=0) as other,
        pytest.raises(LedgerBusyError),
        other.lock(),
    ):
        pass
    with Ledger.open(link, wait=0) as other, other.lock():
        assert not (tmp_path / ".link.sqlite.lock").exists()


def test_the_second_is_refused_when_the_first_takes_too_long(
    store: str, tables: Path, tmp_path: Path, holder: tuple[Any, Any]
) -> None:
    """Who holds it and what to do; nothing was made. Reading goes on all the while."""
    with Ledger.open(store, wait=0.3) as ledger:
        with pytest.raises(
            LedgerBusyError,
            match=rf"is in use by .*process {holder[0].pid}.*; waited 0.3 s\.\nLet it finish",
        ):
            run_week(tables, tmp_path / "runs", POLICY, SPEC.today, ledger=ledger)
        assert ledger.runs() == ()
    assert not (tmp_path / "runs").exists()


def test_a_lock_dies_with_its_process(store: str, holder: tuple[Any, Any]) -> None:
    """Killed with -9: nobody has to clean up."""
    os.kill(holder[0].pid, signal.SIGKILL)
    with Ledger.open(store, wait=20) as ledger, ledger.lock():
        assert ledger.runs() == ()


# ------------------------------------------------------------------------------ no space, no rights


def stored(ledger: Ledger, seats: int = 1) -> str:
    """Store a small run."""
    problem = week(openings=[opening(seats=seats)])
    return ledger.record_run(solved(problem), problem, address="a").run.run_id


def test_a_full_ledger_says_so_and_what_was_there_is_whole(tables: Path, tmp_path: Path) -> None:
    """No more pages, as on a full disk: no run in the ledger, no folder, the old run unharmed."""
    file = tmp_path / "ledger.sqlite"
    with Ledger.open(file) as ledger:
        name = stored(ledger)
        with ledger.reading() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()

        @sa.event.listens_for(ledger._access.base.engine, "begin")
        def _full(connection: sa.Connection) -> None:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

        with pytest.raises(LedgerError, match=r"database or disk is full\.\nFree some space"):
            run_week(tables, tmp_path / "runs", POLICY, SPEC.today, ledger=ledger)
        assert list((tmp_path / "runs").iterdir()) == []
    with Ledger.open(file) as ledger:
        assert [run.run_id for run in ledger.runs()] == [name]
        assert ledger.problem(name).digest() == ledger.run(name).input_digest


@on_a_server_too
def test_a_disk_that_fills_while_files_are_written_leaves_nothing(
    store: str, tables: Path, tmp_path: Path
) -> None:
    """The system refuses to let any file grow: clear error, neither run nor folder."""
    answer, told = PROCESSES.Pipe()
    arguments = (store, str(tables), str(tmp_path / "runs"), told)
    process = PROCESSES.Process(target=killed.fills, args=arguments)
    process.start()
    told.close()
    assert answer.poll(300)
    assert "the run could not be written (File too large)" in answer.recv()
    process.join(300)
    assert list((tmp_path / "runs").iterdir()) == []
    with Ledger.open(store) as ledger:
        assert ledger.runs() == ()
    rerun(store, tables, tmp_path / "runs")
    in_order(store, tmp_path / "runs")


def test_a_ledger_that_may_not_be_written_can_be_read(tmp_path: Path) -> None:
    """Root ignores modes, so the base itself is told to refuse, as it would."""
    file = tmp_path / "ledger.sqlite"
    with Ledger.open(file) as ledger:
        name = stored(ledger)
    with Ledger.open(file) as ledger:

        @sa.event.listens_for(ledger._access.base.engine, "begin")
        def _read_only(connection: sa.Connection) -> None:
            connection.exec_driver_sql("PRAGMA query_only = ON")

        assert ledger.run(name).placed == 1
        with pytest.raises(LedgerError, match=r"readonly database\.\nThe file or its folder may"):
            stored(ledger, seats=2)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    """As anybody but root."""
    tmp_path.chmod(0o500)
    try:
        with (
            Ledger.open(tmp_path / "ledger.sqlite") as ledger,
            pytest.raises(LedgerError, match="Permission denied"),
        ):
            stored(ledger)
    finally:
        tmp_path.chmod(0o700)


def test_a_ledger_where_none_can_be_is_named(tmp_path: Path) -> None:
    """Below a file; whoever runs the test."""
    (tmp_path / "file").touch()
    with (
        Ledger.open(tmp_path / "file" / "ledger.sqlite") as ledger,
        pytest.raises(LedgerError, match=r"cannot be made: (Not a directory|File exists)"),
    ):
        stored(ledger)


def test_a_postgresql_user_without_rights_is_told(server_store: str, postgresql: str) -> None:
    """The server's own words, and what to check."""
    store = server_store
    with Ledger.open(store) as ledger:
        stored(ledger)
    schema = store.rpartition("%3D")[2]
    engine = sa.create_engine(postgresql)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE reader_{schema} LOGIN")
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO reader_{schema}")
        connection.exec_driver_sql(
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO reader_{schema}"
        )
    engine.dispose()
    with Ledger.open(store.replace("//postgres:@", f"//reader_{schema}@")) as ledger:
        assert len(ledger.runs()) == 1
        with pytest.raises(LedgerError, match=r"permission denied .*\nCheck the rights"):
            stored(ledger, seats=2)


# ------------------------------------------------------------------------------ versions, servers


def test_a_ledger_of_a_newer_version_is_left_alone(store: str) -> None:
    """Named, with what to do; not a byte is changed."""
    with Ledger.open(store) as ledger:
        stored(ledger)
        with ledger.writing() as connection:
            connection.execute(sa.text("UPDATE ledger_version SET version_num = '9999'"))
    with pytest.raises(
        LedgerError, match=rf"newer version .*revision 9999, this one knows {HEAD}\)\.\nUpdate"
    ):
        Ledger.open(store)


def test_a_base_that_is_something_else_is_left_alone(store: str) -> None:
    """Somebody's own base with a table called `runs`."""
    base = base_of(store)
    if base.file is not None:
        base.file.parent.mkdir()
    with base.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE runs (metres INTEGER)"))
    base.engine.dispose()
    with pytest.raises(LedgerError, match=r"holds tables \(runs\) that are not a ledger's"):
        Ledger.open(store)


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    """From the first moment, under any mask, and again when a copy was made readable."""
    file = tmp_path / "deep" / "ledger.sqlite"
    mask = os.umask(0)
    try:
        with Ledger.open(file) as ledger:
            stored(ledger)
    finally:
        os.umask(mask)
    for path in file.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    file.chmod(0o644)
    with Ledger.open(file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("phase", ["match", "write"])
def test_a_server_that_cuts_the_line_in_the_middle_of_a_run(
    tables: Path, tmp_path: Path, server_store: str, postgresql: str, phase: str
) -> None:
    """The lock is lost with the line, so nothing is stored: clear error, no folder; again works."""
    store = server_store

    class Cuts(Observer):
        def phase(self, name: str) -> None:
            if name == phase:
                engine = sa.create_engine(postgresql)
                with engine.begin() as connection:
                    connection.exec_driver_sql(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE application_name LIKE 'jobmatch%%'"
                    )
                engine.dispose()

    with pytest.raises(LedgerError, match=r"went away\. What was not committed is not stored"):
        rerun(store, tables, tmp_path / "runs", Cuts())
    assert list(tmp_path.glob("runs/*")) == list(tmp_path.glob("runs/.*")) == []
    with Ledger.open(store) as ledger:
        assert ledger.runs() == ()
    rerun(store, tables, tmp_path / "runs")
    in_order(store, tmp_path / "runs")


def test_a_server_that_is_gone_is_named_without_its_password(tables: Path, tmp_path: Path) -> None:
    """Stopped while the run solves; then not there at all."""
    server = postgresql_server()
    address = server.__enter__()
    stopped: list[float] = []

    class Stops(Observer):
        def phase(self, name: str) -> None:
            if name == "match":
                server.__exit__(None, None, None)
                stopped.append(time.monotonic())

    with pytest.raises(LedgerError, match="cannot be reached or went away"):
        rerun(address, tables, tmp_path / "runs", Stops())
    assert list(tmp_path.glob("runs/*")) == list(tmp_path.glob("runs/.*")) == []
    secret = address.replace("//postgres:@", "//postgres:secret@")
    with pytest.raises(LedgerError, match="cannot be reached") as refused:
        Ledger.open(secret)
    assert "secret" not in str(refused.value)
