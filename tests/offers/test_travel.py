"""The way to work: great circles, modes, and times that were measured."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from matcher.offers.travel import EARTH_KM, MODES, ways
from matcher.policy import load_policy
from matcher.problem import Problem
from matcher.records import Place, TravelTime
from tests.weeks import TODAY, policy

# One tenth of a degree of latitude is a tenth of 6371.0088 km x pi / 180 = 111.19508 km, that is
# 11.119508 km; of longitude at 56 degrees north cos(56) = 0.5591929 of it, 6.217950 km.
PLACES = (
    Place(postcode="1000", latitude=56.0, longitude=10.0),
    Place(postcode="2000", latitude=56.1, longitude=10.0),
    Place(postcode="3000", latitude=56.0, longitude=10.1),
)
NONE, CAR, BICYCLE, BOTH = range(4)
"""Kinds of traveller: has_car + 2 x has_bicycle."""


class Way(NamedTuple):
    """Minutes and mode from one place to another."""

    minutes: int
    mode: str


def way(home: str, work: str, traveller: int, *times: TravelTime, **rules: Any) -> Way:
    """The quickest way of a traveller."""
    rules = {"least_km": load_policy(TODAY).travel.least_km, **rules}
    problem = Problem.from_records(
        policy({"travel": rules}), TODAY, places=PLACES, travel_times=times
    )
    found = ways(problem)
    at = (traveller, int(home) // 1000 - 1, int(work) // 1000 - 1)
    return Way(int(found.minutes[at]), MODES[found.mode[at]])


def measured(home: str, work: str, mode: str, minutes: int) -> TravelTime:
    """A measured time."""
    return TravelTime(from_postcode=home, to_postcode=work, mode=mode, minutes=minutes)


def test_the_earth_is_round_and_of_its_mean_size() -> None:
    """At 60 km/h without detour or waiting minutes are kilometres, rounded up: 11.12 and 6.22 km.

    At 0.12 km/h a minute is two metres: 5559.754 minutes north and 3108.975 east.
    """
    plain = {"detour_percent": 100, "car_fixed_minutes": 0}
    assert way("1000", "2000", CAR, car_kmh=60, **plain) == (12, "car")
    assert way("1000", "3000", CAR, car_kmh=60, **plain) == (7, "car")
    slow = {**plain, "car_kmh": 0.12, "transit_kmh": 0.001}
    assert way("1000", "2000", CAR, **slow) == (5560, "car")
    assert way("1000", "3000", CAR, **slow) == (3109, "car")
    assert EARTH_KM == 6371.0088


@pytest.mark.parametrize(
    ("work", "traveller", "expected"),
    [
        # North, 11.1195 km x 1.3: by car ceil(21.683) + 5, by bus ceil(39.424) + 12; by bicycle
        # ceil(57.82) is more than the 45 minutes anybody cycles.
        ("2000", NONE, Way(52, "transit")),
        ("2000", CAR, Way(27, "car")),
        ("2000", BICYCLE, Way(52, "transit")),
        ("2000", BOTH, Way(27, "car")),
        # East, 6.21795 km x 1.3: by car ceil(12.125) + 5, by bicycle ceil(32.333) and nothing
        # added, by bus ceil(22.045) + 12.
        ("3000", NONE, Way(35, "transit")),
        ("3000", CAR, Way(18, "car")),
        ("3000", BICYCLE, Way(33, "bicycle")),
        ("3000", BOTH, Way(18, "car")),
        # A postcode is no point: 1.5 km x 1.3 by bus ceil(5.318) + 12, by car ceil(2.925) + 5, by
        # bicycle ceil(7.8).
        ("1000", NONE, Way(18, "transit")),
        ("1000", CAR, Way(8, "car")),
        ("1000", BICYCLE, Way(8, "bicycle")),
        ("1000", BOTH, Way(8, "car")),
    ],
)
def test_the_quickest_mode_one_has_is_taken(work: str, traveller: int, expected: Way) -> None:
    """Bus and train for everybody, car and bicycle for those who have one."""
    assert way("1000", work, traveller) == expected
    # An estimate is the same in both directions.
    assert way(work, "1000", traveller) == expected


def test_the_least_is_the_policys_and_longer_ways_do_not_know_it() -> None:
    """3 km x 1.3 by bicycle ceil(15.6); none: no way at home. 6.2 km stay 6.2 km."""
    assert way("1000", "1000", BICYCLE, least_km=3) == (16, "bicycle")
    assert way("1000", "1000", BICYCLE, least_km=0) == (0, "bicycle")
    assert way("1000", "3000", BICYCLE, least_km=3) == way("1000", "3000", BICYCLE, least_km=0)


def test_of_equal_times_the_car_comes_before_the_bicycle_before_the_bus() -> None:
    """All three measured at 20 minutes: the first mode one has, in that order."""
    same = [measured("1000", "2000", mode, 20) for mode in MODES]
    assert way("1000", "2000", BOTH, *same) == (20, "car")
    assert way("1000", "2000", BICYCLE, *same) == (20, "bicycle")
    assert way("1000", "2000", CAR, *same) == (20, "car")
    assert way("1000", "2000", NONE, *same) == (20, "transit")


@pytest.mark.parametrize(("minutes", "mode"), [(44, "bicycle"), (45, "bicycle"), (46, "transit")])
def test_nobody_cycles_longer_than_the_policy_says(minutes: int, mode: str) -> None:
    """45 minutes are still possible; 46 are not, though the bus takes 52."""
    by_bicycle = measured("1000", "2000", "bicycle", minutes)
    assert way("1000", "2000", BICYCLE, by_bicycle).mode == mode


def test_the_limit_of_the_bicycle_is_the_policys() -> None:
    """The 58 minutes to the north become possible at 58, and are not the quickest way then."""
    assert way("1000", "2000", BICYCLE, bicycle_most_minutes=58, transit_kmh=15) == (58, "bicycle")
    assert way("1000", "2000", BICYCLE, bicycle_most_minutes=57, transit_kmh=15) == (70, "transit")
    assert way("1000", "2000", BICYCLE, bicycle_most_minutes=58) == (52, "transit")


@pytest.mark.parametrize("minutes", [10, 80])
def test_a_measured_time_replaces_the_estimate_of_its_direction_and_mode(minutes: int) -> None:
    """Shorter or longer than the estimate; back, other modes and other places keep theirs."""
    bus = measured("1000", "2000", "transit", minutes)
    assert way("1000", "2000", NONE, bus) == (minutes, "transit")
    assert way("2000", "1000", NONE, bus) == (52, "transit")
    assert way("1000", "3000", NONE, bus) == (35, "transit")
    assert way("3000", "2000", NONE, bus) == way("3000", "2000", NONE)
    assert way("1000", "2000", CAR, bus) == min(Way(minutes, "transit"), Way(27, "car"))


def test_a_measured_time_by_car_is_for_those_who_have_one() -> None:
    """Who has none takes the bus as before."""
    fast = measured("1000", "2000", "car", 8)
    assert way("1000", "2000", CAR, fast) == (8, "car")
    assert way("1000", "2000", NONE, fast) == (52, "transit")


def test_a_measured_time_at_a_postcode_nobody_knows_is_left_out() -> None:
    """It changes no other pair."""
    lost = [measured("9999", "2000", "transit", 1), measured("1000", "9999", "transit", 1)]
    for home in ("1000", "2000", "3000"):
        for work in ("1000", "2000", "3000"):
            assert way(home, work, NONE, *lost) == way(home, work, NONE)


def test_a_detour_and_speed_of_the_policys_own() -> None:
    """11.1195 km x 2 at 11 km/h: ceil(121.304) + 3."""
    rules = {"detour_percent": 200, "transit_kmh": 11, "transit_fixed_minutes": 3}
    assert way("1000", "2000", NONE, **rules) == (125, "transit")
