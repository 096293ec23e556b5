"""How far many scenarios are, with the time that is left: a bar, or a plain line now and then."""

from __future__ import annotations

import time

from matcher.console import Talk
from matcher.texts import Message

_SECONDS = 10.0
"""Between two lines where there is no terminal."""


class Progress(Talk):
    """Tells what a sweep is doing, and how long it will take."""

    def __init__(self) -> None:
        super().__init__()
        self._begun = self._told = time.perf_counter()

    def phase(self, name: str) -> None:
        """Show the phase that begins."""
        self._begun = self._told = time.perf_counter()
        super().phase(name)

    def step(self, done: int, total: int) -> None:
        """Move the bar, or say a line: the last one, and one every few seconds."""
        super().step(done, total)
        now = time.perf_counter()
        left = (now - self._begun) / max(1, done) * (total - done)
        text = Message("progress.done", done=done, total=total)
        if done < total:
            text = Message("progress.left", done=text, left=duration(left))
        if self.has_bar:
            self.rename(text)
        elif now - self._told >= _SECONDS or done == total:
            self._told = now
            self.note(text)


def duration(seconds: float) -> Message:
    """Write a time as a person says it.

    >>> str(duration(4.2)), str(duration(95)), str(duration(7300))
    ('4 s', '1 min 35 s', '2 h 2 min')
    """
    whole = round(seconds)
    if whole < 60:
        return Message("progress.seconds", seconds=whole)
    if whole < 3600:
        return Message("progress.minutes", minutes=whole // 60, seconds=whole % 60)
    return Message("progress.hours", hours=whole // 3600, minutes=whole % 3600 // 60)
