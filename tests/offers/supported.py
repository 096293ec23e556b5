"""Small weeks in which an offer needs a class, a course or a mentor."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from matcher.held import offer_costs
from matcher.offers import build_offers
from matcher.problem import Problem
from matcher.records import Course, LanguageClass, MentorPool
from tests.weeks import ANY_LEVEL, TODAY

IN = dt.timedelta


class Offer(NamedTuple):
    """One offer with ids in the place of positions."""

    citizen: str
    opening: str
    measure: str
    team: str | None
    pool: str | None
    mentor: int
    courses: tuple[str, ...]
    minutes: int
    start: dt.date
    cost: dict[str, int]


def offers(problem: Problem) -> list[Offer]:
    """All offers of a week, in their order."""
    book = build_offers(problem)
    made, costs = book.offers, offer_costs(book)
    teams = [*problem["teams"]["team_id"], None]
    pools = [*problem["mentor_pools"]["pool_id"], None]
    courses = problem["courses"]["course_id"].tolist()
    return [
        Offer(
            citizen=book.encoded.citizens.ids[made.citizen[at]],
            opening=book.encoded.openings.ids[made.opening[at]],
            measure=book.encoded.measures[made.measure[at]],
            team=teams[made.team[at]],
            pool=pools[made.pool[at]],
            mentor=int(made.mentor[at]),
            courses=tuple(sorted(courses[one] for one in made.courses[at] if one >= 0)),
            minutes=int(made.minutes[at]),
            start=dt.date.fromordinal(int(made.start[at])),
            cost={line: int(cost[at]) for line, cost in costs.items() if cost[at]},
        )
        for at in range(len(made))
    ]


def only(problem: Problem) -> Offer:
    """The one offer of a week."""
    (offer,) = offers(problem)
    return offer


def team(team_id: str = "L1", **changes: Any) -> LanguageClass:
    """A class in 8000 on Monday afternoon that anybody may join."""
    return LanguageClass(
        **{
            "team_id": team_id,
            **ANY_LEVEL,
            "seats": 5,
            "blocks": "mon 16:00-18:00",
            "postcode": "8000",
            **changes,
        }
    )


def course(course_id: str, paper: str = "hygiene", days: int = 7, **changes: Any) -> Course:
    """A course whose paper is in hand in so many days."""
    return Course(
        **{
            "course_id": course_id,
            "paper": paper,
            "seats": 5,
            "ready_on": TODAY + IN(days),
            **changes,
        }
    )


def pool(pool_id: str, hours: float = 10, **changes: Any) -> MentorPool:
    """A pool of the municipality, with ten hours."""
    return MentorPool(pool_id=pool_id, hours=hours, **changes)
