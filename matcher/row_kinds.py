"""The kinds of rows that placements share, a declaration each: nothing else lists them.

A row is something of which the placements of a week use no more than there is (for a floor: at
least what is asked for). The inequality of a kind stands with the function that builds its rows, in
:mod:`matcher.formulation`; everything else that differs between kinds stands here. What is the
same for all of them iterates :data:`ROW_KINDS`, in whose order the rows stand in the program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd


@dataclass(frozen=True)
class RowUnit:
    """What a row counts in."""

    id: str
    """Its name in stored and printed documents."""
    shown: int = 1
    """Units of a row that people speak of as one: an hour is 60 minutes."""
    more: int = 1
    """Units of a row that are meant by one more of it."""


PLACES = RowUnit("places")
MINUTES = RowUnit("minutes", shown=60, more=60)
"""A week."""
DKK = RowUnit("dkk", more=1000)
"""A week."""
DKK_YEAR = RowUnit("dkk_year", more=1000)
"""In all, until the year ends."""
UNITS: Mapping[str, RowUnit] = {unit.id: unit for unit in (PLACES, MINUTES, DKK, DKK_YEAR)}


@dataclass(frozen=True)
class RowKind:
    """A kind of row."""

    id: str
    """Snake case, never reused; the key of its texts and of its costs in the policy."""
    unit: RowUnit
    """What it counts in."""
    table: str = ""
    """Table with a row for each; empty: the policy or the households give them."""
    key: str = ""
    """Key of that table."""
    capacity: str = ""
    """Column that says how much there is, without a limit where empty; empty: worked out."""
    scale: int = 1
    """Units of a row in one of that column, and in one of the lever's step."""
    taken_by: str = ""
    """Column of the running placements that says which row they use; empty: they use none."""
    taken: str = ""
    """Column of the running placements that says how much; empty: one each."""
    more: Literal["decided", "asked", "measured", "never"] = "never"
    """Who can have more of it. ``decided``: the municipality, by a decision; ``asked``: an employer
    can be asked; both are levers. ``measured``: nobody, but what it would bring is told; ``never``:
    not even that."""
    place: str = ""
    """Column that says at which workplace it is."""
    title: str = ""
    """Column that says in words what it is."""
    told: int = 0
    """Rank where kinds are told one after the other, what a committee can decide about first."""
    listed: bool = False
    """Whether its rows are few and named one by one where kinds are counted."""
    texts: str = ""
    """Section of the texts that names its keys; empty: by names from the tables, else by id."""
    floor: bool = False
    """Whether there must be at least so much."""
    seat: bool = False
    """Whether it is the place itself: who lacks it lost to other people, not for want of help."""
    held: bool = False
    """Whether a placement holds what it takes of it week after week, until it ends."""
    home: bool = False
    """Whether it binds the adults of one home. Its key names them, so it is neither kept in the
    ledger nor in an outcome, and no page shows it: only the files of a run, which are the data
    team's own, list it. Its rows exist only where their offers could clash."""

    @property
    def lever(self) -> bool:
        """Whether more of it is tried for people without a proposal."""
        return self.more in {"decided", "asked"}

    def row(self, key: str) -> str:
        """Name of a row of the kind, as in ``Program.row_names``."""
        return f"{self.id}[{key}]"


OPENING_SEATS = RowKind(
    "opening_seats", PLACES, "openings", "opening_id", "seats", taken_by="opening_id",
    more="asked", place="workplace_id", title="title", told=9, seat=True,
)  # fmt: skip
WORKPLACE_RATIO = RowKind(
    "workplace_ratio", PLACES, "workplaces", "workplace_id",
    more="measured", place="workplace_id", told=6,
)  # fmt: skip
MENTOR_HOURS = RowKind(
    "mentor_hours", MINUTES, "mentor_pools", "pool_id", "hours", scale=60, taken_by="pool_id",
    taken="mentor_hours", more="decided", place="workplace_id", told=2, listed=True, held=True,
)  # fmt: skip
TEAM_SEATS = RowKind(
    "team_seats", PLACES, "teams", "team_id", "seats", taken_by="team_id",
    more="decided", place="workplace_id", told=3, listed=True, held=True,
)  # fmt: skip
COURSE_SEATS = RowKind(
    "course_seats", PLACES, "courses", "course_id", "seats", more="decided", told=4, listed=True
)
BUDGET = RowKind("budget", DKK, more="decided", texts="budget", told=1, listed=True, held=True)
YEAR_BUDGET = RowKind(
    "year_budget", DKK_YEAR, more="measured", texts="budget", told=11, listed=True
)
YEAR_QUOTA = RowKind("year_quota", PLACES, more="measured", texts="quota", told=12, listed=True)
CASELOAD = RowKind(
    "caseload", PLACES, "caseworkers", "caseworker_id", "capacity", more="decided", told=5
)
HOUSEHOLD_CARE = RowKind("household_care", PLACES, told=10, home=True)
WORKPLACE_INTAKE = RowKind(
    "workplace_intake", PLACES, "workplaces", "workplace_id", "intake_per_week",
    more="decided", place="workplace_id", told=7,
)  # fmt: skip
GROUP_FLOOR = RowKind("group_floor", PLACES, told=8, floor=True)

ROW_KINDS: dict[str, RowKind] = {
    kind.id: kind
    for kind in (
        OPENING_SEATS, WORKPLACE_RATIO, MENTOR_HOURS, TEAM_SEATS, COURSE_SEATS, BUDGET, YEAR_BUDGET,
        YEAR_QUOTA, CASELOAD, HOUSEHOLD_CARE, WORKPLACE_INTAKE, GROUP_FLOOR,
    )
}  # fmt: skip
"""All kinds by id, in the order of the program."""


class RowNames:
    """What rows are about, in words that people know.

    Parameters
    ----------
    tables
        The tables of a week by name.
    """

    def __init__(self, tables: Mapping[str, pd.DataFrame]) -> None:
        self._names: dict[tuple[str, str], str] = {}
        workplaces = tables["workplaces"]
        places = dict(zip(workplaces["workplace_id"], workplaces["name"].fillna(""), strict=True))
        for kind in ROW_KINDS.values():
            if not kind.place:
                continue
            table = tables[kind.table]
            at = [places.get(place, "") for place in table[kind.place].tolist()]
            titles = table[kind.title].fillna("").tolist() if kind.title else [""] * len(at)
            for key, title, place in zip(table[kind.key].tolist(), titles, at, strict=True):
                self._names[kind.id, key] = ", ".join(filter(None, (title, place)))

    def about(self, kind: str, key: str) -> str:
        """Title and workplace of what a row is about; empty where there is neither."""
        return self._names.get((kind, key), "")

    def own(self, kind: str, key: str) -> str:
        """Name of the thing itself with its id; the id where only its place has a name."""
        declared = ROW_KINDS[kind]
        name = self.about(kind, key) if declared.title or declared.key == declared.place else ""
        return f"{name} ({key})" if name else key
