"""Bands are quantiles of the simulated years, a target is met when it is, levers move the years."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.errors import OptionError
from scenarios.forecast import (
    band_of,
    document_of,
    drawn_figures,
    forecast,
    levers,
    pulled,
    pulled_figures,
    series_of,
    told_prices,
    write_forecast,
)
from scenarios.population import Population
from scenarios.year import Year, YearSpec, assumed, simulate, year_assumptions
from scenarios.year.pairs import MEASURED
from tests.commands import jobmatch

DAY = dt.date(2026, 11, 23)
WEEKS = 3


def made(started: Sequence[int], **more: Any) -> Year:
    """A year by hand: starts of each week."""
    weeks = tuple(
        {"started": one, "at_work": 2 * one, "ended": {"left": 1, **more.get("ended", {})},
         "by_measure": {"igu": one // 2, "ordinary": one - one // 2},
         "waiting": 50 - one, "longest_wait": 30 + at, "priced": (at > 0) * more.get("priced", 0),
         "priced_kinds": more.get("kinds", {}) if at > 0 else {},
         "used": {"opening_seats": 1.0, "mentor_hours": 0.25 * at, "year_budget": 0.5}}
        for at, one in enumerate(started)
    )  # fmt: skip
    starts = float(sum(started))
    totals = dict.fromkeys(MEASURED, starts) | {"starts": starts, "fit": 700 * starts}
    return Year({}, weeks, totals)


@cache
def lived(seed: int, accepted: float | None = None) -> Year:
    """A tiny year on the real parts."""
    figures = {} if accepted is None else {"accepted": accepted}
    place = Population(citizens=30, openings=8, seed=seed)
    return simulate(
        YearSpec(place, weeks=WEEKS, seed=seed, citizens_a_week=1, openings_a_week=1,
                 figures=figures)
    )  # fmt: skip


def by_hand(values: Sequence[float], p: float) -> float:
    """The quantile (n + 1) p of sorted values, between its neighbours; the ends beyond them."""
    rows = sorted(values)
    place = min(max((len(rows) + 1) * p, 1), len(rows))
    below = int(place)
    above = min(below + 1, len(rows))
    return rows[below - 1] + (place - below) * (rows[above - 1] - rows[below - 1])


def test_bands_are_quantiles_of_the_simulated_years() -> None:
    """Recomputed from the weeks of nine real years; starts and ends only ever grow."""
    years = [lived(seed) for seed in range(1, 10)]
    found = forecast(years, DAY)
    assert found.years == 9
    assert sum(year.totals["starts"] for year in years) > 9
    for week in range(WEEKS):
        starts = [sum(one["started"] for one in year.weeks[: week + 1]) for year in years]
        running = [year.weeks[week]["at_work"] for year in years]
        for name, values in (("started", starts), ("running", running)):
            band = found.bands[name]
            for p, told in ((0.1, band.low), (0.5, band.middle), (0.9, band.high)):
                assert told[week] == pytest.approx(by_hand(values, p), abs=0.01)
    for name, band in found.bands.items():
        assert all(a <= b <= c for a, b, c in zip(band.low, band.middle, band.high, strict=True))
        if name.partition(".")[0] in {"started", "ended"}:
            for row in (band.low, band.middle, band.high):
                assert list(row) == sorted(row), name
    measures = [values for name, values in series_of(years).items() if name.startswith("started.")]
    assert (sum(measures) == series_of(years)["started"]).all()


def written(found: Any, folder: Path, language: str = "en", **more: Any) -> str:
    """The page of a forecast."""
    document = document_of(found, (), language, made_up=True, figures={}, drawn=True, **more)
    return write_forecast(document, found, (), folder, more.get("priced")).read_text("utf-8")


def cells(page: str, section: str, table: int = 0) -> list[list[str]]:
    """Cells of the rows of a table of a section, its head left out."""
    there = page.split(f'id="{section}"')[1].split("</section>")[0]
    rows = there.split("<table")[table + 1].split("<tr>")[2:]
    return [re.findall(r"<t[dh][^>]*>([^<]*)<", re.sub(r"\s*%", "%", row)) for row in rows]


def test_the_page_draws_what_is_left_and_who_waits(tmp_path: Path) -> None:
    """Of the middle year of nine alike, week by week; each resource has its drawing."""
    found = forecast([made([1, 2, 3])] * 9, DAY)
    assert found.bands["used.mentor_hours"].middle == (0, 25, 50)
    assert found.bands["longest_wait"].high == (30, 31, 32)
    assert "used.opening_seats" not in found.bands, "one for each opening: no resource to follow"
    for language, said in (
        ("en", ("mentor hours", "The longest wait")),
        ("da", ("mentortimer", "Den længste ventetid")),
    ):
        page = written(found, tmp_path / language, language)
        assert all(one in page for one in said)
        assert [row[1:] for row in cells(page, "resources")] == [
            ["49", "0%", "50%"], ["48", "25%", "50%"], ["47", "50%", "50%"],
        ]  # fmt: skip
        there = page.split('id="resources"')[1].split("</section>")[0]
        assert there.count("<svg") == 3, "who waits, mentor hours, the year's budget"
        assert 'id="prices"' not in page
        assert 'id="earlier"' not in page


def test_the_page_says_what_was_priced_and_what_came_of_it(tmp_path: Path) -> None:
    """Nine years alike but for their starts; 2 of 3 weeks had prices, 6 starts became 6 to 14.

    The mean difference is 4, from 0 to 8; the bootstrap's interval lies within.
    """
    without = [made([1, 2, 3])] * 9
    kinds = {"mentor_hours": 3, "team_seats": 1}
    priced = [made([1, 2, 3 + more], priced=4, kinds=kinds) for more in range(9)]
    told = told_prices(without, priced)
    assert {name: band.middle for name, band in told.weeks.items()} == {
        "any": (2,), "mentor_hours": (2,), "team_seats": (2,),
    }  # fmt: skip
    starts = told.pairs["starts"]
    assert (starts.before, starts.after, starts.difference, starts.worst) == (6, 10, 4, 0)
    assert starts.low is not None
    assert 1 < starts.low < 4 < starts.high < 7
    assert told.verdict == "pays"
    found = forecast(priced, DAY)
    for language, said in (
        ("en", ("In 2 of 3 weeks of the middle year", "mentor hours in 2", "It pays here")),
        ("da", ("I 2 af 3 uger i det midterste år", "mentortimer i 2", "Det betaler sig her")),
    ):
        page = written(found, tmp_path / language, language, priced=told)
        assert all(one in page for one in said)
        assert [row[1:] for row in cells(page, "prices")] == [["2", "2", "2"]] * 3
        rows = {row[0]: row[1:] for row in cells(page, "prices", 1)}
        mark = "." if language == "en" else ","
        name = {"en": "starts", "da": "påbegyndte"}[language]
        before, after, difference, interval, worst = rows[name]
        assert (before, after, difference, worst) == (
            f"6{mark}0", f"10{mark}0", f"+4{mark}0", f"+0{mark}0",
        )  # fmt: skip
        assert interval.startswith("+")
    content = json.loads((tmp_path / "en" / f"forecast-{DAY}" / "forecast.json").read_text("utf-8"))
    assert content["prices"]["weeks"]["team_seats"] == {"low": 2, "middle": 2, "high": 2}
    assert content["prices"]["pairs"]["starts"]["difference"] == 4


def test_years_kept_before_kinds_were_told_say_how_many_weeks_alone(tmp_path: Path) -> None:
    """And years in which nothing had a price say so."""
    old = [made([1, 2, 3], priced=4)] * 9
    told = told_prices(old, old)
    assert list(told.weeks) == ["any"]
    page = written(forecast(old, DAY), tmp_path, priced=told)
    assert "In 2 of 3 weeks of the middle year, what is held had a price for later weeks." in page
    none = [made([1, 2, 3])] * 9
    page = written(forecast(none, DAY), tmp_path, priced=told_prices(none, none))
    assert "Nothing had a price" in page


def test_a_target_has_a_line_where_the_band_is_not_flat_beside_it(tmp_path: Path) -> None:
    """Six starts: 6 and 12 are drawn, met or not; 40 would leave nothing to be seen."""
    years = [made([1, 2, 3])] * 9
    for target, lines in ((6, 1), (12, 1), (40, 0)):
        page = written(forecast(years, DAY, target=target), tmp_path)
        assert page.count('class="level"') == lines, target
        assert ("to reach: 12" in page) == (target == 12)


def test_fewer_accept_and_fewer_start_in_the_same_years() -> None:
    """Same people, same jobs, same luck."""
    pairs = [(lived(seed), lived(seed, 0.2)) for seed in (1, 2, 3)]
    assert all(few.totals["starts"] <= as_assumed.totals["starts"] for as_assumed, few in pairs)
    assert sum(few.totals["starts"] for _, few in pairs) < 0.7 * sum(
        as_assumed.totals["starts"] for as_assumed, _ in pairs
    )


def test_an_eighty_per_cent_band_holds_eighty_per_cent_of_other_years() -> None:
    """Of any size from the fewest years on; the usual quantiles would hold too few."""
    draw = np.random.Generator(np.random.PCG64(5))
    for many in (9, 20):
        values = draw.gamma(4.0, 30.0, size=(many + 1, 8000))
        band = band_of(values[:many])
        held = (values[many] >= np.array(band.low)) & (values[many] <= np.array(band.high))
        assert held.mean() == pytest.approx(0.8, abs=0.015), many
        low, high = np.quantile(values[:many], [0.1, 0.9], axis=0)
        assert ((values[many] >= low) & (values[many] <= high)).mean() < 0.77


def test_the_week_in_which_a_target_is_met() -> None:
    """Ten years: five reach 4 in week 1, three more in week 2, two never."""
    years = [made([1, 3, 0, 0])] * 5 + [made([1, 1, 2, 0])] * 3 + [made([1, 0, 0, 0])] * 2
    goal = forecast(years, DAY, target=4).target
    assert goal is not None
    assert goal.met == (0, 5, 8, 8)
    assert (goal.half, goal.most) == (1, 2)
    assert (goal.by, goal.met_by) == (3, 8)
    goal = forecast(years, DAY, target=4, by=DAY + dt.timedelta(days=13)).target
    assert goal is not None
    assert (goal.by, goal.met_by) == (1, 5)
    goal = forecast(years, DAY, target=5).target
    assert goal is not None
    assert (goal.half, goal.most, goal.met_by) == (None, None, 0)
    goal = forecast(years, DAY, target=5, already=1).target
    assert goal is not None
    assert goal.met == (0, 5, 8, 8)
    goal = forecast([*years[:7], *[made([0, 0, 0, 0])] * 3], DAY, target=4).target
    assert goal is not None
    assert (goal.half, goal.most) == (1, None)


@pytest.mark.parametrize("days", [-1, 28])
def test_a_day_outside_the_weeks_ahead_is_refused(days: int) -> None:
    with pytest.raises(OptionError, match="2026-11-23 to 2026-12-20"):
        forecast([made([1, 0, 0, 0])] * 9, DAY, target=4, by=DAY + dt.timedelta(days=days))


def test_of_too_few_years_there_is_no_forecast() -> None:
    with pytest.raises(OptionError, match="9 simulated years"):
        forecast([made([1])] * 8, DAY)


def test_what_is_assumed_is_drawn_from_its_range() -> None:
    """Inside it, around its value, the same for a seed; what is known stays."""
    known = {one.name: one for one in year_assumptions()}
    draws = [drawn_figures(seed) for seed in range(400)]
    for name in draws[0]:
        values = [one[name] for one in draws]
        low, high = known[name].low, known[name].high
        assert low <= min(values) < max(values) <= high
        assert np.mean(values) == pytest.approx((low + known[name].value + high) / 3, rel=0.08)
    assert {"accepted", "openings_a_week", "leaving.ordinary"} <= set(draws[0])
    assert not {"reasons", "support_weeks", "seen_weeks"} & set(draws[0])
    other = drawn_figures(7, {"accepted": 0.6})
    assert other.pop("accepted") == 0.6
    assert other.items() <= draws[7].items()


def test_levers_move_one_thing_each() -> None:
    """And nothing else of the year; a share stays one."""
    spec = YearSpec(Population(citizens=30, openings=8, seed=3), weeks=3, seed=3)
    for lever in levers():
        after = pulled(spec, lever)
        back = replace(
            after,
            population=replace(after.population, **{lever.place: 1.0}) if lever.place
            else after.population,
            way=spec.way if lever.way else after.way,
            figures={} if lever.figure else after.figures,
        )  # fmt: skip
        assert after.digest() != spec.digest() == back.digest(), lever.name
    by_name = {one.name: one for one in levers()}
    assert pulled_figures(by_name["accept"], {"accepted": 0.97})["accepted"] == 1
    assert pulled_figures(by_name["openings"], {})["openings_a_week"] == pytest.approx(
        assumed()["openings_a_week"] * by_name["openings"].times
    )


@pytest.fixture
def by_spec(monkeypatch: pytest.MonkeyPatch) -> list[YearSpec]:
    """Years by hand instead of lived ones: starts follow acceptance; what was asked is kept."""
    asked: list[YearSpec] = []

    def instead(specs: Sequence[YearSpec], *_: Any, **__: Any) -> list[Year]:
        asked.extend(specs)
        return [
            made([round(10 * assumed(one.figures)["accepted"]) + one.seed % 3] * one.weeks)
            for one in specs
        ]

    monkeypatch.setattr("scenarios.year.many.simulate_many", instead)
    return asked


def test_the_command_says_whether_and_when_and_writes_a_page(
    by_spec: list[YearSpec], tmp_path: Path
) -> None:
    """Ten years of 6, 7 or 8 starts a week: 30 are reached in week 4 at the earliest, 5 by all."""
    done = jobmatch("forecast", "--target", 30, "--weeks", 5, "--years", 10, "--accept", 60,
                    "--on", DAY, "--levers", cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "In 10 of 10 simulated years, 30 placements have started by 2026-12-21" in done.stdout
    assert "Half of the years have reached it by 2026-12-21, eight of ten by 2026-12-21" in (
        done.stdout
    )
    assert "10 percentage points more of the proposals accepted: +5.0 starts" in done.stdout
    assert [one.figures["accepted"] for one in by_spec[:10]] == [0.6] * 10
    assert len({one.figures["no_show"] for one in by_spec[:10]}) == 10
    assert len(by_spec) == 10 * (1 + len(levers()))
    folder = tmp_path / "forecasts" / "forecast-2026-11-23"
    page = (folder / "report.html").read_text("utf-8")
    drawn = "started, running, ended, the longest wait; who waits and two resources"
    assert page.count('<svg class="curve"') == 7, drawn
    assert page.count('<polygon class="band"') == 7
    assert 'id="prices"' in page, "the lever that plans with prices says what came of it"
    assert "<script" not in page
    assert "://" not in page
    assert "Made-up data" in page
    content = json.loads((folder / "forecast.json").read_text("utf-8"))
    assert content["bands"]["started"]["middle"] == [7, 14, 21, 28, 35]
    assert content["target"]["met_by"] == 10
    assert {one["lever"] for one in content["levers"]} == {one.name for one in levers()}
    assert (folder / "forecast.csv").read_text("utf-8").count("\n") > 5 * 3


def test_the_command_speaks_danish_and_gives_data(by_spec: list[YearSpec], tmp_path: Path) -> None:
    """Figures that are fixed are the same in every year."""
    asked = ("forecast", "--target", 1000, "--weeks", 5, "--years", 9, "--on", DAY, "--fixed")
    done = jobmatch(*asked, "--lang", "da", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "I ingen af 9 simulerede år er 1.000 forløb begyndt senest den 21-12-2026." in (
        done.stdout
    )
    assert all(not one.figures for one in by_spec)
    page = (tmp_path / "forecasts" / "forecast-2026-11-23" / "report.html").read_text("utf-8")
    assert 'lang="da"' in page
    assert "Begyndte forløb" in page
    levers_too = jobmatch(*asked, "--levers", "--lang", "da", cwd=tmp_path).stdout
    assert "50 % færre, der ikke møder op den første dag: +0,0 begyndte forløb" in levers_too
    told = json.loads(jobmatch(*asked, "--json", cwd=tmp_path).stdout)
    assert told["target"]["half"] is None
    assert told["drawn"] is False
    assert Path(tmp_path / told["page"]).is_file()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--years", "8"), "9 simulated years"),
        (("--until", "2026-12-01"), "--target"),
        (("--already", "3"), "--target"),
        (("--accept", "60", "--figure", "accepted=0.5"), "one of them"),
        (("--target", "5", "--until", "2030-01-01"), "--until 2030-01-01"),
        (("--figure", "acepted=0.5"), "acepted"),
        (("--way", "best"), "--way best"),
        (("--way", "exact", "--way", "prices"), "one way"),
        (("--target", "5", "--until", "2026-13-01"), "--until 2026-13-01"),
    ],
)
def test_what_is_asked_wrongly_is_said_before_years_are_lived(
    asked: tuple[str, ...], said: str, by_spec: list[YearSpec], tmp_path: Path
) -> None:
    done = jobmatch("forecast", *asked, "--on", DAY, cwd=tmp_path)
    assert done.returncode in {1, 2}
    assert said in done.stderr
    assert by_spec == []
    assert list(tmp_path.iterdir()) == []


def test_years_with_prices_are_lived_without_them_too(
    by_spec: list[YearSpec], tmp_path: Path
) -> None:
    """Whoever asks for the way with prices sees what they brought; the lever is none then."""
    done = jobmatch("forecast", "--way", "prices", "--weeks", 3, "--years", 9, "--on", DAY,
                    "--levers", "--lang", "da", cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [one.way for one in by_spec[:18]] == ["prices"] * 9 + ["exact"] * 9
    assert all(one.way == "prices" for one in by_spec[18:])
    assert len(by_spec) == 9 * (2 + len(levers()) - 1)
    assert "Med priser, holdt op mod de samme år uden:\n  påbegyndte: +0,0" in done.stdout
    assert done.stdout.count("planlægges med priser") == 0


def test_all_that_is_asked_wrongly_is_said_at_once(by_spec: list[YearSpec], tmp_path: Path) -> None:
    """Which option, which value, what was expected, what to try; in Danish with a comma."""
    done = jobmatch("forecast", "--years", "3", "--already", "3", "--accept", "60", "--way", "x",
                    "--figure", "accepted=60", "--figure", "acepted=0,5", "--figure", "no_show",
                    "--figure", "seen_weeks=2,5", "--figure", "reasons=0,2",
                    "--figure", "leaving.igu=-1", "--lang", "da", cwd=tmp_path)  # fmt: skip
    assert done.returncode == 2
    assert by_spec == []
    lines = done.stderr.splitlines()
    said = ("--way x", "no_show: skriv NAVN=VÆRDI", "60 % skrives accepted=0,6",
            "mente du accepted?", "seen_weeks=2,5: skriv hele uger", "reasons: det er en fordeling",
            "leaving.igu=-1: det er en andel", "--accept og --figure", "mindst 9 simulerede år",
            "angiv også --target")  # fmt: skip
    for one in said:
        assert sum(one in line for line in lines) == 1, one
    assert len(lines) == len(said)
