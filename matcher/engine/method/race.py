"""A direct solver on all columns, beside the method: on the second core, from early on.

Hides where it runs and what may come of it. Whoever proves first ends the other where a clock is
given. Without one the answer must repeat: then the solver's is heard only where the method has come
to the end of its own limits, and on one core it is asked just then, with the same answer. What it
claims is checked like every claim (`claims`).
"""

from dataclasses import replace

from matcher.engine.context import Context
from matcher.engine.errors import BackendError
from matcher.engine.method.claims import Checked, checked_outcome, drop_refuted
from matcher.engine.method.packing import Packing
from matcher.engine.method.state import State
from matcher.engine.method.sub_mip import fits_doubles, part_model
from matcher.engine.program import Int64
from matcher.engine.solvers import SOLVERS, Status, Task
from matcher.engine.solvers.apart import Apart, can_run_apart

_MOST_COLUMNS, _MOST_WITHOUT_CLOCK = 200_000, 20_000
_COLUMN_NODES = 100_000.0
"""Nodes it may have without a clock, as a factor, times its columns."""
_BEFORE_THE_END = 0.02
_PATIENCE_SECONDS = 0.5
_OWN = "matcher.engine."
"""Solvers from elsewhere are not known in another process."""


class Race:
    """A direct solver at work on some columns of a packing (sorted)."""

    def __init__(self, packing: Packing, columns: Int64, context: Context, factor: float) -> None:
        self._packing, self._columns, self._context = packing, columns, context
        self._model = part_model(packing, columns, context)
        self._judged: Checked | None = None
        self._heard = False
        options, left = context.options, context.left()
        fits = fits_doubles(self._model, packing.must.size)
        self._kind = "integer" if fits else "exact"
        self._solver = getattr(options.solvers, self._kind)
        nodes = context.proof_nodes(min(factor, _COLUMN_NODES / columns.size))
        self._task = Task(
            integer=True,
            nodes=nodes,
            seconds=None if left is None else left * (1.0 - _BEFORE_THE_END),
            absolute_gap=0.999,
            relative_gap=options.gap,
            seed=options.seed,
        )
        self._apart: Apart | None = None
        if can_run_apart() and type(SOLVERS[self._solver]).__module__.startswith(_OWN):
            self._apart = Apart(self._solver, self._model, self._task)
            context.at_end.append(self._apart.end)

    @classmethod
    def begin(cls, state: State, columns: Int64, context: Context, factor: float) -> "Race | None":
        """Begin a race over some columns of a state's packing, if there is anything to race for.

        `factor` is how many times the usual nodes the solver may have where there is no clock.
        """
        race, timed = None, context.options.seconds is not None
        most = _MOST_COLUMNS if timed else _MOST_WITHOUT_CLOCK
        packing = state.fold.packing
        wanted = context.options.method in ("auto", "prices") and context.options.switches.race
        if wanted and 0 < columns.size <= most and not context.stop():
            race = cls(packing, columns, context, factor)
            context.decided = race.decided
        return race

    def decided(self) -> bool:
        """Whether it has proven its selection the best; always False where no clock is given."""
        if self._context.options.seconds is None or self._apart is None:
            return False
        checked = self._hear() if self._apart.done.is_set() else None
        return checked is not None and checked.status == Status.OPTIMAL

    def _hear(self) -> Checked | None:
        """Return what the other process said, checked; None: nothing that can be believed."""
        assert self._apart is not None
        if not self._heard:
            self._heard, outcome = True, self._apart.outcome
            if outcome is not None:
                gap = self._context.options.gap
                self._judged = checked_outcome(self._packing, self._columns, outcome, gap)
        return self._judged

    def settle(self, state: State) -> State:
        """Return the state with what the solver found, if the method alone did not prove it."""
        context = self._context
        context.decided = None
        if state.reached(context):
            if self._apart is not None:
                context.say("a direct solver ran beside; the method was first")
                self._apart.end()
            return state
        with context.phase("direct solver"):
            checked = self._wait()
        if checked is None:
            return state
        checked = drop_refuted(checked, state.value, context)
        better = checked.chosen is not None and self._packing.value(checked.chosen) > state.value
        state = state.better(checked.chosen, context)
        if checked.bound is not None and checked.bound < state.bound:
            state = replace(state, fold_bound=max(checked.bound, state.value))
        what = "proved it" if state.reached(context) else "did not prove it either"
        more = "; its selection is better" if better else ""
        context.say(f"{self._solver} on {self._columns.size} columns {what}{more}")
        return state

    def _wait(self) -> Checked | None:
        context = self._context
        if self._apart is not None:
            while not self._apart.done.wait(0.02):
                left = context.left()
                if context.cancelled() or (left is not None and left <= -_PATIENCE_SECONDS):
                    self._apart.end()
                    return None
            checked = self._hear()
            if checked is not None or context.stop():
                return checked
        if context.stop():
            return None
        task = self._task
        try:
            outcome = context.run(
                self._kind, self._model, nodes=task.nodes, seconds=context.left(),
                absolute_gap=task.absolute_gap, relative_gap=task.relative_gap,
            )  # fmt: skip
        except BackendError as problem:
            context.say(f"the direct solver failed: {problem}")
            return None
        return checked_outcome(self._packing, self._columns, outcome, context.options.gap)
