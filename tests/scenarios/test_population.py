"""Made-up tables are valid, whole, repeatable, marked as made up, and of any size."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
from functools import cache

import numpy as np
import pandas as pd
import pytest

from matcher.errors import OptionError
from matcher.offers import build_offers
from matcher.policy import load_policy
from matcher.records import TABLES
from matcher.row_kinds import OPENING_SEATS, WORKPLACE_RATIO
from matcher.solve import solve
from matcher.tables import check
from scenarios.population import (
    COUNTRY,
    ID_PREFIX,
    MARK,
    TODAY,
    Population,
    make,
    municipalities,
    policy_override,
    problem,
    write,
)
from scenarios.population.citizens import draw_citizens
from scenarios.population.openings import draw_openings
from scenarios.population.supports import draw_places
from tests.volume import daily

SMALL = Population(citizens=120, openings=40)
drawn = cache(problem)
"""Weeks that several tests look at, each drawn once; never changed."""
_CPR = re.compile(r"\d{6}[- ]?\d{4}")


def equal(one: dict[str, pd.DataFrame], other: dict[str, pd.DataFrame], name: str) -> bool:
    return one[name].equals(other[name])


def test_equal_seeds_give_equal_tables_and_others_do_not():
    assert problem(SMALL).digest() == problem(SMALL).digest()
    assert (
        problem(SMALL).digest() != problem(Population(citizens=120, openings=40, seed=7)).digest()
    )


def test_the_tables_do_not_depend_on_the_hash_seed():
    code = (
        "from scenarios.population import *;"
        "print(problem(Population(citizens=120, openings=40)).digest())"
    )
    # This process has a hash seed of its own, so one other is enough.
    other = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    printed = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": other},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed.strip() == problem(SMALL).digest()


def test_the_aarhus_week_is_pinned_on_every_machine():
    # A change of the calibration or the drawing changes these first rows: say so in the changelog.
    tables = make()
    first = tables["citizens"].iloc[0]
    assert first["citizen_id"] == "FIKTIV-B000001"
    assert len(tables["workplaces"]) == 162
    assert int(tables["openings"]["seats"].sum()) == 531


def test_more_openings_leave_the_citizens_as_they_are():
    few, many = make(SMALL), make(SMALL, openings=90)
    for name in ("citizens", "caseworkers", "courses", "places", "audit_groups"):
        assert equal(few, many, name), name


def test_scarcity_factors_touch_their_own_table_alone():
    base = make(SMALL)
    changed = {
        "class_seats": {"teams"},
        "mentor_hours": {"mentor_pools"},
        "course_seats": {"courses"},
        "caseload": {"caseworkers"},
        "budgets": set(),
    }
    for factor, tables in changed.items():
        other = make(SMALL, **{factor: 2.0})
        assert {name for name in TABLES if not equal(base, other, name)} == tables, factor


@pytest.mark.parametrize("size", [0, 1, 50])
@pytest.mark.parametrize("openings", [0, 1, 50])
def test_any_size_gives_valid_records(size, openings):
    made = problem(Population(citizens=size, openings=openings))
    assert len(made["citizens"]) == size
    assert len(made["openings"]) == openings
    for name in TABLES:
        made.all_records(name)


@pytest.mark.parametrize("seed", daily(1, [2026, 0, 1]))
def test_every_row_of_the_aarhus_week_is_a_valid_record(seed):
    made = drawn(Population("Aarhus", seed=seed))
    for name, table in TABLES.items():
        made.all_records(name)
        assert not made[name].duplicated(list(table.key)).any(), name


@pytest.mark.parametrize("day", [dt.date(2022, 1, 3), dt.date(2024, 3, 4), dt.date(2025, 7, 1)])
def test_benefits_have_the_names_of_the_day(day):
    made = problem(Population(citizens=200, openings=40, today=day))
    names = set(made["citizens"]["benefit"])
    before = {"transition", "cash", "education"}
    after = {"minimum_rate", "raised_rate", "basic_rate"}
    assert names - {"other"} == (before if day < dt.date(2025, 7, 1) else after)
    assert (made["courses"]["ready_on"] > pd.Timestamp(day)).all()


def test_all_98_municipalities_can_be_drawn():
    assert len(municipalities()) == 98
    for one in municipalities():
        spec = Population(one.code, citizens=30, openings=12)
        places = draw_places(spec)["postcode"].tolist()
        cohort, demand = draw_citizens(spec), draw_openings(spec)
        assert len(places) == len(set(places)) == len(one.districts)
        assert set(cohort.columns["postcode"]) <= set(places)
        assert set(demand.workplaces["postcode"]) <= set(places)
        assert set(cohort.columns["municipality"]) == {one.code}


@pytest.mark.parametrize(
    "name", daily(2, ["Læsø", "Faaborg-Midtfyn", "København", "Bornholm", "0740"])
)
def test_municipalities_large_and_small_make_valid_tables(name):
    made = problem(Population(name))
    for table in TABLES:
        made.all_records(table)
    places = made["places"]
    assert places["latitude"].between(54.5, 58).all()
    assert places["longitude"].between(8, 15.3).all()


def test_the_sizes_of_all_municipalities_add_up_to_the_country():
    # 22,000 citizens by inhabitants; Aarhus has its programme's 1,550 for about 1,355.
    total = sum(Population(one.code).size for one in municipalities())
    assert abs(total - 22_000) < 300
    assert Population(COUNTRY).size == 22_000


def test_the_country_has_every_municipality_within_reach_of_its_own_jobs():
    tables = make(Population(COUNTRY, citizens=3000, openings=1200))
    assert len(tables["places"]) == sum(len(one.districts) for one in municipalities())
    assert tables["citizens"]["municipality"].nunique() > 90
    home = tables["citizens"].groupby("caseworker_id")["municipality"].nunique()
    assert (home == 1).all()
    couples = tables["citizens"].dropna(subset=["household_id"]).groupby("household_id")
    assert couples["municipality"].agg(lambda codes: len(set(codes)) == 1).all()


def test_made_up_postcodes_begin_with_0_and_only_aarhus_has_real_ones():
    for one in municipalities():
        codes = [district.postcode for district in one.districts]
        assert all(code.startswith("8" if one.name == "Aarhus" else "0") for code in codes)
        assert sum(district.people for district in one.districts) == pytest.approx(1)
        assert sum(district.cohort for district in one.districts) == pytest.approx(1)


def test_every_id_says_that_it_is_made_up_and_none_looks_like_a_cpr_number():
    for name, frame in make().items():
        for column in frame.columns:
            if frame[column].dtype == "str":
                texts = frame[column].dropna()
                assert not texts.str.contains(_CPR).any(), (name, column)
                if column.endswith("_id"):
                    assert texts.str.startswith(f"{ID_PREFIX}-").all(), (name, column)


@pytest.mark.parametrize(
    "spec",
    daily(
        1,
        [
            Population(citizens=500, openings=120),
            Population(),
            Population("Odense", seed=3),
            Population(today=dt.date(2023, 5, 1), seed=4),
        ],
    ),
    ids=["part", "Aarhus", "Odense", "2023"],
)
def test_a_written_folder_has_no_issues_and_reads_back_equal(tmp_path, spec):
    address = write(tmp_path / "week", spec, danish=True, separator=";", decimal=",")
    policy = load_policy(spec.today, tmp_path / "week" / "policy.toml")
    reading = check(address, policy, spec.today)
    assert [str(issue) for issue in reading.issues] == []
    assert reading.problem.digest() == problem(spec, policy).digest()


def test_a_written_folder_says_in_two_languages_that_it_is_made_up(tmp_path):
    write(tmp_path, SMALL)
    text = (tmp_path / MARK).read_text("utf-8")
    assert "OPDIGTEDE DATA" in text
    assert "MADE-UP DATA" in text
    assert "seed 2026" in (tmp_path / "README.md").read_text("utf-8")


def test_budgets_follow_the_size():
    aarhus = load_policy(TODAY).money.budgets
    assert policy_override(Population())["money"]["budgets"] == dict(aarhus)
    assert load_policy(TODAY, policy_override(Population())).overrides == ()
    half = policy_override(Population(citizens=775))["money"]["budgets"]
    assert half["mentors"] == aarhus["mentors"] // 2
    scarce = policy_override(Population(budgets=0.5))["money"]["budgets"]
    assert scarce == half


def assert_locks_are_offers(made, book):
    """Each lock of a made-up week is an offer of it."""
    place = {key: row for row, key in enumerate(made["citizens"]["citizen_id"])}
    job = {key: row for row, key in enumerate(made["openings"]["opening_id"])}
    offered = set(zip(book.offers.citizen.tolist(), book.offers.opening.tolist(), strict=True))
    for lock in made["locks"].itertuples():
        assert (place[lock.citizen_id], job[lock.opening_id]) in offered, lock


@pytest.mark.parametrize("seed", [45, 124])
def test_a_lock_is_at_an_opening_that_can_begin(seed):
    """Days before Christmas: a job whose last day to begin comes before its first shift."""
    made = drawn(Population(citizens=700, openings=120, seed=seed, today=dt.date(2026, 12, 23)))
    assert len(made["locks"]) > 0
    assert_locks_are_offers(made, build_offers(made))


@pytest.mark.parametrize("seed", daily(1, [2026, 1, 2]))
def test_the_week_is_scarce_but_not_hopeless(seed):
    """One opening in twenty suits, one citizen in three has none, and locks can be honoured."""
    made = drawn(Population("Aarhus", seed=seed))
    book = build_offers(made)
    citizens, openings = len(made["citizens"]), len(made["openings"])
    assert 30_000 < len(book.offers) < 90_000
    assert 0.03 < book.tally.feasible.sum() / (citizens * openings) < 0.08
    assert 0.25 < (book.tally.feasible == 0).mean() < 0.40
    assert len(made["locks"]) > 0
    assert_locks_are_offers(made, book)
    locks = made["locks"]
    assert locks["citizen_id"].is_unique
    for other in ("running", "forbids", "previous"):
        assert not set(locks["citizen_id"]) & set(made[other]["citizen_id"]), other


@pytest.mark.parametrize(
    ("municipality", "seed"),
    daily(1, [("Aarhus", 2026), ("Aarhus", 1), ("Odense", 2026), ("Vejle", 7)]),
)
def test_help_for_people_is_what_is_scarce(municipality, seed):
    """As in Aarhus: welfare seats stand empty, mentors and class seats are used up.

    The targets are those of docs/made-up-weeks.md.
    """
    made = drawn(Population(municipality, seed=seed))
    solution = solve(made)
    plan, model = solution.plan, solution.model
    assert plan.proven
    placed = len(plan.placements)
    assert 0.14 <= placed / len(made["citizens"]) <= 0.23
    openings = made["openings"].merge(made["workplaces"], on="workplace_id")
    seats = openings.groupby(openings["sector"] == "municipal")["seats"].sum()
    municipal = set(openings.loc[openings["sector"] == "municipal", "opening_id"])
    there = sum(one.opening_id in municipal for one in plan.placements)
    assert 0.40 <= placed / seats.sum() <= 0.65
    assert 0.25 <= there / seats[True] <= 0.60
    used = model.program.uses @ np.isin(np.arange(len(solution.book.offers)), solution.chosen)
    for rule, least in (("mentor_hours", 0.80), ("team_seats", 0.65)):
        rows = np.array(model.rules) == rule
        assert used[rows].sum() / model.capacity[rows].sum() >= least, rule


def test_running_placements_leave_seats_and_ratio_places_free():
    from matcher.capacity import remaining

    free = remaining(problem(Population(seed=5)))
    assert len(free.running["row"]) > 5
    assert (free[OPENING_SEATS] >= 0).all()
    assert (free[WORKPLACE_RATIO] >= 0).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"municipality": "Aahus"}, "'Aahus' is not a municipality"),
        ({"municipality": "0752"}, "'0752' is not a municipality"),
        ({"citizens": -1}, "citizens = -1; expected a whole number, 0 or more"),
        ({"openings": 2_000_000}, "999,999 at most"),
        ({"caseload": -0.5}, "caseload = -0.5; expected a factor, 0 to 1000"),
    ],
)
def test_impossible_wishes_are_refused_with_the_value(changes, message):
    with pytest.raises(OptionError, match=re.escape(message)):
        Population(**changes)


def test_names_and_codes_are_understood_in_any_case():
    assert Population("aarhus").municipalities[0].code == "0751"
    assert Population("751").municipalities[0].name == "Aarhus"
    assert len(Population("danmark").municipalities) == 98


@pytest.mark.parametrize("own", ["citizens.csv", "notes.txt"])
def test_a_folder_with_somebodys_own_files_is_refused_and_left_alone(tmp_path, own):
    (tmp_path / own).write_text("mine\n", "utf-8")
    message = f"'{tmp_path}' holds files that are not made up (there is no MADE_UP.txt in it)"
    with pytest.raises(OptionError, match=re.escape(message)):
        write(tmp_path, SMALL)
    assert [path.name for path in tmp_path.iterdir()] == [own]
    assert (tmp_path / own).read_text("utf-8") == "mine\n"


def test_a_folder_made_before_is_made_again(tmp_path):
    write(tmp_path, SMALL)
    first = (tmp_path / "citizens.csv").read_bytes()
    (tmp_path / "citizens.csv").write_text("spoilt", "utf-8")
    write(tmp_path, SMALL)
    assert (tmp_path / "citizens.csv").read_bytes() == first
