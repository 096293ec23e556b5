"""Travel times by a timetable: changes, walks, days, and an oracle that tries every journey."""

from __future__ import annotations

import datetime as dt
import math
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from matcher.errors import InputErrors, OptionError
from matcher.imports import ImportRequest, import_files
from matcher.imports.earliest import NO_WAY, for_table, minutes_by_hour, walking
from matcher.imports.timetable import Timetable, read_timetable
from matcher.policy import load_policy
from tests.imports.made_feed import STOPS, TRIPS, metres, write_feed
from tests.volume import daily

MONDAY = dt.date(2026, 11, 23)
RULE = walking()
PLACES = pd.DataFrame(
    {
        "postcode": ["8000", "8200", "8300", "8400"],
        "latitude": [56.1500, 56.1905, 56.2100, 55.9000],
        "longitude": [10.2000, 10.2000, 10.2500, 10.2000],
    }
)


def walk(one: tuple[float, float], other: tuple[float, float]) -> int:
    speed = RULE.walk_kmh * 1000 / 3600
    return math.ceil(round(metres(one, other) * RULE.detour_percent / 100 / speed, 4))


def minutes(table: Timetable, hours: Any = (7,), places: pd.DataFrame = PLACES) -> dict[Any, Any]:
    found = minutes_by_hour(table, places, hours)
    return {
        (row["from_postcode"], row["to_postcode"], row["hour"]): row["minutes"]
        for row in found.to_dict("records")
    }


def test_a_change_with_a_walk_is_reached_and_a_missed_one_waits(tmp_path: Path) -> None:
    """8000 stands at A. To C and a walk to 8200: 20 minutes of ride; to D by C2: 07:00 to 07:40."""
    table = read_timetable(write_feed(tmp_path / "feed.zip"), MONDAY)
    found = minutes(table)
    point = (56.1905, 10.2000)
    near = min(walk(STOPS["C"], point), RULE.change_seconds + 10**6)
    assert found["8000", "8200", 7] == math.ceil((20 * 60 + near) / 60)
    assert walk(STOPS["C"], STOPS["C2"]) < RULE.change_seconds
    # 07:00 from A, 07:20 at C, two minutes to change to C2, 07:25 to D at 07:40.
    assert found["8000", "8300", 7] == 40
    # Nothing goes back, and 8400 has no stop near it.
    assert math.isnan(found["8300", "8000", 7])
    assert math.isnan(found["8000", "8400", 7])
    told = for_table(minutes_by_hour(table, PLACES, (7,)))
    back = told["from_postcode"].eq("8300") & told["to_postcode"].eq("8000")
    assert told.loc[back, "minutes"].tolist() == [NO_WAY]


def test_times_left_out_are_spread_and_days_are_kept_apart(tmp_path: Path) -> None:
    feed = write_feed(tmp_path / "feed.zip")
    table = read_timetable(feed, MONDAY)
    at_b = table.arrival[
        (table.reaches == table.stops.index("B")) & (table.departure == 7 * 3600 + 1800)
    ]
    assert at_b.tolist() == [7 * 3600 + 40 * 60]
    saturday = read_timetable(feed, dt.date(2026, 11, 28))
    # On Saturday the trip after midnight of Friday runs at half past noon of the night.
    assert sorted(saturday.departure.tolist()) == [30 * 60, 7 * 3600]
    assert minutes(saturday)["8000", "8200", 7] < minutes(table)["8000", "8200", 7]
    assert not math.isnan(minutes(saturday, (0,))["8000", "8200", 0])


def test_the_longest_of_the_hours_counts_and_none_is_beyond_any_limit(tmp_path: Path) -> None:
    table = read_timetable(write_feed(tmp_path / "feed.zip"), MONDAY)
    by_hour = minutes_by_hour(table, PLACES, (6, 7))
    rows = by_hour.set_index(["from_postcode", "to_postcode", "hour"])["minutes"]
    assert math.isnan(rows["8000", "8300", 6])
    told = for_table(by_hour).set_index(["from_postcode", "to_postcode"])["minutes"]
    assert told["8000", "8300"] == 40
    assert told["8000", "8400"] == NO_WAY


def test_trips_by_frequency_and_stated_changes(tmp_path: Path) -> None:
    """Every ten minutes is written out; a change that is not possible is none."""
    more = {
        "frequencies.txt": "trip_id,start_time,end_time,headway_secs\nt1,08:00:00,09:00:00,600\n",
        "transfers.txt": "from_stop_id,to_stop_id,transfer_type,min_transfer_time\n"
        "C,C2,3,\nC,C,2,30\n",
    }
    table = read_timetable(write_feed(tmp_path / "feed.zip", more=more), MONDAY)
    leaves = table.departure[table.leaves == table.stops.index("A")]
    assert [int(one) for one in leaves if 8 * 3600 <= one < 9 * 3600] == [
        8 * 3600 + 600 * at for at in range(6)
    ]
    assert math.isnan(minutes(table)["8000", "8300", 7])


@pytest.mark.parametrize("seed", daily(2, range(4)))
def test_it_is_what_trying_every_journey_finds(tmp_path: Path, seed: int) -> None:
    """Random timetables: every way of up to four rides is tried for every second worth leaving."""
    draw = random.Random(seed)
    names = list(STOPS)
    trips: dict[str, Any] = {}
    for number in range(14):
        at, calls = 7 * 3600 + 60 * draw.randrange(60), []
        for stop in draw.sample(names, draw.choice((2, 3, 4))):
            calls.append((stop, f"{at // 3600:02d}:{at // 60 % 60:02d}:{at % 60:02d}"))
            at += 60 * draw.randrange(1, 15)
        trips[f"r{number}"] = ("WK", calls)
    table = read_timetable(write_feed(tmp_path / "feed.zip", trips=trips), MONDAY)
    found = minutes(table)
    points = {row["postcode"]: (row["latitude"], row["longitude"])
              for row in PLACES.to_dict("records")}  # fmt: skip
    for (origin, goal, _), told in found.items():
        expected = _tried(trips, points[origin], points[goal])
        assert (None if math.isnan(told) else told) == expected, (origin, goal)


