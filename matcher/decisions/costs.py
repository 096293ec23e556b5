"""What a rejection costs the plan: the optimum without it, against the optimum with it.

Exact, and of the run that proposed: its input is put together again and solved, then once more for
each rejection with nothing changed but what the rejection bars. The earlier answer is the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from matcher.again import Change, Resolver
from matcher.errors import LedgerError, NoPlanError
from matcher.ledger import Decision, Ledger
from matcher.row_kinds import OPENING_SEATS
from matcher.solve import Solution, solve
from matcher.texts import Message


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
    again = Resolver(solution)
    return tuple(_cost(again, [one]) for one in rejections)


def joint_cost(solution: Solution, rejections: Sequence[Decision]) -> Cost:
    """Compute what all rejections together cost: at most their sum, often less."""
    return _cost(Resolver(solution), rejections)


def without(solution: Solution, rejections: Sequence[Decision]) -> Change:
    """Return how the week differs once proposals of it are rejected: what the rejections bar."""
    codes = solution.problem.policy.forbid_reasons.codes
    openings = solution.problem["openings"]
    site = dict(zip(openings["opening_id"], openings["workplace_id"], strict=True))
    barred: list[tuple[str, str]] = []
    fewer: dict[str, int | None] = {}
    for one in rejections:
        bars = codes.get(one.reason or "", codes["other"]).bars
        there = [one.opening_id]
        if bars == "workplace":
            there = [where for where, at in site.items() if at == site[one.opening_id]]
        barred += [(one.citizen_id, where) for where in there]
        row = OPENING_SEATS.row(one.opening_id)
        if bars == "seat":
            fewer[row] = (fewer.get(row) or 0) - 1
    locked = {one.citizen_id for one in solution.plan.placements if one.locked}
    free = locked & {one.citizen_id for one in rejections}
    return Change(barred=barred, free=free, more=fewer)


def _cost(again: Resolver, rejections: Sequence[Decision]) -> Cost:
    """Solve a run again without what rejections bar."""
    found = again.solve(without(again.solution, rejections))
    if not found.feasible:
        raise NoPlanError(Message("error.no_plan", detail="what else is fixed cannot be honoured"))
    before = again.base
    return Cost(before[0] - found.values[0], before[1] - found.values[1])


@dataclass(frozen=True)
class Noted:
    """What became of asking for costs."""

    computed: int
    """Rejections whose cost was computed and stored."""
    unknown: int
    """Rejections of runs whose input is gone, or that could not be solved to the optimum."""


def note_costs(
    ledger: Ledger, decisions: Iterable[Decision], *, most_runs: int | None = None,
    solved: Mapping[str, Solution] | None = None,
) -> Noted:  # fmt: skip
    """Compute and store the costs of rejections that have none yet.

    Parameters
    ----------
    ledger
        Holds the runs; gets the costs.
    decisions
        The newest decisions about proposals; others than rejections are passed over.
    most_runs
        Only of so many runs, newest first. None: of all.
    solved
        Runs whose stored input is solved already, by name. None: there is none.
    """
    by_run: dict[str, list[Decision]] = {}
    for one in decisions:
        if one.verdict == "reject" and one.cost_placements is None:
            by_run.setdefault(one.run_id, []).append(one)
    computed = unknown = 0
    for run_id in sorted(by_run, reverse=True)[:most_runs]:
        # Who was asked beside others is in no plan, so their no takes nothing from one.
        beside = {one.citizen_id for one in ledger.asked(run_id)}
        rejections = [one for one in by_run[run_id] if one.citizen_id not in beside]
        if not rejections:
            continue
        costs = _costs_of(ledger, run_id, rejections, (solved or {}).get(run_id))
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
    ledger: Ledger, run_id: str, rejections: Sequence[Decision], solution: Solution | None
) -> tuple[Cost, ...] | None:
    if solution is None:
        try:
            solution = solve(ledger.problem(run_id))
        except LedgerError:
            return None
    try:
        return override_costs(solution, rejections) if solution.plan.proven else None
    except NoPlanError:
        return None
