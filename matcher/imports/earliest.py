"""Earliest arrivals over a timetable: from place to place, hour by hour of leaving home.

For each place and each hour, every moment is looked at at which leaving can be worth it: the walk
to a stop before something leaves there. The connections of the day are gone through once in the
order they leave (Dibbelt, Pajor, Strasser, Wagner 2018, Connection Scan Algorithm), for all places
and moments of an hour side by side. A journey is a walk to a stop, rides with a change at a stop or
one walk between two stops, and a walk from a stop; or a walk alone. Nothing is estimated but the
walks, and nothing depends on the order of rows.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.imports.timetable import Timetable

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
EARTH_METRES = 6_371_008.8
"""Mean radius of the earth (IUGG)."""
NEVER = np.int32(2**30)
HOUR = 3600
NO_WAY = 600
"""Minutes that stand for no connection: the most that the table can hold, beyond any limit."""
_CELLS = 20_000_000
"""Cells of the table of stops by moments that are held at once."""


@dataclass(frozen=True)
class Walking:
    """What walking and changing take; see ``data/travel.toml``."""

    walk_kmh: float
    detour_percent: float
    access_metres: float
    access_most_metres: float
    between_metres: float
    change_seconds: int
    walk_most_minutes: int
    first_hour: int
    last_hour: int
    most_minutes: int


@cache
def walking() -> Walking:
    """Read the figures that come with the program."""
    file = resources.files("matcher.imports").joinpath("data", "travel.toml")
    figures = tomllib.loads(file.read_text("utf-8"))["figures"]
    return Walking(**{one.name: figures[one.name][0] for one in fields(Walking)})


def metres_between(
    latitude: Floats, longitude: Floats, other_latitude: Floats, other_longitude: Floats
) -> Floats:
    """Great circle between each of some points and each of others, metres."""
    north, other_north = np.radians(latitude)[:, None], np.radians(other_latitude)[None, :]
    half = (
        np.sin((north - other_north) / 2) ** 2
        + np.cos(north)
        * np.cos(other_north)
        * np.sin(np.radians(longitude[:, None] - other_longitude[None, :]) / 2) ** 2
    )
    return np.asarray(2 * EARTH_METRES * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


@dataclass(frozen=True, eq=False)
class _Walks:
    """Walks between places and stops, and between stops."""

    to_stops: tuple[tuple[Ints, Ints], ...]
    """For each place: stops near it, and seconds of the walk."""
    between: tuple[tuple[Ints, Ints], ...]
    """For each stop: other stops near it, and seconds."""
    change: Ints
    """Least seconds of a change at each stop."""
    alone: Ints
    """Seconds of the walk from place to place; ``NEVER`` where it is longer than allowed."""


def _seconds(metres: Floats, rule: Walking) -> Ints:
    speed = rule.walk_kmh * 1000 / HOUR
    told: Ints = np.ceil(np.round(metres * rule.detour_percent / 100 / speed, 6)).astype(np.int64)
    return told


def _walks(table: Timetable, latitude: Floats, longitude: Floats, rule: Walking) -> _Walks:
    away = metres_between(latitude, longitude, table.latitude, table.longitude)
    to_stops = []
    for row in away:
        near = np.flatnonzero(row <= rule.access_metres)
        if not len(near) and len(row) and row.min() <= rule.access_most_metres:
            near = np.flatnonzero(row == row.min())
        to_stops.append((near, _seconds(row[near], rule)))
    change = np.full(len(table.stops), rule.change_seconds, dtype=np.int64)
    between = []
    for at in range(len(table.stops)):
        here = slice(at, at + 1)
        row = metres_between(
            table.latitude[here], table.longitude[here], table.latitude, table.longitude
        )[0]
        near = row <= rule.between_metres
        near[at] = False
        others = np.flatnonzero(near)
        between.append((others, np.maximum(_seconds(row[others], rule), rule.change_seconds)))
    for (one, other), seconds in sorted(table.transfers.items()):
        if one == other:
            change[one] = NEVER if seconds < 0 else seconds
            continue
        others, times = between[one]
        kept = others != other
        others, times = others[kept], times[kept]
        if seconds >= 0:
            others, times = np.append(others, other), np.append(times, seconds)
        between[one] = (others, times)
    alone = _seconds(metres_between(latitude, longitude, latitude, longitude), rule)
    alone[alone > rule.walk_most_minutes * 60] = NEVER
    return _Walks(tuple(to_stops), tuple(between), change, alone)


def minutes_by_hour(
    table: Timetable,
    places: pd.DataFrame,
    hours: Iterable[int],
    rule: Walking | None = None,
) -> pd.DataFrame:
    """Shortest journey from each place to each other, by the hour of leaving.

    Parameters
    ----------
    table
        The day.
    places
        Columns ``postcode``, ``latitude``, ``longitude``.
    hours
        Hours of the day, 0-23, of leaving home.

    Returns
    -------
    pandas.DataFrame
        ``from_postcode``, ``to_postcode``, ``hour``, ``minutes`` (rounded up; missing: no
        connection), by these columns. From a place to itself there is no row.
    """
    rule = rule or walking()
    codes = places["postcode"].to_numpy(dtype=object)
    walks = _walks(
        table,
        places["latitude"].to_numpy(dtype=np.float64),
        places["longitude"].to_numpy(dtype=np.float64),
        rule,
    )
    frames = []
    for hour in sorted(set(hours)):
        best = np.minimum(_hour(table, walks, hour, rule), walks.alone)
        minutes = np.where(best < NEVER, np.ceil(best / 60), np.nan)
        origin, goal = np.meshgrid(np.arange(len(codes)), np.arange(len(codes)), indexing="ij")
        other = origin != goal
        frames.append(
            pd.DataFrame(
                {
                    "from_postcode": codes[origin[other]],
                    "to_postcode": codes[goal[other]],
                    "hour": hour,
                    "minutes": minutes[other],
                }
            )
        )
    found = pd.concat(frames, ignore_index=True)
    return found.sort_values(["from_postcode", "to_postcode", "hour"], ignore_index=True)


def _hour(table: Timetable, walks: _Walks, hour: int, rule: Walking) -> Ints:
    """Seconds of the shortest journey from each place to each, leaving in an hour."""
    count = len(walks.to_stops)
    best = np.full((count, count), NEVER, dtype=np.int64)
    moments = [_moments(table, stops, times, hour) for stops, times in walks.to_stops]
    room = max(1, _CELLS // max(1, len(table.stops)))
    group: list[int] = []
    held = 0
    for at in range(count):
        if group and held + len(moments[at]) > room:
            _scan(table, walks, group, moments, hour, rule, best)
            group, held = [], 0
        if len(moments[at]):
            group.append(at)
            held += len(moments[at])
    if group:
        _scan(table, walks, group, moments, hour, rule, best)
    return best


def _moments(table: Timetable, stops: Ints, times: Ints, hour: int) -> Ints:
    """Moments of an hour at which leaving home just reaches a departure."""
    found: list[Ints] = []
    for stop, walk in zip(stops.tolist(), times.tolist(), strict=True):
        leaves = table.departure[(table.leaves == stop) & table.boards] - walk
        found.append(leaves[(leaves >= hour * HOUR) & (leaves < (hour + 1) * HOUR)])
    return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)


def _scan(
    table: Timetable,
    walks: _Walks,
    group: Sequence[int],
    moments: Sequence[Ints],
    hour: int,
    rule: Walking,
    best: Ints,
) -> None:
    """Go through the connections for all moments of some places, and note the shortest ways."""
    leaving = np.concatenate([moments[at] for at in group])
    begins = np.cumsum([0, *(len(moments[at]) for at in group)])
    ready = np.full((len(table.stops), len(leaving)), NEVER, dtype=np.int32)
    arrived = np.full(ready.shape, NEVER, dtype=np.int32)
    for nth, at in enumerate(group):
        columns = slice(int(begins[nth]), int(begins[nth + 1]))
        stops, times = walks.to_stops[at]
        ready[stops, columns] = leaving[columns][None, :] + times[:, None]
    soonest = ready.min(axis=1)
    aboard: dict[int, npt.NDArray[np.bool_]] = {}
    until = (hour + 1) * HOUR + rule.most_minutes * 60
    first = int(np.searchsorted(table.departure, hour * HOUR))
    last = int(np.searchsorted(table.departure, until))
    steps = zip(
        table.leaves[first:last].tolist(), table.reaches[first:last].tolist(),
        table.departure[first:last].tolist(), table.arrival[first:last].tolist(),
        table.trip[first:last].tolist(), table.boards[first:last].tolist(),
        table.alights[first:last].tolist(), strict=True,
    )  # fmt: skip
    for leaves, reaches, departure, arrival, trip, boards, alights in steps:
        inside = aboard.get(trip)
        if boards and soonest[leaves] <= departure:
            may = ready[leaves] <= departure
            inside = may if inside is None else inside | may
            aboard[trip] = inside
        if inside is None or not alights:
            continue
        better = np.flatnonzero(inside & (arrival < arrived[reaches]))
        if not len(better):
            continue
        arrived[reaches, better] = arrival
        _ready_at(ready, soonest, reaches, better, arrival + int(walks.change[reaches]))
        others, times = walks.between[reaches]
        for other, walk in zip(others.tolist(), times.tolist(), strict=True):
            _ready_at(ready, soonest, other, better, arrival + walk)
    for goal, (stops, times) in enumerate(walks.to_stops):
        if not len(stops):
            continue
        there = (arrived[stops].astype(np.int64) + times[:, None]).min(axis=0)
        took = np.where(there < NEVER, there - leaving, NEVER)
        took[took > rule.most_minutes * 60] = NEVER
        for nth, at in enumerate(group):
            part = took[begins[nth] : begins[nth + 1]]
            best[at, goal] = min(int(best[at, goal]), int(part.min()))


def _ready_at(
    ready: npt.NDArray[np.int32],
    soonest: npt.NDArray[np.int32],
    stop: int,
    columns: Ints,
    moment: int,
) -> None:
    """Note that one can board at a stop from a moment on."""
    if moment >= NEVER:
        return
    row = ready[stop]
    row[columns] = np.minimum(row[columns], moment)
    soonest[stop] = min(int(soonest[stop]), moment)


def for_table(by_hour: pd.DataFrame) -> pd.DataFrame:
    """Travel times of the table: the longest of the hours; no connection in any: :data:`NO_WAY`."""
    keys = ["from_postcode", "to_postcode"]
    longest = by_hour.groupby(keys, sort=True)["minutes"].max()
    told = longest.fillna(NO_WAY).clip(upper=NO_WAY).astype(np.int64)
    frame = told.rename("minutes").reset_index()
    frame.insert(2, "mode", "transit")
    return frame.astype(object)
