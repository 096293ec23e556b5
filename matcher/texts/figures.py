"""Numbers, dates and hours as people of a language write them."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from matcher.clock import local
from matcher.week import WEEKDAYS, WEEKDAYS_DANISH

Language = Literal["en", "da"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "da")

_DAY_NAMES = dict(zip(WEEKDAYS, WEEKDAYS_DANISH, strict=True))
_DAY = re.compile("|".join(WEEKDAYS))
_SWAPPED = str.maketrans(",.", ".,")
_MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August",
           "September", "October", "November", "December"),
    "da": ("januar", "februar", "marts", "april", "maj", "juni", "juli", "august",
           "september", "oktober", "november", "december"),
}  # fmt: skip


class Figures:
    """Writes figures in one language: 1,550 and 2026-11-23, or 1.550 and 23-11-2026.

    Halves are rounded up, away from zero, as people learn it at school.

    Parameters
    ----------
    language
        ``en`` or ``da``.
    """

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self.danish = language == "da"

    def whole(self, number: float) -> str:
        """Whole number with a separator for thousands."""
        return self.fixed(number, 0)

    def decimal(self, number: float, most: int = 1) -> str:
        """Write a number with at most so many decimals; zeros at the end are left out."""
        text = self.fixed(number, most)
        mark = "," if self.danish else "."
        return text.rstrip("0").rstrip(mark) if mark in text else text

    def fixed(self, number: float, decimals: int) -> str:
        """Write a number with exactly so many decimals."""
        exact = Decimal(repr(float(number))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        text = f"{exact:,f}"
        if not exact:
            text = text.removeprefix("-")
        return text.translate(_SWAPPED) if self.danish else text

    def percent(self, share: float | None, most: int = 0) -> str:
        """Share as percent; a dash when there is nothing to share."""
        if share is None:
            return "–"
        text = self.decimal(100 * share, most)
        return f"{text} %" if self.danish else f"{text}%"

    def hours(self, minutes: float) -> str:
        """Hours of minutes, without the unit."""
        return self.decimal(minutes / 60, 2)

    def date(self, day: str | dt.date) -> str:
        """Short date: 2026-11-23 or 23-11-2026; a text is read as ISO."""
        day = dt.date.fromisoformat(day) if isinstance(day, str) else day
        return f"{day:%d-%m-%Y}" if self.danish else day.isoformat()

    def moment(self, moment: dt.datetime) -> str:
        """Short date and local time of an aware moment, to the minute."""
        at = local(moment)
        return f"{self.date(at.date())} {at:%H:%M}"

    def long_date(self, day: str | dt.date) -> str:
        """Date in words."""
        day = dt.date.fromisoformat(day) if isinstance(day, str) else day
        dot = "." if self.danish else ""
        return f"{day.day}{dot} {_MONTHS[self.language][day.month - 1]} {day.year}"

    def calendar_week(self, day: str | dt.date) -> str:
        """Week of a day as people name it: ``week 48`` or ``uge 48``; a text is read as ISO."""
        day = dt.date.fromisoformat(day) if isinstance(day, str) else day
        return f"{'uge' if self.danish else 'week'} {day.isocalendar().week}"

    def week(self, blocks: str) -> str:
        """Weekly blocks of time with the days of this language."""
        return _DAY.sub(lambda day: _DAY_NAMES[day[0]], blocks) if self.danish else blocks
