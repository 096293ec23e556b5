"""Who is answered when: the questions of many users, a few holders of the week."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Hashable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYetError
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any

from matcher.errors import MatcherError
from matcher.texts import Message
from scenarios.questions.asked import LONG, LONGEST, ready
from scenarios.questions.held import Asked, Holder, Tell, untold

PATIENCE = 20.0
"""Seconds that somebody waits for their turn."""
WAITS = 0.1
"""Seconds between two looks at whether whoever waits still wants to."""


class BusyError(MatcherError):
    """Too many others ask."""


class StoppedError(MatcherError):
    """Whoever asked does not want the answer any more."""


@dataclass(frozen=True)
class PlaceInLine:
    """What is answered before a question that waits for its turn."""

    working: tuple[tuple[str, int], ...]
    """Questions of many solves that are worked on: name, and seconds so far."""
    before: int
    """Others of them that come first."""


class _Waiting:
    """A question that is asked, and who wants its answer."""

    def __init__(
        self, asked: Asked, who: str, stop: Event | None, tell: Tell, change: threading.Condition
    ) -> None:
        self._change = change
        self._given_up = False
        self.asked = asked
        self.who = who
        self.long = asked[1] in LONG
        self.longest = asked[1] in LONGEST
        self.stops = [stop]
        """One for each who waits; None: they wait until it is there."""
        self.tells = [tell]
        """One for each who waits: hears how far the answer is."""
        self.answer: Future[Any] = Future()
        self.began = 0.0
        """When it was given to a holder."""

    def tell(self, done: int, total: int) -> None:
        """Tell everybody who waits how far the answer is."""
        for tell in tuple(self.tells):
            tell(done, total)

    def wanted(self) -> bool:
        """Whether somebody still wants the answer; once nobody does, nobody ever will.

        Whoever works on it ends at that word, so that what comes of it is no answer for somebody
        who comes after.
        """
        with self._change:
            wanted = any(one is None or not one.is_set() for one in self.stops)
            self._given_up = self._given_up or not wanted
            return not self._given_up


class QuestionDesk:
    """Hands questions to holders: fair between users, the same question once.

    Users take turns, whoever of them asks more; each user's questions come in their order, a long
    one after short ones. Long ones leave a holder to the others, where there are two; the longest
    have holders of their own, if there are any, so that nothing waits minutes behind them.

    Parameters
    ----------
    holders
        Who is asked, each by one thread at a time.
    patient
        Who is asked the longest questions, and nothing else; nothing is made ready there before
        the first of them. Empty: those who are asked everything.
    """

    def __init__(self, holders: Sequence[Holder], patient: Sequence[Holder] = ()) -> None:
        self.holders = tuple(holders)
        self._patient = tuple(patient)
        self._free = [*self.holders, *self._patient]
        self._long: list[_Waiting] = []
        """Long ones that are worked on."""
        self._waiting: OrderedDict[str, deque[_Waiting]] = OrderedDict()
        """By user; whoever was asked for last stands last."""
        self._under_way: dict[Hashable, _Waiting] = {}
        self._change = threading.Condition()

    def ask(
        self, key: Hashable, asked: Asked, *, who: str = "", stop: Event | None = None,
        tell: Tell = untold, patient: bool = False,
    ) -> Any:  # fmt: skip
        """Ask, and wait for the answer; who asks the same meanwhile gets the same answer.

        Parameters
        ----------
        key
            Tells whether two questions are the same.
        asked
            Run, question, what else it takes.
        who
            User, as far as it is known.
        stop
            Set it when the answer is not wanted any more: the solve ends if nobody else wants it.
        tell
            Hears how far it is, in another thread.
        patient
            Whether to wait for a turn however long it takes, until it is stopped.

        Raises
        ------
        BusyError
            No holder became free in time.
        StoppedError
            It is not wanted any more.
        MatcherError
            The question's own.
        """
        with self._change:
            same = self._under_way.get(key)
            if same is not None and same.wanted():
                same.stops.append(stop)
                same.tells.append(tell)
                mine = None
            else:
                mine = self._under_way[key] = _Waiting(asked, who, stop, tell, self._change)
                self._waiting.setdefault(who, deque()).append(mine)
                self._change.notify_all()
        if mine is None:
            assert same is not None
            return _heard(same, stop)
        self._see_to(key, mine, patient=patient)
        return mine.answer.result()

    def line(self, asked: Asked) -> PlaceInLine | None:
        """Say what is answered before a long question; None: it waits for no turn."""
        with self._change:
            apart = bool(self._patient) and asked[1] in LONGEST
            lines = [[one.asked for one in questions if one.long and self._apart(one) is apart]
                     for questions in self._waiting.values()]  # fmt: skip
            mine = next((at for at, line in enumerate(lines) if asked in line), None)
            if mine is None:
                return None
            place = lines[mine].index(asked)
            # Users take turns: of each as many come first as stand before it in its own line, of
            # those whose turn it is before that, one more.
            before = sum(min(len(line), place + (at < mine)) for at, line in enumerate(lines))
            now = time.monotonic()
            working = ((one.asked[1].__name__, int(now - one.began))
                       for one in self._long if self._apart(one) is apart)  # fmt: skip
            return PlaceInLine(tuple(working), before)

    def make_ready(self, run_id: str) -> None:
        """Let each holder read and solve a run, one after the other, before somebody asks."""
        for holder in self.holders:
            with self.taken(holder):
                if run_id not in holder.holds:
                    holder.answer((run_id, ready, ()), lambda: True, untold)

    @contextmanager
    def taken(self, holder: Holder | None = None) -> Iterator[Holder]:
        """Keep a holder, the first if none is named, from being asked by others meanwhile."""
        wanted = holder or self.holders[0]
        with self._change:
            while wanted not in self._free:
                self._change.wait()
            self._free.remove(wanted)
        try:
            yield wanted
        finally:
            self._give_back(wanted)

    def let_go(self) -> None:
        """Let holders forget all weeks, each as soon as it is free; the next question begins it."""
        for holder in (*self.holders, *self._patient):
            with self.taken(holder):
                holder.end()

    def end(self) -> None:
        """Let all holders go."""
        for holder in (*self.holders, *self._patient):
            holder.end()

    def _see_to(self, key: Hashable, waiting: _Waiting, *, patient: bool) -> None:
        """Get the answer, in the thread of whoever asked first."""
        value, problem = None, None
        try:
            holder = self._granted(waiting, math.inf if patient else PATIENCE)
            try:
                value = holder.answer(waiting.asked, waiting.wanted, waiting.tell)
            finally:
                self._give_back(holder, waiting)
        except BaseException as error:
            problem = error
        with self._change:
            if not waiting.wanted():  # nothing half done is an answer
                problem = StoppedError(Message("web.stopped"))
            if self._under_way.get(key) is waiting:
                del self._under_way[key]
        if problem is None:
            waiting.answer.set_result(value)
        else:
            waiting.answer.set_exception(problem)

    def _granted(self, waiting: _Waiting, patience: float) -> Holder:
        """Wait for a holder, so many seconds."""
        ends = time.monotonic() + patience
        with self._change:
            while True:
                if not waiting.wanted():
                    self._forget(waiting)
                    raise StoppedError(Message("web.stopped"))
                if self._next() is waiting:
                    self._forget(waiting)
                    waiting.began = time.monotonic()
                    holder = self._taken(waiting)
                    if waiting.long:
                        self._long.append(waiting)
                    return holder
                if time.monotonic() > ends:
                    self._forget(waiting)
                    raise BusyError(Message("web.busy"))
                self._change.wait(WAITS)

    def _next(self) -> _Waiting | None:
        """Whose turn it is; None: nobody's, whoever could answer is taken."""
        for questions in self._waiting.values():
            for one in sorted(questions, key=lambda one: one.long):
                if self._who_may(one):
                    return one
        return None

    def _apart(self, waiting: _Waiting) -> bool:
        """Whether a question goes to the holders of the longest ones."""
        return waiting.longest and bool(self._patient)

    def _who_may(self, waiting: _Waiting) -> list[Holder]:
        """List the free holders that a question may be given to."""
        if self._apart(waiting):
            return [one for one in self._free if one in self._patient]
        here = sum(not self._apart(one) for one in self._long)
        if waiting.long and here >= max(1, len(self.holders) - 1):
            return []
        return [one for one in self._free if one not in self._patient]

    def _taken(self, waiting: _Waiting) -> Holder:
        """Take a free holder, one that holds the run if there is one."""
        run_id, free = waiting.asked[0], self._who_may(waiting)
        found = next((one for one in free if run_id in one.holds), free[0])
        self._free.remove(found)
        return found

    def _forget(self, waiting: _Waiting) -> None:
        """Take a question out of the line; its user stands last now."""
        questions = self._waiting[waiting.who]
        questions.remove(waiting)
        self._waiting.move_to_end(waiting.who)
        if not questions:
            del self._waiting[waiting.who]
        self._change.notify_all()

    def _give_back(self, holder: Holder, waiting: _Waiting | None = None) -> None:
        with self._change:
            self._free.append(holder)
            if waiting in self._long:
                self._long.remove(waiting)
            self._change.notify_all()


def _heard(waiting: _Waiting, stop: Event | None) -> Any:
    """Wait for an answer as long as it is wanted."""
    while True:
        try:
            return waiting.answer.result(WAITS)
        except NotYetError:
            if waiting.answer.done():
                return waiting.answer.result()
        if stop is not None and stop.is_set():
            raise StoppedError(Message("web.stopped"))
