"""Forms as they come back: which cells of which rows say something, in whichever language.

Only known columns are read. Whatever else stands in the file (a column of remarks, say) is neither
kept nor shown; a CPR number anywhere in a row is enough to refuse the row.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from matcher.clock import moment_at
from matcher.errors import OptionError
from matcher.report import LANGUAGES, RISKY, Words
from matcher.tables.cpr import looks_like_cpr, mask
from matcher.tables.csvfile import read_csv
from matcher.tables.names import fold
from matcher.tables.packages import need
from matcher.tables.raw import RawColumn, RawTable, UnreadableError, cell_text, encoded

_BOOKS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
_FIELDS = {
    "run_id": "run",
    "proposal": "proposal",
    "citizen_id": "citizen",
    "opening_id": "opening",
    "verdict": "decision",
    "reason": "decision_reason",
    "opened": "opened",
    "decided": "decided",
}
"""Fields that are read, and the texts that name their columns."""
NEEDED = ("run_id", "proposal", "citizen_id", "opening_id", "verdict", "reason")
P_NUMBERS = "workplace_id"
"""The only column in which ten plain digits are no CPR number."""


@dataclass(frozen=True)
class FormRow:
    """One row of a form."""

    number: int
    """Row as the user sees it: the header is row 1."""
    cells: Mapping[str, str]
    """Text by field; what looks like a CPR number is masked."""
    has_cpr: bool = False
    """Whether anything in the row looks like a CPR number."""
    ragged: int = 0
    """Cells found, where there are too many or too few; else 0."""

    def __getitem__(self, field: str) -> str:
        """Text of a field; empty where the form has no such column."""
        return self.cells.get(field, "")


@dataclass(frozen=True)
class FormFile:
    """A form that was read."""

    path: Path
    rows: tuple[FormRow, ...]
    danish: bool
    """Whether the columns have their Danish names."""
    facts: Mapping[str, str]
    """How it was read: format, encoding, separator."""
    ignored: tuple[str, ...]
    """Columns that are not the form's, as named; what looks like a CPR number is masked."""
    created: dt.datetime | None = None
    """When the workbook was written, where it says so."""
    saved: dt.datetime | None = None
    """When the workbook was last saved, where it says so."""


def read_form(path: Path) -> FormFile:
    """Read a form.

    Parameters
    ----------
    path
        A workbook or CSV made by :func:`matcher.decisions.write_forms`, or a case system's CSV
        with the same columns; also with ``opened`` and ``decided``, moments of each decision.

    Raises
    ------
    OptionError
        It is not there, cannot be read, or is not such a form; says what was expected.
    """
    shown = mask(str(path))
    if not path.is_file():
        raise OptionError(f"{shown}: no such file; expected a workbook or CSV of decisions")
    try:
        if path.suffix.lower() in _BOOKS:
            table = _sheet(path, shown)
            created, saved = _moments(path)
        else:
            table, created, saved = read_csv(path), None, None
    except UnreadableError as error:
        raise OptionError(f"{shown}: {error.reason}. {error.advice}".rstrip()) from None
    found = _columns(table)
    if missing := [field for field in NEEDED if field not in found]:
        names = ", ".join(" / ".join(f"'{name}'" for name in _names(field)) for field in missing)
        raise OptionError(
            f"{shown}: not a form of decisions, or columns were taken out; missing: {names}.\n"
            "`jobmatch workbook RUN` writes the form; fill it and leave its columns as they are."
        )
    plain = {field: Words("en")(f"column.{text}") for field, text in _FIELDS.items()}
    danish = any(fold(found[field].header) != fold(plain[field]) for field in NEEDED)
    ours = _ours()
    ignored = tuple(
        mask(column.header) for column in table.columns if fold(column.header) not in ours
    )
    return FormFile(path, tuple(_rows(table, found)), danish, table.facts, ignored, created, saved)


@cache
def _names(field: str) -> tuple[str, ...]:
    return tuple(Words(language)(f"column.{_FIELDS[field]}") for language in LANGUAGES)


