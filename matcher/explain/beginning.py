"""Why a proposal begins on the day it does: what it waits for, and the next day of work there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from matcher.capacity import first_start
from matcher.plan import Placement
from matcher.problem import Problem
from matcher.records import PAPERS
from matcher.solve import Solution
from matcher.workdays import first_meeting


@dataclass(frozen=True)
class Beginning:
    """The first day of a proposal and what it rests on."""

    start: dt.date
    """First day of work."""
    ready: dt.date
    """From when on it could begin, were every day a day of work there."""
    waits_for: Literal["notice", "citizen", "opening", "paper", "course"]
    """What is ready last."""
    paper: str
    """The paper that is waited for, by code; empty where it is none."""
    class_from: dt.date | None
    """First day of the class beside the job; None without one."""


def beginning(solution: Solution, placement: Placement) -> Beginning:
    """Find what a proposal's first day waits for; of equal days the plainest reason."""
    problem, encoded = solution.problem, solution.book.encoded
    citizen = problem.records("citizens", [placement.citizen_id])[placement.citizen_id]
    opening = problem.records("openings", [placement.opening_id])[placement.opening_id]
    days: list[tuple[dt.date | None, Literal["notice", "citizen", "opening", "paper", "course"],
                     str]] = [
        (first_start(problem), "notice", ""),
        (citizen.available_from, "citizen", ""),
        (opening.start_from, "opening", ""),
    ]  # fmt: skip
    i = int((encoded.citizens.ids == placement.citizen_id).argmax())
    for at, paper in enumerate(PAPERS):
        if paper in opening.papers and not encoded.citizens.paper_by_course[at, i]:
            ready = dt.date.fromordinal(int(encoded.citizens.paper_ready[at, i]))
            days.append((ready, "paper", paper))
    if placement.course_ids:
        courses = problem.records("courses", placement.course_ids).values()
        days += [(course.ready_on, "course", course.paper) for course in courses]
    known = [(day, cause, paper) for day, cause, paper in days if day is not None]
    day, cause, paper = max(known, key=lambda one: one[0])
    class_from = first_class(problem, placement)
    return Beginning(placement.start, day, cause, paper, class_from)


def first_class(problem: Problem, placement: Placement) -> dt.date | None:
    """Find when the class of a placement first meets once it has begun; None without one."""
    if placement.team_id is None:
        return None
    team = problem.records("teams", [placement.team_id])[placement.team_id]
    return first_meeting(problem.policy.workdays, team.blocks, placement.start)
