"""Budget lines and floors of groups."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from matcher.errors import PolicyError
from matcher.policy import load_policy, override_of
from tests.policy.policies import (
    BUILT_IN,
    exactly,
    whole,
)
from tests.weeks import TODAY

# ------------------------------------------------------------------------------ budget lines

LINES = "wage_subsidy, mentors, classes, courses"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"money": {"budgets": {"wage": 1}}},
            "money.budgets.wage pays for nothing: no measure and none of money.lines names it;"
            " lines in use: classes, courses, mentors, wage_subsidy",
        ),
        (
            {"money": {"lines": {"mentor": "nosuch"}}},
            f"money.lines.mentor = nosuch: expected a line of money.budgets ({LINES})",
        ),
        (
            {"measures": {"igu": {"budget": "nosuch"}}},
            f"measures.igu.budget = nosuch: expected a line of money.budgets ({LINES})",
        ),
        (
            {"money": {"year_quotas": {"igu": 1, "practice": 1}}},
            "money.year_quotas: no measure is called 'practice'; known are igu, nytteindsats,"
            " ordinary, wage_subsidy_private, wage_subsidy_public, work_practice",
        ),
    ],
)
def test_a_mistyped_budget_line_of_a_file_is_named(changes: dict[str, Any], message: str) -> None:
    """A limit is neither set on nothing nor lost."""
    with pytest.raises(PolicyError, match=exactly(f"override: {message}")):
        load_policy(TODAY, changes)


def test_a_new_line_may_pay_for_everything_of_an_old_one() -> None:
    """The old line stays listed: a file cannot take it away."""
    measures = {name: {"budget": "own"} for name in ("wage_subsidy_private", "wage_subsidy_public")}
    policy = load_policy(TODAY, {"measures": measures, "money": {"budgets": {"own": 5}}})
    assert policy.measures["wage_subsidy_public"].budget == "own"
    assert set(policy.money.budgets) == {"own", "wage_subsidy", "mentors", "classes", "courses"}


def test_a_line_of_a_whole_file_may_pay_for_a_measure_of_another_day(tmp_path: Path) -> None:
    """The IGU is over in 2028; its line still is no mistake."""
    text = BUILT_IN.replace("school_hours = 7.5\n", 'school_hours = 7.5\nbudget = "igu"\n')
    file = tmp_path / "whole.toml"
    file.write_text(text.replace("[money.budgets]\n", "[money.budgets]\nigu = 5\n"), "utf-8")
    assert load_policy(dt.date(2028, 1, 1), file=file).money.budgets["igu"] == 5


def test_a_line_of_a_whole_file_that_pays_for_nothing_is_named(tmp_path: Path) -> None:
    """As in a file of single keys."""
    file = whole(tmp_path, "[money.budgets]\n", "[money.budgets]\nwage = 5\n")
    message = (
        f"{file}: money.budgets.wage pays for nothing: no measure and none of money.lines names"
        " it; lines in use: classes, courses, mentors, wage_subsidy"
    )
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, file=file)


# ------------------------------------------------------------------------------ group floors


@pytest.mark.parametrize(
    ("column", "value", "canonical"),
    [
        ("category", "aktivitetsparat", "activity_ready"),
        ("category", " Activity_Ready ", "activity_ready"),
        ("category", "Åbenlyst uddannelsesparat", "openly_education_ready"),
        ("benefit", "kontanthjælp", "cash"),
        ("single_provider", "ja", "true"),
        ("single_provider", "No", "false"),
        ("single_provider", "nej ", "false"),
        ("single_provider", True, "true"),
        ("oral", 3, "3"),
        ("oral", " 3", "3"),
        ("postcode", 8000, "8000"),
        ("postcode", " 8000", "8000"),
        ("caseworker_id", " K01 ", "K01"),
    ],
)
def test_the_value_of_a_group_is_what_its_column_holds(
    column: str, value: object, canonical: str
) -> None:
    """Danish words, yes and no, numbers and blanks are brought to the text that is compared."""
    floor = {"column": column, "value": value, "at_least": 1}
    policy = load_policy(TODAY, {"group_floors": [floor]})
    assert [one.value for one in policy.group_floors] == [canonical]
    assert override_of(policy, {}).group_floors == policy.group_floors


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        (
            "category",
            "ready",
            "one of job_ready, activity_ready, openly_education_ready, education_ready,"
            " not_assessed",
        ),
        (
            "benefit",
            "su",
            "one of cash, education, transition, minimum_rate, basic_rate, raised_rate, other",
        ),
        ("single_provider", "maybe", "true or false"),
        ("oral", "7", "a whole number from 0 to 6"),
        ("oral", "C1", "a whole number from 0 to 6"),
        ("postcode", "800", "four digits"),
        ("caseworker_id", "", "text of 1 to 64 characters"),
        ("caseworker_id", [1], "text"),
    ],
)
def test_a_value_that_no_citizen_can_have_is_named(
    column: str, value: object, expected: str
) -> None:
    """With its place in the list, counted from 1."""
    good = {"column": "oral", "value": "0", "at_least": 1}
    bad = {"column": column, "value": value, "at_least": 1}
    message = f"override: group_floors[2].value = {value}: expected {expected}"
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, {"group_floors": [good, bad]})


@pytest.mark.parametrize(
    ("floors", "message"),
    [
        (
            [{"column": "gender", "value": "f", "at_least": 1}],
            "group_floors[1].column = gender: expected one of category, benefit, oral, postcode,"
            " caseworker_id, single_provider",
        ),
        (
            [{"column": "oral", "value": "0", "at_least": 1, "share": 5}],
            "unknown key 'group_floors[1].share'; known: at_least, column, value",
        ),
        (
            [{"column": "oral", "value": "0"}],
            "group_floors[1].at_least is missing: expected a whole number from 0 to 1000000",
        ),
        ([5], "group_floors[1] = 5: expected a table"),
        ({"column": "oral"}, "group_floors = {'column': 'oral'}: expected a list"),
    ],
)
def test_a_wrong_group_floor_is_named(floors: object, message: str) -> None:
    """Column, keys, form."""
    with pytest.raises(PolicyError, match=exactly(f"override: {message}")):
        load_policy(TODAY, {"group_floors": floors})
