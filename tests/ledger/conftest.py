"""A ledger on either store, and small weeks solved into documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from matcher.explain import explained
from matcher.ledger import Ledger
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.report import run_document
from matcher.solve import solve
from tests.ledger.once import solve_each_week_once


def document_of(problem: Problem) -> dict[str, Any]:
    """Document of the best plan for a week."""
    return run_document(problem, solved(problem))


@pytest.fixture
def ledger(store: str) -> Iterator[Ledger]:
    """A new ledger, on SQLite and on PostgreSQL."""
    with Ledger.open(store) as opened:
        yield opened


def solved(problem: Problem) -> Plan:
    """Record of the best plan for a week."""
    plan = explained(solve(problem))
    return replace(plan, provenance={**plan.provenance, "run_times": {"read": 0.1}})


@pytest.fixture(scope="module")
def each_week_solved_once() -> Iterator[None]:
    """A week that is run again in this process is solved, verified and explained no second time."""
    with pytest.MonkeyPatch.context() as patch:
        solve_each_week_once(patch)
        yield
