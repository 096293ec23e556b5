"""Texts, numbers and dates in Danish and English: one place for every word that leaves the house.

The words themselves are in ``texts.toml`` and ``occupations.toml``; every entry has both
languages, and an entry that counts may have a form for one.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib import resources
from typing import Any, Final

from matcher.clock import local
from matcher.records import PAPERS
from matcher.rules import Language
from matcher.week import WEEKDAYS, WEEKDAYS_DANISH

Both = Mapping[str, str]
"""One text in both languages, by language."""

LANGUAGES: Final[tuple[Language, ...]] = ("en", "da")

_DAY_NAMES = dict(zip(WEEKDAYS, WEEKDAYS_DANISH, strict=True))
_DAY = re.compile("|".join(WEEKDAYS))
_MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August",
           "September", "October", "November", "December"),
    "da": ("januar", "februar", "marts", "april", "maj", "juni", "juli", "august",
           "september", "oktober", "november", "december"),
}  # fmt: skip


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


def _rounded(number: float, decimals: int) -> Decimal:
    """Round as people do, a half away from zero; -0 is 0."""
    exact = Decimal(repr(float(number)))
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) + 0


class Words:
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
        self.language: Language = language
        self.danish = language == "da"
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

    def known(self, key: str, otherwise: str) -> str:
        """Return a text that may not exist, e.g. the name of a budget line of one's own."""
        return self(key) if key in self._texts else otherwise

    def pick(self, both: Both) -> str:
        """Return the text of this language."""
        return both[self.language]

    def whole(self, number: float) -> str:
        """Whole number with a separator for thousands."""
        text = f"{_rounded(number, 0):,f}"
        return text.replace(",", ".") if self.danish else text

    def decimal(self, number: float, most: int = 1) -> str:
        """Write a number with at most so many decimals."""
        text = f"{_rounded(number, most):,f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        return text.translate(str.maketrans(",.", ".,")) if self.danish else text

    def percent(self, share: float | None, most: int = 0) -> str:
        """Share as percent; a dash when there is nothing to share."""
        if share is None:
            return "–"
        text = self.decimal(100 * share, most)
        return f"{text} %" if self.danish else f"{text}%"

    def hours(self, minutes: float) -> str:
        """Hours of minutes, without the unit."""
        return self.decimal(minutes / 60, 2)

    def date(self, iso: str) -> str:
        """Short date: 2026-11-23 or 23-11-2026."""
        day = dt.date.fromisoformat(iso)
        return f"{day:%d-%m-%Y}" if self.danish else iso

    def moment(self, moment: dt.datetime) -> str:
        """Short date and local time of an aware moment, to the minute."""
        at = local(moment)
        return f"{self.date(at.date().isoformat())} {at:%H:%M}"

    def long_date(self, iso: str) -> str:
        """Date in words."""
        day = dt.date.fromisoformat(iso)
        dot = "." if self.danish else ""
        return f"{day.day}{dot} {_MONTHS[self.language][day.month - 1]} {day.year}"

    def week(self, blocks: str) -> str:
        """Weekly blocks of time with the days of this language."""
        return _DAY.sub(lambda day: _DAY_NAMES[day[0]], blocks) if self.danish else blocks

    def sector(self, code: str) -> str:
        """Name of a sector."""
        return self(f"sector.{code}")

    def paper(self, code: str) -> str:
        """Name of a paper."""
        return PAPERS[code][1 if self.danish else 0] if code in PAPERS else code
