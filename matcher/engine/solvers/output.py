"""Solvers print nothing: the one policy for their output.

Each solver is told to be quiet. HiGHS has stray debugging lines that no option turns off; they come
from C code, so the descriptor of standard output is pointed at a file while it runs. Whatever else
was written there meanwhile, by other threads, follows when the solver is done.
"""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from threading import Lock
from typing import IO

_lock, _running = Lock(), 0
_caught: "_Caught | None" = None


@contextmanager
def silenced(stray: bytes | None) -> Iterator[None]:
    """Drop lines of standard output that begin like stray ones; None: there are none to drop."""
    global _running, _caught
    if stray is None:
        yield
        return
    with _lock:
        if _running == 0:
            _caught = _Caught.start(stray)
        _running += 1
    try:
        yield
    finally:
        with _lock:
            _running -= 1
            if _running == 0:
                _end()


def give_back() -> None:
    """Give standard output back, though a solver that was left alone may still run.

    The process may end before that solver does; what was written would be lost with it.
    """
    with _lock:
        _end()


def _end() -> None:
    global _caught
    if _caught is not None:
        _caught.end()
        _caught = None


@dataclass(frozen=True, eq=False)
class _Caught:
    """Standard output while it is pointed at a file."""

    file: IO[bytes]
    before: int
    """The descriptor standard output had."""
    stray: bytes

    @classmethod
    def start(cls, stray: bytes) -> "_Caught | None":
        try:
            cls._flush()
            before = os.dup(1)
        except (OSError, ValueError):
            return None  # closed streams: nothing to protect
        file = TemporaryFile()  # noqa: SIM115 (closed in `end`)
        os.dup2(file.fileno(), 1)
        return cls(file, before, stray)

    def end(self) -> None:
        with suppress(OSError, ValueError):
            self._flush()
        os.dup2(self.before, 1)
        os.close(self.before)
        with self.file as file, suppress(OSError):
            file.seek(0)
            for line in file:
                if not line.startswith(self.stray):
                    os.write(1, line)

    @staticmethod
    def _flush() -> None:
        """Empty Python's buffer and C's, where lines of either side may still wait."""
        if sys.stdout is not None:
            sys.stdout.flush()
        with suppress(OSError, AttributeError, TypeError):
            ctypes.CDLL(None).fflush(None)
