"""Texts, numbers and dates in Danish and English: one place for every word that leaves the house.

The words themselves are in ``texts.toml`` and ``occupations.toml``; every entry has both
languages, and an entry that counts may have a form for one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from matcher.records import PAPERS
from matcher.texts import LANGUAGES as LANGUAGES
from matcher.texts import Figures, Language

Both = Mapping[str, str]
"""One text in both languages, by language."""


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """All texts by ``section.key``, each with ``en``, ``da`` and perhaps ``en_one``, ``da_one``."""
    return texts_of(_read("texts.toml"))


def texts_of(toml: str) -> Mapping[str, Mapping[str, str]]:
    """Read texts from TOML: a table per section, an entry per key."""
    return {
        f"{section}.{key}": text
        for section, entries in tomllib.loads(toml).items()
        for key, text in entries.items()
    }


@cache
def _occupations() -> Mapping[str, Mapping[str, str]]:
    return {code: dict(names) for code, names in tomllib.loads(_read("occupations.toml")).items()}


def _read(name: str) -> str:
    return resources.files("matcher.report").joinpath(name).read_text(encoding="utf-8")


def occupation(isco: str, digits: int = 2) -> tuple[str, Both]:
    """Group of an occupation code: its digits and its name; the longest group that is known."""
    names = _occupations()
    for length in range(min(digits, len(isco)), 0, -1):
        if isco[:length] in names:
            return isco[:length], names[isco[:length]]
    return isco, {"en": f"ISCO {isco}", "da": f"ISCO {isco}"}


class Term(str):
    """A word on a page, with what it means in plain words; empty where it speaks for itself."""

    __slots__ = ("about",)
    about: str

    def __new__(cls, text: str, about: str = "") -> Term:
        """Put text and meaning together."""
        made = super().__new__(cls, text)
        made.about = about
        return made


class Words(Figures):
    """Everything written for people, in one language.

    Parameters
    ----------
    language
        ``en`` or ``da``.
    more
        Texts of one's own by ``section.key``, beside those of the weekly page.
    """

    def __init__(
        self, language: Language, more: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        super().__init__(language)
        self._texts = {**texts(), **more} if more else texts()

    def __call__(self, key: str, count: int | None = None, /, **values: Any) -> str:
        """Write a text; ``count`` picks the form for one and fills ``{count}``."""
        entry = self._texts[key]
        template = entry[self.language]
        if count == 1:
            template = entry.get(f"{self.language}_one", template)
        if count is not None:
            values["count"] = self.whole(count)
        return template.format(**values) if values else template

    def term(self, key: str, means: str = "") -> Term:
        """Write a text with what it means, by the name of the meaning or the key's last part."""
        name = means or key.rpartition(".")[2].removeprefix("head_")
        return Term(self(key), self.known(f"means.{name}", ""))

    def glossary(self, *names: str) -> list[tuple[str, str]]:
        """Return terms with their meaning, for the foot of a page: paper has no hovering."""
        return [(self(f"term.{name}"), self(f"means.{name}")) for name in names]

    def known(self, key: str, otherwise: str) -> str:
        """Return a text that may not exist, e.g. the name of a budget line of one's own."""
        return self(key) if key in self._texts else otherwise

    def pick(self, both: Both) -> str:
        """Return the text of this language."""
        return both[self.language]

    def sector(self, code: str) -> str:
        """Name of a sector."""
        return self(f"sector.{code}")

    def paper(self, code: str) -> str:
        """Name of a paper."""
        return PAPERS[code][1 if self.danish else 0] if code in PAPERS else code
