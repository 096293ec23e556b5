"""One column of theirs held against one of ours: unit, part, values, and how sure it is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from matcher.cpr import looks_like_cpr, positions
from matcher.policy import Policy
from matcher.policy.practice import Proposing
from matcher.records import TABLES
from matcher.tables.cells import ReadColumn
from matcher.tables.mapping.apply import made_column, pieces_of
from matcher.tables.mapping.likeness import (
    is_private,
    like_column,
    meant_by,
    named_units,
    says_no_more,
    vocabulary_of,
)
from matcher.tables.mapping.record import ColumnMap, folded
from matcher.tables.mapping.units import DATE, counted_in, units_for
from matcher.tables.nothing import nothing
from matcher.tables.raw import RawColumn, RawTable, Unread
from matcher.tables.writing import how_written

MOST_TEXTS = 400
"""Distinct texts of a column that are looked at, the most frequent ones."""
_P_NUMBER = re.compile(r"10\d{8}")
_POSTCODE, _CODE = r"^\d{4}(?=\D|$)", r"^\d{2,6}(?=\D|$)"
_CHOSEN = 0.6
"""Sureness of a column that its values alone tell."""
_LESS = 0.05
"""How much below sure a column is whose unit has two readings."""
_MOST_VALUES = 0.9
"""Share of values from which on they tell what the column is."""
_STEPS = 3
"""Highest step of the scales of limits and demands."""
_LONGEST = 40
"""Characters of a value that may be listed."""


@dataclass(frozen=True)
class Looked:
    """A column of theirs, as far as it was looked at."""

    column: RawColumn
    counts: npt.NDArray[np.int64]
    """Rows by text."""
    barred: bool
    """Whether it holds what looks like CPR numbers."""

    @property
    def header(self) -> str:
        """Their name of it."""
        return self.column.header

    @property
    def filled(self) -> int:
        """Rows that say something."""
        return int(
            sum(
                count
                for text, count in zip(self.column.texts, self.counts.tolist(), strict=True)
                if text.strip()
            )
        )


@dataclass(frozen=True)
class ColumnMatch:
    """What a column of theirs is as a column of ours."""

    sure: float
    """0-1."""
    map: ColumnMap
    accepted: frozenset[str] = frozenset()
    """Texts of theirs that are read."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Values of theirs, as they are written, and ours."""
    open: tuple[str, ...] = ()
    """Texts of theirs that nobody knows the meaning of."""


def looked_at(column: RawColumn) -> Looked:
    """Count a column's texts and find out whether they look like CPR numbers."""
    counts = np.bincount(column.codes, minlength=len(column.texts))
    texts = [text.strip() for text in column.texts]
    some = [text for text, count in zip(texts, counts.tolist(), strict=True) if text and count]
    p_numbers = bool(some) and all(_P_NUMBER.fullmatch(text) for text in some)
    return Looked(column, counts, not p_numbers and bool(positions(some)))


