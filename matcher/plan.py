"""The one record of a solved week: what is proposed, how good it is, what was scarce, who is left.

Immutable. It answers also where there is no plan: then it says why, and where what is fixed
clashes, what clashes. It cannot mislead: placements are there only when a plan was found, a value
raises without one, bound and gap always answer. Files, page, ledger, what-if and terminal show
parts of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import Enum
from pathlib import PurePath
from typing import Any, Literal

import numpy as np
import pandas as pd

from matcher.errors import ClashError, NoPlanError
from matcher.problem import Problem, frame_rows
from matcher.row_kinds import PLACES, ROW_KINDS
from matcher.texts import ENGLISH, LANGUAGES, Both, Message, catalogue

Termination = Literal["optimal", "feasible", "infeasible", "no_solution"]
Cause = Literal["already_placed", "no_opening_in_reach", "rules", "resource", "others", "limit"]
OpeningCause = Literal[
    "filled", "no_seat_free", "nobody_in_reach", "rules", "resource", "placed_elsewhere"
]
NotKnown = Mapping[str, Any]
"""What a table does not say: by field, the careful value that counted instead."""
Assumed = Mapping[str, Any]
"""What is assumed of a job until its employer has confirmed it: by column, the value it has."""

TIMED = ("phase_times", "run_times", "times", "started", "finished", "seconds", "peak_memory")
"""Keys of the provenance that differ between two runs of the same input."""


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

    def to_dict(self, *, has_plan: bool = True) -> dict[str, Any]:
        """Return plain values, for JSON; without a plan there is a bound alone."""
        return {
            "name": self.name,
            "value": self.value if has_plan else None,
            "bound": self.bound,
            "gap": self.gap if has_plan else None,
            "proven": self.proven,
        }


PRICE_DIGITS = 6
_NOTHING = 0.5 * 10.0**-PRICE_DIGITS
"""Prices nearer to 0 are 0, as rounding would make them; most are, and rounding those is slow."""


@dataclass(frozen=True)
class Row:
    """One row of the model: what there was, what the plan uses, what one more would bring."""

    rule: str
    """Kind of row."""
    key: str
    """What it is about."""
    used: int
    """Units the plan uses: places, minutes a week, or DKK a week."""
    capacity: int
    """Units there were for this run."""
    floor: bool
    """Whether the capacity is what is needed at least."""
    binding: bool
    """Whether an offer that was not chosen no longer fits, or a floor is just met."""
    prices: tuple[float, ...] | None
    """What one more unit would bring in each goal, to first order, in the goal's unit; None where
    none were computed."""

    @property
    def name(self) -> str:
        """Name of the row, unique in a week: its kind and what it is about."""
        return f"{self.rule}[{self.key}]"

    @property
    def unit(self) -> str:
        """What its units are: ``places``, ``minutes``, ``dkk`` a week or ``dkk_year`` in all."""
        return ROW_KINDS[self.rule].unit.id if self.rule in ROW_KINDS else PLACES.id

    def price_of(self, goal: int) -> float | None:
        """Return what one more brings in a goal, by number; None where that is not known."""
        if self.prices is None or goal >= len(self.prices):
            return None
        price = self.prices[goal]
        if abs(price) < _NOTHING:
            return 0.0
        return round(price, PRICE_DIGITS) + 0.0  # no zero below 0

    @property
    def price(self) -> float | None:
        """Points of fit that one more would bring (of the only goal, where there is one)."""
        return self.price_of(min(1, len(self.prices or ()) - 1))

    @property
    def price_placements(self) -> float | None:
        """Placements that one more would bring (under another aim: of its first goal)."""
        return self.price_of(0)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "rule": self.rule,
            "key": self.key,
            "unit": self.unit,
            "used": self.used,
            "capacity": self.capacity,
            "binding": self.binding,
            "price": self.price,
            "price_placements": self.price_placements,
            "floor": self.floor,
        }


@dataclass(frozen=True)
class Clash:
    """What is fixed and cannot hold together."""

    rows: tuple[Row, ...] = ()
    """Rows that take part."""
    locks: tuple[tuple[str, str], ...] = ()
    """Citizen and opening of each lock that takes part."""
    minimal: bool = False
    """Whether dropping any one member was shown to remove the contradiction."""
    broken: tuple[str, ...] = ()
    """Of locks that cannot be honoured whatever else is chosen: which, and why, in words."""

    def error(self, *further: str, aim: bool = False) -> ClashError:
        """Return it as an error that names every member.

        Parameters
        ----------
        further
            Sentences to add: ways out.
        aim
            Whether the week was solved under another aim.
        """
        if self.broken:
            return ClashError(Message("clash.locks"), (*self.broken, *further))
        facts = [
            Message(
                "clash.at_least" if row.floor else "clash.at_most",
                row=_named(row),
                capacity=row.capacity,
            )
            for row in self.rows
        ]
        facts += [
            Message("clash.lock", citizen=citizen, opening=opening)
            for citizen, opening in self.locks
        ]
        head = Message("clash.fixed_under_aim" if aim else "clash.fixed")
        return ClashError(head, (*facts, *further))


def _named(row: Row) -> Both:
    """Name a row: as the program does in English, in words otherwise."""
    names = {one: catalogue(one).get(f"row.{row.rule}", row.rule) for one in LANGUAGES}
    words = {one: f"{name} {row.key}".rstrip() for one, name in names.items()}
    return Both.of(words | {ENGLISH: row.name})


@dataclass(frozen=True)
class Unplaced:
    """One citizen without a proposal, and the chain of reasons."""

    citizen_id: str
    cause: Cause
    """Where the chain ends."""
    reach: int
    """Openings in reach (by way to work)."""
    killed: Mapping[str, int]
    """Openings killed by each rule; ``commute`` of all, the others of those in reach."""
    nearest: Mapping[str, int]
    """Openings killed by this rule alone, most first: the nearest misses."""
    possible: int
    """Openings with a feasible, suitable offer."""
    lost_on: Mapping[str, int]
    """Possible openings lost on each kind of row: how many have an offer it blocks."""
    lost_at: Mapping[str, tuple[str, ...]]
    """The rows of that kind that block most of his offers, by id: a few, the most telling first."""
    lost_rows: Mapping[str, int]
    """How many rows of that kind block an offer of his."""
    not_known: NotKnown = field(default_factory=dict)
    """What is not known of the citizen, with the careful values that counted."""
    assumed: tuple[str, ...] = ()
    """Of the rules in ``killed``, those that rest on what is assumed of some opening."""


@dataclass(frozen=True)
class OpeningOutcome:
    """One opening: how far it was filled, and why not further."""

    opening_id: str
    workplace_id: str
    free: int
    """Free seats before the run."""
    filled: int
    """Seats the plan fills."""
    cause: OpeningCause
    """Why no more."""
    reach: int
    """Citizens in reach."""
    killed: Mapping[str, int]
    """Citizens killed by each rule, those in reach (``commute``: of all)."""
    possible: int
    """Citizens with a feasible, suitable offer here."""
    placed_elsewhere: int
    """Of those, how many the plan places elsewhere."""
    lost_on: Mapping[str, int]
    """Of the unplaced ones, how many are blocked by each kind of row."""
    not_known: NotKnown = field(default_factory=dict)
    """What the job asks for is not known, with the careful values that counted."""
    assumed: Assumed = field(default_factory=dict)
    """What is assumed of the job until its employer has confirmed it."""


@dataclass(frozen=True)
class LeftOver:
    """Everybody and everything the plan leaves over."""

    unplaced: tuple[Unplaced, ...]
    """By citizen."""
    openings: tuple[OpeningOutcome, ...]
    """Every opening, by id."""


@dataclass(frozen=True)
class Reason:
    """One component of the fit of one placement."""

    component: str
    """Name of the component."""
    points: int
    """Points, 0-1000."""
    adds: int
    """Points of fit it adds."""
    lacks: int
    """Points of fit it lacks against a perfect 1000."""
    facts: Mapping[str, int | str]
    """The facts that weighed, for the sentence."""
    worst: int = 0
    """Fewest points, 0-1000, that an offer of this citizen has; at most ``points``."""
    best: int = 1000
    """Most points, 0-1000, that an offer of this citizen has; at least ``points``."""
    gap: int = 0
    """Points of fit it lacks against ``best``."""
    assumed: tuple[str, ...] = ()
    """Columns of the job it rests on that are assumed."""

    @property
    def weak(self) -> bool:
        """Whether it is nearer to the worst than to the best that this citizen could have had."""
        return self.gap > 0 and self.best - self.points > self.points - self.worst


@dataclass(frozen=True)
class Why:
    """Reasons for one placement."""

    citizen_id: str
    strongest: tuple[Reason, ...]
    """What adds most of what is not weak, strongest first."""
    trade_off: Reason | None
    """Of what is weak, what lacks most against what this citizen could have had; None: nothing."""
    components: tuple[Reason, ...]
    """All components that weigh, in the policy's order."""
    citizen_not_known: NotKnown = field(default_factory=dict)
    """What is not known of the citizen, with the careful values that counted."""
    opening_not_known: NotKnown = field(default_factory=dict)
    """What the job asks for and nobody knows, likewise."""
    opening_assumed: Assumed = field(default_factory=dict)
    """What is assumed of the job until its employer has confirmed it."""


