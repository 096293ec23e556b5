"""Figures of benchmarks: noted, kept by release, and shown beside those kept before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS
from benchmarks.results import KEPT, NOTES, Figure, keep, kept, note, noted, table, timed

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
    assert noted(tmp_path / "notes") == [Figure("year", "growth", "x", 1.25)]
    assert noted(tmp_path / "nothing") == []


def test_least_seconds_of_timed_tests(tmp_path: Path) -> None:
    times = {"benchmarks": [{"name": "test_solve", "stats": {"min": 0.5, "max": 2.0}}]}
    (tmp_path / "times.json").write_text(json.dumps(times))
    assert timed("week", tmp_path / "times.json") == [Figure("week", "solve", "s", 0.5)]
    assert timed("week", tmp_path / "nothing.json") == []


def test_figures_are_kept_by_release_and_shown_beside(tmp_path: Path) -> None:
    """The same name of the same release and size is replaced; another size is not compared."""
    file = tmp_path / "results.csv"
    keep([Figure("week", "solve", "s", 2.0), Figure("year", "growth", "x", 1.0)], "0.1", "full",
         file)  # fmt: skip
    keep([Figure("week", "solve", "s", 9.0)], "0.1", "smoke", file)
    keep([Figure("week", "solve", "s", 1.0)], "0.2", "full", file)
    keep([Figure("week", "solve", "s", 1.25)], "0.2", "full", file)
    assert [(one.release, one.size, one.figure, one.value) for one in kept(file)] == [
        ("0.1", "full", "solve", 2.0), ("0.1", "full", "growth", 1.0),
        ("0.1", "smoke", "solve", 9.0), ("0.2", "full", "solve", 1.25),
    ]  # fmt: skip
    now = [Figure("week", "solve", "s", 2.5), Figure("week", "read", "s", 1.0)]
    lines = table(now, "full", kept(file)).splitlines()
    assert lines[0].split() == ["benchmark", "figure", "unit", "now", "kept", "release", "ratio"]
    assert lines[1].split() == ["week", "solve", "s", "2.5", "1.25", "0.2", "2.00"]
    assert lines[2].split() == ["week", "read", "s", "1"]


def test_what_is_kept_can_be_read() -> None:
    """One figure for each release, size and name."""
    names = [(one.release, one.size, one.benchmark, one.figure) for one in kept()]
    assert len(names) == len(set(names))
