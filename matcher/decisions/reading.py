"""Forms as they come back: which cells of which rows say something, in whichever language.

Only known columns are read. Whatever else stands in the file (a column of remarks, say) is neither
kept nor shown; a CPR number anywhere in a row is enough to refuse the row.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from matcher.clock import moment_at
from matcher.cpr import looks_like_cpr, mask
from matcher.errors import OptionError
from matcher.report import LANGUAGES, RISKY, Words
from matcher.rules import Language
from matcher.tables.csvfile import read_csv
from matcher.tables.inspection import is_error_word
from matcher.tables.names import fold
from matcher.tables.raw import RawColumn, RawTable, Unread, UnreadableError, encoded
from matcher.tables.workbook import ENDINGS, SheetRows, Workbook
from matcher.texts import Message, catalogue, joined

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
_FORMERLY = {"verdict": "decision_before"}
"""Fields whose columns had another name: forms that were sent out with it are read all the same."""
NEEDED = ("run_id", "proposal", "citizen_id", "opening_id", "verdict", "reason")
P_NUMBERS = "workplace_id"
"""The only column in which ten plain digits are no CPR number."""


@dataclass(frozen=True)
class FormRow:
    """One row of a form."""

    number: int
    """Row as the user sees it: the header of a form as it was written is row 1."""
    cells: Mapping[str, str] = dataclasses.field(repr=False)
    """Text by field; what looks like a CPR number is masked. May hold free text: never shown."""
    has_cpr: bool = False
    """Whether anything in the row looks like a CPR number."""
    ragged: int = 0
    """Cells found, where there are too many or too few; else 0."""
    sheet: str = ""
    """Name of the sheet, where several sheets of the workbook are forms; else empty."""
    places: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Where each field stands: the header, and in a workbook the cell."""
    clash: str = ""
    """Field of which two columns of the row say different things; else empty."""
    unread: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """By field, what a cell holds that has no value: an error, a formula, a merge."""

    def __getitem__(self, field: str) -> str:
        """Text of a field; empty where the form has no such column."""
        return self.cells.get(field, "")

    @property
    def silent(self) -> bool:
        """Whether the row decides nothing."""
        said = self["verdict"] or self["reason"] or self.has_cpr or self.ragged or self.clash
        return not (said or {"verdict", "reason"} & set(self.unread))

    @property
    def name(self) -> str:
        """Row as people call it, with the sheet where there are several."""
        return f"{self.sheet}!{self.number}" if self.sheet else str(self.number)


@dataclass(frozen=True)
class FormFile:
    """A form that was read."""

    path: Path
    rows: tuple[FormRow, ...]
    language: Language
    """Language of the names of its columns."""
    facts: Mapping[str, str]
    """How it was read: format, encoding, separator."""
    ignored: tuple[str, ...]
    """Columns that are not the form's, as named; what looks like a CPR number is masked."""
    created: dt.datetime | None = None
    """When the workbook was written, where it says so."""
    saved: dt.datetime | None = None
    """When the workbook was last saved, where it says so."""
    sheets: tuple[str, ...] = ()
    """Sheets of a workbook that were read as forms."""
    unread: tuple[str, ...] = ()
    """Sheets of a workbook that hold something and are no form; without the form's own others."""
    doubled: tuple[str, ...] = ()
    """Columns that stand twice and were read as one, with where they stand."""
    hidden: int = 0
    """Rows that are filtered out or hidden, and were read all the same."""

    def read_as(self) -> dict[str, list[str]]:
        """Return which sheets and columns were read and which not, for people and JSON."""
        return {
            "sheets": [mask(name) for name in self.sheets],
            "unread_sheets": [mask(name) for name in self.unread],
            "doubled": list(self.doubled),
        }


