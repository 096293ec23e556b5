"""Nothing that looks like a CPR number gets in, and none gets out."""

from __future__ import annotations

import json
import logging
import random
import re
import sqlite3
import unicodedata
import uuid
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from matcher.cpr import MASK, cleared, looks_like_cpr, mask, positions
from matcher.errors import InputErrors, MatcherError, OptionError
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.records import TABLES
from matcher.tables import IssueCode, check, raise_if_unusable, write_folder, write_quarantine
from tests.tables.conftest import TODAY, Rows, assert_nothing_lost, write_rows
from tests.volume import daily

CPR = "0101901234"
SPELT = [
    "010190-1234", "0101901234", "010190 1234", "010190 - 1234", "010190–1234", "101901234",
    "010190/1234", "010190.1234", "010190,1234", "010190_1234", "01.01.90-1234", "010 190 1234",
    "010190\u00ad1234", "0101\u200b901234", "010190\u00a01234", "０１０１９０１２３４",
    "٠١٠١٩٠-١٢٣٤", "101901234.0", "1.01901234E+08",
]  # fmt: skip
"""One number in its disguises."""
WHOLE_CELLS = {"101901234", "101901234.0", "1.01901234E+08"}


def _all_outputs(reading: Any, folder: Path, caplog: pytest.LogCaptureFixture) -> str:
    """Everything a user could ever see of a reading."""
    try:
        raise_if_unusable(reading)
        raised = ""
    except MatcherError as error:
        raised = f"{error}{error!r}{error.args}"
    files = [path.read_text("utf-8-sig") for path in write_quarantine(reading, folder)]
    shown = "".join(f"{issue}{issue!r}" for issue in reading.issues)
    return "".join(
        [json.dumps(reading.to_dict()), shown, raised, *files, caplog.text, str(reading.found)]
    )


def _digits(text: str) -> str:
    """Letters and digits, those of any script in ASCII."""
    plain = "".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text)))
    return re.sub(r"[^\x00-\x7f]", lambda sign: str(unicodedata.digit(sign[0], sign[0])), plain)


