"""The figures that people look at, counted from the document's own lists so that they agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from matcher.problem import Problem, frame_rows
from matcher.records import Sector
from matcher.report.words import occupation
from matcher.row_kinds import ROW_KINDS
from matcher.rules import REACH

CAUSES = (
    "already_placed",
    "no_opening_in_reach",
    "rules",
    "resource",
    "others",
    "limit",
)
"""Why a citizen has no proposal, in the order of the chain."""
OPENING_CAUSES = (
    "filled",
    "no_seat_free",
    "nobody_in_reach",
    "rules",
    "resource",
    "placed_elsewhere",
)
"""Why an opening has no more proposals."""
LEVELS = range(7)
"""Levels of spoken Danish."""

Rows = Sequence[Mapping[str, Any]]


def figures(problem: Problem, document: Mapping[str, Any]) -> dict[str, Any]:
    """Count everything the page shows.

    Parameters
    ----------
    problem
        For the few facts that are not in the lists: level of Danish, homes, places.
    document
        With ``proposals``, ``unplaced``, ``openings`` and ``resources``.
    """
    proposals, unplaced = document["proposals"], document["unplaced"]
    openings = document["openings"]
    outcome = {row["citizen_id"]: "proposed" for row in proposals}
    outcome.update({row["citizen_id"]: str(row["cause"]) for row in unplaced})
    return {
        "outcomes": _outcomes(outcome),
        "sectors": [
            {"sector": sector.value, **_seats(openings, "sector", sector.value)}
            for sector in Sector
            if any(row["sector"] == sector.value for row in openings)
        ],
        "measures": _counted(proposals, lambda row: row["measure"], "measure"),
        "occupations": _occupations(openings),
        "supports": _supports(proposals),
        "levels": _levels(problem, outcome),
        "districts": _districts(problem, outcome, openings),
        "rules": _rules(unplaced),
        "lost_on": _lost_on(unplaced),
        "resources": _resources(document["resources"]),
        "opening_causes": [
            {
                "cause": cause,
                "openings": sum(1 for row in openings if row["cause"] == cause),
                "seats_left": sum(
                    row["free"] - row["filled"] for row in openings if row["cause"] == cause
                ),
            }
            for cause in OPENING_CAUSES
        ],
    }


def _outcomes(outcome: Mapping[str, str]) -> dict[str, int]:
    counts = Counter(outcome.values())
    return {name: counts[name] for name in ("proposed", *CAUSES)}


def _counted(rows: Rows, key: Callable[[Mapping[str, Any]], str], name: str) -> list[Any]:
    counts = Counter(key(row) for row in rows)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{name: value, "proposals": count} for value, count in ordered]


def _seats(openings: Rows, field: str, value: str) -> dict[str, int]:
    chosen = [row for row in openings if row[field] == value]
    return {
        "openings": len(chosen),
        "free": sum(row["free"] for row in chosen),
        "proposals": sum(row["filled"] for row in chosen),
    }


def _occupations(openings: Rows) -> list[dict[str, Any]]:
    """Seats and proposals by ISCO sub-major group, most proposals first."""
    groups: dict[str, dict[str, Any]] = {}
    for row in openings:
        code, name = occupation(row["isco"])
        group = groups.setdefault(
            code, {"isco": code, "name": dict(name), "openings": 0, "free": 0, "proposals": 0}
        )
        group["openings"] += 1
        group["free"] += row["free"]
        group["proposals"] += row["filled"]
    return sorted(groups.values(), key=lambda row: (-row["proposals"], -row["free"], row["isco"]))


def _supports(proposals: Rows) -> dict[str, int]:
    """How many proposals rest on each support; one may rest on several."""
    return {
        "class": sum(1 for row in proposals if row["supports"]["class"]),
        "mentor": sum(1 for row in proposals if row["supports"]["mentor"]),
        "course": sum(1 for row in proposals if row["supports"]["courses"]),
        "none": sum(1 for row in proposals if not any(row["supports"].values())),
    }


def _levels(problem: Problem, outcome: Mapping[str, str]) -> list[dict[str, int]]:
    """Citizens by level of spoken Danish: proposed, left over, already placed."""
    table = problem["citizens"]
    counts = Counter(
        (level, _side(outcome[citizen]))
        for citizen, level in zip(table["citizen_id"].tolist(), table["oral"].tolist(), strict=True)
    )
    return [
        {
            "level": level,
            "proposed": counts[level, "proposed"],
            "left": counts[level, "left"],
            "already_placed": counts[level, "already_placed"],
        }
        for level in LEVELS
    ]


def _side(outcome: str) -> str:
    return outcome if outcome in {"proposed", "already_placed"} else "left"


def _districts(
    problem: Problem, outcome: Mapping[str, str], openings: Rows
) -> list[dict[str, Any]]:
    """Places with somebody or something in them, most citizens first."""
    homes = problem["citizens"]
    lives = Counter(
        (postcode, _side(outcome[citizen]))
        for citizen, postcode in zip(
            homes["citizen_id"].tolist(), homes["postcode"].tolist(), strict=True
        )
    )
    free: Counter[str] = Counter()
    filled: Counter[str] = Counter()
    for row in openings:
        free[row["postcode"]] += row["free"]
        filled[row["postcode"]] += row["filled"]
    found = []
    for place in frame_rows(problem["places"]):
        postcode = place["postcode"]
        proposed, waiting = lives[postcode, "proposed"], lives[postcode, "left"]
        if not (proposed or waiting or free[postcode]):
            continue
        found.append(
            {
                "postcode": postcode,
                "name": place["name"] or postcode,
                "latitude": place["latitude"],
                "longitude": place["longitude"],
                "waiting": proposed + waiting,
                "proposed": proposed,
                "free": free[postcode],
                "filled": filled[postcode],
            }
        )
    return sorted(found, key=lambda row: (-row["waiting"], -row["free"], row["postcode"]))


def _rules(unplaced: Rows) -> list[dict[str, Any]]:
    """Rules that stop citizens for whom no opening in reach is possible.

    ``most`` counts the citizens for whom no other rule stops more openings, ``openings`` the
    openings in reach it stops, ``alone`` those that nothing else would stop.
    """
    stopped: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    most: Counter[str] = Counter()
    for row in unplaced:
        if row["cause"] != "rules":
            continue
        killed = {rule: count for rule, count in row["killed"].items() if rule != REACH}
        stopped.update(killed)
        alone.update({rule: n for rule, n in row["nearest"].items() if rule in killed})
        if killed:
            most[next(iter(killed))] += 1
    order = sorted(stopped, key=lambda rule: (-most[rule], -stopped[rule], rule))
    return [
        {"rule": rule, "most": most[rule], "openings": stopped[rule], "alone": alone[rule]}
        for rule in order
    ]


def _lost_on(unplaced: Rows) -> list[dict[str, Any]]:
    """Kinds of resource that blocked citizens who had a possible opening but no seat to blame."""
    counts: Counter[str] = Counter()
    for row in unplaced:
        if row["cause"] == "resource":
            counts.update(kind for kind in row["lost_on"] if not ROW_KINDS[kind].seat)
    return [
        {"rule": rule, "citizens": count}
        for rule, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def _resources(resources: Rows) -> list[dict[str, Any]]:
    """Use and capacity summed by kind of row, in the model's order."""
    kinds: dict[str, dict[str, Any]] = {}
    for row in resources:
        kind = kinds.setdefault(
            row["rule"],
            {"rule": row["rule"], "unit": row["unit"], "floor": row["floor"], "rows": 0,
             "binding": 0, "used": 0, "capacity": 0},
        )  # fmt: skip
        kind["rows"] += 1
        kind["binding"] += bool(row["binding"])
        kind["used"] += row["used"]
        kind["capacity"] += row["capacity"]
    return list(kinds.values())
