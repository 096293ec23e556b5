"""What a person would read, is read: blanks, titles, totals, quotation marks, encodings.

What a person would doubt is not guessed: the table stops, or a row, and it is said why.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from matcher.policy import Policy, override_of
from matcher.problem import Problem
from matcher.records import TABLES, danish_name
from matcher.tables import IssueCode, Reading, check
from tests.tables.conftest import TODAY, Rows, assert_nothing_lost, write_rows


def _text(table: list[dict[str, str]], separator: str = ";") -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=separator, lineterminator="\n")
    writer.writerow(table[0])
    writer.writerows(row.values() for row in table)
    return stream.getvalue()


def _read(folder: Path, policy: Policy, name: str, content: str | bytes) -> Reading:
    """Read the week with one file written anew."""
    data = content if isinstance(content, bytes) else content.encode()
    (folder / f"{name}.csv").write_bytes(data)
    generous = override_of(policy, {"checks": {"bad_rows_percent": 100}})
    reading = check(folder, generous, TODAY)
    assert_nothing_lost(reading)
    return reading


def _assert_same(reading: Reading, week: Problem) -> None:
    for name in TABLES:
        pd.testing.assert_frame_equal(reading.problem[name], week[name])


@pytest.fixture
def folder(rows: Rows, tmp_path: Path) -> Path:
    return write_rows(rows, tmp_path / "week")


def _told(reading: Reading) -> list[str]:
    return [issue.message for issue in reading.issues]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + ";;\n  ; ;\n\xa0;;\n",
        lambda text: "".join(line + ";\n" for line in text.splitlines()),
        lambda text: "".join(
            line + (";;" if at else "") + "\n" for at, line in enumerate(text.splitlines())
        ),
        lambda text: "".join(
            line + ("" if at else ";;") + "\n" for at, line in enumerate(text.splitlines())
        ),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
    ],
    ids=["blank rows", "both", "rows only", "header only", "windows", "old mac"],
)
def test_blanks_and_ends_of_lines_do_no_harm(
    change: Any, folder: Path, rows: Rows, week: Problem, policy: Policy
) -> None:
    reading = _read(folder, policy, "teams", change(_text(rows["teams"])))
    assert _told(reading) == []
    _assert_same(reading, week)


def test_a_row_that_lacks_a_named_cell_is_ragged_still(
    folder: Path, rows: Rows, policy: Policy
) -> None:
    text = _text(rows["travel_times"])
    assert text.startswith("from_postcode;to_postcode;mode;minutes\n")
    reading = _read(folder, policy, "travel_times", text + "8200;8000;car\n8200;8000;car;9;x\n")
    assert _told(reading) == [
        "travel_times.csv, row 3: the row has 3 cells; expected 4, as in the header.",
        "travel_times.csv, row 4: the row has 5 cells; expected 4, as in the header.",
    ]


@pytest.mark.parametrize(
    ("early", "read"), [(range(40), True), (range(16), True), (range(9), False)]
)
def test_cells_left_out_at_the_end_of_many_rows_are_empty(
    early: range, read: bool, folder: Path, policy: Policy
) -> None:
    """Excel leaves out the empty cells at the end, in blocks of sixteen rows."""
    text = "caseworker_id;capacity;unit\n" + "".join(
        f"s{at};6\n" if at in early else f"s{at};6;Vest\n" for at in range(40)
    )
    reading = _read(folder, policy, "caseworkers", text)
    if read:
        assert _told(reading) == [
            f"caseworkers.csv: rows that have fewer cells than the header are read: {len(early)}."
        ]
    else:
        codes = {issue.code for issue in reading.issues if issue.table == "caseworkers"}
        assert codes == {IssueCode.RAGGED_ROW}
    assert reading.counts["caseworkers"].read == 40
    assert reading.counts["caseworkers"].put_aside == (0 if read else len(early))


@pytest.mark.parametrize(
    ("spoilt", "aside"),
    [
        ('8200;8000;"car;9', {3: "ragged_row"}),
        ('8200;"8000"x;car;9', {3: "ragged_row"}),
        # Two that look like one long cell together, with a whole row in it.
        (
            '8200;8000;car;"9\n0800;8000;car;8\n8000;0800;car;7"',
            {3: "ragged_row", 5: "wrong_type"},
        ),
    ],
)
def test_a_quotation_mark_out_of_place_costs_its_row_and_no_other(
    spoilt: str, aside: dict[int, str], folder: Path, rows: Rows, policy: Policy
) -> None:
    text = _text(rows["travel_times"]) + spoilt + "\n8200;8000;car;55\n"
    reading = _read(folder, policy, "travel_times", text)
    assert [issue.message for issue in reading.issues if issue.code is IssueCode.RAGGED_ROW] == [
        "travel_times.csv, row 3: the row has a quotation mark out of place."
    ]
    quarantine = reading.quarantine["travel_times"]
    assert dict(zip(quarantine["row"], quarantine["reasons"], strict=True)) == aside
    assert reading.counts["travel_times"].kept == text.count("\n") - 1 - len(aside)
    assert 55 in set(reading.problem["travel_times"]["minutes"])


def test_a_text_over_several_lines_is_one_cell_beside_a_bad_quotation_mark(
    folder: Path, rows: Rows, policy: Policy
) -> None:
    rows["workplaces"][0]["name"] = "Køkken\n1; sal"
    text = _text(rows["workplaces"])
    reading = _read(folder, policy, "workplaces", text + '"x;y\n')
    assert "Køkken\n1; sal" in set(reading.problem["workplaces"]["name"])
    assert [issue.row for issue in reading.issues if issue.code is IssueCode.RAGGED_ROW] == [4]


def test_a_long_note_in_a_column_nobody_reads_does_no_harm(
    folder: Path, rows: Rows, week: Problem, policy: Policy
) -> None:
    """The library's limit is 131,072 characters."""
    limit = csv.field_size_limit()
    noted = [{**row, "note": "x" * 200_000} for row in rows["teams"]]
    reading = _read(folder, policy, "teams", _text(noted))
    assert [issue.code for issue in reading.issues] == [IssueCode.UNKNOWN_COLUMN]
    _assert_same(reading, week)
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_lines_above_the_header_are_left_out_and_said(
    separator: str, folder: Path, rows: Rows, week: Problem, policy: Policy
) -> None:
    title = f"Udtræk af hold, uge 48; Jobcenter Nord\n\n{separator}Hold\n"
    reading = _read(folder, policy, "teams", title + _text(rows["teams"], separator))
    assert _told(reading) == ["teams.csv: not read, above the header: line 1, 3."]
    _assert_same(reading, week)


