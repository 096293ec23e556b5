"""People and openings as columns: filtered by masks and shown a page at a time, however many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Mask = npt.NDArray[np.bool_]

PAGE = 50
"""Rows of a page."""
HOURS = (10, 20, 30)
"""Whole hours a week at which bands begin."""
PROPOSED = "proposed"
LACKED = "lack."
"""Begins the value of a filter that is a resource, which may be called as a rule is."""
WAITING, WITHOUT = "waiting", "without"
"""Values of the filter by outcome that stand for several: everybody who waits for a place, and
those of them who are proposed none."""
PLACED = "already_placed"
UNDECIDED = "undecided"
UNKNOWN = "-"
"""Value of a filter for what is not known."""
OF_PEOPLE = (
    "district", "oral", "team", "cause", "stopped", "measure", "sector", "hours", "sure", "decision"
)  # fmt: skip
"""Filters of people, in the order of the page."""
OF_OPENINGS = ("district", "sector", "seats", "cause", "stopped")
"""Filters of openings."""
TAKEN = "taken"
"""Value of the filter by seats for openings of which at least one is filled."""


@dataclass(frozen=True, eq=False)
class ListTable:
    """Rows as columns, with what they are filtered by."""

    frame: pd.DataFrame
    """A row each."""
    filters: Mapping[str, Any]
    """One value per row."""
    stopped: Mapping[str, Mask]
    """By rule: whether it stopped the row, of which several may."""
    order: npt.NDArray[np.int64]
    """Rows in the order of the page, unless another is asked for."""
    groups: Mapping[str, Mapping[str, Collection[str]]] = field(default_factory=dict)
    """By filter: values that stand for several others."""

    def __len__(self) -> int:
        """Rows."""
        return len(self.frame)

    def values(self, name: str) -> list[str]:
        """Values that a filter may have, in order."""
        if name == "stopped":
            return list(self.stopped)
        return [*(str(one) for one in self.filters[name].categories), *self.groups.get(name, ())]

    def mask(self, asked: Mapping[str, str]) -> Mask:
        """Rows that every filter lets through.

        Parameters
        ----------
        asked
            Value by filter. One that no row has lets nothing through.
        """
        kept = np.ones(len(self.frame), dtype=np.bool_)
        for name, value in asked.items():
            if name == "stopped":
                kept &= self.stopped.get(value, np.zeros(len(kept), dtype=np.bool_))
            elif name in self.filters:
                codes = self.filters[name]
                meant = self.groups.get(name, {}).get(value, (value,))
                known = codes.categories.get_indexer(pd.Index(list(meant), dtype=object))
                kept &= np.isin(codes.codes, known[known >= 0])
        return kept

    def counts(self, name: str, kept: Mask) -> dict[str, int]:
        """Count rows by value of a filter, most first."""
        if name == "stopped":
            found = {value: int((where & kept).sum()) for value, where in self.stopped.items()}
        else:
            codes = self.filters[name]
            known = codes.codes[kept & (codes.codes >= 0)]
            sums = np.bincount(known, minlength=len(codes.categories))
            found = dict(zip(map(str, codes.categories), sums.tolist(), strict=True))
        return dict(sorted(
            ((value, count) for value, count in found.items() if count),
            key=lambda item: (-item[1], item[0]),
        ))  # fmt: skip

    def rows(self, kept: Mask, first: int = 0, most: int | None = None) -> list[dict[str, Any]]:
        """Return the rows that are let through, in order, from one on."""
        wanted = self.order[kept[self.order]][first : None if most is None else first + most]
        columns = {str(name): self.frame[name].iloc[wanted].tolist() for name in self.frame}
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


@dataclass(frozen=True, eq=False)
class Lists:
    """The lists of a run."""

    people: ListTable
    openings: ListTable
    at: Mapping[str, int]
    """Position of a person by opaque row."""
    facts: Mapping[str, Mapping[str, Any]] = field(repr=False)
    """What the run's document says of a person, by id."""
    deep: bool
    """Whether the run tells sure proposals from close ones."""

    def citizen(self, row: str) -> str | None:
        """Id behind an opaque row; None: there is nobody."""
        at = self.at.get(row)
        return None if at is None else str(self.people.frame["citizen_id"].iloc[at])


