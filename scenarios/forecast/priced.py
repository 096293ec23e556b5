"""What had a price in simulated years, and what the prices brought against years without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from matcher.row_kinds import ROW_KINDS
from scenarios.forecast.bands import Band, band_of
from scenarios.year import Year
from scenarios.year.pairs import MEASURED, Paired, paired, verdict

ANY = "any"
"""What stands for things of any kind."""


@dataclass(frozen=True)
class PricedYears:
    """Years planned with prices, beside the same years without."""

    weeks: Mapping[str, Band]
    """In how many weeks of a year something had a price: of any kind, then of each kind that had
    one; bands of one number. Without kinds where a year that was kept does not tell them."""
    pairs: Mapping[str, Paired]
    """What the prices brought, by total."""

    @property
    def verdict(self) -> Literal["pays", "pays_not", "open"]:
        """Whether they pay: see :func:`scenarios.year.pairs.verdict`."""
        return verdict(self.pairs)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "weeks": {
                name: {at: row[0] for at, row in asdict(band).items()}
                for name, band in self.weeks.items()
            },
            "pairs": {name: one.to_dict() for name, one in self.pairs.items()},
            "verdict": self.verdict,
        }


def told_prices(without: Sequence[Year], priced: Sequence[Year]) -> PricedYears:
    """Hold years with prices against those without.

    Parameters
    ----------
    without, priced
        Years of the same seeds in the same order.
    """
    pairs = {name: paired(name, without, priced) for name in MEASURED}
    return PricedYears(priced_weeks(priced), pairs)


def priced_weeks(years: Sequence[Year]) -> dict[str, Band]:
    """Say in how many weeks of a year something had a price, of any kind and by kind."""
    counts = {ANY: [sum(week["priced"] > 0 for week in year.weeks) for year in years]}
    told = all(week.get("priced_kinds") or not week["priced"]
               for year in years for week in year.weeks)  # fmt: skip
    for kind in ROW_KINDS if told else ():
        counts[kind] = [
            sum(week.get("priced_kinds", {}).get(kind, 0) > 0 for week in year.weeks)
            for year in years
        ]
    return {
        name: band_of(np.array(weeks, dtype=np.int64)[:, None])
        for name, weeks in counts.items()
        if name == ANY or any(weeks)
    }
