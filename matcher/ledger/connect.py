"""From an address to a base that is there, is ours, and has the newest tables."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from matcher import private
from matcher.errors import LedgerError
from matcher.ledger.schema import HEAD, METADATA, VERSION_TABLE
from matcher.tables.packages import need
from matcher.texts import Message


@dataclass(frozen=True, eq=False)
class Base:
    """A database that can hold a ledger."""

    engine: sa.Engine
    shown: str
    """The address, without password."""
    file: Path | None
    """The file of SQLite."""

    @contextmanager
    def written(self) -> Iterator[sa.Connection]:
        """Give a connection in a transaction that writes, and waits until no other does.

        SQLite refuses at once, whatever the time-out, a transaction that has read and would write
        while another one waits for its readers to end.
        """
        with self.engine.connect() as connection:
            connection.execution_options(writes_at_once=True)
            with connection.begin():
                yield connection

    @property
    def lock_file(self) -> Path:
        """The lock file beside the file, the same by whichever link the file is reached."""
        assert self.file is not None
        file = self.file.resolve()
        return file.with_name(f".{file.name}.lock")


def base_of(address: str | Path) -> Base:
    """Understand an address; nothing is touched yet.

    Parameters
    ----------
    address
        Path of a SQLite file, or the URL of SQLite or PostgreSQL.

    Raises
    ------
    LedgerError
        It is no such address.
    OptionError
        The driver is not installed; names the extra.
    """
    if isinstance(address, Path) or "://" not in address:
        return _sqlite(Path(address))
    try:
        url = sa.make_url(address)
    except sa.exc.ArgumentError:
        raise LedgerError(
            Message("ledger.no_address", examples=Message("ledger.examples"))
        ) from None
    kind = url.get_backend_name()
    if kind == "sqlite" and url.database not in {None, "", ":memory:"}:
        return _sqlite(Path(str(url.database)))
    if kind == "postgresql" or url.drivername == "postgres":
        return _postgresql(url.set(drivername="postgresql+psycopg"))
    shown = url.render_as_string(hide_password=True)
    raise LedgerError(Message("ledger.no_base", address=shown, examples=Message("ledger.examples")))


def _sqlite(file: Path) -> Base:
    if file.is_dir():
        raise LedgerError(Message("ledger.folder", file=str(file)))
    # A name that counts from the folder one is in is another file in another folder.
    return Base(_engine_of(str(file.absolute())), str(file), file)


@lru_cache(maxsize=8)
def _engine_of(file: str) -> sa.Engine:
    """Return the engine of a file: what it has compiled serves whoever opens the file next.

    It keeps no connection open.
    """
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=file),
        connect_args={"timeout": 30},
        poolclass=sa.NullPool,
    )

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        # SQLAlchemy says BEGIN itself: the driver would leave changes of tables outside.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        # What is deleted is overwritten, so that who is forgotten is not in the file either.
        connection.execute("PRAGMA secure_delete = ON")

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        # One that writes for certain says so at once: two that had read would both be refused.
        at_once = connection.get_execution_options().get("writes_at_once")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if at_once else "BEGIN")

    return engine


def _postgresql(url: sa.URL) -> Base:
    need("psycopg", "postgres", "ledger_postgres")
    name = f"jobmatch process {os.getpid()} on {socket.gethostname()}"[:63]
    engine = sa.create_engine(
        url,
        connect_args={
            "application_name": name,
            "connect_timeout": 10,
            # A peer that has vanished is noticed within a minute.
            "keepalives_idle": 20,
            "keepalives_interval": 10,
            "keepalives_count": 4,
        },
    )
    return Base(engine, url.render_as_string(hide_password=True), None)


@contextmanager
def told(base: Base) -> Iterator[None]:
    """Turn what a database says into a message that says what to do.

    Raises
    ------
    LedgerError
        Whatever the database raised.
    """
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise LedgerError(
            Message("ledger.says", ledger=base.shown, cause=cause, advice=_advice(error, cause))
        ) from error


def _advice(error: Exception, cause: str) -> str:
    if getattr(error, "connection_invalidated", False) or "connection" in cause.lower():
        return Message("ledger.advice_server")
    known: dict[str, str] = {
        "disk is full": Message("ledger.advice_space"),
        "disk i/o error": Message("ledger.advice_disk"),
        "readonly": Message("ledger.advice_readonly"),
        "read-only": Message("ledger.advice_rights_base"),
        "unable to open": Message("ledger.advice_folder"),
        "not a database": Message("ledger.advice_other_file"),
        "malformed": Message("ledger.advice_damaged"),
        "locked": Message("ledger.advice_held"),
        "no space": Message("ledger.advice_server_space"),
        "permission denied": Message("ledger.advice_rights"),
    }
    text = cause.lower()
    return next(
        (advice for words, advice in known.items() if words in text),
        Message("ledger.advice_nothing"),
    )


def prepare(base: Base, *, create: bool, locked: Callable[[], Any]) -> None:
    """Make sure that the base holds a ledger with the newest tables.

    Parameters
    ----------
    create
        Whether to make the ledger if there is none.
    locked
        Gives the ledger's lock, as a context; taken before anything is changed.

    Raises
    ------
    LedgerError
        There is none, it is not a ledger, it is of a newer version, or it cannot be written.
    """
    if base.file is not None:
        _file_ready(base.file, create=create)
    version = _version(base)
    if base.file is not None and version is not None:
        _narrow(base.file)
    if version == HEAD:
        return
    if version is None and not create:
        raise _absent(base)
    with locked():
        version = _version(base)
        if version == HEAD:
            return
        with told(base), base.written() as connection:
            if version is None:
                _make(connection)
            else:
                _migrate(connection)


def _absent(base: Base) -> LedgerError:
    return LedgerError(Message("ledger.absent", ledger=base.shown))


def _file_ready(file: Path, *, create: bool) -> None:
    """Make the file, if it is to be made; its owner alone reads it."""
    if file.exists():
        return
    if not create:
        raise LedgerError(Message("ledger.absent", ledger=file))
    try:
        private.folder(file.parent)
        os.close(private.descriptor(file, os.O_CREAT | os.O_RDWR))
    except OSError as error:
        raise LedgerError(
            Message("ledger.unmade", ledger=str(file), reason=str(error.strerror))
        ) from None


def _narrow(file: Path) -> None:
    """Let nobody but the owner read a ledger, whoever copied it here."""
    if os.name == "posix" and file.stat().st_mode & 0o077:
        private.narrow(file)


def _version(base: Base) -> str | None:
    """Return the revision of the tables; None where there are none."""
    with told(base), base.engine.connect() as connection:
        names = set(sa.inspect(connection).get_table_names())
        version = None
        if VERSION_TABLE in names:
            version = connection.execute(
                sa.text(f"SELECT version_num FROM {VERSION_TABLE}")
            ).scalar()
    if version is None and (others := sorted(names & set(METADATA.tables))):
        raise LedgerError(Message("ledger.others", ledger=base.shown, names=tuple(others[:3])))
    if version is not None and version > HEAD:
        raise LedgerError(Message("ledger.newer", ledger=base.shown, version=version, head=HEAD))
    return None if version is None else str(version)


def _make(connection: sa.Connection) -> None:
    """Make the tables of a new ledger as they are now, which is where the migrations lead to."""
    METADATA.create_all(connection, checkfirst=False)
    name = f"{VERSION_TABLE}_pkc"  # as alembic names it
    version = sa.Table(
        VERSION_TABLE,
        sa.MetaData(),
        sa.Column("version_num", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("version_num", name=name),
    )
    version.create(connection, checkfirst=False)
    connection.execute(version.insert().values(version_num=HEAD))


def _migrate(connection: sa.Connection) -> None:
    """Run the migrations that are missing, in the connection's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "matcher.ledger:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
