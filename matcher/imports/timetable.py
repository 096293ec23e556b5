"""A timetable from a GTFS feed on disk, as the connections of one day.

The feed is read by ``partridge``. A connection is a ride from one stop of a trip to the next. Trips
of the day before that run past midnight are among them; trips by frequency are written out; times
that a feed leaves out between two stops are spread evenly.
"""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.cpr import mask
from matcher.errors import InputErrors
from matcher.imports.files import EXTRA
from matcher.tables.packages import need
from matcher.texts import Message

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
DAY = 86_400
"""Seconds of a day."""
_NEEDED = ("stops.txt", "trips.txt", "stop_times.txt")
_NO = "1"
"""Pickup or drop-off type: none."""
_TIMED, _NEVER = "2", "3"
"""Kinds of transfers: with a least time, not possible."""


@dataclass(frozen=True, eq=False)
class Timetable:
    """Connections of a day, by departure, and the stops they call at."""

    stops: tuple[str, ...]
    """Ids of the stops that any trip of the day calls at, sorted."""
    latitude: Floats
    longitude: Floats
    leaves: Ints
    """Stop that each connection leaves from, as a position in ``stops``."""
    reaches: Ints
    departure: Ints
    """Seconds after midnight of the day."""
    arrival: Ints
    trip: Ints
    """Number of the trip; a vehicle one can stay in."""
    boards: Bools
    """Whether one can get on where the connection begins."""
    alights: Bools
    """Whether one can get off where it ends."""
    transfers: dict[tuple[int, int], int]
    """Least seconds between two stops (or at one) that the feed states; -1: not possible."""

    @property
    def trips(self) -> int:
        """Number of trips."""
        return int(self.trip.max()) + 1 if len(self.trip) else 0