@cache
def _ours() -> frozenset[str]:
    """Folded names of every column that a form may have."""
    from matcher.report.words import texts

    names = {
        fold(entry[language].format(number=number, name=""))
        for key, entry in texts().items()
        if key.startswith("column.")
        for language in LANGUAGES
        for number in (1, 2, 3)
    }
    return frozenset(names)


def _columns(table: RawTable) -> dict[str, RawColumn]:
    known = {fold(name): field for field in _FIELDS for name in (field, *_names(field))}
    found: dict[str, RawColumn] = {}
    for column in table.columns:
        field = known.get(fold(column.header))
        if field is not None:
            found.setdefault(field, column)
    return found


def _rows(table: RawTable, found: Mapping[str, RawColumn]) -> Iterator[FormRow]:
    suspicious = np.zeros(len(table.rows), dtype=np.bool_)
    allowed = {fold(Words(language)(f"column.{P_NUMBERS}")) for language in LANGUAGES}
    for column in table.columns:
        digits = fold(column.header) in allowed
        bad = np.array(
            [looks_like_cpr(text, digits_allowed=digits) for text in column.texts], dtype=np.bool_
        )
        if bad.any():
            suspicious |= bad[column.codes]
    texts = {field: column.texts for field, column in found.items()}
    full = [
        FormRow(
            int(number),
            {
                field: mask(_unguarded(texts[field][column.codes[at]].strip()))
                for field, column in found.items()
            },
            bool(suspicious[at]),
        )
        for at, number in enumerate(table.rows)
    ]
    ragged = [FormRow(number, {}, ragged=cells) for number, cells in table.ragged]
    yield from sorted([*full, *ragged], key=lambda row: row.number)


def _unguarded(text: str) -> str:
    """Take the apostrophe off that keeps a text of the CSV from being a formula."""
    return text[1:] if text.startswith("'") and text[1:].lstrip(" ").startswith(RISKY) else text


# ------------------------------------------------------------------------------ workbooks


def _sheet(path: Path, shown: str) -> RawTable:
    """Read the sheet of a workbook that has the form's columns."""
    calamine = need("python_calamine", "excel", "Reading a workbook")
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise OptionError(
            f"{shown}: cannot be opened as a workbook ({mask(str(error))}).\n"
            "Maybe it is protected by a password, or open in another program."
        ) from None
    try:
        best: RawTable | None = None
        for name in book.sheet_names:
            table = _table(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            if table is not None and "proposal" in _columns(table):
                return table
            best = best or table
    finally:
        book.close()
    if best is None:
        raise UnreadableError("the workbook is empty", "Maybe another file was meant.")
    return best


def _table(name: str, rows: Iterable[Iterable[Any]]) -> RawTable | None:
    texts = (list(map(cell_text, row)) for row in rows)
    for number, row in enumerate(texts, start=1):
        if any(cell.strip() for cell in row):
            headers = [cell.strip() for cell in row]
            columns, numbers, ragged = encoded(texts, headers, number + 1)
            return RawTable(name, name, columns, numbers, ragged, facts={"format": "excel"})
    return None


_CORE = "docProps/core.xml"
_TERMS = "{http://purl.org/dc/terms/}"


def _moments(path: Path) -> tuple[dt.datetime | None, dt.datetime | None]:
    """When a workbook was written and last saved, as its own properties say."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(_CORE) as file:
            # Small and ours or Excel's; still, never more than a properties file needs.
            root = ElementTree.fromstring(file.read(1 << 16))
    except (OSError, KeyError, zipfile.BadZipFile, ElementTree.ParseError):
        return None, None
    return _moment(root, "created"), _moment(root, "modified")


def _moment(root: Any, name: str) -> dt.datetime | None:
    text = root.findtext(f"{_TERMS}{name}")
    return moment_of(text) if text else None


def moment_of(text: str) -> dt.datetime | None:
    """Moment of an ISO text or of ``24-11-2026[ 09:30[:15]]``; Danish time where no zone stands."""
    text = text.strip()
    for form in ("", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d-%m-%Y"):
        try:
            moment = dt.datetime.strptime(text, form) if form else dt.datetime.fromisoformat(text)
        except ValueError:
            continue
        return moment_at(moment)
    return None
