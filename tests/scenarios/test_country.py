"""The country as the weeks of its municipalities: nothing used twice, nothing lost, one page."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.ledger import Ledger
from matcher.problem import Problem
from matcher.records import MentorPool, Place, Running
from matcher.tables import write_folder
from scenarios.country import LeftOut, Ran, split, summary, write_summary
from scenarios.country.split import MunicipalityWeek, apportioned
from scenarios.population import Population
from scenarios.population import problem as made_up
from tests.commands import jobmatch
from tests.weeks import TODAY, citizen, opening, team, week, workplace

COUNTRY = Population("all", citizens=300, openings=100)


@pytest.fixture(scope="module")
def country() -> Problem:
    return made_up(COUNTRY)


@pytest.fixture(scope="module")
def divided(country: Problem) -> tuple[tuple[MunicipalityWeek, ...], LeftOut]:
    """The weeks of its municipalities, and what is in none of them."""
    return split(country)


def test_every_row_is_in_one_week_and_every_unit_is_given_once(
    country: Problem, divided: tuple[tuple[MunicipalityWeek, ...], LeftOut]
) -> None:
    """Citizens, workplaces, openings, classes, pools, running placements; seats, hours, budgets."""
    parts, left_out = divided
    assert left_out == LeftOut()
    assert len(parts) == country["citizens"]["municipality"].nunique()
    for name, key in (("citizens", "citizen_id"), ("audit_groups", "citizen_id"),
                      ("running", "citizen_id"), ("locks", "citizen_id")):  # fmt: skip
        ids = pd.concat([part.tables[name] for part in parts])[key]
        assert sorted(ids) == sorted(country[name][key])
    for part in parts:
        assert set(part.tables["citizens"]["municipality"]) == {part.municipality}
    for name, key, unit in (("openings", "opening_id", "seats"), ("courses", "course_id", "seats"),
                            ("mentor_pools", "pool_id", "hours")):  # fmt: skip
        given = pd.concat([part.tables[name] for part in parts]).groupby(key)[unit].sum()
        whole = country[name].set_index(key)[unit]
        # A place in which nobody of the programme lives has pools and openings, and no week.
        assert (given == whole.reindex(given.index)).all(), name
    for line, amount in country.policy.money.budgets.items():
        assert sum(part.policy.money.budgets[line] for part in parts) == amount


def test_a_part_is_a_week_that_can_be_read(
    country: Problem, divided: tuple[tuple[MunicipalityWeek, ...], LeftOut]
) -> None:
    """Every table is whole, and each part has another digest."""
    parts, _ = divided
    made = [Problem(part.tables, part.policy, country.today) for part in parts[:3]]
    assert len({one.digest() for one in made}) == 3


def places(*rows: tuple[str, str | None]) -> list[Place]:
    """Postcodes and whose they are."""
    return [
        Place(postcode=code, latitude=56.0, longitude=10.0, municipality=whose)
        for code, whose in rows
    ]


def test_a_placement_across_the_border_is_kept_and_used_once() -> None:
    """Hand-made: B1 of East runs at West's O1, which has 3 seats: West has 2 left, East the 1."""
    tables = {
        "citizens": [
            citizen("B1", municipality="East", postcode="0002"),
            citizen("B2", municipality="West", postcode="0001"),
        ],
        "workplaces": [workplace("A1", postcode="0001"), workplace("A2", postcode="0002")],
        "openings": [opening("O1", workplace_id="A1", seats=3), opening("O2", workplace_id="A2")],
        "running": [
            Running(
                citizen_id="B1",
                opening_id="O1",
                measure="work_practice",
                start=dt.date(2026, 11, 2),
                team_id="H1",
                pool_id="M1",
                mentor_hours=1.0,
            )
        ],
        "teams": [team("H1", seats=2, postcode="0001", blocks="Mon 09:00-12:00")],
        "mentor_pools": [MentorPool(pool_id="M1", hours=5.0, municipality="West")],
        "places": places(("0001", "West"), ("0002", "East")),
    }
    parts, left_out = split(week(**tables))
    east, west = parts
    assert (east.municipality, west.municipality) == ("East", "West")
    assert left_out == LeftOut()
    seats = {
        part.municipality: part.tables["openings"].set_index("opening_id")["seats"].to_dict()
        for part in parts
    }
    assert seats == {"East": {"O1": 1, "O2": 1}, "West": {"O1": 2}}
    assert east.tables["running"]["opening_id"].tolist() == ["O1"]
    assert west.tables["running"].empty
    taken = west.tables["workplaces"].set_index("workplace_id")["other_ratio_places"]
    assert taken["A1"] == 1
    # The hour of West's mentor that B1 has is West's to give no more, and the class seat likewise.
    assert west.tables["mentor_pools"]["hours"].tolist() == [4.0]
    assert west.tables["teams"]["seats"].tolist() == [1]
    assert east.tables["running"][["pool_id", "team_id"]].isna().all(axis=None)


