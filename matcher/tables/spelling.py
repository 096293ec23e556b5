"""Ids that are nearly those of another table: `1` for `0001`, `7.0` for `7`, `b7` for `B7`.

Two systems, or a spreadsheet on the way, write one id in two ways. Such a link leads nowhere, as
one to somebody who has left does, but it means somebody who is there. Ids are never joined on a
likeness: the right id is named, and a person decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.cpr import looks_like_cpr
from matcher.tables.issues import IssueCode, Severity
from matcher.tables.names import fold
from matcher.tables.sheet import Sheet
from matcher.texts import Message, joined

_FRACTION = re.compile(r"(?<=[0-9])[.,]0+$")
_SEPARATORS = re.compile(r"[_\-./‐-―]+")
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_QUOTES = "'\"`´‘’“”"
_MOST_NAMED = 3
SHARED = (
    ("household", (("citizens", "household_id"),)),
    ("employer", (("workplaces", "employer_id"), ("citizens", "last_employer"))),
    (
        "municipality",
        (
            ("mentor_pools", "municipality"),
            ("places", "municipality"),
            ("citizens", "municipality"),
        ),
    ),
)
"""Columns that link rows by holding the same id, where no table lists the ids."""


def plain_id(text: str) -> str:
    """Return what ids that differ in writing alone have in common.

    Case, full-width and composed letters, blanks, characters nobody sees, quotation marks, which
    separator stands between parts, zeros before a number and a fraction of nothing do not count;
    whether there is a separator does: ``1-12`` is not ``11-2``.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = "".join(
            letter for letter in text if unicodedata.category(letter) not in {"Cf", "Cc", "Zs"}
        )
    text = "".join(text.split()).strip(_QUOTES).casefold()
    text = _SEPARATORS.sub("-", _FRACTION.sub("", text))
    # What a name folds to keeps its separators: only letters are spelt alike here.
    return _ZEROS.sub("", "-".join(fold(part) for part in text.split("-")))


def nearly(values: Iterable[str], ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the ids that a value may stand for, by value; values that are near none are left out.

    Ids that look like CPR numbers are never named.
    """
    wanted = {value: plain_id(value) for value in values}
    plains = set(wanted.values())
    by_plain: dict[str, list[str]] = {}
    for name in sorted(ids):
        plain = plain_id(name)
        if plain in plains and not looks_like_cpr(name):
            by_plain.setdefault(plain, []).append(name)
    return {value: tuple(by_plain[plain]) for value, plain in wanted.items() if plain in by_plain}


def meant(names: tuple[str, ...]) -> Message:
    """Ask whether these were meant."""
    return Message("advice.meant", names=names[:_MOST_NAMED])


@dataclass(frozen=True)
class Doubt:
    """Rows of a table that name what is not there, so many that it is not age."""

    table: str
    field: str
    """Column as it is named in the file."""
    rows: int
    """How many."""
    near: bool
    """Whether they are near something that is there; otherwise they name nothing at all."""


def check_spellings(sheets: Mapping[str, Sheet]) -> list[Doubt]:
    """Warn of ids without a table of their own that stand in two spellings.

    The commonest spelling is taken for the right one; rows stay as they are.
    """
    doubts: list[Doubt] = []
    for what, columns in SHARED:
        there = [(sheets[table], name) for table, name in columns if _given(sheets[table])]
        cells = [sheet.frame[name].dropna() for sheet, name in there]
        if not cells:
            continue
        counts = pd.concat(cells).value_counts()
        wrong = _other_spellings({str(name): int(count) for name, count in counts.items()})
        for sheet, name in there:
            if found := _warn(sheet, name, wrong, what):
                doubts.append(found)
    return doubts


def _given(sheet: Sheet) -> bool:
    return sheet.raw is not None and not sheet.faulty


def _other_spellings(counts: Mapping[str, int]) -> dict[str, str]:
    """Return the commonest spelling by every other spelling of the same id."""
    plains: dict[str, list[str]] = {}
    for name in counts:
        plains.setdefault(plain_id(name), []).append(name)
    wrong: dict[str, str] = {}
    for names in plains.values():
        if len(names) > 1:
            best = min(names, key=lambda name: (-counts[name], name))
            wrong |= {name: best for name in names if name != best}
    return wrong


def _warn(sheet: Sheet, name: str, wrong: Mapping[str, str], what: str) -> Doubt | None:
    cells = sheet.frame[name]
    rows: npt.NDArray[np.intp] = np.flatnonzero(cells.isin(list(wrong)).to_numpy(np.bool_))
    rows = rows[~sheet.wrong[rows]]
    if not len(rows):
        return None
    values: list[Any] = cells.iloc[rows].tolist()
    sheet.mark(
        rows,
        IssueCode.SPELT_OTHERWISE,
        values,
        field_name=name,
        expected=Message(f"expected.one_spelling_{what}"),
        advice=[
            joined((meant((wrong[value],)), Message("advice.count_as_two"))) for value in values
        ],
        severity=Severity.WARNING,
    )
    return Doubt(sheet.name, sheet.headers.get(name, name), len(rows), near=True)
