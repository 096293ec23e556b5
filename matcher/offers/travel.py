"""The way to work: minutes one way between postcodes, by the quickest mode a citizen has.

A measured time replaces the estimate for its pair of postcodes and mode. The estimate is the great
circle (haversine, mean earth radius), or a least where places are one, times a detour factor, over
the speed of the mode, plus fixed minutes. All figures are the policy's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.columns import Columns, positions
from matcher.policy import Travel
from matcher.problem import Problem

EARTH_KM = 6371.0088
"""Mean radius of the earth (IUGG), km."""
MODES = ("car", "bicycle", "transit")
"""In the order that breaks equal times."""
TRANSIT = MODES.index("transit")
_NO_WAY = 10_000


@dataclass(frozen=True, eq=False)
class Ways:
    """Minutes between places for the four kinds of traveller (car? x bicycle?)."""

    minutes: npt.NDArray[np.int32]
    """Shape (4, places, places): traveller = has_car + 2 * has_bicycle, from home to work."""
    mode: npt.NDArray[np.int8]
    """Same shape: position in :data:`MODES`."""


def ways(problem: Problem) -> Ways:
    """Compute all ways between the places of a problem."""
    places, rules = problem.columns("places"), problem.policy.travel
    by_mode = _estimates(places, rules)
    measured = problem.columns("travel_times")
    at_home = positions(measured["from_postcode"], places["postcode"])
    at_work = positions(measured["to_postcode"], places["postcode"])
    mode = np.array([MODES.index(name) for name in measured["mode"].tolist()], dtype=np.int64)
    known = (at_home >= 0) & (at_work >= 0)
    by_mode[mode[known], at_home[known], at_work[known]] = measured["minutes"][known]
    by_mode[1][by_mode[1] > rules.bicycle_most_minutes] = _NO_WAY
    minutes = np.empty((4, *by_mode.shape[1:]), dtype=np.int32)
    quickest = np.empty(minutes.shape, dtype=np.int8)
    for traveller in range(4):
        usable = by_mode.copy()
        if not traveller & 1:
            usable[0] = _NO_WAY
        if not traveller & 2:
            usable[1] = _NO_WAY
        quickest[traveller] = usable.argmin(axis=0)
        minutes[traveller] = usable.min(axis=0)
    return Ways(minutes, quickest)


def _estimates(places: Columns, rules: Travel) -> npt.NDArray[np.int32]:
    latitude = np.radians(places["latitude"])
    longitude = np.radians(places["longitude"])
    half_chord = (
        np.sin((latitude[:, None] - latitude[None, :]) / 2) ** 2
        + np.cos(latitude)[:, None]
        * np.cos(latitude)[None, :]
        * np.sin((longitude[:, None] - longitude[None, :]) / 2) ** 2
    )
    km = 2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half_chord, 1.0)))
    km = np.maximum(km, rules.least_km)
    speeds = (rules.car_kmh, rules.bicycle_kmh, rules.transit_kmh)
    fixed = (rules.car_fixed_minutes, 0, rules.transit_fixed_minutes)
    return np.stack(
        [
            # Rounded before the ceiling, so that the last bit of a sine decides no minute.
            np.ceil(np.round(km * rules.detour_percent / 100 / speed * 60, 6)).astype(np.int32)
            + add
            for speed, add in zip(speeds, fixed, strict=True)
        ]
    )