@dataclass(frozen=True)
class _Part:
    """A table of a form: a CSV, or one sheet of a workbook."""

    table: RawTable
    sheet: str = ""
    hidden: int = 0

    @cached_property
    def found(self) -> dict[str, list[tuple[int, RawColumn]]]:
        """Columns by field, with their positions; more than one where a name stands twice."""
        found: dict[str, list[tuple[int, RawColumn]]] = {}
        for at, column in enumerate(self.table.columns):
            field = _fields().get(fold(column.header))
            if field is not None:
                found.setdefault(field, []).append((at, column))
        return found

    @property
    def missing(self) -> list[str]:
        """Needed fields that have no column."""
        return [field for field in NEEDED if field not in self.found]

    @property
    def whole(self) -> bool:
        """Whether it is a form."""
        return not self.missing

    @property
    def decides(self) -> bool:
        """Whether it is a form in part, and something is decided in it."""
        if "verdict" not in self.found or len(self.found) == 1:
            return False
        return any(
            text.strip()
            for field in ("verdict", "reason")
            for _, column in self.found.get(field, ())
            for text in column.texts
        )

    def place(self, field: str, row: int) -> str:
        """Where a field of a row stands, for people."""
        return " / ".join(self._place(at, column, row) for at, column in self.found[field])

    def _place(self, at: int, column: RawColumn, row: int | None) -> str:
        name = f"'{column.header}'"
        if not self.sheet:
            return name
        return f"{name} ({letters(at)}{'' if row is None else row})"

    def doubled(self) -> list[str]:
        """Fields with several columns: where these stand."""
        return [
            ", ".join(self._place(at, column, None) for at, column in columns)
            for columns in self.found.values()
            if len(columns) > 1
        ]


def read_form(path: Path) -> FormFile:
    """Read a form.

    Every sheet of a workbook that has the form's columns is read; lines above the header are
    passed over. Columns of one name (or its other language) are read as one: a row in which they
    say different things is not taken.

    Parameters
    ----------
    path
        A workbook or CSV made by :func:`matcher.decisions.write_forms`, or a case system's CSV
        with the same columns; also with ``opened`` and ``decided``, moments of each decision.

    Raises
    ------
    OptionError
        It is not there, cannot be read, or is not such a form; or a sheet holds decisions and not
        the columns that say about what. Says what was expected.
    """
    shown = mask(str(path))
    if shown != str(path) and path.is_file():  # the name of the file that comes back is made of it
        raise OptionError(Message("forms.cpr_name", file=shown))
    if not path.is_file():
        raise OptionError(Message("forms.no_file", file=shown))
    created = saved = None
    try:
        if path.suffix.lower() in ENDINGS:
            parts = _sheets(path)
            created, saved = _moments(path)
        else:
            parts = [_Part(read_csv(path))]
    except UnreadableError as error:
        told = Message("forms.unreadable", file=shown, reason=error.reason)
        raise OptionError(joined((told, error.advice))) from None
    forms = _forms(shown, parts)
    headers = {
        field: {fold(column.header) for _, column in forms[0].found[field]} for field in NEEDED
    }
    # A form with names of two languages was changed by people who speak the other one.
    language = next(
        (one for one in LANGUAGES
         if all(headers[field] <= {fold(field), *_named(field)[one]} for field in NEEDED)),
        LANGUAGES[-1],
    )  # fmt: skip
    ours = _ours()
    ignored = dict.fromkeys(
        mask(column.header)
        for part in forms
        for column in part.table.columns
        if column.header and fold(column.header) not in ours
    )
    several = len(forms) > 1
    return FormFile(
        path,
        tuple(row for part in forms for row in _rows(part, several=several)),
        language,
        forms[0].table.facts,
        tuple(ignored),
        created,
        saved,
        tuple(part.sheet for part in forms if part.sheet),
        tuple(part.sheet for part in parts if part not in forms and not _is_beside(part)),
        tuple(text for part in forms for text in part.doubled()),
        sum(part.hidden for part in forms),
    )


def _forms(shown: str, parts: Sequence[_Part]) -> list[_Part]:
    """Parts that are forms; what holds decisions and is none stops the file."""
    forms = [part for part in parts if part.whole]
    lost = [part for part in parts if not part.whole and part.decides]
    if forms and not lost:
        return forms
    nearest = lost or sorted(parts, key=lambda part: len(part.missing))[:1]
    told = []
    for part in nearest:
        names = ", ".join(
            " / ".join(f"'{name}'" for name in _names(field)) for field in part.missing
        )
        where = Message("forms.sheet", file=shown, sheet=part.sheet) if part.sheet else shown
        told.append(Message("forms.no_form", where=where, missing=names))
    raise OptionError(joined([*told, Message("forms.nothing_taken")], "\n"))


def _is_beside(part: _Part) -> bool:
    """Whether it is a sheet that goes with every form, and has nothing to fill."""
    names = ("decide.details", "sheet.backups", "decide.help")
    return part.sheet in {Words(language)(name) for language in LANGUAGES for name in names}


@cache
def _names(field: str) -> tuple[str, ...]:
    return tuple(Words(language)(f"column.{_FIELDS[field]}") for language in LANGUAGES)


