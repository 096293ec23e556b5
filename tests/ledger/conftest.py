"""A ledger on either store, and small weeks solved into documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from matcher.explain import left_over, reasons
from matcher.ledger import Ledger
from matcher.problem import Problem
from matcher.report import run_document
from matcher.solve import solve


@pytest.fixture
def ledger(store: str) -> Iterator[Ledger]:
    """A new ledger, on SQLite and on PostgreSQL."""
    with Ledger.open(store) as opened:
        yield opened


def solved(problem: Problem) -> dict[str, Any]:
    """Document of the best plan for a week."""
    solution = solve(problem)
    left, whys = left_over(solution), reasons(problem, solution.plan.placements)
    provenance = {**solution.plan.provenance, "run_times": {"read": 0.1}}
    return run_document(solution, left, whys, provenance=provenance)
