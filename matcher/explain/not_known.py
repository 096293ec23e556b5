"""What nobody knows about the people and jobs of a plan, and the careful value that counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from matcher.plan import NotKnown
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.records import HEALTH_CODES, PAPERS, TABLES, PaperStatus, careful_fields
from matcher.rules import Language
from matcher.unknown import COLUMN

_NAMES: Mapping[str, tuple[str, str]] = {
    "oral": ("spoken Danish", "mundtligt dansk"),
    "reading": ("reading of Danish", "læsning af dansk"),
    "capacity_hours": ("hours a week", "timer om ugen"),
    "capacity_hours_day": ("hours a day", "timer om dagen"),
    "must_limits": ("which health limits are absolute", "hvilke skånehensyn der er absolutte"),
    "single_provider": ("whether single provider", "om eneforsørger"),
    "mentor_hours": ("mentor hours needed", "behov for mentortimer"),
    "hours_min": ("fewest hours", "færreste timer"),
    "oral_floor": ("spoken Danish asked for", "krav til mundtligt dansk"),
    "reading_floor": ("reading asked for", "krav til læsning"),
}
_HEALTH = ("health limit", "skånehensyn")
_DEMAND = ("demand", "krav")
GROUPS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "citizens": {
        "danish": ("Danish", "dansk"),
        "hours": ("hours", "timer"),
        "health": ("health limits", "skånehensyn"),
        "care": ("limits on food and intimate care", "hensyn til mad og intim pleje"),
        "single_provider": ("single providers", "eneforsørgere"),
        "papers": ("papers", "papirer"),
        "mentor": ("mentor hours", "mentortimer"),
    },
    "openings": {
        "danish": ("Danish asked for", "krav til dansk"),
        "hours": ("fewest hours", "færreste timer"),
        "health": ("demands on health", "krav til helbred"),
    },
}
"""Kinds of columns by table, with their names."""


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
    at = 1 if language == "da" else 0
    if column in _NAMES:
        return _NAMES[column][at]
    kind, _, code = column.partition("_")
    if kind == "paper" and code in PAPERS:
        return PAPERS[code][at]
    if kind in {"limit", "demand"} and code in HEALTH_CODES:
        return f"{(_HEALTH if kind == 'limit' else _DEMAND)[at]} {HEALTH_CODES[code][at]}"
    return column


def value_words(column: str, value: Any, language: Language) -> str:
    """Say a careful value."""
    danish = language == "da"
    if column == "must_limits":
        return "alle" if danish else "all"
    if isinstance(value, bool):
        return ("ja" if value else "nej") if danish else ("yes" if value else "no")
    if column.startswith("paper_"):
        status = next(one for one in PaperStatus if one.value == value)
        return status.danish if danish else status.value.replace("_", " ")
    if value == 0 and group_of(column) in {"danish", "health", "care"}:
        return "intet" if danish else "none"
    return f"{value:g}".replace(".", "," if danish else ".") if value != "" else "-"


def not_known_of(problem: Problem, table: str, ids: Iterable[str]) -> dict[str, NotKnown]:
    """Find what is not known of some citizens or openings, by id; others are left out."""
    frame = problem[table]
    (key,) = TABLES[table].key
    marked = frame.loc[frame[COLUMN].ne("") & frame[key].isin(list(ids)), [key, COLUMN]]
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
    if language == "da":
        about = "om stillingen " if job else ""
        return f"Ikke kendt {about}og regnet forsigtigt: {listed}."
    return f"Not known{' about the job' if job else ''} and counted with care: {listed}."


def not_known_document(problem: Problem) -> dict[str, Any]:
    """Count for the page: rows with something unknown, by kind and column; what is declared."""
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
    danish, lines = language == "da", []
    for table, row in document["tables"].items():
        names = GROUPS[table]
        one, many = _WHO[table][danish]
        parts = ", ".join(
            f"{names[kind][danish]} ({count})" for kind, count in row["kinds"].items()
        )
        who = f"{row['rows']} {one if row['rows'] == 1 else many}"
        lines.append(
            f"Ikke kendt og regnet forsigtigt hos {who}: {parts}"
            if danish
            else f"Not known of {who} and counted with care: {parts}"
        )
    for table, values in document["declared"].items():
        parts = ", ".join(f"{name} = {_declared(value)}" for name, value in values.items())
        who = _WHO[table][danish][1]
        lines.append(
            f"Registreres ikke; politikken sætter for alle {who}: {parts}"
            if danish
            else f"Not recorded; the policy declares for all {who}: {parts}"
        )
    return tuple(lines)


_WHO = {
    "citizens": (("citizen", "citizens"), ("borger", "borgere")),
    "openings": (("opening", "openings"), ("stilling", "stillinger")),
    "teams": (("class", "classes"), ("hold", "hold")),
}


def _declared(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == "":
        return "none"
    return f"{value:g}" if isinstance(value, int | float) else str(value)


__all__ = [
    "GROUPS",
    "column_name",
    "not_known_document",
    "not_known_lines",
    "not_known_of",
    "not_known_sentence",
]
