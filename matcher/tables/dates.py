"""Days as people and systems write them; a column is read in one order.

``12/01/2026`` is the twelfth of January in Denmark and the first of December in America. A date
that can mean only one day proves the order of its column. With stops and hyphens the day comes
first unless a date proves the other order; with slashes nothing is guessed.

A moment becomes the day it is in Denmark: 23:00 in UTC on 22 November is 23 November. Dates that
systems write for *no day* (``9999-12-31``, ``1900-01-01``) are told apart.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from matcher.clock import local
from matcher.texts import Message, joined

_DASHES = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2212", "------")
_TIME = r"""(?:(?:\s*t\s*|,?\s+(?:kl\.?\s*)?)
    (?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<part>\d+))?)?
    \s*(?P<half>am|pm)?\s*(?P<zone>z|utc|gmt|[+-]\d{2}(?::?\d{2})?)?)?"""
_FORMS = {
    form: re.compile(pattern + _TIME, re.VERBOSE)
    for form, pattern in {
        "year": r"(?P<y>\d{4})(?P<sep>[-./])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})",
        "digits": r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:\.0)?",
        "week": r"(?P<y>\d{4})-?w(?P<w>\d{2})-?(?P<day>[1-7])",
        "two": r"(?P<a>\d{1,2})(?P<sep>[-./])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4})",
        "danish": r"(?P<d>\d{1,2})/(?P<m>\d{1,2})[-\s]\s*(?P<y>\d{4})",
        "named": r"(?:den\s+)?(?P<d>\d{1,2})\.?[-\s]*(?P<name>[^\W\d_]+)\.?[-,\s]*(?P<y>\d{4})",
        "named_first": r"(?P<name>[^\W\d_]+)\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>\d{4})",
    }.items()
}
_NO_DAY = {
    re.compile(r"\d{4}[-\s]?(?:w|uge\s*)\d{1,2}|(?:uge|week)\s*\d{1,2}.*"): ("advice.week_no_day"),
    re.compile(r"\d{4}[-./]\d{1,2}|\d{1,2}[-./]\d{4}|[^\W\d_]+\.?\s+\d{4}|\d{4}"): (
        "advice.month_no_day"
    ),
    re.compile(r"\d{1,2}([-./])\d{1,2}\1\d{2}(?:\D.*)?"): "advice.four_digits",
    re.compile(r"\d{1,2}:\d{2}(?::\d{2}.*)?"): "advice.time_no_day",
}
_MONTH_NAMES = (
    "january januar", "february februar", "march marts", "april", "may maj", "june juni",
    "july juli", "august", "september sept", "october oktober okt oct", "november", "december",
)  # fmt: skip
_MONTH = {
    name: number
    for number, names in enumerate(_MONTH_NAMES, start=1)
    for whole in names.split()
    for name in (whole, whole[:3])
}
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
"""Days outside these years are taken for slips of the pen, or for no day."""
_ENDLESS_YEAR = 2900
_ENDLESS = frozenset({dt.date(2262, 4, 11)})
"""The last day that moments counted in nanoseconds reach."""
_BEGINNING = frozenset(
    {
        dt.date(1, 1, 1),
        dt.date(1601, 1, 1),
        dt.date(1753, 1, 1),
        dt.date(1899, 12, 30),
        dt.date(1899, 12, 31),
        dt.date(1900, 1, 1),
        dt.date(1970, 1, 1),
    }
)
"""First days of calendars and systems; each stands for an empty cell."""


class NoDay(Exception):
    """A text that is no day; carries the reason and what to write."""


@dataclass(frozen=True)
class Order:
    """In which order the numeric dates of a column are written."""

    proofs: Mapping[str, str] = field(default_factory=dict)
    """A date of the column that proves the order, by ``day`` or ``month`` that comes first."""
    table: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """The same of the table's other columns, by sign and order."""
    separator: str = ""
    """Between the cells of the file."""

    def first(self, sign: str) -> str:
        """``day`` or ``month``; empty where it is not known."""
        if self.proofs:
            return next(iter(self.proofs)) if len(self.proofs) == 1 else ""
        elsewhere = {order for with_sign, order in self.table if with_sign == sign}
        if elsewhere:
            return elsewhere.pop() if len(elsewhere) == 1 else ""
        return "day" if sign != "/" or self.separator == ";" else ""


@lru_cache(maxsize=65536)
def _found(text: str) -> tuple[str, Mapping[str, str]]:
    """Form of a text, and its parts; an empty form where it has none."""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).strip().lower()
    for form, pattern in _FORMS.items():
        found = pattern.fullmatch(plain)
        if found is not None:
            return form, {name: part for name, part in found.groupdict().items() if part}
    return "", {}