def _near(point: tuple[float, float]) -> dict[str, int]:
    away = {stop: metres(point, held) for stop, held in STOPS.items()}
    near = [stop for stop in away if away[stop] <= RULE.access_metres]
    least = min(away.values())
    if not near and least <= RULE.access_most_metres:
        near = [stop for stop in away if away[stop] == least]
    return {stop: walk(point, STOPS[stop]) for stop in near}


def _tried(
    trips: dict[str, Any], origin: tuple[float, float], goal: tuple[float, float]
) -> int | None:
    """Shortest journey by plain search: leave for each departure, ride, change, ride on."""
    rides = [
        (calls[i][0], _clock(calls[i][1]), calls[j][0], _clock(calls[j][1]))
        for _, calls in trips.values()
        for i in range(len(calls))
        for j in range(i + 1, len(calls))
    ]
    used = {stop for _, calls in trips.values() for stop, _ in calls}
    start = {stop: time for stop, time in _near(origin).items() if stop in used}
    end = {stop: time for stop, time in _near(goal).items() if stop in used}
    best: float = walk(origin, goal)
    best = best if best <= RULE.walk_most_minutes * 60 else math.inf
    for stop, to_stop in start.items():
        for leaves in {ride[1] - to_stop for ride in rides if ride[0] == stop}:
            if not 7 * 3600 <= leaves < 8 * 3600:
                continue
            here = {one: leaves + time for one, time in start.items()}
            reached: dict[str, float] = {}
            for _ in range(4):
                arrived = dict(reached)
                for board, departure, alight, arrival in rides:
                    if here.get(board, math.inf) <= departure:
                        arrived[alight] = min(arrived.get(alight, math.inf), arrival)
                reached = arrived
                for one, time in reached.items():
                    for other in used:
                        if other == one:
                            change = RULE.change_seconds
                        elif metres(STOPS[one], STOPS[other]) <= RULE.between_metres:
                            change = max(walk(STOPS[one], STOPS[other]), RULE.change_seconds)
                        else:
                            continue
                        here[other] = min(here.get(other, math.inf), time + change)
            for one, time in reached.items():
                if one in end and time + end[one] - leaves <= RULE.most_minutes * 60:
                    best = min(best, time + end[one] - leaves)
    return None if best == math.inf else math.ceil(best / 60)


def _clock(text: str) -> int:
    hours, minutes_, seconds = map(int, text.split(":"))
    return 3600 * hours + 60 * minutes_ + seconds


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"without": ("stops.txt",)}, "has the files stops.txt"),
        ({"more": {"stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
                   "t1,07:00:00,07:00:00,A,1\nt1,06:00:00,06:00:00,B,2\n"}}, "before it leaves"),
        ({"more": {"stops.txt": "stop_id,stop_lat,stop_lon\nA,56.1,10.2\n"}},
         "not among the stops"),
        ({"more": {"stop_times.txt": "nothing\n1\n"}}, "no GTFS feed that can be read"),
    ],
)  # fmt: skip
def test_a_feed_that_cannot_be_used_says_why(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputErrors, match=said):
        read_timetable(write_feed(tmp_path / "feed.zip", **changes), MONDAY)


def test_a_day_on_which_nothing_runs_says_when_it_does(tmp_path: Path) -> None:
    feed = write_feed(tmp_path / "feed.zip")
    with pytest.raises(InputErrors, match=r"nothing runs on 2027-01-04.*2026-11-02 to 2026-12-31"):
        read_timetable(feed, dt.date(2027, 1, 4))
    with pytest.raises(InputErrors, match="a zip file or a folder"):
        read_timetable(tmp_path / "none.zip", MONDAY)


def test_the_import_completes_the_table_and_lists_the_hours(tmp_path: Path) -> None:
    """A time that a team measured for another mode stays."""
    folder = tmp_path / "tables"
    folder.mkdir()
    PLACES.to_csv(folder / "places.csv", index=False)
    (folder / "travel_times.csv").write_text(
        "from_postcode,to_postcode,mode,minutes\n8000,8200,car,11\n8000,8200,transit,99\n", "utf-8"
    )
    feed = write_feed(tmp_path / "feed.zip")
    asked = ImportRequest(files=(feed,), into=folder, policy=load_policy(MONDAY), today=MONDAY,
                  hours=(7, 7))  # fmt: skip
    done = import_files("gtfs", asked)
    rows = pd.read_csv(folder / "travel_times.csv", dtype=str)
    told = {(row.from_postcode, row.to_postcode, row.mode): row.minutes
            for row in rows.itertuples()}  # fmt: skip
    assert told["8000", "8200", "car"] == "11"
    assert told["8000", "8200", "transit"] == "21"
    assert len(rows) == 13
    hours = pd.read_csv(folder / "imported" / "travel_by_hour.csv", sep=";", dtype=str,
                        encoding="utf-8-sig")  # fmt: skip
    assert set(hours["hour"]) == {"7"}
    assert done.counts["trips"] == len([one for one, _ in TRIPS.values() if one == "WK"])
    with pytest.raises(OptionError, match="one feed"):
        import_files(
            "gtfs",
            ImportRequest((feed, feed), into=folder, policy=load_policy(MONDAY), today=MONDAY),
        )
