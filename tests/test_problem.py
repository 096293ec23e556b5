"""The week's input as one thing: canonical frames, a digest, records in and out."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matcher.problem as problem_module
from matcher.columns import Columns, positions
from matcher.errors import InputErrors
from matcher.problem import Problem, as_frame, column_type, frame_rows
from matcher.records import (
    TABLES,
    AuditGroup,
    Caseworker,
    Course,
    Forbid,
    Happening,
    Lock,
    MentorPool,
    Previous,
    Record,
    Running,
)
from matcher.solve import solve
from tests.weeks import EASY, PLACES, TIMES, TODAY, citizen, opening, policy, team, week, workplace

RECORDS: dict[str, tuple[Record, ...]] = {
    # Ids out of order, empty cells beside filled ones, a row in every table.
    "citizens": (
        citizen("C3", oral=2, wishes="9112;5120", household_id="H1", youngest_child=3),
        citizen("C1", available_from=TODAY, ordinary_hours_12m=12.5, has_car=True),
        citizen("C2", class_blocks="tue 08:00-10:00; mon 08:00-10:00", must_limits="stand;lift"),
    ),
    "workplaces": (workplace("W2", employer_id="E2", staff_last_month=3.25), workplace("W1")),
    "openings": (
        opening("O2", workplace_id="W2", start_to=TODAY, age_min=18, papers="hygiene"),
        opening("O1", measures="work_practice;ordinary", title="Køkken"),
    ),
    "teams": (
        team("L2", seats=1, blocks="mon 16:00-17:00", postcode="8000", workplace_id="W1"),
        team("L1", seats=2, blocks="", postcode="8200"),
    ),
    "mentor_pools": (
        MentorPool(pool_id="P2", hours=1.25, municipality="751"),
        MentorPool(pool_id="P1", hours=2, workplace_id="W1"),
    ),
    "courses": (Course(course_id="K1", paper="hygiene", seats=3, ready_on=TODAY, cost=900),),
    "caseworkers": (Caseworker(caseworker_id="S1", capacity=4, unit="Nord"),),
    "running": (
        Running(citizen_id="C3", opening_id="O2", measure="ordinary", start=dt.date(2026, 1, 5)),
        Running(
            citizen_id="C3",
            opening_id="O1",
            measure="ordinary",
            start=dt.date(2026, 3, 2),
            end=dt.date(2026, 4, 1),
            team_id="L1",
            pool_id="P1",
            mentor_hours=0.5,
        ),
    ),
    "locks": (
        Lock(citizen_id="C1", opening_id="O1", measure="ordinary"),
        Lock(citizen_id="C1", opening_id="O1"),
    ),
    "forbids": (
        Forbid(citizen_id="C2", workplace_id="W2", reason="other", until=TODAY),
        Forbid(citizen_id="C2", opening_id="O1"),
    ),
    "places": PLACES[::-1],
    "travel_times": TIMES,
    "previous": (Previous(citizen_id="C2", opening_id="O2", measure="ordinary"),),
    "events": (
        Happening(event="filled", day=TODAY, opening_id="O1", seats=2),
        Happening(event="end", day=TODAY, opening_id="O1", citizen_id="C3", reason="other"),
    ),
    "audit_groups": (AuditGroup(citizen_id="C1", dimension="gender", group="women"),),
}


@cache
def full() -> Problem:
    """A problem with rows in every table; shared, as nothing changes it."""
    return changed()


def changed(**tables: tuple[Record, ...]) -> Problem:
    """The same, made anew with other tables."""
    return Problem.from_records(policy(), TODAY, **{**RECORDS, **tables})


@cache
def alone(name: str) -> Problem:
    """A problem with one table; shared."""
    return Problem({name: full()[name]}, full().policy, TODAY)


def cells() -> Iterator[tuple[str, str]]:
    """Every table and column."""
    for name, table in TABLES.items():
        yield from ((name, column) for column in table.record.model_fields)


def other(value: Any, kind: str) -> Any:
    """Another value of the same type, empty where it was filled and filled where it was empty."""
    if kind in {"str", "Int64", "float64", "datetime64[s]"} and pd.isna(value):
        filled = {"str": "x", "Int64": 1, "float64": 0.25, "datetime64[s]": pd.Timestamp(TODAY)}
        return filled[kind]
    if kind == "bool":
        return not value
    if kind == "datetime64[s]":
        return value + pd.Timedelta(days=1)
    return f"{value}x" if kind == "str" else value + 1


# ------------------------------------------------------------------------------ canonical frames


def test_there_are_rows_in_every_table() -> None:
    """Otherwise what follows would test nothing."""
    assert set(RECORDS) == set(TABLES)
    assert all(len(full()[name]) == len(RECORDS[name]) for name in TABLES)


@pytest.mark.parametrize("name", list(TABLES))
def test_frames_have_the_records_columns_in_fixed_types(name: str) -> None:
    """The same with rows and without: a column never changes its type with its content."""
    fields = list(TABLES[name].record.model_fields)
    for problem in (full(), Problem({}, full().policy, TODAY)):
        frame = problem[name]
        assert list(frame.columns) == fields
        for column in fields:
            assert str(frame[column].dtype) == column_type(TABLES[name].record, column), column


@pytest.mark.parametrize("name", list(TABLES))
def test_rows_are_sorted_by_the_tables_key(name: str) -> None:
    """Empty parts of a key come last."""
    frame = full()[name]
    keys = frame[list(TABLES[name].key)]
    assert frame.index.tolist() == list(range(len(frame)))
    expected = sorted(
        map(tuple, keys.astype(object).where(keys.notna(), None).to_numpy().tolist()),
        key=lambda key: [(part is None, part) for part in key],
    )
    found = keys.astype(object).where(keys.notna(), None).to_numpy().tolist()
    assert list(map(tuple, found)) == expected


def test_types_follow_the_fields() -> None:
    """One field of each kind: id, code, list, blocks, counts, hours, flag, date."""
    kinds = {
        ("citizens", "citizen_id"): "str",
        ("citizens", "category"): "str",
        ("citizens", "household_id"): "str",
        ("citizens", "wishes"): "str",
        ("citizens", "class_blocks"): "str",
        ("citizens", "age"): "int64",
        ("citizens", "youngest_child"): "Int64",
        ("citizens", "capacity_hours"): "float64",
        ("citizens", "ordinary_hours_12m"): "float64",
        ("citizens", "has_car"): "bool",
        ("citizens", "available_from"): "datetime64[s]",
        ("courses", "ready_on"): "datetime64[s]",
    }
    found = {(name, column): column_type(TABLES[name].record, column) for name, column in kinds}
    assert found == kinds


def test_coded_values_lists_and_blocks_are_canonical_text() -> None:
    """Danish words become codes, lists are sorted, blocks are written the one way."""
    frame = changed(
        citizens=(
            citizen(
                category="jobparat",
                must_limits="stand, lift",
                class_blocks="tir 8.00-10.00; man 08:00-09:00; man 09:00-10:00",
            ),
        )
    )["citizens"]
    row = frame.iloc[0]
    assert row["category"] == "job_ready"
    assert row["must_limits"] == "lift;stand"
    assert row["class_blocks"] == "mon-tue 08:00-10:00"


def test_a_column_left_out_gets_its_default() -> None:
    """Also where the default is a list, and where it is nothing."""
    frame = as_frame(
        TABLES["openings"],
        {"opening_id": ["O2", "O1"], "workplace_id": ["W1", "W2"], "isco": ["9112", "5120"],
         "shifts": ["", ""], **{name: ["" if value == () else value] * 2
                                for name, value in EASY.items()}},
    )  # fmt: skip
    assert frame["opening_id"].tolist() == ["O1", "O2"]
    assert frame["workplace_id"].tolist() == ["W2", "W1"]
    assert frame["measures"].tolist() == ["ordinary", "ordinary"]
    assert frame["hours_max"].tolist() == [37.0, 37.0]
    assert frame["age_min"].isna().all()
    assert frame["papers"].tolist() == ["", ""]


def test_an_unknown_table_is_an_error() -> None:
    """Named, whether in a new problem or in a changed one."""
    frame = full()["citizens"]
    with pytest.raises(InputErrors, match=f"^{re.escape('unknown tables: borger, citizen')}$"):
        Problem({"citizen": frame, "borger": frame}, policy(), TODAY)
    with pytest.raises(InputErrors, match=f"^{re.escape('unknown tables: citizen')}$"):
        full().with_tables(citizen=frame)


# ------------------------------------------------------------------------------ digest


@settings(max_examples=4, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_the_order_of_rows_never_reaches_the_digest(random: Any) -> None:
    """All tables shuffled."""
    shuffled = {name: tuple(random.sample(rows, len(rows))) for name, rows in RECORDS.items()}
    assert changed(**shuffled).digest() == full().digest()


@pytest.mark.parametrize(("name", "column"), list(cells()), ids=map(".".join, cells()))
def test_the_digest_changes_with_any_cell(name: str, column: str) -> None:
    """Filled to other, filled to empty, empty to filled: each is another input."""
    # The other tables are left out: what is looked at is one cell of one table.
    frame = full()[name]
    kind = column_type(TABLES[name].record, column)
    digests = {alone(name).digest()}
    # One filled cell and one empty cell, where there are both.
    rows = frame[column].isna().drop_duplicates().index.tolist()
    for count, row in enumerate(rows, start=2):
        edited = frame.copy()
        edited.loc[row, column] = other(frame.loc[row, column], kind)
        digests.add(alone(name).with_tables(**{name: edited}).digest())
        assert len(digests) == count, frame.loc[row, column]


def test_a_missing_text_is_not_an_empty_one() -> None:
    """Unknown, absent and zero are three things."""
    problem = full()
    frame = problem["citizens"].copy()
    assert pd.isna(frame.loc[0, "household_id"])
    frame.loc[0, "household_id"] = ""
    assert problem.with_tables(citizens=frame).digest() != problem.digest()


def test_a_copy_does_not_remember_the_digest_of_what_it_changed() -> None:
    """Tables that are the same are not hashed again; the digest is that of a week made anew."""
    plain = full()
    plain.digest()
    frame = plain["citizens"].assign(oral=0)
    edited = plain.with_tables(citizens=frame)
    assert edited.digest() == full().with_tables(citizens=frame).digest() != plain.digest()
    assert edited.with_tables(citizens=plain["citizens"]).digest() == plain.digest()


def test_the_digest_changes_with_a_row_the_date_and_the_policy() -> None:
    """A row more, a day later, one key of the policy: three other inputs."""
    plain = full()
    others = [
        changed(citizens=(*RECORDS["citizens"], citizen("C4"))),
        plain.replace(today=TODAY + dt.timedelta(days=1)),
        plain.replace(policy=policy({"fit": {"floor": 1}})),
    ]
    assert len({plain.digest(), *(one.digest() for one in others)}) == 4


def test_the_same_content_in_another_table_is_another_input() -> None:
    """An empty table says its name, too."""
    lock = {"locks": (Lock(citizen_id="C1", opening_id="O1"),), "previous": ()}
    previous = {"previous": (Previous(citizen_id="C1", opening_id="O1"),), "locks": ()}
    assert changed(**lock).digest() != changed(**previous).digest()


@pytest.mark.parametrize("storage", ["python", "pyarrow"])
def test_the_digest_does_not_depend_on_how_texts_are_stored(storage: str) -> None:
    """With pyarrow pandas keeps texts in it, without it does not: equal input, equal hash.

    Texts with Danish letters, empty ones and missing ones are among them.
    """
    pytest.importorskip("pyarrow")
    problem = full()
    stored = pd.StringDtype(storage, na_value=np.nan)  # type: ignore[call-overload]
    frames = {
        name: problem[name].astype(
            {column: stored for column, kind in problem[name].dtypes.items() if kind == "str"}
        )
        for name in TABLES
    }
    texts = frames["citizens"]["citizen_id"].dtype
    assert isinstance(texts, pd.StringDtype)
    assert texts.storage == storage
    assert problem.with_tables(**frames).digest() == problem.digest()


# ------------------------------------------------------------------------------ records


@pytest.mark.parametrize("name", list(TABLES))
def test_records_go_in_and_come_out_equal(name: str) -> None:
    """In canonical order, every field as it was."""
    found = full().all_records(name)
    assert len(found) == len(RECORDS[name])
    assert all(record in RECORDS[name] for record in found)
    again = Problem.from_records(policy(), TODAY, **{**RECORDS, name: tuple(found)})
    assert again.digest() == full().digest()
    assert again.all_records(name) == found


def test_records_are_found_by_their_id() -> None:
    """All of them, or those that are asked for; an id that is not there is left out."""
    problem = full()
    by_id = {record.citizen_id: record for record in RECORDS["citizens"]}  # type: ignore[attr-defined]
    assert problem.records("citizens") == by_id
    assert list(problem.records("citizens")) == ["C1", "C2", "C3"]
    assert problem.records("citizens", ["C3", "C9"]) == {"C3": by_id["C3"]}
    assert problem.records("citizens", []) == {}


def test_large_tables_give_the_same_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above a size records are made when asked for and not kept: nobody can tell."""
    expected = {name: full().all_records(name) for name in TABLES}
    chosen = full().records("citizens", ["C3", "C1"])
    monkeypatch.setattr("matcher.problem._KEPT_ROWS", 1)
    problem = changed()
    assert {name: problem.all_records(name) for name in TABLES} == expected
    assert problem.records("citizens", ["C3", "C1"]) == chosen


