"""Words that stand for an empty cell, in one list: ``NULL``, ``N/A``, ``-``, ``ukendt`` ...

Systems and people write them where nothing is known. Taken as ids they would join strangers: every
citizen with ``NULL`` for a household would share one. Words for *there is none* are another thing:
they are told apart, for fields in which none is an answer.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Nothing = Literal["", "null", "unknown", "none"]
"""What a text says: a value; an empty cell, as a system writes it; nobody knows; there is none."""

_NULL = frozenset({"null", "nil", "na", "nan", "nat", "undefined", "blank", "empty", "tom"})
_LITERAL = frozenset({"\\n", "i/a"})
"""Compared before signs are taken off."""
_UNKNOWN = {
    "en": ("unknown", "not known", "not stated", "not given", "not available", "not applicable",
           "unspecified", "missing", "no data", "do not know"),
    "da": ("ukendt", "uoplyst", "ikke oplyst", "ikke angivet", "ikke kendt", "ikke registreret",
           "ingen oplysning", "ingen oplysninger", "ingen data", "ved ikke", "mangler"),
}  # fmt: skip
_NONE = {"en": ("none",), "da": ("ingen",)}
_SIGNS = re.compile(r"[\s._/\\-]+")
_DIGIT = re.compile(r"\d")
_LONGEST = 32
"""Characters beyond which a text says something."""
_AROUND = " \t#!*'\"`´()[]{}<>«»"


def _plain(word: str) -> str:
    return _SIGNS.sub("", word)


_UNKNOWN_WORDS = frozenset(_plain(word) for words in _UNKNOWN.values() for word in words)
_NONE_WORDS = frozenset(_plain(word) for words in _NONE.values() for word in words)


def nothing(text: str) -> Nothing:
    """Tell whether a cell's text stands for nothing, and for which kind of it.

    Case, brackets, quotation marks, stops, slashes and blanks around and within do not count; a
    text without any letter or digit says nothing.
    """
    if len(text) > _LONGEST or _DIGIT.search(text):
        return ""  # no word of the lists holds a digit; most ids do
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return "null"
    if plain == "None" or plain.lower() in _LITERAL:  # None: as Python writes it
        return "null"
    word = _plain(plain.strip(_AROUND).casefold())
    if not any(letter.isalnum() for letter in word):
        return "null"
    if word in _NULL:
        return "null"
    if word in _UNKNOWN_WORDS:
        return "unknown"
    return "none" if word in _NONE_WORDS else ""
