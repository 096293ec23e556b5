"""What every method needs to know about the solve it is part of: limits, clocks, reports.

Hides how limits are asked. Without a wall-clock limit no clock influences a decision; the
clocks that fill the phase times are read but never compared.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from matcher.engine.answer import Limit
from matcher.engine.options import Observer, Options
from matcher.engine.program import Int64, Program
from matcher.engine.solvers import SOLVERS, LinearModel, Network, Outcome, Task

_NODES_PER_WORK = 100.0
_DEFAULT_NODES = 400
_UNTIL_STOPPED = 10**9


@dataclass(eq=False)
class Context:
    """One solve in progress."""

    options: Options
    observer: Observer
    cancel: Event | None
    began: float = field(default_factory=time.perf_counter)
    steps: list[str] = field(default_factory=list)
    times: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    settled: tuple[int, ...] = ()
    """What columns chosen before any method starts gain in each tier, in the caller's sense."""
    signs: tuple[int, ...] = ()
    """Per tier: -1 where the caller minimises what the methods maximise."""
    best: tuple[tuple[int, ...], Int64] | None = None
    """Best selection told so far, in order of tiers: its values and the program's columns."""
    decided: Callable[[], bool] | None = None
    """Asks whether a solver that runs beside has proven its selection the best."""
    at_end: list[Callable[[], None]] = field(default_factory=list)
    """What is done when the solve is over, however it ended."""

    def close(self) -> None:
        """End what still runs."""
        while self.at_end:
            self.at_end.pop()()

    def presolved(self, program: Program, settled: Int64) -> None:
        """Note what presolve has decided, so that values are told in the caller's sense."""
        self.settled = tuple(program.gains[:, settled].sum(axis=1).tolist())
        self.signs = tuple(1 if maximise else -1 for maximise in program.senses)

    def tell_selection(self, values: tuple[int, ...], columns: Int64) -> None:
        """Tell of a better selection by its values, maximised, and the program's columns."""
        if self.best is None or values > self.best[0]:
            self.best = values, columns
        told = zip(values, self.settled, self.signs, strict=True)
        self.observer.on_solution(tuple(sign * value + fixed for value, fixed, sign in told))

    def tell_bound(self, tier: int, bound: int) -> None:
        """Tell of a better bound on a tier, maximised."""
        self.observer.on_bound(tier, self.signs[tier] * bound + self.settled[tier])

    def left(self) -> float | None:
        """Seconds left of the wall-clock limit, below 0 after it; None when there is none."""
        if self.options.seconds is None:
            return None
        return self.options.seconds - (time.perf_counter() - self.began)

    def cancelled(self) -> bool:
        """Whether the caller asked to stop."""
        return self.cancel is not None and self.cancel.is_set()

    def stop(self) -> bool:
        """Whether to stop now: cancelled, out of seconds, or decided by a solver beside."""
        if self.cancelled() or (self.decided is not None and self.decided()):
            return True
        left = self.left()
        return left is not None and left <= 0.0

    def past(self, share: float) -> bool:
        """Whether to leave a phase: stopped, or this share of the wall-clock limit is used up."""
        left = self.left()
        spent = left is not None and left <= (1.0 - share) * (self.options.seconds or 0.0)
        return spent or self.stop()

    def run(self, kind: str, model: LinearModel | Network, **task: Any) -> Outcome:
        """Have the solver chosen for a kind of model solve one, within the limits of this solve.

        `kind` is a field of `Solvers`; the rest is as in `Task`.
        """
        options, solver = self.options, SOLVERS[getattr(self.options.solvers, kind)]
        # Told to stop, others go on in their thread: they are not told because of a race.
        cancel = _Ended(self) if self.decided is not None and solver.stops_soon else self.cancel
        given = {"seconds": self.left(), "cancel": cancel} | task
        given |= {"integer": kind in ("integer", "second", "exact"), "barrier": kind == "barrier"}
        return solver.solve(model, Task(seed=options.seed, workers=options.workers, **given))

    def nodes(self, factor: float = 1.0) -> int:
        """Nodes a search tree may have: the deterministic limit of the mixed-integer solvers."""
        if self.options.work is None:
            return max(1, int(_DEFAULT_NODES * factor))
        return max(1, int(self.options.work * _NODES_PER_WORK * factor))

    def proof_nodes(self, factor: float = 1.0) -> int:
        """Nodes a search tree may have that decides everything: no limit where a clock ends it."""
        if self.options.work is None and self.options.seconds is not None:
            return _UNTIL_STOPPED
        return self.nodes(factor)

    def limit(self) -> Limit:
        """Name the limit that stopped this solve."""
        if self.cancelled():
            return Limit.CANCELLED
        if self.options.seconds is not None and self.stop():
            return Limit.SECONDS
        return Limit.WORK

    def say(self, step: str) -> None:
        """Record a switch of method or a noteworthy event for the answer."""
        self.steps.append(step)

    def count(self, name: str, amount: int) -> None:
        """Add to a counter of the answer."""
        self.counts[name] = self.counts.get(name, 0) + amount

    def record(self) -> dict[str, Any]:
        """Return what was recorded, by its names in the answer."""
        return {"steps": tuple(self.steps), "phase_times": self.times, "counts": self.counts}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time a phase; times of one name add up."""
        self.observer.on_phase(name)
        began = time.perf_counter()
        try:
            yield
        finally:
            self.times[name] = self.times.get(name, 0.0) + time.perf_counter() - began


class _Ended(Event):
    """Is set when a solve has nothing more to do."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context

    def is_set(self) -> bool:
        return self._context.cancelled() or bool(self._context.decided and self._context.decided())
