"""Municipalities and their districts: real centres, and made-up districts where none are held.

Aarhus has its 23 real postcodes. Every other municipality gets points around its real centre,
spread over about its size; their postcodes begin with 0, as no real district's does, so that
nobody takes them for real ones. Points may fall in the sea. Coordinates are GeoNames', CC BY 4.0.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from matcher.errors import OptionError
from matcher.texts import Message, joined

COUNTRY = "Danmark"
"""Name that stands for all municipalities at once."""

AARHUS = "0751"
_KM_PER_DEGREE = 111.2
_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
_PEOPLE_PER_DISTRICT = 14_000
_DISTRICTS_FEWEST, _DISTRICTS_MOST = 3, 24
_RADIUS_SMALLEST, _RADIUS_LARGEST = 2.0, 16.0
_COUNTRY_NAMES = frozenset({"country", "denmark", "danmark", "all", "alle"})


@dataclass(frozen=True)
class District:
    """A postcode of a municipality."""

    postcode: str
    name: str
    latitude: float
    """Degrees north, WGS 84."""
    longitude: float
    """Degrees east, WGS 84."""
    people: float
    """Share of the municipality's inhabitants, adding up to 1."""
    cohort: float
    """Share of the programme's citizens, adding up to 1."""


@dataclass(frozen=True)
class Municipality:
    """A municipality with its districts."""

    code: str
    name: str
    region: str
    population: int
    """Inhabitants, approximate."""
    districts: tuple[District, ...]


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("scenarios").joinpath("data", name).read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


@lru_cache(maxsize=1)
def municipalities() -> tuple[Municipality, ...]:
    """All 98 municipalities, by code."""
    rows = _rows("municipalities.csv")
    centres = [(float(row["latitude"]), float(row["longitude"])) for row in rows]
    found, number = [], 1
    for place, row in enumerate(rows):
        people = int(row["population"])
        if row["code"] == AARHUS:
            districts = _aarhus()
        else:
            others = centres[:place] + centres[place + 1 :]
            districts = _made_up(row["name"], centres[place], others, people, number)
            number += len(districts)
        found.append(Municipality(row["code"], row["name"], row["region"], people, districts))
    return tuple(found)


def chosen(municipality: str) -> tuple[Municipality, ...]:
    """Municipalities that a name or a code stands for; ``Danmark`` stands for all.

    Raises
    ------
    OptionError
        There is no such municipality.
    """
    wanted = municipality.strip().lower()
    if wanted in _COUNTRY_NAMES:
        return municipalities()
    for one in municipalities():
        if wanted in {one.code, one.code.lstrip("0"), one.name.lower()}:
            return (one,)
    near = [one.name for one in municipalities() if one.name.lower().startswith(wanted[:3])]
    said = Message("made.no_municipality", municipality=municipality, country=COUNTRY)
    hint = Message("made.maybe", near=near[:5]) if wanted and near else ""
    raise OptionError(joined((said, hint)))


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Distance in a straight line between (latitude, longitude), good enough within Denmark."""
    north = (one[0] - other[0]) * _KM_PER_DEGREE
    east = (one[1] - other[1]) * _KM_PER_DEGREE * math.cos(math.radians((one[0] + other[0]) / 2))
    return math.hypot(north, east)


def _aarhus() -> tuple[District, ...]:
    rows = _rows("aarhus_districts.csv")
    people = sum(int(row["population"]) for row in rows)
    cohort = sum(float(row["cohort_percent"]) for row in rows)
    return tuple(
        District(
            row["postcode"],
            row["name"],
            float(row["latitude"]),
            float(row["longitude"]),
            int(row["population"]) / people,
            float(row["cohort_percent"]) / cohort,
        )
        for row in rows
    )


def _made_up(
    name: str,
    centre: tuple[float, float],
    others: Sequence[tuple[float, float]],
    people: int,
    number: int,
) -> tuple[District, ...]:
    """Spread districts like sunflower seeds; the radius follows the nearest other centre."""
    count = round(people / _PEOPLE_PER_DISTRICT)
    count = min(max(count, _DISTRICTS_FEWEST), _DISTRICTS_MOST)
    nearest = min(kilometres(centre, other) for other in others)
    radius = min(max(nearest / 1.7, _RADIUS_SMALLEST), _RADIUS_LARGEST)
    weights = [1 / (seed + 2) for seed in range(count)]
    # The programme's citizens live closer together, a little outside the very centre.
    dense = [weights[(seed - 1) % count] ** 1.6 for seed in range(count)]
    found = []
    for seed in range(count):
        away = radius * math.sqrt(seed / count)
        north = away * math.cos(seed * _GOLDEN_ANGLE) / _KM_PER_DEGREE
        east = away * math.sin(seed * _GOLDEN_ANGLE) / _KM_PER_DEGREE
        found.append(
            District(
                f"{number + seed:04d}",
                f"{name} {seed + 1} (opdigtet)",
                round(centre[0] + north, 4),
                round(centre[1] + east / math.cos(math.radians(centre[0])), 4),
                weights[seed] / sum(weights),
                dense[seed] / sum(dense),
            )
        )
    return tuple(found)
