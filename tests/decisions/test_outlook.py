"""Will we reach the target? From the weeks on record, or what is missing to say it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from matcher.decisions import outlook
from matcher.decisions.outlook import BAND, futures, weekly
from matcher.ledger import TOKEN
from matcher.records import Running
from matcher.report import Words, outlook_lines
from tests.weeks import TODAY, citizen, opening, week

WEEKS = dt.timedelta(weeks=1)


@dataclass(frozen=True)
class Day:
    """All that is asked of a run, or of a placement."""

    day: dt.date
    citizen_id: str = ""
    opening_id: str = ""
    last_day: dt.date | None = None

    @property
    def start(self) -> dt.date:
        return self.day


@dataclass(frozen=True)
class OnRecord:
    """A ledger that knows days of runs and of starts."""

    first: dt.date
    starts: tuple[dt.date, ...]
    forgotten: tuple[Day, ...] = ()

    def runs(self) -> tuple[Day, ...]:
        return (Day(self.first),)

    def placements(self, on: dt.date) -> tuple[Day, ...]:
        assert on == dt.date.min
        named = tuple(Day(start, f"P{at}", "O1") for at, start in enumerate(self.starts))
        return named + self.forgotten


def steady(weeks: int, each: int = 10) -> OnRecord:
    """So many starts in each of the last weeks."""
    starts = [TODAY - at * WEEKS for at in range(weeks) for _ in range(each)]
    return OnRecord(TODAY - weeks * WEEKS, tuple(starts))


def asked(ledger: Any, once: int = 0, **rules: Any) -> Any:
    problem = week([citizen()], [opening()], rules={"programme": {"target": 500, **rules}})
    return outlook(problem, ledger, once)


def test_weeks_that_are_all_alike_go_on_like_that() -> None:
    """Ten a week, 120 by now: 500 after 38 weeks more, and met in the end."""
    found = asked(steady(12))
    first = TODAY - 11 * WEEKS
    until = first + 104 * WEEKS - dt.timedelta(days=1)
    ahead = -(-(until - TODAY).days // 7)
    assert (found.missing, found.already, found.seen, found.until) == ("", 120, 12, until)
    assert (found.low, found.middle, found.high) == (120 + 10 * ahead,) * 3
    assert found.chance == 1
    assert found.half == found.most == TODAY + 38 * WEEKS
    short = asked(steady(12), weeks=30)
    assert short.weeks == 19
    assert (short.chance, short.half, short.high) == (0, None, 120 + 190)


def test_starts_on_top_count_once() -> None:
    """Of 499 to be had for certain, one more is the target."""
    ledger = steady(12)
    assert asked(ledger, weeks=30, target=311).chance == 0
    assert asked(ledger, once=1, weeks=30, target=311).chance == 1
    assert asked(ledger, once=-1, weeks=30, target=310).chance == 0


@pytest.mark.parametrize("few", [8, 12, 26])
def test_the_band_holds_eight_of_ten_weeks_that_were_not_seen(few: int) -> None:
    """However few were: weeks that vary by chance alone, or more; 40 weeks ahead."""
    rng = np.random.default_rng(few)
    inside = 0
    for at in range(240):
        many = few + 40
        drawn = rng.poisson(10, many) if at % 2 else rng.negative_binomial(3, 0.3, many)
        ahead = futures(drawn[:few].astype(np.int64), 40)[:500, -1]
        low, _, high = np.quantile(ahead, BAND, method="inverted_cdf")
        inside += low <= drawn[few:].sum() <= high
    assert 0.75 <= inside / 240 <= 0.86


def test_a_week_ends_on_the_day_of_the_run() -> None:
    """Oldest first; what lies before the weeks is not counted."""
    days = [TODAY, TODAY - dt.timedelta(days=6), TODAY - WEEKS, TODAY - 5 * WEEKS]
    assert weekly(days, TODAY, 3).tolist() == [0, 1, 2]


def test_what_is_missing_is_said_instead() -> None:
    """No ledger, too few weeks, too few starts, weeks that are over, a target that is met."""
    assert asked(None).missing == "ledger"
    assert asked(steady(7)).missing == "weeks"
    assert asked(steady(12, each=0)).missing == "starts"
    assert asked(steady(12), weeks=5).missing == "over"
    assert asked(steady(12), target=120).missing == "reached"
    for language in ("en", "da"):
        words = Words(language)
        for ledger, weeks in ((None, 104), (steady(7), 104), (steady(12), 5), (steady(12), 30)):
            found = asked(ledger, weeks=weeks)
            lines = outlook_lines(found.to_dict(), words)
            assert str(found.target) in lines[0]
            assert bool(found.missing) == (len(lines) == 1)


def test_running_placements_of_the_tables_are_starts_and_none_counts_twice() -> None:
    """P0 is in both; C1 is in the tables alone."""
    problem = week(
        [citizen("C1"), citizen("P0")],
        [opening(seats=9)],
        running=[
            Running(citizen_id=who, opening_id="O1", measure="ordinary", start=TODAY - 20 * WEEKS)
            for who in ("C1", "P0")
        ],
    )
    ledger = steady(12)
    assert outlook(problem, ledger).already == 121
    assert outlook(problem, None).already == 2
    assert outlook(problem, replace(ledger, starts=())).missing == "starts"


@pytest.mark.parametrize(
    ("forgotten", "already"),
    [
        # Two of the tables' three are on record without their names: their starts count once.
        ([("O1", 20, None), ("O1", 9, 4)], 3),
        # Neither is: one was at another opening, the other has ended since.
        ([("O2", 20, None), ("O1", 9, -4)], 5),
        # More on record than in the tables: all that began.
        ([("O1", 20, None)] * 5, 5),
    ],
)
def test_who_was_forgotten_and_is_in_the_tables_still_counts_once(
    forgotten: list[tuple[str, int, int | None]], already: int
) -> None:
    people = [f"C{at}" for at in range(3)]
    problem = week(
        [citizen(who) for who in people],
        [opening(seats=9)],
        running=[
            Running(citizen_id=who, opening_id="O1", measure="ordinary", start=TODAY - 20 * WEEKS)
            for who in people
        ],
    )
    kept = tuple(
        Day(TODAY - weeks * WEEKS, f"{TOKEN}{at}", where, last and TODAY + last * WEEKS)
        for at, (where, weeks, last) in enumerate(forgotten)
    )
    ledger = replace(steady(12), starts=(), forgotten=kept)
    assert outlook(problem, ledger).already == already


def test_no_chance_is_told_as_certain() -> None:
    """Two thousand futures prove neither never nor always."""
    words = Words("en")
    sure = asked(steady(12)).to_dict()
    assert "above 99%" in outlook_lines(sure, words)[0]
    assert "below 1%" in outlook_lines({**sure, "chance": 0.0}, words)[0]
    assert "is 47%" in outlook_lines({**sure, "chance": 0.47}, words)[0]
