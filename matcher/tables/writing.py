"""How the columns of a table are written: one decision for all cells, before any is read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matcher.records import LEVELS
from matcher.tables.dates import Order, orders
from matcher.tables.numbers import NumberStyle, ways
from matcher.texts import Message

if TYPE_CHECKING:
    from matcher.tables.fields import TableField

_COMPARES = re.compile(r"(?:[<>≤≥=~]|ca\.?\s|under |over |max |min |mindst|højst|op til|up to).*")
_SPAN = re.compile(r"\d+(?:[.,]\d+)?\s*(?:-|–|—|til|to)\s*\d+(?:[.,]\d+)?")
_LEVEL_TEST = re.compile(r"(?:prøveidansk|proeveidansk|danskprøve|pd)([1-3])")


@dataclass(frozen=True)
class ColumnStyle:
    """How one column is written."""

    numbers: NumberStyle = field(default_factory=NumberStyle)
    days: Order = field(default_factory=Order)


def how_written(
    columns: Mapping[str, tuple[TableField, Sequence[str]]], separator: str = ""
) -> dict[str, ColumnStyle]:
    """Decide how each column of a table is written, from all its texts and those of the others.

    Parameters
    ----------
    columns
        The columns with their distinct texts.
    separator
        Between the cells of the file; empty where there is none.
    """
    numbers = ways(
        {
            name: column.seen(texts)
            for name, (column, texts) in columns.items()
            if column.kind in {"whole", "number"}
        },
        separator,
    )
    days = orders(
        {name: tuple(texts) for name, (column, texts) in columns.items() if column.kind == "date"},
        separator,
    )
    return {
        name: ColumnStyle(numbers.get(name, NumberStyle()), days.get(name, Order()))
        for name in columns
    }


def level_named(text: str) -> int | None:
    """Level of Danish that a step of the European scale, or a test, is; None: neither."""
    word = re.sub(r"[\s._-]+", "", text.lower())
    if word in {"none", "ingen"}:
        return 0
    if found := _LEVEL_TEST.fullmatch(word):
        word = f"pd{found[1]}"
    return LEVELS.get(word.upper())


def advice_on_number(text: str) -> Message:
    """Say what to write instead of a text that is no number."""
    plain = text.lower()
    if _COMPARES.fullmatch(plain):
        return Message("advice.comparison")
    if _SPAN.fullmatch(plain):
        return Message("advice.span")
    return Message("advice.number_alone")
