"""A column is read in one way: numbers, days, words for nothing, levels; else it is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from matcher.records import TABLES
from matcher.tables.cells import Cells, ReadColumn
from matcher.tables.columns import columns_of
from matcher.tables.issues import IssueCode
from matcher.tables.raw import Typed
from matcher.tables.writing import how_written
from tests.tables.conftest import Rows

WRONG = IssueCode.WRONG_TYPE


def _column(table: str, name: str) -> ReadColumn:
    return columns_of(TABLES[table], None)[name]


def _read(
    field: str, texts: Sequence[str], separator: str = "", **others: Sequence[str]
) -> tuple[list[Any], Cells]:
    """Values of a column (codes of what is wrong among them), beside others of its table."""
    table, _, name = field.partition(".")
    columns = {one: (_column(table, one), cells) for one, cells in {**others, name: texts}.items()}
    written = how_written(columns, separator)[name]
    cells = _column(table, name).convert(list(texts), written=written)
    values = [
        cells.faults[at].code if at in cells.faults else value
        for at, value in enumerate(cells.canonical)
    ]
    return values, cells


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


# ------------------------------------------------------------------------------ numbers


@pytest.mark.parametrize(
    ("field", "texts", "values"),
    [
        # Texts that mean one thing are read whatever stands beside them.
        ("workplaces.ordinary_fte", ["1.500,00"], [1500]),
        ("workplaces.ordinary_fte", ["1,500.00"], [1500]),
        ("workplaces.ordinary_fte", ["12.345,5", "12.345"], [12345.5, 12345]),
        ("mentor_pools.hours", ["0.250"], [0.25]),
        ("mentor_pools.hours", ["0,250"], [0.25]),
        ("courses.cost", ["37.0", "37,00", "37"], [37, 37, 37]),
        ("courses.cost", ["1 234", "1'234", "1’234", "1\u00a0234", "1\u202f234"], [1234] * 5),
        ("courses.cost", ["12 34", "1234 567", "1 23"], [WRONG] * 3),
        ("courses.cost", ["12.34.567", "1.2.3", "1,500,00"], [WRONG] * 3),
        ("courses.cost", ["900 kr", "kr. 900", "900,-", "900 DKK", "900 kr."], [900] * 5),
        ("courses.cost", ["50 %", "900 EUR", "ca. 900", "900-1000", "<= 900"], [WRONG] * 5),
        ("workplaces.ordinary_fte", ["1e3", "1.5e3", "2.5E-1"], [1000, 1500, 0.25]),
        # Alone they are doubtful and refused; a proof decides for the whole column.
        ("courses.cost", ["2.000"], [WRONG]),
        ("courses.cost", ["1,500"], [WRONG]),
        ("workplaces.ordinary_fte", ["1.500"], [WRONG]),
        ("workplaces.ordinary_fte", ["1.500", "12,5"], [1500, 12.5]),
        ("workplaces.ordinary_fte", ["1.500", "12.5"], [1.5, 12.5]),
        ("workplaces.ordinary_fte", ["1,500", "12.5"], [1500, 12.5]),
        ("workplaces.ordinary_fte", ["1,500", "0,75"], [1.5, 0.75]),
        ("workplaces.staff_mean_12m", ["1.500", "12.345.678"], [1500, IssueCode.OUT_OF_RANGE]),
        ("workplaces.ordinary_fte", ["1.500", "12.5", "12,5"], [WRONG, 12.5, 12.5]),
        # A column that cannot hold a thousand has no separators of thousands.
        ("citizens.capacity_hours", ["1.500", "37"], [1.5, 37]),
        ("citizens.age", ["44.000"], [44]),
        ("places.latitude", ["56.157"], [56.157]),
    ],
)
def test_numbers_are_read_in_one_way(field: str, texts: list[str], values: list[Any]) -> None:
    assert _read(field, texts)[0] == values


def test_the_other_columns_and_the_separator_of_a_file_decide_what_a_column_leaves_open() -> None:
    prices = ["2.000", "2.450"]
    assert _read("courses.cost", prices, ";")[0] == [WRONG, WRONG]
    # Seats without decimals: no system writes three decimals in one whole number and none beside.
    assert _read("courses.cost", prices, ";", seats=["20"])[0] == [2000, 2450]
    assert _read("courses.cost", prices, ",", seats=["20"])[0] == [WRONG, WRONG]
    assert _read("courses.cost", prices, ";", seats=["20.000"])[0] == [WRONG, WRONG]
    staff = {"ordinary_staff": ["60"]}
    assert _read("workplaces.ordinary_fte", ["1.250"], ";", **staff)[0] == [WRONG]
    assert _read("workplaces.ordinary_fte", ["1.250"], ";", staff_mean_12m=["7,5"])[0] == [1250]
    assert _read("workplaces.ordinary_fte", ["1.250"], ";", staff_mean_12m=["7.5"])[0] == [1.25]


def test_what_is_refused_says_both_meanings_and_what_to_write() -> None:
    _, cells = _read("courses.cost", ["2.000"])
    assert cells.faults[0].advice == (
        "It can be 2.0 or 2000, and nothing in the table says which:"
        " write 2.0, or 2000 without a mark."
    )
    _, cells = _read("workplaces.ordinary_fte", ["1.500", "12.5", "12,5"])
    assert "here stand both '12,5' and '12.5'" in cells.faults[0].advice
    _, cells = _read("openings.oral_floor", ["<= 2", "2-3", "højst 2"])
    assert [cells.faults[at].advice.partition(" is not")[0] for at in range(3)] == [
        "A comparison", "A span", "A comparison",
    ]  # fmt: skip


def test_typed_numbers_are_certain_and_prove_nothing() -> None:
    """A spreadsheet's own 2.5 says nothing of how texts beside it are meant."""
    assert _read("workplaces.ordinary_fte", [Typed("2.5"), "1.500"])[0] == [2.5, WRONG]
    assert _read("workplaces.ordinary_fte", [Typed("2.3750"), "12,5"])[0] == [2.375, 12.5]


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("7,4", 7.4), ("7.4", 7.4), ("7:24", 7.4), ("7 t 24 min", 7.4), ("7t 24m", 7.4),
        ("7 timer og 24 minutter", 7.4), ("444 min", 7.4), ("7:24:00", 7.4), ("7,4 timer", 7.4),
        ("7,33", 440 / 60), ("7:60", WRONG), ("7 t 75 min", WRONG), ("7-8", WRONG),
    ],
)  # fmt: skip
def test_hours_are_read_to_the_minute(text: str, hours: Any) -> None:
    """37 hours in five days are 7.4 a day: 444 minutes."""
    assert _read("citizens.capacity_hours_day", [text])[0] == [hours]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("A1", 1), ("a1+", 2), ("A2", 3), ("A2+", 4), ("B1", 5), ("B2", 6), ("PD1", 3),
        ("pd 2", 5), ("PD3", 6), ("Prøve i Dansk 1", 3), ("prøve i dansk 3", 6), ("3", 3),
        ("ingen", 0), ("None", 6), ("C1", WRONG), ("A", WRONG), ("B1+", WRONG), ("PD4", WRONG),
    ],
)  # fmt: skip
def test_levels_of_danish_have_names(text: str, level: Any) -> None:
    """None as Python writes it is an empty cell; `ingen` is the lowest step."""
    default = _column("citizens", "oral").default
    assert _read("citizens.oral", [text])[0] == [default if text == "None" else level]


