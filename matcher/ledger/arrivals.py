"""Arrivals without ids: how many came in a week, by coarse cell, kept when the tables are gone.

Futures are drawn from the weeks that were seen, and half a year of them says more than the quarter
that inputs are kept. So before an input's tables are deleted, those who came in its week are
counted: a citizen's cell is benefit category, a band of spoken Danish, a band of hours and whether
a mentor is needed; an opening's is sector, first digit of its occupation and a band of the Danish
it asks for. A cell in which fewer than :data:`FEWEST` citizens came is joined with the others of
its category, a category with so few with all, and where so few are left over, the smallest cell
goes with them: whatever is said of somebody is said of so many who came. Where fewer came in all,
only how many is kept, and nothing of who they were.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa

from matcher.ledger.inputs import unpacked
from matcher.ledger.schema import ARRIVALS, INPUT_TABLES, INPUTS, RUNS, TABLES
from matcher.problem import as_frame
from matcher.records import TABLES as INPUT_RECORDS

FEWEST = 5
"""Citizens who came in a week that must share a cell."""
_A_WEEK = (5, 9)
"""Days between two runs that count as a week."""
KEYS: Mapping[str, str] = {"citizens": "citizen_id", "openings": "opening_id"}
"""Key of each table whose rows come and go."""
_READ = ("citizens", "openings", "workplaces")
_DANISH, _HOURS = (2, 4), (10, 20)
"""From where a band of levels, and of hours a week, begins; below is the first."""
_PARTS = {"citizens": 4, "openings": 3}


@dataclass(frozen=True)
class ArrivalWeek:
    """How many came in a week, by kind and cell."""

    day: dt.date
    counts: Mapping[str, Mapping[str, int]]


def cells(kind: str, tables: Mapping[str, pd.DataFrame]) -> npt.NDArray[np.object_]:
    """Cell of each row of a kind: its parts between bars.

    Parameters
    ----------
    kind
        ``citizens`` or ``openings``.
    tables
        Canonical, with workplaces.
    """
    frame = tables[kind]
    parts: list[npt.NDArray[np.object_]]
    if kind == "citizens":
        parts = [
            frame["category"].astype(str).to_numpy(object),
            _band(frame["oral"], _DANISH),
            _band(frame["capacity_hours"], _HOURS),
            np.where(frame["mentor_hours"].to_numpy(np.float64) > 0, "1", "0").astype(object),
        ]
    else:
        sites = tables["workplaces"]
        sector = dict(zip(sites["workplace_id"], sites["sector"].astype(str), strict=True))
        parts = [
            np.array([sector.get(one, "") for one in frame["workplace_id"]], dtype=object),
            frame["isco"].astype(str).str[:1].to_numpy(object),
            _band(frame["oral_floor"], _DANISH),
        ]
    return np.array(["|".join(one) for one in zip(*parts, strict=True)], dtype=object)


def matches(cell: str, found: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Say which cells a cell stands for: an empty part stands for any."""
    asked = cell.split("|")
    return np.array(
        [all(not a or a == b for a, b in zip(asked, one.split("|"), strict=True)) for one in found],
        dtype=np.bool_,
    )


def newcomers(
    inputs: Iterable[tuple[dt.date, Mapping[str, pd.DataFrame]]],
) -> Iterator[tuple[dt.date, Mapping[str, pd.DataFrame], dict[str, npt.NDArray[np.bool_]]]]:
    """Find the arrivals of each week: rows of a table that no earlier one had.

    Parameters
    ----------
    inputs
        Days and their tables, oldest first.

    Yields
    ------
    tuple
        Day, tables, and by kind which rows are new; only where the day is a week after the one
        before.
    """
    known: dict[str, set[str]] = {kind: set() for kind in KEYS}
    before: dt.date | None = None
    for day, tables in inputs:
        new = {kind: ~tables[kind][key].isin(list(known[kind])).to_numpy(np.bool_)
               for kind, key in KEYS.items()}  # fmt: skip
        for kind, key in KEYS.items():
            known[kind] |= set(tables[kind][key])
        if before is not None and _A_WEEK[0] <= (day - before).days <= _A_WEEK[1]:
            yield day, tables, new
        before = day


