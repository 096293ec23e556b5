"""A hundred damaged weeks from fixed seeds; ten thousand are in ``python -m benchmarks.damage``."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path

import pytest

from benchmarks.damage import FORMS, faults
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.tables import IssueCode, check, write_folder, write_quarantine
from tests.tables.conftest import TODAY, Rows, assert_nothing_lost, write_rows
from tests.volume import daily


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seeds", daily(1, [range(4), range(4, 25)]), ids=["few", "more"])
def test_random_damage_is_an_error_of_the_input(
    form: str, seeds: range, week: Problem, policy: Policy, tmp_path: Path
) -> None:
    tables = {name: week[name] for name in ("citizens", "workplaces", "openings", "places")}
    found = [
        f"seed {fault.seed}, {fault.what}: {fault.error!r}"
        for fault in faults(tables, policy, tmp_path, seeds, (form,))
    ]
    assert found == []


def test_damage_is_found_where_reading_loses_rows(
    week: Problem, policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above can fail: an error of the program's own is told with its seed."""

    def broken(*_: object) -> None:
        raise IndexError("lost")

    monkeypatch.setattr("benchmarks.damage.check", broken)
    found = list(faults(week.tables, policy, tmp_path, range(2), ("csv",)))
    assert [(fault.seed, repr(fault.error)) for fault in found] == [
        (0, "IndexError('lost')"),
        (1, "IndexError('lost')"),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("quoted", [True, False])
def test_a_carriage_return_in_a_cell_neither_adds_nor_loses_a_row(
    end: str, quoted: bool, rows: Rows, policy: Policy, tmp_path: Path
) -> None:
    folder = write_rows(rows, tmp_path / "week")
    cell = '"many\rseats"' if quoted else "many\rseats"
    lines = ["team_id;seats;blocks;postcode", f"t1;{cell};mon 13:00-16:00;8000",
             "t2;5;wed 14:15-16:00;8200"]  # fmt: skip
    (folder / "teams.csv").write_bytes("".join(line + end for line in lines).encode())
    reading = check(folder, policy, TODAY)
    assert_nothing_lost(reading)
    assert (reading.counts["teams"].read, reading.counts["teams"].kept) == (2, 1)
    (path,) = [path for path in write_quarantine(reading, tmp_path / "q") if "teams" in path.name]
    with path.open(encoding="utf-8-sig", newline="") as stream:
        written = list(csv.reader(stream, delimiter=";"))
    assert len(written) == 2
    assert "many\rseats" in written[1]


def test_text_of_a_database_that_is_not_utf_8_is_an_error_of_its_row(
    week: Problem, policy: Policy, tmp_path: Path
) -> None:
    address = write_folder(week.tables, tmp_path, format="sql")
    base = sqlite3.connect(tmp_path / "week.db")
    base.execute("UPDATE workplaces SET name = CAST(x'4bf8' AS TEXT) WHERE sector = 'private'")
    base.commit()
    base.close()
    reading = check(address, policy, TODAY)
    hits = [issue for issue in reading.issues if issue.code is IssueCode.UNREADABLE_CELL]
    assert [(issue.row, issue.column, issue.value) for issue in hits] == [
        (2, "name", "text that is not UTF-8")
    ]
    assert reading.counts["workplaces"].kept == 1
    assert_nothing_lost(reading)


def test_a_parquet_file_whose_names_are_not_utf_8_is_an_error_of_its_table(
    week: Problem, policy: Policy, tmp_path: Path
) -> None:
    folder = Path(write_folder(week.tables, tmp_path, format="parquet"))
    path = folder / "forbids.parquet"
    assert b"reason" in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(b"reason", b"re\xa9son"))
    reading = check(folder, policy, TODAY)
    hits = [issue for issue in reading.issues if issue.code is IssueCode.UNREADABLE_FILE]
    assert [issue.source for issue in hits] == ["forbids.parquet"]
    assert hits[0].value.startswith("text that is not UTF-8 in")
