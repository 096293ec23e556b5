"""Files and folders that are their owner's alone.

Everything that is written may hold persons, so it is all made here: files with mode 0600, folders
with 0700, whatever the process's umask. A folder that was there before is left as it is; what is
put into it is private. Tests hold that no other room opens a file for writing by itself.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

FILE_MODE = 0o600
FOLDER_MODE = 0o700


def folder(path: Path) -> Path:
    """Make a folder and those above it that are missing; return it.

    Raises
    ------
    OSError
        It cannot be made, or it is a file.
    """
    missing: list[Path] = []
    for part in (path, *path.parents):
        if part.exists():
            break
        missing.append(part)
    for part in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another process was first
            os.mkdir(part, FOLDER_MODE)  # noqa: PTH102 - Path.mkdir is for no other room either
            os.chmod(part, FOLDER_MODE)  # noqa: PTH101 - a umask may have taken bits we need
    if not path.is_dir():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    return path


def descriptor(path: Path | str, flags: int) -> int:
    """Open a file by ``os.open``; if it is made, or may be changed, it is private."""
    opened = os.open(path, flags, FILE_MODE)
    if hasattr(os, "fchmod"):
        with contextlib.suppress(PermissionError):  # not ours: its owner sees its mode
            os.fchmod(opened, FILE_MODE)
    return opened


def narrow(path: Path) -> None:
    """Let nobody but the owner read a file that is there, whoever copied it here."""
    with contextlib.suppress(OSError):  # not ours to change: its owner sees its mode
        path.chmod(FILE_MODE)


@contextmanager
def opened(
    path: Path,
    mode: str = "w",
    *,
    encoding: str = "utf-8",
    newline: str | None = "",
    errors: str = "strict",
) -> Iterator[IO[str]]:
    """Open a text file for writing (``w``), or only if it is new (``x``).

    Raises
    ------
    OSError
        It cannot be written to.
    """
    with open(
        path, mode, encoding=encoding, newline=newline, errors=errors, opener=descriptor
    ) as file:
        yield file


@contextmanager
def opened_bytes(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to write bytes into, piece by piece.

    Raises
    ------
    OSError
        It cannot be written to.
    """
    with open(path, "wb", opener=descriptor) as file:
        yield file


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text with plain line ends."""
    with opened(path, newline="\n") as file:
        file.write(text)


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes."""
    with open(path, "wb", opener=descriptor) as file:
        file.write(content)


def empty(path: Path) -> str:
    """Make an empty file for a library that writes by name into what is there; return the name."""
    write_bytes(path, b"")
    return str(path)
