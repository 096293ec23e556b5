"""Blocks of the week: how they are read and written, and how they lie on the grid of quarters."""

from __future__ import annotations

import re
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.week import (
    SLOTS,
    SLOTS_PER_DAY,
    WEEKDAYS,
    WEEKDAYS_DANISH,
    Block,
    parse_week,
    shift_starts,
    slots,
    slots_of,
    week_days,
    week_minutes,
    week_text,
    widened,
)

blocks = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 1440), st.integers(0, 1440))
    .filter(lambda block: block[1] != block[2])
    .map(lambda block: Block(block[0], min(block[1:]), max(block[1:]))),
    max_size=12,
)
"""Any blocks, overlapping ones too."""


def written(block: Block, *, danish: bool = False, colon: str = ":") -> str:
    """One block as a person would write it."""
    name = (WEEKDAYS_DANISH if danish else WEEKDAYS)[block.day]
    start, end = (f"{at // 60}{colon}{at % 60:02d}" for at in block[1:])
    return f"{name} {start}-{end}"


def quarters(text: str) -> set[tuple[int, int]]:
    """Taken quarters of a week as (day, minutes after midnight)."""
    taken = np.flatnonzero(slots(parse_week(text))).tolist()
    return {(at // SLOTS_PER_DAY, at % SLOTS_PER_DAY * 15) for at in taken}


@pytest.mark.parametrize(
    "text",
    [
        "mon-wed 07:00-15:30",
        "Mon - Wed 7:00 - 15:30",
        "man-ons 07.00-15.30",
        "man.-ons. 7.00-15.30",
        "MANDAG-ONSDAG 07:00-15:30",
        "monday-wednesday 07:00-15:30",
        "mon 07:00-15:30; tir 07:00-15:30, ons 07.00-15.30\n",
        "wed 07:00-15:30; mon-tue 07:00-15:30;",
    ],
)
def test_english_and_danish_days_and_both_clocks_are_read_alike(text: str) -> None:
    """Long and short names, any case, `.` or `:`, parts divided by ; , or a new line."""
    assert parse_week(text) == tuple(Block(day, 420, 930) for day in range(3))


@pytest.mark.parametrize(
    "text",
    [
        "man–fre 08:00–13:00",
        "man\u2011fre 08:00\u201113:00",
        "man\u00a0\u2014\u00a0fre 8.00\u202f\u2212\u202f13.00",
        "man-fre 8-13",
        "man-fre kl. 8-13",
        "man-fre kl 8.00 til 13.00",
        "MANDAG TIL FREDAG KL. 08:00-13:00",
        "Monday to Friday from 8 to 13",
        "man, tir og ons 8-13; torsdage + fredage 8-13",
        "mon, tue & wed 0800-1300, thu-fri 8:00:00-13:00:00",
        "man: 8-13, tir: 8-13, ons-fre: 8-13",
        "man-fre 8-10 og 10-13",
        "man-tor 8-13 og fre 8-13",
        "ma\u00adn-fre 8-13",
    ],
)
def test_times_are_read_as_people_write_them(text: str) -> None:
    """Any dash and blank, `kl.`, bare hours, lists of days and of times, words for until."""
    assert parse_week(text) == tuple(Block(day, 480, 780) for day in range(5))


@pytest.mark.parametrize(
    "text",
    ["man", "8-13", "man 8", "man 8 13", "man 8-10-13", "man 8.5-13", "man og 8-13", "man 8-13?",
     "man 8-13 tir", "man 1e1-13", "man 8-13 (ikke ons)", "man -5-8", "man 8--13", "man 8:000-13"],
)  # fmt: skip
def test_what_could_mean_two_things_is_no_block(text: str) -> None:
    """A missing half, a run of three times, a half hour after a stop: none is guessed."""
    with pytest.raises(ValueError, match="is not a block of time"):
        parse_week(text)


@pytest.mark.parametrize("name", ["lør", "lor", "loer", "Lørdag", "sat", "Saturday"])
def test_saturday_is_read_with_and_without_danish_letters(name: str) -> None:
    """A keyboard without ø must not lose a weekend."""
    assert parse_week(f"{name} 09:00-12:00") == (Block(5, 540, 720),)


@pytest.mark.parametrize("name", ["søn", "son", "soen", "Søndag", "sun", "Sunday"])
def test_sunday_is_read_with_and_without_danish_letters(name: str) -> None:
    """Likewise for Sunday."""
    assert parse_week(f"{name} 09:00-12:00") == (Block(6, 540, 720),)


def test_a_day_may_end_at_twenty_four_and_not_at_midnight() -> None:
    """24:00 is the end of a day, 00:00 its beginning: a block never crosses midnight."""
    assert parse_week("fri 22:00-24:00") == (Block(4, 1320, 1440),)
    assert week_text(parse_week("fri 22:00-24:00")) == "fri 22:00-24:00"
    with pytest.raises(ValueError, match="night shift as two blocks"):
        parse_week("fri 22:00-00:00")


@pytest.mark.parametrize("text", ["", "  ", ";", " ; ,\n"])
def test_nothing_written_is_an_empty_week(text: str) -> None:
    """Dividers alone say nothing."""
    assert parse_week(text) == ()
    assert week_text(()) == ""


def test_overlapping_and_touching_blocks_are_merged_within_a_day() -> None:
    """08-10 and 09-12 and 12-13 are 08-13; Tuesday's midnight does not join Monday's."""
    assert parse_week("mon 09:00-12:00; mon 08:00-10:00; mon 12:00-13:00") == (Block(0, 480, 780),)
    assert parse_week("mon 22:00-24:00; tue 00:00-06:00") == (
        Block(0, 1320, 1440),
        Block(1, 0, 360),
    )
    # A block inside another adds nothing.
    assert parse_week("mon 08:00-16:00; mon 09:00-10:00") == (Block(0, 480, 960),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "mon 08:00",
            "'mon 08:00' is not a block of time; expected e.g. 'mon-fri 07:00-15:00'",
        ),
        (
            "mon 08:00-10:00; hele dagen",
            "'hele dagen' is not a block of time; expected e.g. 'mon-fri 07:00-15:00'",
        ),
        (
            "xyz 08:00-10:00",
            "'xyz' is not a weekday; expected one of mon, tue, wed, thu, fri, sat, sun",
        ),
        (
            "mon-xyz 08:00-10:00",
            "'xyz' is not a weekday; expected one of mon, tue, wed, thu, fri, sat, sun",
        ),
        (
            "Mon 10:00-08:00",
            "'Mon 10:00-08:00': the end must come after the start, within 00:00-24:00"
            " (write a night shift as two blocks)",
        ),
        (
            "mon 08:00-08:00",
            "'mon 08:00-08:00': the end must come after the start, within 00:00-24:00"
            " (write a night shift as two blocks)",
        ),
        (
            "mon 08:60-10:00",
            "'mon 08:60-10:00': the end must come after the start, within 00:00-24:00"
            " (write a night shift as two blocks)",
        ),
        (
            "mon 23:00-24:15",
            "'mon 23:00-24:15': the end must come after the start, within 00:00-24:00"
            " (write a night shift as two blocks)",
        ),
        (
            "fri-mon 08:00-10:00",
            "'fri-mon 08:00-10:00': the days must run forward from Monday to Sunday",
        ),
    ],
)
def test_what_is_not_a_block_is_named_with_what_was_expected(text: str, message: str) -> None:
    """The part that is wrong, as it was written, and what belongs there."""
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse_week(text)


