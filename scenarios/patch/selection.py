"""Which rows a change is about: conditions on columns, and draws among the rows that meet them.

Conditions are evaluated on the tables as they came, never on what another change has made of them,
so the order of changes does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from matcher.problem import Problem
from matcher.records import TABLES
from matcher.texts import Message, joined
from matcher.week import parse_week, slots
from scenarios.patch.columns import PatchedColumn, column_names, known, no_column, target_of

Mask = npt.NDArray[np.bool_]
Say = Callable[[tuple[str | int, ...], str], None]
"""Notes a fault at a key below the change."""

OPERATORS = {
    "from": "at least",
    "to": "at most",
    "above": "more than",
    "below": "less than",
    "not": "none of these",
    "empty": "empty, or not",
    "starts": "text that begins so",
    "has": "lists with this word",
    "lacks": "lists without this word",
    "within": "blocks inside these hours",
    "beyond": "blocks not all inside these hours",
    "touches": "blocks that overlap these hours",
}
"""What may stand in the table of a condition, and what it means."""
_ORDERED = {"from", "to", "above", "below"}
_WORDS = {"has", "lacks"}
_WEEKS = {"within", "beyond", "touches"}


@dataclass(frozen=True)
class Condition:
    """One test of one column."""

    column: PatchedColumn
    operator: str
    """``is``, one of :data:`OPERATORS`, or ``row`` for conditions on the row it names."""
    value: Any

    def holds(self, problem: Problem) -> Mask:
        """Rows of the table that meet it."""
        cells = problem[self.column.table][self.column.name]
        if self.operator == "row":
            target = target_of(self.column.table, self.column.name)
            assert target is not None
            ids = problem[target].loc[chosen(problem, target, self.value), TABLES[target].key[0]]
            return np.asarray(cells.isin(ids), dtype=np.bool_)
        empty = cells.isna().to_numpy(np.bool_)
        if self.column.is_week or self.column.is_list:
            empty = empty | (cells == "").fillna(value=False).to_numpy(np.bool_)
        if self.operator == "empty":
            return empty if self.value else ~empty
        if self.operator in {"is", "not"}:
            values = [value for value in self.value if value is not None]
            found = np.asarray(cells.isin(values), dtype=np.bool_)
            if len(values) < len(self.value):
                found = found | empty
            return found if self.operator == "is" else ~found
        return ~empty & self._compare(cells)

    def _compare(self, cells: pd.Series) -> Mask:
        if self.operator in _ORDERED:
            test = {"from": "ge", "to": "le", "above": "gt", "below": "lt"}[self.operator]
            return np.asarray(getattr(cells, test)(self.value).fillna(value=False), dtype=np.bool_)
        codes, unique = pd.factorize(cells, use_na_sentinel=False)
        verdicts = [isinstance(text, str) and self._word_fits(text) for text in unique]
        return np.array(verdicts, dtype=np.bool_)[codes]

    def _word_fits(self, text: str) -> bool:
        if self.operator == "starts":
            return text.startswith(tuple(self.value))
        if self.operator in _WORDS:
            return any(word in text.split(";") for word in self.value) == (self.operator == "has")
        taken, hours = slots(parse_week(text)), slots(parse_week(self.value))
        if self.operator == "touches":
            return bool((taken & hours).any())
        return bool((taken & ~hours).any()) == (self.operator == "beyond")


def conditions(table: str, where: Mapping[str, Any], say: Say) -> tuple[Condition, ...]:
    """Read the conditions on a table; what is wrong with them is said."""
    names = column_names(table)
    read: list[Condition] = []
    for name, wanted in where.items():
        if name not in names:
            say(
                (name,),
                no_column(table, names, name),
            )
            continue
        column = PatchedColumn(table, names[name])
        if isinstance(wanted, str) and (compared := _compared(column, wanted)):
            read += _equal(column, *compared, (name,), say)
            continue
        if not isinstance(wanted, dict):
            values = wanted if isinstance(wanted, list) else [wanted]
            read += _equal(column, "is", values, (name,), say)
            continue
        target = target_of(table, column.name)
        if target is not None and not set(wanted) <= set(OPERATORS):
            inner = conditions(
                target,
                wanted,
                lambda at, text, name=name: say((name, *at), text),  # type: ignore[misc]
            )
            read.append(Condition(column, "row", inner))
            continue
        for operator, value in wanted.items():
            read += _operated(column, operator, value, (name, operator), say)
    return tuple(read)


_SIGNS = {"<=": "to", "≤": "to", ">=": "from", "≥": "from", "<": "below", ">": "above"}
_COMPARISON = re.compile(r"(<=|>=|≤|≥|<|>)\s*(-?\d+(?:[.,]\d+)?)")


def _compared(column: PatchedColumn, text: str) -> tuple[str, list[float]] | None:
    """Read a comparison as people write it, `<= 2`; None: the text is none, or of no number."""
    found = _COMPARISON.fullmatch(text.strip()) if column.is_number else None
    if found is None:
        return None
    return _SIGNS[found[1]], [float(found[2].replace(",", "."))]


def _operated(
    column: PatchedColumn, operator: str, value: Any, at: tuple[str, ...], say: Say
) -> list[Condition]:
    values = value if isinstance(value, list) else [value]
    if operator not in OPERATORS:
        hint = (
            Message("patch.or_columns", table=target)
            if (target := target_of(column.table, column.name))
            else ""
        )
        say(
            at,
            Message(
                "patch.no_condition", name=operator, known=known(OPERATORS, operator), hint=hint
            ),
        )
    elif operator == "empty":
        if isinstance(value, bool):
            return [Condition(column, operator, value)]
        say(at, Message("patch.empty", value=repr(value)))
    elif operator == "not":
        return _equal(column, operator, values, at, say)
    elif operator in _ORDERED:
        if not (column.is_number or column.is_date):
            say(at, Message("patch.compares", name=operator, column=column.name))
        else:
            return _equal(column, operator, [value], at, say)
    elif operator in _WEEKS:
        if not column.is_week:
            say(at, Message("patch.looks_at_blocks", name=operator, column=column.name))
            return []
        try:
            parse_week(value)
        except (ValueError, TypeError, AttributeError):
            say(at, Message("patch.blocks", name=operator, value=repr(value)))
            return []
        return [Condition(column, operator, value)]
    elif not all(isinstance(word, str) for word in values):
        say(at, Message("patch.texts", name=operator, value=repr(value)))
    elif operator in _WORDS and not column.is_list:
        say(at, Message("patch.looks_at_lists", name=operator, column=column.name))
    elif operator == "starts" and column.kind != "str":
        say(at, Message("patch.starts", column=column.name))
    else:
        if operator in _WORDS:
            values = [code for text in values for code in column.meant(text)]
        return [Condition(column, operator, values)]
    return []


def _equal(
    column: PatchedColumn, operator: str, values: list[Any], at: tuple[str, ...], say: Say
) -> list[Condition]:
    read = []
    for value in values:
        try:
            read.append(_comparable(column, value, operator))
        except ValueError as error:
            say(
                at,
                Message("patch.value", column=column.name, value=repr(value), reason=error.args[0]),
            )
            return []
    return [Condition(column, operator, read[0] if operator in _ORDERED else read)]


def _comparable(column: PatchedColumn, value: Any, operator: str) -> Any:
    """Value as the column keeps it; limits of a comparison need not be values it may hold."""
    if column.is_number and operator in _ORDERED:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(Message("patch.expected_number"))
        return value
    return column.canonical(value)


def chosen(problem: Problem, table: str, tests: tuple[Condition, ...]) -> Mask:
    """Rows that meet all conditions, shape (rows,)."""
    mask = np.ones(len(problem[table]), dtype=np.bool_)
    for test in tests:
        mask = mask & test.holds(problem)
    return mask


_NAME = {"openings": "title", "workplaces": "name", "places": "name"}
"""Column that people know a row by, where it is not its key."""
_OF_PERSONS = {"citizens", "caseworkers", "running", "locks", "forbids", "previous", "events",
               "audit_groups"}  # fmt: skip
"""Tables whose rows are counted and never named."""
MOST_NAMED = 5
"""Rows of a selection that are named."""


@dataclass(frozen=True)
class Selected:
    """What conditions took in: `starts = "Home 1"` is ten homes more than was meant."""

    table: str
    matched: int
    """Rows that meet the conditions."""
    taken: int
    """Of those, how many were drawn; all of them where nothing is drawn."""
    names: tuple[str, ...]
    """The first of them by name; none where rows are persons."""
    named: int
    """Different names in all."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**asdict(self), "names": list(self.names)}


