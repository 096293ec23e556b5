"""The independent check: a plan is legal, and every number in it is what the records give.

It is written from the rules page alone and shares no code with what makes offers, builds the
program or solves it. It looks at one placement after another in plain Python, then at the rows of
the model, then at the tiers. A finding is our own mistake, never the user's: the run stops.

The back-ups of a plan are checked by the same rules (:func:`verify_back_ups`). A placement that was
checked already, against the very same tables and rules, is not read twice (:mod:`.seen`); rows and
tiers are added up each time.

Not checked: the tie-break's value (its hash is the formulation's own), and whether something
better exists (the bound is only held against the value).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matcher.errors import InternalError
from matcher.plan import Placement, Plan
from matcher.problem import Problem
from matcher.queues import BackUps
from matcher.verify.case import CheckedPlacement
from matcher.verify.facts import Facts
from matcher.verify.findings import VALUE, Violation, broken_rule, unknown_id
from matcher.verify.legality import broken_rules
from matcher.verify.queues import wrong_queues, wrong_room, wrong_together
from matcher.verify.resources import ROWS, broken_rows
from matcher.verify.seen import seen_of
from matcher.verify.value import wrong_order, wrong_tiers, wrong_values

SHOWN = 10
"""Violations that an error names; the rest is counted."""


def verify(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """Check a plan against the records it was made from.

    Parameters
    ----------
    problem
        What the plan was made from.
    plan
        The plan; one without a solution has nothing to check.

    Returns
    -------
    tuple of Violation
        All that is wrong, sorted by rule and place; empty when nothing is.
    """
    if not plan.has_plan:
        return ()
    facts = Facts(problem, plan)
    seen = seen_of(facts, problem)
    found: list[Violation] = [*wrong_order(plan)]
    cases: list[CheckedPlacement] = []
    for placement in plan.placements:
        known = seen.get(facts, placement)
        if known is not None:
            cases.append(known)
            continue
        case, unknown = _case(facts, placement)
        found += unknown
        if case is not None:
            cases.append(case)
            broken = [*broken_rules(case), *wrong_values(case)]
            seen.keep(case, broken)
            found += broken
    found += broken_rows(facts, plan, cases)
    found += wrong_tiers(plan, cases)
    return tuple(sorted(found))


def verify_back_ups(
    problem: Problem, plan: Plan, found: BackUps, most: int | None = None
) -> tuple[Violation, ...]:
    """Check the back-ups of a plan that has passed its own check.

    Parameters
    ----------
    problem
        What the plan was made from.
    plan
        The plan.
    found
        Who steps in, and who is asked at once.
    most
        Back-ups that a proposal may have. None: as the policy says.

    Returns
    -------
    tuple of Violation
        All that is wrong, sorted by rule and place; empty when nothing is.
    """
    most = problem.policy.declines.back_ups if most is None else most
    whole = (*plan.placements, *(one.placement for one in found.each))
    facts = Facts(problem, replace(plan, placements=whole))
    wrong: list[Violation] = [*wrong_queues(plan, found, most)]
    cases = {one.citizen_id: case for one in plan.placements
             if (case := _case(facts, one)[0]) is not None}  # fmt: skip
    queues: dict[str, list[CheckedPlacement]] = {}
    for one in found.each:
        case, unknown = _case(facts, one.placement)
        wrong += unknown
        if case is not None:
            queues.setdefault(one.proposed, []).append(case)
            wrong += broken_rules(case)
            wrong += wrong_values(case)
    wrong += wrong_room(facts, list(cases.values()), queues)
    wrong += wrong_together(problem.policy, found, cases, queues)
    return tuple(sorted(wrong))


def ensure_verified(problem: Problem, plan: Plan) -> None:
    """Stop when a plan does not pass its check.

    Raises
    ------
    InternalError
        Something is wrong; the message names the first ten violations, their number, and the
        digest of the problem.
    """
    _stop_on("the plan does not pass its own check", problem, verify(problem, plan))


def ensure_back_ups_verified(
    problem: Problem, plan: Plan, found: BackUps, most: int | None = None
) -> None:
    """Stop when back-ups do not pass their check: see :func:`verify_back_ups`.

    Raises
    ------
    InternalError
        Something is wrong, as for a plan.
    """
    wrong = verify_back_ups(problem, plan, found, most)
    _stop_on("the back-ups do not pass their own check", problem, wrong)


def _stop_on(what: str, problem: Problem, found: Sequence[Violation]) -> None:
    if not found:
        return
    count = "1 violation" if len(found) == 1 else f"{len(found)} violations"
    lines = [f"{what}: {count} (problem {problem.digest()})"]
    lines += [f"  - {violation.message}" for violation in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(f"  ... and {len(found) - SHOWN} more")
    raise InternalError("\n".join(lines))


def _case(facts: Facts, placement: Placement) -> tuple[CheckedPlacement | None, list[Violation]]:
    """Look up all ids of a placement; a case only when every one is known."""
    where = f"{placement.citizen_id} at {placement.opening_id}"
    citizen = facts.citizens.get(placement.citizen_id)
    opening = facts.openings.get(placement.opening_id)
    workplace = facts.workplaces.get(opening.workplace_id) if opening else None
    measure = facts.policy.measures.get(placement.measure)
    team = facts.teams.get(placement.team_id) if placement.team_id is not None else None
    pool = facts.pools.get(placement.pool_id) if placement.pool_id is not None else None
    unknown: list[Violation] = []
    if citizen is None:
        unknown.append(unknown_id(where, "citizen", placement.citizen_id))
    if opening is None:
        unknown.append(unknown_id(where, "opening", placement.opening_id))
    elif workplace is None:
        unknown.append(unknown_id(where, "workplace", opening.workplace_id))
    if placement.team_id is not None and team is None:
        unknown.append(unknown_id(where, "class", placement.team_id))
    if placement.pool_id is not None and pool is None:
        unknown.append(unknown_id(where, "mentor pool", placement.pool_id))
    unknown += [
        unknown_id(where, "course", key) for key in placement.course_ids if key not in facts.courses
    ]
    if measure is None:
        why = f"The measure '{placement.measure}' is not in force."
        unknown.append(broken_rule("measure_none", where, 0, 1, why))
    if citizen is None or opening is None or workplace is None or measure is None or unknown:
        return None, unknown
    courses = tuple(facts.courses[key] for key in placement.course_ids)
    return CheckedPlacement(
        facts, placement, citizen, opening, workplace, measure, team, pool, courses
    ), []


__all__ = [
    "ROWS",
    "VALUE",
    "Violation",
    "ensure_back_ups_verified",
    "ensure_verified",
    "verify",
    "verify_back_ups",
]
