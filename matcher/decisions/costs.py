"""What a rejection costs the plan: the optimum without it, against the optimum with it.

Exact, and of the run that proposed: its input is put together again and solved, then once more for
each rejection with nothing changed but what the rejection bars. The earlier answer is the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matcher import engine
from matcher.errors import LedgerError
from matcher.ledger import Decision, Ledger
from matcher.policy import Policy
from matcher.row_kinds import OPENING_SEATS
from matcher.solve import Solution, solve

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Cost:
    """What the best plan loses."""

    placements: int
    """In the first goal: placements, or their priority."""
    fit: int
    """In the second goal; may be below 0 where the first loses, as fewer people are counted."""


def override_costs(solution: Solution, rejections: Sequence[Decision]) -> tuple[Cost, ...]:
    """Compute what each rejection, by itself, costs the plan it is about.

    Parameters
    ----------
    solution
        The run, solved to the optimum.
    rejections
        Decisions about its proposals.

    Returns
    -------
    tuple
        In the order of ``rejections``.
    """
    again = _Again(solution)
    return tuple(again.without([one]) for one in rejections)


def joint_cost(solution: Solution, rejections: Sequence[Decision]) -> Cost:
    """Compute what all rejections together cost: at most their sum, often less."""
    return _Again(solution).without(rejections)


class _Again:
    """Solves a run again without what rejections bar."""

    def __init__(self, solution: Solution) -> None:
        self._solution = solution
        self._policy: Policy = solution.problem.policy
        self._start = engine.Start(prices=solution.answer.prices, selection=solution.chosen)
        book = solution.book
        self._citizen = {name: at for at, name in enumerate(book.sides.citizens.ids.tolist())}
        self._opening = {name: at for at, name in enumerate(book.sides.openings.ids.tolist())}
        self._row = {name: at for at, name in enumerate(solution.model.program.row_names or ())}

    def without(self, rejections: Iterable[Decision]) -> Cost:
        program = self._solution.model.program
        barred: list[Ints] = [np.zeros(0, dtype=np.int64)]
        upper = program.upper.copy()
        free = self._solution.model.locked.copy()
        for one in rejections:
            columns, takes_seat = self._barred(one)
            barred.append(columns)
            free[self._citizen[one.citizen_id]] = False
            row = self._row.get(OPENING_SEATS.row(one.opening_id))
            if takes_seat and row is not None:
                upper[row] = max(0, upper[row] - 1)
        old = program.forbidden if program.forbidden is not None else np.zeros(0, dtype=np.int64)
        forbidden = np.unique(np.concatenate([old, *barred]))
        changed = replace(
            program,
            forbidden=forbidden,
            upper=upper,
            exactly_one=free if free.any() else None,
        )
        answer = engine.solve(changed, start=self._start)
        before, after = self._solution.answer.values, answer.values
        return Cost(int(before[0] - after[0]), int(before[1] - after[1]))

    def _barred(self, one: Decision) -> tuple[Ints, bool]:
        """Offers that a rejection bars, and whether it takes a seat from everybody."""
        book = self._solution.book
        codes = self._policy.forbid_reasons.codes
        bars = codes.get(one.reason or "", codes["other"]).bars
        own = book.offers.citizen == self._citizen[one.citizen_id]
        where = self._opening[one.opening_id]
        sites = book.sides.openings.workplace
        if bars == "workplace":
            there = sites[book.offers.opening] == sites[where]
        else:
            there = book.offers.opening == where
        return np.flatnonzero(own & there).astype(np.int64), bars == "seat"


@dataclass(frozen=True)
class Noted:
    """What became of asking for costs."""

    computed: int
    """Rejections whose cost was computed and stored."""
    unknown: int
    """Rejections of runs whose input is gone, or that could not be solved to the optimum."""


def note_costs(
    ledger: Ledger, decisions: Iterable[Decision], *, most_runs: int | None = None
) -> Noted:
    """Compute and store the costs of rejections that have none yet.

    Parameters
    ----------
    ledger
        Holds the runs; gets the costs.
    decisions
        The newest decisions about proposals; others than rejections are passed over.
    most_runs
        Only of so many runs, newest first. None: of all.
    """
    by_run: dict[str, list[Decision]] = {}
    for one in decisions:
        if one.verdict == "reject" and one.cost_placements is None:
            by_run.setdefault(one.run_id, []).append(one)
    computed = unknown = 0
    for run_id in sorted(by_run, reverse=True)[:most_runs]:
        rejections = by_run[run_id]
        costs = _costs_of(ledger, run_id, rejections)
        if costs is None:
            unknown += len(rejections)
            continue
        ledger.note_costs(
            replace(one, cost_placements=cost.placements, cost_fit=cost.fit)
            for one, cost in zip(rejections, costs, strict=True)
        )
        computed += len(rejections)
    return Noted(computed, unknown)


def _costs_of(
    ledger: Ledger, run_id: str, rejections: Sequence[Decision]
) -> tuple[Cost, ...] | None:
    try:
        problem = ledger.problem(run_id)
    except LedgerError:
        return None
    solution = solve(problem)
    return override_costs(solution, rejections) if solution.plan.proven else None
