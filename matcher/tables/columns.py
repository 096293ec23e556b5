"""Which columns a table has, and which words each knows: by the records, and by a policy."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from matcher.policy import Policy
from matcher.records import PAPERS, TABLES, Table, careful_fields, danish_name
from matcher.tables.cells import ReadColumn
from matcher.tables.names import (
    assumable,
    careful_columns,
    forbid_reasons,
    health_codes,
    measures,
    papers,
)
from matcher.texts import catalogue
from matcher.unknown import ASSUMABLE, ASSUMED, COLUMN

_PAPERS_DANISH = {code: catalogue("da")[f"paper.{code}"] for code in PAPERS}


def columns_of(table: Table, policy: Policy | None) -> dict[str, ReadColumn]:
    """Fields of a table with their vocabularies; without a policy, those of the records alone."""
    columns = dict(_columns_of_record(table.name))
    if policy is None:
        return columns
    if table.name in _MEASURES:
        words, idle = measures(policy)
        name, keeps_unknown = _MEASURES[table.name]
        columns[name] = ReadColumn(
            table.record,
            name,
            vocabulary=words,
            danish_words={code: item.danish for code, item in policy.measures.items()},
            not_in_force=idle,
            keeps_unknown=keeps_unknown,
        )
    if table.name in _REASONS:
        columns["reason"] = ReadColumn(
            table.record,
            "reason",
            vocabulary=forbid_reasons(policy),
            danish_words={code: one.danish for code, one in policy.forbid_reasons.codes.items()},
            fallback="other",
        )
    return columns


_MEASURES: Mapping[str, tuple[str, bool]] = {
    "openings": ("measures", False),
    # A running placement has its seat and its citizen, whatever its measure is called.
    "running": ("measure", True),
    "locks": ("measure", False),
    "previous": ("measure", False),
}
"""The column of measures by table, and whether it keeps one that nobody knows."""
_REASONS = ("forbids", "events")
"""Tables with a reason of the policy."""


@cache
def _columns_of_record(name: str) -> Mapping[str, ReadColumn]:
    """Fields of a table with the vocabularies that are the same under every policy."""
    special: dict[tuple[str, str], dict[str, Any]] = {
        ("citizens", "must_limits"): {"vocabulary": health_codes()},
        ("openings", "papers"): {"vocabulary": papers(), "danish_words": _PAPERS_DANISH},
        ("courses", "paper"): {"vocabulary": papers(), "danish_words": _PAPERS_DANISH},
        ("openings", ASSUMED): {
            "vocabulary": assumable(),
            "danish_words": {
                one: danish_name(TABLES[where].record, one) for one, where in ASSUMABLE.items()
            },
        },
    }
    record = TABLES[name].record
    if careful := careful_fields(record):
        special[name, COLUMN] = {
            "vocabulary": careful_columns(name),
            "danish_words": {one: danish_name(record, one) for one in careful},
        }
    return {
        one: ReadColumn(record, one, **special.get((name, one), {})) for one in record.model_fields
    }
