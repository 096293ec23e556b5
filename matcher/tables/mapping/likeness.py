"""How like a header of theirs is to a column of ours, and what a value of theirs means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from matcher.records import TABLES, danish_name
from matcher.tables.cells import ReadColumn
from matcher.tables.columns import columns_of
from matcher.tables.mapping.words import bare, parts, words
from matcher.tables.names import danish_words

_OWN, _SYNONYM, _LIKE = 1.0, 0.95, 0.85
"""How sure a header is: our own name, one that case systems use, one that is like these."""
_WITHIN = 0.6
"""Least sureness of a header that holds a name of ours among other words."""
_NEAR, _NEAR_VALUE = 0.75, 0.8
"""Share of equal pairs of letters from which on names, or values, are alike."""
_NOT = frozenset({"ikke", "ej", "uden", "ingen", "not", "no", "without", "nej", "mangler"})
_CODE = 6
"""Most digits of a code; more may be a number of somebody."""
_SHORTEST = 3
"""Letters of a word that counts within a longer text; codes of digits count from one on."""


@lru_cache(maxsize=4096)
def pairs(name: str) -> frozenset[str]:
    """Pairs of neighbouring letters."""
    return frozenset(name[at : at + 2] for at in range(len(name) - 1))


def alike(one: str, other: str, least: float) -> float:
    """Share of equal pairs of letters (Dice); 0 where it is below ``least``."""
    if 2 * min(len(one), len(other)) < least * (len(one) + len(other)) * 0.8:
        return 0.0  # so different in length that it cannot be
    first, second = pairs(one), pairs(other)
    both = len(first) + len(second)
    share = 2 * len(first & second) / both if both else 0.0
    return share if share >= least else 0.0


@lru_cache(maxsize=1024)
def _names(table: str, column: str) -> tuple[tuple[str, tuple[str, ...], float], ...]:
    """Names of a column, their words, and how sure each is."""
    own = (column, danish_name(TABLES[table].record, column))
    synonyms = words().columns.get(table, {}).get(column, ())
    return tuple(
        (bare(name), parts(name), sure)
        for names, sure in ((own, _OWN), (synonyms, _SYNONYM))
        for name in names
    )


@lru_cache(maxsize=65536)
def like_column(table: str, column: str, header: str) -> float:
    """How sure a header names a column of ours, 0-1."""
    plain, said = bare(header), parts(header)
    if not plain:
        return 0.0
    best = 0.0
    for known, its, sure in _names(table, column):
        if plain == known:
            best = max(best, sure)
        elif _within(its, said):
            best = max(best, min(_WITHIN + 0.35 * len(known) / len(plain), _LIKE))
        elif share := alike(plain, known, _NEAR):
            best = max(best, _LIKE * share)
    return best


def like_table(table: str, name: str) -> float:
    """How sure the name of a file or sheet names a table of ours, 0-1."""
    plain, said = bare(name), parts(name)
    best = 0.0
    for word in (table, TABLES[table].danish, *words().tables.get(table, ())):
        if bare(word) == plain:
            best = max(best, 1.0)
        elif _within(parts(word), said):
            best = max(best, _WITHIN + 0.4 * len(bare(word)) / max(len(plain), 1))
        elif share := alike(plain, bare(word), _NEAR):
            best = max(best, _LIKE * share)
    return best


def _within(some: Sequence[str], said: Sequence[str]) -> bool:
    """Whether words stand one after the other among others."""
    length = len(some)
    if not length:
        return False
    return any(tuple(said[at : at + length]) == tuple(some) for at in range(len(said) - length + 1))


def named_units(header: str) -> tuple[str, ...]:
    """Units that a header names."""
    said = set(parts(header))
    return tuple(
        unit
        for unit, names in words().units.items()
        if said & {part for name in names for part in parts(name)}
    )


def is_private(header: str) -> bool:
    """Whether cells under a header are never shown."""
    said = parts(header)
    return any(_within(parts(word), said) for word in words().private) or any(
        bare(word) in said for word in words().private
    )


# ------------------------------------------------------------------------------ values


def vocabulary_of(table: str, column: ReadColumn) -> Mapping[str, str]:
    """Words of theirs for the values of a column, by letters and digits alone."""
    known: dict[str, str] = {}
    kind = words().kinds.get(f"{table}.{column.name}", "")
    if column.kind == "yes_no":
        kind = "yes_no"
    for code, names in words().values.get(kind, {}).items():
        known.update({bare(name): code for name in names})
    if column.vocabulary is not None:
        known.update({bare(word): code for word, code in column.vocabulary.items()})
        known.update({bare(code): code for code in column.vocabulary.values()})
        for member in column.inner if column.kind == "choice" else ():
            known[bare(member.danish)] = member.value
    return known


def meant_by(text: str, known: Mapping[str, str]) -> str:
    """Value of ours that a text of theirs means; empty: nobody knows.

    A text means a word that it is, that it holds as a whole, or that it is spelt nearly as; one
    that denies something means it only where the word denies it as well.
    """
    plain, said = bare(text), parts(text)
    if plain in known:
        return known[plain]
    denied = _NOT & set(said)
    runs = {
        "".join(said[first:last]): known["".join(said[first:last])]
        for first in range(len(said))
        for last in range(first + 1, len(said) + 1)
        if "".join(said[first:last]) in known
    }
    runs = {
        word: code
        for word, code in runs.items()
        if (len(word) >= _SHORTEST or (word.isdigit() and len(word) > 1))
        and all(sign in word for sign in denied)
    }
    if runs:
        longest = max(map(len, runs))
        return _only(code for word, code in runs.items() if len(word) == longest)
    if denied:
        return ""
    near = {code for word, code in known.items() if alike(plain, word, _NEAR_VALUE)}
    return _only(near)


@lru_cache(maxsize=1)
def _trade() -> frozenset[str]:
    """Words of the names that columns, values and measures have."""
    known = words()
    names = [name for some in known.tables.values() for name in some]
    names += [name for one in known.columns.values() for some in one.values() for name in some]
    names += [name for one in known.values.values() for some in one.values() for name in some]
    for table in TABLES.values():
        names += [danish_name(table.record, field) for field in table.record.model_fields]
        for column in columns_of(table, None).values():
            names += column.vocabulary or ()
            names += [one.danish for one in column.inner] if column.kind == "choice" else []
    names += danish_words().values()
    return frozenset(part for name in names for part in parts(name))


def says_no_more(text: str) -> bool:
    """Whether a text is made of words of the trade and of codes alone: nothing of a person."""
    said = parts(text)
    digits = sum(len(part) for part in said if part.isdigit())
    return digits <= _CODE and all(part.isdigit() or part in _trade() for part in said)


def _only(codes: Iterable[str]) -> str:
    some = set(codes)
    return some.pop() if len(some) == 1 else ""
