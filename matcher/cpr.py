"""The gate for CPR numbers (the Danish personal number): what counts as one, and how it is hidden.

Everything that is read passes it once on the way in (a refused cell is a mask from there on), and
everything that is said or kept passes it again on the way out: errors, issues, both output
streams, documents. ``docs/data-protection.md`` states what is recognised and what cannot be.

A CPR number is ten digits, DDMMYY and four more, where the date part can be a date (a day above 60
is a replacement number). It is recognised

- in one piece, or with a separator before the last four (a blank, a dash, ``/ . , _`` and the
  like), also with separators in the date, or in groups of three, three and four;
- with digits of any script, and with invisible signs in between;
- without its first zero, which spreadsheets drop: nine digits, with decimals of nothing, or in
  groups of three as a whole cell; and as a spreadsheet's scientific notation.

Digits inside a longer token of letters and digits are none: a GUID, a hash, ``B0101901234``. A
word that says what follows (``cpr0101901234``) does not hide it.

A P-number (production unit) is ten plain digits that begin with 10, and often looks like a date
by chance. A workplace's id may be one; nothing else that comes in may.
"""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

import numpy as np

from matcher.texts import Message

MASK = "[CPR removed]"
"""What stands in place of a number that was removed."""

_DASH = "\u2010-\u2015\u2212\u2043\ufe58\ufe63\uff0d"
_MARK = rf"[-{_DASH}/._\u00b7\u2022:*+|\\'~=#\uff0f\uff0e\uff3f]"
_GAP = rf"(?:\s{{0,2}}{_MARK}{{1,2}}\s{{0,2}}|\s{{0,2}},\s{{0,2}}|\s{{1,3}}|\s?\(\s?)"
_SMALL = rf"(?:\s|[-{_DASH}/._,])"
_DAY = r"(?:0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"
_GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_ANY = re.compile(
    rf"(?P<guid>(?<![0-9A-Za-z]){_GUID.pattern}(?![0-9A-Za-z]))"
    rf"|(?<![0-9])(?:"
    rf"(?P<plain>{_DAY}{_MONTH}[0-9]{{6}})"
    rf"|(?P<gap>{_DAY}{_MONTH}[0-9]{{2}}{_GAP}[0-9]{{4}})"
    rf"|(?P<spread>{_DAY}{_SMALL}{_MONTH}{_SMALL}[0-9]{{2}}{_GAP}?[0-9]{{4}}"
    r"|[0-9]{3}\s[0-9]{3}\s[0-9]{4})"
    rf"|(?<![0-9][.,])(?P<nine>[1-9]{_MONTH}[0-9]{{6}})"
    rf")(?![0-9])"
    rf"|(?<![0-9.,])(?P<power>[0-9]+(?:[.,][0-9]+[eE]\+?|[eE]\+)[0-9]{{1,2}})(?![0-9])"
)
_WHOLE = re.compile(
    rf"[1-9]{_MONTH}[0-9]{{2}}[-{_DASH}][0-9]{{4}}"
    r"|[0-9]{3}(?P<by>[ .,'\u00a0\u202f])[0-9]{3}(?P=by)[0-9]{3}(?:[.,]0+)?"
    r"|[0-9](?P<by4>[ .,'\u00a0\u202f])[0-9]{3}(?P=by4)[0-9]{3}(?P=by4)[0-9]{3}(?:[.,]0+)?"
)
"""Forms that count only where they are all that stands in a cell."""
_TEN = re.compile(rf"{_DAY}{_MONTH}[0-9]{{6}}")
_P_NUMBER = re.compile(r"10[0-9]{8}")
_LABEL = re.compile(r"(?:cpr|cprnr|cprno|cprnummer|personnr|personnummer|pnr|nr|no|id)", re.I)
_WORD = 3
"""Letters of a word that may be glued to a number with a separator and not hide it."""
_DECIMAL = re.compile(r"[-+]?[0-9]{1,4}[.,][0-9]+")
_CODES = re.compile(r"[1-9][0-9]{3,5}(?:\s*[,;]\s*[1-9][0-9]{3,5})+")
"""A list of occupation codes: six digits, a comma and four are no CPR number there."""
_BETWEEN = "\x1e"
_FEWEST = 9
"""Digits of the shortest form that is not a power."""
_SHORTEST = 6
"""Signs of the shortest form, a power."""
_POWER = re.compile(r"[0-9][.,][0-9]++[eE]|[0-9][eE]\+")
_PERHAPS = re.compile(rf"(?<![0-9])[0-9](?:[^0-9A-Za-z;]{{0,6}}+[0-9]){{8}}|{_POWER.pattern}")
"""Quick look; finds all that the forms find."""
_BETWEEN = "\x1e"
"""A sign between texts that are looked at together."""