def lists_of(
    document: Mapping[str, Any],
    citizens: pd.DataFrame | None,
    places: pd.DataFrame | None,
    row_of: Callable[[str], str],
) -> Lists:
    """Make the lists of a run.

    Parameters
    ----------
    document
        As in ``run.json``.
    citizens, places
        The run's tables, for where people live and their Danish. None: they are not kept any more,
        and of people with a proposal neither is known.
    row_of
        Makes an opaque row of an id.
    """
    proposals, unplaced = document["proposals"], document["unplaced"]
    facts = {one["citizen_id"]: one for one in (*proposals, *unplaced)}
    people = [_proposed(one) for one in proposals] + [_left(one) for one in unplaced]
    frame = pd.DataFrame(people, columns=list(_left({})))
    homes = _homes(citizens, places)
    lived = [homes.get(one, (level, where)) for one, level, where in zip(
        frame["citizen_id"], frame["oral"], frame["district"], strict=True)]  # fmt: skip
    frame["oral"] = [-1 if level is None or level != level else int(level) for level, _ in lived]
    frame["district"] = [where for _, where in lived]
    frame["row"] = [row_of(one) for one in frame["citizen_id"]]
    # Close calls first, then by id: whoever opens the page sees what needs an eye.
    rank = frame["sure"].map({"close": 0, "middle": 1, "sure": 2, "locked": 3, "": 2})
    order = np.lexsort((frame["citizen_id"].to_numpy(dtype=str), rank.to_numpy()))
    stopped = [_stops(one) for one in unplaced]
    filters = {
        "district": _categories(frame["district"]),
        "oral": _categories(frame["oral"].map(lambda level: UNKNOWN if level < 0 else str(level))),
        "team": _categories(frame["team"]),
        "cause": _categories(frame["cause"], first=PROPOSED),
        "measure": _categories(frame["measure"]),
        "sector": _categories(frame["sector"]),
        "hours": _categories(_bands(frame["minutes"])),
        "sure": _categories(frame["sure"]),
    }
    table = ListTable(
        frame, filters, _stopped(stopped, before=len(proposals)), order.astype(np.int64),
        {"cause": _outcomes(filters["cause"])},
    )  # fmt: skip
    return Lists(
        people=table,
        openings=_openings(
            document["openings"], Counter(one["opening_id"] for one in document.get("backups", ()))
        ),
        at={row: at for at, row in enumerate(frame["row"].tolist())},
        facts=facts,
        deep=bool(proposals) and "margin" in proposals[0],
    )


def _outcomes(causes: Any) -> dict[str, tuple[str, ...]]:
    """Say which outcomes stand for who waits, and for who of them is proposed nothing."""
    waiting = tuple(str(one) for one in causes.categories if one != PLACED)
    return {WAITING: waiting, WITHOUT: tuple(one for one in waiting if one != PROPOSED)}


def with_decisions(people: ListTable, verdicts: Mapping[str, str]) -> ListTable:
    """Lay what has been decided over people.

    Parameters
    ----------
    verdicts
        Verdict by citizen.
    """
    proposed = people.frame["cause"].to_numpy() == PROPOSED
    said = [verdicts.get(one, UNDECIDED) for one in people.frame["citizen_id"].tolist()]
    column = np.where(proposed, np.array(said, dtype=object), "")
    frame = people.frame.assign(decision=column)
    filters = {**people.filters, "decision": _categories(pd.Series(column))}
    return ListTable(frame, filters, people.stopped, people.order, people.groups)


def band(minutes: float) -> str:
    """Band of hours that minutes a week fall into: ``0-9``, ``10-19``, ``20-29``, ``30-``."""
    hours = minutes / 60
    edges = (0, *HOURS)
    at = max(place for place, edge in enumerate(edges) if hours >= edge)
    return f"{edges[at]}-{edges[at + 1] - 1}" if at + 1 < len(edges) else f"{edges[at]}-"


def _bands(minutes: pd.Series) -> pd.Series:
    known = {value: band(value) for value in minutes.dropna().unique()}
    return pd.Series([known.get(value, "") for value in minutes.tolist()], dtype=object)


def _homes(
    citizens: pd.DataFrame | None, places: pd.DataFrame | None
) -> dict[str, tuple[Any, str]]:
    """Return Danish and district of each citizen by id; nothing where it is not kept any more."""
    if citizens is None or places is None:
        return {}
    names = dict(zip(places["postcode"].tolist(), places["name"].tolist(), strict=True))
    where = [names.get(one) or "" for one in citizens["postcode"].tolist()]
    return dict(zip(
        citizens["citizen_id"].tolist(),
        zip(citizens["oral"].tolist(), where, strict=True),
        strict=True,
    ))  # fmt: skip


