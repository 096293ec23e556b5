"""`jobmatch whatif new | list | show | run`, as a planner runs them and as cron does."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from scenarios.cli.whatif import with_cluster_address
from tests.commands import jobmatch
from tests.run.conftest import DAY

FAILS = """
[scenario.nobody]
[[scenario.nobody.change]]
table = "citizens"
where = { oral = { from = 0, to = 6 }, weeks_waiting = 1999 }
add = { mentor_hours = 1 }

[scenario.fewer]
title = { en = "Fewer hours", da = "Færre timer" }
[[scenario.fewer.change]]
table = "mentor_pools"
scale = { hours = 0.5 }
"""


def test_new_writes_an_example_that_runs_as_it_is(week_folder: Path, tmp_path: Path) -> None:
    """At once, with all its sweeps; a second run knows everything and says the same."""
    made = jobmatch("whatif", "new", "mit.toml", cwd=tmp_path)
    assert (made.returncode, made.stdout) == (0, "mit.toml\n")
    text = (tmp_path / "mit.toml").read_text("utf-8")
    assert "jobmatch whatif run mit.toml" in text
    assert text.count("\n#") > 20
    arguments = ("whatif", "run", "mit.toml", week_folder, "--on", DAY, "--workers", "1")
    first = jobmatch(*arguments, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    lines = first.stdout.splitlines()
    assert lines[0].split() == ["scenario", "placements", "change", "fit", "change"]
    names = [line.split()[0] for line in lines[1:8]]
    assert names == [
        "base", "elder_care", "cleaning_firm", "mentors_and_jobs[hours=0,jobs=0]",
        "mentors_and_jobs[hours=0,jobs=6]", "mentors_and_jobs[hours=20,jobs=0]",
        "mentors_and_jobs[hours=20,jobs=6]",
    ]  # fmt: skip
    assert "solving 6 scenarios" in first.stderr
    assert "6 of 6" in first.stderr
    again = jobmatch(*arguments, cwd=tmp_path)
    assert again.stdout.splitlines()[:8] == lines[:8]
    assert "6 of 6 scenarios are known from before" in again.stderr
    assert "solving" not in again.stderr


def test_new_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text("mine")
    refused = jobmatch("whatif", "new", "my.toml", cwd=tmp_path)
    assert refused.returncode == 2
    assert refused.stderr == "error: my.toml is there already; expected a new name\n"
    assert (tmp_path / "my.toml").read_text() == "mine"


def test_list_shows_the_library_in_both_languages() -> None:
    """In ASCII where the terminal knows no more, and as data."""
    danish = jobmatch("whatif", "list", "--lang", "da", PYTHONIOENCODING="ascii").stdout
    assert "budget_cut: Budgetterne skaaret med en femtedel" in danish
    assert "    left = 0,8: andel af budgetterne, der er tilbage" in danish
    ready = json.loads(jobmatch("whatif", "list", "--json").stdout)
    assert len(ready) >= 14
    assert {"name", "title", "question", "explanation", "source", "parameters"} <= set(ready[0])


def test_show_tells_every_change_and_solves_nothing(week_folder: Path, tmp_path: Path) -> None:
    """Of a scenario whose parameter is set, too; a fault has file and line and code 2."""
    (tmp_path / "f.toml").write_text(FAILS, "utf-8")
    shown = jobmatch("whatif", "show", "f.toml", week_folder, "--on", DAY, cwd=tmp_path)
    assert shown.returncode == 2
    assert "fewer: Fewer hours\n  mentor_pools.hours: " in shown.stdout
    assert "error: f.toml:5: nobody: empty selection: no row of citizens" in shown.stdout
    assert "solving" not in shown.stderr
    cut = jobmatch("whatif", "show", "budget_cut", week_folder, "--on", DAY,
                   "--set", "budget_cut.left=0.5", "--json")  # fmt: skip
    (told,) = json.loads(cut.stdout)
    assert told["settings"] == {"budget_cut.left": 0.5}
    # The budgets are those of the policy that the week's own folder holds; half is rounded up.
    own = tomllib.loads((week_folder / "policy.toml").read_text("utf-8"))
    before = own["money"]["budgets"]["wage_subsidy"]
    assert told["changes"][0] == f"money.budgets.wage_subsidy: {before} -> {(before + 1) // 2}"


def test_a_scenario_that_fails_is_a_row_and_a_code(week_folder: Path, tmp_path: Path) -> None:
    """The other one is solved, and the comparison written."""
    (tmp_path / "f.toml").write_text(FAILS, "utf-8")
    ran = jobmatch("whatif", "run", "f.toml", week_folder, "--on", DAY, "--lang", "da",
                   "--out", "ud", cwd=tmp_path)  # fmt: skip
    assert ran.returncode == 2
    lines = ran.stdout.splitlines()
    assert lines[2].startswith("nobody")
    assert "mislykkedes: f.toml:5: nobody: intet er valgt" in lines[2]
    assert lines[3].split()[0] == "fewer"
    assert "nobody mislykkedes: f.toml:5" in ran.stderr
    assert len(list((tmp_path / "ud" / "cache").glob("*.json"))) == 2
    assert list((tmp_path / "ud").glob("*/report.html"))


def test_a_law_that_holds_already_is_a_row_that_changes_nothing(
    week_folder: Path, tmp_path: Path
) -> None:
    ran = jobmatch("whatif", "run", "law_after_july_2025", week_folder, "--on", DAY,
                   "--workers", "1", cwd=tmp_path)  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    cells = ran.stdout.splitlines()[2].split()
    assert (cells[0], cells[2], cells[4]) == ("law_after_july_2025", "+0", "+0")
    why = "There is nothing to change in this week: tables and rules are so already,"
    assert " ".join(cells[5:]).startswith(why)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "nothing.toml"),
         "nothing.toml: no such file, and no scenario of the library (`jobmatch whatif list`)"),
        (("show", "."),
         ". is a folder; expected a what-if file, names from the library or 'library' before the"
         " data: e.g. jobmatch whatif run library ."),
        (("show", "budget_cut", "--only", "x"),
         "--only x: no such scenario or sweep; known: budget_cut"),
        (("show", "budget_cut", "--set", "budget_cut.left"),
         "--set budget_cut.left: expected NAME.PARAMETER=NUMBER"),
        (("show", "budget_cut", "--set", "cut.left=1"), "--set cut.left=1: unknown scenario; "),
        (("show", "budget_cut", "--set", "budget_cut.left=7"),
         "budget_cut.left = 7: expected a number from 0 to 1"),
        (("run", "budget_cut", "--cluster=http://x", "--out", "o"),
         "--cluster http://x: expected an address such as tcp://10.0.0.5:8786, or 'local'"),
    ],
)  # fmt: skip
def test_arguments_that_cannot_be(
    arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], week_folder: Path,
) -> None:  # fmt: skip
    """One line that says what was expected; nothing is solved."""
    from scenarios.cli import main

    monkeypatch.chdir(tmp_path)
    command, file, *rest = arguments
    monkeypatch.setattr(
        "sys.argv", ["jobmatch", "whatif", command, file, str(week_folder), "--on", DAY, *rest]
    )
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_cluster_stands_with_and_without_an_address() -> None:
    """What follows is taken for one only where it looks like one."""
    for given, read in (
        (["run", "f", "--cluster"], ["run", "f", "--cluster", "local"]),
        (["run", "--cluster", "f.toml", "w"], ["run", "--cluster", "local", "f.toml", "w"]),
        (["--cluster", "tcp://h:1", "f"], ["--cluster", "tcp://h:1", "f"]),
        (["--cluster", "h:8786"], ["--cluster", "h:8786"]),
        (["--cluster", "--json"], ["--cluster", "local", "--json"]),
        (["--cluster", "local"], ["--cluster", "local"]),
        (["f", "--json"], ["f", "--json"]),
    ):
        assert with_cluster_address(given) == read
