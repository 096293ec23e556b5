"""Locks that die with their process: one writer at a time, and nobody cleans up after the killed.

A file lock is held by the operating system for an open file, an advisory lock of PostgreSQL by the
server for a connection; a process killed with -9 lets go of both.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from matcher import private
from matcher.errors import LedgerBusyError, LedgerError
from matcher.texts import Message

PATIENCE = 60.0
"""Seconds that a command waits for another one to finish, unless it is told otherwise."""
_STEP = 0.1
_SPACE = 0x6A6F626D
"""First half of the key of PostgreSQL's lock; the second is made from the schema."""

Told = Callable[[str], None]
"""Called once, with a sentence, when somebody else holds the lock."""


@contextmanager
def file_lock(path: Path, what: str, wait: float, told: Told | None = None) -> Iterator[None]:
    """Hold the lock file of a ledger; the file stays, the lock does not.

    Parameters
    ----------
    path
        The lock file.
    what
        What the lock is for, e.g. ``ledger runs/ledger.sqlite``; for messages.
    wait
        Seconds to wait for another holder, at least 0.

    Raises
    ------
    LedgerBusyError
        Another process held it all the while; the message says which, and since when.
    LedgerError
        The file cannot be made.
    """
    try:
        descriptor = private.descriptor(path, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise LedgerError(
            Message("ledger.no_lock", what=what, path=str(path), reason=str(error.strerror))
        ) from None
    try:
        _patiently(lambda: _try_lock(descriptor), lambda: _holder(path), what, wait, told)
        with contextlib.suppress(OSError):  # a full disk is no reason; the text is for people
            note = {"pid": os.getpid(), "since": dt.datetime.now(dt.UTC).isoformat("T", "seconds")}
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(note).encode(), 0)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def server_lock(
    connection: sa.Connection, what: str, wait: float, told: Told | None = None
) -> Iterator[None]:
    """Hold PostgreSQL's advisory lock of the ledger in the connection's schema.

    Raises
    ------
    LedgerBusyError
        Another connection held it all the while; the message says whose.
    """
    key = sa.text("SELECT hashtext(current_schema()::text)")
    schema = connection.execute(key).scalar_one()
    connection.commit()
    given = {"space": _SPACE, "schema": schema}

    def ask(text: str) -> Any:
        answer = connection.execute(sa.text(text), given).scalar()
        connection.commit()
        return answer

    def holder() -> str:
        name = ask(
            "SELECT a.application_name || ', connected since ' ||"
            " to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC'"
            " FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
            " WHERE l.locktype = 'advisory' AND l.granted"
            " AND l.classid = CAST(:space AS oid)"
            " AND l.objid = CAST(CAST(:schema AS bigint) & 4294967295 AS oid) LIMIT 1"
        )
        return str(name or Message("ledger.another_process"))

    _patiently(
        lambda: bool(ask("SELECT pg_try_advisory_lock(:space, :schema)")), holder, what, wait, told
    )
    try:
        yield
    finally:
        # If the connection is gone, so is the lock.
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            connection.rollback()
            ask("SELECT pg_advisory_unlock(:space, :schema)")


def _patiently(
    taken: Callable[[], bool],
    holder: Callable[[], str],
    what: str,
    wait: float,
    told: Told | None,
) -> None:
    """Try until it is taken or the time is up."""
    until = time.monotonic() + wait
    while not taken():
        if time.monotonic() >= until:
            raise LedgerBusyError(Message("ledger.in_use", what=what, holder=holder(), wait=wait))
        if told is not None:
            told(Message("ledger.waiting", what=what, holder=holder(), wait=wait))
            told = None
        time.sleep(_STEP)


def _holder(path: Path) -> str:
    try:
        note = json.loads(path.read_text("utf-8"))
        return Message("ledger.process", pid=note["pid"], since=note["since"])
    except (OSError, ValueError, KeyError, TypeError):
        return Message("ledger.another_process")


if sys.platform == "win32":
    import msvcrt

    _BYTE = 1 << 20
    """The byte that is locked, behind the note."""

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def folder_lock(folder: Path, *, wait: bool = False) -> Iterator[bool]:
    """Try to hold a folder; say whether it worked. Leaves no file behind.

    Parameters
    ----------
    folder
        An existing folder.
    wait
        Whether to wait for whoever holds it.
    """
    if sys.platform == "win32":
        yield False  # folders cannot be locked there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            held = True
        except OSError:
            held = False
        yield held
    finally:
        os.close(descriptor)
