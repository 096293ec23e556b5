"""Numbers as people and systems write them; a column is read in one way.

``1.500`` is fifteen hundred in Denmark and one and a half in England. A text that can mean only one
thing (``1.500,00``, ``0.250``, ``12.345.678``, ``37,5``) proves how its column is written, and the
doubtful ones beside it are read alike. Where nothing proves it, or texts prove both, a doubtful
text is refused: it is never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from matcher.texts import Both, Message

_BLANKS = re.compile(r"([+-]?\d{1,3}(?:[\s'’`]\d{3})+)((?:[.,]\d+)?)")
"""Blanks and apostrophes between groups of three digits mean thousands everywhere."""
_PLAIN = re.compile(r"[+-]?\d+")
_ONE_MARK = re.compile(r"[+-]?(\d*)([.,])(\d*)")
_SCIENTIFIC = re.compile(r"([+-]?\d*(?:([.,])\d+)?)e([+-]?\d{1,3})")
_GROUPS = {mark: re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:\{mark}\d{{3}})+") for mark in (".", ",")}
_OTHER = {".": ",", ",": "."}
_MINUS = str.maketrans("\u2010\u2011\u2012\u2013\u2212", "-----")
_UNITS = {
    "hours": r"t|time|timer|h|hrs?|hours?",
    "minutes": r"m|min|mins|minut|minutter|minutes?",
    "kr": r"kr|dkk",
}
_BESIDE = {
    **{unit: re.compile(rf"(.*?)\s*(?:(?:{words})\.?)?") for unit, words in _UNITS.items()},
    "kr": re.compile(
        rf"(?:(?:{_UNITS['kr']})\.?\s*)?(.*?)\s*(?:,-|\.-)?\s*(?:(?:{_UNITS['kr']})\.?)?"
    ),
}
"""A number with its unit beside it."""
_CLOCK = re.compile(r"(\d{1,6}):([0-5]\d)(?::00)?")
_IN_WORDS = re.compile(
    rf"(?:(\d{{1,6}})\s*(?:{_UNITS['hours']})\.?)?\s*(?:og\s+|and\s+)?"
    rf"(\d{{1,5}})\s*(?:{_UNITS['minutes']})\.?"
)
_THOUSAND = 1000
_TOO_LARGE = 10**18


@dataclass(frozen=True)
class Shape:
    """What the text of a number can mean."""

    as_stop: Decimal | None
    """Its value where a stop is the decimal mark."""
    as_comma: Decimal | None
    """Its value where a comma is."""
    bare: bool = False
    """Whether it is digits alone."""

    @property
    def proves(self) -> str:
        """The decimal mark that the text proves; empty where it proves none."""
        if (self.as_stop is None) == (self.as_comma is None):
            return ""
        return "," if self.as_stop is None else "."

    @property
    def doubtful(self) -> bool:
        """Whether it means two things."""
        return None not in {self.as_stop, self.as_comma} and self.as_stop != self.as_comma


@dataclass(frozen=True)
class NumberStyle:
    """How the numbers of a column are written."""

    proofs: Mapping[str, str] = field(default_factory=dict)
    """A text that proves the decimal mark, by mark; empty: nothing does."""

    @property
    def decimal(self) -> str:
        """The decimal mark; empty where it is not known."""
        return next(iter(self.proofs)) if len(self.proofs) == 1 else ""


class NotANumber(Exception):
    """A text that is no number here; carries what to try, or nothing where the reason is plain."""


@lru_cache(maxsize=65536)
def shape(text: str, unit: str = "") -> Shape | None:
    """Find what a text can mean; None: it is no number."""
    plain = unicodedata.normalize("NFKC", text).translate(_MINUS).strip().lower()
    if unit:
        found = _BESIDE[unit].fullmatch(plain)
        plain = found[1] if found is not None else plain
    if grouped_by_blanks := _BLANKS.fullmatch(plain):
        plain = re.sub(r"[\s'’`]", "", grouped_by_blanks[1]) + grouped_by_blanks[2]
    if _PLAIN.fullmatch(plain):
        return Shape(Decimal(plain), Decimal(plain), bare=True)
    if found := _SCIENTIFIC.fullmatch(plain):
        if not any(sign.isdigit() for sign in found[1]):
            return None
        power = Decimal(plain.replace(",", "."))
        return Shape(None if found[2] == "," else power, None if found[2] == "." else power)
    marks = {mark for mark in ".," if mark in plain}
    if len(marks) == 2:
        last = max(marks, key=plain.rfind)
        whole, _, part = plain.rpartition(last)
        if not (_GROUPS[_OTHER[last]].fullmatch(whole) and part.isdecimal()):
            return None
        both = Decimal(f"{whole.replace(_OTHER[last], '')}.{part}")
        return Shape(both if last == "." else None, both if last == "," else None)
    if not marks:
        return None
    (mark,) = marks
    grouped = Decimal(plain.replace(mark, "")) if _GROUPS[mark].fullmatch(plain) else None
    single = _ONE_MARK.fullmatch(plain)
    value: Decimal | None = None
    if single is not None and (single[1] or single[3]):
        value = Decimal(plain.replace(mark, "."))
        if not single[3]:  # "12." ends a sentence in both languages
            return Shape(value, value)
    if grouped is None and value is None:
        return None
    return Shape(value, grouped) if mark == "." else Shape(grouped, value)


@dataclass(frozen=True)
class NumberTexts:
    """The texts of a column that are numbers, and what the column may hold."""

    texts: tuple[str, ...]
    """Distinct texts, without those of typed cells."""
    whole: bool
    most: float | None
    """Largest number the column may hold; None: any."""
    unit: str = ""

    def proofs(self) -> dict[str, str]:
        """Find, by decimal mark, a text that proves it.

        A column that cannot hold a thousand has no separators of thousands.
        """
        found: dict[str, str] = {}
        for text in sorted(self.texts):
            seen = shape(text, self.unit)
            if seen is None:
                continue
            mark = seen.proves
            if seen.doubtful and self.most is not None and self.most < _THOUSAND:
                mark = "." if "." in text else ","
            if mark:
                found.setdefault(mark, text)
        return found

    def bare(self) -> bool:
        """Whether whole numbers stand here without any mark."""
        return any(seen.bare for text in self.texts if (seen := shape(text, self.unit)))

    def rounded(self) -> str:
        """Return a doubtful text with a stop that ends in a zero; no shortest decimal does."""
        return next(
            (
                text
                for text in sorted(self.texts)
                if (seen := shape(text, self.unit)) and seen.doubtful and "." in text
                and re.search(r"\.\d\d0(?!\d)", text)
            ),
            "",
        )  # fmt: skip


def ways(columns: Mapping[str, NumberTexts], separator: str) -> dict[str, NumberStyle]:
    """Decide how the numbers of each column of a table are written.

    Its own texts prove it, else those of the table's other columns. In a file separated by
    semicolons, as a Danish spreadsheet writes it, ``2.000`` in a column of whole numbers is two
    thousand when other whole numbers of the table stand without decimals: no system writes
    three decimals in one and none in the other.

    Parameters
    ----------
    columns
        The table's columns of numbers.
    separator
        Between the cells of the file; empty where there is none.
    """
    own = {name: seen.proofs() for name, seen in columns.items()}
    table: dict[str, str] = {}
    for proofs in own.values():
        table = {**proofs, **table}
    without_decimals = any(seen.whole and seen.bare() for seen in columns.values())
    decided: dict[str, NumberStyle] = {}
    for name, seen in columns.items():
        proofs = own[name] or table
        if not proofs and seen.whole and separator == ";" and without_decimals:
            proofs = {",": text} if (text := seen.rounded()) else {}
        decided[name] = NumberStyle(proofs)
    return decided


def read_number(text: str, way: NumberStyle, unit: str = "", *, whole: bool = False) -> Decimal:
    """Read a number in the way of its column.

    Raises
    ------
    NotANumber
        It is no number, or means two things; says what to write where that is not plain.
    """
    if unit == "hours" and (hours := _hours(text)) is not None:
        return hours
    seen = shape(text, unit)
    if seen is None:
        raise NotANumber
    if not seen.doubtful:
        value = seen.as_comma if seen.as_stop is None else seen.as_stop
    else:
        value = {".": seen.as_stop, ",": seen.as_comma}.get(way.decimal)
    if value is None:
        raise NotANumber(_doubt(seen, way))
    if abs(value) >= _TOO_LARGE:
        raise NotANumber
    if whole and value != value.to_integral_value():
        raise NotANumber(Message("advice.round"))
    return value


def _hours(text: str) -> Decimal | None:
    """Hours as a clock or in words: ``7:24``, ``7 t 24 min``, ``45 min``."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    found = _CLOCK.fullmatch(plain) or _IN_WORDS.fullmatch(plain)
    if found is None:
        return None
    hours, minutes = int(found[1] or 0), int(found[2])
    if found[1] and minutes > 59:
        return None
    return hours + Decimal(minutes) / 60


def _doubt(seen: Shape, way: NumberStyle) -> Message:
    values = sorted(value for value in (seen.as_stop, seen.as_comma) if value is not None)
    small, large = (f"{value.normalize():f}" for value in values)
    why = Message("advice.says_which")
    if way.proofs:
        why = Message("advice.stand_both", first=way.proofs[","], second=way.proofs["."])
    if "." not in small:
        small = f"{small}.0"
    return Message(
        "advice.two_numbers", small=Both(small, small.replace(".", ",")), large=large, why=why
    )
