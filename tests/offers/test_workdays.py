"""First days of work: a day with a shift, no closing day where the job closes, nothing earlier."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from matcher.offers import build_offers, failures
from matcher.offers.encoded_week import sides_of
from matcher.policy import load_policy
from matcher.problem import Problem
from matcher.records import Citizen, Opening
from matcher.workdays import first_meeting
from tests.weeks import citizen, opening, week, workplace

CARE = {"isco": "5321"}
SHOP = {"isco": "5223"}
WEEKEND = {"shifts": "sat-sun 09:00-15:00", "hours_min": 5}
NIGHTS = {"shifts": "fri 22:00-24:00; sat 00:00-08:00", "hours_min": 5}
CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    # what: (date of the run, O1, policy, first day)
    "a weekday": ("2026-11-23", {}, {}, "2026-11-24"),
    "a Friday's first day is Monday": ("2026-11-27", {}, {}, "2026-11-30"),
    "a weekend job waits for Saturday": ("2026-11-23", WEEKEND, {}, "2026-11-28"),
    "Sundays only": ("2026-11-23", WEEKEND | {"shifts": "sun 09:00-15:00"}, {}, "2026-11-29"),
    "a day between, without a shift": (
        "2026-11-23", {"shifts": "mon 08:00-14:00; thu 08:00-14:00"}, {}, "2026-11-26"),
    # The night from Friday to Saturday begins on Friday; Saturday the 28th is too late for it.
    "a night shift belongs to its evening": ("2026-11-27", NIGHTS, {}, "2026-12-04"),
    "a night shift from Sunday to Monday": (
        "2026-11-29", NIGHTS | {"shifts": "mon 00:00-06:00; sun 22:00-24:00"}, {}, "2026-12-06"),
    "from midnight on, with nothing before": (
        "2026-11-23", NIGHTS | {"shifts": "tue 00:00-07:00"}, {}, "2026-11-24"),
    "round the clock": ("2026-11-27", {"shifts": "mon-sun 00:00-24:00"}, {}, "2026-11-28"),
    "no shifts: Monday to Friday": ("2026-11-27", {"shifts": ""}, {}, "2026-11-30"),
    "no shifts: as the policy says": (
        "2026-11-27", {"shifts": ""}, {"workdays": {"without_shifts": ["sat"]}}, "2026-11-28"),
    # 24 December 2026 is a Thursday, closed by agreement; the 25th and 26th are public holidays.
    "Christmas": ("2026-12-23", {}, {}, "2026-12-28"),
    "Christmas Eve, where it is no closing day": (
        "2026-12-23", {}, {"workdays": {"closed_also": []}}, "2026-12-24"),
    "Christmas at a care home": ("2026-12-23", CARE, {}, "2026-12-24"),
    "a care home that says it is closed": (
        "2026-12-23", CARE | {"public_holidays": "closed"}, {}, "2026-12-28"),
    "a cleaner whose opening says it is open": (
        "2026-12-23", {"public_holidays": "open"}, {}, "2026-12-24"),
    # Saturday 26 December: work with a Sunday shift goes on, shops are closed by law.
    "a weekend job at Christmas": ("2026-12-24", WEEKEND, {}, "2026-12-26"),
    "a weekend job where the policy closes it": (
        "2026-12-24", WEEKEND, {"workdays": {"open_with_sunday": False}}, "2026-12-27"),
    "a weekend job in a shop": ("2026-12-24", WEEKEND | SHOP, {}, "2026-12-27"),
    "Saturdays only": ("2026-12-24", WEEKEND | {"shifts": "sat 09:00-15:00"}, {}, "2027-01-02"),
    # The night that begins on New Year's Day, a Friday, begins on a holiday.
    "a night that begins on a holiday": ("2026-12-31", NIGHTS, {}, "2027-01-08"),
    # Maundy Thursday 25 March 2027, Good Friday, Easter Monday the 29th.
    "Easter": ("2027-03-24", {}, {}, "2027-03-30"),
    "Easter at a care home": ("2027-03-24", CARE, {}, "2027-03-25"),
    "1 May and Constitution Day": ("2026-06-04", {}, {}, "2026-06-08"),
    # The Great Prayer Day was the fourth Friday after Easter, the last time in 2023.
    "the Great Prayer Day of 2023": ("2023-05-04", {}, {}, "2023-05-08"),
    "no Great Prayer Day from 2024": ("2024-04-25", {}, {}, "2024-04-26"),
}  # fmt: skip


def starts(problem: Problem) -> set[dt.date]:
    return {dt.date.fromordinal(day) for day in build_offers(problem).offers.start.tolist()}


@pytest.mark.parametrize("what", list(CASES))
def test_work_begins_on_a_day_of_work(what: str) -> None:
    """The earliest date from the ready days on that somebody works there."""
    today, changes, rules, first = CASES[what]
    problem = week(
        [citizen(has_car=True)],
        [opening(**changes)],
        rules=rules,
        today=dt.date.fromisoformat(today),
    )
    assert starts(problem) == {dt.date.fromisoformat(first)}


def test_an_opening_without_a_day_of_work_in_time_is_too_late() -> None:
    """Weekend work that must begin by Friday: the last day of work was the Sunday before."""
    to_friday = WEEKEND | {"start_to": dt.date(2026, 11, 27)}
    problem = week(openings=[opening(**to_friday)])
    (failure,) = failures(sides_of(problem), "C1", "O1")
    assert (failure.rule, failure.value, failure.limit) == (
        "start_window",
        dt.date(2026, 11, 24).toordinal(),
        dt.date(2026, 11, 22).toordinal(),
    )
    in_time = week(openings=[opening(**to_friday | {"start_to": dt.date(2026, 11, 28)})])
    assert starts(in_time) == {dt.date(2026, 11, 28)}


def test_the_sector_decides_what_stays_open() -> None:
    """Cleaning goes on at a hospital, not at a town hall."""
    for sector, first in (
        ("regional", dt.date(2026, 12, 24)),
        ("municipal", dt.date(2026, 12, 28)),
    ):
        problem = week(workplaces=[workplace(sector=sector)], today=dt.date(2026, 12, 23))
        assert starts(problem) == {first}


def test_a_class_meets_first_on_a_day_of_its_own() -> None:
    """Tuesdays and Thursdays, but not on Christmas Eve."""
    rules = load_policy(dt.date(2026, 12, 1)).workdays
    meets = opening(shifts="tue 16:00-18:00; thu 16:00-18:00").shifts
    assert first_meeting(rules, meets, dt.date(2026, 12, 1)) == dt.date(2026, 12, 1)
    assert first_meeting(rules, meets, dt.date(2026, 12, 2)) == dt.date(2026, 12, 3)
    assert first_meeting(rules, meets, dt.date(2026, 12, 23)) == dt.date(2026, 12, 29)
    assert first_meeting(rules, (), dt.date(2026, 12, 23)) is None


# ------------------------------------------------------------------------------ day by day

HOLIDAYS = {
    dt.date.fromisoformat(day)
    for day in (
        "2026-12-24", "2026-12-25", "2026-12-26", "2026-12-31", "2027-01-01", "2027-03-25",
        "2027-03-26", "2027-03-28", "2027-03-29", "2027-05-01", "2027-05-06", "2027-05-16",
        "2027-05-17", "2027-06-05",
    )
}  # fmt: skip
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def drawn(seed: int, today: dt.date) -> tuple[list[Citizen], list[Opening], list[set[int]]]:
    """Draw people and jobs whose days are all that differs, and the weekdays of each job."""
    rng = np.random.default_rng(seed)

    def day(chance: float, most: int) -> dt.date | None:
        if rng.random() > chance:
            return None
        return today + dt.timedelta(int(rng.integers(-5, most)))

    people = [
        citizen(f"C{number}", available_from=day(0.7, 60),
                paper_child_record=str(rng.choice(["cleared", "pending", "missing"])))
        for number in range(25)
    ]  # fmt: skip
    jobs, weekdays = [], []
    for number in range(60):
        worked = {at for at in range(7) if rng.random() < 0.4} or {int(rng.integers(7))}
        shape = rng.choice(["day", "night", "none"], p=[0.6, 0.3, 0.1])
        if shape == "none":
            shifts, worked = "", {0, 1, 2, 3, 4}
        elif shape == "night":
            shifts = "; ".join(
                f"{DAYS[at]} 20:00-24:00; {DAYS[(at + 1) % 7]} 00:00-06:00" for at in worked
            )
        else:
            shifts = "; ".join(f"{DAYS[at]} 07:00-15:00" for at in worked)
        start_from = day(0.5, 40)
        start_to = day(0.5, 60)
        if start_from and start_to and start_to < start_from:
            start_from, start_to = start_to, start_from
        jobs.append(
            opening(f"O{number:02}", shifts=shifts, hours_min=1, start_from=start_from,
                    start_to=start_to, isco=str(rng.choice(["9112", "5321", "5223"])),
                    papers="child_record" if rng.random() < 0.4 else "",
                    public_holidays=rng.choice([None, None, "open", "closed"]))
        )  # fmt: skip
        weekdays.append(worked)
    return people, jobs, weekdays


def first_day(today: dt.date, person: Citizen, job: Opening, days: set[int]) -> dt.date | None:
    """Look at one date after another."""
    wait = {"cleared": 0, "pending": 10, "missing": 21}[person.paper_child_record.value]
    date = today + dt.timedelta(1)
    last = job.start_to or today + dt.timedelta(56)
    while date <= last:
        ready = date >= (person.available_from or date) and date >= (job.start_from or date)
        ready &= not job.papers or date >= today + dt.timedelta(wait)
        if job.public_holidays is not None:
            shut = job.public_holidays.value == "closed"
        else:
            shut = job.isco == "5223" or (job.isco == "9112" and 6 not in days)
        if ready and date.weekday() in days and not (shut and date in HOLIDAYS):
            return date
        date += dt.timedelta(1)
    return None


@pytest.mark.parametrize(
    ("seed", "today"),
    [(1, dt.date(2026, 12, 18)), (2, dt.date(2027, 3, 17)), (3, dt.date(2027, 4, 27))],
)
def test_first_days_are_those_found_day_by_day(seed: int, today: dt.date) -> None:
    """Every pair of a random week; a pair has an offer just where a day was found."""
    people, jobs, weekdays = drawn(seed, today)
    book = build_offers(week(people, jobs, today=today, travel_times=()))
    made = book.offers
    found = {
        (book.encoded.citizens.ids[citizen_at], book.encoded.openings.ids[opening_at]): start
        for citizen_at, opening_at, start in zip(
            made.citizen.tolist(), made.opening.tolist(), made.start.tolist(), strict=True
        )
    }
    expected = {
        (person.citizen_id, job.opening_id): day.toordinal()
        for person in people
        for job, days in zip(jobs, weekdays, strict=True)
        if (day := first_day(today, person, job, days)) is not None
    }
    assert found == expected
    assert 100 < len(found) < len(people) * len(jobs)


def test_the_calendar_is_read_only_when_it_is_needed() -> None:
    """It is slow to import: the command line and a policy do without it."""
    code = (
        "import sys, datetime; import scenarios.cli, matcher.workdays, matcher.verify;"
        "from matcher.policy import load_policy; load_policy(datetime.date(2026, 11, 23));"
        "sys.exit('holidays' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
