"""The empty tables and the dictionary say exactly what the records say."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from matcher.policy import Policy
from matcher.records import TABLES, danish_name
from matcher.tables import IssueCode, check, write_template
from tests.tables.conftest import TODAY


@pytest.mark.parametrize("danish", [False, True])
def test_the_template_holds_every_table_and_column(danish: bool, tmp_path: Path) -> None:
    files = write_template(tmp_path, "da" if danish else "en")
    assert all(path.is_file() for path in files)
    for table in TABLES.values():
        path = tmp_path / f"{table.danish if danish else table.name}.csv"
        header = path.read_text("utf-8-sig").splitlines()[0]
        record = table.record
        names = [danish_name(record, name) if danish else name for name in record.model_fields]
        assert header.split(";" if danish else ",") == names


@pytest.mark.parametrize("danish", [False, True])
@pytest.mark.parametrize("what", ["folder", "workbook"])
def test_an_empty_template_is_read_and_lacks_only_rows(
    danish: bool, what: str, policy: Policy, tmp_path: Path
) -> None:
    write_template(tmp_path, "da" if danish else "en")
    reading = check(tmp_path if what == "folder" else tmp_path / "week.xlsx", policy, TODAY)
    needed = [name for name, table in TABLES.items() if table.needed]
    assert [(issue.code, issue.table) for issue in reading.issues] == [
        (IssueCode.EMPTY_TABLE, name) for name in needed
    ]


def test_the_dictionary_names_every_field_with_range_and_default(tmp_path: Path) -> None:
    write_template(tmp_path)
    with (tmp_path / "data_dictionary.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = {(row["table"], row["column"]): row for row in csv.DictReader(stream)}
    fields = {(t.name, name) for t in TABLES.values() for name in t.record.model_fields}
    assert set(rows) == fields
    assert rows["citizens", "capacity_hours"] == {
        "table": "citizens",
        "tabel": "borgere",
        "column": "capacity_hours",
        "kolonne": "timer_om_ugen",
        "type": "number",
        "meaning": "Hours of work a week the citizen can take at the start (HRS). Empty: not"
        " known.",
        "allowed": "hours from 0 to 80, such as 7.4 or 7:24",
        "default": "not known",
        "needed": "the column",
    }
    assert rows["citizens", "passed_pd2"]["default"] == "yes"
    assert rows["openings", "measures"]["default"] == "ordinary"
    assert rows["citizens", "limit_care"]["needed"] == "no"
    assert rows["openings", "papers"]["needed"] == "the column"
    assert "Empty or none: no papers" in rows["openings", "papers"]["meaning"]
    assert rows["workplaces", "sector"]["needed"] == "yes"
    markdown = (tmp_path / "data_dictionary.md").read_text("utf-8")
    for table in TABLES.values():
        assert f"## {table.name} / {table.danish}" in markdown
    assert "| isco | isco | text | Occupation (ISCO-08 / DISCO-08). | 1 to 6 digits |" in markdown