def looks_like_cpr(
    text: str,
    *,
    digits_allowed: bool = False,
    decimals_allowed: bool = False,
    codes_allowed: bool = False,
) -> bool:
    """Tell whether a cell holds anything like a CPR number.

    Parameters
    ----------
    text
        The cell.
    digits_allowed
        The column holds P-numbers: ten plain digits that begin with 10 are not refused.
    decimals_allowed
        The column holds decimal numbers: the decimals of one are not refused.
    codes_allowed
        The column holds lists of occupation codes: commas between them are not refused.
    """
    if _GUID.fullmatch(text):
        return False
    plain, _ = _plain(text)
    if _PERHAPS.search(plain) is None:
        return False
    if decimals_allowed and _DECIMAL.fullmatch(plain.strip()):
        return False
    if codes_allowed and _CODES.fullmatch(plain.strip()):
        return False
    return _is_whole(plain) or next(_spans(plain, digits_allowed), None) is not None


def positions(
    texts: Sequence[str],
    *,
    digits_allowed: bool = False,
    decimals_allowed: bool = False,
    codes_allowed: bool = False,
) -> list[int]:
    """Positions of the texts that hold anything like a CPR number."""
    if not texts:
        return []
    joined = "".join(f"{text.replace(_BETWEEN, ' ')}{_BETWEEN}" for text in texts)
    if not joined.isascii():
        joined = joined.translate(_SIGNS)
    signs = np.frombuffer(joined.encode("ascii", "replace"), np.uint8)
    starts = np.append(0, np.flatnonzero(signs == ord(_BETWEEN))[:-1] + 1)
    digits = np.add.reduceat((signs >= ord("0")) & (signs <= ord("9")), starts, dtype=np.int64)
    perhaps = digits >= _FEWEST
    powers = [found.start() for found in _POWER.finditer(joined)]
    perhaps[np.searchsorted(starts, powers, side="right") - 1] = True
    return [
        position
        for position in np.flatnonzero(perhaps).tolist()
        if looks_like_cpr(
            texts[position],
            digits_allowed=digits_allowed,
            decimals_allowed=decimals_allowed,
            codes_allowed=codes_allowed,
        )
    ]


def mask(text: str, *, digits_allowed: bool = False) -> str:
    """Replace everything that looks like a CPR number; a message stays one."""
    if isinstance(text, Message):
        changed = mask(str(text), digits_allowed=digits_allowed) != text
        return text.mapped(partial(mask, digits_allowed=digits_allowed)) if changed else text
    plain, places = _plain(text)
    if _PERHAPS.search(plain) is None:
        return text
    if _is_whole(plain):
        return MASK
    parts: list[str] = []
    end = 0
    for first, last in _spans(plain, digits_allowed):
        start, stop = (first, last) if places is None else (places[first], places[last - 1] + 1)
        parts += (text[end:start], MASK)
        end = stop
    return "".join((*parts, text[end:])) if parts else text


