"""What is said to people: one catalogue for each language, one way to write numbers and dates.

A :class:`Message` is a key of the catalogue with facts. It is a text as well, in English, so it may
go wherever a text goes; the language is chosen at the edge, by :func:`tell`. The catalogues are
``en.toml`` and ``da.toml``: equal keys, equal placeholders. Numbers, dates and lists within a text
are written by :class:`Figures`, and by nothing else.
"""

from matcher.texts.figures import LANGUAGES, Figures, Language
from matcher.texts.message import (
    Both,
    Message,
    as_data,
    catalogue,
    first_line,
    from_data,
    joined,
    keys_of,
    tell,
)
from matcher.texts.validation import said_of

__all__ = [
    "LANGUAGES",
    "Both",
    "Figures",
    "Language",
    "Message",
    "as_data",
    "catalogue",
    "first_line",
    "from_data",
    "joined",
    "keys_of",
    "said_of",
    "tell",
]