@dataclass(frozen=True)
class Plan:
    """A solved week."""

    placements: tuple[Placement, ...]
    """Sorted by citizen id."""
    tiers: tuple[Tier, ...]
    """Value and bound of each tier."""
    termination: Termination
    """``optimal``: nothing better exists; ``feasible``: a limit came before that was proven;
    ``no_solution``: a limit came before any plan; ``infeasible``: no plan can honour what is
    fixed."""
    detail: str = ""
    """More about the stop."""
    rows: tuple[Row, ...] = ()
    """Every row of the model, in its order."""
    clash: Clash | None = None
    """What cannot hold together; exactly where ``infeasible``."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """How the plan was made: digests, versions, options, seed, phase times."""
    goals: tuple[str, ...] = ("placements", "fit", "tie_break")
    """Goals it was made for, in order; other ones where a week is solved under another aim."""
    left: LeftOver | None = None
    """Who and what is left over; None until :func:`matcher.explain.explained` has said."""
    whys: tuple[Why, ...] | None = None
    """Reasons for each placement, in their order; None likewise."""

    def __post_init__(self) -> None:
        if self.termination not in {"optimal", "feasible", "infeasible", "no_solution"}:
            message = f"unknown termination '{self.termination}'"
            raise ValueError(message)
        if not self.has_plan and self.placements:
            message = "a plan without a solution cannot hold placements"
            raise ValueError(message)
        if (self.termination == "infeasible") != (self.clash is not None):
            message = "'infeasible' must say what clashes, and nothing else may"
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
        return self.termination in {"optimal", "feasible"}

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

    def need_no_clash(self) -> None:
        """Check that what is fixed can hold together.

        Raises
        ------
        ClashError
            It cannot; the message names locks, floors and rows.
        """
        if self.clash is not None:
            raise self.clash.error(aim="aim" in self.provenance)

    def need_plan(self) -> None:
        """Check that there is a plan.

        Raises
        ------
        ClashError
            Locks or floors contradict each other or the rows.
        NoPlanError
            A limit came before any plan was found.
        """
        self.need_no_clash()
        if not self.has_plan:
            raise NoPlanError(Message("error.no_plan", detail=self.detail))

    def made(self) -> dict[str, Any]:
        """Return the provenance with everything that is measured gathered under ``times``."""
        kept = {name: value for name, value in self.provenance.items() if name not in TIMED}
        times = {name: self.provenance[name] for name in TIMED if name in self.provenance}
        engine = kept.get("engine")
        if isinstance(engine, Mapping):
            times["engine"] = {name: engine[name] for name in TIMED if name in engine}
            kept["engine"] = {name: value for name, value in engine.items() if name not in TIMED}
        told: dict[str, Any] = plain({**kept, "times": times})
        return told

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


class Supports:
    """What the supports of placements are, by the week's tables, as plain values."""

    def __init__(self, problem: Problem) -> None:
        def by_key(name: str, *columns: str) -> dict[str, dict[str, Any]]:
            return {row[columns[0]]: row for row in frame_rows(problem[name][list(columns)])}

        self._teams = by_key("teams", "team_id", "blocks", "postcode", "workplace_id")
        self._pools = by_key("mentor_pools", "pool_id", "workplace_id")
        self._courses = by_key("courses", "course_id", "paper", "ready_on", "cost")

    def of(self, placement: Placement) -> dict[str, Any]:
        """Return class, mentor and courses of a placement; None where there is none."""
        team = self._teams[placement.team_id] if placement.team_id else None
        pool = self._pools[placement.pool_id] if placement.pool_id else None
        return {
            "class": team
            and {
                "team_id": team["team_id"],
                "times": team["blocks"],
                "postcode": team["postcode"],
                "at_workplace": team["workplace_id"] is not None,
            },
            "mentor": pool
            and {
                "pool_id": pool["pool_id"],
                "minutes": placement.mentor_minutes,
                "at_workplace": pool["workplace_id"] is not None,
            },
            "courses": [self._courses[course] for course in placement.course_ids],
        }


def plain(value: Any) -> Any:
    """Return plain JSON values; anything else becomes its text."""
    if value is None or (isinstance(value, (bool, str)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (int, float)):
        return value
    return value.name if isinstance(value, PurePath) else str(value)
