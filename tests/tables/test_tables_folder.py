"""Whatever is put into a folder of tables is read, or stops the run, or is said."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from matcher.policy import Policy
from matcher.problem import Problem
from matcher.tables import IssueCode, Reading, check
from matcher.tables.folder import nearly
from tests.tables.conftest import TODAY, Rows, write_rows


@pytest.fixture
def folder(rows: Rows, tmp_path: Path) -> Path:
    return write_rows(rows, tmp_path / "week")


def _sheet(path: Path, table: list[dict[str, str]], *names: str) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        for name in names:
            sheet = book.add_worksheet(name)
            for at, row in enumerate([dict(zip(table[0], table[0], strict=True)), *table]):
                sheet.write_row(at, 0, list(row.values()))


@pytest.mark.parametrize(
    "name",
    [
        "running.csv.gz",
        "running.csv.zip",
        "running.zip",
        "Running.CSV.txt",
        "running.CSV",
        "løbende.csv",
        "running.xlsx",
        "week.xlsx",
    ],
)
def test_a_table_is_read_however_it_is_packed(
    name: str, folder: Path, rows: Rows, week: Problem, policy: Policy
) -> None:
    plain = folder / "running.csv"
    data = plain.read_bytes()
    plain.unlink()
    path = folder / (name if name != "løbende.csv" else "igangværende.csv")
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(data))
    elif name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("running.csv", data)
    elif name == "running.xlsx":
        _sheet(path, rows["running"], "Ark1")
    elif name == "week.xlsx":
        _sheet(path, rows["running"], "running", "notes")
    else:
        path.write_bytes(data)
    reading = check(folder, policy, TODAY)
    assert reading.errors == ()
    assert reading.problem.digest() == week.digest()


def _stopped(reading: Reading, source: str) -> str:
    hits = [issue for issue in reading.issues if issue.code is IssueCode.FILE_NOT_READ]
    assert [issue.source for issue in hits] == [source]
    assert "the table 'running' cannot be used" in "; ".join(reading.why_not)
    assert hits[0].message == (
        f"{source}: its name is that of the table 'running' or nearly so; it is not read."
    )
    return hits[0].advice


@pytest.mark.parametrize(
    "name",
    [
        "running.json",
        "running.csv.bak",
        "running.7z",
        "Running (1).csv",
        "running_2026-11-23.csv",
        "runing.csv",
        "Kopi af running.xlsx",
        "running_old.parquet",
    ],
)
@pytest.mark.parametrize("beside", [True, False])
def test_a_file_named_like_a_table_that_is_not_read_stops_the_run(
    name: str, beside: bool, folder: Path, rows: Rows, policy: Policy
) -> None:
    path = folder / name
    if name.endswith(".xlsx"):
        _sheet(path, rows["running"], "Ark1", "Ark2")
    else:
        path.write_bytes((folder / "running.csv").read_bytes())
    if not beside:
        (folder / "running.csv").unlink()
    assert "running.csv" in _stopped(check(folder, policy, TODAY), name)


def test_a_folder_or_a_dead_link_named_like_a_table_stops_the_run(
    folder: Path, policy: Policy
) -> None:
    (folder / "running.csv").unlink()
    (folder / "running").mkdir()
    assert _stopped(check(folder, policy, TODAY), "running").startswith("It is a folder")
    (folder / "running").rmdir()
    (folder / "running.csv").symlink_to(folder / "gone.csv")
    assert _stopped(check(folder, policy, TODAY), "running.csv").startswith("It is a link")


def test_a_copied_sheet_of_a_workbook_stops_the_run(
    rows: Rows, policy: Policy, tmp_path: Path
) -> None:
    _sheet(tmp_path / "week.xlsx", rows["running"], "running (2)", "citizens")
    _stopped(check(tmp_path / "week.xlsx", policy, TODAY), "sheet 'running (2)'")


def test_the_same_table_twice_is_not_chosen_from(folder: Path, rows: Rows, policy: Policy) -> None:
    _sheet(folder / "running.xlsx", rows["running"], "Ark1")
    reading = check(folder, policy, TODAY)
    hits = [issue for issue in reading.issues if issue.code is IssueCode.DUPLICATE_TABLE]
    assert [issue.value for issue in hits] == ["running.csv, running.xlsx"]
    assert not reading.usable


def test_an_empty_sheet_beside_a_table_holds_nothing(
    folder: Path, week: Problem, policy: Policy
) -> None:
    """As `jobmatch template` leaves it: a workbook of empty sheets beside the CSV files."""
    with xlsxwriter.Workbook(str(folder / "week.xlsx")) as book:
        book.add_worksheet("running").write_row(0, 0, ["citizen_id", "opening_id"])
    reading = check(folder, policy, TODAY)
    assert reading.issues == ()
    assert reading.problem.digest() == week.digest()


def test_other_files_are_named_and_what_belongs_there_is_not(
    folder: Path, week: Problem, policy: Policy
) -> None:
    for name in ("~$running.xlsx", ".~lock.running.csv#", ".running.csv", "MADE_UP.txt",
                 "policy.toml", "README.md", "Thumbs.db"):  # fmt: skip
        (folder / name).write_text("" if name == "policy.toml" else "x")
    (folder / "archive").mkdir()
    assert check(folder, policy, TODAY).issues == ()
    (folder / "letter.docx").write_text("x")
    (folder / "notes.xlsx").write_text("x")
    reading = check(folder, policy, TODAY)
    assert [(issue.code, issue.source) for issue in reading.issues] == [
        (IssueCode.UNKNOWN_TABLE, "letter.docx"),
        (IssueCode.UNKNOWN_TABLE, "notes.xlsx"),
    ]
    assert reading.problem.digest() == week.digest()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no gzip", "it is damaged (Not a gzipped file"),
        (gzip.compress(b"citizen_id\n1\n" * 99)[:-9], "it is damaged (Compressed file ended"),
    ],
    ids=["no gzip", "cut"],
)
def test_a_packed_file_that_is_broken_is_an_error_of_its_table(
    data: bytes, reason: str, folder: Path, policy: Policy
) -> None:
    (folder / "running.csv").unlink()
    (folder / "running.csv.gz").write_bytes(data)
    reading = check(folder, policy, TODAY)
    assert reason in reading.issues[0].value
    assert reading.why_not == ("the table 'running' cannot be used (unreadable file)",)


@pytest.mark.parametrize(
    ("name", "table"),
    [("Borgere (2)", "citizens"), ("openings-uge48", "openings"), ("citizen", "citizens"),
     ("meeting", None), ("organisation", None), ("contacts", None)],
)  # fmt: skip
def test_what_is_nearly_a_name_of_a_table(name: str, table: str | None) -> None:
    assert nearly(name) == table