def selected(
    problem: Problem, table: str, tests: tuple[Condition, ...], taken: Mask | None = None
) -> tuple[Selected, ...]:
    """Say which rows conditions take in, those on the rows they name included."""
    if not tests:
        return ()
    mask = chosen(problem, table, tests)
    found: list[Selected] = []
    for test in tests:
        target = target_of(table, test.column.name) if test.operator == "row" else None
        if target is not None:
            found += selected(problem, target, test.value)
    names: list[str] = []
    if table not in _OF_PERSONS:
        rows = problem[table][mask]
        keys = key_texts(rows, table)
        named = rows[_NAME[table]].reset_index(drop=True) if table in _NAME else keys
        names = list(dict.fromkeys(str(name) if isinstance(name, str) and name else key
                                   for name, key in zip(named, keys, strict=True)))  # fmt: skip
        names.sort(key=_natural)
    count = int(mask.sum())
    found.append(
        Selected(
            table,
            count,
            count if taken is None else int(taken.sum()),
            tuple(names[:MOST_NAMED]),
            len(names),
        )
    )
    return tuple(found)


def _natural(name: str) -> list[tuple[int, str]]:
    """Order in which people count: 2 before 10."""
    return [(int(part), "") if part.isdigit() else (-1, part)
            for part in re.split(r"([0-9]+)", name)]  # fmt: skip


