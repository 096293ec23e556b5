"""How numbers, families of scenarios and fronts are written on the page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from matcher.report import Words
from scenarios.compare import Comparison
from scenarios.frontier import Front


def signed(number: float, words: Words, decimals: int = 0) -> str:
    """Write a difference with its sign; a true minus."""
    text = words.decimal(abs(number), decimals) if decimals else words.whole(abs(number))
    if text.strip("0.,") == "":
        return text
    return f"+{text}" if number > 0 else f"−{text}"


def each(frame: pd.DataFrame) -> Iterator[Any]:
    """Rows of a frame, read by name; cells are what the frame's maker says they are."""
    yield from frame.itertuples()


def money(value: Any, words: Words) -> str:
    """Write DKK with a true minus; a dash where there is nothing to say."""
    if value is None or pd.isna(value):
        return "–"
    return words.whole(value) if value >= 0 else f"−{words.whole(-value)}"


def front_name(front: Front, words: Words) -> str:
    """Group of a front in words."""
    column, _, value = front.group.partition("=")
    known = words.known(f"group.{value}", value)
    return f"{words.known(f'group_name.{column}', column)} {known}"


def label_of(comparison: Comparison, family: str, parameter: str, words: Words) -> str:
    """Name a parameter of a family in words."""
    named = [one for one in comparison.scenarios if one.family == family]
    for one in named:
        if parameter in one.labels:
            return one.label(parameter, words.language)
    return parameter


def title_of(comparison: Comparison, family: str, words: Words) -> str:
    """Name a family in words."""
    titles = (one.family_title(words.language) for one in comparison.scenarios
              if one.family == family)  # fmt: skip
    return next(titles, family) or family


def placements_text(count: int, words: Words) -> str:
    """Write a gain or a loss in words."""
    key = "more_placements" if count > 0 else "fewer_placements"
    return words(f"whatif.{key}", abs(count))
