"""What Danish case systems call things: synonyms of tables, columns and values, as data."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

_SPELLING = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe"})


@dataclass(frozen=True)
class Synonyms:
    """The data file ``synonyms.toml``."""

    tables: Mapping[str, Sequence[str]]
    """By table of ours."""
    columns: Mapping[str, Mapping[str, Sequence[str]]]
    """By table and column of ours."""
    values: Mapping[str, Mapping[str, Sequence[str]]]
    """By kind of value and value of ours."""
    kinds: Mapping[str, str]
    """Kind of value by ``table.column``, where columns share their words."""
    counts: Mapping[str, str]
    """What whole columns count, by ``table.column``."""
    factors: Mapping[str, Mapping[str, str]]
    """One of their unit in ours, by what ours counts."""
    units: Mapping[str, Sequence[str]]
    """Words of a header that name a unit."""
    closed: Mapping[str, Sequence[str]]
    """Headers and values of rows that are left out."""
    private: Sequence[str]
    """Words of headers whose cells are never shown."""


@lru_cache(maxsize=1)
def words() -> Synonyms:
    """Read the data file."""
    file = resources.files("matcher.tables").joinpath("data", "synonyms.toml")
    return Synonyms(**tomllib.loads(file.read_text("utf-8")))


@lru_cache(maxsize=65536)
def bare(name: str) -> str:
    """Letters and digits of a name, in the form in which names are compared."""
    return "".join(parts(name))


@lru_cache(maxsize=65536)
def parts(name: str) -> tuple[str, ...]:
    """Words of a name."""
    plain = unicodedata.normalize("NFKC", name).lower().translate(_SPELLING)
    return tuple(re.findall(r"[a-z0-9%]+", plain))
