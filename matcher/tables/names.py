"""Which table, column or coded value a name means: English or Danish, however it is written.

Names are compared folded: case, blanks, underscores, hyphens and stops do not count, and ``æøå``
equal ``ae oe aa``. So ``Borger-ID``, ``borger_id`` and ``BORGER ID`` are one name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from matcher.policy import Policy, measures_of_all_days
from matcher.records import HEALTH_CODES, PAPERS, TABLES, Choice, careful_fields, danish_name
from matcher.texts import catalogue
from matcher.unknown import ASSUMABLE

_SPELLING = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe"})
_IGNORED = re.compile(r"[\s_\-./]+")

Vocabulary = Mapping[str, str]
"""Folded name -> code."""


@lru_cache(maxsize=65536)
def fold(name: str) -> str:
    """Bring a name to the form in which names are compared."""
    plain = unicodedata.normalize("NFC", name).lower().translate(_SPELLING)
    return _IGNORED.sub("", plain)


@lru_cache(maxsize=1)
def _tables() -> Vocabulary:
    return {fold(name): table.name for table in TABLES.values() for name in _both(table.name)}


def _both(table: str) -> tuple[str, str]:
    return TABLES[table].name, TABLES[table].danish


def table_named(name: str) -> str | None:
    """English name of the table that ``name`` means; None when it is not a table."""
    return _tables().get(fold(name))


@lru_cache(maxsize=64)
def _columns(table: str) -> Vocabulary:
    record = TABLES[table].record
    return {
        fold(name): field
        for field in record.model_fields
        for name in (field, danish_name(record, field))
    }


def column_named(table: str, name: str) -> str | None:
    """Return the field that a column name means in a table; None when it is not a column."""
    return _columns(table).get(fold(name))


def choices(choice: type[Choice]) -> Vocabulary:
    """Accept the English codes and Danish words of a coded value."""
    return _vocabulary((member.value, (member.danish,)) for member in choice)


def papers() -> Vocabulary:
    """Accept the codes of the papers and their English and Danish names."""
    return _vocabulary(PAPERS.items())


def health_codes() -> Vocabulary:
    """Accept the graded health codes, in any case, and their English and Danish names."""
    return _vocabulary(HEALTH_CODES.items())


def careful_columns(table: str) -> Vocabulary:
    """Accept the columns of which nothing may be known, by English and Danish name."""
    record = TABLES[table].record
    return _vocabulary((name, (danish_name(record, name),)) for name in careful_fields(record))


@lru_cache(maxsize=1)
def assumable() -> Vocabulary:
    """Accept the columns that may be assumed of an opening, by English and Danish name."""
    return _vocabulary(
        (column, (danish_name(TABLES[name].record, column),)) for column, name in ASSUMABLE.items()
    )


def forbid_reasons(policy: Policy) -> Vocabulary:
    """Accept the policy's reasons of rejection by code and by English and Danish name."""
    return _vocabulary(
        (code, (reason.english, reason.danish))
        for code, reason in policy.forbid_reasons.codes.items()
    )


def measures(policy: Policy) -> tuple[Vocabulary, frozenset[str]]:
    """Accept measures by id and by English and Danish name; tell which are not in force.

    Returns
    -------
    tuple
        The vocabulary, and the ids that are known but not in force on the policy's day.
    """
    later = {code: names for code, names in _all_measures() if code not in policy.measures}
    now = {code: _measure_names(item.model_dump()) for code, item in policy.measures.items()}
    return _vocabulary([*later.items(), *now.items()]), frozenset(later)


def _measure_names(measure: Mapping[str, Any]) -> tuple[str, ...]:
    """Every name a measure goes by, whatever the hours."""
    keys = ("english", "danish", "english_full", "danish_full", "english_part", "danish_part")
    return tuple(filter(None, (*(measure.get(key, "") for key in keys), *measure.get("also", ()))))


@lru_cache(maxsize=64)
def words_of(table: str, column: str) -> Vocabulary:
    """Words of a column whose list is not in its record, whatever the day; empty: it has none."""
    if (table, column) == ("citizens", "must_limits"):
        return health_codes()
    if (table, column) in {("openings", "papers"), ("courses", "paper")}:
        return papers()
    if column in {"measure", "measures"}:
        return _vocabulary(_all_measures())
    return {}


@lru_cache(maxsize=1)
def danish_words() -> Mapping[str, str]:
    """Danish names of measures and papers by code, those that a list of words can hold."""
    names = {code: catalogue("da")[f"paper.{code}"] for code in PAPERS}
    names |= {code: periods[-1]["danish"] for code, periods in measures_of_all_days().items()}
    return {code: name for code, name in names.items() if not re.search("[,;]", name)}


@lru_cache(maxsize=1)
def _all_measures() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Every measure the built-in policy has ever had, whatever the day."""
    return tuple(
        (code, tuple(name for period in periods for name in _measure_names(period)))
        for code, periods in measures_of_all_days().items()
    )


def _vocabulary(entries: Iterable[tuple[str, Iterable[str]]]) -> Vocabulary:
    """Fold codes and names; a code always wins over another code's name."""
    listed = [(code, tuple(names)) for code, names in entries]
    folded = {fold(name): code for code, names in listed for name in names}
    folded.update({fold(code): code for code, _ in listed})
    return folded
