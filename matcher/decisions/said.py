"""Words in which decisions are said: which are taken, and what others may have meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from functools import cache

from matcher.decisions.form import VERDICTS
from matcher.ledger import Verdict
from matcher.report import LANGUAGES, Words
from matcher.tables.names import fold

_ALIKE = 0.75
"""How alike a word must be to one that is known, for it to be suggested (0-1, as difflib)."""


def _listed(section: str) -> dict[str, Verdict]:
    return {
        fold(word): verdict
        for verdict in VERDICTS
        for language in LANGUAGES
        for word in Words(language)(f"{section}.{verdict}").split(";")
    }


@cache
def verdicts() -> Mapping[str, Verdict]:
    """Verdict by folded word: its code, its name in either language, and their common forms."""
    codes = {fold(verdict): verdict for verdict in VERDICTS}
    return {**_listed("verdict_also"), **_listed("verdict"), **codes}


@cache
def _suggested() -> Mapping[str, Verdict]:
    return _listed("verdict_perhaps")


def verdict_meant(text: str) -> Verdict | None:
    """Verdict that a text may have meant which is none; None: no guess."""
    known = {**_suggested(), **verdicts()}
    words = [fold(word) for word in re.split(r"[^\w]+", text) if word]
    for word in (fold(text), *words[:1]):
        if word in known:
            return known[word]
    near = difflib.get_close_matches(fold(text), list(verdicts()), 1, _ALIKE)
    return verdicts()[near[0]] if near else None


def reason_meant(text: str, known: Mapping[str, str]) -> str | None:
    """Code of the reason that a text may have meant which is none; None: no guess.

    Parameters
    ----------
    text
        What was found.
    known
        Reason by folded name.
    """
    near = difflib.get_close_matches(fold(text), list(known), 1, _ALIKE)
    return known[near[0]] if near else None