@cache
def _named(field: str) -> Mapping[Language, frozenset[str]]:
    """Folded names of a field's column by language, with those it had before."""
    texts = [_FIELDS[field], *([_FORMERLY[field]] if field in _FORMERLY else [])]
    return {
        language: frozenset(fold(Words(language)(f"column.{text}")) for text in texts)
        for language in LANGUAGES
    }


@cache
def _fields() -> Mapping[str, str]:
    """Field by folded name of its column."""
    return {
        name: field
        for field in _FIELDS
        for name in frozenset({fold(field)}).union(*_named(field).values())
    }


@cache
def _ours() -> frozenset[str]:
    """Folded names of every column that a form may have."""
    names = {
        fold(text.format(number=number, name=""))
        for language in LANGUAGES
        for key, text in catalogue(language).items()
        if key.startswith("column.")
        for number in (1, 2, 3)
    }
    return frozenset(names)


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row names the decision and what else a form needs (perhaps not all of it)."""
    fields = {_fields().get(fold(cell)) for cell in cells} - {None}
    return "verdict" in fields and len(fields) > 1


def _rows(part: _Part, *, several: bool) -> Iterator[FormRow]:
    table = part.table
    sheet = mask(part.sheet) if several else ""
    suspicious = np.zeros(len(table.rows), dtype=np.bool_)
    blank = np.ones(len(table.rows), dtype=np.bool_)
    allowed = {fold(Words(language)(f"column.{P_NUMBERS}")) for language in LANGUAGES}
    for column in table.columns:
        digits = fold(column.header) in allowed
        bad = np.array(
            [looks_like_cpr(text, digits_allowed=digits) for text in column.texts], dtype=np.bool_
        )
        empty = np.array([not text.strip() for text in column.texts], dtype=np.bool_)
        if len(table.rows):
            suspicious |= bad[column.codes]
            blank &= empty[column.codes]
    full = []
    for at in np.flatnonzero(~blank).tolist():
        number = int(table.rows[at])
        cells, unread, clash = _cells(part, at)
        places = {field: part.place(field, number) for field in part.found}
        full.append(
            FormRow(
                number,
                cells,
                bool(suspicious[at]),
                sheet=sheet,
                places=places,
                clash=clash,
                unread=unread,
            )
        )
    ragged = [FormRow(number, {}, ragged=cells, sheet=sheet) for number, cells in table.ragged]
    yield from sorted([*full, *ragged], key=lambda row: row.number)


def _cells(part: _Part, at: int) -> tuple[dict[str, str], dict[str, str], str]:
    """Cells of a row by field; those without a value; the field that is said in two ways."""
    cells: dict[str, str] = {}
    unread: dict[str, str] = {}
    clash = ""
    for field, columns in part.found.items():
        texts = [column.texts[column.codes[at]] for _, column in columns]
        for text in texts:
            if isinstance(text, Unread) or is_error_word(text.strip()):
                unread.setdefault(field, text.strip())
        said = {
            fold(text): text
            for text in (_unguarded(text.strip()) for text in texts)
            if text and field not in unread
        }
        if len(said) > 1:
            clash = clash or field
        cells[field] = mask(next(iter(said.values()), ""))
    return cells, unread, clash


def _unguarded(text: str) -> str:
    """Take the apostrophe off that keeps a text of the CSV from being a formula."""
    return text[1:] if text.startswith("'") and text[1:].lstrip(" ").startswith(RISKY) else text


# ------------------------------------------------------------------------------ workbooks

HEADER_WITHIN = 20
"""Rows with something in them among which the header is looked for."""


def _sheets(path: Path) -> list[_Part]:
    """Read every sheet of a workbook that holds something."""
    with Workbook(path) as book:
        found = [_part(book.sheet(name)) for name in book.names]
    parts = [part for part in found if part is not None]
    if not parts:
        raise UnreadableError(Message("forms.empty_book"), Message("forms.other_file"))
    return parts


def _part(sheet: SheetRows) -> _Part | None:
    filled = [at for at, row in enumerate(sheet.rows) if any(cell.strip() for cell in row)]
    if not filled:
        return None
    first = next((at for at in filled[:HEADER_WITHIN] if is_header(sheet.rows[at])), filled[0])
    headers = [cell.strip() for cell in sheet.rows[first]]
    columns, numbers, ragged = encoded(sheet.rows[first + 1 :], headers, first + 2)
    table = RawTable(sheet.name, sheet.name, columns, numbers, ragged, facts={"format": "excel"})
    return _Part(table, sheet.name, sum(1 for row in sheet.hidden if row > first + 1))


def letters(position: int) -> str:
    """Letters by which a spreadsheet calls a column, from its position (0: A)."""
    name = ""
    number = position + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


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
