"""Whether the target will be reached, and what earlier forecasts came to, as sentences."""

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


def past_lines(past: Mapping[str, Any], words: Words) -> list[str]:
    """Say what the forecasts of earlier weeks came to, a sentence or two for each reach.

    Parameters
    ----------
    past
        As the decisions room makes it.
    """
    told = [row for row in past["ahead"] if row["forecasts"]]
    if not told:
        return [words("past.nothing", weeks=past["ahead"][0]["weeks"])]
    lines = [words("past.how", until=words.date(past["until"]))]
    for row in past["ahead"]:
        ahead = words("past.ahead", row["weeks"])
        if row["forecasts"]:
            lines.append(f"{ahead}: {newest_text(row, words)} {all_text(row, past, words)}")
        else:
            lines.append(f"{ahead}: {words('past.none')}")
    return lines


def newest_text(row: Mapping[str, Any], words: Words) -> str:
    """Say what the newest forecast of a reach said, and what came."""
    newest = row["newest"]
    facts = {
        **{name: words.whole(newest[name]) for name in ("low", "high")},
        **{name: words.date(newest[name]) for name in ("day", "due")},
        "where": words(f"past.where_{newest['where']}"),
    }
    if newest["came"] is None:
        return words("past.newest_hidden", **facts)
    return words("past.newest", came=words.whole(newest["came"]), **facts)


def all_text(row: Mapping[str, Any], past: Mapping[str, Any], words: Words) -> str:
    """Say how many of all forecasts of a reach held, and what that says of them."""
    facts = {name: words.whole(row[name]) for name in ("in", "below", "above", "apart")}
    counted = words("past.all", row["forecasts"], held=facts["in"], below=facts["below"],
                    above=facts["above"])  # fmt: skip
    meant = words(
        f"past.{row['verdict']}", row["apart"], share=words.percent(past["percent"] / 100)
    )
    return f"{counted} {meant}"
