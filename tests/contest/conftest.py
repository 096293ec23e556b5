"""A run in a ledger, with somebody proposed and somebody without."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from matcher.contest import ask
from matcher.ledger import Decision, Ledger
from matcher.problem import Problem
from matcher.records import Caseworker
from tests.decisions.conftest import NOW, propose
from tests.weeks import TODAY, citizen, opening, week, workplace

DAY, WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)
CREW = (Caseworker(caseworker_id="K7", capacity=10, unit="Nord"),)


def three() -> Problem:
    """C1 gets O1 in practice; C2 lacks Danish for all there is; C3 wishes for O1 and gets O2."""
    return week(
        [
            citizen("C1", wishes="9112", caseworker_id="K7", household_id="H9", experience="9112"),
            citizen("C2", oral=1, reading=1, caseworker_id="K7"),
            citizen("C3", wishes="9112", caseworker_id="K7"),
        ],
        [
            opening("O1", measures="work_practice", oral_floor=4, title="Rengøring"),
            opening("O2", measures="ordinary", oral_floor=4, isco="9333", title="Lager"),
        ],
        [workplace(name="Plejehjem Åen")],
        caseworkers=CREW,
    )


@pytest.fixture(scope="session")
def _three_proposed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("asked") / "ledger.sqlite"
    with Ledger.open(file) as ledger:
        propose(ledger, three())
    return file


@pytest.fixture
def ledger(_three_proposed: Path, tmp_path: Path) -> Iterator[Ledger]:
    """The test's own copy of a ledger with one run."""
    with Ledger.open(shutil.copy2(_three_proposed, tmp_path / "ledger.sqlite")) as opened:
        yield opened


@pytest.fixture(scope="session")
def _all_asked(_three_proposed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = shutil.copy2(_three_proposed, tmp_path_factory.mktemp("answered") / "ledger.sqlite")
    with Ledger.open(file) as ledger:
        (run,) = ledger.runs()
        ledger.record_decisions(
            [
                Decision(run.run_id, who, where, "accept", NOW, unit="Nord")
                for who, where in (("C1", "O1"), ("C3", "O2"))
            ]
        )
        for who in ("C1", "C2", "C3"):
            ask(ledger, run.run_id, who, TODAY)
    return file


@pytest.fixture
def answered(_all_asked: Path, tmp_path: Path) -> Iterator[Ledger]:
    """The test's own copy of that ledger: two proposals accepted, then all three asked why."""
    with Ledger.open(shutil.copy2(_all_asked, tmp_path / "answered.sqlite")) as opened:
        yield opened


@pytest.fixture
def run_id(ledger: Ledger) -> str:
    """Name of its run."""
    (run,) = ledger.runs()
    assert run.day == TODAY
    return run.run_id