def test_days_with_like_hours_share_a_part_of_the_text() -> None:
    """Runs of days are joined; parts stand in the order of their first day and start."""
    week = parse_week("sat 09:00-12:00; mon 07:00-15:00; tue 07:00-15:00; thu-fri 07:00-15:00")
    assert week_text(week) == "mon-tue 07:00-15:00; thu-fri 07:00-15:00; sat 09:00-12:00"
    assert week_text(parse_week("mon 13:00-14:00; mon 07:00-08:00")) == (
        "mon 07:00-08:00; mon 13:00-14:00"
    )


@settings(max_examples=60, deadline=None)
@given(drawn=blocks, danish=st.booleans(), colon=st.sampled_from(":."))
def test_text_round_trip_keeps_every_minute(drawn: list[Block], danish: bool, colon: str) -> None:
    """Read, write, read again: the same week; its minutes are those of the union of the blocks."""
    week = parse_week("; ".join(written(one, danish=danish, colon=colon) for one in drawn))
    assert parse_week(week_text(week)) == week
    union = {(day, at) for day, start, end in drawn for at in range(start, end)}
    assert week_minutes(week) == len(union)
    assert week_days(week) == len({one.day for one in drawn})
    assert {(day, at) for day, start, end in week for at in range(start, end)} == union


