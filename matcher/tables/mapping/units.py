"""Numbers of theirs in our units: minutes as hours, percent of a week, days since a date."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from matcher.tables.cells import ReadColumn
from matcher.tables.dates import NoDay, orders, read_day
from matcher.tables.issues import shown
from matcher.tables.mapping.words import words
from matcher.tables.numbers import NotANumber, NumberTexts, read_number, ways
from matcher.tables.raw import Typed, Unread
from matcher.texts import Message

DATE = "date"
"""Their cell is a day; ours is the whole years, months or weeks since then."""
PERCENT = re.compile(r"percent of (\d+(?:\.\d+)?)")
"""Their number is a share of so many hours."""
_SINCE = ("years", "months", "weeks")
_MONTHS = 12
_DAYS = 7


def counted_in(table: str, column: ReadColumn) -> str:
    """Tell what the numbers of a column of ours count; empty: nothing that has a unit."""
    return column.unit or words().counts.get(f"{table}.{column.name}", "")


def units_for(table: str, column: ReadColumn) -> tuple[str, ...]:
    """Units that a column of theirs may count in place of ours."""
    counted = counted_in(table, column)
    some = tuple(words().factors.get(counted, {}))
    if counted == "hours":
        return (*some, "percent of 37")
    return (*some, DATE) if counted in _SINCE else some


def unit_known(table: str, column: ReadColumn, unit: str) -> bool:
    """Whether numbers of a unit can be told in ours."""
    counted = counted_in(table, column)
    if unit == counted or unit in words().factors.get(counted, {}):
        return bool(unit)
    if PERCENT.fullmatch(unit):
        return counted == "hours"
    return unit == DATE and counted in _SINCE


def in_our_unit(
    texts: Sequence[str], table: str, column: ReadColumn, unit: str, today: dt.date, separator: str
) -> list[str]:
    """Write numbers of theirs in our unit; what cannot be read says so (``Unread``)."""
    counted = counted_in(table, column)
    if unit == counted:
        return list(texts)
    if unit == DATE:
        return _since(texts, counted, today, separator)
    share = PERCENT.fullmatch(unit)
    factor = (
        Fraction(share[1]) / 100 if share is not None
        else Fraction(words().factors[counted][unit])
    )  # fmt: skip
    plain = [text.rstrip(" %").rstrip() if share is not None else text for text in texts]
    own = unit if unit in {"hours", "minutes", "kr"} else ""
    untyped = tuple(text for text in plain if text and not isinstance(text, Typed))
    way = ways({"": NumberTexts(untyped, False, None, own)}, separator)[""]
    made: list[str] = []
    for text in plain:
        if not text or isinstance(text, Unread):
            made.append(text)
            continue
        try:
            number = Fraction(read_number(text, way, own)) * factor
        except NotANumber:
            made.append(Unread(Message("mapping.no_number", value=shown(text), unit=unit)))
            continue
        made.append(_written(number, whole=column.kind == "whole"))
    return made


def _written(number: Fraction, *, whole: bool) -> str:
    if whole or number.denominator == 1:
        return Typed(number.numerator // number.denominator)
    # Four decimals at least: three might be thousands.
    text = f"{Decimal(number.numerator) / Decimal(number.denominator):.12f}".rstrip("0")
    return Typed(text if len(text.partition(".")[2]) > 3 else text.ljust(len(text) + 4, "0"))


def _since(texts: Sequence[str], counted: str, today: dt.date, separator: str) -> list[str]:
    order = orders({"": tuple(text for text in texts if text)}, separator)[""]
    made: list[str] = []
    for text in texts:
        if not text or isinstance(text, Unread):
            made.append(text)
            continue
        try:
            day = read_day(text, order)
        except NoDay:
            made.append(Unread(Message("mapping.no_day", value=shown(text))))
            continue
        months = (today.year - day.year) * _MONTHS + today.month - day.month
        months -= today.day < day.day
        weeks = (today - day).days // _DAYS
        made.append(
            Typed({"years": months // _MONTHS, "months": months, "weeks": weeks}[counted])
        )  # fmt: skip
    return made
