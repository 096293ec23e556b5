"""Both outputs of the command, and its arguments, as they pass the gate.

What a command says goes through an :class:`Outlet`: nothing that looks like a CPR number leaves,
no letter is one too many for a stream, and a reader that went away ends a command quietly.
:class:`Command` puts outlets in place and looks at the arguments before anything else does.
"""

from __future__ import annotations

import atexit
import errno
import io
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TextIO

import typer

from matcher.cpr import cleared, looks_like_cpr, mask
from matcher.texts import LANGUAGES, Language, Message
from matcher.usage import TellingGroup, tell_help

LANGUAGE_VARIABLE = "JOBMATCH_LANG"
"""Environment variable that says the language of commands without ``--lang``."""
_SPOKEN: ContextVar[Language | None] = ContextVar("spoken", default=None)
LONGEST_ARGUMENT = 32_768
"""Characters of an argument: more than any path and any list of names."""
_PLAIN = {
    "æ": "ae", "ø": "oe", "å": "aa", "Æ": "Ae", "Ø": "Oe", "Å": "Aa", "–": "-",
    "≥": ">=", "≤": "<=", "·": "-", "→": "->", "×": "x",
}  # fmt: skip


def fitting(text: str, encoding: str | None) -> str:
    """Write what an encoding cannot show as the nearest ASCII letters."""
    encoding = encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        for letter, letters in _PLAIN.items():
            text = text.replace(letter, letters)
        return text.encode(encoding, "replace").decode(encoding)
    return text


