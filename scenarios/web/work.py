"""A job's own process: does what it was given, and tells the ledger how far it is."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import typer

from matcher import clock
from matcher.console import Talk
from matcher.errors import LedgerError
from matcher.ledger import Ledger
from matcher.solve import Standing
from matcher.streams import LANGUAGE_VARIABLE
from matcher.terminal import (
    address_of,
    errors_shown,
    mapping_of,
    note_error,
    policy_of,
    solvers_quiet,
)
from scenarios.web.jobs import RUN, SWEEP, process_of

BEAT = 0.4
"""Seconds between two looks at whether there is something to tell, and whether to end."""
MOST_STEPS = 60
"""Improvements that are remembered, the newest."""


class JobTalk(Talk):
    """Hears what is done, says it in the log, and tells the ledger at each beat.

    Parameters
    ----------
    job_id
        The job's row.
    ledger
        Its address.
    """

    def __init__(self, job_id: str, ledger: str) -> None:
        super().__init__()
        self.job_id = job_id
        self.progress: dict[str, Any] = {}
        self._ledger = Ledger.open(address_of(ledger))
        self._began = time.monotonic()
        self._changed = True
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._beats = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        """Begin to tell."""
        super().__enter__()
        self._ledger.tell_job(self.job_id, process=process_of(os.getpid()))
        self._beats.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Tell how it ended."""
        self._over.set()
        self._beats.join()
        super().__exit__(kind, error, trace)
        code = 0 if error is None else getattr(error, "exit_code", 1)
        said = {**self.progress, "code": code, "seconds": self._seconds()}
        with self._ledger as ledger:
            ledger.end_job(self.job_id, "done" if error is None else "failed", said)

    def phase(self, name: str) -> None:
        """Note that a phase begins."""
        super().phase(name)
        self.tell(phase=name, done=None, total=None)

    def step(self, done: int, total: int) -> None:
        """Note how far the phase has come."""
        super().step(done, total)
        self.tell(done=done, total=total)

    def stands(self, standing: Standing) -> None:
        """Note a better plan or a better bound."""
        super().stands(standing)
        value, bound = standing.first
        if (value, bound) == (self.progress.get("placed"), self.progress.get("bound")):
            return
        steps = [*self.progress.get("steps", ()), [self._seconds(), value, bound]][-MOST_STEPS:]
        self.tell(placed=value, bound=bound, steps=steps)

    def tell(self, **facts: Any) -> None:
        """Note facts of the progress."""
        with self._lock:
            self.progress = {**self.progress, **facts}
            self._changed = True

    def _seconds(self) -> float:
        return round(time.monotonic() - self._began, 1)

    def _beat(self) -> None:
        """Tell the ledger what is new; end everything where somebody asked for that."""
        while not self._over.wait(BEAT):
            with self._lock:
                said = dict(self.progress) if self._changed else None
                self._changed = False
            try:
                goes_on = self._ledger.tell_job(self.job_id, said)
            except LedgerError as error:
                note_error(error)  # the work itself matters more; the next beat may reach it
                continue
            if not goes_on:
                with suppress(LedgerError):
                    self._ledger.end_job(self.job_id, "cancelled")
                os.killpg(0, signal.SIGKILL)


def _run(given: Mapping[str, Any], told: JobTalk) -> None:
    """Run a week, made up where there are no tables."""
    from matcher.weekly import WeekOptions, run_week
    from scenarios.population import Population, write

    today, data = clock.today(), given["data"]
    if not data:
        told.phase("make")
        data = write(Path("aarhus-week"), Population(today=today))
    own = None if given["policy"] is None else Path(given["policy"])
    theirs = None if given["mapping"] is None else Path(given["mapping"])
    policy = policy_of(today, own, data, told.note)
    mapping = mapping_of(theirs, data, told.note)
    options = WeekOptions(given["language"], explain=given["explain"])
    with Ledger.open(address_of(given["ledger"]), heard=told.note) as ledger, solvers_quiet():
        week = run_week(
            address_of(data), Path(given["out"]), policy, today, options, told, ledger, mapping
        )
    assert week.stored is not None
    told.tell(run_id=week.stored.run.run_id)


def _sweep(given: Mapping[str, Any], told: JobTalk) -> None:
    """Solve a stored week under every ready scenario, and tell what each one brings."""
    from matcher.solve import Options
    from scenarios.compare import compare
    from scenarios.patch import library
    from scenarios.sweep.one import solve_base, solve_one

    scenarios = library().scenarios
    told.phase("base")
    with Ledger.open(address_of(given["ledger"])) as ledger:
        problem = ledger.problem(given["run_id"])
    rows: list[dict[str, Any]] = []
    with solvers_quiet():
        week, base = solve_base(problem, Options())
        told.tell(placed=base.placed)
        told.phase("scenarios")
        for done, (name, scenario) in enumerate(scenarios.items(), start=1):
            after = solve_one(week, scenario)
            if after.failed:
                rows.append({"scenario": name, "failed": True})
            else:
                summary = compare([base, after]).summary
                rows.append({"failed": False, **json.loads(summary.iloc[1].to_json())})
            told.tell(rows=list(rows))
            told.step(done, len(scenarios))


KINDS: Mapping[str, Callable[[Mapping[str, Any], JobTalk], None]] = {RUN: _run, SWEEP: _sweep}


def work() -> None:
    """Do the job that is described on standard input."""
    given = json.load(sys.stdin)
    os.environ[LANGUAGE_VARIABLE] = given["language"]
    try:
        with JobTalk(given["job"], given["ledger"]) as told, errors_shown(debug=False):
            KINDS[given["kind"]](given, told)
    except typer.Exit as end:
        sys.exit(end.exit_code)


if __name__ == "__main__":
    work()
