"""One small solved week, and one whose names try to break out of their cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from matcher.explain import explained
from matcher.plan import Plan
from matcher.policy import load_policy
from matcher.problem import Problem
from matcher.records import AuditGroup, Caseworker, MentorPool, Opening, Place, Workplace
from matcher.report import run_document
from matcher.solve import solve
from scenarios.population import Population, problem
from tests import weeks
from tests.weeks import TODAY, citizen

NASTY = "<b>&\"'=1+1"
ISSUES: list[dict[str, Any]] = [
    {"severity": "error", "code": "wrong_type", "table": "citizens", "source": "citizens.csv",
     "row": 3, "put_aside": True, "message": "citizens.csv, row 3: 'x' cannot be read."},
    {"severity": "warning", "code": "date_passed", "table": "running", "source": "running.csv",
     "row": 2, "put_aside": False, "message": "running.csv, row 2: 2020-01-01 has passed."},
]  # fmt: skip

Solved = tuple[Problem, Plan]


def solved(week: Problem) -> Solved:
    return week, explained(solve(week))


def document_of(week: Problem, **more: Any) -> dict[str, Any]:
    return run_document(*solved(week), **more)


def place(postcode: str = "8000", name: str = "Aarhus C") -> Place:
    return Place(postcode=postcode, name=name, latitude=56.15, longitude=10.2)


def workplace(workplace_id: str = "0001", **fields: Any) -> Workplace:
    """A home in Aarhus whose ids begin with zeros and whose name is Danish."""
    given = {"employer_id": "00099", "name": "Plejehjemmet Åsø", "postcode": "8000"}
    return weeks.workplace(workplace_id, **{**given, **fields})


def opening(opening_id: str = "000123", **fields: Any) -> Opening:
    """A job in its kitchen."""
    given = {"workplace_id": "0001", "title": "Køkkenmedhjælper", "isco": "9412"}
    return weeks.opening(opening_id, **{**given, **fields})


def week_of(**records: Any) -> Problem:
    """A week under the built-in policy as it is."""
    given: dict[str, Any] = {"places": [place()], "workplaces": [workplace()]}
    return Problem.from_records(load_policy(TODAY), TODAY, **{**given, **records})


@pytest.fixture(scope="session")
def small() -> Solved:
    """A made-up week of 120 citizens and 30 openings."""
    return solved(problem(Population(citizens=120, openings=30)))


@pytest.fixture(scope="session")
def document(small: Solved) -> dict[str, Any]:
    return run_document(*small, issues=ISSUES, made_up=True)


@pytest.fixture(scope="session")
def nasty() -> Problem:
    """Ids and names with leading zeros, Danish letters, markup and the signs of a formula."""
    return week_of(
        citizens=[
            citizen("=00042", caseworker_id=NASTY),
            citizen("00043", wishes="9412", mentor_hours=2),
            citizen("@last", oral=0, reading=0),
        ],
        workplaces=[workplace("0001", name=NASTY), workplace("0002", name="+45 Rengøring Ærø")],
        openings=[
            opening("000123", title=NASTY),
            opening("-7", workplace_id="0002", title="@Rengøring </style><script>x()</script>"),
        ],
        caseworkers=[Caseworker(caseworker_id=NASTY, capacity=3)],
        mentor_pools=[MentorPool(pool_id="=cmd|' /C calc'!A0", hours=2)],
        places=[place(name="Århus & <C>")],
        audit_groups=[
            AuditGroup(citizen_id=who, dimension=NASTY, group="kvinder")
            for who in ("=00042", "00043", "@last")
        ],
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "run"
    made.mkdir()
    return made