def test_what_belongs_to_nobody_is_counted() -> None:
    """No municipality, a household in two, a workplace and a class nowhere."""
    tables = {
        "citizens": [
            citizen("B1", municipality="East", postcode="0002"),
            citizen("B2", municipality=None, postcode="0002"),
            citizen("B3", municipality="East", household_id="F", postcode="0002"),
            citizen("B4", municipality="West", household_id="F", postcode="0001"),
        ],
        "workplaces": [workplace("A1", postcode="0001"), workplace("A2", postcode="0002")],
        "openings": [opening("O1", workplace_id="A1"), opening("O2", workplace_id="A2")],
        "places": places(("0001", None), ("0002", "East")),
    }
    parts, left_out = split(week(**tables))
    assert [part.municipality for part in parts] == ["East"]
    assert parts[0].tables["citizens"]["citizen_id"].tolist() == ["B1"]
    assert left_out == LeftOut(no_municipality=1, two_homes=2, workplaces=1, openings=1)
    assert left_out.citizens == 3


@given(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=4),
    st.lists(st.integers(0, 500), min_size=1, max_size=6),
)
def test_units_are_shared_out_whole_and_in_proportion(
    totals: list[int], weights: list[int]
) -> None:
    """Nothing more, nothing less, nobody a whole unit from his share."""
    given_out = apportioned(np.array(totals), np.tile(weights, (len(totals), 1)))
    whole = sum(weights)
    for total, shares in zip(totals, given_out, strict=True):
        assert shares.sum() == (total if whole else 0)
        if whole:
            assert (np.abs(shares - total * np.array(weights) / whole) < 1).all()


def test_the_summary_has_a_row_for_each_and_names_what_failed(tmp_path: Path) -> None:
    """Totals over what was done; the failed one with its reason; names of the municipalities."""
    ran = [
        Ran("0751", 10, 4, waiting=9, placed=3, bound=3, proven=True, cost=100, folder="0751/r"),
        Ran("0101", 5, 0, reason="no opening"),
    ]
    document = summary(ran, LeftOut(two_homes=2), TODAY, made_up=True, language="da")
    assert (document["placed"], document["waiting"], document["failed"]) == (3, 9, 1)
    assert [row["name"] for row in document["rows"]] == ["København", "Aarhus"]
    page = write_summary(document, tmp_path).read_text("utf-8")
    assert 'href="../0751/r/report.html"' in page
    assert "Ingen plan: no opening" in page
    assert "2 borgere er ikke med i nogen uge" in page
    assert "Opdigtede data" in page
    stored = json.loads((page_folder(tmp_path) / "country.json").read_text())
    assert stored["rows"] == document["rows"]
    assert "København" in (page_folder(tmp_path) / "municipalities.csv").read_text("utf-8-sig")


def page_folder(out: Path) -> Path:
    return out / f"country-{TODAY.isoformat()}"


def test_each_municipality_has_its_own_ledger_and_one_page_leads_to_all(tmp_path: Path) -> None:
    """From the command: three municipalities on two processes; one without openings is a row."""
    tables = {
        "citizens": [
            citizen("B1", municipality="East", postcode="0002"),
            citizen("B2", municipality="West", postcode="0001"),
            citizen("B3", municipality="North", postcode="0003"),
        ],
        "workplaces": [workplace("A1", postcode="0001"), workplace("A2", postcode="0002")],
        "openings": [opening("O1", workplace_id="A1"), opening("O2", workplace_id="A2")],
        "places": places(("0001", "West"), ("0002", "East"), ("0003", "North")),
    }
    problem = week(**tables)
    write_folder(problem.tables, tmp_path / "country")
    (tmp_path / "country" / "policy.toml").write_text("[fit]\nfloor = 0\n")
    done = jobmatch(
        "run", str(tmp_path / "country"), "--each", "municipality", "--out", str(tmp_path / "runs"),
        "--on", TODAY.isoformat(), "--workers", "2", "--json",
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    document = json.loads(done.stdout)
    assert {row["municipality"]: row["placed"] for row in document["rows"]} == {
        "East": 1, "North": 0, "West": 1,
    }  # fmt: skip
    assert [row["reason"] for row in document["rows"]] == [
        "", "no opening lies in the municipality", "",
    ]  # fmt: skip
    with Ledger.open(tmp_path / "runs" / "East" / "ledger.sqlite", create=False) as ledger:
        assert [one.placed for one in ledger.runs()] == [1]
    for row in document["rows"]:
        assert bool(row["folder"]) == (tmp_path / "runs" / row["folder"] / "report.html").is_file()


def test_one_ledger_for_all_is_refused(tmp_path: Path) -> None:
    done = jobmatch("run", str(tmp_path), "--each", "municipality", "--no-ledger")
    assert done.returncode == 2
    assert "each municipality has a ledger in its own folder" in done.stderr


def test_all_names_the_country_and_the_larger_group_is_larger() -> None:
    assert Population("all").size == 22_000
    assert Population("alle", people="benefits").size == 89_800
    assert Population("Aarhus").size == 1_550
    assert Population("Aarhus", people="benefits").size > 5_000
