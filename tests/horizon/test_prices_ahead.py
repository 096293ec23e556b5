"""Futures and their prices by hand: what is left, who comes, what an hour more would bring."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from matcher.horizon import Priced, SeenArrivals, ahead_of, draw_weeks, price_ahead
from matcher.horizon.prices import periods
from matcher.problem import Problem
from matcher.records import MentorPool, Running
from matcher.report import Words
from matcher.report.sections import ahead_parts
from matcher.solve import solve
from tests.weeks import TODAY, citizen, opening, team, week

POINT = 1_000_000
MENTORS = "mentor_hours[P1]"


def two(hours: float, *, rest: float = 1, **rules: Any) -> Problem:
    """C1 and C2, who need a mentor for an hour and ``rest`` hours, and two jobs alike."""
    horizon = {"futures": 1, "least": 0, "start_points": 1000, "week_points": 0, **rules}
    return week(
        citizens=(citizen("C1", mentor_hours=1), citizen("C2", mentor_hours=rest)),
        openings=tuple(opening(name, measures=("work_practice",)) for name in ("O1", "O2")),
        mentor_pools=(MentorPool(pool_id="P1", hours=hours),),
        rules={"horizon": horizon},
    )


def prices(base: Problem, survival: Any = None) -> dict[str, tuple[int, ...]]:
    """Prices where C1 and O1 are there, and C2 and O2 come in each week ahead."""

    def rows(name: str, key: str, one: str) -> Any:
        frame = base[name]
        return frame[frame[key] == one].reset_index(drop=True)

    now = base.replace(tables={
        **base.tables,
        "citizens": rows("citizens", "citizen_id", "C1"),
        "openings": rows("openings", "opening_id", "O1"),
    })  # fmt: skip
    first = np.zeros(1, dtype=np.int64)
    come = (
        rows("citizens", "citizen_id", "C2"),
        first,
        rows("openings", "opening_id", "O2"),
        first,
    )
    seen = SeenArrivals((TODAY,), *come, base["workplaces"])
    return dict(price_ahead(now, seen, survival or {}).prices)


def test_an_hour_has_the_price_of_who_would_go_without() -> None:
    """Next week two could start, each for an hour, at 1000 points and their fit."""
    fit = solve(two(9)).plan.placements[0].fit
    a_minute = (POINT * (1000 + fit) // 60,)
    assert prices(two(1, weeks=1)) == {MENTORS: a_minute}
    assert prices(two(1.9, weeks=1)) == {MENTORS: a_minute}, "the second in part, as in a program"
    assert prices(two(2, weeks=1)) == {}, "for both: an hour more brings nothing"


def test_an_hour_more_goes_to_who_would_lack_it() -> None:
    """Of three hours one has his one; to the other, who needs three, an hour is a third as much."""
    fit = solve(two(9, rest=3)).plan.placements[0].fit
    assert prices(two(3, rest=3, weeks=1)) == {MENTORS: (POINT * (1000 + fit) // 180,)}
    assert prices(two(4, rest=3, weeks=1)) == {}, "any price up to that is optimal; the least is 0"


def test_weeks_at_work_are_worth_something_in_the_weeks_ahead() -> None:
    """The hour is one start's in both weeks, if all stay. Who starts in the first has the second to
    work in, as the first day is a day after the run: one more hour in both brings a start and that
    week; how the two weeks share its price is left open."""
    gain = 1000 + solve(two(9)).plan.placements[0].fit
    for points in (0, 60, 600):
        found = prices(two(1, weeks=2, week_points=points))[MENTORS]
        assert sum(found) == pytest.approx(POINT * (gain + points) / 60, abs=2)
    alone = prices(two(1, weeks=1, week_points=600))
    assert alone == {MENTORS: (POINT * gain // 60,)}, "of the next week alone none is worked"


def test_who_leaves_gives_back_what_is_held() -> None:
    """If nobody stays a second week the hour is another's then: three want to start, two can, and
    one more hour in either week is the third's."""
    gain = 1000 + solve(two(9)).plan.placements[0].fit
    found = prices(two(1, weeks=2), {"work_practice": {"municipal": (0, 0)}})
    assert found == {MENTORS: (POINT * gain // 60,) * 2}


def test_what_is_left_grows_as_placements_end() -> None:
    """An hour of five, a seat of two: 900 and 500 of 1000 stay, and after two weeks it is over."""
    base = week(
        citizens=(citizen("C1"), citizen("C9")),
        openings=(opening(seats=2),),
        mentor_pools=(MentorPool(pool_id="P1", hours=5),),
        teams=(team("L1", seats=2, blocks="tue 17:00-19:00", postcode="8000"),),
        running=(Running(citizen_id="C9", opening_id="O1", measure="work_practice", pool_id="P1",
                         team_id="L1", mentor_hours=1, start=TODAY - dt.timedelta(days=28),
                         end=TODAY + dt.timedelta(days=14)),),
    )  # fmt: skip
    found = ahead_of(base, {"work_practice": {"municipal": (900, 500)}}, 4).left
    assert found[MENTORS].tolist() == pytest.approx([300 - 54, 300 - 30, 300, 300])
    assert found["team_seats[L1]"].tolist() == pytest.approx([1.1, 1.5, 2, 2])


def test_weeks_are_drawn_in_blocks_and_go_on_with_the_first() -> None:
    for seed in range(20):
        drawn = draw_weeks(5, 7, 3, (seed, 1))
        assert drawn == draw_weeks(5, 7, 3, (seed, 1))
        assert len(drawn) == 7
        within = [pair for at, pair in enumerate(pairwise(drawn)) if at % 3 < 2]
        assert all(after == (before + 1) % 5 for before, after in within)
    assert len({tuple(draw_weeks(5, 7, 3, (seed, 1))) for seed in range(20)}) > 10
    assert draw_weeks(0, 7, 3, (1,)) == []


def test_weeks_near_are_priced_apart_and_later_ones_together() -> None:
    assert periods(13) == [(1, 1), (2, 2), (3, 4), (5, 7), (8, 13)]
    for weeks in range(1, 27):
        covered = [one for first, last in periods(weeks) for one in range(first, last + 1)]
        assert covered == list(range(1, weeks + 1))


@pytest.mark.parametrize(("came", "missed"), [(24, False), (25, True), (8, False), (7, True)])
def test_arrivals_that_miss_what_was_expected_are_warned_of(came: int, missed: bool) -> None:
    """Sixteen were expected: two standard deviations of a count are eight."""
    found = Priced({}, {}, 5, 20, {"citizens": 16.0, "openings": 4.0},
                   {"citizens": came, "openings": 5})  # fmt: skip
    assert found.missed() == (("citizens",) if missed else ())
    for language, said in (("en", "Careful"), ("da", "Vær opmærksom")):
        parts = ahead_parts({**found.to_dict(), "change": None}, Words(language))
        assert [line.startswith(said) for line in parts["alerts"]] == [True] * missed
        assert parts["lines"][0] == Words(language)("ahead.nothing")