@pytest.mark.parametrize("apart", daily(1, [4, 1]), ids=["some ways", "every way"])
@pytest.mark.parametrize("table", list(TABLES))
def test_a_cpr_number_in_any_column_is_refused_and_never_shown(
    table: str,
    apart: int,
    rows: Rows,
    policy: Policy,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One row for each column, an unknown one too, and each way to write the number in its turn."""
    caplog.set_level(logging.DEBUG)
    model = {**rows[table][0], "remarks": ""}
    wanted: list[tuple[str, int, str]] = []
    rows[table] = [model]
    for at, column in enumerate(model):
        for spelt in SPELT[at % apart :: apart]:
            inside = len(wanted) % 2 and spelt not in WHOLE_CELLS
            cell = f"see {spelt}, please" if inside else spelt
            rows[table].append({**model, column: cell})
            wanted.append((table, len(rows[table]) + 1, column))
    reading = check(write_rows(rows, tmp_path / "data"), policy, TODAY)
    hits = [issue for issue in reading.issues if issue.code is IssueCode.CPR_NUMBER]
    assert sorted((issue.table, issue.row, issue.column) for issue in hits) == sorted(wanted)
    assert_nothing_lost(reading)
    output = _all_outputs(reading, tmp_path / "q", caplog)
    output += "".join(reading.problem[name].to_csv() for name in TABLES)
    assert not [spelt for spelt in SPELT if spelt in output]
    digits = _digits(output)
    assert CPR[1:] not in digits
    assert "1019012" not in digits


def test_the_quarantine_holds_a_mask_in_its_place(rows: Rows, read: Any, tmp_path: Path) -> None:
    rows["teams"][0]["postcode"] = "8000 (010190-1234)"
    reading = read(rows)
    frame = reading.quarantine["teams"]
    assert frame["postcode"].tolist() == [f"8000 ({MASK})"]
    assert frame["reasons"].tolist() == ["cpr_number; wrong_form"]
    (path,) = write_quarantine(reading, tmp_path / "q")
    assert MASK in path.read_text("utf-8-sig")


def test_unknown_columns_are_searched_but_not_copied(rows: Rows, read: Any) -> None:
    rows["teams"][0]["teacher"] = "Anna, 010190-1234"
    rows["teams"][1]["teacher"] = "Bo"
    reading = read(rows)
    assert reading.quarantine["teams"]["row"].tolist() == [2]
    assert "teacher" not in reading.quarantine["teams"]


def test_a_column_named_like_a_cpr_number_stops_the_run(rows: Rows, read: Any) -> None:
    for row in rows["teams"]:
        row["010190-1234"] = "x"
    reading = read(rows)
    assert [issue.message for issue in reading.errors] == [
        "teams.csv, column '[CPR removed]': something that looks like a CPR number stands here;"
        " expected a column name."
    ]
    assert reading.why_not == ("the table 'teams' cannot be used (cpr number)",)


def test_numbers_of_typed_sources_are_searched(
    week: Problem, policy: Policy, tmp_path: Path
) -> None:
    """Whole and decimal numbers, with and without their first zero, in all typed formats."""
    numbers = [101901234, 1312901234.0, 3112991234]
    folder = tmp_path / "parquet"  # with nothing else in it: a workbook beside would be read, too
    write_folder(week.tables, folder, format="parquet")
    teams = pd.DataFrame(
        {
            "team_id": ["a", "b", "c"],
            "seats": [1, 1, 1],
            "blocks": ["mon 13:00-16:00"] * 3,
            "postcode": ["8000"] * 3,
            "remarks": numbers,
        }
    )
    teams.to_parquet(folder / "teams.parquet")
    workbook = tmp_path / "week.xlsx"
    with xlsxwriter.Workbook(str(workbook)) as book:
        for name in ("citizens", "teams"):
            sheet = book.add_worksheet(name)
            frame = teams if name == "teams" else week[name].head(0)
            for at, header in enumerate(frame.columns):
                sheet.write(0, at, header)
                for line, cell in enumerate(frame[header].tolist(), start=1):
                    sheet.write(line, at, cell)
    database = write_folder({"citizens": week["citizens"]}, tmp_path / "sql", format="sql")
    connection = sqlite3.connect(tmp_path / "sql" / "week.db")
    teams.to_sql("teams", connection, index=False)
    connection.close()
    for address in (folder, workbook, database):
        reading = check(address, policy, TODAY)
        hits = [issue for issue in reading.issues if issue.code is IssueCode.CPR_NUMBER]
        assert [issue.table for issue in hits] == ["teams"] * 3, address
        assert len(reading.problem["teams"]) == 0


def test_a_p_number_that_looks_like_a_date_is_a_workplace_id_and_nothing_else(
    rows: Rows, read: Any
) -> None:
    """1003123456 and 1009876543 begin with 10 March and 10 September; the week uses both."""
    assert looks_like_cpr("1003123456")
    assert read(rows).issues == ()
    rows["workplaces"][0]["ordinary_staff"] = "many"  # so that the row and its key are shown
    shown = [issue.message for issue in read(rows).issues]
    assert shown[0].startswith("workplaces.csv, row 2 (1003123456), column 'ordinary_staff'")
    rows["workplaces"][0]["workplace_id"] = "100312-3456"
    assert IssueCode.CPR_NUMBER in {issue.code for issue in read(rows).issues}


@pytest.mark.parametrize(
    "text",
    [
        "12345678",  # CVR
        "3213901234",  # no 32nd day
        "0113901234",  # no 13th month
        "01019012345",  # eleven digits
        "10101901234",
        "2026-11-23",
        "mon-fri 07:00-15:00; sat 09:00-12:00",
        "532201;911201;010112",
        "+45 31 12 12 34",
        "20261123 0700",
        "23-11-2026 0700",
        "2026-11-23 07:00:00.123456",
        "2026-11-23-01019012",  # a run folder
        "199001011234",
        "0012901234",  # no day 0
        "5f010190-1234-4a7b-9c1d-0a1b2c3d4e5f",
        "{5F010190-1234-4A7B-9C1D-0A1B2C3D4E5F}",
        "9c1d0101901234a7",
        "B0101901234",
        "DK10129012",
        "1E8",
        "8.5E+05",
    ],
)
def test_what_only_resembles_one_is_let_through(text: str) -> None:
    assert not looks_like_cpr(text)
    assert mask(text) == text


def test_decimals_of_a_number_column_are_no_cpr_number() -> None:
    assert not looks_like_cpr("56.1012391234", decimals_allowed=True)
    assert looks_like_cpr("56.1012391234")
    assert looks_like_cpr("101901234", decimals_allowed=True)


@pytest.mark.parametrize("spelt", SPELT)
@pytest.mark.parametrize("around", ["{}", " {} ", "'{}'", "({})", "note {}, and more", "_{}_"])
def test_every_disguise_is_found_and_masked(spelt: str, around: str) -> None:
    text = around.format(spelt)
    assert looks_like_cpr(text)
    assert positions([text, "x", "", text]) == [0, 3]
    assert "1234" not in _digits(mask(text))


@pytest.mark.parametrize(
    "text",
    ["101.901.234", "101 901 234", "1.012.901.234", "10190-1234", "1.01E+09", "cpr0101901234",
     "CPR-nr.0101901234", "Jensen010190-1234", "⁰¹⁰¹⁹⁰¹²³⁴", "610190-1234",
     "0\u00ad1\u200b01901234"],
)  # fmt: skip
def test_rarer_disguises_are_found(text: str) -> None:
    """Thousands in groups, rounded by a spreadsheet, glued to a word, raised, one by one."""
    assert looks_like_cpr(text)
    assert positions([text]) == [0]
    assert mask(text) != text


def test_no_guid_is_refused() -> None:
    """One in 1,150 was, and its citizen never got a proposal."""
    chance = random.Random(1)
    guids = [str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in range(50_000)]
    for write in (str, str.upper, "{{{}}}".format, lambda text: text.replace("-", "")):
        assert positions([write(guid) for guid in guids]) == []


def test_occupation_codes_are_no_number_in_their_column_and_one_elsewhere() -> None:
    """Six digits, a comma and four: two codes of DISCO, or a number."""
    assert not looks_like_cpr("911201,5322", codes_allowed=True)
    assert not looks_like_cpr("911201, 5322", codes_allowed=True)
    assert looks_like_cpr("911201,5322")
    assert looks_like_cpr("010190,1234", codes_allowed=True)
    assert looks_like_cpr("911201-5322", codes_allowed=True)


def test_plain_data_are_cleared_and_numbers_stay() -> None:
    """Keys and texts are masked wherever they stand; a figure of nine digits is a figure."""
    content = {"a": [1, 101901234, "010190-1234"], "0101901234": {"b": ("x", None, 1.5)}}
    assert cleared(content) == {"a": [1, 101901234, MASK], MASK: {"b": ("x", None, 1.5)}}
    clean = {"a": ["x", {"b": 101901234}], "p": "1003123456"}
    assert cleared(clean) is clean


def test_a_file_named_after_a_person_is_not_read_and_not_named(
    rows: Rows, policy: Policy, tmp_path: Path
) -> None:
    folder = write_rows(rows, tmp_path / "data")
    (tmp_path / "data" / "samtale 010190-1234.csv").write_text("a\n1\n", "utf-8")
    reading = check(folder, policy, TODAY)
    (issue,) = reading.issues
    assert issue.code is IssueCode.CPR_NUMBER
    assert issue.source == f"samtale {MASK}.csv"
    assert issue in reading.errors


def test_no_error_quotes_a_number() -> None:
    """Whatever made the message."""
    error = InputErrors("cell '010190-1234'", ({"value": CPR, "row": 101901234},))
    assert error.args == (f"cell '{MASK}'", ({"value": MASK, "row": 101901234},))
    assert (str(error), error.issues) == error.args
    assert str(OptionError("no '0101901234'")) == f"no '{MASK}'"


_NOT_GLUED = st.characters(exclude_categories=["L", "N", "Cs", "Cf", "Mn", "Me"])
"""Signs that do not make a longer token of letters and digits, and are not invisible."""
_DAYS = st.integers(1, 31) | st.integers(61, 91)  # above 60: replacement numbers


@given(
    day=_DAYS,
    month=st.integers(1, 12),
    year=st.integers(0, 99),
    serial=st.integers(0, 9999),
    gap=st.sampled_from(["", "-", " ", " - ", "–", "\u00a0"]),
    before=st.text(_NOT_GLUED, max_size=8),
    after=st.text(_NOT_GLUED, max_size=8),
)
def test_any_number_in_any_text_is_found_and_masked(
    day: int, month: int, year: int, serial: int, gap: str, before: str, after: str
) -> None:
    number = f"{day:02d}{month:02d}{year:02d}{gap}{serial:04d}"
    text = f"{before}{number}{after}"
    assert looks_like_cpr(text)
    assert positions(["x", text, "y"]) == [1]
    assert mask(text) == f"{before}{MASK}{after}"
    if gap:
        assert looks_like_cpr(text, digits_allowed=True)
        assert mask(text, digits_allowed=True) == f"{before}{MASK}{after}"
