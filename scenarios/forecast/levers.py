"""Levers on a target: one thing moved, the same years lived again, and when it is met then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

from matcher.texts import Message
from scenarios.forecast.bands import Forecast, TargetMet
from scenarios.population.draw import calibration
from scenarios.year import Way, Year, YearSpec, assumed
from scenarios.year.pairs import Paired, paired


@dataclass(frozen=True)
class YearLever:
    """One thing that could be moved, from ``data/forecast.toml``."""

    name: str
    figure: str | None = None
    """The assumption it moves."""
    place: str | None = None
    """What of the municipality it moves."""
    way: Way | None = None
    """How weeks are planned instead."""
    add: float = 0.0
    times: float = 1.0
    own: bool = False
    """Whether a municipality's own ledger can be asked."""

    def said(self) -> Message:
        """Say what is moved, and how far."""
        moved = self.add if self.add else self.times - 1
        return Message(f"forecast.lever_{self.name}", percent=round(abs(moved) * 100))


@dataclass(frozen=True)
class LeverPulled:
    """What a lever does to the forecast."""

    lever: YearLever
    starts: Paired
    """Starts over all weeks, in the same years."""
    target: TargetMet | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        target = None if self.target is None else {
            **asdict(self.target), "met_by": self.target.met_by}  # fmt: skip
        return {"lever": self.lever.name, "starts": self.starts.to_dict(), "target": target}


@lru_cache(maxsize=1)
def levers() -> tuple[YearLever, ...]:
    """All levers, in the order of the file."""
    return tuple(YearLever(name, **row) for name, row in calibration("forecast").items())


def pulled_figures(lever: YearLever, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of a year under a lever; shares stay below 1."""
    moved = dict(figures)
    if lever.figure is not None:
        value = {**assumed(), **figures}[lever.figure] * lever.times + lever.add
        share = assumed()[lever.figure] <= 1
        moved[lever.figure] = round(min(value, 1.0) if share else value, 4)
    return moved


def pulled(spec: YearSpec, lever: YearLever) -> YearSpec:
    """Return the year under a lever."""
    place = spec.population
    if lever.place is not None:
        now = getattr(place, lever.place) * lever.times + lever.add
        place = replace(place, **{lever.place: now})
    return replace(
        spec, population=place, way=lever.way or spec.way,
        figures=pulled_figures(lever, spec.figures),
    )  # fmt: skip


def told_lever(
    lever: YearLever, before: Sequence[Year], after: Sequence[Year], forecast: Forecast
) -> LeverPulled:
    """Hold the years under a lever against the years without.

    Parameters
    ----------
    before, after
        Years of the same seeds in the same order.
    forecast
        Of the years under the lever.
    """
    return LeverPulled(lever, paired("starts", before, after), forecast.target)
