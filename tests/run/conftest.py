"""One small made-up week, written once, and run once."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from scenarios.population import Population, write
from tests.commands import jobmatch

SPEC = Population(citizens=130, openings=32, seed=5)
DAY = SPEC.today.isoformat()


def run_folders(out: Path) -> list[Path]:
    """Run folders in a folder, without the ledger and its lock file."""
    ledger = {"ledger.sqlite", ".ledger.sqlite.lock"}
    return sorted(path for path in out.iterdir() if path.name not in ledger)


@pytest.fixture(scope="session")
def week_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of CSV files: 130 citizens, 32 openings, on 23 November 2026."""
    folder = tmp_path_factory.mktemp("week")
    write(folder, SPEC)
    return folder


@pytest.fixture(scope="session")
def few_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of CSV files for processes of their own: 40 citizens, 12 openings, the same day."""
    folder = tmp_path_factory.mktemp("few")
    write(folder, replace(SPEC, citizens=40, openings=12))
    return folder


@pytest.fixture(scope="session")
def _ran(week_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("ran")
    done = jobmatch("run", week_folder, "--on", DAY, cwd=where)
    assert done.returncode == 0, done.stderr
    return where


@pytest.fixture
def ran(_ran: Path, tmp_path: Path) -> Path:
    """A folder of the test's own in which the week was run: run folder and ledger in ``runs``."""
    shutil.copytree(_ran / "runs", tmp_path / "runs")
    return tmp_path
