"""The same week in every format and spelling is the same problem; what is no week says so."""

from __future__ import annotations

import builtins
import csv
import datetime as dt
import importlib
import io
import itertools
import re
import sqlite3
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from matcher.errors import OptionError
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.records import TABLES
from matcher.tables import IssueCode, check, write_folder
from matcher.tables.csvfile import read_csv
from tests.tables.conftest import TODAY, Rows, write_rows
from tests.volume import daily

CSV = list(
    itertools.product(
        (False, True), ("utf-8", "utf-8-sig", "cp1252", "utf-16"), (",", ";", "\t"), (".", ",")
    )
)
IN_TURN = [one for at, one in enumerate(CSV) if at % 5 == at // 24]
"""Every encoding, separator and decimal mark, with either language."""


@pytest.mark.parametrize(
    ("danish", "encoding", "separator", "decimal"),
    daily(len(IN_TURN), [*IN_TURN, *(one for one in CSV if one not in IN_TURN)]),
)
def test_csv_reads_back_to_the_same_problem(
    danish: bool,
    encoding: str,
    separator: str,
    decimal: str,
    week: Problem,
    policy: Policy,
    tmp_path: Path,
) -> None:
    address = write_folder(
        week.tables,
        tmp_path,
        danish=danish,
        encoding=encoding,
        separator=separator,
        decimal=decimal,
        dates="danish" if danish else "iso",
    )
    reading = check(address, policy, TODAY)
    assert reading.issues == ()
    assert reading.problem.digest() == week.digest()
    assert reading.found["workplaces" if danish else "citizens"]["separator"] == (
        "tab" if separator == "\t" else separator
    )
    # the workplaces hold Danish letters, so their encoding shows
    assert reading.found["workplaces"]["encoding"] == encoding.removesuffix("-sig")


@pytest.mark.parametrize("danish", [False, True])
@pytest.mark.parametrize("form", ["csv", "excel", "parquet", "sql"])
def test_every_format_reads_back_to_the_same_problem(
    form: Any, danish: bool, week: Problem, policy: Policy, tmp_path: Path
) -> None:
    address = write_folder(week.tables, tmp_path, format=form, danish=danish)
    reading = check(address, policy, TODAY)
    assert reading.issues == ()
    assert reading.problem.digest() == week.digest()
    for name in TABLES:
        pd.testing.assert_frame_equal(reading.problem[name], week[name])
    assert {count.put_aside for count in reading.counts.values()} == {0}


@pytest.mark.parametrize("form", ["csv", "excel", "parquet", "sql"])
def test_ids_and_postcodes_keep_their_zeros(
    form: Any, week: Problem, policy: Policy, tmp_path: Path
) -> None:
    problem = check(write_folder(week.tables, tmp_path, format=form), policy, TODAY).problem
    assert problem["citizens"]["citizen_id"].tolist() == ["0001", "0002", "0010"]
    assert problem["places"]["postcode"].tolist() == ["0800", "8000", "8200"]


def test_names_are_read_however_they_are_written(rows: Rows, read: Any, week: Problem) -> None:
    """Case, blanks, hyphens and the letters æøå do not count, nor does an order of columns."""
    spelt = {
        "citizen_id": "Borger-ID",
        "age": "ALDER",
        "years_in_denmark": "aar i danmark",
        "limit_lift": "Skånehensyn løft",
        "class_blocks": "  Undervisnings tider ",
    }
    rows["BORGERE"] = [
        {spelt.get(name, name): cell for name, cell in reversed(row.items())}
        for row in rows.pop("citizens")
    ]
    rows["Mentor-Pools"] = rows.pop("mentor_pools")
    rows["laasninger"] = rows.pop("locks")
    reading = read(rows, generous=False)
    assert reading.issues == ()
    assert reading.problem.digest() == week.digest()


def test_coded_values_are_read_in_both_languages(rows: Rows, read: Any, week: Problem) -> None:
    rows["citizens"][0].update(
        category="Aktivitetsparat",
        benefit="MINDSTESATS",
        must_limits="Tempo og tidspres;LIFT",
        single_provider="Nej",
        passed_pd2="sand",
        class_blocks="tirs+tors",
    )
    rows["citizens"][0]["class_blocks"] = "tirs. 9.00-12.00; torsdag 9:00-10:30, tor 10.30-12.00"
    rows["openings"][0].update(
        measures="Virksomhedspraktik; ordinary hours", papers="hygiejnebevis"
    )
    rows["courses"][0]["paper"] = "Food hygiene certificate"
    rows["forbids"][0]["reason"] = "Tiderne passer ikke"
    rows["travel_times"][0]["mode"] = "Kollektiv"
    reading = read(rows)
    assert [str(issue) for issue in reading.issues if issue.severity == "error"] == []
    assert "measures" in rows["openings"][0]
    assert reading.problem["citizens"].equals(week["citizens"])
    assert reading.problem["forbids"].equals(week["forbids"])
    assert reading.problem["courses"].equals(week["courses"])
    assert reading.problem["openings"].equals(week["openings"])


def test_numbers_that_a_spreadsheet_made_of_text_come_back_as_text(
    rows: Rows, policy: Policy, week: Problem, tmp_path: Path
) -> None:
    """Every cell that looks like a number is one, dates are day counts; zeros are lost."""
    path = tmp_path / "week.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name, table in rows.items():
            sheet = book.add_worksheet(name)
            for at, header in enumerate(table[0]):
                sheet.write_string(0, at, header)
                for line, row in enumerate(table, start=1):
                    cell = row[header]
                    if header.endswith(("_from", "_to", "until", "start", "end", "ready_on")) and (
                        cell.count("-") == 2
                    ):
                        days = (dt.date.fromisoformat(cell) - dt.date(1899, 12, 30)).days
                        sheet.write_number(line, at, days)
                    elif cell.replace(".", "", 1).isdigit() and not header.startswith("citizen"):
                        sheet.write_number(line, at, float(cell))
                    elif cell in {"yes", "no"}:
                        sheet.write_boolean(line, at, cell == "yes")
                    else:
                        sheet.write_string(line, at, cell)
    reading = check(path, policy, TODAY)
    assert reading.problem.digest() == week.digest()
    # the one postcode with a zero: in two tables
    assert [(issue.code, issue.table, issue.value) for issue in reading.issues] == [
        (IssueCode.ZERO_ADDED, "citizens", "800"),
        (IssueCode.ZERO_ADDED, "places", "800"),
    ]


def test_blank_rows_are_skipped_and_rows_keep_their_numbers(
    rows: Rows, policy: Policy, tmp_path: Path
) -> None:
    rows["teams"][1]["seats"] = "many"
    folder = write_rows(rows, tmp_path)
    path = folder / "teams.csv"
    header, first, second = path.read_text("utf-8").splitlines()
    path.write_text(f"sep=,\n\n{header}\n\n{first}\n,,,,,\n{second}\n\n", "utf-8")
    reading = check(folder, policy, TODAY)
    # sep, blank, header, blank, first, blank, second: the seventh line
    assert [(issue.row, issue.value) for issue in reading.errors] == [(7, "many")]
    assert reading.counts["teams"].read == 2


def test_typed_columns_of_parquet_are_read(week: Problem, policy: Policy, tmp_path: Path) -> None:
    """Dictionary, list, decimal, null and whole-number types, where text is expected as well."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    write_folder(week.tables, tmp_path, format="parquet")
    frame = week["citizens"]
    table = pa.table(
        {
            "citizen_id": pa.array(frame["citizen_id"].tolist()).dictionary_encode(),
            "category": pa.array(frame["category"].tolist()),
            "age": pa.array([44.0, 29.0, 61.0]),
            "postcode": pa.array([800, 8000, 8200]),
            "wishes": pa.array([["5322", "9112"], [], None]),
            "household_id": pa.nulls(3),
            "years_in_denmark": pa.array([7.5, None, None]).cast(pa.decimal128(6, 2)),
            "available_from": pa.array([dt.datetime(2026, 12, 1), None, None]),
        }
    )
    pq.write_table(table, tmp_path / "citizens.parquet")
    citizens = check(tmp_path, policy, TODAY).problem["citizens"]
    assert citizens["age"].tolist() == [44, 29, 61]
    assert citizens["postcode"].tolist() == ["0800", "8000", "8200"]
    assert citizens["wishes"].tolist() == ["5322;9112", "", ""]
    assert citizens["years_in_denmark"].tolist()[0] == 7.5
    assert citizens["available_from"].dt.date.tolist()[0] == dt.date(2026, 12, 1)
    assert citizens["household_id"].isna().all()


def test_views_of_a_database_are_read(week: Problem, policy: Policy, tmp_path: Path) -> None:
    address = write_folder(week.tables, tmp_path, format="sql")
    with sqlite3.connect(tmp_path / "week.db") as database:
        database.execute('ALTER TABLE citizens RENAME TO "all people"')
        database.execute('CREATE VIEW borgere AS SELECT * FROM "all people"')
    database.close()
    reading = check(address, policy, TODAY)
    assert reading.problem.digest() == week.digest()
    assert [issue.message for issue in reading.issues] == [
        "table 'all people': not a table of jobmatch; it is not read."
    ]
    assert check(tmp_path / "week.db", policy, TODAY).problem.digest() == week.digest()


def test_a_database_beside_the_working_folder_is_found(
    week: Problem, policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(week.tables, tmp_path, format="sql")
    monkeypatch.chdir(tmp_path)
    assert check("sqlite:///week.db", policy, TODAY).problem.digest() == week.digest()


_CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
_ANY = st.lists(_CELLS | st.sampled_from(['a"b', "x;y,z\tw|", "two\nlines", '"']), min_size=3)


@given(
    lines=st.lists(_ANY.map(lambda cells: cells[:3]).filter(any), max_size=8),
    separator=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_text_in_a_cell_comes_back_as_it_is(
    lines: list[list[str]], separator: str, encoding: str, tmp_path_factory: Any
) -> None:
    """Quotation marks, separators and line ends in cells; rows and cells stay in their order."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator).writerows([["a", "b", "c"], *lines])
    path = tmp_path_factory.mktemp("any") / "teams.csv"
    path.write_bytes(stream.getvalue().encode(encoding))
    table = read_csv(path)
    cells = [[column.texts[code] for code in column.codes] for column in table.columns]
    assert [list(row) for row in zip(*cells, strict=True)] == lines
    assert table.rows.tolist() == list(range(2, len(lines) + 2))


# ------------------------------------------------------------------------------ no week


def _refusal(address: str | Path, policy: Policy) -> str:
    with pytest.raises(OptionError) as error:
        check(address, policy, TODAY)
    assert len(str(error.value).splitlines()) < 10
    return str(error.value)


def test_a_folder_that_is_not_there_suggests_the_nearest(policy: Policy, tmp_path: Path) -> None:
    (tmp_path / "week47").mkdir()
    text = _refusal(tmp_path / "wek47", policy)
    assert text == (
        f"There is nothing at '{tmp_path / 'wek47'}'. Did you mean '{tmp_path / 'week47'}'?\n"
        "Give a folder of CSV or Parquet files, an Excel workbook, or a database URL such as"
        " sqlite:///week.db. `jobmatch template DIR` writes empty tables."
    )
    assert f"Not even the folder '{tmp_path / 'no'}' is there." in _refusal(
        tmp_path / "no" / "week", policy
    )


def test_a_folder_without_tables_says_what_it_holds(policy: Policy, tmp_path: Path) -> None:
    (tmp_path / "budget.csv").write_text("a,b\n1,2\n")
    text = _refusal(tmp_path, policy)
    assert text.startswith(
        f"'{tmp_path}' holds none of the tables; found budget.csv. Expected e.g. citizens,"
        " workplaces, openings (borgere, arbejdspladser, stillinger).\n"
    )
    (tmp_path / "empty").mkdir()
    assert "found nothing" in _refusal(tmp_path / "empty", policy)


def test_a_file_of_another_kind_is_refused(policy: Policy, tmp_path: Path) -> None:
    (tmp_path / "week.pdf").write_text("x")
    text = _refusal(tmp_path / "week.pdf", policy)
    assert text.startswith(
        f"'{tmp_path / 'week.pdf'}' is not a folder, a workbook or a database.\n"
    )


def test_a_broken_workbook_is_refused(policy: Policy, tmp_path: Path) -> None:
    (tmp_path / "week.xlsx").write_text("no zip")
    text = _refusal(tmp_path / "week.xlsx", policy)
    assert text == (
        f"'{tmp_path / 'week.xlsx'}' cannot be opened as a workbook (it is no workbook).\n"
        "Maybe it is text or a web page under a workbook's name: save it as .xlsx."
    )


def test_an_empty_sheet_and_a_broken_parquet_are_issues(
    week: Problem, policy: Policy, tmp_path: Path
) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "week.xlsx")) as book:
        book.add_worksheet("citizens")
    reading = check(tmp_path / "week.xlsx", policy, TODAY)
    assert reading.issues[0].message == ("sheet 'citizens': cannot be read: the sheet is empty.")
    write_folder(week.tables, tmp_path / "p", format="parquet")
    (tmp_path / "p" / "locks.parquet").write_text("x")
    reading = check(tmp_path / "p", policy, TODAY)
    assert [issue.code for issue in reading.issues] == [IssueCode.UNREADABLE_FILE]
    assert reading.issues[0].message.startswith(
        "locks.parquet: cannot be read: it is not a Parquet file ("
    )


