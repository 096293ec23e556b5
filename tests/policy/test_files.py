"""Policy files, stored policies and their digest."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from matcher.errors import PolicyError
from matcher.policy import load_policy
from matcher.tables.names import fold, measures
from tests.policy.policies import (
    FIRST,
    LAST,
    exactly,
    whole,
)
from tests.weeks import TODAY

# ------------------------------------------------------------------------------ files


def test_a_file_that_is_not_toml_is_named_with_the_place(tmp_path: Path) -> None:
    """Line and column, as TOML's reader tells them."""
    file = tmp_path / "ours.toml"
    file.write_text("[fit]\nfloor 450\n")
    message = (
        f"{file} is not TOML: Expected '=' after a key in a key/value pair (at line 2, column 7)"
    )
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, file)


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    """Danish letters as Windows wrote them: the byte is named, too."""
    file = tmp_path / "ours.toml"
    file.write_bytes("name = 'Ærø'\n".encode("cp1252"))
    message = (
        f"{file}: cannot be read as UTF-8 text ('utf-8' codec can't decode byte 0xc6 in position"
        " 8: invalid continuation byte)"
    )
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, file)


def test_a_key_in_a_file_is_named_with_the_file(tmp_path: Path) -> None:
    """So that of several files the right one is opened."""
    file = tmp_path / "ours.toml"
    file.write_text("[fit]\nflor = 450\n")
    with pytest.raises(PolicyError, match=rf"^{re.escape(str(file))}: unknown key 'fit\.flor'"):
        load_policy(TODAY, file)


PROGRAMME = "[[programme]]\nvalid_from = 2022-01-01\n"


def test_a_whole_file_may_take_the_place_of_the_built_in_one(tmp_path: Path) -> None:
    """With a target of its own from 2026 on; before, the old one holds."""
    later = (
        '[[programme]]\nvalid_from = 2026-01-01\nsource = "council"\ntarget = 700\nweeks = 104\n\n'
    )
    file = whole(tmp_path, PROGRAMME, f"{later}{PROGRAMME}valid_to = 2025-12-31\n")
    assert load_policy(dt.date(2025, 12, 31), file=file).programme.target == 500
    assert load_policy(dt.date(2026, 1, 1), file=file).programme.target == 700


def test_two_periods_on_one_day_are_an_error(tmp_path: Path) -> None:
    """Nothing is guessed: section and day are named."""
    later = (
        '[[programme]]\nvalid_from = 2026-01-01\nsource = "council"\ntarget = 700\nweeks = 104\n\n'
    )
    file = whole(tmp_path, PROGRAMME, later + PROGRAMME)
    assert load_policy(dt.date(2025, 12, 31), file=file).programme.target == 500
    message = f"{file}: two periods of 'programme' hold on 2026-01-01"
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(dt.date(2026, 1, 1), file=file)


def test_two_periods_of_a_measure_are_an_error(tmp_path: Path) -> None:
    """Measures are dated one by one."""
    file = whole(tmp_path, 'valid_to = 2024-12-31\nsource = "LAB §§ 82', 'source = "LAB §§ 82')
    message = f"{file}: two periods of 'measures.nytteindsats' hold on 2025-01-01"
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(dt.date(2025, 1, 1), file=file)


def test_a_period_without_dates_is_an_error(tmp_path: Path) -> None:
    """A text that looks like a date is none."""
    file = whole(tmp_path, PROGRAMME, '[[programme]]\nvalid_from = "2022-01-01"\n')
    message = f"{file}: programme: valid_from and valid_to must be dates"
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, file=file)


def test_a_time_of_day_is_no_date(tmp_path: Path) -> None:
    """TOML has both."""
    file = whole(tmp_path, PROGRAMME, "[[programme]]\nvalid_from = 2022-01-01T00:00:00\n")
    message = f"{file}: programme: valid_from and valid_to must be dates"
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, file=file)


def test_measures_of_a_whole_file_are_periods(tmp_path: Path) -> None:
    """Neither a single table nor a number."""
    file = tmp_path / "whole.toml"
    file.write_text("[measures.ordinary]\nbudget = 'x'\n")
    message = f"{file}: measures.ordinary: expected periods, each under [[measures.ordinary]]"
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, file=file)
    file.write_text("measures = 5\n")
    message = f"{file}: measures: expected periods under [[measures.NAME]]"
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, file=file)


