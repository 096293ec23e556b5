"""What becomes of rows: kept or put aside with a reason, whatever their order, never changed."""

from __future__ import annotations

import copy
import json
import pickle
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from matcher.capacity import remaining
from matcher.errors import InputErrors
from matcher.plan import Plan
from matcher.policy import Policy, override_of
from matcher.problem import Problem
from matcher.records import TABLES
from matcher.row_kinds import MENTOR_HOURS, OPENING_SEATS, TEAM_SEATS, WORKPLACE_RATIO
from matcher.tables import (
    IssueCode,
    Severity,
    check,
    raise_if_unusable,
    read_problem,
    write_folder,
    write_quarantine,
)
from matcher.verify.facts import Facts
from tests.tables.conftest import TODAY, Rows, assert_nothing_lost, write_rows


def _spoil(rows: Rows) -> None:
    """A bit of everything."""
    rows["citizens"][0]["age"] = "old"
    rows["citizens"].append({**rows["citizens"][1], "citizen_id": "0030"})
    rows["citizens"].append({**rows["citizens"][1], "citizen_id": "0040", "postcode": "9999"})
    rows["openings"].append({**rows["openings"][0], "opening_id": "a9", "workplace_id": "77"})
    rows["openings"].append(dict(rows["openings"][1]))
    rows["locks"].append({**rows["locks"][0], "opening_id": "a9"})
    rows["running"].append({**rows["running"][0], "citizen_id": "gone", "team_id": "t9"})
    rows["teams"].append({**rows["teams"][0], "level_from": "5", "level_to": "2"})


def test_rows_are_kept_or_put_aside_and_none_is_lost(rows: Rows, read: Any) -> None:
    _spoil(rows)
    reading = read(rows)
    assert_nothing_lost(reading)
    assert reading.counts["citizens"].read == 5
    assert reading.problem["citizens"]["citizen_id"].tolist() == ["0002", "0010", "0030"]
    assert reading.quarantine["citizens"]["citizen_id"].tolist() == ["0001", "0040"]
    assert reading.quarantine["citizens"]["reasons"].tolist() == [
        "wrong_type",
        "dangling_reference",
    ]
    assert reading.quarantine["citizens"]["row"].tolist() == [2, 6]


def test_the_order_of_rows_does_not_matter(rows: Rows, read: Any) -> None:
    _spoil(rows)
    first = read(rows)
    random.Random(7).shuffle(rows["citizens"])
    for table in rows.values():
        table.reverse()
    second = read(rows)
    assert first.problem.digest() == second.problem.digest()

    def without_rows(reading: Any) -> list[tuple[str, ...]]:
        return sorted(
            (issue.code, issue.table, issue.key, issue.column, issue.value, issue.expected)
            for issue in reading.issues
        )

    assert without_rows(first) == without_rows(second)
    assert {name: len(frame) for name, frame in first.quarantine.items()} == {
        name: len(frame) for name, frame in second.quarantine.items()
    }


def test_errors_run_down_the_references(rows: Rows, read: Any) -> None:
    """A place without a latitude takes with it what stands on it, each row with its reason."""
    rows["places"][2]["latitude"] = ""  # 8200: citizen 0010, workplace 1003123456, team t2
    reading = read(rows)
    aside = {
        (name, key)
        for name, frame in reading.quarantine.items()
        for key in frame[TABLES[name].key[0]]
    }
    assert aside == {
        ("places", "8200"),
        ("citizens", "0010"),
        ("workplaces", "1003123456"),
        ("openings", "a1"),  # at the workplace
        ("openings", "a3"),
        ("teams", "t2"),
        ("mentor_pools", "p2"),
        # The placement at a1 stays: its citizen is not free because the opening cannot be read.
        ("locks", "0002"),  # at a1
        ("previous", "0001"),  # at a1
    }
    assert_nothing_lost(reading)


