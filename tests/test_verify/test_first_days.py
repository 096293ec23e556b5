"""First days of work, counted on a calendar by hand; any other day is found."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from tests.test_verify.world import World, named

DAY = dt.timedelta(1)
CLEANER = {"isco": "9112"}
SUNDAYS = {"shifts": "sun 07:00-17:00"}
CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    # what: (date of the run, O1, policy, first day); as it stands O1 is home care, Monday to Friday
    "over a weekend": ("2026-11-27", {}, {}, "2026-11-30"),
    "Sundays only": ("2026-11-23", SUNDAYS, {}, "2026-11-29"),
    "a night from Friday": (
        "2026-11-27", {"shifts": "fri 20:00-24:00; sat 00:00-06:00"}, {}, "2026-12-04"),
    "from Sunday night": (
        "2026-11-27", {"shifts": "mon 00:00-06:00; sun 20:00-24:00"}, {}, "2026-11-29"),
    "round the clock": ("2026-11-27", {"shifts": "mon-sun 00:00-24:00"}, {}, "2026-11-28"),
    "no shifts": ("2026-11-27", {"shifts": ""}, {}, "2026-11-30"),
    "no shifts, from Saturday": (
        "2026-11-27", {"shifts": ""}, {"workdays": {"without_shifts": ["sat", "mon"]}},
        "2026-11-28"),
    "care on Christmas Eve": ("2026-12-23", {}, {}, "2026-12-24"),
    "cleaning at Christmas": ("2026-12-23", CLEANER, {}, "2026-12-28"),
    "cleaning where Christmas Eve is no closing day": (
        "2026-12-23", CLEANER, {"workdays": {"closed_also": ["12-31"]}}, "2026-12-24"),
    "an opening that is closed": (
        "2026-12-23", {"public_holidays": "closed"}, {}, "2026-12-28"),
    "an opening that is open": (
        "2026-12-23", CLEANER | {"public_holidays": "open"}, {}, "2026-12-24"),
    # 28 March 2027 is Easter Sunday.
    "cleaning on Sundays at Easter": ("2027-03-24", CLEANER | SUNDAYS, {}, "2027-03-28"),
    "a shop on Sundays at Easter": (
        "2027-03-24", SUNDAYS | {"isco": "5223"}, {}, "2027-04-04"),
    "Sundays that do not keep open": (
        "2027-03-24", CLEANER | SUNDAYS, {"workdays": {"open_with_sunday": False}}, "2027-04-04"),
    "cleaning at Easter": ("2027-03-24", CLEANER, {}, "2027-03-30"),
    "care kept shut by the policy": (
        "2027-03-24", {}, {"workdays": {"open_occupations": {"municipal": []}}}, "2027-03-30"),
    "cleaning on the last Great Prayer Day": ("2023-05-04", CLEANER, {}, "2023-05-08"),
    "cleaning on what was the Great Prayer Day": ("2024-04-25", CLEANER, {}, "2024-04-26"),
}  # fmt: skip


@pytest.mark.parametrize("what", list(CASES))
def test_the_first_day_is_the_first_day_of_work(what: str) -> None:
    """The day of the calendar is right, the days around it are not."""
    today, job, rules, first = CASES[what]
    start = dt.date.fromisoformat(first)
    world = replace(World(), today=dt.date.fromisoformat(today)).but(
        # Whatever the shift: it is the calendar that is looked at.
        opening={"hours_min": 1, "hours_max": 4, **job}, rules=rules,
        placement={"start": start, "minutes": 240}, citizen={"has_car": True, "has_bicycle": True},
    )  # fmt: skip
    world = world.but(placement={"commute": 15, "fit": 1000}, travel_times=by_car())
    assert world.found() == ()
    for wrong in (start - DAY, start + DAY):
        found = world.but(placement={"start": wrong}).found()
        assert named(found) == [("value", "C1 at O1: start", wrong.toordinal(), start.toordinal())]


def by_car() -> tuple[Any, ...]:
    """A way that no bus is needed for."""
    from matcher.records import TravelTime

    return (TravelTime(from_postcode="8000", to_postcode="8200", mode="car", minutes=15),)


def test_a_window_without_a_day_of_work_is_broken() -> None:
    """Weekend work that must begin by Friday; with Saturday in the window it holds."""
    saturday = dt.date(2026, 11, 28)
    world = World().but(
        opening={"shifts": "sat 07:00-17:00", "hours_min": 1, "hours_max": 4, "start_to": saturday},
        placement={"start": saturday, "minutes": 240},
    )
    assert world.found() == ()
    rules = {one.rule for one in world.but(opening={"start_to": saturday - DAY}).found()}
    assert "start_window" in rules


def test_a_paper_that_is_ready_after_the_last_day_of_work_is_too_late() -> None:
    """Ready on Thursday 3 December; the last Monday in the window is 30 November."""
    world = World().but(
        opening={"shifts": "mon 08:00-16:00", "hours_min": 1, "hours_max": 4,
                 "papers": ("child_record",), "start_to": dt.date(2026, 12, 7)},
        citizen={"paper_child_record": "pending"},
        placement={"start": dt.date(2026, 12, 7), "minutes": 240},
    )  # fmt: skip
    assert world.found() == ()
    found = world.but(opening={"start_to": dt.date(2026, 12, 6)}).found()
    assert ("paper_child_record", "C1 at O1", dt.date(2026, 12, 3).toordinal(),
            dt.date(2026, 11, 30).toordinal()) in named(found)  # fmt: skip