@dataclass
class Judge:
    """Says how well columns of theirs are columns of ours."""

    policy: Policy
    today: dt.date
    settings: Proposing
    _known: dict[tuple[str, str], ColumnMatch] = field(default_factory=dict)

    def fit(
        self, table: str, column: ReadColumn, raw: RawTable, place: int, theirs: Looked
    ) -> ColumnMatch:
        """Hold one column of theirs against one of ours."""
        if looks_like_cpr(theirs.header):
            return ColumnMatch(0.0, ColumnMap(""))
        named = like_column(table, column.name, theirs.header)
        if theirs.barred:
            if not (column.is_key and column.name == "citizen_id"):
                return ColumnMatch(0.0, ColumnMap(theirs.header))
            return ColumnMatch(max(named, _CHOSEN), ColumnMap(theirs.header, hashed="cpr"))
        if named < self.settings.possible_percent / 100:
            if column.kind != "choice":
                return ColumnMatch(0.0, ColumnMap(theirs.header))
            named = 0.0
        return self._best(table, column, raw, place, theirs, named)

    def _best(
        self,
        table: str,
        column: ReadColumn,
        raw: RawTable,
        place: int,
        theirs: Looked,
        named: float,
    ) -> ColumnMatch:
        best = ColumnMatch(-1.0, ColumnMap(theirs.header))
        for one in self._ways(table, column, theirs):
            found = self._tried(table, column, raw, place, theirs, one)
            if found.sure > best.sure:
                best = found
        share = best.sure
        if not named:
            told = share >= _MOST_VALUES and len(best.accepted) > 1
            sure = _CHOSEN * share if told else 0.0
        elif not theirs.filled:
            sure = named * 0.9  # an empty column says nothing against its name
        else:
            sure = named * (0.5 + 0.5 * share)
        if self._two_units(table, column, theirs):
            sure = min(sure, self.settings.sure_percent / 100 - _LESS)
        return replace(best, sure=sure)

    @staticmethod
    def _two_units(table: str, column: ReadColumn, theirs: Looked) -> bool:
        """Whether the header names what may be a unit or another word."""
        counted, named = counted_in(table, column), named_units(theirs.header)
        perhaps = {unit for unit in named if unit.startswith("perhaps_")}
        if not perhaps or counted in named or column.name.endswith("_min"):
            return False
        return any(f"perhaps_{unit}" in perhaps for unit in units_for(table, column))

    def _ways(self, table: str, column: ReadColumn, theirs: Looked) -> list[ColumnMap]:
        """Ways to read it: as it stands first, in the unit that its header names, in others."""
        header, counted = theirs.header, counted_in(table, column)
        ways = [ColumnMap(header)]
        named = named_units(header)
        if counted:
            for unit in units_for(table, column):
                kind = unit.partition(" ")[0]
                if kind == "percent":
                    unit = f"percent of {self.policy.duty_week.hours:g}"
                one = ColumnMap(header, unit=unit)
                if unit == DATE:
                    ways.append(one)
                elif kind in named and counted not in named:
                    ways.insert(0, one)
                elif f"perhaps_{kind}" in named and counted not in named:
                    ways.append(one)
        if column.name.endswith("postcode"):
            ways.append(ColumnMap(header, part=_POSTCODE))
        if column.name in {"isco", "experience", "wishes", "refusals"}:
            ways.append(ColumnMap(header, part=_CODE))
        return ways

    def _tried(
        self,
        table: str,
        column: ReadColumn,
        raw: RawTable,
        place: int,
        theirs: Looked,
        one: ColumnMap,
    ) -> ColumnMatch:
        """Read the column in one way; ``sure`` is the share of rows that it reads."""
        order = np.argsort(-theirs.counts, kind="stable")[:MOST_TEXTS]
        texts = tuple(theirs.column.texts[at] for at in order.tolist())
        counts = theirs.counts[order].tolist()
        sample = RawColumn(theirs.header, texts, np.arange(len(texts), dtype=np.int32))
        # Only this column, so that nothing else is read with it.
        small = RawTable(raw.name, raw.source, (sample,), np.arange(len(texts)),
                         serial_zero=raw.serial_zero, facts=raw.facts)  # fmt: skip
        made = made_column(table, column, one, small, None, self.today)
        refused = self._refused(column, made, raw)
        known = vocabulary_of(table, column)
        values: dict[str, str] = {}
        open_: list[str] = []
        for at in sorted(refused):
            theirs_say = texts[at].strip()
            translated = _translated(theirs_say, column, known) if known else {}
            if translated:
                values |= translated
                refused.discard(at)
            elif not isinstance(texts[at], Unread):
                open_.append(theirs_say)
        rows = read = 0
        for at, (text, count) in enumerate(zip(texts, counts, strict=True)):
            if text.strip() and nothing(text) != "null":
                rows += count
                read += count * (at not in refused)
        accepted = frozenset(
            text.strip() for at, text in enumerate(texts) if at not in refused and text.strip()
        )
        by_fold = {folded(text): code for text, code in values.items()}
        whole = ColumnMap(one.source, by_fold, one.unit, one.part)
        return ColumnMatch(read / rows if rows else 0.0, whole, accepted, values, tuple(open_))

    @staticmethod
    def _refused(column: ReadColumn, made: RawColumn, raw: RawTable) -> set[int]:
        texts = [text if isinstance(text, Unread) else text.strip() for text in made.texts]
        unread = {at for at, text in enumerate(texts) if isinstance(text, Unread)}
        plain = ["" if at in unread else text for at, text in enumerate(texts)]
        written = how_written({column.name: (column, plain)}, raw.facts.get("separator", ""))
        cells = column.convert(plain, serial_zero=raw.serial_zero, written=written[column.name])
        noted = {at for at, note in cells.notes.items() if note.code.value == "not_allowed"}
        return {at for at in (*cells.faults, *unread, *noted) if texts[at]}

    def written_out(self, table: str, theirs: Looked, fit: ColumnMatch) -> dict[str, str]:
        """Return values that may be written with what they mean in ours."""
        some = {text: fit.values[text] for text in sorted(fit.values)}
        return dict(list(self._may(table, theirs, some).items())[: self.settings.values_listed])

    def asked_out(self, table: str, theirs: Looked, fit: ColumnMatch) -> tuple[str, ...]:
        """Return values that may be written though nobody knows what they mean."""
        if is_private(theirs.header) or len(fit.open) > self.settings.values_listed:
            return ()
        return tuple(self._may(table, theirs, dict.fromkeys(fit.open, "")))

    def _may(self, table: str, theirs: Looked, some: Mapping[str, str]) -> dict[str, str]:
        """Leave out what may be somebody's words about a person.

        In a table of persons a value counts that is made of words of the trade and numbers alone,
        or that several rows say.
        """
        if theirs.barred or not some:
            return {}
        persons = "citizen_id" in TABLES[table].record.model_fields
        rows: dict[str, int] = {}
        for text, count in zip(theirs.column.texts, theirs.counts.tolist(), strict=True):
            for piece in {text.strip(), *pieces_of(text)}:
                rows[piece] = rows.get(piece, 0) + count
        return {
            text: code
            for text, code in some.items()
            if len(text) <= _LONGEST
            and not looks_like_cpr(text)
            and (not persons or rows.get(text, 0) > 1 or says_no_more(text))
        }

    def scale(self, column: ReadColumn, fit: ColumnMatch) -> bool:
        """Whether the numbers are steps of a scale, whose direction no cell tells."""
        steps = column.levels or column.limit("le") == _STEPS
        return (
            bool(steps)
            and column.kind == "whole"
            and column.protects is not None
            and any(text.isdecimal() for text in fit.accepted)
        )

    def examples(
        self, table: str, column: ReadColumn, theirs: Looked, fit: ColumnMatch
    ) -> tuple[str, ...]:
        """Return examples that may be shown: never of ids, free text or register numbers."""
        free = column.is_key or (column.kind == "text" and not column.pattern)
        if theirs.barred or free or is_private(theirs.header) or fit.map.unit == DATE:
            return ()
        order = np.argsort(-theirs.counts, kind="stable").tolist()
        texts = [theirs.column.texts[at].strip() for at in order]
        # What reads as a code by itself says nothing else; the rest is somebody's words.
        plain = {text for text in fit.accepted if text not in fit.values}
        if column.kind == "words":
            plain = {text for text in plain if not set(pieces_of(text)) & set(fit.values)}
        may = plain | set(self.written_out(table, theirs, fit))
        shown = [text for text in texts if text in may and len(text) <= _LONGEST]
        return tuple(shown[: self.settings.examples])


def _translated(text: str, column: ReadColumn, known: Mapping[str, str]) -> dict[str, str]:
    """Return what a value, or each entry of a list, means; empty where one of them is not known."""
    if column.kind != "words":
        whole = meant_by(text, known)
        return {text: whole} if whole else {}
    found = {one: meant_by(one, known) for one in pieces_of(text) if one}
    return found if found and all(found.values()) else {}
