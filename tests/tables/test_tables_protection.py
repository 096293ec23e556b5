"""Nothing that protects somebody is filled in favourably: missing columns, empty cells, none."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from matcher.errors import InputErrors
from matcher.policy import Policy, override_of
from matcher.problem import Problem, as_frame
from matcher.records import (
    HEALTH_CODES,
    PAPERS,
    TABLES,
    Citizen,
    Opening,
    careful_fields,
    danish_name,
    protected_fields,
)
from matcher.tables import check, write_folder
from tests.tables.conftest import TODAY, Reader, Rows, write_rows
from tests.weeks import ABLE, citizen, opening, week

PROTECTING = {
    table: [
        name
        for name, mark in protected_fields(TABLES[table].record).items()
        if not mark.may_be_absent
    ]
    for table in ("citizens", "openings", "teams")
}


def without(rows: Rows, table: str, *columns: str) -> Rows:
    """Take columns out."""
    return {
        **rows,
        table: [{k: v for k, v in row.items() if k not in columns} for row in rows[table]],
    }


def test_what_protects_is_language_health_hours_papers_care_and_what_a_job_asks_for() -> None:
    """Written out, so that a field added is decided on here as well."""
    health, papers = {f"limit_{code}" for code in HEALTH_CODES}, {f"paper_{c}" for c in PAPERS}
    assert set(protected_fields(Citizen)) == {
        "oral", "reading", "capacity_hours", "capacity_hours_day", "must_limits", "care_blocks",
        "treatment_blocks", "class_blocks", "other_blocks", "youngest_child", "single_provider",
        "mentor_hours", "refusals", "max_commute", "available_from", *health, *papers,
    }  # fmt: skip
    assert set(protected_fields(Opening)) == {
        "hours_min", "oral_floor", "reading_floor", "language_gap_ok", "papers", "age_min",
        "age_max", *(name.replace("limit", "demand") for name in health),
    }  # fmt: skip
    assert [table for table in TABLES if protected_fields(TABLES[table].record)] == [
        "citizens",
        "openings",
        "teams",
    ]


@pytest.mark.parametrize("table", PROTECTING)
def test_every_protecting_column_is_missed(rows: Rows, read: Reader, table: str) -> None:
    """All of a table at once."""
    reading = read(without(rows, table, *PROTECTING[table]))
    names = ", ".join(PROTECTING[table])
    assert reading.why_not == (
        f"the table '{table}' lacks columns that protect somebody ({names})",
    )


@pytest.mark.parametrize(
    ("table", "column"),
    [("citizens", "capacity_hours"), ("citizens", "treatment_blocks"), ("openings", "demand_lift"),
     ("openings", "papers"), ("teams", "level_to")],
)  # fmt: skip
def test_a_missing_column_stops_the_run_and_says_how_to_declare_it(
    rows: Rows, read: Reader, table: str, column: str
) -> None:
    """The rows are read all the same, and nothing is favourable in the meantime."""
    reading = read(without(rows, table, column))
    assert not reading.usable
    assert reading.why_not == (
        f"the table '{table}' lacks columns that protect somebody ({column})",
    )
    (issue,) = reading.errors
    danish = danish_name(TABLES[table].record, column)
    assert issue.code.value == "missing_protection"
    assert issue.expected == f"'{column}' ({danish})"
    assert issue.advice.splitlines()[1] == f"[declared.{table}]"
    assert issue.advice.splitlines()[2].startswith(f"{column} = ")
    assert len(reading.problem[table]) == len(rows[table])


def test_all_missing_columns_are_one_issue_with_the_names_that_may_have_been_meant(
    rows: Rows, read: Reader
) -> None:
    """A renamed column is offered for the field it stands in for."""
    changed = without(rows, "citizens", "oral", "limit_emo")
    for row in changed["citizens"]:
        row["oral_danish"] = "3"
    reading = read(changed)
    (issue,) = reading.errors
    assert issue.expected == "'oral' (dansk_mundtlig), 'limit_emo' (skånehensyn_følelse)"
    assert issue.advice.startswith("Maybe 'oral_danish' is 'oral'. ")


def test_the_lines_of_the_message_declare_with_care(
    rows: Rows, policy: Policy, tmp_path: Path
) -> None:
    """Pasted into the policy they let the run go on, with the careful value for everybody."""
    import tomllib

    folder = write_rows(without(rows, "citizens", "limit_emo", "treatment_blocks"), tmp_path / "d")
    (issue,) = check(folder, policy, TODAY).errors
    lines = tomllib.loads(issue.advice.split("\n", 1)[1])
    assert lines == {"declared": {"citizens": {"limit_emo": 0, "treatment_blocks": "none"}}}
    reading = check(folder, override_of(policy, lines), TODAY)
    assert reading.usable
    assert reading.problem["citizens"]["limit_emo"].tolist() == [0, 0, 0]
    assert reading.problem.unknown() == {}


def test_a_declared_value_is_everybodys_and_in_the_digest(
    rows: Rows, policy: Policy, tmp_path: Path
) -> None:
    """On purpose it may be a favourable one; where the column is there the cells count."""
    declared = override_of(policy, {"declared": {"citizens": {"limit_emo": 3}}})
    folder = write_rows(without(rows, "citizens", "limit_emo"), tmp_path / "d")
    reading = check(folder, declared, TODAY)
    assert reading.usable
    assert reading.problem["citizens"]["limit_emo"].tolist() == [3, 3, 3]
    assert declared.digest() != policy.digest()
    rows["citizens"][0]["limit_emo"] = "1"
    reading = check(write_rows(rows, tmp_path / "e"), declared, TODAY)
    assert reading.problem["citizens"]["limit_emo"].tolist()[0] == 1
    assert "declared_but_given" in {issue.code.value for issue in reading.warnings}


@pytest.mark.parametrize("table", ["citizens", "openings"])
def test_an_empty_cell_is_not_known_counts_with_care_and_is_counted(
    rows: Rows, read: Reader, policy: Policy, table: str
) -> None:
    """In every such column of the first row alone; the others are as stated."""
    columns = careful_fields(TABLES[table].record)
    stated = read(rows).problem[table]
    rows[table][0].update(dict.fromkeys(columns, ""))
    reading = read(rows)
    assert reading.usable
    found, careful = reading.problem[table], dict(policy.careful(table))
    if table == "openings":
        assert careful["hours_min"] == 37
        careful["hours_min"] = 30.0  # no more than the opening offers
    for column in columns:
        assert found[column].tolist() == [careful[column], *stated[column].tolist()[1:]], column
    assert found["unknown"].tolist() == [";".join(sorted(columns)), "", ""]
    assert reading.problem.unknown() == {table: dict.fromkeys(columns, 1)}
    told = [issue.column for issue in reading.warnings if issue.code.value == "not_known"]
    assert sorted(told) == sorted(columns)
    assert not reading.errors


def test_a_health_limit_that_may_be_absent_is_not_known_of_anybody(
    rows: Rows, read: Reader
) -> None:
    """Food and intimate care can show a belief: it need not be recorded, and that is said."""
    reading = read(without(rows, "citizens", "limit_care"))
    assert reading.usable
    assert reading.problem["citizens"]["limit_care"].tolist() == [0, 0, 0]
    assert reading.problem.unknown() == {"citizens": {"limit_care": 3}}
    assert "absent_column" in {issue.code.value for issue in reading.warnings}


@pytest.mark.parametrize("word", ["none", "ingen", "INGEN"])
def test_none_is_a_word_where_none_is_an_answer(rows: Rows, read: Reader, word: str) -> None:
    """In lists, blocks, ages and days; for hours it is no value."""
    rows["citizens"][0].update(
        must_limits=word, treatment_blocks=word, youngest_child=word, max_commute=word,
        refusals=word, available_from=word,
    )  # fmt: skip
    rows["openings"][0].update(papers=word, age_min=word)
    reading = read(rows)
    assert not reading.errors
    first = reading.problem["citizens"].iloc[0]
    assert first["must_limits"] == first["treatment_blocks"] == first["refusals"] == ""
    assert first[["youngest_child", "max_commute", "available_from"]].isna().all()
    assert reading.problem["openings"]["papers"].tolist()[0] == ""
    assert reading.problem.unknown() == {}
    rows["citizens"][0]["capacity_hours"] = word
    (issue,) = read(rows).errors
    assert (issue.code.value, issue.column) == ("wrong_type", "capacity_hours")


@pytest.mark.parametrize("word", ["NULL", "-", "ukendt", "N/A"])
def test_a_word_for_nothing_is_not_known(rows: Rows, read: Reader, word: str) -> None:
    """As an empty cell: it never means none, and never the best."""
    rows["citizens"][0].update(oral=word, must_limits=word, limit_lift=word)
    reading = read(rows)
    assert not reading.errors
    assert reading.problem.unknown() == {"citizens": {"oral": 1, "limit_lift": 1, "must_limits": 1}}


def test_a_row_can_say_itself_what_is_not_known(rows: Rows, read: Reader) -> None:
    """By the column's English or Danish name; what stands in the cell does not count."""
    rows["citizens"][0].update(unknown="dansk_mundtlig; limit_lift", oral="6")
    reading = read(rows)
    assert reading.problem["citizens"]["oral"].tolist()[0] == 0
    assert reading.problem.unknown() == {"citizens": {"oral": 1, "limit_lift": 1}}
    rows["citizens"][0]["unknown"] = "wishes"
    assert [issue.code.value for issue in read(rows).errors] == ["not_allowed"]


