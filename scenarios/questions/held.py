"""Solved weeks held in memory: in this process, or in one of its own that can be ended.

Hides the process. A holder answers one question at a time. One in a process of its own is begun
with the first question, again when it is gone, and ends by itself when whoever began it is gone.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

from matcher.again import earlier_of
from matcher.errors import InputErrors, InternalError, LedgerError, MatcherError
from matcher.ledger import Ledger
from matcher.problem import Problem
from matcher.solve import Options, Solution, solve
from matcher.terminal import address_of
from matcher.texts import Message
from matcher.verify import ensure_verified
from scenarios.outcome import Outcome, outcome_of
from scenarios.sweep.local import follow_parent, process_context
from scenarios.sweep.one import SolvedWeek, make_ready

OUTCOMES = 4
"""Scenarios of a week whose outcomes are kept."""
KEPT = 2
"""Weeks that a holder keeps, those asked last."""
GRACE = 0.5
"""Seconds that a process has to end a solve by itself before it is ended."""
LOOKS = 0.05
"""Seconds between two looks at whether the answer is still wanted."""
_YIELDS = 10
"""Steps of priority that one who yields goes down: a tenth of the time where both want all."""
_ANSWER, _FAILED, _FAR = "answer", "failed", "far"
"""What the other process says: the answer, why there is none, how far it is."""
TRIES = 2
"""Processes that a question may be asked of: it may be the question that ends them."""

Question = Callable[..., Any]
"""A function of the module :mod:`scenarios.questions.asked`, found again there by its name."""
Asked = tuple[str, Question, tuple[Any, ...]]
"""Run, question, and what else it takes."""
Tell = Callable[[int, int], None]
"""Hears how far an answer is: steps done, in all."""


def untold(done: int, total: int) -> None:
    """Say nothing of how far an answer is."""


class GoneError(InternalError):
    """The process that was asked has ended, more than once."""


class Held:
    """A stored run in memory.

    Parameters
    ----------
    address
        Of the ledger that holds it.
    run_id
        Which.

    Raises
    ------
    LedgerError
        Its tables are not kept any more.
    """

    def __init__(self, address: str, run_id: str) -> None:
        self.run_id = run_id
        self._address = address
        self.state = states(address, [run_id])[run_id]
        """As :meth:`matcher.ledger.Ledger.state` had it before the tables were read."""
        with self.ledger() as ledger:
            self.problem: Problem = ledger.problem(run_id)
        self.outcomes: OrderedDict[str, Outcome] = OrderedDict()
        """Scenarios that were solved lately, by their files."""

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Open the ledger that holds it."""
        with Ledger.open(address_of(self._address)) as ledger:
            yield ledger

    @cached_property
    def solution(self) -> Solution:
        """The week, solved."""
        return solve(self.problem)

    @cached_property
    def week(self) -> SolvedWeek:
        """The week with all that scenarios of it need."""
        week = SolvedWeek(self.problem, earlier_of(self.solution), Options())
        make_ready(week)
        # Scenarios are checked against it where nothing differs.
        ensure_verified(self.problem, self.solution.plan)
        return week

    @cached_property
    def base(self) -> Outcome:
        """What the week comes to as it is."""
        return outcome_of(self.solution)

    def make_ready(self) -> None:
        """Make all of it."""
        _ = self.week, self.base

    def keep(self, toml: str, outcome: Outcome) -> None:
        """Keep what a scenario came to; the oldest goes."""
        self.outcomes[toml] = outcome
        while len(self.outcomes) > OUTCOMES:
            self.outcomes.popitem(last=False)


def states(address: str, run_ids: Iterable[str]) -> dict[str, str]:
    """Return :meth:`matcher.ledger.Ledger.state` of runs; empty for one that is not there."""
    found = dict.fromkeys(run_ids, "")
    with Ledger.open(address_of(address)) as ledger:
        for run_id in found:
            with suppress(LedgerError):
                found[run_id] = ledger.state(run_id)
    return found


class Holder(Protocol):
    """Who holds weeks and is asked; by one thread at a time."""

    @property
    def holds(self) -> Sequence[str]:
        """Runs that need not be read first."""

    def answer(self, asked: Asked, wanted: Callable[[], bool], tell: Tell) -> Any:
        """Answer a question; what comes when it is not wanted any more is no answer.

        Parameters
        ----------
        asked
            Run, question, and what else it takes.
        wanted
            Whether somebody still wants the answer.
        tell
            Hears how far it is.

        Raises
        ------
        MatcherError
            The question's own, or why it could not be asked.
        """

    def end(self) -> None:
        """Let everything go."""


