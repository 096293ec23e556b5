"""What a caller may ask of a solve: limits, repeatability, method switches, a start, a watcher.

Hides which knobs exist and what their neutral values are. An empty `Options()` is repeatable:
no wall clock enters the algorithm unless `seconds` is set.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from matcher.engine.errors import OptionError
from matcher.engine.program import Int64
from matcher.engine.solvers import Solvers

if TYPE_CHECKING:
    from matcher.engine.answer import Answer
    from matcher.engine.method.warm_start import WarmStart


METHODS = ("auto", "flow", "prices", "direct", "search", "closing")
"""Methods that can be asked for by name; `auto` chooses by shape and size.

`search` is `prices` without the proof: prices, bound, then neighbourhoods until a limit comes.
`closing` needs a start: it looks for nothing but a better selection, and has proven the start where
there is none."""


@dataclass(frozen=True)
class Switches:
    """Parts of the methods that a test or a benchmark may turn off one by one."""

    tighten: bool = True
    """Round row capacities to what integers can reach before anything else."""
    cuts: bool = True
    """Add cuts of rows and of the basis to the master linear program."""
    fixing: bool = True
    """Drop columns whose reduced cost proves they cannot improve."""
    neighbourhood: bool = True
    """Improve a selection by re-solving parts of it when the proof is out of reach."""
    race: bool = True
    """Ask a direct solver beside the method where a program is knotty, on a second core if any."""


@dataclass(frozen=True)
class Options:
    """How to solve.

    Raises
    ------
    OptionError
        When a value is outside the range stated at its field.
    """

    seconds: float | None = None
    """Wall-clock limit in seconds, > 0. None: no clock enters a decision, runs repeat."""
    work: float | None = None
    """Deterministic limit of each integer solve, > 0, in units of 100 nodes of its search tree (of
    10 units of CP-SAT's deterministic time where that solver is used). None: 4."""
    gap: float = 0.0
    """Relative gap, >= 0, at which the first unproven tier stops; the later ones keep what they
    have. 0: prove the optimum."""
    seed: int = 0
    """Seed of everything random, 0..2**31-1."""
    workers: int = 1
    """Threads CP-SAT may use, >= 1; answers repeat for the same number. The other solvers run on
    one: HiGHS' threads are a setting of the whole process, which one solve must not touch."""
    method: str = "auto"
    """One of `METHODS`."""
    solvers: Solvers = field(default_factory=Solvers)
    """Which solver does what."""
    switches: Switches = field(default_factory=Switches)
    """Parts of the methods that can be turned off."""

    def __post_init__(self) -> None:
        for name in ("seconds", "work"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                message = f"{name} = {value}, expected > 0 or None."
                raise OptionError(message)
        if not self.gap >= 0:
            message = f"gap = {self.gap}, expected >= 0."
            raise OptionError(message)
        if not 0 <= self.seed < 2**31:
            message = f"seed = {self.seed}, expected 0..2**31-1."
            raise OptionError(message)
        if self.workers < 1:
            message = f"workers = {self.workers}, expected >= 1."
            raise OptionError(message)
        if self.method not in METHODS:
            message = f"method = {self.method!r}, expected one of {', '.join(METHODS)}."
            raise OptionError(message)


@dataclass(frozen=True, eq=False)
class Start:
    """Where to begin: what an earlier, similar solve ended with. Never changes the optimum."""

    prices: npt.NDArray[np.float64] | None = None
    """Row prices per tier, float64 [tiers, m], as in `Answer.prices`. None: none."""
    selection: Int64 | None = None
    """Column indices; those that break a row or a group are dropped. None: none."""
    warm_start: "WarmStart | None" = None
    """`Answer.warm_start` of a program with the same rows and groups (capacities, gains and columns
    may differ): the solve goes on where that one ended. None, or of another shape: from prices."""
    columns: Int64 | None = None
    """Column of this program that each column of the earlier program is now, -1 where it is gone,
    int64 [columns then]. None: columns kept their numbers."""

    @classmethod
    def after(cls, answer: "Answer", columns: Int64 | None = None) -> "Start":
        """Return a start from an answer, for a program that differs little from its own.

        Parameters
        ----------
        answer
            What the earlier solve returned.
        columns
            As in `columns`: where the earlier program's columns are now.
        """
        selection = answer.selection if answer.has_selection else None
        if selection is not None and columns is not None:
            moved = columns[selection]
            selection = moved[moved >= 0]
        return cls(answer.prices, selection, answer.warm_start, columns)


class Observer:
    """Watches a solve; every method does nothing unless overridden.

    Methods are called from the solving thread and must not raise.
    """

    def on_start(self, program: Any, options: Options) -> None:
        """Hear that a solve begins."""

    def on_phase(self, name: str) -> None:
        """Hear that a phase begins, by the name it has in `Answer.phase_times`."""

    def on_solution(self, values: tuple[int, ...]) -> None:
        """Hear of a better selection, with its value in each tier."""

    def on_bound(self, tier: int, bound: int) -> None:
        """Hear of a better bound on one tier."""

    def on_tier(self, tier: int, value: int, bound: int) -> None:
        """Hear that a tier is finished."""

    def on_end(self, answer: Any) -> None:
        """Hear the answer."""