@pytest.mark.parametrize("danish", [False, True])
def test_what_is_not_known_is_written_and_read_back(
    rows: Rows, read: Reader, policy: Policy, tmp_path: Path, danish: bool
) -> None:
    """To the same digest: empty, none and a value stay three things."""
    rows["citizens"][0].update(oral="", must_limits="")
    rows["citizens"][1]["must_limits"] = "none"
    problem = read(rows).problem
    address = write_folder(problem.tables, tmp_path / "out", danish=danish)
    again = check(address, policy, TODAY).problem
    assert again.digest() == Problem(problem.tables, policy, TODAY).digest()
    assert again.unknown() == {"citizens": {"oral": 1, "must_limits": 1}}


# ------------------------------------------------------------------------------ from Python


def test_a_frame_without_a_protecting_column_is_refused() -> None:
    """Every such column is named; other columns take their default as before."""
    ids = {"citizen_id": ["C1"], "category": ["job_ready"], "age": [30], "postcode": ["8000"]}
    with pytest.raises(InputErrors, match=re.escape("'oral' (dansk_mundtlig), 'reading'")):
        as_frame(TABLES["citizens"], ids)
    stated = {name: [";".join(v) if isinstance(v, tuple) else v] for name, v in ABLE.items()}
    frame = as_frame(TABLES["citizens"], {**ids, **stated})
    assert frame["has_car"].tolist() == [False]
    with pytest.raises(InputErrors, match="'limit_lift'"):
        Problem({"citizens": frame.drop(columns="limit_lift")}, week().policy, TODAY)


