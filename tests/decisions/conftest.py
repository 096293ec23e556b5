"""One small week in a ledger, proposed and waiting for decisions."""

from __future__ import annotations

import copy
import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from matcher.decisions import CarriedOver
from matcher.ledger import Decision, Ledger
from matcher.problem import Problem
from matcher.records import Caseworker
from matcher.report import run_document
from tests.ledger.conftest import solved
from tests.weeks import citizen, opening, week, workplace

NOW = dt.datetime(2026, 11, 24, 9, 30, tzinfo=dt.UTC)
CREW = (
    Caseworker(caseworker_id="K1", capacity=10, unit="Nord"),
    Caseworker(caseworker_id="K2", capacity=10, unit="Nord"),
    Caseworker(caseworker_id="K3", capacity=10, unit="Syd"),
)


def four() -> Problem:
    """C1 to C4 wish for what O1 to O4 offer, each their own; O3 and O4 are at W2, in æøå-by.

    Every citizen has one opening of the wished occupation, so who goes where is plain.
    """
    jobs = ("9112", "9333", "5131", "8344")
    people = [
        citizen(f"C{n}", wishes=job, caseworker_id=f"K{min(n, 3)}")
        for n, job in enumerate(jobs, start=1)
    ]
    places = [
        opening(f"O{n}", isco=job, workplace_id="W1" if n < 3 else "W2", title=f"Rengøring {n}")
        for n, job in enumerate(jobs, start=1)
    ]
    sites = [workplace(name="Plejehjem Åen"), workplace("W2", employer_id="E2", name="=1+1")]
    return week(people, places, sites, caseworkers=CREW)


@dataclass(frozen=True)
class Proposed:
    """A run in a ledger."""

    ledger: Ledger
    document: dict[str, Any]
    run_id: str
    problem: Problem


def propose(ledger: Ledger, tables: Problem | CarriedOver) -> Proposed:
    """Solve a week and record it."""
    carried = tables if isinstance(tables, CarriedOver) else CarriedOver(tables)
    problem = carried.problem
    plan = solved(problem)
    stored = ledger.record_run(plan, problem, address="test", seats_given=carried.seats_given,
                               counting=carried.counting)  # fmt: skip
    return Proposed(ledger, run_document(problem, plan), stored.run.run_id, problem)


def few_said_yes(ledger: Ledger, until: dt.date | None = None) -> None:
    """Of 40 proposals two were accepted: whoever asks may ask several. A no bars until a day."""
    people = [citizen(f"C{n:02}") for n in range(40)]
    sites = [workplace("W1", ordinary_staff=99, sector="private")]
    run = propose(ledger, week(people, [opening(seats=40)], sites))
    ledger.record_decisions(
        Decision(run.run_id, one.citizen_id, one.opening_id, "reject", NOW, "other", until=until)
        if at > 1 else Decision(run.run_id, one.citizen_id, one.opening_id, "accept", NOW)
        for at, one in enumerate(ledger.proposals(run.run_id))
    )  # fmt: skip


@pytest.fixture(scope="session")
def _four_proposed(tmp_path_factory: pytest.TempPathFactory) -> Proposed:
    """The week of four in a ledger that is closed and that tests copy."""
    with Ledger.open(tmp_path_factory.mktemp("four") / "ledger.sqlite") as ledger:
        return propose(ledger, four())


@pytest.fixture
def proposed(_four_proposed: Proposed, tmp_path: Path) -> Iterator[Proposed]:
    """The week of four, proposed; each C has its O. Ledger and document are the test's own."""
    assert _four_proposed.ledger.file is not None
    file = shutil.copy2(_four_proposed.ledger.file, tmp_path / "ledger.sqlite")
    with Ledger.open(file) as ledger:
        document = copy.deepcopy(_four_proposed.document)
        yield replace(_four_proposed, ledger=ledger, document=document)
