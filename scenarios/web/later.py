"""Answers that take longer than a page waits: worked out beside it, watched and stopped."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from matcher.errors import MatcherError
from matcher.texts import Message
from scenarios.questions import BusyError, PlaceInLine, StoppedError, Tell

KEPT = 32
"""Answers that are kept at hand, and questions that are remembered as stopped."""
MOST = 8
"""Questions that one user may have under way."""
AGAIN = 3
"""Seconds after which a page without a script asks again by itself."""
NAME = 16
"""Bytes of the name of what is being worked out."""


@dataclass(frozen=True)
class Answered:
    """What became of a question."""

    done: bool
    value: Any = None
    problem: Message | str | None = None
    """Why there is no answer."""
    name: str = ""
    """While it is being worked out: what it is watched and stopped by."""
    question: str = ""
    """What is asked."""
    far: tuple[int, int] = (0, 0)
    """Steps done, in all; zeros while nothing is known."""
    seconds: int = 0
    """Since it was begun."""
    line: PlaceInLine | None = None
    """What is answered before it; None: it waits for no turn."""
    stopped: bool = False
    """Whether this user stopped it and has not asked again."""
    others: bool = False
    """Of one that was stopped: whether it goes on for others, who want it as well."""


@dataclass(eq=False)
class _Work:
    """What is being worked out."""

    name: str
    question: str
    began: float = field(default_factory=time.monotonic)
    far: tuple[int, int] = (0, 0)
    wanted: set[str] = field(default_factory=set)
    """Users who want it."""
    stop: Event = field(default_factory=Event)
    line: Callable[[], PlaceInLine | None] = lambda: None
    over: Event = field(default_factory=Event)

    def tell(self, done: int, total: int) -> None:
        self.far = done, total

    def as_it_is(self) -> Answered:
        seconds = int(time.monotonic() - self.began)
        return Answered(False, None, None, self.name, self.question, self.far, seconds, self.line())


class Later:
    """Works answers out, the same one once; a page that goes away loses nothing.

    Why there is no answer is told once: whoever asks after that tries again. It is not forgotten
    before, or a page that asks by itself would never hear of it and ask for ever.
    """

    def __init__(self) -> None:
        self._found: OrderedDict[Hashable, Answered] = OrderedDict()
        self._under_way: dict[Hashable, _Work] = {}
        self._stopped: OrderedDict[tuple[Hashable, str], None] = OrderedDict()
        """Questions that a user has stopped and not asked again."""
        self._lock = threading.Lock()

    def ask(
        self, question: str, key: Hashable, make: Callable[[Event, Tell], Any], who: str = "",
        *, line: Callable[[], PlaceInLine | None] = lambda: None, by_itself: bool = False,
        seconds: float = 0.0,
    ) -> Answered:  # fmt: skip
        """Return the answer to a question, or that it is being worked out, or was stopped.

        Parameters
        ----------
        question
            What is asked, for whoever watches.
        key
            Tells it from the same question about something else.
        make
            Works it out; given what says that it is not wanted any more, and who hears how far
            it is.
        who
            The user who wants it.
        line
            Says what is answered before it, while it waits for its turn.
        by_itself
            Whether a page asks, and not a person: what its user has stopped stays so.
        seconds
            How long to wait for the answer, where it may come soon.

        Raises
        ------
        BusyError
            The user has as many under way as may be.
        """
        key = question, key
        with self._lock:
            if by_itself and (key, who) in self._stopped:
                return Answered(False, stopped=True, others=self._wanted(key))
            self._stopped.pop((key, who), None)
            found = self._known(key)
            if found is not None:
                return found
            work = self._under_way.get(key)
            if work is None or work.stop.is_set():
                mine = [one for one in self._under_way.values() if who in one.wanted]
                if len(mine) >= MOST:
                    raise BusyError(Message("web.busy"))
                name = hashlib.blake2b(repr(key).encode(), digest_size=NAME).hexdigest()
                work = self._under_way[key] = _Work(name, question, line=line)
                given = key, work, make
                threading.Thread(target=self._work, args=given, daemon=True).start()
            work.wanted.add(who)
        work.over.wait(seconds)
        with self._lock:
            return self._known(key) or work.as_it_is()

    def _known(self, key: Hashable) -> Answered | None:
        """Return what was found; why nothing was is told once."""
        found = self._found.get(key)
        if found is not None:
            self._found.move_to_end(key)
            if found.problem is not None:
                del self._found[key]
        return found

    def under_way(self, name: str, who: str) -> Answered | None:
        """Return how far an answer is; None: it is over, or this user does not want it."""
        with self._lock:
            _, work = self._named(name)
            return work.as_it_is() if work is not None and who in work.wanted else None

    def stop(self, name: str, who: str = "") -> bool:
        """Note that a user does not want an answer any more; it ends when nobody else does.

        Returns
        -------
        bool
            Whether others want it, so that it goes on.
        """
        with self._lock:
            key, work = self._named(name)
            if work is None:
                return False
            self._stopped[key, who] = None
            while len(self._stopped) > KEPT:
                self._stopped.popitem(last=False)
            work.wanted.discard(who)
            if not work.wanted:
                work.stop.set()
            return self._wanted(key)

    def _wanted(self, key: Hashable) -> bool:
        work = self._under_way.get(key)
        return work is not None and not work.stop.is_set()

    def _named(self, name: str) -> tuple[Hashable, _Work | None]:
        for key, work in self._under_way.items():
            if work.name == name and not work.stop.is_set():
                return key, work
        return None, None

    def let_go(self) -> None:
        """Forget all answers."""
        with self._lock:
            self._found.clear()

    def _work(self, key: Hashable, work: _Work, make: Callable[[Event, Tell], Any]) -> None:
        found: Answered | None = None
        try:
            found = Answered(True, make(work.stop, work.tell))
        except (BusyError, StoppedError):
            pass  # nothing is kept: whoever asks next tries again
        except MatcherError as error:
            found = Answered(True, problem=error.said)
        except Exception as error:
            found = Answered(True, problem=Message("web.our_fault", kind=type(error).__name__))
            raise
        finally:
            with self._lock:
                if self._under_way.get(key) is work:
                    del self._under_way[key]
                if found is not None:
                    self._found[key] = found
                    while len(self._found) > KEPT:
                        self._found.popitem(last=False)
            work.over.set()