@settings(max_examples=40, deadline=None)
@given(drawn=blocks, random=st.randoms(use_true_random=False))
def test_equal_weeks_have_equal_text_whatever_the_order_of_parts(
    drawn: list[Block], random: Random
) -> None:
    """The canonical text makes equal input hash equally."""
    shuffled = list(drawn)
    random.shuffle(shuffled)
    texts = [week_text(parse_week(";".join(map(written, some)))) for some in (drawn, shuffled)]
    assert texts[0] == texts[1]


def test_blocks_are_rounded_outwards_to_quarters() -> None:
    """07:10-07:20 touches two quarters, 07:15-07:30 exactly one, 07:14-07:31 three."""
    assert quarters("mon 07:10-07:20") == {(0, 420), (0, 435)}
    assert quarters("mon 07:15-07:30") == {(0, 435)}
    assert quarters("mon 07:14-07:31") == {(0, 420), (0, 435), (0, 450)}


def test_the_grid_reaches_from_monday_midnight_to_sunday_midnight() -> None:
    """The first and the last quarter of the week, and a whole week of them."""
    assert quarters("mon 00:00-00:15; sun 23:45-24:00") == {(0, 0), (6, 1425)}
    assert slots(parse_week("mon-sun 00:00-24:00")).sum() == SLOTS == 7 * 96
    assert slots_of([]).shape == (0, SLOTS)
    assert slots_of([(), parse_week("mon 00:00-00:15")]).sum(axis=1).tolist() == [0, 1]


@settings(max_examples=40, deadline=None)
@given(drawn=blocks)
def test_two_blocks_share_a_quarter_whenever_they_share_a_minute(drawn: list[Block]) -> None:
    """Rounding outwards never misses an overlap."""
    minutes = [{(one.day, at) for at in range(*one[1:])} for one in drawn]
    grids = slots_of([(one,) for one in drawn])
    for i in range(len(drawn)):
        for k in range(i):
            if minutes[i] & minutes[k]:
                assert (grids[i] & grids[k]).any(), (drawn[i], drawn[k])


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "tue 09:00-13:00"),
        (1, "tue 08:45-13:15"),
        (15, "tue 08:45-13:15"),
        (16, "tue 08:30-13:30"),
        (30, "tue 08:30-13:30"),
    ],
)
def test_widening_grows_by_whole_quarters_on_both_sides(minutes: int, text: str) -> None:
    """16 minutes of way take two quarters."""
    grid = slots_of([parse_week("tue 09:00-13:00")])
    assert (widened(grid, minutes) == slots_of([parse_week(text)])).all()


def test_widening_stops_at_midnight() -> None:
    """Nobody travels on the day before or after, nor from Sunday round to Monday."""
    grid = slots_of([parse_week("mon 00:15-01:00; wed 23:30-24:00; sun 23:45-24:00")])
    expected = parse_week("mon 00:00-01:30; wed 23:00-24:00; sun 23:15-24:00")
    assert (widened(grid, 30) == slots_of([expected])).all()


def test_widening_joins_stretches_and_leaves_the_grid_it_was_given() -> None:
    """An hour between two shifts is gone when half an hour is added to each; no row is changed."""
    grid = slots_of([parse_week("mon 08:00-10:00; mon 11:00-12:00"), ()])
    before = grid.copy()
    grown = widened(grid, 30)
    assert (grown == slots_of([parse_week("mon 07:30-12:30"), ()])).all()
    assert (grid == before).all()
    # More than a day fills the day, and only that.
    assert (widened(grid, 2000) == slots_of([parse_week("mon 00:00-24:00"), ()])).all()


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("mon-tue 07:00-15:00", [420, 420]),
        # The second half of Monday's night is no start.
        ("mon 22:00-24:00; tue 00:00-06:00", [1320]),
        # The week is a ring: Sunday's night runs into Monday.
        ("sun 22:00-24:00; mon 00:00-06:00", [1320]),
        # Without a night before it, midnight is when work begins.
        ("tue 00:00-06:00", [0]),
        ("mon 22:00-23:45; tue 00:00-06:00", [0, 1320]),
        # Two nights: Tuesday from midnight continues, Wednesday from midnight continues.
        ("mon-tue 22:00-24:00; tue-wed 00:00-06:00", [1320, 1320]),
        # A second shift on the day on which a night ends is a start of its own.
        ("mon 22:00-24:00; tue 00:00-06:00; tue 14:00-18:00", [840, 1320]),
        ("mon-sun 00:00-24:00", []),
        ("", []),
    ],
)
def test_the_second_half_of_a_night_shift_is_no_start(text: str, starts: list[int]) -> None:
    """A block from midnight continues the one that ran to midnight the day before."""
    assert sorted(shift_starts(parse_week(text))) == starts
