"""Explanations that took solving again: their part of the document, the tables and the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from matcher.explain.bottlenecks import STEPS
from matcher.explain.telling import Telling
from matcher.explain.week_explanation import WeekExplanation
from matcher.problem import Problem
from matcher.report.words import LANGUAGES, Words

Row = Mapping[str, Any]

ORDER = ("close", "middle", "sure", "locked")
"""Kinds of proposals, those that need a person's eye first."""


def deepen(document: dict[str, Any], depth: WeekExplanation, problem: Problem) -> None:
    """Lay explanations into a document: beside each proposal and citizen, and two tables more."""
    says = {language: Telling(problem, language) for language in LANGUAGES}

    def both(tell: Any) -> dict[str, str]:
        return {language: tell(say) for language, say in says.items()}

    margins = {one.citizen_id: one for one in depth.margins}
    for row in document["proposals"]:
        margin = margins[row["citizen_id"]]
        row["margin"] = {
            **asdict(margin),
            "triage": says["en"].triage(margin),
            "sentence": both(lambda say, one=margin: say.margin(one)),
            "alternatives": [
                {**asdict(one), "sentence": both(lambda say, one=one: say.alternative(one))}
                for one in margin.alternatives
            ],
        }
    helps = {one.citizen_id: one for one in depth.unlocked}
    for row in document["unplaced"]:
        unlocked = helps.get(row["citizen_id"])
        row["helps"] = unlocked and {
            "singles": [
                {**asdict(one), "sentence": both(lambda say, one=one: say.unlock(one))}
                for one in unlocked.singles
            ],
            "pairs": [
                {**asdict(one), "sentence": both(lambda say, one=one: say.unlock(one))}
                for one in unlocked.pairs
            ],
            "opened": dict(unlocked.opened),
            "unsettled": unlocked.unsettled,
        }
    rule = problem.policy.triage
    document["triage"] = {"close_points": rule.close_points, "sure_points": rule.sure_points}
    document["bottlenecks"] = [
        {**asdict(one), "name": both(lambda say, one=one: say.resource(one))}
        for one in depth.bottlenecks
    ]
    document["levers"] = [
        {
            **asdict(one),
            "name": both(lambda say, one=one: say.named_lever(one.lever)),
            "sentence": both(lambda say, one=one: say.lever_gain(one)),
        }
        for one in depth.levers
    ]


def summary(row: Row, words: Words) -> str:
    """Write a proposal in one line: where, how, why, and how sure."""
    place = ", ".join(filter(None, (row["title"] or row["opening_id"], row["workplace"])))
    # The measure is named already: the strongest other reason says more.
    others = [one for one in row["reasons"] if one["component"] != "measure"]
    why = f" {words.pick(others[0]['sentence'])}" if others else ""
    return words(
        "depth.summary",
        place=place,
        measure=words.pick(row["measure_name"]),
        hours=words.hours(row["minutes"]),
        start=words.date(row["start"]),
        why=why,
        sure=words(f"depth.{row['margin']['triage']}"),
    )


def alternatives(row: Row, words: Words) -> str:
    """List the alternatives to a proposal with their costs."""
    return "; ".join(words.pick(one["sentence"]) for one in row["margin"]["alternatives"])


def helps(row: Row, words: Words) -> str:
    """List what would help somebody without a proposal."""
    found = row["helps"] or {"singles": (), "pairs": ()}
    return "; ".join(words.pick(one["sentence"]) for one in (*found["singles"], *found["pairs"]))


def gain(row: Row, more: int, field: str) -> int:
    """Return what so many more of a resource bring: ``placements`` or ``fit``."""
    return next(int(one[field]) for one in row["gains"] if one["more"] == more)


def _gains(row: Row, words: Words) -> list[str]:
    return [
        words("depth.gain", placements=f"{one['placements']:+d}", fit=f"{one['fit']:+d}")
        for one in row["gains"]
    ]


def _enough(row: Row) -> str:
    """Write where more stops paying; `20+` where all of the largest step is put to use."""
    return f"{STEPS[-1]}+" if row["enough"] is None else f"+{row['enough']}"


def depth_section(document: Row, words: Words) -> dict[str, Any] | None:
    """Make the section of the page; None for a run without explanations in depth."""
    if "bottlenecks" not in document:
        return None
    rule = {
        name.removesuffix("_points"): words.whole(points)
        for name, points in document["triage"].items()
    }
    kinds = [row["margin"]["triage"] for row in document["proposals"]]
    waiting = [row for row in document["unplaced"] if row["helps"]]
    helped = sum(bool(row["helps"]["singles"]) for row in waiting)
    rows = [row for row in document["bottlenecks"] if any(one["fit"] or one["placements"]
                                                          for one in row["gains"])]  # fmt: skip
    exact = all(one["proven"] for one in document["levers"])
    exact = exact and all(row["margin"]["proven"] for row in document["proposals"])
    exact = exact and all(one["proven"] for row in rows for one in row["gains"])
    return {
        "lead": words("depth.lead" if exact else "depth.lead_open"),
        "triage": [
            words(f"depth.count_{kind}", kinds.count(kind), **rule)
            for kind in ORDER
            if kind in kinds
        ],
        "helped": words("depth.helped", helped=words.whole(helped),
                        waiting=words.whole(len(waiting))) if waiting else "",
        "levers": [words.pick(row["sentence"]) for row in document["levers"]],
        "heads": [words("depth.resource"), *(f"+{more}" for more in STEPS),
                  words("depth.enough")],
        "rows": [
            {
                "name": words.pick(row["name"]),
                "cells": [*_gains(row, words), _enough(row)],
            }
            for row in rows
        ],
    }  # fmt: skip
