"""Finding and hiding what looks like a CPR number (the Danish personal number).

Such a number is ten digits, DDMMYY and four more, with or without a dash or a blank between. It
counts as one when the date part is a date (a day above 60 is a replacement number) and no further
digit stands beside it. A whole cell of nine digits counts too when a zero in front makes it one:
spreadsheets drop leading zeros.

A P-number (production unit) is ten plain digits and often looks like a date by chance, so a
workplace's id may be ten digits without a dash; nothing else may.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MASK = "[CPR removed]"
"""What stands in place of a number that was removed."""

_GAP = r"(?:\s?[-\u2010-\u2015\u2212]\s?|\s)"
_DAY_MONTH = r"(?:[0-2][0-9]|3[01]|[6-8][0-9]|9[01])(?:0[1-9]|1[0-2])[0-9]{2}"
_WITH_GAP = re.compile(rf"(?<![0-9]){_DAY_MONTH}{_GAP}[0-9]{{4}}(?![0-9])")
_ANY = re.compile(rf"(?<![0-9]){_DAY_MONTH}{_GAP}?[0-9]{{4}}(?![0-9])")
_NINE = re.compile(r"[1-9](?:0[1-9]|1[0-2])[0-9]{6}")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,4}[.,][0-9]+")
_PERHAPS = re.compile(rf"[0-9]{{6}}{_GAP}?[0-9]{{4}}|(?<=\0)[0-9]{{9}}(?=\0)")
"""Quick look over many cells at once, each between NUL characters."""


def looks_like_cpr(
    text: str, *, digits_allowed: bool = False, decimals_allowed: bool = False
) -> bool:
    """Tell whether a cell holds anything like a CPR number.

    Parameters
    ----------
    text
        The cell.
    digits_allowed
        The column holds P-numbers: ten plain digits are not refused.
    decimals_allowed
        The column holds decimal numbers: the decimals of one are not refused.
    """
    if decimals_allowed and _DECIMAL.fullmatch(text.strip()):
        return False
    if digits_allowed:
        return _WITH_GAP.search(text) is not None
    return _ANY.search(text) is not None or _NINE.fullmatch(text.strip()) is not None


def positions(
    texts: Sequence[str], *, digits_allowed: bool = False, decimals_allowed: bool = False
) -> list[int]:
    """Positions of the texts that hold anything like a CPR number."""
    if _PERHAPS.search("\0" + "\0".join(texts) + "\0") is None:
        return []
    return [
        position
        for position, text in enumerate(texts)
        if looks_like_cpr(text, digits_allowed=digits_allowed, decimals_allowed=decimals_allowed)
    ]


def mask(text: str, *, digits_allowed: bool = False) -> str:
    """Replace everything that looks like a CPR number."""
    if digits_allowed:
        return _WITH_GAP.sub(MASK, text)
    if _NINE.fullmatch(text.strip()):
        return MASK
    return _ANY.sub(MASK, text)
