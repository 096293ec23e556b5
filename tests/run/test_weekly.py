"""The weekly batch from Python: same answer from every format, whole folders, honest ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from matcher import weekly
from matcher.engine import Options
from matcher.errors import InputErrors, InternalError, NoPlanError, OptionError
from matcher.policy import load_policy
from matcher.run_folder import whole_folder
from matcher.tables import write_folder
from matcher.weekly import FinishedRun, Observer, WeekOptions, run_week
from scenarios.population import make, policy_override, write
from tests.commands import jobmatch
from tests.run.conftest import DAY, SPEC
from tests.volume import daily

POLICY = load_policy(SPEC.today, policy_override(SPEC))


@pytest.fixture(scope="module")
def base(week_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """The run that the others are held against."""
    return run_week(week_folder, tmp_path_factory.mktemp("runs"), POLICY, SPEC.today)


@pytest.mark.parametrize(
    ("form", "options"),
    daily(2, [
        ("csv", {"danish": True, "encoding": "cp1252", "separator": ";", "decimal": ",",
                 "dates": "danish"}),
        ("excel", {}),
        ("parquet", {}),
        ("sql", {"danish": True}),
    ]),
    ids=["Danish CSV from Excel", "workbook", "Parquet", "database"],
)  # fmt: skip
def test_every_format_gives_the_same_proposals(
    base: FinishedRun, form: str, options: dict[str, object], tmp_path: Path
) -> None:
    """The four formats are four spellings of one problem: equal digest, equal plan."""
    address = write_folder(make(SPEC), tmp_path / "data", format=form, **options)
    week = run_week(
        address if "://" in address else Path(address), tmp_path / "runs", POLICY, SPEC.today
    )
    assert week.reading.problem.digest() == base.reading.problem.digest()
    assert week.solution.plan.placements == base.solution.plan.placements


def test_a_run_is_proven_verified_and_complete(base: FinishedRun) -> None:
    """Placements and fit are proven; proposals and unplaced add up; all files are there."""
    assert base.solution.plan.proven
    document = json.loads((base.folder / "run.json").read_text("utf-8"))
    assert document["schema_version"] == 1
    placed, left = len(document["proposals"]), len(document["unplaced"])
    assert placed + left == SPEC.size
    assert placed == base.solution.plan.value("placements") > 0
    assert {path.name for path in base.folder.iterdir()} == {
        "proposals.csv",
        "proposals.xlsx",
        "unplaced.csv",
        "openings.csv",
        "resources.csv",
        "backups.csv",
        "run.json",
        "report.html",
    }
    assert document["made_up"] is True


def test_a_second_run_of_the_same_week_keeps_the_first(
    base: FinishedRun, week_folder: Path
) -> None:
    """A finished run is never overwritten; the second gets a number and the same proposals."""
    again = run_week(week_folder, base.folder.parent, POLICY, SPEC.today)
    assert again.folder.name == f"{base.folder.name}-2"
    for name in ("proposals.csv", "unplaced.csv", "openings.csv", "resources.csv", "report.html"):
        first, second = ((week.folder / name).read_bytes() for week in (base, again))
        if name != "report.html":
            assert first == second, name


@pytest.mark.parametrize("phase", ["match", "verify", "explain", "write"])
def test_a_run_that_dies_leaves_no_folder(week_folder: Path, tmp_path: Path, phase: str) -> None:
    """Whatever the phase, what is left does not look like a run."""

    class Dies(Observer):
        def phase(self, name: str) -> None:
            if name == phase:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_week(week_folder, tmp_path, POLICY, SPEC.today, observer=Dies())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", ["file", "file/runs"])
def test_a_folder_that_cannot_be_is_refused_before_anything_is_read(
    week_folder: Path, tmp_path: Path, out: str
) -> None:
    """Not after an hour of solving; nothing is made."""

    class Hears(Observer):
        def phase(self, name: str) -> None:
            raise AssertionError(name)

    (tmp_path / "file").touch()
    with pytest.raises(OptionError, match=f"--out {tmp_path / out}: .* is a file; expected a"):
        run_week(week_folder, tmp_path / out, POLICY, SPEC.today, observer=Hears())
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("form", ["csv", "excel", "sql"])
def test_the_mark_is_found_whatever_the_address(tmp_path: Path, form: str) -> None:
    """As a path or as text; beside a workbook or a database; gone with the file."""
    address = write(tmp_path / "week", SPEC, format=form)
    spellings: list[str | Path] = [address]
    if "://" not in address:
        spellings.append(Path(address))
    if form == "sql":
        spellings.append(address.removeprefix("sqlite:///"))
    for spelling in spellings:
        assert weekly.is_made_up(spelling), spelling
    (tmp_path / "week" / "MADE_UP.txt").unlink()
    for spelling in spellings:
        assert not weekly.is_made_up(spelling), spelling
    assert not weekly.is_made_up("postgresql://host/week")
    assert not weekly.is_made_up("sqlite://")


def test_a_run_that_fails_while_writing_takes_its_folder_away(
    week_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error in the middle of the files: nothing is left, the error goes on."""

    def breaks(*_: object, **__: object) -> None:
        message = "no space left"
        raise OSError(28, message)

    monkeypatch.setattr("matcher.weekly.write_document", breaks)
    with pytest.raises(OptionError, match="could not be written"):
        run_week(week_folder, tmp_path, POLICY, SPEC.today)
    assert list(tmp_path.iterdir()) == []


