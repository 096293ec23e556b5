"""A country's tables as the weeks of its municipalities, each with its own people and means.

Hides what belongs to whom. Nothing is used twice, and nothing disappears: what stands in one
municipality and is used by a citizen of another is taken off there; whatever cannot be given to one
week is named in :class:`LeftOut`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.policy import Policy, override_of
from matcher.problem import Problem
from matcher.row_kinds import ROW_KINDS

Ints = npt.NDArray[np.int64]
Frames = dict[str, pd.DataFrame]

_QUARTERS = 4
"""Mentor hours are shared out in quarters of an hour."""
_OF_CITIZENS = ("running", "locks", "forbids", "previous", "audit_groups")


@dataclass(frozen=True, eq=False)
class MunicipalityWeek:
    """One municipality's week."""

    municipality: str
    """As the tables write it."""
    tables: Frames
    policy: Policy
    """The country's, with its share of the budgets."""


@dataclass(frozen=True)
class LeftOut:
    """What no municipality's week holds, counted; the tables say which."""

    no_municipality: int = 0
    """Citizens without a municipality."""
    two_homes: int = 0
    """Citizens whose household stands in more than one municipality."""
    workplaces: int = 0
    """Workplaces at a postcode without a municipality."""
    openings: int = 0
    """Openings at those."""
    classes: int = 0
    """Danish classes at a postcode without a municipality."""

    @property
    def citizens(self) -> int:
        """Citizens in no week."""
        return self.no_municipality + self.two_homes


def split(problem: Problem) -> tuple[tuple[MunicipalityWeek, ...], LeftOut]:
    """Split a week into one for each municipality that has citizens.

    Citizens go by their municipality; workplaces, openings and classes by that of their place;
    mentor pools by theirs, or their workplace's; caseworkers, pools and courses that serve several
    in proportion to citizens, in whole seats and quarters of an hour; budgets likewise, in whole
    DKK. Whoever is placed, or has a lock, at an opening of another municipality keeps it: the
    opening stands in both weeks, here with those seats alone, there without them.

    Parameters
    ----------
    problem
        The country's week. Columns ``citizens.municipality`` and ``places.municipality`` say who
        belongs where.

    Returns
    -------
    parts
        By municipality, in the order of its name.
    left_out
        What is in none of them.
    """
    tables = {name: problem[name] for name in problem.tables}
    citizens, places = tables["citizens"], tables["places"]
    home = citizens["municipality"].astype(object)
    homes = home.groupby(citizens["household_id"].astype(object)).transform("nunique")
    torn = (homes > 1).to_numpy(np.bool_)
    nowhere = home.isna().to_numpy(np.bool_)
    citizens = citizens.assign(_home=home.mask(torn)).dropna(subset="_home")
    where = dict(zip(places["postcode"], places["municipality"].astype(object), strict=True))
    workplaces = tables["workplaces"]
    workplaces = workplaces.assign(_home=workplaces["postcode"].map(where))
    at = dict(zip(workplaces["workplace_id"], workplaces["_home"], strict=True))
    openings = tables["openings"].assign(_home=tables["openings"]["workplace_id"].map(at))
    marked = _Marked(problem, tables, citizens, workplaces, openings, where, at)
    left = LeftOut(
        int(nowhere.sum()),
        int((torn & ~nowhere).sum()),
        int(workplaces["_home"].isna().sum()),
        int(openings["_home"].isna().sum()),
        marked.without_home("teams"),
    )
    return tuple(marked.parts()), left


