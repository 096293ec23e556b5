"""The yardsticks of the year: no lived year passes hindsight, greedy is legal, quotas are kept."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.year.alone import Alone, Gain
from benchmarks.year.coverage import coverage
from benchmarks.year.greedy import greedy
from benchmarks.year.hindsight import bound_at, bounds_of, good_prices, season_of, told_apart
from benchmarks.year.ideas import EXACT, PRICES
from benchmarks.year.knowing import Knowing
from benchmarks.year.pays import OURS, alike_name, followed, null_worlds, points_of
from benchmarks.year.quotas import Year as QuotaYear
from benchmarks.year.worlds import SCARCE, SHORT, STRESS, equal_offers, live_alike
from matcher.offers import build_offers, weeks_left
from matcher.problem import Problem
from scenarios.population import Population
from scenarios.year import Year, YearSpec, simulate
from scenarios.year.assumed import assumed
from scenarios.year.many import live_many
from scenarios.year.simulate import found_town, live, policy_of_year
from scenarios.year.town import Town
from scenarios.year.ways import WAYS, Chosen, choose

PLACE = Population(citizens=50, openings=12, seed=4)
SPEC = YearSpec(PLACE, weeks=4, citizens_a_week=3, openings_a_week=2)


SURE = {
    "accepted": 1.0, "undecided": 0.0, "no_show": 0.0, "leaves_waiting": 0.0,
    "filled_elsewhere": 0.0, "to_work": 0.0,
    **{name: 0.0 for name in assumed() if name.startswith("leaving.")},
}  # fmt: skip
"""Figures of a year without luck."""
ONCE = {**SURE, "accepted": 0.7, "undecided": 0.1}


def alike(
    citizens: int, openings: int, *, seed: int = 1, weeks: int = 520, **figures: float
) -> Town:
    """A town of people and openings that are all there from the first week and all alike.

    Its measures last for so many weeks.
    """
    town = equal_offers(found_town(SPEC))
    tables = dict(town.stream.tables)
    tables["citizens"] = tables["citizens"].head(citizens)
    tables["openings"] = tables["openings"].head(openings).assign(seats=1)
    tables["mentor_pools"] = tables["mentor_pools"].assign(hours=1000.0)
    stream = replace(
        town.stream, tables=tables,
        citizen_week=np.zeros(citizens, dtype=np.int64),
        opening_week=np.zeros(openings, dtype=np.int64),
    )  # fmt: skip
    budgets = dict.fromkeys(town.policy.money.budgets, 10**7)
    money = town.policy.money.model_copy(update={"budgets": budgets})
    measures = {
        name: one.model_copy(
            update={"weeks": dict.fromkeys(one.weeks, weeks), "weeks_used": "practice"}
        )
        for name, one in town.policy.measures.items()
    }
    policy = town.policy.model_copy(update={"money": money, "measures": measures})
    return Town(stream, policy, {**town.figures, **SURE, **figures}, seed)


def most_starts(town: Town, weeks: int) -> float:
    """Bound the starts of a town."""
    return bounds_of(town, weeks).starts


@pytest.mark.thorough
def test_no_way_to_plan_passes_hindsight_on_average() -> None:
    """Years of other luck, held against their bounds mean against mean, in starts and in points."""
    specs = [replace(SPEC, seed=seed) for seed in range(3)]
    bounds = [asdict(bounds_of(found_town(spec), spec.weeks)) for spec in specs]
    most = {name: np.mean([one[name] for one in bounds]) for name in ("starts", "points")}
    for way, plan in [*((way, None) for way in WAYS), ("exact", greedy)]:
        years = [simulate(replace(spec, way=way), plan=plan).totals for spec in specs]
        points = [points_of(year, one) for year, one in zip(years, bounds, strict=True)]
        assert 0 < np.mean([year["starts"] for year in years]) <= most["starts"]
        assert 0 < np.mean(points) <= most["points"]


def test_without_luck_and_with_enough_of_everything_all_who_can_start_do() -> None:
    """Not one more: the bound is their number, and the exact plan reaches it."""
    town = alike(10, 12)
    able = len(np.unique(season_of(town, 4).proposals.citizen))
    assert able == 10
    assert most_starts(town, 4) == pytest.approx(able, rel=1e-3)
    lived = live(alike(10, 12), 4, {}, partial(choose, "exact"))
    assert lived.totals["starts"] == able
    # Nobody leaves: three seats are three starts.
    assert most_starts(alike(10, 3), 4) == pytest.approx(3, rel=1e-3)


def test_who_knows_what_comes_reaches_hindsight_where_there_is_no_luck() -> None:
    """Nothing parts the two but luck, here none; nor does it plan what a week has no room for."""
    for openings, most in ((12, 10), (3, 3)):
        town = alike(10, openings)
        way = Knowing(town, 4, Gain(1.0))
        assert live(town, 4, {}, way).totals["starts"] == most
        assert way.bound == pytest.approx(most, rel=1e-3)


def test_who_knows_what_comes_stays_below_hindsight_on_average_and_near() -> None:
    """Years with luck, in which others fill seats and people leave: points at stake."""
    spec = SCARCE.spec(1, 4)
    reached, most = [], []
    for seed in (1, 2, 3):
        town = found_town(replace(spec, seed=seed))
        way = Knowing(town, 4, Gain(0.0, 1.0, 400.0))
        year = live(town, 4, {}, way).totals
        reached.append(year["fit"] + 400 * year["person_weeks"])
        most.append(way.bound)
    assert 0.9 * np.mean(most) < np.mean(reached) <= np.mean(most)


def test_hindsight_knows_every_offer_of_every_week() -> None:
    """Whatever runs, is barred or is used up then: with the same fit, and the same first week."""
    spec = SCARCE.spec(2, 12)
    town = found_town(spec)
    season = season_of(town, spec.weeks)
    made = season.proposals
    known = {tuple(key): at for at, key in enumerate(season.known.tolist())}
    seen = []

    def checked(town: Town, problem: Problem) -> Chosen:
        book = build_offers(problem)
        offers, day = book.offers, problem.today.toordinal()
        keys = told_apart(
            book, town.number,
            np.array([town.citizen_at[one] for one in book.encoded.citizens.ids]),
            np.array([town.opening_at[one] for one in book.encoded.openings.ids]),
        )  # fmt: skip
        begins = town.number + np.maximum(1, -(-(offers.start.astype(np.int64) - day) // 7))
        within = np.flatnonzero(begins < spec.weeks)
        at = [known[tuple(key)] for key in keys[within].tolist()]
        assert made.fit[at].tolist() == offers.fit[within].tolist()
        assert made.begins[at].tolist() == begins[within].tolist()
        left = weeks_left(book.encoded)[offers.citizen, offers.measure][within]
        assert (left <= made.left[at]).all()
        seen.append((len(at), (left < made.left[at]).sum()))
        return greedy(town, problem)

    live(town, spec.weeks, {}, checked)
    offers, shorter = np.sum(seen, axis=0)
    assert offers > 1000
    assert shorter > 0, "some have weeks of a measure behind them"


def test_hindsight_of_one_citizen_and_one_seat_is_what_can_be_had() -> None:
    """Proposed in weeks 0 and 1 of 3, the first day is in the week after.

    With a accepted, u undecided and f no-shows the first proposal starts a (1 - f). It can be made
    again where nobody decided (u) or the citizen did not turn up (a f, seen in week 1), not where
    it was rejected: that bars the pair for weeks. In all a (1 - f) (1 + u + a f).
    """
    town = alike(1, 1, **{**ONCE, "no_show": 0.2})
    best = 0.7 * 0.8 * (1 + 0.1 + 0.7 * 0.2)
    found = most_starts(town, 3)
    assert best <= found <= 1.005 * best
    season = season_of(town, 3)
    alone = Alone(season.proposals, season.holds)
    draw = np.random.default_rng(1)
    for scale in (0.01, 0.1, 1.0):
        prices = scale * draw.random(season.bind.shape)
        assert bound_at(season, alone, Gain(1.0), prices) >= best, "any prices will do"


def test_hindsight_of_two_citizens_and_one_seat_is_what_can_be_had() -> None:
    """One of them each week, the other in week 1 if the first does not accept: a + (1 - a) a."""
    found = most_starts(alike(2, 1, **ONCE), 3)
    assert 0.7 + 0.3 * 0.7 <= found <= 1.005 * (0.7 + 0.3 * 0.7)


@pytest.mark.thorough
def test_citizens_alone_are_worth_what_they_start_where_nothing_is_short() -> None:
    """Years lived through, on average: used-up weeks, no-shows, work, who leaves before and after.

    All who wait are proposed something each week, which is best where a start is all that counts;
    nobody rejects, which would bar a pair.
    """
    luck = {
        "accepted": 0.7, "undecided": 0.3, "no_show": 0.1, "to_work": 0.3, "leaves_waiting": 0.04,
        "leaving.work_practice": 0.2,
    }  # fmt: skip
    found, worth = [], []
    for seed in range(4):
        town = alike(20, 40, seed=seed, weeks=5, **luck)
        season = season_of(town, 16)
        alone = Alone(season.proposals, season.holds)
        worth.append(alone.best(Gain(1.0), np.zeros(season.bind.shape)).sum())
        found.append(live(town, 16, {}, greedy).totals["starts"])
    assert min(worth) > 20, "some begin again"
    # 80 citizens; the starts of each vary by less than 1.
    assert np.sum(found) == pytest.approx(np.sum(worth), abs=2.5 * 80**0.5)


def test_a_start_that_has_its_price_is_worth_nothing_to_a_citizen_alone() -> None:
    """Priced at all it gains, nobody is better off with it; free, each is as good as started."""
    town = alike(3, 1)
    season = season_of(town, 3)
    alone = Alone(season.proposals, season.holds)
    free = np.zeros(season.bind.shape)
    assert alone.best(Gain(1.0), free).tolist() == [1.0, 1.0, 1.0]
    assert alone.best(Gain(1.0), free + 1.0).tolist() == [0.0, 0.0, 0.0]
    assert bound_at(season, alone, Gain(1.0), free) >= bound_at(
        season, alone, Gain(1.0), good_prices(season, Gain(1.0))
    )


def test_no_bound_of_a_year_in_which_an_employer_closes() -> None:
    """Placements that end with it would free people and help that the bound does not know of."""
    with pytest.raises(ValueError, match="closes"):
        bounds_of(found_town(replace(SPEC, closing_week=2)), 4)


def test_no_bound_where_more_is_free_than_it_takes_to_be() -> None:
    """One seat for placements of two weeks, 12 weeks: exactly 4 starts, and no bound below that.

    With a notice of eight days those who are in their last week hold nothing of it, so there is
    room for more; what is over without weeks used up would be taken to hold its seat for good.
    """
    town = alike(6, 1, weeks=2)
    assert most_starts(town, 12) == pytest.approx(4, rel=1e-3)
    assert live(alike(6, 1, weeks=2), 12, {}, greedy).totals["starts"] == 4

    def changed(**changes: Any) -> Town:
        return Town(town.stream, town.policy.model_copy(update=changes), town.figures, 1)

    start = town.policy.start.model_copy(update={"notice_days": 8})
    with pytest.raises(ValueError, match="free to others"):
        bounds_of(changed(start=start), 12)
    uncounted = {name: one.model_copy(update={"weeks_used": None})
                 for name, one in town.policy.measures.items()}  # fmt: skip
    with pytest.raises(ValueError, match="uses no weeks up"):
        bounds_of(changed(measures=uncounted), 12)
    bounds_of(changed(measures=uncounted), 2)
    live(town, 1, {}, greedy)
    assert town.held
    with pytest.raises(ValueError, match="before the first week"):
        bounds_of(town, 12)


def test_where_nearly_all_accept_nobody_is_barred_less_than_never() -> None:
    """Accepted 0.98 and undecided 0.1 come to more than all: then nobody rejects."""
    barred = season_of(alike(1, 1, accepted=0.98, undecided=0.1), 4).holds[-1]
    assert barred.shape.min() == barred.shape.max() == 0


def test_reasons_that_come_to_more_than_all_bar_no_longer_than_they_are_drawn() -> None:
    """Two reasons of 0.8 each: the second is drawn in a fifth of the cases."""
    town = alike(1, 1, accepted=0.0)
    town.figures = {**town.figures, "reasons": {"hours_do_not_fit": 0.8, "care_at_home": 0.8}}
    barred = season_of(town, 20).holds[-1]
    weeks = town.policy.forbid_reasons.codes["hours_do_not_fit"].weeks
    assert barred.shape[0, 1 : weeks + 2].tolist() == pytest.approx([1.0] * weeks + [0.2])


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


def test_the_gate_of_worlds_alike_sees_what_was_priced_and_that_nothing_came_of_it(
    tmp_path: Path,
) -> None:
    """What had a price is told week by week; it alone may differ."""
    years = {alike_name(idea, 1, 2): partial(live_alike, idea.way, 1, 2) for idea in (EXACT, OURS)}
    found = list(live_many(years, tmp_path, 1).values())
    assert found[0].weeks != found[1].weeks
    *_, (said, same) = null_worlds(tmp_path, (), 2)
    assert (said.startswith("- all offers are alike: exactly 0 (1 seeds"), same) == (True, True)


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
