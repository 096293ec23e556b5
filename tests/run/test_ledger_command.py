"""The ledger's commands as their users meet them, within one process to save starts."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.commands import jobmatch
from tests.run.conftest import DAY, run_folders

NEXT = "2026-11-30"


@pytest.fixture(scope="module")
def two_weeks(week_folder: Path, _ran: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which two weeks were run."""
    folder = tmp_path_factory.mktemp("weeks")
    shutil.copytree(_ran / "runs", folder / "runs")
    done = jobmatch("run", week_folder, "--on", NEXT, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def copy(two_weeks: Path, tmp_path: Path) -> Path:
    """The two weeks once more, to change: the ledger finds its run folders where it lies."""
    shutil.copytree(two_weeks, tmp_path / "copy")
    return tmp_path / "copy"


def test_runs_are_listed_shown_and_compared(two_weeks: Path) -> None:
    """As text for people, complete as JSON; RUN is a name, a beginning or a number."""
    listed = jobmatch("runs", cwd=two_weeks)
    assert listed.returncode == 0, listed.stderr
    lines = listed.stdout.splitlines()
    assert lines[0].split()[:2] == ["no", "run"]
    assert [line.split()[0] for line in lines[1:]] == ["2", "1"]
    first, second = (line.split()[1] for line in reversed(lines[1:]))
    assert [path.name for path in run_folders(two_weeks / "runs")] == [first, second]

    shown = jobmatch("runs", "show", "1", cwd=two_weeks)
    assert f"run {first} (number 1), day {DAY}" in shown.stdout
    assert "proven" in shown.stdout
    content = json.loads(jobmatch("runs", "show", first, "--json", cwd=two_weeks).stdout)
    document = json.loads((two_weeks / "runs" / first / "run.json").read_text("utf-8"))
    assert content["input_gone"] is None
    assert content["tiers"] == document["tiers"]
    assert [one["citizen_id"] for one in content["proposals"]] == [
        one["citizen_id"] for one in document["proposals"]
    ]
    assert len(content["left_over"]) == len(document["unplaced"])
    assert content["times"]["run_times"].keys() >= {"read", "match", "verify", "explain"}

    change = json.loads(jobmatch("runs", "diff", "1", "2", "--json", cwd=two_weeks).stdout)
    assert (change["before"], change["after"]) == (first, second)
    parts = (len(change[part]) for part in ("came", "moved", "changed"))
    assert sum(parts) + change["kept"] == len(
        json.loads((two_weeks / "runs" / second / "run.json").read_text("utf-8"))["proposals"]
    )
    text = jobmatch("runs", "diff", "1", "2", cwd=two_weeks).stdout
    assert text.startswith(f"{second} minus {first}\n")
    assert f"kept: {change['kept']}" in text


def test_a_stored_run_is_made_again(two_weeks: Path) -> None:
    """The newest where none is named; the same plan."""
    done = jobmatch("runs", "verify", cwd=two_weeks)
    assert done.returncode == 0, done.stderr
    assert "made again, the same plan to the number" in done.stdout


def test_another_outcome_ends_with_1(copy: Path) -> None:
    """CI and cron can tell."""
    with sqlite3.connect(copy / "runs" / "ledger.sqlite") as base:
        base.execute("UPDATE proposals SET fit = fit + 1 WHERE run_id LIKE ?", (f"{DAY}%",))
    base.close()
    done = jobmatch("runs", "verify", "1", "--json", cwd=copy)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert not told["same"]
    assert all(": fit is " in text for text in told["differences"])


def test_forgetting_asks_and_without_a_terminal_wants_yes(copy: Path) -> None:
    """It cannot be undone; what is printed and logged does not name the citizen."""
    run = json.loads(jobmatch("runs", "show", "1", "--json", cwd=copy).stdout)
    who = run["proposals"][0]["citizen_id"]
    asked = jobmatch("forget", who, cwd=copy)
    assert asked.returncode == 2
    assert "hand in first what is filled in (`jobmatch decide`). Say --yes" in asked.stderr
    made = jobmatch("workbook", "1", cwd=copy)
    assert made.returncode == 0, made.stderr
    form = made.stdout.partition(":")[0]
    done = jobmatch("forget", who, "--yes", cwd=copy)
    assert done.returncode == 0, done.stderr
    assert re.search(rf"file removed whole: .*{re.escape(form)}\n  A form among them", done.stdout)
    assert "Forgotten; the totals stay as they were." in done.stdout
    assert who not in done.stdout + done.stderr
    assert "1 forgotten since" in jobmatch("runs", cwd=copy).stdout
    again = jobmatch("runs", "verify", "1", cwd=copy)
    assert again.returncode == 2
    assert "1 of its citizens have been forgotten since" in again.stderr
    assert "Nothing about that citizen" in jobmatch("forget", who, "--yes", cwd=copy).stdout


def test_purging_says_what_is_due_and_deletes_it(copy: Path) -> None:
    """With the municipality's own weeks: the tables of both runs, one folder... nothing twice."""
    (copy / "ours.toml").write_text("[retention]\ninput_weeks = 0\nfolder_weeks = 200\n", "utf-8")
    arguments = ("purge", "--on", "2026-12-01", "--policy", "ours.toml")
    asked = jobmatch(*arguments, cwd=copy)
    assert asked.returncode == 2
    assert "older than 0 weeks (tables), 200 (run folders)" in asked.stderr
    done = jobmatch(*arguments, "--yes", "--json", cwd=copy)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["inputs"], told["folders"], told["persons"], told["runs"]) == (2, [], {}, 0)
    assert jobmatch(*arguments, "--yes", cwd=copy).stdout == "Nothing is due.\n"


def test_the_same_run_is_recognised_and_keeps_its_folder(
    week_folder: Path, two_weeks: Path
) -> None:
    """No second folder full of persons, no second run."""
    before = run_folders(two_weeks / "runs")
    done = jobmatch("run", week_folder, "--on", NEXT, cwd=two_weeks)
    assert done.returncode == 0, done.stderr
    assert f"as run {before[1].name}: nothing new is stored" in done.stderr
    assert f"runs/{before[1].name}" in done.stdout
    assert run_folders(two_weeks / "runs") == before
    assert "made 2 times" in jobmatch("runs", cwd=two_weeks).stdout


def test_without_a_ledger_nothing_is_stored(week_folder: Path, tmp_path: Path) -> None:
    """The folder alone, as it always was."""
    done = jobmatch("run", week_folder, "--on", DAY, "--no-ledger", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "runs").iterdir()
    assert (folder / "run.json").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("runs",), "there is no ledger at runs/ledger.sqlite; `jobmatch run` makes one"),
        (("runs", "--ledger", "nowhere.db"), "there is no ledger at nowhere.db"),
        (("runs", "--ledger", "mysql://host/base"), "'mysql://host/base' cannot hold a ledger"),
        (("runs", "--ledger", "."), "the ledger '.' is a folder; expected a file"),
        (("runs", "--ledger", "words.txt"), "file is not a database.*give another --ledger"),
        (("forget", "C17", "--yes", "--ledger", "."), "is a folder"),
    ],
)
def test_what_is_no_ledger_is_named(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    """One screen, what to try, exit 2, nothing made."""
    (tmp_path / "words.txt").write_text("not a ledger at all, and long enough to be sure\n" * 30)
    done = jobmatch(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert re.search(says, done.stderr, re.S), done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["words.txt"]