class Here:
    """Holds weeks in this process: it cannot be ended before the solver heeds it.

    Parameters
    ----------
    address
        Of the ledger.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._held: OrderedDict[str, Held] = OrderedDict()

    @property
    def holds(self) -> Sequence[str]:
        """Runs that need not be read first."""
        return tuple(self._held)

    def answer(self, asked: Asked, wanted: Callable[[], bool], tell: Tell = untold) -> Any:
        """Answer a question."""
        run_id, question, given = asked
        self._let_changed_go()
        held = self._held.get(run_id)
        if held is None:
            held = Held(self._address, run_id)
            while len(self._held) >= KEPT:
                self._held.popitem(last=False)
            self._held[run_id] = held
        self._held.move_to_end(run_id)
        return question(held, _Unwanted(wanted, tell), *given)

    def _let_changed_go(self) -> None:
        """Let weeks go of which somebody is forgotten, or which are kept no longer."""
        if self._held:
            for run_id, state in states(self._address, tuple(self._held)).items():
                if state != self._held[run_id].state:
                    del self._held[run_id]

    def end(self) -> None:
        """Let the weeks go."""
        self._held.clear()


class Stop(threading.Event):
    """Set when an answer is not wanted any more; whoever works on it tells it how far it is."""

    def tell(self, done: int, total: int) -> None:
        """Tell that so many steps of so many are done."""


class _Unwanted(Stop):
    def __init__(self, wanted: Callable[[], bool], tell: Tell) -> None:
        super().__init__()
        self._wanted, self._tell = wanted, tell

    def tell(self, done: int, total: int) -> None:
        self._tell(done, total)

    def is_set(self) -> bool:
        """Whether it is."""
        return not self._wanted()


class Process:
    """Holds weeks in a process of its own.

    Parameters
    ----------
    address
        Of the ledger; it may hold a password, so it goes through a pipe.
    yields
        Whether it takes processor time only where others leave some.
    """

    def __init__(self, address: str, *, yields: bool = False) -> None:
        self._address = address
        self._yields = yields
        self._process: Any = None
        self._to: Connection[Any, Any] | None = None
        self._number = 0
        self._holds: list[str] = []

    @property
    def holds(self) -> Sequence[str]:
        """Runs that need not be read first."""
        return tuple(self._holds)

    @property
    def pid(self) -> int | None:
        """Number of the process; None: there is none now."""
        return None if self._process is None else self._process.pid

    def answer(self, asked: Asked, wanted: Callable[[], bool], tell: Tell = untold) -> Any:
        """Answer a question; of another process where this one is gone.

        Raises
        ------
        GoneError
            That one is gone, too.
        """
        for _ in range(TRIES):
            try:
                return self._said(asked, wanted, tell)
            except (EOFError, OSError):
                self.end()
            if not wanted():
                return None
        raise GoneError(Message("web.gone"))

    def _said(self, asked: Asked, wanted: Callable[[], bool], tell: Tell) -> Any:
        to = self._to or self._begin()
        self._number += 1
        to.send((self._number, asked))
        stopped: float | None = None
        said: tuple[str, Any] | None = None
        while said is None or said[0] == _FAR:
            if to.poll(LOOKS):
                said = to.recv()
                if said[0] == _FAR:
                    tell(*said[1])
            if wanted() or (said is not None and said[0] != _FAR):
                continue
            if stopped is None:
                to.send((self._number, None))
                stopped = time.monotonic()
            elif time.monotonic() - stopped > GRACE:
                self.end()
                return None
        kind, value = said
        if kind == _FAILED:
            raise value
        run_id = asked[0]
        self._holds = [*(one for one in self._holds if one != run_id), run_id][-KEPT:]
        return value

    def _begin(self) -> Connection[Any, Any]:
        context: Any = process_context()
        here: Connection[Any, Any]
        here, there = context.Pipe()
        self._process = context.Process(
            target=hold, args=(there, self._address, self._yields), daemon=True
        )
        self._process.start()
        there.close()
        self._to = here
        return here

    def end(self) -> None:
        """End the process, whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        if self._to is not None:
            self._to.close()
        self._process, self._to, self._holds = None, None, []


def hold(asks: Connection[Any, Any], address: str, yields: bool = False) -> None:
    """Be the other process: answer one question after another until nobody is there to ask."""
    follow_parent()
    if yields and sys.platform != "win32":
        os.nice(_YIELDS)
    log = _quiet()
    holder, frozen = Here(address), False
    waiting: SimpleQueue[tuple[threading.Event, Asked]] = SimpleQueue()
    threading.Thread(target=_hear, args=(asks, waiting), daemon=True).start()

    def tell(done: int, total: int) -> None:
        asks.send((_FAR, (done, total)))

    while True:
        stop, asked = waiting.get()
        said: tuple[str, Any]
        try:
            said = _ANSWER, holder.answer(asked, partial(_not_set, stop), tell)
        except MatcherError as error:
            said = _FAILED, _plain(error)
        except Exception as error:
            # What it says may name a person; where it happened does not.
            log(f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}")
            said = _FAILED, InternalError(Message("web.our_fault", kind=type(error).__name__))
        asks.send(said)
        if not frozen:
            # The week stays: looking through it for what can go costs each solve time.
            gc.collect()
            gc.freeze()
            frozen = True


def _not_set(stop: threading.Event) -> bool:
    return not stop.is_set()


def _hear(asks: Connection[Any, Any], waiting: SimpleQueue[tuple[threading.Event, Asked]]) -> None:
    """Take questions, and that one is not wanted any more; end with whoever asks."""
    last, stop = 0, threading.Event()
    while True:
        try:
            number, asked = asks.recv()
        except (EOFError, OSError):
            os._exit(0)
        if asked is None:
            if number == last:
                stop.set()
            continue
        last, stop = number, threading.Event()
        waiting.put((stop, asked))


def _quiet() -> Callable[[str], object]:
    """Keep what native solvers print out of both outputs; return what writes to the log."""
    log = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="replace")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    sys.stderr = log
    return lambda text: print(text, file=log, flush=True)


def _plain(error: MatcherError) -> MatcherError:
    """Return an error as one that can be sent: of its kind where that takes nothing but texts."""
    if isinstance(error, InputErrors):
        return InputErrors(error.said)
    plain = type(error).__init__ is MatcherError.__init__
    return type(error)(*error.args) if plain else MatcherError(error.said)


def address_text(ledger: str | Path) -> str:
    """Write the address of a ledger for another process."""
    return ledger if isinstance(ledger, str) else str(ledger.absolute())
