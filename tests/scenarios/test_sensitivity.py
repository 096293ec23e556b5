"""What a sweep says, worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.outcome import Outcome, failed
from scenarios.sensitivity import drivers, returns, tornado, uncertainty
from tests.scenarios.made_outcomes import BASE, outcome


def swept(kind: str, placed: int, **parameters: Any) -> Outcome:
    """So many placed (the base has 4) at a setting of the parameters."""
    name = f"{kind} {parameters}"
    return outcome(
        name, dict.fromkeys(range(placed), "O1"), family="sweep", sweep=kind,
        parameters=parameters,
    )  # fmt: skip


def test_tornado_puts_the_largest_swing_first() -> None:
    """Hours: 3 at 0, 9 at 20 (-1 to +5: 6). Seats: 4 at 1, 6 at 2 (0 to +2: 2)."""
    frame = tornado(BASE, [
        swept("one_at_a_time", 6, seats=2), swept("one_at_a_time", 4, seats=1),
        swept("one_at_a_time", 9, hours=20), swept("one_at_a_time", 3, hours=0),
        swept("grid", 20, hours=99), failed("f", "x", family="sweep", sweep="one_at_a_time",
                                            parameters={"hours": 30}),
    ])  # fmt: skip
    assert frame["parameter"].tolist() == ["hours", "seats"]
    assert frame["swing"].tolist() == [6, 2]
    hours = frame.iloc[0]
    assert (hours["low"], hours["difference_low"]) == (0, -1)
    assert (hours["high"], hours["difference_high"]) == (20, 5)
    assert hours["failed"] == 1


def test_a_swing_that_only_gains_is_measured_from_the_week_as_it_is() -> None:
    """+2 and +5: the swing is 5, not 3, for without it there are none more."""
    frame = tornado(
        BASE, [swept("one_at_a_time", 6, hours=10), swept("one_at_a_time", 9, hours=20)]
    )
    assert frame["swing"].tolist() == [5]


def test_returns_diminish_over_a_grid() -> None:
    """Hours 0, 10, 20 with seats 1 and 2: means 4, 7, 8 less 4; 0.3, then 0.1 for each hour."""
    placed = {(0, 1): 4, (0, 2): 4, (10, 1): 6, (10, 2): 8, (20, 1): 6, (20, 2): 10}
    frame = returns(
        BASE, [swept("grid", n, hours=hours, seats=seats) for (hours, seats), n in placed.items()]
    )
    hours = frame[frame["parameter"] == "hours"]
    assert hours["value"].tolist() == [0, 10, 20]
    assert hours["difference"].tolist() == [0, 3, 4]
    assert hours["lowest"].tolist() == [0, 2, 2]
    assert hours["highest"].tolist() == [0, 4, 6]
    assert hours["extra_per_unit"].tolist()[1:] == pytest.approx([0.3, 0.1])
    assert frame["outcomes"].sum() == 12


def test_samples_give_quantiles_and_how_often_they_help() -> None:
    """Twenty draws: differences -4 (one), 0 (four), then 1 to 15. Helps in 15 of 20."""
    placed = [0, 4, 4, 4, 4, *range(5, 20)]
    draws = [swept("sample", n, hours=at, luck=at % 3) for at, n in enumerate(placed)]
    draws.append(failed("f", "x", family="sweep", sweep="sample", parameters={"hours": 1}))
    (row,) = uncertainty(BASE, draws).to_dict("records")
    assert (row["samples"], row["failed"]) == (20, 1)
    assert (row["helps"], row["same"], row["hurts"]) == (0.75, 0.2, 0.05)
    # Sorted differences; the k-th of 20 for a share q is number ceil(20 q): 1, 5, 10, 15, 19.
    assert [row[q] for q in ("q05", "q25", "q50", "q75", "q95")] == [-4, 0, 5, 10, 14]
    found = drivers(BASE, draws)
    assert found["parameter"].tolist() == ["hours", "luck"]
    assert found["correlation"].iloc[0] == pytest.approx(0.996, abs=0.005)


def test_nothing_swept_gives_empty_frames_with_columns() -> None:
    """So a notebook can join them all the same."""
    for frame in (f(BASE, [BASE]) for f in (tornado, returns, uncertainty, drivers)):
        assert frame.empty
        assert "family" in frame.columns
    constant = [swept("sample", 5, hours=1) for _ in range(3)]
    assert drivers(BASE, constant).empty


def test_text_values_have_a_swing_but_no_returns() -> None:
    """A law before and after is not a number of units."""
    moved = [swept("one_at_a_time", 5, law="new"), swept("one_at_a_time", 3, law="old")]
    assert tornado(BASE, moved)["swing"].tolist() == [2]
    assert returns(BASE, moved).empty
