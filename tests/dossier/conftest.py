"""A small ledger in use, and the dossier written of it by the command."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from matcher.ledger import Decision, Ledger
from matcher.problem import Problem
from matcher.records import AuditGroup, Caseworker
from tests.commands import jobmatch
from tests.decisions.conftest import NOW, propose
from tests.volume import daily
from tests.weeks import TODAY, citizen, opening, week, workplace

PEOPLE = [f"C{n}" for n in range(1, 15)]
WATCHED = TODAY + dt.timedelta(days=3)
"""Day the dossier is written about."""
REPLAYED = {"da": "dossier-da", "en": "dossier-en"}


def fourteen() -> Problem:
    """Fourteen citizens, twelve seats, two groups of seven, one team of two caseworkers."""
    return week(
        [
            citizen(who, caseworker_id="K1" if n % 2 else "K2", wishes="9112")
            for n, who in enumerate(PEOPLE)
        ],
        [opening(seats=12, title="Rengøring")],
        [workplace()],
        caseworkers=[
            Caseworker(caseworker_id=one, capacity=20, unit="Nord") for one in ("K1", "K2")
        ],
        audit_groups=[
            AuditGroup(citizen_id=who, dimension="gender", group="women" if n < 7 else "men")
            for n, who in enumerate(PEOPLE)
        ],
    )


@dataclass(frozen=True)
class Written:
    """A dossier on disk, the ledger it is about, and the folder its commands are called in."""

    folder: Path
    ledger: Path
    language: str

    @property
    def data(self) -> Mapping[str, Any]:
        """Everything, as data."""
        told: dict[str, Any] = json.loads((self.folder / "dossier.json").read_text("utf-8"))
        return told


@pytest.fixture(scope="session")
def ledger_in_use(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with a run, six accepted and five rejected proposals, and two questions."""
    file = tmp_path_factory.mktemp("in_use") / "ledger.sqlite"
    with Ledger.open(file) as ledger:
        made = propose(ledger, fourteen())
        placed = [one.citizen_id for one in ledger.proposals(made.run_id)]
        assert len(placed) == 12
        ledger.record_decisions(
            [
                Decision(made.run_id, who, "O1", "accept", NOW, unit="Nord", seconds_looked=n + 7)
                for n, who in enumerate(placed[:6])
            ]
            + [
                Decision(made.run_id, who, "O1", "reject", NOW, "other", unit="Nord")
                for who in placed[6:11]
            ]
        )
        for who in placed[:2]:
            asked = ledger.freeze(made.run_id, who, TODAY, NOW, "{}")
        ledger.note_outcome(asked.number, "upheld", TODAY)
    return file


@pytest.fixture(scope="session", params=daily(1, ["da", "en"]))
def written(
    request: pytest.FixtureRequest, ledger_in_use: Path, tmp_path_factory: pytest.TempPathFactory
) -> Written:
    """The dossier that the command writes."""
    language = str(request.param)
    folder = tmp_path_factory.mktemp(REPLAYED[language]) / "papers"
    done = jobmatch(
        "dossier", folder, "--lang", language, "--on", WATCHED, "--ledger", ledger_in_use,
        cwd=folder.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    # The run of the tests has a policy of its own, and the dossier was not given it.
    assert ("--policy" in done.stderr) is True
    assert done.stdout.splitlines()[-1].endswith("atrs.json")
    return Written(folder, ledger_in_use, language)
