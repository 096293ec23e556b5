"""Whether the programme's target will be reached, as sentences for every page that says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcher.report.words import Words

_FEWEST_SHOWN, _MOST_SHOWN = 0.01, 0.99
"""Chances nearer to never and always are told as less and more than these."""


def outlook_lines(outlook: Mapping[str, Any] | None, words: Words) -> list[str]:
    """Say whether the target will be reached and when, or what is missing to say it.

    Parameters
    ----------
    outlook
        As the decisions room makes it. None: a run from before it was asked.
    """
    if outlook is None:
        return []
    facts = {
        name: words.whole(outlook[name])
        for name in ("target", "already", "seen", "needed", "weeks", "low", "middle", "high")
    }
    until = words.date(outlook["until"]) if outlook["until"] else ""
    if outlook["missing"]:
        return [words(f"outlook.{outlook['missing']}", **facts, until=until)]
    lines = [words("outlook.said", **facts, until=until, chance=chance_text(outlook, words))]
    if outlook["half"] and outlook["most"]:
        lines.append(
            words("outlook.when", half=words.date(outlook["half"]),
                  most=words.date(outlook["most"]))
        )  # fmt: skip
    elif outlook["half"]:
        lines.append(words("outlook.when_half", half=words.date(outlook["half"])))
    return [*lines, words("outlook.how")]


def chance_text(outlook: Mapping[str, Any], words: Words) -> str:
    """Write the chance of an outlook; neither 0 nor 100 %, which no draw can prove."""
    chance = outlook["chance"]
    if chance < _FEWEST_SHOWN:
        return words("outlook.below", share=words.percent(_FEWEST_SHOWN))
    if chance > _MOST_SHOWN:
        return words("outlook.above", share=words.percent(_MOST_SHOWN))
    return words.percent(chance)
