"""What a process does that is killed with -9 at a given point; run in a process of its own."""

from __future__ import annotations

import datetime as dt
import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from matcher import weekly
from matcher.erasure import forget
from matcher.errors import MatcherError
from matcher.ledger import Decision, Ledger, purge
from matcher.policy import load_policy
from matcher.weekly import Observer, run_week
from scenarios.population import Population, policy_override

SPEC = Population(citizens=40, openings=12, seed=3)
POLICY = load_policy(SPEC.today, policy_override(SPEC))
PHASES = ("decided", "match", "verify", "explain", "write")
"""Phases of a run that holds the ledger."""
STATEMENTS = {
    "making the tables": "CREATE TABLE placements",
    "storing the run": "INSERT INTO runs",
    "storing the resources": "INSERT INTO resources",
    "storing the input": "INSERT INTO input_tables",
    "noting the folder": "INSERT INTO folders",
    "the folder has its name": "UPDATE folders SET",
}
"""Points inside transactions: just before this statement."""
CALLS = {
    "all files are written": (weekly, "finished"),
    "the folder waits for the ledger": (Ledger, "record_run"),
    "the ledger has the run": (Ledger, "settle"),
}
"""Points between the steps: just before this call (of ``settle``: the second one)."""


def die() -> None:
    """Kill this process as nobody can catch it."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_before(words: str, nth: int = 1) -> None:
    """Die before the n-th statement that begins so reaches the base."""
    seen = [0]

    @sa.event.listens_for(sa.Engine, "before_cursor_execute")
    def _watch(*given: Any) -> None:
        if " ".join(given[2].split()).startswith(words):
            seen[0] += 1
            if seen[0] == nth:
                die()


def die_at_call(owner: Any, name: str, nth: int = 1) -> None:
    """Die when a function is called for the n-th time."""
    real: Callable[..., Any] = getattr(owner, name)
    seen = [0]

    def call(*given: Any, **named: Any) -> Any:
        seen[0] += 1
        if seen[0] == nth:
            die()
        return real(*given, **named)

    setattr(owner, name, call)


class Dies(Observer):
    """Dies when a phase begins."""

    def __init__(self, point: str) -> None:
        self.point = point

    def phase(self, name: str) -> None:
        if name == self.point:
            die()


def run(store: str, tables: str, out: str, point: str) -> None:
    """Run the week and die at a point."""
    if point in STATEMENTS:
        die_before(STATEMENTS[point])
    if point in CALLS:
        die_at_call(*CALLS[point], nth=2 if point == "the ledger has the run" else 1)
    with Ledger.open(store) as ledger:
        run_week(Path(tables), Path(out), POLICY, SPEC.today, observer=Dies(point), ledger=ledger)


def decide(store: str, rows: list[Decision]) -> None:
    """Store decisions and die before the second."""
    die_before("INSERT INTO decisions", 2)
    with Ledger.open(store) as ledger:
        ledger.record_decisions(rows)


def forgets(store: str, citizen: str, point: str) -> None:
    """Forget a citizen and die between files, or inside the transaction."""
    if point == "files":
        die_at_call(Path, "replace", 3)
    else:
        die_before("UPDATE inputs SET")
    with Ledger.open(store) as ledger:
        forget(ledger, citizen)


def purges(store: str, today: dt.date) -> None:
    """Purge and die when a run folder is half deleted."""
    from matcher.ledger import privacy

    die_at_call(privacy.shutil, "rmtree")
    with Ledger.open(store) as ledger:
        purge(ledger, POLICY, today)


def fills(store: str, tables: str, out: str, answer: Any) -> None:
    """Run while the system lets no file grow, as on a full disk; give what it was told."""

    class Fills(Observer):
        def phase(self, name: str) -> None:
            if name == "write":
                resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with Ledger.open(store) as ledger:
            run_week(Path(tables), Path(out), POLICY, SPEC.today, observer=Fills(), ledger=ledger)
    except MatcherError as error:
        answer.send(str(error))


def holds(store: str, line: Any) -> None:
    """Hold the ledger until told, or killed."""
    with Ledger.open(store) as ledger, ledger.lock():
        line.send("held")
        line.poll(300)
