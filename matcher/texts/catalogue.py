"""The catalogues: one file for each language, found by being there."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

Language = str
"""Name of a catalogue's file without its ending, as ``en``."""
ENGLISH: Final[Language] = "en"
"""The language that every text has; another one falls back on it."""
ONE: Final = "_one"
"""End of the key of a text for one, beside the text for any other number."""


def _found() -> tuple[Language, ...]:
    names = sorted(
        file.name.removesuffix(".toml")
        for file in resources.files("matcher.texts").iterdir()
        if file.name.endswith(".toml")
    )
    return (ENGLISH, *(name for name in names if name != ENGLISH))


LANGUAGES: Final[tuple[Language, ...]] = _found()
"""All languages, English first."""


@cache
def content(language: Language) -> Mapping[str, Any]:
    """Return what the file of a language holds, as it is written."""
    file = resources.files("matcher.texts").joinpath(f"{language}.toml")
    return tomllib.loads(file.read_text("utf-8"))


@cache
def own_catalogue(language: Language) -> Mapping[str, str]:
    """Texts that the file of a language has itself, by ``section.key``."""
    return {
        f"{section}.{key}": text
        for section, entries in content(language).items()
        for key, text in entries.items()
        if isinstance(text, str)
    }


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """All texts of a language by ``section.key``; ``section.key_one`` is the form for one.

    What a language lacks is told in English.
    """
    own = own_catalogue(language)
    if language == ENGLISH:
        return own
    lacking = {
        key: text
        for key, text in own_catalogue(ENGLISH).items()
        if key not in own and key.removesuffix(ONE) not in own
    }
    return {**lacking, **own}
