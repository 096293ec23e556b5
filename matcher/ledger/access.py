"""Connections to a base under one lock: who writes holds it, and writes wholly or not at all."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from matcher.ledger.connect import Base, prepare, told
from matcher.ledger.lock import Told, file_lock, server_lock
from matcher.ledger.schema import METADATA

_Kind = TypeVar("_Kind")


class Access:
    """A way to a base: its lock, transactions that write, transactions that read.

    Parameters
    ----------
    base
        The base; made and migrated when it is first used.
    wait
        Seconds to wait while another process holds it, at least 0.
    heard
        Called with a sentence when somebody else has to finish first.
    """

    def __init__(self, base: Base, wait: float, heard: Told | None) -> None:
        self.base = base
        self._wait = wait
        self._heard = heard
        self._depth = 0
        self._held: sa.Connection | None = None
        self._ready = False

    def prepare(self, *, create: bool = True) -> None:
        """Make sure, once, that the ledger is there with the newest tables."""
        if not self._ready:
            self._ready = True
            try:
                prepare(self.base, create=create, locked=self.lock)
            except BaseException:
                self._ready = False
                raise

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the ledger: no other process writes to it; may be nested.

        Raises
        ------
        LedgerBusyError
            Another process held it all the while.
        """
        if self._depth:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
            return
        self.prepare()
        what = f"the ledger {self.base.shown}"
        with ExitStack() as stack:
            if self.base.file is not None:
                stack.enter_context(file_lock(self.base.lock_file, what, self._wait, self._heard))
            else:
                with told(self.base):
                    # The lock lives in this connection, and so does all that is written under it:
                    # if the one is lost, nothing can be written by mistake.
                    connection = stack.enter_context(self.base.engine.connect())
                    stack.enter_context(server_lock(connection, what, self._wait, self._heard))
                    self._held = connection
            self._depth = 1
            try:
                yield
            finally:
                self._depth, self._held = 0, None

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection in a transaction under the lock; all or nothing."""
        with self.lock(), told(self.base):
            if self._held is not None:
                with self._held.begin():
                    yield self._held
            else:
                with self.base.written() as connection:
                    yield connection

    @contextmanager
    def noting(self) -> Iterator[sa.Connection]:
        """Give a connection in a transaction beside the lock, for rows that are of no run.

        The base itself lets one such transaction in after the other, also while a run holds the
        ledger.
        """
        self.prepare()
        with told(self.base), self.base.written() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one state."""
        self.prepare()
        with told(self.base), self.base.engine.connect() as connection, connection.begin():
            yield connection

    def vacuum(self) -> None:
        """Give the space of what was deleted back, so that it is not on the disk any more."""
        with self.lock(), told(self.base), self.base.engine.connect() as connection:
            connection.commit()
            raw = connection.connection.driver_connection
            assert raw is not None
            if self.base.file is None:
                raw.autocommit = True
            with contextlib.closing(raw.cursor()) as cursor:
                for name in ("",) if self.base.file is not None else METADATA.tables:
                    cursor.execute(f"VACUUM {name}".strip())
            connection.invalidate()


class Store:
    """What the parts of a ledger share: its lock, transactions that write and that read."""

    def __init__(self, access: Access) -> None:
        self._access = access

    @property
    def root(self) -> Path:
        """Where paths of run folders count from: the folder of the file; a server's are whole."""
        return self.file.resolve().parent if self.file is not None else Path()

    @property
    def file(self) -> Path | None:
        """The file of SQLite; None for a server."""
        return self._access.base.file

    def lock(self) -> AbstractContextManager[None]:
        """Hold the ledger: no other process writes to it; may be nested.

        Raises
        ------
        LedgerBusyError
            Another process held it all the while.
        """
        return self._access.lock()

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection in a transaction under the lock; all or nothing."""
        return self._access.writing()

    def noting(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection in a transaction beside the lock, for rows that are of no run."""
        return self._access.noting()

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection that sees one state."""
        return self._access.reading()

    def _all(
        self, query: sa.Select[Any], make: Callable[[sa.Row[Any]], _Kind]
    ) -> tuple[_Kind, ...]:
        """Make a value of each row that a query finds, in its order."""
        with self.reading() as connection:
            return tuple(make(row) for row in connection.execute(query))
