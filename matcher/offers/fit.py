"""Fit: 0-1000, the weighted sum of named components, each 0-1000; all whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.columns import kinds_of
from matcher.offers.encoded_week import EncodedWeek
from matcher.policy import Weights

Ints = npt.NDArray[np.int64]

COMPONENTS = tuple(Weights.model_fields)
"""Names of the components, in the order of the columns of points."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Points of each component and the weighted fit, for offers."""

    points: npt.NDArray[np.int16]
    """Shape (offers, components)."""
    fit: Ints
    """Shape (offers,), 0-1000."""


def fit_of(
    encoded: EncodedWeek, citizen: Ints, opening: Ints, measure: Ints, minutes: Ints, way: Ints
) -> Fit:
    """Compute the fit of offers given as flat arrays of equal length.

    ``fit = sum of weight * points // sum of weights``; the component ``hours_225`` weighs only for
    citizens under that rule.
    """
    c, o = encoded.citizens, encoded.openings
    rule = encoded.policy.fit
    points = np.empty((len(citizen), len(COMPONENTS)), dtype=np.int16)
    by_name: dict[str, Ints] = {
        "measure": _evidence(encoded)[measure, _sector_codes(encoded)[opening]],
        "health": _health(encoded, citizen, opening),
        "language": np.maximum(
            1000
            - rule.language_oral_step_points
            * np.maximum(o.oral_floor[opening] - c.oral[citizen], 0)
            - rule.language_reading_step_points
            * np.maximum(o.reading_floor[opening] - c.reading[citizen], 0),
            0,
        ),
        "occupation": encoded.wish_points[c.wishes[citizen], o.occupation[opening]],
        "hours": _hours(encoded, citizen, minutes),
        "commute": _commute(encoded, opening, minutes, way),
        "experience": encoded.experience_points[c.experience[citizen], o.occupation[opening]],
        "prospect": 1000 * o.prospect[opening] // 3,
    }
    applies, by_name["hours_225"] = _hours_225(encoded, citizen, measure, minutes)
    for at, name in enumerate(COMPONENTS):
        points[:, at] = by_name[name]
    weights = np.array([getattr(rule.weights, name) for name in COMPONENTS], dtype=np.int64)
    total = points.astype(np.int64) @ weights
    without = weights.sum() - np.where(applies, 0, weights[COMPONENTS.index("hours_225")])
    return Fit(points, total // np.maximum(without, 1))


def _evidence(encoded: EncodedWeek) -> Ints:
    """Points of the component ``measure``, shape (measures, sectors)."""
    return np.array(
        [
            [evidence.get(sector, 0) for sector in _sectors(encoded)]
            for evidence in (
                {
                    str(code): points
                    for code, points in encoded.policy.measures[name].evidence.items()
                }
                for name in encoded.measures
            )
        ],
        dtype=np.int64,
    ).reshape(len(encoded.measures), len(_sectors(encoded)))


def _sectors(encoded: EncodedWeek) -> list[str]:
    return sorted(set(encoded.openings.sector.tolist()))


def _sector_codes(encoded: EncodedWeek) -> Ints:
    return kinds_of(encoded.openings.sector)[1]


def _health(encoded: EncodedWeek, citizen: Ints, opening: Ints) -> Ints:
    limits, demands = encoded.citizens.limits, encoded.openings.demands
    over = np.zeros(len(citizen), dtype=np.int64)
    tight = np.zeros(len(citizen), dtype=np.int64)
    for limit, demand in zip(limits, demands, strict=True):
        slack = limit[citizen] - demand[opening]
        over -= np.minimum(slack, 0)
        tight += (slack == 0) & (limit[citizen] < 3) & (demand[opening] > 0)
    rule = encoded.policy.fit
    lost = rule.health_step_points * over + rule.health_no_slack_points * tight
    return np.asarray(np.maximum(1000 - lost, 0), dtype=np.int64)


def _hours(encoded: EncodedWeek, citizen: Ints, minutes: Ints) -> Ints:
    c = encoded.citizens
    week = round(encoded.policy.duty_week.hours * 60)
    could = np.maximum(np.minimum(c.capacity, week - c.own_week), 1)
    return np.minimum(1000 * minutes // could[citizen], 1000)


def _commute(encoded: EncodedWeek, opening: Ints, minutes: Ints, way: Ints) -> Ints:
    travel = encoded.policy.travel
    full, zero = travel.full_points_minutes, travel.zero_points_minutes
    points = np.clip(1000 * (zero - way) // (zero - full), 0, 1000)
    days = encoded.openings.days[opening]
    day = minutes // np.maximum(days, 1)
    long_for_day = (days > 0) & (200 * way > travel.share_of_day_percent * day)
    return np.maximum(points - encoded.policy.fit.commute_share_points * long_for_day, 0)


def _hours_225(
    encoded: EncodedWeek, citizen: Ints, measure: Ints, minutes: Ints
) -> tuple[npt.NDArray[np.bool_], Ints]:
    """Whether the 225-hour rule applies to each offer's citizen, and the points it gives."""
    rule, table = encoded.policy.hours_225, encoded.problem.columns("citizens")
    nothing = np.zeros(len(citizen), dtype=np.int64)
    if rule is None:
        return np.zeros(len(citizen), dtype=np.bool_), nothing
    worked = np.nan_to_num(table["ordinary_hours_12m"].astype(np.float64))
    # A started minute is missing as a whole one; rounded first, so that 0.1 + 0.2 adds none.
    missing = np.ceil(np.round(np.maximum(rule.hours - worked, 0) * 60, 6)).astype(np.int64)
    under = (
        np.isin(table["benefit"], [str(code) for code in rule.benefits])
        & (table["benefit_months"] >= rule.benefit_months)
        & (missing > 0)
    )
    ordinary = np.array(
        [encoded.policy.measures[name].ordinary_hours for name in encoded.measures], dtype=np.bool_
    )
    reached = 1000 * minutes * 52 // np.maximum(missing[citizen], 1)
    counts = under[citizen] & ordinary[measure]
    return under[citizen], np.where(counts, np.minimum(reached, 1000), 0)
