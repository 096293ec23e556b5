"""What is said to people: one catalogue for each language, one way to write numbers and dates.

A :class:`Message` is a key of the catalogue with facts. It is a text as well, in English, so it may
go wherever a text goes; the language is chosen at the edge, by :func:`tell`. A language is one
file, ``en.toml``, ``da.toml``: equal keys, equal placeholders; another file beside them is another
language. Numbers, dates and lists within a text are written by :class:`Figures`, and by nothing
else; :class:`Speech` writes texts and figures where the language is settled, as on a page.
"""

from matcher.texts.catalogue import ENGLISH, LANGUAGES, Language, catalogue, content, own_catalogue
from matcher.texts.figures import Figures
from matcher.texts.message import (
    Both,
    Message,
    as_data,
    fill,
    first_line,
    from_data,
    inside,
    joined,
    keys_of,
    tell,
    write,
)
from matcher.texts.speech import Speech
from matcher.texts.validation import said_of

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "Both",
    "Figures",
    "Language",
    "Message",
    "Speech",
    "as_data",
    "catalogue",
    "content",
    "fill",
    "first_line",
    "from_data",
    "inside",
    "joined",
    "keys_of",
    "own_catalogue",
    "said_of",
    "tell",
    "write",
]
