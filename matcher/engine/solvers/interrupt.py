"""Native solvers at work, and a caller that hears Ctrl-C and a cancel meanwhile.

A signal is heard by Python alone, in the main thread, between two of its own steps: a solver that
runs there is deaf to it, and one that listens for itself swallows it. So solvers run in a thread
of their own, with their handlers off, and the caller waits for them.
"""

import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

THREAD_NAME = "jobmatch-solver"
"""Name of the threads: one that is still there was left alone with a solver that cannot stop."""
_POLL_SECONDS = 0.02
_PATIENCE_SECONDS = 0.5
"""How long a solver that was told to stop is waited for."""


class Stopping:
    """How a solver at work is stopped from another thread, as soon as it can be."""

    def __init__(self) -> None:
        self.stopped = False
        """Whether it was told to stop."""
        self._by: Callable[[], None] | None = None

    def by(self, action: Callable[[], None]) -> None:
        """Say what stops the solver; done at once where it was told to stop before."""
        self._by = action
        if self.stopped:
            action()

    def stop(self) -> None:
        """Tell the solver to stop."""
        self.stopped = True
        if self._by is not None:
            self._by()


def run_and_wait(
    work: Callable[[], Any],
    stop: Callable[[], None],
    cancel: Event | None,
    *,
    stops_soon: bool = False,
) -> Any:
    """Run `work` in a thread and return what it returns; None when it was cancelled.

    `stop` tells the solver to stop; one that does not is left to end by itself. `stops_soon`: it
    heeds that, and what it has by then is returned. Exceptions of the work come out here; Ctrl-C
    comes at once, whatever the solver does.
    """
    if cancel is not None and cancel.is_set():
        return None
    kept: list[Any] = []
    raised: list[BaseException] = []
    done = Event()

    def at_work() -> None:
        try:
            kept.append(work())
        except BaseException as problem:
            raised.append(problem)
        finally:
            done.set()

    try:
        # Started inside: an interrupt that comes right after the start must stop it, too.
        Thread(target=at_work, name=THREAD_NAME, daemon=True).start()
        while not done.wait(_POLL_SECONDS):
            if cancel is not None and cancel.is_set():
                stop()
                if not stops_soon:
                    return None
    except KeyboardInterrupt:
        until = time.monotonic() + _PATIENCE_SECONDS
        while not done.is_set() and time.monotonic() < until:
            stop()  # more than once: the solver may just be about to begin
            done.wait(_POLL_SECONDS)
        raise
    if raised:
        raise raised[0]
    return kept[0]
