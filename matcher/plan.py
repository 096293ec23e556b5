"""The result: chosen offers with value, bound and provenance; it cannot mislead.

A plan has placements only when a plan was found; value raises without one, bound and gap always
answer. Everything that leaves the engine room (files, page, ledger) is made from this.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import pandas as pd

from matcher.errors import NoPlanError
from matcher.texts import Message


@dataclass(frozen=True)
class Placement:
    """One chosen offer: a proposal for a caseworker to accept or reject."""

    citizen_id: str
    opening_id: str
    measure: str
    """Measure id of the policy."""
    team_id: str | None
    """Class seat the offer adds, if any."""
    pool_id: str | None
    """Mentor pool the offer draws on, if any."""
    mentor_minutes: int
    """Mentor minutes a week from the pool."""
    course_ids: tuple[str, ...]
    """Short courses the offer adds, sorted."""
    minutes: int
    """Minutes of work a week at the start."""
    start: dt.date
    """First day of work."""
    commute: int
    """Minutes one way."""
    fit: int
    """0-1000."""
    components: Mapping[str, int]
    """Points of each component of fit, 0-1000."""
    cost: Mapping[str, int]
    """DKK a week by budget line."""
    locked: bool = False
    """Whether a lock fixed it."""


@dataclass(frozen=True)
class Tier:
    """One goal, in the order they are improved."""

    name: str
    """``placements``, ``fit`` or ``tie_break``; other goals under another aim."""
    value: int
    """What the plan reaches."""
    bound: int
    """What no plan can pass (given the tiers before); a cost cannot come below it."""
    proven: bool
    """Whether value and bound are proven equal."""

    @property
    def gap(self) -> float:
        """Relative distance from value to bound; 0 when proven."""
        return abs(self.bound - self.value) / max(1, abs(self.bound))


@dataclass(frozen=True)
class Plan:
    """A whole plan for a week."""

    placements: tuple[Placement, ...]
    """Sorted by citizen id."""
    tiers: tuple[Tier, ...]
    """Value and bound of each tier."""
    termination: str
    """Why the engine stopped: ``optimal``, ``feasible`` or ``no_solution``."""
    detail: str = ""
    """More about the stop."""
    prices: Mapping[str, float] = field(default_factory=dict)
    """Price of each row in points of fit per unit, by row name; rows without a price left out."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """How the plan was made: digests, versions, options, seed, phase times."""
    goals: tuple[str, ...] = ("placements", "fit", "tie_break")
    """Goals it was made for, in order; other ones where a week is solved under another aim."""

    def __post_init__(self) -> None:
        if self.termination not in {"optimal", "feasible", "no_solution"}:
            message = f"unknown termination '{self.termination}'"
            raise ValueError(message)
        if self.termination == "no_solution" and self.placements:
            message = "a plan without a solution cannot hold placements"
            raise ValueError(message)
        if (self.termination == "optimal") != self._all_proven():
            message = "'optimal' must mean that every goal but the tie-break is proven"
            raise ValueError(message)

    def _all_proven(self) -> bool:
        return bool(self.tiers) and all(
            tier.proven for tier in self.tiers if tier.name != "tie_break"
        )

    @property
    def has_plan(self) -> bool:
        """Whether a plan was found (it may be an empty one)."""
        return self.termination != "no_solution"

    @property
    def proven(self) -> bool:
        """Whether nothing better exists in placements and fit."""
        return self.termination == "optimal"

    def value(self, tier: str) -> int:
        """Value of a tier.

        Raises
        ------
        NoPlanError
            No plan was found.
        """
        if not self.has_plan:
            message = Message(
                "error.no_value", detail=self.detail or Message("error.limit_reached")
            )
            raise NoPlanError(message)
        return self._tier(tier).value

    def bound(self, tier: str) -> int:
        """Bound of a tier; always answers."""
        return self._tier(tier).bound

    def gap(self, tier: str) -> float:
        """Relative gap of a tier; always answers, 1.0 without a plan."""
        return self._tier(tier).gap if self.has_plan else 1.0

    def _tier(self, name: str) -> Tier:
        return next(tier for tier in self.tiers if tier.name == name)

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each proposal: its fields, points by component, DKK by budget line."""
        spread = {"components", "cost"}
        names = [field.name for field in fields(Placement) if field.name not in spread]
        rows = [
            {
                **{name: getattr(one, name) for name in names},
                **{f"fit_{name}": points for name, points in one.components.items()},
                **{f"cost_{line}": amount for line, amount in one.cost.items()},
            }
            for one in self.placements
        ]
        lines = sorted({f"cost_{line}" for one in self.placements for line in one.cost})
        frame = pd.DataFrame(rows, columns=None if rows else names)
        return frame.fillna(dict.fromkeys(lines, 0)).astype(dict.fromkeys(lines, "int64"))

    def summary(self) -> pd.DataFrame:
        """Return a row for each goal, in order: value, bound, gap, and whether it is proven."""
        rows = [{**asdict(tier), "gap": self.gap(tier.name)} for tier in self.tiers]
        return pd.DataFrame(rows).set_index("name")

    def __repr__(self) -> str:
        """Say in one line what was found, without any person."""
        goals = ", ".join(
            f"{tier.name} {tier.value if self.has_plan else '-'}"
            f"{'' if tier.proven else f' of at most {tier.bound}'}"
            for tier in self.tiers
            if tier.name != "tie_break"
        )
        return f"<Plan {self.termination}: {goals}>"

    def _repr_html_(self) -> str:
        return self.summary().to_html() + self.to_frame().to_html(max_rows=20)
