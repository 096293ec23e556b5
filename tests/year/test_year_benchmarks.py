"""The yardsticks of the year: no lived year passes hindsight, greedy is legal, quotas are kept."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.year.coverage import coverage
from benchmarks.year.greedy import greedy
from benchmarks.year.hindsight import most_starts
from benchmarks.year.ideas import PRICES
from benchmarks.year.pays import followed
from benchmarks.year.quotas import Year as QuotaYear
from benchmarks.year.worlds import SCARCE, SHORT, STRESS, equal_offers
from scenarios.population import Population
from scenarios.year import Year, YearSpec, simulate
from scenarios.year.simulate import found_town, live, policy_of_year
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


def test_what_befalls_a_world_holds_for_every_way_to_plan() -> None:
    """A way's own keys of looking ahead leave those of the world as they are, money its budgets."""
    ours, base = PRICES[1], policy_of_year(SCARCE.spec(1, 4))
    found = [policy_of_year(ours.spec(world, 1, 4)).horizon for world in STRESS]
    leaving = [0 if one is None else one.leaving_permille for one in found]
    assert base.horizon is not None
    assert leaving == [*[base.horizon.leaving_permille] * 3, 0, 100]
    assert {one.futures for one in found if one is not None} == {5}
    names = {ours.kept_as(world, 1, 4) for world in (SCARCE, *STRESS)}
    assert len(names) == 1 + len(STRESS), "none is taken for another"
    short = policy_of_year(SHORT.spec(1, 4))
    assert short.money.year_budgets
    assert short.money.budgets.keys() == base.money.budgets.keys(), "what is left a week as well"
    assert all(short.money.budgets[line] > some for line, some in base.money.budgets.items())
