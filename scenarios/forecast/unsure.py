"""What is not known of a year: each assumption drawn from its range, with its value the likeliest.

>>> drawn_figures(1) == drawn_figures(1) != drawn_figures(2)
True
>>> drawn_figures(1, {"accepted": 0.6})["accepted"]
0.6
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scenarios.year import year_assumptions
from scenarios.year.luck import Chance


def drawn_figures(seed: int, known: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Draw the figures of a year.

    Parameters
    ----------
    seed
        Of the year.
    known
        Figures that are known, or asked to be as they are: taken as they are.

    Returns
    -------
    dict
        Shares and weekly numbers from the triangular distribution on their range; ``known`` beside
        them. Whole numbers and mixes are not drawn.
    """
    chance, drawn = Chance(seed), dict(known or {})
    for one in year_assumptions():
        if one.name in drawn or not isinstance(one.value, float) or not one.low < one.high:
            continue
        drawn[one.name] = round(
            _triangular(chance("figure", one.name), one.low, one.value, one.high), 4
        )
    return drawn


def _triangular(uniform: float, low: float, likeliest: float, high: float) -> float:
    """Return the quantile of a triangular distribution."""
    below = (likeliest - low) / (high - low)
    if uniform < below:
        return float(low + (uniform * (high - low) * (likeliest - low)) ** 0.5)
    return float(high - ((1 - uniform) * (high - low) * (high - likeliest)) ** 0.5)
