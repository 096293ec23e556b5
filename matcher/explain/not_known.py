"""What nobody knows about the people and jobs of a plan, and the careful value that counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from matcher.explain.assumed import assumed_document, assumed_lines
from matcher.plan import NotKnown
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.records import HEALTH_CODES, PAPERS, TABLES, PaperStatus, careful_fields
from matcher.rules import Language
from matcher.texts import Both, Message, Speech, write
from matcher.unknown import COLUMN

GROUPS: Mapping[str, tuple[str, ...]] = {
    "citizens": ("danish", "hours", "health", "care", "single_provider", "papers", "mentor"),
    "openings": ("danish", "hours", "health"),
}
"""Kinds of columns by table; the catalogue names them under ``unknown_TABLE``."""


def group_of(column: str) -> str:
    """Kind of a column of which nothing may be known, a key of :data:`GROUPS`."""
    if column in {"oral", "reading", "oral_floor", "reading_floor"}:
        return "danish"
    if column == "limit_care":  # may be absent by itself
        return "care"
    if column.startswith(("limit_", "demand_")) or column == "must_limits":
        return "health"
    if column.startswith("paper_"):
        return "papers"
    return {"single_provider": "single_provider", "mentor_hours": "mentor"}.get(column, "hours")


def column_name(column: str, language: Language) -> str:
    """Name of a protecting column in words."""
    say = Speech(language)
    kind, _, code = column.partition("_")
    if kind == "paper" and code in PAPERS:
        return say(f"paper.{code}")
    if kind in {"limit", "demand"} and code in HEALTH_CODES:
        return say(f"unknown_column.{kind}", name=say(f"health.{code}"))
    return say.known(f"unknown_column.{column}", column)


def value_words(column: str, value: Any, language: Language) -> str:
    """Say a careful value."""
    say = Speech(language)
    if column == "must_limits":
        return say("careful.all")
    if isinstance(value, bool):
        return say("careful.yes" if value else "careful.no")
    if column.startswith("paper_"):
        status = next(one for one in PaperStatus if one.value == value)
        return Both(status.value.replace("_", " "), status.danish).told(language)
    if value == 0 and group_of(column) in {"danish", "health", "care"}:
        return say("careful.none")
    return say.marked(f"{value:g}") if value != "" else "-"


def not_known_of(problem: Problem, table: str, ids: Iterable[str]) -> dict[str, NotKnown]:
    """Find what is not known of some citizens or openings, by id; others are left out."""
    frame = problem[table]
    said = frame[COLUMN].ne("")
    if not said.any():
        return {}
    (key,) = TABLES[table].key
    marked = frame.loc[said & frame[key].isin(list(ids)), [key, COLUMN]]
    careful, order = problem.policy.careful(table), careful_fields(TABLES[table].record)
    return {
        str(one): {name: careful[name] for name in order if name in set(text.split(";"))}
        for one, text in zip(marked[key].tolist(), marked[COLUMN].tolist(), strict=True)
    }


def not_known_sentence(not_known: NotKnown, language: Language, *, job: bool = False) -> str:
    """Say what is not known and what counted instead; empty where all is known."""
    if not not_known:
        return ""
    listed = ", ".join(
        f"{column_name(name, language)} ({value_words(name, value, language)})"
        for name, value in not_known.items()
    )
    return write("careful.job" if job else "careful.citizen", {"listed": listed}, language)


def not_known_document(problem: Problem) -> dict[str, Any]:
    """Count for the page: rows with something unknown, by kind and column; what is declared.

    What is assumed of openings is counted under ``assumed``, where there is anything.
    """
    found: dict[str, Any] = {"tables": {}, "declared": declared(problem.policy)}
    counts = problem.unknown()
    for table, columns in counts.items():
        texts = problem[table][COLUMN]
        words = texts.value_counts()
        kinds: dict[str, int] = {}
        for text, count in words.items():
            for kind in {group_of(name) for name in str(text).split(";") if name}:
                kinds[kind] = kinds.get(kind, 0) + int(count)
        found["tables"][table] = {
            "of": len(texts),
            "rows": int(texts.ne("").sum()),
            "kinds": {kind: kinds[kind] for kind in GROUPS[table] if kind in kinds},
            "columns": columns,
        }
    if assumed := assumed_document(problem):
        found["assumed"] = assumed
    return found


def declared(policy: Policy) -> dict[str, dict[str, Any]]:
    """Columns that the policy declares not to be recorded, with the value everybody has."""
    return {
        table: dict(policy.declared_for(table))
        for table in ("citizens", "openings", "teams")
        if policy.declared_for(table)
    }


def not_known_lines(document: Mapping[str, Any], language: Language) -> tuple[str, ...]:
    """Write the counts of :func:`not_known_document` for the top of a page or a terminal."""
    say, lines = Speech(language), []
    for table, row in document["tables"].items():
        parts = ", ".join(
            f"{say(f'unknown_{table}.{kind}')} ({count})" for kind, count in row["kinds"].items()
        )
        who = Message(f"who.{table}", count=row["rows"]).told(language)
        lines.append(say("careful.line", who=who, parts=parts))
    for table, values in document["declared"].items():
        parts = ", ".join(f"{name} = {_declared(value, say)}" for name, value in values.items())
        lines.append(say("careful.declared", who=say(f"who.all_{table}"), parts=parts))
    return (*lines, *assumed_lines(document.get("assumed", {}), language))


def _declared(value: Any, say: Speech) -> str:
    if isinstance(value, bool):
        return say("careful.yes" if value else "careful.no")
    if value is None or value == "":
        return say("careful.declared_none")
    return say.marked(f"{value:g}") if isinstance(value, int | float) else str(value)
