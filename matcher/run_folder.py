"""Run folders: whole or not there, and what killed runs left behind is cleaned away.

A folder is written under a hidden name that ends in ``.partial``, flushed, and renamed. With a
ledger there is a step between, ``.whole``: all is written, the ledger has the next word, and
:meth:`matcher.ledger.Ledger.settle` gives it its name, even if this process is killed first.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from matcher import private
from matcher.errors import OptionError
from matcher.ledger import Ledger
from matcher.ledger.lock import folder_lock as folder_lock
from matcher.ledger.run_folders import free_path
from matcher.texts import Message

_HIDDEN = re.compile(r"\.\d{4}-\d\d-\d\d-[0-9a-f]{8}\.\w+\.(?:partial|([0-9a-f]{8})\.whole)")


@dataclass
class Folder:
    """A run folder while it is written."""

    hidden: Path
    """Where it lies until it is whole."""
    final: Path
    """What it will be called; another where that has been taken when it is renamed."""


@contextmanager
def whole_folder(out: Path, name: str) -> Iterator[Folder]:
    """Give a hidden folder to write into and the name it will have; rename it at the end.

    A finished run is never overwritten: a second one of that name gets a number. On an error the
    hidden folder is removed; if the body has renamed it, it is the body's business.

    Raises
    ------
    OptionError
        ``out`` cannot be written.
    """
    with contextlib.ExitStack() as stack:
        try:
            private.folder(out)
            # Nobody cleans in the moment between making and locking.
            with folder_lock(out, wait=True):
                hidden = Path(tempfile.mkdtemp(prefix=f".{name}.", suffix=".partial", dir=out))
                stack.enter_context(folder_lock(hidden))
        except OSError as error:
            raise OptionError(
                Message("option.out_unwritten", folder=str(out), reason=str(error.strerror))
            ) from None
        try:
            folder = Folder(hidden, free_path(out / name))
            yield folder
            if hidden.exists():
                flush(hidden)
                with folder_lock(out, wait=True):  # nobody takes the name in between
                    folder.final = free_path(out / name)
                    hidden.rename(folder.final)
                _flush_one(out)
        except OSError as error:
            shutil.rmtree(hidden, ignore_errors=True)
            raise OptionError(
                Message("option.run_unwritten", folder=str(out), reason=str(error.strerror))
            ) from error
        except BaseException:
            shutil.rmtree(hidden, ignore_errors=True)
            raise


def finished(hidden: Path, ledger: Ledger) -> Path:
    """Say of a hidden folder that all is written: only this ledger may name or remove it now."""
    flush(hidden)
    whole = hidden.with_name(f"{hidden.name.removesuffix('.partial')}.{_mark(ledger)}.whole")
    hidden.rename(whole)
    return whole


def clean(out: Path, ledger: Ledger | None) -> tuple[Path, ...]:
    """Remove what killed runs left in a folder; return what was removed.

    Only hidden folders of our own naming, that no living process holds, and that no stored run
    waits for. Where the system cannot lock folders, nothing is removed.
    """
    if not out.is_dir():
        return ()
    waiting = ledger.waiting_folders() if ledger is not None else frozenset()
    removed = []
    with contextlib.suppress(OSError), folder_lock(out, wait=True) as can_lock:
        for path in sorted(out.glob(".*")) if can_lock else ():
            found = _HIDDEN.fullmatch(path.name)
            if found is None or path.is_symlink() or not path.is_dir():
                continue
            if found[1] is not None and (
                ledger is None or found[1] != _mark(ledger) or path.resolve() in waiting
            ):
                continue
            with contextlib.suppress(OSError), folder_lock(path) as free:
                if free:
                    shutil.rmtree(path)
                    removed.append(path)
    return tuple(removed)


def flush(folder: Path) -> None:
    """Make sure the bytes are on the disk before the folder gets its name."""
    for path in folder.rglob("*"):
        _flush_one(path)
    _flush_one(folder)


def _flush_one(path: Path) -> None:
    if path.is_dir() and os.name != "posix":
        return  # folders cannot be opened there
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _mark(ledger: Ledger) -> str:
    """Eight digits that tell ledgers apart in a name."""
    where = ledger.address if ledger.file is None else str(ledger.file.resolve())
    return hashlib.blake2b(where.encode(), digest_size=4).hexdigest()