def test_a_list_of_records_is_the_callers_own() -> None:
    """Who sorts it sorts nobody else's."""
    problem = full()
    problem.all_records("citizens").clear()
    assert len(problem.all_records("citizens")) == 3


def test_rows_are_plain_values_with_missing_cells_as_none() -> None:
    """No numpy types, no NaN, no NaT."""
    (row,) = frame_rows(changed(citizens=(citizen(),))["citizens"])
    assert row["household_id"] is None
    assert row["youngest_child"] is None
    assert row["ordinary_hours_12m"] is None
    assert row["available_from"] is None
    assert type(row["age"]) is int
    assert type(row["has_car"]) is bool
    assert type(row["capacity_hours"]) is float
    assert frame_rows(Problem({}, policy(), TODAY)["citizens"]) == []
    (course,) = frame_rows(full()["courses"])
    assert course["ready_on"] == TODAY
    assert type(course["ready_on"]) is dt.date


def test_records_follow_a_changed_table() -> None:
    """A copy with another table has its own records and its own digest."""
    problem = full()
    problem.all_records("citizens")
    problem.digest()
    fewer = problem.with_tables(citizens=problem["citizens"].iloc[:1])
    assert [record.citizen_id for record in fewer.all_records("citizens")] == ["C1"]
    assert fewer.digest() != problem.digest()
    assert len(problem.all_records("citizens")) == 3


