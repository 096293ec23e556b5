"""Numbers, dates and hours as people of a language write them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from functools import cache

from matcher.clock import local
from matcher.texts.catalogue import Language, catalogue
from matcher.week import WEEKDAYS

_DAY = re.compile("|".join(WEEKDAYS))


@cache
def _format_of(language: Language) -> tuple[Mapping[str, str], Mapping[int, str]]:
    """How a language writes, and its marks in numbers."""
    how = {
        key.removeprefix("format."): text
        for key, text in catalogue(language).items()
        if key.startswith("format.")
    }
    return how, str.maketrans({",": how["thousands"], ".": how["decimal"]})


class Figures:
    """Writes figures in one language: 1,550 and 2026-11-23, or 1.550 and 23-11-2026.

    Halves are rounded up, away from zero, as people learn it at school. How a language writes
    stands in its catalogue, under ``format``.

    Parameters
    ----------
    language
        One of :data:`LANGUAGES`.
    """

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._format, self._marks = _format_of(language)
        self._mark = self._format["decimal"]

    def signed(self, number: float) -> str:
        """Write a whole difference, with its sign."""
        return f"{'+' if number > 0 else ''}{self.whole(number)}"

    def whole(self, number: float) -> str:
        """Whole number with a separator for thousands."""
        return self.fixed(number, 0)

    def decimal(self, number: float, most: int = 1) -> str:
        """Write a number with at most so many decimals; zeros at the end are left out."""
        text = self.fixed(number, most)
        return text.rstrip("0").rstrip(self._mark) if self._mark in text else text

    def fixed(self, number: float, decimals: int) -> str:
        """Write a number with exactly so many decimals."""
        exact = Decimal(repr(float(number))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        text = f"{exact:,f}"
        if not exact:
            text = text.removeprefix("-")
        return text.translate(self._marks)

    def marked(self, text: str) -> str:
        """Write a number that is a text already, as ``2.50``, with the mark of the language."""
        return text.replace(".", self._mark)

    def percent(self, share: float | None, most: int = 0) -> str:
        """Share as percent; a dash when there is nothing to share."""
        return "–" if share is None else self.per_cent(self.decimal(100 * share, most))

    def gap(self, share: float | None) -> str:
        """Write how far away a bound is, as percent: rounded up, so that "at most" stays true."""
        if share is None:
            return "–"
        exact = (100 * Decimal(repr(share))).quantize(Decimal("0.01"), ROUND_CEILING)
        return self.per_cent(self.decimal(float(exact), 2))

    def per_cent(self, number: str) -> str:
        """Write a number that is a text already as percent."""
        return self._format["percent"].format(number=number)

    def hours(self, minutes: float) -> str:
        """Hours of minutes, without the unit."""
        return self.decimal(minutes / 60, 2)

    def date(self, day: str | dt.date) -> str:
        """Short date: 2026-11-23 or 23-11-2026; a text is read as ISO."""
        day = dt.date.fromisoformat(day) if isinstance(day, str) else day
        return self._format["date"].format(year=day.year, month=day.month, day=day.day)

    def moment(self, moment: dt.datetime) -> str:
        """Short date and local time of an aware moment, to the minute."""
        at = local(moment)
        return f"{self.date(at.date())} {at:%H:%M}"

    def long_date(self, day: str | dt.date) -> str:
        """Date in words."""
        day = dt.date.fromisoformat(day) if isinstance(day, str) else day
        month = self._format["months"].split()[day.month - 1]
        return self._format["long_date"].format(day=day.day, month=month, year=day.year)

    def calendar_week(self, day: str | dt.date) -> str:
        """Week of a day as people name it: ``week 48`` or ``uge 48``; a text is read as ISO."""
        day = dt.date.fromisoformat(day) if isinstance(day, str) else day
        return self._format["week"].format(number=day.isocalendar().week)

    def week(self, blocks: str) -> str:
        """Weekly blocks of time with the days of this language."""
        names = dict(zip(WEEKDAYS, self._format["weekdays"].split(), strict=True))
        return _DAY.sub(lambda day: names[day[0]], blocks)

    @property
    def date_cell(self) -> str:
        """Format of a date in a cell of a workbook."""
        return self._format["date_cell"]

    @property
    def separator(self) -> str:
        """What stands between the cells of CSV: a comma, or a semicolon where it is the mark."""
        return self._format["separator"]