# ------------------------------------------------------------------------------ days


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20261201", "2026-12-01"), ("2026/12/01", "2026-12-01"), ("2026-W49-2", "2026-12-01"),
        ("2026W492", "2026-12-01"), ("1. december 2026", "2026-12-01"),
        ("1 DEC 2026", "2026-12-01"), ("den 1. dec. 2026", "2026-12-01"),
        ("December 1, 2026", "2026-12-01"),
        ("01-MAJ-2026", "2026-05-01"), ("1/12-2026", "2026-12-01"), ("1/12 2026", "2026-12-01"),
        ("2026-12-01 08:30", "2026-12-01"), ("2026-12-01 08:30:00.288000", "2026-12-01"),
        ("01-12-2026 kl. 8.30", "2026-12-01"), ("12/31/2026 12:00:00 AM", "2026-12-31"),
        ("2026-12-01T00:00:00Z", "2026-12-01"), ("2026-11-30T23:00:00Z", "2026-12-01"),
        ("2026-06-30T22:00:00Z", "2026-07-01"), ("2026-06-30T21:59:59Z", "2026-06-30"),
        ("2026-11-30T22:59:59.999Z", "2026-11-30"), ("2026-12-01T00:00:00+01:00", "2026-12-01"),
        ("2026-11-30 23:00:00 UTC", "2026-12-01"), ("2026-12-01T00:30:00+0200", "2026-11-30"),
        ("2026-11-30T20:00:00-05:00", "2026-12-01"),
    ],
)  # fmt: skip
def test_what_names_one_day_is_read_as_that_day_in_denmark(text: str, value: str) -> None:
    assert _read("citizens.available_from", [text])[0] == [day(value)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("01-12-26", "Write the year with four digits."),
        ("2026-W49", "A week is no day: write the day, e.g. 2026-11-23 or 2026-W48-1."),
        ("uge 49 2026", "A week is no day: write the day, e.g. 2026-11-23 or 2026-W48-1."),
        ("2026-12", "A month or a year is no day: write the day, e.g. 2026-11-23."),
        ("december 2026", "A month or a year is no day: write the day, e.g. 2026-11-23."),
        ("08:30", "A time of day is no day: write e.g. 2026-11-23."),
        ("31-11-2026", "There is no such day."),
        ("2026-W60-1", "There is no such day."),
        ("2026-12-01 25:00", "There is no such day."),
        ("01122026", "There is no such day. Eight digits are read as year, month, day."),
        ("1. hest 2026", "'hest' is not a month: write it as 2026-11-23."),
        ("soon", "Write it as 2026-11-23."),
        ("12/01/2026", "It can be 2026-01-12 or 2026-12-01, and nothing in the table says which:"
         " write it as 2026-01-12."),
        # Midnight in Denmark is 23:00 in UTC in winter, 22:00 in summer; the zone was lost.
        ("2026-11-30 23:00:00", "It may be the beginning of 2026-12-01 in Denmark, told in UTC:"
         " write the day alone, or the zone with it (2026-11-30T23:00Z)."),
        ("2026-06-30 22:00", "It may be the beginning of 2026-07-01 in Denmark, told in UTC:"
         " write the day alone, or the zone with it (2026-06-30T22:00Z)."),
    ],
)  # fmt: skip
def test_what_names_no_one_day_is_refused_in_words_that_are_true_for_it(
    text: str, reason: str
) -> None:
    values, cells = _read("citizens.available_from", [text])
    assert (values, cells.faults[0].advice) == ([WRONG], reason)