def test_a_missing_value_of_a_frame_or_a_record_is_not_known() -> None:
    """None and NaN are no facts, in a column of any type."""
    source = week((citizen("C1"), citizen("C2", oral=None, must_limits=None)))
    assert source.unknown() == {"citizens": {"oral": 1, "must_limits": 1}}
    frame = source["citizens"].astype({"reading": "Int64"})
    frame.loc[0, "reading"] = pd.NA
    frame.loc[0, "capacity_hours"] = float("nan")
    problem = source.with_tables(citizens=frame)
    assert problem["citizens"]["reading"].tolist() == [0, 6]
    assert str(problem["citizens"]["reading"].dtype) == "int64"
    assert problem.unknown()["citizens"] == {
        "oral": 1, "reading": 1, "capacity_hours": 1, "must_limits": 1,
    }  # fmt: skip


def test_records_that_leave_a_protecting_field_out_altogether_are_refused() -> None:
    """As a table without the column would be."""
    bare = Opening(
        opening_id="O1", workplace_id="W1", isco="9112", shifts="mon 09:00-13:00", papers=()
    )
    assert set(bare.unknown) == set(careful_fields(Opening))
    with pytest.raises(InputErrors, match="hours_min"):
        week(openings=(bare,))


def test_another_policy_takes_its_own_values_for_what_is_not_known() -> None:
    """The cells follow the policy; what is known stays."""
    problem = week((citizen("C1", oral=None), citizen("C2", oral=5)))
    other = override_of(problem.policy, {"unknown": {"citizens": {"oral": 2}}})
    changed = problem.replace(policy=other)
    assert problem["citizens"]["oral"].tolist() == [0, 5]
    assert changed["citizens"]["oral"].tolist() == [2, 5]
    assert changed.digest() != problem.digest()


def test_a_week_that_states_all_has_the_digest_it_had_before_unknown_was_asked() -> None:
    """Inputs that earlier versions stored are still themselves."""
    problem = week((citizen(),), (opening(),))
    frames = {name: problem[name] for name in TABLES}
    old = {name: frame.drop(columns="unknown", errors="ignore") for name, frame in frames.items()}
    assert Problem(old, problem.policy, problem.today).digest() == problem.digest()
    with_mark = frames["citizens"].assign(unknown="oral")
    assert problem.with_tables(citizens=with_mark).digest() != problem.digest()
