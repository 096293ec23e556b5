"""Forecasts of earlier weeks held against what came, on ledgers made up week by week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from matcher.decisions import outlook, past_outlooks
from matcher.ledger import Event
from matcher.policy import load_policy
from matcher.report import LANGUAGES, Words, all_text, past_lines
from tests.weeks import TODAY, citizen, opening, week

WEEKS = dt.timedelta(weeks=1)
POLICY = load_policy(TODAY)


@dataclass(frozen=True)
class OnDay:
    """All that is asked of a run."""

    number: int
    day: dt.date
    recorded_at: dt.datetime


@dataclass(frozen=True)
class OnRecord:
    """A ledger that knows runs and starts."""

    stored: tuple[OnDay, ...]
    told: tuple[Event, ...]

    def runs(self) -> tuple[OnDay, ...]:
        return tuple(sorted(self.stored, key=lambda run: (run.day, run.number), reverse=True))

    def events(self, *, kind: str) -> tuple[Event, ...]:
        assert kind == "start"
        return self.told

    def placements(self, on: dt.date) -> tuple[Any, ...]:
        return tuple(_Begun(one.day, f"P{at}") for at, one in enumerate(self.told))


@dataclass(frozen=True)
class _Begun:
    start: dt.date
    citizen_id: str
    opening_id: str = "O1"
    last_day: dt.date | None = None


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


def kept(counts: Sequence[int]) -> OnRecord:
    """A run a week, the last one today, the starts of each told on the day of its run."""
    days = [TODAY - at * WEEKS for at in range(len(counts))][::-1]
    runs = tuple(OnDay(at, day, noon(day)) for at, day in enumerate(days, 1))
    starts = tuple(
        Event("start", day, "O1", f"P{at}", recorded_at=noon(day) - dt.timedelta(minutes=1))
        for at, day in enumerate(day for day, many in zip(days, counts, strict=True)
                                 for _ in range(many))
    )  # fmt: skip
    return OnRecord(runs, starts)


def row_of(told: dict[str, Any], weeks: int) -> dict[str, Any]:
    return next(row for row in told["ahead"] if row["weeks"] == weeks)


def test_weeks_that_are_all_alike_hold_every_forecast() -> None:
    """Ten a week for 40 weeks: eight must have been seen, so the first is made in week 9.

    Of 40 runs 32 can be followed for no week, 28 for 4, 6 for 26.
    """
    told = past_outlooks(kept([10] * 40), POLICY, TODAY)
    assert told["until"] == TODAY.isoformat()
    assert [(row["weeks"], row["forecasts"], row["in"], row["apart"]) for row in told["ahead"]] == [
        (4, 28, 28, 7), (8, 24, 24, 3), (13, 19, 19, 2), (26, 6, 6, 1),
    ]  # fmt: skip
    assert [row["verdict"] for row in told["ahead"]] == ["fits", "few", "few", "few"]
    assert row_of(told, 8)["newest"] == {
        "day": (TODAY - 8 * WEEKS).isoformat(), "due": TODAY.isoformat(),
        "low": 80, "middle": 80, "high": 80, "came": 80, "where": "in",
    }  # fmt: skip


def test_weeks_that_change_are_missed_and_told_as_such() -> None:
    """Ten a week for 20 weeks, none for 20: of 28 forecasts 9 lie before the change, and hold."""
    told = past_outlooks(kept([10] * 20 + [0] * 20), POLICY, TODAY)
    row = row_of(told, 4)
    assert (row["forecasts"], row["apart"], row["verdict"]) == (28, 7, "misses")
    assert row["above"] == 0
    assert 9 <= row["in"] < 15
    rising = row_of(past_outlooks(kept([1] * 30 + [9] * 20), POLICY, TODAY), 4)
    assert rising["above"] > 10
    assert rising["below"] == 0


def test_a_forecast_is_the_one_its_week_gave() -> None:
    """What the page of that week said of the programme's last day, when 26 weeks were left."""
    counts = np.random.default_rng(7).poisson(6, 60).tolist()
    whole = kept(counts)
    row = row_of(past_outlooks(whole, POLICY, TODAY), 26)
    day = dt.date.fromisoformat(row["newest"]["day"])
    then = replace(whole, stored=tuple(run for run in whole.stored if run.day <= day),
                   told=tuple(one for one in whole.told if one.day <= day))  # fmt: skip
    first = min(one.day for one in then.told)
    weeks = (day + 26 * WEEKS - first).days // 7
    problem = week([citizen()], [opening()],
                   rules={"programme": {"target": 5000, "weeks": weeks}})  # fmt: skip
    said = outlook(problem.replace(today=day), then)  # type: ignore[arg-type]
    assert said.weeks == 26
    ends = (said.low, said.middle, said.high)
    assert tuple(row["newest"][name] + said.already for name in ("low", "middle", "high")) == ends
    assert row["newest"]["came"] == sum(one.day > day for one in whole.told)


