"""Processes on this machine; one that dies takes its own scenario with it at most."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing.context import BaseContext
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from matcher import private
from scenarios.outcome import Outcome, failed
from scenarios.patch import Scenario
from scenarios.sweep.one import SolvedWeek, packed, solve_held, words_of

T = TypeVar("T")


def cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Processes:
    """Workers that start while the base is still being solved.

    Parameters
    ----------
    workers
        How many.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._folder = tempfile.TemporaryDirectory(prefix="jobmatch-")
        self._pool = self._new_pool()
        # A process starts when there is something to do.
        for _ in range(workers):
            self._pool.submit(_ready)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the workers; after an error without waiting for what they are doing."""
        processes = dict(getattr(self._pool, "_processes", None) or {})
        self._pool.shutdown(wait=kind is None, cancel_futures=True)
        if kind is not None:
            for process in processes.values():
                process.terminate()
        self._folder.cleanup()

    def solve(
        self, week: SolvedWeek, scenarios: Mapping[int, Scenario]
    ) -> Iterator[tuple[int, Outcome]]:
        """Solve scenarios; give each outcome with its number as it comes."""
        # In a folder that is this process's alone.
        digest, data = packed(week)
        file = Path(self._folder.name) / digest
        private.write_bytes(file, data)
        jobs = {number: partial(_solve, file, one) for number, one in scenarios.items()}
        for number, outcome in self.each(jobs):
            if outcome is None:
                one = scenarios[number]
                reason = "its process died twice (killed, or out of memory)"
                outcome = failed(one.name, reason, **words_of(one))
            yield number, outcome

    def each(self, jobs: Mapping[int, Callable[[], T]]) -> Iterator[tuple[int, T | None]]:
        """Do jobs; give what each returns with its number as it comes, None where its process died.

        Those that were in work when a process died are tried again one by one, so that it is known
        whose fault it was.
        """
        left = dict(jobs)
        suspects: list[int] = []
        while left:
            batch = suspects[:1] or list(left)
            try:
                for number, result in self._batch({one: left[one] for one in batch}):
                    del left[number]
                    yield number, result
            except _DiedError as error:
                if suspects:
                    del left[batch[0]]
                    yield batch[0], None
                else:
                    suspects = error.in_work
                self._pool.shutdown(wait=False, cancel_futures=True)
                self._pool = self._new_pool()
            suspects = [number for number in suspects if number in left]

    def _batch(self, jobs: Mapping[int, Callable[[], T]]) -> Iterator[tuple[int, T]]:
        waiting = list(jobs.items())[::-1]
        in_work: dict[Future[T], int] = {}
        try:
            while waiting or in_work:
                while waiting and len(in_work) < self._workers:
                    number, job = waiting.pop()
                    in_work[self._pool.submit(job)] = number
                done, _ = wait(in_work, return_when=FIRST_COMPLETED)
                for future in done:
                    result = future.result()
                    yield in_work.pop(future), result
        except BrokenProcessPool:
            # Where it broke before anything was in work, the one that was to come is the suspect.
            raise _DiedError(list(in_work.values()) or [number]) from None

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._workers, mp_context=process_context(), initializer=follow_parent
        )


def process_context() -> BaseContext:
    """Say how a worker starts. Not forked from this process: it has threads, solvers have locks.

    Where a server of its own can be forked instead, everything is imported once for all workers.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["scenarios.worker"])
    return context


class _DiedError(Exception):
    """A process died; carries the numbers of the jobs that were in work."""

    def __init__(self, in_work: list[int]) -> None:
        super().__init__(in_work)
        self.in_work = in_work


def follow_parent() -> None:
    """End when the parent has ended, however it did; Ctrl-C is the parent's to hear."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _ready() -> bool:
    """Say that a process is there; it has imported this module, and so all that solving needs."""
    return True


def _solve(file: Path, scenario: Scenario) -> Outcome:
    return solve_held(file.name, file.read_bytes, scenario)
