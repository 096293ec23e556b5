"""What prices of the weeks ahead changed: the plan with them, held against the one without.

Both place as many people; who is proposed something else, and which price moved him, is told here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.held import MICRO, price_parts, worked_points
from matcher.plan import Placement
from matcher.row_kinds import ROW_KINDS, RowNames
from matcher.solve import Options, Solution, solve


@dataclass(frozen=True)
class Moved:
    """Somebody whose proposal is another one, or who has one or none, for prices' sake."""

    citizen_id: str
    opening_id: str | None
    """What he is proposed; None: nothing."""
    without: str | None
    """What today's plan without prices would have proposed; None: nothing."""
    measure_without: str | None
    points: int
    """Points that what he would have held costs in the weeks ahead."""
    worth: int
    """Points that its weeks at work in the weeks ahead count."""
    row: str
    """Row that most of it is for; empty: none, he made room for another or took what was left."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return dict(vars(self))


@dataclass(frozen=True)
class Dear:
    """A row with a price."""

    rule: str
    key: str
    about: str
    """What it is about in words; empty where its id says all."""
    points: float
    """Points that a place, an hour, or 1,000 DKK of it costs for a week, on average of the weeks
    ahead."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return dict(vars(self))


@dataclass(frozen=True)
class AheadChange:
    """A week with prices against the same week without."""

    placements: tuple[int, int]
    """With, without: the first goal."""
    fit: tuple[int, int]
    """Points of all proposals with, without."""
    moved: tuple[Moved, ...]
    """By citizen."""
    dearest: tuple[Dear, ...]
    """Rows with the highest prices, dearest first; a few of each kind."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "placements": {"with": self.placements[0], "without": self.placements[1]},
            "fit": {"with": self.fit[0], "without": self.fit[1]},
            "moved": [one.to_dict() for one in self.moved],
            "dearest": [one.to_dict() for one in self.dearest],
        }


_NAMED = 2
"""Rows of a kind that are named."""


def ahead_change(solution: Solution, options: Options | None = None) -> AheadChange | None:
    """Hold a week that was solved with prices against the same without.

    Returns
    -------
    AheadChange
        None where nothing was priced, or a plan is missing.
    """
    policy = solution.problem.policy
    if policy.horizon is None or not policy.horizon.prices or not solution.plan.has_plan:
        return None
    none = policy.horizon.model_copy(update={"prices": {}, "survival": {}})
    plain = solution.problem.replace(policy=policy.model_copy(update={"horizon": none}))
    before = solve(plain, options)
    if not before.plan.has_plan:
        return None
    now = {one.citizen_id: one for one in solution.plan.placements}
    then = {one.citizen_id: one for one in before.plan.placements}
    offers = dict(zip((one.citizen_id for one in before.plan.placements), before.chosen,
                      strict=True))  # fmt: skip
    parts = price_parts(solution.book, before.chosen)
    worth = worked_points(solution.book)[before.chosen].tolist()
    where = {int(offer): at for at, offer in enumerate(before.chosen)}
    moved: list[Moved] = []
    for citizen in sorted({*now, *then}):
        new, old = now.get(citizen), then.get(citizen)
        if _same(new, old):
            continue
        at = where[int(offers[citizen])] if old is not None else None
        held = {} if at is None else parts[at]
        row = max(held, key=lambda name: (held[name], name)) if held else ""
        moved.append(
            Moved(
                citizen,
                None if new is None else new.opening_id,
                None if old is None else old.opening_id,
                None if old is None else old.measure,
                sum(held.values()),
                0 if at is None else worth[at],
                row if held and held[row] else "",
            )
        )
    return AheadChange(
        (solution.plan.value("placements"), before.plan.value("placements")),
        (
            sum(one.fit for one in solution.plan.placements),
            sum(one.fit for one in before.plan.placements),
        ),
        tuple(moved),
        _dearest(solution),
    )


def _same(new: Placement | None, old: Placement | None) -> bool:
    """Whether somebody is proposed the same: job, legal form and supports."""
    if new is None or old is None:
        return False
    return (new.opening_id, new.measure, new.team_id, new.pool_id) == (
        old.opening_id, old.measure, old.team_id, old.pool_id,
    )  # fmt: skip


def _dearest(solution: Solution) -> tuple[Dear, ...]:
    horizon = solution.problem.policy.horizon
    assert horizon is not None
    names = RowNames(solution.problem.tables)
    told: list[Dear] = []
    for row in solution.plan.rows:
        prices = horizon.prices.get(row.name)
        if prices:
            more = float(np.mean(prices)) * ROW_KINDS[row.rule].unit.more / MICRO
            told.append(Dear(row.rule, row.key, names.about(row.rule, row.key), round(more, 1)))
    told.sort(key=lambda one: (-one.points, one.rule, one.key))
    taken: Counter[str] = Counter()
    kept: list[Dear] = []
    for one in told:
        taken[one.rule] += 1
        if one.points > 0 and taken[one.rule] <= _NAMED:
            kept.append(one)
    return tuple(kept)