# ------------------------------------------------------------------------------ nothing is changed


def test_the_callers_frames_are_not_modified() -> None:
    """Building, hashing, solving: what came in is as it was."""
    source = week([citizen("C1", oral=3), citizen("C2")], [opening(oral_floor=3)])
    frames = {name: source[name].copy(deep=True) for name in TABLES}
    kept = {name: frame.copy(deep=True) for name, frame in frames.items()}
    problem = Problem(frames, source.policy, source.today)
    problem.digest()
    problem.all_records("citizens")
    solve(problem)
    assert set(frames) == set(kept)
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, kept[name])


def test_the_callers_columns_are_not_modified() -> None:
    """A canonical frame is a copy: changing it leaves the source."""
    ids = pd.Series(["S2", "S1"], dtype="str")
    capacity = pd.Series([1, 2], dtype="int64")
    frame = as_frame(TABLES["caseworkers"], {"caseworker_id": ids, "capacity": capacity})
    frame.loc[0, "capacity"] = 99
    assert ids.tolist() == ["S2", "S1"]
    assert capacity.tolist() == [1, 2]


def test_the_tables_of_a_problem_cannot_be_replaced() -> None:
    """Who wants another makes a copy with `with_tables`."""
    with pytest.raises(TypeError):
        full().tables["citizens"] = full()["citizens"]  # type: ignore[index]