def test_a_running_placement_takes_its_seat_whoever_has_it(rows: Rows, read: Any) -> None:
    """Its citizen and class may be unknown: the row stays, the class seat is let go."""
    rows["running"][0].update(citizen_id="0099", team_id="t77")
    reading = read(rows)
    assert reading.problem["running"]["citizen_id"].tolist() == ["0099"]
    assert reading.problem["running"]["team_id"].isna().all()
    assert reading.problem["running"]["pool_id"].tolist() == ["p2"]
    assert [(issue.severity, issue.message, issue.advice) for issue in reading.issues] == [
        (
            Severity.WARNING,
            "running.csv, row 2 (0099 / a1 / 2026-11-02), column 'citizen_id': '0099' is not in"
            " the table 'citizens'.",
            "The row is used all the same.",
        ),
        (
            Severity.WARNING,
            "running.csv, row 2 (0099 / a1 / 2026-11-02), column 'team_id': 't77' is not in the"
            " table 'teams'.",
            "The row is used without it.",
        ),
    ]


def test_what_ages_naturally_is_put_aside_with_a_warning(rows: Rows, read: Any) -> None:
    rows["previous"][0]["opening_id"] = "closed"
    rows["audit_groups"][0]["citizen_id"] = "moved"
    rows["forbids"][0]["opening_id"] = "closed"
    rows["forbids"][1]["opening_id"] = "closed"  # has a workplace, too, and goes on with that
    reading = read(rows, generous=False)
    assert reading.usable
    assert {issue.severity for issue in reading.issues} == {Severity.WARNING}
    assert {name: len(frame) for name, frame in reading.quarantine.items()} == {
        "forbids": 1,
        "previous": 1,
        "audit_groups": 1,
    }
    left = reading.problem["forbids"]
    assert left["workplace_id"].tolist() == ["1009876543"]
    assert left["opening_id"].isna().all()
    assert reading.issues[-1].advice == "The row has no effect and is put aside."


def test_an_unknown_reason_of_rejection_still_forbids(rows: Rows, read: Any) -> None:
    """A forbid must not be lost by a slip in its reason."""
    rows["forbids"][0]["reason"] = "just because"
    reading = read(rows)
    assert reading.problem["forbids"]["reason"].tolist() == ["other", "other"]
    (issue,) = reading.issues
    assert issue.code is IssueCode.NOT_ALLOWED
    assert issue.severity is Severity.WARNING
    assert issue.advice == "'other' is used instead."


def test_a_running_placement_under_an_unknown_measure_still_counts(rows: Rows, read: Any) -> None:
    """Its seat is taken and its citizen is placed; only what the measure asks for is unknown."""
    before = read(rows).problem
    rows["running"][0]["measure"] = "praktik-2"
    reading = read(rows)
    assert reading.problem["running"]["measure"].tolist() == ["praktik-2"]
    assert reading.quarantine == {}
    (issue,) = reading.issues
    assert issue.code is IssueCode.NOT_ALLOWED
    assert issue.severity is Severity.WARNING
    assert issue.message.startswith(
        "running.csv, row 2 (0010 / a1 / 2026-11-02), column 'measure': 'praktik-2' is not an"
        " allowed value; expected one of "
    )
    assert issue.advice.startswith("The row is kept: its seat and hours are taken")
    now, then = remaining(reading.problem), remaining(before)
    for kind in (OPENING_SEATS, TEAM_SEATS, MENTOR_HOURS):
        assert now[kind].tolist() == then[kind].tolist(), kind.id
    assert len(now.running["citizen_id"]) == 1
    _agrees_with_verify(reading.problem)


def _agrees_with_verify(problem: Problem) -> None:
    facts, free = Facts(problem, Plan((), (), "feasible")), remaining(problem)
    for number, opening in enumerate(problem.all_records("openings")):
        assert facts.free_seats(opening) == max(0, free[OPENING_SEATS][number]), opening
    for number, workplace in enumerate(problem.all_records("workplaces")):
        assert facts.free_ratio_places(workplace) == max(0, free[WORKPLACE_RATIO][number]), (
            workplace
        )
    for number, team in enumerate(problem.all_records("teams")):
        assert facts.free_class_seats(team) == max(0, free[TEAM_SEATS][number]), team
    for number, pool in enumerate(problem.all_records("mentor_pools")):
        assert facts.free_mentor_minutes(pool) == max(0, free[MENTOR_HOURS][number]), pool