class _Marked:
    """Tables whose rows say whose they are, and how what is common is shared."""

    def __init__(
        self,
        problem: Problem,
        tables: Mapping[str, pd.DataFrame],
        citizens: pd.DataFrame,
        workplaces: pd.DataFrame,
        openings: pd.DataFrame,
        where: Mapping[str, str],
        at: Mapping[str, str],
    ) -> None:
        self._problem, self._tables = problem, tables
        counts = citizens["_home"].value_counts().sort_index()
        self._names: list[str] = [str(name) for name in counts.index]
        self._weights: Ints = np.asarray(counts, dtype=np.int64)
        living = dict(zip(citizens["citizen_id"], citizens["_home"], strict=True))
        held = {
            name: tables[name].assign(_home=tables[name]["citizen_id"].map(living))
            for name in _OF_CITIZENS
        }
        there = dict(zip(openings["opening_id"], openings["_home"], strict=True))
        self._rows = held | {
            "citizens": citizens,
            "workplaces": workplaces,
            "openings": openings,
            "teams": self._at_place("teams", where, at),
            "mentor_pools": self._pools(at),
            "events": tables["events"].assign(
                _home=tables["events"]["citizen_id"]
                .map(living)
                .fillna(tables["events"]["opening_id"].map(there))
            ),
        }
        self._kept_elsewhere(there)
        self._by_home = {
            name: frame.groupby("_home", sort=True).indices for name, frame in self._rows.items()
        }

    def without_home(self, name: str) -> int:
        """Count the rows of a table that belong to no municipality."""
        return int(self._rows[name]["_home"].isna().sum())

    def _at_place(self, name: str, where: Mapping[str, str], at: Mapping[str, str]) -> pd.DataFrame:
        frame = self._tables[name]
        own = frame["workplace_id"].map(at)
        return frame.assign(_home=own.fillna(frame["postcode"].map(where)))

    def _pools(self, at: Mapping[str, str]) -> pd.DataFrame:
        frame = self._tables["mentor_pools"]
        own = frame["municipality"].astype(object)
        return frame.assign(_home=own.fillna(frame["workplace_id"].map(at)))

    def _kept_elsewhere(self, there: Mapping[str, str]) -> None:
        """Take what citizens of other municipalities use off where it stands; copy the openings."""
        self._copies: dict[str, Ints] = {}
        openings, workplaces = self._rows["openings"], self._rows["workplaces"]
        held = pd.concat([self._rows["running"], self._rows["locks"]])
        held = held[held["_home"].notna()]
        away = held[held["_home"] != held["opening_id"].map(there)]
        seats = away.groupby(["_home", "opening_id"]).size()
        self._away = {name: part.droplevel(0) for name, part in seats.groupby(level=0) if len(part)}
        taken = away.groupby("opening_id").size()
        less = openings["opening_id"].map(taken).fillna(0).astype("int64")
        self._rows["openings"] = openings.assign(seats=(openings["seats"] - less).clip(lower=0))
        measures = self._problem.policy.measures
        ruled = [name for name in measures if measures[name].ratio_rule]
        counts = away[away["measure"].isin(ruled)]
        work = dict(zip(openings["opening_id"], openings["workplace_id"], strict=True))
        under = counts["opening_id"].map(work).value_counts()
        more = workplaces["workplace_id"].map(under).fillna(0).astype("int64")
        self._rows["workplaces"] = workplaces.assign(
            other_ratio_places=workplaces["other_ratio_places"] + more
        )
        self._supports_elsewhere()

    def _supports_elsewhere(self) -> None:
        """Take class seats and mentor hours of placements in other municipalities off there."""
        running = self._rows["running"].copy()
        for kind in ROW_KINDS.values():
            if not kind.taken_by or kind.table not in self._rows or kind.seat:
                continue
            frame = self._rows[kind.table]
            owner = running[kind.taken_by].map(
                dict(zip(frame[kind.key], frame["_home"], strict=True))
            )
            away = running[running[kind.taken_by].notna() & owner.notna()]
            away = away[owner[away.index] != away["_home"]]
            used = away.groupby(kind.taken_by)[kind.taken or kind.taken_by]
            taken = used.sum() if kind.taken else used.count()
            there = frame[kind.capacity]
            left = there - frame[kind.key].map(taken).fillna(0).astype(there.dtype)
            self._rows[kind.table] = frame.assign(**{kind.capacity: left.clip(lower=0)})
            running.loc[away.index, kind.taken_by] = None
        self._rows["running"] = running

    def parts(self) -> list[MunicipalityWeek]:
        """Make the week of every municipality that has citizens."""
        shared = self._shared()
        budgets = self._budgets()
        return [
            MunicipalityWeek(name, self._tables_of(name, position, shared), budgets[position])
            for position, name in enumerate(self._names)
        ]

    def _shared(self) -> dict[str, tuple[pd.DataFrame, Ints]]:
        """Return rows that several municipalities use, and the units of each for each."""
        pools = self._rows["mentor_pools"]
        common = pools[pools["_home"].isna()]
        quarters = np.floor(common["hours"].to_numpy(np.float64) * _QUARTERS).astype(np.int64)
        courses = self._tables["courses"]
        workers = self._tables["caseworkers"]
        citizens = self._rows["citizens"]
        served = pd.crosstab(citizens["caseworker_id"], citizens["_home"])
        served = served.reindex(index=workers["caseworker_id"], columns=self._names, fill_value=0)
        cases: Ints = served.to_numpy(np.int64)
        seats = courses["seats"].to_numpy(np.int64)
        everybody = np.tile(self._weights, (max(len(common), len(courses)), 1))
        return {
            "mentor_pools": (common, apportioned(quarters, everybody[: len(common)])),
            "courses": (courses, apportioned(seats, everybody[: len(courses)])),
            "caseworkers": (
                workers,
                np.where(
                    cases.sum(axis=1, keepdims=True) > 0,
                    apportioned(workers["capacity"].to_numpy(np.int64), cases),
                    -1,
                ),
            ),
        }

    def _budgets(self) -> list[Policy]:
        policy = self._problem.policy
        lines = sorted(policy.money.budgets)
        totals = np.array([policy.money.budgets[line] for line in lines], dtype=np.int64)
        shares = apportioned(totals, np.tile(self._weights, (len(lines), 1)))
        return [
            override_of(policy, {"money": {"budgets": dict(zip(lines, own, strict=True))}})
            for own in shares.T.tolist()
        ]

    def _tables_of(
        self, name: str, position: int, shared: Mapping[str, tuple[pd.DataFrame, Ints]]
    ) -> Frames:
        own = {
            table: frame.iloc[np.asarray(self._by_home[table].get(name, ()), dtype=np.int64)].drop(
                columns="_home"
            )
            for table, frame in self._rows.items()
        }
        own |= self._with_copies(name, own)
        for table, (rows, units) in shared.items():
            own[table] = self._share(own.get(table), rows, units[:, position], table)
        for table in ("previous", "forbids"):
            # One that names an opening of another week says nothing in this one.
            own[table] = self._known(own[table], own)
        codes = {
            code for table in ("citizens", "workplaces", "teams") for code in own[table]["postcode"]
        }
        places, ways = self._tables["places"], self._tables["travel_times"]
        own["places"] = places[places["postcode"].isin(codes)]
        own["travel_times"] = ways[
            ways["from_postcode"].isin(codes) & ways["to_postcode"].isin(codes)
        ]
        return {table: frame.reset_index(drop=True) for table, frame in own.items()}

    def _with_copies(self, name: str, own: Mapping[str, pd.DataFrame]) -> Frames:
        """Add openings elsewhere that citizens of this one keep, with those seats alone."""
        seats = self._away.get(name)
        if seats is None:
            return {}
        openings, workplaces = self._tables["openings"], self._tables["workplaces"]
        kept = openings[openings["opening_id"].isin(seats.index)]
        kept = kept.assign(seats=kept["opening_id"].map(seats).astype(openings["seats"].dtype))
        new = ~workplaces["workplace_id"].isin(own["workplaces"]["workplace_id"])
        at = workplaces[new & workplaces["workplace_id"].isin(kept["workplace_id"])]
        return {
            "openings": pd.concat([own["openings"], kept]),
            "workplaces": pd.concat([own["workplaces"], at]),
        }

    @staticmethod
    def _share(
        own: pd.DataFrame | None, rows: pd.DataFrame, units: Ints, table: str
    ) -> pd.DataFrame:
        if table == "caseworkers":
            here = units >= 0
            return rows[here].assign(capacity=units[here])
        if table == "courses":
            return rows[units > 0].assign(seats=units[units > 0])
        given = rows[units > 0].drop(columns="_home").assign(hours=units[units > 0] / _QUARTERS)
        return given if own is None or own.empty else pd.concat([own, given])

    @staticmethod
    def _known(rows: pd.DataFrame, own: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        known = rows["opening_id"].isna() | rows["opening_id"].isin(own["openings"]["opening_id"])
        if "workplace_id" in rows.columns:
            ids = own["workplaces"]["workplace_id"]
            known &= rows["workplace_id"].isna() | rows["workplace_id"].isin(ids)
        return rows[known]


def apportioned(totals: Ints, weights: Ints) -> Ints:
    """Share whole units out in proportion, by largest remainders; ties to the first.

    Parameters
    ----------
    totals
        Units of each row, at least 0, shape (rows,).
    weights
        Weight of each share, at least 0, shape (rows, shares).

    Returns
    -------
    units
        Shape (rows, shares); adds up to ``totals`` in each row whose weights are not all 0.

    Examples
    --------
    >>> apportioned(np.array([10]), np.array([[1, 1, 1]])).tolist()
    [[4, 3, 3]]
    """
    whole = weights.sum(axis=1)
    safe = np.maximum(whole, 1)
    units = totals[:, None] * weights // safe[:, None]
    rest = totals[:, None] * weights - units * safe[:, None]
    order = np.argsort(-rest, axis=1, kind="stable")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(weights.shape[1])[None, :].repeat(len(totals), 0), 1)
    missing = np.where(whole > 0, totals - units.sum(axis=1), 0)
    return np.asarray(units + (place < missing[:, None]), dtype=np.int64)
