"""A ledger on either store, and small weeks solved into documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from matcher import weekly
from matcher.explain import explained
from matcher.ledger import Ledger
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.report import run_document
from matcher.solve import solve


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
    """A week that is run again in this process is solved, verified and explained no second time.

    For tests of what a run leaves behind; a process that is killed does it all by itself.
    """
    done: dict[tuple[str, str], Any] = {}

    def once(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def answer(given: Any, *more: Any) -> Any:
            key = (name, getattr(given, "problem", given).digest())
            if key not in done:
                done[key] = work(given, *more)
            return done[key]

        return answer

    with pytest.MonkeyPatch.context() as patch:
        for name in ("_solved", "ensure_verified", "explained"):
            patch.setattr(weekly, name, once(name, getattr(weekly, name)))
        yield
