"""What all commands share: days and places that are named, how errors are shown, what is quiet."""

from __future__ import annotations

import contextlib
import ctypes
import datetime as dt
import io
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from matcher import clock
from matcher.errors import MatcherError, OptionError
from matcher.streams import print_json as print_json
from matcher.streams import spoken
from matcher.texts import LANGUAGES, Message, tell

if TYPE_CHECKING:
    from matcher.console import Talk
    from matcher.ledger import Ledger, Run
    from matcher.policy import Policy
    from matcher.problem import Problem
    from matcher.tables import TheirMapping

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Years that a run may be dated in."""


if TYPE_CHECKING:

    class Lang(StrEnum):
        """Languages of reports and sentences: those that have a catalogue."""

        en = "en"

else:
    Lang = StrEnum("Lang", [(language, language) for language in LANGUAGES])


def address_of(data: str) -> str | Path:
    """Tell a database address from a path."""
    return data if "://" in data else Path(data)


def ledger_address(given: str | None, runs: Path = Path("runs")) -> str | Path:
    """Return the ledger's address: the one given, or the file beside the runs."""
    return address_of(given) if given else runs / "ledger.sqlite"


@contextmanager
def ledger_opened(given: str | None) -> Iterator[Ledger]:
    """Open a ledger that is there; say it when somebody else has to finish first."""
    from matcher.ledger import Ledger

    with Ledger.open(ledger_address(given), create=False, heard=note) as ledger:
        yield ledger


def newest_run(ledger: Ledger, given: str | None) -> Run:
    """Return the run that is named, or the newest.

    Raises
    ------
    OptionError
        The ledger holds none.
    """
    if given is not None:
        return ledger.run(given)
    newest = ledger.runs(most=1)
    if not newest:
        raise OptionError(Message("ledger.no_run", ledger=str(ledger.address)))
    return newest[0]


def day_of(text: str | None, option: str = "--on") -> dt.date:
    """Read the date of an option; None is today in the municipality."""
    if text is None:
        return clock.today()
    for form in ("%Y-%m-%d", "%d-%m-%Y"):
        try:
            day = dt.datetime.strptime(text, form).date()
        except ValueError:
            continue
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise OptionError(
                Message(
                    "option.on_years", option=option, text=text, first=FIRST_YEAR, last=LAST_YEAR
                )
            )
        return day
    raise OptionError(Message("option.on_no_date", option=option, text=text))


def policy_of(
    today: dt.date,
    file: Path | None,
    data: str | Path | None = None,
    heard: Callable[[str], None] | None = None,
) -> Policy:
    """Load what holds on a day, with the keys of ``--policy``, or of the data's own file, replaced.

    Parameters
    ----------
    today
        The day.
    file
        What ``--policy`` names; it goes before the data's own.
    data
        Where the tables are; a folder may hold a policy.
    heard
        Told that the data's own policy is used.
    """
    from matcher.policy import load_policy
    from matcher.tables import own_policy

    if file is not None and not file.is_file():
        raise OptionError(Message("option.no_policy_file", file=str(file)))
    own = own_policy(address_of(str(data))) if file is None and data is not None else None
    policy = load_policy(today, file or own)
    if own is not None and heard is not None and policy.overrides:
        heard(Message("note.own_policy", file=own.name, count=len(policy.overrides)))
    return policy


def mapping_of(
    file: Path | None,
    data: str | Path | None,
    heard: Callable[[str], None] | None = None,
) -> TheirMapping | None:
    """Load what ``--mapping`` names, or the data's own mapping; None where there is none.

    Parameters
    ----------
    file
        What ``--mapping`` names; it goes before the data's own.
    data
        Where the tables are; a folder may hold a mapping.
    heard
        Told which mapping is used.
    """
    from matcher.tables import load_mapping, own_mapping

    if file is not None and not file.is_file():
        raise OptionError(Message("mapping.no_file", file=str(file)))
    own = own_mapping(address_of(str(data))) if file is None and data is not None else None
    used = file or own
    if used is None:
        return None
    mapping = load_mapping(used)
    if heard is not None:
        key = "mapping.given" if own is None else "mapping.own"
        heard(Message(key, file=used.name, count=len(mapping.tables)))
    return mapping