def test_what_the_ledger_was_told_later_is_in_no_earlier_forecast() -> None:
    """All starts told today: nothing could be said before; and of another run of a day the last."""
    whole = kept([10] * 40)
    late = replace(whole, told=tuple(replace(one, recorded_at=noon(TODAY)) for one in whole.told))
    assert all(row["forecasts"] == 0 for row in past_outlooks(late, POLICY, TODAY)["ahead"])
    again = tuple(replace(run, number=run.number + 40) for run in whole.stored)
    twice = replace(whole, stored=(*whole.stored, *again))
    assert past_outlooks(twice, POLICY, TODAY) == past_outlooks(whole, POLICY, TODAY)


def test_what_lies_after_the_day_or_after_the_last_run_is_not_looked_at() -> None:
    whole = kept([10] * 40)
    earlier = past_outlooks(whole, POLICY, TODAY - 2 * WEEKS)
    assert row_of(earlier, 4)["newest"]["due"] == (TODAY - 2 * WEEKS).isoformat()
    later = past_outlooks(whole, POLICY, TODAY + 30 * WEEKS)
    assert later == past_outlooks(whole, POLICY, TODAY)


def test_few_starts_are_not_told_and_cannot_be_had_from_a_longer_row() -> None:
    """12 in 26 weeks, 6 of them in the last 13, one in 8: 5 are the fewest that are told."""
    counts = [2] * 20 + [1] * 6 + [0] * 7 + [1] * 5 + [0] * 7 + [1]
    told = past_outlooks(kept(counts), POLICY, TODAY)
    came = [row["newest"]["came"] for row in told["ahead"]]
    assert sum(counts[-26:]) == 12
    assert sum(counts[-13:]) == 6
    assert came == [None, None, 6, 12]
    # Four in the weeks before those 13: the longer row would tell them.
    counts[20:26] = [1, 1, 1, 1, 0, 0]
    fewer = past_outlooks(kept(counts), POLICY, TODAY)
    assert [row["newest"]["came"] for row in fewer["ahead"]] == [None, None, 6, None]
    for language in LANGUAGES:
        lines = past_lines(told, Words(language))
        hidden = {"en": "is not told, as a small number", "da": "vises ikke, for så kunne"}
        assert [hidden[language] in line for line in lines[1:]] == [True, True, False, False]


def test_eight_of_ten_hold_where_weeks_vary_by_chance_alone() -> None:
    """Four hundred weeks of one municipality; bands of whole numbers hold a little more."""
    counts = np.random.default_rng(11).poisson(8, 400).tolist()
    told = past_outlooks(kept(counts), POLICY, TODAY)
    for weeks in (4, 8, 13):
        row = row_of(told, weeks)
        assert 0.72 <= row["in"] / row["forecasts"] <= 0.93, weeks
        held = row["in"] / row["forecasts"]
        assert row["verdict"] == ("fits" if held >= 0.8 else "unclear")


@pytest.mark.parametrize("language", LANGUAGES)
def test_fewer_than_eight_of_ten_are_not_said_to_go_with_it(language: str) -> None:
    """Six of ten held: it may be chance, which is said, with how many lie apart."""
    words = Words(language)
    told = past_outlooks(kept([10] * 60), POLICY, TODAY)
    row = {"in": 6, "below": 3, "above": 1, "forecasts": 10, "verdict": "unclear", "apart": 10}
    said = all_text(row, told, words)
    assert words("past.unclear", 10, share=words.percent(0.8)) in said
    assert "10" in said
    assert words("past.fits", share=words.percent(0.8)) not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_said_in_plain_words(language: str) -> None:
    words = Words(language)
    told = past_outlooks(kept([10] * 20), POLICY, TODAY)
    lines = past_lines(told, words)
    assert len(lines) == 5
    assert lines[-1].endswith(words("past.none"))
    assert words("past.where_in") in lines[1]
    assert words.date(TODAY) in lines[0]
    for counts in ([], [10] * 9):
        (line,) = past_lines(past_outlooks(kept(counts), POLICY, TODAY), words)
        assert line == words("past.nothing", weeks=4)
