"""What pydantic finds wrong with a value, as messages of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from matcher.texts.message import Message

_KNOWN: Final[Mapping[str, str]] = {
    "greater_than_equal": "ge",
    "greater_than": "gt",
    "less_than_equal": "le",
    "less_than": "lt",
    "multiple_of": "multiple_of",
    "literal_error": "expected",
    "enum": "expected",
    "string_pattern_mismatch": "pattern",
    "string_too_long": "max_length",
    "string_too_short": "min_length",
    "too_short": "min_length",
    "too_long": "max_length",
}
"""Kinds of problems with a limit, and what pydantic calls the limit."""


def said_of(problem: Mapping[str, Any]) -> str:
    """Say a problem of validation.

    Parameters
    ----------
    problem
        One of the ``errors()`` of a ``ValidationError``.

    Returns
    -------
    str
        What a check of ours said, a message, or pydantic's own words where no text fits.
    """
    facts = problem.get("ctx", {})
    if isinstance(own := facts.get("error"), ValueError):
        return own.args[0] if own.args and isinstance(own.args[0], str) else str(own)
    kind = str(problem["type"])
    if (name := _KNOWN.get(kind)) in facts:
        return Message(f"validation.{kind}", limit=facts[name])
    if kind in _WITHOUT:
        return Message(f"validation.{kind}")
    return str(problem["msg"])


_WITHOUT: Final = frozenset({
    "int_type", "int_parsing", "int_from_float", "float_type", "float_parsing", "finite_number",
    "string_type", "bool_type", "bool_parsing", "date_type", "date_parsing",
    "date_from_datetime_parsing", "list_type", "dict_type", "tuple_type",
})  # fmt: skip
"""Kinds of problems without a limit."""