def test_a_database_that_is_not_there_is_not_made(policy: Policy, tmp_path: Path) -> None:
    (tmp_path / "week.db").write_text("not a database " * 100)
    text = _refusal(f"sqlite:///{tmp_path}/weeks.db", policy)
    assert text == (
        f"There is no database at '{tmp_path}/weeks.db'. Did you mean '{tmp_path}/week.db'?"
    )
    assert not (tmp_path / "weeks.db").exists()
    assert "file is not a database" in _refusal(tmp_path / "week.db", policy)


def test_a_database_url_that_cannot_be_read_is_refused(policy: Policy) -> None:
    assert _refusal("://", policy) == (
        "The database URL cannot be read; expected e.g. sqlite:///week.db"
        " or postgresql://user@host/database."
    )
    assert _refusal("nosuchdb://host/week", policy) == (
        "The driver for 'nosuchdb' is not installed.\n"
        "Install the driver of 'nosuchdb' for SQLAlchemy."
    )


def test_a_missing_database_driver_names_the_extra(
    policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(*_: Any, **__: Any) -> None:
        raise ModuleNotFoundError("No module named 'psycopg'")

    monkeypatch.setattr(sa, "create_engine", absent)
    assert _refusal("postgresql://me:secret@host/week", policy) == (
        "The driver for 'postgresql+psycopg' is not installed.\n"
        "Try: pip install 'jobmatch[postgres]'"
    )


@pytest.mark.parametrize(
    ("module", "form", "message"),
    [
        (
            "python_calamine",
            "excel",
            "Reading a workbook needs the package 'python_calamine', which is not installed.\n"
            "Try: pip install 'jobmatch[excel]'",
        ),
        (
            "pyarrow.parquet",
            "parquet",
            "Reading Parquet needs the package 'pyarrow', which is not installed.\n"
            "Try: pip install 'jobmatch[parquet]'",
        ),
    ],
)
def test_a_missing_package_names_the_extra(
    module: str,
    form: Any,
    message: str,
    week: Problem,
    policy: Policy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = write_folder(week.tables, tmp_path, format=form)
    load = importlib.import_module

    def absent(name: str, *rest: Any) -> Any:
        if name == module:
            raise ImportError(name)
        return load(name, *rest)

    monkeypatch.setattr(importlib, "import_module", absent)
    assert _refusal(address, policy) == message


def test_writing_an_unknown_table_is_refused(week: Problem, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"unknown tables: persons; known: citizens, workplaces"):
        write_folder({"persons": week["citizens"]}, tmp_path)


def test_writing_an_unknown_format_is_refused(week: Problem, tmp_path: Path) -> None:
    message = "unknown format 'foo'; expected one of csv, parquet, excel, sql"
    with pytest.raises(OptionError, match=re.escape(message)):
        write_folder(week.tables, tmp_path / "new", format="foo")  # type: ignore[arg-type]
    assert not (tmp_path / "new").exists()


def test_writing_below_a_file_is_refused(week: Problem, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for at in ("file", "file/new"):
        with pytest.raises(OptionError, match=re.escape(f"folder {tmp_path / at}: ")):
            write_folder(week.tables, tmp_path / at)


def test_reading_does_not_need_a_terminal_or_a_package_it_does_not_use(
    week: Problem, policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of CSV is read without the packages of Excel."""
    address = write_folder(week.tables, tmp_path)
    load = builtins.__import__

    def absent(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith(("python_calamine", "xlsxwriter")):
            raise ImportError(name)
        return load(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    assert check(address, policy, TODAY).usable
