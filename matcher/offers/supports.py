"""Supports: Danish classes beside the job, mentor hours, and which of them fit whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from matcher.columns import lacking, positions
from matcher.offers.encoded_week import EncodedWeek, overlap, pool_municipality, weeks_of
from matcher.row_kinds import MENTOR_HOURS, TEAM_SEATS
from matcher.week import slots_of, week_minutes, widened

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Pools:
    """Mentor pools, by workplace and by municipality."""

    free: Ints
    """Minutes left, shape (pools + 1,); the last is for 'no pool' and is 0."""
    at: Ints
    """Pools of each workplace, shape (workplaces, most at one), -1 for none."""
    municipal: Ints
    """Pools open to citizens of each municipality, shape (municipalities + 1, most); the last row
    is for citizens without a municipality, who may use any."""
    best_at: Ints
    """Largest pool of each workplace, minutes."""
    best_municipal: Ints
    """Largest pool of each municipality, minutes; the last entry as above."""


@lru_cache(maxsize=2)
def pools_of(encoded: EncodedWeek) -> Pools:
    """Sort the mentor pools by whom they serve; remembered for the last two weeks."""
    table = encoded.problem.columns("mentor_pools")
    free = np.append(np.maximum(encoded.remaining[MENTOR_HOURS], 0), 0)
    workplaces = encoded.problem.columns("workplaces")["workplace_id"]
    where = positions(table["workplace_id"], workplaces)
    local = ~lacking(table["workplace_id"])
    at = (
        _padded([np.flatnonzero(local & (where == row)) for row in range(len(workplaces))])
        if (local.any())
        else np.full((len(workplaces), 1), -1, dtype=np.int64)
    )
    belongs = pool_municipality(encoded.problem)
    count = (
        max(int(encoded.citizens.municipality.max(initial=-1)), int(belongs.max(initial=-1))) + 1
    )
    municipal = _padded(
        [
            *(
                np.flatnonzero(~local & ((belongs == code) | (belongs < 0)))
                for code in range(count)
            ),
            np.flatnonzero(~local),
        ]
    )
    return Pools(free, at, municipal, free[at].max(axis=1), free[municipal].max(axis=1))


def _padded(lists: list[Ints]) -> Ints:
    width = max(1, max((len(items) for items in lists), default=1))
    table = np.full((len(lists), width), -1, dtype=np.int64)
    for row, items in enumerate(lists):
        table[row, : len(items)] = items
    return table


@dataclass(frozen=True, eq=False)
class Classes:
    """Danish classes against citizens, shifts and openings, for the citizens of a block."""

    number: Ints
    """Position of each class looked at here in the table of classes, shape (classes,)."""
    row_of: Ints
    """Row of each citizen in ``suits``, shape (citizens,); -1 outside the block."""
    suits: Bools
    """Whether level, seat, way and the citizen's own times allow the class, (block, classes)."""
    beside: Bools
    """Whether the class meets when the shift does not, shape (patterns, classes)."""
    open_at: Bools
    """Whether the class is open to people at the workplace, shape (workplaces, classes)."""
    on_site: Bools
    """Whether it meets at the workplace, shape (workplaces, classes)."""
    way: Ints
    """Minutes from home to the class, shape (block, classes)."""
    minutes: Ints
    """Minutes of the duty week every class of the table takes, shape (table,)."""
    pattern_of: Ints
    workplace_of: Ints

    def useful(self) -> Classes:
        """Return only the classes that suit somebody: few of a country's suit neighbours."""
        kept = np.flatnonzero(self.suits.any(axis=0))
        return replace(
            self,
            number=self.number[kept],
            suits=self.suits[:, kept],
            beside=self.beside[:, kept],
            open_at=self.open_at[:, kept],
            on_site=self.on_site[:, kept],
            way=self.way[:, kept],
        )

    def fits(self, citizens: Ints, openings: Ints) -> Bools:
        """Whether each class fits each pair; pairs as flat arrays, shape (pairs, classes)."""
        return (
            self.suits[self.row_of[citizens]]
            & self.beside[self.pattern_of[openings]]
            & self.open_at[self.workplace_of[openings]]
        )

    def count(self, citizens: Ints, openings: Ints) -> Ints:
        """Count the classes that fit each citizen at each opening: a block, or a list of pairs."""
        if citizens.ndim == 1:
            return np.asarray(self.fits(citizens, openings).sum(axis=1), dtype=np.int64)
        citizens, openings = citizens.ravel(), openings.ravel()
        allowed = self.beside[self.pattern_of[openings]] & self.open_at[self.workplace_of[openings]]
        suits = self.suits[self.row_of[citizens]]
        fitting = suits.astype(np.float32) @ allowed.astype(np.float32).T
        return np.asarray(np.rint(fitting), dtype=np.int64)


class ClassBook:
    """Everything about classes that does not depend on the block."""

    def __init__(self, encoded: EncodedWeek) -> None:
        table = encoded.problem.columns("teams")
        weeks = weeks_of(table["blocks"])
        grids = slots_of(weeks)
        buffered = widened(encoded.shift_grids, encoded.policy.travel.buffer_minutes)
        workplaces = encoded.problem.columns("workplaces")["workplace_id"]
        at = positions(table["workplace_id"], workplaces)
        anywhere = lacking(table["workplace_id"])
        self._sides = encoded
        counts = "class" in encoded.policy.duty_week.counts
        self._minutes = np.array([week_minutes(week) * counts for week in weeks], dtype=np.int64)
        self._beside = overlap(buffered, grids) == 0
        self._on_site = at[None, :] == np.arange(len(workplaces))[:, None]
        self._open_at = self._on_site | anywhere
        self._busy_clash = overlap(encoded.busy_grids, grids) > 0
        self._care_clash = overlap(encoded.careless_grids, grids) > 0
        self._free = encoded.remaining[TEAM_SEATS] > 0
        self._from = table["level_from"]
        self._to = table["level_to"]
        self._place = positions(table["postcode"], encoded.problem.columns("places")["postcode"])

    def of(self, citizens: Ints) -> Classes:
        """Classes against the citizens of a block."""
        encoded, c = self._sides, self._sides.citizens
        i = citizens.reshape(-1, 1)
        way = encoded.ways.minutes[c.traveller[i], c.home[i], self._place[None, :]].astype(np.int64)
        suits = (
            self._free[None, :]
            & (self._from <= c.oral[i])
            & (c.oral[i] <= self._to)
            & (way <= c.most_commute[i])
            & ~self._care_clash[c.care[citizens]]
        )
        for rows in c.busy.values():
            suits &= ~self._busy_clash[rows[citizens]]
        row_of = np.full(len(c.ids), -1, dtype=np.int64)
        row_of[citizens] = np.arange(len(citizens))
        return Classes(
            np.arange(len(self._minutes)), row_of, suits, self._beside, self._open_at,
            self._on_site, way, self._minutes, encoded.openings.pattern, encoded.openings.workplace,
        )  # fmt: skip


@lru_cache(maxsize=2)
def class_book(encoded: EncodedWeek) -> ClassBook:
    """Return the book of a week's classes; remembered for the last two weeks."""
    return ClassBook(encoded)
