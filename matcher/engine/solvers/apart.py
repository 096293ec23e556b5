"""A solver at work in a process of its own: on another core, and ended at any time.

Hides the process. Solvers that cannot be interrupted (HiGHS) keep on for as long as they like in a
thread; a process can be ended. It gets the model through a pipe and answers through another; it
ends by itself when whoever began it is gone.
"""

import os
import pickle
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

from matcher.engine.errors import BackendError
from matcher.engine.solvers.interrupt import THREAD_NAME
from matcher.engine.solvers.solver import LinearModel, Outcome, Task

_CHILD = "from matcher.engine.solvers.apart import work; work()"
_ROOT = Path(__file__).resolve().parents[3]


def can_run_apart() -> bool:
    """Whether there is a second core, and an interpreter to begin another process with."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return bool(sys.executable) and (cores or 1) > 1


class Apart:
    """A model that a solver (by its name) solves in another process, begun at once."""

    def __init__(self, solver: str, model: LinearModel, task: Task) -> None:
        self.done = Event()
        """Set when it has ended, however it did."""
        self.outcome: Outcome | None = None
        """What the solver said; None: not yet, or it failed."""
        path = os.pathsep.join((str(_ROOT), *filter(None, (os.environ.get("PYTHONPATH"),))))
        self._process = subprocess.Popen(
            (sys.executable, "-P", "-c", _CHILD),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
        Thread(
            target=self._talk, args=((solver, model, task),), name=THREAD_NAME, daemon=True
        ).start()

    def _talk(self, asked: tuple[str, LinearModel, Task]) -> None:
        into, out = self._process.stdin, self._process.stdout
        assert into is not None
        assert out is not None
        try:
            pickle.dump((time.time(), *asked), into)
            into.flush()
            said = pickle.load(out)
        except (OSError, EOFError, pickle.PickleError, ValueError):
            said = None
        self.outcome = said if isinstance(said, Outcome) else None
        self.done.set()

    def end(self) -> None:
        """End it, if it is still at work."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was still to be written: nobody reads it
                    continue


def work() -> None:
    """Be the other process: read a model, solve it, answer."""
    from matcher.engine.solvers import SOLVERS

    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a solver prints is no answer
    asked_at, solver, model, task = pickle.load(sys.stdin.buffer)
    if task.seconds is not None:
        task = replace(task, seconds=task.seconds - (time.time() - asked_at))
    Thread(target=_end_with_parent, daemon=True).start()
    said: Any
    try:
        said = SOLVERS[solver].solve(model, task)
    except BackendError as problem:
        said = str(problem)
    pickle.dump(said, out)
    out.flush()
    os._exit(0)


def _end_with_parent() -> None:
    """End at once when the pipe of questions is closed: whoever asked is gone."""
    sys.stdin.buffer.read(1)
    os._exit(1)