def test_a_stray_nul_puts_its_row_aside_and_no_other(
    rows: Rows, policy: Policy, tmp_path: Path
) -> None:
    folder = write_rows(rows, tmp_path)
    lines = (folder / "citizens.csv").read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b"0001", b"00\x0001", 1)
    (folder / "citizens.csv").write_bytes(b"".join(lines))
    reading = check(folder, override_of(policy, {"checks": {"bad_rows_percent": 100}}), TODAY)
    hits = [issue for issue in reading.issues if issue.table == "citizens"]
    assert [issue.message for issue in hits] == [
        "citizens.csv, row 2 (0001), column 'citizen_id': '0001' has the wrong form; expected text"
        " without NUL bytes."
    ]
    assert hits[0].advice == "The file is damaged there: make the extract again."
    assert reading.problem["citizens"]["citizen_id"].tolist() == ["0002", "0010"]
    assert reading.quarantine["citizens"]["citizen_id"].tolist() == ["0001"]
    assert_nothing_lost(reading)


def test_a_running_placement_of_a_citizen_put_aside_stays(rows: Rows, read: Any) -> None:
    rows["citizens"][2]["age"] = "old"
    reading = read(rows)
    assert len(reading.problem["running"]) == 1
    assert [issue.code for issue in reading.issues] == [
        IssueCode.WRONG_TYPE,
        IssueCode.REFERS_TO_QUARANTINED,
    ]


def test_optional_tables_may_be_absent(rows: Rows, read: Any) -> None:
    needed = {name: rows[name] for name, table in TABLES.items() if table.needed}
    for row in needed["citizens"]:
        row["caseworker_id"] = ""
    reading = read(needed)
    assert reading.issues == ()
    assert set(reading.counts) == set(needed)
    assert all(len(reading.problem[name]) == 0 for name in TABLES if name not in needed)


def test_optional_columns_and_empty_cells_take_the_default(rows: Rows, read: Any) -> None:
    for row in rows["openings"]:
        for name in ("seats", "hours_max", "measures", "start_to", "title"):
            del row[name]
        row["ramp_weeks"] = ""
    openings = read(rows).problem["openings"]
    assert openings["seats"].tolist() == [1, 1, 1]
    assert openings["ramp_weeks"].tolist() == [0, 0, 0]
    assert openings["hours_max"].tolist() == [37.0, 37.0, 37.0]
    assert openings["measures"].tolist() == ["ordinary"] * 3
    assert openings["title"].tolist() == ["", "", ""]
    assert openings["start_to"].isna().all()


# ------------------------------------------------------------------------------ may it run?


def test_too_many_bad_rows_stop_the_run(rows: Rows, read: Any) -> None:
    """1 of 3 is more than the policy's 5 %; warnings do not count."""
    rows["citizens"][0]["age"] = "200"
    reading = read(rows, generous=False)
    assert not reading.usable
    assert reading.why_not == ("1 of 3 rows of 'citizens' are bad (33.3 %, the policy allows 5 %)",)
    with pytest.raises(InputErrors) as error:
        raise_if_unusable(reading)
    assert str(error.value).splitlines()[:4] == [
        "The tables cannot be used:",
        "  - 1 of 3 rows of 'citizens' are bad (33.3 %, the policy allows 5 %)",
        "1 error in all:",
        "  citizens.csv, row 2 (0001), column 'age': 200 is out of range; expected a whole number"
        " from 15 to 75.",
    ]
    assert len(error.value.issues) == len(reading.issues)


