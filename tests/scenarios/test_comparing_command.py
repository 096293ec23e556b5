"""`jobmatch whatif compare` and `frontier`, without a terminal, in the C locale."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from matcher.errors import OptionError
from matcher.weekly import run_week
from scenarios.cli.comparing import _of_one_week, show_comparison
from scenarios.exports import write_comparison
from scenarios.frontier import Front
from scenarios.population import Population, write
from tests.commands import jobmatch
from tests.scenarios.made_outcomes import BASE, LESS, MORE, outcome
from tests.weeks import TODAY, policy


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("front")
    write(folder / "week", Population(citizens=60, openings=14, seed=5))
    return folder


def test_frontier_writes_a_page_with_every_curve(week: Path) -> None:
    """One sentence for each curve, then where the page is; the data is marked as made up."""
    done = jobmatch(
        "whatif",
        "frontier",
        "week",
        "--on",
        "2026-11-23",
        "--group",
        "oral=2",
        "--points",
        "3",
        cwd=week,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 6
    assert re.match(r"Beyond \d+: with no limit on |More than \d+ are not possible ", lines[1])
    assert "need no money from the budget lines" in lines[0]
    assert "placements against a group's floor: oral=2" in done.stderr
    page = (week / lines[-1]).read_text("utf-8")
    assert page.count('class="curve"') >= 2
    assert "Made-up data" in page
    assert "the price of fairness" in page


def test_frontier_as_data(week: Path) -> None:
    """Only the curve that is asked for."""
    done = jobmatch("whatif", "frontier", "week", "--on", "2026-11-23", "--against", "floor",
                    "--points", "2", "--json", cwd=week)  # fmt: skip
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert {row["against"] for row in document["fronts"]} == {"floor"}
    assert all(row["proven"] for row in document["fronts"])
    assert (week / document["folder"] / "report.html").is_file()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--against", "group"], "--against group: expected --group COLUMN=VALUE beside it"),
        (["--group", "oral"], "--group oral: expected COLUMN=VALUE, e.g. oral=1"),
        (
            ["--group", "orl=2"],
            "error: group orl=2: 'orl' makes no group; expected one of category, benefit, oral,"
            " postcode, caseworker_id, single_provider (did you mean 'oral'?)\n",
        ),
        (["--group", "oral=9"], "error: group oral=9: expected a whole number from 0 to 6\n"),
    ],
)
def test_a_wrong_group_is_told_before_anything_is_solved(
    week: Path, options: list[str], says: str
) -> None:
    done = jobmatch("whatif", "frontier", "week", *options, cwd=week)
    assert done.returncode == 2
    assert says in done.stderr
    assert "reading" not in done.stderr


def test_a_group_that_nobody_is_in_is_told_before_anything_is_solved(week: Path) -> None:
    done = jobmatch("whatif", "frontier", "week", "--group", "postcode=9990", cwd=week)
    assert done.returncode == 2
    assert "--group postcode=9990: no citizen of this week has that; expected a value" in (
        done.stderr
    )
    assert "solving" not in done.stderr


def test_compare_renders_stored_results_again(tmp_path: Path) -> None:
    """Two folders on one page, in Danish, against another base; then as data."""
    write_comparison([BASE, MORE], tmp_path / "one", made_up=True)
    write_comparison([BASE, LESS], tmp_path / "two")
    done = jobmatch(
        "whatif", "compare", "one", "two", "--lang", "da", "--out", "again", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    said, address = done.stdout.splitlines()
    assert "2 scenarier giver" in said
    page = (tmp_path / address).read_text("utf-8")
    assert "Flere mentorer" in page
    assert "Opdigtede data" in page
    other = jobmatch("whatif", "compare", "one", "--base", "more", "--json", cwd=tmp_path)
    assert other.returncode == 0, other.stderr
    assert [row["difference"] for row in json.loads(other.stdout)["summary"]] == [0, -2]


def test_another_page_never_takes_a_place_that_is_taken(tmp_path: Path) -> None:
    """Danish beside English, five points beside nine, beyond the budgets beside within them."""
    frame = pd.DataFrame({"placements": [1], "value": [2.0], "bound": [2.0], "proven": [True],
                          "fit": [500], "step": [float("nan")]})  # fmt: skip
    plan = {"placements": 1, "value": 2.0, "fit": 500}
    few = Front("cost", points=frame, plan=plan, seconds=1.0)
    more = replace(few, points=pd.concat([frame, frame.assign(placements=2, value=3.0)]))
    folders = [
        show_comparison([BASE], tmp_path / "frontier", language=language, fronts=fronts)
        for language, fronts in [("en", [few]), ("da", [few]), ("en", [more]), ("en", [])]
    ]
    assert len(set(folders)) == 4
    again = replace(few, seconds=9.0)
    assert (
        show_comparison([BASE], tmp_path / "frontier", language="en", fronts=[again])
        == (folders[0])
    )
    changed = replace(BASE, tiers=(replace(BASE.tiers[0], bound=99), *BASE.tiers[1:]))
    assert show_comparison([changed], tmp_path / "frontier", language="en") not in folders


def test_results_of_different_weeks_are_not_mixed(tmp_path: Path) -> None:
    """Nor is a folder without results taken for one."""
    write_comparison([BASE, MORE], tmp_path / "one")
    write_comparison([outcome("base", {0: "O1"}), LESS], tmp_path / "two")
    done = jobmatch("whatif", "compare", "one", "two", cwd=tmp_path)
    assert done.returncode == 2
    assert "two: 'base' is not the one of the folders before" in done.stderr
    done = jobmatch("whatif", "compare", "nowhere", cwd=tmp_path)
    assert done.returncode == 2
    assert "nowhere: no results there" in done.stderr
    done = jobmatch("whatif", "compare", "one", "--base", "best", cwd=tmp_path)
    assert done.returncode == 2
    assert "no outcome is called 'best'; there are: base, more" in done.stderr


def test_a_folder_of_many_weeks_compares_the_newest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`whatif/2026-*` after a month, with a page that was made of the others among them."""
    frame = pd.DataFrame({"placements": [1], "value": [2.0], "bound": [2.0], "proven": [True],
                          "fit": [500], "step": [float("nan")]})  # fmt: skip
    curve = Front("cost", points=frame, plan={"placements": 1, "value": 2.0, "fit": 500})
    before = [replace(one, date="2026-11-16") for one in (BASE, LESS)]
    write_comparison(before, tmp_path / "a")
    write_comparison([BASE, MORE], tmp_path / "b", fronts=[curve])
    write_comparison([BASE, MORE], tmp_path / "c", fronts=[replace(curve, seconds=9.0)])
    outcomes, fronts, _ = _of_one_week([tmp_path / name for name in "abc"])
    assert [one.date for one in outcomes.values()] == [BASE.date, BASE.date]
    assert len(fronts) == 1
    told = capsys.readouterr().err.splitlines()
    assert told == [f"{tmp_path / 'a'}: left out, of the week of 2026-11-16; compared is the"
                    f" newest, {BASE.date}"]  # fmt: skip


def test_what_a_page_needs_is_said_before_anything_is_solved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour of solving is not lost to a package that was never installed."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.setattr("matcher.weekly.check", lambda *_: pytest.fail("the tables were read"))
    with pytest.raises(OptionError, match=r"pip install 'jobmatch\[report\]'"):
        run_week(tmp_path, tmp_path / "runs", policy(), TODAY)
    assert not list(tmp_path.iterdir())
