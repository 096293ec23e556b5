"""From a solution to its outcome: what the week's tables say about what the plan chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from matcher.columns import Columns
from matcher.policy import once_each
from matcher.row_kinds import ROW_KINDS, RowNames
from scenarios.outcome.record import (
    AUDIT,
    CITIZEN_COLUMNS,
    COST,
    PLACEMENT_COLUMNS,
    RESOURCE_COLUMNS,
    Outcome,
    Parameter,
    RecordedChange,
    SweepKind,
    frame_of,
    text_array,
)

if TYPE_CHECKING:
    from matcher.explain import Balance
    from matcher.solve import Solution


def outcome_of(
    solution: Solution,
    *,
    name: str = "base",
    titles: Mapping[str, str] | None = None,
    questions: Mapping[str, str] | None = None,
    family: str = "",
    family_titles: Mapping[str, str] | None = None,
    sweep: SweepKind = "",
    parameters: Mapping[str, Parameter] | None = None,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    changes: Sequence[RecordedChange] = (),
    selected: Sequence[Mapping[str, Any]] = (),
    idle_caseworkers: int = 0,
    seconds: float | None = None,
) -> Outcome:
    """Take the outcome of a solved scenario from its solution.

    Parameters
    ----------
    solution
        The solved week; one without a plan gives a failed outcome with the engine's word.
    name, titles, questions, family, family_titles, sweep, parameters, labels, changes, selected
        As in :class:`Outcome`.
    idle_caseworkers
        As in :class:`Outcome`.
    seconds
        Time it took. None: the solution's own phases.
    """
    from matcher.explain import balance_of, benefit_saved

    problem, plan = solution.problem, solution.plan
    provenance = plan.provenance
    if seconds is None:
        seconds = float(sum(provenance.get("phase_times", {}).values()))
    told: dict[str, Any] = {
        "name": name,
        "titles": dict(titles or {}),
        "questions": dict(questions or {}),
        "family": family,
        "family_titles": dict(family_titles or {}),
        "sweep": sweep,
        "parameters": dict(parameters or {}),
        "labels": dict(labels or {}),
        "changes": tuple(changes),
        "selected": tuple(selected),
        "idle_caseworkers": idle_caseworkers,
        "seconds": round(seconds, 3),
    }
    if not plan.has_plan:
        why = plan.clash.error().said if plan.clash is not None else plan.detail
        return Outcome(status="failed", reason=why or "no plan was found", **told)
    balance = balance_of(solution)
    placements = _placements(solution)
    return Outcome(
        status="optimal" if plan.proven else "feasible",
        reason="" if plan.proven else plan.detail,
        tiers=plan.tiers,
        placements=placements,
        citizens=_citizens(solution, balance),
        resources=_resources(solution),
        seats=_seats(solution, balance),
        once=tuple(filter(None, (problem.policy.money.lines.get("course"),))),
        benefit=benefit_saved(problem, plan.placements) or (
            {} if problem.policy.benefit_rates is None
            else {"monthly": 0, "citizens": 0, "not_known": 0}
        ),
        measures={
            key: problem.policy.measure_name(key)
            for key in sorted(set(placements["measure"]))
        },
        fit_floor=problem.policy.fit.floor,
        date=problem.today.isoformat(),
        digests={
            "input": provenance["input_digest"],
            "policy": provenance["policy"]["digest"],
            "program": provenance["engine"]["program_digest"],
        },
        versions=dict(provenance["versions"]),
        **told,
    )  # fmt: skip


def _placements(solution: Solution) -> pd.DataFrame:
    problem, placements = solution.problem, solution.plan.placements
    columns: dict[str, list[Any]] = {
        name: [getattr(placement, name) for placement in placements]
        for name in PLACEMENT_COLUMNS
        if name
        not in ("workplace_id", "workplace", "sector", "isco", "course_ids", "start", "work")
    }
    openings, places = problem.columns("openings"), problem.columns("workplaces")
    at = solution.book.offers.opening[solution.chosen]
    where = solution.book.encoded.openings.workplace[at]
    columns["workplace_id"] = openings["workplace_id"][at].tolist()
    columns["isco"] = openings["isco"][at].tolist()
    columns["workplace"] = places["name"][where].tolist()
    columns["sector"] = places["sector"][where].tolist()
    columns["course_ids"] = [";".join(placement.course_ids) for placement in placements]
    columns["start"] = [placement.start.isoformat() for placement in placements]
    columns["work"] = [problem.policy.work_kind(one.measure, one.minutes) for one in placements]
    lines = sorted(problem.policy.money.budgets)
    for line in lines:
        columns[COST + line] = [placement.cost.get(line, 0) for placement in placements]
    return frame_of(columns, PLACEMENT_COLUMNS)


def _citizens(solution: Solution, balance: Balance) -> pd.DataFrame:
    from matcher.explain import CAUSES

    problem = solution.problem
    table = problem.columns("citizens")
    ids = table["citizen_id"].tolist()
    district = dict(
        zip(problem["places"]["postcode"].tolist(), problem["places"]["name"].tolist(), strict=True)
    )
    names = text_array([*CAUSES, "placed"])
    columns: dict[str, Any] = {
        **_of_citizens(table),
        "outcome": names.take(np.where(balance.placed, len(CAUSES), balance.cause)),
        "possible": solution.book.tally.feasible,
        "oral": table["oral"],
        "district": [district.get(code) for code in table["postcode"].tolist()],
    }
    for dimension, rows in problem["audit_groups"].groupby("dimension", sort=True):
        stated = dict(zip(rows["citizen_id"].tolist(), rows["group"].tolist(), strict=True))
        columns[f"{AUDIT}{dimension}"] = [stated.get(who, "") for who in ids]
    return frame_of(columns, CITIZEN_COLUMNS)


@once_each
def _of_citizens(table: Columns) -> dict[str, Any]:
    """Return what is told of citizens, whatever the plan: the same in every scenario of a week."""
    return {
        name: text_array(table[name].tolist()) for name in ("citizen_id", "category", "postcode")
    }


def _resources(solution: Solution) -> pd.DataFrame:
    about = RowNames(solution.problem.tables).about
    # Comparisons are shown to planners and to every team: the key of a home names its adults.
    rows = [row for row in solution.plan.rows if not ROW_KINDS[row.rule].home]
    columns: dict[str, list[Any]] = {
        "kind": [row.rule for row in rows],
        "name": [about(row.rule, row.key) for row in rows],
        **{name: [getattr(row, name) for row in rows] for name in ("key", "used", "capacity",
                                                                   "binding", "floor")},
        "price": [row.price or 0.0 for row in rows],
        "price_placements": [row.price_placements or 0.0 for row in rows],
    }  # fmt: skip
    return frame_of(columns, RESOURCE_COLUMNS)


def _seats(solution: Solution, balance: Balance) -> dict[str, dict[str, int]]:
    openings = solution.book.encoded.openings
    names = sorted(set(solution.problem["workplaces"]["sector"].tolist()))
    free = np.maximum(openings.free, 0)
    return {
        name: {
            "free": int(free[openings.sector == name].sum()),
            "filled": int(balance.filled[openings.sector == name].sum()),
        }
        for name in names
    }