def count_arrivals(connection: sa.Connection) -> None:
    """Count the arrivals of every week whose tables are there and that is not counted yet."""
    counted = set(connection.execute(sa.select(ARRIVALS.c.day).distinct()).scalars())
    inputs = _inputs(connection)
    if counted.issuperset(inputs):
        return
    weeks = ((day, _tables(connection, digest)) for day, digest in inputs.items())
    for day, tables, new in newcomers(weeks):
        if day not in counted:
            rows = [
                {"day": day, "kind": kind, "cell": cell, "count": count}
                for kind in KEYS
                for cell, count in _counts(kind, tables, new[kind]).items()
            ]
            connection.execute(sa.insert(ARRIVALS), rows)


def arrival_weeks(
    connection: sa.Connection, since: dt.date, until: dt.date
) -> tuple[ArrivalWeek, ...]:
    """Read counted weeks from one day on and before another, oldest first."""
    query = (
        sa.select(ARRIVALS)
        .where(ARRIVALS.c.day >= since, ARRIVALS.c.day < until)
        .order_by(ARRIVALS.c.day, ARRIVALS.c.kind, ARRIVALS.c.cell)
    )
    found: dict[dt.date, dict[str, dict[str, int]]] = {}
    for day, kind, cell, count in connection.execute(query):
        by_kind = found.setdefault(day, {one: {} for one in KEYS})
        by_kind[kind][cell] = count
    return tuple(ArrivalWeek(day, counts) for day, counts in found.items())


def _counts(
    kind: str, tables: Mapping[str, pd.DataFrame], new: npt.NDArray[np.bool_]
) -> dict[str, int]:
    """Count new rows by cell; a week in which nobody came has a 0 for all."""
    counts = Counter(cells(kind, tables)[new].tolist())
    if kind == "citizens":
        counts = _joined(counts)
    return dict(sorted(counts.items())) or {_whole(kind): 0}


def _whole(kind: str) -> str:
    """Cell that stands for all of a kind."""
    return "|" * (_PARTS[kind] - 1)


def _joined(counts: Counter[str]) -> Counter[str]:
    """Join cells of few with their category, a category of few with all, and no few are left."""
    for kept in (1, 0):
        found: Counter[str] = Counter()
        for cell, count in counts.items():
            parts = cell.split("|")
            wider = "|".join(part if at < kept else "" for at, part in enumerate(parts))
            found[cell if count >= FEWEST else wider] += count
        counts = found
    every = _whole("citizens")
    while 0 < counts[every] < FEWEST and len(counts) > 1:
        smallest = min((count, cell) for cell, count in counts.items() if cell != every)[1]
        counts[every] += counts.pop(smallest)
    return +counts


def _band(values: pd.Series, begins: tuple[int, ...]) -> npt.NDArray[np.object_]:
    """Give the number of the band each value is in, as text; unknown counts as the lowest."""
    numbers = values.astype("float64").fillna(0).to_numpy(np.float64)
    return np.searchsorted(np.array(begins), numbers, side="right").astype(str).astype(object)


def _inputs(connection: sa.Connection) -> dict[dt.date, str]:
    """Find the stored input of each day, oldest first; of several the newest run's."""
    query = (
        sa.select(RUNS.c.day, RUNS.c.input_digest)
        .join(INPUTS, INPUTS.c.digest == RUNS.c.input_digest)
        .where(INPUTS.c.dropped_at.is_(None))
        .order_by(RUNS.c.day, RUNS.c.number)
    )
    return {row.day: row.input_digest for row in connection.execute(query)}


def _tables(connection: sa.Connection, digest: str) -> dict[str, pd.DataFrame]:
    query = (
        sa.select(INPUT_TABLES.c.name, TABLES.c.content)
        .join(TABLES, TABLES.c.digest == INPUT_TABLES.c.table_digest)
        .where(INPUT_TABLES.c.input_digest == digest, INPUT_TABLES.c.name.in_(_READ))
    )
    found = {row.name: unpacked(row.name, row.content) for row in connection.execute(query)}
    # A table without rows is not stored.
    return {name: found.get(name, as_frame(INPUT_RECORDS[name], {})) for name in _READ}
