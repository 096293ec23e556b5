"""Rows that were not taken, back to whoever sent them: a form of its own beside the form."""

from __future__ import annotations

import csv
from contextlib import suppress
from pathlib import Path

from matcher import private
from matcher.decisions.form import ENCODING
from matcher.decisions.reading import FormFile
from matcher.decisions.taken import Taken
from matcher.errors import OptionError
from matcher.report import Words, csv_cell
from matcher.texts import Message

_BACK: tuple[tuple[str, str], ...] = (
    ("citizen", "citizen_id"),
    ("decision", "verdict"),
    ("decision_reason", "reason"),
    ("opening", "opening_id"),
    ("opened", "opened"),
    ("decided", "decided"),
    ("run", "run_id"),
    ("proposal", "proposal"),
)
"""Columns of the file that comes back: texts and fields."""


def rejected_path(path: Path) -> Path:
    """Name of the file of rows not taken, beside the form."""
    return path.with_name(f"{path.stem}.rejected_rows.csv")


def write_rejected(taken: Taken, form: FormFile, words: Words) -> Path | None:
    """Write the rows that were not taken, with reasons, so that they can be put right.

    It can be handed in itself once it is corrected. Cells whose content is not known already (free
    text, say) are left empty and named; a row with a CPR number keeps nothing but its number.
    Without such rows an older file of the name is taken away.

    Raises
    ------
    OptionError
        The folder cannot be written to.
    """
    path = rejected_path(form.path)
    partial = path.with_name(f".{path.name}.partial")
    try:
        if not taken.bad:
            if path.exists():  # a read-only disk refuses to delete even what is not there
                path.unlink()
            return None
        heads = [words("column.problem"), words("column.row")]
        heads += [words(f"column.{text}") for text, _ in _BACK]
        with private.opened(partial, encoding=ENCODING, errors="replace") as file:
            writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
            writer.writerow(heads)
            for bad in taken.bad:
                cells: list[str | int] = [bad.sentence(words), bad.row.name]
                cells += [bad.shown.get(name, "") for _, name in _BACK]
                writer.writerow([csv_cell(cell, words) for cell in cells])
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise OptionError(
            Message("forms.not_beside", path=str(path), reason=str(error.strerror))
        ) from None
    return path
