"""Where run folders and forms are, from the ledger's own folder on, so that all move together."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import sqlalchemy as sa

from matcher.ledger.schema import FOLDERS


def text_of(path: Path, root: Path) -> str:
    """Write a path as it is stored: from ``root`` on where it lies below, else in full."""
    whole = path.resolve()
    return (whole.relative_to(root) if whole.is_relative_to(root) else whole).as_posix()


def note_folder(
    connection: sa.Connection,
    root: Path,
    run_id: str,
    *,
    language: str,
    hidden: Path | None,
    folder: Path,
) -> None:
    """Note a run folder, or where it lies until it gets its name."""
    connection.execute(
        sa.insert(FOLDERS).values(
            run_id=run_id,
            path=text_of(folder, root),
            hidden=None if hidden is None else text_of(hidden, root),
            language=language,
            made_at=dt.datetime.now(dt.UTC),
        )
    )


FORMS = "forms"
"""What stands for a language where a folder holds forms."""


def note_forms(connection: sa.Connection, root: Path, run_id: str, folder: Path) -> None:
    """Note a folder of a run's forms, once: it is forgotten and purged with the run's own."""
    path = text_of(folder, root)
    known = sa.select(FOLDERS.c.id).where(FOLDERS.c.run_id == run_id, FOLDERS.c.path == path)
    if connection.execute(known).first() is None:
        note_folder(connection, root, run_id, language=FORMS, hidden=None, folder=folder)


def folder_in_place(
    connection: sa.Connection, root: Path, run_id: str, language: str
) -> Path | None:
    """Return a folder of the run in that language, if it is where it was left."""
    rows = connection.execute(
        sa.select(FOLDERS.c.path)
        .where(
            FOLDERS.c.run_id == run_id,
            FOLDERS.c.language == language,
            FOLDERS.c.hidden.is_(None),
        )
        .order_by(FOLDERS.c.id)
    )
    return next((root / row.path for row in rows if (root / row.path).is_dir()), None)


def settle(connection: sa.Connection, root: Path) -> tuple[Path, ...]:
    """Rename hidden folders of stored runs: see :meth:`matcher.ledger.Ledger.settle`."""
    named = []
    for row in connection.execute(sa.select(FOLDERS).where(FOLDERS.c.hidden.isnot(None))).all():
        hidden, path = root / row.hidden, root / row.path
        if hidden.exists():
            path = free_path(path)
            hidden.rename(path)
        elif not path.exists():
            continue  # deleted by hand, or on another machine
        named.append(path)
        connection.execute(
            sa.update(FOLDERS)
            .where(FOLDERS.c.id == row.id)
            .values(hidden=None, path=text_of(path, root))
        )
    return tuple(named)


def free_path(path: Path) -> Path:
    """Return the path, with a number behind where something of that name is there."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return free
