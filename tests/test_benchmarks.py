"""Figures of benchmarks: noted, kept by release, and shown beside those kept before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import __main__ as harness
from benchmarks.__main__ import BENCHMARKS
from benchmarks.results import (
    COLUMNS,
    KEPT,
    NOTES,
    Figure,
    Measured,
    by_release,
    kept,
    machine,
    note,
    noted,
    table,
    timed,
    write,
)

ROOM = KEPT.parent


def test_every_benchmark_says_what_it_measures_and_holds() -> None:
    """None of the rooms is forgotten, and each command is there."""
    rooms = {path.parent.name for path in ROOM.glob("*/__init__.py")}
    assert rooms == {one.name for one in BENCHMARKS}
    for one in BENCHMARKS:
        assert all((one.measures, one.smoke, one.full, one.gates))
        runs_itself = (ROOM / one.name / "__main__.py").is_file()
        assert runs_itself != bool(one.size_option)
        assert any("smoke" in part for part in one.command(True, Path("t.json")))
        assert not any("smoke" in part for part in one.command(False, Path("t.json")))


def test_figures_are_noted_where_a_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest of a name counts; without a file nothing is written."""
    note("year", "growth", 1.0, "x")
    monkeypatch.setenv(NOTES, str(tmp_path / "notes"))
    for value in (1.5, 1.25):
        note("year", "growth", value, "x")
    assert noted(tmp_path / "notes") == [Figure("year", "growth", 1.25, "x")]
    assert noted(tmp_path / "nothing") == []


def test_least_seconds_of_timed_tests(tmp_path: Path) -> None:
    times = {"benchmarks": [{"name": "test_solve", "stats": {"min": 0.5, "max": 2.0}}]}
    (tmp_path / "times.json").write_text(json.dumps(times))
    assert timed("week", tmp_path / "times.json") == [Figure("week", "solve", 0.5, "s")]
    assert timed("week", tmp_path / "nothing.json") == []


HERE = ("2 cores x86_64", "full")


def test_figures_are_written_by_release_and_shown_beside(tmp_path: Path) -> None:
    """The same case of a release is replaced; another size or machine is not compared."""
    file = tmp_path / "results.csv"
    first = Measured("0.1", "2026-11-01", *HERE)
    second = Measured("0.2", "2026-12-01", *HERE)
    write([Figure("week", "solve", 2.0, "s"), Figure("year", "growth", 1.0, "x")], first, file)
    write([Figure("week", "solve", 9.0, "s")], Measured("0.1", "2026-11-01", HERE[0], "smoke"),
          file)  # fmt: skip
    write([Figure("week", "solve", 0.5, "s")], Measured("0.2", "2026-12-01", "64 cores", "full"),
          file)  # fmt: skip
    write([Figure("week", "solve", 1.0, "s")], second, file)
    write([Figure("week", "solve", 1.25, "s")], second, file)
    assert tuple(file.read_text("utf-8").splitlines()[0].split(",")) == COLUMNS
    assert [(one.release, one.machine, one.size, one.case, one.figure) for one in kept(file)] == [
        ("0.1", *HERE, "solve", 2.0), ("0.1", *HERE, "growth", 1.0),
        ("0.1", HERE[0], "smoke", "solve", 9.0), ("0.2", "64 cores", "full", "solve", 0.5),
        ("0.2", *HERE, "solve", 1.25),
    ]  # fmt: skip
    now = [Figure("week", "solve", 2.5, "s"), Figure("week", "read", 1.0, "s")]
    lines = table(now, Measured("0.3", "2027-01-01", *HERE), kept(file)).splitlines()
    assert lines[0].split() == ["benchmark", "case", "unit", "now", "written", "release", "ratio"]
    assert lines[1].split() == ["week", "solve", "s", "2.5", "1.25", "0.2", "2.00"]
    assert lines[2].split() == ["week", "read", "s", "1"]
    shown = [line.split("  ") for line in by_release(kept(file)).splitlines()]
    told = [[cell.strip() for cell in line if cell] for line in shown]
    assert told[0][-4:] == ["unit", "0.1", "0.2", "ratio"]
    assert [*HERE, "week", "solve", "s", "2", "1.25", "0.62"] in told
    assert [*HERE, "year", "growth", "x", "1"] in told
    assert ["64 cores", "full", "week", "solve", "s", "0.5"] in told


def test_what_is_written_is_shown_by_release(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--compare`` runs nothing; each case of the newest release is there with its figure."""
    monkeypatch.setattr("sys.argv", ["benchmarks", "--compare"])
    assert harness.main() == 0
    shown = capsys.readouterr().out
    assert kept()
    for one in kept():
        assert one.release in shown
        assert f"{one.case} " in shown


def test_what_is_written_can_be_read() -> None:
    """One figure for each release, machine, size and case of a benchmark that there is."""
    names = [(one.release, one.name) for one in kept()]
    assert len(names) == len(set(names))
    assert {one.benchmark for one in kept()} <= {one.name for one in BENCHMARKS}
    assert machine().split()[1] == "cores"
