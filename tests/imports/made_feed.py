"""A small timetable as a GTFS feed, and an oracle for its earliest arrivals."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Sequence
from pathlib import Path

Call = tuple[str, str]
"""Stop and time, ``HH:MM:SS`` or empty."""
STOPS: dict[str, tuple[float, float]] = {
    "A": (56.1500, 10.2000), "B": (56.1700, 10.2000), "C": (56.1900, 10.2000),
    "C2": (56.1902, 10.2010), "D": (56.2100, 10.2500), "E": (56.2500, 10.2000),
}  # fmt: skip
TRIPS: dict[str, tuple[str, Sequence[Call]]] = {
    "t1": ("WK", (("A", "07:00:00"), ("B", "07:10:00"), ("C", "07:20:00"))),
    "t2": ("WK", (("A", "07:30:00"), ("B", ""), ("C", "07:50:00"))),
    "t3": ("WK", (("C2", "07:25:00"), ("D", "07:40:00"))),
    "t4": ("WK", (("C2", "07:56:00"), ("D", "08:10:00"))),
    "late": ("WK", (("A", "24:30:00"), ("C", "24:50:00"))),
    "sat": ("SA", (("A", "07:00:00"), ("C", "07:05:00"))),
}


def write_feed(
    path: Path,
    *,
    trips: dict[str, tuple[str, Sequence[Call]]] | None = None,
    more: dict[str, str] | None = None,
    without: Sequence[str] = (),
) -> Path:
    """Write a feed as a zip file: weekdays (WK) and Saturdays (SA), November and December 2026."""
    trips = TRIPS if trips is None else trips
    calls = [
        f"{trip},{time},{time},{stop},{at}"
        for trip, (_, held) in trips.items()
        for at, (stop, time) in enumerate(held, start=1)
    ]
    files = {
        "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\n"
        "1,Busselskab,http://example.org,Europe/Copenhagen\n",
        "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n"
        + "".join(f"{one},Stop {one},{lat},{lon}\n" for one, (lat, lon) in STOPS.items()),
        "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_type\n1,1,1,,3\n",
        "trips.txt": "route_id,service_id,trip_id\n"
        + "".join(f"1,{service},{trip}\n" for trip, (service, _) in trips.items()),
        "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        + "\n".join(calls) + "\n",
        "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,"
        "start_date,end_date\nWK,1,1,1,1,1,0,0,20261101,20261231\n"
        "SA,0,0,0,0,0,1,0,20261101,20261231\n",
    }  # fmt: skip
    with zipfile.ZipFile(path, "w") as held:
        for name, text in {**files, **(more or {})}.items():
            if name not in without:
                held.writestr(name, text)
    return path


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great circle by the law of cosines: another formula than the program's."""
    (a, b), (c, d) = (tuple(map(math.radians, point)) for point in (one, other))
    angle = math.sin(a) * math.sin(c) + math.cos(a) * math.cos(c) * math.cos(b - d)
    return 6_371_008.8 * math.acos(min(1.0, angle))
