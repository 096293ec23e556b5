"""Weeks held in processes of their own: the same answers, ended at any time, begun again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from matcher import run_week
from matcher.errors import InputErrors, InternalError, LedgerError
from matcher.ledger import Ledger
from scenarios import make_tables
from scenarios.questions import (
    GoneError,
    Held,
    Here,
    PlanDifference,
    Process,
    difference,
    ready,
)

LEVER = '[scenario.mine]\ntitle = { en = "x", da = "x" }\nuse = [{ name = "more_mentor_hours" }]\n'


def dies(held: Held, stop: threading.Event) -> None:
    """End the process that is asked."""
    os._exit(1)


def deaf(held: Held, stop: threading.Event) -> None:
    """Listen to nobody."""
    time.sleep(60)


def broken(held: Held, stop: threading.Event) -> None:
    """Fail in a way that nobody foresaw, and name somebody."""
    raise KeyError(f"FIKTIV-{held.problem['citizens']['citizen_id'].iloc[0][-7:]}")


def always() -> bool:
    """An answer is wanted."""
    return True


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Address of a ledger, and the run in it."""
    folder = tmp_path_factory.mktemp("held")
    ledger = folder / "ledger.sqlite"
    run_week(make_tables(citizens=50, openings=10), folder, on="2026-11-23", ledger=ledger,
             explain=False)  # fmt: skip
    with Ledger.open(ledger) as opened:
        return str(ledger), opened.runs(most=1)[0].run_id


@pytest.fixture(scope="module")
def process(week: tuple[str, str]) -> Iterator[Process]:
    """A process that holds it."""
    held = Process(week[0])
    yield held
    held.end()
    assert held.pid is None


def test_the_answer_is_the_one_given_here(process: Process, week: tuple[str, str]) -> None:
    """Frame by frame; a week that is held is not read again."""
    asked = (week[1], difference, ("", LEVER))
    there, here = process.answer(asked, always), Here(week[0]).answer(asked, always)
    assert isinstance(there, PlanDifference)
    assert isinstance(here, PlanDifference)
    timeless = [one.summary.drop(columns="seconds") for one in (there, here)]
    assert timeless[0].equals(timeless[1])
    for name in ("people", "resources", "costs", "causes", "changes"):
        assert getattr(there, name).equals(getattr(here, name)), name
    assert process.holds == (week[1],)


def test_one_that_yields_leaves_the_processor_to_others(week: tuple[str, str]) -> None:
    """It stands behind whoever began it."""
    yielding = Process(week[0], yields=True)
    try:
        yielding.answer((week[1], ready, ()), always)
        assert psutil.Process(yielding.pid).nice() == min(19, psutil.Process().nice() + 10)
    finally:
        yielding.end()


def test_one_that_was_killed_is_begun_again(process: Process, week: tuple[str, str]) -> None:
    """Between two questions, and in one: whoever asked gets their answer."""
    process.answer((week[1], ready, ()), always)
    first = process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert isinstance(process.answer((week[1], difference, ("", LEVER)), always), PlanDifference)
    assert process.pid not in {None, first}
    with pytest.raises(GoneError, match="unexpectedly"):
        process.answer((week[1], dies, ()), always)
    assert process.holds == ()


def test_a_question_that_heeds_nothing_ends_within_a_second(
    process: Process, week: tuple[str, str]
) -> None:
    """With its process; the next one is answered."""
    process.answer((week[1], ready, ()), always)
    pid = process.pid
    began = time.monotonic()
    assert process.answer((week[1], deaf, ()), lambda: time.monotonic() - began < 0.2) is None
    assert time.monotonic() - began < 1.2
    assert not psutil.pid_exists(pid or 0)
    assert isinstance(process.answer((week[1], difference, ("", LEVER)), always), PlanDifference)


def test_errors_come_back_as_what_they_are(
    process: Process, week: tuple[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    """What is wrong with a file, a run that is not kept, our own fault: of that no more than what
    kind it is, for its text may name somebody."""
    wrong: Any = LEVER.replace("more_mentor_hours", "no_such")
    with pytest.raises(InputErrors, match="no_such"):
        process.answer((week[1], difference, ("", wrong)), always)
    with pytest.raises(LedgerError, match="2020-01-01"):
        process.answer(("2020-01-01", ready, ()), always)
    with pytest.raises(InternalError, match="KeyError"):
        process.answer((week[1], broken, ()), always)
    said = capfd.readouterr()
    assert "FIKTIV-B" not in said.out + said.err


def test_processes_end_with_whoever_began_them(week: tuple[str, str], tmp_path: Path) -> None:
    """Also where that was killed."""
    script = tmp_path / "begins.py"
    script.write_text(
        "import os\nfrom scenarios.questions import Process, ready\n"
        "if __name__ == '__main__':\n"
        f"    held = Process({week[0]!r})\n"
        f"    held.answer(({week[1]!r}, ready, ()), lambda: True)\n"
        "    print(held.pid, flush=True)\n    os.kill(os.getpid(), 9)\n",
        "utf-8",
    )
    root = Path(__file__).parents[2]
    said = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, cwd=root, timeout=300,
        check=False, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    pid = int(said.stdout)
    ends = time.monotonic() + 10
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < ends
        time.sleep(0.05)