def _proposed(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "citizen_id": one["citizen_id"],
        "caseworker_id": one["caseworker_id"] or "",
        "team": one["unit"],
        "district": "",
        "oral": None,
        "cause": PROPOSED,
        "measure": one["measure"],
        "measure_name": one["measure_name"],
        "sector": one["sector"],
        "minutes": one["minutes"],
        "sure": one.get("margin", {}).get("triage", ""),
        "opening_id": one["opening_id"],
        "title": one["title"] or one["opening_id"],
        "workplace": one["workplace"] or one["workplace_id"],
        "fit": one["fit"],
        "start": one["start"],
    }


def _left(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "citizen_id": one.get("citizen_id"),
        "caseworker_id": one.get("caseworker_id") or "",
        "team": one.get("unit", ""),
        "district": one.get("district", ""),
        "oral": one.get("oral"),
        "cause": one.get("cause", ""),
        "measure": "",
        "measure_name": None,
        "sector": "",
        "minutes": None,
        "sure": "",
        "opening_id": "",
        "title": "",
        "workplace": "",
        "fit": None,
        "start": "",
    }


def _openings(rows: Sequence[Mapping[str, Any]], waiting: Mapping[str, int]) -> ListTable:
    names = ("opening_id", "title", "workplace", "workplace_id", "sector", "district", "shifts",
             "free", "filled", "cause", "possible", "reach")  # fmt: skip
    frame = pd.DataFrame([{name: row[name] for name in names} for row in rows], columns=list(names))
    frame["title"] = frame["title"].where(frame["title"] != "", frame["opening_id"])
    frame["back_ups"] = [waiting.get(one, 0) for one in frame["opening_id"]]
    filters = {name: _categories(frame[name]) for name in ("district", "sector", "cause")}
    taken, left = frame["filled"] > 0, frame["filled"] < frame["free"]
    filters["seats"] = _categories(
        pd.Series(np.where(taken, np.where(left, "some", "all"), "none"), dtype=object)
    )
    stopped = [_stops(row) for row in rows]
    order = np.argsort(frame["opening_id"].to_numpy(dtype=str), kind="stable")
    groups = {"seats": {TAKEN: ("some", "all")}}
    return ListTable(frame, filters, _stopped(stopped), order.astype(np.int64), groups)


def of_figures(openings: ListTable, few: int) -> ListTable:
    """Leave out, for whoever sees figures alone, the outcome of openings that few people fill.

    Parameters
    ----------
    openings
        As everybody else sees them.
    few
        Fewest people of whom there may be a figure.
    """
    if not few:
        return openings
    frame = openings.frame
    hidden = frame["filled"].between(1, few - 1)
    frame = frame.assign(cause=frame["cause"].where(~hidden, ""))
    nothing = pd.Series([""] * len(frame), dtype=object)
    filters = {
        **openings.filters,
        "cause": _categories(frame["cause"]),
        "seats": _categories(nothing),
    }
    return ListTable(frame, filters, openings.stopped, openings.order)


def _categories(column: pd.Series, first: str = "") -> Any:
    """Make a filter of a column; an empty text is no value."""
    found = column.astype(str)
    values = sorted(set(found.tolist()) - {""}, key=lambda value: (value != first, value))
    codes = pd.Index(values, dtype=object).get_indexer(pd.Index(found.tolist(), dtype=object))
    return pd.Categorical.from_codes(codes.tolist(), categories=pd.Index(values, dtype=object))


def _stops(one: Mapping[str, Any]) -> list[str]:
    """List what stopped a row: rules by id, resources that ran out with ``LACKED`` before it."""
    return [*one["killed"], *(LACKED + rule for rule in one["lost_on"])]


def _stopped(rows: Iterable[Iterable[str]], before: int = 0) -> dict[str, Mask]:
    """By rule, the rows it stopped; ``before``: rows ahead of these that nothing stopped."""
    found: dict[str, list[int]] = {}
    count = before
    for at, row in enumerate(rows, start=before):
        count = at + 1
        for rule in row:
            found.setdefault(rule, []).append(at)
    masks: dict[str, Mask] = {}
    for rule in sorted(found):
        masks[rule] = np.zeros(count, dtype=np.bool_)
        masks[rule][found[rule]] = True
    return masks
