"""The yardsticks of the year: no lived year passes hindsight, greedy is legal, quotas are kept."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.year.coverage import coverage
from benchmarks.year.greedy import greedy
from benchmarks.year.hindsight import most_starts
from benchmarks.year.pays import followed
from benchmarks.year.quotas import Year as QuotaYear
from benchmarks.year.worlds import equal_offers
from scenarios.population import Population
from scenarios.year import Year, YearSpec, simulate
from scenarios.year.simulate import found_town, live
from scenarios.year.ways import choose

PLACE = Population(citizens=50, openings=12, seed=4)
SPEC = YearSpec(PLACE, weeks=4, citizens_a_week=3, openings_a_week=2)


def test_no_way_to_plan_passes_hindsight() -> None:
    """Greedy goes through the same check as every plan, and starts no more than the bound."""
    most = most_starts(found_town(SPEC), SPEC.weeks)
    exact, listed = simulate(SPEC), simulate(SPEC, plan=greedy)
    assert 0 < listed.totals["starts"] <= most
    assert 0 < exact.totals["starts"] <= most


def test_where_all_offers_are_alike_prices_change_nothing() -> None:
    """A null world: something is scarce and priced, and still every start is worth the same."""
    years = [
        live(equal_offers(found_town(SPEC)), 2, {}, lambda town, week, way=way: choose(
            way, town, week))
        for way in ("exact", "prices")
    ]  # fmt: skip
    assert years[0].totals == years[1].totals
    assert years[0].weeks[0]["proposals"] > 1
    assert years[1].weeks[0]["priced"] > 0


@pytest.mark.thorough
def test_prices_keep_quotas_for_those_who_gain_most() -> None:
    """A year of eight weeks: well below what the best of each week leaves to hindsight."""
    year = QuotaYear(0, 8, 1.0)
    best = year.hindsight()
    exact, prices = year.live("exact"), year.live("prices", 2)
    assert exact[0] < prices[0] <= best
    assert best - prices[0] < 0.75 * (best - exact[0])
    assert exact[1] <= year.families.persons.sum()
    assert year.prices(7, year.quota, 2).tolist() == np.zeros(len(year.quota)).tolist()


def test_coverage_of_a_band_is_counted_on_years_it_has_not_seen() -> None:
    """Years alike: near 80 %; weeks in which all are equal do not count, any band holds them."""
    draw = np.random.Generator(np.random.PCG64(3))
    values = draw.poisson(400, size=(40, 1500))
    assert 0.78 < coverage(values, 3) < 0.83
    assert coverage(np.hstack([np.zeros_like(values), values]), 3) == coverage(values, 3)


def test_years_kept_before_weeks_were_followed_are_left_out_of_them() -> None:
    """They say nothing of it: not 0."""
    old = Year({}, (), {"starts": 9})
    new = [Year({}, (), {"starts": 9, "followed": weeks}) for weeks in (100, 130)]
    assert followed([old], [new[0]]) == ""
    said = followed([old, new[0]], [new[0], new[1]])
    assert "+30.0" in said
    assert "of 100.0 (1 seeds)" in said
