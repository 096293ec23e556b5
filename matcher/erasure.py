"""A citizen erased: from the files of run folders, then from the ledger; totals stay as they were.

The document in ``run.json`` loses the citizen's rows and every file is written anew from it. Other
files lose the rows that name the citizen; where there are no rows, the file goes. Each file is
replaced in one step, so that a process killed in the middle leaves whole files, and the same call
again does the rest.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from matcher import private
from matcher.cpr import looks_like_cpr
from matcher.errors import LedgerError
from matcher.ledger import Ledger
from matcher.ledger.privacy import forget_rows, known_folders
from matcher.report import write_document
from matcher.texts import Message

REMOVED = "-"
"""What stands where an id stood in a sentence."""
_GONE = object()


@dataclass(frozen=True)
class Cleaned:
    """What was done to a folder."""

    rewritten: tuple[str, ...]
    """Files that lost rows or words."""
    removed: tuple[str, ...]
    """Files that could only be removed."""


@dataclass(frozen=True)
class Forgotten:
    """What was done to forget somebody."""

    rows: Mapping[str, int]
    """Rows of the ledger changed or deleted, by table; only those above 0."""
    inputs: int
    """Stored inputs that held the citizen: those runs can no longer be made again."""
    folders: tuple[Path, ...]
    """Run folders that named the citizen and no longer do."""
    removed: tuple[Path, ...]
    """Files that could only be removed."""
    unreachable: tuple[Path, ...]
    """Run folders the ledger knows and cannot see: deleted, moved, or on another machine."""

    @property
    def found(self) -> bool:
        """Whether anything was there."""
        return bool(self.rows or self.inputs or self.folders or self.removed)


def forget(ledger: Ledger, citizen_id: str) -> Forgotten:
    """Remove a citizen everywhere; the same again does no harm and finishes what was cut off.

    Files first, then the ledger in one transaction: as long as a file may hold the citizen, the
    ledger still knows where to look.

    Raises
    ------
    LedgerError
        A run folder cannot be written, or the id looks like a CPR number; nothing in the ledger
        was changed.
    """
    if looks_like_cpr(citizen_id):
        raise LedgerError(Message("ledger.cpr"))
    with ledger.lock():
        ledger.settle()
        folders, removed, unreachable = [], [], []
        for folder in known_folders(ledger):
            if not folder.is_dir():
                unreachable.append(folder)
                continue
            cleaned = without_citizen(folder, citizen_id)
            removed += [folder / name for name in cleaned.removed]
            if cleaned.rewritten or cleaned.removed:
                folders.append(folder)
        rows, inputs = forget_rows(ledger, citizen_id, len(folders))
    return Forgotten(rows, inputs, tuple(folders), tuple(removed), tuple(unreachable))


def without_citizen(folder: Path, citizen_id: str) -> Cleaned:
    """Take a citizen out of a run folder.

    Raises
    ------
    LedgerError
        A file cannot be read or written; the message names it.
    """
    sought = _Sought(citizen_id)
    try:
        marked = [path for path in _files(folder) if sought.is_in(path)]
        if not marked:
            return Cleaned((), ())
        rewritten: list[str] = []
        # Beside the run folder and named like a part of a run: a killed process leaves nothing.
        with tempfile.TemporaryDirectory(
            prefix=f".{folder.name[:19]}.", suffix=".partial", dir=folder.parent
        ) as made:
            fresh = Path(made)
            _write_again(folder, fresh, sought)
            for path in marked:
                name = str(path.relative_to(folder))
                if path.suffix == ".csv" and not (fresh / name).exists():
                    private.folder((fresh / name).parent)
                    _csv_without(path, fresh / name, sought)
            for path in _files(fresh):
                name = str(path.relative_to(fresh))
                if not sought.is_in(path):
                    path.replace(folder / name)
                    rewritten.append(name)
        left = [path for path in marked if sought.is_in(path)]
        for path in left:
            path.unlink()
    except OSError as error:
        raise LedgerError(
            Message(
                "ledger.still_named", path=str(error.filename or folder), reason=str(error.strerror)
            )
        ) from error
    removed = tuple(str(path.relative_to(folder)) for path in left)
    return Cleaned(tuple(sorted(set(rewritten) - set(removed))), removed)


class _Sought:
    """An id as it may stand in text, in cells and in files."""

    def __init__(self, citizen_id: str) -> None:
        self.id = citizen_id
        self._word = re.compile(rf"(?<![\w-]){re.escape(citizen_id)}(?![\w-])")
        spellings = {citizen_id, escape(citizen_id), json.dumps(citizen_id)[1:-1]}
        spellings.add(json.dumps(citizen_id, ensure_ascii=False)[1:-1])
        self._words = [re.compile(rf"(?<![\w-]){re.escape(one)}(?![\w-])") for one in spellings]

    def in_text(self, text: str) -> bool:
        return any(word.search(text) for word in self._words)

    def out_of(self, text: str) -> str:
        return self._word.sub(REMOVED, text)

    def is_in(self, path: Path) -> bool:
        """Whether a file names the citizen, packed files included."""
        content = path.read_bytes()
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                return any(
                    self.in_text(packed.read(name).decode("utf-8", "replace"))
                    for name in packed.namelist()
                )
        # What is no text at all may hold the id behind any byte.
        texts = (_decoded(content)[0], content.decode("utf-8", "replace"))
        return any(self.in_text(text) for text in texts)


def _decoded(content: bytes) -> tuple[str, str]:
    """Text of a file and its encoding: forms that a Danish Excel saved are cp1252."""
    for encoding in ("utf-8-sig", "cp1252"):
        with suppress(UnicodeDecodeError):
            return content.decode(encoding), encoding
    return content.decode("latin-1"), "latin-1"  # any bytes at all, and back the same


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _write_again(folder: Path, fresh: Path, sought: _Sought) -> None:
    """Write a run's files anew from its document without the citizen."""
    try:
        document = json.loads((folder / "run.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return
    kept = _scrubbed(document, sought)
    write_document(kept, fresh)


def _scrubbed(value: Any, sought: _Sought) -> Any:
    """Leave out rows, members and keys that are the citizen's; blank the id inside sentences."""
    if isinstance(value, Mapping):
        if sought.id in value.values():
            return _GONE
        pairs = ((name, _scrubbed(inner, sought)) for name, inner in value.items())
        return {name: inner for name, inner in pairs if name != sought.id and inner is not _GONE}
    if isinstance(value, list):
        if sought.id in value:
            value = [inner for inner in value if inner != sought.id]
        return [kept for kept in (_scrubbed(inner, sought) for inner in value) if kept is not _GONE]
    if isinstance(value, str) and sought.id in value:
        return sought.out_of(value)
    return value


def _csv_without(path: Path, fresh: Path, sought: _Sought) -> None:
    """Copy a table without the rows that name the citizen; the others stay as they were."""
    text, encoding = _decoded(path.read_bytes())
    separator = max(",;\t", key=text.partition("\n")[0].count)
    rows = [
        row
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        if not any(sought.in_text(cell) for cell in row)
    ]
    with private.opened(fresh, encoding=encoding) as file:
        csv.writer(file, delimiter=separator).writerows(rows)
