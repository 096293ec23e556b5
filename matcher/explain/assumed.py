"""What is assumed of a job until its employer has confirmed it, in every reason that rests on it.

The column ``assumed`` of openings names, row by row, what the profile of an occupation has filled
in. Such a cell counts as it stands. A reason, a rule that failed or held, and the name of the job
say that it is assumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from matcher.plan import Assumed
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.records import HEALTH_CODES, PAPERS, TABLES, Sector, danish_name
from matcher.rules import RULES, Language
from matcher.tables import danish_cell
from matcher.texts import Both, Message, Speech, catalogue, write
from matcher.unknown import ASSUMABLE, ASSUMED

_DEMANDS = frozenset(f"demand_{code}" for code in HEALTH_CODES)
_OCCUPATION = frozenset({"isco"})
_HOURS = frozenset({"hours_min", "hours_max", "ramp_weeks", "shifts"})
RESTS_ON: Mapping[str, frozenset[str]] = {
    "measure": frozenset({"measures", "sector"}),
    "health": _DEMANDS,
    "language": frozenset({"oral_floor", "reading_floor", "language_gap_ok"}),
    "occupation": _OCCUPATION,
    "hours": _HOURS,
    "experience": _OCCUPATION,
    "prospect": frozenset({"prospect"}),
    "hours_225": frozenset({"measures", "hours_min", "hours_max"}),
}
"""Columns of a job that each component of fit rests on; the way to work rests on none of them."""
GROUPS = ("occupation", "danish", "hours", "health", "papers", "measures", "others")
"""Kinds of columns that are counted together; the catalogue names them under ``assumed_group``."""


@cache
def columns_of_rule(rule: str) -> frozenset[str]:
    """Columns of a job, or its workplace, that a rule compares."""
    declared = RULES[rule]
    words = f"{declared.value} {declared.limit}".split()
    parts = [word.partition(".") for word in words]
    named = {column for table, _, column in parts if table in {"openings", "workplaces"}}
    # A measure is only held against a job that takes it.
    taken = {"measures"} if declared.scope == "measure" else set[str]()
    return frozenset((named | taken) & set(ASSUMABLE))


def assumed_of(problem: Problem, ids: Iterable[str]) -> dict[str, Assumed]:
    """Find what is assumed of some openings, by id, with the value that counts; others are left."""
    frame = problem["openings"]
    marked = frame[frame[ASSUMED].ne("") & frame["opening_id"].isin(list(ids))]
    if marked.empty:
        return {}
    openings = problem.records("openings", marked["opening_id"].tolist())
    workplaces = problem.records(
        "workplaces", {opening.workplace_id for opening in openings.values()}
    )
    found: dict[str, Assumed] = {}
    for one, opening in openings.items():
        rows = {"openings": opening, "workplaces": workplaces[opening.workplace_id]}
        dumped = {name: row.model_dump(mode="json") for name, row in rows.items()}
        named = set(opening.assumed)
        found[one] = {
            column: dumped[table][column] for column, table in ASSUMABLE.items() if column in named
        }
    return found


def resting(assumed: Assumed, columns: frozenset[str]) -> tuple[str, ...]:
    """Of what a component or rule rests on, what is assumed; in the records' order."""
    return tuple(column for column in assumed if column in columns)


def assumed_mark(columns: Iterable[str], language: Language) -> str:
    """Say behind a reason that it rests on something assumed; empty where it does not."""
    return f" {write('assumed.mark', {}, language)}" if tuple(columns) else ""


def assumed_sentence(assumed: Assumed, policy: Policy, language: Language) -> str:
    """Say what is assumed of a job, with the values that counted; empty where nothing is."""
    if not assumed:
        return ""
    say = Speech(language)
    asked = {name: value for name, value in assumed.items() if name not in _DEMANDS or value}
    listed = [
        say(
            "assumed.one",
            name=assumed_name(name, language),
            value=_value(name, value, policy, language),
        )
        for name, value in asked.items()
    ]
    if len(asked) < len(assumed):
        listed.append(say("assumed.other_demands"))
    return say("assumed.job", listed=", ".join(listed))


def assumed_name(column: str, language: Language) -> str:
    """Name of a column that may be assumed, in words."""
    say = Speech(language)
    kind, _, code = column.partition("_")
    if kind == "demand" and code in HEALTH_CODES:
        return say("unknown_column.demand", name=say(f"health.{code}"))
    for section in ("assumed_column", "unknown_column"):
        if f"{section}.{column}" in catalogue(language):
            return say(f"{section}.{column}")
    record = TABLES[ASSUMABLE[column]].record
    return Both(column, danish_name(record, column)).told(language).replace("_", " ")


def _value(column: str, value: Any, policy: Policy, language: Language) -> str:
    say = Speech(language)
    if value is None or value == "":
        return say("careful.none")
    if isinstance(value, bool):
        return say("careful.yes" if value else "careful.no")
    if column == "measures":
        parts = str(value).split(";")
        return "; ".join(policy.measure_name(one)[language] if one in policy.measures else one
                         for one in parts)  # fmt: skip
    if column == "papers":
        parts = str(value).split(";")
        return "; ".join(say(f"paper.{one}") if one in PAPERS else one for one in parts)
    if column in {"oral_floor", "reading_floor"}:
        return say(f"level_name.{value}")
    if column == "sector":
        return Both(str(value), next(one for one in Sector if one.value == value).danish).told(
            language
        )
    if column == "shifts":
        return Both(str(value), danish_cell("openings", "shifts", str(value))).told(language)
    return say.marked(f"{value:g}") if isinstance(value, int | float) else str(value)


def assumed_document(problem: Problem) -> dict[str, Any]:
    """Count for the page: openings with something assumed, by kind; empty where there are none."""
    texts = problem["openings"][ASSUMED]
    kinds = dict.fromkeys(GROUPS, 0)
    for text, count in texts[texts.ne("")].value_counts().items():
        for kind in {group_of_assumed(name) for name in str(text).split(";")}:
            kinds[kind] += int(count)
    if not any(kinds.values()):
        return {}
    return {
        "of": len(texts),
        "rows": int(texts.ne("").sum()),
        "kinds": {kind: count for kind, count in kinds.items() if count},
    }


def group_of_assumed(column: str) -> str:
    """Kind of a column that may be assumed, one of :data:`GROUPS`."""
    for kind, columns in (
        ("health", _DEMANDS),
        ("danish", RESTS_ON["language"]),
        ("hours", _HOURS),
        ("occupation", _OCCUPATION),
    ):
        if column in columns:
            return kind
    return column if column in {"papers", "measures"} else "others"


def assumed_lines(document: Mapping[str, Any], language: Language) -> tuple[str, ...]:
    """Write the counts of :func:`assumed_document` for the top of a page or a terminal."""
    if not document:
        return ()
    say = Speech(language)
    parts = ", ".join(
        f"{say(f'assumed_group.{kind}')} ({count})" for kind, count in document["kinds"].items()
    )
    who = Message("who.openings", count=document["rows"]).told(language)
    return (say("assumed.line", who=who, parts=parts),)
