"""One small made-up week, written once, and the command run as its user would."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scenarios.population import Population, write

SPEC = Population(citizens=130, openings=32, seed=5)
DAY = SPEC.today.isoformat()

Command = Callable[..., "subprocess.CompletedProcess[str]"]


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
def jobmatch() -> Command:
    """Run the command in a process of its own, as cron would: no terminal, C locale."""

    def run(
        *arguments: str | Path, cwd: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return subprocess.run(
            [sys.executable, "-c", "from scenarios.cli import main; main()", *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**kept, "LC_ALL": "C", **environment},
            cwd=cwd,
            timeout=120,
            check=False,
        )

    return run
