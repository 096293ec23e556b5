"""Texts, numbers and dates of pages, forms and files: the words of the reports."""

from __future__ import annotations

from collections.abc import Mapping

from matcher.texts import ENGLISH, Speech, catalogue
from matcher.texts import LANGUAGES as LANGUAGES

Both = Mapping[str, str]
"""One text in several languages, by language."""


def occupation(isco: str, digits: int = 2) -> tuple[str, Both]:
    """Group of an occupation code: its digits and its name; the longest group that is known."""
    for length in range(min(digits, len(isco)), 0, -1):
        if (key := f"occupation.{isco[:length]}") in catalogue(ENGLISH):
            return isco[:length], {one: catalogue(one)[key] for one in LANGUAGES}
    return isco, dict.fromkeys(LANGUAGES, f"ISCO {isco}")


class Term(str):
    """A word on a page, with what it means in plain words; empty where it speaks for itself."""

    __slots__ = ("about",)
    about: str

    def __new__(cls, text: str, about: str = "") -> Term:
        """Put text and meaning together."""
        made = super().__new__(cls, text)
        made.about = about
        return made


class Words(Speech):
    """Everything written for people in reports, in one language."""

    def term(self, key: str, means: str = "") -> Term:
        """Write a text with what it means, by the name of the meaning or the key's last part."""
        name = means or key.rpartition(".")[2].removeprefix("head_")
        return Term(self(key), self.known(f"means.{name}", ""))

    def glossary(self, *names: str) -> list[tuple[str, str]]:
        """Return terms with their meaning, for the foot of a page: paper has no hovering."""
        return [(self(f"term.{name}"), self(f"means.{name}")) for name in names]

    def sector(self, code: str) -> str:
        """Name of a sector."""
        return self(f"sector.{code}")

    def paper(self, code: str) -> str:
        """Name of a paper."""
        return self.known(f"paper.{code}", code)