@pytest.mark.parametrize(
    ("texts", "others", "separator", "values"),
    [
        (["12/01/2026", "12/31/2026"], {}, "", ["2026-12-01", "2026-12-31"]),
        (["12/01/2026", "31/12/2026"], {}, "", ["2026-01-12", "2026-12-31"]),
        (["12/01/2026", "31/12/2026", "12/31/2026"], {}, "", [WRONG, "2026-12-31", "2026-12-31"]),
        (["12/12/2026"], {}, "", ["2026-12-12"]),
        (["12/01/2026"], {"start_from": ["12/31/2026"]}, "", ["2026-12-01"]),
        (["12/01/2026"], {"start_from": ["31/12/2026"]}, "", ["2026-01-12"]),
        (["12-01-2026"], {"start_from": ["12/31/2026"]}, "", ["2026-01-12"]),
        (["12/01/2026"], {}, ";", ["2026-01-12"]),
        (["12-01-2026", "12.01.2026"], {}, "", ["2026-01-12", "2026-01-12"]),
        (["12-01-2026", "12-31-2026"], {}, ";", ["2026-12-01", "2026-12-31"]),
    ],
)
def test_the_order_of_a_date_is_that_of_its_column(
    texts: list[str], others: dict[str, list[str]], separator: str, values: list[Any]
) -> None:
    """Its own dates prove it, then those of the table with the same sign, then the file."""
    found = _read("openings.start_to", texts, separator, **others)[0]
    assert found == [value if value is WRONG else day(value) for value in values]


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("running.end", "9999-12-31", None),
        ("running.end", "9999-12-31T23:00:00Z", None),
        ("running.end", "31-12-2999", None),
        ("forbids.until", "2262-04-11", None),
        ("forbids.until", "1900-01-01", None),
        ("openings.start_to", "1753-01-01 00:00:00", None),
        ("citizens.available_from", "0001-01-01", None),
        ("citizens.available_from", "9999-12-31", IssueCode.OUT_OF_RANGE),
        ("running.start", "1900-01-01", IssueCode.OUT_OF_RANGE),
        ("courses.ready_on", "9999-12-31", IssueCode.OUT_OF_RANGE),
        ("running.end", "2206-11-23", IssueCode.OUT_OF_RANGE),
        ("running.end", "2099-12-31", dt.date(2099, 12, 31)),
    ],
)
def test_the_end_and_the_beginning_of_time_are_no_days(field: str, text: str, value: Any) -> None:
    """An end that never comes is none, and is told; a slip of the pen is refused."""
    values, cells = _read(field, [text])
    assert values == [value]
    told = [notice.code for notice in cells.notices.values()]
    assert told == ([IssueCode.STANDS_FOR_NO_DAY] if value is None else [])


# ------------------------------------------------------------------------------ nothing