def test_a_plan_that_does_not_verify_stops_the_run(
    week_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If our own check disagrees with the engine, nothing is written."""
    from dataclasses import replace

    real = weekly.solve

    def tampered(*arguments: object, **options: object) -> object:
        solution = real(*arguments, **options)  # type: ignore[arg-type]
        first, *rest = solution.plan.placements
        wrong = replace(first, fit=first.fit + 1)
        plan = replace(solution.plan, placements=(wrong, *rest))
        return replace(solution, plan=plan)

    monkeypatch.setattr(weekly, "solve", tampered)
    with pytest.raises(InternalError, match="fit"):
        run_week(week_folder, tmp_path, POLICY, SPEC.today)
    assert list(tmp_path.iterdir()) == []


def test_bad_rows_are_put_aside_and_the_run_goes_on(week_folder: Path, tmp_path: Path) -> None:
    """One impossible citizen of ninety: in quarantine with the reason, not in the plan."""
    data = tmp_path / "data"
    data.mkdir()
    for path in week_folder.glob("*.csv"):
        (data / path.name).write_bytes(path.read_bytes())
    table = pd.read_csv(data / "citizens.csv", dtype=str, keep_default_na=False)
    table.loc[3, "oral"] = "9"
    table.to_csv(data / "citizens.csv", index=False)
    week = run_week(data, tmp_path / "runs", POLICY, SPEC.today)
    assert len(week.document["unplaced"]) + len(week.document["proposals"]) == SPEC.size - 1
    quarantined = "".join(
        path.read_text("utf-8-sig") for path in (week.folder / "quarantine").iterdir()
    )
    assert table.loc[3, "citizen_id"] in quarantined
    assert "oral" in quarantined


def test_too_many_bad_rows_stop_the_run_with_all_issues(week_folder: Path, tmp_path: Path) -> None:
    """Above the policy's share the tables are not to be trusted."""
    data = tmp_path / "data"
    data.mkdir()
    for path in week_folder.glob("*.csv"):
        (data / path.name).write_bytes(path.read_bytes())
    table = pd.read_csv(data / "citizens.csv", dtype=str, keep_default_na=False)
    table.loc[:9, "age"] = "old"
    table.to_csv(data / "citizens.csv", index=False)
    with pytest.raises(InputErrors) as refused:
        run_week(data, tmp_path / "runs", POLICY, SPEC.today)
    assert sum(issue["code"] == "wrong_type" for issue in refused.value.issues) >= 10
    assert not (tmp_path / "runs").exists()


def test_a_limit_without_a_plan_is_an_honest_end(week_folder: Path, tmp_path: Path) -> None:
    """With no time at all there is no plan, hence no folder and a clear error."""
    # By prices a plan of sorts is there at once; the integer solver needs its time.
    options = WeekOptions(engine=Options(seconds=1e-9, method="direct"))
    with pytest.raises(NoPlanError, match="no plan was found"):
        run_week(week_folder, tmp_path, POLICY, SPEC.today, options)
    assert list(tmp_path.iterdir()) == []


def test_the_order_of_the_rows_in_the_files_changes_no_byte(
    base: FinishedRun, week_folder: Path, tmp_path: Path
) -> None:
    """Every table upside down: the same proposals, to the byte."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "MADE_UP.txt").touch()
    for path in week_folder.glob("*.csv"):
        lines = path.read_text("utf-8").splitlines()
        (data / path.name).write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n", "utf-8")
    week = run_week(data, tmp_path / "runs", POLICY, SPEC.today)
    for name in (
        "proposals.csv", "unplaced.csv", "openings.csv", "resources.csv", "backups.csv",
    ):  # fmt: skip
        assert (week.folder / name).read_bytes() == (base.folder / name).read_bytes(), name


def test_two_runs_of_one_name_at_once_both_get_their_folder(tmp_path: Path) -> None:
    """Who is finished second gets a number, and hears it."""
    with whole_folder(tmp_path, "2026-11-24-00c0ffee") as first:
        with whole_folder(tmp_path, "2026-11-24-00c0ffee") as second:
            (second.hidden / "run.json").write_text("second")
        (first.hidden / "run.json").write_text("first")
    assert second.final.name == "2026-11-24-00c0ffee"
    assert first.final.name == "2026-11-24-00c0ffee-2"
    assert (first.final / "run.json").read_text() == "first"
    assert sorted(tmp_path.iterdir()) == [second.final, first.final]


def test_a_misspelt_column_is_named_when_the_week_is_run(week_folder: Path, tmp_path: Path) -> None:
    """It is not read, which changes the answer: the log of a run says so, five columns at most."""
    tables = tmp_path / "tables"
    shutil.copytree(week_folder, tables)
    citizens = tables / "citizens.csv"
    head, _, rest = citizens.read_text("utf-8-sig").partition("\n")
    citizens.write_text(f"{head.replace(',benefit,', ',benefit_kind,')}\n{rest}", "utf-8")
    places = tables / "places.csv"
    lines = places.read_text("utf-8-sig").splitlines()
    more = [f"{lines[0]},a,b,c,d,e,f", *(f"{line},,,,,," for line in lines[1:])]
    places.write_text("\n".join(more), "utf-8")
    done = jobmatch("run", tables, "--on", DAY, "--no-ledger", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (
        "citizens.csv, column 'benefit_kind': not a column of this table; it is not read."
        " Maybe 'benefit' was meant." in done.stderr
    )
    assert done.stderr.count("it is not read") == 5
    assert "2 more columns are not read" in done.stderr