def test_rows_are_hashed_as_pandas_hashes_them(monkeypatch):
    """Digests in ledgers stay what they were, for short tables and long ones alike."""
    people = [
        citizen(f"C{at}", age=20 + at, last_employer=None if at % 2 else f"E{at}", wishes="9112")
        for at in range(7)
    ]
    tables = week(people).tables
    for frame in tables.values():
        names = frame.columns.tolist()
        theirs = pd.util.hash_pandas_object(frame, index=False).tolist()
        assert problem_module.row_hashes(Columns(frame), names).tolist() == theirs
        with monkeypatch.context() as patch:
            patch.setattr(problem_module, "_KEPT_ROWS", 3)
            assert problem_module.row_hashes(Columns(frame), names).tolist() == theirs


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], "int64"), ([1.0, 2.0], "int64"), ([1, None], "Int64"), ([1, 2.5], "float64"),
        ([None, 1.5], "float64"), ([True, False], "bool"), (["a", None], "str"),
        ([dt.date(2026, 1, 2), None], "datetime64[s]"),
    ],
)  # fmt: skip
def test_lists_become_columns_as_pandas_would_make_them(values, kind):
    ours = pd.Series(problem_module._array(values, kind))
    pd.testing.assert_series_equal(ours, pd.Series(values, dtype=kind))


@pytest.mark.parametrize("values", [[1.5], [None], ["x"], [True, 1.5]])
def test_what_is_no_whole_number_is_never_cut_to_one(values):
    with pytest.raises((ValueError, TypeError)):
        problem_module._array(values, "int64")


def test_an_empty_cell_is_at_no_key() -> None:
    """Not even where keys hold one, and whichever object it is."""
    for empty in (np.nan, float("nan")):
        cells = np.array(["a", empty, "b"], dtype=object)
        assert positions(cells, np.array(["b", "a", empty], dtype=object)).tolist() == [1, -1, 0]
