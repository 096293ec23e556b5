"""The process that those to be killed are split off from: in it their week is solved already."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from matcher.weekly import run_week
from scenarios.population import write
from tests.ledger.killed import POLICY, SPEC
from tests.ledger.once import solve_each_week_once

solve_each_week_once(pytest.MonkeyPatch())
with tempfile.TemporaryDirectory() as _folder:
    write(_folder, SPEC)
    run_week(_folder, Path(_folder) / "runs", POLICY, SPEC.today)