def test_a_header_in_both_languages_is_one_header(
    folder: Path, rows: Rows, week: Problem, policy: Policy
) -> None:
    record = TABLES["teams"].record
    danish = {name: danish_name(record, name) for name in rows["teams"][0]}
    text = _text(rows["teams"])
    reading = _read(folder, policy, "teams", ";".join(danish.values()) + "\n" + text)
    assert _told(reading) == ["teams.csv: not read, line 2: it names the columns again."]
    _assert_same(reading, week)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Hold-ID;Niveau;;Pladser;Postnummer\n;fra;til;;\n", "Niveau fra"),
        ("Hold-ID;Hold;;;\n;niveau_fra;niveau_til;pladser;postnummer\n", "Hold-ID"),
    ],
)
def test_a_header_over_two_rows_is_pointed_out(
    header: str, name: str, folder: Path, policy: Policy
) -> None:
    reading = _read(folder, policy, "teams", header + "t1;1;2;12;8000\n")
    assert len(reading.why_not) == 1
    issue = reading.issues[0]
    assert issue.message.startswith("teams.csv: cannot be read: its header stands in two rows (")
    assert f"e.g. '{name}'" in issue.advice


def test_a_row_of_totals_is_put_aside_with_a_warning(
    folder: Path, rows: Rows, week: Problem, policy: Policy
) -> None:
    total = dict.fromkeys(rows["teams"][0], "") | {"team_id": "I alt", "seats": "17"}
    reading = _read(folder, policy, "teams", _text([*rows["teams"], total]))
    assert _told(reading) == [
        "teams.csv, row 4 (I alt): the last row is a total ('I alt'); it is not used."
    ]
    assert reading.errors == ()
    assert reading.quarantine["teams"]["row"].tolist() == [4]
    _assert_same(reading, week)


# ------------------------------------------------------------------------------ encodings


def _danish(rows: Rows) -> str:
    """The citizens with Danish column names, some with æ, ø and å."""
    record = TABLES["citizens"].record
    return _text(
        [
            {danish_name(record, name): cell for name, cell in row.items()}
            for row in rows["citizens"]
        ]
    )


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("cp865", "cp850 or cp865 (DOS)"),
        ("cp850", "cp850 or cp865 (DOS)"),
        ("mac_roman", "MacRoman (an old Mac)"),
        ("utf-16-le", "UTF-16 without a byte order mark"),
        ("utf-16-be", "UTF-16 without a byte order mark"),
    ],
)
def test_column_names_say_which_old_encoding_it_is(
    encoding: str, named: str, folder: Path, rows: Rows, week: Problem, policy: Policy
) -> None:
    """Read as cp1252, the health columns would be columns nobody knows."""
    assert "skånehensyn_løft" in _danish(rows)
    reading = _read(folder, policy, "citizens", _danish(rows).encode(encoding))
    assert _told(reading) == [f"citizens.csv: the text is {named}, and was read as such."]
    _assert_same(reading, week)


@pytest.mark.parametrize(
    ("encoding", "reason"),
    [
        ("cp865", "it looks like cp850 or cp865 (DOS), which is not surely so"),
        ("mac_roman", "it looks like MacRoman (an old Mac), which is not surely so"),
        ("cp1252", ""),
        ("iso-8859-1", ""),
    ],
)
def test_letters_that_are_none_stop_the_table(
    encoding: str, reason: str, folder: Path, rows: Rows, policy: Policy
) -> None:
    rows["workplaces"][0]["name"] = "Køkken i Ågade, blåbær"
    reading = _read(folder, policy, "workplaces", _text(rows["workplaces"]).encode(encoding))
    assert _told(reading)[:1] == ([f"workplaces.csv: cannot be read: {reason}."] if reason else [])
    assert reading.usable is not bool(reason)


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        (lambda text: text.encode().decode("cp1252", "ignore"), "UTF-8 was read as cp1252"),
        (
            lambda text: text.encode("ascii", "replace").decode(),
            "letters of column names were lost",
        ),
        (
            lambda text: text.replace("å", "\ufffd"),
            "letters were lost before it was saved (line 1)",
        ),
    ],
)
def test_letters_that_were_lost_stop_the_table(
    spoilt: Any, reason: str, folder: Path, rows: Rows, policy: Policy
) -> None:
    reading = _read(folder, policy, "citizens", spoilt(_danish(rows)))
    assert reason in reading.issues[0].message
    assert reading.issues[0].code is IssueCode.UNREADABLE_FILE
    assert not reading.usable