def proofs(texts: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """Find dates that prove an order, by their sign and what comes first."""
    found: dict[tuple[str, str], str] = {}
    for text in sorted(texts):
        form, parts = _found(text)
        if form != "two":
            continue
        a, b = int(parts["a"]), int(parts["b"])
        if a > 12 >= b:
            found.setdefault((parts["sep"], "day"), text)
        elif b > 12 >= a:
            found.setdefault((parts["sep"], "month"), text)
    return found


def orders(columns: Mapping[str, tuple[str, ...]], separator: str) -> dict[str, Order]:
    """Decide the order of each column of dates of a table.

    Its own dates prove it, else those of the other columns written with the same sign. In a file
    separated by semicolons, as a Danish spreadsheet writes it, the day comes first.

    Parameters
    ----------
    columns
        Distinct texts of the columns of dates.
    separator
        Between the cells of the file; empty where there is none.
    """
    own = {name: proofs(texts) for name, texts in columns.items()}
    table: dict[tuple[str, str], str] = {}
    for found in own.values():
        table = {**found, **table}
    return {
        name: Order({order: text for (_, order), text in found.items()}, table, separator)
        for name, found in own.items()
    }


def read_day(text: str, order: Order) -> dt.date:
    """Read a date, or the Danish day of a moment.

    Raises
    ------
    NoDay
        It is none, or could be two; says why and what to write.
    """
    form, parts = _found(text)
    if not form or parts.get("name", "may") not in _MONTH:
        plain = unicodedata.normalize("NFKC", text).strip().lower()
        reasons = [Message(why) for pattern, why in _NO_DAY.items() if pattern.fullmatch(plain)]
        if form and not reasons:
            reasons = [Message("advice.no_month", name=parts["name"])]
        raise NoDay(reasons[0] if reasons else Message("advice.write_day"))
    try:
        day = _day(form, parts, order)
        return _danish_day(day, parts) if "hour" in parts else day
    except ValueError:
        why = Message("advice.eight_digits") if form == "digits" else ""
        raise NoDay(joined((Message("advice.no_day"), why))) from None


def _day(form: str, parts: Mapping[str, str], order: Order) -> dt.date:
    year = int(parts["y"])
    if form == "week":
        return dt.date.fromisocalendar(year, int(parts["w"]), int(parts["day"]))
    if form == "two":
        a, b = int(parts["a"]), int(parts["b"])
        if a <= 12 and b <= 12 and a != b:
            first = order.first(parts["sep"])
            if not first:
                raise NoDay(_doubt(dt.date(year, b, a), dt.date(year, a, b), order))
            return dt.date(year, b, a) if first == "day" else dt.date(year, a, b)
        return dt.date(year, a, b) if b > 12 else dt.date(year, b, a)
    if "name" in parts:
        return dt.date(year, _MONTH[parts["name"]], int(parts["d"]))
    return dt.date(year, int(parts["m"]), int(parts["d"]))


def _doubt(day_first: dt.date, month_first: dt.date, order: Order) -> Message:
    why = Message("advice.says_which")
    if len(order.proofs) > 1:
        why = Message(
            "advice.column_has_both", first=order.proofs["day"], second=order.proofs["month"]
        )
    return Message("advice.two_days", first=day_first, second=month_first, why=why)


def _danish_day(day: dt.date, parts: Mapping[str, str]) -> dt.date:
    hour = int(parts["hour"])
    if half := parts.get("half"):
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half == "pm" else 0)
    clock = dt.time(hour, int(parts["minute"]), int(parts.get("second", 0)))
    zone = parts.get("zone")
    try:
        if zone is not None:
            return local(dt.datetime.combine(day, clock, _zone(zone))).date()
        if clock == dt.time(0):
            return day
        told_in_utc = local(dt.datetime.combine(day, clock, dt.UTC))
    except OverflowError:
        return day  # the end or the beginning of time
    if told_in_utc.time() == dt.time(0) and not parts.get("part", "").strip("0"):
        raise NoDay(
            Message(
                "advice.told_in_utc",
                day=told_in_utc.date(),
                moment=f"{day.isoformat()}T{clock:%H:%M}Z",
            )
        )
    return day


def _zone(text: str) -> dt.tzinfo:
    if text in {"z", "utc", "gmt"}:
        return dt.UTC
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "").ljust(4, "0")
    return dt.timezone(sign * dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))


def stands_for(day: dt.date) -> str:
    """Tell what a day stands for: itself (empty), ``end`` of time, ``beginning``, or ``slip``."""
    if day in _ENDLESS or day.year >= _ENDLESS_YEAR:
        return "end"
    if day in _BEGINNING:
        return "beginning"
    return "" if _FIRST_YEAR <= day.year <= _LAST_YEAR else "slip"
