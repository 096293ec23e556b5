"""Answers that take longer than a page waits: worked out beside it, asked for again until there."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from matcher.errors import MatcherError
from matcher.texts import Message
from scenarios.questions import BusyError

KEPT = 32
"""Answers that are kept at hand."""
AGAIN = 3
"""Seconds after which a page asks again by itself, with or without a script."""


@dataclass(frozen=True)
class Answered:
    """What became of a question."""

    done: bool
    value: Any = None
    problem: Message | str | None = None
    """Why there is no answer."""


class Later:
    """Works answers out one at a time for each question; a page that goes away loses nothing.

    Why there is no answer is told once: whoever asks after that tries again. It is not forgotten
    before, or a page that asks by itself would never hear of it and ask for ever.
    """

    def __init__(self) -> None:
        self._found: OrderedDict[Hashable, Answered] = OrderedDict()
        self._under_way: set[Hashable] = set()
        self._lock = threading.Lock()

    def ask(self, key: Hashable, make: Callable[[], Any]) -> Answered:
        """Return the answer to a question, or that it is being worked out."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                found = self._found[key]
                if found.problem is not None:
                    del self._found[key]
                return found
            if key not in self._under_way:
                self._under_way.add(key)
                threading.Thread(target=self._work, args=(key, make), daemon=True).start()
        return Answered(False)

    def let_go(self) -> None:
        """Forget all answers."""
        with self._lock:
            self._found.clear()

    def _work(self, key: Hashable, make: Callable[[], Any]) -> None:
        found: Answered | None = None
        try:
            found = Answered(True, make())
        except BusyError:
            pass  # nothing is kept: whoever asks next tries again
        except MatcherError as error:
            found = Answered(True, problem=error.said)
        except Exception as error:
            found = Answered(True, problem=Message("web.our_fault", kind=type(error).__name__))
            raise
        finally:
            with self._lock:
                self._under_way.discard(key)
                if found is not None:
                    self._found[key] = found
                    while len(self._found) > KEPT:
                        self._found.popitem(last=False)