class Outlet(io.TextIOBase):
    """A stream for people; whole lines pass the gate, in letters the stream has.

    Parameters
    ----------
    stream
        Where it leads to.
    needed
        Whether it matters that it takes nothing any more: the answer, but not the talk beside it.
    """

    def __init__(self, stream: TextIO, *, needed: bool) -> None:
        self.stream = stream
        self.failed: OSError | None = None
        """Why it takes nothing any more."""
        self._needed = needed
        self._begun = ""

    def write(self, text: str) -> int:
        """Write; what is no whole line yet waits for the rest, or for a flush."""
        lines, end, rest = (self._begun + text).rpartition("\n")
        self._begun = rest
        if end:
            self._pass(f"{lines}\n")
        return len(text)

    def write_data(self, text: str) -> None:
        """Write a text that has passed the gate as data, where numbers are numbers."""
        self.flush()
        with self._failure_kept():
            self.stream.write(text)
            self.stream.flush()

    def flush(self) -> None:
        """Write what waits, and let the stream write it."""
        begun, self._begun = self._begun, ""
        self._pass(begun)
        with self._failure_kept():
            self.stream.flush()

    def _pass(self, text: str) -> None:
        shown = "\n".join(mask(line, digits_allowed=True) for line in text.split("\n"))
        with self._failure_kept():
            self.stream.write(fitting(shown, self.stream.encoding))

    @contextmanager
    def _failure_kept(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.failed = self.failed or error
            silence(self.stream)
            if self._needed:
                raise

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Encoding of the stream."""
        return self.stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        """How the stream treats what it cannot encode."""
        return self.stream.errors

    def isatty(self) -> bool:
        """Whether a person sits at the other end."""
        return self.stream.isatty()

    def fileno(self) -> int:
        """Descriptor of the stream."""
        return self.stream.fileno()

    def writable(self) -> bool:
        """Tell that it can be written to."""
        return True


@contextmanager
def outlets() -> Iterator[None]:
    """Let what is printed pass the gate; nothing in place is changed twice."""
    before = sys.stdout, sys.stderr
    for name, needed in (("stdout", True), ("stderr", False)):
        stream = getattr(sys, name)
        if stream is None:
            # Closed from the start: its number must not go to the next file that is opened.
            stream = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - till the end
        if not isinstance(stream, Outlet):
            setattr(sys, name, Outlet(stream, needed=needed))
    try:
        yield
    finally:
        for now in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                now.flush()
        sys.stdout, sys.stderr = before


def print_json(content: Any) -> None:
    """Print data on standard output, in ASCII, so that it is the same on every stream."""
    text = json.dumps(cleared(content), ensure_ascii=True, indent=1, default=_shown) + "\n"
    if isinstance(sys.stdout, Outlet):
        sys.stdout.write_data(text)
    else:
        sys.stdout.write(text)


def _shown(value: Any) -> str:
    return mask(str(value), digits_allowed=True)


def asked_language(arguments: Sequence[str]) -> Language:
    """Language of a command, from its arguments or the environment, before they are parsed.

    Errors of the arguments themselves are told in it; one that is not known is English.
    """
    named = os.environ.get(LANGUAGE_VARIABLE, "")
    for at, argument in enumerate(arguments):
        if argument == "--lang" and at + 1 < len(arguments):
            named = arguments[at + 1]
        elif argument.startswith("--lang="):
            named = argument.removeprefix("--lang=")
    return next((one for one in LANGUAGES if one == named.lower()), "en")


def spoken() -> Language:
    """Language of the command that runs; outside of one, that of the environment."""
    return _SPOKEN.get() or asked_language(())


def silence(*streams: TextIO | None) -> None:
    """Lead streams nowhere, so that nothing that still waits in them fails once more."""
    for stream in streams:
        with suppress(OSError, ValueError, AttributeError):
            descriptor = os.open(os.devnull, os.O_WRONLY)
            os.dup2(descriptor, stream.fileno())  # type: ignore[union-attr]
            os.close(descriptor)


def argument_fault(argument: str) -> Message | None:
    """Say why no command can take an argument; None when it may.

    A path that is there may have any name: what is said of it passes the gate.
    """
    if "\0" in argument:
        return Message("argument.nul")
    try:
        argument.encode("utf-8")
    except UnicodeEncodeError:
        return Message("argument.no_utf8")
    if len(argument) > LONGEST_ARGUMENT:
        return Message("argument.too_long", length=len(argument), most=LONGEST_ARGUMENT)
    if looks_like_cpr(argument, digits_allowed=True) and not _is_there(argument):
        return Message("argument.cpr")
    return None


def _is_there(argument: str) -> bool:
    try:
        return Path(argument.partition("=")[2] if argument[:1] == "-" else argument).exists()
    except (OSError, ValueError):
        return False


@contextmanager
def _speaking(language: Language) -> Iterator[None]:
    before = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


class Command(TellingGroup):
    """The command as a whole: its arguments and outputs pass the gate."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **given: Any) -> Any:
        """Run the command; see :meth:`click.Command.main`."""
        args = sys.argv[1:] if args is None else list(args)
        language = self.language = asked_language(args)
        tell_help(self, language)
        with _speaking(language), outlets():
            answer = sys.stdout
            try:
                for argument in args:
                    if fault := argument_fault(argument):
                        typer.echo(Message("error.told", text=fault).told(language), err=True)
                        sys.exit(2)
                try:
                    return super().main(args, *more, **given)
                finally:
                    with suppress(ValueError):  # closed
                        answer.flush()
            except (OSError, SystemExit):
                failed = answer.failed if isinstance(answer, Outlet) else None
                if failed is None:
                    raise
                sys.exit(stream_failed(failed))


INTERRUPTED = 130
"""Exit code after Ctrl-C."""
_SOLVER = "jobmatch-solver"
"""Name of the threads that the engine runs solvers in."""


def run_as_process(command: Callable[[], Any]) -> None:
    """Run the command and end the process, also where a solver goes on that cannot be stopped.

    Taking down what such a solver still uses would crash; everything else is closed by then.
    """
    try:
        command()
    except SystemExit as end:
        if end.code == INTERRUPTED and any(one.name == _SOLVER for one in threading.enumerate()):
            atexit._run_exitfuncs()  # noqa: SLF001 - there is no other way to have them run
            with suppress(OSError, ValueError):
                _flush()
            os._exit(INTERRUPTED)
        raise


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def stream_failed(error: OSError) -> int:
    """Say that the answer cannot be written; return the exit code.

    0 where the reader went away (``| head``): nothing is wrong, and nothing more can be said.
    """
    if error.errno == errno.EPIPE:
        return 0
    told = Message("error.no_output", reason=str(error.strerror))
    typer.echo(Message("error.told", text=told).told(spoken()), err=True)
    return 2
