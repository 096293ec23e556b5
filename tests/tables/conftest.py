"""A small week that holds every table, and helpers to write it with single cells changed."""

from __future__ import annotations

import copy
import csv
import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest

from matcher.policy import Policy, load_policy, override_of
from matcher.problem import Problem
from matcher.records import (
    AuditGroup,
    Caseworker,
    Course,
    Forbid,
    Happening,
    LanguageClass,
    Lock,
    MentorPool,
    Place,
    Previous,
    Running,
    TravelTime,
    Workplace,
)
from matcher.tables import Reading, check, write_folder
from tests.weeks import TODAY, able, easy

Week = Mapping[str, pd.DataFrame]
Reader = Callable[..., Reading]


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load_policy(TODAY)


@pytest.fixture(scope="session")
def week(policy: Policy) -> Problem:
    """Three citizens, two workplaces, three openings, and a row or two of everything else.

    Ids and one postcode begin with zeros; a name holds Danish letters, a comma and a semicolon.
    """
    return Problem.from_records(
        policy,
        TODAY,
        citizens=[
            able(
                citizen_id="0001",
                category="activity_ready",
                benefit="minimum_rate",
                age=44,
                years_in_denmark=7.5,
                oral=2,
                reading=1,
                capacity_hours=22.25,
                limit_lift=1,
                must_limits="lift;pace",
                class_blocks="tue 09:00-12:00; thu 09:00-12:00",
                youngest_child=4,
                household_id="h01",
                experience="9112;5322",
                wishes="5322",
                postcode="0800",
                max_commute=45,
                available_from=dt.date(2026, 12, 1),
                last_employer="29189846",
                caseworker_id="s1",
            ),
            able(
                citizen_id="0002",
                category="job_ready",
                age=29,
                paper_hygiene="cleared",
                youngest_child=4,
                household_id="h01",
                postcode="8000",
                caseworker_id="s1",
            ),
            able(citizen_id="0010", category="job_ready", age=61, postcode="8200"),
        ],
        workplaces=[
            Workplace(
                workplace_id="1003123456",
                employer_id="29189846",
                name="Køkken, Øst; vaskeri",
                sector="municipal",
                postcode="8200",
                ordinary_staff=40,
                ordinary_fte=33.5,
            ),
            Workplace(
                workplace_id="1009876543", employer_id="12345678", sector="private", postcode="8000"
            ),
        ],
        openings=[
            easy(
                opening_id="a1",
                workplace_id="1003123456",
                title="Køkkenhjælp",
                isco="9412",
                seats=2,
                hours_min=15.5,
                hours_max=30,
                shifts="mon-fri 08:00-14:00; sat 09:00-12:00",
                start_from=dt.date(2026, 12, 1),
                start_to=dt.date(2027, 1, 15),
                papers="hygiene",
                measures="work_practice;ordinary",
            ),
            easy(
                opening_id="a2",
                workplace_id="1009876543",
                isco="9112",
                shifts="mon-fri 05:00-09:00",
            ),
            easy(
                opening_id="a3",
                workplace_id="1003123456",
                isco="5322",
                shifts="mon-fri 07:00-15:00",
                language_gap_ok=2,
                age_min=18,
            ),
        ],
        teams=[
            LanguageClass(
                team_id="t1",
                level_from=0,
                level_to=3,
                seats=12,
                blocks="mon 13:00-16:00",
                postcode="8000",
            ),
            LanguageClass(
                team_id="t2",
                seats=5,
                blocks="wed 14:15-16:00",
                postcode="8200",
                workplace_id="1003123456",
            ),
        ],
        mentor_pools=[
            MentorPool(pool_id="p1", hours=60.5),
            MentorPool(pool_id="p2", hours=10, workplace_id="1003123456"),
        ],
        courses=[
            Course(
                course_id="k1", paper="hygiene", seats=8, ready_on=dt.date(2026, 12, 4), cost=900
            )
        ],
        caseworkers=[Caseworker(caseworker_id="s1", capacity=6, unit="Vest")],
        running=[
            Running(
                citizen_id="0010",
                opening_id="a1",
                measure="work_practice",
                start=dt.date(2026, 11, 2),
                end=dt.date(2026, 12, 20),
                team_id="t2",
                pool_id="p2",
                mentor_hours=1.5,
            )
        ],
        locks=[Lock(citizen_id="0002", opening_id="a1")],
        forbids=[
            Forbid(
                citizen_id="0001",
                opening_id="a2",
                reason="hours_do_not_fit",
                until=dt.date(2027, 1, 1),
            ),
            Forbid(citizen_id="0002", workplace_id="1009876543"),
        ],
        places=[
            Place(postcode="0800", name="Høje Taastrup", latitude=55.65, longitude=12.27),
            Place(postcode="8000", name="Aarhus C", latitude=56.1572, longitude=10.2107),
            Place(postcode="8200", name="Aarhus N", latitude=56.1851, longitude=10.1779),
        ],
        travel_times=[TravelTime(from_postcode="8000", to_postcode="8200", minutes=19)],
        previous=[Previous(citizen_id="0001", opening_id="a1", measure="work_practice")],
        events=[
            Happening(
                event="declined",
                day=dt.date(2026, 11, 19),
                opening_id="a1",
                citizen_id="0002",
                reason="health_changed",
            ),
            Happening(event="filled", day=dt.date(2026, 11, 20), opening_id="a2", seats=2),
        ],
        audit_groups=[AuditGroup(citizen_id="0001", dimension="gender", group="women")],
    )


Rows = dict[str, list[dict[str, str]]]
"""The week as text: a row is column -> cell. Tests change single cells of a copy."""


@pytest.fixture(scope="session")
def _text(week: Problem, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    folder = Path(write_folder(week.tables, tmp_path_factory.mktemp("text")))
    rows: Rows = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            rows[path.stem] = list(csv.DictReader(stream))
    return rows


@pytest.fixture
def rows(_text: Rows) -> Rows:
    """A copy of the week as text."""
    return copy.deepcopy(_text)


def write_rows(rows: Rows, folder: Path) -> Path:
    """Write rows as CSV; the columns are those of the first row."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in rows.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(table[0]) if table else ["nothing"])
            writer.writeheader()
            writer.writerows(table)
    return folder


GENEROUS = {"bad_rows_percent": 100, "bad_binding_rows_percent": 100, "aged_rows_percent": 100}
"""Checks under which no share of bad rows stops a run."""


@pytest.fixture
def read(policy: Policy, tmp_path: Path) -> Reader:
    """Write rows to a folder and read them back with all issues."""

    def reader(rows: Rows, generous: bool = True) -> Reading:
        folder = write_rows(rows, tmp_path / "data")
        changes = {"checks": GENEROUS} if generous else {}
        return check(folder, override_of(policy, changes), TODAY)

    return reader


def assert_nothing_lost(reading: Reading) -> None:
    """Rows kept and rows in quarantine are all the rows read, in every table."""
    for name, count in reading.counts.items():
        aside = len(reading.quarantine.get(name, ()))
        assert count.kept + aside == count.read, name
        assert count.kept == len(reading.problem[name])