def test_a_long_list_of_errors_is_cut_and_complete_in_the_data(rows: Rows, read: Any) -> None:
    for number in range(25):
        rows["citizens"].append({**rows["citizens"][2], "citizen_id": f"x{number}", "age": "-1"})
    reading = read(rows, generous=False)
    with pytest.raises(InputErrors) as error:
        raise_if_unusable(reading)
    text = str(error.value)
    assert "25 errors in all:" in text
    assert text.endswith("  ... and 15 more; `jobmatch check` shows all.")
    assert text.count("is out of range") == 10
    assert len(error.value.issues) == 25
    assert len(reading.to_dict()["issues"]) == 25
    again = pickle.loads(pickle.dumps(error.value))
    assert str(again) == text
    assert again.issues == error.value.issues


def test_read_problem_raises_what_check_tells(rows: Rows, policy: Policy, tmp_path: Path) -> None:
    folder = write_rows(rows, tmp_path)
    assert read_problem(folder, policy, TODAY).usable
    (folder / "citizens.csv").unlink()
    with pytest.raises(InputErrors, match=r"the table 'citizens' cannot be used \(missing table\)"):
        read_problem(folder, policy, TODAY)


def test_a_reading_is_plain_json(rows: Rows, read: Any) -> None:
    _spoil(rows)
    reading = read(rows)
    data = json.loads(json.dumps(reading.to_dict()))
    assert data["usable"] is True
    assert data["errors"] == len(reading.errors)
    assert data["warnings"] == len(reading.warnings)
    assert data["tables"]["citizens"] == {
        "read": 5,
        "kept": 3,
        "put_aside": 2,
        "source": "citizens.csv",
        "format": "csv",
        "encoding": "utf-8",
        "separator": ",",
    }
    assert set(data["issues"][0]) == {
        "code",
        "severity",
        "table",
        "source",
        "row",
        "key",
        "column",
        "value",
        "expected",
        "advice",
        "put_aside",
        "message",
    }


def test_the_quarantine_is_written_as_it_was_read(rows: Rows, read: Any, tmp_path: Path) -> None:
    rows["workplaces"][0]["sector"] = "kirken"
    rows["travel_times"][0]["minutes"] = "1,5"
    reading = read(rows)
    paths = write_quarantine(reading, tmp_path / "aside")
    assert [path.name for path in paths] == [
        "quarantine_workplaces.csv",
        "quarantine_openings.csv",
        "quarantine_teams.csv",
        "quarantine_mentor_pools.csv",
        "quarantine_locks.csv",
        "quarantine_travel_times.csv",
        "quarantine_previous.csv",
    ]
    frame = pd.read_csv(paths[0], sep=";", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    assert frame.iloc[0].to_dict() == {"row": "2", "reasons": "not_allowed"} | rows["workplaces"][0]


def test_nothing_is_written_when_nothing_is_put_aside(
    rows: Rows, read: Any, tmp_path: Path
) -> None:
    assert write_quarantine(read(rows), tmp_path / "aside") == ()
    assert not (tmp_path / "aside").exists()


def test_progress_is_told_table_by_table(rows: Rows, policy: Policy, tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    check(
        write_rows(rows, tmp_path), policy, TODAY, progress=lambda name, n: told.append((name, n))
    )
    assert told[:3] == [("citizens", 3), ("workplaces", 2), ("openings", 3)]
    assert len(told) == len(TABLES)


def test_the_callers_frames_are_not_changed(week: Problem, tmp_path: Path) -> None:
    before = {name: frame.copy(deep=True) for name, frame in week.tables.items()}
    for form in ("csv", "excel", "parquet", "sql"):
        write_folder(week.tables, tmp_path / form, format=form, danish=True)  # type: ignore[arg-type]
    for name, frame in before.items():
        pd.testing.assert_frame_equal(frame, week[name])


def test_rows_given_twice_leave_the_caller_alone(rows: Rows, read: Any) -> None:
    kept = copy.deepcopy(rows)
    read(rows)
    assert rows == kept
