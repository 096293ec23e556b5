"""A folder that is whole, or as it was: whenever the process that writes it is killed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from matcher import private
from matcher.run_folder import flush, folder_lock


@contextmanager
def whole_folder(folder: Path, last: str) -> Iterator[Path]:
    """Give a hidden folder to write into; at the end all of it comes at once.

    A folder that is not there yet gets its name by renaming. Into one that is there the files are
    moved one by one: its ``last`` goes first and comes back last, so that what looks finished is.
    What a killed process left hidden is removed, unless a living one writes there.

    Parameters
    ----------
    folder
        Where the files are to be; may hold others, which stay.
    last
        Name of the file that people open.
    """
    there = folder.is_dir()
    at = folder if there else folder.absolute().parent
    private.folder(at)
    prefix = f".{folder.absolute().name}."
    for left in at.glob(f"{prefix}*.partial"):
        with folder_lock(left) as free:
            if free:
                shutil.rmtree(left, ignore_errors=True)
    hidden = Path(tempfile.mkdtemp(prefix=prefix, suffix=".partial", dir=at))
    try:
        with folder_lock(hidden):
            yield hidden
            flush(hidden)
            if there or not _renamed(hidden, folder):
                _moved(hidden, folder, last)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def _renamed(hidden: Path, folder: Path) -> bool:
    try:
        hidden.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        return False  # Another process was first.
    return True


def _moved(hidden: Path, folder: Path, last: str) -> None:
    (folder / last).unlink(missing_ok=True)
    for path in sorted(hidden.iterdir(), key=lambda path: path.name == last):
        path.replace(folder / path.name)
