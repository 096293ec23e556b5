"""The part of a run's document that is about people: what was carried over, changed, decided."""

from __future__ import annotations

from typing import Any

from matcher.decisions.next_week import CarriedOver
from matcher.decisions.rates import rates
from matcher.decisions.steady import steady
from matcher.ledger import Ledger
from matcher.solve import Solution


def people_document(
    solution: Solution, carried: CarriedOver, ledger: Ledger | None
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

    Returns
    -------
    dict
        JSON-ready: ``carried`` (counts), ``steady`` and ``rates``, the last two perhaps None.
    """
    compared = steady(solution)
    problem = solution.problem
    return {
        "carried": dict(carried.counts),
        "steady": compared and compared.to_dict(),
        "rates": ledger and rates(ledger, problem.policy, problem.today),
    }