def test_the_reason_other_must_stay(tmp_path: Path) -> None:
    """The empty reason means it."""
    file = whole(tmp_path, "\nother = {", "\nsomething = {")
    message = f"{file}: forbid_reasons.codes.other must stay: it is always allowed"
    with pytest.raises(PolicyError, match=exactly(message)):
        load_policy(TODAY, file=file)


# ------------------------------------------------------------------------------ digest


@pytest.mark.parametrize(
    "changes",
    [
        {"fit": {"floor": 401}},
        {"fit": {"weights": {"commute": 9}}},
        {"fit": {"isco_points": [0, 250, 550, 800, 999]}},
        {"measures": {"igu": {"age_max": 50}}},
        {"measures": {"work_practice": {"weeks": {"job_ready": 5}}}},
        {"money": {"budgets": {"mentors": 60001}}},
        {"childcare": {"open": "mon 06:30-16:15; tue-thu 06:30-17:00; fri 06:30-16:30"}},
        {"duty_week": {"duty": False}},
        {"group_floors": [{"column": "oral", "value": "0", "at_least": 1}]},
        {"name": "ours"},
    ],
)
def test_the_digest_changes_with_a_value(changes: dict[str, Any]) -> None:
    """A number, a list, a nested key, blocks of time, a flag, a floor, a text."""
    plain = load_policy(TODAY)
    changed = load_policy(TODAY, changes)
    assert changed.digest() != plain.digest()
    # Not only the note of the change: the value itself is hashed.
    assert changed.model_copy(update={"overrides": ()}).digest() != plain.digest()


def test_the_digest_is_the_same_each_time() -> None:
    """Whatever was loaded in between."""
    first = load_policy(TODAY).digest()
    load_policy(FIRST)
    assert load_policy(TODAY).digest() == first
    assert len(first) == 16
    assert load_policy(LAST).digest() != first


@pytest.mark.parametrize(
    ("measure", "hours", "kind", "english", "danish"),
    [
        ("ordinary", 37, "self_support", "Ordinary employment", "Ordinær ansættelse"),
        ("ordinary", 30, "self_support", "Ordinary employment", "Ordinær ansættelse"),
        ("ordinary", 29.75, "part_time", "Part-time job (småjob)", "Småjob"),
        ("ordinary", None, "unknown", "Ordinary hours", "Ordinære timer"),
        ("wage_subsidy_private", 37, "subsidised", "Private wage subsidy", "Privat løntilskud"),
        ("igu", 37, "subsidised", "Integration training (IGU)",
         "Integrationsgrunduddannelse (IGU)"),
        ("nytteindsats", 37, "unpaid", "Community benefit work (nytteindsats)", "Nytteindsats"),
        ("gone", 37, "unknown", "gone", "gone"),
    ],
)  # fmt: skip
def test_a_placement_is_named_by_its_hours_and_pay(
    measure: str, hours: float | None, kind: str, english: str, danish: str
) -> None:
    """From 30 hours ordinary work is a living; without a wage it never is, whatever the hours."""
    policy = load_policy(dt.date(2026, 11, 23))
    minutes = None if hours is None else round(hours * 60)
    assert policy.work_kind(measure, minutes) == kind
    assert policy.measure_name(measure, minutes) == {"en": english, "da": danish}


def test_tables_may_name_ordinary_work_by_any_of_its_names() -> None:
    """As it was called before, too."""
    known, _ = measures(load_policy(dt.date(2026, 11, 23)))
    for name in ("Ordinære timer (småjob)", "Ordinære timer", "Småjob", "Ordinær ansættelse"):
        assert known[fold(name)] == "ordinary"


def test_close_and_sure_mean_what_the_weights_say() -> None:
    """One level of Danish or grade of health is within a close call; the heaviest of all weights,
    gained or lost as a whole, does not make a sure one."""
    policy = load_policy(dt.date(2026, 11, 23))
    weights = policy.fit.weights.model_dump()
    total = sum(weights.values()) - weights["hours_225"]
    steps = {
        "language": policy.fit.language_oral_step_points,
        "health": policy.fit.health_step_points,
    }
    for component, points in steps.items():
        assert weights[component] * points / total <= policy.triage.close_points
    assert max(weights.values()) * 1000 / total < policy.triage.sure_points
