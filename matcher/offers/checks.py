"""The hard rules on arrays: each check compares a value with a limit for citizens x openings.

A check is lazy in shape: what depends on the citizen alone has shape (b, 1), on the opening alone
(1, m), on both (b, m). The same code answers for a block of a hundred thousand pairs and for the
one pair a caseworker asks about.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matcher.offers.encoded_week import EncodedWeek
from matcher.offers.supports import Classes, Pools
from matcher.offers.travel import TRANSIT
from matcher.records import HEALTH_CODES, PAPERS
from matcher.rules import REACH, RULES

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Check:
    """One rule on a block of pairs."""

    rule: str
    """Rule id."""
    value: npt.NDArray[np.integer]
    """What is, broadcastable to (b, m)."""
    limit: npt.NDArray[np.integer]
    """What is allowed, broadcastable to (b, m)."""

    @property
    def fails(self) -> Bools:
        """Where the rule is broken, broadcastable to (b, m)."""
        return np.asarray(RULES[self.rule].breaks(self.value, self.limit))


@dataclass(frozen=True, eq=False)
class PairBlock:
    """Pairs that are looked at together: citizens x openings, or a flat list of pairs."""

    citizen: Ints
    """Positions of citizens, shape (b, 1), or (p,) for a list of pairs."""
    opening: Ints
    """Positions of openings, shape (1, m), or (p,)."""
    way: Ints
    """Minutes one way, shape (b, m), or (p,)."""
    transit: Bools
    """Whether the quickest mode is transit, same shape as ``way``."""


def block_of(encoded: EncodedWeek, i: Ints, j: Ints) -> PairBlock:
    """Look up the ways of a block; ``i`` and ``j`` broadcast against each other."""
    at = (encoded.citizens.traveller[i], encoded.citizens.home[i], encoded.openings.place[j])
    return PairBlock(
        i, j, encoded.ways.minutes[at].astype(np.int64), encoded.ways.mode[at] == TRANSIT
    )


def commute_check(encoded: EncodedWeek, block: PairBlock) -> Check:
    """Way <= min(hard limit, citizen's limit): an opening beyond it is out of reach."""
    return Check(REACH, block.way, encoded.citizens.most_commute[block.citizen])


def pair_checks(
    encoded: EncodedWeek, block: PairBlock, classes: Classes, pools: Pools
) -> Iterator[Check]:
    """All rules on citizen and opening except ``commute``."""
    c, o = encoded.citizens, encoded.openings
    i, j = block.citizen, block.opening
    policy = encoded.policy
    zero = np.asarray(0)
    one = np.asarray(1)
    yield Check("already_placed", c.placed[i], zero)
    yield Check("fewest_hours", c.capacity[i], np.asarray(round(policy.start.fewest_hours * 60)))
    yield Check("opening_full", o.free[j], one)
    yield Check("measure_none", o.accepts.sum(axis=1)[j], one)
    yield Check("start_window", np.maximum(c.ready[i], o.start_from[j]), o.last_day[j])
    yield Check("hours", c.capacity[i] + c.ramp[i] * o.ramps[j], o.hours_min[j])
    per_day = np.where(o.days > 0, -(-o.hours_min // np.maximum(o.days, 1)), 0)
    yield Check("day_hours", per_day[j], c.capacity_day[i])
    week = np.asarray(round(policy.duty_week.hours * 60))
    yield Check("duty_week", o.hours_min[j] + c.own_week[i], week)
    for kind, rows in c.busy.items():
        yield Check(f"shift_{kind}", encoded.busy_overlap[rows[i], o.pattern[j]], zero)
    step = encoded.away_step(block.way)
    yield Check("shift_care", encoded.careless_overlap[c.care[i], step, o.pattern[j]], zero)
    yield Check("odd_hours", encoded.odd_minutes[o.pattern[j]] * c.odd_hours_barred[i], zero)
    hour, minute = policy.travel.first_transit.split(":")
    leave = encoded.earliest[o.pattern[j]] - block.way
    first = int(hour) * 60 + int(minute)
    # Who has a car or a bicycle at hand leaves when he likes.
    yield Check("early_transport", np.where(block.transit, leave, 1440), np.asarray(first))
    for at, code in enumerate(HEALTH_CODES):
        most = np.where(c.must[at], c.limits[at], np.int8(3)).astype(np.int8)
        yield Check(f"health_{code}", o.demands[at][j], most[i])
    yield Check("language_oral", c.oral[i], o.oral_floor[j] - o.allowed_gap[j])
    yield Check("language_reading", c.reading[i], o.reading_floor[j] - o.allowed_gap[j])
    missing = (c.oral[i] < o.oral_floor[j]) | (c.reading[i] < o.reading_floor[j])
    closable = (
        missing
        & (c.oral[i] >= o.oral_floor[j] - o.allowed_gap[j])
        & (c.reading[i] >= o.reading_floor[j] - o.allowed_gap[j])
    )
    yield Check("language_class", np.where(closable, classes.count(i, j), 1), one)
    for at, paper in enumerate(PAPERS):
        ready = np.where(c.paper_by_course[at], encoded.first_course[at], c.paper_ready[at])
        yield Check(f"paper_{paper}", np.where(o.papers[at][j], ready[i], 0), o.last_day[j])
    yield Check("refusal", encoded.refused[c.refusals[i], o.occupation[j]].astype(np.int64), zero)
    yield Check("forbidden", _forbidden(encoded, block).astype(np.int64), zero)
    need = np.maximum(c.mentor[i] - o.own_mentor[j], 0)
    largest = np.maximum(pools.best_municipal[c.municipality[i]], pools.best_at[o.workplace[j]])
    yield Check("mentor", np.where(need > 0, largest, 0), need)
    for rule, (value, limit) in encoded.plain.items():
        yield Check(rule, value[_side(block, RULES[rule].value)],
                    limit[_side(block, RULES[rule].limit)])  # fmt: skip


def _side(block: PairBlock, column: str) -> Ints:
    return block.citizen if column.startswith("citizens.") else block.opening


def _forbidden(encoded: EncodedWeek, block: PairBlock) -> Bools:
    shape = np.broadcast_shapes(block.citizen.shape, block.opening.shape)
    if not len(encoded.forbidden):
        return np.zeros((1, 1), dtype=np.bool_)
    banned = np.zeros(shape, dtype=np.bool_)
    width = len(encoded.openings.ids)
    if block.citizen.ndim == 1:
        return np.isin(block.citizen * width + block.opening, encoded.forbidden)
    inside = encoded.forbidden[np.isin(encoded.forbidden // width, block.citizen)]
    row_of = np.full(len(encoded.citizens.ids), -1)
    row_of[block.citizen.ravel()] = np.arange(block.citizen.size)
    column_of = np.full(width, -1)
    column_of[block.opening.ravel()] = np.arange(block.opening.size)
    rows, columns = row_of[inside // width], column_of[inside % width]
    hit = (rows >= 0) & (columns >= 0)
    banned[rows[hit], columns[hit]] = True
    return banned
