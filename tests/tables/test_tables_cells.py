"""Text to cells: every kind of field, and what "expected" says of it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, get_args, get_origin

import annotated_types
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.records import TABLES, danish_name
from matcher.tables.cells import ReadColumn
from matcher.tables.columns import columns_of
from matcher.tables.issues import IssueCode
from matcher.tables.names import column_named, fold, table_named
from matcher.tables.nothing import nothing
from matcher.week import Block, parse_week, week_text

ZERO = dt.date(1899, 12, 30)


def _column(table: str, name: str) -> ReadColumn:
    return columns_of(TABLES[table], None)[name]


def _value(table: str, name: str, text: str, **options: Any) -> Any:
    """The one canonical value, or the code of what is wrong with it."""
    cells = _column(table, name).convert([text], **options)
    return cells.faults[0].code if cells.faults else cells.canonical[0]


@pytest.mark.parametrize(
    ("table", "name", "text", "value"),
    [
        ("citizens", "age", "44", 44),
        ("citizens", "age", "44.0", 44),
        ("citizens", "age", "44,00", 44),
        ("citizens", "age", "44.5", IssueCode.WRONG_TYPE),
        ("citizens", "age", "0x2c", IssueCode.WRONG_TYPE),
        ("citizens", "age", "14", IssueCode.OUT_OF_RANGE),
        ("citizens", "age", "9" * 30, IssueCode.WRONG_TYPE),
        ("citizens", "capacity_hours", "22,25", 22.25),
        ("citizens", "capacity_hours", "22.25", 22.25),
        ("citizens", "capacity_hours", "22,3", 22.3),
        ("citizens", "capacity_hours", "1.022,25", IssueCode.OUT_OF_RANGE),
        # Not known: the least there is stands in the cell, and the policy's care takes its place.
        ("citizens", "capacity_hours", "nan", 0.0),
        ("citizens", "capacity_hours", "inf", IssueCode.WRONG_TYPE),
        ("citizens", "capacity_hours", "37 t", 37.0),
        ("citizens", "years_in_denmark", "", None),
        ("citizens", "years_in_denmark", "7,5", 7.5),
        ("citizens", "single_provider", "JA", True),
        ("citizens", "single_provider", "falsk", False),
        ("citizens", "single_provider", "1.0", True),
        ("citizens", "single_provider", "måske", IssueCode.WRONG_TYPE),
        ("citizens", "postcode", "8000", "8000"),
        ("citizens", "postcode", "800", "0800"),
        ("citizens", "postcode", "80", IssueCode.WRONG_FORM),
        ("citizens", "postcode", "DK-8000", IssueCode.WRONG_FORM),
        ("citizens", "available_from", "2026-11-23", dt.date(2026, 11, 23)),
        ("citizens", "available_from", "2026-11-23 00:00:00", dt.date(2026, 11, 23)),
        ("citizens", "available_from", "23-11-2026", dt.date(2026, 11, 23)),
        ("citizens", "available_from", "3.1.2026", dt.date(2026, 1, 3)),
        ("citizens", "available_from", "23/11/2026", dt.date(2026, 11, 23)),
        ("citizens", "available_from", "31-11-2026", IssueCode.WRONG_TYPE),
        ("citizens", "available_from", "11/23/2026", dt.date(2026, 11, 23)),
        ("citizens", "available_from", "23-11-26", IssueCode.WRONG_TYPE),
        ("citizens", "available_from", "23-11.2026", IssueCode.WRONG_TYPE),
        ("citizens", "available_from", "46349", IssueCode.WRONG_TYPE),
        ("citizens", "wishes", "5322; 9112,5322", "5322;9112"),
        ("citizens", "wishes", "cook", IssueCode.WRONG_FORM),
        ("citizens", "citizen_id", "x" * 65, IssueCode.WRONG_FORM),
        ("citizens", "must_limits", "LIFT, Hud", IssueCode.NOT_ALLOWED),
        ("citizens", "must_limits", "LIFT, Pace", "lift;pace"),
        ("openings", "shifts", ";", IssueCode.MISSING_VALUE),
        ("openings", "hours_min", "0", IssueCode.OUT_OF_RANGE),
        ("openings", "language_gap_ok", "7", IssueCode.OUT_OF_RANGE),
    ],
)
def test_a_text_becomes_a_value_or_a_fault(table: str, name: str, text: str, value: Any) -> None:
    assert _value(table, name, text) == value


def _bounds(table: str, name: str) -> tuple[dict[float, bool], ...]:
    """Least and most of a field as its record says them, each with whether it is allowed itself."""
    info = TABLES[table].record.model_fields[name]
    said = [*info.metadata]
    for part in get_args(info.annotation):
        said += part.__metadata__ if get_origin(part) is Annotated else ()
    marks = [mark for one in said for mark in (*getattr(one, "metadata", ()), one)]
    least = {float(mark.ge): True for mark in marks if isinstance(mark, annotated_types.Ge)}
    least |= {float(mark.gt): False for mark in marks if isinstance(mark, annotated_types.Gt)}
    most = {float(mark.le): True for mark in marks if isinstance(mark, annotated_types.Le)}
    return least, most


RANGES = [
    (table, name)
    for table, one in TABLES.items()
    for name in one.record.model_fields
    if all(_bounds(table, name))
]


def test_most_numbers_have_a_range() -> None:
    assert len(RANGES) > 60
    assert {table for table, _ in RANGES} >= {"citizens", "openings", "workplaces", "teams"}


@pytest.mark.parametrize("table", sorted({table for table, _ in RANGES}))
def test_every_field_takes_its_range_and_nothing_beyond(table: str) -> None:
    """As the records state it: the ends themselves, and one below and above."""
    for name in (name for one, name in RANGES if one == table):
        least, most = _bounds(table, name)
        low, high = max(least), min(most)
        open_end = not all(allowed for bound, allowed in least.items() if bound == low)
        assert _value(table, name, f"{high:g}") == high, name
        assert _value(table, name, f"{high + 1:.0f}") is IssueCode.OUT_OF_RANGE, name
        lowest = _value(table, name, f"{low:g}")
        assert lowest == (IssueCode.OUT_OF_RANGE if open_end else low), name
        assert _value(table, name, f"{low - 1:g}") is IssueCode.OUT_OF_RANGE, name


def test_a_day_count_is_a_date_in_a_workbook_alone() -> None:
    """46349 days after 30 December 1899 are 23 November 2026; 7 is no date anybody means."""
    assert _value("citizens", "available_from", "46349", serial_zero=ZERO) == dt.date(2026, 11, 23)
    assert _value("citizens", "available_from", "7", serial_zero=ZERO) is IssueCode.WRONG_TYPE
    assert _value("citizens", "available_from", "99999", serial_zero=ZERO) is IssueCode.WRONG_TYPE


@pytest.mark.parametrize(
    ("table", "name", "expected"),
    [
        ("citizens", "age", "a whole number from 15 to 75"),
        ("citizens", "years_in_denmark", "a number from 0 to 75"),
        ("citizens", "capacity_hours", "hours from 0 to 80, such as 7.4 or 7:24"),
        ("openings", "hours_min", "hours above 0 up to 80, such as 7.4 or 7:24"),
        ("openings", "language_gap_ok", "a whole number from 0 to 6"),
        ("openings", "shifts", "weekly blocks such as 'mon-fri 07:00-15:00; sat 09:00-12:00'"),
        ("openings", "start_from", "a date such as 2026-11-23 or 23-11-2026"),
        ("openings", "isco", "1 to 6 digits"),
        ("openings", "title", "text of at most 200 characters"),
        ("citizens", "wishes", "codes of 1 to 6 digits, separated by semicolons"),
        ("citizens", "household_id", "text of at most 64 characters"),
        ("citizens", "has_car", "yes or no (ja or nej)"),
        ("places", "postcode", "4 digits"),
        ("travel_times", "mode", "one of car (bil), bicycle (cykel), transit (kollektiv)"),
        (
            "courses",
            "paper",
            "one of child_record, criminal_record, first_aid, forklift, hygiene, licence_b,"
            " licence_d",
        ),
    ],
)
def test_expected_is_made_from_the_field(table: str, name: str, expected: str) -> None:
    assert _column(table, name).expected == expected


@pytest.mark.parametrize("table", list(TABLES))
def test_every_field_has_words_and_a_valid_default(table: str) -> None:
    """What is documented as the default is what an empty cell becomes."""
    for name, column in columns_of(TABLES[table], None).items():
        assert column.expected
        assert column.sentence.endswith("."), name
        cells = column.convert([""])
        assert bool(cells.faults) is column.needed
        record = TABLES[table].record.model_fields[name]
        if not column.needed and record.default is not None:
            assert len(column.array(cells, np.zeros(3, dtype=np.int32))) == 3


@pytest.mark.parametrize("table", list(TABLES))
def test_no_name_means_two_columns(table: str) -> None:
    record = TABLES[table].record
    names = [(fold(name), name) for name in record.model_fields]
    names += [(fold(danish_name(record, name)), name) for name in record.model_fields]
    meaning = dict(names)
    assert all(meaning[folded] == name for folded, name in names)
    assert all(column_named(table, text) == name for text, name in names)


def test_no_name_means_two_tables() -> None:
    for table in TABLES.values():
        assert table_named(table.name) == table.name
        assert table_named(table.danish.upper()) == table.name
    assert table_named("weather") is None


def test_a_decomposed_letter_is_the_same_letter() -> None:
    """Some systems write å as a and a ring."""
    assert fold("a\u030ar i danmark") == fold("år_i_danmark")


# ------------------------------------------------------------------------------ properties


@given(st.integers(0, 320), st.sampled_from([".", ","]))
def test_hours_read_back_whatever_the_decimal(quarters: int, decimal: str) -> None:
    text = f"{quarters / 4:.2f}".replace(".", decimal)
    assert _value("citizens", "capacity_hours", text) == quarters / 4


@given(
    st.dates(dt.date(1971, 1, 1), dt.date(2100, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%Y%m%d", "%Y-%m-%dT00:00:00"]),
)
def test_dates_read_back_in_every_form(day: dt.date, form: str) -> None:
    assert _value("citizens", "available_from", day.strftime(form)) == day


_BLOCKS = st.builds(
    lambda day, start, length: Block(day, start, min(1440, start + length)),
    st.integers(0, 6),
    st.integers(0, 1425),
    st.integers(15, 600),
)


@given(st.lists(_BLOCKS, min_size=1, max_size=8))
def test_weekly_blocks_read_back(blocks: list[Block]) -> None:
    text = week_text(parse_week(week_text(blocks)))
    assert _value("openings", "shifts", text) == text


_IDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20).filter(
    lambda text: not nothing(text) and not re.fullmatch(r"[0-9][0-9.,]*(?:e[+][0-9]+)?", text, re.I)
)
"""Words for nothing, and numbers with decimals, are no ids."""


@given(st.lists(_IDS, min_size=1, max_size=20, unique=True))
def test_ids_are_any_text_and_stay_as_they_are(ids: list[str]) -> None:
    cells = _column("citizens", "citizen_id").convert(ids)
    assert cells.faults == {}
    assert cells.canonical == ids