def tables_read(
    data: str, on: str | None, policy: Path | None, mapping: Path | None, talk: Talk
) -> Problem:
    """Read the tables that a command works on; what is noted of them is told.

    Parameters
    ----------
    data
        Where they are.
    on, policy, mapping
        What ``--on``, ``--policy`` and ``--mapping`` say.
    talk
        Told what goes on.

    Raises
    ------
    InputErrors
        The tables cannot be used.
    """
    from matcher.tables import check, raise_if_unusable
    from matcher.weekly import reading_notes

    today = day_of(on)
    talk.phase("read")
    rules = policy_of(today, policy, data, talk.note)
    theirs = mapping_of(mapping, data, talk.note)
    reading = check(address_of(data), rules, today, mapping=theirs)
    for text in reading_notes(reading):
        talk.note(text)
    raise_if_unusable(reading)
    return reading.problem


def say(text: str) -> None:
    """Print what a person reads on standard output; a message in the command's language."""
    typer.echo(tell(text, spoken()))


def note(text: str) -> None:
    """Print what is said beside the answer on standard error; a message in the language."""
    typer.echo(tell(text, spoken()), err=True)


def error_text(error: Exception) -> str:
    """Return what an error says, as a message where it is one."""
    return error.said if isinstance(error, MatcherError) else str(error)


def print_error(error: Exception) -> None:
    """Print an error as data, with everything it carries; texts for people in the language."""
    language = spoken()
    print_json({
        "error": type(error).__name__,
        "message": tell(error_text(error), language),
        "issues": [
            {name: tell(value, language) if isinstance(value, Message) else value
             for name, value in issue.items()}
            for issue in getattr(error, "issues", ())
        ],
        "facts": [tell(fact, language) for fact in getattr(error, "facts", ())],
    })  # fmt: skip


def note_error(error: Exception) -> None:
    """Say on standard error what went wrong."""
    note(Message("error.told", text=error_text(error)))


@contextmanager
def solvers_quiet(*, shown: bool = False) -> Iterator[None]:
    """Keep what native solvers print out of both outputs; what Python says is said afterwards.

    Standard output is for data alone, and cron mails every line of standard error. ``Talk`` has
    a handle of its own and is heard all the while.

    Parameters
    ----------
    shown
        For ``--debug``: what solvers print goes to standard error instead.
    """
    if shown:
        with _descriptors_to(2, (1,)):
            yield
        return
    said = io.StringIO()
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            with contextlib.redirect_stderr(said), _descriptors_to(nowhere, (1, 2)):
                yield
        finally:
            os.close(nowhere)
    finally:
        if said.getvalue():
            typer.echo(said.getvalue(), err=True, nl=False)


@contextmanager
def _descriptors_to(target: int, descriptors: tuple[int, ...]) -> Iterator[None]:
    """Let descriptors lead to another one for a while; those that are closed stay closed."""
    # Buffers of Python and of the C library must not empty into the wrong output.
    _flush_all()
    with contextlib.ExitStack() as restored:
        for descriptor in descriptors:
            try:
                kept = os.dup(descriptor)
            except OSError:
                continue
            restored.callback(os.close, kept)
            restored.callback(os.dup2, kept, descriptor)
            os.dup2(target, descriptor)
        restored.callback(_flush_all)
        yield


def _flush_all() -> None:
    if sys.stdout is not None:
        sys.stdout.flush()
    ctypes.CDLL("msvcrt" if sys.platform == "win32" else None).fflush(None)


LONGEST_PATH = 200
"""Characters of a path that an error shows."""


def shown_path(path: object) -> str:
    """Text of a path for an error, cut where it is very long."""
    text = os.fsdecode(path) if isinstance(path, bytes) else str(path)
    return text if len(text) <= LONGEST_PATH else f"{text[: LONGEST_PATH - 3]}..."


@contextmanager
def errors_shown(debug: bool, *, as_json: bool = False) -> Iterator[None]:
    """Turn errors into one screen and an exit code; a traceback only with ``--debug``."""
    try:
        yield
    except MatcherError as error:
        if debug:
            traceback.print_exc()
        if as_json:
            print_error(error)
        note_error(error)
        raise typer.Exit(error.exit_code) from None
    except typer.Abort:
        note(Message("error.nothing_changed"))
        raise typer.Exit(2) from None
    except (KeyboardInterrupt, typer.Exit):
        raise
    except OSError as error:
        if getattr(sys.stdout, "failed", None) is not None:
            raise  # the answer could not be written; the command as a whole says so
        if debug:
            traceback.print_exc()
        key = "error.no_file" if error.filename else "error.no_io"
        reason = str(error.strerror or error)
        told = OptionError(Message(key, path=shown_path(error.filename), reason=reason))
        if as_json:
            print_error(told)
        note_error(told)
        raise typer.Exit(told.exit_code) from None
    except Exception as error:
        if debug:
            traceback.print_exc()
        if as_json:
            print_error(error)
        note(Message("error.our_fault", kind=type(error).__name__, text=str(error)))
        raise typer.Exit(1) from None
