"""What a made-up municipality is asked to be, and the sizes that follow from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from matcher.errors import OptionError
from matcher.texts import Message
from scenarios.population.assumptions import check_assumed, facts_at
from scenarios.population.draw import Floats, Ints
from scenarios.population.geography import Municipality, chosen

TODAY = dt.date(2026, 11, 23)
"""Day of the made-up week unless another is asked for, a Monday."""


@dataclass(frozen=True)
class Population:
    """A made-up municipality, or the whole country, from a seed.

    Sizes left out follow from the inhabitants: the national 22,000 citizens under the work duty
    by population; Aarhus has its programme's 1,550 and 250 openings. The factors under the sizes
    make one thing scarcer (below 1) or more plentiful (above 1) than the calibration has it.

    Raises
    ------
    OptionError
        Unknown municipality, a negative size or factor, an unknown assumption.
    """

    municipality: str = "Aarhus"
    """Name, code of four digits, or ``Danmark`` (``all``) for all 98."""
    citizens: int | None = None
    """Citizens. None: by population."""
    openings: int | None = None
    """Openings. None: as many per citizen as in Aarhus."""
    today: dt.date = TODAY
    """Day of the run; facts that the law dates follow it."""
    seed: int = 2026
    """Seed of everything, at least 0."""
    seats: float = 1.0
    """Factor on the seats of openings with more than one."""
    class_seats: float = 1.0
    """Factor on the Danish classes."""
    mentor_hours: float = 1.0
    """Factor on mentor hours."""
    course_seats: float = 1.0
    """Factor on the seats of short courses."""
    caseload: float = 1.0
    """Factor on the new placements caseworkers can follow up."""
    budgets: float = 1.0
    """Factor on the budget lines, see ``policy_override``."""
    people: Literal["duty", "benefits"] = "duty"
    """Those under the work duty, or all on the benefits concerned: how many there are."""
    assume: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Assumptions to take at an end of their range: a theme (``mentors``) at ``scarce`` or
    ``plenty``, or one figure, see :mod:`scenarios.population.assumptions`."""

    def __post_init__(self) -> None:
        for name in ("citizens", "openings", "seed"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or value < 0):
                raise OptionError(Message("made.count", name=name, value=repr(value)))
        if max(self.citizens or 0, self.openings or 0) > 999_999:
            raise OptionError(Message("made.most"))
        for name in ("seats", "class_seats", "mentor_hours", "course_seats", "caseload", "budgets"):
            if not 0 <= getattr(self, name) <= 1000:
                raise OptionError(
                    Message("made.factor", name=name, value=repr(getattr(self, name)))
                )
        chosen(self.municipality)
        check_assumed(self.assume)

    def facts(self, name: str) -> Mapping[str, Any]:
        """Return a calibration file (``citizens``, ``openings``, ``supports``) as assumed here."""
        return facts_at(name, tuple(sorted(self.assume.items())))

    @property
    def municipalities(self) -> tuple[Municipality, ...]:
        """Municipalities it consists of."""
        return chosen(self.municipality)

    @property
    def size(self) -> int:
        """Citizens."""
        if self.citizens is not None:
            return self.citizens
        country = self.facts("citizens")["country"]
        duty = self.people == "duty"
        if duty and [one.name for one in self.municipalities] == ["Aarhus"]:
            return int(country["reference_citizens"])
        share = sum(one.population for one in self.municipalities) / _inhabitants()
        return round(share * int(country["citizens" if duty else "on_benefits"]))

    @property
    def batch(self) -> int:
        """Openings."""
        if self.openings is not None:
            return self.openings
        country = self.facts("citizens")["country"]
        return round(
            self.size * int(country["reference_openings"]) / int(country["reference_citizens"])
        )

    @property
    def scale(self) -> float:
        """Size of the cohort against the reference, 1.0 for Aarhus' programme."""
        return float(self.size / self.facts("citizens")["country"]["reference_citizens"])

    @cached_property
    def map(self) -> Map:
        """Districts of all its municipalities as columns."""
        return Map(self.municipalities)


class Map:
    """Districts of one or more municipalities as columns.

    Parameters
    ----------
    municipalities
        At least one.
    """

    def __init__(self, municipalities: Sequence[Municipality]) -> None:
        people = sum(one.population for one in municipalities)
        rows = [
            (place, district, one.population / people)
            for place, one in enumerate(municipalities)
            for district in one.districts
        ]
        self.municipalities = tuple(municipalities)
        self.code = np.array([one.code for one in municipalities], dtype=object)
        self.municipality: Ints = np.array([row[0] for row in rows], dtype=np.int64)
        self.postcode = np.array([row[1].postcode for row in rows], dtype=object)
        self.name = np.array([row[1].name for row in rows], dtype=object)
        self.latitude: Floats = np.array([row[1].latitude for row in rows])
        self.longitude: Floats = np.array([row[1].longitude for row in rows])
        self.people: Floats = np.array([row[1].people * row[2] for row in rows])
        self.cohort: Floats = np.array([row[1].cohort * row[2] for row in rows])
        self.centre: Ints = np.array(
            [np.flatnonzero(self.municipality == place)[0] for place in range(len(municipalities))],
            dtype=np.int64,
        )


def _inhabitants() -> int:
    return sum(one.population for one in chosen("Danmark"))
