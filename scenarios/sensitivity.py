"""What a sweep says: what matters most, what each more brings, and how sure it is.

Differences are placements after minus before. Failed outcomes are counted, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from scenarios.outcome import Outcome

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
TORNADO_COLUMNS = (
    "family", "parameter", "low", "high", "difference_low", "difference_high", "swing", "failed",
)  # fmt: skip
RETURNS_COLUMNS = (
    "family", "parameter", "value", "outcomes", "difference", "lowest", "highest", "extra_per_unit",
)  # fmt: skip
UNCERTAINTY_COLUMNS = (
    "family", "samples", "failed", "mean", "q05", "q25", "q50", "q75", "q95", "helps", "same",
    "hurts",
)  # fmt: skip
DRIVER_COLUMNS = ("family", "parameter", "correlation")


def tornado(base: Outcome, outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Hold the parameters of one-at-a-time sweeps against each other, largest swing first.

    Parameters
    ----------
    base
        The week as it is.
    outcomes
        Outcomes; those of other kinds are passed over.

    Returns
    -------
    pandas.DataFrame
        A row per family and parameter: its lowest and highest value, the difference at each, and
        ``swing``, the largest difference less the smallest, the week as it is among them.
    """
    rows: list[dict[str, Any]] = []
    for (family, parameter), members in _by_parameter(outcomes, "one_at_a_time"):
        points = _points(base, members, parameter)
        if not points:
            continue
        differences = [difference for _, difference in points]
        rows.append({
            "family": family,
            "parameter": parameter,
            "low": points[0][0],
            "high": points[-1][0],
            "difference_low": points[0][1],
            "difference_high": points[-1][1],
            "swing": max(*differences, 0) - min(*differences, 0),
            "failed": sum(one.failed for one in members),
        })  # fmt: skip
    rows.sort(key=lambda row: (-row["swing"], row["family"], row["parameter"]))
    return pd.DataFrame(rows, columns=list(TORNADO_COLUMNS))


def returns(base: Outcome, outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Show what each more of a parameter brings: the mean over a grid, and its spread.

    Returns
    -------
    pandas.DataFrame
        A row per family, parameter and value, in order: mean, lowest and highest difference over
        the outcomes with that value, and ``extra_per_unit``, placements more for each unit more
        since the value before. Values that are not numbers are passed over.
    """
    rows: list[dict[str, Any]] = []
    for kind in ("grid", "one_at_a_time"):
        for (family, parameter), members in _by_parameter(outcomes, kind):
            by_value: dict[float, list[int]] = {}
            for value, difference in _points(base, members, parameter):
                if not isinstance(value, str):
                    by_value.setdefault(float(value), []).append(difference)
            if len(by_value) < 2:
                continue
            steps = {value: float(np.mean(found)) for value, found in sorted(by_value.items())}
            extra = {
                b: (steps[b] - steps[a]) / (b - a) for a, b in pairwise(sorted(steps))
            }  # fmt: skip
            rows += [
                {
                    "family": family,
                    "parameter": parameter,
                    "value": value,
                    "outcomes": len(by_value[value]),
                    "difference": mean,
                    "lowest": min(by_value[value]),
                    "highest": max(by_value[value]),
                    "extra_per_unit": extra.get(value),
                }
                for value, mean in steps.items()
            ]
    return pd.DataFrame(rows, columns=list(RETURNS_COLUMNS))


def uncertainty(base: Outcome, outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Sum up random samples: quantiles of the difference and how often it helps.

    Returns
    -------
    pandas.DataFrame
        A row per family, the highest median first. ``helps``, ``same`` and ``hurts`` are shares of
        the samples that were solved; quantiles are samples themselves (no interpolation).
    """
    rows: list[dict[str, Any]] = []
    for family, members in _families(outcomes, "sample"):
        found = np.array([one.placed - base.placed for one in members if not one.failed])
        if not found.size:
            continue
        quantiles = np.quantile(found, QUANTILES, method="inverted_cdf")
        rows.append({
            "family": family,
            "samples": int(found.size),
            "failed": len(members) - int(found.size),
            "mean": float(found.mean()),
            **{f"q{round(100 * q):02d}": int(value)
               for q, value in zip(QUANTILES, quantiles, strict=True)},
            "helps": float((found > 0).mean()),
            "same": float((found == 0).mean()),
            "hurts": float((found < 0).mean()),
        })  # fmt: skip
    rows.sort(key=lambda row: (-row["q50"], row["family"]))
    return pd.DataFrame(rows, columns=list(UNCERTAINTY_COLUMNS))


def drivers(base: Outcome, outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Say which sampled parameter goes with the difference: Spearman's rank correlation.

    Returns
    -------
    pandas.DataFrame
        A row per family and parameter, the strongest first; parameters and differences that never
        vary, and parameters that are not numbers, have no correlation and are passed over.
    """
    rows: list[dict[str, Any]] = []
    for (family, parameter), members in _by_parameter(outcomes, "sample"):
        points = [
            (float(value), difference)
            for value, difference in _points(base, members, parameter)
            if not isinstance(value, str)
        ]
        ranks = pd.DataFrame(points, columns=["value", "difference"]).rank()
        if len(ranks) > 2 and (ranks.std() > 0).all():
            correlation = float(np.corrcoef(ranks["value"], ranks["difference"])[0, 1])
            rows.append({"family": family, "parameter": parameter, "correlation": correlation})
    rows.sort(key=lambda row: (-abs(row["correlation"]), row["family"], row["parameter"]))
    return pd.DataFrame(rows, columns=list(DRIVER_COLUMNS))


def _families(outcomes: Sequence[Outcome], kind: str) -> Iterator[tuple[str, list[Outcome]]]:
    groups: dict[str, list[Outcome]] = {}
    for one in outcomes:
        if one.sweep == kind:
            groups.setdefault(one.family or one.name, []).append(one)
    yield from groups.items()


def _by_parameter(
    outcomes: Sequence[Outcome], kind: str
) -> Iterator[tuple[tuple[str, str], list[Outcome]]]:
    for family, members in _families(outcomes, kind):
        for parameter in dict.fromkeys(name for one in members for name in one.parameters):
            yield (family, parameter), [one for one in members if parameter in one.parameters]


def _points(base: Outcome, members: Sequence[Outcome], parameter: str) -> list[tuple[Any, int]]:
    """Value and difference of those that were solved, by value; text after numbers."""
    points = [
        (one.parameters[parameter], one.placed - base.placed) for one in members if not one.failed
    ]
    return sorted(points, key=lambda point: (isinstance(point[0], str), point[0]))