def nobody_meets(problem: Problem, table: str, tests: tuple[Condition, ...]) -> str:
    """Say that no row meets all conditions, and how many meet each of them."""
    if not len(problem[table]):
        return Message("patch.table_empty", table=table)
    alone = tuple(
        joined(
            (test.column.name, str(int(test.holds(problem).sum()) or Message("patch.none"))), ": "
        )
        for test in tests
    )
    return Message("patch.nobody_meets", table=table, alone=alone)


def unit_values(problem: Problem, table: str, path: str) -> pd.Series:
    """Value of ``column`` or ``column.column`` (of the row it names) for every row of a table."""
    first, _, rest = path.partition(".")
    cells = problem[table][first]
    if not rest:
        return cells.reset_index(drop=True)
    target = target_of(table, first)
    assert target is not None
    by_key = problem[target].set_index(TABLES[target].key[0])[rest]
    return pd.Series(cells.map(by_key).to_numpy(object))


def draw_order(keys: pd.Series, seed: int) -> npt.NDArray[np.int64]:
    """Positions in an order drawn by a seed; the same for the same keys in any order."""
    texts = np.array([f"{seed}|{key}" for key in keys.tolist()], dtype=object)
    hashes = pd.util.hash_array(texts, categorize=False)
    return np.lexsort((texts.astype(str), hashes)).astype(np.int64)


def key_texts(frame: pd.DataFrame, table: str) -> pd.Series:
    """Write the key of every row as one text."""
    columns = [frame[name].astype("string").fillna("") for name in TABLES[table].key]
    text = columns[0]
    for column in columns[1:]:
        text = text.str.cat(column, sep=" / ")
    return text.astype(object).reset_index(drop=True)
