"""A stream of arrivals: who and what comes to a made-up municipality, week by week.

The first week has the backlog that :func:`scenarios.population.make` gives; each week more citizens
and openings come, and some weeks before the first were seen already. Help for people stays that of
the place: classes, mentors, caseworkers and courses do not grow with those who pass through.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from matcher.problem import as_frame
from matcher.records import TABLES
from scenarios.population.citizens import draw_citizens
from scenarios.population.draw import Draw, Ints
from scenarios.population.openings import draw_openings
from scenarios.population.spec import Population
from scenarios.population.supports import (
    draw_caseworkers,
    draw_courses,
    draw_mentors,
    draw_places,
    draw_teams,
)


@dataclass(frozen=True)
class Pace:
    """How many come in a week, on average."""

    citizens: float
    openings: float
    spread: float = 0.5
    """How far a week may be from the average, as a share of it."""


@dataclass(frozen=True, eq=False)
class Stream:
    """Everybody and everything that is there or comes, and when."""

    spec: Population
    tables: Mapping[str, pd.DataFrame]
    """Canonical tables of all weeks; dates are those of the week in which a row comes."""
    citizen_week: Ints
    """Week in which each citizen comes; 0: is there from the start; below 0: was seen before."""
    opening_week: Ints
    """The same of openings."""


def stream(
    spec: Population,
    weeks: int,
    pace: Pace,
    *,
    before: int = 0,
    factor: float = 1.0,
) -> Stream:
    """Draw a municipality and who and what comes to it.

    Parameters
    ----------
    spec
        The municipality in its first week.
    weeks
        Weeks of the stream, the first included, >= 1.
    pace
        Arrivals a week after the first.
    before
        Weeks before the first whose arrivals were seen.
    factor
        Arrivals of the weeks after the first against ``pace``; those seen before keep to it.
    """
    draw = Draw(spec.seed, "stream")
    people = _weeks(draw, "citizens", spec.size, weeks, before, pace.citizens, pace.spread, factor)
    jobs = _weeks(draw, "openings", spec.batch, weeks, before, pace.openings, pace.spread, factor)
    whole = replace(spec, citizens=len(people), openings=len(jobs))
    cohort, demand = draw_citizens(whole), draw_openings(whole)
    caseworkers, of_citizen = _caseworkers(spec, whole, cohort, len(people))
    arrived = people != 0
    waited = np.where(arrived, 0, cohort.columns["weeks_waiting"])
    columns: dict[str, dict[str, Any]] = {
        "citizens": {
            **cohort.columns,
            "available_from": _later(cohort.columns["available_from"], people),
            "weeks_waiting": waited,
            "caseworker_id": of_citizen,
        },
        "workplaces": demand.workplaces,
        "openings": {
            **demand.openings,
            "start_from": _later(demand.openings["start_from"], jobs),
            "start_to": _later(demand.openings["start_to"], jobs),
        },
        "teams": draw_teams(spec, demand),
        "mentor_pools": draw_mentors(spec, demand),
        "courses": _courses(spec, weeks),
        "caseworkers": caseworkers,
        "places": draw_places(spec),
    }
    tables = {name: as_frame(table, columns.get(name, {})) for name, table in TABLES.items()}
    return Stream(spec, tables, people, jobs)


def _weeks(
    draw: Draw, name: str, stock: int, weeks: int, before: int, mean: float, spread: float,
    factor: float,
) -> Ints:  # fmt: skip
    """Week of each row, the stock first; what is left of a person goes to the next week."""
    uniform = draw.plain(f"{name}/pace", before + weeks)
    many = mean * (1 + spread * (2 * uniform - 1))
    many[before:] *= factor
    if weeks:
        many[before] = 0  # the first week is the stock
    counts = np.diff(np.floor(np.cumsum(many) + 1e-9), prepend=0).astype(np.int64)
    coming = np.repeat(np.arange(-before, weeks), counts)
    # Those seen before stand last: what comes does not depend on how much was seen.
    return np.concatenate([
        np.zeros(stock, dtype=np.int64), coming[coming > 0], coming[coming < 0],
    ])  # fmt: skip


def _later(dates: Any, weeks: Ints) -> Any:
    """Move dates that are given as in the first week to the week in which a row comes."""
    moved = np.asarray(dates, dtype="datetime64[D]") + (7 * weeks).astype("timedelta64[D]")
    return moved.astype("datetime64[s]")


def _caseworkers(
    spec: Population, whole: Population, cohort: Any, people: int
) -> tuple[dict[str, Any], Any]:
    """Caseworkers of the place; who comes is dealt out among those of the same kind."""
    columns, of_citizen = draw_caseworkers(whole, cohort)
    share = spec.size / max(1, people)
    ready = cohort.columns["category"] == "job_ready"
    names = columns["caseworker_id"]
    mine: dict[str, str] = {}
    for kind in (True, False):
        own = sorted(set(of_citizen[ready == kind]))
        kept = own[: max(1, math.ceil(len(own) * share))] if own else []
        mine |= {name: kept[place % len(kept)] for place, name in enumerate(own)}
    kept_at = np.array([mine.get(name) == name for name in names], dtype=np.bool_)
    return (
        {name: [one for one, keep in zip(column, kept_at, strict=True) if keep]
         for name, column in columns.items()},
        np.array([mine[name] for name in of_citizen], dtype=object),
    )  # fmt: skip


def _courses(spec: Population, weeks: int) -> dict[str, Any]:
    """Sessions of the short courses over all weeks: each turn as the first."""
    first = draw_courses(spec)
    rows: list[tuple[str, int, Any, int]] = []
    facts = spec.facts("supports")["courses"]
    for paper, seats, ready, cost in zip(
        first["paper"], first["seats"], first["ready_on"], first["cost"], strict=True
    ):
        turn = facts[paper]["sessions"] * facts[paper]["every_days"]
        last = np.datetime64(spec.today + dt.timedelta(weeks=weeks + 8), "s")
        while ready < last:
            rows.append((paper, seats, ready, cost))
            ready = ready + np.timedelta64(turn, "D")
    rows.sort(key=lambda row: (row[2], row[0]))
    return {
        "course_id": [f"FIKTIV-K{number:06d}" for number in range(1, len(rows) + 1)],
        "paper": [row[0] for row in rows],
        "seats": [row[1] for row in rows],
        "ready_on": np.array([row[2] for row in rows], dtype="datetime64[s]"),
        "cost": [row[3] for row in rows],
    }