WORDS = (
    "NULL", "(null)", "[NULL]", "<null>", "\\N", "-", "–", "--", "N/A", "n/a", "n.a.", "NA", "None",
    "nan", "NaN", "NaT", "#N/A", "<NA>", "?", "???", ".", "...", "ukendt", "Ukendt", "(ukendt)",
    "ingen", "none", "ikke oplyst", "Ikke angivet", "uoplyst", "unknown", "not known", "nil", "''",
    "(tom)", "(blank)", "#NULL!",
)  # fmt: skip


@pytest.mark.parametrize("text", [*WORDS, "0", "000", "-1"])
def test_words_for_nothing_join_nobody(text: str) -> None:
    """As a household or an employer they would make strangers one."""
    for field in ("citizens.household_id", "citizens.last_employer"):
        values, cells = _read(field, [text, "h1"])
        assert values == [None, "h1"], field
        assert cells.notices[0].code is IssueCode.WORD_FOR_NOTHING
    assert _read("workplaces.employer_id", [text])[0] == [IssueCode.WORD_FOR_NOTHING]


@pytest.mark.parametrize("text", WORDS)
def test_words_for_nothing_are_no_ids(text: str) -> None:
    assert _read("citizens.citizen_id", [text, "0"])[0] == [IssueCode.WORD_FOR_NOTHING, "0"]
    assert _read("citizens.caseworker_id", [text, "0"])[0] == [None, "0"]


@pytest.mark.parametrize("text", ["Nulle", "NULL-3", "x", "ingenting", "Nan Hansen", "7", "O"])
def test_what_only_resembles_a_word_for_nothing_is_an_id(text: str) -> None:
    values, cells = _read("citizens.household_id", [text])
    assert (values, cells.notices) == ([text], {})


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("citizens.years_in_denmark", "NULL", None),
        ("citizens.available_from", "-", None),
        ("citizens.has_car", "ukendt", False),
        ("citizens.max_commute", "N/A", None),
        ("citizens.benefit", "ikke oplyst", "other"),
        ("citizens.paper_hygiene", "mangler", "missing"),  # a word of that column
        ("citizens.category", "NULL", IssueCode.WORD_FOR_NOTHING),
        ("citizens.age", "?", IssueCode.WORD_FOR_NOTHING),
        ("citizens.wishes", "NULL", ""),
        ("citizens.years_in_denmark", "ingen", WRONG),  # none, or not known?
        ("citizens.must_limits", "none", ""),  # none is an answer there
        ("citizens.care_blocks", "ingen", ""),
        ("workplaces.name", "none", ""),
        ("audit_groups.group", "ukendt", "ukendt"),
        ("audit_groups.group", "NULL", IssueCode.WORD_FOR_NOTHING),
    ],
)
def test_words_for_nothing_mean_an_empty_cell_in_every_column(
    field: str, text: str, value: Any
) -> None:
    """Unless the word is one of the column's own, or could say that there is none."""
    assert _read(field, [text])[0] == [value]


def test_ids_that_a_system_made_numbers_are_whole_again() -> None:
    values, cells = _read("citizens.caseworker_id", ["7.0", "12.0", ""])
    assert values == ["7", "12", None]
    assert {notice.code for notice in cells.notices.values()} == {IssueCode.ID_IN_DECIMALS}
    # Not all of them: then they are names with a stop.
    assert _read("citizens.caseworker_id", ["7.0", "7.1"])[0] == ["7.0", "7.1"]
    assert _read("citizens.postcode", ["8000.0"])[0] == ["8000"]
    assert _read("citizens.wishes", ["5322.0"])[0] == ["5322"]
    assert _read("workplaces.workplace_id", ["1.00312E+09"])[0] == [IssueCode.WRONG_FORM]


def test_what_was_read_as_empty_is_told_once_a_column_with_a_count(rows: Rows, read: Any) -> None:
    for row in rows["citizens"]:
        row["household_id"] = "NULL"
    rows["running"][0]["end"] = "9999-12-31"
    rows["citizens"][0]["last_employer"] = "-"
    reading = read(rows)
    told = [
        issue.message
        for issue in reading.issues
        if issue.code in {IssueCode.WORD_FOR_NOTHING, IssueCode.STANDS_FOR_NO_DAY}
    ]
    assert told == [
        "citizens.csv, column 'household_id': 'NULL' in 3 rows stands for an empty cell.",
        "citizens.csv, column 'last_employer': '-' in 1 row stands for an empty cell.",
        "running.csv, column 'end': '9999-12-31' in 1 row stands for no day, and is read as an"
        " empty cell.",
    ]
    assert reading.problem["citizens"]["household_id"].isna().all()
    assert reading.problem["running"]["end"].isna().all()