def cleared(content: Any) -> Any:
    """Return plain data with every text and key masked; numbers, and what is no data, as they are.

    P-numbers pass: what was read has been refused before, by its column. Nothing is copied where
    nothing is masked.
    """
    if isinstance(content, Message):
        return mask(content, digits_allowed=True)
    if isinstance(content, str):
        hidden = content if len(content) < _SHORTEST else _cleared_text(content)
        return content if hidden == content else hidden
    if isinstance(content, Mapping):
        keys = [cleared(key) for key in content]
        values = [cleared(value) for value in content.values()]
        same = all(map(operator.is_, (*keys, *values), (*content, *content.values())))
        if same:
            return content
        return dict(zip(keys, values, strict=True))
    if isinstance(content, list | tuple):
        parts = [cleared(part) for part in content]
        if all(map(operator.is_, parts, content)):
            return content
        return parts if isinstance(content, list) else tuple(parts)
    return content


@lru_cache(maxsize=65536)
def _cleared_text(text: str) -> str:
    return mask(text, digits_allowed=True)


def found_in(content: Any) -> str | None:
    """Where plain data hold anything like a CPR number, as a masked path of keys; None: nowhere."""
    for path, text in _texts(content, ()):
        if looks_like_cpr(text, digits_allowed=True):
            return ".".join(mask(part, digits_allowed=True) for part in path) or "(a value)"
    return None


def _texts(content: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(content, str):
        yield path, content
    elif isinstance(content, Mapping):
        for key, value in content.items():
            yield (*path, str(key)), str(key)
            yield from _texts(value, (*path, str(key)))
    elif isinstance(content, list | tuple):
        for part in content:
            yield from _texts(part, path)


def _spans(plain: str, digits_allowed: bool) -> Iterator[tuple[int, int]]:
    for found in _ANY.finditer(plain):
        kind = str(found.lastgroup)
        if kind == "guid":
            continue
        if kind == "power":
            counts = _power_may_be(found[0])
        elif kind == "spread":
            counts = _is_ten("".join(filter(str.isdigit, found[0])))
        else:
            counts = not (digits_allowed and kind == "plain" and _P_NUMBER.fullmatch(found[0]))
        if counts and _stands_alone(plain, *found.span(), glued=kind == "gap"):
            yield found.span()


def _stands_alone(plain: str, start: int, end: int, *, glued: bool) -> bool:
    """Whether digits are no part of a longer token of letters and digits."""
    first, last = start, end
    while first and plain[first - 1].isalnum():
        first -= 1
    while last < len(plain) and plain[last].isalnum():
        last += 1
    before, after = plain[first:start], plain[end:last]
    if before and not _LABEL.fullmatch(before):
        return glued and before.isalpha() and len(before) >= _WORD and not after
    return not after or (glued and not before and after.isalpha() and len(after) >= _WORD)


def _is_whole(plain: str) -> bool:
    cell = plain.strip()
    if _WHOLE.fullmatch(cell) is None:
        return False
    return _is_ten("".join(filter(str.isdigit, re.sub(r"[.,]0{1,2}$", "", cell))))


def _is_ten(digits: str) -> bool:
    return _TEN.fullmatch(digits.zfill(10)) is not None


def _power_may_be(text: str) -> bool:
    """Whether a CPR number may have been rounded to this (``1.01E+09``)."""
    number = Decimal(text.replace(",", "."))
    if not 10**8 // 2 <= number < 10**10:
        return False
    exponent = number.as_tuple().exponent
    half = Decimal(5).scaleb(int(exponent) - 1) if int(exponent) > 0 else Decimal(0)
    least, most = int(number - half) // 10**6, int(number + half) // 10**6
    return any(_is_ten(f"{front:04d}000000") for front in range(least, most + 1))


def _plain(text: str) -> tuple[str, list[int] | None]:
    """Write digits of any script in ASCII without invisible signs; where each sign stood."""
    if text.isascii():
        return text, None
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        if plain := _SIGNS[ord(sign)]:
            signs.append(plain)
            places.append(place)
    return "".join(signs), places


class _Signs(dict[int, str]):
    """What each sign is read as; filled as signs turn up."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        digit = unicodedata.digit(sign, None)
        plain = sign if digit is None else str(digit)
        if unicodedata.category(sign) in {"Cf", "Mn", "Me"}:
            plain = ""
        self[code] = plain
        return plain


_SIGNS = _Signs()
