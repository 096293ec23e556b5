"""What a solver is: the models it takes, what it answers, what it can do, how it is run.

Hides how any solver is called: in a thread of its own, so that Ctrl-C and a cancel are heard; with
its output dropped; its failures as one kind of error. What it answers is a claim: the methods check
it in integers (`matcher.engine.method.claims`).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Flag, StrEnum, auto
from threading import Event
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from matcher.engine.errors import BackendError, EngineError
from matcher.engine.solvers.interrupt import Stopping, run_and_wait
from matcher.engine.solvers.output import give_back, silenced

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

BASIC, AT_LOWER = np.int8(5), np.int8(2)
"""Places in a basis, in the numbers of MathOpt (`BASIS_STATUS_BASIC`, `.._AT_LOWER_BOUND`)."""


class Ability(Flag):
    """What a solver can do."""

    LINEAR = auto()
    """Linear programs, with row duals and the basis they end with."""
    BARRIER = auto()
    """Linear programs by an interior-point method, with a basis at the end."""
    INTEGER = auto()
    """Programs whose columns are all whole."""
    EXACT = auto()
    """The same in integer arithmetic throughout."""
    NETWORK = auto()
    """Minimum-cost flows, in integer arithmetic."""


class Status(StrEnum):
    """How a solver ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    LIMIT = "limit"


@dataclass(frozen=True, eq=False)
class LinearModel:
    """Maximise gain.x subject to row_lower <= rows x <= row_upper and lower <= x <= upper."""

    gain: Float64
    rows: sp.csr_array
    row_lower: Float64
    row_upper: Float64
    lower: Float64
    upper: Float64


@dataclass(frozen=True, eq=False)
class Network:
    """Send the supply along arcs, at least cost; all int64."""

    tail: Int64
    head: Int64
    capacity: Int64
    cost: Int64
    supply: Int64
    """What each node sends (> 0) or takes (< 0)."""


@dataclass(frozen=True, eq=False)
class Basis:
    """A basis of a linear program: the place of every column and of every row's slack."""

    columns: npt.NDArray[np.int8]
    rows: npt.NDArray[np.int8]

    @property
    def basic_columns(self) -> npt.NDArray[np.bool_]:
        """Which columns are basic."""
        return np.asarray(self.columns == BASIC)

    @property
    def basic_rows(self) -> npt.NDArray[np.bool_]:
        """Which rows have a basic slack: those that do not bind."""
        return np.asarray(self.rows == BASIC)


@dataclass(frozen=True, eq=False)
class Task:
    """How one model is to be solved."""

    integer: bool = False
    """Whether every column must be whole."""
    nodes: int | None = None
    """Deterministic limit: nodes of the search tree, or as much work by another measure."""
    seconds: float | None = None
    """Wall-clock limit."""
    absolute_gap: float = 0.0
    """Difference of bound and value that counts as optimal."""
    relative_gap: float = 0.0
    """The same as a share of the value."""
    seed: int = 0
    """Seed of an integer solver."""
    workers: int = 1
    """Threads of a solver whose answers repeat with several."""
    basis: Basis | None = None
    """Where a linear program begins: what an earlier, similar one ended with."""
    primal: bool = False
    """Primal instead of dual simplex: for a new objective over the same rows."""
    barrier: bool = False
    """Interior point instead of simplex."""
    decided: bool = False
    """Whether prices have all but decided the model: then looking long before searching costs more
    than it saves, and every row is worth having in the linear relaxation."""
    cuts: bool = True
    """Whether to look for cuts."""
    cancel: Event | None = None
    """Set from another thread to stop."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a solver said."""

    status: Status
    x: Float64 | None = None
    """Values of the columns (of the arcs); None when none were found."""
    bound: float = float("inf")
    """The solver's own bound on the maximum."""
    prices: Float64 | None = None
    """Row duals of a linear program: what one more unit of the row would gain."""
    basis: Basis | None = None
    """Where a linear program ended, to begin a similar one from."""


Model = TypeVar("Model", LinearModel, Network)


class Solver(ABC, Generic[Model]):
    """A solver; a new one is a subclass and a call of `register_solver`."""

    name: ClassVar[str]
    """What it is called in `Options.solvers`."""
    can: ClassVar[Ability]
    """What it can do."""
    statuses: ClassVar[Mapping[Any, Status]] = {}
    """What its own statuses mean; one that is not here is a limit."""
    stray: ClassVar[bytes | None] = None
    """How lines begin that it prints though told not to; None: it prints nothing."""
    stops_soon: ClassVar[bool] = False
    """Whether it heeds a cancel: what it has by then is its answer. Others end by themselves."""

    @abstractmethod
    def run(self, model: Model, task: Task, stopping: Stopping) -> Outcome:
        """Solve; `stopping` is told how the solver can be stopped from another thread."""

    def solve(self, model: Model, task: Task) -> Outcome:
        """Solve a model as a task says.

        Raises
        ------
        BackendError
            The solver failed.
        ArithmeticRangeError
            The model's numbers are too large for it.
        KeyboardInterrupt
            Ctrl-C, at once, whatever the solver does.
        """
        stopping = Stopping()

        def stop() -> None:
            stopping.stop()
            if self.stray is not None:
                give_back()

        outcome = run_and_wait(
            lambda: self._work(model, task, stopping), stop, task.cancel, stops_soon=self.stops_soon
        )
        return Outcome(Status.LIMIT) if outcome is None else outcome

    def _work(self, model: Model, task: Task, stopping: Stopping) -> Outcome:
        with failures_of(self.name), silenced(self.stray):
            return self.run(model, task, stopping)


@contextmanager
def failures_of(name: str) -> Iterator[None]:
    """Raise whatever a solver raises as `BackendError`, with its name."""
    try:
        yield
    except EngineError:
        raise
    except Exception as problem:
        message = f"{name} failed: {problem}"
        raise BackendError(message) from problem
