"""What a job is called, compared: a title finds the occupation whose name it holds.

A name is found whatever its case, singular or plural, definite or not, alone or as the last part
of a compound, anywhere in a title; before the words that say where or for whom goes first, and the
longest of several. What is found in other ways than word for word is marked as assumed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

How = Literal["concept", "label", "title", "part", "compound", "field", ""]
"""How an occupation was found: the ad's concept; the name that the ad gives its occupation; the
whole title; a name within the title; a name at the end of a compound; the field of work; not."""
SURE = frozenset({"concept", "label", "title"})
"""Ways that leave nothing to assume."""
_WORD = re.compile(r"[^\W_]+")
_ENDINGS = ("ernes", "erens", "erne", "eren", "ene", "ere", "ens", "er", "en", "et", "e", "s")
_STEM = 4
"""Letters that a word keeps at least."""
_LAST_PART = 5
"""Letters of the shortest name that is looked for at the end of a compound."""
_MOST_WORDS = 6
_LINKS = ("s", "e", "")
"""What Danish puts between the parts of a compound."""


@lru_cache(maxsize=262_144)
def words_of_title(text: str) -> tuple[str, ...]:
    """Words of a title in lower case, without signs."""
    return tuple(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


@lru_cache(maxsize=262_144)
def stem(word: str) -> str:
    """Take a Danish ending off a word."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) >= _STEM and word[-1] == word[-2] and word[-1].isalpha() else word


def plain_name(text: str) -> str:
    """Bring the name of an occupation to the form in which names are compared."""
    return " ".join(map(stem, words_of_title(text)))


@dataclass(frozen=True)
class Named:
    """What was found for each title of many."""

    isco: npt.NDArray[np.object_]
    """Code of each title; empty where none was found."""
    how: npt.NDArray[np.object_]
    """How, see :data:`How`."""
    name: npt.NDArray[np.object_]
    """The name that was found in it."""


@dataclass(frozen=True)
class OccupationNames:
    """Names of occupations, ready to be looked for.

    Parameters
    ----------
    isco
        Code by plain name, see :func:`plain_name`; a later list never overrides an earlier one.
    fields
        Code by plain word of a field of work.
    heads
        Words that say nothing of the occupation; a compound of a field and one of them is found.
    behind
        Words after which a title says where the work is.
    """

    isco: Mapping[str, str]
    fields: Mapping[str, str] = field(default_factory=dict)
    heads: frozenset[str] = frozenset()
    behind: frozenset[str] = frozenset()

    def find(self, titles: pd.Series) -> Named:
        """Find the occupation of each title; equal titles are looked at once."""
        codes, distinct = pd.factorize(titles.fillna("").astype(str), use_na_sentinel=False)
        plain = np.array([plain_name(text) for text in distinct], dtype=object)
        isco = np.array([self.isco.get(one, "") for one in plain], dtype=object)
        whole = isco != ""
        how = np.where(whole, "title", "").astype(object)
        name = np.where(whole, plain, "").astype(object)
        for at in np.flatnonzero(isco == "").tolist():
            isco[at], how[at], name[at] = self._within(words_of_title(distinct[at]))
        return Named(isco[codes], how[codes], name[codes])

    def _within(self, words: tuple[str, ...]) -> tuple[str, How, str]:
        ahead = next((at for at, word in enumerate(words) if word in self.behind), len(words))
        # A name may run past such a word ("servicemedarbejder i butik") if it begins before it.
        for part, begins in ((words, range(ahead)), (words[ahead:], range(len(words) - ahead))):
            found = self._phrase(part, begins) or self._last_parts([part[at] for at in begins])
            if found:
                return found
        for part in (words[:ahead], words[ahead:]):
            if found := self._field(part):
                return found
        return "", "", ""

    def _phrase(self, words: tuple[str, ...], begins: range) -> tuple[str, How, str] | None:
        stems = [stem(word) for word in words]
        for length in range(min(_MOST_WORDS, len(stems)), 0, -1):
            for at in begins[: max(0, len(stems) - length + 1)]:
                name = " ".join(stems[at : at + length])
                if code := self.isco.get(name):
                    return code, "part", name
        return None

    def _last_parts(self, words: Sequence[str]) -> tuple[str, How, str] | None:
        for word in words:
            for form in (word, stem(word)):
                for at in range(1, len(form) - _LAST_PART + 1):
                    name = stem(form[at:])
                    if len(name) >= _LAST_PART and (code := self.isco.get(name)):
                        return code, "compound", name
        return None

    def _field(self, words: tuple[str, ...]) -> tuple[str, How, str] | None:
        stems = [stem(word) for word in words]
        for length in range(min(3, len(stems)), 0, -1):
            for at in range(len(stems) - length + 1):
                name = " ".join(stems[at : at + length])
                if code := self.fields.get(name):
                    return code, "field", name
        for one in stems:
            ends = (one[at:] for at in range(1, len(one) - _LAST_PART + 1))
            for name in (*self._before_head(one), *ends):
                if code := self.fields.get(name):
                    return code, "field", name
        return None

    def _before_head(self, word: str) -> Iterator[str]:
        for head in sorted(self.heads, key=lambda head: (-len(head), head)):
            if word.endswith(head) and len(word) > len(head):
                before = word[: -len(head)]
                for link in _LINKS:
                    if before.endswith(link):
                        yield stem(before[: len(before) - len(link)])


def names_of(
    lists: Iterable[Mapping[str, str]],
    fields: Mapping[str, str],
    heads: Iterable[str],
    behind: Iterable[str],
) -> OccupationNames:
    """Put lists of names together; of a name in several lists the first one's code counts."""
    merged: dict[str, str] = {}
    for one in lists:
        for name, code in one.items():
            merged.setdefault(name, code)
    return OccupationNames(merged, fields, frozenset(map(stem, heads)), frozenset(behind))
