"""The answer: what was chosen, how good it is, how good it could be, and why it stopped.

Hides how results are kept consistent: an answer that exists does not contradict itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from matcher.engine.errors import BackendError, NoSelectionError
from matcher.engine.program import Float64, Int64, Program

if TYPE_CHECKING:
    from matcher.engine.method.warm_start import WarmStart


class StopReason(Enum):
    """Why a solve stopped."""

    OPTIMAL = "optimal"
    """A selection was found and every tier is proven."""
    FEASIBLE = "feasible"
    """A selection was found; a limit came before the proof of every tier."""
    INFEASIBLE = "infeasible"
    """It was proven that no selection satisfies the rows and groups."""
    NO_SOLUTION = "no_solution"
    """A limit came before any selection was found or ruled out."""


class Limit(Enum):
    """Which limit stopped a solve that did not finish."""

    SECONDS = "seconds"
    """The wall-clock limit."""
    WORK = "work"
    """A deterministic work limit."""
    GAP = "gap"
    """The gap that was asked for is reached."""
    CANCELLED = "cancelled"
    """Another thread asked to stop."""


@dataclass(frozen=True)
class Termination:
    """Why the solve stopped; a limit is present exactly when it did not finish."""

    reason: StopReason
    """Coarse reason."""
    limit: Limit | None = None
    """The limit that was met: set exactly for FEASIBLE and NO_SOLUTION."""
    detail: str = ""
    """One sentence for people; never to be parsed."""

    def __post_init__(self) -> None:
        stopped = self.reason in (StopReason.FEASIBLE, StopReason.NO_SOLUTION)
        if stopped != (self.limit is not None):
            message = f"termination {self.reason.value} with limit {self.limit} is contradictory."
            raise BackendError(message)


@dataclass(frozen=True)
class TierAnswer:
    """Value and bound of one tier, both exact integers in the tier's own unit.

    The bound holds for every selection whose earlier tiers are at least as good as this
    answer's: above or equal the value when the tier is maximised, below or equal otherwise.
    """

    maximise: bool
    """Whether the tier is maximised."""
    bound: int | None
    """No such selection is better than this. None: nothing is known (no finite bound)."""
    achieved: int | None = None
    """Value of the selection; None when there is none. Read `value` instead."""
    proven: bool = False
    """Whether this and all earlier tiers are proven optimal."""

    def __post_init__(self) -> None:
        if self.achieved is not None and self.bound is not None:
            wrong = self.achieved > self.bound if self.maximise else self.achieved < self.bound
            if wrong or (self.proven and self.achieved != self.bound):
                message = (
                    f"value {self.achieved} and bound {self.bound} contradict each other "
                    f"(maximise={self.maximise}, proven={self.proven})."
                )
                raise BackendError(message)
        elif self.proven:
            message = "a tier without value or bound cannot be proven."
            raise BackendError(message)

    @property
    def value(self) -> int:
        """Value of the selection in this tier.

        Raises
        ------
        NoSelectionError
            When the answer holds no selection.
        """
        if self.achieved is None:
            message = "there is no selection, hence no value.\nMaybe check has_selection first."
            raise NoSelectionError(message)
        return self.achieved

    @property
    def gap(self) -> float:
        """Relative gap |bound - value| / max(1, |value|); infinite when either is missing."""
        if self.achieved is None or self.bound is None:
            return float("inf")
        return abs(self.bound - self.achieved) / max(1, abs(self.achieved))


@dataclass(frozen=True, eq=False)
class Losses:
    """A bound on the first two tiers together, and what each column gives up against it.

    For F = weight x first tier + second tier: every selection whose first tier is no better than
    this answer's has F <= bound less the losses of its columns. So a column that loses more than
    bound - F can be in no selection of at least F, whatever else is forbidden or asked for.
    Up to rounding of 1e-6 of the bound.
    """

    weight: int
    """Points of the second tier that a unit of the first counts."""
    bound: float
    """Bound on F."""
    loss: Float64
    """Loss of each column, float64 [n], >= 0; infinite for columns that fit in no selection."""


@dataclass(frozen=True)
class InfeasibleSubset:
    """Rows and exactly-one groups that cannot hold together (with the fixed columns)."""

    rows: tuple[int, ...] = ()
    """Rows, sorted; empty when groups and fixed columns contradict each other by themselves."""
    groups: tuple[int, ...] = ()
    """Exactly-one groups, sorted."""
    minimal: bool = False
    """Whether it is irreducible (an IIS): without any one member a selection was shown to exist."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What a solve found. Build it with the engine only; it checks itself."""

    program: Program = field(repr=False)
    """The program that was solved."""
    termination: Termination
    """Why it stopped."""
    tiers: tuple[TierAnswer, ...]
    """Value, bound and proof of each tier, most important first."""
    chosen: Int64 | None = field(repr=False)
    """Chosen columns, sorted; None when there are none. Read `selection` instead."""
    infeasible_subset: InfeasibleSubset = InfeasibleSubset()
    """Infeasible only: rows and groups that cannot hold together."""
    method: str = ""
    """The method that was used."""
    steps: tuple[str, ...] = ()
    """Every switch of method and noteworthy event, in order, one sentence each."""
    phase_times: dict[str, float] = field(default_factory=dict)
    """Seconds spent in each phase."""
    counts: dict[str, int] = field(default_factory=dict)
    """Sizes met on the way: columns kept, cuts added, nodes and the like."""
    pricer: Callable[[], Float64] | None = field(default=None, repr=False)
    """Computes `prices` when first asked."""
    losses: Losses | None = field(default=None, repr=False)
    """What every column loses at the last prices; None after other methods."""
    warm_start: "WarmStart | None" = field(default=None, repr=False)
    """Where a solve by prices ended, for `Start.warm_start`; None after other methods."""

    def __post_init__(self) -> None:
        reason = self.termination.reason
        found = reason in (StopReason.OPTIMAL, StopReason.FEASIBLE)
        if found != (self.chosen is not None):
            message = f"an answer that is {reason.value} and chosen={self.chosen is not None}."
            raise BackendError(message)
        if (reason is StopReason.OPTIMAL) != all(tier.proven for tier in self.tiers):
            message = f"an answer that is {reason.value} with tiers {self.tiers}."
            raise BackendError(message)

    @property
    def has_selection(self) -> bool:
        """Whether a selection was found; an empty one counts."""
        return self.chosen is not None

    @property
    def selection(self) -> Int64:
        """Chosen columns, int64 indices, sorted.

        Raises
        ------
        NoSelectionError
            When none was found.
        """
        if self.chosen is None:
            message = (
                f"no selection: {self.termination.reason.value}. {self.termination.detail}\n"
                f"Maybe check has_selection first."
            )
            raise NoSelectionError(message)
        return self.chosen

    @property
    def values(self) -> tuple[int, ...]:
        """Value in every tier; raises NoSelectionError when there is no selection."""
        return tuple(tier.value for tier in self.tiers)

    @property
    def gap(self) -> float:
        """Relative gap of the first tier that is not proven; 0 when all are."""
        return next((tier.gap for tier in self.tiers if not tier.proven), 0.0)

    @cached_property
    def prices(self) -> Float64:
        """Price of one unit of each row in each tier's unit, float64 [tiers, m].

        Sign: the gain one more unit of the binding side would bring to first order, so
        non-negative for an upper side and non-positive for a lower side of a maximised tier,
        the other way round for a minimised one. Prices of a tier are those under which the
        earlier tiers are held. All zero when none were computed.
        """
        if self.pricer is None:
            return np.zeros((len(self.tiers), self.program.n_rows))
        return self.pricer()