def read_timetable(path: Path, day: dt.date) -> Timetable:
    """Read what runs on a day.

    Parameters
    ----------
    path
        A feed: a zip file or a folder.
    day
        The day; the feed must have trips on it.

    Raises
    ------
    InputErrors
        It is no feed, cannot be read, or nothing runs on the day; the message says when it does.
    """
    ptg = need("partridge", EXTRA, "reading_gtfs")
    _refuse_other(path)
    try:
        with warnings.catch_warnings():
            # What its pandas calls will become is nobody's here to mend.
            warnings.simplefilter("ignore", FutureWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            by_date = ptg.read_service_ids_by_date(str(path))
            parts = [
                _day(ptg, path, services, shift)
                for services, shift in (
                    (by_date.get(day, frozenset()), 0),
                    (by_date.get(day - dt.timedelta(days=1), frozenset()), -DAY),
                )
                if services
            ]
            feed = ptg.load_feed(str(path))
            stops, transfers = feed.stops, feed.transfers
    except Exception as error:  # the library raises whatever its parts raise
        reason = f"{type(error).__name__}: {error}"[:120]
        raise _refused(path, Message("imports.no_feed", reason=reason)) from error
    if not by_date.get(day):
        raise _refused(path, _not_that_day(by_date, day))
    calls = pd.concat(parts, ignore_index=True)
    return _timetable(path, calls, stops, transfers)


def _refuse_other(path: Path) -> None:
    if path.is_dir():
        names = {one.name for one in path.iterdir()}
    elif path.is_file() and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as held:
            names = set(held.namelist())
    else:
        raise _refused(path, Message("imports.no_zip"))
    if missing := [name for name in _NEEDED if name not in names]:
        raise _refused(path, Message("imports.feed_lacks", files=tuple(missing)))


def _not_that_day(by_date: dict[dt.date, Any], day: dt.date) -> Message:
    days = sorted(one for one, services in by_date.items() if services)
    if not days:
        return Message("imports.no_service")
    return Message(
        "imports.no_service_that_day", day=day.isoformat(), first=days[0].isoformat(),
        last=days[-1].isoformat(),
    )  # fmt: skip


def _refused(path: Path, reason: Message) -> InputErrors:
    return InputErrors(Message("imports.unreadable", file=mask(path.name), reason=reason))


def _day(ptg: Any, path: Path, services: frozenset[str], shift: int) -> pd.DataFrame:
    """Read the calls of the trips of some services, their times moved by some seconds."""
    feed = ptg.load_feed(str(path), {"trips.txt": {"service_id": services}})
    times = feed.stop_times
    calls = pd.DataFrame(
        {
            "trip": times["trip_id"].astype(str).to_numpy(dtype=object),
            "stop": times["stop_id"].astype(str).to_numpy(dtype=object),
            "sequence": pd.to_numeric(times["stop_sequence"]).to_numpy(dtype=np.int64),
            "arrival": pd.to_numeric(times["arrival_time"]).to_numpy(dtype=np.float64),
            "departure": pd.to_numeric(times["departure_time"]).to_numpy(dtype=np.float64),
            "boards": _may(times, "pickup_type"),
            "alights": _may(times, "drop_off_type"),
        }
    ).sort_values(["trip", "sequence"], kind="stable", ignore_index=True)
    calls = _with_times(calls)
    calls = _written_out(calls, feed.frequencies)
    calls[["arrival", "departure"]] += shift
    calls["trip"] = f"{shift}/" + calls["trip"].astype(str)
    if shift:
        last = calls.groupby("trip")["arrival"].transform("max")
        calls = calls[last >= 0]
    return calls


def _may(times: pd.DataFrame, column: str) -> Bools:
    if column not in times.columns:
        return np.ones(len(times), dtype=np.bool_)
    said = times[column].astype(str).str.removesuffix(".0")
    return said.ne(_NO).to_numpy(dtype=np.bool_)


def _with_times(calls: pd.DataFrame) -> pd.DataFrame:
    """Spread times evenly between the calls that have them; trips without any are left out."""
    calls["departure"] = calls["departure"].fillna(calls["arrival"])
    calls["arrival"] = calls["arrival"].fillna(calls["departure"])
    if calls["arrival"].isna().any():
        by_trip = calls.groupby("trip", sort=False)
        for name in ("arrival", "departure"):
            calls[name] = by_trip[name].transform(
                lambda held: held.interpolate("linear", limit_area="inside")
            )
        calls = calls[calls["arrival"].notna()]
    return calls.round({"arrival": 0, "departure": 0})


def _written_out(calls: pd.DataFrame, frequencies: pd.DataFrame | None) -> pd.DataFrame:
    """Write trips by frequency out, from the first to before the last departure."""
    if frequencies is None or frequencies.empty:
        return calls
    rows = frequencies[frequencies["trip_id"].astype(str).isin(calls["trip"])]
    if rows.empty:
        return calls
    by_trip = dict(iter(calls.groupby("trip", sort=False)))
    made = []
    numbers = rows[["start_time", "end_time", "headway_secs"]].apply(pd.to_numeric)
    for trip, (start, end, headway) in zip(
        rows["trip_id"].astype(str), numbers.to_numpy(dtype=np.int64).tolist(), strict=True
    ):
        held = by_trip[trip]
        begins = np.arange(start, end, headway)
        first = float(held["departure"].iloc[0])
        for begin in begins.tolist():
            moved = held.assign(trip=f"{trip}@{begin}")
            moved[["arrival", "departure"]] += begin - first
            made.append(moved)
    rest = calls[~calls["trip"].isin(rows["trip_id"].astype(str))]
    return pd.concat([rest, *made], ignore_index=True)


def _timetable(
    path: Path, calls: pd.DataFrame, stops: pd.DataFrame, transfers: pd.DataFrame | None
) -> Timetable:
    stops = stops.assign(stop_id=stops["stop_id"].astype(str)).set_index("stop_id")
    ids = sorted(set(calls["stop"]))
    if lost := [one for one in ids if one not in stops.index]:
        raise _refused(path, Message("imports.stops_lost", stops=tuple(lost[:5]), count=len(lost)))
    points = stops.loc[ids, ["stop_lat", "stop_lon"]].apply(pd.to_numeric, errors="coerce")
    if points.isna().any().any():
        lost = points.index[points.isna().any(axis=1)].tolist()
        raise _refused(
            path, Message("imports.stops_without_point", stops=tuple(lost[:5]), count=len(lost))
        )
    place = {one: at for at, one in enumerate(ids)}
    calls = calls.sort_values(["trip", "sequence"], kind="stable", ignore_index=True)
    trip, _ = pd.factorize(calls["trip"], sort=True)
    stop = calls["stop"].map(place).to_numpy(dtype=np.int64)
    same = trip[1:] == trip[:-1]
    departure = calls["departure"].to_numpy(dtype=np.float64)[:-1][same].astype(np.int64)
    arrival = calls["arrival"].to_numpy(dtype=np.float64)[1:][same].astype(np.int64)
    backward = np.flatnonzero(arrival < departure)
    if len(backward):
        names = calls["trip"].to_numpy()[:-1][same][backward[:5]].tolist()
        raise _refused(
            path, Message("imports.back_in_time", trips=tuple(names), count=len(backward))
        )
    order = np.lexsort((np.flatnonzero(same), arrival, departure))
    return Timetable(
        tuple(ids),
        points["stop_lat"].to_numpy(dtype=np.float64),
        points["stop_lon"].to_numpy(dtype=np.float64),
        stop[:-1][same][order],
        stop[1:][same][order],
        departure[order],
        arrival[order],
        np.asarray(trip[:-1][same][order], dtype=np.int64),
        calls["boards"].to_numpy(dtype=np.bool_)[:-1][same][order],
        calls["alights"].to_numpy(dtype=np.bool_)[1:][same][order],
        _transfers(transfers, place),
    )


def _transfers(rows: pd.DataFrame | None, place: dict[str, int]) -> dict[tuple[int, int], int]:
    """Least seconds of changes that the feed states; of rows for lines or trips none is taken."""
    if rows is None or rows.empty:
        return {}
    found: dict[tuple[int, int], int] = {}
    for row in rows.to_dict("records"):
        if any(
            str(row.get(name) or "nan") != "nan"
            for name in ("from_route_id", "to_route_id", "from_trip_id", "to_trip_id")
        ):
            continue
        one, other = (place.get(str(row.get(name))) for name in ("from_stop_id", "to_stop_id"))
        if one is None or other is None:
            continue
        kind = str(row.get("transfer_type", "0")).removesuffix(".0")
        if kind == _NEVER:
            found[one, other] = -1
        elif kind == _TIMED:
            least = str(row.get("min_transfer_time") or "0").partition(".")[0]
            found[one, other] = int(least) if least.isdigit() else 0
        else:
            found[one, other] = 0
    return found
