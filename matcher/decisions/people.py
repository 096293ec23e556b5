"""The part of a run's document that is about people: what was carried over, changed, decided."""

from __future__ import annotations

import datetime as dt
from typing import Any

from matcher.decisions.expected import expected_fills
from matcher.decisions.next_week import CarriedOver
from matcher.decisions.outlook import outlook
from matcher.decisions.plan_stability import plan_stability
from matcher.decisions.rates import decided_pairs, rates
from matcher.ledger import Ledger
from matcher.solve import Solution
from matcher.tables import IssueCode
from matcher.texts import Language, tell

_STOPPED = {IssueCode.ACCEPTED_IMPOSSIBLE}
"""Issues behind which stands a rule."""


def people_document(
    solution: Solution,
    carried: CarriedOver,
    ledger: Ledger | None,
    language: Language = "en",
) -> dict[str, Any]:
    """Collect what people decided and how far the plan follows from it.

    Parameters
    ----------
    solution
        The week's plan.
    carried
        What the ledger had added to the tables.
    ledger
        Decisions of the last weeks. None: figures about decisions are left out.
    language
        Of the sentences.

    Returns
    -------
    dict
        JSON-ready: ``carried`` (counts), ``disagree`` (what the ledger says against the tables),
        ``steady``, ``rates`` and ``expected`` (of :func:`matcher.decisions.expected_fills`), these
        three perhaps None, and ``outlook`` (:func:`matcher.decisions.outlook.outlook`).
    """
    compared = plan_stability(solution)
    problem = solution.problem
    return {
        "carried": dict(carried.counts),
        "disagree": [
            {
                "code": issue.code.value,
                "citizen_id": issue.key,
                "opening_id": issue.value,
                "message": tell(issue.message, language),
                "advice": tell(issue.advice, language),
                "why": carried.stopped.get(issue.key) if issue.code in _STOPPED else None,
            }
            for issue in carried.issues
        ],
        "steady": compared and compared.to_dict(),
        "rates": ledger and rates(ledger, problem.policy, problem.today),
        "expected": ledger and _expected(solution, ledger),
        "outlook": outlook(problem, ledger).to_dict(),
    }


def _expected(solution: Solution, ledger: Ledger) -> dict[str, Any] | None:
    """Return how many of the proposals will be accepted, from decisions of the last weeks."""
    problem = solution.problem
    since = problem.today - dt.timedelta(weeks=problem.policy.oversight.look_back_weeks)
    pairs = decided_pairs(ledger, since, problem.today)
    return expected_fills(problem, solution.plan.placements, ledger, pairs)
