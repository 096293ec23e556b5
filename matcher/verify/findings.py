"""What the check finds: one violation per broken rule, row or number."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from matcher.rules import RULES, UNKNOWN

VALUE = "value"
"""Name of the check that every stated number, id and order is what the records give."""


@dataclass(frozen=True, order=True)
class Violation:
    """One thing in a plan that the records do not bear out."""

    rule: str
    """Id of a hard rule, name of a row, or ``value``."""
    where: str
    """E.g. ``C001 at O12``, ``C001 at O12: minutes`` or ``opening_seats[O12]``."""
    value: int
    """What the plan has, in the unit of the rule; a date is a day number."""
    limit: int
    """What the records allow; for ``value``: what they give."""
    message: str
    """The violation as a sentence."""


def breaks(rule: str, value: int, limit: int) -> bool:
    """Whether a value breaks a hard rule; a value that is not known always does."""
    if value == UNKNOWN:
        return True
    return value > limit if RULES[rule].sense == "most" else value < limit


def broken_rule(rule: str, where: str, value: int, limit: int, why: str = "") -> Violation:
    """Violation of a hard rule, with the rule's own sentence unless ``why`` says it better."""
    sentence = why or RULES[rule].sentence(value, limit, "en")
    return Violation(rule, where, value, limit, f"{where} breaks {rule}: {sentence}")


def broken_row(name: str, key: str, value: int, limit: int, unit: str) -> Violation:
    """Violation of a row that has a capacity."""
    where = f"{name}[{key}]"
    return Violation(
        name, where, value, limit, f"{where}: the plan uses {value} {unit}; {limit} can be used."
    )


def wrong_number(where: str, value: int, limit: int) -> Violation:
    """Violation of a stated number."""
    return Violation(
        VALUE, where, value, limit, f"{where}: the plan says {value}; the records give {limit}."
    )


def wrong_date(where: str, value: dt.date, limit: dt.date) -> Violation:
    """Violation of a stated date; both are given as day numbers."""
    message = f"{where}: the plan says {value.isoformat()}; the records give {limit.isoformat()}."
    return Violation(VALUE, where, value.toordinal(), limit.toordinal(), message)


def unknown_id(where: str, kind: str, key: str) -> Violation:
    """Violation by an id that no table has."""
    return Violation(VALUE, where, 0, 1, f"{where}: there is no {kind} '{key}' in the tables.")
